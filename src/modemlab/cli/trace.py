"""The file of `--trace`, and of what else is written while a module runs."""

import errno
import os
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from modemlab.cli.common import CliError
from modemlab.cli.output_stream import FINAL_WRITE_TIMEOUT_S, OutputStream
from modemlab.ports.private_files import private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modemlab.ports.trace import Output as TraceOutput


@contextmanager
def trace_file(path: Path) -> "Iterator[TraceOutput]":
    """A trace's file. A FIFO that nobody reads is refused; one that is read too slowly, as a terminal may be too, is
    not waited for: what it does not take is lost, and it says so. A file is its owner's alone.
    """

    def opener(name: str, flags: int) -> int:
        if sys.platform == "win32":
            return private(name, flags)
        try:
            number = private(name, flags | os.O_NONBLOCK)
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise CliError("{name}: nobody reads this FIFO", name=name) from None
            raise
        os.set_blocking(number, True)
        return number

    with open(path, "w", encoding="utf-8", opener=opener) as file:
        waits = stat.S_ISFIFO(os.fstat(file.fileno()).st_mode) or file.isatty()
        output = OutputStream(file) if waits else None
        try:
            yield output or file
        finally:
            if output is not None:
                output.drain(FINAL_WRITE_TIMEOUT_S)
            with suppress(OSError):  # the trace has told that it cannot be written
                file.close()
