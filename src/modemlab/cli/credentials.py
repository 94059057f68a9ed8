"""`modemlab credentials`: what a device of a cloud connects with, and the AT commands to paste for it."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from modemlab.cli.common import CliError, model_named, printable, say
from modemlab.cli.help_text import columns
from modemlab.cli.language import tr, why
from modemlab.cli.server_url import typed
from modemlab.cli.usage_errors import Subcommand, Subcommands
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modemlab.dialect.dialect import Dialect
    from modemlab.dialect.recipes import MqttSession
    from modemlab.platforms.devices import Platform

# Bytes of a file that holds a secret.
MAX_SECRET_BYTES = 4096
SECRETS = ("device_secret", "secret", "product_secret", "access_key", "key", "project_key")
UNVERIFIED = N_("TLS as below verifies nobody: upload the cloud's CA certificate and raise the level for that.")

credentials = typer.Typer(
    add_completion=False,
    cls=Subcommands,
    help="Client id, user name and password of a cloud's device, and the AT commands to paste.\n\n"
    "A secret is better read from a file, from stdin (--secret-file -) or from MODEMLAB_SECRET than typed as an "
    "option, which the shell remembers and other users see; on a terminal it is asked for without any of them.",
    rich_markup_mode=None,
)

Secret = Annotated[str | None, typer.Option(metavar="TEXT", envvar="MODEMLAB_SECRET", help="The secret itself.")]
SecretFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="The secret is the first line of a file; - is stdin.")
]
Tls = Annotated[bool, typer.Option("--tls", help="For a connection over TLS.")]
Model = Annotated[str | None, typer.Option(metavar="MODEL", help="Print this model's commands alone.")]
Host = Annotated[str, typer.Option(metavar="HOST", help="The server that the cloud's console shows.")]
ProductId = Annotated[str, typer.Option(metavar="ID", help="The product.")]
DeviceName = Annotated[str, typer.Option(metavar="NAME", help="The device.")]


class CredentialsRequest(NamedTuple):
    """For which connection, and for whose commands; without a dialect for all."""

    tls: bool
    host: str
    dialect: "Dialect | None"


def wanted(tls: bool, model: str | None, host: str = "") -> CredentialsRequest:
    """What the options say."""
    return CredentialsRequest(tls, host, None if model is None else model_named(model)[0])


@credentials.command(cls=Subcommand)
def aliyun(
    context: typer.Context,
    product_key: Annotated[str, typer.Option(metavar="KEY", help="The product.")],
    device_name: DeviceName,
    secret: Secret = None,
    secret_file: SecretFile = None,
    client_id: Annotated[str, typer.Option(metavar="ID", help="Any name of the device's. [default: KEY.NAME]")] = "",
    region: Annotated[str, typer.Option(metavar="REGION", help="Of an instance without a host of its own.")] = (
        "cn-shanghai"
    ),
    instance: Annotated[str, typer.Option(metavar="ID", help="The instance, such as iot-0abc.")] = "",
    host: Host = "",
    tls: Tls = False,
    model: Model = None,
) -> None:
    """Aliyun IoT Platform; the secret is the device's."""
    from modemlab.platforms.devices import Aliyun

    alone(context, "host", "instance", "region")
    alone(context, "instance", "region")
    asked = wanted(tls, model, host)
    show(
        Aliyun(product_key, device_name, read_secret(context, secret, secret_file), client_id, region, instance), asked
    )


@credentials.command(cls=Subcommand)
def onenet(
    context: typer.Context,
    product_id: ProductId,
    device_name: DeviceName,
    secret: Secret = None,
    secret_file: SecretFile = None,
    by_device: Annotated[
        bool, typer.Option("--by-device", help="The secret is the device's own key, not its product's.")
    ] = False,
    host: Host = "",
    tls: Tls = False,
    model: Model = None,
) -> None:
    """China Mobile OneNET; the secret is the product's access key."""
    from modemlab.platforms.devices import OneNet

    asked = wanted(tls, model, host)
    show(OneNet(product_id, device_name, read_secret(context, secret, secret_file), by_device), asked)


@credentials.command(cls=Subcommand)
def huawei(
    context: typer.Context,
    device_id: Annotated[str | None, typer.Option(metavar="ID", help="The device, with a secret of its own.")] = None,
    product_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The product whose secret it is, with --node-id.")
    ] = None,
    node_id: Annotated[str | None, typer.Option(metavar="ID", help="The device's identifier in its product.")] = None,
    secret: Secret = None,
    secret_file: SecretFile = None,
    check_time: Annotated[
        bool,
        typer.Option(
            "--check-time", help="Let the cloud check the time stamp (the hour); the credentials then expire."
        ),
    ] = False,
    host: Host = "",
    tls: Tls = False,
    model: Model = None,
) -> None:
    """Huawei IoTDA; the secret is the device's, or its product's."""
    from modemlab.platforms.devices import Huawei, HuaweiProduct, Platform

    asked = wanted(tls, model, host)
    if (device_id is None) == (product_id is None) or (product_id is None) != (node_id is None):
        raise CliError("a device is --device-id ID, or --product-id ID with --node-id ID")
    key = read_secret(context, secret, secret_file)
    device: Platform = (
        Huawei(device_id, key, check_time)
        if device_id is not None
        else HuaweiProduct(product_id or "", key, node_id or "", check_time)
    )
    show(device, asked)


@credentials.command(cls=Subcommand)
def tencent(
    context: typer.Context,
    product_id: ProductId,
    device_name: DeviceName,
    secret: Secret = None,
    secret_file: SecretFile = None,
    days: Annotated[int, typer.Option(min=1, max=36500, help="How long the password holds.")] = 365,
    suite: Annotated[
        bool, typer.Option("--suite", help="The older IoT Suite, whose password the module fetches.")
    ] = False,
    host: Host = "",
    tls: Tls = False,
    model: Model = None,
) -> None:
    """Tencent IoT Hub and Explorer; the secret is in base64."""
    from modemlab.platforms.devices import Platform, Tencent, TencentSuite

    alone(context, "suite", "days")
    asked = wanted(tls, model, host)
    key = read_secret(context, secret, secret_file)
    device: Platform = Tencent(product_id, device_name, key, days * 86_400)
    show(TencentSuite(product_id, device_name, key) if suite else device, asked)


@credentials.command(cls=Subcommand)
def thingscloud(
    context: typer.Context,
    access_token: Annotated[
        str, typer.Option(metavar="TOKEN", envvar="MODEMLAB_ACCESS_TOKEN", help="The device's AccessToken.")
    ],
    region: Annotated[str, typer.Option(metavar="REGION", help="The first part of the server's name, such as sh-1.")],
    secret: Secret = None,
    secret_file: SecretFile = None,
    client_id: Annotated[str, typer.Option(metavar="ID", help="Any name.")] = "thingscloud",
    host: Host = "",
    tls: Tls = False,
    model: Model = None,
) -> None:
    """ThingsCloud; the secret is the project's ProjectKey."""
    from modemlab.platforms.devices import ThingsCloud

    asked = wanted(tls, model, host)
    show(ThingsCloud(access_token, read_secret(context, secret, secret_file), region, client_id), asked)


def alone(context: typer.Context, option: str, *others: str) -> None:
    """Raise `CliError` where an option is typed beside others that have no effect then."""
    first = typed(context, option)
    for second in typed(context, *others) if first else ():
        raise CliError("{second} has no effect beside {first}: leave one of them out", second=second, first=first[0])


def read_secret(context: typer.Context, text: str | None, file: str | None) -> str:
    """The secret: of the file, of the option or the environment, or as it is typed."""
    alone(context, "secret_file", "secret")
    if file is not None:
        try:
            text = sys.stdin.readline(MAX_SECRET_BYTES) if file == "-" else first_line(file)
            text = text.rstrip("\r\n")
        except UnicodeDecodeError:
            raise CliError("{file}: is no text", file=file) from None
    elif text is None:
        from getpass import getpass

        if sys.stdin is None or not sys.stdin.isatty():
            raise CliError("a secret is needed: --secret-file FILE, or MODEMLAB_SECRET in the environment")
        text = getpass(tr("secret: "))
    if not text:
        raise CliError("the secret is empty")
    if not text.isprintable():
        raise CliError("the secret is no text: it holds control characters, or bytes that are not UTF-8")
    return text


def first_line(file: str) -> str:
    """The first line of a file. Raises OSError, and UnicodeDecodeError for what is no text."""
    from modemlab.ports.file_reading import read_beginning

    return read_beginning(file, MAX_SECRET_BYTES).partition(b"\n")[0].decode()


def today() -> datetime:
    """The date and time."""
    return datetime.now(UTC)


def show(device: "Platform", asked: CredentialsRequest) -> None:
    """Print what the device connects with, and each dialect's commands."""
    from modemlab.at.errors import UsageError
    from modemlab.dialect.recipes import MqttSession, TlsCredentials
    from modemlab.dialect.registry import dialects
    from modemlab.platforms.devices import enter

    check(device)
    try:
        session = enter(
            MqttSession(0, asked.host, 0, "", tls=TlsCredentials(verify=False) if asked.tls else None), device, today()
        )
    except UsageError as error:
        raise CliError(printable(why(error))) from None
    if session.username is not None:
        for label, value in (
            (tr("client id"), session.client_id),
            (tr("user name"), session.username),
            (tr(N_("password")), session.password or ""),
        ):
            say_labelled(label, printable(value))
    say_labelled(tr(N_("server")), f"{printable(session.host)}:{session.port}")
    if asked.tls:
        say("\n" + tr(UNVERIFIED))
    for dialect in dialects() if asked.dialect is None else (asked.dialect,):
        for title, commands in pasted(dialect, session):
            say(f"\n{dialect.name}: {tr(dialect.title)}{title}")
            for line in commands:
                say(printable(line))


def say_labelled(label: str, text: str) -> None:
    """Print a value behind its label, which takes a column of ten."""
    say(f"{label}{' ' * (10 - columns(label))} {text}")


def check(device: "Platform") -> None:
    """Raise `CliError` for a name that no cloud gives: an empty one, or one with a quote or a blank in it."""
    named: dict[str, object] = getattr(device, "_asdict", dict)()
    needed = set(named) - set(getattr(device, "_field_defaults", ()))
    for name, value in named.items():
        if not isinstance(value, str) or name in SECRETS:
            continue
        option = f"--{name.replace('_', '-')}"
        if name in needed and not value:
            raise CliError("{option} is empty", option=option)
        if not value.isprintable() or any(character in '" ,' for character in value):
            raise CliError(
                "{option} holds a quote, a comma, a blank or a control character, which no name may", option=option
            )


def pasted(dialect: "Dialect", session: "MqttSession") -> "Iterator[tuple[str, list[str]]]":
    """The command lines of a dialect, once by the module's own command for the platform if it has one."""
    from modemlab.at.errors import ModemError
    from modemlab.at.parameters import to_text
    from modemlab.driver.protocol.command_listing import lines

    recipes = dialect.recipes
    if recipes is None:
        return
    plain, own = session._replace(own_credential=None), session.own_credential
    ways = {"": plain if session.username is not None else session}
    if own is not None and own.platform in recipes.platforms:
        ways = {tr(", by the module's own command"): session, **(ways if session.username is not None else {})}
    told: list[str] = []
    for title, way in ways.items():
        try:
            commands = [to_text(ask.line) for ask in lines(dialect, recipes.connect(way))]
        except ModemError as error:
            commands = [tr("cannot: {reason}", reason=why(error))]
        if commands != told:
            yield title, commands
        told = commands
