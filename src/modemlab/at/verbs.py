"""What an answer yields to the interpreter, and how it refuses (V.250, 5.7; 3GPP TS 27.007, 9.2)."""

from typing import Final as Constant
from typing import NamedTuple


class Info(NamedTuple):
    """One line of information response, without its CR LF (V.250, 5.7.1)."""

    text: bytes


class Prompt(NamedTuple):
    """Ask the host for exactly `length` bytes of data; the answer is sent them.

    `timeout` is in seconds from the prompt on; None waits without end. When it runs out, `Refused` is
    raised inside the answer. `echo` repeats the data to the host.
    """

    length: int
    timeout: float | None = None
    echo: bool = False


class Final(NamedTuple):
    """A final result code: its number under ATV0 and its word under ATV1 (V.250, table 1)."""

    number: int
    word: str


OK: Constant = Final(0, "OK")
ERROR: Constant = Final(4, "ERROR")

Step = Info | Prompt | Final


class Refused(Exception):
    """A command that cannot be done: nothing has changed.

    `reason` is one line for the log, never for the serial line. `cme` is the code of 3GPP TS 27.007, 9.2
    that a command which follows AT+CMEE reports; None is a plain ERROR whatever AT+CMEE says.
    """

    def __init__(self, reason: str, cme: int | None = 50) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cme = cme
