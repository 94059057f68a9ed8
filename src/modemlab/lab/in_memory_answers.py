"""What a network in memory answers to a module's queries: every name, every ping, and every question for the time."""

from ipaddress import ip_address
from zlib import crc32

from modemlab import ntp
from modemlab.dialect.network import Addresses, Datagram, Echoed, QueryAnswer, is_address
from modemlab.module.effects import Ping, Resolve, SendDatagram

# Names stand for addresses that nobody has (RFC 5737, 3; RFC 3849), in this number of each kind.
NETWORKS = (ip_address("198.51.100.0"), ip_address("2001:db8:64::"))
HOSTS = 254
# The time to live of an answer, as modules were seen to print it.
TTL = 255


def answer_to(query: Resolve | Ping | SendDatagram, utc: float) -> QueryAnswer | None:
    """The answer, None where nobody is; `utc` is the date and time in seconds since 1970."""
    match query:
        case Resolve(_, host, _):
            return Addresses((host,)) if is_address(host) else Addresses(addresses_of(host))
        case Ping():
            return Echoed(TTL)
        case SendDatagram(data=data):
            answer = ntp.answer(data, utc)
            return None if answer is None else Datagram(answer)


def addresses_of(name: str) -> tuple[str, ...]:
    """The addresses of a name: always the same ones, whatever its case."""
    host = 1 + crc32(name.lower().encode("utf-8", "surrogateescape")) % HOSTS
    return tuple(str(network + host) for network in NETWORKS)
