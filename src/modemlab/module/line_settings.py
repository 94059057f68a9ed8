"""What the settings of V.250, 6.2 and AT+CMEE come to on a module's lines."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from modemlab.at.steps import Final

if TYPE_CHECKING:
    from modemlab.module.module import Module


# Not a NamedTuple, whose fields are read at half the speed.
@dataclass(frozen=True, slots=True)
class LineFormat:
    """How a line reads and how it speaks: ATE, ATQ, ATV, S3, S4, S5 and AT+CMEE."""

    echo: bool = True
    quiet: bool = False
    verbose: bool = True
    terminator: bytes = b"\r"
    formatting: bytes = b"\n"
    editing: int = 8
    cmee: int = 0

    @property
    def end(self) -> bytes:
        """What ends a line: CR LF, unless S3 or S4 have others."""
        return self.terminator + self.formatting

    def information(self, text: bytes, first: bool) -> bytes:
        """An information line: the first of an answer has a CR LF ahead."""
        end = self.terminator + self.formatting
        return end + text + end if first and self.verbose else text + end

    def result(self, final: Final) -> bytes:
        """The final result code; nothing if ATQ1 suppresses it or the answer has none."""
        if self.quiet or not final.word:
            return b""
        end = self.terminator + self.formatting
        if not self.verbose and final.word in ("OK", "ERROR"):
            return b"%d" % final.number + self.terminator
        return end + final.word.encode() + end

    def urc(self, line: bytes) -> bytes:
        """A URC."""
        end = self.terminator + self.formatting
        return end + line + end if self.verbose else line + end


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
