"""What a host sends and makes of what it hears, as conversations in which both ends are written down."""

from collections.abc import Callable
from typing import Any

import pytest

from driver_line import HostEnd
from modemlab.at.errors import (
    CommandRefused,
    ConnectionRefused,
    LineError,
    LinkLost,
    ModemError,
    NotDelivered,
    Restart,
    TimeoutExpired,
)
from modemlab.at.recipes import Ask, Look, Recipe, Recipes, Session, Will
from modemlab.dialects import find_model

LTE, _ = find_model("EC200T-CN")
NB, _ = find_model("BC35-G")
LUAT, _ = find_model("Air724UG")
PIECES = (0, 1, 2, 3, 7)
SESSION = Session(0, "broker.example", 1883, "pump-7", "user", "secret", keepalive=60)


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


CONNECT = r"""
>> AT+QMTOPEN?
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
        '>> AT+QMTOPEN?\n<<\n<< +QMTOPEN: 0,"broker.example",1883\n<<\n<< OK\n'
        ">> AT+QMTCLOSE=0\n<<\n<< OK\n<<\n<< +QMTCLOSE: 0,0\n" + CONNECT.partition("OK\n")[2] + "<< +QMTCONN: 0,0,0",
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
            ">> AT+QIACT?\n<<\n<< OK\n>> AT+QIACT=1\n<<\n<< ERROR"
        ),
        Look("READY", 5, True, 20, False),
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


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversations(name: str, piece: int) -> None:
    """Each ends in its value or its error, however what is heard is cut."""
    dialect, recipe, transcript, expected = CONVERSATIONS[name]
    end = HostEnd(dialect, piece)
    end.start(recipe())
    end.play(transcript)
    assert len(end.results) == 1
    if isinstance(expected, type):
        assert type(end.results[0]) is expected, end.results
    else:
        assert end.results == [expected]
    assert end.strays == []
    assert end.exchange.idle
    assert end.exchange.deadline() is None


def test_what_errors_say() -> None:
    """A code has its meaning, a lost link its remedy; a password is in none of them."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CPIN?"))
    end.play(">> AT+CPIN?\n<<\n<< +CME ERROR: 13")
    end.start(recipes(LTE).connect(SESSION))
    end.play(CONNECT[: CONNECT.rindex("<<\n<< OK")] + "<< ERROR")
    end.start(recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False))
    end.play(PUBLISH + "<<\n<< +QMTSTAT: 0,2")
    assert [str(result) for result in end.results] == [
        "AT+CPIN?: +CME ERROR: 13 (SIM failure)",
        "AT+QMTCONN=0…: ERROR",
        "+QMTSTAT: 2, PINGREQ timed out or failed; deactivate and activate the PDP context, then open the link again",
    ]


def test_a_urc_that_nobody_declares_is_no_line_of_an_answer() -> None:
    """A line with another command's name is passed over, and told."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CSQ"))
    end.play(">> AT+CSQ\n<<\n<< +QUSIM: 1\n<<\n<< +CSQ: 24,99\n<<\n<< OK")
    assert end.results == [[b"+CSQ: 24,99"]]
    assert end.strays == [b"+QUSIM: 1"]


def test_commands_queue_and_results_may_overtake() -> None:
    """The next command is written once the last is answered, whatever URCs are still to come."""
    end = HostEnd(LTE)
    for msgid in (1, 2):
        end.start(recipes(LTE).publish(SESSION, msgid, "a", b"on", 1, False))
    end.play(
        '>> AT+QMTPUBEX=0,1,1,0,"a",2\n<<\n<<|> \n>>| on\n<<\n<< OK\n'
        '>> AT+QMTPUBEX=0,2,1,0,"a",2\n<<\n<<|> \n>>| on\n<<\n<< OK\n<<\n<< +QMTPUBEX: 0,2,0'
    )
    assert end.results == [None]
    end.say(b"\r\n+QMTPUBEX: 0,1,0\r\n")
    assert end.results == [None, None]


def test_qos_0_has_its_results_in_order() -> None:
    """Several messages share the identifier 0: one result is one message's."""
    end = HostEnd(LTE)
    for _ in range(2):
        end.start(recipes(LTE).publish(SESSION, 9, "a", b"on", 0, False))
    sending = '>> AT+QMTPUBEX=0,0,0,0,"a",2\n<<\n<<|> \n>>| on\n<<\n<< OK\n'
    end.play(f"{sending}{sending}<<\n<< +QMTPUBEX: 0,0,0")
    assert end.results == [None]
    end.say(b"\r\n+QMTPUBEX: 0,0,0\r\n")
    assert end.results == [None, None]


def test_a_command_that_is_not_answered_leaves_the_line_in_step() -> None:
    """A bare AT follows; what was late is dropped with its answer, and the next command has its own."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CSQ"))
    end.start(ask(b"AT+CGSN"))
    end.play(
        ">> AT+CSQ\n~~ 2.3\n>> AT\n<<\n<< +CSQ: 1,99\n<<\n<< OK\n<<\n<< OK\n~~ 0.3\n"
        ">> AT+CGSN\n<<\n<< 861234567890123\n<<\n<< OK"
    )
    assert isinstance(end.results[0], TimeoutExpired)
    assert str(end.results[0]) == "AT+CSQ: nothing came within 2.3 s"
    assert end.results[1:] == [[b"861234567890123"]]


def test_silence_fails_every_command_in_turn() -> None:
    """Nobody waits for ever."""
    end = HostEnd(LTE)
    for _ in range(3):
        end.start(ask(b"AT+CSQ"))
    end.wait(60)
    assert [type(result) for result in end.results] == [TimeoutExpired] * 3
    assert end.exchange.idle


def test_a_result_that_never_comes() -> None:
    """The command's OK is one phase, its result another."""
    end = HostEnd(LTE)
    end.start(recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False))
    end.play(PUBLISH + "~~ 22.9")
    assert end.results == []
    end.wait(0.1)
    assert str(end.results[0]) == "+QMTPUBEX: nothing came within 23 s"


def test_urcs_that_go_to_another_port() -> None:
    """The module opens, but says so elsewhere: the error says where."""
    end = HostEnd(LTE)
    end.start(recipes(LTE).connect(SESSION))
    end.play(
        CONNECT.partition("~~ 3")[0] + '~~ 120\n>> AT+QURCCFG="urcport"\n<<\n<< +QURCCFG: "urcport","usbat"\n<<\n<< OK'
    )
    assert str(end.results[0]) == (
        '+QMTOPEN: nothing came within 120 s; URCs may go to another port: +QURCCFG: "urcport","usbat"'
    )


def test_cancelled_before_and_after_it_is_written() -> None:
    """What is on the line runs to its end; what is not is never written, and over at once."""
    end = HostEnd(LTE)
    first = end.start(recipes(LTE).publish(SESSION, 1, "a", b"on", 1, False))
    second = end.start(ask(b"AT+CSQ"))
    end.start(ask(b"AT+CGATT?"))
    end.exchange.cancel(first)
    end.exchange.cancel(second)
    end.play(
        '>> AT+QMTPUBEX=0,1,1,0,"a",2\n<<\n<<|> \n>>| on\n<<\n<< OK\n'
        ">> AT+CGATT?\n<<\n<< +CGATT: 1\n<<\n<< OK\n<<\n<< +QMTPUBEX: 0,1,0"
    )
    assert end.results == [None, [b"+CGATT: 1"], None]
    assert end.exchange.idle


def test_a_module_that_starts_anew() -> None:
    """What was under way is told so; what was not written yet is, once the start has been said."""
    end = HostEnd(NB)
    end.start(ask(b"AT+CGATT=1"))
    end.start(ask(b"AT+CSQ"))
    end.play(">> AT+CGATT=1")
    end.exchange.restarted(end.now)
    end.play("<<\n<< OK\n~~ 0.3\n>> AT+CSQ\n<<\n<< +CSQ:20,99\n<<\n<< OK")
    assert isinstance(end.results[0], Restart)
    assert end.results[1:] == [[b"+CSQ:20,99"]]


def test_the_end_of_the_line_ends_everything() -> None:
    """Every job has the error."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CSQ"))
    end.start(recipes(LTE).publish(SESSION, 1, "a", b"on", 1, False))
    gone: ModemError = LineError("the device is gone")
    end.exchange.fail(gone)
    assert end.results == [gone, gone]
    assert end.exchange.deadline() is None
