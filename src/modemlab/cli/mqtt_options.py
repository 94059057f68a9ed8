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
from modemlab.cli.language import said, tr, why
from modemlab.cli.option_groups import fields_of, with_options
from modemlab.cli.server_url import ServerAddress
from modemlab.ports.address import BAUD, MAX_BAUD, MIN_BAUD
from modemlab.text.catalogue import N_

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
# How each kind of event is printed.
EVENT_LINES = {
    "connected": N_("connected: {event}"),
    "link_lost": N_("connection lost: {event}"),
    "retry": N_("trying again, {event}"),
    "republished": N_("publishing again: {event}"),
    "failed": N_("failed: {event}"),
    "unexpected_bytes": N_("unexpected bytes: {event}"),
    "subscription_refused": N_("subscription refused: {event}"),
    "message_dropped": N_("message lost: {event}"),
    "module_restarted": N_("restart: {event}"),
    "port_lost": N_("port lost: {event}"),
    "port_reopened": N_("port open again: {event}"),
    "not_ready": N_("waiting for {event}"),
}

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
Host = Annotated[
    str | None,
    typer.Option(
        "-h", "--host", metavar="HOST", envvar="MODEMLAB_MQTT_HOST", help="The broker, as the module is to reach it."
    ),
]
Qos = Annotated[int, typer.Option("-q", "--qos", metavar="N", min=0, max=2, help="Quality of service.")]

VERSIONS = {"mqttv31": 3, "31": 3, "mqttv311": 4, "311": 4}


class MqttOptions(NamedTuple):
    """The options that `pub` and `sub` have alike: the client's, the module's, and how much is printed."""

    mqtt_port: Annotated[
        int | None,
        typer.Option(
            *("-p", "--mqtt-port"),
            metavar="PORT",
            min=1,
            max=65535,
            envvar="MODEMLAB_MQTT_PORT",
            help="The broker's port. [default: 1883, with TLS 8883]",
        ),
    ] = None
    client_id: Annotated[
        str, typer.Option("-i", "--id", metavar="ID", help="The client id. [default: a new one each time]")
    ] = ""
    id_prefix: Annotated[
        str, typer.Option("-I", "--id-prefix", metavar="TEXT", help="A client id of this and the process's number.")
    ] = ""
    username: Annotated[str | None, typer.Option("-u", "--username", metavar="NAME", help="The user name.")] = None
    pw: Annotated[
        str | None,
        typer.Option(
            "-P", "--pw", metavar="PASSWORD", envvar="MODEMLAB_PASSWORD", help="The password; others may see options."
        ),
    ] = None
    keepalive: Annotated[
        int, typer.Option("-k", "--keepalive", metavar="SECONDS", min=0, max=65535, help="Keep alive.")
    ] = 60
    keep: Annotated[
        bool, typer.Option("-c", "--disable-clean-session", help="Keep the session at the broker; needs -i.")
    ] = False
    version: Annotated[
        str, typer.Option("-V", "--protocol-version", metavar="V", help="mqttv31 or mqttv311; 31 and 311 do, too.")
    ] = "mqttv311"
    will_topic: Annotated[str | None, typer.Option(metavar="TOPIC", help="Topic of the will.")] = None
    will_payload: Annotated[str, typer.Option(metavar="TEXT", help="The will.")] = ""
    will_qos: Annotated[int, typer.Option(metavar="N", min=0, max=2, help="Quality of service of the will.")] = 0
    will_retain: Annotated[bool, typer.Option("--will-retain", help="The will is retained.")] = False
    cafile: Annotated[Path | None, typer.Option(metavar="FILE", help="TLS: certificates of authorities, in PEM.")] = (
        None
    )
    cert: Annotated[Path | None, typer.Option(metavar="FILE", help="TLS: the client's own certificate, in PEM.")] = None
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="TLS: its key, in PEM.")] = None
    insecure: Annotated[bool, typer.Option("--insecure", help="TLS without verifying the server.")] = False
    baud: Baud = BAUD
    model: ModelName = None
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, max=86400, help="How long SIM and network are waited for.")
    ] = 120.0
    quiet: Annotated[bool, typer.Option("--quiet", help="Print no errors; check the exit status.")] = False
    debug: Annotated[bool, typer.Option("-d", "--debug", help="Tell on stderr what the driver does.")] = False


def with_mqtt_options(command: Callable[..., None]) -> Callable[..., None]:
    """A subcommand that has these options beside its own, and takes them as one argument, `options`."""
    return with_options(command, "options", fields_of(MqttOptions), MqttOptions)


class SessionOptions(NamedTuple):
    """A client of the module on `port`, read from its options and found right."""

    port: str
    dialect: "Dialect | None"
    place: ServerAddress
    client_id: str
    tls: "Tls | None"
    options: MqttOptions


def read_session(port: str, place: ServerAddress, options: MqttOptions) -> SessionOptions:
    """The session that the options ask for; a model that is unknown lists those that are known."""
    from modemlab.mqtt.topics import check_name

    dialect = None if options.model is None else model_named(options.model)[0]
    if options.version not in VERSIONS:
        raise CliError(
            "-V {version!r} is not a version that modules speak: {versions}",
            version=options.version,
            versions=", ".join(VERSIONS),
        )
    if options.client_id and options.id_prefix:
        raise CliError("-i and -I are two client ids: leave one out")
    if options.keep and not options.client_id:
        raise CliError("-c keeps a session by its client id: give one with -i")
    if place.password is not None and place.username is None:
        raise CliError("-P needs a user name: give one with -u")
    if options.will_topic is None and (options.will_payload or options.will_qos or options.will_retain):
        raise CliError("a will needs --will-topic")
    if options.will_topic is not None:
        checked("--will-topic", options.will_topic, check_name)
    client_id = options.client_id or (f"{options.id_prefix}{os.getpid()}" if options.id_prefix else "")
    return SessionOptions(port, dialect, place, client_id, read_tls(place, options), options)


def read_tls(place: ServerAddress, options: MqttOptions) -> "Tls | None":
    """What TLS needs, whose files must be readable; None without TLS."""
    from modemlab.at.errors import UsageError
    from modemlab.driver.mqtt_client import Tls

    files = options.cafile, options.cert, options.key
    if options.cafile is not None and options.insecure:
        raise CliError("--cafile and --insecure exclude each other: leave one of them out")
    if place.tls and options.cafile is None and not options.insecure:
        raise CliError(
            "-L mqtts:// needs --cafile FILE, or --insecure: a module has no authority's certificate by itself"
        )
    if not place.tls and not any(files) and not options.insecure:
        return None
    tls = Tls(*files, verify=not options.insecure)
    try:
        tls.keys()
    except UsageError as error:
        raise CliError(printable(why(error))) from None
    return tls


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
        complain(session.options, printable(why(error)), error.code or FAILED_STATUS)
    except ModemError as error:
        complain(session.options, printable(why(error)), FAILED_STATUS)
    except CliError as error:
        complain(session.options, why(error), error.status)


def complain(options: MqttOptions, text: str, status: int) -> None:
    """End with that status, and say why unless it is not wanted."""
    if options.quiet:
        raise typer.Exit(status)
    raise CliError(text, status) from None


async def connected(
    session: SessionOptions, work: "Callable[[Client], Awaitable[None]]", reconnect: bool, endless: bool
) -> None:
    """Open the module, connect, and work."""
    from modemlab.dialect.recipes import Will
    from modemlab.driver.modem import Modem

    options = session.options

    def tell(event: "Event") -> None:
        if options.debug or (event.kind not in SILENT_EVENTS and not options.quiet):
            told = tr(EVENT_LINES[event.kind.value], event=said(event.reason))
            print(f"modemlab: {printable(told)}", file=sys.stderr, flush=True)

    place = session.place
    will = None
    if options.will_topic is not None:
        payload = os.fsencode(options.will_payload)
        will = Will(options.will_topic, payload, options.will_qos, options.will_retain)
    # What is to end is not kept waiting for a port.
    waits = {} if endless else {"reopen_timeout": 0.0}
    async with Modem.open(session.port, baud=options.baud, dialect=session.dialect, on_event=tell, **waits) as modem:
        await modem.ready(options.wait)
        async with modem.mqtt(
            place.host,
            place.port,
            client_id=session.client_id,
            username=place.username,
            password=place.password,
            keepalive=options.keepalive,
            clean_session=not options.keep,
            will=will,
            level=VERSIONS[options.version],
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
