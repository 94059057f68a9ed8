"""How lines that a module prints are read: the shapes of declared information lines and URCs.

A shape is made of the declaration that the module prints by, so that a line belongs to a command or to a URC by all
of its values, not by its first letters. Values that a manual quotes are read without their quotes too, as older
firmwares print them. An `Int` right ahead of a `Payload` counts its bytes: then the payload holds any byte.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from modemlab.at.parameters import Choice, Hex, Int, Param, Payload, Rest, Text, to_text
from modemlab.at.reasons import NotInList, OutOfRange
from modemlab.at.steps import Refused
from modemlab.at.urc import Urc

END = b"\r\n"
# Some put another CR ahead of a line's end.
LINE_ENDS = (END, b"\r" + END)
# Bytes of a payload that a length may announce, where the declaration allows more. What is longer is noise: no module
# of this kind holds such a message.
MAX_COUNTED_BYTES = 1 << 16


def pattern(param: Param, last: bool) -> bytes:
    """The regular expression of a value, in one group; `last` of its line."""
    if isinstance(param, Int):
        return rb"(-?[0-9]{1,10})" + re.escape(param.tail.encode())
    if isinstance(param, Hex):
        return rb"(0[xX][0-9A-Fa-f]{1,16})"
    if isinstance(param, Choice):
        return rb"(\"[^\"\r\n]*\"|[^\",\r\n]*)"
    if isinstance(param, Payload):
        return b"(.*)" if param.bare else b'"(.*)"'
    if isinstance(param, Rest):
        return b"(.*)"
    if param.bare:
        return rb"([^\r\n]*)" if last else rb"([^\r\n]*?)"
    return rb"(\"[^\r\n]*?\"|[^\",\r\n]*)"


def value_of(param: Param, data: bytes) -> Any:
    """A printed value; `Refused` when it is none of the parameter's."""
    if isinstance(param, Int):
        number = int(data)
        if not param.minimum <= number <= param.maximum:
            raise Refused(OutOfRange(param.name, number, param.domain))
        return number
    if isinstance(param, Payload):
        return data
    text = to_text(data)
    if isinstance(param, Text) and param.bare:
        return text
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    if quoted:
        text = text[1:-1]
    if isinstance(param, Choice) and not param.hexadecimal:
        return choice_of(param, text)
    return param.parse(text)


def conversion_of(param: Param) -> Callable[[bytes], Any]:
    """`value_of` that parameter, in fewer steps for what is printed most."""
    if isinstance(param, Choice) and not param.hexadecimal:
        known = {str(value).encode(): value for value in reversed(param.values)}
        return lambda data: known[data] if data in known else value_of(param, data)
    if isinstance(param, Int):
        minimum, maximum = param.minimum, param.maximum
        return lambda data: number if minimum <= (number := int(data)) <= maximum else value_of(param, data)
    return partial(value_of, param)


def choice_of(param: Choice, text: str) -> Any:
    """The value of a choice, a negative number too."""
    for value in param.values:
        if str(value) == text:
            return value
    raise Refused(NotInList(param.name, text, param.domain))


class LinePattern(NamedTuple):
    """How a line reads. `head` is what it begins with; `counted` is where the payload's length stands, -1 without.

    `line` is the whole line, or of a counted payload all that is ahead of it.
    """

    head: bytes
    params: tuple[Param, ...]
    line: "re.Pattern[bytes]"
    counted: int
    many: bool
    conversions: tuple[Callable[[bytes], Any], ...] = ()

    def values(self, line: bytes) -> tuple[Any, ...] | None:
        """The values of a whole line without its end; None when it is no line of this shape."""
        if self.counted >= 0 or not line.startswith(self.head):
            return None
        match = self.line.fullmatch(line)
        return None if match is None else self._read(match)

    def _read(self, match: "re.Match[bytes]") -> tuple[Any, ...] | None:
        groups = [group for group in match.groups() if group is not None]
        try:
            shown = self.conversions[: self.counted + 1] if self.counted >= 0 else self.conversions
            values = [convert(group) for convert, group in zip(shown, groups, strict=False)]
            if self.many and len(groups) > len(self.params):
                rest = groups[len(self.params)].split(b",")[1:]
                values += [value_of(self.params[-1], each) for each in rest]
        except Refused:
            return None
        return tuple(values)

    def _places(self, data: bytes | bytearray, match: "re.Match[bytes]", count: int) -> "Iterator[tuple[int, bytes]]":
        """Where the payload that stands behind its length may begin, and the quote around it.

        It is quoted; or not, behind a comma or on the next line, as some firmwares print it. Where other values of the
        line are quoted, one behind a comma that begins with a quote, or with a byte and a quote and holds a line's end,
        is none: it would be a quoted one with a damaged length, or with a byte too many.
        """
        start = match.end()
        if data[start : start + 1] != b",":
            for end in LINE_ENDS:
                if data.startswith(end, start):
                    yield start + len(end), b""
            return
        begin = start + 1
        if getattr(self.params[-1], "bare", False):
            yield begin, b""
            return
        blanks = begin
        while data[blanks : blanks + 1] == b" ":
            blanks += 1
        if data[blanks : blanks + 1] == b'"':
            yield blanks + 1, b'"'
        if b'"' in match[0]:
            payload = data[blanks : blanks + count]
            if payload[:1] == b'"' or (payload[1:2] == b'"' and END in payload):
                return
        for place in sorted({begin, min(begin + 1, blanks), blanks}):
            yield place, b""

    def frame(self, data: bytes | bytearray) -> "tuple[int, tuple[Any, ...] | None] | None":
        """The length of the line with a counted payload that `data` begins with, with its end, and its values.

        None: more is needed to tell. A length of 0: it is no such line.
        """
        if not data.startswith(self.head):
            return None if self.head.startswith(data) else (0, None)
        incomplete = False
        maximum = min(MAX_COUNTED_BYTES, getattr(self.params[self.counted], "maximum", MAX_COUNTED_BYTES))
        match = self.line.match(data[:1024])
        if match is not None and (count := int(match[self.counted + 1])) <= maximum:
            for begin, quote in self._places(data, match, count):
                end = begin + count
                for close in (quote + each for each in LINE_ENDS):
                    if not data.startswith(close, end):
                        incomplete = incomplete or close.startswith(data[end : end + len(close)])
                    elif (values := self._read(match)) is not None:
                        return end + len(close), (*values, bytes(data[begin:end]))
        if incomplete or (END not in data and len(data) < 1024):
            return None
        return 0, None


def shape(
    name: str, params: Sequence[Param], separator: str = ": ", optional: int = 0, many: bool = False
) -> LinePattern:
    """The shape of `NAME: v1,v2…`; the last `optional` values may be missing, with `many` the last may repeat."""
    head = (name + (separator.rstrip(" ") if params else "")).encode()
    blank = b" *+" if params else b""
    counted = next((n for n, (a, b) in enumerate(pairwise(params)) if isinstance(a, Int) and is_payload(b)), -1)
    shown = params[:-1] if counted >= 0 else params
    text = b""
    for number in range(len(shown) - 1, -1, -1):
        last = number == len(shown) - 1
        value = pattern(shown[number], last)
        if last and many:
            value += b"((?:," + value.replace(b"(", b"(?:", 1) + b")*)"
        text = (b", *+" if number else b"") + value + text
        if number >= len(params) - optional:
            text = b"(?:" + text + b")?"
    if counted >= 0:
        # It is told where a payload's length ends by what stands behind it.
        text += b"(?=,)" if getattr(params[-1], "bare", False) else rb"(?=,|\r|\Z)"
    line = re.compile(re.escape(head) + blank + text, re.DOTALL)
    return LinePattern(head, tuple(params), line, counted, many, tuple(map(conversion_of, params)))


def listing(name: str) -> LinePattern:
    """The shape of a test form's line: ranges or names of parameters, where a URC of that name has a value."""
    head = (name + ":").encode()
    return LinePattern(head, (), re.compile(re.escape(head) + rb" ?[(<].*", re.DOTALL), -1, False)


def within_one_edit(head: bytes, line: bytes) -> bool:
    """Whether a line begins with these bytes, or with all but one, or with one too many or another in place of one."""
    same = next((n for n, (a, b) in enumerate(zip(head, line, strict=False)) if a != b), min(len(head), len(line)))
    if same == len(head):
        return True
    rests = ((line[same + 1 :], head[same:]), (line[same:], head[same + 1 :]), (line[same + 1 :], head[same + 1 :]))
    return any(came.startswith(wanted) for came, wanted in rests)


def is_payload(param: Param) -> bool:
    """Whether a parameter is a message's bytes."""
    return isinstance(param, Payload)


class LinePatterns:
    """The URCs of a dialect, found by what their lines begin with."""

    __slots__ = ("_counted", "_heads", "_plain", "_words")

    def __init__(self, urcs: Iterable[Urc]) -> None:
        """Read each URC's declaration once."""
        self._counted: list[tuple[Urc, LinePattern]] = []
        self._plain: dict[bytes, list[tuple[Urc, LinePattern]]] = {}
        self._words: list[tuple[Urc, LinePattern]] = []
        self._heads: set[bytes] = set()
        for urc in dict.fromkeys(urcs):
            made = shape(urc.name, urc.params, urc.separator, urc.optional, urc.many)
            if urc.params and is_payload(urc.params[-1]):
                self._heads.add(made.head)
            if made.counted >= 0:
                self._counted.append((urc, made))
            elif urc.params and b":" not in made.head:
                self._words.append((urc, made))
            else:
                self._plain.setdefault(made.head, []).append((urc, made))

    def find(self, line: bytes) -> tuple[Urc, tuple[Any, ...]] | None:
        """The URC that a whole line, without its end, is by all of its values; None when it is none."""
        name, colon, _ = line.partition(b":")
        for urc, made in self._plain.get(name + colon, self._words):
            values = made.values(line)
            if values is not None:
                return urc, values
        return None

    def damaged(self, line: bytes) -> bool:
        """Whether a line begins as one with a payload does, but for one byte, or holds that begin, its own line's end
        having been lost: what follows may be the payload.
        """
        return any(within_one_edit(head, line) or head in line for head in self._heads)

    def frame(self, data: bytes | bytearray) -> tuple[int, Urc, tuple[Any, ...]] | None:
        """The URC with a counted payload that `data` begins with, and the length of its line with its end.

        None: more bytes are needed to tell. A length of 0: it is no such line, and the URC is any.
        """
        for urc, made in self._counted:
            framed = made.frame(data)
            if framed is None:
                return None
            length, values = framed
            if values is not None:
                return length, urc, values
        return 0, UNDECLARED_URC, ()


UNDECLARED_URC = Urc("", "None", ())
