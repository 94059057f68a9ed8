"""Writing to a device that does not block, within bounds: what a pty and a serial port have in common."""

import asyncio
import os
from collections.abc import Callable

from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES

CHUNK_BYTES = 4096


class WriteBuffer:
    """What is written to a file descriptor that does not block; what does not fit is kept, up to `MAX_UNREAD_BYTES`
    bytes.

    `regulated` is called whenever `congested` has changed: more than `CONGESTED_BYTES` bytes wait, or a quarter of that
    again. An end of the device is for its reader to find.
    """

    __slots__ = ("_fd", "_loop", "_regulated", "congested", "rest")

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int, regulated: Callable[[], None]) -> None:
        """Write to `fd`, whose owner closes it, after `clear`."""
        self._loop, self._fd, self._regulated = loop, fd, regulated
        self.rest = bytearray()
        self.congested = False

    @property
    def waiting(self) -> int:
        """How many bytes wait."""
        return len(self.rest)

    def write(self, data: bytes) -> None:
        """Write what can be written now; a write that would make more than `MAX_UNREAD_BYTES` wait is dropped whole."""
        if self.rest:
            if len(self.rest) + len(data) <= MAX_UNREAD_BYTES:
                self.rest += data
                self._regulate()
            return
        try:
            written = os.write(self._fd, data)
        except BlockingIOError:
            written = 0
        except OSError:
            return
        if written < len(data):
            self.rest += data[written : written + MAX_UNREAD_BYTES]
            self._loop.add_writer(self._fd, self._writable)
            self._regulate()

    def clear(self) -> None:
        """Forget what waits, without a word, and stop waiting for the device."""
        if self.rest:
            self._loop.remove_writer(self._fd)
            self.rest.clear()
        self.congested = False

    def _writable(self) -> None:
        """The device takes more."""
        try:
            written = os.write(self._fd, self.rest[:CHUNK_BYTES])
        except BlockingIOError:
            return
        except OSError:
            written = len(self.rest)
        del self.rest[:written]
        if not self.rest:
            self._loop.remove_writer(self._fd)
        self._regulate()

    def _regulate(self) -> None:
        """Tell of a device that takes little, and again when it has caught up."""
        congested = len(self.rest) > (CONGESTED_BYTES // 4 if self.congested else CONGESTED_BYTES)
        if congested != self.congested:
            self.congested = congested
            self._regulated()
