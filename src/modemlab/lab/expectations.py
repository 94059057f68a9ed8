"""What is expected of a host and its module, as plain data, and whether it came: for tests and for files of `check`.

An expectation waits for what a scenario's step can wait for, and for more: a line that the module says, a message at
the broker, the program's exit status, the host's mistakes.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from modemlab.lab.near_misses import (
    MOST_OTHERS,
    Came,
    Exited,
    Mistaken,
    Said,
    Seen,
    masked_word_of,
    nearest_of,
    shortened,
    word_of,
)
from modemlab.scenario.events import Arrived, Commanded, Moment, Passed, Told, Turned
from modemlab.scenario.file import SECONDS, read_moment
from modemlab.scenario.matchers import MOMENTS, MOST_NTH, Client, Command, Message, Packet, Pattern, Urc, check_pattern
from modemlab.text.figures import figure, shown, written
from modemlab.transcripts.pattern import compile_pattern
from modemlab.validation.fields import Number, check, misfit, taking, whole
from modemlab.validation.toml_file import Misplaced, Path


@dataclass(frozen=True, slots=True)
class Line:
    """The module says a line that the pattern matches whole."""

    line: str = taking(Pattern())
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        check_pattern(self, "line")

    def fits(self, event: Seen) -> bool:
        """Whether that event is one."""
        return isinstance(event, Said) and compile_pattern(self.line).fullmatch(event.line)


@dataclass(frozen=True, slots=True)
class Exit:
    """The program ends with that status."""

    exit: int = taking(Number(0, 255, "", whole=True))
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

    mistakes: int = taking(Number(0, MOST_NTH, "", whole=True))

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


KINDS: Mapping[str, type[Any]] = {**MOMENTS, "line": Line, "topic": Message, "exit": Exit, "mistakes": Mistakes}
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
# Keys of an expectation beside those of what is expected.
BESIDE = ("within", "never")


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
    kinds: Mapping[str, type[Any]] = KINDS,
) -> Expectation:
    """An expectation of a table; `commands` are those that the module knows. Raises `Misplaced` with one line."""
    if not isinstance(values, dict):
        raise Misplaced(path, f"an expectation is {shown(values)}, expected a table")
    within, never = values.get("within"), values.get("never", False)
    if within is not None and not SECONDS.fits(within):
        raise Misplaced((*path, "within"), misfit("within", within, SECONDS))
    if not isinstance(never, bool):
        raise Misplaced((*path, "never"), misfit("never", never, "true or false"))
    what = {key: value for key, value in values.items() if key not in BESIDE}
    moment = read_moment(what, path, commands, "expect", kinds, BESIDE)
    name = ", ".join(f"{key} = {as_written(value)}" for key, value in what.items())
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
        self._others: deque[Came] = deque(maxlen=MOST_OTHERS)

    def see(self, event: Seen, at: float) -> None:
        """Something happened."""
        moment = self.expectation.moment
        if not moment.fits(event):  # type: ignore[arg-type] # each fits a scenario's events and more
            if isinstance(event, LOOKS_AT[type(moment)]):
                self._others.append(Came(shortened(event), at))
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
        """What came and what was expected, at the end, which is now; empty when it is met. Secrets in what came are
        masked, unless `show_secrets`.
        """
        word = word_of if show_secrets else masked_word_of
        moment, within, never, _ = self.expectation
        if self.came is not never:
            return ""
        limit = "" if within is None else f" within {figure(within)} s"
        if isinstance(moment, Mistakes):
            most = f"expected at most {moment.mistakes}{limit}"
            made = "1 mistake" if self.seen == 1 else f"{self.seen} mistakes"
            return f"{made}, {most}; number {moment.nth} came {after(self.at)}: {word(self.latest)}"
        if never:
            return f"came {after(self.at)}: {word(self.latest)}, expected never{limit}"
        if self.at is not None:
            return f"came {after(self.at)}, later than {figure(within or 0.0)} s"
        if isinstance(moment, Exit):
            return exit_fault(moment, self._others)
        past = limit if within is not None and now >= within else ""
        nearest = "; ".join(f"{word(event)} {after(at)}" for event, at in nearest_of(moment, self._others))
        return f"came {times(self.seen)}{past}, expected {times(moment.nth)}{nearest and f'; nearest: {nearest}'}"


def exit_fault(moment: Exit, others: Sequence[Came]) -> str:
    """That a program ended otherwise, or did not end."""
    if not others:
        return f"the program was still running, expected exit status {moment.exit}"
    ended = others[-1].event
    assert isinstance(ended, Exited)
    return f"{ended}, expected {moment.exit if ended.status >= 0 else f'exit status {moment.exit}'}"


def after(seconds: float | None) -> str:
    """When something came."""
    return f"after {seconds or 0.0:.3f} s"


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"


def as_written(value: object) -> str:
    """A value as the file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    plain = isinstance(value, str) and value.isprintable() and "'" not in value
    return f"'{value:.100}'" if plain else f"{written(value):.100}"
