"""A terminal whose window is closed: the program ends in good order, and gives its port back."""

import select
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

from textual.driver import Driver


class SignalSafe:
    """A screen that may go away: what is written to it then is lost, and whoever writes is not held up."""

    def __init__(self, file: Any) -> None:
        """Write to that file while it is there."""
        self._file = file

    def write(self, text: str) -> int:
        """Write a text; its length."""
        with suppress(OSError, ValueError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Have it shown."""
        with suppress(OSError, ValueError):
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        """All else is the file's."""
        return getattr(self._file, name)


def lasting(driver: type[Driver]) -> type[Driver]:
    """A driver of that kind which outlives its screen: its thread that writes would end, and then all wait for it."""

    class Outlives(driver):  # type: ignore[misc, valid-type] # which one it is depends on the system
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._file: Any = SignalSafe(self._file)

    return Outlives


def when_gone(descriptor: int, call: Callable[[], object]) -> None:
    """Call that, on a thread of its own, once the terminal has hung up; where the system does not tell, never."""
    poll = getattr(select, "poll", None)
    if poll is None:
        return
    watch = poll()
    watch.register(descriptor, 0)

    def wait() -> None:
        # Some systems cannot watch a terminal and say so at once, by another event than these.
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in watch.poll()):
            with suppress(RuntimeError):  # the event loop is over
                call()

    Thread(target=wait, daemon=True).start()
