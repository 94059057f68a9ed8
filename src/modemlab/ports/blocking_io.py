"""A line whose reads and writes block, on two threads: where no event loop can wait for it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Event, Semaphore, Thread

from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES, Received

CHUNK_BYTES = 4096
# Chunks that were read and wait for the event loop; then the reader waits.
MAX_CHUNKS_AHEAD = 16


class Threads:
    """Reads and writes for a port, which is told on its event loop.

    `read` blocks for a time of its own choice; it returns what came, None for nothing yet, and b"" at the end,
    which an OSError is too. `write` blocks until all is written, or raises OSError. `received` is handed what
    came, `ended` is called once, at the end of either, and `regulated` whenever `congested` has changed.
    """

    def __init__(
        self,
        read: Callable[[], bytes | None],
        write: Callable[[bytes], object],
        received: Received,
        ended: Callable[[], None],
        regulated: Callable[[], None],
    ) -> None:
        """Start both threads, within a running event loop. They end with the process, or after `close`."""
        self._loop = asyncio.get_running_loop()
        self._read, self._write = read, write
        self._received, self._ended, self._regulated = received, ended, regulated
        self._rest = bytearray()
        self._written: Callable[[], None] | None = None
        self._something = Condition()
        self._room = Semaphore(MAX_CHUNKS_AHEAD)
        self._free = Event()
        self._free.set()
        self._over = False
        self.closed = self.congested = False
        self._threads = [Thread(target=work, daemon=True) for work in (self._read_on, self._write_on)]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many bytes wait, or are being written."""
        return len(self._rest)

    def write(self, data: bytes) -> None:
        """Leave this to the thread; a write that would make more than `MAX_UNREAD_BYTES` bytes wait is dropped as a
        whole.
        """
        with self._something:
            if self.closed or (self._rest and len(self._rest) + len(data) > MAX_UNREAD_BYTES):
                return
            self._rest += data
            self._something.notify()
        self._regulate()

    def hold(self, held: bool) -> None:
        """Read nothing more while held; what was read by then, `MAX_CHUNKS_AHEAD` chunks at most and one, is still
        handed over.
        """
        (self._free.clear if held else self._free.set)()

    def finish(self, written: Callable[[], None]) -> None:
        """Call `written` as soon as nothing waits to be written."""
        with self._something:
            if self._rest and not self.closed:
                self._written = written
                return
        written()

    def close(self, seconds: float = 0.0) -> None:
        """Read and write no more; wait that long at most for each thread to end."""
        with self._something:
            self.closed = True
            self._rest.clear()
            self._something.notify()
        self._room.release()
        self._free.set()
        self.congested = False
        if seconds:
            for thread in self._threads:
                thread.join(seconds)

    # on the threads

    def _read_on(self) -> None:
        """Hand over what comes, until the end."""
        data: bytes | None = None
        while not self.closed and data != b"":
            self._free.wait()
            try:
                data = self._read()
            except OSError:
                data = b""
            if data:
                self._post(self._hear, data)
                self._room.acquire()
        self._post(self._end)

    def _write_on(self) -> None:
        """Write what waits, until the end."""
        while True:
            with self._something:
                while not self._rest and not self.closed:
                    self._something.wait()
                if self.closed:
                    return
                part = bytes(self._rest[:CHUNK_BYTES])
            try:
                self._write(part)
            except OSError:
                self._post(self._end)
                return
            with self._something:
                del self._rest[: len(part)]
            self._post(self._wrote)

    def _post(self, call: Callable[..., None], *arguments: bytes) -> None:
        """Call this on the event loop, if it still runs."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    # on the event loop

    def _hear(self, data: bytes) -> None:
        """Something came."""
        self._room.release()
        if not self.closed:
            self._received(data)

    def _end(self) -> None:
        """The line has ended; whoever waits for the rest to be written waits no longer if that was why."""
        if not self.closed and not self._over:
            self._over = True
            self._ended()

    def _wrote(self) -> None:
        """Something was written."""
        self._regulate()
        written = self._written
        if written is not None and not self._rest:
            self._written = None
            written()

    def _regulate(self) -> None:
        """Tell of a line that takes little, and again when it has caught up."""
        congested = not self.closed and len(self._rest) > (CONGESTED_BYTES // 4 if self.congested else CONGESTED_BYTES)
        if congested != self.congested:
            self.congested = congested
            self._regulated()
