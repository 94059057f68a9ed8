"""`modemlab record`: what a host and a module say to each other, as a transcript."""

import asyncio
import os
import sys
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab import __version__
from modemlab.cli.allow_remote import AllowRemote, admit
from modemlab.cli.common import CliError, Level, LogLevel, model_named, run, say
from modemlab.cli.language import counted, tr, why
from modemlab.cli.module import DEFAULT_PORT
from modemlab.cli.output_stream import OutputStream
from modemlab.cli.secret_option import ShowSecrets
from modemlab.cli.trace import trace_file
from modemlab.ports.private_files import private
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modemlab.ports.address import PortAddress
    from modemlab.ports.host import HostPort
    from modemlab.ports.trace import Output as TraceOutput

# Seconds that a port has to be opened.
OPEN_TIMEOUT_S = 5.0


def record(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The transcript to write.")],
    port: Annotated[
        str,
        typer.Option(
            metavar="URL", help="The module: tcp://HOST:PORT, the path of a device, or a modemlab pty's link."
        ),
    ],
    listen: Annotated[
        str, typer.Option(metavar="URL", help="Where the host finds it: a port as `module` takes it.")
    ] = DEFAULT_PORT,
    gap: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, max=86400, help="The shortest silence to be written down.")
    ] = 1.0,
    raw: Annotated[
        bool, typer.Option("--raw", help="Keep passwords, keys, numbers, addresses, times and signal as they were.")
    ] = False,
    show_secrets: ShowSecrets = False,
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Mask by this model's commands. [default: by those of all models]"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    allow_remote: AllowRemote = False,
    log_level: LogLevel = Level.INFO,
) -> None:
    """Record what a host and a module say to each other, as a transcript; Ctrl-C ends it.

    `modemlab replay` plays it. Exit status 2: the module's port or the file failed; what passed until then stands.
    """
    from modemlab.dialect.registry import dialects
    from modemlab.ports.address import PortKind
    from modemlab.ports.exposure import RELAY_EXPOSED
    from modemlab.transcripts.masking import Masks
    from modemlab.transcripts.recorder import MASKED_HEADER, RAW_HEADER, SHOWN_HEADER, Recording
    from modemlab.virtual.relay import Relay

    address = read_listen(listen)
    admit([address], allow_remote, RELAY_EXPOSED)
    address = address._replace(allow_remote=allow_remote)
    if address.kind is PortKind.STDIO:
        sys.stdout = sys.stderr
    known = dialects() if model is None else [model_named(model)[0]]
    # Before the module's port is opened, which may take it from another recording.
    if not force and os.path.lexists(file):
        raise CliError("{file} exists: --force replaces it", file=file)
    line = open_module(port)

    async def serve(ended: asyncio.Event) -> None:
        with transcript_file(file, force) as opened:
            write = writer(opened)
            recording = Recording(write, None if raw else Masks(known, show_secrets=show_secrets), gap)
            write_header(write, file, port, RAW_HEADER if raw else SHOWN_HEADER if show_secrets else MASKED_HEADER)
            relay = Relay(line, address, recording, ended.set)
            if address.kind is PortKind.STDIO:
                relay.end_with_host()
            try:
                await relay.open()
            except OSError as error:
                if not force:
                    with suppress(OSError):  # systems that keep a file which is open
                        file.unlink()
                raise CliError(f"{listen}: {why(error)}") from None
            try:
                say(f"record ready on {relay.port.url}")
                await ended.wait()
            finally:
                relay.close()
            if relay.spoiled:
                raise CliError(f"{file}: {tr(relay.spoiled)}")
            if relay.trouble:
                raise CliError(f"{port}: {tr(relay.trouble)}; {told(file, recording.lines)}")
            say(told(file, recording.lines))

    try:
        run(serve, log_level)
    finally:
        line.close()


def write_header(write: "Callable[[str], None]", file: Path, port: str, masking: str) -> None:
    """Begin the transcript with what was recorded and when, and with what is masked in it."""
    try:
        write(f"# {port}, {datetime.now().astimezone():%Y-%m-%d %H:%M}, modemlab {__version__}\n")
        write(f"# {tr(masking)}\n")
    except OSError as error:
        raise CliError(f"{file}: {why(error)}") from None


def writer(opened: "TraceOutput") -> "Callable[[str], None]":
    """What writes a text to the transcript at once. It raises OSError when that fails, or some of it is lost."""

    def write(text: str) -> None:
        opened.write(text)
        opened.flush()
        if isinstance(opened, OutputStream) and opened.drops_when_full:
            raise OSError(N_("the reader has closed it, or reads too slowly"))

    return write


def told(file: Path, lines: int) -> str:
    """How much was recorded."""
    return tr("{file} has {lines}", file=file, lines=counted(lines, N_("{count} line"), N_("{count} lines")))


def read_listen(text: str) -> "PortAddress":
    """The address of the host's port."""
    from modemlab.ports.address import PortKind, parse
    from modemlab.ports.serial import require_pyserial

    try:
        address = parse(text)
        if address.kind is PortKind.SERIAL:
            require_pyserial()
    except ValueError as error:
        raise CliError(why(error)) from None
    if address.kind is PortKind.PTY and os.name != "posix":
        raise CliError("pty ports need a Unix system")
    if address.name:
        raise CliError("port {text!r}: one line is recorded, so it has no #{name}", text=text, name=address.name)
    return address


def open_module(port: str) -> "HostPort":
    """The module's port."""
    from modemlab.ports.host import open_host

    try:
        return open_host(port, OPEN_TIMEOUT_S)
    except ValueError as error:
        raise CliError(why(error)) from None
    except OSError as error:
        raise CliError(f"{port}: {why(error)}") from None


@contextmanager
def transcript_file(path: Path, force: bool) -> "Iterator[TraceOutput]":
    """The transcript's file; one that exists is refused, unless by `force`."""
    if force:
        with trace_file(path) as file:
            yield file
        return
    try:
        file = open(path, "x", encoding="utf-8", opener=private)  # noqa: SIM115 (it is closed below)
    except FileExistsError:
        raise CliError("{path} exists: --force replaces it", path=path) from None
    try:
        yield file
    finally:
        with suppress(OSError):  # that it cannot be written has been told
            file.close()
