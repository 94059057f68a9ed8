"""Printing that waits for nobody, for subcommands that run until they are ended.

A pipe that nobody reads and a terminal that is stopped block whoever writes to them, and with an event loop every
line of every module. So what is printed is handed to a thread, one for each file, that may block instead.
"""

import atexit
import io
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from modemlab.cli.language import counted, tr
from modemlab.text.catalogue import N_

# Characters that wait to be written; when there are as many, what comes is lost. One text may exceed it.
MAX_WAITING_CHARACTERS = 1 << 20
# Seconds that the end of the process waits for the last lines to be written.
FINAL_WRITE_TIMEOUT_S = 0.5
# Seconds between two attempts at a file that was set not to block by whoever shares it.
RETRY_INTERVAL_S = 0.05


class OutputStream(io.TextIOBase):
    """A text stream to print to in place of another, whose `write` and `flush` neither block nor fail.

    Whole lines are written, in order and at once. What cannot be, because too much waits already or because the
    file refuses it, is lost; a line in its place says how many lines that were, as soon as it can be written.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        """Print in place of a stream, to which nobody else prints any more."""
        self._stream = stream
        # Unbuffered: a buffer that cannot be flushed would hang the interpreter as it ends.
        self._file: Any = getattr(stream.buffer, "raw", stream.buffer)
        self._line = ""
        # Texts; "" where lines are lost from; events to set. It needs no lock, so finalizers may print anywhere.
        self._waiting: SimpleQueue[str | Event] = SimpleQueue()
        # Characters and lines, ever; `_written` is the thread's, the others are those of whoever prints.
        self._printed = self._lost = self._written = 0
        self._losing = self._refused = False
        Thread(target=self._work, daemon=True).start()

    def write(self, text: str, /) -> int:
        """Print a text up to the end of its last line; what is behind that waits for its own end, or for `flush`."""
        lines, end, self._line = (self._line + text).rpartition("\n")
        self._print(lines + end)
        return len(text)

    def flush(self) -> None:
        """Print an unfinished line."""
        line, self._line = self._line, ""
        self._print(line)

    @property
    def drops_when_full(self) -> bool:
        """Whether anything was ever lost."""
        return self._lost > 0 or self._refused

    def fileno(self) -> int:
        """The number of the file."""
        return self._stream.fileno()

    def drain(self, seconds: float) -> None:
        """Wait that long at most until everything is written, or refused."""
        self.flush()
        done = Event()
        self._waiting.put(done)
        done.wait(seconds)

    def _print(self, text: str) -> None:
        """Leave a text to the thread, or lose it."""
        if not text:
            return
        if not self._losing and self._printed - self._written >= MAX_WAITING_CHARACTERS:
            self._losing = True
            self._waiting.put("")
        if self._losing:
            self._lost += text.count("\n")
        else:
            self._printed += len(text)
            self._waiting.put(text)

    def _work(self) -> None:
        """Write what is printed: the thread."""
        told = missing = 0
        while True:
            item = self._waiting.get()
            if isinstance(item, Event):
                item.set()
                continue
            if not item:
                self._losing = False
                missing += self._lost - told
                told = self._lost
            if missing and self._put(lost(missing)):
                missing = 0
            if missing or not self._put(item):
                missing += item.count("\n")
            self._written += len(item)

    def _put(self, text: str) -> bool:
        """Write a text, however long that takes; whether the file took it."""
        data = text.replace("\n", os.linesep).encode(self._stream.encoding, "backslashreplace")
        try:
            while data:
                size = self._file.write(data)
                if size is None:
                    time.sleep(RETRY_INTERVAL_S)
                else:
                    data = data[size:]
        except (OSError, ValueError):  # ValueError is what a closed file raises
            self._refused = True
            return False
        return True


def lost(count: int) -> str:
    """The line in place of lost lines."""
    lines = counted(count, N_("{count} line"), N_("{count} lines"))
    return tr("modemlab: {lines} could not be written here", lines=lines) + "\n"


def never_wait() -> None:
    """From here on nothing that this process prints to stdout and stderr waits for a reader.

    As the process ends, the last lines have `FINAL_WRITE_TIMEOUT_S` seconds to be written.
    """
    outputs: list[OutputStream] = []
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper):  # there may be none, or one that is no file
            continue
        # What goes to one terminal or pipe stays in order.
        output = next((each for each in outputs if same_file(each, stream)), None) or OutputStream(stream)
        outputs.append(output)
        setattr(sys, name, output)
    atexit.register(drain, outputs)


def same_file(one: OutputStream, other: io.TextIOWrapper) -> bool:
    """Whether they print to the same terminal, pipe or file; False where the system cannot tell."""
    first, second = os.fstat(one.fileno()), os.fstat(other.fileno())
    return first.st_ino != 0 and os.path.samestat(first, second)


def drain(outputs: Sequence[OutputStream]) -> None:
    """Give these together `FINAL_WRITE_TIMEOUT_S` seconds to write what waits; Ctrl-C ends that."""
    until = time.monotonic() + FINAL_WRITE_TIMEOUT_S
    with suppress(KeyboardInterrupt):
        for output in outputs:
            output.drain(max(until - time.monotonic(), 0.0))
