"""Conversations of a host and a module, both ends written down: what the driver's tests play and cut and disturb."""

from collections.abc import Callable
from typing import Any

from modemlab.at.errors import CommandRefused, ConnectionRefused, LinkLost, NotDelivered
from modemlab.dialect.recipes import Ask, MqttSession, NetworkStatus, Recipe, Recipes, Will
from modemlab.dialect.registry import find_model

LTE, _ = find_model("EC200T-CN")
NB, _ = find_model("BC35-G")
LUAT, _ = find_model("Air724UG")
SESSION = MqttSession(0, "broker.example", 1883, "pump-7", "user", "secret", keepalive=60)


def recipes(dialect: Any) -> Recipes:
    assert dialect.recipes is not None
    return dialect.recipes  # type: ignore[no-any-return]


def ask(line: bytes, **more: Any) -> Recipe:
    return (yield Ask(line, **more))


def bring_up() -> Recipe:
    """What `ready` asks an LTE module."""
    recipe = recipes(LTE).bring_up
    assert recipe is not None
    return recipe()


ACTIVE = """>> AT+QIACT?
<<
<< +QIACT: 1,1,1,"10.64.5.2"
<<
<< OK
"""
CONNECT = rf"""
{ACTIVE}>> AT+QMTOPEN?
<<
<< OK
>> AT+QMTCFG="version",0,4
<<
<< OK
>> AT+QMTCFG="keepalive",0,60
<<
<< OK
>> AT+QMTCFG="session",0,1
<<
<< OK
>> AT+QMTCFG="timeout",0,5,3,0
<<
<< OK
>> AT+QMTCFG="will",0,0
<<
<< OK
>> AT+QMTCFG="ssl",0,0
<<
<< OK
>> AT+QMTCFG="recv/mode",0,0,1
<<
<< OK
>> AT+QMTCFG="dataformat",0,0,0
<<
<< ERROR
>> AT+QMTCFG="view/mode",0,0
<<
<< ERROR
>> AT+QMTOPEN=0,"broker.example",1883
<<
<< OK
~~ 3
<<
<< +QMTOPEN: 0,0
>> AT+QMTCONN=0,"pump-7","user","secret"
<<
<< OK
<<
"""
PUBLISH = r"""
>> AT+QMTPUBEX=0,7,1,0,"a",2
<<
<<| >\x20
>>| on
<<
<< OK
"""

CONVERSATIONS: dict[str, tuple[Any, Callable[[], Recipe], str, Any]] = {
    "echo, once": (
        LTE,
        lambda: ask(b"AT+CSQ"),
        ">> AT+CSQ\n<<| AT+CSQ\\r\n<<\n<< +CSQ: 24,99\n<<\n<< OK",
        [b"+CSQ: 24,99"],
    ),
    "an answer without a name": (
        LTE,
        lambda: ask(b"ATI"),
        ">> ATI\n<<\n<< Quectel\n<< EC200T\n<<\n<< OK",
        [b"Quectel", b"EC200T"],
    ),
    "a refusal with a code": (LTE, lambda: ask(b"AT+CPIN?"), ">> AT+CPIN?\n<<\n<< +CME ERROR: 10", CommandRefused),
    "a URC within an answer is none of it": (
        LTE,
        lambda: ask(b"AT+CSQ"),
        '>> AT+CSQ\n<<\n<< +QMTSTAT: 0,1\n<<\n<< +CSQ: 24,99\n<<\n<< +QMTRECV: 0,0,"a",4,"\\r\\nOK"\n<<\n<< OK',
        [b"+CSQ: 24,99"],
    ),
    "the URC of the very command on the line": (
        LTE,
        lambda: ask(b"AT+CEREG?"),
        ">> AT+CEREG?\n<<\n<< +CEREG: 5\n<<\n<< +CEREG: 0,1\n<<\n<< OK",
        [b"+CEREG: 0,1"],
    ),
    "a session": (LTE, lambda: recipes(LTE).connect(SESSION), CONNECT + "<< +QMTCONN: 0,0,0", None),
    "a session that is refused": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        CONNECT + "<< +QMTCONN: 0,0,5\n<<\n<< +QMTSTAT: 0,4",
        ConnectionRefused,
    ),
    "a session that nobody answers": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        CONNECT + "<< +QMTCONN: 0,2\n<<\n<< +QMTSTAT: 0,4",
        LinkLost,
    ),
    "a client that an earlier host left open": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        ACTIVE + '>> AT+QMTOPEN?\n<<\n<< +QMTOPEN: 0,"broker.example",1883\n<<\n<< OK\n'
        ">> AT+QMTCLOSE=0\n<<\n<< OK\n<<\n<< +QMTCLOSE: 0,0\n"
        + CONNECT.partition("AT+QMTOPEN?\n<<\n<< OK\n")[2]
        + "<< +QMTCONN: 0,0,0",
        None,
    ),
    "a client in use that is shown to nobody": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        CONNECT.partition("~~ 3")[0] + "<<\n<< +QMTOPEN: 0,2\n>> AT+QMTCLOSE=0\n<<\n<< OK\n<<\n<< +QMTCLOSE: 0,0\n"
        '>> AT+QMTOPEN=0,"broker.example",1883\n<<\n<< OK\n' + CONNECT.partition("~~ 3\n")[2] + "<< +QMTCONN: 0,0,0",
        None,
    ),
    "a server that is not there": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        CONNECT.partition("~~ 3")[0] + "~~ 20\n<<\n<< +QMTOPEN: 0,-1",
        LinkLost,
    ),
    "a message": (
        LTE,
        lambda: recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False),
        PUBLISH + "~~ 1\n<<\n<< +QMTPUBEX: 0,7,0",
        None,
    ),
    "a repeat is no end": (
        LTE,
        lambda: recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False),
        PUBLISH + "~~ 5\n<<\n<< +QMTPUBEX: 0,7,1,1\n~~ 5\n<<\n<< +QMTPUBEX: 0,7,0",
        None,
    ),
    "a message that is given up": (
        LTE,
        lambda: recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False),
        PUBLISH + "~~ 20\n<<\n<< +QMTPUBEX: 0,7,2\n<<\n<< +QMTSTAT: 0,6",
        LinkLost,
    ),
    "the link ends under a message": (
        LTE,
        lambda: recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False),
        PUBLISH + "<<\n<< +QMTSTAT: 0,1",
        LinkLost,
    ),
    "another client's link is none of its": (
        LTE,
        lambda: recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False),
        PUBLISH + "<<\n<< +QMTSTAT: 1,1\n<<\n<< +QMTPUBEX: 0,7,0",
        None,
    ),
    "no prompt, an error": (
        LTE,
        lambda: recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False),
        '>> AT+QMTPUBEX=0,7,1,0,"a",2\n<<\n<< ERROR',
        CommandRefused,
    ),
    "subscriptions": (
        LTE,
        lambda: recipes(LTE).subscribe(SESSION, 3, (("a/#", 2), ("b", 0))),
        '>> AT+QMTSUB=0,3,"a/#",2,"b",0\n<<\n<< OK\n<<\n<< +QMTSUB: 0,3,0,1,0',
        (1, 0),
    ),
    "a subscription that the server refuses": (
        LTE,
        lambda: recipes(LTE).subscribe(SESSION, 3, (("a/#", 2),)),
        '>> AT+QMTSUB=0,3,"a/#",2\n<<\n<< OK\n<<\n<< +QMTSUB: 0,3,0,128',
        NotDelivered,
    ),
    "a will that no line can hold is typed as data": (
        LTE,
        lambda: recipes(LTE).connect(SESSION._replace(will=Will("w", b'a","b', 1, True))),
        CONNECT.replace('>> AT+QMTCFG="will",0,0\n', '>> AT+QMTCFG="willex",0,1,1,1,"w",5\n<<\n<<|> \n>>| a","b\n')
        + "<< +QMTCONN: 0,0,0",
        None,
    ),
    "a look at SIM and network": (
        LTE,
        bring_up,
        (
            ">> AT+CPIN?\n<<\n<< +CPIN: READY\n<<\n<< OK\n>> AT+CEREG?\n<<\n<< +CEREG: 0,2\n<<\n<< OK\n"
            ">> AT+CGREG?\n<<\n<< +CGREG: 0,5\n<<\n<< OK\n>> AT+CREG?\n<<\n<< +CREG: 0,0\n<<\n<< OK\n"
            ">> AT+CGATT?\n<<\n<< +CGATT: 1\n<<\n<< OK\n>> AT+CSQ\n<<\n<< +CSQ: 20,99\n<<\n<< OK\n"
            ">> AT+QIACT?\n<<\n<< OK\n>> AT+QIACT=1\n<<\n<< ERROR\n>> AT+QIACT?\n<<\n<< OK"
        ),
        NetworkStatus("READY", 5, True, 20, False),
    ),
    "a context that is activated first": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        ">> AT+QIACT?\n<<\n<< OK\n>> AT+QIACT=1\n<<\n<< OK\n" + CONNECT.partition(ACTIVE)[2] + "<< +QMTCONN: 0,0,0",
        None,
    ),
    "a context that somebody else has activated meanwhile": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        ">> AT+QIACT?\n<<\n<< OK\n>> AT+QIACT=1\n<<\n<< ERROR\n" + CONNECT.lstrip() + "<< +QMTCONN: 0,0,0",
        None,
    ),
    "a context that the network does not give": (
        LTE,
        lambda: recipes(LTE).connect(SESSION),
        ">> AT+QIACT?\n<<\n<< OK\n>> AT+QIACT=1\n<<\n<< ERROR\n>> AT+QIACT?\n<<\n<< OK",
        LinkLost,
    ),
    "NB: a message": (
        NB,
        lambda: recipes(NB).publish(SESSION, 7, "a", b"\x1a\x1b", 1, False),
        '>> AT+QMTPUB=0,7,1,0,"a",2\n<<\n<<|> \n>>| \\x1a\\x1b\n<<\n<< OK\n<<\n<< +QMTPUB: 0,7,0',
        None,
    ),
    "NB: a session without a broker": (
        NB,
        lambda: recipes(NB).subscribe(SESSION, 3, (("a", 1),)),
        '>> AT+QMTSUB=0,3,"a",1\n<<\n<< +CME ERROR: 3',
        CommandRefused,
    ),
    "Luat: a session": (
        LUAT,
        lambda: recipes(LUAT).connect(SESSION),
        (
            ">> AT+MQTTSTATU\n<<\n<< +MQTTSTATU :0\n<<\n<< OK\n>> AT+CSTT\n<<\n<< OK\n>> AT+CIICR\n<<\n<< OK\n"
            '>> AT+MCONFIG="pump-7","user","secret"\n<<\n<< OK\n>> AT+MIPSTART="broker.example",1883\n<<\n<< OK\n<<\n'
            "<< CONNECT OK\n>> AT+MCONNECT=1,60\n<<\n<< OK\n<<\n<< CONNACK OK"
        ),
        None,
    ),
    "Luat: a session that is refused by a word that is a result code elsewhere": (
        LUAT,
        lambda: recipes(LUAT).connect(SESSION),
        (
            ">> AT+MQTTSTATU\n<<\n<< +MQTTSTATU :0\n<<\n<< OK\n>> AT+CSTT\n<<\n<< OK\n>> AT+CIICR\n<<\n<< OK\n"
            '>> AT+MCONFIG="pump-7","user","secret"\n<<\n<< OK\n>> AT+MIPSTART="broker.example",1883\n<<\n<< OK\n<<\n'
            "<< CONNECT OK\n>> AT+MCONNECT=1,60\n<<\n<< OK\n<<\n<< ERROR"
        ),
        LinkLost,
    ),
    "Luat: an address without a result code": (
        LUAT,
        lambda: ask(b"AT+CIFSR"),
        ">> AT+CIFSR\n<<\n<< 10.64.1.2",
        [b"10.64.1.2"],
    ),
    "Luat: the IP connection is shut by words of its own": (
        LUAT,
        lambda: recipes(LUAT).renew(),
        ">> AT+CIPSHUT\n<<\n<< SHUT OK",
        None,
    ),
}
