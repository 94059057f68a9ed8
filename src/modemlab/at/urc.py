"""Lines that a module prints: a name, a colon, and values by their declared parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modemlab.at.parameters import Param


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

    def render(self, *values: Any) -> bytes:
        """The line, without CR LF."""
        return line_of(self.name, self.params, values, self.many, self.separator)
