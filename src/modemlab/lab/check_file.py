"""Files of `modemlab check`: a module, what happens to it, and what is expected of the program that drives it.

`docs/ci.md` describes them. What is wrong with one is a ValueError of one line, with the number of the file's line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

from modemlab.broker.router import GRANTED_QOS
from modemlab.clocks.scaled import MAX_SCALE, MIN_SCALE
from modemlab.dialect.registry import find_model
from modemlab.lab.expectations import ANY_EXPECTED, ExitMatcher, Expectation, expectation_of, read_expectation
from modemlab.net.conditions import PROFILES
from modemlab.ports.address import MAX_BAUD, MIN_BAUD
from modemlab.ports.pacing import MAX_FIFO_BYTES
from modemlab.scenario.broker_actions import StepBesideBroker
from modemlab.scenario.commands import COMMANDS
from modemlab.scenario.file import MAX_FILE_BYTES, Scenario
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, reason_of
from modemlab.validation.fields import Flag, ListOf, Number, OneOf, PlainText, Table, Tables, check
from modemlab.validation.input_errors import InvalidInput, unknown_name
from modemlab.validation.toml_file import parse, placed, plain, read_document

MAX_TIMEOUT_S = 86_400.0
TEXT, FLAG = PlainText(N_("a text")), Flag()
TEXTS = ListOf(TEXT, N_("a list of texts"))


@dataclass(frozen=True, slots=True)
class ModuleTable(Table):
    """The module, by the options of `modemlab module`."""

    model: Annotated[str, TEXT] = "EC200S-CN"
    port: Annotated[str | None, TEXT] = None
    connect_to: Annotated[Sequence[str] | None, TEXTS] = None
    strict: Annotated[bool, FLAG] = False
    quirk: Annotated[Sequence[str] | None, TEXTS] = None
    imei: Annotated[str | None, TEXT] = None
    apn: Annotated[str | None, TEXT] = None
    files: Annotated[str | None, TEXT] = None
    answers: Annotated[str | None, TEXT] = None
    baud: Annotated[int | None, Number(MIN_BAUD, MAX_BAUD, N_("bits a second"), whole=True)] = None
    fifo: Annotated[int | None, Number(1, MAX_FIFO_BYTES, N_("bytes"), whole=True)] = None
    noise: Annotated[float | None, Number(0, 1)] = None
    speed: Annotated[float | None, Number(MIN_SCALE, MAX_SCALE)] = None
    network: Annotated[str, OneOf(tuple(PROFILES))] = "lab"
    seed: Annotated[int | None, Number(0, 2**63 - 1, whole=True)] = None

    def __post_init__(self) -> None:
        """Hold the fields to what they take, and to the models there are."""
        check(self)
        try:
            dialect, _ = find_model(self.model)
        except LookupError as error:
            raise InvalidInput.said(reason_of(error), "model") from None
        for number, quirk in enumerate(self.quirk or ()):
            if quirk not in dialect.quirks:
                known = tuple(dialect.quirks)
                raise InvalidInput(
                    unknown_name(
                        quirk, Sentence(N_("quirk of {dialect}"), dialect=dialect.title), known, ("quirk", number)
                    )
                )


@dataclass(frozen=True, slots=True)
class Program(Table):
    """How the program is run: at most `timeout` seconds; with `forever` it is ended once all is as expected."""

    timeout: Annotated[float, Number(0.1, MAX_TIMEOUT_S, N_("seconds"))] = 60.0
    forever: Annotated[bool, FLAG] = False


@dataclass(frozen=True, slots=True)
class BrokerTable(Table):
    """The broker: `users` is a file of them, `grant` the QoS that each subscription gets; with the others, PEM
    files, it speaks TLS alone.
    """

    users: Annotated[str | None, TEXT] = None
    certificate: Annotated[str | None, TEXT] = None
    key: Annotated[str | None, TEXT] = None
    client_ca: Annotated[str | None, TEXT] = None
    grant: Annotated[int | None, GRANTED_QOS] = None

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        if self.certificate is None and (self.key is not None or self.client_ca is not None):
            raise InvalidInput.said(Sentence(N_("key and client_ca stand beside certificate")))


@dataclass(frozen=True, slots=True)
class CheckDocument(Table):
    """What a file says."""

    title = "a check"
    keys = N_("key of a check")

    module: ModuleTable = field(default_factory=ModuleTable)
    program: Program = field(default_factory=Program)
    broker: BrokerTable = field(default_factory=BrokerTable)
    step: Annotated[tuple[StepBesideBroker, ...], Tables("[[step]]", MAX_FILE_BYTES)] = ()
    expect: Annotated[tuple[ANY_EXPECTED, ...], Tables("[[expect]]", MAX_FILE_BYTES)] = ()


class CheckFile(NamedTuple):
    """A file, read. `expectations` has one of the program's end, unless it runs forever."""

    module: ModuleTable
    program: Program
    broker: BrokerTable
    scenario: Scenario | None
    expectations: tuple[Expectation, ...]


def read_check(text: str) -> CheckFile:
    """What a file says. Raises ValueError with a line for each mistake."""
    text = plain(text, MAX_FILE_BYTES)
    document = parse(text)
    found = read_document(CheckDocument, text, document, {COMMANDS: commands_of(document.get("module", {}))})
    try:
        return make_check(found, document)
    except InvalidInput as error:
        raise placed(error, text) from None


def commands_of(module: Any) -> Mapping[str, Any] | None:
    """The commands that the module of a table knows; None where that is not known, as the table is none."""
    try:
        return find_model(module.get("model", ModuleTable().model))[0].table(module.get("strict", False) is True)
    except (AttributeError, LookupError, TypeError):
        return None


def make_check(found: CheckDocument, document: Mapping[str, Any]) -> CheckFile:
    """What a document says that was read. Raises `InvalidInput` for what does not fit together."""
    tables = document.get("expect", ())
    expectations = tuple(expectation_of(each, table) for each, table in zip(found.expect, tables, strict=True))
    exits = [isinstance(each.moment, ExitMatcher) for each in expectations]
    if found.program.forever and any(exits):
        reason = Sentence(N_("a program that runs forever has no exit status to be expected"))
        raise InvalidInput.said(reason, "expect", exits.index(True))
    if not found.program.forever and not any(exits):
        expectations += (read_expectation({"exit": 0}),)
    if not expectations:
        reason = Sentence(N_("with forever, expected at least one [[expect]]"))
        raise InvalidInput.said(reason, "program", "forever")
    scenario = Scenario(found.step) if found.step else None
    return CheckFile(found.module, found.program, found.broker, scenario, expectations)
