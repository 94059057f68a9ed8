"""What passes at the terminal, written to a file while it passes."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from modemlab.terminal.user_files import path_of
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

# Bytes that a log may come to, and the seconds that one time of day holds for.
MAX_LOG_BYTES, TIMESTAMP_INTERVAL_S = 1 << 28, 1.0
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class LogFile:
    """A transcript that grows, for its owner's eyes alone. Ahead of a line that comes a second or more after the one
    before stands the time of day, as a comment.
    """

    def __init__(self, name: str, replace: bool, now: Callable[[], float]) -> None:
        """Make the file; one that is there only if it is to be replaced. Raises OSError or ValueError."""
        self.name, self._now = name, now
        path = path_of(name)
        if replace:
            with suppress(FileNotFoundError):
                if not stat.S_ISREG(path.lstat().st_mode):
                    raise ValueError(Sentence(N_("is not a file")))
                path.unlink()
        self._fd = os.open(path, FLAGS, 0o600)
        self._size, self._latest = 0, -TIMESTAMP_INTERVAL_S
        self.lines = 0

    def write(self, line: str) -> None:
        """Write a line, with its end. Raises OSError when it cannot be, or when there is no more room."""
        now, stamp = self._now(), ""
        if now - self._latest >= TIMESTAMP_INTERVAL_S:
            self._latest = now
            stamp = f"# {datetime.now():%Y-%m-%d %H:%M:%S}\n"
        data = (stamp + line).encode("utf-8", "surrogateescape")
        if self._size + len(data) > MAX_LOG_BYTES:
            raise OSError(Sentence(N_("it has reached the maximum of {maximum} MB"), maximum=MAX_LOG_BYTES >> 20))
        while data:
            written = os.write(self._fd, data)
            self._size += written
            data = data[written:]
        self.lines += 1

    def close(self) -> None:
        """It is done."""
        with suppress(OSError):
            os.close(self._fd)
