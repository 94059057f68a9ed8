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

from modemlab.cli.running import Level, LogLevel, Trouble, log_line, model_named, run, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modemlab.at.dialect import Dialect
    from modemlab.module.module import Identity, Note
    from modemlab.net.connect_to import ConnectTo
    from modemlab.ports.address import PortAddress

DEFAULT_PORT = "pty" if os.name == "posix" else "tcp://127.0.0.1:0"
APN = re.compile(r"[A-Za-z0-9._-]{1,100}")


def module(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model or a series, as `modemlab models` has them.")],
    port: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help=f"pty, pty:/path/of/link or tcp://HOST:PORT; may be repeated. [default: {DEFAULT_PORT}]"
        ),
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
    apn: Annotated[str | None, typer.Option(metavar="APN", help="The APN of context 1.")] = None,
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

    from modemlab.bench.virtual import VirtualModule
    from modemlab.ports.trace import Trace

    async def serve(ended: asyncio.Event) -> None:
        with ExitStack() as files:
            writer = None
            if trace is not None:
                writer = Trace(files.enter_context(trace_file(trace)))
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
                    trace=writer,
                    on_note=note_logger(),
                )
            except ValueError as error:
                raise Trouble(str(error)) from None
            try:
                await virtual.open()
            except OSError as error:
                raise Trouble(f"{' '.join(port or [DEFAULT_PORT])}: {error.strerror or error}") from None
            try:
                for url in virtual.urls:
                    say(f"{found.name} ready on {url}")
                await ended.wait()
            finally:
                await virtual.close()

    run(serve, log_level)


def read_ports(texts: list[str]) -> "list[PortAddress]":
    """The addresses of port URLs."""
    from modemlab.ports.address import parse

    try:
        return [parse(text) for text in texts]
    except ValueError as error:
        raise Trouble(str(error)) from None


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
