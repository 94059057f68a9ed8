"""The latest of what passed on a module's line and streams, kept for whoever asks; see `modemlab.ports.trace`."""

from collections import deque
from typing import NamedTuple

from modemlab.ports.trace import Output

# Lines that are kept, and the characters of each part of one.
MOST_LINES, LONGEST_PART = 1000, 2048


class Entry(NamedTuple):
    """A line of a trace: its number, from 1 on, and its parts; parts that are too long are cut."""

    number: int
    time: str
    mark: str
    text: str
    hex: str


class Traffic:
    """What a `Trace` writes to: keeps the latest lines, and passes all on to `file` if there is one."""

    __slots__ = ("_entries", "_file", "count")

    def __init__(self, file: Output | None = None) -> None:
        self._file = file
        self._entries: deque[Entry] = deque(maxlen=MOST_LINES)
        self.count = 0

    def write(self, line: str) -> None:
        """A line of a trace. Raises OSError or ValueError as the file does, and keeps the line all the same."""
        time, mark, rest = line.removesuffix("\n").split(" ", 2)
        # A note has no bytes, and may have any text.
        text, bar, data = ("", "", "") if mark == "--" else rest.rpartition(" | ")
        self.count += 1
        self._entries.append(Entry(self.count, time, mark, (text if bar else rest)[:LONGEST_PART], data[:LONGEST_PART]))
        if self._file is not None:
            file, self._file = self._file, None
            file.write(line)
            file.flush()
            self._file = file

    def flush(self) -> None:
        """Nothing is held back."""

    def since(self, number: int, most: int) -> list[Entry]:
        """The lines behind that one, the oldest first, `most` at most."""
        return [entry for entry in self._entries if entry.number > number][:most]
