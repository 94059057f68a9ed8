"""Lines that a module prints: a name, a colon, and values by their declared parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from modemlab.at.parameters import Choice, Int, Param, Payload, Text


def line_of(
    name: str, params: Sequence[Param], values: Sequence[Any], many: bool = False, separator: str = ": "
) -> bytes:
    """`+NAME: v1,v2…` with each value as its parameter renders it, None as nothing; with fewer the line is shorter.

    With `many` the last parameter renders all values that are left. `separator` stands behind the name. Raises
    ValueError for too many values.
    """
    rendered = [b"" if value is None else param.render(value) for param, value in zip(params, values, strict=False)]
    if len(values) > len(params):
        if not many:
            raise ValueError(f"{name} has {len(params)} values, not {len(values)}")
        rendered += [params[-1].render(value) for value in values[len(params) :]]
    return b"%b%b%b" % (name.encode(), separator.encode(), b",".join(rendered))


@dataclass(frozen=True, slots=True, eq=False)
class Urc:
    """An unsolicited result code, equal to itself alone.

    `optional` of its last parameters may be missing; `many`: the last may repeat.

    `separator` stands between its name and its values.
    """

    name: str
    title: str
    params: tuple[Param, ...]
    manual: str = ""
    optional: int = 0
    many: bool = False
    separator: str = ": "
    # By the number of values, those seen so far: the line's format, empty where there is none, and which are texts.
    _formats: dict[int, tuple[bytes, tuple[int, ...]]] = field(default_factory=dict, init=False, repr=False)

    def render(self, *values: Any) -> bytes:
        """The line, without CR LF. Raises ValueError for too many values."""
        count = len(values)
        if count not in self._formats:
            self._formats[count] = self._format(count)
        line, texts = self._formats[count]
        if line:
            try:
                if not texts:
                    return line % values
                shown = list(values)
                for position in texts:
                    shown[position] = values[position].encode("utf-8", "surrogateescape")
                return line % tuple(shown)
            except (TypeError, AttributeError):  # one is left out, or is of another type
                pass
        return line_of(self.name, self.params, values, self.many, self.separator)

    def _format(self, count: int) -> tuple[bytes, tuple[int, ...]]:
        """The format of the line with so many values; empty where a parameter prints them in a way of its own."""
        shown = [format_of(param) for param in self.params[:count]]
        if not 0 < count <= len(self.params) or b"" in shown:
            return b"", ()
        head = f"{self.name}{self.separator}".replace("%", "%%")
        texts = tuple(position for position in range(count) if isinstance(self.params[position], Text))
        return head.encode() + b",".join(shown), texts


def format_of(param: Param) -> bytes:
    """How a parameter prints a number, a text's bytes or a message; empty where that takes more than a format."""
    if isinstance(param, Int) and not param.tail:
        return b"%d"
    if isinstance(param, Choice) and not param.hexadecimal:
        return b"%d"
    if isinstance(param, Text | Payload):
        return b"%b" if param.bare else b'"%b"'
    return b""
