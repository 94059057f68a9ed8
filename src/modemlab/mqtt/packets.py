"""The bytes of MQTT 3.1 (protocol level 3) and 3.1.1 (level 4) packets.

The public face of the codec, without input or output: `encode` turns a packet into bytes, a `Decoder` turns
received bytes, however they are cut, into packets. Clauses are those of OASIS MQTT 3.1.1; where 3.1 is laxer
the decoder follows the level of the connection.
"""

import re
from collections.abc import Callable
from typing import Any

from modemlab.mqtt.encoder import MAX_REMAINING, encode, encode_publish
from modemlab.mqtt.values import (
    Connack,
    Connect,
    ConnectWill,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    ProtocolError,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Unsuback,
    Unsubscribe,
)

__all__ = [
    "MAX_REMAINING",
    "Connack",
    "Connect",
    "ConnectWill",
    "Decoder",
    "Disconnect",
    "Packet",
    "Pingreq",
    "Pingresp",
    "ProtocolError",
    "Puback",
    "Pubcomp",
    "Publish",
    "Pubrec",
    "Pubrel",
    "Suback",
    "Subscribe",
    "Unsuback",
    "Unsubscribe",
    "encode",
    "encode_publish",
]

_NAMES = (
    *("type 0", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"),
    *("SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "type 15"),
)
# Bit n is set when a packet of type n may come from that side (3.1.1, table 2.1).
_FROM_SERVER = 0b0010_1010_1111_1100
_FROM_CLIENT = 0b0101_0101_1111_1010
_LENGTHS = {2: 2, 4: 2, 5: 2, 6: 2, 7: 2, 11: 2, 12: 0, 13: 0, 14: 0}
# The first byte of what comes most often beside PUBLISH; both sides may send it.
_PUBACK = 0x40
# Five fields of 65,535 bytes with their lengths, protocol name, level, flags and keep alive.
_MAX_CONNECT_BYTES = 5 * 65_537 + 12
MAX_CACHED = 256
"""Bytes of the longest topic that is remembered."""

# What a text may not hold in the end of a receiver that is strict about it (3.1.1, 1.5.3): control characters and
# the code points that Unicode keeps from being characters.
_UNWANTED = re.compile(
    "[\x01-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
    + "]"
)
_new: Callable[..., Any] = tuple.__new__


class Decoder:
    """Turns what one peer sends into packets. Holds no buffer but while a packet is incomplete.

    `from_server` True takes what a server may send, False what a client may send, None both. `max_packet` is
    the largest remaining length taken, in bytes: the buffer never exceeds it by more than one `feed` and a
    header. `level` decides what differs between 3.1 and 3.1.1; a CONNECT decoded sets it. `plain` True refuses texts
    with a control character or a code point that is no character, as a receiver may (3.1.1, 1.5.3).
    """

    __slots__ = ("_allowed", "_needed", "_partial", "_plain", "level", "max_packet")

    def __init__(
        self, from_server: bool | None, max_packet: int = MAX_REMAINING, level: int = 4, plain: bool = False
    ) -> None:
        """Make a decoder for one connection."""
        self.level = level
        self._plain = _Plain() if plain else None
        self.max_packet = max_packet
        self._allowed = {True: _FROM_SERVER, False: _FROM_CLIENT, None: _FROM_SERVER | _FROM_CLIENT}[from_server]
        self._partial: bytearray | None = None
        self._needed = 0

    def feed(self, data: bytes) -> list[Packet]:
        """Take the next bytes received and return the packets they complete, in order.

        Raises ProtocolError, whose `packets` are those completed before the fault; from then on whatever
        comes is dropped and no packet is returned.
        """
        partial = self._partial
        if partial is not None:
            partial += data
            if len(partial) < self._needed:
                return []
            data = bytes(partial)
            self._partial = partial = None
        elif self._needed < 0:
            return []
        packets: list[Packet] = []
        at, end = 0, len(data)
        try:
            while end - at >= 2:
                first, length = data[at], data[at + 1]
                body = at + 2
                if length > 127:
                    length, body = _long_length(data, body, length & 127)
                    if body == 0:
                        break
                stop = body + length
                if first == _PUBACK and length == 2 <= self.max_packet and stop <= end and data[body:stop] != b"\0\0":
                    packets.append(_new(Puback, (data[body] << 8 | data[body + 1],)))
                    at = stop
                    continue
                self._check_header(first, length)
                if stop > end:
                    self._keep(data, at, stop - at)
                    return packets
                if 0x30 <= first < 0x40:
                    packets.append(_decode_publish(data, first, body, stop, self._plain))
                else:
                    packets.append(self._decode_other(data, first, body, stop))
                at = stop
        except ProtocolError as error:
            error.packets = packets
            self._needed = -1
            raise
        if at < end:
            self._keep(data, at, end - at + 1)
        return packets

    @property
    def incomplete(self) -> bytes:
        """What has come of a packet that is not complete."""
        return bytes(self._partial or b"")

    @property
    def kept(self) -> int:
        """How many bytes it keeps of a packet that is not complete."""
        return 0 if self._partial is None else len(self._partial)

    def _keep(self, data: bytes, at: int, needed: int) -> None:
        self._partial = bytearray(memoryview(data)[at:])
        self._needed = needed

    def _check_header(self, first: int, length: int) -> None:
        """Refuse a packet as soon as its fixed header is known, so that none is collected in vain."""
        kind = first >> 4
        if not self._allowed >> kind & 1:
            raise ProtocolError(f"{_NAMES[kind]} is not allowed in this direction", "2.2.1")
        if length > self.max_packet:
            raise ProtocolError(f"a packet of {length} bytes is longer than {self.max_packet}", "4.8")
        if kind == 3:
            if first & 6 == 6:
                raise ProtocolError("PUBLISH with QoS 3", "3.3.1-4")
            if first & 14 == 8 and self.level != 3:
                raise ProtocolError("PUBLISH with QoS 0 and DUP", "3.3.1-2")
            return
        # 3.1 gives these three QoS 1 and a DUP flag; the flags of all others it leaves unused. A CONNECT's level
        # is not known yet.
        required = 2 if kind in {6, 8, 10} else 0
        if first & 15 != required and kind != 1 and (self.level != 3 or (required and first & 6 != required)):
            raise ProtocolError(*_bad_flags(first))
        if length != _LENGTHS.get(kind, length) or (kind == 1 and length > _MAX_CONNECT_BYTES):
            raise ProtocolError(f"{_NAMES[kind]} with a remaining length of {length}", "2.2.3")

    def _decode_other(self, data: bytes, first: int, at: int, stop: int) -> Packet:
        kind = first >> 4
        if kind in _ACKS:
            return _ACKS[kind](_packet_id(data, at, stop))
        dup = self.level == 3 and first & 8 != 0
        if kind == 6:
            packet: Packet = Pubrel(_packet_id(data, at, stop), dup)
        elif kind in _BARE:
            packet = _BARE[kind]
        elif kind == 8:
            packet = Subscribe(
                _packet_id(data, at, stop), _subscriptions(data, at + 2, stop, self.level, self._plain is not None), dup
            )
        elif kind == 10:
            packet = Unsubscribe(
                _packet_id(data, at, stop), _unsubscriptions(data, at + 2, stop, self._plain is not None), dup
            )
        elif kind == 9:
            packet = Suback(_packet_id(data, at, stop), tuple(data[at + 2 : stop]))
            if not packet.codes:
                raise ProtocolError("SUBACK without a return code", "3.9.3")
        elif kind == 2:
            packet = _decode_connack(data[at], data[at + 1], self.level)
        else:
            packet = _decode_connect(data, first, at, stop, self._plain is not None)
            if packet.level in {3, 4}:
                self.level = packet.level
        return packet


_ACKS: dict[int, Callable[[int], Packet]] = {4: Puback, 5: Pubrec, 7: Pubcomp, 11: Unsuback}
_BARE: dict[int, Packet] = {12: Pingreq(), 13: Pingresp(), 14: Disconnect()}


def _long_length(data: bytes, at: int, length: int) -> tuple[int, int]:
    """Return the remaining length whose first seven bits are `length`, and where the packet's body begins;
    0 for the latter when the length is incomplete.
    """
    end = len(data)
    for shift in (7, 14, 21):
        if at == end:
            return 0, 0
        digit = data[at]
        at += 1
        length |= (digit & 127) << shift
        if digit < 128:
            return length, at
    raise ProtocolError("a remaining length of more than four bytes", "2.2.3")


class _Plain:
    """What a receiver that is strict about texts has seen last: a client mostly publishes on the same topic again."""

    __slots__ = ("encoded", "topic")

    def __init__(self) -> None:
        self.encoded = b""
        self.topic = ""


def _decode_publish(data: bytes, first: int, at: int, stop: int, plain: _Plain | None) -> Publish:
    middle = at + 2
    if middle > stop or (end := middle + (data[at] << 8 | data[at + 1])) > stop:
        raise ProtocolError("PUBLISH ends within its topic", "3.3.2")
    encoded = data[middle:end]
    if plain is not None and encoded == plain.encoded and encoded:
        topic = plain.topic
    else:
        topic = _decode_text(encoded, "topic", plain is not None)
        if not topic or "#" in topic or "+" in topic:
            raise ProtocolError(*_bad_topic(topic, "PUBLISH"))
        if plain is not None and len(encoded) <= MAX_CACHED:
            plain.encoded, plain.topic = encoded, topic
    qos = first >> 1 & 3
    if not qos:
        return _new(Publish, (topic, data[end:stop], 0, first & 1 == 1, first & 8 == 8, 0))  # type: ignore[no-any-return]
    packet_id = _packet_id(data, end, stop)
    return _new(Publish, (topic, data[end + 2 : stop], qos, first & 1 == 1, first & 8 == 8, packet_id))  # type: ignore[no-any-return]


def _bad_flags(first: int) -> tuple[str, str]:
    return f"{_NAMES[first >> 4]} with flags {first & 15:04b}", "2.2.2-2"


def _bad_topic(topic: str, what: str) -> tuple[str, str]:
    if not topic:
        return f"{what} with an empty topic", "4.7.3-1"
    return f"{what} with a wildcard in its topic", "3.3.2-2"


def _packet_id(data: bytes, at: int, stop: int) -> int:
    if at + 2 > stop:
        raise ProtocolError("a packet ends within its packet identifier", "2.3.1")
    packet_id = data[at] << 8 | data[at + 1]
    if packet_id == 0:
        raise ProtocolError("a packet identifier of 0", "2.3.1-1")
    return packet_id


def _decode_text(data: bytes, what: str, plain: bool) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ProtocolError(f"a {what} that is not UTF-8", "1.5.3-1") from None
    if not text.isprintable():  # which no control character is, nor what is no character
        if "\0" in text:
            raise ProtocolError(f"a {what} with a null character", "1.5.3-2")
        if plain and (unwanted := _UNWANTED.search(text)):
            raise ProtocolError(f"a {what} with the character U+{ord(unwanted[0]):04X}", "1.5.3")
    return text


def _field(data: bytes, at: int, stop: int, what: str) -> tuple[bytes, int]:
    """Return the field at `at`, which has its length ahead of it, and where the next one begins."""
    begin = at + 2
    if begin > stop or (end := begin + (data[at] << 8 | data[at + 1])) > stop:
        raise ProtocolError(f"a packet ends within its {what}", "1.5.3")
    return data[begin:end], end


def _filter(data: bytes, at: int, stop: int, plain: bool) -> tuple[str, int]:
    field, at = _field(data, at, stop, "topic filter")
    if not field:
        raise ProtocolError("an empty topic filter", "4.7.3-1")
    return _decode_text(field, "topic filter", plain), at


def _subscriptions(data: bytes, at: int, stop: int, level: int, plain: bool) -> tuple[tuple[str, int], ...]:
    filters = []
    while at < stop:
        topic_filter, at = _filter(data, at, stop, plain)
        if at == stop:
            raise ProtocolError("a topic filter without a requested QoS", "3.8.3")
        # The upper six bits are reserved in 3.1.1 and unused in 3.1.
        qos = data[at] & 3 if level == 3 else data[at]
        if qos > 2:
            raise ProtocolError(f"a requested QoS of {qos}", "3.8.3-4")
        filters.append((topic_filter, qos))
        at += 1
    if not filters:
        raise ProtocolError("SUBSCRIBE without a topic filter", "3.8.3-3")
    return tuple(filters)


def _unsubscriptions(data: bytes, at: int, stop: int, plain: bool) -> tuple[str, ...]:
    filters = []
    while at < stop:
        topic_filter, at = _filter(data, at, stop, plain)
        filters.append(topic_filter)
    if not filters:
        raise ProtocolError("UNSUBSCRIBE without a topic filter", "3.10.3-2")
    return tuple(filters)


def _decode_connack(flags: int, code: int, level: int) -> Connack:
    if level == 3:
        flags = 0  # reserved in 3.1, with no value asked for
    if flags > 1:
        raise ProtocolError(f"CONNACK with flags {flags:08b}", "3.2.2.1")
    if code > 5:
        raise ProtocolError(f"CONNACK with the reserved return code {code}", "3.2.2.3")
    if flags and code:
        raise ProtocolError("CONNACK with a refusal and session present", "3.2.2-4")
    return Connack(code, flags == 1)


def _decode_connect(data: bytes, first: int, at: int, stop: int, plain: bool) -> Connect:
    name, at = _field(data, at, stop, "protocol name")
    if name not in {b"MQTT", b"MQIsdp"}:
        raise ProtocolError("CONNECT with an unknown protocol name", "3.1.2-1")
    if at == stop:
        raise ProtocolError("CONNECT ends within its variable header", "3.1.2")
    level = data[at]
    if level not in {3, 4}:
        return Connect("", level)
    if (level == 3) != (name == b"MQIsdp"):
        raise ProtocolError(f"CONNECT with a protocol name that does not match level {level}", "3.1.2-2", 1)
    if level == 4 and first & 15:
        raise ProtocolError(*_bad_flags(first))
    if at + 4 > stop:
        raise ProtocolError("CONNECT ends within its variable header", "3.1.2")
    flags, keep_alive = data[at + 1], data[at + 2] << 8 | data[at + 3]
    if level == 4 and flags & 1:
        raise ProtocolError("CONNECT with the reserved flag set", "3.1.2-3")
    if level == 4 and not flags & 4 and flags & 0x38:
        raise ProtocolError("CONNECT with will QoS or will retain but no will", "3.1.2-11")
    if flags & 0xC0 == 0x40:
        raise ProtocolError("CONNECT with a password but no user name", "3.1.2-22")
    field, at = _field(data, at + 4, stop, "client identifier")
    client_id = _decode_text(field, "client identifier", plain)
    will = username = password = None
    if flags & 4:
        if flags & 0x18 == 0x18:
            raise ProtocolError("CONNECT with a will QoS of 3", "3.1.2-14")
        field, at = _field(data, at, stop, "will topic")
        topic = _decode_text(field, "will topic", plain)
        if not topic or "#" in topic or "+" in topic:
            raise ProtocolError(*_bad_topic(topic, "a will"))
        field, at = _field(data, at, stop, "will message")
        will = ConnectWill(topic, field, flags >> 3 & 3, flags & 0x20 != 0)
    # The remaining length has precedence over these two flags in 3.1 (its section 3.1, "User Name").
    if flags & 0x80 and (level == 4 or at < stop):
        field, at = _field(data, at, stop, "user name")
        username = _decode_text(field, "user name", plain)
    if flags & 0x40 and (level == 4 or at < stop):
        password, at = _field(data, at, stop, "password")
    if at != stop:
        raise ProtocolError("CONNECT with bytes after its last field", "3.1.3")
    return Connect(client_id, level, flags & 2 != 0, keep_alive, will, username, password)
