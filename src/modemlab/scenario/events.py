"""When the steps of a scenario are due: events and `now` in, steps and the next deadline out. No clock, no module.

`now` is in seconds of a clock that never goes back. Each step happens once.
"""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from modemlab.dialect.mqtt_events import State
from modemlab.net.delay_queue import Direction
from modemlab.transcripts.format import beginning


class PacketPassed(NamedTuple):
    """An MQTT packet of that name passed whole, that way."""

    packet: str
    direction: Direction


class CommandStarted(NamedTuple):
    """The module began to answer a command of that name."""

    command: str


class UrcPrinted(NamedTuple):
    """The module told a URC: its line, as printed."""

    line: str


class ClientStateChanged(NamedTuple):
    """An MQTT client came into that state."""

    client: int
    state: State


class MessageArrived(NamedTuple):
    """A message arrived at the broker from that client; "" is the broker itself."""

    client_id: str
    topic: str
    payload: bytes
    qos: int
    retain: bool

    def __str__(self) -> str:
        return f"{self.topic} with {beginning(self.payload)!r}, QoS {self.qos}{', retained' if self.retain else ''}"


Event = PacketPassed | CommandStarted | UrcPrinted | ClientStateChanged | MessageArrived


class EventMatcher(Protocol):
    """What a step waits for: the `nth` event that fits."""

    @property
    def nth(self) -> int:
        """Which one."""

    def fits(self, event: Event) -> bool:
        """Whether that event counts."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a step is due: `seconds` after the start, or after the moment if there is one."""

    seconds: float
    moment: EventMatcher | None = None


class Schedule:
    """The steps of a scenario, by number, each with when it is due."""

    __slots__ = ("_ready", "_seen", "_waiting")

    def __init__(self, steps: Sequence[Trigger], now: float) -> None:
        """The scenario starts now."""
        # By time, then by place in the scenario
        self._ready = sorted((now + step.seconds, number) for number, step in enumerate(steps) if step.moment is None)
        self._waiting = [(number, step) for number, step in enumerate(steps) if step.moment is not None]
        self._seen = [0] * len(steps)

    def happen(self, event: Event, now: float) -> None:
        """Something happened."""
        left = []
        for number, step in self._waiting:
            assert step.moment is not None
            if step.moment.fits(event):
                self._seen[number] += 1
                if self._seen[number] >= step.moment.nth:
                    insort(self._ready, (now + step.seconds, number))
                    continue
            left.append((number, step))
        self._waiting = left

    def next(self, now: float) -> int | None:
        """The number of the next step that is due, which it is no more; None if there is none."""
        return self._ready.pop(0)[1] if self._ready and self._ready[0][0] <= now else None

    def deadline(self) -> float | None:
        """When a step is due next, as far as it is known; None if it is not."""
        return self._ready[0][0] if self._ready else None

    @property
    def left(self) -> int:
        """How many steps have not happened."""
        return len(self._ready) + len(self._waiting)
