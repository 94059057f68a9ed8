"""A clock that stands still until time is let pass, and the timers that go by it."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

# A timer comes so many seconds late, so that no sum of fractions makes it early; what is due a little later, is due.
TIMER_MARGIN_S, DUE_TOLERANCE_S = 1e-9, 1e-6


class SimulatedTimer:
    """A timer that is set."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Do not call."""
        self.callback = None


class SimulatedClock:
    """Starts at 0 seconds. Timers are called in the order in which they are due, then in which they were set."""

    __slots__ = ("_now", "_number", "_timers")

    def __init__(self) -> None:
        self._now = 0.0
        self._number = count()
        self._timers: list[tuple[float, int, SimulatedTimer]] = []

    def now(self) -> float:
        """The time, in seconds."""
        return self._now

    def call_later(self, delay: float, callback: Callable[[], None]) -> SimulatedTimer:
        """Call that after so many seconds; never from within."""
        due = SimulatedTimer(callback)
        heappush(self._timers, (self._now + (delay + TIMER_MARGIN_S if delay > 0 else 0.0), next(self._number), due))
        return due

    def advance(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let so many seconds pass, from one timer to the next; no more of them once `until` is true."""
        end = self._now + seconds
        while not until():
            while self._timers and self._timers[0][2].callback is None:
                heappop(self._timers)
            if not self._timers or self._timers[0][0] > end + DUE_TOLERANCE_S:
                self._now = max(self._now, end)
                return
            at, _, due = heappop(self._timers)
            self._now = max(self._now, at)
            if due.callback is not None:
                due.callback()
