"""Simple network time: the request of a client, and what a server answers (RFC 4330)."""

import struct
from typing import NamedTuple

# Seconds from 1900 to 1970, and how many the field counts before it begins anew (RFC 4330, 3).
TO_UNIX, ERA_SECONDS = 2_208_988_800, 1 << 32
# Leap indicator 0, version 4, mode 3 of clients, and mode 4 of servers (RFC 4330, 4).
REQUEST, CLIENT, SERVER, VERSION = 0x23, 3, 4, 0x38
PACKET = struct.Struct("!BBBb11I")
# Where a packet has its times, in words of four bytes: the client's, that of reception and that of sending.
ORIGINATE, RECEIVE, TRANSMIT = 5, 7, 9


class Reply(NamedTuple):
    """What a server says: its time in seconds since 1970, None where it asks to be left alone (a kiss of death)."""

    time: float | None


def request(time: float) -> bytes:
    """A client's packet, sent at that time, in seconds since 1970."""
    return PACKET.pack(REQUEST, 0, 0, 0, *(0,) * TRANSMIT, *stamp(time))


def answer(asked: bytes, time: float) -> bytes | None:
    """A server's packet of that time for a client's; None for what is none (RFC 4330, 6)."""
    if len(asked) < PACKET.size or asked[0] & 7 != CLIENT:
        return None
    here = stamp(time)
    sent = PACKET.unpack_from(asked)[4 + TRANSMIT :]
    first = (asked[0] & VERSION) | SERVER
    return PACKET.pack(first, 1, asked[2], -20, 0, 0, int.from_bytes(b"LOCL"), *here, *sent, *here, *here)


def read(data: bytes, asked: bytes) -> Reply | None:
    """What a server answers to a client's packet; None for what does not answer it (RFC 4330, 5 and 8)."""
    if len(data) < PACKET.size or data[0] & 7 != SERVER:
        return None
    first, stratum, _, _, *words = PACKET.unpack_from(data)
    if words[ORIGINATE : ORIGINATE + 2] != list(PACKET.unpack_from(asked)[4 + TRANSMIT :]):
        return None
    if stratum == 0:
        return Reply(None)
    unsynchronised = first >> 6 == 3 or stratum > 15
    seconds, fraction = words[TRANSMIT : TRANSMIT + 2]
    if unsynchronised or not (seconds or fraction):
        return None
    # With the first bit clear the field has begun anew, in 2036.
    era = 0 if seconds & 0x8000_0000 else ERA_SECONDS
    return Reply(seconds + era - TO_UNIX + fraction / ERA_SECONDS)


def stamp(time: float) -> tuple[int, int]:
    """A time since 1970 as seconds and their fraction since 1900."""
    whole = int(time // 1)
    return (whole + TO_UNIX) % ERA_SECONDS, int((time - whole) * ERA_SECONDS) % ERA_SECONDS
