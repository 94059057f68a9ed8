"""Data that a prompt asked for: what of it is awaited, and where it ends."""

from typing import NamedTuple

from modemlab.at.steps import Prompt
from modemlab.at.syntax import Call

# Seconds without a byte of the data, after which the log says that it is awaited.
AWAITED = 5.0


class Awaited(NamedTuple):
    """Data that does not come: for which command, and how many bytes of it are there."""

    call: Call
    prompt: Prompt
    size: int


def first_of(data: bytes, wanted: bytes) -> int | None:
    """Where the first of these bytes stands in the data, or None."""
    found = [at for byte in wanted if (at := data.find(byte)) >= 0]
    return min(found, default=None)
