"""Files that a user names, read within bounds: none is endless, none is waited for for ever."""

import errno
import os
import select
import stat
import time
from pathlib import Path

from modemlab.text.number_format import figure

# Seconds that a pipe has to bring more.
READ_TIMEOUT_S = 10.0
CHUNK = 1 << 20


def read_beginning(path: str | Path, maximum: int, patience: float = READ_TIMEOUT_S) -> bytes:
    """The first `maximum` bytes of a file, or all of them if it is shorter.

    Raises OSError, with the file's name, for a directory, and for a pipe that brings nothing for `patience` seconds.
    """
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        pipe = stat.S_ISFIFO(mode)
        if not pipe and hasattr(os, "set_blocking"):
            os.set_blocking(number, True)
        data = bytearray()
        until = time.monotonic() + patience
        while len(data) < maximum:
            if pipe and not select.select((number,), (), (), max(until - time.monotonic(), 0.0))[0]:
                raise TimeoutError(errno.ETIMEDOUT, f"this pipe brought nothing for {figure(patience)} s", str(path))
            more = os.read(number, min(CHUNK, maximum - len(data)))
            if not more:
                break
            data += more
        return bytes(data)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        os.close(number)


def check_regular(path: str | Path, longest: int = 1 << 20) -> None:
    """Raise OSError, with its name, for what is no file of at most `longest` bytes: others are to read it by name."""
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "is not a file", str(path))
    if found.st_size > longest:
        raise OSError(errno.EFBIG, f"is longer than {longest} bytes", str(path))


def read_file(path: str | Path, longest: int, patience: float = READ_TIMEOUT_S) -> bytes:
    """A file of at most `longest` bytes. Raises OSError, with its name, for a longer one, and as `read_beginning`."""
    data = read_beginning(path, longest + 1, patience)
    if len(data) > longest:
        raise OSError(errno.EFBIG, f"is longer than {longest} bytes", str(path))
    return data
