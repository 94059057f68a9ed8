"""Short scenarios, each of which makes results and URCs of the manuals' tables happen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from modemlab import ntp
from modemlab.dialect.device import FileStore
from modemlab.dialect.network import Datagram, HttpAnswer, HttpError, QueryError
from modemlab.module.memory_files import MemoryFiles
from modemlab.mqtt import packets as mqtt
from modemlab.net.conditions import Conditions, ConnectionDisruption
from modemlab.net.packet_faults import Fault
from support.impaired_network import Answer, Serve, Web, World


@dataclass(frozen=True)
class Scenario:
    """What happens, in order, and the lines that the module prints of it, beside others."""

    title: str
    shows: tuple[str, ...]
    steps: tuple[Any, ...]
    quirks: tuple[str, ...] = ()
    files: Callable[[], FileStore] = MemoryFiles


HOST = "broker.example"
OPEN = f'AT+QMTOPEN=0,"{HOST}",1883'
CONNECT = 'AT+QMTCONN=0,"pump"'
ONLINE = (OPEN, CONNECT)
SUB, UNS = 'AT+QMTSUB=0,1,"a",1', 'AT+QMTUNS=0,1,"a"'
REFUSALS = {
    1: "the protocol's version",
    2: "the client id",
    3: "every client, being unavailable",
    4: "user or password",
    5: "the client's rights",
}


def lost(packet: str, times: int = 0, way: str | None = None) -> tuple[Fault, ...]:
    """These packets never arrive."""
    return (Fault(packet, "drop", way, times=times),)


def delivery(
    command: str, name: str, answer: str, steps: tuple[Any, ...], granted: str = "", repeat: str = ",1"
) -> Iterator[Scenario]:
    """The three results of a command that is answered by a packet."""
    done = f"{command}: 0,1,0{granted}"
    yield Scenario(f"{name} is answered", (done,), (*ONLINE, *steps))
    yield Scenario(
        f"one {answer} is lost, and timeout_notice is 1",
        (f"{command}: 0,1,1{repeat}", done),
        ('AT+QMTCFG="timeout",0,5,3,1', *ONLINE, lost(answer, 1), *steps, 6),
    )
    yield Scenario(
        f"every {answer} is lost", (f"{command}: 0,1,2", "+QMTSTAT: 0,6"), (*ONLINE, lost(answer), *steps, 60)
    )


def qmt(publish: tuple[Any, ...], name: str, cid: int, repeat: str) -> Iterator[Scenario]:
    """What Quectel's families have in common.

    `publish` sends a message with QoS 1 by the command of that name, `cid` carries connections, `repeat` is printed
    behind a repeated UNSUBSCRIBE.
    """
    yield Scenario(
        "the server refuses the connection", ("+QMTOPEN: 0,-1",), (Conditions(connect_result="refused"), OPEN)
    )
    yield Scenario("all is well", ("+QMTOPEN: 0,0",), (OPEN,))
    yield Scenario("the client is opened twice", ("+QMTOPEN: 0,2",), (OPEN, OPEN))
    yield Scenario("the name does not exist", ("+QMTOPEN: 0,4",), (Conditions(dns="fails"), OPEN))
    yield Scenario(
        "the network denies the registration", ("+QMTOPEN: 0,3",), (World("set_registration", {"stat": "denied"}), OPEN)
    )
    yield Scenario(
        "the context is dropped while connecting",
        ("+QMTOPEN: 0,5",),
        (Conditions(connect_result="black-holed"), OPEN, 5, World("drop_context", {"cid": cid})),
    )
    yield Scenario("the client is closed", ("+QMTCLOSE: 0,0",), (OPEN, "AT+QMTCLOSE=0"))
    yield Scenario("the server accepts", ("+QMTCONN: 0,0,0",), ONLINE)
    for code, what in REFUSALS.items():
        yield Scenario(
            f"the server refuses {what}",
            (f"+QMTCONN: 0,0,{code}", "+QMTSTAT: 0,4"),
            (OPEN, (Fault("CONNECT", "refuse", code=code),), CONNECT),
        )
    yield Scenario(
        "no CONNACK comes", ("+QMTCONN: 0,2", "+QMTSTAT: 0,4"), (OPEN, (Fault("CONNACK", "drop"),), CONNECT, 60)
    )
    yield Scenario("the host disconnects", ("+QMTDISC: 0,0",), (*ONLINE, "AT+QMTDISC=0"))
    yield Scenario("the connection is reset", ("+QMTSTAT: 0,1",), (*ONLINE, ConnectionDisruption("reset")))
    yield Scenario("the context is dropped", ("+QMTSTAT: 0,7",), (*ONLINE, World("drop_context", {"cid": cid})))
    yield from delivery("+QMTSUB", "SUBSCRIBE", "SUBACK", (SUB,), ",1")
    yield from delivery("+QMTUNS", "UNSUBSCRIBE", "UNSUBACK", (UNS,), repeat=repeat)
    yield from delivery(name, "PUBLISH", "PUBACK", publish)


REGISTRATIONS = {
    0: ("not registered", World("set_registration", {"stat": "not registered"})),
    1: ("at home again", World("set_registration", {"stat": "home"})),
    2: ("searching", World("set_registration", {"stat": "searching"})),
    3: ("denied", World("set_registration", {"stat": "denied", "cause": 11})),
    4: ("unknown", World("set_registration", {"stat": "unknown"})),
    5: ("roaming", World("set_registration", {"stat": "roaming"})),
}
AWAY = World("set_registration", {"stat": "searching"})


def registrations(
    commands: tuple[str, ...], acts: tuple[int, ...], shape: str, on: int, detail: int
) -> Iterator[Scenario]:
    """Each status and each technology: with `AT<command>=<on>` the status, with `detail` the cell, is told.

    `shape` is what stands behind the command's name, the technology left out.
    """
    for stat, (name, step) in REGISTRATIONS.items():
        asked = "AT" + ";".join(f"{command}={on}" for command in commands)
        shown = tuple(f"{command}{shape[: shape.index('1')]}{stat}" for command in commands)
        yield Scenario(f"the network says: {name}", shown, (asked, step) if stat == 2 else (asked, AWAY, step))
    for act in acts:
        asked = "AT" + ";".join(f"{command}={detail}" for command in commands)
        shown = tuple(f"{command}{shape}{act}" for command in commands)
        cell = World("change_cell", {"cell": {"act": act, "area": "1A2B", "identity": "5C3D2E2"}})
        yield Scenario(f"the next cell has technology {act}", shown, (asked, cell))


def queries() -> Iterator[Scenario]:
    """Names, pings and network time of EC200x, EC600x and EG912Y."""
    up, slow = "AT+QIACT=1", Conditions(dns_delay=30)
    ping, look, time = 'AT+QPING=1,"a.example",4,1', 'AT+QIDNSGIP=1,"a.example"', 'AT+QNTP=1,"a.example"'
    gone = World("drop_context", {"cid": 1})
    kiss = bytearray(ntp.answer(ntp.request(0.0), 0.0) or b"")
    kiss[1] = 0
    yield Scenario(
        "a ping is answered",
        ('+QPING: 0,"198.51.100.141",32,200,255', "+QPING: 0,1,1,0,200,200,200"),
        (up, Conditions(rtt=0.2), ping, 1),
    )
    yield Scenario("pings are lost", ("+QPING: 569", "+QPING: 0,1,0,1,0,0,0"), (up, Conditions(loss=1), ADDRESSED, 5))
    yield Scenario("the host to ping cannot be reached", ("+QPING: 566",), (up, UNREACHABLE, ADDRESSED))
    yield Scenario("the system lets nobody ping", ("+QPING: 554",), (up, NOT_PERMITTED, ADDRESSED))
    for command, failed in ((ping, "+QPING: "), (look, '+QIURC: "dnsgip",'), (time, "+QNTP: ")):
        name = command.partition("=")[0]
        yield Scenario(
            f"the name of {name} does not exist", (f"{failed}565",), (up, Conditions(dns="fails"), command, 1)
        )
        yield Scenario(f"the context is dropped during {name}", (f"{failed}570",), (up, slow, command, 5, gone))
    yield Scenario("a name resolves", ('+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","198.51.100.141"'), (up, look))
    yield Scenario("a name takes too long", ('+QIURC: "dnsgip",569',), (up, Conditions(dns_delay=60, rtt=1), look, 61))
    yield Scenario("a server tells the time", ('+QNTP: 0,"1970/01/01,00:00:00+32"',), (up, time))
    yield Scenario("no server tells the time", ("+QNTP: 569",), (up, Conditions(loss=1), TIME_ADDRESSED, 126))
    yield Scenario("the server of time cannot be reached", ("+QNTP: 566",), (up, UNREACHABLE, time))
    yield Scenario(
        "the server of time asks to be left alone", ("+QNTP: 551",), (up, Answer(Datagram(bytes(kiss))), time)
    )


ADDRESSED, TIME_ADDRESSED = 'AT+QPING=1,"198.51.100.1",4,1', 'AT+QNTP=1,"198.51.100.1"'
UNREACHABLE, NOT_PERMITTED = Answer(QueryError.UNREACHABLE), Answer(QueryError.NOT_PERMITTED)
LTE_PUBLISH = ('AT+QMTPUBEX=0,1,1,0,"a",2', b"on")
LTE = (
    *qmt(LTE_PUBLISH, "+QMTPUBEX", 1, ",1"),
    *queries(),
    *delivery("+QMTPUB", "PUBLISH of AT+QMTPUB", "PUBACK", ('AT+QMTPUB=0,1,1,0,"a",2', b"on")),
    Scenario(
        "the network drops a context", ('+QIURC: "pdpdeact",1',), ("AT+QIACT=1", World("drop_context", {"cid": 1}))
    ),
    Scenario(
        "every PINGRESP is lost",
        ("+QMTPING: 0,1", "+QMTSTAT: 0,2"),
        ('AT+QMTCFG="keepalive",0,30', *ONLINE, lost("PINGRESP"), 60),
    ),
    Scenario("the firmware tells the normal course", ("+QMTSTAT: 0,5",), (*ONLINE, "AT+QMTDISC=0"), ("disc-stat",)),
    Scenario("a PUBACK is damaged", ("+QMTSTAT: 0,8",), (*ONLINE, (Fault("PUBACK", "corrupt"),), *LTE_PUBLISH)),
    Scenario("a message comes", ('+QMTRECV: 0,0,"a","on"',), (*ONLINE, Serve(mqtt.Publish("a", b"on")))),
    Scenario(
        "a message comes, with its length",
        ('+QMTRECV: 0,0,"a",2,"on"',),
        ('AT+QMTCFG="recv/mode",0,0,1', *ONLINE, Serve(mqtt.Publish("a", b"on"))),
    ),
    Scenario(
        "a message comes and is stored",
        ("+QMTRECV: 0,0",),
        ('AT+QMTCFG="recv/mode",0,1,0', *ONLINE, Serve(mqtt.Publish("a", b"on"))),
    ),
    *registrations(("+CREG", "+CGREG", "+CEREG"), (0, 2, 3, 4, 5, 6, 7, 8), ': 1,"1A2B","5C3D2E2",', 1, 2),
    Scenario("it starts", ("RDY",), ()),
    Scenario("the SIM is turned on", ("+CPIN: READY",), ("AT+CFUN=0", "AT+CFUN=1")),
    Scenario(
        "another time zone", ('+CTZV: "+36"',), ("AT+CTZR=1", World("set_time_zone", {"zone": 36, "daylight": 0}))
    ),
    Scenario(
        "another time zone, told at length",
        ('+CTZE: "+36",1,"1970/01/01,09:00:00"',),
        ("AT+CTZR=2", World("set_time_zone", {"zone": 36, "daylight": 1})),
    ),
    Scenario("the network detaches", ("+CGEV: NW DETACH",), ("AT+CGEREP=2", World("detach", {}))),
    Scenario("the SIM is pulled", ("+QSIMSTAT: 1,0",), ("AT+QSIMSTAT=1", World("insert_sim", {"card": "absent"}))),
    Scenario(
        "the SIM is put back",
        ("+QSIMSTAT: 1,1",),
        ("AT+QSIMSTAT=1", World("insert_sim", {"card": "absent"}), World("reinsert_sim")),
    ),
    Scenario(
        "the signal changes", ('+QIND: "csq",9,99',), ('AT+QINDCFG="csq",1', World("set_signal", {"signal": [9, 99]}))
    ),
    Scenario("the technology is lost", ('+QIND: "act","UNKNOWN"',), ('AT+QINDCFG="act",1', AWAY)),
)

NB_PUBLISH = ('AT+QMTPUB=0,1,1,0,"a",2', b"on")
NB_TOKEN = 'AT+QMTTENAUTH="PRODUCT","pump","PRODUCT@pump","c2VjcmV0"'
NB_ANSWERS: dict[int, tuple[str, HttpAnswer | HttpError]] = {
    0: ("the service gives a password", HttpAnswer(200, b'{"returnCode":0,"data":{"id":"u","secret":"p"}}')),
    1: ("the service's name does not exist", HttpError.NAME),
    2: ("the service cannot be reached", HttpError.SOCKET),
    3: ("the service speaks no HTTP", HttpError.ANSWER),
    4: ("the request cannot be sent", HttpError.SENDING),
    5: ("the service says something else", HttpAnswer(200, b"no")),
    6: ("the service does not answer", HttpError.TIMEOUT),
}
NB = (
    *qmt(NB_PUBLISH, "+QMTPUB", 0, ""),
    Scenario(
        "every PINGRESP is lost", ("+QMTSTAT: 0,2",), ('AT+QMTCFG="keepalive",0,30', *ONLINE, lost("PINGRESP"), 120)
    ),
    Scenario(
        "a PUBCOMP is lost, and timeout_notice is 1",
        ("+QMTPUBREL: 0,1,1",),
        ('AT+QMTCFG="timeout",0,5,3,1', *ONLINE, lost("PUBCOMP", 1), 'AT+QMTPUB=0,1,2,0,"a",2', b"on", 6),
    ),
    Scenario("a message comes", ('+QMTRECV: 0,0,"a","on"',), (*ONLINE, Serve(mqtt.Publish("a", b"on")))),
    *(
        Scenario(what, (f"+QMTTENAUTH: {code}" + (",p" if code == 0 else ""),), (NB_TOKEN, Web(answer)))
        for code, (what, answer) in NB_ANSWERS.items()
    ),
    *registrations(("+CEREG",), (7, 9), ":1,1A2B,05C3D2E2,", 1, 2),
    Scenario(
        "a card starts whose PUK was wrong ten times",
        ("+CPIN: SIM PUK BLOCKED",),
        (World("insert_sim", {"card": "puk"}), *10 * ("AT+CPIN=00000000,1234",), "AT+NRB"),
    ),
    Scenario("the network detaches while the service is asked", ("+QMTTENAUTH: 4",), (NB_TOKEN, "AT+CFUN=0")),
    Scenario("it starts", ("Neul",), ()),
    Scenario("a connection begins", ("+CSCON:1",), ("AT+CSCON=1", OPEN)),
    Scenario("a connection ends", ("+CSCON:0",), ("AT+CSCON=1", *ONLINE, "AT+QMTDISC=0")),
    Scenario("another time zone", ("+CTZV:+36",), ("AT+CTZR=1", World("set_time_zone", {"zone": 36, "daylight": 0}))),
    Scenario(
        "another time zone, with local time",
        ('+CTZE:+36,1,"1970/01/01,09:00:00"',),
        ("AT+CTZR=2", World("set_time_zone", {"zone": 36, "daylight": 1})),
    ),
    Scenario(
        "another time zone, with UTC",
        ('+CTZEU:+36,1,"1970/01/01,00:00:00"',),
        ("AT+CTZR=3", World("set_time_zone", {"zone": 36, "daylight": 1})),
    ),
)

START = f"AT+MIPSTART={HOST},1883"
SESSION = (START, "AT+MCONFIG=pump", "AT+MCONNECT=1,300")
LUAT = (
    Scenario("it starts", ("RDY", "^MODE: 17,17", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1"), ()),
    Scenario("the network tells the time", ("+NITZ: 70/01/01,00:00:00+32,0",), ()),
    *registrations(("+CREG", "+CGREG", "+CEREG"), (0, 2, 3, 4, 5, 6, 7, 8), ': 1,"1A2B","5C3D2E2",', 1, 2),
    Scenario("the SIM asks for its PIN", ("+CPIN: SIM PIN",), (World("lock_sim", {}),)),
    Scenario("the context is dropped", ("+PDP DEACT",), (*SESSION, World("drop_context", {"cid": 1}))),
    Scenario("all is well", ("CONNECT OK",), (START,)),
    Scenario("the connection stands already", ("ALREADY CONNECT",), (START, START)),
    Scenario(
        "the server refuses the connection",
        ("CONNECT FAIL", "STATE:TCP CLOSED"),
        (Conditions(connect_result="refused"), START),
    ),
    Scenario("the connection is reset", ("CLOSED",), (*SESSION, ConnectionDisruption("reset"))),
    Scenario("the server accepts", ("CONNACK OK",), SESSION),
    Scenario("the server refuses", ("ERROR",), (START, (Fault("CONNECT", "refuse", code=5),), *SESSION[1:])),
    Scenario("a message of QoS 1 is acknowledged", ("PUBACK",), (*SESSION, 'AT+MPUB="a",1,0,"on"')),
    Scenario("a message of QoS 2 is received and done", ("PUBREC", "PUBCOMP"), (*SESSION, 'AT+MPUB="a",2,0,"on"')),
    Scenario("SUBSCRIBE is answered", ("SUBACK",), (*SESSION, 'AT+MSUB="a",0')),
    Scenario("UNSUBSCRIBE is answered", ("UNSUBACK",), (*SESSION, 'AT+MUNSUB="a"')),
    Scenario("a message comes", ('+MSUB: "a",2 byte,on',), (*SESSION, Serve(mqtt.Publish("a", b"on")))),
    Scenario(
        "a message comes and waits", ("+MSUB: 0",), ("AT+MQTTMSGSET=1", *SESSION, Serve(mqtt.Publish("a", b"on")))
    ),
)
SCENARIOS: dict[str, tuple[str, tuple[Scenario, ...]]] = {
    "quectel_lte": ("EC200S-CN", LTE),
    "quectel_nb": ("BC35-G", NB),
    "luat": ("Air724UG", LUAT),
}
