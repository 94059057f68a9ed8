"""Lines that a module prints: a name, a colon, and values by their declared parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from modemlab.at.parameters import Choice, Int, Param


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
    # By the number of values, those seen so far: how it is formatted when all of them are numbers; empty: it is not.
    _formats: dict[int, bytes] = field(default_factory=dict, init=False, repr=False)

    def render(self, *values: Any) -> bytes:
        """The line, without CR LF. Raises ValueError for too many values."""
        count = len(values)
        numbers = self._formats.get(count)
        if numbers is None:
            numbers = self._formats[count] = self._number_format(count)
        if numbers:
            try:
                return numbers % values
            except TypeError:  # one is left out, or is no number
                pass
        return line_of(self.name, self.params, values, self.many, self.separator)

    def _number_format(self, count: int) -> bytes:
        """The format of the line with so many values, all of them numbers; empty where they are printed otherwise."""
        if not 0 < count <= len(self.params) or not all(map(prints_decimal, self.params[:count])):
            return b""
        head = f"{self.name}{self.separator}".replace("%", "%%")
        return head.encode() + b",".join((b"%d",) * count)


def prints_decimal(param: Param) -> bool:
    """Whether a parameter prints each number in decimal digits, with nothing around them."""
    return (isinstance(param, Int) and not param.tail) or (isinstance(param, Choice) and not param.hexadecimal)
