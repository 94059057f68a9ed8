"""Pings as any user's program may send them: ICMP echo requests (RFC 792; RFC 4443, 4) on a socket made for that.

Where the system allows none, a raw socket is tried, which only root may have.
"""

import errno
import socket
import struct
import sys
from contextlib import suppress
from typing import NamedTuple

# Types of an echo request and its answer, by the address family.
REQUESTS = {socket.AF_INET: 8, socket.AF_INET6: 128}
REPLIES = {socket.AF_INET: 0, socket.AF_INET6: 129}
PROTOCOLS = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
# The option that has the time to live told with what comes, and what it is told as; Linux's numbers where Python
# does not name them.
TTL_ANCILLARY = {
    socket.AF_INET: (socket.IPPROTO_IP, getattr(socket, "IP_RECVTTL", 12), getattr(socket, "IP_TTL", 2)),
    socket.AF_INET6: (
        socket.IPPROTO_IPV6,
        getattr(socket, "IPV6_RECVHOPLIMIT", 51),
        getattr(socket, "IPV6_HOPLIMIT", 52),
    ),
}
HEADER = struct.Struct("!BBHHH")
REFUSALS = (errno.EACCES, errno.EPERM, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT)
MAX_PACKET_BYTES = 2048


class NotPermitted(Exception):
    """The system lets this user send no pings."""


class EchoReply(NamedTuple):
    """An answer: its identifier, its number, the data and the time to live that it had left, 0 if it is not told."""

    identifier: int
    number: int
    data: bytes
    ttl: int


def open_socket(family: int) -> socket.socket:
    """A socket for pings that does not block. Raises `NotPermitted` when the system allows none, else OSError."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = socket.socket(family, kind, PROTOCOLS[socket.AddressFamily(family)])
        except OSError as error:
            if error.errno in REFUSALS:
                continue
            raise
        sock.setblocking(False)
        level, option, _ = TTL_ANCILLARY[socket.AddressFamily(family)]
        # Where the system cannot, its answers tell no time to live.
        with suppress(OSError):
            sock.setsockopt(level, option, 1)
        return sock
    raise NotPermitted


def request(family: int, identifier: int, number: int, data: bytes) -> bytes:
    """An echo request. Systems compute the checksum of ICMPv6, and of any sent by a socket for pings, anew."""
    first = HEADER.pack(REQUESTS[socket.AddressFamily(family)], 0, 0, identifier, number)
    return HEADER.pack(first[0], 0, checksum(first + data), identifier, number) + data


def checksum(data: bytes) -> int:
    """The one's complement sum of RFC 1071."""
    data += bytes(len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def receive(sock: socket.socket) -> EchoReply | None:
    """What waits on a socket, None when it answers no ping. Raises OSError, BlockingIOError when nothing waits."""
    family = socket.AddressFamily(sock.family)
    packet, told, _, _ = sock.recvmsg(MAX_PACKET_BYTES, socket.CMSG_SPACE(4))
    level, _, kind = TTL_ANCILLARY[family]
    ttl = next((int.from_bytes(value[:4], sys.byteorder) for at, what, value in told if (at, what) == (level, kind)), 0)
    if packet[:1] and packet[0] >> 4 == 4 and len(packet) >= 20:
        # Raw sockets, and those for pings of some systems, give the header of IPv4 too.
        ttl = packet[8]
        packet = packet[(packet[0] & 15) * 4 :]
    if len(packet) < HEADER.size:
        return None
    what, code, _, identifier, number = HEADER.unpack_from(packet)
    if (what, code) != (REPLIES[family], 0):
        return None
    return EchoReply(identifier, number, packet[HEADER.size :], ttl)
