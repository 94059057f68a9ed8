"""A clock that can be put forward, and the timers that go by it."""

import asyncio
from collections.abc import Callable

from modemlab.net.link import Loop, Timer

# Seconds on the wall that servers are given to answer, each time that something was due.
PAUSE = 0.05
FARTHEST = 3600.0


class Waiting:
    """A timer that is set: when it is due, and what it calls."""

    __slots__ = ("_clock", "at", "callback", "timer")

    def __init__(self, clock: "Steering", at: float, callback: Callable[[], None]) -> None:
        self._clock, self.at, self.callback = clock, at, callback
        self.timer: Timer | None = None

    def cancel(self) -> None:
        """Do not call."""
        self._clock.forget(self)


class Steering:
    """Goes as `now` and the timers of `loop` do, until it is put forward."""

    __slots__ = ("_ahead", "_busy", "_loop", "_now", "_waiting")

    def __init__(self, now: Callable[[], float], loop: Loop) -> None:
        self._now, self._loop = now, loop
        self._ahead = 0.0
        self._busy = False
        # In the order in which they were set
        self._waiting: dict[Waiting, None] = {}

    def now(self) -> float:
        """The time."""
        return self._now() + self._ahead

    def call_later(self, delay: float, callback: Callable[[], None]) -> Waiting:
        """Call that after so many of this clock's seconds."""
        waiting = Waiting(self, self.now() + delay, callback)
        self._waiting[waiting] = None
        self._set(waiting)
        return waiting

    def forget(self, waiting: Waiting) -> None:
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
        """Let so many seconds pass, from one timer to the next, and give servers `PAUSE` behind each.

        Raises RuntimeError if that is going on already.
        """
        if self._busy:
            raise RuntimeError("time is being put forward already")
        self._busy = True
        try:
            until = self.now() + seconds
            while (left := until - self.now()) > 0:
                due = min((waiting.at for waiting in self._waiting), default=until)
                self.skip(min(left, max(due - self.now(), 0.0)))
                await asyncio.sleep(PAUSE)
        finally:
            self._busy = False

    def _set(self, waiting: Waiting) -> None:
        def call() -> None:
            self._waiting.pop(waiting, None)
            waiting.callback()

        waiting.timer = self._loop.call_later(max(waiting.at - self.now(), 0.0), call)
