"""Files of `modemlab check`: a module, what happens to it, and what is expected of the program that drives it.

`docs/ci.md` describes them. What is wrong with one is a ValueError of one line, with the number of the file's line.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from modemlab.broker.router import GRANT
from modemlab.clocks.scaled import FASTEST, SLOWEST
from modemlab.dialect.registry import find_model
from modemlab.lab.expectations import Exit, Expectation, read_expectation
from modemlab.net.conditions import PROFILES
from modemlab.ports.address import LEAST_BAUD, MOST_BAUD
from modemlab.ports.pacing import DEEPEST
from modemlab.scenario.broker_actions import WITH_BROKER
from modemlab.scenario.file import MOST_BYTES, Scenario, read_step
from modemlab.scenario.matchers import Of
from modemlab.text.figures import shown
from modemlab.text.spelling import unknown
from modemlab.validation.fields import Number, PlainText, Unfit, build, check, one_of, taking
from modemlab.validation.toml_file import Misplaced, read_document

T = TypeVar("T")
KEYS = ("module", "program", "broker", "step", "expect")
LONGEST = 86_400.0
TEXT = PlainText("a text")


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
FLAG, WHOLE = Of(bool, "true or false"), Number(0, 2**63 - 1, "", whole=True)


@dataclass(frozen=True, slots=True)
class Module:
    """The module, by the options of `modemlab module`."""

    model: str = taking(TEXT, "EC200S-CN")
    port: str | None = taking(TEXT, None)
    connect_to: Sequence[str] | None = taking(TEXTS, None)
    strict: bool = taking(FLAG, False)
    quirk: Sequence[str] | None = taking(TEXTS, None)
    imei: str | None = taking(TEXT, None)
    apn: str | None = taking(TEXT, None)
    files: str | None = taking(TEXT, None)
    answers: str | None = taking(TEXT, None)
    baud: int | None = taking(Number(LEAST_BAUD, MOST_BAUD, "bits a second", whole=True), None)
    fifo: int | None = taking(Number(1, DEEPEST, "bytes", whole=True), None)
    noise: float | None = taking(Number(0, 1, ""), None)
    speed: float | None = taking(Number(SLOWEST, FASTEST, ""), None)
    network: str = one_of(tuple(PROFILES), "lab")
    seed: int | None = taking(WHOLE, None)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)


@dataclass(frozen=True, slots=True)
class Program:
    """How the program is run: at most `timeout` seconds; with `forever` it is ended once all is as expected."""

    timeout: float = taking(Number(0.1, LONGEST, "seconds"), 60.0)
    forever: bool = taking(FLAG, False)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)


@dataclass(frozen=True, slots=True)
class Broker:
    """The broker: `users` is a file of them, `grant` the QoS that each subscription gets; with the others, PEM
    files, it speaks TLS alone.
    """

    users: str | None = taking(TEXT, None)
    certificate: str | None = taking(TEXT, None)
    key: str | None = taking(TEXT, None)
    clients: str | None = taking(TEXT, None)
    grant: int | None = taking(GRANT, None)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        if self.certificate is None and (self.key is not None or self.clients is not None):
            raise Unfit("broker", "", "key and clients stand beside certificate")


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
            raise Misplaced((key,), unknown(key, "key of a check", KEYS))
    module = read_table(document, "module", Module)
    try:
        dialect, _ = find_model(module.model)
    except LookupError as error:
        raise Misplaced(("module", "model"), error.args[0]) from None
    for number, quirk in enumerate(module.quirk or ()):
        if quirk not in dialect.quirks:
            raise Misplaced(("module", "quirk", number), unknown(quirk, f"quirk of {dialect.title}", dialect.quirks))
    program, broker = read_table(document, "program", Program), read_table(document, "broker", Broker)
    commands = dialect.table(module.strict)
    steps = read_list(document, "step", partial(read_step, words=WITH_BROKER), commands)
    expectations = read_list(document, "expect", read_expectation, commands)
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
        raise Misplaced((key,), f"{key} is {shown(table)}, expected a table")
    try:
        return build(kind, table)
    except Unfit as error:
        raise Misplaced((key, error.field) if error.field else (key,), str(error)) from None


def read_list(
    document: Mapping[str, Any],
    key: str,
    read: Callable[[Any, tuple[str | int, ...], Collection[str] | None], T],
    commands: Collection[str],
) -> tuple[T, ...]:
    """The tables of a list, which may be missing."""
    tables = document.get(key, [])
    if not isinstance(tables, list):
        raise Misplaced((key,), f"{key} is {shown(tables)}, expected [[{key}]]")
    return tuple(read(table, (key, number), commands) for number, table in enumerate(tables))
