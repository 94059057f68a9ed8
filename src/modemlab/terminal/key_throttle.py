"""Keys that come no faster than they are handled: a paste of a megabyte waits where it is, not in this process."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, current_thread, main_thread

from textual.app import App
from textual.driver import Driver
from textual.message import Message

# Keys that may wait to be handled; seconds between two looks; and those after which it goes on all the same.
MAX_WAITING_KEYS, PAUSE, MAX_WAIT_S = 200, 0.002, 1.0


def patient(driver: type[Driver]) -> type[Driver]:
    """A driver of that kind, whose thread reads on only once most of what it has read is handled."""

    class Patient(driver):  # type: ignore[misc, valid-type] # which one it is depends on the system
        _read = 0

        def process_message(self, message: Message) -> None:
            super().process_message(message)
            self._read += 1
            if self._read % MAX_WAITING_KEYS == 0 and current_thread() is not main_thread():
                handled = Event()
                # At the end the loop is closed.
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._when_handled, handled.set)
                    handled.wait(MAX_WAIT_S)

        def _when_handled(self, go_on: Callable[[], object]) -> None:
            if waiting(self._app) > MAX_WAITING_KEYS:
                self._loop.call_later(PAUSE, self._when_handled, go_on)
            else:
                go_on()

    return Patient


def waiting(app: App[None]) -> int:
    """Events that are not handled yet."""
    pumps = (app, *app.screen_stack[-1:], app.focused)
    return sum(pump.message_queue_size for pump in pumps if pump is not None)
