"""Scenario files: what happens to a module, and when, as TOML. `docs/scenarios.md` describes them.

`read_scenario` reads one whole before anything starts; what is wrong with it is a ValueError of one line, which has
the number of the file's line and what was expected.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from modemlab.scenario.actions import (
    VOCABULARY,
    Action,
    Entry,
    Term,
    Wrong,
    hold_to,
    make,
    read_conditions,
    unknown_command,
)
from modemlab.scenario.events import Due, Moment
from modemlab.scenario.matchers import MOMENTS, Command
from modemlab.text.figures import shown
from modemlab.text.spelling import nearest, unknown
from modemlab.validation.fields import Number, Unfit, build, misfit
from modemlab.validation.toml_file import Misplaced, read_document

# Bytes of a file, and seconds that a step may wait.
MOST_BYTES = 1 << 20
LONGEST = 10_000_000.0
SECONDS = Number(0, LONGEST, "seconds")
KEYS = ("at", "after", "wait", "action")


class Step(NamedTuple):
    """A step: when it is due, and what is done then, in order."""

    due: Due
    actions: tuple[Action, ...]


class Words(NamedTuple):
    """What steps can wait for, and what they can do."""

    moments: Mapping[str, type[Moment]]
    actions: Mapping[str, Entry | Term]


WORDS = Words(MOMENTS, VOCABULARY)


class Scenario(NamedTuple):
    """What happens to a module, from its first power-on."""

    steps: tuple[Step, ...]

    @property
    def by_chance(self) -> bool:
        """Whether chance has a part in it."""
        told = (action for step in self.steps for action in step.actions if action.name == "conditions")
        return any(read_conditions(action.arguments).by_chance for action in told)


def read_scenario(text: str, commands: Collection[str] | None = None, words: Words = WORDS) -> Scenario:
    """The scenario of a file's text; `commands` are those that the module knows, if that is to be checked.

    Raises ValueError: `line 7: at is -1, expected a number from 0 to 10000000 seconds`.
    """
    return read_document(text, MOST_BYTES, lambda document: Scenario(tuple(read_steps(document, commands, words))))


# Steps


def read_steps(document: Mapping[str, Any], commands: Collection[str] | None, words: Words) -> list[Step]:
    """The steps of a document."""
    for key in document:
        if key != "step":
            raise Misplaced((key,), unknown(key, "key of a scenario", ("step",)))
    steps = document.get("step", [])
    if not isinstance(steps, list) or not steps:
        raise Misplaced(("step",), "expected at least one [[step]]")
    return [read_step(step, ("step", number), commands, words) for number, step in enumerate(steps)]


def read_step(step: Any, path: tuple[str | int, ...], commands: Collection[str] | None, words: Words = WORDS) -> Step:
    """A step."""
    if not isinstance(step, dict):
        raise Misplaced(path, f"a step is {shown(step)}, expected a table")
    for key in step:
        if key not in KEYS:
            raise Misplaced((*path, key), unknown(key, "key of a step", KEYS))
    if ("at" in step) == ("after" in step):
        raise Misplaced(path, "expected at or after, one of them, in a step")
    if "wait" in step and "after" not in step:
        raise Misplaced((*path, "wait"), "wait stands beside after alone")
    key = "at" if "at" in step else "wait"
    seconds: Any = step.get(key, 0)
    if not SECONDS.fits(seconds):
        raise Misplaced((*path, key), misfit(key, seconds, SECONDS))
    moment = None
    if "after" in step:
        moment = read_moment(step["after"], (*path, "after"), commands, known=words.moments)
    return Step(Due(float(seconds), moment), tuple(read_actions(step, path, commands, words)))


def read_moment(
    values: Any,
    path: tuple[str | int, ...],
    commands: Collection[str] | None,
    what: str = "after",
    known: Mapping[str, type[Moment]] = MOMENTS,
    beside: tuple[str, ...] = (),
) -> Moment:
    """What a step waits for, or whatever else is called `what` and knows these kinds; `beside` are its other keys."""
    kinds = [key for key in values if key in known] if isinstance(values, dict) else []
    keys = keys_of([known[kinds[0]]] if len(kinds) == 1 else known.values())
    others = [key for key in values if key not in keys] if isinstance(values, dict) else []
    for key in others:
        if kinds or nearest(key, keys):
            raise Misplaced((*path, key), unknown(key, f"key of {what}", (*keys, *beside)))
    if len(kinds) > 1:
        raise Misplaced((*path, kinds[1]), f"{what} has {' and '.join(kinds)}, expected one of them")
    if not kinds:
        reason = f"{what} is {shown(values)}, expected a table with one of {', '.join(known)}"
        raise Misplaced((*path, *others[:1]), reason)
    try:
        moment = build(known[kinds[0]], values)
    except Unfit as error:
        raise Misplaced((*path, error.field) if error.field else path, f"{what}: {error}") from None
    if isinstance(moment, Command) and commands is not None and moment.name not in commands:
        raise Misplaced((*path, "command"), f"{what}: command is {unknown_command(moment.command, commands)}")
    return moment


def keys_of(kinds: Iterable[type[Moment]]) -> tuple[str, ...]:
    """The keys of these kinds, each once."""
    return tuple(dict.fromkeys(each.name for kind in kinds for each in fields(kind)))  # type: ignore[arg-type]


def read_actions(
    step: Mapping[str, Any], path: tuple[str | int, ...], commands: Collection[str] | None, words: Words
) -> list[Action]:
    """The actions of a step."""
    given = step.get("action")
    if not given or not isinstance(given, list | dict):
        where = (*path, "action") if "action" in step else path
        raise Misplaced(where, "expected at least one action in a step, a table with do")
    if isinstance(given, dict):
        return [read_action(given, (*path, "action"), commands, words)]
    return [read_action(each, (*path, "action", number), commands, words) for number, each in enumerate(given)]


def read_action(values: Any, path: tuple[str | int, ...], commands: Collection[str] | None, words: Words) -> Action:
    """An action: its name by the key `do`, its arguments beside it."""
    if not isinstance(values, dict) or "do" not in values:
        near = next((key for key in values if nearest(key, ("do",))), None) if isinstance(values, dict) else None
        if near is not None:
            raise Misplaced((*path, near), unknown(near, "key of an action", ("do",)))
        raise Misplaced(path, f"an action is {shown(values)}, expected a table with do")
    try:
        action = make(values["do"], {key: value for key, value in values.items() if key != "do"}, words.actions)
        if commands is not None:
            hold_to(action, commands)
    except Wrong as error:
        raise Misplaced((*path, *(error.path or ("do",))), str(error)) from None
    return action
