"""What is expected of a host and its module, as plain data, and whether it came: for tests and for files of `check`.

An expectation waits for what a scenario's step can wait for, and for more: a line that the module says, a message at
the broker, the program's exit status, the host's mistakes.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass
from typing import Annotated, Any, NamedTuple

from modemlab.lab.closest_events import (
    MAX_OTHERS,
    HostMistake,
    LabEvent,
    LinePrinted,
    ProgramExited,
    TimedEvent,
    masked_word_of,
    nearest_of,
    shortened,
    word_of,
)
from modemlab.scenario.events import (
    ClientStateChanged,
    CommandStarted,
    EventMatcher,
    MessageArrived,
    PacketPassed,
    UrcPrinted,
)
from modemlab.scenario.file import SECONDS
from modemlab.scenario.matchers import (
    MATCHERS,
    MAX_NTH,
    NTH,
    PATTERN,
    ClientMatcher,
    CommandMatcher,
    Matcher,
    MessageMatcher,
    PacketMatcher,
    UrcMatcher,
)
from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure, written
from modemlab.text.reason import Listed, Reason, Sentence
from modemlab.transcripts.pattern import compile_pattern
from modemlab.validation.fields import Flag, Number
from modemlab.validation.one_of_tables import ByKey
from modemlab.validation.parsing import read


@dataclass(frozen=True, slots=True)
class LineMatcher(Matcher):
    """The module says a line that the pattern matches whole."""

    line: Annotated[str, PATTERN]
    nth: Annotated[int, NTH] = 1

    def fits(self, event: LabEvent) -> bool:
        """Whether that event is one."""
        return isinstance(event, LinePrinted) and bool(compile_pattern(self.line).fullmatch(event.line))


@dataclass(frozen=True, slots=True)
class ExitMatcher(Matcher):
    """The program ends with that status."""

    exit: Annotated[int, Number(0, 255, whole=True)]
    nth: Annotated[int, Number(1, 1, whole=True)] = 1

    def fits(self, event: LabEvent) -> bool:
        """Whether that event is one."""
        return isinstance(event, ProgramExited) and event.status == self.exit


@dataclass(frozen=True, slots=True)
class MistakesMatcher(Matcher):
    """The host makes at most so many mistakes: the next one must not come."""

    mistakes: Annotated[int, Number(0, MAX_NTH, whole=True)]

    @property
    def nth(self) -> int:
        """The first that is one too many."""
        return self.mistakes + 1

    def fits(self, event: LabEvent) -> bool:
        """Whether that event is one."""
        return isinstance(event, HostMistake)


EXPECTATION_KEYS: Mapping[str, type[Matcher]] = {
    **MATCHERS,
    "line": LineMatcher,
    "topic": MessageMatcher,
    "exit": ExitMatcher,
    "mistakes": MistakesMatcher,
}
# What each looks at, to show what came instead.
EVENT_OF_MATCHER: Mapping[type, type] = {
    PacketMatcher: PacketPassed,
    CommandMatcher: CommandStarted,
    UrcMatcher: UrcPrinted,
    ClientMatcher: ClientStateChanged,
    LineMatcher: LinePrinted,
    MessageMatcher: MessageArrived,
    ExitMatcher: ProgramExited,
    MistakesMatcher: HostMistake,
}
# What stands beside that in a table.
COMMON_KEYS = (("within", Annotated[float | None, SECONDS], None), ("never", Annotated[bool, Flag()], False))
# Each of `EXPECTATION_KEYS`, with that.
EXPECTED: Mapping[str, type[Matcher]] = {
    name: make_dataclass(
        f"Expected{kind.__name__}",
        COMMON_KEYS,
        bases=(kind,),
        namespace={"__doc__": kind.__doc__},
        frozen=True,
        slots=True,
    )
    for name, kind in EXPECTATION_KEYS.items()
}
ANY_EXPECTED = Annotated[Matcher, ByKey(EXPECTED, "expect")]
# `exit` is of a program that `modemlab check` starts.
EXPECTED_OF_A_LAB = Annotated[
    Matcher, ByKey({name: kind for name, kind in EXPECTED.items() if name != "exit"}, "expect")
]


class Expectation(NamedTuple):
    """What must come, or `never` may, within so many seconds from the start; None is by the end. `name` says it all."""

    moment: EventMatcher
    within: float | None
    never: bool
    name: str


def read_expectation(values: Mapping[str, Any], kind: Any = ANY_EXPECTED) -> Expectation:
    """An expectation of a table. Raises `MistakesMatcher` with all that is wrong with it."""
    return expectation_of(read(kind, values), values)


def expectation_of(found: Any, values: Mapping[str, Any]) -> Expectation:
    """The expectation that was read of a table with these values."""
    beside = {name for name, _, _ in COMMON_KEYS}
    kind: Any = type(found).__bases__[0]
    moment: EventMatcher = kind(**{each.name: getattr(found, each.name) for each in fields(kind)})
    name = ", ".join(f"{key} = {as_written(value)}" for key, value in values.items() if key not in beside)
    if isinstance(moment, MistakesMatcher):
        return Expectation(moment, found.within, True, name)
    return Expectation(moment, found.within, found.never, f"never {name}" if found.never else name)


class ExpectationState:
    """An expectation, and what came of it. Times are in seconds from the start."""

    __slots__ = ("_others", "at", "expectation", "latest", "seen")

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self.seen = 0
        self.at: float | None = None
        # What decided it, and what came that was alike.
        self.latest: LabEvent | None = None
        self._others: deque[TimedEvent] = deque(maxlen=MAX_OTHERS)

    def on_event(self, event: LabEvent, at: float) -> None:
        """Something happened."""
        moment = self.expectation.moment
        if not moment.fits(event):  # type: ignore[arg-type] # each fits a scenario's events and more
            if isinstance(event, EVENT_OF_MATCHER[type(moment)]):
                self._others.append(TimedEvent(shortened(event), at))
            return
        self.seen += 1
        if self.seen == moment.nth:
            self.at, self.latest = at, event

    @property
    def is_met(self) -> bool:
        """Whether it came, and in time."""
        within = self.expectation.within
        return self.at is not None and (within is None or self.at <= within)

    def open(self, now: float) -> bool:
        """Whether it is neither met nor missed yet. What must never come, at any time, leaves nothing open."""
        within = self.expectation.within
        if self.is_met or (within is None and self.expectation.never):
            return False
        return within is None or now < within

    def fault(self, now: float, show_secrets: bool = False) -> Reason | None:
        """What came and what was expected, at the end, which is now; None when it is met. Secrets in what came are
        masked, unless `show_secrets`.
        """
        word = word_of if show_secrets else masked_word_of
        moment, within, never, _ = self.expectation
        if self.is_met is not never:
            return None
        limit = Sentence("") if within is None else Sentence(N_(" within {seconds} s"), seconds=figure(within))
        if isinstance(moment, MistakesMatcher):
            made = counted(self.seen, N_("1 mistake"), N_("{count} mistakes"))
            message = N_("{made}, expected at most {maximum}{limit}; number {nth} came {after}: {event}")
            values = {"made": made, "maximum": moment.mistakes, "limit": limit, "nth": moment.nth}
            return Sentence(message, after=after(self.at), event=word(self.latest), **values)
        if never:
            message = N_("came {after}: {event}, expected never{limit}")
            return Sentence(message, after=after(self.at), event=word(self.latest), limit=limit)
        if self.at is not None:
            late = N_("came {after}, later than {seconds} s")
            return Sentence(late, after=after(self.at), seconds=figure(within or 0.0))
        if isinstance(moment, ExitMatcher):
            return exit_fault(moment, self._others)
        message = N_("came {seen}{limit}, expected {expected}")
        past = limit if within is not None and now >= within else Sentence("")
        told = Sentence(message, seen=times(self.seen), limit=past, expected=times(moment.nth))
        found = nearest_of(moment, self._others)
        alike = tuple(Sentence("{event} {after}", event=word(event), after=after(at)) for event, at in found)
        return Sentence(N_("{what}; nearest: {nearest}"), what=told, nearest=Listed(alike, "; ")) if alike else told


def exit_fault(moment: ExitMatcher, others: Sequence[TimedEvent]) -> Reason:
    """That a program ended otherwise, or did not end."""
    if not others:
        return Sentence(N_("the program was still running, expected exit status {exit}"), exit=moment.exit)
    ended = others[-1].event
    assert isinstance(ended, ProgramExited)
    message = N_("{ended}, expected {exit}") if ended.status >= 0 else N_("{ended}, expected exit status {exit}")
    return Sentence(message, ended=ended_by(ended.status), exit=moment.exit)


def ended_by(status: int) -> Reason:
    """How a program ended: its status, or a signal's number as a negative one."""
    message = N_("exit status {status}") if status >= 0 else N_("ended by signal {status}")
    return Sentence(message, status=abs(status))


def after(seconds: float | None) -> Reason:
    """When something came."""
    return Sentence(N_("after {seconds} s"), seconds=f"{seconds or 0.0:.3f}")


def times(count: int) -> Reason:
    """How often, in words."""
    return counted(count, N_("once"), N_("{count} times"))


def counted(count: int, one: str, more: str) -> Reason:
    """A number of things, by the message of one or of more."""
    return Sentence(one) if count == 1 else Sentence(more, count=count)


def as_written(value: object) -> str:
    """A value as the file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    plain = isinstance(value, str) and value.isprintable() and "'" not in value
    return f"'{value:.100}'" if plain else f"{written(value):.100}"
