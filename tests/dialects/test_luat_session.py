"""Connection and session of Luat's modules: every word that they say to them (Luat AT manual V1.6.3, chapter 16)."""

import pytest

from modemlab.module.effects import StreamClosed, StreamOpened
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from support.helpers import exchange, hold, make_module
from support.luat_lines import BOOT, MODEL, ONLINE, cme, connected, ok, opened, read, urc

LOST = urc("CLOSED")


def status(number: int) -> str:
    """AT+MQTTSTATU says this."""
    return read("AT+MQTTSTATU", f"+MQTTSTATU :{number}")


@pytest.mark.parametrize(
    "again", ["", "S: opened\n" + urc("CONNECT OK"), "S: opened\n" + urc("CONNECT OK") + connected()]
)
def test_a_connection_is_there_already(again: str) -> None:
    hold(
        BOOT
        + ok("AT+MIPSTART=a,1")
        + again
        + ok("AT+MIPSTART=b,2")
        + urc("ALREADY CONNECT")
        + ok("AT+SSLMIPSTART=b,2")
        + urc("ALREADY CONNECT"),
        MODEL,
    )


@pytest.mark.parametrize("trouble", ["refused", "name", "unreachable", "timeout"])
def test_a_connection_that_fails(trouble: str) -> None:
    hold(
        BOOT
        + ok("AT+MIPSTART=h,1")
        + f"S: {trouble}\n"
        + urc("STATE:TCP CLOSED", "CONNECT FAIL")
        + status(0)
        + cme(767, "AT+MCONNECT=1,60", "AT+MIPCLOSE")
        + opened(),
        MODEL,
    )


def test_nobody_answers() -> None:
    hold(BOOT + ok("AT+MIPSTART=h,1") + "~~ 74\n~~ 1\n" + urc("STATE:TCP CLOSED", "CONNECT FAIL") + "S: close\n", MODEL)


def test_closing_while_opening() -> None:
    hold(BOOT + ok("AT+MIPSTART=h,1", "AT+MIPCLOSE") + "S: close\n" + cme(767, "AT+MIPCLOSE") + opened(), MODEL)


def test_the_server_hangs_up() -> None:
    for before in (opened(), opened() + connected()):
        hold(
            BOOT
            + before
            + "S: closed\n"
            + LOST
            + status(0)
            + cme(767, "AT+MCONNECT=0,300", "AT+MIPCLOSE", "AT+MDISCONNECT", "AT+MPUB=t,0,0,x", "AT+MSUB=t,0")
            + cme(767, "AT+MUNSUB=t", "AT+MPUBEX=t,0,0,1")
            + opened()
            + connected(),
            MODEL,
        )


def test_a_second_session_at_once() -> None:
    hold(ONLINE + cme(767, "AT+MCONNECT=1,60") + "S> nothing\n" + status(1), MODEL)
    hold(BOOT + opened() + ok("AT+MCONFIG=c", "AT+MCONNECT=1,60") + cme(767, "AT+MCONNECT=1,60"), MODEL)


def test_a_session_without_a_name() -> None:
    hold(BOOT + opened() + cme(767, "AT+MCONNECT=1,60") + "S> nothing\n", MODEL)


def test_the_session_ends_and_another_begins_on_the_same_connection() -> None:
    hold(
        ONLINE
        + ok("AT+MDISCONNECT")
        + "S> Disconnect()\n"
        + cme(767, "AT+MPUB=t,0,0,x", "AT+MDISCONNECT")
        + 'S< Publish("t", b"late")\n'
        + "~~ 1000\n"
        + connected()
        + ok("AT+MDISCONNECT")
        + "S> Disconnect()\nS: closed\n"
        + LOST
        + cme(767, "AT+MIPCLOSE"),
        MODEL,
    )


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5])
def test_a_session_that_is_refused(code: int) -> None:
    hold(
        BOOT
        + opened()
        + ok("AT+MCONFIG=pump", "AT+MCONNECT=1,300")
        + f'S> Connect("pump", keep_alive=300)\nS< Connack({code})\n'
        + urc("ERROR", "CLOSED")
        + "S: close\n"
        + status(0),
        MODEL,
    )


def test_a_session_that_nobody_answers() -> None:
    hold(
        BOOT
        + opened()
        + ok("AT+MCONFIG=pump", "AT+MCONNECT=1,300")
        + "~~ 4.9\n~~ 0.1\n"
        + urc("ERROR", "CLOSED")
        + status(0),
        MODEL,
    )


CONFIGURED = [
    ("AT+MCONFIG=c", 'Connect("c", keep_alive=60)'),
    ('AT+MCONFIG="c"', 'Connect("c", keep_alive=60)'),
    ('AT+MCONFIG=c,"",""', 'Connect("c", keep_alive=60)'),
    ("AT+MCONFIG=c,u,p", 'Connect("c", keep_alive=60, username="u", password=b"p")'),
    ('AT+MCONFIG="c,1","u;2","p 3"', 'Connect("c,1", keep_alive=60, username="u;2", password=b"p 3")'),
    ('AT+MCONFIG=c,u,""', 'Connect("c", keep_alive=60, username="u", password=b"")'),
    (
        'AT+MCONFIG=c,u,p,1,1,"t/w","gone"',
        'Connect("c", keep_alive=60, username="u", password=b"p", will=ConnectWill("t/w", b"gone", 1, True))',
    ),
    (
        r'AT+MCONFIG=c,"","",2,0,"t/w","{\\22on\\22:0\\2C\\22n\\22:1}"',
        'Connect("c", keep_alive=60, will=ConnectWill("t/w", b\'{"on":0,"n":1}\', 2, False))',
    ),
    ('AT+MCONFIG=c,u,p,0,0,"",""', 'Connect("c", keep_alive=60, username="u", password=b"p")'),
]


@pytest.mark.parametrize(("line", "packet"), CONFIGURED)
def test_the_clients_names_and_its_will(line: str, packet: str) -> None:
    hold(BOOT + opened() + ok(line, "AT+MCONNECT=1,60") + f"S> {packet}\nS> nothing\n", MODEL)


def test_names_that_are_left_out_stay() -> None:
    hold(
        BOOT
        + ok('AT+MCONFIG=c,u,p,1,0,"t","m"', "AT+MCONFIG=d")
        + opened()
        + ok("AT+MCONNECT=0,60")
        + 'S> Connect("d", clean_session=False, keep_alive=60, username="u", password=b"p", '
        + 'will=ConnectWill("t", b"m", 1, False))\n',
        MODEL,
    )


def test_names_hold_from_the_next_session_on() -> None:
    hold(
        ONLINE
        + ok("AT+MCONFIG=other", "AT+MDISCONNECT")
        + "S> Disconnect()\n"
        + ok("AT+MCONNECT=1,9")
        + 'S> Connect("other", keep_alive=9)\n',
        MODEL,
    )


def test_names_are_gone_after_a_restart() -> None:
    module = make_module(MODEL)
    module.power_on(0.0)
    exchange(module, b"AT+MCONFIG=c")
    module.power_off(1.0)
    module.power_on(2.0)
    exchange(module, b"AT+MIPSTART=h,1")
    module.on_reply(StreamOpened(1), 3.0)
    module.data_to_send()
    assert exchange(module, b"AT+MCONNECT=1,60").endswith(b"\r\n+CME ERROR: 767\r\n")


def test_keep_alive() -> None:
    hold(
        ONLINE
        + "~~ 299\nS> nothing\n~~ 1\nS> Pingreq()\nS< Pingresp()\n~~ 300\nS> Pingreq()\n"
        + "~~ 20\n"
        + LOST
        + "S: close\n"
        + status(0),
        MODEL,
    )


def test_a_server_that_breaks_the_protocol() -> None:
    hold(ONLINE + "S< Puback(7)\n" + LOST + "S: close\n" + status(0), MODEL)
    hold(BOOT + opened() + "S< Connack(0)\n" + LOST + "S: close\n", MODEL)


def test_why_a_connection_ended_is_logged() -> None:
    notes: list[Note] = []
    module = make_module(MODEL, observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    exchange(module, b"AT+CGATT=0")
    exchange(module, b"AT+MIPSTART=h,1")
    exchange(module, b"AT+CGATT=1")
    exchange(module, b"AT+SSLMIPSTART=h,1")
    module.on_reply(StreamClosed(1), 1.0)
    assert [(note.subject, str(note.reason)) for note in notes] == [
        (
            "client 0",
            (
                "there is no active PDP context (the state is IP INITIAL): the module is not attached to a network: "
                "wait until AT+CGATT? says 1"
            ),
        ),
        (
            "client 0",
            (
                "h:1 closed or reset the connection: the server's log shows why; another client with the "
                "same client id is a frequent cause; AT+MIPSTART and AT+MCONNECT again"
            ),
        ),
    ]
