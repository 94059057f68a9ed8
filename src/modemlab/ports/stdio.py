"""The process's own stdin and stdout as a port, for whoever starts it with the line in its hands.

Whatever else the process has to print goes elsewhere: that is for its owner to see to.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable

from modemlab.ports.blocking_io import CHUNK_BYTES, Threads
from modemlab.ports.port import Changed, Received

STDIN, STDOUT = 0, 1
# Seconds between two attempts at a file that was set not to block by whoever shares it.
RETRY_INTERVAL_S = 0.02
# Seconds that the last bytes have to be written, after the end of the input.
FINAL_WRITE_TIMEOUT_S = 1.0


class StdioPort:
    """A line on stdin and stdout; pipes, files, sockets and terminals do, and there is one at most in a process.

    The end of stdin, or a stdout that nobody reads any more, is a host that has left for good: `on_end` is
    called once what was said is written. A terminal hands over each key as it is typed, without an echo of its
    own; Ctrl-C still interrupts.
    """

    __slots__ = ("_changed", "_end_timer", "_received", "_restore", "_threads", "on_end", "taken", "url")

    def __init__(self, received: Received, changed: Changed) -> None:
        """Make a port that is not open yet."""
        self._received, self._changed = received, changed
        self._threads: Threads | None = None
        self._restore: Callable[[], None] | None = None
        self._end_timer: asyncio.TimerHandle | None = None
        self.on_end: Callable[[], None] | None = None
        self.taken = False
        self.url = "stdio"

    @property
    def congested(self) -> bool:
        """Whether stdout is read so slowly that no more should be said for now."""
        return self._threads is not None and self._threads.congested

    async def open(self) -> None:
        """Begin to read. Raises OSError when stdin or stdout is closed."""
        if sys.__stdin__ is None or sys.__stdout__ is None:
            raise OSError("stdin or stdout is closed")
        if os.isatty(STDIN):
            self._restore = quiet_terminal()
        self._threads = Threads(read, write, self._received, self._ended, self._regulated)
        self.taken = True
        self._changed(self)

    def write(self, data: bytes) -> None:
        """Say this on stdout, which may be read when stdin has ended."""
        if self._threads is not None:
            self._threads.write(data)

    def hold(self, held: bool) -> None:
        """Read nothing from stdin while held."""
        if self._threads is not None:
            self._threads.hold(held)

    def close(self) -> None:
        """Read and write no more."""
        if self._end_timer is not None:
            self._end_timer.cancel()
            self._end_timer = None
        if self._threads is not None:
            self._threads.close()
            self._threads = None
        if self._restore is not None:
            self._restore()
            self._restore = None
        self.taken = False

    def _ended(self) -> None:
        """The host has left; what was said to it is still on its way."""
        self.taken = False
        self._changed(self)
        if self._threads is not None:
            self._end_timer = asyncio.get_running_loop().call_later(FINAL_WRITE_TIMEOUT_S, self._finished)
            self._threads.finish(self._finished)

    def _finished(self) -> None:
        """All is written, or could not be."""
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end()

    def _regulated(self) -> None:
        """Stdout is read slowly, or has caught up."""
        self._changed(self)


def read() -> bytes | None:
    """What comes on stdin; empty at its end."""
    try:
        return os.read(STDIN, CHUNK_BYTES)
    except BlockingIOError:
        time.sleep(RETRY_INTERVAL_S)
        return None


def write(data: bytes) -> None:
    """Write all of it to stdout. Raises OSError when nobody reads it."""
    while data:
        try:
            data = data[os.write(STDOUT, data) :]
        except BlockingIOError:
            time.sleep(RETRY_INTERVAL_S)


def quiet_terminal() -> Callable[[], None] | None:
    """Have the terminal on stdin pass keys on as they are; what puts it back, where there are such terminals."""
    try:
        from modemlab.ports.pty import raw_terminal  # noqa: PLC0415 (Unix alone has what it imports)
    except ImportError:
        return None
    return raw_terminal(STDIN)
