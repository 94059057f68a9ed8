"""The client's end of a connection: what the server sends, strictness, keep alive, the end; in every cut."""

import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.mqtt import events as e
from modemlab.mqtt.client import ClientSession
from support.client_line import PUBLISH_1, PUBLISH_1_DUP, PUBLISH_2, PUBLISH_2_DUP, PUBREL_7, QUIET, Line

SIZES = [0, 1, 2, 3, 7]


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> int:
    """Whole, and in pieces of 1, 2, 3 and 7 bytes."""
    value: int = request.param
    return value


# --- Messages of the server ---


def test_message_qos_0(size: int) -> None:
    """It has identifier 0 and nothing to acknowledge."""
    line = Line(size).connected()
    line.gets("31 06 00 01 74 00 ff 0a", e.IncomingMessage(0, "t", b"\x00\xff\x0a", 0, True, False))
    line.session.acknowledge(0)
    line.sends("")


def test_message_qos_1_is_acknowledged_by_the_owner(size: int) -> None:
    """PUBACK waits for acknowledge; until then a repeat is not delivered, after it it is a new message."""
    line = Line(size).connected()
    message = e.IncomingMessage(7, "t", b"x", 1, False, False)
    line.gets(PUBLISH_1, message)
    line.sends("")
    line.gets(PUBLISH_1_DUP)
    line.sends("")
    line.session.acknowledge(7)
    line.sends("40 02 00 07")
    line.session.acknowledge(7)
    line.sends("")
    line.gets(PUBLISH_1_DUP, message._replace(dup=True))


def test_message_qos_2_is_delivered_once(size: int) -> None:
    """From PUBREC to PUBREL a repeat is answered, not delivered; after PUBREL the identifier is free."""
    line = Line(size).connected()
    message = e.IncomingMessage(7, "t", b"x", 2, False, False)
    line.gets(PUBLISH_2, message)
    line.gets(PUBLISH_2_DUP)
    line.sends("")
    assert line.session.received == set()
    line.session.acknowledge(7, 100.0)
    line.sends("50 02 00 07")
    line.gets(PUBLISH_2_DUP)
    line.gets(PUBLISH_2)
    line.sends("50 02 00 07", "50 02 00 07")
    line.gets(PUBREL_7)
    line.sends("70 02 00 07")
    line.gets(PUBREL_7)
    line.sends("70 02 00 07")
    line.gets(PUBLISH_2, message)


def test_pubrel_of_any_identifier_is_answered(size: int) -> None:
    """PUBCOMP follows even when nothing is known of it (3.1.1, 4.3.3); a message not shown is released."""
    line = Line(size).connected()
    line.gets("62 02 12 34")
    line.sends("70 02 12 34")
    line.gets(PUBLISH_2, e.IncomingMessage(7, "t", b"x", 2, False, False))
    line.gets(PUBREL_7)
    line.sends("70 02 00 07")
    line.session.acknowledge(7)
    line.sends("")


def test_many_messages_wait(size: int) -> None:
    """The owner may hold many and acknowledge them in any order."""
    line = Line(size).connected()
    for packet_id in range(1, 31):
        line.gets(f"32 05 00 01 74 00 {packet_id:02x}", e.IncomingMessage(packet_id, "t", b"", 1, False, False))
    line.sends("")
    line.session.acknowledge(30)
    line.session.acknowledge(1)
    line.sends("40 02 00 1e 40 02 00 01")


def test_a_persistent_session_delivers_once_over_connections(size: int) -> None:
    """Identifiers acknowledged and not released are handed on, even when the acknowledgement came late."""
    options = QUIET._replace(clean_session=False)
    line = Line(size, options).connected()
    for packet_id in (7, 8, 9):
        message = e.IncomingMessage(packet_id, "t", b"x", 2, False, False)
        line.gets(f"34 06 00 01 74 00 0{packet_id} 78", message)
    line.session.acknowledge(7)
    line.sends("50 02 00 07")
    line.violates("f0 00", "type 15")
    line.session.acknowledge(8)
    line.sends("")
    assert line.session.received == {7, 8}

    again = Line(size, options, line.session.received).connected("20 02 01 00")
    again.gets(PUBLISH_2_DUP)
    again.sends("50 02 00 07")
    again.gets("3c 06 00 01 74 00 09 78", e.IncomingMessage(9, "t", b"x", 2, False, True))
    again.sends("")
    again.gets(PUBREL_7)
    assert again.session.received == {8}


@pytest.mark.parametrize(
    ("options", "connack", "kept"),
    [
        (QUIET._replace(clean_session=False), "20 02 01 00", {7}),
        (QUIET._replace(clean_session=False), "20 02 00 00", set()),
        (QUIET._replace(clean_session=False, level=3), "20 02 00 00", {7}),
        (QUIET, "20 02 00 00", set()),
    ],
)
def test_identifiers_are_forgotten_with_the_session(options: e.Options, connack: str, kept: set[int]) -> None:
    """A clean session, or one the server no longer has, begins with none; 3.1 cannot tell."""
    given_back = {7}
    line = Line(0, options, given_back).connected(connack)
    assert line.session.received == kept
    line.gets(PUBREL_7)
    assert line.session.received == set()
    assert given_back == {7}


def test_a_clean_session_hands_nothing_on() -> None:
    """The server forgets with the connection."""
    line = Line().connected()
    line.gets(PUBLISH_2, e.IncomingMessage(7, "t", b"x", 2, False, False))
    line.session.acknowledge(7)
    assert line.session.received == set()


# --- Strictness ---

VIOLATIONS = [
    ("20 02 00 00", "second CONNACK"),
    ("40 02 00 07", "PUBACK 7"),
    ("50 02 00 07", "PUBREC 7"),
    ("70 02 00 07", "PUBCOMP 7"),
    ("90 03 00 07 00", "SUBACK 7"),
    ("b0 02 00 07", "UNSUBACK 7"),
    ("d0 00", "PINGRESP that nothing asked for"),
    ("c0 00", "PINGREQ is not allowed in this direction"),
    ("e0 00", "DISCONNECT is not allowed in this direction"),
    ("82 06 00 01 00 01 74 00", "SUBSCRIBE is not allowed in this direction"),
    ("36 05 00 01 74 00 01", "QoS 3"),
    ("30 ff ff ff ff", "four bytes"),
    ("30 81 80 40", "longer than 1048576"),
    ("40 02 00 00", "identifier of 0"),
    ("30 03 00 01 2b", "wildcard"),
]


@pytest.mark.parametrize(("data", "reason"), VIOLATIONS)
def test_violations(size: int, data: str, reason: str) -> None:
    """What no server may send ends the session, after the messages ahead of it."""
    line = Line(size).connected()
    line.violates("30 03 00 01 74" + data + "30 03 00 01 74", reason, e.IncomingMessage(0, "t", b"", 0, False, False))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("50 02 00 01", "PUBREC 1"),
        ("70 02 00 01", "PUBCOMP 1"),
        ("40 02 00 02", "PUBACK 2"),
        ("70 02 00 02", "PUBCOMP 2"),
        ("40 02 00 03", "PUBACK 3"),
        ("b0 02 00 03", "UNSUBACK 3"),
        ("90 03 00 04 00", "SUBACK 4"),
        ("90 03 00 03 00", "codes (0,) for 2 filters"),
        ("90 05 00 03 00 00 00", "codes (0, 0, 0) for 2 filters"),
        ("90 04 00 03 00 03", "codes (0, 3)"),
        ("90 04 00 03 81 00", "codes (129, 0)"),
    ],
)
def test_answers_of_the_wrong_kind(size: int, data: str, reason: str) -> None:
    """An answer must be the one that the packet in flight waits for."""
    line = Line(size).connected()
    line.session.publish(1, "t", b"", 1, False, 100.0)
    line.session.publish(2, "t", b"", 2, False, 100.0)
    line.session.subscribe(3, [("t", 0), ("u", 0)], 100.0)
    line.session.unsubscribe(4, ["t"], 100.0)
    line.violates(data, reason)


@pytest.mark.parametrize(("first", "second"), [(PUBLISH_1, PUBLISH_1), (PUBLISH_1, PUBLISH_2), (PUBLISH_2, PUBLISH_1)])
def test_an_identifier_used_twice_by_the_server(size: int, first: str, second: str) -> None:
    """A new message may not have the identifier of one that waits (3.1.1, 2.3.1-4)."""
    line = Line(size).connected()
    qos = 1 if first == PUBLISH_1 else 2
    line.violates(first + second, "identifier 7 in use", e.IncomingMessage(7, "t", b"x", qos, False, False))


def test_a_second_answer_to_a_repeated_packet_is_no_violation(size: int) -> None:
    """As many surplus answers are taken as there were repeats, then no more."""
    line = Line(size).connected()
    line.session.publish(7, "t", b"x", 1, False, 100.0)
    line.session.take()
    for count in (1, 2):
        line.at(5.0 * count, e.SessionRepeated(e.RequestKind.PUBLISH, 7, count, e.RequestKind.PUBLISH))
        line.sends(PUBLISH_1_DUP)
    line.gets("40 02 00 07", e.SessionCompleted(e.RequestKind.PUBLISH, 7))
    line.gets("40 02 00 07")
    line.session.subscribe(7, [("t", 0)], line.now)
    line.gets("40 02 00 07")
    line.gets("90 03 00 07 00", e.SessionCompleted(e.RequestKind.SUBSCRIBE, 7, (0,)))
    line.violates("40 02 00 07", "PUBACK 7")


def test_a_late_answer_may_meet_the_same_identifier_again(size: int) -> None:
    """It completes the new packet, and the answer to the new one is then the surplus."""
    line = Line(size).connected()
    for seconds in (0.0, 10.0):
        line.session.publish(7, "t", b"x", 1, False, 100.0 + seconds)
        line.session.take()
        if not seconds:
            line.at(5.0, e.SessionRepeated(e.RequestKind.PUBLISH, 7, 1, e.RequestKind.PUBLISH))
            line.sends(PUBLISH_1_DUP)
        line.gets("40 02 00 07", e.SessionCompleted(e.RequestKind.PUBLISH, 7))
    line.gets("40 02 00 07")
    line.violates("40 02 00 07", "PUBACK 7")


@pytest.mark.parametrize("level", [3, 4])
def test_pubrec_again(size: int, level: int) -> None:
    """While PUBCOMP is awaited, and late after a repeated PUBLISH, it is answered by the same PUBREL."""
    line = Line(size, QUIET._replace(level=level)).connected()
    line.session.publish(7, "t", b"x", 2, False, 100.0)
    line.session.take()
    line.at(5.0, e.SessionRepeated(e.RequestKind.PUBLISH, 7, 1, e.RequestKind.PUBLISH))
    line.sends(PUBLISH_2_DUP)
    line.gets("50 02 00 07", e.SessionRecorded(7))
    line.sends(PUBREL_7)
    line.gets("70 02 00 07", e.SessionCompleted(e.RequestKind.PUBLISH, 7))
    line.gets("50 02 00 07")
    line.sends(PUBREL_7)
    line.gets("70 02 00 07")
    line.session.publish(7, "t", b"x", 2, False, line.now)
    line.sends(PUBLISH_2)
    line.gets("50 02 00 07 50 02 00 07", e.SessionRecorded(7))
    line.sends(PUBREL_7, PUBREL_7)
    line.gets("70 02 00 07", e.SessionCompleted(e.RequestKind.PUBLISH, 7))
    line.gets("70 02 00 07")
    line.violates("70 02 00 07", "PUBCOMP 7")


def test_the_record_of_surplus_answers_is_bounded() -> None:
    """The oldest are forgotten, and an answer to them is a violation again."""
    line = Line(options=QUIET._replace(window=40)).connected()
    for packet_id in range(1, 41):
        line.session.publish(packet_id, "t", b"", 1, False, 100.0)
    line.session.take()
    line.at(
        5.0, *(e.SessionRepeated(e.RequestKind.PUBLISH, number, 1, e.RequestKind.PUBLISH) for number in range(1, 41))
    )
    for packet_id in range(1, 41):
        line.gets(f"40 02 00 {packet_id:02x}", e.SessionCompleted(e.RequestKind.PUBLISH, packet_id))
    line.gets("40 02 00 28")
    line.gets("40 02 00 09")
    line.violates("40 02 00 08", "PUBACK 8")


# --- Keep alive ---


def test_ping_when_nothing_was_sent(size: int) -> None:
    """What is received does not put it off, what is sent does."""
    line = Line(size, e.Options(keep_alive=60)).connected()
    line.now = 130.0
    line.gets("30 03 00 01 74", e.IncomingMessage(0, "t", b"", 0, False, False))
    assert line.session.deadline() == 160.0
    line.session.publish(0, "t", b"", 0, False, 130.0)
    line.sends("30 03 00 01 74")
    line.at(90.0)
    line.sends("c0 00")
    assert line.session.ping_outstanding
    line.now = 191.0
    line.gets("d0 00")
    assert not line.session.ping_outstanding
    line.at(150.0)
    line.sends("c0 00")


def test_acknowledgements_count_as_sent() -> None:
    """Told the time, acknowledge puts the ping off."""
    line = Line(0, e.Options(keep_alive=60)).connected()
    line.gets(
        PUBLISH_1 + "32 05 00 01 74 00 08",
        *(e.IncomingMessage(7, "t", b"x", 1, False, False), e.IncomingMessage(8, "t", b"", 1, False, False)),
    )
    line.session.acknowledge(7, 120.0)
    assert line.session.deadline() == 180.0
    line.session.acknowledge(8)
    assert line.session.deadline() == 180.0
    line.now = 125.0
    line.gets(PUBREL_7)
    assert line.session.deadline() == 185.0


@pytest.mark.parametrize(
    ("packet_timeout", "ping_interval", "steps", "end"),
    [
        (5.0, 5.0, (60.0, 65.0, 70.0, 75.0), 80.0),
        (5.0, 20.0, (60.0, 80.0, 100.0, 120.0), 125.0),
        (30.0, 5.0, (60.0, 90.0, 120.0, 150.0), 180.0),
    ],
)
def test_ping_is_repeated(
    size: int, packet_timeout: float, ping_interval: float, steps: tuple[float, ...], end: float
) -> None:
    """A series takes the longer of both times, retries times; the last is waited for as any packet."""
    options = e.Options(keep_alive=60, packet_timeout=packet_timeout, ping_interval=ping_interval)
    line = Line(size, options).connected()
    for seconds in steps:
        line.at(seconds)
        line.sends("c0 00")
        assert line.session.ping_outstanding
    line.at(end, e.SessionPingFailed())
    line.sends("")
    assert line.session.ping_outstanding
    line.ended()


def test_pingresp_ends_a_series(size: int) -> None:
    """Any PINGRESP does, one to an earlier series too; a new series has all its repeats."""
    line = Line(size, e.Options(keep_alive=60, retries=1)).connected()
    for seconds in (60.0, 65.0):
        line.at(seconds)
        line.sends("c0 00")
    line.gets("d0 00")
    assert not line.session.ping_outstanding
    line.at(125.0)
    line.sends("c0 00")
    line.gets("d0 00")
    assert not line.session.ping_outstanding
    for seconds in (185.0, 190.0):
        line.at(seconds)
        line.sends("c0 00")
    line.at(195.0, e.SessionPingFailed())


@pytest.mark.parametrize("level", [3, 4])
def test_as_many_pingresp_as_pingreq(size: int, level: int) -> None:
    """Each PINGREQ may be answered, however late, a repeated one too; one more answer is a violation."""
    line = Line(size, e.Options(level=level, keep_alive=60)).connected()
    for seconds in (60.0, 65.0, 70.0):
        line.at(seconds)
        line.sends("c0 00")
    line.gets("d0 00")
    line.gets("d0 00")
    line.at(130.0)
    line.sends("c0 00")
    line.gets("d0 00 d0 00")
    line.sends("")
    line.violates("d0 00", "PINGRESP that nothing asked for")


def test_keep_alive_0_never_pings() -> None:
    """Nothing is due."""
    line = Line().connected()
    assert line.session.deadline() is None
    assert line.session.advance(1e9) == []
    line.sends("")


def test_a_repeat_puts_the_ping_off() -> None:
    """A packet that is due at the same moment goes first and counts as sent."""
    line = Line(0, e.Options(keep_alive=5)).connected()
    line.session.publish(7, "t", b"x", 1, False, 100.0)
    line.sends(PUBLISH_1)
    line.at(5.0, e.SessionRepeated(e.RequestKind.PUBLISH, 7, 1, e.RequestKind.PUBLISH))
    line.sends(PUBLISH_1_DUP)


# --- The end, memory, noise ---


def test_disconnect(size: int) -> None:
    """DISCONNECT is the last packet."""
    line = Line(size, e.Options()).connected()
    line.session.publish(7, "t", b"x", 1, False, 100.0)
    line.session.disconnect(100.0)
    line.sends(PUBLISH_1, "e0 00")
    line.ended()
    line.sends("")


def test_an_idle_session_is_small() -> None:
    """Below 800 bytes with all it holds, after it has been busy in each way too."""
    sessions: list[ClientSession] = []
    options = e.Options()

    def grow(count: int) -> None:
        for number in range(count):
            now = 1000.0 + number
            session = ClientSession(options)
            session.connect("c", None, None, None, now)
            session.take()
            session.receive(b"\x20\x02\x00\x00", now)
            session.subscribe(7, [("t", 1)], now)
            session.publish(8, "t", bytes(100), 1, False, now)
            session.receive(bytes.fromhex("90 03 00 07 01 40 02 00 08") + bytes.fromhex(PUBLISH_1), now)
            session.acknowledge(7, now)
            session.take()
            sessions.append(session)

    grow(10)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        grow(1_000)
        each = (tracemalloc.get_traced_memory()[0] - before) / 1_000
    finally:
        tracemalloc.stop()
    assert each < 800
    assert sys.getsizeof(sessions[0]) < 300
    assert not hasattr(sessions[0], "__dict__")


@given(st.lists(st.binary(max_size=30), max_size=8), st.sampled_from([3, 4]))
def test_noise_ends_a_session_at_most(noise: list[bytes], level: int) -> None:
    """Whatever a server sends, nothing is raised, and a Violation comes last and once."""
    line = Line(options=QUIET._replace(level=level)).connected()
    line.session.publish(1, "t", b"", 2, False, 100.0)
    line.session.subscribe(2, [("t", 0)], 100.0)
    events = [event for data in noise for event in line.session.receive(data, 100.0)]
    assert all(not isinstance(event, e.Violation) for event in events[:-1])
    line.session.advance(1e6)
    line.session.take()


PIECES = st.sampled_from(
    [PUBLISH_1, PUBLISH_1_DUP, PUBLISH_2, PUBLISH_2_DUP, PUBREL_7, "d0 00", "30 03 00 01 74"]
    + [f"{first} 02 00 0{number}" for first in ("40", "50", "70", "b0") for number in (1, 2, 3)]
    + [f"90 03 00 0{number} 00" for number in (1, 2, 3)]
)


@given(st.lists(PIECES | st.floats(1.0, 6.0), max_size=30))
def test_sound_packets_in_any_order(steps: list[str | float]) -> None:
    """No order of answers and silences raises, delivers a QoS 2 message twice or completes a packet twice."""
    line = Line(options=e.Options(keep_alive=7)).connected()
    session = line.session
    session.publish(1, "t", b"", 2, False, 100.0)
    session.publish(2, "t", b"", 1, False, 100.0)
    session.subscribe(3, [("t", 0)], 100.0)
    completed: list[int] = []
    unreleased = 0
    for step in steps:
        if isinstance(step, float):
            line.now += step
            events = session.advance(line.now)
            due = session.deadline()
            assert due is None or due > line.now
        else:
            if step == PUBREL_7:
                unreleased = 0
            events = session.receive(bytes.fromhex(step), line.now)
        for event in events:
            if isinstance(event, e.IncomingMessage):
                unreleased += event.qos == 2
                session.acknowledge(event.packet_id, line.now)
            elif isinstance(event, e.SessionCompleted):
                completed.append(event.packet_id)
        assert unreleased <= 1
    assert len(completed) == len(set(completed))
