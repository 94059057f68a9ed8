"""What speaks in place of MQTT is named, on both ends."""

import pytest

from modemlab.mqtt.other_protocols import Spoken, speaks, spoken
from modemlab.mqtt.packets import Connect, encode
from modemlab.mqtt.server import ConnectionEnded, ServerSession


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (b"H", Spoken.HTTP, "it speaks HTTP"),
        (b"HTTP/1.1 200 OK\r\n", Spoken.HTTP, "it speaks HTTP"),
        (b"HTTQ", Spoken.TEXT, "it says 'HTTQ'"),
        (b"\x15\x03\x03\x00\x02\x02\x46", Spoken.TLS, "it speaks TLS"),
        (b"\x16", Spoken.TLS, "it speaks TLS"),
        (b"\r\nRDY\r\n", Spoken.TEXT, "it says 'RDY'"),
        (b"220 mail.example ESMTP\r\n", Spoken.TEXT, "it says '220 mail.example ESMTP'"),
        (b"x" * 64, Spoken.TEXT, "it says '" + "x" * 49),
        (b"\x20\x02\x00\x00", Spoken.UNKNOWN, ""),
        (b"\xff\xfd\x01", Spoken.UNKNOWN, ""),
        (b"", Spoken.UNKNOWN, ""),
    ],
)
def test_kinds(said: bytes, kind: Spoken, words: str) -> None:
    assert spoken(said) is kind
    assert speaks(said) == words


@pytest.mark.parametrize("piece", [1, 3, 100])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "not MQTT: it says 'GE"),
        (b"\x16\x03\x01\x00\xc4\x01\x00\x00\xc0\x03\x03", "not MQTT: it speaks TLS"),
        (b"AT\r\n", "not MQTT: it says 'AT'"),
        (b"\x10\x01\x00", "a packet ends within its protocol name (MQTT 3.1.1, 1.5.3)"),
    ],
)
def test_a_broker_names_it_too(data: bytes, reason: str, piece: int) -> None:
    session = ServerSession(0.0)
    events = [
        event for start in range(0, len(data), piece) for event in session.receive(data[start : start + piece], 0.0)
    ]
    (ended,) = events
    assert isinstance(ended, ConnectionEnded)
    assert ended.reason.startswith(reason)


def test_what_comes_behind_connect_is_mqtt_or_a_fault() -> None:
    session = ServerSession(0.0)
    assert session.receive(encode(Connect("c")), 0.0)
    assert session.receive(b"GET / HTTP/1.1\r\n\r\n", 0.0) == []
