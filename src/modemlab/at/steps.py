"""What an answer yields to the interpreter, and how it refuses (V.250, 5.7; 3GPP TS 27.007, 9.2)."""

from collections.abc import Generator
from enum import Enum
from typing import Final as Constant
from typing import NamedTuple

from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import Reason, Sentence


class Info(NamedTuple):
    """One line of information response, without its CR LF (V.250, 5.7.1)."""

    text: bytes


class Raw(NamedTuple):
    """Bytes for the host as they are, such as the content of a file."""

    data: bytes


class Prompt(NamedTuple):
    """Ask the host for `length` bytes of data; the answer is sent them.

    `timeout` is in seconds from the prompt on, or, if `idle`, from the latest data on; None waits without end.
    `echo` repeats the data to the host. `mark` is what asks, behind a CR LF. The first of the bytes in `ends`
    ends the data early and is none of it. Data that ends otherwise, by the time or by one of the bytes in
    `cancels`, raises `Incomplete` inside the answer. `blocks`: after each so many bytes an `A` is said, 0 for none.
    `escape`, with `idle`: `+++` by itself, a second of silence around it, ends the data too and is none of it.
    """

    length: int
    timeout: float | None = None
    echo: bool = False
    mark: bytes = b"> "
    ends: bytes = b""
    cancels: bytes = b""
    idle: bool = False
    blocks: int = 0
    escape: bool = False


class Wait(NamedTuple):
    """Go on with the answer after so many seconds; what the host types meanwhile is read once it is over."""

    seconds: float


class Final(NamedTuple):
    """A final result code: its number under ATV0 and its word under ATV1 (V.250, table 1)."""

    number: int
    word: str


OK: Constant = Final(0, "OK")
ERROR: Constant = Final(4, "ERROR")
# The end of an answer that has no result code.
NO_RESULT_CODE: Constant = Final(0, "")

Step = Info | Raw | Prompt | Wait | Final
# What an answer is: a generator of its steps, sent the data of a prompt.
Steps = Generator[Step, bytes, None]


# In place of a code: that which the command's declaration has for wrong parameters.
FAULTY = -1


class Refused(Exception):
    """A command that cannot be done: nothing has changed.

    `reason` is for the log, never for the serial line. `cme` is the code of 3GPP TS 27.007, 9.2
    that a command which follows AT+CMEE reports; None is a plain ERROR whatever AT+CMEE says, `FAULTY` what the
    command's declaration has for wrong parameters.
    """

    def __init__(self, reason: Reason, cme: int | None = 50) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cme = cme


class LineTooLong(Refused):
    """A line of which only the beginning is kept."""


class NoCommand(Refused):
    """A name that is no command of the module.

    `name` is what the tables do not have, without its AT, "" where there is no name. `typed` is what it may have been
    meant to be: the same, or, where basic commands stand in a row, the letters and digits of the row.
    """

    def __init__(self, reason: Reason, cme: int | None, name: str, typed: str) -> None:
        super().__init__(reason, cme)
        self.name = name
        self.typed = typed


class DataEnd(Enum):
    """Why data ended before it was complete."""

    TIMEOUT = N_("time ran out")
    CANCELLED = N_("the host cancelled it")
    ESCAPED = N_("the host typed +++")
    HANG_UP = N_("the host closed the port")


class Incomplete(Refused):
    """The data that a prompt asked for ended early; an answer that does not catch it is refused.

    `data` is what came of it, `seconds` the time that ran out.
    """

    def __init__(self, data: bytes, end: DataEnd, seconds: float | None = None) -> None:
        why = Sentence(end.value)
        if seconds is None:
            reason = Sentence(N_("the data ended after {count} bytes: {why}"), count=len(data), why=why)
        else:
            message = N_("the data ended after {count} bytes: {why} after {seconds} s")
            reason = Sentence(message, count=len(data), why=why, seconds=figure(seconds))
        super().__init__(reason, None)
        self.data = data
        self.end = end
