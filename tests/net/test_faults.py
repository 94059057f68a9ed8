"""Faults of MQTT packets: what becomes of the bytes, whole and in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.mqtt import packets as mqtt
from modemlab.net.delay_queue import Direction
from modemlab.net.packet_faults import MAX_HELD_BYTES, EndConnection, Fault, FaultFilter, Faults, Forward, Outcome

UP, DOWN = Direction.UPLINK, Direction.DOWNLINK
PIECES = (0, 1, 2, 3, 7)


def passed(
    faults: list[Fault], direction: Direction, data: bytes, piece: int = 0, now: float = 0.0
) -> tuple[list[Outcome], FaultFilter, list[str]]:
    """What becomes of bytes, with neighbours joined; the filter; what was told."""
    told: list[str] = []
    screen = FaultFilter(Faults(told.append, faults))
    out: list[Outcome] = []
    size = piece or max(1, len(data))
    for start in range(0, len(data), size):
        for outcome in screen.feed(direction, data[start : start + size], now):
            last = out[-1] if out else None
            if isinstance(outcome, Forward) and isinstance(last, Forward) and last.direction is outcome.direction:
                out[-1] = Forward(outcome.direction, last.data + outcome.data)
            else:
                out.append(outcome)
    return out, screen, told


def coded(*packets: mqtt.Packet) -> bytes:
    """The bytes of packets."""
    return b"".join(map(mqtt.encode, packets))


ONE, TWO, THREE, FOUR = (mqtt.encode(mqtt.Puback(number)) for number in (1, 2, 3, 4))
PING = mqtt.encode(mqtt.Pingresp())
LONG = mqtt.encode(mqtt.Publish("a", b"x" * 300, 1, packet_id=9))
CONNECT = mqtt.encode(mqtt.Connect("pump", 4))
ACCEPTED = mqtt.encode(mqtt.Connack(0, True))
TABLE: dict[str, tuple[list[Fault], Direction, bytes, list[Outcome]]] = {
    "no fault": ([], DOWN, ONE + LONG + PING, [Forward(DOWN, ONE + LONG + PING)]),
    "another packet's": ([Fault("PUBREC", "drop")], DOWN, ONE, [Forward(DOWN, ONE)]),
    "another direction's": ([Fault("PUBACK", "drop", "out")], DOWN, ONE, [Forward(DOWN, ONE)]),
    "drop the first": ([Fault("PUBACK", "drop")], DOWN, ONE + TWO, [Forward(DOWN, TWO)]),
    "drop the second": (
        [Fault("PUBACK", "drop", nth=2)],
        DOWN,
        ONE + PING + TWO + THREE,
        [Forward(DOWN, ONE + PING + THREE)],
    ),
    "drop two from the second on": (
        [Fault("PUBACK", "drop", nth=2, times=2)],
        DOWN,
        ONE + TWO + THREE + FOUR,
        [Forward(DOWN, ONE + FOUR)],
    ),
    "drop all from the second on": (
        [Fault("PUBACK", "drop", nth=2, times=0)],
        DOWN,
        ONE + TWO + LONG + FOUR,
        [Forward(DOWN, ONE + LONG)],
    ),
    "drop a message": ([Fault("PUBLISH", "drop")], DOWN, ONE + LONG + TWO, [Forward(DOWN, ONE + TWO)]),
    "drop one's own": ([Fault("PUBACK", "drop", "out")], UP, ONE + TWO, [Forward(UP, TWO)]),
    "drop a ping": ([Fault("PINGREQ", "drop")], UP, coded(mqtt.Pingreq(), mqtt.Puback(1)), [Forward(UP, ONE)]),
    "duplicate": ([Fault("PUBACK", "duplicate")], DOWN, ONE + TWO, [Forward(DOWN, ONE + ONE + TWO)]),
    "duplicate a message": ([Fault("PUBLISH", "duplicate")], DOWN, LONG, [Forward(DOWN, LONG + LONG)]),
    "corrupt": ([Fault("PUBACK", "corrupt")], DOWN, ONE + TWO, [Forward(DOWN, b"\x40\x02\x00\xfe" + TWO)]),
    "corrupt a byte": ([Fault("PUBACK", "corrupt", byte=2, mask=1)], DOWN, ONE, [Forward(DOWN, b"\x40\x02\x01\x01")]),
    "corrupt beyond the end": (
        [Fault("PINGRESP", "corrupt", byte=9, mask=1)],
        DOWN,
        PING,
        [Forward(DOWN, b"\xd0\x01")],
    ),
    "corrupt ahead of the start": (
        [Fault("PINGRESP", "corrupt", byte=-9, mask=1)],
        DOWN,
        PING,
        [Forward(DOWN, b"\xd1\x00")],
    ),
    "two faults, one packet": (
        [Fault("PUBACK", "drop"), Fault("PUBACK", "duplicate", times=2)],
        DOWN,
        ONE + TWO,
        [Forward(DOWN, TWO + TWO)],
    ),
    "refuse in the server's place": (
        [Fault("CONNECT", "refuse", code=3)],
        UP,
        CONNECT,
        [Forward(DOWN, b"\x20\x02\x00\x03"), EndConnection("close")],
    ),
    "refuse by rewriting": (
        [Fault("CONNACK", "refuse")],
        DOWN,
        ACCEPTED + PING,
        [Forward(DOWN, b"\x20\x02\x00\x05" + PING)],
    ),
    "refuse with a reserved code": (
        [Fault("CONNACK", "refuse", code=200)],
        DOWN,
        ACCEPTED,
        [Forward(DOWN, b"\x20\x02\x00\xc8")],
    ),
    "refuse subscriptions": (
        [Fault("SUBACK", "refuse")],
        DOWN,
        coded(mqtt.Suback(7, (0, 1, 2))),
        [Forward(DOWN, coded(mqtt.Suback(7, (128,) * 3)))],
    ),
    "refuse many subscriptions": (
        [Fault("SUBACK", "refuse", code=3)],
        DOWN,
        coded(mqtt.Suback(7, (1,) * 200)),
        [Forward(DOWN, b"\x90\xca\x01\x00\x07" + b"\x03" * 200)],
    ),
    "close behind": ([Fault("PUBACK", "close")], DOWN, ONE + TWO, [Forward(DOWN, ONE), EndConnection("close")]),
    "close behind a message": (
        [Fault("PUBLISH", "close", "out")],
        UP,
        LONG + ONE,
        [Forward(UP, LONG), EndConnection("close")],
    ),
    "reset behind": (
        [Fault("DISCONNECT", "reset")],
        UP,
        b"\xe0\x00",
        [Forward(UP, b"\xe0\x00"), EndConnection("reset")],
    ),
    "no MQTT": (
        [Fault("PUBACK", "drop")],
        DOWN,
        b"\x40\xff\xff\xff\xff\x01" + ONE,
        [Forward(DOWN, b"\x40\xff\xff\xff\xff\x01" + ONE)],
    ),
    "reserved types": (
        [Fault("PUBACK", "drop")],
        DOWN,
        b"\x00\x00\xf0\x01\x40" + TWO,
        [Forward(DOWN, b"\x00\x00\xf0\x01\x40")],
    ),
}


@pytest.mark.parametrize(("faults", "direction", "data", "expected"), TABLE.values(), ids=TABLE)
def test_what_becomes_of_packets(
    faults: list[Fault], direction: Direction, data: bytes, expected: list[Outcome]
) -> None:
    for piece in PIECES:
        out, screen, told = passed(faults, direction, data, piece)
        assert out == expected, f"in pieces of {piece}"
        if isinstance(expected[-1], EndConnection):
            assert screen.feed(direction, TWO, 9.0) == []
        assert bool(told) == (out != [Forward(direction, data)])


def test_what_is_told() -> None:
    _, _, told = passed([Fault("PUBACK", "drop", times=2)], DOWN, ONE + PING + TWO + THREE)
    assert told == ["PUBACK to the module: drop"] * 2
    _, _, told = passed([Fault("CONNECT", "refuse")], UP, CONNECT)
    assert told == ["CONNECT from the module: refuse"]


def test_counts_go_over_all_connections() -> None:
    faults = Faults(lambda _: None, [Fault("PUBACK", "drop", nth=2)])
    first, second = FaultFilter(faults), FaultFilter(faults)
    assert first.feed(DOWN, ONE, 0.0) == [Forward(DOWN, ONE)]
    assert second.feed(DOWN, ONE, 0.0) == []
    faults.set([Fault("PUBACK", "drop", nth=2)])
    assert second.feed(DOWN, ONE, 0.0) == [Forward(DOWN, ONE)]
    assert first.feed(DOWN, ONE, 0.0) == []


def test_a_fault_of_one_client_leaves_the_others_alone() -> None:
    """Their packets are not counted either."""
    faults = Faults(lambda _: None, [Fault("PUBACK", "drop", nth=2, client=3)])
    first, third = FaultFilter(faults, 0), FaultFilter(faults, 3)
    for _ in range(3):
        assert first.feed(DOWN, ONE, 0.0) == [Forward(DOWN, ONE)]
    assert third.feed(DOWN, ONE + TWO + THREE, 0.0) == [Forward(DOWN, ONE + THREE)]


@pytest.mark.parametrize("direction", Direction)
def test_what_is_not_mqtt_passes_as_it_comes(direction: Direction) -> None:
    """The first letter of POST is a PUBREC's first byte; nothing waits for a packet to be whole."""
    told: list[str] = []
    screen = FaultFilter(Faults(told.append, [Fault("PUBREC", "drop", "in"), Fault("PUBREC", "drop", "out")]), None)
    for piece in (b"P", b"O", b"ST / HTTP/1.1\r\n"):
        assert screen.feed(direction, piece, 0.0) == [Forward(direction, piece)]
    assert screen.finish(direction) == []
    assert told == []


def test_a_delayed_packet_is_overtaken() -> None:
    for piece in PIECES:
        faults = [Fault("PUBACK", "delay", seconds=3), Fault("PUBREC", "delay", seconds=1)]
        record = coded(mqtt.Pubrec(5))
        out, screen, _ = passed(faults, DOWN, ONE + TWO + record, piece, now=10.0)
        assert out == [Forward(DOWN, TWO)]
        assert (screen.deadline(), screen.next(10.9)) == (11.0, None)
        assert screen.next(11.0) == Forward(DOWN, record)
        assert (screen.next(11.0), screen.deadline()) == (None, 13.0)
        assert screen.next(20.0) == Forward(DOWN, ONE)
        assert screen.deadline() is None


def test_what_is_held_is_bounded() -> None:
    """A longer message is neither delayed nor doubled, and what is delayed altogether has the same bound."""
    long = mqtt.encode(mqtt.Publish("a", b"x" * MAX_HELD_BYTES))
    for action in ("delay", "duplicate", "corrupt"):
        out, screen, told = passed([Fault("PUBLISH", action, seconds=1, times=0)], DOWN, long, 7)
        assert (out, screen.deadline(), told) == ([Forward(DOWN, long)], None, [])
    half = mqtt.encode(mqtt.Publish("a", b"x" * (MAX_HELD_BYTES // 2)))
    out, screen, _ = passed([Fault("PUBLISH", "delay", seconds=1, times=0)], DOWN, half * 3)
    assert out == [Forward(DOWN, half * 2)]
    assert screen.next(1.0) == Forward(DOWN, half)


def test_an_end_lets_go_what_is_held() -> None:
    faults = [Fault("PUBACK", "delay", seconds=3, times=0), Fault("SUBACK", "refuse")]
    _, screen, _ = passed(faults, DOWN, ONE + b"\x90\x03\x00")
    assert screen.finish(DOWN) == [Forward(DOWN, ONE), Forward(DOWN, b"\x90\x03\x00")]
    assert screen.finish(DOWN) == screen.finish(UP) == []
    _, screen, _ = passed(faults, DOWN, b"\x40")
    assert screen.finish(DOWN) == [Forward(DOWN, b"\x40")]


@pytest.mark.parametrize("cut", range(1, len(LONG)))
def test_a_packet_that_had_begun_passes(cut: int) -> None:
    """A filter that comes in the middle of a packet takes the next one for what it is."""
    faults = Faults(lambda _: None, [Fault("PUBLISH", "drop"), Fault("PUBACK", "drop")])
    screen = FaultFilter(faults, 0, (b"", LONG[:cut]))
    assert screen.feed(DOWN, LONG[cut:] + ONE + TWO, 0.0) == [Forward(DOWN, LONG[cut:] + TWO)]


@given(
    st.lists(st.binary(max_size=40) | st.sampled_from((ONE, LONG, PING, CONNECT, ACCEPTED)), max_size=20),
    st.sampled_from((UP, DOWN)),
)
def test_bytes_pass_untouched(pieces: list[bytes], direction: Direction) -> None:
    """Whatever they are, with faults that are meant for none of them."""
    screen = FaultFilter(
        Faults(lambda _: None, [Fault("PUBACK", "drop", nth=1_000_000), Fault("PUBLISH", "close", nth=999)])
    )
    out = [outcome for piece in pieces for outcome in screen.feed(direction, piece, 0.0)] + screen.finish(direction)
    assert all(isinstance(outcome, Forward) and outcome.direction is direction for outcome in out)
    assert b"".join(outcome.data for outcome in out if isinstance(outcome, Forward)) == b"".join(pieces)
