"""When what is sent arrives, to the fraction of a second."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.dialect.network import StreamError
from modemlab.net.conditions import Conditions
from modemlab.net.delay_queue import SEGMENT_BYTES, ConnectAttempt, DelayQueue, Direction, RadioLink


class Lots(Random):
    """Chance that draws these, then 0.5 for ever."""

    def __init__(self, *lots: float) -> None:
        super().__init__(0)
        self.lots = list(lots)

    def random(self) -> float:
        """The next lot."""
        return self.lots.pop(0) if self.lots else 0.5


def lane_of(conditions: Conditions, *lots: float, way: Direction = Direction.UPLINK) -> DelayQueue[str]:
    """A lane whose air has these conditions since 0."""
    return DelayQueue(RadioLink(conditions, 0.0), way, Lots(*lots))


def arrivals(lane: DelayQueue[str]) -> list[tuple[float, bytes | str]]:
    """What arrives, and when."""
    found: list[tuple[float, bytes | str]] = []
    while (at := lane.deadline()) is not None:
        item = lane.next(at)
        assert item is not None
        found.append((round(at, 9), item))
    return found


FULL = b"x" * SEGMENT_BYTES
TABLE = {
    "nothing": (Conditions(), (), [(0, b"a"), (3, b"b")], [(0, b"a"), (3, b"b")]),
    "half the round trip each way": (Conditions(rtt=0.5), (), [(1, b"a")], [(1.25, b"a")]),
    "jitter, in order": (
        Conditions(rtt=0.2, jitter=1),
        (0.75, 0.25),
        [(0, b"a"), (0.1, b"b"), (0.2, b"c")],
        # b would have come at 0.45, c comes at 0.8
        [(0.85, b"abc")],
    ),
    "bandwidth": (
        Conditions(uplink=8000),
        (),
        [(0, b"a" * 500), (0.1, b"b" * 500)],
        [(0.5, b"a" * 500), (1, b"b" * 500)],
    ),
    "bandwidth after a rest": (
        Conditions(uplink=8000),
        (),
        [(0, b"a" * 100), (9, b"b")],
        [(0.1, b"a" * 100), (9.001, b"b")],
    ),
    "segments": (
        Conditions(uplink=SEGMENT_BYTES * 8),
        (),
        [(0, FULL * 2 + b"y")],
        [(1, FULL), (2, FULL), (round(2 + 1 / SEGMENT_BYTES, 9), b"y")],
    ),
    "a stall": (Conditions(rtt=0.2, loss=0.1), (0.05, 0.5), [(0, b"a")], [(1.1, b"a")]),
    "a stall holds what follows": (
        Conditions(rtt=0.2, loss=0.1),
        (0.05, 0.05, 0.5, 0.9),
        [(0, b"a"), (2, b"b")],
        [(3.1, b"ab")],
    ),
    "an RTO of one's own": (Conditions(loss=0.1, rto=0.25), (0.0, 0.0, 0.0, 0.1), [(0, b"a")], [(1.75, b"a")]),
    "a gap": (Conditions(gap_interval=10, gap_duration=4), (), [(5.9, b"a"), (6, b"b")], [(5.9, b"a"), (13, b"b")]),
    "never": (Conditions(loss=1), (), [(0, b"a"), (1, b"b")], []),
}


@pytest.mark.parametrize(("conditions", "lots", "sent", "expected"), TABLE.values(), ids=TABLE)
def test_when_bytes_arrive(
    conditions: Conditions,
    lots: tuple[float, ...],
    sent: list[tuple[float, bytes]],
    expected: list[tuple[float, bytes]],
) -> None:
    lane = lane_of(conditions, *lots)
    for at, data in sent:
        lane.send(data, at)
    assert lane.waiting == sum(len(data) for _, data in sent)
    assert arrivals(lane) == expected


def test_other_items_keep_their_place() -> None:
    lane = lane_of(Conditions(rtt=2, uplink=8))
    lane.put("open", 0.0)
    lane.put("open later", 0.0, 0.5)
    lane.send(b"a", 0.0)
    lane.send(b"b", 0.0)
    lane.put("close", 0.0)
    assert arrivals(lane) == [(1, "open"), (1.5, "open later"), (2, b"a"), (3, b"b"), (3, "close")]
    assert lane.empty


def test_both_directions_and_all_connections_share_the_air() -> None:
    air = RadioLink(Conditions(uplink=8, downlink=80), 0.0)
    first, second, back = (
        DelayQueue[str](air, way, Lots()) for way in (Direction.UPLINK, Direction.UPLINK, Direction.DOWNLINK)
    )
    first.send(b"a", 0.0)
    second.send(b"b", 0.0)
    back.send(b"c", 0.0)
    first.send(b"d", 0.0)
    assert [lane.deadline() for lane in (first, second, back)] == [1.0, 2.0, 0.1]
    assert first.next(1.0) == b"a"
    assert first.deadline() == 3.0


def test_giving_up() -> None:
    """Eight transmissions: 1, 2, 4 … 60 and 60 seconds; nothing comes after that."""
    lane = lane_of(Conditions(loss=1))
    lane.send(b"a", 5.0)
    assert lane.gives_up == 5 + 1 + 2 + 4 + 8 + 16 + 32 + 60 + 60
    lane.send(b"b", 6.0)
    assert (lane.deadline(), lane.next(1e9), lane.waiting) == (None, None, 2)
    lane = lane_of(Conditions(loss=0.5), *[0.1] * 7, 0.9)
    lane.send(b"a", 0.0)
    assert (lane.gives_up, arrivals(lane)) == (None, [(123, b"a")])


def test_other_conditions_for_what_is_on_its_way() -> None:
    air = RadioLink(Conditions(loss=1), 0.0)
    lane: DelayQueue[str] = DelayQueue(air, Direction.UPLINK, Lots())
    lane.send(b"ab", 0.0)
    lane.put("close", 1.0)
    air.change(Conditions(rtt=2, uplink=16), 10.0)
    lane.resend_all(10.0)
    assert lane.gives_up is None
    assert arrivals(lane) == [(12, b"ab"), (12, "close")]


NAME, REFUSED, TIMEOUT = StreamError.NAME, StreamError.REFUSED, StreamError.TIMEOUT
OPENINGS = {
    "at once": (Conditions(), True, (), ConnectAttempt(100, None)),
    "by address, half a round trip": (
        Conditions(rtt=0.5, dns="fails", dns_delay=1),
        False,
        (),
        ConnectAttempt(100.25, None),
    ),
    "by name": (Conditions(rtt=0.5, dns_delay=1), True, (), ConnectAttempt(101.75, None)),
    "jitter three times": (Conditions(jitter=1), True, (0.1, 0.2, 0.3), ConnectAttempt(100.6, None)),
    "no such name": (Conditions(rtt=0.5, dns="fails", dns_delay=1), True, (), ConnectAttempt(101.5, NAME)),
    "no name server": (Conditions(rtt=0.5, dns="silent", dns_delay=1), True, (), ConnectAttempt(110, NAME)),
    "a query lost": (Conditions(rtt=0.5, loss=0.1), True, (0.0, 0.9, 0.9), ConnectAttempt(105.75, None)),
    "refused": (Conditions(rtt=0.5, connect_result="refused"), False, (), ConnectAttempt(100.5, REFUSED)),
    "black-holed": (Conditions(connect_result="black-holed"), False, (), ConnectAttempt(223, TIMEOUT)),
    "no network": (Conditions(loss=1), False, (), ConnectAttempt(223, TIMEOUT)),
    "no network, by name": (Conditions(loss=1), True, (), ConnectAttempt(110, NAME)),
    "SYN lost twice": (Conditions(loss=0.1), False, (0.0, 0.0, 0.9), ConnectAttempt(103, None)),
    "in a gap": (Conditions(gap_interval=101, gap_duration=3), False, (), ConnectAttempt(101, None)),
}


@pytest.mark.parametrize(("conditions", "by_name", "lots", "expected"), OPENINGS.values(), ids=OPENINGS)
def test_how_connecting_goes(
    conditions: Conditions, by_name: bool, lots: tuple[float, ...], expected: ConnectAttempt
) -> None:
    attempt = RadioLink(conditions, 0.0).connect_attempt(by_name, 100.0, Lots(*lots))
    assert (round(attempt.at, 9), attempt.error) == expected


MIXES = st.builds(
    Conditions,
    rtt=st.floats(0, 60),
    jitter=st.floats(0, 60),
    uplink=st.sampled_from((0, 1, 9600, 62_500, 1e9)),
    loss=st.floats(0, 0.3),
    rto=st.floats(0.001, 60),
    gap_interval=st.floats(50, 500),
    gap_duration=st.floats(0, 20),
)
SENT = st.lists(st.tuples(st.floats(0, 100), st.binary(max_size=3 * SEGMENT_BYTES)), max_size=8)


@given(MIXES, st.none() | MIXES, SENT, st.integers())
def test_any_mix_delivers_the_same_bytes_in_order_and_again_the_same(
    conditions: Conditions, later: Conditions | None, sent: list[tuple[float, bytes]], seed: int
) -> None:
    """A change of conditions in the middle changes nothing in that; and the same lots give the same times."""

    def run() -> list[tuple[float, bytes | str]]:
        air = RadioLink(conditions, 0.0)
        lane: DelayQueue[str] = DelayQueue(air, Direction.UPLINK, Random(seed))
        got, now = [], 0.0
        for number, (pause, data) in enumerate(sent):
            now += pause
            while (item := lane.next(now)) is not None:
                got.append((now, item))
            if later is not None and number == 4:
                air.change(later, now)
                lane.resend_all(now)
            lane.send(data, now)
        if lane.gives_up is not None:  # nine losses in a row: as good as none
            air.change(Conditions(), now)
            lane.resend_all(now)
        ends = arrivals(lane)
        assert [at for at, _ in ends] == sorted(at for at, _ in ends)
        assert all(at > now - 1e-6 for at, _ in ends)
        return got + ends

    times = run()
    assert b"".join(item for _, item in times if isinstance(item, bytes)) == b"".join(data for _, data in sent)
    assert run() == times
