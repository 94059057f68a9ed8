"""What is expected of a host and its module, as plain data, and whether it came: for tests and for files of `check`.

An expectation waits for what a scenario's step can wait for, and for more: a line that the module says, a message at
the broker, the program's exit status, the host's mistakes.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from modemlab.at.pattern import compile_pattern
from modemlab.bench.masked import masked, masked_bytes
from modemlab.bench.scenario import MOMENTS, MOST_NTH, SECONDS, Client, Command, Packet, Urc, read_moment, required
from modemlab.bench.schedule import Arrived, Commanded, Event, Moment, Passed, Told, Turned
from modemlab.module.document import Misplaced, Path
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.topics import check_filter, matches
from modemlab.net.fields import Number, build, check, whole, wrong
from modemlab.net.lane import Way

# How many of what came instead are shown.
SHOWN = 3


class Said(NamedTuple):
    """The module said a line; an echo is one."""

    line: str

    def __str__(self) -> str:
        return repr(self.line)


class Exited(NamedTuple):
    """The host's program ended: its status, or a signal's number as a negative one."""

    status: int

    def __str__(self) -> str:
        return f"exit status {self.status}" if self.status >= 0 else f"the end by signal {-self.status}"


class Mistaken(NamedTuple):
    """The host made a mistake."""

    text: str

    def __str__(self) -> str:
        return self.text


Seen = Event | Said | Exited | Mistaken


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, as a transcript's."""

    def fits(self, value: object) -> bool:
        """Whether it may be one; `check_pattern` tells."""
        return isinstance(value, str)

    def __str__(self) -> str:
        """In words."""
        return "a regular expression"


def check_pattern(value: object, name: str) -> None:
    """Hold a field that is a pattern to what patterns take. Raises ValueError with one line."""
    text = getattr(value, name)
    try:
        compile_pattern(text)
    except ValueError as error:
        raise wrong(type(value), name, text, f"a regular expression, but {error}") from None


@dataclass(frozen=True, slots=True)
class Filter:
    """A topic filter."""

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        try:
            check_filter(value if isinstance(value, str) else "")
        except ValueError:
            return False
        return True

    def __str__(self) -> str:
        """In words."""
        return "a topic, or a filter of topics"


@dataclass(frozen=True, slots=True)
class Of:
    """A value of that type."""

    kind: type
    what: str

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, self.kind)

    def __str__(self) -> str:
        """In words."""
        return self.what


def optional(expected: object) -> Any:
    """A field that may be left out."""
    return field(default=None, metadata={"expected": expected})


@dataclass(frozen=True, slots=True)
class Line:
    """The module says a line that the pattern matches whole."""

    line: str = required(Pattern())
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        check_pattern(self, "line")

    def fits(self, event: Seen) -> bool:
        """Whether that event is one."""
        return isinstance(event, Said) and compile_pattern(self.line).fullmatch(event.line)


@dataclass(frozen=True, slots=True)
class Message:
    """A client's message arrives at the broker: exactly that payload, or one that a pattern matches whole."""

    topic: str = required(Filter())
    payload: str | None = optional(Of(str, "a text"))
    payload_like: str | None = optional(Pattern())
    qos: int | None = whole(None, 2)
    retain: bool | None = optional(Of(bool, "true or false"))
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        if self.payload_like is not None:
            check_pattern(self, "payload_like")

    def fits(self, event: Seen) -> bool:
        """Whether that event is one."""
        if not isinstance(event, Arrived) or not event.client_id or not matches(self.topic, event.topic):
            return False
        text = event.payload.decode("utf-8", "backslashreplace")
        return (
            (self.payload is None or self.payload.encode() == event.payload)
            and (self.payload_like is None or compile_pattern(self.payload_like, re.DOTALL).fullmatch(text))
            and self.qos in (None, event.qos)
            and self.retain in (None, event.retain)
        )


@dataclass(frozen=True, slots=True)
class Exit:
    """The program ends with that status."""

    exit: int = required(Number(0, 255, "", whole=True))
    nth: int = whole(1, 1, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    def fits(self, event: Seen) -> bool:
        """Whether that event is one."""
        return isinstance(event, Exited) and event.status == self.exit


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The host makes at most so many mistakes: the next one must not come."""

    mistakes: int = required(Number(0, MOST_NTH, "", whole=True))

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    @property
    def nth(self) -> int:
        """The first that is one too many."""
        return self.mistakes + 1

    def fits(self, event: Seen) -> bool:
        """Whether that event is one."""
        return isinstance(event, Mistaken)


KINDS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    **MOMENTS,
    "line": lambda values: build(Line, values),
    "topic": lambda values: build(Message, values),
    "exit": lambda values: build(Exit, values),
    "mistakes": lambda values: build(Mistakes, values),
}
# What each looks at, to show what came instead.
LOOKS_AT: Mapping[type, type] = {
    Packet: Passed,
    Command: Commanded,
    Urc: Told,
    Client: Turned,
    Line: Said,
    Message: Arrived,
    Exit: Exited,
    Mistakes: Mistaken,
}


class Expectation(NamedTuple):
    """What must come, or `never` may, within so many seconds from the start; None is by the end. `name` says it all."""

    moment: Moment
    within: float | None
    never: bool
    name: str


def read_expectation(
    values: Any,
    path: Path = (),
    commands: Collection[str] | None = None,
    kinds: Mapping[str, Callable[[Mapping[str, Any]], Any]] = KINDS,
) -> Expectation:
    """An expectation of a table; `commands` are those that the module knows. Raises `Misplaced` with one line."""
    if not isinstance(values, dict):
        raise Misplaced(path, f"an expectation is {values!r:.60}, expected a table")
    within, never = values.get("within"), values.get("never", False)
    if within is not None and not SECONDS.fits(within):
        raise Misplaced((*path, "within"), f"within is {within!r:.60}, expected {SECONDS}")
    if not isinstance(never, bool):
        raise Misplaced((*path, "never"), f"never is {never!r:.60}, expected true or false")
    what = {key: value for key, value in values.items() if key not in ("within", "never")}
    moment = read_moment(what, path, commands, "expect", kinds)
    name = ", ".join(f"{key} = {shown(value)}" for key, value in what.items())
    if isinstance(moment, Mistakes):
        return Expectation(moment, within, True, name)
    return Expectation(moment, within, never, f"never {name}" if never else name)


class Watch:
    """An expectation, and what came of it. Times are in seconds from the start."""

    __slots__ = ("_others", "at", "expectation", "latest", "seen")

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self.seen = 0
        self.at: float | None = None
        # What decided it, and what came that was alike.
        self.latest: Seen | None = None
        self._others: deque[Seen] = deque(maxlen=SHOWN)

    def see(self, event: Seen, at: float) -> None:
        """Something happened."""
        moment = self.expectation.moment
        if not moment.fits(event):  # type: ignore[arg-type] # each fits a scenario's events and more
            if isinstance(event, LOOKS_AT[type(moment)]):
                self._others.append(event)
            return
        self.seen += 1
        if self.seen == moment.nth:
            self.at, self.latest = at, event

    @property
    def came(self) -> bool:
        """Whether it came, and in time."""
        within = self.expectation.within
        return self.at is not None and (within is None or self.at <= within)

    def open(self, now: float) -> bool:
        """Whether it is neither met nor missed yet. What must never come, at any time, leaves nothing open."""
        within = self.expectation.within
        if self.came or (within is None and self.expectation.never):
            return False
        return within is None or now < within

    def fault(self, now: float, show_secrets: bool = False) -> str:
        """What is wrong at the end, which is now; empty when it is met. Secrets in what came are masked."""
        word = word_of if show_secrets else masked_word_of
        _, within, never, _ = self.expectation
        if self.came is not never:
            return ""
        if never:
            return f"came after {self.at:.3f} s: {word(self.latest)}"
        nth = self.expectation.moment.nth
        if self.at is not None:
            return f"came after {self.at:.3f} s, later than {within:g} s"
        limit = "" if within is None or now < within else f" within {within:g} s"
        fault = f"came {times(self.seen)}{limit}, not {times(nth)}" if self.seen else f"did not come{limit}"
        others = "; ".join(map(word, self._others))
        return f"{fault}; the latest that came instead: {others}" if others else fault


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"


def shown(value: object) -> str:
    """A value as the file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return (
        f"'{value:.100}'" if isinstance(value, str) and value.isprintable() and "'" not in value else f"{value!r:.100}"
    )


def word_of(event: Seen | None) -> str:
    """An event in words."""
    if isinstance(event, Passed):
        return f"{event.packet} {'out' if event.way is Way.UP else 'in'}"
    if isinstance(event, Commanded):
        return f"AT{event.command}"
    if isinstance(event, Told):
        return repr(event.line)
    if isinstance(event, Turned):
        return f"client {event.client} {event.state.name.lower()}"
    return str(event)


def masked_word_of(event: Seen | None) -> str:
    """An event in words, without secrets."""
    if isinstance(event, Said | Told):
        event = event._replace(line=masked(event.line))
    elif isinstance(event, Arrived):
        event = event._replace(payload=masked_bytes(event.payload))
    return word_of(event)


def arrived(client_id: str, message: Publish) -> Arrived:
    """A message as it arrived."""
    return Arrived(client_id, message.topic, message.payload, message.qos, message.retain)
