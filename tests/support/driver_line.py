"""The host's end of a line in memory: recipes on an exchange, and a module that says what a transcript has it say."""

import math
from collections.abc import Callable
from typing import Any

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import ReceivedUrc, Recipe
from modemlab.driver.protocol.exchange import Exchange, RecipeRun
from modemlab.transcripts.format import Mark, parse_transcript, unescape


class ReportedRun(RecipeRun):
    """A recipe whose end is reported."""

    __slots__ = ("_report",)

    def __init__(self, recipe: Recipe, report: Callable[[Any, Exception | None], None]) -> None:
        super().__init__(recipe)
        self._report = report

    def done(self, value: Any, error: Exception | None) -> None:
        self._report(value, error)


class HostEnd:
    """An exchange with its clock at 0; `results` are the values or errors of jobs, in the order that they ended."""

    def __init__(self, dialect: Dialect, piece: int = 0, rate: float = math.inf) -> None:
        self.now = 0.0
        self.results: list[Any] = []
        self.heard: list[ReceivedUrc] = []
        self.strays: list[bytes] = []
        self.exchange = Exchange(dialect, self.heard.append, self.strays.append, rate)
        self._piece = piece
        self._sent = bytearray()

    def start(self, recipe: Recipe) -> RecipeRun:
        """Run a recipe."""
        job = ReportedRun(recipe, self._done)
        self.exchange.start(job, self.now)
        return job

    def _done(self, value: Any, error: Exception | None) -> None:
        self.results.append(value if error is None else error)

    def say(self, data: bytes) -> None:
        """The module says this."""
        size = self._piece or max(1, len(data))
        for start in range(0, len(data), size):
            self.exchange.receive(data[start : start + size], self.now)

    def wait(self, seconds: float) -> None:
        """Time passes, from one deadline to the next."""
        until = self.now + seconds
        for _ in range(1000):
            due = self.exchange.deadline()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.exchange.advance(self.now)
        else:
            raise AssertionError("deadlines do not end")
        self.now = until
        self.exchange.advance(until)

    def sent(self) -> bytes:
        """What the host has sent since the last call."""
        return self.exchange.data_to_send()

    def play(self, transcript: str) -> None:
        """Play a transcript with the ends exchanged: what the host is to send is held to it, what it hears is said."""
        for step in parse_transcript(transcript):
            if step.mark in (Mark.SEND, Mark.SEND_RAW):
                self._sent += self.sent()
                expected = unescape(step.text) + (b"\r" if step.mark is Mark.SEND else b"")
                assert bytes(self._sent[: len(expected)]) == expected, f"line {step.number}: {bytes(self._sent)!r}"
                del self._sent[: len(expected)]
            elif step.mark is Mark.SAID:
                self.say(unescape(step.text) + b"\r\n")
            elif step.mark is Mark.SAID_RAW:
                self.say(unescape(step.text))
            elif step.mark is Mark.WAIT:
                self.wait(float(step.text))
        self._sent += self.sent()
        assert not self._sent, f"sent too: {bytes(self._sent)!r}"
