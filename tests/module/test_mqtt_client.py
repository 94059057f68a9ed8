"""A client by itself: states, effects, identifiers, events (MQTT guide V1.1, figure 1)."""

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.mqtt_events import Cause, Event, Network, OpenResult, State
from modemlab.dialect.network import StreamError
from modemlab.module.connections import Connections
from modemlab.module.effects import (
    CloseStream,
    Effect,
    OpenStream,
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
)
from modemlab.module.mqtt_client import MqttClient
from modemlab.mqtt import packets as p
from modemlab.mqtt.events import IncomingMessage, Options, RequestKind

LATEST = Options(4)
NETWORK = Network("h", 1883, 1, 120.0)


class Bench:
    """A client with what it told and asked for."""

    def __init__(self) -> None:
        """A client that is closed."""
        self.told: list[Event] = []
        self.effects: list[Effect] = []
        self.client = MqttClient(2, self.told.append, Connections(self.effects))

    def connected(self, options: Options = LATEST) -> "Bench":
        """Open and connect, then forget what happened."""
        self.client.open(NETWORK, 0.0)
        self.client.on_reply(StreamOpened(1), 0.0)
        self.client.connect(options, "c", None, None, None, 0.0)
        self.hear(p.Connack(0))
        self.forget()
        return self

    def hear(self, *heard: p.Packet, now: float = 0.0) -> None:
        """Packets come from the server in one go."""
        self.client.on_reply(StreamReceived(1, b"".join(p.encode(packet) for packet in heard)), now)

    def forget(self) -> None:
        """Forget what was told and asked for."""
        self.told.clear()
        self.effects.clear()


def sent(bench: Bench) -> list[p.Packet]:
    """The packets sent since the last look."""
    decoder = p.Decoder(False)
    found = [packet for e in bench.effects if isinstance(e, SendStream) for packet in decoder.feed(e.data)]
    bench.effects.clear()
    return found


def test_from_open_to_disconnected() -> None:
    bench = Bench()
    client = bench.client
    assert (client.state, client.used, client.deadline()) == (State.CLOSED, False, None)
    client.open(NETWORK, 5.0)
    assert (client.state, client.used, client.deadline()) == (State.OPENING, True, 125.0)
    assert bench.effects == [OpenStream(1, "h", 1883, client=2)]
    client.on_reply(StreamOpened(1), 0.0)
    assert bench.told == [events.Opened(2, OpenResult.OPENED)]
    assert client.deadline() is None
    bench.forget()
    client.connect(Options(4, keep_alive=60), "c", "u", b"p", None, 6.0)
    assert client.state is State.CONNECTING
    assert client.deadline() == 11.0
    assert sent(bench) == [p.Connect("c", 4, True, 60, None, "u", b"p")]
    bench.hear(p.Connack(0), now=7.0)
    assert bench.told == [events.Connected(2, 0)]
    assert client.deadline() == 66.0
    bench.forget()
    client.disconnect(8.0)
    assert bench.effects == [SendStream(1, p.encode(p.Disconnect())), CloseStream(1)]
    assert bench.told == [events.Disconnected(2)]
    assert (client.state, client.stream, client.session) == (State.CLOSED, 0, None)
    client.open(NETWORK, 9.0)
    assert bench.effects[-1] == OpenStream(2, "h", 1883, client=2)


def test_why_it_does_not_open() -> None:
    for error in StreamError:
        bench = Bench()
        bench.client.open(NETWORK, 0.0)
        bench.client.on_reply(StreamFailed(1, error), 0.0)
        outcome = OpenResult.NO_NAME if error is StreamError.NAME else OpenResult.FAILED
        assert [told[:2] for told in bench.told] == [(2, outcome)]
        assert bench.client.state is State.CLOSED
        assert bench.effects == [OpenStream(1, "h", 1883, client=2)]


def test_opening_takes_its_time_at_most() -> None:
    bench = Bench()
    bench.client.open(NETWORK, 0.0)
    bench.client.advance(119.9)
    assert bench.told == []
    bench.client.advance(120.0)
    assert [told[:2] for told in bench.told] == [(2, OpenResult.FAILED)]
    assert bench.effects[-1] == CloseStream(1)
    assert bench.client.deadline() is None


def test_closing_in_any_state() -> None:
    bench = Bench()
    bench.client.close()
    assert (bench.told, bench.effects) == ([events.Closed(2)], [])
    bench = Bench()
    bench.client.open(NETWORK, 0.0)
    bench.client.close()
    assert (bench.told, bench.effects[1:]) == ([events.Closed(2)], [CloseStream(1)])
    bench = Bench().connected()
    bench.client.close()
    assert (bench.told, bench.effects) == ([events.Closed(2)], [CloseStream(1)])


def test_how_a_link_ends_by_itself() -> None:
    bench = Bench().connected()
    bench.client.on_reply(StreamClosed(1), 0.0)
    assert bench.told == [events.Lost(2, Cause.PEER_CLOSED)]
    bench = Bench().connected()
    bench.client.network_lost()
    assert bench.told == [events.Lost(2, Cause.NETWORK_LOST)]
    bench = Bench().connected()
    bench.hear(p.Puback(9))
    (lost,) = bench.told
    assert isinstance(lost, events.Lost)
    assert lost.cause is Cause.PROTOCOL
    assert lost.detail
    bench = Bench()
    bench.client.network_lost()
    assert bench.told == []
    bench.client.open(NETWORK, 0.0)
    bench.client.network_lost()
    assert bench.told == [events.Opened(2, OpenResult.NETWORK_LOST)]
    bench = Bench().connected(Options(4, keep_alive=10, packet_timeout=3.0, retries=0))
    bench.client.advance(10.0)
    bench.client.on_reply(StreamClosed(1), 0.0)
    assert bench.told == [events.PingFailed(2), events.Lost(2, Cause.PEER_CLOSED, "PINGREQ was unanswered")]


def test_a_message_ahead_of_what_breaks_the_protocol_is_told() -> None:
    bench = Bench().connected()
    bench.hear(p.Publish("a", b"x", 1, packet_id=3), p.Puback(9), p.Publish("b", b"y"))
    assert [type(told) for told in bench.told] == [events.Received, events.Lost]
    assert bench.effects == [CloseStream(1)]


def test_an_acknowledgement_after_the_end_goes_nowhere() -> None:
    bench = Bench().connected()
    session = bench.client.session
    bench.hear(p.Publish("a", b"x", 1, packet_id=3))
    bench.client.on_reply(StreamClosed(1), 0.0)
    bench.forget()
    bench.client.acknowledge(session, IncomingMessage(3, "a", b"x", 1, False, False), False, 1.0)
    assert bench.effects == []


def test_identifiers_of_the_modules_own() -> None:
    bench = Bench().connected()
    bench.client.subscribe(0, (("a", 0),), 0.0)
    bench.client.unsubscribe(0, ("b",), 0.0)
    bench.client.subscribe(7, (("c", 0),), 0.0)
    assert sent(bench) == [p.Subscribe(65535, (("a", 0),)), p.Unsubscribe(65534, ("b",)), p.Subscribe(7, (("c", 0),))]
    bench.hear(p.Unsuback(65534), p.Suback(7, (1,)), p.Suback(65535, (128,)))
    assert bench.told == [
        events.Completed(2, RequestKind.UNSUBSCRIBE, 0, ()),
        events.Completed(2, RequestKind.SUBSCRIBE, 7, (1,)),
        events.Completed(2, RequestKind.SUBSCRIBE, 0, (128,)),
    ]


def test_qos_0_is_complete_at_once() -> None:
    bench = Bench().connected()
    bench.client.publish(0, "a", b"x", 0, True, 0.0)
    assert sent(bench) == [p.Publish("a", b"x", 0, True)]
    assert bench.told == [events.Completed(2, RequestKind.PUBLISH, 0, ())]


def test_stored_messages() -> None:
    bench = Bench().connected()
    client = bench.client
    client.stored = True
    assert client.fetch(0) is None
    bench.hear(*(p.Publish("a", b"%d" % n, 1, packet_id=n) for n in range(1, 8)))
    assert [(told.slot, told.message.packet_id) for told in bench.told if isinstance(told, events.Stored)] == [
        (n, n + 1) for n in range(5)
    ]
    assert bench.effects == []
    bench.forget()
    taken = client.fetch(4)
    assert taken is not None
    assert taken.packet_id == 5
    (moved,) = bench.told
    assert isinstance(moved, events.Stored)
    assert (moved.slot, moved.message.packet_id) == (4, 6)
    client.acknowledge(client.session, moved.message, True, 1.0)
    assert sent(bench) == [p.Puback(6)]
    client.abort()
    assert client.fetch(0) is None
