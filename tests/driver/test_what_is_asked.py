"""All that a caller gives reaches the module, in the commands of each dialect; and repeats end nothing."""

from typing import Any

import pytest

from modemlab.dialect.recipes import Recipe, Will
from modemlab.driver.protocol.command_listing import lines
from support.driver_conversations import LTE, LUAT, NB, SESSION, recipes
from support.driver_line import HostEnd

GIVEN = SESSION._replace(keepalive=33, clean=False, level=3, will=Will("w/7", b"gone", 2, True))
PLAIN = SESSION._replace(username=None, password=None)


def asked(dialect: Any, recipe: Recipe) -> list[str]:
    """The command lines, when all goes well."""
    return [ask.line.decode() for ask in lines(dialect, recipe)]


WANTED: list[tuple[Any, Any, list[str]]] = [
    (
        LTE,
        GIVEN,
        [
            'AT+QMTCFG="version",0,3',
            'AT+QMTCFG="keepalive",0,33',
            'AT+QMTCFG="session",0,0',
            'AT+QMTCFG="will",0,1,2,1,"w/7","gone"',
            'AT+QMTOPEN=0,"broker.example",1883',
            'AT+QMTCONN=0,"pump-7","user","secret"',
        ],
    ),
    (
        LTE,
        PLAIN._replace(client=3),
        [
            'AT+QMTCFG="version",3,4',
            'AT+QMTCFG="keepalive",3,60',
            'AT+QMTCFG="session",3,1',
            'AT+QMTCFG="will",3,0',
            'AT+QMTCONN=3,"pump-7"',
        ],
    ),
    (
        NB,
        GIVEN,
        [
            'AT+QMTCFG="version",0,3',
            'AT+QMTCFG="keepalive",0,33',
            'AT+QMTCFG="session",0,0',
            'AT+QMTCFG="will",0,1,2,1,"w/7","gone"',
            'AT+QMTOPEN=0,"broker.example",1883',
            'AT+QMTCONN=0,"pump-7","user","secret"',
        ],
    ),
    (
        LUAT,
        GIVEN._replace(level=4),
        [
            'AT+MCONFIG="pump-7","user","secret",2,1,"w/7","gone"',
            'AT+MIPSTART="broker.example",1883',
            "AT+MCONNECT=0,33",
        ],
    ),
    (LUAT, PLAIN, ['AT+MCONFIG="pump-7","",""', "AT+MCONNECT=1,60"]),
]


@pytest.mark.parametrize(("dialect", "session", "wanted"), WANTED)
def test_a_session_is_what_was_given(dialect: Any, session: Any, wanted: list[str]) -> None:
    """Version, keep alive, clean session, will, server, names: in the lines of the manuals' examples, in order."""
    sent = asked(dialect, recipes(dialect).connect(session))
    assert [line for line in sent if line in wanted] == wanted


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("retain", [False, True])
def test_a_message_is_what_was_given(qos: int, retain: bool) -> None:
    """Topic, QoS, retained or not, length; packet identifier 0 goes with QoS 0."""
    msgid = 7 if qos else 0
    for dialect, line in (
        (LTE, f'AT+QMTPUBEX=0,{msgid},{qos},{retain:d},"a/b",2'),
        (NB, f'AT+QMTPUB=0,{msgid},{qos},{retain:d},"a/b",2'),
        (LUAT, f'AT+MPUBEX="a/b",{qos},{retain:d},2'),
    ):
        (ask,) = lines(dialect, recipes(dialect).publish(SESSION, 7, "a/b", b"on", qos, retain))
        assert (ask.line.decode(), ask.data) == (line, b"on")
    (empty,) = lines(LUAT, recipes(LUAT).publish(SESSION, 7, "a/b", b"", qos, retain))
    assert empty.line.decode() == f'AT+MPUB="a/b",{qos},{retain:d},""'


@pytest.mark.parametrize(
    ("dialect", "recipe", "repeats", "result"),
    [
        (
            dialect,
            lambda dialect=dialect: recipes(dialect).publish(SESSION, 7, "a", b"on", 1, False),
            [b"+%b: 0,7,1,%d" % (name, n) for n in (1, 2, 3)],
            b"+%b: 0,7,0" % name,
        )
        for dialect, name in ((LTE, b"QMTPUBEX"), (NB, b"QMTPUB"))
    ]
    + [
        (NB, lambda: recipes(NB).publish(SESSION, 7, "a", b"on", 2, False), [b"+QMTPUBREL: 0,7,1"], b"+QMTPUB: 0,7,0"),
        (LTE, lambda: recipes(LTE).subscribe(SESSION, 3, (("a", 1),)), [b"+QMTSUB: 0,3,1,1"], b"+QMTSUB: 0,3,0,1"),
        (NB, lambda: recipes(NB).subscribe(SESSION, 3, (("a", 1),)), [b"+QMTSUB: 0,3,1,1"], b"+QMTSUB: 0,3,0,1"),
        (LTE, lambda: recipes(LTE).unsubscribe(SESSION, 3, ("a",)), [b"+QMTUNS: 0,3,1,1"], b"+QMTUNS: 0,3,0"),
        (NB, lambda: recipes(NB).unsubscribe(SESSION, 3, ("a",)), [b"+QMTUNS: 0,3,1"], b"+QMTUNS: 0,3,0"),
    ],
)
def test_a_repeat_is_no_end(dialect: Any, recipe: Any, repeats: list[bytes], result: bytes) -> None:
    """`<result>` 1 says that a packet was sent again: what is waited for is its acknowledgement."""
    end = HostEnd(dialect)
    end.start(recipe())
    if b"PUB" in end.sent():
        end.say(b"\r\n> ")
    end.say(b"\r\nOK\r\n")
    for repeat in repeats:
        end.wait(4.0)
        end.say(b"\r\n" + repeat + b"\r\n")
        assert end.results == []
    end.wait(4.0)
    end.say(b"\r\n" + result + b"\r\n")
    assert len(end.results) == 1
    assert not isinstance(end.results[0], Exception)
