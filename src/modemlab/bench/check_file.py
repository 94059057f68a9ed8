"""Files of `modemlab check`: a module, what happens to it, and what is expected of the program that drives it.

`docs/ci.md` describes them. What is wrong with one is a ValueError of one line, with the number of the file's line.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, NamedTuple, TypeVar

from modemlab.bench.expectations import Exit, Expectation, Of, optional, read_expectation
from modemlab.bench.messages import WITH_BROKER
from modemlab.bench.scenario import MOST_BYTES, Scenario, Text, read_step
from modemlab.dialects import find_model
from modemlab.module.document import Misplaced, read_document
from modemlab.net.fields import Number, build, check

T = TypeVar("T")
KEYS = ("module", "program", "broker", "step", "expect")
LONGEST = 86_400.0
TEXT = Text("a text")


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts."""

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, list) and all(TEXT.fits(each) for each in value)

    def __str__(self) -> str:
        """In words."""
        return "a list of texts"


TEXTS = Texts()
FLAG, NUMBER, WHOLE = Of(bool, "true or false"), Number(0, 1e9, ""), Number(0, 2**63 - 1, "", whole=True)


def by_default(value: Any, expected: object) -> Any:
    """A field that is like that unless it is given."""
    return field(default=value, metadata={"expected": expected})


@dataclass(frozen=True, slots=True)
class Module:
    """The module, by the options of `modemlab module`."""

    model: str = by_default("EC200S-CN", TEXT)
    port: str | None = optional(TEXT)
    connect_to: Sequence[str] | None = optional(TEXTS)
    strict: bool = by_default(False, FLAG)
    quirk: Sequence[str] | None = optional(TEXTS)
    imei: str | None = optional(TEXT)
    apn: str | None = optional(TEXT)
    files: str | None = optional(TEXT)
    answers: str | None = optional(TEXT)
    baud: int | None = optional(WHOLE)
    fifo: int | None = optional(WHOLE)
    noise: float | None = optional(NUMBER)
    speed: float | None = optional(NUMBER)
    network: str = by_default("lab", TEXT)
    seed: int | None = optional(WHOLE)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)


@dataclass(frozen=True, slots=True)
class Program:
    """How the program is run: at most `timeout` seconds; with `forever` it is ended once all is as expected."""

    timeout: float = by_default(60.0, Number(0.1, LONGEST, "seconds"))
    forever: bool = by_default(False, FLAG)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)


@dataclass(frozen=True, slots=True)
class Broker:
    """The broker: `users` is a file of them, the others are PEM files, with which it speaks TLS alone."""

    users: str | None = optional(TEXT)
    certificate: str | None = optional(TEXT)
    key: str | None = optional(TEXT)
    clients: str | None = optional(TEXT)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        if self.certificate is None and (self.key is not None or self.clients is not None):
            raise ValueError("broker: key and clients stand beside certificate")


class Check(NamedTuple):
    """A file, read. `expectations` has one of the program's end, unless it runs forever."""

    module: Module
    program: Program
    broker: Broker
    scenario: Scenario | None
    expectations: tuple[Expectation, ...]


def read_check(text: str) -> Check:
    """What a file says. Raises ValueError with one line."""
    return read_document(text, MOST_BYTES, make_check)


def make_check(document: Mapping[str, Any]) -> Check:
    """What a document says."""
    for key in document:
        if key not in KEYS:
            raise Misplaced((key,), f"{key!r:.60} is no key, expected {', '.join(KEYS)}")
    module = read_table(document, "module", Module)
    try:
        dialect, _ = find_model(module.model)
    except LookupError as error:
        raise Misplaced(("module", "model"), error.args[0]) from None
    program, broker = read_table(document, "program", Program), read_table(document, "broker", Broker)
    steps = read_list(document, "step", partial(read_step, words=WITH_BROKER), dialect.commands)
    expectations = read_list(document, "expect", read_expectation, dialect.commands)
    exits = [isinstance(each.moment, Exit) for each in expectations]
    if program.forever and any(exits):
        raise Misplaced(("expect", exits.index(True)), "a program that runs forever has no exit status to be expected")
    if not program.forever and not any(exits):
        expectations += (read_expectation({"exit": 0}),)
    if not expectations:
        raise Misplaced(("program", "forever"), "with forever, expected at least one [[expect]]")
    return Check(module, program, broker, Scenario(steps) if steps else None, expectations)


def read_table(document: Mapping[str, Any], key: str, kind: type[T]) -> T:
    """A table of a document, which may be missing."""
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise Misplaced((key,), f"{key} is {table!r:.60}, expected a table")
    try:
        return build(kind, table)
    except ValueError as error:
        named = [each.name for each in fields(kind) if f": {each.name} is " in str(error)]  # type: ignore[arg-type]
        unknown = [name for name in table if f": {name!r:.60} is no field" in str(error)]
        raise Misplaced((key, *(named or unknown)[:1]), str(error)) from None


def read_list(
    document: Mapping[str, Any],
    key: str,
    read: Callable[[Any, tuple[str | int, ...], Collection[str] | None], T],
    commands: Collection[str],
) -> tuple[T, ...]:
    """The tables of a list, which may be missing."""
    tables = document.get(key, [])
    if not isinstance(tables, list):
        raise Misplaced((key,), f"{key} is {tables!r:.60}, expected [[{key}]]")
    return tuple(read(table, (key, number), commands) for number, table in enumerate(tables))
