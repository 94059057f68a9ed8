"""The line stays in step with its commands: results too many, prompts that are lost, hosts that change their mind."""

from contextlib import suppress
from typing import Any

import pytest

from modemlab.at.errors import Restart, TimeoutExpired
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import Ask, MqttSession, Recipe, Recipes
from modemlab.dialect.registry import find_model
from modemlab.driver.protocol.identify import sign_of_life
from support.driver_line import HostEnd

LTE, _ = find_model("EC200T-CN")
SESSION = MqttSession(0, "broker.example", 1883, "pump-7")


def recipes(dialect: Dialect) -> Recipes:
    assert dialect.recipes is not None
    return dialect.recipes


def ask(line: bytes, **more: Any) -> Recipe:
    return (yield Ask(line, **more))


def test_a_result_too_many_is_none_of_the_next_commands() -> None:
    """What came before a command was written does not answer it."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CGATT=1"))
    end.start(ask(b"AT+CSQ"))
    end.play(">> AT+CGATT=1\n<<| \\r\\nOK\\r\\n\\r\\nOK\\r\\n\n>> AT+CSQ\n<<\n<< +CSQ: 24,99\n<<\n<< OK")
    assert end.results == [[], [b"+CSQ: 24,99"]]
    assert end.strays == [b"OK"]


def test_reads_of_nothing() -> None:
    """They are nothing."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CSQ"))
    for piece in (b"", b"\r\n+CSQ: 2", b"", b"4,99\r\n\r\nOK", b"", b"\r\n", b""):
        end.exchange.receive(piece, end.now)
    assert end.results == [[b"+CSQ: 24,99"]]


def test_a_flood_of_urcs_ends_no_command() -> None:
    """Each is heard once, none is a line of the answer, and the command still ends in time."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+CSQ"))
    for _ in range(2000):
        end.say(b'\r\n+QMTSTAT: 1,1\r\n\r\n+QMTRECV: 0,0,"a",2,"OK"\r\n')
    assert end.results == []
    end.say(b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n")
    assert end.results == [[b"+CSQ: 24,99"]]
    assert (len(end.heard), end.strays) == (4000, [])


@pytest.mark.parametrize("prompt", ["", "<<|  \n", "<<| > \n>>| on\n"], ids=["lost", "damaged", "data damaged"])
def test_a_data_mode_that_is_not_ended(prompt: str) -> None:
    """The prompt was lost, or a byte of the data: what the module waits for is filled up, and the line goes on."""
    end = HostEnd(LTE)
    end.start(ask(b'AT+QMTPUBEX=0,1,1,0,"a",2', data=b"on"))
    end.start(ask(b"AT+CSQ"))
    end.play(
        f'>> AT+QMTPUBEX=0,1,1,0,"a",2\n<<\n{prompt}~~ 2.3\n>>| \\x1b\\r\\r\n'
        "<<\n<< OK\n>> AT+CMEE?\n<<\n<< +CMEE: 1\n<<\n<< OK\n>> AT+CSQ\n<<\n<< +CSQ: 24,99\n<<\n<< OK"
    )
    assert isinstance(end.results[0], TimeoutExpired)
    assert end.results[1:] == [[b"+CSQ: 24,99"]]


def test_a_prompt_that_nobody_has_data_for() -> None:
    """The error says so, and the data mode is ended."""
    end = HostEnd(LTE)
    end.start(ask(b'AT+QMTPUBEX=0,1,1,0,"a",50'))
    end.start(ask(b"AT+CSQ"))
    filler = "\\r" * recipes(LTE).filler
    end.play(
        f'>> AT+QMTPUBEX=0,1,1,0,"a",50\n<<\n<<| > \n~~ 2.3\n>>| \\x1b{filler}\n'
        "<<\n<< OK\n>> AT+CMEE?\n<<\n<< +CMEE: 1\n<<\n<< OK\n>> AT+CSQ\n<<\n<< +CSQ: 24,99\n<<\n<< OK"
    )
    assert str(end.results[0]) == "AT+QMTPUBEX=0…: nothing came within 2.3 s; the module asks for data"
    assert end.results[1:] == [[b"+CSQ: 24,99"]]


def test_a_recipe_that_is_cancelled_asks_for_nothing_more() -> None:
    """What is on the line is answered, and a result that it has is waited for; no further command follows."""
    for waits in ("", "~~ 1\n<<\n<< +QMTOPEN: 0,0"):
        end = HostEnd(LTE)
        job = end.start(opening())
        end.play('>> AT+QMTOPEN=0,"broker.example",1883')
        end.exchange.cancel(job)
        assert not end.exchange.idle
        end.play("<<\n<< OK\n" + waits)
        if waits:
            assert end.exchange.idle
            assert end.results == [None]
        else:
            assert not end.exchange.idle


def opening() -> Recipe:
    """The end of a session's recipe, from AT+QMTOPEN on."""
    recipe = recipes(LTE).connect(SESSION)
    wanted = next(recipe)
    while not (isinstance(wanted, Ask) and wanted.line.startswith(b"AT+QMTOPEN=")):
        wanted = recipe.send([] if isinstance(wanted, Ask) else (yield wanted))
    try:
        while True:
            wanted = recipe.send((yield wanted))
    except StopIteration as stop:
        return stop.value


def test_a_module_that_starts_anew_under_a_recipe_that_goes_on() -> None:
    """What it asks for next is asked once."""

    def stubborn() -> Recipe:
        with suppress(Restart):
            yield Ask(b"AT+CGATT=1")
        return (yield Ask(b"AT+CSQ"))

    end = HostEnd(LTE)
    end.start(stubborn())
    end.play(">> AT+CGATT=1")
    end.exchange.restarted(end.now)
    end.play("~~ 0.3\n>> AT+CSQ\n<<\n<< +CSQ: 24,99\n<<\n<< OK")
    assert end.results == [[b"+CSQ: 24,99"]]
    assert end.exchange.idle


def test_answers_that_come_late_from_the_start() -> None:
    """One to the first AT that comes after the second was sent: the second's is none of the next command's."""
    end = HostEnd(LTE)
    end.start(sign_of_life())
    end.play(
        "~~ 0.1\n>> AT\n~~ 0.5\n>> ATQ0V1\n~~ 0.2\n<<\n<< OK\n>> AT+CMEE?\n~~ 0.5\n<<\n<< OK\n"
        "<<\n<< +CMEE: 1\n<<\n<< OK\n>> AT\n<<\n<< OK"
    )
    assert end.results == [None]
    assert end.strays == []


def test_an_error_shows_little_of_a_long_line() -> None:
    """It is one line."""
    end = HostEnd(LTE)
    end.start(ask(b"AT" + b"x" * 5000))
    end.sent()
    end.say(b"\r\nERROR\r\n")
    assert len(str(end.results[0])) < 60
