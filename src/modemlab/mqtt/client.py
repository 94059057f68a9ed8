"""The client's end of one MQTT connection as a cellular module runs it, without input or output.

The owner hands in what the stream received and the time, sends what `take` returns, and calls `advance` when
`deadline` has come. `now` is in seconds of a clock that never goes back. Clauses are those of OASIS MQTT
3.1.1.
"""

from collections.abc import Callable, Sequence
from typing import Any

from modemlab.mqtt import client_states as states
from modemlab.mqtt import events as e
from modemlab.mqtt import packets as p
from modemlab.mqtt.client_states import CONNECTED, CONNECTING, ENDED, AnswerStep, ConnectionEvent

# How many packets may have surplus answers under way; the oldest is forgotten first.
_MAX_LATE_ANSWERS = 32
_GRANTED = frozenset((0, 1, 2, 128))
_ANSWERS = (p.Puback, p.Pubrec, p.Pubcomp, p.Suback, p.Unsuback)  # a union in isinstance is made anew each time
# The rows of what happens with each message.
_ON_SEND, _ON_DATA, _ON_PACKET = (states.TRANSITIONS[each] for each in (states.SEND, states.DATA, states.PACKET))

_PUBLISH = e.RequestKind.PUBLISH
_new: Callable[..., Any] = tuple.__new__


class _Pending:
    """A packet in flight: its bytes, the type of the answer it waits for and until when."""

    __slots__ = ("answer", "data", "due", "filters", "repeats")

    def __init__(self, answer: type, data: bytes, due: float, filters: int = 0) -> None:
        self.answer = answer
        self.data = data
        self.due = due
        self.filters = filters
        self.repeats = 0


class ClientSession:
    """One connection, from CONNECT to its end; a new connection takes a new session.

    `received` are the QoS 2 identifiers that an earlier connection of a persistent session left behind (its
    `received`): their PUBLISH is not delivered again. Once the session has ended, by an event that says so
    or by `disconnect`, it takes nothing more; the owner sends what `take` still returns and closes.
    """

    __slots__ = (
        *("_decoder", "_due", "_held", "_in_flight", "_last_sent", "_late", "_options", "_out", "_pings"),
        *("_pings_unanswered", "_publishing", "_received", "_state"),
    )

    def __init__(self, options: e.Options, received: set[int] | None = None) -> None:
        """Make a session for a stream that is open; nothing is sent until `connect`."""
        self._options = options
        self._decoder = p.Decoder(True, options.max_packet, options.level)
        self._state = states.OPEN
        self._out: list[bytes] | None = None
        self._received = None if options.clean_session or not received else set(received)
        self._in_flight: dict[int, _Pending] | None = None  # in the order in which they fall due
        self._publishing = 0
        self._held: dict[int, int] | None = None  # QoS of each message not acknowledged yet
        self._late: dict[tuple[type, int], int] | None = None  # surplus answers possible, to repeated packets
        self._last_sent = 0.0
        self._due = 0.0  # of CONNACK, later of the next step of a series of PINGREQ
        self._pings = 0  # sent in the series that goes on
        self._pings_unanswered = 0  # of every series: so many PINGRESP may come

    # --- What the owner asks for ---

    def connect(
        self, client_id: str, username: str | None, password: bytes | None, will: p.ConnectWill | None, now: float
    ) -> None:
        """Send CONNECT, once on a connection (3.1.1, 3.1.0-2).

        Raises WrongState when it was sent before, ValueError when a value does not fit its field.
        """
        self._asked(states.CONNECT)
        level, clean_session, keep_alive = self._options[:3]
        packet = p.Connect(client_id, level, clean_session, keep_alive, will, username, password)
        self._send(p.encode(packet), now)
        self._happen(states.CONNECT)
        self._due = now + self._options.packet_timeout

    def check_publish(self, packet_id: int, qos: int) -> None:
        """Raise what `publish` would raise now: WrongState, WindowFull or IdentifierInUse."""
        if _ON_SEND[self._state] != CONNECTED:
            self._asked(states.SEND)
        if qos and self._publishing >= self._options.window:
            raise e.WindowFull(f"{self._publishing} PUBLISH packets are unacknowledged")
        if qos and self._in_flight is not None and packet_id in self._in_flight:
            raise e.IdentifierInUse(f"packet identifier {packet_id} is in flight")

    def publish(self, packet_id: int, topic: str, payload: bytes, qos: int, retain: bool, now: float) -> None:
        """Send a PUBLISH; with QoS 1 or 2 a Completed, or a GaveUp, follows. QoS 0 has no identifier.

        Raises WrongState before CONNACK and after the end, WindowFull, IdentifierInUse, and ValueError when
        a value does not fit its field.
        """
        self.check_publish(packet_id, qos)
        data = p.encode_publish(topic.encode("utf-8", "surrogateescape"), payload, qos, retain, False, packet_id)
        if qos:
            self._track(packet_id, p.Puback if qos == 1 else p.Pubrec, data, now)
            self._publishing += 1
        self._send(data, now)

    def subscribe(self, packet_id: int, filters: Sequence[tuple[str, int]], now: float) -> None:
        """Send one SUBSCRIBE with all `filters`, each with its QoS; raises as `publish`."""
        self._request(p.Suback, p.Subscribe(packet_id, tuple(filters)), len(filters), now)

    def unsubscribe(self, packet_id: int, filters: Sequence[str], now: float) -> None:
        """Send one UNSUBSCRIBE with all `filters`; raises as `publish`."""
        self._request(p.Unsuback, p.Unsubscribe(packet_id, tuple(filters)), len(filters), now)

    def disconnect(self, now: float) -> None:
        """Send DISCONNECT, which ends the session; WrongState when not connected."""
        self._asked(states.DISCONNECT)
        self._send(p.encode(p.Disconnect()), now)
        self._happen(states.DISCONNECT)

    def acknowledge(self, packet_id: int, now: float | None = None) -> None:
        """The owner has shown the Message of that identifier: PUBACK or PUBREC goes out.

        Nothing happens when none waits. After the end of the session nothing is sent, but a QoS 2 message
        is remembered in `received`, so that the next connection does not deliver it again. Without `now`
        the keep alive is not put off.
        """
        held = self._held
        qos = held.pop(packet_id, 0) if held is not None else 0
        if not qos:
            return
        if qos == 2:
            if self._received is None:
                self._received = set()
            self._received.add(packet_id)
        if not held:
            self._held = None
        if self._state == CONNECTED:
            answer: p.Packet = p.Puback(packet_id) if qos == 1 else p.Pubrec(packet_id)
            self._send(p.encode(answer), self._last_sent if now is None else now)

    def in_flight(self, packet_id: int) -> bool:
        """Whether a PUBLISH, SUBSCRIBE or UNSUBSCRIBE of that identifier is unanswered."""
        return self._in_flight is not None and packet_id in self._in_flight

    def free_identifier(self) -> int:
        """Return the highest packet identifier that is not in flight."""
        packet_id = 65_535
        while self.in_flight(packet_id):
            packet_id -= 1
        return packet_id

    @property
    def received(self) -> set[int]:
        """The QoS 2 identifiers acknowledged and not yet released, for the next connection (3.1.1, 4.3.3).

        None of a clean session, which the server forgets with the connection (3.1.1, 3.1.2-6).
        """
        return set() if self._options.clean_session else set(self._received or ())

    @property
    def incomplete(self) -> bytes:
        """What has come of a packet that is not complete."""
        return self._decoder.incomplete

    @property
    def connected(self) -> bool:
        """Whether the server has accepted the connection and the session goes on."""
        return self._state == CONNECTED

    @property
    def ping_outstanding(self) -> bool:
        """Whether a series of PINGREQ waits for its answer; it holds its value when the session ends."""
        return self._pings > 0

    # --- What the stream and the clock bring ---

    def take(self) -> bytes:
        """Return all that is to be sent since the last call, b"" if nothing is."""
        out = self._out
        if out is None:
            return b""
        self._out = None
        return out[0] if len(out) == 1 else b"".join(out)

    def receive(self, data: bytes, now: float) -> list[e.Event]:
        """Take the next bytes of the server, however they are cut, and return what they bring about."""
        events: list[e.Event] = []
        after = _ON_DATA[self._state]
        if after == ENDED or not data:
            return events
        if type(after) is str:
            self._violation(after, events)
            return events
        fault = None
        try:
            packets = self._decoder.feed(data)
        except p.ProtocolError as error:
            packets, fault = error.packets, str(error)
        for packet in packets:
            after = _ON_PACKET[self._state]
            if type(packet) is p.Puback and after == CONNECTED:
                self._on_answer(packet, now, events)
            elif type(packet) is p.Connack:
                self._on_connack(packet, events)
            elif type(after) is str:
                self._violation(after.format(packet=type(packet).__name__.upper()), events)
            elif after == CONNECTED:
                if type(packet) is p.Publish:
                    self._on_publish(packet, now, events)
                else:
                    self._on_packet(packet, now, events)
        if fault is not None and self._state != ENDED:
            self._violation(fault, events)
        return events

    def deadline(self) -> float | None:
        """Return when `advance` is next needed, None if nothing is due."""
        if self._state == CONNECTING:
            return self._due
        if self._state != CONNECTED:
            return None
        due = None
        if self._pings:
            due = self._due
        elif self._options.keep_alive:
            due = self._last_sent + self._options.keep_alive
        if self._in_flight:
            first = next(iter(self._in_flight.values())).due
            if due is None or first < due:
                return first
        return due

    def advance(self, now: float) -> list[e.Event]:
        """Do what has fallen due by `now`: repeat packets, ping, give up."""
        events: list[e.Event] = []
        if self._state == CONNECTING and now >= self._due:
            self._happen(states.NO_CONNACK)
            events.append(e.ConnectTimedOut())
        elif self._state == CONNECTED:
            self._repeat(now, events)
            if self._state == CONNECTED:
                self._keep_alive(now, events)
        return events

    # --- The steps ---

    def _send(self, data: bytes, now: float) -> None:
        self._last_sent = now
        if self._out is None:
            self._out = [data]
        else:
            self._out.append(data)

    def _asked(self, event: ConnectionEvent) -> None:
        """Raise WrongState when the owner must not ask for this now."""
        after = states.TRANSITIONS[event][self._state]
        if type(after) is str:
            raise e.WrongState(after)

    def _happen(self, event: ConnectionEvent) -> str | None:
        """Go to the state behind an event; returns, instead, why the server must not bring it about."""
        after = states.TRANSITIONS[event][self._state]
        if isinstance(after, str):
            return after
        self._state = after
        if after == ENDED:
            self._in_flight = self._late = None
            self._publishing = 0
            self._decoder = p.Decoder(True)  # drops a packet that is incomplete
        return None

    def _violation(self, reason: str, events: list[e.Event]) -> None:
        self._happen(states.FAULT)
        events.append(e.Violation(reason))

    def _request(self, answer: type, packet: p.Subscribe | p.Unsubscribe, filters: int, now: float) -> None:
        self._asked(states.SEND)
        if self.in_flight(packet.packet_id):
            raise e.IdentifierInUse(f"packet identifier {packet.packet_id} is in flight")
        if self._in_flight and len(self._in_flight) - self._publishing >= self._options.requests:
            raise e.WindowFull(f"{self._options.requests} SUBSCRIBE and UNSUBSCRIBE packets are unanswered")
        data = p.encode(packet, self._options.level)
        self._track(packet.packet_id, answer, data, now, filters)
        self._send(data, now)

    def _track(self, packet_id: int, answer: type, data: bytes, now: float, filters: int = 0) -> None:
        if self._in_flight is None:
            self._in_flight = {}
        self._in_flight[packet_id] = _Pending(answer, data, now + self._options.packet_timeout, filters)

    def _expect_late(self, answer: type, packet_id: int) -> None:
        """Note that a packet was sent once more than it needs answers, so that one may come too many."""
        if self._late is None:
            self._late = {}
        key = (answer, packet_id)
        self._late[key] = self._late.pop(key, 0) + 1
        if len(self._late) > _MAX_LATE_ANSWERS:
            del self._late[next(iter(self._late))]

    def _forgive(self, answer: type, packet_id: int) -> bool:
        """Whether an answer that nothing waits for is one to a packet sent more than once."""
        late = self._late
        key = (answer, packet_id)
        if late is None or key not in late:
            return False
        late[key] -= 1
        if not late[key]:
            del late[key]
        return True

    def _on_connack(self, packet: p.Connack, events: list[e.Event]) -> None:
        event = states.REFUSED if packet.code else states.ACCEPTED
        if not packet.code and packet.session_present and self._options.clean_session:
            event = states.WRONGLY_PRESENT
        was = self._state
        fault = self._happen(event)
        if fault is not None:
            self._violation(fault, events)
        elif was == ENDED:
            return
        elif packet.code:
            events.append(e.ConnectRefused(packet.code))
        else:
            if self._options.level != 3 and not packet.session_present:
                self._received = None  # the server has forgotten its identifiers (3.1.1, 3.1.2.4)
            events.append(e.SessionConnected(packet.session_present))

    def _on_publish(self, packet: p.Publish, now: float, events: list[e.Event]) -> None:
        topic, payload, qos, retain, dup, packet_id = packet
        if qos:
            held = self._held
            if held is not None and packet_id in held:
                if held[packet_id] != qos or not (dup or qos == 2):
                    reason = f"PUBLISH with packet identifier {packet_id} in use (MQTT 3.1.1, 2.3.1-4)"
                    self._violation(reason, events)
                return
            if qos == 2 and self._received and packet_id in self._received:
                self._send(p.encode(p.Pubrec(packet_id)), now)
                return
            if held is None:
                held = self._held = {}
            held[packet_id] = qos
        events.append(e.IncomingMessage(packet_id, topic, payload, qos, retain, dup))

    def _on_packet(self, packet: p.Packet, now: float, events: list[e.Event]) -> None:
        if type(packet) is p.Pubrel:
            self._on_pubrel(packet.packet_id, now)
        elif isinstance(packet, _ANSWERS):
            self._on_answer(packet, now, events)
        elif not self._pings_unanswered:
            self._violation("PINGRESP that nothing asked for (MQTT 3.1.1, 4.8)", events)
        else:
            self._pings_unanswered -= 1
            self._pings = 0  # a late answer to an earlier series ends this one too

    def _on_pubrel(self, packet_id: int, now: float) -> None:
        if self._received:
            self._received.discard(packet_id)
        if self._held is not None and self._held.get(packet_id) == 2:
            del self._held[packet_id]
        self._send(p.encode(p.Pubcomp(packet_id)), now)

    def _on_answer(
        self, packet: p.Puback | p.Pubrec | p.Pubcomp | p.Suback | p.Unsuback, now: float, events: list[e.Event]
    ) -> None:
        packet_id, answer = packet[0], type(packet)
        in_flight = self._in_flight or {}
        pending = in_flight.get(packet_id)
        step = states.ANSWERS[answer][pending.answer if pending is not None else None]
        if step is not states.COMPLETE or pending is None:
            self._on_incomplete(step, answer, packet_id, now, events)
            return
        codes: tuple[int, ...] = ()
        if type(packet) is p.Suback:
            codes = packet.codes
            if len(codes) != pending.filters or not _GRANTED.issuperset(codes):
                reason = f"SUBACK with codes {codes[:8]} for {pending.filters} filters (MQTT 3.1.1, 3.9.3)"
                self._violation(reason, events)
                return
        kind = states.REQUEST_OF_ANSWER[answer]
        del in_flight[packet_id]
        if not in_flight:
            self._in_flight = None
        if kind is _PUBLISH:
            self._publishing -= 1
        events.append(_new(e.SessionCompleted, (kind, packet_id, codes)))

    def _on_incomplete(self, step: AnswerStep, answer: type, packet_id: int, now: float, events: list[e.Event]) -> None:
        """An answer that completes nothing: a PUBREC, or one too many."""
        if step is states.RELEASE:
            assert self._in_flight is not None
            del self._in_flight[packet_id]  # it falls due last from now on
            data = p.encode(p.Pubrel(packet_id))
            self._track(packet_id, p.Pubcomp, data, now)
            self._send(data, now)
            events.append(e.SessionRecorded(packet_id))
            return
        forgiven = self._forgive(answer, packet_id)
        if step is states.SURPLUS and not forgiven:
            reason = f"{answer.__name__.upper()} {packet_id} that nothing asked for (MQTT 3.1.1, 4.8)"
            self._violation(reason, events)
        elif answer is p.Pubrec:
            self._expect_late(p.Pubcomp, packet_id)
            self._send(p.encode(p.Pubrel(packet_id)), now)

    def _repeat(self, now: float, events: list[e.Event]) -> None:
        """Send again what went unanswered for `packet_timeout`, or end the session after the last repeat."""
        in_flight = self._in_flight
        while in_flight:
            packet_id, pending = next(iter(in_flight.items()))
            if pending.due > now:
                return
            kind, stage = states.REQUEST_OF_ANSWER[pending.answer], states.RETRANSMITTED_REQUEST[pending.answer]
            if pending.repeats >= self._options.retries:
                self._happen(states.NO_ANSWER)
                events.append(e.SessionGaveUp(kind, packet_id))
                return
            # In 3.1.1 PUBLISH alone has DUP (2.2.2); 3.1 knows it elsewhere as a hint, left out here.
            if pending.repeats == 0 and stage is e.RequestKind.PUBLISH:
                pending.data = bytes((pending.data[0] | 8,)) + pending.data[1:]
            pending.repeats += 1
            pending.due = now + self._options.packet_timeout
            in_flight[packet_id] = in_flight.pop(packet_id)
            self._expect_late(pending.answer, packet_id)
            self._send(pending.data, now)
            events.append(e.SessionRepeated(kind, packet_id, pending.repeats, stage))

    def _keep_alive(self, now: float, events: list[e.Event]) -> None:
        """Send PINGREQ when nothing was sent for `keep_alive`, repeat it, end the session after the last."""
        options = self._options
        if self._pings:
            if now < self._due:
                return
            if self._pings > options.retries:
                self._happen(states.NO_PINGRESP)
                events.append(e.SessionPingFailed())
                return
        elif not options.keep_alive or now < self._last_sent + options.keep_alive:
            return
        self._pings += 1
        self._pings_unanswered += 1
        self._send(p.encode(p.Pingreq()), now)
        # The last one is waited for as any packet is; the others as long as the next may not follow.
        last = self._pings > options.retries
        self._due = now + (options.packet_timeout if last else max(options.ping_interval, options.packet_timeout))
