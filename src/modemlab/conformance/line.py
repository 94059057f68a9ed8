"""A line to a module for who asks and waits, and reads every byte: what nobody asked for is taken out."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from modemlab.at.errors import LineError
from modemlab.at.line_patterns import LinePatterns
from modemlab.dialect.dialect import Dialect
from modemlab.driver.protocol.digester import final_of, urcs_of
from modemlab.driver.sync import LoopThread
from modemlab.ports.error_texts import words_of
from modemlab.ports.host_connection import HostLine, dial
from modemlab.ports.memory import MemoryPort
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence

END = b"\r\n"
# Seconds for opening a port, for one answer to AT while the line is brought into step, and of those in all.
OPEN_TIMEOUT_S = 10.0
PROBE_TIMEOUT_S = 1.0
MAX_PROBES = 5
# What a module says that does not end as lines do: a prompt, and a result code as a number.
NO_LINE_END = re.compile(rb"(?:\r\n)?> ?|[0-9]{1,2}\r")
OK_LINES = (b"OK\r\n", b"0\r")
# What ends data that a module may still be waiting for.
ESCAPE = b"\x1b"


class SyncLine:
    """An open line; close it. `alive` says whether the module has answered lately."""

    def __init__(self, loop: LoopThread, port: str | MemoryPort, dialect: Dialect, baud: int) -> None:
        """Open the port. Raises `LineError`."""
        self._loop = loop
        self._shapes = LinePatterns(urcs_of(dialect))
        self._spared = ""
        # What came; None is the line's end.
        self._heard: SimpleQueue[bytes | None] = SimpleQueue()
        self._raw = b""
        self._gone: Reason | None = None
        self.alive = True
        try:
            self._line: HostLine = loop.run(dial(port, self._heard.put, self._ended, baud=baud, timeout=OPEN_TIMEOUT_S))
        except (OSError, ValueError) as error:
            raise LineError(words_of(error)) from None

    def close(self) -> None:
        """Give the port up."""
        self._loop.run(self._close())

    async def _close(self) -> None:
        self._line.close()

    def _ended(self, reason: Reason) -> None:
        """The line is gone."""
        self._gone = reason
        self._heard.put(None)

    def send(self, data: bytes) -> None:
        """Send it."""
        self._loop.run(self._send(data))

    async def _send(self, data: bytes) -> None:
        self._line.write(data)

    def said(self, seconds: float) -> bytes:
        """What came, or what comes first within so many seconds; a line that is expected comes whole.

        Raises `LineError` at the line's end.
        """
        until = time.monotonic() + seconds
        while True:
            if data := self._next_line():
                return data
            try:
                piece = self._heard.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                # A line that has begun and is not waited for may still go on.
                return self._take(len(self._raw)) if seconds else b""
            if piece is None:
                self.alive = False
                raise LineError(Sentence(N_("the port is gone: {gone}"), gone=self._gone))
            self._raw += piece

    def command(self, line: bytes, within: float) -> bytes:
        """What a line, without its CR, is answered up to its result code, within so many seconds."""
        with self.keeping_urcs(line.decode("latin-1")):
            while self.said(0.0):
                pass
            self.send(line + b"\r")
            until = time.monotonic() + within
            came = b""
            while not ended(came) and (piece := self.said(max(0.0, until - time.monotonic()))):
                came += piece
            return came + self.said(0.0)

    def recover(self) -> None:
        """Have an answer to AT, be it by ending data that the module waits for. Raises `LineError` without one."""
        for number in range(MAX_PROBES):
            self.send((ESCAPE if number else b"") + b"AT\r")
            until = time.monotonic() + PROBE_TIMEOUT_S
            came = b""
            while piece := self.said(max(0.0, until - time.monotonic())):
                came += piece
                if came.endswith(OK_LINES):
                    return
        self.alive = False
        raise LineError(Sentence(N_("the module no longer answers AT")))

    # what nobody asked for

    @contextmanager
    def keeping_urcs(self, text: str) -> Iterator[None]:
        """URCs whose names stand in the text are kept in."""
        before, self._spared = self._spared, text
        try:
            yield
        finally:
            self._spared = before

    def _next_line(self) -> bytes:
        """The next line of what came, with its end, once it is whole; URCs are passed over."""
        while self._raw:
            if NO_LINE_END.fullmatch(self._raw) is not None:
                return self._take(len(self._raw))
            begin = len(END) if self._raw.startswith(END) else 0
            end = self._raw.find(END, begin)
            if end < 0:
                return b""
            found = self._shapes.find(self._raw[begin:end]) if end > begin > 0 else None
            taken = self._take(end + len(END) if end > begin else begin)
            if found is None or found[0].name in self._spared:
                return taken
        return b""

    def _take(self, length: int) -> bytes:
        data, self._raw = self._raw[:length], self._raw[length:]
        return data


def ended(came: bytes) -> bool:
    """Whether an answer has its result code."""
    lines = came.split(END)
    return len(lines) > 2 and not lines[-1] and final_of(lines[-2]) is not None
