"""`modemlab broker`: the embedded broker alone."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from modemlab.cli.allow_remote import AllowRemote, admit
from modemlab.cli.broker_options import BrokerOptions, make_room, open_store, tell_unsent, with_broker_options
from modemlab.cli.common import CliError, Level, LogLevel, log_line, run, say
from modemlab.cli.language import why

PORT = 1883
PORT_FORMS = "tcp://HOST:PORT, HOST:PORT or PORT"
Grant = Annotated[
    int | None,
    typer.Option(
        metavar="QOS", help="Grant this QoS to every subscription, whatever it asks for: 1 is as Aliyun does."
    ),
]


@with_broker_options
def broker(
    port: Annotated[
        str, typer.Option(metavar="URL", help="Where it listens; a number is a port of 127.0.0.1.")
    ] = f"tcp://127.0.0.1:{PORT}",
    users: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Users, one name:password a line; without it anybody is let in.")
    ] = None,
    grant: Grant = None,
    allow_remote: AllowRemote = False,
    log_level: LogLevel = Level.INFO,
    *,
    bounds: BrokerOptions,
) -> None:
    """The embedded MQTT broker; Ctrl-C ends it."""
    from modemlab.broker.server import Broker
    from modemlab.broker.users import load_users
    from modemlab.mqtt.session_changes import StoreError
    from modemlab.ports.address import PortKind, parse, tcp_url
    from modemlab.ports.exposure import BROKER_EXPOSED

    try:
        address = parse(port, PORT_FORMS)
        known = None if users is None else load_users(users)
    except ValueError as error:
        raise CliError(why(error)) from None
    granted = read_grant(grant)
    if address.kind is not PortKind.TCP or address.name:
        raise CliError("port {port!r}: a broker listens on TCP only: write {forms}", port=port, forms=PORT_FORMS)

    if known is None:
        admit([address], allow_remote, BROKER_EXPOSED)

    async def serve(ended: asyncio.Event) -> None:
        make_room(bounds.limits)
        store = open_store(bounds.store)
        log = log_line("broker")
        server = Broker(
            users=known,
            grant=granted,
            allow_remote=allow_remote,
            log=log,
            limits=bounds.limits,
            store=store,
            on_failure=ended.set,
        )
        try:
            host, number = await server.start(address.host, address.port)
            say(f"broker ready on {tcp_url(host, number)}")
            await ended.wait()
            tell_unsent(server, bounds.store)
        except OSError as error:
            raise CliError(f"{tcp_url(address.host, address.port)}: {why(error)}") from None
        except StoreError as error:
            raise CliError(why(error)) from None
        finally:
            await server.close()
        if server.failure:
            raise CliError(server.failure)

    run(serve, log_level)


def read_grant(grant: int | None) -> int | None:
    """The QoS of `--grant`."""
    from modemlab.broker.router import check_grant

    try:
        check_grant(grant, "--grant")
    except ValueError as error:
        raise CliError(why(error)) from None
    return grant
