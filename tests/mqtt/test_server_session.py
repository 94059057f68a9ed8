"""The server's end of a connection: exact bytes in and out, in every split, time as an argument."""

from collections.abc import Sequence

import pytest

from modemlab.mqtt import server
from modemlab.mqtt.packets import Connect, ConnectWill, Publish, Subscribe, Unsubscribe
from modemlab.mqtt.server import ConnectionEnded, Event, ServerSession
from modemlab.mqtt.session_state import MAX_IN_FLIGHT, SessionState

CONNECT = bytes.fromhex("10 0d 0004 4d515454 04 02 003c 0001 61")  # "a", clean session, keep alive 60
CONNECT_KEEP = bytes.fromhex("10 0d 0004 4d515454 04 00 003c 0001 61")  # without clean session
CONNECT_31 = bytes.fromhex("10 0f 0006 4d5149736470 03 02 003c 0001 61")
CONNECT_31_KEEP = bytes.fromhex("10 0f 0006 4d5149736470 03 00 003c 0001 61")
CONNECT_WILL = bytes.fromhex("10 13 0004 4d515454 04 2e 000a 0001 61 0001 77 0001 21")  # QoS 1, retained
ACCEPTED = bytes.fromhex("20 02 00 00")
PRESENT = bytes.fromhex("20 02 01 00")
DISCONNECT = bytes.fromhex("e0 00")
SPLITS = [10_000, 1, 2, 3, 7]


def feed(session: ServerSession, data: bytes, now: float = 0.0, size: int = 10_000) -> list[Event]:
    events: list[Event] = []
    for at in range(0, len(data), size):
        events += session.receive(data[at : at + size], now)
    return events


def opened(connect: bytes = CONNECT, state: SessionState | None = None, now: float = 0.0) -> ServerSession:
    session = ServerSession(now)
    assert len(session.receive(connect, now)) == 1
    session.accept(state or SessionState("a"), state is not None, now)
    session.take()
    return session


def ended(events: Sequence[Event]) -> ConnectionEnded:
    assert events
    last = events[-1]
    assert isinstance(last, ConnectionEnded)
    return last


@pytest.mark.parametrize("size", SPLITS)
def test_a_whole_conversation(size: int) -> None:
    session = ServerSession(0.0)
    assert feed(session, CONNECT, size=size) == [Connect("a", 4, True, 60)]
    assert session.take() == b""
    state = SessionState("a")
    assert session.accept(state, False, 1.0) == []
    assert session.open
    assert state.session is session
    assert session.take() == ACCEPTED
    talk = [
        ("82 06 0001 0001 74 01", Subscribe(1, (("t", 1),)), ""),
        ("30 04 0001 74 78", Publish("t", b"x"), ""),
        ("32 06 0001 74 0102 79", Publish("t", b"y", 1, False, False, 258), "40 02 0102"),
        ("34 06 0001 74 0103 7a", Publish("t", b"z", 2, False, False, 259), "50 02 0103"),
        ("62 02 0103", None, "70 02 0103"),
        ("a2 05 0002 0001 74", Unsubscribe(2, ("t",)), ""),
        ("c0 00", None, "d0 00"),
    ]
    for given, event, answer in talk:
        assert feed(session, bytes.fromhex(given), size=size) == ([event] if event else [])
        assert session.take() == bytes.fromhex(answer)
    session.suback(1, (1, 128))
    session.unsuback(2)
    assert session.take() == bytes.fromhex("90 04 0001 01 80  b0 02 0002")
    assert feed(session, DISCONNECT + b"\xc0\x00", size=size) == [ConnectionEnded(True, "DISCONNECT", None)]
    assert session.ended
    assert session.take() == b""
    assert state.session is None
    assert session.deadline() is None


@pytest.mark.parametrize("size", SPLITS)
def test_what_follows_connect_waits_for_the_answer(size: int) -> None:
    session = ServerSession(0.0)
    data = CONNECT + bytes.fromhex("32 06 0001 74 0102 79 c0 00") + DISCONNECT
    assert feed(session, data, size=size) == [Connect("a", 4, True, 60)]
    assert session.take() == b""
    assert session.accept(SessionState("a"), False, 0.0) == [
        Publish("t", b"y", 1, False, False, 258),
        ConnectionEnded(True, "DISCONNECT", None),
    ]
    assert session.take() == ACCEPTED + bytes.fromhex("40 02 0102 d0 00")


def test_too_much_ahead_of_the_answer() -> None:
    session = ServerSession(0.0)
    session.receive(CONNECT, 0.0)
    events: list[Event] = []
    for _ in range(server.MAX_HELD_BYTES // 65536 + 1):
        assert not events
        events = session.receive(b"\xc0\x00" * 32768, 0.0)
    assert ended(events) == ConnectionEnded(False, "too much sent ahead of CONNACK", None)
    assert session.accept(SessionState("a"), False, 0.0) == []
    assert session.refuse(5) == []


@pytest.mark.parametrize(
    ("given", "answer", "reason"),
    [
        ("10 0d 0004 4d515454 05 02 003c 0001 61", "20 02 00 01", "unacceptable protocol level"),
        ("10 0d 0004 4d515454 84 02 003c 0001 61", "20 02 00 01", "unacceptable protocol level"),
        ("10 0c 0004 4d515454 04 00 003c 0000", "20 02 00 02", "client identifier rejected"),
        ("10 0e 0006 4d5149736470 03 02 003c 0000", "20 02 00 02", "client identifier rejected"),
        ("c0 00", "", "PINGREQ ahead of CONNECT"),
        ("30 04 0001 74 78", "", "PUBLISH ahead of CONNECT"),
        ("10 0b 0002 686a 04 02 003c 0001 61", "", "unknown protocol name"),
        ("20 02 00 00", "", "CONNACK is not allowed in this direction"),
        ("f0 00", "", "type 15"),
        ("474554202f20485454502f312e310d0a", "", ""),
    ],
)
@pytest.mark.parametrize("size", SPLITS)
def test_first_packet_refused(given: str, answer: str, reason: str, size: int) -> None:
    session = ServerSession(0.0)
    events = feed(session, bytes.fromhex(given), size=size)
    assert len(events) == 1
    assert not ended(events).graceful
    assert reason in ended(events).reason
    assert session.take() == bytes.fromhex(answer)
    assert feed(session, CONNECT) == []


def test_empty_identifier_of_a_clean_session_is_the_owners() -> None:
    session = ServerSession(0.0)
    connect = bytes.fromhex("10 0c 0004 4d515454 04 02 003c 0000")
    assert feed(session, connect) == [Connect("", 4, True, 60)]


@pytest.mark.parametrize(("code", "reason"), server.REFUSALS.items())
def test_refusal(code: int, reason: str) -> None:
    session = ServerSession(0.0)
    session.receive(CONNECT_WILL, 0.0)
    assert session.refuse(code) == [ConnectionEnded(False, f"refused: {reason}", None)]
    assert session.take() == bytes((0x20, 2, 0, code))


def test_session_present_is_not_for_31() -> None:
    for connect, answer in ((CONNECT_KEEP, PRESENT), (CONNECT_31_KEEP, ACCEPTED)):
        session = ServerSession(0.0)
        session.receive(connect, 0.0)
        session.accept(SessionState("a", clean=False), True, 0.0)
        assert session.take() == answer


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (CONNECT.hex(), "a second CONNECT"),
        ("36 06 0001 74 0102 79", "QoS 3"),
        ("30 ff ff ff ff 7f", "more than four bytes"),
        ("30 ff ff ff 7f", "longer than"),
        ("d0 00", "PINGRESP is not allowed in this direction"),
        ("80 06 0001 0001 74 01", "SUBSCRIBE with flags 0000"),
        ("82 02 0001", "without a topic filter"),
        ("30 05 0003 612f2b", "wildcard"),
        ("32 05 0001 74 0000", "identifier of 0"),
        ("82 0c 0001 0001 74 01 0003 61232f 01", "# must be the last character"),
        ("82 07 0001 0002 2b61 01", "+ must be alone in its level"),
        ("a2 06 0001 0002 6123", "# must be alone in its level"),
    ],
)
@pytest.mark.parametrize("size", SPLITS)
def test_violation_ends_the_connection_after_what_came_before(given: str, reason: str, size: int) -> None:
    session = opened(CONNECT_WILL)
    events = feed(session, bytes.fromhex("30 04 0001 74 78" + given + "c000"), size=size)
    assert events[0] == Publish("t", b"x")
    assert len(events) == 2
    assert reason in ended(events).reason
    assert ended(events).will == ConnectWill("w", b"!", 1, True)
    assert session.take() == b""


def test_will_goes_out_on_any_end_but_disconnect() -> None:
    will = ConnectWill("w", b"!", 1, True)
    assert opened(CONNECT_WILL).end("gone") == [ConnectionEnded(False, "gone", will)]
    assert opened(CONNECT_WILL).receive(DISCONNECT, 0.0) == [ConnectionEnded(True, "DISCONNECT", None)]
    assert opened(CONNECT_WILL).advance(15.0) == [ConnectionEnded(False, "keep alive: nothing received for 15 s", will)]
    undecided = ServerSession(0.0)
    undecided.receive(CONNECT_WILL, 0.0)
    assert undecided.end("gone") == [ConnectionEnded(False, "gone", None)]
    assert undecided.end("again") == []


def test_keep_alive_is_one_and_a_half() -> None:
    session = opened(CONNECT_WILL, now=100.0)  # keep alive 10
    assert session.deadline() == 115.0
    assert session.advance(114.9) == []
    session.receive(b"\xc0", 114.9)
    assert session.deadline() == pytest.approx(129.9)
    assert ended(session.advance(129.9)).reason.startswith("keep alive")
    assert session.advance(200.0) == []
    never = opened(CONNECT.replace(b"\x00\x3c", b"\x00\x00"))
    assert never.deadline() is None
    assert never.advance(1e9) == []


def test_connect_has_its_time() -> None:
    session = ServerSession(5.0, connect_timeout=10.0)
    session.receive(CONNECT[:-1], 14.0)
    assert session.deadline() == 15.0
    assert session.advance(14.9) == []
    assert session.advance(15.0) == [ConnectionEnded(False, "no CONNECT within 10 s", None)]
    asked = ServerSession(5.0)
    asked.receive(CONNECT, 14.0)
    assert asked.advance(15.0) == [ConnectionEnded(False, "CONNECT was not answered", None)]


@pytest.mark.parametrize("size", SPLITS)
def test_qos_2_arrives_once(size: int) -> None:
    session = opened(CONNECT_KEEP, SessionState("a", clean=False))
    state = session.state
    assert state is not None
    first, again = bytes.fromhex("34 06 0001 74 0007 7a"), bytes.fromhex("3c 06 0001 74 0007 7a")
    assert len(feed(session, first, size=size)) == 1
    assert feed(session, again, size=size) == []
    assert session.take() == bytes.fromhex("50 02 0007 50 02 0007")
    session.end("lost")
    session = opened(CONNECT_KEEP, state)
    assert feed(session, again, size=size) == [], "the identifier outlives the connection"
    assert feed(session, bytes.fromhex("62 02 0007"), size=size) == []
    assert feed(session, bytes.fromhex("62 02 0007"), size=size) == [], "PUBREL is answered, known or not"
    assert session.take() == bytes.fromhex("50 02 0007 70 02 0007 70 02 0007")
    assert len(feed(session, first, size=size)) == 1, "and may be used again"


def test_delivery_of_each_qos() -> None:
    session = opened()
    state = session.state
    assert state is not None
    session.push(bytes.fromhex("30 04 0001 74 78"))
    session.deliver(Publish("t", b"y", 1, True, True, 99))
    session.deliver(Publish("t", b"z", 2))
    assert session.take() == bytes.fromhex("30 04 0001 74 78  33 06 0001 74 0001 79  34 06 0001 74 0002 7a")
    assert session.receive(bytes.fromhex("40 02 0001 50 02 0002"), 0.0) == []
    assert session.take() == bytes.fromhex("62 02 0002")
    assert session.receive(bytes.fromhex("50 02 0002"), 0.0) == []
    assert session.take() == bytes.fromhex("62 02 0002"), "a repeated PUBREC is answered again"
    assert list(state.released) == [2]
    assert session.receive(bytes.fromhex("70 02 0002"), 0.0) == []
    assert (state.sent, state.released) == ({}, {})


@pytest.mark.parametrize(
    ("answer", "reason", "sent"),
    [
        ("40 02 0002", "PUBACK for a QoS 2", ""),
        ("50 02 0001", "PUBREC for a QoS 1", ""),
        ("70 02 0002", "PUBCOMP for a message", ""),
        ("40 02 0063", "", ""),
        ("50 02 0063", "", "62 02 0063"),
        ("70 02 0063", "", ""),
    ],
)
def test_odd_answers(answer: str, reason: str, sent: str) -> None:
    session = opened()
    session.deliver(Publish("t", b"y", 1))
    session.deliver(Publish("t", b"z", 2))
    session.take()
    events = session.receive(bytes.fromhex(answer), 0.0)
    if reason:
        assert reason in ended(events).reason
    else:
        assert events == []
    assert session.take() == bytes.fromhex(sent)


def publish(packet_id: int, payload: str, first: int = 0x32) -> bytes:
    return bytes((first, 6, 0, 1, 0x74)) + packet_id.to_bytes(2) + payload.encode()


def test_window_and_queue() -> None:
    session = opened()
    state = session.state
    assert state is not None
    for number in range(30):
        session.deliver(Publish("t", chr(65 + number).encode(), 1))
    assert session.take() == b"".join(publish(n + 1, chr(65 + n)) for n in range(MAX_IN_FLIGHT))
    assert state.queue is not None
    assert len(state.queue) == 10
    session.receive(bytes.fromhex("40 02 0003 40 02 0001"), 0.0)
    assert session.take() == publish(21, "U") + publish(22, "V")
    session.deliver(Publish("t", b"!", 1))
    assert session.take() == b"", "what comes later stays behind what is queued"
    for number in range(1, 32):
        session.receive(b"\x40\x02" + number.to_bytes(2), 0.0)
    assert state.queue is None
    assert state.queued_bytes == 0
    assert state.sent == {}


@pytest.mark.parametrize(
    ("connect", "released"), [(CONNECT_KEEP, "62 02 0002 62 02 0001"), (CONNECT_31_KEEP, "6a 02 0002 6a 02 0001")]
)
def test_redelivery(connect: bytes, released: str) -> None:
    state = SessionState("a", clean=False)
    session = opened(connect, state)
    for number in range(22):
        session.deliver(Publish("t", chr(65 + number).encode(), 2 if number < 3 else 1))
    session.receive(bytes.fromhex("50 02 0002 50 02 0001 40 02 0005"), 0.0)
    session.end("lost")
    assert state.store(Publish("t", b"!", 1))
    session = ServerSession(0.0)
    session.receive(connect, 0.0)
    session.accept(state, True, 0.0)
    assert session.take()[4:] == (
        bytes.fromhex(released)
        + publish(3, "C", 0x3C)
        + publish(4, "D", 0x3A)
        + b"".join(publish(n, chr(64 + n), 0x3A) for n in range(6, 21))
        + publish(21, "U", 0x3A)
    )
    session.receive(bytes.fromhex("40 02 0004 40 02 0006"), 0.0)
    assert session.take() == publish(22, "V") + publish(23, "!")


def test_identifiers_go_round_past_those_in_use() -> None:
    state = SessionState("a")
    message = Publish("t", b"", 1)
    assert state.record(message) == 1
    state.released[3] = None
    state._last_id = 65534
    assert [state.record(message) for _ in range(3)] == [65535, 2, 4]


def test_queue_bounds() -> None:
    state = SessionState("a", max_messages=3, max_bytes=100)
    assert state.store(Publish("t", b"x" * 150, 1)), "one message always fits"
    assert not state.store(Publish("t", b"", 1))
    assert state.send_queued()[1].payload == b"x" * 150
    assert [state.store(Publish("t", b"", 1)) for _ in range(4)] == [True, True, True, False]
    assert state.dropped == 2
    for _ in range(3):
        state.send_queued()
    with pytest.raises(IndexError):
        state.send_queued()


def test_qos_0_is_dropped_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_OUT_BYTES", 100)
    session = opened()
    state = session.state
    assert state is not None
    for _ in range(30):
        session.push(b"\x30\x08\x00\x01t12345")
    assert len(session.take()) == 110
    assert state.dropped == 19
    session.push(b"\x30\x03\x00\x01t")
    assert session.backlog == 5


def test_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_OUT_BYTES", 100)
    session = opened()
    assert session.receive(b"\xc0\x00" * 100, 0.0) == []
    assert ended(session.receive(b"\xc0\x00", 0.0)).reason == "it does not read what it is sent"


def test_congestion() -> None:
    session = ServerSession(0.0)
    assert not session.congested
    session = opened()
    session.push(b"x" * (server.CONGESTED_BYTES + 1))
    assert session.congested
    session.take()
    assert not session.congested
    for _ in range(server.CONGESTED_MESSAGES + MAX_IN_FLIGHT):
        session.deliver(Publish("t", b"", 1))
    session.take()
    assert not session.congested
    session.deliver(Publish("t", b"", 1))
    assert session.congested


def test_taken_over_state_stays_with_the_newer_connection() -> None:
    state = SessionState("a", clean=False)
    older = opened(CONNECT_KEEP, state)
    newer = opened(CONNECT_KEEP, state)
    older.end("taken over")
    assert state.session is newer
