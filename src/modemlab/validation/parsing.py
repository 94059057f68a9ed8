"""Plain data, held to the tables that it is to be: all mistakes at once. The one place that has pydantic read.

It is imported when something is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from modemlab.text.catalogue import N_
from modemlab.text.number_format import shown
from modemlab.text.reason import Sentence
from modemlab.validation.fields import kind_of
from modemlab.validation.input_errors import (
    MISMATCH,
    MISSING,
    SECRET,
    InputMistake,
    InputMistakes,
    InvalidInput,
    Path,
    name_of,
    unknown_name,
)
from modemlab.validation.one_of_tables import ByKey, OneOfTables

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
# What lists are called whose tables are not numbered in messages, as the line says which of them; empty: nothing.
UNNUMBERED = {"action": "", "step": "", "expect": "expect"}
# Mistakes that are looked into: for each, the names that are near it are compared.
MAX_MISTAKES = 1000
# What is read, where it has no other name.
WHOLE_DOCUMENT = "the body"
A_TABLE = Sentence(N_("a table"))
ADAPTERS: "dict[Any, TypeAdapter[Any]]" = {}


def read(kind: type[T], value: Any, context: Mapping[str, Any] | None = None) -> T:
    """The table, or what else that type is, which plain data say; `context` is for the kinds that need to know more.

    Raises `InputMistakes`, with all of them in the order of the fields.
    """
    from pydantic import ValidationError  # noqa: PLC0415 (what is never read needs it not)

    try:
        found: T = adapter(kind).validate_python(value, context=dict(context or {}))
        return found
    except ValidationError as error:
        errors = error.errors(include_url=False)
    mistakes = without_followers([mistake_of(kind, value, each) for each in errors[:MAX_MISTAKES]])
    raise InputMistakes(mistakes, len(errors[MAX_MISTAKES:]))


def schema_of(kind: Any, **options: Any) -> dict[str, Any]:
    """The JSON schema of a type; `options` are those of `TypeAdapter.json_schema`."""
    return adapter(kind).json_schema(**options)


def adapter(kind: Any) -> "TypeAdapter[Any]":
    """What reads that type; made once."""
    from pydantic import TypeAdapter  # noqa: PLC0415 (what is never read needs it not)

    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(kind)
    return ADAPTERS[kind]


def without_followers(mistakes: list[InputMistake]) -> list[InputMistake]:
    """The mistakes without fields that are missing as their names are misspelt."""
    misspelt = {(*mistake.path[:-1], mistake.nearest) for mistake in mistakes if mistake.nearest}
    return [mistake for mistake in mistakes if mistake.message != MISSING or mistake.path not in misspelt]


def mistake_of(kind: Any, value: Any, error: Mapping[str, Any]) -> InputMistake:
    """The mistake that the library's error is."""
    place, cause = error["loc"], error.get("ctx", {}).get("error")
    if error["type"] in ("unexpected_keyword_argument", "missing"):
        *place, name = place
        owner, path, where = locate(kind, value, place)
        known = {each.name: each for each in fields(owner)}
        if error["type"] == "missing":
            kept = kind_of(known[name])
            mistake = InputMistake(MISSING, name, expected=kept.words if kept else A_TABLE, path=(name,))
        else:
            mistake = unknown_name(name, Sentence(owner.keys), known, (name,))
    else:
        owner, path, where = locate(kind, value, place)
        if isinstance(cause, InvalidInput):
            mistake = cause.mistake
        else:
            mistake = InputMistake(MISMATCH, given=shown(error["input"]), expected=A_TABLE)
        # What holds a single value does not know of which field.
        if not mistake.name and mistake.message in (MISMATCH, SECRET):
            mistake = replace(mistake, name=where.pop() if where else getattr(owner, "title", "") or WHOLE_DOCUMENT)
        elif where and where[-1] == getattr(choice_of(owner), "name", None):
            where.pop()
    return replace(mistake, path=path + mistake.path, where=": ".join(where))


def locate(kind: Any, value: Any, place: Iterable[str | int]) -> tuple[Any, Path, list[str]]:
    """The type of what the library says stands there, where it is in the value, and that in words.

    The library's place has the names of choices in it, and the number of a table that stands alone.
    """
    path: Path = ()
    where = [name_of(kind)] if isinstance(kind, type) and not getattr(kind, "title", "") else []
    for item in place:
        if (choice := choice_of(kind)) is not None:
            kind = choice.kinds[str(item)]
            if not where and isinstance(choice, ByKey):
                where.append(choice.name)
            where.append(str(item))
            continue
        if isinstance(item, int):
            kind = getattr(kind, "__origin__", kind).__args__[0]
            name = where.pop() if where else ""
            if name in UNNUMBERED:
                where += [UNNUMBERED[name]] if UNNUMBERED[name] else []
            elif isinstance(value, list | tuple):
                where.append(f"{name or 'action'} {item + 1}")
            if not isinstance(value, list | tuple):
                continue
        else:
            kind = next((each.type for each in fields(kind) if each.name == item), None)
            where.append(item)
        path += (item,)
        try:
            value = value[item]
        except (LookupError, TypeError):
            value = None
    return kind, path, where


def choice_of(kind: Any) -> OneOfTables | None:
    """The choice that a type is; None if it is none."""
    told = getattr(kind, "__metadata__", ())
    return told[0] if told and isinstance(told[0], OneOfTables) else None
