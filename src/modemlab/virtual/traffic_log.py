"""The latest of what passed on a module's line and streams, kept for whoever asks; see `modemlab.ports.trace`."""

from collections import deque

from modemlab.ports.trace import TraceEntry

# Entries that are kept, and the characters of each one's text, and of its bytes in hexadecimal.
MOST_LINES, LONGEST_PART = 1000, 2048


class Traffic:
    """Keeps the latest entries of a trace; what is too long of one is cut. `count` is how many there were."""

    __slots__ = ("_entries", "count")

    def __init__(self) -> None:
        self._entries: deque[TraceEntry] = deque(maxlen=MOST_LINES)
        self.count = 0

    def write(self, entry: TraceEntry) -> None:
        """One more."""
        self.count += 1
        self._entries.append(entry._replace(text=entry.text[:LONGEST_PART], data=entry.data[: LONGEST_PART // 2]))

    def since(self, number: int, maximum: int) -> list[tuple[int, TraceEntry]]:
        """The entries behind that one with their numbers, from 1 on, the oldest first, `maximum` at most."""
        first = self.count - len(self._entries) + 1
        return [(at, entry) for at, entry in enumerate(self._entries, first) if at > number][:maximum]
