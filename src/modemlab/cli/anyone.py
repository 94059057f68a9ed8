"""The option `--anyone`: a port that other machines reach is opened to them on purpose alone."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.language import tr
from modemlab.cli.running import CliError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modemlab.ports.address import PortAddress

Anyone = Annotated[
    bool, typer.Option("--anyone", help="Listen on an address that other machines reach, open to all of them.")
]


def admit(addresses: "Iterable[PortAddress]", anyone: bool, opens: str) -> None:
    """Say what each TCP port opens to other machines that reach it, once `anyone` allows it; else refuse it."""
    from modemlab.ports.address import PortKind, tcp_url
    from modemlab.ports.exposure import reached_by_others

    for address in addresses:
        if address.kind not in (PortKind.TCP, PortKind.RFC2217) or not reached_by_others(address.host):
            continue
        told = tr(opens, url=tcp_url(address.host, address.port, address.kind.value))
        if not anyone:
            raise CliError("{told}; --anyone allows it", told=told)
        print(f"modemlab: {told}", file=sys.stderr, flush=True)
