"""`modemlab sub`: print what a module receives, with mosquitto_sub's habits."""

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli import mqtt_options, server_url
from modemlab.cli.common import CliError
from modemlab.cli.language import why
from modemlab.text.number_format import figure

if TYPE_CHECKING:
    from modemlab.cli.formats import Format
    from modemlab.driver.mqtt_client import Client


@mqtt_options.with_mqtt_options
def sub(
    context: typer.Context,
    port: mqtt_options.Port,
    host: mqtt_options.Host = None,
    topic: Annotated[
        list[str] | None, typer.Option("-t", "--topic", metavar="FILTER", help="What to subscribe to; repeatable.")
    ] = None,
    url: server_url.Url = None,
    qos: mqtt_options.Qos = 0,
    count: Annotated[
        int | None, typer.Option("-C", metavar="N", min=1, help="End when so many messages have been printed.")
    ] = None,
    within: Annotated[
        float | None,
        typer.Option("-W", metavar="SECONDS", min=0.1, max=1e9, help="End so long after connecting, with status 27."),
    ] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print the topic before the message.")] = False,
    bare: Annotated[bool, typer.Option("-N", help="Print no newline after a message.")] = False,
    form: Annotated[
        str | None, typer.Option("-F", metavar="FORMAT", help="Print by a format: %t topic, %p message, %j JSON ...")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("-T", "--filter-out", metavar="FILTER", help="Print none of these; repeatable.")
    ] = None,
    unsubscribe: Annotated[
        list[str] | None, typer.Option("-U", "--unsubscribe", metavar="FILTER", help="Unsubscribe from it; repeatable.")
    ] = None,
    only: Annotated[bool, typer.Option("-E", help="End when the subscriptions are made.")] = False,
    *,
    options: mqtt_options.MqttOptions,
) -> None:
    """Print what a module receives, as mosquitto_sub does; --port is the module's, -p the broker's. Ctrl-C ends it.

    Exit status: 0 ended by -C, -E, Ctrl-C or SIGTERM, 27 the time of -W has passed, 1 to 5 the broker refused with
    that code, 1 anything else that failed, 2 a mistake in the command line too.
    """
    from modemlab.mqtt.topics import check_filter, matches

    server = server_url.read_place(context, url, host, options.mqtt_port, options.username, options.pw)
    filters = [*([] if server.topic is None else [server.topic]), *(topic or ())]
    if not filters:
        raise CliError("a topic is needed: -t FILTER, or -L URL")
    session = mqtt_options.read_session(port, server, options)
    for option, given in (("-t", filters), ("-T", without or ()), ("-U", unsubscribe or ())):
        for each in given:
            mqtt_options.checked(option, each, check_filter)
    render = read_format(form, verbose, "" if bare else "\n")
    out = standard_output()

    async def listen(client: "Client") -> None:
        left = count
        await client.subscribe([(each, qos) for each in filters])
        if unsubscribe:
            await client.unsubscribe(*unsubscribe)
        if only:
            return
        async for message in client.messages:
            if any(matches(each, message.topic) for each in without or ()):
                continue
            await mqtt_options.in_daemon_thread(lambda message=message: write(out, render(message)))  # type: ignore[misc] # its default
            left = None if left is None else left - 1
            if left == 0:
                return

    async def work(client: "Client") -> None:
        try:
            async with asyncio.timeout(within) as limit:
                await listen(client)
        except TimeoutError:
            if not limit.expired():
                raise
            raise CliError(
                "timed out: the {seconds} s of -W have passed",
                mqtt_options.TIMED_OUT_STATUS,
                seconds=figure(within or 0),
            ) from None

    mqtt_options.talk(session, work, reconnect=True, endless=True)


def read_format(form: str | None, verbose: bool, end: str) -> "Format":
    """How a message is printed, with what ends it."""
    from modemlab.cli.formats import Format

    try:
        return Format(form if form is not None else "%t %p" if verbose else "%p", end)
    except ValueError as error:
        raise CliError(f"-F {form!r}: {why(error)}") from None


def standard_output() -> int:
    """The file number of stdout."""
    if sys.stdout is None:
        raise CliError("there is no stdout")
    sys.stdout.flush()
    return sys.stdout.fileno()


def write(out: int, data: bytes) -> None:
    """Write all of it, as it is."""
    while data:
        data = data[os.write(out, data) :]
