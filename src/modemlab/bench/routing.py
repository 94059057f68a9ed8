"""The embedded broker without its sockets: who is connected, who is subscribed to what, what goes where.

A `Router` answers the events of its `ServerSession`s. It sends nothing itself: every session that has bytes
to send or is over is put into `touched`, for the owner to look after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import NamedTuple

from modemlab.mqtt.packets import MAX_REMAINING, Connect, Publish, Subscribe, Unsubscribe, encode
from modemlab.mqtt.server import Disconnected, Event, ServerSession
from modemlab.mqtt.state import SessionState
from modemlab.mqtt.topics import Retained, Subscriptions, check_name, too_deep
from modemlab.net.fields import Number, misfit


class Limits(NamedTuple):
    """What bounds the broker's memory; whatever goes beyond is refused or dropped, and the log says so."""

    connections: int = 10_000
    """Open TCP connections; one more is closed at once."""
    connect_timeout: float = 10.0
    """Seconds a connection has for its CONNECT."""
    max_packet: int = 4_194_304
    """Bytes after the fixed header of the largest packet; a longer one ends the connection."""
    sessions: int = 10_000
    """Sessions, connected or not; one more client gets return code 3."""
    subscriptions: int = 1000
    """Subscriptions of one session; one more gets 128."""
    filters: int = 1000
    """Topic filters in one SUBSCRIBE; those beyond get 128."""
    queued_messages: int = 40_000
    """QoS 1 and 2 messages queued for one session, beyond the 20 on their way; the newest is dropped. One read
    of a publisher brings fewer, so that flow control (`modemlab.bench.broker`) comes in time.
    """
    queued_bytes: int = 8_388_608
    """Bytes of topic and payload in that queue (a single message may have more)."""
    retained_messages: int = 10_000
    """Topics with a retained message; one more is passed on but not retained."""
    retained_bytes: int = 8_388_608
    """Bytes of topic and payload of all retained messages."""


GRANT = Number(0, 2, "", whole=True)
"""The QoS that a broker may grant to every subscription, whatever it asks for."""


def make_message(topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> Publish:
    """A message of the broker's own. Raises ValueError that says what is wrong with it."""
    check_name(topic)
    if qos not in {0, 1, 2}:
        raise ValueError(f"QoS {qos} is not 0, 1 or 2")
    if len(topic.encode()) + len(payload) + 4 > MAX_REMAINING:
        raise ValueError("the message is longer than an MQTT packet")
    return Publish(topic, payload, qos, retain)


class Router:
    """Sessions, subscriptions, retained messages, and the answers to what clients ask."""

    __slots__ = (
        "_limits",
        "_retained",
        "_subscriptions",
        "authenticate",
        "grant",
        "log",
        "may_subscribe",
        "observers",
        "sessions",
        "touched",
    )

    def __init__(
        self,
        limits: Limits,
        *,
        authenticate: Callable[[Connect], int] = lambda _: 0,
        may_subscribe: Callable[[str, str], bool] = lambda *_: True,
        grant: int | None = None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make an empty router. `authenticate` gives the return code of a CONNECT; `may_subscribe` says
        whether a client id may have a filter (else 128); `grant` is the QoS that every subscription gets, that which it
        asks for if it is None; `log` takes one line at a time. Raises ValueError for a QoS that there is not.
        """
        if grant is not None and not GRANT.fits(grant):
            raise ValueError(misfit("grant", grant, GRANT))
        self.sessions: dict[str, SessionState] = {}
        self.touched: set[ServerSession] = set()
        self.observers: list[Callable[[str, Publish], None]] = []
        self.authenticate = authenticate
        self.may_subscribe = may_subscribe
        self.grant = grant
        self.log = log
        self._limits = limits
        self._subscriptions: Subscriptions[SessionState] = Subscriptions()
        self._retained: Retained[Publish] = Retained(limits.retained_messages, limits.retained_bytes)

    def handle(self, session: ServerSession, events: Sequence[Event], now: float) -> None:
        """Do what the events of a session ask for."""
        self.touched.add(session)
        for event in events:
            if isinstance(event, Publish):
                self.publish(event, session)
            elif isinstance(event, Subscribe):
                self._subscribe(session, event)
            elif isinstance(event, Unsubscribe):
                self._unsubscribe(session, event)
            elif isinstance(event, Connect):
                self._connect(session, event, now)
            else:
                self._disconnected(session, event)

    def publish(self, message: Publish, origin: ServerSession | None = None) -> None:
        """Retain a message if it asks for that, and send it to everyone subscribed to its topic: once, with
        the highest QoS granted by the filters that match, and never above its own (3.1.1, 3.3.5).

        QoS 1 and 2 messages are queued for absent clients, QoS 0 messages are not. `origin` is for the
        observers.
        """
        topic, payload, qos, retain, dup, _ = message
        if self.observers:
            client_id = origin.state.client_id if origin is not None and origin.state is not None else ""
            for observer in tuple(self.observers):
                observer(client_id, message)
        if retain:
            self._retain(message)
        holders = self._subscriptions.find(topic)
        if not holders:
            return
        packet = b""
        reduced: Publish | None = None
        if retain:
            message = Publish(topic, payload, qos)
        for state, granted in holders:
            session = state.session
            if qos == 0 or granted == 0:
                if session is not None:
                    packet = packet or encode(message if not qos | dup else Publish(topic, payload))
                    session.push(packet)
                    self.touched.add(session)
                continue
            wanted = message
            if granted < qos:
                wanted = reduced = reduced or Publish(topic, payload, granted)
            self._deliver(state, session, wanted)

    def _deliver(self, state: SessionState, session: ServerSession | None, message: Publish) -> None:
        """Send or queue a QoS 1 or 2 message for one client."""
        if session is None:
            state.store(message)
        else:
            session.deliver(message)
            self.touched.add(session)

    def _retain(self, message: Publish) -> None:
        topic, payload, qos, _, _, _ = message
        if not payload:
            self._retained.remove(topic)
        elif not self._retained.put(topic, Publish(topic, payload, qos, True), len(topic) + len(payload)):
            self.log(f"not retained, the store is full or the topic too deep: {topic!r}")

    def _connect(self, session: ServerSession, connect: Connect, now: float) -> None:
        code = self.authenticate(connect)
        client_id = connect.client_id or f"auto-{token_hex(8)}"
        if code == 0 and client_id not in self.sessions and len(self.sessions) >= self._limits.sessions:
            code = 3
        if code:
            self.handle(session, session.refuse(code), now)
            return
        state = self.sessions.get(client_id)
        if state is not None and state.session is not None:
            self.handle(state.session, state.session.end("its client id connected again"), now)
            state = self.sessions.get(client_id)
        if state is not None and connect.clean_session:
            self._discard(state)
            state = None
        present = state is not None
        if state is None:
            state = self.sessions[client_id] = SessionState(
                client_id,
                max_messages=self._limits.queued_messages,
                max_bytes=self._limits.queued_bytes,
            )
        state.clean = connect.clean_session
        version = "3.1" if connect.level == 3 else "3.1.1"
        self.log(f"{client_id!r} connected (MQTT {version}, keep alive {connect.keep_alive} s)")
        self.handle(session, session.accept(state, present, now), now)

    def _disconnected(self, session: ServerSession, event: Disconnected) -> None:
        state = session.state
        name = state.client_id if state is not None else session.connect.client_id if session.connect else None
        self.log(f"{'a connection' if name is None else repr(name)} ended: {event.reason}")
        if state is not None:
            if state.dropped:
                self.log(f"{state.client_id!r} lost {state.dropped} messages to a bound")
                state.dropped = 0
            if state.clean:
                self._discard(state)
        if event.will is not None:
            topic, payload, qos, retain = event.will
            self.publish(Publish(topic, payload, qos, retain), session)

    def _discard(self, state: SessionState) -> None:
        """Forget a session and its subscriptions."""
        for topic_filter in state.subscriptions:
            self._subscriptions.remove(topic_filter, state)
        if self.sessions.get(state.client_id) is state:
            del self.sessions[state.client_id]

    def _subscribe(self, session: ServerSession, packet: Subscribe) -> None:
        state = session.state
        if state is None:
            return
        codes: list[int] = []
        for topic_filter, qos in packet.filters:
            if len(codes) < self._limits.filters and self._grants(state, topic_filter):
                granted = qos if self.grant is None else self.grant
                self._subscriptions.add(topic_filter, state, granted)
                state.subscriptions[topic_filter] = granted
                codes.append(granted)
            else:
                codes.append(128)
        if refused := codes.count(128):
            first = packet.filters[codes.index(128)][0]
            more = f" and {refused - 1} more" if refused > 1 else ""
            self.log(f"{state.client_id!r} may not subscribe to {first!r}{more}")
        session.suback(packet.packet_id, tuple(codes))
        dropped = state.dropped
        for (topic_filter, _), granted in zip(packet.filters, codes, strict=True):
            if granted != 128:
                self._send_retained(state, session, topic_filter, granted)
                if state.dropped != dropped:
                    return  # a few bytes could ask for each retained message a thousand times

    def _grants(self, state: SessionState, topic_filter: str) -> bool:
        """Whether a client may have a filter, and there is room for it."""
        full = len(state.subscriptions) >= self._limits.subscriptions and topic_filter not in state.subscriptions
        return not full and not too_deep(topic_filter) and self.may_subscribe(state.client_id, topic_filter)

    def _send_retained(self, state: SessionState, session: ServerSession, topic_filter: str, granted: int) -> None:
        for message in self._retained.find(topic_filter):
            qos = min(message.qos, granted)
            chosen = message if qos == message.qos else Publish(message.topic, message.payload, qos, True)
            if qos == 0:
                session.push(encode(chosen))
            else:
                self._deliver(state, session, chosen)

    def _unsubscribe(self, session: ServerSession, packet: Unsubscribe) -> None:
        state = session.state
        if state is None:
            return
        for topic_filter in packet.filters:
            if state.subscriptions.pop(topic_filter, None) is not None:
                self._subscriptions.remove(topic_filter, state)
        session.unsuback(packet.packet_id)
