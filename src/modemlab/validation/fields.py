"""What fields take: values that come from files, requests and programs alike.

A `Table` is a frozen data class. A field says what it takes once, as `Annotated[float, Number(0, 60, "seconds")]`;
from that come the check of what a program makes, the reading of files and requests, and JSON schemas. Nothing here
imports the library that reads: it asks the kinds for what it needs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields, replace
from typing import Any, ClassVar, get_args

from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import nearest
from modemlab.text.number_format import MAX_SHOWN_CHARACTERS, figure, shown
from modemlab.text.reason import Listed, Reason, Sentence, range_of
from modemlab.validation.input_errors import MISMATCH, SECRET, InputMistake, InvalidInput, name_of

MAX_TEXT = 200
TRUE_OR_FALSE = N_("true or false")
Schema = dict[str, Any]


class ValueKind:
    """What a field takes; `words` and, in English, `str` of it are that in words."""

    __slots__ = ()
    # Whether what was given is not shown.
    secret: ClassVar[bool] = False
    # In words: a message, or one with its values
    what: str | Reason

    @property
    def words(self) -> Reason:
        """What the field takes."""
        return self.what if isinstance(self.what, Reason) else Sentence(self.what)

    def __str__(self) -> str:
        return str(self.words)

    def fits(self, value: object) -> bool:
        """Whether the field takes that value."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """The same as a JSON schema."""
        raise NotImplementedError

    def expected(self, given: object) -> Reason:
        """In words, for who gave that value, which does not fit."""
        return self.words

    def nearest(self, given: object) -> str:
        """The word that was perhaps meant; empty if there is none."""
        return ""

    def misfit(self, name: str, given: object) -> InputMistake:
        """That a value does not fit: `at is '12', expected a number from 0 to 60 seconds, without quotes`."""
        text = "" if self.secret else shown_for(self, given)
        message = SECRET if self.secret else MISMATCH
        return InputMistake(message, name, text, self.expected(given), self.nearest(given), (name,) if name else ())

    def __get_pydantic_core_schema__(self, source: Any, _handler: Any) -> Any:
        """How the library reads it: a None only where the field's type has one."""
        from pydantic_core import core_schema  # noqa: PLC0415 (whoever asks has it already)

        def hold(value: Any, info: Any) -> Any:
            context = info.context or {}
            if not self.fits_among(value, context):
                raise InvalidInput(self.misfit_among(value, context))
            return value

        held = core_schema.with_info_plain_validator_function(
            hold, metadata={"pydantic_js_functions": [lambda _schema, _handler: self.schema()]}
        )
        return core_schema.nullable_schema(held) if type(None) in get_args(source) else held

    def fits_among(self, value: object, _context: Mapping[str, Any]) -> bool:
        """Whether it fits there: `context` is what a reader knows beside the value, nothing for most."""
        return self.fits(value)

    def misfit_among(self, value: object, _context: Mapping[str, Any]) -> InputMistake:
        """That it does not fit there; its name is not known."""
        return self.misfit("", value)


@dataclass(frozen=True, slots=True)
class Number(ValueKind):
    """A number from `minimum` to `maximum`, both finite; True and False are none."""

    minimum: float
    maximum: float
    unit: str = ""
    whole: bool = False

    def fits(self, value: object) -> bool:
        kind = int if self.whole else (int, float)
        return isinstance(value, kind) and not isinstance(value, bool) and self.minimum <= value <= self.maximum

    def schema(self) -> Schema:
        return {"type": "integer" if self.whole else "number", "minimum": self.minimum, "maximum": self.maximum}

    def expected(self, given: object) -> Reason:
        """In words; a number in quotes is told of them."""
        quoted = isinstance(given, str) and numeric(given)
        return Sentence(N_("{expected}, without quotes"), expected=self.words) if quoted else self.words

    @property
    def words(self) -> Reason:
        message = N_("a whole number from {range}") if self.whole else N_("a number from {range}")
        return Sentence(message, range=range_of(figure(self.minimum), figure(self.maximum), self.unit))


@dataclass(frozen=True, slots=True)
class OneOf(ValueKind):
    """One of a few words or whole numbers; `any_case`: of words in lower case, whose letters may be of either."""

    choices: Sequence[str | int]
    any_case: bool = False

    def fits(self, value: object) -> bool:
        if isinstance(value, str):
            return (value.lower() if self.any_case else value) in self.choices
        return isinstance(value, int) and not isinstance(value, bool) and value in self.choices

    def schema(self) -> Schema:
        return {"enum": list(self.choices)}

    def nearest(self, given: object) -> str:
        return nearest(given, [str(choice) for choice in self.choices]) if isinstance(given, str) else ""

    @property
    def words(self) -> Reason:
        return one_of(self.choices)


@dataclass(frozen=True, slots=True)
class Flag(ValueKind):
    """True or false."""

    what: str | Reason = TRUE_OR_FALSE

    def fits(self, value: object) -> bool:
        return isinstance(value, bool)

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class TextField(ValueKind):
    """A text, which all of `pattern` must match."""

    what: str | Reason
    pattern: str = r"[\s\S]*"
    hidden: bool = False

    @property
    def secret(self) -> bool:  # type: ignore[override] # a field of this kind
        """Whether what was given is not shown."""
        return self.hidden

    def fits(self, value: object) -> bool:
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    def schema(self) -> Schema:
        pattern = {} if self.pattern == r"[\s\S]*" else {"pattern": f"^(?:{self.pattern})$"}
        return {"type": "string", **pattern, "description": str(self)}


@dataclass(frozen=True, slots=True)
class PlainText(ValueKind):
    """A text without control characters, of 1 to `MAX_TEXT` characters."""

    what: str | Reason

    def fits(self, value: object) -> bool:
        return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "description": str(self)}


@dataclass(frozen=True, slots=True)
class ListOf(ValueKind):
    """A list of such values, `minimum` to `maximum` of them."""

    kind: ValueKind
    what: str | Reason
    minimum: int = 0
    maximum: int = 1000

    def fits(self, value: object) -> bool:
        return (
            isinstance(value, list | tuple)
            and self.minimum <= len(value) <= self.maximum
            and all(map(self.kind.fits, value))
        )

    def schema(self) -> Schema:
        return {"type": "array", "items": self.kind.schema(), "minItems": self.minimum, "maxItems": self.maximum}


@dataclass(frozen=True, slots=True)
class Group(ValueKind):
    """A list of as many values as there are kinds, one of each."""

    kinds: tuple[ValueKind, ...]
    what: str | Reason

    def fits(self, value: object) -> bool:
        return (
            isinstance(value, list | tuple)
            and len(value) == len(self.kinds)
            and all(kind.fits(each) for kind, each in zip(self.kinds, value, strict=True))
        )

    def schema(self) -> Schema:
        count = len(self.kinds)
        items = [kind.schema() for kind in self.kinds]
        return {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count, "description": str(self)}


# Tables


class Table:
    """A table of a file, or an object of a request: its fields say what they take. Subclasses are frozen data classes.

    `title` is what it is called; `keys` is what a field of it is called.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}
    title: ClassVar[str] = ""
    keys: ClassVar[str] = N_("key")

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)


class Tables(ValueKind):
    """A list of tables, `minimum` to `maximum` of them; `single`: one that stands alone is a list of it."""

    __slots__ = ("maximum", "minimum", "single", "what")

    def __init__(self, what: str | Reason, maximum: int, minimum: int = 0, single: bool = False) -> None:
        self.what, self.maximum, self.minimum, self.single = what, maximum, minimum, single

    def fits(self, value: object) -> bool:
        """Whether it may be one, by its length; each table is held to what it takes by itself."""
        alone = self.single and isinstance(value, dict | Table) and bool(value)
        return alone or (isinstance(value, list | tuple) and self.minimum <= len(value) <= self.maximum)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """How the library reads it."""
        from pydantic_core import core_schema  # noqa: PLC0415 (whoever asks has it already)

        def hold(value: Any) -> Any:
            if not self.fits(value):
                raise InvalidInput(self.misfit("", value))
            return value if isinstance(value, list | tuple) else [value]

        def described(_schema: Any, describe: Any) -> Schema:
            items = {**describe(inner), "minItems": self.minimum, "maxItems": self.maximum}
            return {"anyOf": [items["items"], items]} if self.single else items

        inner = handler(source)
        return core_schema.no_info_before_validator_function(
            hold, inner, metadata={"pydantic_js_functions": [described]}
        )


# Programs' own


KINDS: dict[type, Mapping[str, ValueKind]] = {}


def kinds_of(table: type) -> Mapping[str, ValueKind]:
    """What the fields of a data class take, as far as that is a single value."""
    if table not in KINDS:
        found = ((each.name, kind_of(each)) for each in fields(table))
        KINDS[table] = {name: kind for name, kind in found if kind is not None}
    return KINDS[table]


def kind_of(field: "Field[Any]") -> ValueKind | None:
    """What a field takes; None for one that holds other tables, or anything."""
    told = getattr(field.type, "__metadata__", ())
    return told[0] if told and isinstance(told[0], ValueKind) else None


def check(value: Any) -> None:
    """Hold a data class's value to its fields. Raises `InvalidInput` for the first that does not fit.

    A field whose default is None takes that.
    """
    kinds = kinds_of(type(value))
    for each in fields(value):
        kind, given = kinds.get(each.name), getattr(value, each.name)
        if kind is not None and not kind.fits(given) and not (given is None and each.default is None):
            raise InvalidInput(replace(kind.misfit(each.name, given), where=name_of(type(value))))


def given(table: Any) -> dict[str, Any]:
    """The fields that are not as by default, as a file has them."""
    return {each.name: plain(value) for each in fields(table) if (value := getattr(table, each.name)) != each.default}


def plain(value: Any) -> Any:
    """A value as a file has it."""
    if isinstance(value, Table):
        return given(value)
    return list(map(plain, value)) if isinstance(value, list | tuple) else value


def changed(value: Any) -> str:
    """A data class's value in words: the fields that are not as by default."""
    told = ((each.name, getattr(value, each.name), each.default) for each in fields(value))
    return " ".join(
        f"{name}={value if isinstance(value, str) else shown(value)}" for name, value, usual in told if value != usual
    )


def one_of(choices: Sequence[str | int]) -> Reason:
    """These, in words."""
    return Sentence(N_("one of {names}"), names=Listed(tuple(choices)))


def shown_for(kind: ValueKind, given: object) -> str:
    """A value that does not fit that, as a message shows it: one that is no whole number does not look like one."""
    whole = isinstance(kind, Number) and kind.whole and isinstance(given, float) and given.is_integer()
    return shown(given) + (".0" if whole else "")


def numeric(text: str) -> bool:
    """Whether a text is a number."""
    try:
        float(text[:MAX_SHOWN_CHARACTERS])
    except ValueError:
        return False
    return True
