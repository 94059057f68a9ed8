"""Each fault of each packet of a server, on each dialect: what the module says, and when."""

from typing import NamedTuple

from modemlab.net.packet_faults import Fault

LATE = 3.0


class Session(NamedTuple):
    """A model, and what its host types: to open a connection, to begin a session, and so that each packet comes."""

    model: str
    opening: tuple[str, ...]
    connecting: str
    steps: dict[str, tuple[str | bytes | float, ...]]


def qmt(model: str, publish: str, first: str = "") -> Session:
    """A session of Quectel's."""
    steps: dict[str, tuple[str | bytes | float, ...]] = {
        "CONNACK": ('AT+QMTCONN=0,"pump"',),
        "SUBACK": ('AT+QMTSUB=0,1,"a",1',),
        "PUBACK": (f'AT+{publish}=0,1,1,0,"a",1', b"x"),
        "PUBREC": (f'AT+{publish}=0,1,2,0,"a",1', b"x"),
        "PINGRESP": (),
    }
    timing = 'AT+QMTCFG="keepalive",0,30;+QMTCFG="timeout",0,5,1,1'
    opening = (*([first] if first else []), timing, 'AT+QMTOPEN=0,"{host}",{port}')
    return Session(model, opening, 'AT+QMTCONN=0,"pump"', steps)


def luat(start: str) -> Session:
    """A session of Luat's."""
    steps: dict[str, tuple[str | bytes | float, ...]] = {
        "CONNACK": ("AT+MCONNECT=1,30",),
        "SUBACK": ('AT+MSUB="a",1',),
        "PUBACK": ('AT+MPUB="a",1,0,x',),
        "PUBREC": ('AT+MPUB="a",2,0,x',),
        "PINGRESP": (),
    }
    return Session("Air724UG", ("AT+MCONFIG=pump", f"AT+{start}={{host}},{{port}}"), "AT+MCONNECT=1,30", steps)


LTE, NB, LUAT = qmt("EC200S-CN", "QMTPUBEX"), qmt("BC35-G", "QMTPUB"), luat("MIPSTART")
OVER_TLS = (qmt("EC200S-CN", "QMTPUBEX", 'AT+QMTCFG="ssl",0,1,0'), luat("SSLMIPSTART"))

Said = tuple[tuple[float, str], ...]
# Seconds after the command, or after CONNECT for PINGRESP, and the lines; OK and the prompt left out.
TABLE: dict[str, dict[str, tuple[Said, Said]]] = {
    "CONNACK": {
        "drop": (((5, "+QMTCONN: 0,2"), (5, "+QMTSTAT: 0,4")), ((5, "ERROR"), (5, "CLOSED"))),
        "delay": (((3, "+QMTCONN: 0,0,0"),), ((3, "CONNACK OK"),)),
        "duplicate": (((0, "+QMTCONN: 0,0,0"), (0, "+QMTSTAT: 0,8")), ((0, "CONNACK OK"), (0, "CLOSED"))),
        "corrupt": (((0, "+QMTSTAT: 0,8"),), ((0, "CLOSED"),)),
        "refuse": (((0, "+QMTCONN: 0,0,5"), (0, "+QMTSTAT: 0,4")), ((0, "ERROR"), (0, "CLOSED"))),
        "close": (((0, "+QMTCONN: 0,0,0"), (0, "+QMTSTAT: 0,1")), ((0, "CONNACK OK"), (0, "CLOSED"))),
    },
    "SUBACK": {
        "drop": (((5, "+QMTSUB: 0,1,1,1"), (5, "+QMTSUB: 0,1,0,1")), ((5, "SUBACK"),)),
        "delay": (((3, "+QMTSUB: 0,1,0,1"),), ((3, "SUBACK"),)),
        "duplicate": (((0, "+QMTSUB: 0,1,0,1"), (0, "+QMTSTAT: 0,8")), ((0, "SUBACK"), (0, "CLOSED"))),
        "corrupt": (((0, "+QMTSTAT: 0,8"),), ((0, "CLOSED"),)),
        "refuse": (((0, "+QMTSUB: 0,1,0,128"),), ((0, "ERROR"),)),
        "close": (((0, "+QMTSUB: 0,1,0,1"), (0, "+QMTSTAT: 0,1")), ((0, "SUBACK"), (0, "CLOSED"))),
    },
    "PUBACK": {
        "drop": (((5, "+QMTPUBEX: 0,1,1,1"), (5, "+QMTPUBEX: 0,1,0")), ((5, "PUBACK"),)),
        "delay": (((3, "+QMTPUBEX: 0,1,0"),), ((3, "PUBACK"),)),
        "duplicate": (((0, "+QMTPUBEX: 0,1,0"), (0, "+QMTSTAT: 0,8")), ((0, "PUBACK"), (0, "CLOSED"))),
        "corrupt": (((0, "+QMTSTAT: 0,8"),), ((0, "CLOSED"),)),
        "close": (((0, "+QMTPUBEX: 0,1,0"), (0, "+QMTSTAT: 0,1")), ((0, "PUBACK"), (0, "CLOSED"))),
    },
    "PUBREC": {
        "drop": (((5, "+QMTPUBEX: 0,1,1,1"), (5, "+QMTPUBEX: 0,1,0")), ((5, "PUBREC"), (5, "PUBCOMP"))),
        "delay": (((3, "+QMTPUBEX: 0,1,0"),), ((3, "PUBREC"), (3, "PUBCOMP"))),
        # the second one is answered by another PUBREL, which does no harm (MQTT 3.1.1, 4.3.3)
        "duplicate": (((0, "+QMTPUBEX: 0,1,0"),), ((0, "PUBREC"), (0, "PUBCOMP"))),
        "corrupt": (((0, "+QMTSTAT: 0,8"),), ((0, "CLOSED"),)),
        "close": (((0, "+QMTSTAT: 0,1"),), ((0, "PUBREC"), (0, "CLOSED"))),
    },
    "PINGRESP": {
        "drop": ((), ()),
        "delay": ((), ()),
        "duplicate": (((30, "+QMTSTAT: 0,8"),), ((30, "CLOSED"),)),
        "corrupt": (((30, "+QMTSTAT: 0,8"),), ((30, "CLOSED"),)),
        "close": (((30, "+QMTSTAT: 0,1"),), ((30, "CLOSED"),)),
    },
}
for actions in TABLE.values():
    actions["reset"] = actions["close"]


def fault(packet: str, action: str) -> Fault:
    """The fault of the first such packet; of a PINGRESP the type is damaged."""
    return Fault(packet, action, seconds=LATE if action == "delay" else 0.0, byte=0 if packet == "PINGRESP" else -1)
