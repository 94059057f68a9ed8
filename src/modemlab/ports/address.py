"""Port URLs: `pty`, `pty:/path/of/link`, `tcp://HOST:PORT`, `rfc2217://HOST:PORT`, `serial:DEVICE` and `stdio`.

`HOST:PORT` is short for `tcp://HOST:PORT`, and a number alone for that port of loopback.
Behind each may stand `#NAME`, the module's own port that it is, such as `#usbat`.
"""

import re
from enum import Enum
from typing import NamedTuple

from modemlab.net.host_port import read_port, unbracket
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, range_of, reason_of

LOOPBACK = "127.0.0.1"
# Bits a second of a serial device, where none is given; and what may be given.
BAUD = 115_200
MIN_BAUD, MAX_BAUD = 50, 4_000_000
FORMS = "pty, pty:/path/of/link, tcp://HOST:PORT, PORT, rfc2217://HOST:PORT, serial:DEVICE?baud=115200 or stdio"
_HOST_PORT = re.compile(r"(\[[^][]*\]|[^][:/?#@\s]*)(?::(.*))?", re.DOTALL)
_SHORT = re.compile(r"(?:(\[[^][]*\]|[^][:/?#@\s]*):)?([0-9]+)")
_NAMED = re.compile(r"(.*)#([A-Za-z][A-Za-z0-9]*)", re.DOTALL)


class PortKind(Enum):
    """What a port is made of."""

    PTY = "pty"
    TCP = "tcp"
    RFC2217 = "rfc2217"
    SERIAL = "serial"
    STDIO = "stdio"


class PortAddress(NamedTuple):
    """A port URL, read.

    `link` is the path of a pty's symbolic link, or a serial device; `port` 0 takes any free TCP port. `baud` and
    `rtscts`, whether the lines RTS and CTS hold the flow, are a serial device's. `name` is the module's own port.
    `allow_remote` lets a TCP port be one that other machines reach.
    """

    kind: PortKind
    link: str | None = None
    host: str = ""
    port: int = 0
    baud: int = BAUD
    rtscts: bool = False
    name: str = ""
    allow_remote: bool = False


def parse(text: str, forms: str = FORMS) -> PortAddress:
    """Read a port URL; a TCP host left out is loopback.

    Raises ValueError with one line that says what is wrong; for one of no known kind it lists `forms`, those that are
    taken where the port was given.
    """
    named = _NAMED.fullmatch(text)
    url, name = (named[1], named[2].lower()) if named is not None else (text, "")
    if is_tcp(url):
        url = f"tcp://{url if ':' in url else f':{url}'}"
    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if "\0" in rest:
        raise wrong(text, N_("port {given!r} contains a null character"))
    if scheme == "pty":
        if colon and not rest:
            raise wrong(text, N_("port {given!r} names no link: write pty or pty:/path/of/link"))
        return PortAddress(PortKind.PTY, rest or None, name=name)
    if scheme in ("tcp", "rfc2217"):
        if not rest.startswith("//"):
            raise wrong(text, N_("port {given!r} is not of the form {scheme}://HOST:PORT"), scheme=scheme)
        host, port = _host_and_port(text, scheme, rest[2:])
        return PortAddress(PortKind(scheme), None, host or LOOPBACK, port, name=name)
    if scheme == "serial":
        return _serial(text, rest)._replace(name=name)
    if scheme == "stdio" and not colon:
        return PortAddress(PortKind.STDIO, name=name)
    raise wrong(text, N_("port {given!r} has no known form: write {forms}"), forms=forms)


def wrong(given: str, message: str, /, **values: object) -> ValueError:
    """What is wrong with a port URL."""
    return ValueError(Sentence(message, given=given, **values))


def is_tcp(text: str) -> bool:
    """Whether a text is HOST:PORT, or a number alone: a TCP port, written in short. A file of that name is `./NAME`."""
    found = _SHORT.fullmatch(text)
    return found is not None and (found[1] or "").lower() not in {kind.value for kind in PortKind}


def tcp_url(host: str, port: int, scheme: str = "tcp") -> str:
    """The URL of a TCP port; an IPv6 address is put in brackets."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def serial_url(device: str, baud: int, rtscts: bool) -> str:
    """The URL of a serial device."""
    return f"serial:{device}?baud={baud}{'&rtscts=1' if rtscts else ''}"


def _host_and_port(text: str, scheme: str, rest: str) -> tuple[str, int]:
    """The two halves of `HOST:PORT`."""
    found = _HOST_PORT.fullmatch(rest)
    if found is None:
        raise wrong(
            text,
            N_("port {given!r} is not of the form {scheme}://HOST:PORT, an IPv6 address in brackets"),
            scheme=scheme,
        )
    host, digits = found.groups()
    if not digits:
        raise wrong(text, N_("port {given!r} has no TCP port: write {scheme}://HOST:PORT"), scheme=scheme)
    try:
        return unbracket(host), read_port(digits)
    except ValueError as error:
        raise wrong(text, N_("port {given!r}: {reason}"), reason=reason_of(error)) from None


def _serial(text: str, rest: str) -> PortAddress:
    """The device and its settings in `DEVICE?baud=115200&rtscts=1`."""
    device, question, query = rest.partition("?")
    if not device:
        raise wrong(text, N_("port {given!r} names no device: write serial:/dev/ttyUSB0?baud=115200"))
    settings: dict[str, int] = {}
    for setting in query.split("&") if question else ():
        key, _, value = setting.partition("=")
        number = int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else -1
        if key == "baud":
            if not MIN_BAUD <= number <= MAX_BAUD:
                message = N_("port {given!r}: baud {value!r} is not a number of {range}")
                raise wrong(text, message, value=value, range=range_of(MIN_BAUD, MAX_BAUD))
        elif key == "rtscts":
            if number not in (0, 1):
                raise wrong(text, N_("port {given!r}: rtscts {value!r} is not 0 or 1"), value=value)
        else:
            raise wrong(text, N_("port {given!r}: {key!r} is not a setting; the settings are baud and rtscts"), key=key)
        if key in settings:
            raise wrong(text, N_("port {given!r} sets {key} twice"), key=key)
        settings[key] = number
    return PortAddress(PortKind.SERIAL, device, baud=settings.get("baud", BAUD), rtscts=settings.get("rtscts") == 1)
