"""How many connections the files that this process may have open leave room for (`ulimit -n`)."""

from __future__ import annotations

import os
from contextlib import suppress

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

MAX_BACKLOG = 100
"""Connections that may wait to be accepted, at most."""

RESERVED_FILES = 32
"""Files for everything that is no connection of a broker, at least."""


def raise_limit(wanted: int) -> None:
    """Let this process have so many files open, or as many as the system lets it; nothing on a system without."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def backlog_for() -> int:
    """How many connections may wait to be accepted: a burst of them fits into what `room_for` leaves."""
    maximum = _most_files()
    return MAX_BACKLOG if maximum is None else max(4, min(MAX_BACKLOG, maximum // 20))


def room_for(connections: int) -> int:
    """How many of so many connections may be open, so that accepting never fails: those that are accepted at once, and
    closed again, have room beside them.
    """
    maximum = _most_files()
    if maximum is None:
        return connections
    return max(1, min(connections, maximum - _open_files() - 4 * backlog_for() - RESERVED_FILES))


def _most_files() -> int | None:
    """How many files may be open; None for no limit known."""
    if resource is None:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def _open_files() -> int:
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return RESERVED_FILES
