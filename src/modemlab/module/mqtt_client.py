"""One MQTT client of a module: its connection from the open stream to the end, told as events."""

from collections.abc import Callable
from typing import Any

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.mqtt_events import Cause, Event, Network, OpenResult, State, Storage
from modemlab.dialect.network import StreamError
from modemlab.module.connections import Connections
from modemlab.module.effects import (
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
    StreamReply,
    StreamSendBufferFull,
)
from modemlab.module.message_store import PLAIN, MessageStore
from modemlab.mqtt import events as mqtt
from modemlab.mqtt.client import ClientSession
from modemlab.mqtt.other_protocols import MAX_EXAMINED_BYTES
from modemlab.mqtt.values import ConnectWill

# Read as often as a message passes: an enumeration's attributes cost three times as much.
OPENING, CONNECTING = State.OPENING, State.CONNECTING
_new: Callable[..., Any] = tuple.__new__


class MqttClient:
    """A slot for one connection, a user of `connections`.

    `tell` is called with each event. With `stored` set, messages wait in slots, of the shape `storage`, instead
    of being shown at once.
    """

    __slots__ = (
        "_aliases",
        "_connections",
        "_previous",
        "_storage",
        "_tell",
        "inbox",
        "index",
        "network",
        "opened_at",
        "paused",
        "read_paused",
        "session",
        "state",
        "stored",
        "stream",
        "used",
    )

    def __init__(
        self, index: int, tell: Callable[[Event], None], connections: Connections, storage: Storage = PLAIN
    ) -> None:
        self.index, self._tell, self._connections = index, tell, connections
        self._storage = storage
        self.state = State.CLOSED
        self.network: Network | None = None
        self.session: ClientSession | None = None
        self.stream = 0
        self.stored = self.used = self.paused = self.read_paused = False
        self.inbox: MessageStore | None = None
        # The session before, if it was a persistent one: its QoS 2 identifiers outlive it (MQTT 3.1.1, 4.3.3).
        self._previous: tuple[str, ClientSession] | None = None
        self._aliases: dict[int, int] | None = None
        self.opened_at = 0.0

    # the host's requests; `modemlab.dialect.device.MqttClientSlot` says what each does

    def open(self, network: Network, now: float) -> None:
        self.used = True
        self.network = network
        self.state = State.OPENING
        self.opened_at = now
        self.stream = self._connections.open(self, network.host, network.port, network.tls)

    def connect(
        self,
        options: mqtt.Options,
        client_id: str,
        username: str | None,
        password: bytes | None,
        will: ConnectWill | None,
        now: float,
    ) -> None:
        previous = self._previous
        same = previous is not None and not options.clean_session and previous[0] == client_id
        session = ClientSession(options, previous[1].received if previous is not None and same else None)
        session.connect(client_id, username, password, will, now)
        self.session = session
        self._previous = None if options.clean_session else (client_id, session)
        self.state = State.CONNECTING
        self.flush()

    def subscribe(self, packet_id: int, filters: tuple[tuple[str, int], ...], now: float) -> None:
        assert self.session is not None
        wire = self._wire(packet_id)
        self.session.subscribe(wire, filters, now)
        self._remember(packet_id, wire)
        self.flush()

    def unsubscribe(self, packet_id: int, filters: tuple[str, ...], now: float) -> None:
        assert self.session is not None
        wire = self._wire(packet_id)
        self.session.unsubscribe(wire, filters, now)
        self._remember(packet_id, wire)
        self.flush()

    def publish(self, packet_id: int, topic: str, payload: bytes, qos: int, retain: bool, now: float) -> None:
        assert self.session is not None
        self.session.publish(packet_id, topic, payload, qos, retain, now)
        self.flush()
        if qos == 0:
            self._tell(events.Completed(self.index, mqtt.RequestKind.PUBLISH, packet_id, ()))

    def check_publish(self, packet_id: int, qos: int) -> None:
        if self.session is not None:
            self.session.check_publish(packet_id, qos)

    def in_flight(self, packet_id: int) -> bool:
        return self.session is not None and self.session.in_flight(packet_id)

    def disconnect(self, now: float, keep: bool = False) -> None:
        assert self.session is not None
        self.session.disconnect(now)
        self.flush()
        if keep:
            self.state, self._aliases = State.OPEN, None
        else:
            self.abort()
        self._tell(events.Disconnected(self.index))

    def close(self) -> None:
        self.abort()
        self._tell(events.Closed(self.index))

    @property
    def waiting(self) -> tuple[int, ...]:
        return () if self.inbox is None else self.inbox.waiting

    def fetch(self, slot: int) -> mqtt.IncomingMessage | None:
        """Take the message of a slot, and let those held back move up."""
        inbox = self.inbox
        if inbox is None:
            return None
        message = inbox.take(slot)
        while (moved := inbox.refill()) is not None:
            self._tell(events.Stored(self.index, *moved))
        self.read_paused = self.inbox is not None and self.inbox.full
        return message

    def acknowledge(
        self, session: ClientSession | None, message: mqtt.IncomingMessage, stored: bool, now: float
    ) -> None:
        """The message is the host's now: answer its PUBLISH, if its connection still stands.

        One that was `stored` went with its connection, so that the server has to deliver it again.
        """
        if message.qos and session is not None and (session is self.session or not stored):
            session.acknowledge(message.packet_id, now)
            if session is self.session:
                self.flush()

    # the world's answers

    def on_reply(self, reply: StreamReply, now: float) -> None:
        """Bytes came from the server, or the connection stands, could not be made or is over."""
        if type(reply) is StreamReceived:
            data = reply.data
            if self.session is None:
                self._lose(Cause.PROTOCOL, "", data[:MAX_EXAMINED_BYTES])
                return
            said = (self._said() + data)[:MAX_EXAMINED_BYTES] if self.state is CONNECTING else b""
            for event in self.session.receive(data, now):
                self._follow(event, said)
            self.flush()
            return
        match reply:
            case StreamOpened():
                self.state = State.OPEN
                self._tell(events.Opened(self.index, OpenResult.OPENED))
            case StreamFailed(error=error, detail=detail):
                self._fail(error, detail)
            case StreamClosed(detail=detail):
                if self.session is not None and self.session.ping_outstanding:
                    self._tell(events.PingFailed(self.index))
                    detail = detail or "PINGREQ was unanswered"
                self._lose(Cause.PEER_CLOSED, detail, self._said())
            case StreamSendBufferFull():
                self._lose(Cause.CHOKED)

    def network_lost(self) -> None:
        if self.state is State.OPENING:
            self.abort()
            self._tell(events.Opened(self.index, OpenResult.NETWORK_LOST))
        elif self.state is not State.CLOSED:
            self._lose(Cause.NETWORK_LOST)

    # time

    def advance(self, now: float) -> None:
        """Let time pass: the attempt to open ends, packets are repeated, PINGREQ is sent."""
        if self.state is State.OPENING:
            if self.network is not None and now >= self.opened_at + self.network.timeout:
                stream = self.stream
                self._fail(StreamError.TIMEOUT)
                self._connections.close(stream)
        elif self.session is not None:
            for event in self.session.advance(now):
                self._follow(event)
            self.flush()

    def deadline(self) -> float | None:
        if self.state is OPENING and self.network is not None:
            return self.opened_at + self.network.timeout
        return self.session.deadline() if self.session is not None else None

    @property
    def context(self) -> int | None:
        return None if self.network is None else self.network.context

    @property
    def opening(self) -> bool:
        return self.state is State.OPENING

    @property
    def partial_packet(self) -> bytes:
        return b"" if self.session is None else self.session.incomplete

    # inside

    def flush(self) -> None:
        """Hand what the session has to send to the shell."""
        if self.session is not None and (data := self.session.take()):
            self._connections.effects.append(_new(SendStream, (self.stream, data)))

    def _wire(self, packet_id: int) -> int:
        """The identifier on the wire; one of the module's own stands for 0."""
        assert self.session is not None
        return packet_id or self.session.free_identifier()

    def _remember(self, packet_id: int, wire: int) -> None:
        """A packet went out under that identifier, which the host knows by another."""
        if wire != packet_id:
            self._aliases = {**(self._aliases or {}), wire: packet_id}

    def _shown(self, packet_id: int, done: bool = True) -> int:
        """The identifier as the host gave it."""
        if self._aliases is None:
            return packet_id
        return (self._aliases.pop if done else self._aliases.get)(packet_id, packet_id)

    def _said(self) -> bytes:
        """What the server has sent so far in place of CONNACK."""
        return self.session.incomplete if self.session is not None and self.state is State.CONNECTING else b""

    def _follow(self, event: mqtt.Event, said: bytes = b"") -> None:
        """Say what the session says, in terms of this client; `said` is what has come while CONNACK is awaited."""
        index, tell = self.index, self._tell
        if type(event) is mqtt.SessionCompleted:
            kind, packet_id, codes = event
            if self._aliases is not None:
                packet_id = self._shown(packet_id)
            tell(_new(events.Completed, (index, kind, packet_id, codes)))
            return
        match event:
            case mqtt.IncomingMessage():
                self._receive(event)
            case mqtt.SessionRecorded(packet_id):
                tell(events.Recorded(index, self._shown(packet_id, done=False)))
            case mqtt.SessionRepeated(kind, packet_id, times, stage):
                tell(events.Repeated(index, kind, self._shown(packet_id, done=False), times, stage))
            case mqtt.SessionConnected():
                self.state = State.CONNECTED
                tell(events.Connected(index, 0))
            case mqtt.ConnectRefused(code):
                tell(events.Connected(index, code))
                self._lose(Cause.NO_CONNACK)
            case mqtt.ConnectTimedOut():
                tell(events.ConnectUnanswered(index))
                self._lose(Cause.NO_CONNACK)
            case mqtt.SessionGaveUp(kind, packet_id):
                tell(events.GaveUp(index, kind, self._shown(packet_id)))
                self._lose(Cause.PACKETS_FAIL)
            case mqtt.SessionPingFailed():
                tell(events.PingFailed(index))
                self._lose(Cause.PING_FAILED)
            case mqtt.Violation(reason):
                self._lose(Cause.PROTOCOL, reason, said)

    def _receive(self, message: mqtt.IncomingMessage) -> None:
        """A message came: show it, or put it into a slot."""
        if not self.stored:
            self._tell(events.Received(self.index, message))
            return
        if self.inbox is None:
            self.inbox = MessageStore(self._storage)
        slot = self.inbox.put(message)
        self.read_paused = self.inbox.full
        if slot is not None:
            self._tell(events.Stored(self.index, slot, message))

    def _fail(self, error: StreamError, detail: str = "") -> None:
        """The connection could not be made; `detail` says more for the log."""
        self._connections.forget(self.stream)
        self.state = State.CLOSED
        self.stream = 0
        outcome = OpenResult.NO_NAME if error is StreamError.NAME else OpenResult.FAILED
        self._tell(events.Opened(self.index, outcome, error, detail))

    def _lose(self, cause: Cause, detail: str = "", said: bytes = b"") -> None:
        """The link ended by itself."""
        state = self.state
        self.abort()
        self._tell(events.Lost(self.index, cause, detail, state, said if state is not State.CONNECTED else b""))

    def abort(self) -> None:
        """Forget the connection; what waits in the slots goes with it."""
        if self.state is not State.CLOSED:
            self._connections.close(self.stream)
        self.state = State.CLOSED
        self.stream = 0
        self.paused = self.read_paused = False
        self.session = self.inbox = self._aliases = None
