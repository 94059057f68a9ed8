"""A clock that runs faster than the one on the wall, and the timers that go by it."""

from collections.abc import Callable
from datetime import UTC, datetime

from modemlab.clocks.timers import Timer, TimerLoop
from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import Sentence

# How many times as fast a module's clock may run.
MIN_SCALE, MAX_SCALE = 0.1, 1000.0


class ScaledClock:
    """Runs `speed` times as fast as `now`, from the same second on; `call_later` counts its seconds."""

    __slots__ = ("_loop", "_now", "_speed", "_start")

    def __init__(self, speed: float, now: Callable[[], float], loop: TimerLoop) -> None:
        """Start. Raises ValueError for a speed beyond `MIN_SCALE` and `MAX_SCALE`."""
        if not MIN_SCALE <= speed <= MAX_SCALE:
            message = N_("speed {speed} is not a number of {minimum} to {maximum}")
            values = {"speed": figure(speed), "minimum": figure(MIN_SCALE), "maximum": figure(MAX_SCALE)}
            raise ValueError(Sentence(message, **values))
        self._speed, self._now, self._loop = speed, now, loop
        self._start = now()

    def now(self) -> float:
        """The time, in this clock's seconds."""
        return self._start + (self._now() - self._start) * self._speed

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call that after so many of this clock's seconds."""
        return self._loop.call_later(delay / self._speed, callback)


def today() -> datetime:
    """The date and time."""
    return datetime.now(UTC)
