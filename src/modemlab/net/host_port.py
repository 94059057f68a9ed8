"""Hosts and TCP ports as people write them."""

from ipaddress import IPv6Address

from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence


def unbracket(host: str) -> str:
    """An IPv6 address without its brackets, any other host as it is. Raises ValueError for a bad IPv6 address."""
    if not host.startswith("["):
        return host
    IPv6Address(host[1:-1])
    return host[1:-1]


def read_port(digits: str) -> int:
    """A TCP port of 0 to 65535. Raises ValueError for anything else."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) <= 65535):
        raise ValueError(Sentence(N_("TCP port {digits!r} is not a number of 0 to 65535"), digits=digits))
    return int(digits)
