"""`modemlab module`: one virtual module on ports of one's choice."""

import asyncio
import errno
import os
import re
import sys
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from modemlab.cli.answers import Answers, WatchMistakes, read_answers, tell_findings
from modemlab.cli.control import ControlToken, ControlUrl, read_control, serving
from modemlab.cli.line import Baud, Fifo, Noise, Speed, read_speed, read_uart
from modemlab.cli.network import NetworkProfile, Seed, read_network, tell_seed
from modemlab.cli.running import Level, LogLevel, Trouble, log_line, model_named, run, say
from modemlab.cli.scenario import ScenarioFile, load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modemlab.at.dialect import Dialect
    from modemlab.bench.virtual import VirtualModule
    from modemlab.module.module import Identity, Note
    from modemlab.net.connect_to import ConnectTo
    from modemlab.ports.address import PortAddress
    from modemlab.ports.files import DirectoryFiles

DEFAULT_PORT = "pty" if os.name == "posix" else "tcp://127.0.0.1:0"
PORTS = (
    "pty, pty:/path/of/link, tcp://HOST:PORT, rfc2217://HOST:PORT, serial:DEVICE?baud=115200 (also &rtscts=1), or "
    "stdio, with which all else is printed on stderr. May be repeated: all are one line, unless each says behind # "
    "which of the module's ports it is, such as pty#usbat; then URCs go where AT+QURCCFG has them."
)
APN = re.compile(r"[A-Za-z0-9._-]{1,100}")


def module(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model or a series, as `modemlab models` has them.")],
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help=f"{PORTS} [default: {DEFAULT_PORT}]"),
    ] = None,
    connect_to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST1:PORT1:HOST2:PORT2",
            help="Connect to HOST2:PORT2 when HOST1:PORT1 is asked for, an empty one being any; may be repeated.",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Hold hosts to the manual's letter.")] = False,
    quirk: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="What some firmwares do; may be repeated.")
    ] = None,
    imei: Annotated[str | None, typer.Option(metavar="DIGITS", help="The module's IMEI, 15 digits.")] = None,
    apn: Annotated[str | None, typer.Option(metavar="APN", help="The APN of the first context.")] = None,
    files: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep the module's files, and nothing else, in a directory, made if missing. [default: in memory]",
        ),
    ] = None,
    answers: Answers = None,
    mistakes: WatchMistakes = False,
    baud: Baud = None,
    fifo: Fifo = None,
    noise: Noise = None,
    speed: Speed = None,
    network: NetworkProfile = "lab",
    seed: Seed = None,
    scenario: ScenarioFile = None,
    control: ControlUrl = None,
    control_token: ControlToken = None,
    log_level: LogLevel = Level.INFO,
    trace: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all that passes to a file, passwords too.")
    ] = None,
) -> None:
    """One virtual module; Ctrl-C ends it."""
    dialect, found = model_named(model)
    addresses = read_ports(port or [DEFAULT_PORT])
    rules = read_rules(connect_to or [])
    quirks = read_quirks(dialect, quirk or [])
    identity = read_identity(imei)
    if apn is not None and APN.fullmatch(apn) is None:
        raise Trouble(f"APN {apn!r} is not made of 1 to 100 letters, digits, dots, hyphens and underscores")

    extras = read_answers(answers)
    store = None if files is None else read_files(files)
    conditions, chance = read_network(network, seed)
    plot = load_scenario(scenario, dialect.commands)
    place = read_control(control, control_token)
    uart, times = read_uart(baud, fifo, noise), read_speed(speed)

    from modemlab.bench.traffic import Traffic
    from modemlab.bench.virtual import VirtualModule
    from modemlab.ports.address import Kind
    from modemlab.ports.trace import Trace

    on_stdio = any(address.kind is Kind.STDIO for address in addresses)
    if on_stdio:
        sys.stdout = sys.stderr

    async def serve(ended: asyncio.Event) -> None:
        with ExitStack() as opened:
            file = None if trace is None else opened.enter_context(trace_file(trace))
            traffic = None if place is None else Traffic(file)
            output = traffic or file
            writer = None if output is None else Trace(output)
            try:
                virtual = VirtualModule(
                    dialect,
                    found,
                    ports=addresses,
                    connect_to=rules,
                    identity=identity,
                    apn=apn,
                    strict=strict,
                    quirks=quirks,
                    files=store,
                    trace=writer,
                    on_note=note_logger(),
                    chance=chance.lots,
                    uart=uart,
                    speed=times,
                    extras=extras,
                    mistakes=mistakes,
                    scenario=plot,
                    steered=place is not None,
                )
            except ValueError as error:
                raise Trouble(str(error)) from None
            if on_stdio and len(addresses) == 1:
                end_with_stdio(virtual, ended)
            virtual.set_conditions(conditions)
            try:
                await virtual.open()
            except OSError as error:
                raise Trouble(f"{' '.join(port or [DEFAULT_PORT])}: {error.strerror or error}") from None
            by_chance = conditions.by_chance or (plot is not None and plot.by_chance)
            tell_seed(chance, by_chance or (uart is not None and uart.noise > 0))
            try:
                for url, address in zip(virtual.urls, addresses, strict=True):
                    say(f"{found.name} ready on {url}{f' as {address.name}' if address.name else ''}")
                async with serving(place, virtual, traffic):
                    await ended.wait()
            finally:
                await virtual.close()
                tell_findings(virtual.module, log_level)

    run(serve, log_level)


def read_ports(texts: list[str]) -> "list[PortAddress]":
    """The addresses of port URLs."""
    from modemlab.ports.address import Kind, parse

    try:
        addresses = [parse(text) for text in texts]
    except ValueError as error:
        raise Trouble(str(error)) from None
    if sum(address.kind is Kind.STDIO for address in addresses) > 1:
        raise Trouble("stdio is one port: give it once")
    return addresses


def end_with_stdio(virtual: "VirtualModule", ended: asyncio.Event) -> None:
    """Have the end of stdin end the module, whose only port it is."""
    from modemlab.ports.paced import PacedPort
    from modemlab.ports.stdio import StdioPort

    for each in virtual.ports:
        port = each.port if isinstance(each, PacedPort) else each
        if isinstance(port, StdioPort):
            port.on_end = ended.set


def read_rules(texts: list[str]) -> "list[ConnectTo]":
    """The rules of --connect-to."""
    from modemlab.net.connect_to import parse_connect_to

    try:
        return [parse_connect_to(text) for text in texts]
    except ValueError as error:
        raise Trouble(f"--connect-to {error}") from None


def read_quirks(dialect: "Dialect", names: list[str]) -> list[str]:
    """The quirks, which the dialect must have."""
    for name in names:
        if name not in dialect.quirks:
            known = ", ".join(dialect.quirks) or "none"
            raise Trouble(f"{name!r} is not a known quirk of {dialect.title}; known are {known}")
    return names


def read_identity(imei: str | None) -> "Identity":
    """The identity with that IMEI, or the usual one."""
    from modemlab.module.module import Identity

    if imei is None:
        return Identity()
    if re.fullmatch(r"[0-9]{15}", imei) is None:
        raise Trouble(f"IMEI {imei!r} is not 15 digits")
    return Identity(imei=imei)


def read_files(path: Path) -> "DirectoryFiles":
    """The file store in that directory."""
    from modemlab.ports.files import DirectoryFiles

    try:
        return DirectoryFiles(path)
    except OSError as error:
        raise Trouble(f"--files {path}: {error.strerror or error}") from None


@contextmanager
def trace_file(path: Path) -> "Iterator[TextIO]":
    """A trace's file. A FIFO that nobody reads is refused, not waited for."""

    def opener(name: str, flags: int) -> int:
        if sys.platform == "win32":
            return os.open(name, flags, 0o666)
        try:
            number = os.open(name, flags | os.O_NONBLOCK, 0o666)
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise Trouble(f"{name}: nobody reads this FIFO") from None
            raise
        os.set_blocking(number, True)
        return number

    with open(path, "w", encoding="utf-8", opener=opener) as file:
        try:
            yield file
        finally:
            with suppress(OSError):  # the trace has told that it cannot be written
                file.close()


def note_logger() -> "Callable[[Note], None]":
    """What logs a module's notes."""
    log = log_line("module")
    return lambda note: log(f"{note.subject}: {note.reason}")
