"""A module that stops, for any time, at any place, and then goes on: no command ever has another's answer."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modemlab.at.errors import CommandRefused, LineError, TimeoutExpired
from modemlab.dialect.recipes import Ask, Recipe
from modemlab.dialect.registry import find_model
from modemlab.driver.protocol.identify import sign_of_life
from modemlab.module.module import Module
from modemlab.module.playback import ModulePlayback
from support.driver_line import HostEnd

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


class Asked(NamedTuple):
    """A command, the data that it prompts for, and its answer, None where it is refused; `once`: it may be."""

    line: bytes
    answer: list[bytes] | None
    data: bytes | None = None
    mark: bytes = b">"
    once: bool = False


COMMON = [
    Asked(b"AT", []),
    Asked(b"AT+CMEE=1", []),
    Asked(b"AT+NOSUCH=1", None),
    Asked(b"AT+CMEE?;+CGATT?", [b"+CMEE: 1", b"+CGATT: 1"]),
    Asked(b"AT+CFUN?", [b"+CFUN: 1"]),
    Asked(b"AT+CPIN?", [b"+CPIN: READY"]),
    Asked(b"AT+CSQ", [b"+CSQ: 24,99"]),
    Asked(b"AT+CSQ;+CSQ;+NOSUCH", None),
    Asked(b"AT+CIMI", [b"460000000000017"]),
]
OWN = {
    "EC200T-CN": [
        Asked(b"AT+CREG?", [b"+CREG: 0,1"]),
        Asked(b'AT+QMTCFG="willex",0,1,1,1,"w",4', [], b"a\r\nb"),
        Asked(b'AT+QFUPL="a.txt",4,5', [b"+QFUPL: 4,206"], b"1234", b"CONNECT", once=True),
        Asked(b'AT+QFDEL="*"', [], once=True),
    ],
    "BC35-G": [Asked(b"AT+CEREG?", [b"+CEREG: 0,1"])],
    "Air724UG": [
        Asked(b"AT+CREG?", [b"+CREG: 0,1"]),
        Asked(b'AT+FSWRITE="a.txt",0,4,5', [], b"1234"),
        Asked(b"AT+MQTTSTATU", [b"+MQTTSTATU :0"]),
    ],
}


class Stopping:
    """A module, and its host's end; it stops each time that so many bytes have passed, for so many seconds."""

    def __init__(self, model: str, stops: list[tuple[int, float]], echo: bool, piece: int) -> None:
        self.end = HostEnd(find_model(model)[0], piece)
        self.bench = ModulePlayback(Module(*find_model(model)))
        for line in (b"ATE1\r" if echo else b"ATE0\r", b"AT+CMEE=1\r", b'AT+FSCREATE="a.txt"\r'):
            self.bench.send(line)
            self.bench.said()
        self.stops = list(stops)
        self._until = 0.0
        self._passed = 0
        self._heard, self._said = bytearray(), bytearray()

    def go(self, seconds: float) -> None:
        """Let so many seconds pass, from one thing that happens to the next."""
        until = self.end.now + seconds
        self.move()
        while self.end.now < until:
            now = self.end.now
            dues = (self.end.exchange.deadline(), self.bench.module.deadline(), self._until, until)
            self.end.wait(max(0.001, min(due for due in dues if due is not None and (due > now or due == until)) - now))
            self.move()

    def move(self) -> None:
        """Have all pass that can pass now."""
        moves = True
        while moves:
            self._heard += self.end.sent()
            now = self.end.now
            if now < self._until:
                return
            moves = bool(self._heard or self._said)
            for waiting, pass_on in ((self._said, self.end.say), (self._heard, self.bench.send)):
                count = min(len(waiting), self._room())
                pass_on(bytes(waiting[:count]))
                del waiting[:count]
                self._passed += count
                if self.stops and self._passed >= self.stops[0][0]:
                    self._passed = 0
                    self._until = now + self.stops.pop(0)[1]
                    break
            if self.bench.now < now:
                self.bench.wait(now - self.bench.now)
            self._said += self.bench.said()

    def _room(self) -> int:
        """How many bytes pass until it stops."""
        return self.stops[0][0] - self._passed if self.stops else 1 << 20


def ask(asked: Asked) -> Recipe:
    return (yield Ask(asked.line, asked.data, asked.mark))


def results(stopping: Stopping, asked: list[Asked]) -> Iterator[tuple[Asked, Any]]:
    """What each command ends with, one after the other."""
    for each in asked:
        before = len(stopping.end.results)
        stopping.end.start(ask(each))
        stopping.go(0.0)
        while len(stopping.end.results) == before:
            stopping.go(0.5)
            assert stopping.end.now < 10_000
        (result,) = stopping.end.results[before:]
        yield each, result


def spaced(line: bytes) -> bytes:
    """Without the blanks that some print around a colon, and with the same signal."""
    return line.replace(b" ", b"").replace(b"29,99", b"24,99")


def check(asked: Asked, result: Any) -> None:
    """It is the command's own answer, or none."""
    if isinstance(result, TimeoutExpired) or (asked.once and isinstance(result, CommandRefused)):
        return
    if asked.answer is None:
        assert isinstance(result, CommandRefused), (asked, result)
    else:
        assert not isinstance(result, Exception), (asked, result)
        assert [spaced(each) for each in result] == [spaced(each) for each in asked.answer], asked


@pytest.mark.parametrize("model", OWN)
@given(data=st.data())
@QUICK
def test_no_command_has_anothers_answer(model: str, data: st.DataObject) -> None:
    """And once it goes on for good, all are answered again."""
    seconds = st.sampled_from([0.2, 1.0, 2.2, 2.5, 4.5, 6.0, 7.5, 30.0, 200.0])
    stops = data.draw(st.lists(st.tuples(st.integers(1, 80), seconds), min_size=1, max_size=4))
    asked = data.draw(st.lists(st.sampled_from(COMMON + OWN[model]), min_size=1, max_size=8))
    stopping = Stopping(model, stops, data.draw(st.booleans()), data.draw(st.sampled_from([0, 1, 3])))
    for each, result in results(stopping, asked):
        check(each, result)
    while stopping.stops:
        for each, result in results(stopping, COMMON[:1]):
            check(each, result)
    stopping.go(300.0)
    assert [result for _, result in results(stopping, [COMMON[5]] * 2)][-1] == [b"+CPIN: READY"]


@pytest.mark.parametrize("model", OWN)
@pytest.mark.parametrize("seconds", [0.4, 0.7, 1.3, 2.2, 3.0, 6.0])
def test_a_module_that_stops_as_it_is_found(model: str, seconds: float) -> None:
    """The late answers to the first AT are nobody's."""
    stopping = Stopping(model, [(1, seconds)], echo=True, piece=0)
    stopping.end.start(sign_of_life())
    for _ in range(200):
        if stopping.end.results:
            break
        stopping.go(0.1)
    (found,) = stopping.end.results
    assert found is None or (isinstance(found, LineError) and seconds > 2)
    for each, result in results(stopping, (COMMON + OWN[model]) * 2):
        check(each, result)


def test_six_seconds() -> None:
    """What was asked meanwhile is told so, each in its time; what is asked behind it has its own answer."""
    stopping = Stopping("EC200T-CN", [(1, 6.0)], echo=False, piece=0)
    asked = [COMMON[8], COMMON[6], OWN["EC200T-CN"][0], COMMON[6], COMMON[5]]
    got = [result for _, result in results(stopping, asked)]
    assert [type(result) for result in got[:2]] == [TimeoutExpired] * 2
    assert got[2:] == [[b"+CREG: 0,1"], [b"+CSQ: 24,99"], [b"+CPIN: READY"]]
