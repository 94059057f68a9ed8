"""The packet codec: exact bytes both ways, every refusal with its clause, noise, and memory."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.mqtt import packets as p


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """`data` in pieces of `size` bytes, whole when 0."""
    step = size or max(len(data), 1)
    return (data[at : at + step] for at in range(0, len(data), step))


def decode(data: bytes, size: int = 0, level: int = 4, from_server: bool | None = None) -> list[p.Packet]:
    """All packets in `data`, fed in pieces of `size` bytes."""
    decoder = p.Decoder(from_server, level=level)
    return [packet for piece in pieces(data, size) for packet in decoder.feed(piece)]


FULL = p.Connect("dev-1", 4, False, 300, p.ConnectWill("gone/dev-1", b"\x00\xff", 2, True), "user", b"p\xff")
FULL_BYTES = (
    "10 2b 00 04 4d 51 54 54 04 f4 01 2c 00 05 64 65 76 2d 31 00 0a 67 6f 6e 65 2f 64 65 76 2d 31"
    "00 02 00 ff 00 04 75 73 65 72 00 02 70 ff"
)
BOTH_LEVELS: list[tuple[p.Packet, str]] = [
    (p.Connack(0), "20 02 00 00"),
    (p.Connack(5), "20 02 00 05"),
    (p.Publish("a/b", b"hello"), "30 0a 00 03 61 2f 62 68 65 6c 6c 6f"),
    (p.Publish("a/b", b""), "30 05 00 03 61 2f 62"),
    (p.Publish("a/b", b"hi", 0, True), "31 07 00 03 61 2f 62 68 69"),
    (p.Publish("a/b", b"hi", 1, False, False, 10), "32 09 00 03 61 2f 62 00 0a 68 69"),
    (p.Publish("a", b"\x00", 2, True, True, 0xFFFE), "3d 06 00 01 61 ff fe 00"),
    (p.Publish("é", b"", 1, False, True, 1), "3a 06 00 02 c3 a9 00 01"),
    (p.Publish("t", b"x" * 125), "30 80 01 00 01 74" + "78" * 125),
    (p.Publish("t", b"x" * 122, 1, False, False, 7), "32 7f 00 01 74 00 07" + "78" * 122),
    (p.Publish("t", b"x" * 123, 1, False, False, 7), "32 80 01 00 01 74 00 07" + "78" * 123),
    (p.Puback(1), "40 02 00 01"),
    (p.Pubrec(2), "50 02 00 02"),
    (p.Pubrel(3), "62 02 00 03"),
    (p.Pubcomp(65535), "70 02 ff ff"),
    (p.Subscribe(10, (("a/b", 1), ("c/#", 2))), "82 0e 00 0a 00 03 61 2f 62 01 00 03 63 2f 23 02"),
    (p.Suback(10, (0, 1, 2, 128)), "90 06 00 0a 00 01 02 80"),
    (p.Unsubscribe(11, ("a/b", "+")), "a2 0a 00 0b 00 03 61 2f 62 00 01 2b"),
    (p.Unsuback(11), "b0 02 00 0b"),
    (p.Pingreq(), "c0 00"),
    (p.Pingresp(), "d0 00"),
    (p.Disconnect(), "e0 00"),
]
LEVEL_3: list[tuple[p.Packet, str]] = [
    *BOTH_LEVELS,
    (p.Connect("c", 3), "10 0f 00 06 4d 51 49 73 64 70 03 02 00 00 00 01 63"),
    (p.Pubrel(3, True), "6a 02 00 03"),
    (p.Subscribe(1, (("a", 0),), True), "8a 06 00 01 00 01 61 00"),
    (p.Unsubscribe(1, ("a",), True), "aa 05 00 01 00 01 61"),
]
LEVEL_4: list[tuple[p.Packet, str]] = [
    *BOTH_LEVELS,
    (p.Connect("c"), "10 0d 00 04 4d 51 54 54 04 02 00 00 00 01 63"),
    (p.Connect(""), "10 0c 00 04 4d 51 54 54 04 02 00 00 00 00"),
    (FULL, FULL_BYTES),
    (p.Connack(0, True), "20 02 01 00"),
]
TABLE = [(3, *row) for row in LEVEL_3] + [(4, *row) for row in LEVEL_4]


@pytest.mark.parametrize(("level", "packet", "data"), TABLE)
@pytest.mark.parametrize("size", [0, 1, 2, 3, 7])
def test_packets_and_their_bytes(level: int, packet: p.Packet, data: str, size: int) -> None:
    """Each packet has these bytes and comes back from them, however they are cut."""
    expected = bytes.fromhex(data)
    assert p.encode(packet, level) == expected
    assert decode(expected, size, level) == [packet]
    assert decode(expected * 3, size, level) == [packet] * 3


@pytest.mark.parametrize(
    ("level", "packet", "data"),
    [
        (3, p.Connack(0, True), "20 02 00 00"),
        (4, p.Pubrel(3, True), "62 02 00 03"),
        (4, p.Subscribe(1, (("a", 0),), True), "82 06 00 01 00 01 61 00"),
        (4, p.Unsubscribe(1, ("a",), True), "a2 05 00 01 00 01 61"),
        (4, p.Publish("a", b"", 0, False, False, 9), "30 03 00 01 61"),
        (4, p.Publish("\udcff\x00", b""), "30 04 00 02 ff 00"),
        (4, p.Connect("\udc80"), "10 0d 00 04 4d 51 54 54 04 02 00 00 00 01 80"),
    ],
)
def test_what_a_level_lacks_is_left_out_and_any_byte_is_sent(level: int, packet: p.Packet, data: str) -> None:
    """The encoder drops flags its level does not have; raw bytes travel as surrogate escapes."""
    assert p.encode(packet, level) == bytes.fromhex(data)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (p.Publish("a", b"", 3, False, False, 1), "QoS 3"),
        (p.Publish("a", b"", -1, False, False, 1), "QoS -1"),
        (p.Publish("a", b"", 1), "identifier 0"),
        (p.Publish("a", b"", 2, False, False, 65536), "identifier 65536"),
        (p.Publish("a", b"", 0, False, True), "DUP"),
        (p.Publish("a" * 65536, b""), "topic of 65536 bytes"),
        (p.Publish("é" * 32768, b""), "topic of 65536 bytes"),
        (p.Publish("\ud800", b""), "surrogates not allowed"),
        (p.Puback(0), "identifier 0"),
        (p.Pubrel(65536), "identifier 65536"),
        (p.Subscribe(0, (("a", 0),)), "identifier 0"),
        (p.Subscribe(1, ()), "no topic filter"),
        (p.Subscribe(1, (("a", 3),)), "QoS 3"),
        (p.Subscribe(1, (("a" * 65536, 0),)), "topic filter of 65536"),
        (p.Unsubscribe(1, ()), "no topic filter"),
        (p.Suback(1, ()), "return codes"),
        (p.Suback(1, (256,)), "return codes"),
        (p.Connack(256), "return code 256"),
        (p.Connect("a", keep_alive=65536), "keep alive 65536"),
        (p.Connect("a", level=256), "level 256"),
        (p.Connect("a" * 65536), "client identifier of 65536"),
        (p.Connect("a", password=b"x"), "password"),
        (p.Connect("a", will=p.ConnectWill("w", b"", 3)), "QoS 3 of the will"),
        (p.Connect("a", will=p.ConnectWill("w", bytes(65536))), "will message of 65536"),
        (p.Connect("a", username="u" * 65536), "user name of 65536"),
    ],
)
def test_values_that_do_not_fit(packet: p.Packet, reason: str) -> None:
    """The encoder refuses them with a reason."""
    with pytest.raises(ValueError, match=reason):
        p.encode(packet)


def test_the_longest_packet() -> None:
    """Four bytes of length carry 268,435,455 and no more."""
    payload = bytes(p.MAX_REMAINING - 3)
    assert p.encode_publish(b"t", payload)[:8] == bytes.fromhex("30 ff ff ff 7f 00 01 74")
    with pytest.raises(ValueError, match="268435456 bytes"):
        p.encode_publish(b"t", payload + b"x")


NAME_3, NAME_4 = "00 06 4d 51 49 73 64 70 03", "00 04 4d 51 54 54 04"
REFUSED_AT_BOTH = [
    ("00 00", "type 0", "2.2.1"),
    ("f0 00", "type 15", "2.2.1"),
    ("30 80 80 80 80 01", "four bytes", "2.2.3"),
    ("30 ff ff ff ff", "four bytes", "2.2.3"),
    ("36 05 00 01 61 00 01", "QoS 3", "3.3.1-4"),
    ("30 02 00 00", "empty topic", "4.7.3-1"),
    ("30 00", "within its topic", "3.3.2"),
    ("30 01 00", "within its topic", "3.3.2"),
    ("30 03 00 02 61", "within its topic", "3.3.2"),
    ("30 03 00 01 2b", "wildcard", "3.3.2-2"),
    ("30 05 00 03 61 2f 23", "wildcard", "3.3.2-2"),
    ("30 03 00 01 ff", "not UTF-8", "1.5.3-1"),
    ("30 05 00 03 ed a0 80", "not UTF-8", "1.5.3-1"),
    ("30 03 00 01 00", "null character", "1.5.3-2"),
    ("32 03 00 01 61", "packet identifier", "2.3.1"),
    ("32 04 00 01 61 00", "packet identifier", "2.3.1"),
    ("32 05 00 01 61 00 00", "identifier of 0", "2.3.1-1"),
    ("20 01 00", "remaining length of 1", "2.2.3"),
    ("20 03 00 00 00", "remaining length of 3", "2.2.3"),
    ("20 02 00 06", "reserved return code 6", "3.2.2.3"),
    ("40 02 00 00", "identifier of 0", "2.3.1-1"),
    ("40 03 00 01 00", "remaining length of 3", "2.2.3"),
    ("50 00", "remaining length of 0", "2.2.3"),
    ("62 01 00", "remaining length of 1", "2.2.3"),
    ("60 02 00 01", "PUBREL with flags 0000", "2.2.2-2"),
    ("70 80 80 80 01", "remaining length of 2097152", "2.2.3"),
    ("b0 04 00 01 00 01", "remaining length of 4", "2.2.3"),
    ("c0 01 00", "remaining length of 1", "2.2.3"),
    ("d0 01 00", "remaining length of 1", "2.2.3"),
    ("e0 01 00", "remaining length of 1", "2.2.3"),
    ("80 06 00 01 00 01 61 00", "SUBSCRIBE with flags", "2.2.2-2"),
    ("82 01 00", "packet identifier", "2.3.1"),
    ("82 02 00 01", "SUBSCRIBE without a topic filter", "3.8.3-3"),
    ("82 06 00 00 00 01 61 00", "identifier of 0", "2.3.1-1"),
    ("82 05 00 01 00 01 61", "without a requested QoS", "3.8.3"),
    ("82 05 00 01 00 02 61", "within its topic filter", "1.5.3"),
    ("82 03 00 01 00", "within its topic filter", "1.5.3"),
    ("82 05 00 01 00 00 00", "empty topic filter", "4.7.3-1"),
    ("82 06 00 01 00 01 61 03", "requested QoS of 3", "3.8.3-4"),
    ("82 06 00 01 00 01 ff 00", "not UTF-8", "1.5.3-1"),
    ("a0 05 00 01 00 01 61", "UNSUBSCRIBE with flags", "2.2.2-2"),
    ("a2 02 00 01", "UNSUBSCRIBE without a topic filter", "3.10.3-2"),
    ("a2 04 00 01 00 00", "empty topic filter", "4.7.3-1"),
    ("90 02 00 01", "without a return code", "3.9.3"),
    ("90 01 00", "packet identifier", "2.3.1"),
    ("10 80 80 80 7f", "CONNECT with a remaining length", "2.2.3"),
    ("10 0d 00 04 4d 51 54 58 04 02 00 00 00 01 63", "unknown protocol name", "3.1.2-1"),
    ("10 0d 00 04 4d 51 54 54 03 02 00 00 00 01 63", "does not match level 3", "3.1.2-2"),
    ("10 0f 00 06 4d 51 49 73 64 70 04 02 00 00 00 01 63", "does not match level 4", "3.1.2-2"),
    ("10 00", "within its protocol name", "1.5.3"),
    ("10 06 00 04 4d 51 54 54", "within its variable header", "3.1.2"),
    ("10 09 00 04 4d 51 54 54 04 02 00", "within its variable header", "3.1.2"),
    (f"10 0a {NAME_4} 02 00 00", "within its client identifier", "1.5.3"),
    (f"10 0d {NAME_4} 02 00 00 00 01 ff", "not UTF-8", "1.5.3-1"),
    (f"10 0e {NAME_4} 02 00 00 00 01 63 00", "after its last field", "3.1.3"),
    (f"10 10 {NAME_3} 02 00 00 00 01 63 00", "after its last field", "3.1.3"),
    (f"10 10 {NAME_4} 42 00 00 00 01 63 00 01 70", "no user name", "3.1.2-22"),
    (f"10 12 {NAME_3} 42 00 00 00 01 63 00 01 70", "no user name", "3.1.2-22"),
    (f"10 12 {NAME_4} 1e 00 00 00 01 63 00 01 77 00 00", "will QoS of 3", "3.1.2-14"),
    (f"10 11 {NAME_4} 06 00 00 00 01 63 00 00 00 00", "empty topic", "4.7.3-1"),
    (f"10 12 {NAME_4} 06 00 00 00 01 63 00 01 2b 00 00", "wildcard", "3.3.2-2"),
    (f"10 10 {NAME_4} 06 00 00 00 01 63 00 01 77", "within its will message", "1.5.3"),
]
REFUSED_AT_4 = [
    ("38 03 00 01 61", "QoS 0 and DUP", "3.3.1-2"),
    ("41 02 00 01", "PUBACK with flags 0001", "2.2.2-2"),
    ("6a 02 00 01", "PUBREL with flags 1010", "2.2.2-2"),
    ("63 02 00 01", "PUBREL with flags 0011", "2.2.2-2"),
    ("8a 06 00 01 00 01 61 00", "SUBSCRIBE with flags", "2.2.2-2"),
    ("aa 05 00 01 00 01 61", "UNSUBSCRIBE with flags", "2.2.2-2"),
    ("82 06 00 01 00 01 61 04", "requested QoS of 4", "3.8.3-4"),
    ("d1 00", "PINGRESP with flags", "2.2.2-2"),
    ("20 02 02 00", "CONNACK with flags", "3.2.2.1"),
    ("20 02 01 05", "a refusal and session present", "3.2.2-4"),
    (f"10 0d {NAME_4} 03 00 00 00 01 63", "reserved flag", "3.1.2-3"),
    (f"10 0d {NAME_4} 22 00 00 00 01 63", "no will", "3.1.2-11"),
    (f"10 0d {NAME_4} 0a 00 00 00 01 63", "no will", "3.1.2-11"),
    (f"10 0d {NAME_4} 82 00 00 00 01 63", "within its user name", "1.5.3"),
]
REFUSED = [(3, *row) for row in REFUSED_AT_BOTH] + [(4, *row) for row in REFUSED_AT_BOTH + REFUSED_AT_4]


@pytest.mark.parametrize(("level", "data", "reason", "clause"), REFUSED)
@pytest.mark.parametrize("size", [0, 1, 2, 3, 7])
def test_refusals(level: int, data: str, reason: str, clause: str, size: int) -> None:
    """A fault is told with its clause, after the packets ahead of it, and the decoder stays silent then."""
    decoder = p.Decoder(None, level=level)
    decoded: list[p.Packet] = []

    def feed() -> None:
        for piece in pieces(b"\xc0\x00\xd0\x00" + bytes.fromhex(data), size):
            decoded.extend(decoder.feed(piece))

    with pytest.raises(p.ProtocolError, match=reason) as caught:
        feed()
    assert caught.value.clause == clause
    assert clause in str(caught.value)
    assert reason in caught.value.reason
    assert decoded + caught.value.packets == [p.Pingreq(), p.Pingresp()]
    assert decoder.feed(b"\xc0\x00") == []


@pytest.mark.parametrize(
    ("data", "packet"),
    [
        ("38 03 00 01 61", p.Publish("a", b"", 0, False, True)),
        ("4f 02 00 01", p.Puback(1)),
        ("df 00", p.Pingresp()),
        ("63 02 00 01", p.Pubrel(1)),
        ("20 02 ff 00", p.Connack(0)),
        ("82 06 00 01 00 01 61 fd", p.Subscribe(1, (("a", 1),))),
        (f"10 0f {NAME_3} 03 00 00 00 01 63", p.Connect("c", 3)),
        (f"10 0f {NAME_3} 3a 00 00 00 01 63", p.Connect("c", 3)),
        (f"10 0f {NAME_3} c2 00 00 00 01 63", p.Connect("c", 3)),
        (f"10 12 {NAME_3} c2 00 00 00 01 63 00 01 75", p.Connect("c", 3, username="u")),
    ],
)
def test_what_3_1_leaves_open(data: str, packet: p.Packet) -> None:
    """Bits that 3.1 leaves unused are ignored; a user name flag may stand without a user name."""
    assert decode(bytes.fromhex(data), level=3) == [packet]


@pytest.mark.parametrize("level", [0, 2, 5, 6, 131, 132])
@pytest.mark.parametrize("name", [b"\0\4MQTT", b"\0\6MQIsdp"])
def test_an_unknown_level_is_told_apart(level: int, name: bytes) -> None:
    """It decodes to its level, so that a server can answer CONNACK 1 (3.1.1, 3.1.2-2)."""
    body = name + bytes((level,)) + b"\x02\x00\x3c\x05\x11\x00\x00\x00\x0a\x00\x01c"
    assert decode(bytes((0x10, len(body))) + body) == [p.Connect("", level)]


def test_connect_sets_the_level() -> None:
    """What follows a 3.1 CONNECT is held to 3.1."""
    decoder = p.Decoder(False)
    repeated = bytes.fromhex("8a 06 00 01 00 01 61 00")
    assert decoder.feed(p.encode(p.Connect("c", 3)) + repeated)[1:] == [p.Subscribe(1, (("a", 0),), True)]
    assert decoder.level == 3


FROM_SERVER = (p.Connack, p.Publish, p.Puback, p.Pubrec, p.Pubrel, p.Pubcomp, p.Suback, p.Unsuback, p.Pingresp)
FROM_CLIENT = (
    *(p.Connect, p.Publish, p.Puback, p.Pubrec, p.Pubrel, p.Pubcomp, p.Subscribe, p.Unsubscribe, p.Pingreq),
    p.Disconnect,
)


@pytest.mark.parametrize(("packet", "data"), LEVEL_4)
@pytest.mark.parametrize(("from_server", "allowed"), [(True, FROM_SERVER), (False, FROM_CLIENT)])
def test_directions(packet: p.Packet, data: str, from_server: bool, allowed: tuple[type, ...]) -> None:
    """Either side may send only its own packets (3.1.1, table 2.1)."""
    raw = bytes.fromhex(data)
    if isinstance(packet, allowed):
        assert decode(raw, from_server=from_server) == [packet]
    else:
        with pytest.raises(p.ProtocolError, match="is not allowed in this direction") as caught:
            decode(raw, from_server=from_server)
        assert caught.value.clause == "2.2.1"


def test_max_packet() -> None:
    """The largest remaining length is taken, one more is refused before it has been collected."""
    packet = p.Publish("t", bytes(97))
    assert p.Decoder(True, 100).feed(p.encode(packet)) == [packet]
    with pytest.raises(p.ProtocolError, match="101 bytes is longer than 100"):
        p.Decoder(True, 100).feed(b"\x30\x65")


def test_a_needless_byte_of_length_is_taken() -> None:
    """3.1.1 does not forbid a longer form of the remaining length."""
    assert decode(b"\xc0\x80\x80\x00") == [p.Pingreq()]


def test_a_decoder_between_packets_holds_nothing() -> None:
    """No buffer stays once a packet is complete, and a large one in pieces is not held thrice."""
    decoder = p.Decoder(True)
    packet = p.Publish("t", bytes(2_000_000))
    raw = p.encode(packet)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        out: list[p.Packet] = []
        for piece in pieces(raw, 1_000):
            out += decoder.feed(piece)
        assert out == [packet]
        peak = tracemalloc.get_traced_memory()[1] - before
        out.clear()
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(raw)
    assert left < 2_000


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
TOPIC = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=12)
FILTER = TEXT.filter(bool)
IDENTIFIER = st.integers(1, 65_535)
QOS = st.integers(0, 2)
PAYLOAD = st.binary(max_size=40) | st.integers(100, 20_000).map(bytes)
WILL = st.builds(p.ConnectWill, TOPIC, st.binary(max_size=9), QOS, st.booleans())


def connects(level: int) -> st.SearchStrategy[p.Packet]:
    """CONNECT packets of a level."""
    names = st.tuples(st.none() | TEXT, st.none() | st.binary(max_size=9))
    return st.builds(
        lambda client_id, clean, keep_alive, will, credentials: p.Connect(
            client_id, level, clean, keep_alive, will, credentials[0], credentials[0] and credentials[1]
        ),
        *(TEXT, st.booleans(), st.integers(0, 65_535), st.none() | WILL),
        names.filter(lambda pair: pair[0] != ""),
    )


def packets(level: int) -> st.SearchStrategy[p.Packet]:
    """Any packet that a connection of that level may carry."""
    dup = st.booleans() if level == 3 else st.just(False)
    return st.one_of(
        connects(level),
        st.builds(p.Connack, st.just(0), st.just(False) if level == 3 else st.booleans()),
        st.builds(p.Connack, st.integers(1, 5), st.just(False)),
        st.builds(p.Publish, TOPIC, PAYLOAD, st.just(0), st.booleans(), st.just(False), st.just(0)),
        st.builds(p.Publish, TOPIC, PAYLOAD, st.integers(1, 2), st.booleans(), st.booleans(), IDENTIFIER),
        *(st.builds(kind, IDENTIFIER) for kind in (p.Puback, p.Pubrec, p.Pubcomp, p.Unsuback)),
        st.builds(p.Pubrel, IDENTIFIER, dup),
        st.builds(*(p.Subscribe, IDENTIFIER, st.lists(st.tuples(FILTER, QOS), min_size=1).map(tuple)), dup),
        st.builds(p.Suback, IDENTIFIER, st.lists(st.integers(0, 255), min_size=1).map(tuple)),
        st.builds(p.Unsubscribe, IDENTIFIER, st.lists(FILTER, min_size=1).map(tuple), dup),
        *(st.just(bare) for bare in (p.Pingreq(), p.Pingresp(), p.Disconnect())),
    )


@given(st.sampled_from([3, 4]).flatmap(lambda level: st.tuples(st.just(level), st.lists(packets(level)))), st.data())
def test_round_trip(drawn: tuple[int, list[p.Packet]], data: st.DataObject) -> None:
    """Any packets, end to end and cut anywhere, come back as they were."""
    level, expected = drawn
    raw = b"".join(p.encode(packet, level) for packet in expected)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=5)))
    decoder = p.Decoder(None, level=level)
    decoded = [
        packet
        for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)
        for packet in decoder.feed(raw[begin:end])
    ]
    assert decoded == expected
    assert p.encode(p.Pingreq()) == b"\xc0\x00"


NOISE = st.one_of(
    st.binary(max_size=200),
    st.tuples(packets(4), st.binary(max_size=4), st.integers(0, 60)).map(
        lambda parts: (raw := p.encode(parts[0]))[: parts[2]] + parts[1] + raw[parts[2] + len(parts[1]) :]
    ),
)


@given(st.lists(NOISE, max_size=6), st.sampled_from([None, True, False]), st.sampled_from([3, 4]))
def test_noise_is_a_protocol_error_at_most(noise: list[bytes], side: bool | None, level: int) -> None:
    """Nothing but ProtocolError is raised, and no more than the largest packet is ever held."""
    decoder = p.Decoder(side, 300, level)
    for piece in noise:
        try:
            decoder.feed(piece)
        except p.ProtocolError:
            break
        held = decoder._partial
        assert held is None or len(held) <= 305
    else:
        return
    assert decoder.feed(b"\xc0\x00") == []
    assert decoder._partial is None


@given(st.lists(NOISE, max_size=6).map(b"".join), st.integers(1, 9))
def test_the_outcome_never_depends_on_the_cut(noise: bytes, size: int) -> None:
    """Whole and in pieces, the same packets and the same fault."""

    def outcome(step: int) -> tuple[list[p.Packet], str]:
        decoder = p.Decoder(None)
        decoded: list[p.Packet] = []
        try:
            for piece in pieces(noise, step):
                decoded += decoder.feed(piece)
        except p.ProtocolError as error:
            return decoded + error.packets, str(error)
        return decoded, ""

    assert outcome(0) == outcome(size)
