"""An event loop of asyncio on a clock that stands still: when nothing is left to do, it is put forward."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from selectors import SelectorKey, SelectSelector
from typing import Any, TypeVar, TypeVarTuple

from modemlab.clocks.simulated import SimulatedClock
from modemlab.text.number_format import figure

T = TypeVar("T")
Given = TypeVarTuple("Given")


def run(work: Coroutine[Any, Any, T], timeline: SimulatedClock, within: float) -> T:
    """Run that to its end while time passes as it waits, at most so many seconds of the timeline.

    Raises AssertionError when they are over. Threads and sockets are not waited for.
    """
    __tracebackhide__ = True
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(timeline)) as runner:
        return runner.run(limited(work, within))


async def limited(work: Coroutine[Any, Any, T], within: float) -> T:
    """That, unless it takes too long."""
    __tracebackhide__ = True
    try:
        async with asyncio.timeout(within) as limit:
            return await work
    except TimeoutError:
        if limit.expired():
            raise AssertionError(f"it is not over after {figure(within)} s") from None
        raise


class SimulatedLoop(asyncio.SelectorEventLoop):
    """The loop. Its timers and those of the timeline come in the order in which they are due."""

    def __init__(self, timeline: SimulatedClock) -> None:
        self.timeline = timeline
        # Whether there is something to do.
        self.stirred = False
        super().__init__(IdleSelector(self))

    def time(self) -> float:
        """The timeline's."""
        return self.timeline.now()

    def call_soon(
        self, callback: Callable[[*Given], object], *args: *Given, context: Context | None = None
    ) -> asyncio.Handle:
        """Do that next."""
        self.stirred = True
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Given], object], *args: *Given, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Do that then, which may be earlier than all else."""
        self.stirred = True
        return super().call_at(when, callback, *args, context=context)


class IdleSelector(SelectSelector):
    """What the loop waits by: it lets time pass instead."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """What has come; time passes until something happens, `timeout` seconds at most. None is at the loop's end."""
        if timeout is None:
            return super().select(None)
        loop = self._loop
        loop.stirred = False
        ready = super().select(0)
        loop.timeline.advance(0.0 if ready else max(0.0, timeout), lambda: loop.stirred)
        return ready
