"""Where and as whom `pub` and `sub` connect: by -h, -p, -u and -P, or by a URL as mosquitto's -L has it."""

import re
from typing import Annotated, NamedTuple

import typer

from modemlab.cli.common import CliError, printable
from modemlab.cli.language import tr, why
from modemlab.text.catalogue import N_

URL_FORM = "mqtt(s)://[USER[:PASSWORD]@]HOST[:PORT]/TOPIC"
# As mosquitto reads it: nothing in it is percent-encoded, so that a password holds no slash and a user no colon.
URL = re.compile(r"mqtt(s?)://(?:([^/]*)@)?([^/@:]+)(?::([0-9]{1,5}))?/(.+)", re.IGNORECASE | re.DOTALL)
SERVER = re.compile(r"(\[[^][]*\]|[^][:/?#@\s]+)(?::([^:/]*))?")
PLAIN_PORT, TLS_PORT = 1883, 8883
# What is no host alone: a URL, or a host with a port; not an IPv6 address.
BEHIND_HOST = re.compile(
    r"(?=.*://|[^:]*:[0-9]+$)(?:([a-z0-9+.-]+)://)?([^/@]*@)?([^/@:]+)(?::([0-9]+))?(?:/(.*))?",
    re.IGNORECASE | re.DOTALL,
)
SECURE = ("mqtts", "ssl", "tls", "https", "wss")

Url = Annotated[
    str | None, typer.Option("-L", "--url", metavar="URL", help="Broker, user and topic in one: " + URL_FORM + ".")
]


def read_server(option: str, text: str, usual: int) -> tuple[str, int]:
    """The host and the port of a server: HOST:PORT, HOST with the `usual` port, a port of loopback, a URL of these."""
    from modemlab.net.host_port import read_port, unbracket
    from modemlab.ports.address import LOOPBACK

    bare = re.sub(r"^(tcp|mqtt)://", "", text, flags=re.IGNORECASE).removesuffix("/")
    found = SERVER.fullmatch(f"{LOOPBACK}:{bare}" if bare.isdigit() else bare)
    if found is None:
        raise CliError(
            printable(
                tr(
                    "{option} {text!r} is not of the form HOST:PORT, an IPv6 address in brackets",
                    option=option,
                    text=text,
                )
            )
        )
    try:
        port = usual if found[2] is None else read_port(found[2])
        if port == 0:
            raise ValueError(N_("TCP port 0 cannot be connected to"))
        return unbracket(found[1]), port
    except ValueError as error:
        raise CliError(printable(f"{option} {text!r}: {why(error)}")) from None


class ServerAddress(NamedTuple):
    """The server, and who connects; port 0 is the usual one. `tls` and `topic` are what a URL says of them."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool = False
    topic: str | None = None


def typed(context: typer.Context, *names: str) -> list[str]:
    """Those of the options that stand on the command line itself, as they are called there."""
    written = []
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in names and source is not None and source.name == "COMMANDLINE":
            written.append(parameter.opts[0])
    return written


def check_host(host: str) -> None:
    """Refuse a URL, or a host with its port, where a host alone is meant."""
    found = BEHIND_HOST.fullmatch(host)
    if found is None:
        return
    scheme, identity, name, number, topic = found.groups()
    if topic and (scheme or "").lower() in ("mqtt", "mqtts"):
        raise CliError("-h takes a host alone: a URL with a topic is for -L, with neither -h nor -t")
    helps = f"-h {name}{f' -p {number}' if number else ''}{' -u USER -P PASSWORD' if identity else ''}"
    if (scheme or "").lower() in SECURE:
        helps += tr(", with --cafile FILE or --insecure for TLS")
    raise CliError(printable(tr("-h takes a host alone: write {helps}", helps=helps)))


def read_place(
    context: typer.Context,
    url: str | None,
    host: str | None,
    port: int | None,
    username: str | None,
    password: str | None,
) -> ServerAddress:
    """What the options say; those of the environment give way to a URL, others may not say the same again."""
    if url is None:
        if not host:
            raise CliError("a broker is needed: -h HOST, MODEMLAB_MQTT_HOST in the environment, or -L URL")
        check_host(host)
        return ServerAddress(host, port or 0, username, password)
    found = URL.fullmatch(url)
    if found is None:
        raise CliError("-L is not {form}, or it contains no topic", form=URL_FORM)
    secure, identity, server, number, topic = found.groups()
    says = {
        "host": True,
        "mqtt_port": bool(number),
        "username": identity is not None,
        "pw": identity is not None and ":" in identity,
    }
    for option in typed(context, *(name for name, said in says.items() if said)):
        raise CliError("-L says it already: leave {option} out, or take it out of the URL", option=option)
    if number and not 0 < int(number) < 65536:
        raise CliError("-L: the port {number} is not a number of 1 to 65535", number=number)
    if number:
        port = int(number)
    elif not typed(context, "mqtt_port"):
        port = TLS_PORT if secure else PLAIN_PORT
    if identity is not None:
        username, colon, secret = identity.partition(":")
        password = secret if colon else password
    return ServerAddress(server, port or 0, username, password, bool(secure), topic)
