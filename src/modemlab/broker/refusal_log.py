"""The log of what a broker refuses or drops: a line for each kind of it, not one for each time."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

LOG_INTERVAL_S = 10.0
"""Seconds between two lines of one kind."""

MAX_SHOWN_CHARACTERS = 80
"""Characters of a topic, a filter or a name in a line."""


class Refusals:
    """Says what is refused or dropped: of one kind at most a line each TELL_EVERY seconds, which says how many there
    were meanwhile. There are as many kinds as there are places that tell of them.
    """

    __slots__ = ("_log", "_told")

    def __init__(self, log: Callable[[str], None]) -> None:
        """Begin; `log` takes one line at a time."""
        self._log = log
        self._told: dict[str, tuple[float, int]] = {}

    def tell(self, kind: str, text: str, now: float) -> None:
        """Log it, or count it."""
        at, more = self._told.get(kind, (-inf, 0))
        if now - at < LOG_INTERVAL_S:
            self._told[kind] = at, more + 1
            return
        self._told[kind] = now, 0
        self._log(f"{text}; {more} more of this kind since the last such line" if more else text)


def brief(text: str) -> str:
    """A topic, a filter or a name as a line has it: of a long one its beginning."""
    return (
        repr(text)
        if len(text) <= MAX_SHOWN_CHARACTERS
        else f"{text[:MAX_SHOWN_CHARACTERS]!r}... ({len(text)} characters)"
    )
