"""What `pub`, `sub` and others share: options by mosquitto's names, a client of the module, and exit statuses."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import typer

from modemlab.cli.common import CliError, model_named, printable, when_ended
from modemlab.cli.language import why
from modemlab.cli.server_url import ServerAddress
from modemlab.ports.address import MAX_BAUD, MIN_BAUD

if TYPE_CHECKING:
    from modemlab.dialect.dialect import Dialect
    from modemlab.driver.modem import Event
    from modemlab.driver.mqtt_client import Client, Tls

T = TypeVar("T")
# Whatever fails but the command line itself, as mosquitto's clients have it; the time of -W has passed.
FAILED_STATUS, TIMED_OUT_STATUS = 1, 27
INTERRUPTED = 128
# Events that mean that nothing is wrong, and the one that is told as the error that ends it all.
SILENT_EVENTS = ("connected", "unexpected_bytes", "failed")

Port = Annotated[
    str,
    typer.Option(
        metavar="URL", envvar="MODEMLAB_PORT", help="The module's line: a device, HOST:PORT (TCP), rfc2217://HOST:PORT."
    ),
]
OnPort = Annotated[
    str,
    typer.Argument(metavar="PORT", envvar="MODEMLAB_PORT", help="A device, HOST:PORT (TCP) or rfc2217://HOST:PORT."),
]
Baud = Annotated[int, typer.Option(metavar="N", min=MIN_BAUD, max=MAX_BAUD, help="The rate of a serial device.")]
ModelName = Annotated[
    str | None, typer.Option("--model", metavar="MODEL", help="The module's model. [default: the module is asked]")
]
Wait = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, max=86400, help="How long SIM and network are waited for.")
]
Host = Annotated[
    str | None,
    typer.Option(
        "-h", "--host", metavar="HOST", envvar="MODEMLAB_MQTT_HOST", help="The broker, as the module is to reach it."
    ),
]
MqttPort = Annotated[
    int | None,
    typer.Option(
        *("-p", "--mqtt-port"),
        metavar="PORT",
        min=1,
        max=65535,
        envvar="MODEMLAB_MQTT_PORT",
        help="The broker's port. [default: 1883, with TLS 8883]",
    ),
]
Qos = Annotated[int, typer.Option("-q", "--qos", metavar="N", min=0, max=2, help="Quality of service.")]
Id = Annotated[str, typer.Option("-i", "--id", metavar="ID", help="The client id. [default: a new one each time]")]
Prefix = Annotated[
    str, typer.Option("-I", "--id-prefix", metavar="TEXT", help="A client id of this and the process's number.")
]
User = Annotated[str | None, typer.Option("-u", "--username", metavar="NAME", help="The user name.")]
Password = Annotated[
    str | None,
    typer.Option(
        "-P", "--pw", metavar="PASSWORD", envvar="MODEMLAB_PASSWORD", help="The password; others may see options."
    ),
]
KeepAlive = Annotated[int, typer.Option("-k", "--keepalive", metavar="SECONDS", min=0, max=65535, help="Keep alive.")]
Keep = Annotated[bool, typer.Option("-c", "--disable-clean-session", help="Keep the session at the broker; needs -i.")]
Version = Annotated[
    str, typer.Option("-V", "--protocol-version", metavar="V", help="mqttv31 or mqttv311; 31 and 311 do, too.")
]
WillTopic = Annotated[str | None, typer.Option(metavar="TOPIC", help="Topic of the will.")]
WillPayload = Annotated[str, typer.Option(metavar="TEXT", help="The will.")]
WillQos = Annotated[int, typer.Option(metavar="N", min=0, max=2, help="Quality of service of the will.")]
WillRetain = Annotated[bool, typer.Option("--will-retain", help="The will is retained.")]
CaFile = Annotated[Path | None, typer.Option(metavar="FILE", help="TLS: certificates of authorities, in PEM.")]
Cert = Annotated[Path | None, typer.Option(metavar="FILE", help="TLS: the client's own certificate, in PEM.")]
Key = Annotated[Path | None, typer.Option(metavar="FILE", help="TLS: its key, in PEM.")]
Insecure = Annotated[bool, typer.Option("--insecure", help="TLS without verifying the server.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no errors; check the exit status.")]
Debug = Annotated[bool, typer.Option("-d", "--debug", help="Tell on stderr what the driver does.")]

VERSIONS = {"mqttv31": 3, "31": 3, "mqttv311": 4, "311": 4}


class LineOptions(NamedTuple):
    """The module, and how much is said: `quiet` no errors, `debug` all that the driver tells."""

    port: str
    baud: int
    dialect: "Dialect | None"
    wait: float
    quiet: bool
    debug: bool


class WillOptions(NamedTuple):
    """The will's options."""

    topic: str | None
    payload: str
    qos: int
    retain: bool


class SessionOptions(NamedTuple):
    """The options of a client of that module."""

    line: LineOptions
    place: ServerAddress
    client_id: str
    keepalive: int
    clean: bool
    level: int
    will: WillOptions
    tls: "Tls | None"


def read_line(port: str, baud: int, model: str | None, wait: float, quiet: bool, debug: bool) -> LineOptions:
    """The module's options; a model that is unknown lists those that are known."""
    return LineOptions(port, baud, None if model is None else model_named(model)[0], wait, quiet, debug)


def read_session(
    line: LineOptions,
    place: ServerAddress,
    names: tuple[str, str],
    options: tuple[int, bool, str],
    will: WillOptions,
    files: tuple[Path | None, Path | None, Path | None, bool],
) -> SessionOptions:
    """The session's options: `names` are -i and -I, `options` are keep alive, -c and -V, `files` --cafile, --cert,
    --key and --insecure.
    """
    from modemlab.at.errors import UsageError
    from modemlab.driver.mqtt_client import Tls
    from modemlab.mqtt.topics import check_name

    keepalive, keep, version = options
    if version not in VERSIONS:
        raise CliError(
            "-V {version!r} is not a version that modules speak: {versions}",
            version=version,
            versions=", ".join(VERSIONS),
        )
    client_id, prefix = names
    if client_id and prefix:
        raise CliError("-i and -I are two client ids: leave one out")
    if keep and not client_id:
        raise CliError("-c keeps a session by its client id: give one with -i")
    if place.password is not None and place.username is None:
        raise CliError("-P needs a user name: give one with -u")
    if will.topic is None and (will.payload or will.qos or will.retain):
        raise CliError("a will needs --will-topic")
    if will.topic is not None:
        checked("--will-topic", will.topic, check_name)
    authorities, certificate, key, insecure = files
    if authorities is not None and insecure:
        raise CliError("--cafile and --insecure exclude each other: leave one of them out")
    if place.tls and authorities is None and not insecure:
        raise CliError(
            "-L mqtts:// needs --cafile FILE, or --insecure: a module has no authority's certificate by itself"
        )
    tls = Tls(authorities, certificate, key, verify=not insecure) if place.tls or any(files) else None
    try:
        if tls is not None:
            tls.keys()
    except UsageError as error:
        raise CliError(printable(why(error))) from None
    client_id = client_id or (f"{prefix}{os.getpid()}" if prefix else "")
    return SessionOptions(line, place, client_id, keepalive, not keep, VERSIONS[version], will, tls)


def checked(option: str, text: str, check: Callable[[str], None]) -> None:
    """Hold a topic to the standard."""
    try:
        check(text)
    except ValueError as error:
        raise CliError(f"{option} {printable(text)!r:.60}: {why(error)}") from None


def talk(
    session: SessionOptions, work: "Callable[[Client], Awaitable[None]]", *, reconnect: bool, endless: bool
) -> None:
    """Have a client of the module do that. What `when_ended` tells of ends it, in good order where it is `endless`.

    Raises `CliError` with the exit status: what CONNACK refused with, 27 when the time of -W has passed, 1 for all else
    that fails.
    """
    from modemlab.at.errors import ConnectionRefused, ModemError

    ended: list[int] = []

    async def main() -> None:
        task = asyncio.current_task()
        assert task is not None
        cancel = task.cancel

        def end(number: int) -> None:
            ended.append(number)
            cancel()

        when_ended(end)
        await connected(session, work, reconnect, endless)

    try:
        asyncio.run(main())
    except (asyncio.CancelledError, KeyboardInterrupt):
        if not endless:
            raise typer.Exit(INTERRUPTED + (ended or [signal.SIGINT])[0]) from None
    except ConnectionRefused as error:
        complain(session.line, printable(why(error)), error.code or FAILED_STATUS)
    except ModemError as error:
        complain(session.line, printable(why(error)), FAILED_STATUS)
    except CliError as error:
        complain(session.line, why(error), error.status)


def complain(line: LineOptions, text: str, status: int) -> None:
    """End with that status, and say why unless it is not wanted."""
    if line.quiet:
        raise typer.Exit(status)
    raise CliError(text, status) from None


async def connected(
    session: SessionOptions, work: "Callable[[Client], Awaitable[None]]", reconnect: bool, endless: bool
) -> None:
    """Open the module, connect, and work."""
    from modemlab.dialect.recipes import Will as Wanted
    from modemlab.driver.modem import Modem

    def tell(event: "Event") -> None:
        if session.line.debug or (event.kind not in SILENT_EVENTS and not session.line.quiet):
            print(f"modemlab: {event.kind}: {printable(event.text)}", file=sys.stderr, flush=True)

    line, place, will = session.line, session.place, session.will
    # What is to end is not kept waiting for a port.
    waits = {} if endless else {"reopen_timeout": 0.0}
    async with Modem.open(line.port, baud=line.baud, dialect=line.dialect, on_event=tell, **waits) as modem:
        await modem.ready(line.wait)
        async with modem.mqtt(
            place.host,
            place.port,
            client_id=session.client_id,
            username=place.username,
            password=place.password,
            keepalive=session.keepalive,
            clean_session=session.clean,
            will=None if will.topic is None else Wanted(will.topic, os.fsencode(will.payload), will.qos, will.retain),
            level=session.level,
            tls=session.tls,
            connect_timeout=0.0,
            reconnect=reconnect,
        ) as client:
            await work(client)


async def until_client_ends(client: "Client", work: Coroutine[Any, Any, None]) -> None:
    """Do that; what ends the client meanwhile is raised at once, whatever the work waits for."""
    tasks = [asyncio.create_task(work), asyncio.create_task(its_end(client))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def its_end(client: "Client") -> None:
    """Wait for the client's end, which raises what ended it; its messages go nowhere."""
    async for _ in client.messages:
        pass


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """What that returns or raises, done on a thread that may block for ever: the process does not wait for it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)  # type: ignore[arg-type] # the work's own
        else:
            future.set_exception(error)

    def run() -> None:
        value, failure = None, None
        try:
            value = work()
        except Exception as error:
            failure = error
        with suppress(RuntimeError):  # the loop is over
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=run, daemon=True).start()
    return await future
