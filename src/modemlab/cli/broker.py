"""`modemlab broker`: the embedded broker alone."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from modemlab.cli.running import Level, LogLevel, Trouble, log_line, run, say
from modemlab.cli.strangers import Anyone, admit

PORT = 1883


def broker(
    port: Annotated[str, typer.Option(metavar="URL", help="Where it listens.")] = f"tcp://127.0.0.1:{PORT}",
    users: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Users, a name:password a line; anybody is let in without."),
    ] = None,
    anyone: Anyone = False,
    log_level: LogLevel = Level.INFO,
) -> None:
    """The embedded MQTT broker; Ctrl-C ends it."""
    from modemlab.bench.broker import Broker
    from modemlab.bench.users import load_users
    from modemlab.ports.address import Kind, parse, tcp_url
    from modemlab.ports.strangers import BROKER

    try:
        address = parse(port)
        known = None if users is None else load_users(users)
    except ValueError as error:
        raise Trouble(str(error)) from None
    if address.kind is not Kind.TCP or address.name:
        raise Trouble(f"port {port!r}: a broker listens on tcp://HOST:PORT alone")

    if known is None:
        admit([address], anyone, BROKER)

    async def serve(ended: asyncio.Event) -> None:
        server = Broker(users=known, anyone=anyone, log=log_line("broker"))
        try:
            host, number = await server.start(address.host, address.port)
        except OSError as error:
            raise Trouble(f"{port}: {error.strerror or error}") from None
        try:
            say(f"broker ready on {tcp_url(host, number)}")
            await ended.wait()
        finally:
            await server.close()

    run(serve, log_level)
