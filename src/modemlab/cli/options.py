"""The options of a virtual module, which `module` and `up` have alike, and the module made of them."""

import re
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from modemlab.cli.answers import Answers, WatchMistakes, load_answers, tell_findings
from modemlab.cli.common import CliError, Level, LogLevel, log_line
from modemlab.cli.control import ControlAddress, ControlToken, ControlUrl, control_server, read_control
from modemlab.cli.language import said, why
from modemlab.cli.network import NetworkProfile, RandomSource, Seed, log_seed, read_network
from modemlab.cli.option_groups import fields_of, with_options
from modemlab.cli.scenario import ScenarioFile, load_scenario
from modemlab.cli.secret_option import ShowSecrets
from modemlab.cli.trace import trace_file
from modemlab.cli.uart_options import Baud, Fifo, Noise, Speed, read_speed, read_uart
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import not_known
from modemlab.text.reason import Sentence

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator, Sequence

    from modemlab.broker.server import Broker
    from modemlab.dialect.dialect import Dialect
    from modemlab.dialect.identity import Identity, Model
    from modemlab.module.observer import NoteListener
    from modemlab.net.conditions import Conditions
    from modemlab.net.connect_to import ConnectTo
    from modemlab.ports.address import PortAddress
    from modemlab.ports.directory_files import DirectoryFiles
    from modemlab.ports.pacing import Uart
    from modemlab.ports.trace import Trace
    from modemlab.scenario.file import Scenario
    from modemlab.virtual.module import VirtualModule
    from modemlab.virtual.traffic_log import Traffic

APN = re.compile(r"[A-Za-z0-9._-]{1,100}")


class ModuleOptions(NamedTuple):
    """What a module is to be like, as typed."""

    strict: Annotated[
        bool,
        typer.Option("--strict", help="Refuse input that real firmwares accept although the manual does not allow it."),
    ] = False
    quirk: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Enable a named behaviour of some firmwares; may be repeated."),
    ] = None
    imei: Annotated[str | None, typer.Option(metavar="DIGITS", help="The module's IMEI, 15 digits.")] = None
    apn: Annotated[str | None, typer.Option(metavar="APN", help="The APN of the first context.")] = None
    files: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Keep the module's files in this directory, made if missing, and nothing else. [default: in memory]",
        ),
    ] = None
    answers: Answers = None
    mistakes: WatchMistakes = False
    baud: Baud = None
    fifo: Fifo = None
    noise: Noise = None
    speed: Speed = None
    network: NetworkProfile = "lab"
    seed: Seed = None
    scenario: ScenarioFile = None
    control: ControlUrl = None
    control_token: ControlToken = None
    show_secrets: ShowSecrets = False
    log_level: LogLevel = Level.INFO
    trace: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all that passes to a file, which only you can read.")
    ] = None


def with_module_options(command: Callable[..., None]) -> Callable[..., None]:
    """A subcommand that has these options beside its own, and takes them as one argument, `options`."""
    return with_options(command, "options", fields_of(ModuleOptions), ModuleOptions)


class Record(NamedTuple):
    """Where what passes is written, and the latest of it for the control API."""

    trace: "Trace | None"
    traffic: "Traffic | None"


class Setup(NamedTuple):
    """A module's options, read and found right; `given` are those that `VirtualModule` takes as they are."""

    dialect: "Dialect"
    model: "Model"
    conditions: "Conditions"
    rng: RandomSource
    uses_random: bool
    place: ControlAddress | None
    trace: Path | None
    level: Level
    scenario: "Scenario | None"
    given: dict[str, Any]

    @contextmanager
    def recording(self) -> "Iterator[Record]":
        """Open the trace's file, if there is one, and keep what the control API shows."""
        if self.trace is None and self.place is None:
            yield Record(None, None)
            return
        from modemlab.ports.trace import Trace, TraceFile
        from modemlab.virtual.traffic_log import Traffic

        with ExitStack() as opened:
            file = None if self.trace is None else TraceFile(opened.enter_context(trace_file(self.trace)))
            traffic = None if self.place is None else Traffic()
            writers = [writer for writer in (traffic, file) if writer is not None]
            yield Record(Trace(*writers) if writers else None, traffic)

    def make(
        self,
        ports: "Sequence[str | PortAddress]",
        rules: "Sequence[ConnectTo]",
        record: Record,
        broker: "Broker | None" = None,
    ) -> "VirtualModule":
        """The module, which is not open yet; `broker` is the one beside it, if it is one of our own."""
        from modemlab.virtual.module import VirtualModule

        try:
            virtual = VirtualModule(
                self.dialect,
                self.model,
                ports=ports,
                connect_to=rules,
                observers=(*([] if record.trace is None else [record.trace]), note_logger()),
                rng=self.rng.rng,
                skippable=self.place is not None,
                **self.given,
            )
        except ValueError as error:
            raise CliError(why(error)) from None
        if self.scenario is not None:
            from modemlab.scenario.player import play

            play(virtual, self.scenario, broker)
        virtual.network.set_conditions(self.conditions)
        return virtual

    async def attend(
        self, virtual: "VirtualModule", record: Record, announce: Callable[[], None], ended: "asyncio.Event"
    ) -> None:
        """Let a module that is open run, with its control API, until someone ends it; then say what was found."""
        try:
            log_seed(self.rng, self.uses_random)
            announce()
            async with control_server(self.place, virtual, record.traffic):
                await ended.wait()
        finally:
            await virtual.close()
            tell_findings(virtual.module, self.level)


def read_options(
    dialect: "Dialect",
    model: "Model",
    options: ModuleOptions,
    broker: bool = False,
    line: "tuple[Uart | None, float] | None" = None,
) -> Setup:
    """All that the options say, found right before anything starts; `broker`: one of our own is there too.

    `line` is what the UART is like and how many times as fast the clock runs, where that is known as numbers.
    """
    conditions, rng = read_network(options.network, options.seed)
    plot = load_scenario(options.scenario, dialect.table(options.strict), broker)
    uart, speed = line or (read_uart(options.baud, options.fifo, options.noise), read_speed(options.speed))
    if uart is not None and uart.baud:
        check_rate(dialect, model, uart.baud)
    given: dict[str, Any] = {
        "identity": read_identity(options.imei),
        "apn": read_apn(options.apn),
        "strict": options.strict,
        "quirks": read_quirks(dialect, options.quirk or []),
        "custom_commands": load_answers(options.answers),
        "mistakes": options.mistakes,
        "uart": uart,
        "speed": speed,
        "show_secrets": options.show_secrets,
    }
    place = read_control(options.control, options.control_token)
    # It is made if it is missing, so all else is right by now.
    given["files"] = None if options.files is None else read_files(options.files)
    uses_random = (
        conditions.uses_random or (plot is not None and plot.uses_random) or (uart is not None and uart.noise > 0)
    )
    return Setup(dialect, model, conditions, rng, uses_random, place, options.trace, options.log_level, plot, given)


def check_rate(dialect: "Dialect", model: "Model", baud: int) -> None:
    """Refuse a rate that the module does not have."""
    from modemlab.module.module import Module
    from modemlab.virtual.line import start_at

    try:
        start_at(Module(dialect, model), baud)
    except ValueError as error:
        raise CliError(why(error)) from None


def read_apn(apn: str | None) -> str | None:
    """The APN, if one is given."""
    if apn is not None and APN.fullmatch(apn) is None:
        raise CliError("APN {apn!r} is not made of 1 to 100 letters, digits, dots, hyphens and underscores", apn=apn)
    return apn


def read_quirks(dialect: "Dialect", names: list[str]) -> list[str]:
    """The quirks, which the dialect must have."""
    for name in names:
        if name not in dialect.quirks:
            what = Sentence(N_("quirk of {dialect}"), dialect=Sentence(dialect.title))
            raise CliError(said(not_known(name, what, tuple(dialect.quirks))))
    return names


def read_identity(imei: str | None) -> "Identity":
    """The identity with that IMEI, or the usual one."""
    from modemlab.dialect.identity import Identity

    if imei is None:
        return Identity()
    if re.fullmatch(r"[0-9]{15}", imei) is None:
        raise CliError("IMEI {imei!r} is not 15 digits", imei=imei)
    return Identity(imei=imei)


def read_files(path: str) -> "DirectoryFiles":
    """The file store in that directory."""
    from modemlab.ports.directory_files import DirectoryFiles

    try:
        return DirectoryFiles(path)
    except OSError as error:
        raise CliError(f"--files {path}: {why(error)}") from None


def note_logger() -> "NoteListener":
    """What logs a module's notes."""
    from modemlab.module.observer import NoteListener

    log = log_line("module")
    return NoteListener(lambda note: log(f"{note.subject}: {said(note.reason)}"))
