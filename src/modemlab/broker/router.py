"""The embedded broker without its sockets: who is connected, who is subscribed to what, what goes where.

A `Router` answers the events of its `ServerSession`s. It sends nothing itself: every session that has bytes
to send or is over is put into `touched`, for the owner to look after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from secrets import token_hex

from modemlab.broker.limits import Limits, named
from modemlab.broker.refusal_log import Refusals, brief
from modemlab.mqtt.memory_budget import MESSAGE, SESSION, SUBSCRIPTION, MemoryBudget, size_of, size_of_levels
from modemlab.mqtt.packets import MAX_REMAINING, Connect, Publish, Subscribe, Unsubscribe, encode
from modemlab.mqtt.server import ConnectionEnded, Event, ServerSession
from modemlab.mqtt.session_changes import (
    Begun,
    Change,
    Cleared,
    Forgotten,
    Left,
    RetainedSet,
    Snapshot,
    Subscribed,
    Unsubscribed,
)
from modemlab.mqtt.session_state import SessionState
from modemlab.mqtt.topics import MAX_LEVELS, Retained, Subscriptions, check_name, too_deep
from modemlab.validation.fields import Number

NOT_AUTHORIZED = "not authorized"

GRANTED_QOS = Number(0, 2, whole=True)
"""The QoS that a broker may grant to every subscription, whatever QoS it requests."""


def check_grant(grant: int | None, name: str = "grant") -> None:
    """Raise ValueError for what is no QoS to grant; None grants what is asked for."""
    if grant is not None and not GRANTED_QOS.fits(grant):
        raise ValueError(GRANTED_QOS.misfit(name, grant))


def make_message(topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> Publish:
    """A message of the broker's own. Raises ValueError that says what is wrong with it."""
    check_name(topic)
    if qos not in {0, 1, 2}:
        raise ValueError(f"QoS {qos} is not 0, 1 or 2")
    if len(topic.encode()) + len(payload) + 4 > MAX_REMAINING:
        raise ValueError("the message is longer than an MQTT packet")
    return Publish(topic, payload, qos, retain)


class Router:
    """Sessions, subscriptions, retained messages, and the answers to what clients ask.

    `memory` counts what all of it keeps, which may be half of what the limits allow: the other half is for what
    connections keep, which the owner counts. `changes`, unless None, is told what changes in the sessions that outlive
    a connection, and in what is retained: the owner stores it, and empties the list, before it sends what `touched`
    sessions have to send.
    """

    __slots__ = (
        "_absent",
        "_limits",
        "_now",
        "_retained",
        "_subscriptions",
        "authenticate",
        "changes",
        "grant",
        "log",
        "may_subscribe",
        "memory",
        "observers",
        "refusals",
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
        check_grant(grant)
        self.sessions: dict[str, SessionState] = {}
        self.touched: set[ServerSession] = set()
        self.observers: list[Callable[[str, Publish], None]] = []
        self.authenticate = authenticate
        self.may_subscribe = may_subscribe
        self.grant = grant
        self.log = log
        # What is left of the half is for sessions alone: who is connected cannot keep others out by what it has.
        self.memory = MemoryBudget(limits.memory // 2 - limits.memory // 16)
        self.refusals = Refusals(log)
        self.changes: list[Change] | None = None
        self._limits = limits
        self._now = 0.0
        self._absent: dict[str, float] = {}  # since when, the longest first
        self._subscriptions: Subscriptions[SessionState] = Subscriptions()
        self._retained: Retained[Publish] = Retained(limits.retained_messages, limits.retained_bytes)

    def unacknowledged(self, clean: bool) -> tuple[int, int]:
        """How many messages clients have not acknowledged, and how many clients those are: of sessions that end with
        their connections, `clean`, or of the others.
        """
        counts = [state.waiting for state in self.sessions.values() if state.clean is clean and state.waiting]
        return sum(counts), len(counts)

    @property
    def next_expiry(self) -> float | None:
        """When `expire` has something to do, None if never."""
        for since in self._absent.values():
            return since + self._limits.session_expiry
        return None

    def handle(self, session: ServerSession, events: Sequence[Event], now: float) -> None:
        """Do what the events of a session ask for."""
        self.touched.add(session)
        self._now = now
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

    def close(self, session: ServerSession, now: float) -> None:
        """End a connection without its will, and without a word: the broker closes."""
        self._now = now
        session.end("the broker is closed")
        if session.state is not None:
            self._leave(session.state)

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
        shared = False
        if qos and len(holders) > 1:
            shared = True
            self.memory.share(message)
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
                if reduced is None:
                    reduced = Publish(topic, payload, granted)
                    if shared:
                        self.memory.share(reduced)
                wanted = reduced
            self._deliver(state, session, wanted)
        if shared:
            self.memory.unshare(message)
            if reduced is not None:
                self.memory.unshare(reduced)

    def expire(self, now: float) -> None:
        """Forget the sessions whose clients are absent too long."""
        while (at := self.next_expiry) is not None and at <= now:
            self._forget(f"its client is absent too long ({self._named('session_expiry')})")

    def full(self, what: str, client_id: str = "") -> str:
        """Log that the memory has no room for that; returns why."""
        reason = self._memory_full()
        text = f"{brief(client_id)}: {what}: {reason}" if client_id else f"{what}: {reason}"
        self.refusals.tell(f"memory: {what}", text, self._now)
        return reason

    def restore(self, kept: Snapshot, now: float) -> None:
        """Begin with what was stored. ValueError if the memory has no room for it."""
        for session in sorted(kept.sessions, key=lambda each: each.since):
            state = self._begin(session.client_id, clean=False)
            self._absent[session.client_id] = min(session.since, now)
            for topic_filter, qos in session.subscriptions:
                self._add(state, topic_filter, qos)
            for packet_id, message in session.messages:
                if packet_id is not None:
                    state.restore(packet_id, message)
                elif not state.store(message):
                    break
            state.released = dict.fromkeys(session.released)
            for packet_id in session.received:
                state.receive(packet_id)
            if state.dropped or not self.memory.room(0):
                raise ValueError(
                    f"more is stored than {self._named('memory')} and {self._named('queued_messages')} allow"
                )
        for message in kept.retained:
            if not self._keep(message):
                raise ValueError(
                    f"more is retained than {self._named('retained_messages')} and {self._named('memory')} allow"
                )

    def record(self, changes: list[Change] | None) -> None:
        """Tell from now on what changes in that list, or nowhere."""
        self.changes = changes
        for state in self.sessions.values():
            state.changes = None if state.clean else changes

    def _memory_full(self) -> str:
        return f"the memory of sessions is full ({self._named('memory')}, half of it)"

    def _named(self, limit: str) -> str:
        return named(self._limits, limit)

    def _deliver(self, state: SessionState, session: ServerSession | None, message: Publish) -> None:
        """Send or queue a QoS 1 or 2 message for one client."""
        if session is None:
            kept = state.store(message)
        else:
            kept = session.deliver(message)
            self.touched.add(session)
        if not kept:
            if self.memory.room(size_of(message)):
                bounds = f"{self._named('queued_messages')}, {self._named('queued_bytes')}"
                self.refusals.tell(
                    "queue", f"{brief(state.client_id)} loses messages: too many wait for it ({bounds})", self._now
                )
            else:
                self.full("a message is dropped", state.client_id)

    def _retain(self, message: Publish) -> None:
        topic = message.topic
        if message.payload:
            kept = self._keep(message)
        else:
            kept = False
            self.memory.used -= self._retained.kept
            self._retained.remove(topic)
            self.memory.used += self._retained.kept
        if self.changes is not None:
            self.changes.append(RetainedSet(message) if kept else Cleared(topic))

    def _keep(self, message: Publish) -> bool:
        """Retain a message, if there is room; otherwise the topic has none (3.1.1, 3.3.1-7)."""
        topic, payload, qos, _, _, _ = message
        size = MESSAGE + len(payload) + size_of_levels(topic)
        self.memory.used -= self._retained.kept
        room = self.memory.room(size + self._retained.kept)
        kept = self._retained.put(topic, Publish(topic, payload, qos, True), size) if room else False
        if not room:
            self._retained.remove(topic)
        self.memory.used += self._retained.kept
        if not room:
            self.full("a message is not retained")
        elif not kept:
            bounds = f"{self._named('retained_messages')}, {self._named('retained_bytes')}, {MAX_LEVELS} levels"
            self.refusals.tell(
                "retained",
                f"not retained: no room, or the topic has too many levels ({bounds}): {brief(topic)}",
                self._now,
            )
        return kept

    def _connect(self, session: ServerSession, connect: Connect, now: float) -> None:
        self.expire(now)
        code = self.authenticate(connect)
        client_id = connect.client_id or f"auto-{token_hex(8)}"
        if code == 0 and client_id not in self.sessions and not self._admits(client_id):
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
            state = self._begin(client_id, connect.clean_session)
            if state.changes is not None:
                state.changes.append(Begun(client_id))
        elif state.changes is not None:
            state.changes.append(Left(client_id, None))
        self._absent.pop(client_id, None)
        version = "3.1" if connect.level == 3 else "3.1.1"
        self.log(f"{brief(client_id)} connected (MQTT {version}, keep alive {connect.keep_alive} s)")
        self.handle(session, session.accept(state, present, now), now)

    def _admits(self, client_id: str) -> bool:
        """Whether there is room for one more session; the one whose client is absent longest makes it."""
        size = SESSION + len(client_id)
        while not self.memory.room(size):
            if not self._absent and self.memory.used + size <= self._limits.memory // 2:
                break
            reason = self.full("no more sessions", client_id)
            if not self._absent:
                return False
            self._forget(f"its client is absent longest, and {reason}")
        while len(self.sessions) >= self._limits.sessions:
            if not self._absent:
                reason = f"all clients are connected ({self._named('sessions')})"
                self.refusals.tell("sessions", f"{brief(client_id)}: no more sessions: {reason}", self._now)
                return False
            self._forget(f"its client is absent longest, and there are too many ({self._named('sessions')})")
        return True

    def _begin(self, client_id: str, clean: bool) -> SessionState:
        """A session that is new."""
        state = self.sessions[client_id] = SessionState(
            client_id,
            clean=clean,
            max_messages=self._limits.queued_messages,
            max_bytes=self._limits.queued_bytes,
            memory=self.memory,
        )
        self.memory.used += SESSION + len(client_id)
        state.changes = None if clean else self.changes
        return state

    def _disconnected(self, session: ServerSession, event: ConnectionEnded) -> None:
        state = session.state
        name = state.client_id if state is not None else session.connect.client_id if session.connect else None
        self.log(f"{'a connection' if name is None else brief(name)} ended: {event.reason}")
        if state is not None:
            if state.dropped:
                self.log(f"{brief(state.client_id)} lost {state.dropped} messages because of a limit")
                state.dropped = 0
            self._leave(state)
        if event.will is not None:
            topic, payload, qos, retain = event.will
            self.publish(Publish(topic, payload, qos, retain), session)

    def _leave(self, state: SessionState) -> None:
        """A client has left."""
        if state.session is not None or self.sessions.get(state.client_id) is not state:
            return  # a later connection has it
        if state.clean:
            self._discard(state)
            return
        self._absent[state.client_id] = self._now
        if state.changes is not None:
            state.changes.append(Left(state.client_id, self._now))

    def _forget(self, reason: str) -> None:
        """Forget the session whose client is absent longest, for that reason."""
        state = self.sessions[next(iter(self._absent))]
        self.log(f"the session of {brief(state.client_id)} is deleted, {state.waiting} messages unsent: {reason}")
        self._discard(state)

    def _discard(self, state: SessionState) -> None:
        """Forget a session and its subscriptions."""
        for topic_filter in state.subscriptions:
            self._subscriptions.remove(topic_filter, state)
        if self.sessions.get(state.client_id) is not state:
            return
        changes, state.changes = state.changes, None
        state.forget()
        del self.sessions[state.client_id]
        self._absent.pop(state.client_id, None)
        self.memory.used -= SESSION + len(state.client_id) + state.subscription_bytes
        if changes is not None:
            changes.append(Forgotten(state.client_id))

    def _subscribe(self, session: ServerSession, packet: Subscribe) -> None:
        state = session.state
        if state is None:
            return
        codes: list[int] = []
        refusal = ""
        for topic_filter, qos in packet.filters:
            reason = (
                self._objection(state, topic_filter) if len(codes) < self._limits.filters else self._named("filters")
            )
            if reason:
                refusal = refusal or reason
                codes.append(128)
                continue
            granted = qos if self.grant is None else self.grant
            self._add(state, topic_filter, granted)
            codes.append(granted)
            if state.changes is not None:
                state.changes.append(Subscribed(state.client_id, topic_filter, granted))
        if refused := codes.count(128):
            first = packet.filters[codes.index(128)][0]
            more = f" and {refused - 1} more" if refused > 1 else ""
            text = f"{brief(state.client_id)} may not subscribe to {brief(first)}{more}: {refusal}"
            if refusal == NOT_AUTHORIZED:
                self.log(text)
            else:
                self.refusals.tell("subscriptions", text, self._now)
        session.suback(packet.packet_id, tuple(codes))
        dropped = state.dropped
        for (topic_filter, _), granted in zip(packet.filters, codes, strict=True):
            if granted != 128:
                self._send_retained(state, session, topic_filter, granted)
                if state.dropped != dropped:
                    return  # a few bytes could ask for each retained message a thousand times

    def _objection(self, state: SessionState, topic_filter: str) -> str:
        """Why a client may not have a filter, empty if it may."""
        if not self.may_subscribe(state.client_id, topic_filter):
            return NOT_AUTHORIZED
        if topic_filter in state.subscriptions:
            return ""
        if too_deep(topic_filter):
            return f"more than {MAX_LEVELS} levels"
        if len(state.subscriptions) >= self._limits.subscriptions:
            return self._named("subscriptions")
        size = SUBSCRIPTION + size_of_levels(topic_filter)
        if state.subscription_bytes + size > self._limits.subscription_bytes:
            return self._named("subscription_bytes")
        return "" if self.memory.room(size) else self._memory_full()

    def _add(self, state: SessionState, topic_filter: str, qos: int) -> None:
        """Let a client have a filter."""
        self._subscriptions.add(topic_filter, state, qos)
        if topic_filter not in state.subscriptions:
            size = SUBSCRIPTION + size_of_levels(topic_filter)
            state.subscription_bytes += size
            self.memory.used += size
        state.subscriptions[topic_filter] = qos

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
                size = SUBSCRIPTION + size_of_levels(topic_filter)
                state.subscription_bytes -= size
                self.memory.used -= size
                if state.changes is not None:
                    state.changes.append(Unsubscribed(state.client_id, topic_filter))
        session.unsuback(packet.packet_id)
