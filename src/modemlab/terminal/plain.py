"""The terminal without a screen, for pipes and for screen readers: lines in, lines with their words out."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase
from threading import Semaphore, Thread

from modemlab.at.parameters import to_text
from modemlab.dialect.dialect import Dialect
from modemlab.terminal import paste_dialog
from modemlab.terminal.conversation import CTRL_Z, ESC, LogEntry
from modemlab.terminal.macros import MAX_FILE_CHARACTERS
from modemlab.terminal.paste_script import MAX_LINES as MOST_PASTED
from modemlab.terminal.rendering import plain
from modemlab.terminal.session import TerminalSession
from modemlab.terminal.session_port import SessionPort
from modemlab.text.language import Language

# Seconds of silence that end a session whose input has ended, and until it ends anyhow.
SILENCE_S, FINAL_TIMEOUT_S = 0.3, 3.0
# Seconds between two lines of a paste at most; and for which a port that was lost is tried again while a pipe waits.
PASTE_GAP_S, REOPEN_TIMEOUT_S = 0.05, 20.0
# How a terminal marks what is pasted, if it was told to.
BEGINS, ENDS = "\x1b[200~", "\x1b[201~"
# Lines that were read and wait to be sent, and bytes that are read at once.
MAX_LINES_AHEAD, CHUNK_BYTES = 100, 1 << 16


class PlainTerminal:
    """A session on lines. `say` prints some; `patient`: each waits until the one before it is answered."""

    def __init__(
        self, port: str, dialect: Dialect | None, language: Language, masked: bool, say: Callable[[str], None]
    ) -> None:
        """Begin with a closed port."""
        self.session = TerminalSession(port, dialect, language, self._show, self._act, masked)
        self._language, self._say = language, say
        self._opening: SessionPort | None = None
        self._reopening: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._over = False
        self.lost = False
        self.failed = False

    async def open(self, baud: int) -> None:
        """Open the port. Raises OSError or ValueError with one line."""
        self._opening = SessionPort(self.session, baud, self._touch)
        await self._opening.open()

    async def serve(self, source: RawIOBase, patient: bool, save: str = "") -> None:
        """Take lines until they end, the port is lost for good, or `:quit`."""
        lines = InputLines(source)
        if self._opening is not None and patient:
            self._opening.patience = REOPEN_TIMEOUT_S
        try:
            while not self._ended:
                if patient or not self.session.known:
                    await self._until(lambda: not self.session.busy and self.session.write is not None)
                text = await self._next(lines)
                if text is None:
                    break
                self._take([text] if patient else await self._pasted(lines, text))
            if not self._over:
                await self._until(lambda: not self.session.busy)
                with suppress(TimeoutError):
                    until = self._loop.time() + FINAL_TIMEOUT_S
                    while self.session.write is not None and self._loop.time() < until:
                        await asyncio.wait_for(self._change(), SILENCE_S)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            if self.session.write is None:
                self.lost = True
            if self._opening is not None:
                self._opening.close()
            self.session.close()
            if save and not self.session.transcript.save(save):
                self.failed = True

    @property
    def _ended(self) -> bool:
        """Whether it is over."""
        if self._opening is not None and self._opening.lost is not None:
            self.lost = True
        return self._over or self.lost

    def _take(self, lines: list[str]) -> None:
        """Lines that came at once: of several that say something it is asked."""
        full = [line for line in lines if line.strip()]
        if len(full) > 1:
            paste_dialog.paste(self.session, lines)
            lines = full[:1] if len(full) > MOST_PASTED else []
        for line in lines:
            self._enter(line)
        self._touch()

    def _enter(self, text: str) -> None:
        """A line; one that ends in Ctrl-Z or Esc is that key behind the line."""
        text = text.removeprefix(BEGINS).removesuffix(ENDS)
        end = text[-1:].encode("utf-8", "surrogateescape")
        taken = self.session.control(end, text[:-1]) if end in (CTRL_Z, ESC) else self.session.entered(text)
        if not taken:
            self.failed = True
        self._touch()

    async def _pasted(self, lines: "InputLines", first: str) -> list[str]:
        """The first line, and those that were pasted with it: they came in no time behind it."""
        found, marked = [first.removeprefix(BEGINS)], first.startswith(BEGINS)
        while not (marked and ENDS in found[-1]) and len(found) <= MOST_PASTED:
            more = await lines.soon(None if marked else PASTE_GAP_S)
            if more is None:
                break
            found.append(more)
        found[-1] = found[-1].partition(ENDS)[0] if marked else found[-1]
        return found

    async def _next(self, lines: "InputLines") -> str | None:
        """The next line; None at the end, or when the port is lost for good meanwhile."""
        reading = asyncio.ensure_future(lines.get())
        while not reading.done() and not self._ended:
            await asyncio.wait((reading, self._change()), return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            return reading.result()
        reading.cancel()
        return None

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, or for the port to be lost."""
        while not condition() and not self._ended:
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

    def _show(self, entry: LogEntry) -> None:
        """Print an entry."""
        self.failed = self.failed or entry.good is False
        self._say(plain(entry, self._language, self.session.form))

    def _act(self, what: str) -> None:
        """What a screen would do."""
        self._over = self._over or what == "quit"
        if what == "open" and self._opening is not None:
            self._reopening = asyncio.ensure_future(self._opening.reopen())


class InputLines:
    """The lines of a file, read on a thread: where it blocks nothing else has to wait."""

    def __init__(self, source: RawIOBase) -> None:
        """Begin to read."""
        self._source = source
        self._loop = asyncio.get_running_loop()
        # Each with when it was read.
        self._lines: asyncio.Queue[tuple[str | None, float]] = asyncio.Queue()
        self._kept: tuple[str | None, float] | None = None
        self._latest = 0.0
        self._room = Semaphore(MAX_LINES_AHEAD)
        Thread(target=self._read, daemon=True).start()

    async def get(self) -> str | None:
        """The next line without its end; None behind the last."""
        text, self._latest = await self._take()
        return text

    async def soon(self, seconds: float | None) -> str | None:
        """The next line, if it comes within so many seconds of the latest; None without limit."""
        try:
            self._kept = await asyncio.wait_for(self._take(), seconds)
        except TimeoutError:
            return None
        text, read = self._kept
        if text is None or (seconds is not None and read - self._latest > seconds):
            return None
        self._kept, self._latest = None, read
        return text

    async def _take(self) -> tuple[str | None, float]:
        """What was read next."""
        kept, self._kept = self._kept, None
        if kept is not None:
            return kept
        line = await self._lines.get()
        self._room.release()
        return line

    def _read(self) -> None:
        """Read on: the thread."""
        rest: bytes | None = b""
        while rest is not None:
            try:
                data = self._source.read(CHUNK_BYTES)
            except (OSError, ValueError):
                data = b""
            *lines, last = (rest + (data or b"")).split(b"\n")
            if not data and last:
                lines.append(last)
            rest = last if data else None
            if rest is not None and len(rest) > MAX_FILE_CHARACTERS:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._put(to_text(line.rstrip(b"\r")))
        self._put(None)

    def _put(self, text: str | None) -> None:
        """Hand over a line, once there is room."""
        self._room.acquire()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, (text, time.monotonic()))


def standard_input() -> RawIOBase | None:
    """The process's input, unbuffered: a buffer has a lock, on which the end of the process would founder while a
    thread waits for input. None when there is none.
    """
    return None if sys.stdin is None else getattr(sys.stdin.buffer, "raw", None)
