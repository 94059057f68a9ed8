"""The terminal without a screen, for pipes and for screen readers: lines in, lines with their words out."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase
from threading import Semaphore, Thread

from modemlab.at.dialect import Dialect
from modemlab.at.parameters import to_text
from modemlab.ports.dial import HostLine, dial
from modemlab.terminal.conversation import CTRL_Z, ESC, Entry
from modemlab.terminal.macros import LONGEST_FILE
from modemlab.terminal.rendering import plain
from modemlab.terminal.session import Session
from modemlab.terminal.texts import Language

# Seconds that a port has to be opened; of silence that end a session whose input has ended, and until it ends anyhow.
OPENING, QUIET, LAST = 5.0, 0.3, 3.0
# Lines that were read and wait to be sent, and bytes that are read at once.
AHEAD, CHUNK = 100, 1 << 16


class Plain:
    """A session on lines. `say` prints some; `patient`: each waits until the one before it is answered."""

    def __init__(
        self, port: str, dialect: Dialect | None, language: Language, masked: bool, say: Callable[[str], None]
    ) -> None:
        """Begin with a closed port."""
        self.session = Session(port, dialect, language, self._show, self._act, masked)
        self._language, self._say = language, say
        self._line: HostLine | None = None
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._over = False
        self.lost = ""
        self.failed = False

    async def open(self, baud: int) -> None:
        """Open the port. Raises OSError or ValueError with one line."""
        self._line = await dial(self.session.port, self._received, self._ended, baud=baud, timeout=OPENING)
        self.session.opened(self._line.write)
        self._touch()

    async def serve(self, source: RawIOBase, patient: bool, save: str = "") -> None:
        """Take lines until they end, the port is lost, or `:quit`."""
        lines = Lines(source)
        try:
            while not self._over and not self.lost:
                if patient or not self.session.known:
                    await self._until(lambda: not self.session.busy)
                text = await self._next(lines)
                if text is None:
                    break
                self._enter(text)
            if not self._over:
                await self._until(lambda: not self.session.busy)
                with suppress(TimeoutError):
                    until = self._loop.time() + LAST
                    while not self.lost and self._loop.time() < until:
                        await asyncio.wait_for(self._change(), QUIET)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            if self._line is not None:
                self._line.close()
            if save and not self.session.save(save):
                self.failed = True

    def _enter(self, text: str) -> None:
        """A line; one that ends in Ctrl-Z or Esc is that key behind the line."""
        end = text[-1:].encode("utf-8", "surrogateescape")
        if end in (CTRL_Z, ESC):
            self.session.control(end, text[:-1])
        elif not self.session.entered(text):
            self.failed = True
        self._touch()

    async def _next(self, lines: "Lines") -> str | None:
        """The next line; None at the end, or when the port is lost meanwhile."""
        reading = asyncio.ensure_future(lines.get())
        while not reading.done() and not self.lost:
            await asyncio.wait((reading, self._change()), return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            return reading.result()
        reading.cancel()
        return None

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, or for the port to be lost."""
        while not condition() and not self.lost and not self._over:
            await self._change()

    def _change(self) -> "asyncio.Future[None]":
        """Done once something happens from here on."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append(waiter)
        return waiter

    def _touch(self) -> None:
        """Something has happened: be called again in time, and tell whoever waits for it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.session.deadline()
        if due is not None:
            self._timer = self._loop.call_later(max(0.0, due - self.session.now()), self._tick)
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _tick(self) -> None:
        """Time has passed."""
        self.session.tick()
        self._touch()

    def _show(self, entry: Entry) -> None:
        """Print an entry."""
        self.failed = self.failed or entry.good is False
        self._say(plain(entry, self._language, self.session.form))

    def _act(self, what: str) -> None:
        """What a screen would do."""
        self._over = self._over or what == "quit"

    def _received(self, data: bytes) -> None:
        self.session.received(data)
        self._touch()

    def _ended(self, reason: str) -> None:
        self.lost = reason
        self.session.lost(reason)
        self._touch()


class Lines:
    """The lines of a file, read on a thread: where it blocks nothing else has to wait."""

    def __init__(self, source: RawIOBase) -> None:
        """Begin to read."""
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = Semaphore(AHEAD)
        Thread(target=self._read, daemon=True).start()

    async def get(self) -> str | None:
        """The next line without its end; None behind the last."""
        line = await self._lines.get()
        self._room.release()
        return line

    def _read(self) -> None:
        """Read on: the thread."""
        rest: bytes | None = b""
        while rest is not None:
            try:
                data = self._source.read(CHUNK)
            except (OSError, ValueError):
                data = b""
            *lines, last = (rest + (data or b"")).split(b"\n")
            if not data and last:
                lines.append(last)
            rest = last if data else None
            if rest is not None and len(rest) > LONGEST_FILE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._put(to_text(line.rstrip(b"\r")))
        self._put(None)

    def _put(self, text: str | None) -> None:
        """Hand over a line, once there is room."""
        self._room.acquire()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, text)


def standard_input() -> RawIOBase | None:
    """The process's input, unbuffered: a buffer has a lock, on which the end of the process would founder while a
    thread waits for input. None when there is none.
    """
    return None if sys.stdin is None else getattr(sys.stdin.buffer, "raw", None)
