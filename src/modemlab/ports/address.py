"""Port URLs: `pty`, `pty:/path/of/link` and `tcp://HOST:PORT`."""

import re
from enum import Enum
from ipaddress import IPv6Address
from typing import NamedTuple

LOOPBACK = "127.0.0.1"
_HOST_PORT = re.compile(r"(\[[^][]*\]|[^][:/?#@\s]*)(?::(.*))?", re.DOTALL)


class Kind(Enum):
    """What a port is made of."""

    PTY = "pty"
    TCP = "tcp"


class PortAddress(NamedTuple):
    """A port URL, read. `link` is the path of a pty's symbolic link; `port` 0 takes any free TCP port."""

    kind: Kind
    link: str | None = None
    host: str = ""
    port: int = 0


def parse(text: str) -> PortAddress:
    """Read a port URL; a TCP host left out is loopback. Raises ValueError with one line that says what is wrong."""
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if scheme == "pty":
        if colon and not rest:
            raise ValueError(f"port {text!r} names no link: write pty or pty:/path/of/link")
        if "\0" in rest:
            raise ValueError(f"port {text!r} has a null character in its link")
        return PortAddress(Kind.PTY, rest or None)
    if scheme == "tcp":
        if not rest.startswith("//"):
            raise ValueError(f"port {text!r} is not of the form tcp://HOST:PORT")
        host, port = _host_and_port(text, rest[2:])
        return PortAddress(Kind.TCP, None, host or LOOPBACK, port)
    raise ValueError(f"port {text!r} is of no known kind: write pty, pty:/path/of/link or tcp://HOST:PORT")


def tcp_url(host: str, port: int) -> str:
    """The URL of a TCP port; an IPv6 address is put in brackets."""
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def unbracket(host: str) -> str:
    """An IPv6 address without its brackets, any other host as it is. Raises ValueError for a bad IPv6 address."""
    if not host.startswith("["):
        return host
    IPv6Address(host[1:-1])
    return host[1:-1]


def read_port(digits: str) -> int:
    """A TCP port of 0 to 65535. Raises ValueError for anything else."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) <= 65535):
        raise ValueError(f"TCP port {digits!r} is not a number of 0 to 65535")
    return int(digits)


def _host_and_port(text: str, rest: str) -> tuple[str, int]:
    """The two halves of `HOST:PORT`."""
    found = _HOST_PORT.fullmatch(rest)
    if found is None:
        raise ValueError(f"port {text!r} is not of the form tcp://HOST:PORT, an IPv6 address in brackets")
    host, digits = found.groups()
    if not digits:
        raise ValueError(f"port {text!r} has no TCP port: write tcp://HOST:PORT")
    try:
        return unbracket(host), read_port(digits)
    except ValueError as error:
        raise ValueError(f"port {text!r}: {error}") from None
