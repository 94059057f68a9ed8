"""The clocks of a virtual module: its own, and that of its line."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from modemlab.clocks.loop_timers import loop_timers
from modemlab.clocks.scaled import ScaledClock
from modemlab.clocks.timers import TimerLoop

if TYPE_CHECKING:
    from modemlab.clocks.simulated import SimulatedClock
    from modemlab.clocks.skippable import SkippableClock


class ModuleClock(NamedTuple):
    """The module's time in seconds and its timers, the same of its line, and what puts both forward, if anything."""

    now: Callable[[], float]
    loop: TimerLoop
    line_now: Callable[[], float]
    line_loop: TimerLoop
    skippable_clock: "SkippableClock | None"


def module_clock(
    now: Callable[[], float], speed: float, skippable: bool, timeline: "SimulatedClock | None"
) -> ModuleClock:
    """The clocks of a module that goes by `now` and the running event loop, or by a `timeline` in memory.

    The line goes by the real clock, put forward or not; all else `speed` times as fast. Raises ValueError for a bad
    speed.
    """
    loop: TimerLoop
    steering: SkippableClock | None = None
    line_loop: TimerLoop | None = None
    if timeline is not None:
        now, loop = timeline.now, timeline
    elif skippable:
        from modemlab.clocks import skippable as skip  # noqa: PLC0415 (few modules have one)

        steering = loop = skip.SkippableClock(now, asyncio.get_running_loop())
        now, line_loop = steering.now, skip.UnpacedTimers(steering)
    else:
        loop = loop_timers(asyncio.get_running_loop())
    line_now, line_loop = now, line_loop or loop
    if speed != 1.0:
        loop = clock = ScaledClock(speed, now, loop)
        now = clock.now
    return ModuleClock(now, loop, line_now, line_loop, steering)
