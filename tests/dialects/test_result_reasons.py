"""Each result that is no success is explained in the module's log: in one line, with who, what and the remedy."""

import re
from collections.abc import Iterator

import pytest

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.network import StreamError
from modemlab.dialect.registry import dialects
from modemlab.module.effects import StreamClosed, StreamFailed, StreamOpened, StreamReceived
from modemlab.module.log_notes import Note
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from modemlab.mqtt import packets as mqtt
from modemlab.net.packet_faults import Fault
from support.helpers import make_module
from support.impaired_network import Desk
from support.results_table import scenarios, shown_codes
from support.scenarios import CONNECT, ONLINE, OPEN, SCENARIOS, SUB, Scenario

HERE = "broker.example:1883"
BY_CONDITION = "(as the network's conditions have it)"
AGAIN = {
    "quectel_lte": "AT+QMTOPEN and AT+QMTCONN again",
    "quectel_nb": "AT+QMTOPEN and AT+QMTCONN again",
    "luat": "AT+MIPSTART and AT+MCONNECT again",
}
NETWORK = {"quectel_lte": "AT+QIACT", "quectel_nb": "AT+CGATT=1", "luat": "AT+CIPSHUT, then AT+CSTT and AT+CIICR"}
CLIENT = "client 0: "
NOBODY = (
    f"{CLIENT}no program listens on {HERE} (as the network's conditions have it): is a broker running there? "
    "`modemlab broker` starts one"
)
RESET = (
    f"{CLIENT}{HERE} closed or reset the connection: the server's log shows why; another client with the same "
    "client id is a frequent cause; "
)
RIGHTS = ", and the rights that the server gives them"
DROPPED = f"{CLIENT}the connection to {HERE} is lost with PDP context "


def repeated(packet: str, answer: str, times: int) -> str:
    """The line of a repeat."""
    return f"{CLIENT}{HERE} did not answer {packet} 1 with {answer} in time: it is sent again, repeat {times}"


def delivery(answer: str, packet: str, awaited: str) -> dict[str, tuple[str, ...]]:
    """The lines of a packet that is repeated, and of one that is given up."""
    given_up = (
        f"{CLIENT}{HERE} did not answer {packet} 1 or its retransmissions, so the connection is closed: "
        f'{AGAIN["quectel_lte"]}; AT+QMTCFG="timeout",0 sets the time-out and the number of retries'
    )
    return {
        f"one {answer} is lost, and timeout_notice is 1": (repeated(packet, awaited, 1),),
        f"every {answer} is lost": (*(repeated(packet, awaited, times) for times in (1, 2, 3)), given_up),
    }


def refused(words: str, code: int, remedy: str) -> tuple[str, ...]:
    """The line of a refused login."""
    return (f"{CLIENT}{HERE} refused the login: {words} (CONNACK {code}): {remedy}",)


def qmt(network: str, cid: int) -> dict[str, tuple[str, ...]]:
    """What Quectel's families have in common."""
    again = f"{network}, then {AGAIN['quectel_lte']}"
    return {
        "the server refuses the connection": (NOBODY,),
        "the client is opened twice": ("AT+QMTOPEN: client 0 is open since TIME: AT+QMTCLOSE=0 first",),
        "the name does not exist": (f"{CLIENT}the name of {HERE} did not resolve {BY_CONDITION}: check its spelling",),
        "the network denies the registration": (
            (
                f"{CLIENT}there is no active PDP context: the module is not attached to a network: wait until "
                "AT+CGATT? says 1"
            ),
        ),
        "the context is dropped while connecting": (f"{CLIENT}the network was lost before {HERE} answered: {again}",),
        "the server refuses the protocol's version": refused(
            "unacceptable protocol version", 1, 'choose another by AT+QMTCFG="version",0'
        ),
        "the server refuses the client id": refused("client id rejected", 2, "choose another in AT+QMTCONN"),
        "the server refuses every client, being unavailable": refused(
            "server unavailable", 3, f"try later, by {AGAIN['quectel_lte']}"
        ),
        "the server refuses user or password": refused("bad user name or password", 4, "check both in AT+QMTCONN"),
        "the server refuses the client's rights": refused(
            "not authorized", 5, f"check the client id and the user in AT+QMTCONN{RIGHTS}"
        ),
        "no CONNACK comes": (
            f"{CLIENT}{HERE} did not answer CONNECT in time: is it an MQTT broker, and is this its port?",
        ),
        "the connection is reset": (f"{RESET}{AGAIN['quectel_lte']}",),
        "the context is dropped": (f"{DROPPED}{cid}: {again}",),
        "every PINGRESP is lost": (
            f"{CLIENT}{HERE} did not answer PINGREQ, so the connection is closed: {AGAIN['quectel_lte']}",
        ),
        **delivery("SUBACK", "SUBSCRIBE", "SUBACK"),
        **delivery("UNSUBACK", "UNSUBSCRIBE", "UNSUBACK"),
        **delivery("PUBACK", "PUBLISH", "PUBACK or PUBREC"),
    }


TOKEN = "AT+QMTTENAUTH: http://gz.auth-device-iot.tencentcloudapi.com/token: "
SENDING = (f"{TOKEN}the request could not be sent: the network was lost meanwhile",)
QUERIES = ("AT+QPING: ", "AT+QNTP: ", "AT+QIDNSGIP: ")
QUERY = {
    "the name of {} does not exist": "'a.example': the name did not resolve: check its spelling",
    "the context is dropped during {}": "'a.example': the PDP context was lost: AT+QIACT again",
}
PERMIT = "on Linux, `sysctl -w net.ipv4.ping_group_range='0 2147483647'` as root allows it"
LATE = "no answer in time: is the host up, and is a firewall blocking the way?"
UNREACHED = "the host cannot be reached: check the address, and this machine's network"


def queries() -> dict[str, tuple[str, ...]]:
    """The lines of queries that have no answer."""
    lines: dict[str, tuple[str, ...]] = {}
    for query in QUERIES:
        for title, reason in QUERY.items():
            ended = ("context 1: the network deactivated it: AT+QIACT again",) if "dropped" in title else ()
            lines[title.format(query.removesuffix(": "))] = (*ended, query + reason)
    return lines | {
        "pings are lost": (f"AT+QPING: '198.51.100.1': {LATE}",),
        "the host to ping cannot be reached": (f"AT+QPING: '198.51.100.1': {UNREACHED}",),
        "the system lets nobody ping": (f"AT+QPING: this system does not allow this user to ping: {PERMIT}",),
        "a name takes too long": (f"AT+QIDNSGIP: 'a.example': {LATE}",),
        "no server tells the time": (f"AT+QNTP: '198.51.100.1': {LATE}",),
        "the server of time cannot be reached": (f"AT+QNTP: 'a.example': {UNREACHED}",),
        "the server of time asks to be left alone": (
            "AT+QNTP: 'a.example' sent a Kiss-o'-Death packet: stop asking this NTP server",
        ),
    }


EXPECTED: dict[str, dict[str, tuple[str, ...]]] = {
    "quectel_lte": {
        **qmt(NETWORK["quectel_lte"], 1),
        **queries(),
        "the network drops a context": ("context 1: the network deactivated it: AT+QIACT again",),
        "the firmware tells the normal course": (
            f"{CLIENT}the server closed after DISCONNECT: this is normal (quirk disc-stat)",
        ),
        "a PUBACK is damaged": (
            (
                f"{CLIENT}{HERE} broke the protocol (PUBACK 254 that nothing asked for (MQTT 3.1.1, 4.8)), so the "
                f"connection is closed: {AGAIN['quectel_lte']}"
            ),
        ),
    },
    "quectel_nb": {
        **qmt(NETWORK["quectel_nb"], 0),
        "the network denies the registration": (
            "context 0: the network deactivated it: AT+CGATT=1 again",
            *qmt("", 0)["the network denies the registration"],
        ),
        "a PUBCOMP is lost, and timeout_notice is 1": (repeated("PUBREL", "PUBCOMP", 1),),
        "the service's name does not exist": (f"{TOKEN}the name did not resolve: check its spelling",),
        "the service cannot be reached": (f"{TOKEN}the connection failed: does a server listen there?",),
        "the service speaks no HTTP": (f"{TOKEN}the answer is not HTTP: is it the address of an HTTP server?",),
        "the request cannot be sent": SENDING,
        "the network detaches while the service is asked": SENDING,
        "the service says something else": (
            f"{TOKEN}the answer is not JSON: check the product, the device and its key",
        ),
        "the service does not answer": (f"{TOKEN}no answer in time: does a server listen there?",),
    },
    "luat": {
        "the context is dropped": (f"{DROPPED}1: {NETWORK['luat']}, then {AGAIN['luat']}",),
        "the connection stands already": ("AT+MIPSTART: the connection is open since TIME: AT+MIPCLOSE first",),
        "the server refuses the connection": (NOBODY,),
        "the connection is reset": (f"{RESET}{AGAIN['luat']}",),
        "the server refuses": refused("not authorized", 5, f"check the client id and the user in AT+MCONFIG{RIGHTS}"),
    },
}
# URCs of MQTT and of contexts that are no success, whatever values they have; and those that are none by a value.
FAILURES = {"+QMTSTAT", "+QMTPING", "+QMTPUBREL", "CLOSED", "CONNECT FAIL", "ALREADY CONNECT", "ERROR", "+PDP DEACT"}
BY_VALUE = {f"+QMT{name}" for name in ("OPEN", "CLOSE", "CONN", "DISC", "SUB", "UNS", "PUBEX", "PUB", "TENAUTH")} | {
    "+QPING",
    "+QNTP",
}


def is_failure(dialect: Dialect, line: str) -> bool:
    """Whether a line tells a result that is no success."""
    if line.startswith("+QIURC: "):
        return not line.startswith(('+QIURC: "dnsgip",0', '+QIURC: "dnsgip","'))
    return any(
        code.urc in FAILURES or (code.urc in BY_VALUE and code.parameter and code.value != "0")
        for code in shown_codes(dialect, line)
    )


def told(desk: Desk) -> tuple[str, ...]:
    """The lines that are about clients, contexts, the token and queries, times left out."""
    subjects = (CLIENT, "context ", "AT+QMTOPEN: ", "AT+MIPSTART: ", "AT+QMTTENAUTH: ", *QUERIES)
    lines = (line for line in desk.notes if line.startswith(subjects))
    return tuple(re.sub(r"since \d\d:\d\d:\d\d", "since TIME", line) for line in lines)


def failing() -> Iterator[tuple[str, str, Scenario]]:
    """Dialects, models and scenarios with a result that is no success."""
    for dialect in dialects():
        for scenario in scenarios(dialect.name) if dialect.name in SCENARIOS else ():
            if any(is_failure(dialect, line) for line in scenario.shows):
                yield dialect.name, SCENARIOS[dialect.name][0], scenario


FAILING = list(failing())


@pytest.mark.parametrize(("name", "model", "scenario"), FAILING, ids=lambda value: getattr(value, "title", value))
def test_the_log_says_why_in_one_line(name: str, model: str, scenario: Scenario) -> None:
    desk = Desk(model, quirks=scenario.quirks, files=scenario.files())
    desk.do("ATE0", *scenario.steps)
    assert told(desk) == EXPECTED[name][scenario.title]


def test_every_line_has_its_scenario() -> None:
    """AT+QMTPUB and AT+QMTPUBEX share some."""
    found = {(name, scenario.title) for name, _, scenario in FAILING}
    assert found == {(name, title) for name, lines in EXPECTED.items() for title in lines}


@pytest.mark.parametrize(
    ("code", "words"),
    {
        1: "unacceptable protocol version",
        2: "client id rejected",
        3: "server unavailable",
        4: "bad user name or password",
        5: "not authorized",
    }.items(),
)
def test_each_refusal_on_luat(code: int, words: str) -> None:
    desk = Desk("Air724UG")
    desk.do(
        "ATE0", f"AT+MIPSTART={HERE.replace(':', ',')}", "AT+MCONFIG=pump", (Fault("CONNECT", "refuse", code=code),)
    )
    assert desk.do("AT+MCONNECT=1,300") == b"\r\nOK\r\n\r\nERROR\r\n\r\nCLOSED\r\n"
    (line,) = told(desk)
    assert line.startswith(f"{CLIENT}{HERE} refused the login: {words} (CONNACK {code})")


@pytest.mark.parametrize(
    ("model", "steps"),
    {
        "EC200S-CN": (*ONLINE, (Fault("SUBACK", "refuse"),), SUB),
        "BC35-G": (*ONLINE, (Fault("SUBACK", "refuse"),), SUB),
        "Air724UG": (
            "AT+MIPSTART=broker.example,1883",
            "AT+MCONFIG=pump",
            "AT+MCONNECT=1,300",
            (Fault("SUBACK", "refuse"),),
            'AT+MSUB="a",0',
        ),
    }.items(),
)
def test_a_refused_subscription(model: str, steps: tuple[object, ...]) -> None:
    desk = Desk(model)
    desk.do("ATE0", *steps)
    assert told(desk) == (
        f"{CLIENT}{HERE} refused the subscription (SUBACK 128): check the rights that it gives this client",
    )


def test_topics_that_are_refused_are_numbered() -> None:
    module, notes = opened()
    module.receive(b'AT+QMTCONN=0,"pump"\r', 0.0)
    module.on_reply(StreamReceived(1, mqtt.encode(mqtt.Connack(0))), 0.0)
    module.receive(b'AT+QMTSUB=0,1,"a",0,"b",1,"c",2\r', 0.0)
    module.on_reply(StreamReceived(1, mqtt.encode(mqtt.Suback(1, (128, 1, 128)))), 0.0)
    assert [str(note.reason) for note in notes] == [
        "h:1 refused the subscription to topic 1 and 3 of 3 (SUBACK 128): check the rights that it gives this client"
    ]


# What is spoken in place of CONNACK


def opened(model: str = "EC200S-CN") -> tuple[Module, list[Note]]:
    """A module with an open client, and its notes."""
    notes: list[Note] = []
    module = make_module(model, observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    module.receive(b'AT+QMTOPEN=0,"h",1\r', 0.0)
    module.on_reply(StreamOpened(1), 0.0)
    return module, notes


HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request"
ALERT = b"\x15\x03\x03\x00\x02\x02\x46"
SPOKEN = {
    "HTTP": (HTTP, "h:1 does not speak MQTT (it speaks HTTP): use the broker's port for MQTT, often 1883"),
    "TLS": (
        ALERT,
        (
            'h:1 does not speak MQTT (it speaks TLS): a port for TLS needs AT+QMTCFG="ssl",0,1,<SSL_ctx_idx> before '
            "it is opened"
        ),
    ),
    "SSH": (
        b"SSH-2.0-OpenSSH_9.6\r\n",
        "h:1 does not speak MQTT (it says 'SSH-2.0-OpenSSH_9.6'): use the broker's port for MQTT, often 1883",
    ),
}


@pytest.mark.parametrize("what", SPOKEN)
@pytest.mark.parametrize("piece", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("logged_in", [True, False])
def test_another_protocol_is_named(what: str, piece: int, logged_in: bool) -> None:
    """In place of CONNACK in pieces of any size, or ahead of CONNECT as a whole."""
    data, reason = SPOKEN[what]
    module, notes = opened()
    if logged_in:
        module.receive(b'AT+QMTCONN=0,"pump"\r', 0.0)
    size = piece if logged_in and piece else len(data)
    for start in range(0, len(data), size):
        module.on_reply(StreamReceived(1, data[start : start + size]), 0.0)
    module.on_reply(StreamClosed(1), 0.0)
    (note,) = notes
    if what == "SSH":  # as much as has come by the byte that is no MQTT
        assert str(note.reason).startswith("h:1 does not speak MQTT (it says 'S") or str(note.reason).startswith(
            "h:1 broke the"
        )
    else:
        assert str(note.reason) == reason


@pytest.mark.parametrize("what", SPOKEN)
def test_another_protocol_is_named_in_full(what: str) -> None:
    data, reason = SPOKEN[what]
    module, notes = opened()
    module.receive(b'AT+QMTCONN=0,"pump"\r', 0.0)
    module.on_reply(StreamReceived(1, data), 0.0)
    assert [str(note.reason) for note in notes] == [reason]


def test_a_module_without_tls_is_told_to_do_without() -> None:
    module, notes = opened("BC35-G")
    module.receive(b'AT+QMTCONN=0,"pump"\r', 0.0)
    module.on_reply(StreamReceived(1, ALERT), 0.0)
    assert [str(note.reason) for note in notes] == [
        "h:1 does not speak MQTT (it speaks TLS): use the broker's port without TLS, often 1883"
    ]


def test_a_server_that_closes_in_place_of_connack() -> None:
    module, notes = opened()
    module.receive(b'AT+QMTCONN=0,"pump"\r', 0.0)
    module.on_reply(StreamClosed(1), 0.0)
    assert [str(note.reason) for note in notes] == [
        (
            'h:1 closed the connection and sent no CONNACK: a port for TLS needs AT+QMTCFG="ssl",0,1,<SSL_ctx_idx> '
            "before it is opened; is it an MQTT broker, and does it accept this client?"
        )
    ]
    module, notes = opened()
    module.on_reply(StreamClosed(1), 0.0)
    assert [str(note.reason) for note in notes] == [
        (
            "h:1 closed the connection before CONNECT: servers wait only a short time for CONNECT: AT+QMTOPEN "
            "and AT+QMTCONN again"
        )
    ]


def test_the_log_names_where_the_connection_really_went() -> None:
    module, notes = opened()
    module.redirect = lambda host, port: ("::1", 24041)
    module.receive(b'AT+QMTCONN=0,"pump"\r', 0.0)
    module.on_reply(StreamReceived(1, mqtt.encode(mqtt.Connack(4))), 0.0)
    module.receive(b'AT+QMTOPEN=0,"127.0.0.1",24041\r', 0.0)
    module.redirect = None
    module.on_reply(StreamFailed(2, StreamError.REFUSED), 0.0)
    assert [str(note.reason) for note in notes] == [
        (
            "h:1 (redirected to [::1]:24041) refused the login: bad user name or password (CONNACK 4): check "
            "both in AT+QMTCONN"
        ),
        "no program listens on 127.0.0.1:24041: is a broker running there? `modemlab broker` starts one",
    ]


def test_an_opening_that_goes_on_is_told_apart() -> None:
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    for _ in range(2):
        module.receive(OPEN.encode() + b"\r", 0.0)
    assert re.fullmatch(
        r"client 0 is being opened since \d\d:\d\d:\d\d: AT\+QMTCLOSE=0 first", next(str(note.reason) for note in notes)
    )
    module.on_reply(StreamOpened(1), 0.0)
    module.receive(CONNECT.encode() + b"\r", 0.0)
    assert len(notes) == 1
