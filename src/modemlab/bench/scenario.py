"""Scenario files: what happens to a module, and when, as TOML. `docs/scenarios.md` describes them.

`read_scenario` reads one whole before anything starts; what is wrong with it is a ValueError of one line, which has
the number of the file's line and what was expected.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from modemlab.at.events import State
from modemlab.bench.actions import VOCABULARY, Action, Entry, Term, Wrong, make, read_conditions
from modemlab.bench.schedule import Commanded, Due, Event, Moment, Passed, Told, Turned
from modemlab.module.document import Misplaced, read_document
from modemlab.net.faults import FROM_MODULE, FROM_SERVER, NAMES
from modemlab.net.fields import Number, build, check, one_of, whole, wrong
from modemlab.net.lane import Way

if TYPE_CHECKING:
    from modemlab.bench.messages import Messages

# Bytes of a file, and seconds that a step may wait.
MOST_BYTES = 1 << 20
LONGEST = 10_000_000.0
MOST_NTH = 1_000_000_000
STATES = {state.name.lower(): state for state in State}
WAYS = {"in": Way.DOWN, "out": Way.UP}
SECONDS = Number(0, LONGEST, "seconds")
KEYS = ("at", "after", "wait", "action")


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


class Words(NamedTuple):
    """What steps can wait for, and what they can do."""

    moments: Mapping[str, Callable[[Mapping[str, Any]], Moment]]
    actions: Mapping[str, Entry | Term]


WORDS = Words(MOMENTS, VOCABULARY)


class Scenario(NamedTuple):
    """What happens to a module, from its first power-on; `messages` are for steps that have to do with a broker."""

    steps: tuple[Step, ...]
    messages: "Messages | None" = None

    @property
    def by_chance(self) -> bool:
        """Whether chance has a part in it."""
        told = (action for step in self.steps for action in step.actions if action.name == "conditions")
        return any(read_conditions(action.arguments).by_chance for action in told)


def read_scenario(text: str, commands: Collection[str] | None = None, words: Words = WORDS) -> Scenario:
    """The scenario of a file's text; `commands` are those that the module knows, if that is to be checked.

    Raises ValueError: `line 7: at is -1, expected a number from 0 to 1e+07 seconds`.
    """
    return read_document(text, MOST_BYTES, lambda document: Scenario(tuple(read_steps(document, commands, words))))


# Steps


def read_steps(document: Mapping[str, Any], commands: Collection[str] | None, words: Words) -> list[Step]:
    """The steps of a document."""
    for key in document:
        if key != "step":
            raise Misplaced((key,), f"{key!r:.60} is no key, expected [[step]]")
    steps = document.get("step", [])
    if not isinstance(steps, list) or not steps:
        raise Misplaced(("step",), "expected at least one [[step]]")
    return [read_step(step, ("step", number), commands, words) for number, step in enumerate(steps)]


def read_step(step: Any, path: tuple[str | int, ...], commands: Collection[str] | None, words: Words = WORDS) -> Step:
    """A step."""
    if not isinstance(step, dict):
        raise Misplaced(path, f"a step is {step!r:.60}, expected a table")
    for key in step:
        if key not in KEYS:
            raise Misplaced((*path, key), f"{key!r:.60} is no key of a step, expected {', '.join(KEYS)}")
    if ("at" in step) == ("after" in step):
        raise Misplaced(path, "expected at or after, one of them, in a step")
    if "wait" in step and "after" not in step:
        raise Misplaced((*path, "wait"), "wait stands beside after alone")
    key = "at" if "at" in step else "wait"
    seconds: Any = step.get(key, 0)
    if not SECONDS.fits(seconds):
        raise Misplaced((*path, key), f"{key} is {seconds!r:.60}, expected {SECONDS}")
    moment = None
    if "after" in step:
        moment = read_moment(step["after"], (*path, "after"), commands, known=words.moments)
    return Step(Due(float(seconds), moment), tuple(read_actions(step, path, words)))


def read_moment(
    values: Any,
    path: tuple[str | int, ...],
    commands: Collection[str] | None,
    what: str = "after",
    known: Mapping[str, Callable[[Mapping[str, Any]], Moment]] = MOMENTS,
) -> Moment:
    """What a step waits for, or whatever else is called `what` and knows these kinds."""
    kinds = [key for key in values if key in known] if isinstance(values, dict) else []
    if len(kinds) != 1:
        raise Misplaced(path, f"{what} is {values!r:.60}, expected a table with one of {', '.join(known)}")
    try:
        moment = known[kinds[0]](values)
    except ValueError as error:
        raise Misplaced(path, f"{what}: {error}") from None
    if isinstance(moment, Command) and commands is not None and moment.name not in commands:
        raise Misplaced(path, f"{what}: command is {moment.command!r}, expected one that the module knows")
    return moment


def read_actions(step: Mapping[str, Any], path: tuple[str | int, ...], words: Words) -> list[Action]:
    """The actions of a step."""
    given = step.get("action")
    if not given or not isinstance(given, list | dict):
        where = (*path, "action") if "action" in step else path
        raise Misplaced(where, "expected at least one action in a step, a table with do")
    if isinstance(given, dict):
        return [read_action(given, (*path, "action"), words)]
    return [read_action(each, (*path, "action", number), words) for number, each in enumerate(given)]


def read_action(values: Any, path: tuple[str | int, ...], words: Words) -> Action:
    """An action: its name by the key `do`, its arguments beside it."""
    if not isinstance(values, dict) or "do" not in values:
        raise Misplaced(path, f"an action is {values!r:.60}, expected a table with do")
    try:
        arguments = {key: value for key, value in values.items() if key != "do"}
        return make(values["do"], arguments, words.actions)
    except Wrong as error:
        raise Misplaced((*path, error.field or "do"), str(error)) from None
