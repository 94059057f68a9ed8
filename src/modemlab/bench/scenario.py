"""Scenario files: what happens to a module, and when, as TOML. `docs/scenarios.md` describes them.

`read_scenario` reads one whole before anything starts; what is wrong with it is a ValueError of one line, which has
the number of the file's line and what was expected.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any, NamedTuple

from modemlab.at.events import State
from modemlab.bench.actions import Action, Wrong, make, read_conditions
from modemlab.bench.schedule import Commanded, Due, Event, Moment, Passed, Told, Turned
from modemlab.net.faults import FROM_MODULE, FROM_SERVER, NAMES
from modemlab.net.fields import Number, build, check, one_of, whole, wrong
from modemlab.net.lane import Way

# Bytes of a file, and seconds that a step may wait.
MOST_BYTES = 1 << 20
LONGEST = 10_000_000.0
MOST_NTH = 1_000_000_000
STATES = {state.name.lower(): state for state in State}
WAYS = {"in": Way.DOWN, "out": Way.UP}
SECONDS = Number(0, LONGEST, "seconds")
KEYS = ("at", "after", "wait", "action")
PLACE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Text:
    """A text without control characters, of 1 to 200 characters."""

    what: str

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()

    def __str__(self) -> str:
        """In words."""
        return self.what


def required(expected: object) -> Any:
    """A field that must be given."""
    return field(default=MISSING, metadata={"expected": expected})


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet passes: out as the module sends it, in as it reaches the module."""

    packet: str = one_of(NAMES)
    way: str | None = one_of(tuple(WAYS), None)
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        only = "out" if self.packet in FROM_MODULE else "in" if self.packet in FROM_SERVER else None
        if only is not None and self.way not in (only, None):
            raise wrong(Packet, "way", self.way, f"{only}, as {self.packet} goes")
        if only is None and self.way is None:
            raise ValueError(f"packet: way is missing, expected in or out, as {self.packet} goes both ways")

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        if not isinstance(event, Passed) or event.packet != self.packet:
            return False
        return self.way is None or WAYS[self.way] is event.way


@dataclass(frozen=True, slots=True)
class Command:
    """The module begins to answer a command, `AT` ahead of its name or not."""

    command: str = required(Text('a command\'s name, such as "AT+QMTOPEN"'))
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    @property
    def name(self) -> str:
        """The name as dialects have it."""
        return self.command.upper().removeprefix("AT")

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        return isinstance(event, Commanded) and event.command == self.name


@dataclass(frozen=True, slots=True)
class Urc:
    """The module tells a URC that begins so."""

    urc: str = required(Text('the beginning of a URC, such as "+QMTSTAT: 0"'))
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        return isinstance(event, Told) and event.line.startswith(self.urc)


@dataclass(frozen=True, slots=True)
class Client:
    """An MQTT client comes into a state."""

    client: int = required(Number(0, 99, "", whole=True))
    state: str = one_of(tuple(STATES))
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        return isinstance(event, Turned) and event.client == self.client and event.state is STATES[self.state]


MOMENTS: Mapping[str, Callable[[Mapping[str, Any]], Moment]] = {
    "packet": lambda values: build(Packet, values),
    "command": lambda values: build(Command, values),
    "urc": lambda values: build(Urc, values),
    "client": lambda values: build(Client, values),
}


class Step(NamedTuple):
    """A step: when it is due, and what is done then, in order."""

    due: Due
    actions: tuple[Action, ...]


class Scenario(NamedTuple):
    """What happens to a module, from its first power-on."""

    steps: tuple[Step, ...]

    @property
    def by_chance(self) -> bool:
        """Whether chance has a part in it."""
        told = (action for step in self.steps for action in step.actions if action.name == "conditions")
        return any(read_conditions(action.arguments).by_chance for action in told)


class Mistake(Exception):
    """Something in the file is wrong: where it stands in the parsed document, and what."""

    def __init__(self, path: tuple[str | int, ...], reason: str) -> None:
        super().__init__(reason)
        self.path = path


def read_scenario(text: str, commands: Collection[str] | None = None) -> Scenario:
    """The scenario of a file's text; `commands` are those that the module knows, if that is to be checked.

    Raises ValueError: `line 7: at is -1, expected a number from 0 to 1e+07 seconds`.
    """
    text = text.replace("\r\n", "\n")
    document = parse(text)
    try:
        return Scenario(tuple(read_steps(document, commands)))
    except Mistake as mistake:
        raise ValueError(f"line {line_of(text, mistake.path)}: {mistake}") from None


def parse(text: str) -> dict[str, Any]:
    """The document. Raises ValueError, with the line, for what is no TOML."""
    if len(text) > MOST_BYTES:
        raise ValueError(f"line 1: a scenario has at most {MOST_BYTES} characters, not {len(text)}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = PLACE.search(str(error))
        line = int(place[1]) if place is not None and place[1] else text.rstrip().count("\n") + 1
        raise ValueError(f"line {line}: no TOML: {PLACE.sub('', str(error))}") from None
    except (ValueError, RecursionError) as error:
        # What the library leaves to Python: numbers of thousands of digits, tables in tables in tables.
        low, high = 0, text.count("\n") + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if untold(head(text, middle)) else (middle, high)
        what = "nested too deeply" if isinstance(error, RecursionError) else "a number of too many digits"
        raise ValueError(f"line {high}: {what}") from None


def untold(text: str) -> bool:
    """Whether the library fails on that without saying where."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    except (ValueError, RecursionError):
        return True
    return False


# Steps


def read_steps(document: Mapping[str, Any], commands: Collection[str] | None) -> list[Step]:
    """The steps of a document."""
    for key in document:
        if key != "step":
            raise Mistake((key,), f"{key!r:.60} is no key, expected [[step]]")
    steps = document.get("step", [])
    if not isinstance(steps, list) or not steps:
        raise Mistake(("step",), "expected at least one [[step]]")
    return [read_step(step, ("step", number), commands) for number, step in enumerate(steps)]


def read_step(step: Any, path: tuple[str | int, ...], commands: Collection[str] | None) -> Step:
    """A step."""
    if not isinstance(step, dict):
        raise Mistake(path, f"a step is {step!r:.60}, expected a table")
    for key in step:
        if key not in KEYS:
            raise Mistake((*path, key), f"{key!r:.60} is no key of a step, expected {', '.join(KEYS)}")
    if ("at" in step) == ("after" in step):
        raise Mistake(path, "expected at or after, one of them, in a step")
    if "wait" in step and "after" not in step:
        raise Mistake((*path, "wait"), "wait stands beside after alone")
    key = "at" if "at" in step else "wait"
    seconds: Any = step.get(key, 0)
    if not SECONDS.fits(seconds):
        raise Mistake((*path, key), f"{key} is {seconds!r:.60}, expected {SECONDS}")
    moment = read_moment(step["after"], (*path, "after"), commands) if "after" in step else None
    return Step(Due(float(seconds), moment), tuple(read_actions(step, path)))


def read_moment(values: Any, path: tuple[str | int, ...], commands: Collection[str] | None) -> Moment:
    """What a step waits for."""
    kinds = [key for key in values if key in MOMENTS] if isinstance(values, dict) else []
    if len(kinds) != 1:
        raise Mistake(path, f"after is {values!r:.60}, expected a table with one of {', '.join(MOMENTS)}")
    try:
        moment = MOMENTS[kinds[0]](values)
    except ValueError as error:
        raise Mistake(path, f"after: {error}") from None
    if isinstance(moment, Command) and commands is not None and moment.name not in commands:
        raise Mistake(path, f"after: command is {moment.command!r}, expected one that the module knows")
    return moment


def read_actions(step: Mapping[str, Any], path: tuple[str | int, ...]) -> list[Action]:
    """The actions of a step."""
    given = step.get("action")
    if not given or not isinstance(given, list | dict):
        where = (*path, "action") if "action" in step else path
        raise Mistake(where, "expected at least one action in a step, a table with do")
    if isinstance(given, dict):
        return [read_action(given, (*path, "action"))]
    return [read_action(each, (*path, "action", number)) for number, each in enumerate(given)]


def read_action(values: Any, path: tuple[str | int, ...]) -> Action:
    """An action: its name by the key `do`, its arguments beside it."""
    if not isinstance(values, dict) or "do" not in values:
        raise Mistake(path, f"an action is {values!r:.60}, expected a table with do")
    try:
        return make(values["do"], {key: value for key, value in values.items() if key != "do"})
    except Wrong as error:
        raise Mistake((*path, error.field or "do"), str(error)) from None


# Where something stands


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line on which the value of that path begins, or the nearest above it that is there; 1 if none is.

    The library tells no lines, but a document that ends early is one too: the first that has the value, or one more
    item of an array that is closed there, ends with it.
    """
    document = tomllib.loads(text)
    while path and not has(document, path):
        path = path[:-1]
    if not path:
        return 1
    low, high = 0, text.count("\n") + 1
    while (middle := between(text, low, high)) is not None:
        count, found = middle
        low, high = (low, count) if has(found, path) else (count, high)
    return low + 1


def between(text: str, low: int, high: int) -> tuple[int, dict[str, Any]] | None:
    """How many lines, more than `low` and fewer than `high`, make a document, and that document; the middle first."""
    middle = (low + high) // 2
    for count in (*range(middle, low, -1), *range(middle + 1, high)):
        for end in ("", "\n]"):
            try:
                return count, tomllib.loads(head(text, count) + end)
            except ValueError:
                continue
    return None


def head(text: str, count: int) -> str:
    """The first lines of a text."""
    return "\n".join(text.split("\n", count)[:count])


def has(document: Any, path: tuple[str | int, ...]) -> bool:
    """Whether a document has a value there."""
    for key in path:
        if isinstance(key, int):
            if not isinstance(document, list) or key >= len(document):
                return False
        elif not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True
