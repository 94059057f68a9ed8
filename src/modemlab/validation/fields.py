"""Values that come from files, requests and programs alike: data classes whose fields say what they take.

Each field is made by `number`, `whole`, `one_of` or `taking`; `check` holds a value to its fields, `build` makes one of
a plain dictionary. Both raise `Unfit`: what it is, the field, what it was and what was expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Protocol, TypeVar

from modemlab.text.figures import SHOWN, figure, shown
from modemlab.text.spelling import meant, unknown

LONGEST_TEXT = 200


class Expected(Protocol):
    """What a field takes, in words too."""

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
        return f"{kind} from {figure(self.least)} to {figure(self.most)}{' ' + self.unit if self.unit else ''}"


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


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text without control characters, of 1 to `LONGEST_TEXT` characters."""

    what: str

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable()

    def __str__(self) -> str:
        """In words."""
        return self.what


class Unfit(ValueError):
    """A value that cannot be: `what` it is of, the `field` that does not fit (empty when it is none alone), and why."""

    def __init__(self, what: str, field: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.field, self.reason = field, reason


def number(default: float, most: float, unit: str, least: float = 0.0) -> Any:
    """A field that takes a number."""
    return taking(Number(least, most, unit), default)


def whole(default: int | None, most: int, unit: str = "", least: int = 0) -> Any:
    """A field that takes a whole number; a default of None is one that may be left out."""
    return taking(Number(least, most, unit, whole=True), default)


def one_of(words: Sequence[str], default: Any = MISSING) -> Any:
    """A field that takes one of these words, and must be given unless it has a default."""
    return taking(OneOf(tuple(words)), default)


def taking(expected: Expected, default: Any = MISSING) -> Any:
    """A field that takes what is expected, and must be given unless it has a default."""
    return field(default=default, metadata={"expected": expected})


def check(value: Any) -> None:
    """Hold a data class's value to its fields. Raises `Unfit` for the first that does not fit."""
    for each in fields(value):
        given, expected = getattr(value, each.name), each.metadata["expected"]
        if not (expected.fits(given) or (given is None and each.default is None)):
            raise wrong(type(value), each.name, given, expected)


def changed(value: Any) -> str:
    """A data class's value in words: the fields that are not as by default."""
    given = ((each.name, getattr(value, each.name), each.default) for each in fields(value))
    return " ".join(
        f"{name}={value if isinstance(value, str) else shown(value)}" for name, value, usual in given if value != usual
    )


def misfit(name: str, given: object, expected: object) -> str:
    """That a value does not fit: `at is '12', expected a number from 0 to 60 seconds, without quotes`."""
    hint, text = "", shown(given)
    if isinstance(expected, Number) and expected.whole and isinstance(given, float) and given.is_integer():
        # Else it would look like one that fits.
        text += ".0"
    if isinstance(expected, Number) and isinstance(given, str) and numeric(given):
        hint = ", without quotes"
    elif isinstance(expected, OneOf):
        hint = meant(given, expected.words)
    return f"{name} is {text}, expected {expected}{hint}"


def numeric(text: str) -> bool:
    """Whether a text is a number."""
    try:
        float(text[:SHOWN])
    except ValueError:
        return False
    return True


def wrong(kind: type, name: str, given: object, expected: object) -> Unfit:
    """The error for a field that does not fit."""
    return Unfit(name_of(kind), name, misfit(name, given, expected))


def name_of(kind: type) -> str:
    """What a data class is called in messages."""
    return kind.__name__.lower()


T = TypeVar("T")


def build(kind: type[T], values: Mapping[str, object]) -> T:
    """A value of that data class, of a plain dictionary.

    Raises `Unfit` that names a field which it does not have, which is missing, or which does not fit.
    """
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    what = name_of(kind)
    for name in values:
        if name not in known:
            raise Unfit(what, name, unknown(name, "key", known))
    for name, each in known.items():
        if each.default is MISSING and name not in values:
            raise Unfit(what, "", f"{name} is missing, expected {each.metadata['expected']}")
    return kind(**values)
