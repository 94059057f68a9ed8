"""Packets of MQTT 3.1 and 3.1.1 into bytes; taken from `modemlab.mqtt.packets`."""

from collections.abc import Callable
from struct import Struct
from typing import Any

from modemlab.mqtt import values as p

MAX_REMAINING = 268_435_455
"""The largest remaining length that four bytes can carry (3.1.1, 2.2.3)."""

_HEAD = Struct(">BBH").pack
_LONGER_HEAD = Struct(">BBBH").pack
_SHORT = Struct(">H").pack


def encode(packet: p.Packet, level: int = 4) -> bytes:
    """Return the bytes of `packet` on a connection of that protocol level (3 or 4; CONNECT brings its own).

    Text is sent as UTF-8 with "surrogateescape", so that any byte can be sent. DUP of SUBSCRIBE,
    UNSUBSCRIBE and PUBREL, which 3.1.1 does not have, and session present, which 3.1 does not have, are left
    out where the level lacks them, as is the identifier of a QoS 0 PUBLISH. What the peer may think of a
    topic is not checked here. Raises ValueError when a value does not fit its field.
    """
    if type(packet) is p.Publish:
        topic, payload, qos, retain, dup, packet_id = packet
        return encode_publish(topic.encode("utf-8", "surrogateescape"), payload, qos, retain, dup, packet_id)
    return _ENCODERS[type(packet)](packet, level)


def encode_publish(
    topic: bytes, payload: bytes, qos: int = 0, retain: bool = False, dup: bool = False, packet_id: int = 0
) -> bytes:
    """Return the bytes of a PUBLISH whose topic is encoded already; ValueError as `encode`."""
    size = len(topic)
    if size > 65_535:
        raise ValueError(f"a topic of {size} bytes is longer than 65535")
    if qos == 0:
        if dup:
            raise ValueError("DUP is not allowed with QoS 0")
        remaining = 2 + size + len(payload)
        first = 0x31 if retain else 0x30
        if remaining < 128:
            return _HEAD(first, remaining, size) + topic + payload
        return b"".join((_header(first, remaining), _SHORT(size), topic, payload))
    if not 1 <= qos <= 2:
        raise ValueError(f"QoS {qos} is not 0, 1 or 2")
    if not 1 <= packet_id <= 65_535:
        raise ValueError(f"packet identifier {packet_id} is not within 1 to 65535")
    remaining = 4 + size + len(payload)
    first = 0x30 | qos << 1 | (8 if dup else 0) | (1 if retain else 0)
    if remaining < 128:
        return b"".join((_HEAD(first, remaining, size), topic, _SHORT(packet_id), payload))
    if remaining < 16_384:
        head = _LONGER_HEAD(first, remaining & 127 | 128, remaining >> 7, size)
        return b"".join((head, topic, _SHORT(packet_id), payload))
    return b"".join((_header(first, remaining), _SHORT(size), topic, _SHORT(packet_id), payload))


def _header(first: int, remaining: int) -> bytes:
    """Return the fixed header (3.1.1, 2.2); ValueError when `remaining` does not fit."""
    if remaining < 128:
        return bytes((first, remaining))
    if remaining > MAX_REMAINING:
        raise ValueError(f"a packet of {remaining} bytes is longer than {MAX_REMAINING}")
    header = bytearray((first,))
    while remaining > 127:
        header.append(remaining & 127 | 128)
        remaining >>= 7
    header.append(remaining)
    return bytes(header)


def _identifier(packet_id: int) -> bytes:
    if not 1 <= packet_id <= 65_535:
        raise ValueError(f"packet identifier {packet_id} is not within 1 to 65535")
    return _SHORT(packet_id)


def _prefixed(value: str | bytes, what: str) -> bytes:
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    if len(data) > 65_535:
        raise ValueError(f"a {what} of {len(data)} bytes is longer than 65535")
    return _SHORT(len(data)) + data


def _encode_connect(packet: p.Connect, _level: int) -> bytes:
    client_id, level, clean_session, keep_alive, will, username, password = packet
    if not 0 <= level <= 255:
        raise ValueError(f"protocol level {level} is not within 0 to 255")
    if not 0 <= keep_alive <= 65_535:
        raise ValueError(f"keep alive {keep_alive} is not within 0 to 65535")
    flags = 2 if clean_session else 0
    fields = [_prefixed(client_id, "client identifier")]
    if will is not None:
        if not 0 <= will.qos <= 2:
            raise ValueError(f"QoS {will.qos} of the will is not 0, 1 or 2")
        flags |= 0x04 | will.qos << 3 | (0x20 if will.retain else 0)
        fields += (_prefixed(will.topic, "will topic"), _prefixed(will.payload, "will message"))
    if username is not None:
        flags |= 0x80
        fields.append(_prefixed(username, "user name"))
    if password is not None:
        if username is None:
            raise ValueError("a password needs a user name")
        flags |= 0x40
        fields.append(_prefixed(password, "password"))
    name = b"\x00\x06MQIsdp" if level == 3 else b"\x00\x04MQTT"
    body = b"".join((name, bytes((level, flags)), _SHORT(keep_alive), *fields))
    return _header(0x10, len(body)) + body


def _encode_connack(packet: p.Connack, level: int) -> bytes:
    if not 0 <= packet.code <= 255:
        raise ValueError(f"return code {packet.code} is not within 0 to 255")
    return bytes((0x20, 2, packet.session_present and level != 3, packet.code))


def _ack_encoder(first: int) -> Callable[[Any, int], bytes]:
    def encode_ack(packet: Any, _level: int) -> bytes:
        packet_id = packet[0]
        if not 1 <= packet_id <= 65_535:
            raise ValueError(f"packet identifier {packet_id} is not within 1 to 65535")
        return _HEAD(first, 2, packet_id)

    return encode_ack


def _bare_encoder(data: bytes) -> Callable[[Any, int], bytes]:
    return lambda _packet, _level: data


def _encode_pubrel(packet: p.Pubrel, level: int) -> bytes:
    return bytes((0x6A if packet.dup and level == 3 else 0x62, 2)) + _identifier(packet.packet_id)


def _encode_subscribe(packet: p.Subscribe, level: int) -> bytes:
    fields = [_identifier(packet.packet_id)]
    for topic_filter, qos in packet.filters:
        if not 0 <= qos <= 2:
            raise ValueError(f"QoS {qos} is not 0, 1 or 2")
        fields += (_prefixed(topic_filter, "topic filter"), bytes((qos,)))
    return _filters_packet(0x8A if packet.dup and level == 3 else 0x82, fields)


def _encode_unsubscribe(packet: p.Unsubscribe, level: int) -> bytes:
    fields = [_identifier(packet.packet_id)]
    fields += [_prefixed(topic_filter, "topic filter") for topic_filter in packet.filters]
    return _filters_packet(0xAA if packet.dup and level == 3 else 0xA2, fields)


def _filters_packet(first: int, fields: list[bytes]) -> bytes:
    if len(fields) == 1:
        raise ValueError("no topic filter")
    body = b"".join(fields)
    return _header(first, len(body)) + body


def _encode_suback(packet: p.Suback, _level: int) -> bytes:
    if not packet.codes or not all(0 <= code <= 255 for code in packet.codes):
        raise ValueError(f"return codes {packet.codes} are none, or not within 0 to 255")
    body = _identifier(packet.packet_id) + bytes(packet.codes)
    return _header(0x90, len(body)) + body


_ENCODERS: dict[type, Callable[[Any, int], bytes]] = {
    p.Connect: _encode_connect,
    p.Connack: _encode_connack,
    p.Puback: _ack_encoder(0x40),
    p.Pubrec: _ack_encoder(0x50),
    p.Pubrel: _encode_pubrel,
    p.Pubcomp: _ack_encoder(0x70),
    p.Subscribe: _encode_subscribe,
    p.Suback: _encode_suback,
    p.Unsubscribe: _encode_unsubscribe,
    p.Unsuback: _ack_encoder(0xB0),
    p.Pingreq: _bare_encoder(b"\xc0\x00"),
    p.Pingresp: _bare_encoder(b"\xd0\x00"),
    p.Disconnect: _bare_encoder(b"\xe0\x00"),
}
