"""Timers of a clock: that of an event loop, or a module's own."""

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """What `TimerLoop.call_later` gives."""

    def cancel(self) -> None:
        """Do not call."""


class TimerLoop(Protocol):
    """What sets timers; asyncio's event loops do."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call that after so many seconds."""
