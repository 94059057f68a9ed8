"""What a modem tells its host: events, and the lines of an answer with their values."""

from enum import StrEnum
from typing import NamedTuple

from modemlab.at.parameters import to_text
from modemlab.dialect.dialect import Dialect
from modemlab.driver.protocol.digester import typed
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, reason_of


class EventKind(StrEnum):
    """What happened by itself; see `Event`."""

    CONNECTED = "connected"
    LINK_LOST = "link_lost"
    RETRY = "retry"
    REPUBLISHED = "republished"
    FAILED = "failed"
    UNEXPECTED_BYTES = "unexpected_bytes"
    SUBSCRIPTION_REFUSED = "subscription_refused"
    MESSAGE_DROPPED = "message_dropped"
    MODULE_RESTARTED = "module_restarted"
    PORT_LOST = "port_lost"
    PORT_REOPENED = "port_reopened"
    NOT_READY = "not_ready"


class Event(NamedTuple):
    """Something that happened by itself: its kind, the client, and a line on it, which is English as `text`."""

    kind: EventKind
    client: int | None
    reason: Reason

    @property
    def text(self) -> str:
        """The line on it, in English."""
        return self.reason.text()


RESTARTED = Sentence(N_("the module restarted"))


def attempted(number: int, error: Exception) -> Reason:
    """The line on an attempt, with what made it necessary."""
    return Sentence(N_("attempt {number}: {reason}"), number=number, reason=reason_of(error))


class Answer(list[str]):
    """The information lines of a command. `values` are those of each line that is as its command is declared."""

    def __init__(self, lines: list[bytes], dialect: Dialect, line: bytes) -> None:
        """Read the lines that a command line was answered."""
        super().__init__(to_text(each) for each in lines)
        self.values = typed(dialect, line, lines)
