"""Values that come from files, requests and programs alike: data classes whose fields say what they take.

Each field is made by `number`, `whole` or `one_of`; `check` holds a value to its fields, `build` makes one of a
plain dictionary. Both raise ValueError with one line: what it is, the field, what it was and what was expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Protocol, TypeVar


class Expected(Protocol):
    """What a field takes."""

    def fits(self, value: object) -> bool:
        """Whether the field takes that value."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `least` to `most`, both finite."""

    least: float
    most: float
    unit: str
    whole: bool = False

    def fits(self, value: object) -> bool:
        """Whether it is one; True and False are none."""
        kind = int if self.whole else (int, float)
        return isinstance(value, kind) and not isinstance(value, bool) and self.least <= value <= self.most

    def __str__(self) -> str:
        """In words."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.least:g} to {self.most:g}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: Sequence[str]

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, str) and value in self.words

    def __str__(self) -> str:
        """In words."""
        return "one of " + ", ".join(self.words)


def number(default: float, most: float, unit: str, least: float = 0.0) -> Any:
    """A field that takes a number."""
    return field(default=default, metadata={"expected": Number(least, most, unit)})


def whole(default: int | None, most: int, unit: str = "", least: int = 0) -> Any:
    """A field that takes a whole number; a default of None is one that may be left out."""
    return field(default=default, metadata={"expected": Number(least, most, unit, whole=True)})


def one_of(words: Sequence[str], default: Any = MISSING) -> Any:
    """A field that takes one of these words, and must be given unless it has a default."""
    return field(default=default, metadata={"expected": OneOf(tuple(words))})


def check(value: Any) -> None:
    """Hold a data class's value to its fields. Raises ValueError for the first that does not fit."""
    for each in fields(value):
        given, expected = getattr(value, each.name), each.metadata["expected"]
        if not (expected.fits(given) or (given is None and each.default is None)):
            raise wrong(type(value), each.name, given, str(expected))


def changed(value: Any) -> str:
    """A data class's value in words: the fields that are not as by default."""
    given = ((each.name, getattr(value, each.name), each.default) for each in fields(value))
    return " ".join(f"{name}={shown}" for name, shown, default in given if shown != default)


def wrong(kind: type, name: str, given: object, expected: str) -> ValueError:
    """The error for a field that does not fit."""
    return ValueError(f"{kind.__name__.lower()}: {name} is {given!r:.60}, expected {expected}")


T = TypeVar("T")


def build(kind: type[T], values: Mapping[str, object]) -> T:
    """A value of that data class, of a plain dictionary.

    Raises ValueError that names a field which it does not have, which is missing, or which does not fit.
    """
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    what = kind.__name__.lower()
    for name in values:
        if name not in known:
            raise ValueError(f"{what}: {name!r:.60} is no field, expected one of {', '.join(known)}")
    for name, each in known.items():
        if each.default is MISSING and name not in values:
            raise ValueError(f"{what}: {name} is missing, expected {each.metadata['expected']}")
    return kind(**values)
