"""`modemlab pub`: publish through a module, with mosquitto_pub's habits."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from modemlab.cli import mqtt_options, server_url
from modemlab.cli.common import CliError
from modemlab.ports.file_reading import read_beginning

if TYPE_CHECKING:
    from modemlab.driver.mqtt_client import Client

# Bytes of a message that are read: no module takes as many, and says how many it does take.
MAX_PAYLOAD_BYTES = 1 << 16
# Messages of -l that are under way or wait for the module's window.
MAX_IN_FLIGHT = 20


@mqtt_options.with_mqtt_options
def pub(
    context: typer.Context,
    port: mqtt_options.Port,
    host: mqtt_options.Host = None,
    topic: Annotated[str | None, typer.Option("-t", "--topic", metavar="TOPIC", help="Where to publish.")] = None,
    url: server_url.Url = None,
    message: Annotated[str | None, typer.Option("-m", "--message", metavar="TEXT", help="The message.")] = None,
    file: Annotated[
        Path | None, typer.Option("-f", "--file", metavar="FILE", help="The message is what a file holds.")
    ] = None,
    lines: Annotated[bool, typer.Option("-l", "--stdin-line", help="Each line of stdin is a message.")] = False,
    null: Annotated[bool, typer.Option("-n", "--null-message", help="An empty message.")] = False,
    stdin: Annotated[bool, typer.Option("-s", "--stdin-file", help="The message is all of stdin.")] = False,
    qos: mqtt_options.Qos = 0,
    retain: Annotated[bool, typer.Option("-r", "--retain", help="The broker keeps it.")] = False,
    repeat: Annotated[int, typer.Option(metavar="N", min=1, help="Publish the message so many times.")] = 1,
    repeat_delay: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, max=86400, help="The delay between two messages.")
    ] = 0.0,
    *,
    options: mqtt_options.MqttOptions,
) -> None:
    """Publish through a module, real or virtual, as mosquitto_pub does; --port is the module's, -p the broker's.

    Exit status: 0 published (at QoS 1 and 2 acknowledged), 1 to 5 the broker refused with that code, 1 anything else
    that failed, 2 a mistake in the command line too.
    """
    from modemlab.mqtt.topics import check_name

    server = server_url.read_place(context, url, host, options.mqtt_port, options.username, options.pw)
    if topic is not None and server.topic is not None:
        raise CliError("-L and -t are two topics: leave one out")
    topic = server.topic if topic is None else topic
    if topic is None:
        raise CliError("a topic is needed: -t TOPIC, or -L URL")
    session = mqtt_options.read_session(port, server, options)
    mqtt_options.checked("-t", topic, check_name)
    if sum((message is not None, file is not None, lines, null, stdin)) != 1:
        raise CliError("one kind of message is needed: -m TEXT, -f FILE, -l, -n or -s")
    if lines and repeat != 1:
        raise CliError("--repeat is for one message, and -l has as many as there are lines")

    async def publish(client: "Client", payload: bytes) -> None:
        await client.publish(topic, payload, qos, retain)

    if lines:
        # Not its buffer: the end of the process would wait for a thread that reads it.
        source = standard_input().fileno()

        async def work(client: "Client") -> None:
            await in_flight(messages(source), lambda payload: publish(client, payload), MAX_IN_FLIGHT)

    else:
        payload = os.fsencode(message or "")
        if file is not None:
            payload = checked(read_beginning(file, MAX_PAYLOAD_BYTES + 1), str(file))
        elif stdin:
            payload = read_message(standard_input(), "stdin")
            if not payload:  # it would clear what a broker keeps
                raise CliError("stdin is empty: -n publishes an empty message")

        async def work(client: "Client") -> None:
            for number in range(repeat):
                if number and repeat_delay:
                    await asyncio.sleep(repeat_delay)
                await publish(client, payload)

    mqtt_options.talk(
        session, lambda client: mqtt_options.until_client_ends(client, work(client)), reconnect=lines, endless=False
    )


def standard_input() -> BinaryIO:
    """The bytes of stdin."""
    if sys.stdin is None:
        raise CliError("there is no stdin")
    return sys.stdin.buffer


def read_message(source: BinaryIO, name: str) -> bytes:
    """A whole message."""
    return checked(source.read(MAX_PAYLOAD_BYTES + 1), name)


def checked(payload: bytes, name: str) -> bytes:
    """A message that a module may take."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise CliError("{name} is longer than any message of a module", name=name)
    return payload


async def messages(source: int) -> AsyncIterator[bytes]:
    """The lines of a file without their ends, as they come; the last one may lack its end."""
    number, rest = 0, b""
    while data := await mqtt_options.in_daemon_thread(lambda: os.read(source, MAX_PAYLOAD_BYTES)):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line
        number += len(lines)
        if len(rest) > MAX_PAYLOAD_BYTES:
            raise CliError(
                "line {number} of stdin is longer than any message of a module",
                mqtt_options.FAILED_STATUS,
                number=number + 1,
            )
    if rest:
        yield rest


async def in_flight(
    source: AsyncIterator[bytes], publish: Callable[[bytes], Coroutine[Any, Any, None]], maximum: int
) -> None:
    """Publish all of them, in order, so many at a time unacknowledged; ends with the first that fails, whatever is
    still to come.
    """
    under_way: set[asyncio.Task[None]] = set()
    reading: asyncio.Task[bytes | None] | None = asyncio.create_task(following(source))
    try:
        while reading is not None or under_way:
            awaited = {*under_way, *([reading] if reading is not None and len(under_way) < maximum else [])}
            done, _ = await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for task in done & under_way:
                under_way.discard(task)
                task.result()
            if reading is not None and reading.done():
                payload = reading.result()
                if payload is not None:
                    under_way.add(asyncio.create_task(publish(payload)))
                reading = None if payload is None else asyncio.create_task(following(source))
    finally:
        left = [*under_way, *([] if reading is None else [reading])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def following(source: AsyncIterator[bytes]) -> bytes | None:
    """The next of them; None behind the last."""
    return await anext(source, None)
