"""Many timers on one of the loop's."""

import asyncio
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.clocks.loop_timers import MIN_KEPT, LoopTimers, loop_timers
from modemlab.clocks.timers import TimerLoop


class StillLoop(asyncio.SelectorEventLoop):
    """A loop whose time is what `run_to` makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def time(self) -> float:
        return self.at

    def run_to(self, at: float) -> None:
        """Let it be that time, and all that is due come."""
        self.at = at

        async def rounds() -> None:
            for _ in range(3):
                await asyncio.sleep(0)

        self.run_until_complete(rounds())


DELAYS = st.integers(0, 20).map(float)


@given(st.lists(st.tuples(DELAYS, st.booleans()), max_size=2 * MIN_KEPT + 5), st.lists(DELAYS, max_size=5).map(sorted))
def test_they_come_as_the_loops_own(timers: list[tuple[float, bool]], stops: list[float]) -> None:
    """Any timers, some of them cancelled: by any time those have come that would have come of the loop itself."""
    loop = StillLoop()
    try:
        told: tuple[list[tuple[float, int]], list[tuple[float, int]]] = ([], [])
        clocks: tuple[TimerLoop, TimerLoop] = (LoopTimers(loop), loop)

        def note(kept: list[tuple[float, int]], number: int) -> None:
            kept.append((loop.at, number))

        for number, (delay, cancelled) in enumerate(timers):
            for kept, clock in zip(told, clocks, strict=True):
                timer = clock.call_later(delay, partial(note, kept, number))
                if cancelled:
                    timer.cancel()
        for stop in stops:
            loop.run_to(stop)
            assert sorted(told[0]) == sorted(told[1])
    finally:
        loop.close()


def test_an_error_leaves_the_others() -> None:
    """It goes to the loop's handler; what is due then, and what is set from within, comes all the same."""
    loop, told, errors = StillLoop(), [], []

    def fail() -> None:
        timers.call_later(0.0, lambda: told.append("set within"))
        raise ValueError("no")

    def keep(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        errors.append(repr(context["exception"]))

    loop.set_exception_handler(keep)
    try:
        timers = LoopTimers(loop)
        timers.call_later(1.0, fail)
        timers.call_later(2.0, lambda: told.append("later"))
        loop.run_to(2.0)
        loop.run_to(3.0)
        assert errors == ["ValueError('no')"]
        assert sorted(told) == ["later", "set within"]
    finally:
        loop.close()


def test_cancelled_ones_do_not_pile_up() -> None:
    loop = StillLoop()
    try:
        timers = LoopTimers(loop)
        for _ in range(10 * MIN_KEPT):
            timers.call_later(1.0, pytest.fail).cancel()
        assert len(timers._timers) <= MIN_KEPT
        loop.run_to(1.0)
        assert timers._timers == []
    finally:
        loop.close()


def test_a_loop_has_one_and_another_loop_another() -> None:
    first, second = StillLoop(), StillLoop()
    try:
        timers = loop_timers(first)
        assert loop_timers(first) is timers
        assert loop_timers(second).loop is second
    finally:
        first.close()
        second.close()
