"""What a host sends and makes of what it hears, as conversations in which both ends are written down."""

import pytest

from modemlab.at.errors import LineError, ModemError, Restart, TimeoutExpired
from support.driver_conversations import CONNECT, CONVERSATIONS, LTE, NB, PUBLISH, SESSION, ask, recipes
from support.driver_line import HostEnd

PIECES = (0, 1, 2, 3, 7)


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
    end.play(">> AT+CSQ\n<<\n<< +FOO: 1\n<<\n<< +CSQ: 24,99\n<<\n<< OK")
    assert end.results == [[b"+CSQ: 24,99"]]
    assert end.strays == [b"+FOO: 1"]


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
    """A probe follows; what was late is dropped with its answer, and the next command has its own."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CSQ"))
    end.start(ask(b"AT+CGSN"))
    end.play(
        ">> AT+CSQ\n~~ 2.3\n>> AT+CMEE?\n<<\n<< +CSQ: 1,99\n<<\n<< OK\n<<\n<< +CMEE: 1\n<<\n<< OK\n"
        ">> AT+CGSN\n<<\n<< 861234567890123\n<<\n<< OK"
    )
    assert isinstance(end.results[0], TimeoutExpired)
    assert str(end.results[0]) == (
        "AT+CSQ: nothing came within 2.3 s; no bytes were received: is the module on, and is this its port?"
    )
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
        CONNECT.partition("~~ 3")[0] + '~~ 123\n>> AT+QURCCFG="urcport"\n<<\n<< +QURCCFG: "urcport","usbat"\n<<\n<< OK'
    )
    assert str(end.results[0]) == (
        "+QMTOPEN: nothing came within 123 s; URCs go to the USB AT port: if that is another port, open it, or direct "
        'them to this port by AT+QURCCFG="urcport","usbat" or AT+QURCCFG="urcport","uart1"'
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
