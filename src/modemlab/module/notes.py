"""What a module says to logs, traces and programs, and never to its host."""

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a host did wrong."""

    EARLY = "the next command before the last one's final result"
    PROMPT = "data before the prompt"
    CTRL_Z = "no wait between Ctrl-Z and the result"
    LENGTH = "a length that is not the data's in bytes"
    INCOMPLETE = "data that never completes"
    DEAD = "a dead client used again"
    CONTEXT = "a network opened before its PDP context"
    VAIN = "a result awaited that cannot come"
    NAME = "a command's name misspelt"


class Mistake(NamedTuple):
    """A mistake: when, what it is, the command as typed, the details, and their place in the manual; "" is none."""

    now: float
    kind: Kind
    subject: str
    detail: str
    place: str

    @property
    def remark(self) -> str:
        """The details with their place."""
        return f"{self.detail} ({self.place})".strip() if self.place else self.detail

    def __str__(self) -> str:
        """What it is, without its command."""
        return f"{self.kind.value}{': ' if self.detail else ' ' if self.place else ''}{self.remark}"


class Note(NamedTuple):
    """One line for the log, the trace and the Python API: what was refused or happened, and why.

    `mistake` is the host's mistake that it tells of, if it tells of one.
    """

    now: float
    subject: str
    reason: str
    mistake: Mistake | None = None
