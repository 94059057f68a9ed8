"""Rules that send connections elsewhere, written as curl's --connect-to writes them."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from modemlab.dialect.network import is_address
from modemlab.net.host_port import read_port, unbracket
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, reason_of

_RULE = re.compile(r"(\[[^][]*\]|[^][:]*):([^:]*):(\[[^][]*\]|[^][:]*):([^:]*)")


class ConnectTo(NamedTuple):
    """A rule: connections to `host`:`port` go to `to_host`:`to_port`.

    An empty `host` or a `port` of None stands for any, an empty `to_host` or a `to_port` of None changes
    nothing. `host` is in lower case.
    """

    host: str
    port: int | None
    to_host: str
    to_port: int | None


def parse_connect_to(text: str) -> ConnectTo:
    """Read `HOST1:PORT1:HOST2:PORT2`, each of which may be empty, IPv6 addresses in brackets.

    Raises ValueError with one line that says what is wrong.
    """
    found = _RULE.fullmatch(text)
    if found is None:
        form = N_("{text!r} is not of the form HOST1:PORT1:HOST2:PORT2, IPv6 addresses in brackets")
        raise ValueError(Sentence(form, text=text))
    host, port, to_host, to_port = found.groups()
    try:
        return ConnectTo(unbracket(host).lower(), _port(port), unbracket(to_host), _port(to_port))
    except ValueError as error:
        raise ValueError(Sentence("{text!r}: {reason}", text=text, reason=reason_of(error))) from None


def redirect(rules: Iterable[ConnectTo], host: str, port: int) -> tuple[str, int]:
    """Where a connection to `host`:`port` goes: the first rule that fits decides."""
    for rule in rules:
        if rule.host in ("", host.lower()) and rule.port in (None, port):
            return rule.to_host or host, port if rule.to_port is None else rule.to_port
    return host, port


def redirect_name(rules: Iterable[ConnectTo], host: str) -> str:
    """The host whose address a look-up of `host` gives: the first rule that fits it on any port decides.

    An address that is looked up is its own, unless a rule names it.
    """
    for rule in rules:
        if rule.port is None and (rule.host == host.lower() or (not rule.host and not is_address(host))):
            return rule.to_host or host
    return host


def redirect_datagram(rules: Iterable[ConnectTo], host: str, port: int) -> tuple[str, int]:
    """Where datagrams to `host`:`port` go, as `redirect` has it. A rule that takes connections on any port to one port
    is passed over: who listens there does not speak what they do.
    """
    return redirect([rule for rule in rules if rule.port is not None or rule.to_port is None], host, port)


@lru_cache(maxsize=64)
def redirection(rules: tuple[ConnectTo, ...]) -> Callable[[str, int], tuple[str, int]] | None:
    """`redirect` by these rules; None where there are none. Modules with the same rules share one value."""
    return partial(redirect, rules) if rules else None


def _port(digits: str) -> int | None:
    """A port of 1 to 65535, or None when it is left out."""
    if not digits:
        return None
    port = read_port(digits)
    if port == 0:
        raise ValueError(Sentence(N_("TCP port 0 cannot be connected to")))
    return port
