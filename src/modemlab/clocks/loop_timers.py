"""Timers of an event loop, of which the loop itself sees one."""

import asyncio
import threading
from collections.abc import Callable
from heapq import heapify, heappop, heappush

# So many timers may be kept before cancelled ones are looked for.
MIN_KEPT = 64

_found = threading.local()


class LoopTimer:
    """A timer that is set: when it comes, by the loop's time; no callback once it came or is cancelled."""

    __slots__ = ("at", "callback")

    def __init__(self, at: float, callback: Callable[[], None]) -> None:
        self.at = at
        self.callback: Callable[[], None] | None = callback

    def __lt__(self, other: "LoopTimer") -> bool:
        return self.at < other.at

    def cancel(self) -> None:
        """Do not call."""
        self.callback = None


class LoopTimers:
    """Timers on one timer of the loop, in a third of the room: asyncio's have a context each.

    An error of a callback goes to the loop's exception handler; the other timers come all the same.
    """

    __slots__ = ("_handle", "_most", "_timers", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._timers: list[LoopTimer] = []
        self._most = MIN_KEPT
        self._handle: asyncio.TimerHandle | None = None

    def call_later(self, delay: float, callback: Callable[[], None]) -> LoopTimer:
        """Call that after so many seconds; never from within. In the loop's thread alone."""
        timer = LoopTimer(self.loop.time() + delay, callback)
        if len(self._timers) >= self._most:
            self._timers = [each for each in self._timers if each.callback is not None]
            heapify(self._timers)
            self._most = max(MIN_KEPT, 2 * len(self._timers))
        heappush(self._timers, timer)
        self._arm()
        return timer

    def _arm(self) -> None:
        """Have the loop's timer come no later than the first of these."""
        if not self._timers:
            return
        first = self._timers[0].at
        if self._handle is not None:
            if self._handle.when() <= first:
                return
            self._handle.cancel()
        self._handle = self.loop.call_at(first, self._come)

    def _come(self) -> None:
        """The loop's timer came."""
        self._handle = None
        now = self.loop.time()
        try:
            while self._timers and self._timers[0].at <= now:
                timer = heappop(self._timers)
                if timer.callback is not None:
                    callback, timer.callback = timer.callback, None
                    callback()
        finally:
            self._arm()


def loop_timers(loop: asyncio.AbstractEventLoop) -> LoopTimers:
    """The timers of a loop, which all that runs on it shares; called in its thread."""
    found: LoopTimers | None = getattr(_found, "timers", None)
    if found is None or found.loop is not loop:
        found = _found.timers = LoopTimers(loop)
    return found
