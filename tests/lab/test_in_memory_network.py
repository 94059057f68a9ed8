"""The broker and the clock in memory, seen from a module's streams."""

from modemlab.clocks.simulated import SimulatedClock
from modemlab.lab.in_memory_network import InMemoryNetwork
from modemlab.module.effects import (
    CloseStream,
    Effect,
    OpenStream,
    PauseStream,
    Reply,
    ResumeStream,
    SendStream,
    StreamFailed,
    StreamReceived,
)
from modemlab.mqtt.packets import Connack, Connect, Publish, Suback, Subscribe, encode


class Owner:
    """Keeps what it is told of its streams."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []
        self.heard = b""

    def on_reply(self, reply: Reply) -> None:
        """Keep it."""
        match reply:
            case StreamReceived(data=data):
                self.heard += data
            case StreamFailed(stream, error):
                self.told.append((error.name, stream))
            case _:
                self.told.append((type(reply).__name__, reply[0]))


def joined(*effects: Effect) -> tuple[InMemoryNetwork, Owner]:
    """A broker, and an owner whose stream 1 has connected and subscribed to `a`, and then did this."""
    in_memory_network, owner = InMemoryNetwork(), Owner()
    streams = in_memory_network.streams(owner)
    streams.perform([OpenStream(1, "broker.example", 1883)])
    assert owner.told == []
    in_memory_network.timeline.advance(0)
    streams.perform([SendStream(1, encode(Connect("pump", keep_alive=60)) + encode(Subscribe(1, (("a", 1),))))])
    assert owner.heard == b""
    in_memory_network.timeline.advance(0)
    assert (owner.told, owner.heard) == ([("StreamOpened", 1)], encode(Connack(0)) + encode(Suback(1, (1,))))
    owner.heard = b""
    streams.perform(effects)
    return in_memory_network, owner


def test_a_stream_that_is_paused_hears_later() -> None:
    in_memory_network, owner = joined(PauseStream(1))
    in_memory_network.publish("a", b"b")
    in_memory_network.timeline.advance(1)
    assert owner.heard == b""
    (link,) = in_memory_network._links.values()
    link._streams.perform([ResumeStream(1)])
    in_memory_network.timeline.advance(0)
    assert owner.heard == encode(Publish("a", b"b"))


def test_streams_that_are_held_hear_later() -> None:
    in_memory_network, owner = joined()
    (link,) = in_memory_network._links.values()
    link._streams.set_reading_paused(True)
    in_memory_network.publish("a", b"b")
    in_memory_network.timeline.advance(1)
    assert owner.heard == b""
    link._streams.set_reading_paused(False)
    in_memory_network.timeline.advance(0)
    assert owner.heard == encode(Publish("a", b"b"))


def test_what_ends_a_stream_is_told_to_the_other_end_alone() -> None:
    for end in (CloseStream(1), None):
        in_memory_network, owner = joined(*([] if end is None else [end]))
        if end is None:
            (link,) = in_memory_network._links.values()
            link._streams.reset(1)
        assert in_memory_network._links == {}
        assert [state.session for state in in_memory_network.router.sessions.values()] == []
        in_memory_network.timeline.advance(1000)
        assert owner.told == [("StreamOpened", 1)]


def test_the_broker_ends_who_is_silent() -> None:
    """After one and a half keep alives, and ten seconds without CONNECT."""
    in_memory_network, owner = joined()
    in_memory_network.timeline.advance(89.9)
    assert owner.told == [("StreamOpened", 1)]
    in_memory_network.timeline.advance(0.1)
    assert owner.told == [("StreamOpened", 1), ("StreamClosed", 1)]
    in_memory_network, owner = InMemoryNetwork(), Owner()
    in_memory_network.streams(owner).perform([OpenStream(7, "broker.example", 1883)])
    in_memory_network.timeline.advance(10)
    assert owner.told == [("StreamOpened", 7), ("StreamClosed", 7)]


def test_an_idle_connection_keeps_one_timer() -> None:
    """However much it says: none is left behind."""
    in_memory_network, owner = joined()
    (link,) = in_memory_network._links.values()
    for _ in range(100):
        link._streams.perform([SendStream(1, encode(Publish("a", b"b")))])
        in_memory_network.timeline.advance(0.1)
    assert len(owner.heard) == 100 * len(encode(Publish("a", b"b")))
    assert len(in_memory_network.timeline._timers) < 4


def test_timers_come_in_order_and_may_be_cancelled() -> None:
    timeline = SimulatedClock()
    told: list[object] = []
    timeline.call_later(2, lambda: told.append(timeline.now()))
    timeline.call_later(1, lambda: told.append("one"))

    def chain() -> None:
        timeline.call_later(0, lambda: told.append("then"))

    timeline.call_later(1, chain)
    timeline.call_later(1.5, lambda: told.append("never")).cancel()
    timeline.advance(0.5)
    assert told == []
    timeline.advance(9.5)
    assert told[:2] == ["one", "then"]
    assert told[2:] == [2 + 1e-9]
    assert timeline.now() == 10
    timeline.call_later(5, told.clear)
    timeline.advance(60, until=lambda: not told)
    assert round(timeline.now(), 6) == 15
