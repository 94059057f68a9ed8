"""What may stand at the cursor: names, forms, options and values, from the declarations."""

from collections.abc import Iterator
from typing import NamedTuple

from modemlab.at.command import SUFFIXES, ArgumentPlan, Command, FormKind, syntax
from modemlab.at.parameters import Choice, Int, Param, Text
from modemlab.dialect.dialect import Dialect
from modemlab.terminal.cursor import PREFIX, CursorPlace, place, table

# Candidates that are offered at once.
MAX_CANDIDATES = 200
# A number with so few values is offered value by value.
MAX_OFFERED_VALUES = 6


class Candidate(NamedTuple):
    """Something to complete to: the text up to the cursor as it would be then, what to show, and what it means."""

    text: str
    shown: str
    words: str = ""


def complete(dialect: Dialect, text: str, cursor: int) -> list[Candidate]:
    """The candidates at the cursor, in the order of the tables; none when nothing can be said."""
    before = text[:cursor]
    found = place(dialect, text, cursor)
    if found is None:
        if not before or " " in before:
            return []
        made = names(dialect, PREFIX, before if before[0] in "+^$%*&" else f"+{before}")
    elif found.kind is FormKind.WRITE:
        made = arguments(found, before[: found.start])
    elif found.command is not None and found.kind is None and not found.command.basic:
        # A name may be the begin of another's.
        made = [*forms(found.command, before[: found.start]), *others(dialect, found, before)]
    else:
        made = names(dialect, before[: found.start], found.typed) if found.kind is None else []
    return [candidate for candidate in made if candidate.text != before][:MAX_CANDIDATES]


def others(dialect: Dialect, found: CursorPlace, before: str) -> list[Candidate]:
    """The names that go on where this one ends."""
    assert found.command is not None
    return [
        each
        for each in names(dialect, before[: found.start], found.typed)
        if each.shown != f"{PREFIX}{found.command.name}"
    ]


def names(dialect: Dialect, ahead: str, typed: str) -> list[Candidate]:
    """The commands whose names begin with what is typed."""
    wanted = typed.upper()
    return [
        Candidate(f"{ahead}{command.name}", f"{PREFIX}{command.name}", command.title)
        for command in table(dialect).values()
        if command.name.startswith(wanted)
    ]


def forms(command: Command, ahead: str) -> list[Candidate]:
    """The forms of a command, but the one without a sign, which is typed already."""
    found = []
    if command.options:
        found.append((FormKind.WRITE, '="<option>",...'))
    elif command.params is not None:
        found.append((FormKind.WRITE, f"={syntax(command.params)}"))
    if command.read is not None:
        found.append((FormKind.READ, "?"))
    if command.test is not None:
        found.append((FormKind.TEST, "=?"))
    return [
        Candidate(f"{ahead}{command.name}{SUFFIXES[kind]}", f"{PREFIX}{command.name}{shown}", command.title)
        for kind, shown in found
    ]


def arguments(found: CursorPlace, ahead: str) -> list[Candidate]:
    """What may stand as the option or the value under the cursor."""
    assert found.command is not None
    typed = found.typed.lstrip(" ").lower()
    if found.number < 0:
        listed = [
            Candidate(f'{ahead}"{option.name}",', f'"{option.name}"', option.title) for option in found.command.options
        ]
    else:
        param, plan = found.param, found.plan
        if param is None or plan is None:
            return []
        more = "," if follows(plan, found.number) else ""
        listed = [Candidate(f"{ahead}{value}{more}", value, words) for value, words in values(param)]
    return [each for each in listed if begins(each.shown.lower(), typed)]


def begins(value: str, typed: str) -> bool:
    """Whether a value begins with what is typed, its quote left out or not; one that is typed whole is no candidate."""
    return value != typed and value.startswith((typed, f'"{typed}'))


def follows(plan: ArgumentPlan, index: int) -> bool:
    """Whether another parameter must follow that one."""
    return index + 1 < len(plan.params) and plan.groups[index + 1] in (0, plan.groups[index])


def values(param: Param) -> Iterator[tuple[str, str]]:
    """The values of a parameter that can be listed, as they are typed, with their meanings."""
    if isinstance(param, Choice):
        for value, meaning in param.values.items():
            yield f'"{value}"' if isinstance(value, str) else param.word(value), meaning
    elif isinstance(param, Int) and param.maximum - param.minimum < MAX_OFFERED_VALUES:
        for number in range(param.minimum, param.maximum + 1):
            yield str(number), param.meaning
    elif isinstance(param, Int) and param.default is not None:
        yield str(param.default), param.meaning
    elif isinstance(param, Text) and param.default:
        yield f'"{param.default}"', param.meaning


def common(candidates: list[Candidate]) -> str:
    """The longest text that all candidates begin with."""
    if not candidates:
        return ""
    first, last = min(c.text for c in candidates), max(c.text for c in candidates)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]
