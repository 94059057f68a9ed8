"""The states of a connection under conditions and faults, and what leads from one to the next: all of it is a table.

A connection has two ends, the module's and the server's. Either learns late, or never, what became of the other.
`docs/network.md` shows the table.
"""

from collections.abc import Mapping
from enum import Enum


class StreamState(Enum):
    """Who holds the connection, and whether anything passes."""

    OPENING = "opening"
    """The module waits; the server has not been asked yet."""
    CONNECTING = "connecting"
    """The module waits; the server is asked, or its answer is on its way."""
    REFUSED = "refused"
    """The module waits; the server's end is closed already, and what tells the module is on its way."""
    OPEN = "open"
    """Both ends hold it, and bytes pass."""
    CLOSING = "closing"
    """The server's end is closed; what tells the module is on its way, behind the server's last bytes."""
    ENDED = "ended"
    """The server's end is closed; the module is told next, whatever else was on its way."""
    HALF_OPEN = "half-open"
    """Both ends hold it, and nothing passes."""
    STRANDED = "stranded"
    """The module alone holds it, and nothing passes."""
    LEAVING = "leaving"
    """The module's end is closed; what tells the server is on its way, behind the module's last bytes."""
    ORPHAN = "orphan"
    """The server alone holds it, and nothing passes."""
    CLOSED = "closed"
    """Nobody holds it: the end."""


class StreamEvent(Enum):
    """What happens to a connection."""

    SYN_ARRIVES = "SYN arrives"
    """The server is asked for a connection."""
    OPENED = "module told: open"
    """The module is told that it stands."""
    TOLD_END = "module told: over"
    """The module is told that it could not be opened, or that it is over."""
    SERVER_CLOSED = "server's end closed"
    """The server's end is closed, by whomever; or the server could not be reached."""
    MODULE_CLOSED = "module closes"
    """The module closes its end, or gives up waiting."""
    CUT_SHORT = "cut short"
    """What is on its way to the module is dropped; it is told of the end at once."""
    SILENCED = "goes silent"
    """Nothing passes any more, and nobody is told."""
    TIMED_OUT = "module's TCP gives up"
    """The module's end has sent again and again without an answer: the module is told."""


class IllegalEvent(RuntimeError):
    """Something happened that cannot happen in that state: a mistake in this program."""


S, E = StreamState, StreamEvent
# What is not there cannot happen.
TRANSITIONS: Mapping[StreamState, Mapping[StreamEvent, StreamState]] = {
    S.OPENING: {E.SYN_ARRIVES: S.CONNECTING, E.TOLD_END: S.CLOSED, E.MODULE_CLOSED: S.CLOSED},
    S.CONNECTING: {E.OPENED: S.OPEN, E.SERVER_CLOSED: S.REFUSED},
    S.REFUSED: {E.OPENED: S.CLOSING, E.TOLD_END: S.CLOSED, E.MODULE_CLOSED: S.CLOSED},
    S.OPEN: {E.SERVER_CLOSED: S.CLOSING, E.MODULE_CLOSED: S.LEAVING, E.SILENCED: S.HALF_OPEN},
    S.CLOSING: {E.TOLD_END: S.CLOSED, E.MODULE_CLOSED: S.CLOSED, E.CUT_SHORT: S.ENDED, E.SILENCED: S.STRANDED},
    S.ENDED: {E.TOLD_END: S.CLOSED, E.MODULE_CLOSED: S.CLOSED},
    S.HALF_OPEN: {
        E.SERVER_CLOSED: S.STRANDED,
        E.MODULE_CLOSED: S.ORPHAN,
        E.SILENCED: S.HALF_OPEN,
        E.TIMED_OUT: S.ORPHAN,
    },
    S.STRANDED: {E.MODULE_CLOSED: S.CLOSED, E.CUT_SHORT: S.ENDED, E.SILENCED: S.STRANDED, E.TIMED_OUT: S.CLOSED},
    S.LEAVING: {E.SERVER_CLOSED: S.CLOSED, E.SILENCED: S.ORPHAN},
    S.ORPHAN: {E.SERVER_CLOSED: S.CLOSED},
    S.CLOSED: {},
}

# Whose end is there, in whose eyes it is still to be opened, where the module can see it end, and where nothing passes.
MODULE_END_STATES = frozenset({S.OPENING, S.CONNECTING, S.REFUSED, S.OPEN, S.CLOSING, S.ENDED, S.HALF_OPEN, S.STRANDED})
SERVER_END_STATES = frozenset({S.CONNECTING, S.OPEN, S.HALF_OPEN, S.LEAVING, S.ORPHAN})
MODULE_WAITING_STATES = frozenset({S.OPENING, S.CONNECTING, S.REFUSED})
OPEN_STATES = frozenset({S.OPEN, S.CLOSING, S.HALF_OPEN, S.STRANDED})
SILENT_STATES = frozenset({S.HALF_OPEN, S.STRANDED, S.ORPHAN})


def after(state: StreamState, event: StreamEvent) -> StreamState:
    """The state behind an event. Raises `IllegalEvent`."""
    found = TRANSITIONS[state].get(event)
    if found is None:
        raise IllegalEvent(f"a connection that is {state.value}: {event.value} cannot happen")
    return found
