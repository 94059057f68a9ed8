"""A clock that can be put forward, and the timers that go by it."""

import asyncio
from collections.abc import Callable
from operator import attrgetter

from modemlab.clocks.timers import Timer

# Seconds on the wall that servers and hosts are given to answer, each time that something was due.
REAL_PAUSE_S = 0.05
MAX_SKIP_S = 3600.0


class SkippableTimer:
    """A timer that is set: when it is due, what it calls, and whether nobody need be given time behind it."""

    __slots__ = ("_clock", "at", "callback", "timer", "unpaced")

    def __init__(self, clock: "SkippableClock", at: float, callback: Callable[[], None], unpaced: bool) -> None:
        self._clock, self.at, self.callback, self.unpaced = clock, at, callback, unpaced
        self.timer: Timer | None = None

    def cancel(self) -> None:
        """Do not call."""
        self._clock.remove_timer(self)


class SkippableClock:
    """Goes as `now` and the timers of `loop` do, until it is put forward."""

    __slots__ = ("_ahead", "_busy", "_loop", "_now", "_waiting")

    def __init__(self, now: Callable[[], float], loop: asyncio.AbstractEventLoop) -> None:
        self._now, self._loop = now, loop
        self._ahead = 0.0
        self._busy = False
        # In the order in which they were set
        self._waiting: dict[SkippableTimer, None] = {}

    def now(self) -> float:
        """The time."""
        return self._now() + self._ahead

    def call_later(self, delay: float, callback: Callable[[], None], unpaced: bool = False) -> SkippableTimer:
        """Call that after so many of this clock's seconds."""
        waiting = SkippableTimer(self, self.now() + delay, callback, unpaced)
        self._waiting[waiting] = None
        self._set(waiting)
        return waiting

    def remove_timer(self, waiting: SkippableTimer) -> None:
        """Do not call that."""
        self._waiting.pop(waiting, None)
        if waiting.timer is not None:
            waiting.timer.cancel()

    def skip(self, seconds: float) -> None:
        """It is so much later; what was due meanwhile is called next, by the loop."""
        self._ahead += seconds
        for waiting in self._waiting:
            if waiting.timer is not None:
                waiting.timer.cancel()
            self._set(waiting)

    async def advance(self, seconds: float) -> None:
        """Let so many seconds pass, from one timer to the next; servers and hosts have `REAL_PAUSE_S` ahead and behind
        each.

        Timers in a row that are brisk have one for all. Raises RuntimeError if that is going on already.
        """
        if self._busy:
            raise RuntimeError("time is being put forward already")
        self._busy = True
        try:
            until, unpaced = self.now() + seconds, True
            while (left := until - self.now()) > 0:
                first = min(self._waiting, key=attrgetter("at"), default=None)
                before, unpaced = unpaced, first is not None and first.unpaced
                if unpaced or not before:
                    self.skip(left if first is None else min(left, max(first.at - self.now(), 0.0)))
                await asyncio.sleep(0 if unpaced else REAL_PAUSE_S)
        finally:
            self._busy = False

    def _set(self, waiting: SkippableTimer) -> None:
        def call() -> None:
            self._waiting.pop(waiting, None)
            waiting.callback()

        left = waiting.at - self.now()
        waiting.timer = self._loop.call_later(left, call) if left > 0 else self._loop.call_soon(call)


class UnpacedTimers:
    """The timers of a clock behind which nobody need be given time: each is one of many in a row."""

    __slots__ = ("_clock",)

    def __init__(self, clock: SkippableClock) -> None:
        self._clock = clock

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call that after so many of the clock's seconds."""
        return self._clock.call_later(delay, callback, unpaced=True)
