"""The options `--control` and `--control-token`: where other programs see and drive the module."""

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import urlsplit

import typer

from modemlab.cli.common import CliError, say
from modemlab.cli.language import why
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modemlab.virtual.module import VirtualModule
    from modemlab.virtual.traffic_log import Traffic

MISSING = N_("--control needs aiohttp: pip install 'modemlab[control]'")

ControlUrl = Annotated[
    str | None,
    typer.Option(
        "--control",
        metavar="URL",
        help="Serve the control API at http://127.0.0.1:8000, in short 8000; 0 is a free port.",
    ),
]
ControlToken = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        envvar="MODEMLAB_CONTROL_TOKEN",
        show_envvar=False,
        help=(
            "The bearer token that requests must send; without it only requests from this machine are accepted. "
            "Better set MODEMLAB_CONTROL_TOKEN."
        ),
    ),
]


class ControlAddress(NamedTuple):
    """Where to serve, and the token if there is one."""

    host: str
    port: int
    token: str | None


def read_control(url: str | None, token: str | None) -> ControlAddress | None:
    """The place of `--control`, if it is given and can be had."""
    if url is None:
        return None
    from modemlab.ports.address import LOOPBACK, is_tcp
    from modemlab.transcripts.masking import without_user

    wrong = CliError(
        "--control {url!r} is not of the form http://HOST:PORT, an IPv6 address in brackets", url=without_user(url)
    )
    if is_tcp(url):
        url = f"http://{url if ':' in url else f'{LOOPBACK}:{url}'}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != "http" or not host or port is None or parts.username or parts.path not in ("", "/"):
        raise wrong
    if parts.query or parts.fragment or not url.isprintable():
        raise wrong
    if token is not None and not (token.isascii() and token.isprintable() and len(token) >= 8 and " " not in token):
        raise CliError("the control API's token must be 8 or more ASCII characters without blanks")
    try:
        from modemlab.control.server import local
    except ModuleNotFoundError as error:
        if error.name != "aiohttp":
            raise
        raise CliError(MISSING) from None
    if token is None and not local(host):
        raise CliError(
            "--control {url}: {host} is not of this machine alone, so it needs --control-token", url=url, host=host
        )
    return ControlAddress(host, port, token)


@asynccontextmanager
async def control_server(
    place: ControlAddress | None, virtual: "VirtualModule", traffic: "Traffic | None"
) -> "AsyncIterator[None]":
    """Serve the control API meanwhile, if there is a place for it, and say where."""
    if place is None or traffic is None:
        yield
        return
    from modemlab.control.server import Control
    from modemlab.dialect.network import host_and_port

    control = Control(virtual, traffic, place.token)
    try:
        await control.open(place.host, place.port)
    except OSError as error:
        raise CliError(f"--control {host_and_port(place.host, place.port)}: {why(error)}") from None
    say(f"control ready on {control.url}")
    try:
        yield
    finally:
        await control.close()
