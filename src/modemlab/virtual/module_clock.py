"""The clocks of a virtual module: its own, and that of its line."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from modemlab.clocks.scaled import Clock
from modemlab.clocks.simulated import Timeline
from modemlab.clocks.skippable import Brisk, Steering
from modemlab.clocks.timers import Loop


class ModuleClock(NamedTuple):
    """The module's time in seconds and its timers, the same of its line, and what puts both forward, if anything."""

    now: Callable[[], float]
    loop: Loop
    line_now: Callable[[], float]
    line_loop: Loop
    steering: Steering | None


def module_clock(now: Callable[[], float], speed: float, steered: bool, timeline: Timeline | None) -> ModuleClock:
    """The clocks of a module that goes by `now` and the running event loop, or by a `timeline` in memory.

    The line goes by the real clock, put forward or not; all else `speed` times as fast. Raises ValueError for a bad
    speed.
    """
    loop: Loop
    steering = None
    if timeline is not None:
        now, loop = timeline.now, timeline
    elif steered:
        steering = loop = Steering(now, asyncio.get_running_loop())
        now = steering.now
    else:
        loop = asyncio.get_running_loop()
    line_now, line_loop = now, loop if steering is None else Brisk(steering)
    if speed != 1.0:
        loop = clock = Clock(speed, now, loop)
        now = clock.now
    return ModuleClock(now, loop, line_now, line_loop, steering)
