"""`modemlab up`: a broker, a module, and a session to paste."""

import asyncio
import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.broker import PORT, Grant, read_grant
from modemlab.cli.broker_options import BrokerOptions, make_room, open_store, tell_unsent, with_broker_options
from modemlab.cli.common import CliError, log_line, model_named, printable, run, say
from modemlab.cli.language import tr, why
from modemlab.cli.options import ModuleOptions, Record, Setup, read_options, with_module_options
from modemlab.cli.server_url import read_server
from modemlab.text.number_format import figure

if TYPE_CHECKING:
    from modemlab.broker.server import Broker
    from modemlab.mqtt.packets import Publish
    from modemlab.virtual.module import VirtualModule

LOOPBACK = "127.0.0.1"
MODULE_PORT = 7000
# Seconds that another broker may take to be reached.
BROKER_TIMEOUT_S = 10.0


@with_module_options
@with_broker_options
def up(
    model: Annotated[str, typer.Option(metavar="MODEL", help="A model or a series.")] = "EC200S-CN",
    broker: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Another broker to use, on port 1883 if none is given.")
    ] = None,
    grant: Grant = None,
    *,
    options: ModuleOptions,
    bounds: BrokerOptions,
) -> None:
    """A broker and a module, and a session to paste; Ctrl-C ends it."""
    dialect, found = model_named(model)
    other = None if broker is None else read_server("--broker", broker, PORT)
    if other is not None and grant is not None:
        raise CliError("--grant is for the broker of modemlab up, but --broker names another")
    if other is not None and bounds.given:
        raise CliError("--store and the limits are those of this command's own broker: --broker has another one")
    setup = read_options(dialect, found, options, other is None)
    granted = read_grant(grant)

    async def serve(ended: asyncio.Event) -> None:
        from modemlab.broker.server import Broker
        from modemlab.dialect.network import host_and_port

        make_room(bounds.limits)
        store = open_store(bounds.store)
        log = log_line("broker")
        server = Broker(grant=granted, log=log, limits=bounds.limits, store=store, on_failure=ended.set)
        if other is None:
            server.observe(show_message)
            address = await start_broker(server)
        else:
            await look_for(*other)
            address = other
        place = host_and_port(*address)
        try:
            with setup.recording() as record:
                virtual = await start_module(setup, address, record, server if other is None else None)
                await setup.attend(
                    virtual,
                    record,
                    lambda: explain(found.name, dialect.session, virtual.urls, place, other is None),
                    ended,
                )
            tell_unsent(server, bounds.store)
        finally:
            await server.close()
        if server.failure:
            raise CliError(server.failure)

    run(serve, options.log_level)


async def look_for(host: str, port: int) -> None:
    """Connect to a broker once, to see that somebody is there. Raises `CliError` when nobody is."""
    from modemlab.dialect.network import host_and_port
    from modemlab.ports.error_texts import nobody_listens

    helps = ""
    try:
        async with asyncio.timeout(BROKER_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        words = tr("no answer within {seconds} s", seconds=figure(BROKER_TIMEOUT_S))
    except (OSError, UnicodeError) as error:
        words = why(error)
        helps = tr(": is a broker running? `modemlab broker` starts one") if nobody_listens(error) else ""
    else:
        writer.close()
        return
    raise CliError(f"--broker {host_and_port(host, port)}: {words}{helps}")


async def start_broker(server: "Broker") -> tuple[str, int]:
    """Start the broker on its usual port, or on a free one when that is taken."""
    from modemlab.mqtt.session_changes import StoreError

    try:
        address = await server.start(LOOPBACK, PORT)
    except OSError:
        address = await server.start(LOOPBACK, 0)
        say(tr("TCP port {number} is taken, so the broker has another", number=PORT))
    except StoreError as error:
        await server.close()
        raise CliError(why(error)) from None
    say(f"broker ready on tcp://{address[0]}:{address[1]}")
    return address


async def start_module(
    setup: Setup, broker: tuple[str, int], record: Record, server: "Broker | None"
) -> "VirtualModule":
    """Start the module on a pty, where there are any, and on TCP: the usual port, or a free one.

    `server` is the broker, if it is one of our own.
    """
    from modemlab.net.connect_to import ConnectTo

    everything = ConnectTo("", None, *broker)
    for number in (MODULE_PORT, 0):
        ports = [f"tcp://{LOOPBACK}:{number}"]
        if os.name == "posix":
            ports.insert(0, "pty")
        virtual = setup.make(ports, [everything], record, server)
        try:
            await virtual.open()
        except OSError:
            if number == 0:
                raise
            continue
        if number == 0:
            say(tr("TCP port {number} is taken, so the module has another", number=MODULE_PORT))
        break
    return virtual


def explain(name: str, session: tuple[str, ...], urls: tuple[str, ...], broker: str, embedded: bool) -> None:
    """Say what is there and what to do with it."""
    for url in urls:
        say(f"{name} ready on {url}")
    say("\n" + tr("Open a terminal on it, in another window:"))
    for line in terminals(urls):
        say(f"  {line}")
    if session:
        say("\n" + tr("Paste these lines, each when the one before it has been answered. Enter ends a line;"))
        say(tr("the message itself is sent by its last byte:") + "\n")
    for line in session:
        say(f"    {line}")
    say("\n" + tr("Every host name connects to the broker at {broker}.", broker=broker))
    say(
        tr("Messages that arrive there are printed here. Ctrl-C ends it.") + "\n"
        if embedded
        else tr("Ctrl-C ends it.") + "\n"
    )


def terminals(urls: tuple[str, ...]) -> list[str]:
    """How to open a terminal on the module with what is installed, or with what pip can install.

    Each sends CR for Enter, or CR LF.
    """
    device = next((url for url in urls if url.startswith("/")), None)
    host, _, number = urls[-1].removeprefix("tcp://").rpartition(":")
    found = []
    if device is not None:
        found += [f"{name} {device}" for name in ("picocom", "screen", "tio") if shutil.which(name)]
    if shutil.which("nc"):
        found.append(f"nc {'-c' if sys.platform == 'darwin' else '-C'} {host} {number}")
    if shutil.which("telnet"):
        found.append(f"telnet {host} {number}")
    url = device or f"socket://{host}:{number}"
    install = f"{sys.executable} -m pip install pyserial"
    return found or [f"{install} && {sys.executable} -m serial.tools.miniterm --eol CR {url}"]


def show_message(_client_id: str, message: "Publish") -> None:
    """Print a message that arrived at the broker."""
    from modemlab.transcripts.format import shown

    say(f"{printable(message.topic)} {shown(message.payload)}")
