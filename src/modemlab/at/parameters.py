"""Parameters: one value each that parses what a host types, renders what a module prints, and documents both.

Text travels as `str`, UTF-8 with surrogateescape, so that any byte of a line survives; lengths count bytes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from modemlab.at.reasons import (
    DATA_FOLLOWS,
    MAX_SHOWN_CHARACTERS,
    NotANumber,
    NotHexadecimal,
    NotInList,
    NotInListUnquoted,
    OutOfRange,
    QuoteInside,
    WrongLength,
)
from modemlab.at.steps import Refused
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, joined, range_of

HEXADECIMAL = re.compile(r"(0[xX])?[0-9A-Fa-f]{1,32}")
# A backslash and two hexadecimal digits, where they stand for a character.
ESCAPE = re.compile(r"\\([0-9A-Fa-f]{2})")
BYTES, ANY_BYTES = N_("bytes"), Sentence(N_("any bytes"))


class Quoted(str):
    """An argument that stood between quotes."""

    __slots__ = ()


def to_bytes(text: str) -> bytes:
    """The bytes of a text as they were on the line."""
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    """The text of bytes from the line; any byte survives the way back."""
    return data.decode("utf-8", "surrogateescape")


def plain(text: str, escapes: frozenset[int]) -> str:
    """The text with a character in place of each backslash and its number in hexadecimal, if it is in `escapes`."""

    def character(match: re.Match[str]) -> str:
        number = int(match[1], 16)
        return chr(number) if number in escapes else match[0]

    return ESCAPE.sub(character, text) if "\\" in text else text


def is_number(argument: str) -> bool:
    """Whether an argument is a decimal number: without quotes, and of a length that no range needs."""
    return argument.isascii() and argument.isdigit() and len(argument) <= 20 and not isinstance(argument, Quoted)


@dataclass(frozen=True, slots=True)
class Int:
    """A whole number from `minimum` to `maximum`. `shown` replaces its range in a test command's answer.

    `quotable`: it may stand between quotes. `tail` is printed behind it. `blank` is what an empty argument stands
    for; None: it is left out. `counts`: it is the number of bytes that the host sends next, once it is asked for them.
    """

    name: str
    minimum: int
    maximum: int
    meaning: str = ""
    default: int | None = None
    shown: str | None = None
    unit: str = ""
    quotable: bool = False
    tail: str = ""
    blank: int | None = None
    counts: bool = False

    @property
    def listed(self) -> str:
        """How `=?` shows it."""
        return f"({self.minimum}-{self.maximum})" if self.shown is None else self.shown

    @property
    def domain(self) -> Reason:
        """Its values, in words."""
        return range_of(self.minimum, self.maximum, self.unit)

    def parse(self, argument: str) -> int:
        """The number; `Refused` when it is quoted, not a decimal number, or out of range."""
        if self.quotable:
            argument = str.__str__(argument)
        if not is_number(argument):
            reason = NotANumber(self.name, argument[:MAX_SHOWN_CHARACTERS], self.domain)
            raise Refused(joined(reason, DATA_FOLLOWS) if self.counts else reason)
        value = int(argument)
        if not self.minimum <= value <= self.maximum:
            raise Refused(OutOfRange(self.name, argument[:MAX_SHOWN_CHARACTERS], self.domain))
        return value

    def render(self, value: Any) -> bytes:
        """The number as the module prints it."""
        return b"%d%b" % (value, self.tail.encode()) if self.tail else b"%d" % value


@dataclass(frozen=True, slots=True)
class Hex:
    """A hexadecimal number from `minimum` to `maximum`, typed with or without `0x`, printed with it."""

    name: str
    minimum: int
    maximum: int
    meaning: str = ""
    default: int | None = None
    shown: str | None = None
    blank: ClassVar[None] = None

    @property
    def listed(self) -> str:
        """How `=?` shows it."""
        return f"(0x{self.minimum:x}-0x{self.maximum:x})" if self.shown is None else self.shown

    @property
    def domain(self) -> Reason:
        """Its values, in words."""
        return range_of(f"0x{self.minimum:x}", f"0x{self.maximum:x}")

    def parse(self, argument: str) -> int:
        """The number; `Refused` when it is quoted, not hexadecimal, or out of range."""
        if isinstance(argument, Quoted) or not HEXADECIMAL.fullmatch(argument):
            raise Refused(NotHexadecimal(self.name, argument[:MAX_SHOWN_CHARACTERS], self.domain))
        value = int(argument, 16)
        if not self.minimum <= value <= self.maximum:
            raise Refused(OutOfRange(self.name, argument[:MAX_SHOWN_CHARACTERS], self.domain))
        return value

    def render(self, value: Any) -> bytes:
        """The number as the module prints it."""
        return b"0x%x" % value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few numbers, or of a few words, each with its meaning. Words ignore case when parsed.

    Numbers of a `hexadecimal` choice are typed as those of `Hex` and printed as `0X` and four digits. `blank` is
    what an empty argument stands for; None: it is left out.
    """

    name: str
    values: Mapping[Any, str]
    meaning: str = ""
    default: Any = None
    shown: str | None = None
    hexadecimal: bool = False
    blank: Any = None

    @property
    def listed(self) -> str:
        """How `=?` shows it."""
        if self.shown is not None:
            return self.shown
        return "(" + ",".join(f'"{v}"' if isinstance(v, str) else self.word(v) for v in self.values) + ")"

    @property
    def domain(self) -> Reason:
        """Its values, in words."""
        return Sentence(", ".join(map(self.word, self.values)))

    def word(self, value: Any) -> str:
        """A value as it is printed, without quotes."""
        return f"0X{value:04X}" if self.hexadecimal else str(value)

    def parse(self, argument: str) -> Any:
        """The value as declared; `Refused` when it is none of them."""
        given = argument
        if self.hexadecimal and HEXADECIMAL.fullmatch(argument) and not isinstance(argument, Quoted):
            argument = str(int(argument, 16))
        elif self.hexadecimal:
            raise Refused(NotInListUnquoted(self.name, argument[:MAX_SHOWN_CHARACTERS], self.domain))
        for value in self.values:
            if isinstance(value, str):
                if value.lower() == argument.lower():
                    return value
            elif is_number(argument) and int(argument) == value:
                return value
        raise Refused(NotInList(self.name, given[:MAX_SHOWN_CHARACTERS], self.domain))

    def render(self, value: Any) -> bytes:
        """The value as the module prints it, words in quotes."""
        if isinstance(value, str):
            return b'"%s"' % value.encode()
        return b"0X%04X" % value if self.hexadecimal else b"%d" % value


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `minimum` to `maximum` bytes, with or without quotes when typed, `bare` when printed without.

    The characters whose numbers are in `escapes` may be typed as a backslash and two hexadecimal digits. `blank` is
    what an empty argument stands for; None: it is left out. `instead` is the command that takes a text which this
    one cannot, as its quotes would end it. A `secret` is masked wherever a line is shown.
    """

    name: str
    maximum: int = 256
    minimum: int = 0
    meaning: str = ""
    default: str | None = None
    shown: str | None = None
    bare: bool = False
    escapes: frozenset[int] = frozenset()
    blank: str | None = None
    instead: str = ""
    secret: bool = False

    @property
    def listed(self) -> str:
        """How `=?` shows it."""
        return f'"{self.name}"' if self.shown is None else self.shown

    @property
    def domain(self) -> Reason:
        """Its values, in words."""
        return range_of(self.minimum, self.maximum, BYTES)

    def parse(self, argument: str) -> str:
        """The text without its quotes; `Refused` when its length does not fit."""
        text = plain(str.__str__(argument), self.escapes) if self.escapes else str.__str__(argument)
        length = len(text) if text.isascii() else len(to_bytes(text))
        if not self.minimum <= length <= self.maximum:
            raise Refused(WrongLength(self.name, length, self.domain))
        return text

    def render(self, value: Any) -> bytes:
        """The text as the module prints it."""
        return to_bytes(value) if self.bare else b'"%s"' % to_bytes(value)


@dataclass(frozen=True, slots=True)
class Payload:
    """A message's own bytes, printed raw and unescaped between quotes, or, when `bare`, without them."""

    name: str
    meaning: str = ""
    default: None = None
    bare: bool = False
    blank: ClassVar[None] = None

    @property
    def listed(self) -> str:
        """How `=?` shows it."""
        return f"<{self.name}>"

    @property
    def domain(self) -> Reason:
        """Its values, in words."""
        return ANY_BYTES

    def parse(self, argument: str) -> bytes:
        """The bytes as they stood on the line."""
        return to_bytes(argument)

    def render(self, value: Any) -> bytes:
        """The bytes, between quotes."""
        return bytes(value) if self.bare else b'"%b"' % value


@dataclass(frozen=True, slots=True)
class Rest:
    """Text that takes the rest of the line, with its commas, semicolons and blanks; the last parameter of a command.

    It may stand between quotes, the second at the very end. `maximum`, `minimum` and `escapes` are as those of `Text`,
    the value is in bytes. `escaped`: between quotes a quote is typed by its escape alone.
    """

    name: str
    maximum: int
    minimum: int = 0
    meaning: str = ""
    default: str | None = None
    escapes: frozenset[int] = frozenset()
    escaped: bool = False
    blank: ClassVar[None] = None

    @property
    def listed(self) -> str:
        """How `=?` shows it."""
        return f"<{self.name}>"

    @property
    def domain(self) -> Reason:
        """Its values, in words."""
        return Sentence(N_("{range}, the rest of the line"), range=range_of(self.minimum, self.maximum, BYTES))

    def parse(self, argument: str) -> bytes:
        """The bytes without their quotes and escapes; `Refused` for a bare quote inside, and for a wrong number."""
        if self.escaped and isinstance(argument, Quoted) and '"' in argument:
            raise Refused(QuoteInside(self.name, argument.partition('"')[0][-20:]))
        data = to_bytes(plain(str.__str__(argument), self.escapes))
        if not self.minimum <= len(data) <= self.maximum:
            raise Refused(WrongLength(self.name, len(data), range_of(self.minimum, self.maximum, BYTES)))
        return data

    def render(self, value: Any) -> bytes:
        """The bytes as they are."""
        return bytes(value)


# What `Result` means: by this a host knows which URC ends a command.
OUTCOME = "How it went"


def Result(values: Mapping[int, str], name: str = "result") -> Choice:
    """An operation's result code, each with its meaning."""
    return Choice(name, values, OUTCOME)


Param: TypeAlias = Int | Hex | Choice | Text | Payload | Rest


@dataclass(frozen=True, slots=True)
class Maybe:
    """Parameters that a host gives all together or leaves out all together: `[,<a>,<b>]`."""

    params: tuple[Param, ...]


def maybe(*params: Param) -> Maybe:
    """Optional parameters; one left out keeps the value it has, unless the command says otherwise."""
    return Maybe(params)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A group that may come again and again, at least once, at most `maximum` times: `<a>,<b>[,<a>,<b>…]`."""

    params: tuple[Param, ...]
    maximum: int = 1024
    shown: str = ""


Slot: TypeAlias = Param | Maybe | Repeat
