"""`modemlab module`: one virtual module on ports of one's choice."""

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.allow_remote import AllowRemote, admit
from modemlab.cli.common import CliError, model_named, reason_of, run, say
from modemlab.cli.language import why
from modemlab.cli.options import ModuleOptions, read_options, with_module_options

if TYPE_CHECKING:
    from modemlab.net.connect_to import ConnectTo
    from modemlab.ports.address import PortAddress
    from modemlab.virtual.module import VirtualModule

DEFAULT_PORT = "pty" if os.name == "posix" else "tcp://127.0.0.1:0"
PORTS = (
    "pty, pty:/path/of/link, tcp://HOST:PORT, in short PORT for one of 127.0.0.1, rfc2217://HOST:PORT, "
    "serial:DEVICE?baud=115200 (also &rtscts=1), or stdio, with which all else is printed on "
    "stderr. May be repeated: all ports share one AT line. With names, such as pty#usbat, they are separate ports of "
    "the module, and AT+QURCCFG selects the one for URCs."
)


@with_module_options
def module(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model or a series, as `modemlab models` has them.")],
    port: Annotated[list[str] | None, typer.Option(metavar="URL", help=f"{PORTS} [default: {DEFAULT_PORT}]")] = None,
    connect_to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST1:PORT1:HOST2:PORT2",
            help="Connect to HOST2:PORT2 when HOST1:PORT1 is asked for; an empty one stands for any. May be repeated.",
        ),
    ] = None,
    allow_remote: AllowRemote = False,
    *,
    options: ModuleOptions,
) -> None:
    """One virtual module; Ctrl-C ends it."""
    dialect, found = model_named(model)
    addresses = read_ports(port or [DEFAULT_PORT])
    rules = read_rules(connect_to or [])

    from modemlab.ports.address import PortKind
    from modemlab.ports.exposure import MODULE_EXPOSED

    admit(addresses, allow_remote, MODULE_EXPOSED)
    setup = read_options(dialect, found, options)
    setup.given["allow_remote"] = allow_remote

    on_stdio = any(address.kind is PortKind.STDIO for address in addresses)
    if on_stdio:
        sys.stdout = sys.stderr

    async def serve(ended: asyncio.Event) -> None:
        with setup.recording() as record:
            virtual = setup.make(addresses, rules, record)
            if on_stdio and len(addresses) == 1:
                end_with_stdio(virtual, ended)
            try:
                await virtual.open()
            except OSError as error:
                raise CliError(reason_of(error, " ".join(port or [DEFAULT_PORT]))) from None

            def announce() -> None:
                for url, address in zip(virtual.urls, addresses, strict=True):
                    say(f"{found.name} ready on {url}{f' as {address.name}' if address.name else ''}")

            await setup.attend(virtual, record, announce, ended)

    run(serve, options.log_level)


def read_ports(texts: list[str]) -> "list[PortAddress]":
    """The addresses of port URLs."""
    from modemlab.ports.address import PortKind, parse

    try:
        addresses = [parse(text) for text in texts]
    except ValueError as error:
        raise CliError(why(error)) from None
    if sum(address.kind is PortKind.STDIO for address in addresses) > 1:
        raise CliError("stdio is one port: give it once")
    return addresses


def end_with_stdio(virtual: "VirtualModule", ended: asyncio.Event) -> None:
    """Have the end of stdin end the module, whose only port it is."""
    from modemlab.ports.stdio import StdioPort
    from modemlab.ports.uart_port import UartPort

    for each in virtual.ports:
        port = each.port if isinstance(each, UartPort) else each
        if isinstance(port, StdioPort):
            port.on_end = ended.set


def read_rules(texts: list[str]) -> "list[ConnectTo]":
    """The rules of --connect-to."""
    from modemlab.net.connect_to import parse_connect_to

    try:
        return [parse_connect_to(text) for text in texts]
    except ValueError as error:
        raise CliError(f"--connect-to {why(error)}") from None
