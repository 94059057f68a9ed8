"""What a module says to logs, traces and programs, and never to its host."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from modemlab.text.catalogue import N_, Translate, english
from modemlab.text.reason import ManualPlace, Placed, Reason, Sentence, helped


class MistakeKind(Enum):
    """What a host did wrong."""

    EARLY = N_("the next command before the last one's final result")
    PROMPT = N_("data before the prompt")
    CTRL_Z = N_("no wait between Ctrl-Z and the result")
    LENGTH = N_("a length that is not the data size in bytes")
    INCOMPLETE = N_("data that never completes")
    DEAD = N_("a command for a client that has ended")
    CONTEXT = N_("a network opened before its PDP context")
    VAIN = N_("the host waits for a result that cannot come")
    NAME = N_("a misspelt command name")


@dataclass(frozen=True, slots=True)
class Mistake(Reason):
    """A mistake: when, what it is, the command as typed, the details, and their place in the manual; "" is none."""

    now: float
    kind: MistakeKind
    subject: str
    detail: Reason | None
    place: str

    @property
    def remark(self) -> str:
        """The details with their place."""
        detail = "" if self.detail is None else str(self.detail)
        return f"{detail} ({self.place})".strip() if self.place else detail

    def text(self, translate: Translate = english) -> str:
        """What it is, without its command."""
        what: Reason = Sentence(self.kind.value)
        if self.detail is not None:
            what = helped(what, self.detail)
        return (Placed(what, ManualPlace(self.place)) if self.place else what).text(translate)


class Note(NamedTuple):
    """One line for the log, the trace and the Python API: what was refused or happened, and why.

    `mistake` is the host's mistake that it tells of, if it tells of one.
    """

    now: float
    subject: str
    reason: Reason
    mistake: Mistake | None = None
