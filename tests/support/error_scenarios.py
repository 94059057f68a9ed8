"""Short scenarios, each of which makes a code of the dialects' error tables happen."""

from collections.abc import Iterator
from typing import Any

from modemlab.net.packet_faults import Fault
from support.impaired_network import World
from support.scenarios import ONLINE, SESSION, Scenario

# What the world does to a mobile, in words and in deed, by the code that its commands then fail with.
NO_SIM = ("the SIM is not inserted", World("insert_sim", {"card": "absent"}))
LOCKED = ("the SIM asks for its PIN", World("lock_sim", {"pin": "1234"}))
BLOCKED = ("the SIM asks for its PUK", World("insert_sim", {"card": "puk"}))
BROKEN = ("the SIM has failed", World("insert_sim", {"card": "failure"}))
BUSY = ("the SIM is busy", World("insert_sim", {"card": "busy"}))
NOWHERE = ("no network is found", World("set_registration", {"stat": "searching"}))
EMERGENCY = ("emergency calls alone are served", World("set_registration", {"stat": "emergency"}))
SIMS = {10: NO_SIM, 11: LOCKED, 12: BLOCKED, 13: BROKEN, 14: BUSY}
# By the causes of 3GPP TS 24.301 that a network gives.
REJECTED = {103: 3, 106: 6, 107: 7, 111: 11, 112: 12, 113: 13}
REFUSED = {132: 32, 133: 33, 134: 34, 148: 27, 149: 29}


def fails(code: int, title: str, *steps: Any, **options: Any) -> Scenario:
    """The last command of these steps fails with that code."""
    return Scenario(title, (f"+CME ERROR: {code}",), steps, **options)


def mobile() -> Iterator[Scenario]:
    """The codes of the mobile that 3GPP TS 27.007 has."""
    for code, (title, step) in SIMS.items():
        yield fails(code, title, step, "AT+CIMI")
    yield fails(16, "the PIN is wrong", LOCKED[1], "AT+CPIN=4321")
    yield fails(30, NOWHERE[0], NOWHERE[1], "AT+CGATT=1")
    yield fails(32, EMERGENCY[0], EMERGENCY[1], "AT+CGATT=1")
    for code, cause in REJECTED.items():
        step = World("set_registration", {"stat": "denied", "cause": cause})
        yield fails(code, f"the network refuses the mobile, cause {cause}", step, "AT+CGATT=1")
    for code, cause in REFUSED.items():
        step = World("refuse_contexts", {"cause": cause})
        yield fails(code, f"the network refuses the context, cause {cause}", "AT+CGACT=0,1", step, "AT+CGACT=1,1")


def tcpip(code: int, words: str, title: str, *steps: Any) -> Scenario:
    """AT+QIGETERROR tells that of the command before."""
    return Scenario(title, (f"+QIGETERROR: {code},{words}",), (*steps, "AT+QIGETERROR"))


def upload(name: str, data: bytes) -> tuple[Any, ...]:
    """That file is uploaded."""
    return f'AT+QFUPL="{name}",{len(data)}', data


HELD = (*upload("a", b"abc"), 'AT+QFOPEN="a"')
READ_ALONE = (*upload("a", b"abc"), 'AT+QFOPEN="a",2')
LTE = (
    *mobile(),
    fails(3, "the SIM asks for no PIN", "AT+CPIN=1234"),
    fails(4, "a lock that is not simulated", 'AT+CLCK="FD",1,"1234"'),
    fails(50, "a value out of range", "AT+CFUN=9"),
    fails(400, "a value out of range", "AT+QFSEEK=1,0,3"),
    fails(401, "a position outside the file", *HELD, "AT+QFSEEK=1,9"),
    fails(402, "the end of the file", *HELD, "AT+QFSEEK=1,3", "AT+QFREAD=1"),
    fails(403, "more than is free", *upload("a", b"x" * 5), 'AT+QFUPL="b",286720'),
    fails(405, "no such file", 'AT+QFDWL="a"'),
    fails(406, "no name of a file", 'AT+QFDWL="a/b"'),
    fails(407, "a file of that name", *upload("a", b"abc"), 'AT+QFUPL="a",3'),
    fails(409, "no SD card to write to", 'AT+QFUPL="SD:a",3'),
    fails(410, "no SD card to open a file on", 'AT+QFOPEN="SD:a"'),
    fails(411, "no SD card to read from", 'AT+QFDWL="SD:a"'),
    fails(413, "an eleventh open file", *(f'AT+QFOPEN="{number}"' for number in range(11))),
    fails(414, "a file that was opened to be read", *READ_ALONE, "AT+QFWRITE=1,3"),
    fails(416, "no file is open as that", "AT+QFCLOSE=1"),
    fails(417, "no SD card to list", 'AT+QFLST="SD:*"'),
    fails(418, "no SD card to delete from", 'AT+QFDEL="SD:a"'),
    fails(419, "no SD card to ask for", 'AT+QFLDS="SD"'),
    fails(421, "an upload that stops", 'AT+QFUPL="a",9,1', b"abc", 1),
    fails(423, "more than the store can hold", 'AT+QFUPL="a",286721'),
    fails(426, "a file that is open", *HELD, 'AT+QFDEL="a"'),
    tcpip(0, "operation success", "a context is activated", "AT+QIACT=1"),
    tcpip(552, "invalid parameters", "a context out of range", "AT+QIACT=16"),
    tcpip(561, "PDP context opening failed", "the network refuses the context", World("refuse_contexts"), "AT+QIACT=1"),
    tcpip(564, "DNS busy", "two names at once", "AT+QIACT=1", 'AT+QIDNSGIP=1,"a";+QIDNSGIP=1,"b"'),
    tcpip(568, "operation busy", "two pings at once", "AT+QIACT=1", 'AT+QPING=1,"a";+QPING=1,"b"'),
    tcpip(572, "operation not allowed", "a context that is active", "AT+QIACT=1", "AT+QIACT=1"),
    Scenario("all is well", ("+CPAS: 0",), ("AT+CPAS",)),
    Scenario("without radio", ("+CPAS: 2",), ("AT+CFUN=4", "AT+CPAS")),
)


def nb(code: int, title: str, *steps: Any) -> Scenario:
    """Numbers are off at power-on."""
    return fails(code, title, "AT+CMEE=1", *steps)


FULL = (*ONLINE, (Fault("PUBACK", "drop", times=0),))
NB = (
    *(
        nb({10: 310, 11: 311, 12: 316, 13: 313, 14: 314}[code], title, step, "AT+CIMI")
        for code, (title, step) in SIMS.items()
    ),
    nb(3, "a connection that is not there", "AT+QMTDISC=0"),
    nb(4, "an unknown command", "AT+NOTHING"),
    nb(30, NOWHERE[0], NOWHERE[1], "AT+CGATT=1"),
    nb(50, "a value out of range", "AT+CFUN=9"),
    nb(
        159,
        "a sixth message on its way",
        *FULL,
        *(step for number in range(1, 6) for step in (f'AT+QMTPUB=0,{number},1,0,"a",1', b"x")),
        'AT+QMTPUB=0,6,1,0,"a",1',
    ),
    nb(315, "the PIN is wrong", LOCKED[1], 'AT+CPIN="4321"'),
    nb(532, "the PUK was wrong ten times", BLOCKED[1], *['AT+CPIN="00000000","1234"'] * 11),
    Scenario(
        "the PUK was wrong ten times, before it started",
        ("+CPIN: SIM PUK BLOCKED",),
        (BLOCKED[1], *['AT+CPIN="00000000","1234"'] * 10, "AT+NRB"),
    ),
    nb(517, "a definition of the context of BIP", "AT+CFUN=0", "AT+NCONFIG=ENABLE_BIP,TRUE", 'AT+CGDCONT=7,"IP","a"'),
    nb(515, "a definition of an active context", 'AT+CGDCONT=1,"IP","a"', "AT+CGACT=1,1", 'AT+CGDCONT=1,"IP","b"'),
    nb(520, "the last active context is deactivated", "AT+CGACT=0,0"),
    nb(521, "a context that nobody defined", "AT+CGACT=1,5"),
    nb(524, "with minimum functionality", "AT+CFUN=0", "AT+CGATT=1"),
)


class Broken:
    """A store of files whose medium fails."""

    total = 0

    def fail(self, *_: object) -> Any:
        """Fail."""
        raise OSError("the medium fails")

    names = size = room = read = write = remove = fail


LUAT = (
    *mobile(),
    fails(3, "a file of that name", *['AT+FSCREATE="a"'] * 2),
    fails(4, "a lock that is not simulated", 'AT+CLCK="PS",1,"1234"'),
    fails(50, "the medium of the files fails", 'AT+FSREAD="a",0,1,0', files=Broken),
    fails(51, "more than the store can hold", *(f'AT+FSCREATE="{number}"' for number in range(71))),
    fails(53, "a value out of range", "AT+CFUN=9"),
    fails(58, "an unknown command", "AT+NOTHING"),
    fails(62, "no such file", 'AT+FSFLSIZE="a"'),
    fails(96, "a date that there is not", 'AT+CCLK="24/02/30,00:00:00+00"'),
    fails(98, "a directory that is not there", 'AT+FSCREATE="a/b"'),
    fails(767, "a session without a connection", "AT+MCONFIG=pump", "AT+MCONNECT=1,300"),
    Scenario("nothing is connected", ("+MQTTSTATU :0",), ("AT+MQTTSTATU",)),
    Scenario("a session stands", ("+MQTTSTATU :1",), (*SESSION, "AT+MQTTSTATU")),
    Scenario("a connection stands", ("+MQTTSTATU :2",), (*SESSION[:1], "AT+MQTTSTATU")),
)
ERRORS = {"quectel_lte": LTE, "quectel_nb": NB, "luat": LUAT}
