"""Where and as whom `pub` and `sub` connect: by -h, -p, -u and -P, or by a URL as mosquitto's -L has it."""

import re
from typing import Annotated, NamedTuple

import typer

from modemlab.cli.running import Trouble

FORM = "mqtt(s)://[USER[:PASSWORD]@]HOST[:PORT]/TOPIC"
# As mosquitto reads it: nothing in it is percent-encoded, so that a password holds no slash and a user no colon.
URL = re.compile(r"mqtt(s?)://(?:([^/]*)@)?([^/@:]+)(?::([0-9]{1,5}))?/(.+)", re.IGNORECASE | re.DOTALL)
PLAIN_PORT, TLS_PORT = 1883, 8883

Url = Annotated[
    str | None,
    typer.Option("-L", "--url", metavar="URL", help="Broker, user and topic in one: " + FORM + "."),
]


class Place(NamedTuple):
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


def read_place(
    context: typer.Context,
    url: str | None,
    host: str | None,
    port: int | None,
    username: str | None,
    password: str | None,
) -> Place:
    """What the options say; those of the environment give way to a URL, others may not say the same again."""
    if url is None:
        if not host:
            raise Trouble("a broker is needed: -h HOST, MODEMLAB_MQTT_HOST in the environment, or -L URL")
        return Place(host, port or 0, username, password)
    found = URL.fullmatch(url)
    if found is None:
        raise Trouble(f"-L is not {FORM}, or no topic stands in it")
    secure, identity, server, number, topic = found.groups()
    says = {
        "host": True,
        "mqtt_port": bool(number),
        "username": identity is not None,
        "pw": identity is not None and ":" in identity,
    }
    for option in typed(context, *(name for name, said in says.items() if said)):
        raise Trouble(f"-L says it already: leave {option} out, or take it out of the URL")
    if number and not 0 < int(number) < 65536:
        raise Trouble(f"-L: the port {number} is not a number of 1 to 65535")
    if number:
        port = int(number)
    elif not typed(context, "mqtt_port"):
        port = TLS_PORT if secure else PLAIN_PORT
    if identity is not None:
        username, colon, secret = identity.partition(":")
        password = secret if colon else password
    return Place(server, port or 0, username, password, bool(secure), topic)
