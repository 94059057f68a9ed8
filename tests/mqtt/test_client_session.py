"""The client's end of a connection: CONNECT, what the owner asks for, its repeats; in every cut."""

import pytest

from modemlab.mqtt import events as e
from modemlab.mqtt.packets import ConnectWill
from support.client_line import CONNECT, PUBLISH_1, PUBLISH_1_DUP, PUBLISH_2, PUBLISH_2_DUP, PUBREL_7, QUIET, Line

SIZES = [0, 1, 2, 3, 7]


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> int:
    """Whole, and in pieces of 1, 2, 3 and 7 bytes."""
    value: int = request.param
    return value


# --- CONNECT ---


@pytest.mark.parametrize(
    ("options", "will", "sent"),
    [
        (QUIET, None, CONNECT),
        (e.Options(), None, "10 0d 00 04 4d 51 54 54 04 02 00 78 00 01 63"),
        (QUIET._replace(level=3), None, "10 0f 00 06 4d 51 49 73 64 70 03 02 00 00 00 01 63"),
        (QUIET._replace(clean_session=False), None, "10 0d 00 04 4d 51 54 54 04 00 00 00 00 01 63"),
        (QUIET, ConnectWill("w", b"\xff", 1, True), "10 13 00 04 4d 51 54 54 04 2e 00 00 00 01 63 00 01 77 00 01 ff"),
    ],
)
def test_connect(size: int, options: e.Options, will: ConnectWill | None, sent: str) -> None:
    """CONNECT goes out as the options have it, and CONNACK 0 connects."""
    line = Line(size, options)
    assert line.session.deadline() is None
    line.session.connect("c", None, None, will, 100.0)
    line.sends(sent)
    line.sends("")
    assert line.session.deadline() == 105.0
    assert not line.session.connected
    line.gets("20 02 00 00", e.SessionConnected(False))
    assert line.session.connected


def test_credentials() -> None:
    """User name and password travel as they are."""
    line = Line()
    line.session.connect("c", "u", b"\xfe", None, 100.0)
    line.sends("10 13 00 04 4d 51 54 54 04 c2 00 00 00 01 63 00 01 75 00 01 fe")


def test_connect_is_never_sent_twice() -> None:
    """Neither while CONNACK is awaited nor later; a value that does not fit leaves the session as it was."""
    line = Line()
    with pytest.raises(ValueError, match="password"):
        line.session.connect("c", None, b"p", None, 100.0)
    line.session.connect("c", None, None, None, 100.0)
    with pytest.raises(e.WrongState):
        line.session.connect("c", None, None, None, 100.0)
    line.sends(CONNECT)
    line.gets("20 02 00 00", e.SessionConnected(False))
    with pytest.raises(e.WrongState):
        line.session.connect("c", None, None, None, 100.0)
    line.sends("")


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5])
def test_refused(size: int, code: int) -> None:
    """A CONNACK that refuses ends the session."""
    line = Line(size)
    line.session.connect("c", None, None, None, 100.0)
    line.gets(f"20 02 00 0{code}", e.ConnectRefused(code))
    line.ended()


def test_no_connack() -> None:
    """A CONNACK that does not come within packet_timeout ends the session."""
    line = Line(options=e.Options(packet_timeout=9.0))
    line.session.connect("c", None, None, None, 100.0)
    line.sends(CONNECT.replace("02 00 00", "02 00 78"))
    line.at(9.0, e.ConnectTimedOut())
    line.sends("")
    line.ended()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("30 03 00 01 74", "PUBLISH before CONNACK"),
        ("d0 00", "PINGRESP before CONNACK"),
        ("40 02 00 01", "PUBACK before CONNACK"),
        ("20 02 00 06", "reserved return code 6"),
        ("20 02 01 00", "session present after a clean session"),
        ("20 02 01 02", "a refusal and session present"),
        ("20 02 02 00", "CONNACK with flags"),
        ("10 0d 00 04 4d 51 54 54 04 02 00 00 00 01 63", "CONNECT is not allowed in this direction"),
        ("48 54 54 50", "flags 1000"),
    ],
)
def test_violations_before_connack(size: int, data: str, reason: str) -> None:
    """Nothing but a sound CONNACK may come first."""
    line = Line(size)
    line.session.connect("c", None, None, None, 100.0)
    line.violates(data, reason)


def test_a_server_that_speaks_first(size: int) -> None:
    """Nothing may come before CONNECT."""
    line = Line(size)
    line.violates("20", "before CONNECT")


# --- PUBLISH ---


def test_publish_qos_0() -> None:
    """It goes out and that is all; any byte may stand in the topic."""
    line = Line().connected()
    line.session.publish(0, "t", b"x", 0, False, 100.0)
    line.session.publish(0, "\udcff", b"", 0, True, 100.0)
    line.sends("30 04 00 01 74 78", "31 03 00 01 ff")
    assert line.session.deadline() is None


def test_publish_qos_1(size: int) -> None:
    """PUBACK completes it."""
    line = Line(size).connected()
    line.session.publish(7, "t", b"x", 1, False, 100.0)
    assert line.session.in_flight(7)
    line.sends(PUBLISH_1)
    line.gets("40 02 00 07", e.SessionCompleted(e.RequestKind.PUBLISH, 7))
    assert not line.session.in_flight(7)
    assert line.session.deadline() is None
    line.sends("")


def test_publish_qos_2(size: int) -> None:
    """PUBREC is answered by PUBREL, PUBCOMP completes."""
    line = Line(size).connected()
    line.session.publish(7, "t", b"x", 2, True, 100.0)
    line.sends("35 06 00 01 74 00 07 78")
    line.gets("50 02 00 07", e.SessionRecorded(7))
    assert line.session.in_flight(7)
    line.sends(PUBREL_7)
    line.gets("70 02 00 07", e.SessionCompleted(e.RequestKind.PUBLISH, 7))
    assert not line.session.in_flight(7)
    line.sends("")


@pytest.mark.parametrize("level", [3, 4])
def test_publish_is_repeated_with_dup(size: int, level: int) -> None:
    """Unanswered it is sent 1 + retries times; then the session gives up."""
    line = Line(size, QUIET._replace(level=level)).connected()
    line.session.publish(7, "t", b"x", 1, False, 100.0)
    line.sends(PUBLISH_1)
    for count in (1, 2, 3):
        line.at(5.0 * count, e.SessionRepeated(e.RequestKind.PUBLISH, 7, count, e.RequestKind.PUBLISH))
        line.sends(PUBLISH_1_DUP)
    line.at(20.0, e.SessionGaveUp(e.RequestKind.PUBLISH, 7))
    line.sends("")
    line.ended()


@pytest.mark.parametrize("level", [3, 4])
def test_pubrel_is_repeated_with_a_count_of_its_own(size: int, level: int) -> None:
    """A repeat of PUBREL is the same bytes: DUP goes with PUBLISH alone."""
    line = Line(size, QUIET._replace(level=level, retries=2)).connected()
    line.session.publish(7, "t", b"x", 2, False, 100.0)
    line.sends(PUBLISH_2)
    for count in (1, 2):
        line.at(5.0 * count, e.SessionRepeated(e.RequestKind.PUBLISH, 7, count, e.RequestKind.PUBLISH))
        line.sends(PUBLISH_2_DUP)
    line.now = 111.0
    line.gets("50 02 00 07", e.SessionRecorded(7))
    line.sends(PUBREL_7)
    for count in (1, 2):
        line.at(11.0 + 5.0 * count, e.SessionRepeated(e.RequestKind.PUBLISH, 7, count, e.RequestKind.PUBREL))
        line.sends(PUBREL_7)
    line.at(26.0, e.SessionGaveUp(e.RequestKind.PUBLISH, 7))
    line.ended()


def test_no_retries() -> None:
    """With retries 0 the first silence is the last."""
    line = Line(options=QUIET._replace(retries=0)).connected()
    line.session.publish(7, "t", b"x", 1, False, 100.0)
    line.sends(PUBLISH_1)
    line.at(5.0, e.SessionGaveUp(e.RequestKind.PUBLISH, 7))
    line.ended()


def test_each_packet_has_its_own_time() -> None:
    """Deadlines follow in order, whatever is repeated or completed between."""
    line = Line().connected()
    for number in range(3):
        line.session.publish(number + 1, "t", b"", 1, False, 100.0 + number)
    line.session.take()
    line.at(5.0, e.SessionRepeated(e.RequestKind.PUBLISH, 1, 1, e.RequestKind.PUBLISH))
    line.sends("3a 05 00 01 74 00 01")
    line.gets("40 02 00 02", e.SessionCompleted(e.RequestKind.PUBLISH, 2))
    line.at(7.0, e.SessionRepeated(e.RequestKind.PUBLISH, 3, 1, e.RequestKind.PUBLISH))
    line.sends("3a 05 00 01 74 00 03")
    line.at(10.0, e.SessionRepeated(e.RequestKind.PUBLISH, 1, 2, e.RequestKind.PUBLISH))
    line.sends("3a 05 00 01 74 00 01")
    line.now = 130.0
    assert line.session.advance(130.0) == [
        e.SessionRepeated(e.RequestKind.PUBLISH, 3, 2, e.RequestKind.PUBLISH),
        e.SessionRepeated(e.RequestKind.PUBLISH, 1, 3, e.RequestKind.PUBLISH),
    ]
    assert line.session.deadline() == 135.0


def test_the_window() -> None:
    """Five PUBLISH packets at once; QoS 0 and SUBSCRIBE do not count, QoS 2 until PUBCOMP."""
    line = Line().connected()
    for packet_id in range(1, 6):
        line.session.publish(packet_id, "t", b"", 1 + packet_id % 2, False, 100.0)
    line.session.take()
    with pytest.raises(e.WindowFull):
        line.session.publish(6, "t", b"", 1, False, 100.0)
    line.sends("")
    line.session.publish(0, "t", b"", 0, False, 100.0)
    line.sends("30 03 00 01 74")
    line.session.subscribe(6, [("t", 0)], 100.0)
    line.sends("82 06 00 06 00 01 74 00")
    line.gets("50 02 00 01", e.SessionRecorded(1))
    with pytest.raises(e.WindowFull):
        line.session.publish(8, "t", b"", 1, False, 100.0)
    line.gets("70 02 00 01", e.SessionCompleted(e.RequestKind.PUBLISH, 1))
    line.session.publish(1, "t", b"", 1, False, 100.0)
    with pytest.raises(e.WindowFull):
        line.session.publish(8, "t", b"", 1, False, 100.0)


def test_identifiers_in_flight() -> None:
    """None is used twice, whatever for; a free one is found from the top."""
    line = Line(options=QUIET._replace(requests=3)).connected()
    session = line.session
    assert session.free_identifier() == 65535
    session.publish(65535, "t", b"", 2, False, 100.0)
    session.subscribe(65534, [("t", 0)], 100.0)
    session.unsubscribe(7, ["t"], 100.0)
    session.take()
    assert session.free_identifier() == 65533
    for packet_id in (65535, 65534, 7):
        with pytest.raises(e.IdentifierInUse):
            session.publish(packet_id, "t", b"", 1, False, 100.0)
        with pytest.raises(e.IdentifierInUse):
            session.subscribe(packet_id, [("t", 0)], 100.0)
        with pytest.raises(e.IdentifierInUse):
            session.unsubscribe(packet_id, ["t"], 100.0)
    session.unsubscribe(8, ["t"], 100.0)
    session.take()
    with pytest.raises(e.WindowFull):
        session.subscribe(9, [("t", 0)], 100.0)
    line.sends("")


def test_values_that_do_not_fit_change_nothing() -> None:
    """They raise ValueError; no identifier is taken and nothing is sent."""
    line = Line().connected()
    for packet_id, topic, qos in ((0, "t", 1), (1, "t", 3), (65536, "t", 2), (1, "t" * 65536, 1)):
        with pytest.raises(ValueError, match=r"identifier|QoS|topic"):
            line.session.publish(packet_id, topic, b"", qos, False, 100.0)
    for packet_id, filters in ((0, [("t", 0)]), (1, []), (1, [("t", 3)]), (65536, [("t", 0)])):
        with pytest.raises(ValueError, match=r"identifier|QoS|topic"):
            line.session.subscribe(packet_id, filters, 100.0)
    with pytest.raises(ValueError, match="no topic filter"):
        line.session.unsubscribe(1, [], 100.0)
    line.sends("")
    assert line.session.deadline() is None
    assert not line.session.in_flight(1)


@pytest.mark.parametrize("qos", [0, 1])
def test_wrong_state_before_connack(qos: int) -> None:
    """Nothing but CONNECT goes out before the server has accepted."""
    line = Line()
    for _ in range(2):
        with pytest.raises(e.WrongState):
            line.session.publish(qos, "t", b"", qos, False, 100.0)
        with pytest.raises(e.WrongState):
            line.session.disconnect(100.0)
        if line.session.deadline() is None:
            line.session.connect("c", None, None, None, 100.0)
    line.sends(CONNECT)


# --- SUBSCRIBE and UNSUBSCRIBE ---


def test_subscribe(size: int) -> None:
    """All filters travel in one packet; the codes come as the server gave them, above the asked too."""
    line = Line(size).connected()
    line.session.subscribe(10, [("a", 0), ("b", 1), ("c", 2)], 100.0)
    line.sends("82 0e 00 0a 00 01 61 00 00 01 62 01 00 01 63 02")
    line.gets("90 05 00 0a 02 01 80", e.SessionCompleted(e.RequestKind.SUBSCRIBE, 10, (2, 1, 128)))
    line.session.unsubscribe(10, ["a", "b"], 100.0)
    line.sends("a2 08 00 0a 00 01 61 00 01 62")
    line.gets("b0 02 00 0a", e.SessionCompleted(e.RequestKind.UNSUBSCRIBE, 10))
    assert line.session.deadline() is None


@pytest.mark.parametrize("level", [3, 4])
def test_subscribe_is_repeated(size: int, level: int) -> None:
    """A repeat is the same bytes: DUP goes with PUBLISH alone; both are given up like PUBLISH."""
    line = Line(size, QUIET._replace(level=level)).connected()
    line.session.subscribe(7, [("t", 1)], 100.0)
    line.session.unsubscribe(8, ["t"], 100.0)
    line.sends("82 06 00 07 00 01 74 01", "a2 05 00 08 00 01 74")
    for count in (1, 2, 3):
        line.at(
            5.0 * count,
            e.SessionRepeated(e.RequestKind.SUBSCRIBE, 7, count, e.RequestKind.SUBSCRIBE),
            e.SessionRepeated(e.RequestKind.UNSUBSCRIBE, 8, count, e.RequestKind.UNSUBSCRIBE),
        )
        line.sends("82 06 00 07 00 01 74 01", "a2 05 00 08 00 01 74")
    line.at(20.0, e.SessionGaveUp(e.RequestKind.SUBSCRIBE, 7))
    line.sends("")
    line.ended()
