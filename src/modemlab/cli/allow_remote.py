"""The option `--allow-remote`: a port that other machines reach is opened to them on purpose alone."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.common import CliError
from modemlab.cli.language import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modemlab.ports.address import PortAddress

AllowRemote = Annotated[
    bool,
    typer.Option(
        "--allow-remote", help="Allow listening on an address that other machines can reach; all of them can connect."
    ),
]


def admit(addresses: "Iterable[PortAddress]", allow_remote: bool, opens: str) -> None:
    """Say what each TCP port opens to other machines that reach it, once `allow_remote` allows it; else refuse it."""
    from modemlab.ports.address import PortKind, tcp_url
    from modemlab.ports.exposure import reached_by_others

    for address in addresses:
        if address.kind not in (PortKind.TCP, PortKind.RFC2217) or not reached_by_others(address.host):
            continue
        told = tr(opens, url=tcp_url(address.host, address.port, address.kind.value))
        if not allow_remote:
            raise CliError("{told}; --allow-remote allows it", told=told)
        print(f"modemlab: {told}", file=sys.stderr, flush=True)
