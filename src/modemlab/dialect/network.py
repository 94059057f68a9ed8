"""Values that a dialect exchanges with the world around a module: addresses, how a stream is secured and why it did
not open, what HTTP asks and answers, what names, pings and datagrams do.
"""

from enum import Enum
from ipaddress import ip_address
from typing import NamedTuple

from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Reason, Sentence, helped


class TlsOptions(NamedTuple):
    """How a stream is secured.

    `minimum` and `maximum` are versions as on the wire, 0x0300 for SSL 3.0 to 0x0303 for TLS 1.2. `ciphers` are suites
    by their numbers, empty for all. `authority`, `certificate` and `key` are files' contents, PEM or DER, None where
    none is used. `verify`: the server's certificate is checked, its names only with `check_host`, its dates at `at`,
    seconds since 1970, or not at all if that is None. `server_name` is sent as SNI. `timeout` is for the handshake, in
    seconds. With `system_authorities` the authorities of this machine's system are trusted, in place of `authority`.
    """

    minimum: int = 0x0301
    maximum: int = 0x0303
    ciphers: tuple[int, ...] = ()
    verify: bool = False
    authority: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = None
    check_host: bool = False
    at: float | None = None
    server_name: str | None = None
    timeout: float = 300.0
    system_authorities: bool = False


class StreamError(Enum):
    """Why a stream did not open. `PLAIN`: TLS was asked for, and what is there does not speak it."""

    NAME = N_("the name did not resolve")
    REFUSED = N_("the connection was refused")
    UNREACHABLE = N_("the host cannot be reached")
    TIMEOUT = N_("no answer in time")
    TLS = N_("the TLS handshake failed")
    PLAIN = N_("the server does not speak TLS")


def host_and_port(host: str, port: int) -> str:
    """An address as people write it, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_address(host: str) -> bool:
    """Whether a host is given by its address, IPv4 or IPv6, not by its name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class HttpRequest(NamedTuple):
    """What is asked of a server; `timeout` is in seconds, for all of it."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    timeout: float


class HttpAnswer(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes


class HttpError(Enum):
    """Why a request has no answer."""

    NAME = N_("the name did not resolve")
    SOCKET = N_("the connection failed")
    SENDING = N_("the request could not be sent")
    ANSWER = N_("the answer is not HTTP")
    TIMEOUT = N_("no answer in time")


class Addresses(NamedTuple):
    """What a name stands for: IPv4 and IPv6 addresses, the best first, at least one."""

    addresses: tuple[str, ...]


class Echoed(NamedTuple):
    """A ping was answered; `ttl` is the time to live that the answer had left."""

    ttl: int


class Datagram(NamedTuple):
    """What came back from where a datagram was sent to."""

    data: bytes


class QueryError(Enum):
    """Why a query has no answer."""

    NAME = N_("the name did not resolve")
    TIMEOUT = N_("no answer in time")
    UNREACHABLE = N_("the host cannot be reached")
    CONTEXT = N_("the PDP context was lost")
    NOT_PERMITTED = N_("this system does not allow this user to ping")


QueryAnswer = Addresses | Echoed | Datagram | QueryError
HTTP_REMEDIES = {
    HttpError.NAME: N_("check its spelling"),
    HttpError.SOCKET: N_("does a server listen there?"),
    HttpError.SENDING: N_("the network was lost meanwhile"),
    HttpError.ANSWER: N_("is it the address of an HTTP server?"),
    HttpError.TIMEOUT: N_("does a server listen there?"),
}


def no_answer(url: str, error: HttpError) -> Reason:
    """Why a request to that URL has no answer, and the remedy."""
    return About(url, helped(Sentence(error.value), Sentence(HTTP_REMEDIES[error])))
