"""Who reaches a listening port: this machine alone, or others too, and what that opens to them."""

import asyncio
import socket
from ipaddress import ip_address

from modemlab.text.catalogue import N_

MODULE_EXPOSED = N_(
    "anyone who can reach {url} from another machine can send commands to the module, and with AT+QMTOPEN "
    "connect from this machine to any address"
)
RELAY_EXPOSED = N_("anyone who can reach {url} from another machine can send commands to the module behind it")
BROKER_EXPOSED = N_(
    "anyone who can reach {url} from another machine can read and publish all messages: the broker has no users"
)


class ExposedPortError(OSError):
    """A port that others would reach, and nobody has allowed it: `opens` is what it opens to them."""

    def __init__(self, opens: str) -> None:
        super().__init__(f"{opens}; allow_remote=True allows it")
        self.opens = opens


def is_loopback(address: str) -> bool:
    """Whether an IP address, without brackets, is this machine's own alone; False for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def reached_by_others(host: str) -> bool:
    """Whether any address of a host is not loopback; False for a name that nobody knows. May wait for the network."""
    return not is_loopback(host) and _any_outside(_found(host))


async def check_exposure(host: str, opens: str) -> None:
    """Raise `ExposedPortError` when others reach what listens on that host, which opens to them what is said."""
    if is_loopback(host):
        return
    if _any_outside(await asyncio.get_running_loop().run_in_executor(None, _found, host)):
        raise ExposedPortError(opens)


def _found(host: str) -> list[str]:
    """The addresses of a host that is listened on."""
    try:
        # With a port, as they are asked for when it is listened on: "*" and "" are every address then.
        infos = socket.getaddrinfo(host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        return []
    return [str(info[4][0]) for info in infos]


def _any_outside(addresses: list[str]) -> bool:
    return not all(map(is_loopback, addresses))
