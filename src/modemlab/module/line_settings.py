"""What the settings of V.250, 6.2 and AT+CMEE come to on a module's lines."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from modemlab.at.steps import OK, Final

if TYPE_CHECKING:
    from modemlab.module.module import Module


# What is passed over in a command line, and what takes a character back whatever S5 is.
LINE_FEED, DELETE = 10, 0x7F


# Not a NamedTuple, whose fields are read at half the speed.
@dataclass(frozen=True, slots=True)
class LineFormat:
    """How a line reads and how it speaks: ATE, ATQ, ATV, S3, S4, S5 and AT+CMEE.

    `end` is what ends a line: CR LF, unless S3 or S4 have others; `ok` the result code of success. `whole_line` matches
    bytes that are one command line from its prefix to its terminator, and nothing to edit; its group is the body.
    """

    echo: bool = True
    quiet: bool = False
    verbose: bool = True
    terminator: bytes = b"\r"
    formatting: bytes = b"\n"
    editing: int = 8
    cmee: int = 0
    end: bytes = field(init=False, compare=False)
    ok: bytes = field(init=False, compare=False)
    whole_line: re.Pattern[bytes] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what each line needs."""
        object.__setattr__(self, "end", self.terminator + self.formatting)
        object.__setattr__(self, "ok", self.result(OK))
        object.__setattr__(self, "whole_line", whole_line(self.terminator[0], self.editing))

    def information(self, text: bytes, first: bool) -> bytes:
        """An information line: the first of an answer has a CR LF ahead."""
        return self.end + text + self.end if first and self.verbose else text + self.end

    def result(self, final: Final) -> bytes:
        """The final result code; nothing if ATQ1 suppresses it or the answer has none."""
        if self.quiet or not final.word:
            return b""
        if not self.verbose and final.word in ("OK", "ERROR"):
            return b"%d" % final.number + self.terminator
        return self.end + final.word.encode() + self.end

    def urc(self, line: bytes) -> bytes:
        """A URC."""
        return self.end + line + self.end if self.verbose else line + self.end


def whole_line(terminator: int, editing: int) -> re.Pattern[bytes]:
    """`LineFormat.whole_line`; nothing is one where the terminator is a letter of the prefix."""
    if terminator in b"ATat":
        return re.compile(b"(?!)")
    others = b"".join(re.escape(bytes((byte,))) for byte in (terminator, editing, LINE_FEED, DELETE))
    return re.compile(b"(?:AT|at)([^%b]*)%b" % (others, re.escape(bytes((terminator,)))))


@lru_cache(maxsize=64)
def shared(line_format: LineFormat) -> LineFormat:
    """That value: one for all lines which have it."""
    return line_format


def value_of(module: "Module", name: str, absent: int) -> int:
    """The value in force of a setting that is one number, or that of a dialect which lacks the command."""
    command = module.dialect.commands.get(name)
    return absent if command is None else int(module.get(command)[0])


def configure(module: "Module") -> None:
    """Put the settings into force on every line."""
    line_format = LineFormat(
        echo=value_of(module, "E", 1) == 1,
        quiet=value_of(module, "Q", 0) == 1,
        verbose=value_of(module, "V", 1) == 1,
        terminator=bytes((value_of(module, "S3", 13),)),
        formatting=bytes((value_of(module, "S4", 10),)),
        editing=value_of(module, "S5", 8),
        cmee=value_of(module, "+CMEE", 0),
    )
    for line in module.lines:
        line.format = shared(line_format)
