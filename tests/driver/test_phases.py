"""A command's OK and its result are two phases, each with a time of its own, from the manuals' maximum response times.

The seconds are typed from the manuals, not taken from the declarations: 2 s more for the line as a command is answered,
3 s as a result comes. A packet's result has the time of its repeats, where that is longer than the manual's.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from modemlab.at.errors import ModemError, TimeoutExpired
from modemlab.dialect.recipes import Ask, Await, Expect, MqttSession, PlatformIdentity, Recipe, Recipes
from modemlab.dialect.registry import find_model
from modemlab.driver.protocol.command_listing import success
from support.driver_line import HostEnd

LTE, _ = find_model("EC200T-CN")
NB, _ = find_model("BC35-G")
LUAT, _ = find_model("Air724UG")
SESSION = MqttSession(0, "broker.example", 1883, "pump-7")
SUITE = SESSION._replace(own_credential=PlatformIdentity("tencent suite", "a@b", ("a", "b", "a@b", "s", None, None)))
SLOW = SESSION._replace(packet_timeout=15, repeats=3)


def recipes(dialect: Any) -> Recipes:
    assert dialect.recipes is not None
    return dialect.recipes  # type: ignore[no-any-return]


def from_ask(recipe: Recipe, begin: bytes) -> Recipe:
    """A recipe from that command on, what is ahead of it having gone well."""
    try:
        wanted = next(recipe)
        while not (isinstance(wanted, Ask) and wanted.line.startswith(begin)):
            if isinstance(wanted, Await):
                wanted = recipe.send(success(wanted.waiter.expect))
            else:
                wanted = recipe.send((yield wanted) if isinstance(wanted, Expect) else [])
        while True:
            try:
                given = yield wanted
            except ModemError as error:
                wanted = recipe.throw(error)
            else:
                wanted = recipe.send(given)
    except StopIteration as stop:
        return stop.value


class Phases(NamedTuple):
    """A command, the seconds of its answer, and those of its result; `ok` and `result` are what is said of each."""

    dialect: Any
    recipe: Callable[[], Recipe]
    line: bytes
    answer: float
    ok: bytes
    seconds: float
    result: bytes


def connecting(dialect: Any, line: bytes, session: MqttSession = SESSION) -> Callable[[], Recipe]:
    return lambda: from_ask(recipes(dialect).connect(session), line)


def publishing(dialect: Any, session: MqttSession = SESSION) -> Callable[[], Recipe]:
    return lambda: recipes(dialect).publish(session, 7, "a", b"on", 1, False)


def subscribing(dialect: Any) -> Callable[[], Recipe]:
    return lambda: recipes(dialect).subscribe(SESSION, 3, (("a", 1),))


def unsubscribing(dialect: Any) -> Callable[[], Recipe]:
    return lambda: recipes(dialect).unsubscribe(SESSION, 3, ("a",))


def ending(dialect: Any) -> Callable[[], Recipe]:
    return lambda: recipes(dialect).disconnect(0)


OPENED, CLOSED = b"+QMTOPEN: 0,0", b"+QMTCLOSE: 0,0"
PHASES = {
    # EC200x/EC600x/EG912Y MQTT guide V1.1, 3.3.2 to 3.3.8
    "LTE open": Phases(LTE, connecting(LTE, b"AT+QMTOPEN="), b"AT+QMTOPEN=", 2.3, b"OK", 123, OPENED),
    "LTE connect": Phases(LTE, connecting(LTE, b"AT+QMTCONN="), b"AT+QMTCONN=", 2.3, b"OK", 8, b"+QMTCONN: 0,0,0"),
    "LTE publish": Phases(LTE, publishing(LTE), b"AT+QMTPUBEX=", 2.3, b"OK", 23, b"+QMTPUBEX: 0,7,0"),
    "LTE slow": Phases(LTE, publishing(LTE, SLOW), b"AT+QMTPUBEX=", 2.3, b"OK", 63, b"+QMTPUBEX: 0,7,0"),
    "LTE subscribe": Phases(LTE, subscribing(LTE), b"AT+QMTSUB=", 2.3, b"OK", 23, b"+QMTSUB: 0,3,0,1"),
    "LTE unsubscribe": Phases(LTE, unsubscribing(LTE), b"AT+QMTUNS=", 2.3, b"OK", 23, b"+QMTUNS: 0,3,0"),
    "LTE end": Phases(LTE, ending(LTE), b"AT+QMTDISC=", 2.3, b"OK", 33, b"+QMTDISC: 0,0"),
    # BC35-G & BC28 MQTT guide V1.0, 3.2 to 3.9
    "NB open": Phases(NB, connecting(NB, b"AT+QMTOPEN="), b"AT+QMTOPEN=", 2.3, b"OK", 78, OPENED),
    "NB connect": Phases(NB, connecting(NB, b"AT+QMTCONN="), b"AT+QMTCONN=", 2.3, b"OK", 13, b"+QMTCONN: 0,0,0"),
    "NB publish": Phases(NB, publishing(NB), b"AT+QMTPUB=", 2.3, b"OK", 43, b"+QMTPUB: 0,7,0"),
    "NB subscribe": Phases(NB, subscribing(NB), b"AT+QMTSUB=", 2.3, b"OK", 43, b"+QMTSUB: 0,3,0,1"),
    "NB unsubscribe": Phases(NB, unsubscribing(NB), b"AT+QMTUNS=", 2.3, b"OK", 43, b"+QMTUNS: 0,3,0"),
    "NB end": Phases(NB, ending(NB), b"AT+QMTDISC=", 2.3, b"OK", 3.3, b"+QMTDISC: 0,0"),
    "NB token": Phases(
        NB, connecting(NB, b"AT+QMTTENAUTH=", SUITE), b"AT+QMTTENAUTH=", 2.3, b"OK", 198, b'+QMTTENAUTH: 0,"x"'
    ),
    # Luat AT manual V1.6.3: 9 s for commands (1.5); it gives no time for the words that follow
    "Luat open": Phases(LUAT, connecting(LUAT, b"AT+MIPSTART="), b"AT+MIPSTART=", 11, b"OK", 75, b"CONNECT OK"),
    "Luat connect": Phases(LUAT, connecting(LUAT, b"AT+MCONNECT="), b"AT+MCONNECT=", 11, b"OK", 30, b"CONNACK OK"),
    "Luat publish": Phases(LUAT, publishing(LUAT), b"AT+MPUBEX=", 11, b"OK", 30, b"PUBACK"),
    "Luat subscribe": Phases(LUAT, subscribing(LUAT), b"AT+MSUB=", 11, b"OK", 30, b"SUBACK"),
    "Luat unsubscribe": Phases(LUAT, unsubscribing(LUAT), b"AT+MUNSUB=", 11, b"OK", 30, b"UNSUBACK"),
}
SHORT = 0.02


def begun(phases: Phases) -> HostEnd:
    """The command is written, and what it prompts for is there."""
    end = HostEnd(phases.dialect)
    end.start(phases.recipe())
    sent = end.sent()
    assert sent.startswith(phases.line), sent
    if b"PUB" in phases.line:
        end.wait(phases.answer - SHORT)
        end.say(b"\r\n> ")
        assert end.sent() == b"on"
    return end


def said(line: bytes) -> bytes:
    return b"\r\n" + line + b"\r\n"


@pytest.mark.parametrize("name", PHASES)
def test_both_take_their_whole_time(name: str) -> None:
    """An answer that comes at the last moment does not shorten the result's time, which begins with it."""
    phases = PHASES[name]
    end = begun(phases)
    end.wait(phases.answer - SHORT)
    end.say(said(phases.ok))
    end.wait(phases.seconds - SHORT)
    assert end.results == []
    end.say(said(phases.result))
    assert not end.results or not isinstance(end.results[0], Exception)
    # It goes on, or is over.
    assert end.results or end.sent() or end.exchange.deadline() is not None


# One that is to end a session and is not answered is followed by a closer look instead.
@pytest.mark.parametrize("name", [name for name in PHASES if not name.endswith("end")])
def test_an_answer_that_does_not_come(name: str) -> None:
    """The command is named, with the seconds of an answer."""
    phases = PHASES[name]
    end = begun(phases)
    end.wait(phases.answer - SHORT)
    assert end.results == []
    end.wait(2 * SHORT)
    (error,) = end.results
    assert isinstance(error, TimeoutExpired)
    assert error.what.encode().startswith(phases.line[:-1])
    assert error.seconds == pytest.approx(phases.answer)


@pytest.mark.parametrize("name", PHASES)
def test_a_result_that_does_not_come(name: str) -> None:
    """The URC is named, with the seconds of a result, once they are over and not before."""
    phases = PHASES[name]
    end = begun(phases)
    end.say(said(phases.ok))
    assert end.sent() == b""
    end.wait(phases.seconds - SHORT)
    assert end.results == []
    assert end.sent() == b""
    end.wait(2 * SHORT)
    if end.results:
        (error,) = end.results
        assert isinstance(error, TimeoutExpired)
        assert error.what.encode() == phases.result.partition(b":")[0]
        assert error.seconds == pytest.approx(phases.seconds)
    else:
        # It looks how things stand, ahead of what it says: which port has URCs, whether the client is open still.
        assert end.sent().startswith((b"AT+QURCCFG=", b"AT+QMTOPEN?"))


def ask(line: bytes) -> Recipe:
    return (yield Ask(line))


@pytest.mark.parametrize(
    ("dialect", "line", "seconds"),
    [
        # EC200x AT commands manual V1.1: 5.3, 6.1, 9.2, 2.22; TCP/IP guide 2.1.1; 300 ms for all without a time
        (LTE, b"AT+CPIN?", 5.0),
        (LTE, b'AT+CPIN="1234"', 5.0),
        (LTE, b"AT+COPS?", 180.0),
        (LTE, b"AT+CGATT=1", 140.0),
        (LTE, b"AT+CFUN=1", 15.0),
        (LTE, b"AT+QIACT=1", 150.0),
        (LTE, b"AT+CSQ", 0.3),
        (LTE, b"AT+CEREG?", 0.3),
        (LTE, b"AT+QMTCONN?", 0.3),
        (LTE, b"AT+CSQ;+CGATT?", 140.3),
        # BC35-G & BC28 AT commands manual V1.0
        (NB, b"AT+CFUN=1", 85.0),
        (NB, b"AT+CGATT=1", 1.0),
        (NB, b"AT+COPS?", 630.0),
        # Luat AT manual V1.6.3
        (LUAT, b"AT+CPIN?", 180.0),
        (LUAT, b"AT+CREG?", 9.0),
        (LUAT, b"AT+CGATT=1", 108.0),
        (LUAT, b"AT+CIICR", 90.0),
    ],
)
def test_commands_without_a_result(dialect: Any, line: bytes, seconds: float) -> None:
    """Their result code has the manual's time, that of a command with a URC of its own name too."""
    end = HostEnd(dialect)
    end.start(ask(line))
    end.wait(seconds + 2.0 - SHORT)
    assert end.results == []
    end.wait(2 * SHORT)
    assert isinstance(end.results[0], TimeoutExpired)
