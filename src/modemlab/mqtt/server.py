"""The server's end of one MQTT 3.1 or 3.1.1 connection, without input or output.

Bytes and `now` go in; events, bytes to send (`take`) and the next deadline come out. Who may connect, what
a subscription is granted and where a message goes is for the owner to decide: what a client asks of it is
handed over as the packet itself.

- `Connect`: answer with `accept` or `refuse`. What the client sends meanwhile is held back.
- `Publish`: pass it on. Its acknowledgement comes last in what the next `take` gives, so pass it on, and store what
  must not be lost, before that; a repeated QoS 2 message is not handed over again. Its `dup` and `packet_id` mean
  nothing any more.
- `Subscribe`, `Unsubscribe`: answer with `suback`, `unsuback`. The filters are valid.
- `ConnectionEnded`: the last event; publish its will if it has one, and close the link once `take` is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from struct import Struct
from typing import NamedTuple, TypeAlias

from modemlab.mqtt import packets as p
from modemlab.mqtt.other_protocols import MAX_EXAMINED_BYTES, speaks
from modemlab.mqtt.session_state import SessionState
from modemlab.mqtt.topics import check_filter

MAX_OUT_BYTES = 8_388_608
"""Bytes waiting to be sent above which QoS 0 messages are dropped; above twice as many the link is closed."""

CONGESTED_BYTES = 262_144
"""Bytes waiting to be sent, or queued, above which a connection counts as congested."""

CONGESTED_MESSAGES = 1000
"""Queued messages above which a connection counts as congested."""

MAX_HELD_BYTES = 1_048_576
"""Bytes a client may send between CONNECT and the owner's answer to it."""

REFUSALS = {
    1: "unacceptable protocol level",
    2: "client identifier rejected",
    3: "server unavailable",
    4: "bad user name or password",
    5: "not authorized",
}
"""Why a CONNECT is refused, by return code (3.1.1, 3.2.2.3)."""


class ConnectionEnded(NamedTuple):
    """The connection is over: by DISCONNECT (`graceful`) or for `reason`; `will` must be published now."""

    graceful: bool
    reason: str
    will: p.ConnectWill | None


Event: TypeAlias = p.Connect | p.Publish | p.Subscribe | p.Unsubscribe | ConnectionEnded

_ANSWERS = (p.Puback, p.Pubrec, p.Pubcomp)
_REQUESTS = (p.Subscribe, p.Unsubscribe)
_NEW, _ASKED, _OPEN, _ENDED = range(4)
_ack = Struct(">BBH").pack  # PUBACK and PUBREC of every message that arrives: `encode` costs thrice as much


class ServerSession:
    """The server's end of one connection; `state` is what outlives it, None until `accept`."""

    __slots__ = (
        "_allowance",
        "_answers",
        "_decoder",
        "_heard",
        "_held",
        "_held_bytes",
        "_out",
        "_phase",
        "backlog",
        "connect",
        "state",
    )

    def __init__(self, now: float, *, connect_timeout: float = 10.0, max_packet: int = 4_194_304) -> None:
        """Begin at `now`: CONNECT must come and be answered within `connect_timeout` seconds; no packet may
        have more than `max_packet` bytes after its fixed header.
        """
        self.connect: p.Connect | None = None
        self.state: SessionState | None = None
        self.backlog = 0
        self._decoder = p.Decoder(from_server=False, max_packet=max_packet, plain=True)
        self._out: list[bytes] = []
        self._answers: list[bytes] = []  # to what the client sent: they follow what the owner sends on account of it
        self._phase = _NEW
        self._heard = now
        self._allowance = connect_timeout
        self._held: list[p.Packet | p.ProtocolError] = []
        self._held_bytes = 0

    @property
    def open(self) -> bool:
        """Whether the connection is accepted and not over."""
        return self._phase == _OPEN

    @property
    def ended(self) -> bool:
        """Whether the connection is over; what `take` still gives is to be sent."""
        return self._phase == _ENDED

    @property
    def name(self) -> str:
        """The client's identifier, empty before there is one."""
        return self.state.client_id if self.state is not None else self.connect.client_id if self.connect else ""

    @property
    def buffered_bytes(self) -> int:
        """How many bytes it keeps of what came and is not complete, and of what is not yet taken."""
        return self._decoder.kept + self._held_bytes + self.backlog

    @property
    def congested(self) -> bool:
        """Whether so much waits for this client that those who publish to it had better wait."""
        state = self.state
        if self.backlog > CONGESTED_BYTES:
            return True
        return bool(
            state is not None
            and state.queue
            and (len(state.queue) > CONGESTED_MESSAGES or state.queued_bytes > CONGESTED_BYTES)
        )

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take bytes from the client, cut anywhere; after the end they are ignored."""
        items: Sequence[p.Packet | p.ProtocolError]
        if self._phase == _ENDED:
            return []
        said = self._decoder.incomplete + data if self._phase == _NEW else b""
        try:
            items = self._decoder.feed(data)
        except p.ProtocolError as error:
            items = [*error.packets, error]
        if self._phase == _OPEN:
            self._heard = now
            return self._take_in(items)
        if self._phase == _NEW:
            return self._begin(items, said)
        self._held += items
        self._held_bytes += len(data)
        if self._held_bytes > MAX_HELD_BYTES:
            return self.end("too much sent ahead of CONNACK")
        return []

    def accept(self, state: SessionState, session_present: bool, now: float) -> list[Event]:
        """Answer `Connect` with CONNACK 0 and go on with `state`: what is unacknowledged in it is sent again,
        with DUP and in its order (3.1.1, 4.4, 4.6), then what is queued. Returns the events of what was held
        back.

        `session_present` is not sent to a 3.1 client (and must be False for a clean session: 3.1.1, 3.2.2-1).
        """
        if self._phase != _ASKED or self.connect is None:
            return []
        self._phase = _OPEN
        self._heard = now
        self._allowance = 1.5 * self.connect.keep_alive or inf
        self.state = state
        state.session = self
        self._send(p.encode(p.Connack(0, session_present), self.connect.level))
        for packet_id in state.released:
            self._send(p.encode(p.Pubrel(packet_id, dup=True), self.connect.level))
        for packet_id, message in state.sent.items():
            self._send_publish(message, packet_id, dup=True)
        self._refill(state)
        held, self._held, self._held_bytes = self._held, [], 0
        return self._take_in(held)

    def refuse(self, code: int) -> list[Event]:
        """Answer `Connect` with return code 1 to 5 and end the connection."""
        if self._phase != _ASKED or self.connect is None:
            return []
        self._send(p.encode(p.Connack(code), self.connect.level))
        return self.end(f"refused: {REFUSALS.get(code, str(code))}")

    def suback(self, packet_id: int, codes: tuple[int, ...]) -> None:
        """Answer `Subscribe`: for each filter the QoS granted, or 128 for a refusal (in 3.1 too, which has no
        code for one).
        """
        self._send(p.encode(p.Suback(packet_id, codes)))

    def unsuback(self, packet_id: int) -> None:
        """Answer `Unsubscribe`."""
        self._send(p.encode(p.Unsuback(packet_id)))

    def push(self, packet: bytes) -> None:
        """Send an encoded QoS 0 PUBLISH, or drop it (counted in the state) while more than OUT_BYTES wait."""
        if self.backlog > MAX_OUT_BYTES:
            if self.state is not None:
                self.state.dropped += 1
            return
        self._out.append(packet)
        self.backlog += len(packet)

    def deliver(self, message: p.Publish) -> bool:
        """Send a QoS 1 or 2 message under an identifier of its own, once the window has room for it; until
        then it is queued, or dropped (False), as the state's bounds say. `dup` and `packet_id` are ignored.
        """
        state = self.state
        if state is None:
            return False
        memory = state.memory
        if state.queue or not state.room() or memory.used > memory.bound:
            return state.store(message)
        self._send_publish(message, state.record(message))
        return True

    def take(self) -> bytes:
        """Everything to send since the last call, empty if nothing: what the owner sends, then the answers."""
        out = self._out
        if self._answers:
            out += self._answers
            self._answers.clear()
        if not out:
            return b""
        data = out[0] if len(out) == 1 else b"".join(out)
        out.clear()
        self.backlog = 0
        return data

    def deadline(self) -> float | None:
        """When `advance` must be called at the latest, or None. It moves on as bytes are received."""
        if self._phase == _ENDED or self._allowance == inf:
            return None
        return self._heard + self._allowance

    def advance(self, now: float) -> list[Event]:
        """End the connection if CONNECT, or any byte for one and a half keep alives, failed to come (3.1.1,
        3.1.2-24).
        """
        deadline = self.deadline()
        if deadline is None or now < deadline:
            return []
        if self._phase == _OPEN:
            return self.end(f"keep alive: nothing received for {self._allowance:g} s")
        return self.end(
            f"no CONNECT within {self._allowance:g} s" if self._phase == _NEW else "CONNECT was not answered"
        )

    def end(self, reason: str, *, graceful: bool = False) -> list[Event]:
        """End the connection: the link was lost, the owner wants it so. Nothing, if it is over already."""
        if self._phase == _ENDED:
            return []
        accepted = self._phase == _OPEN
        self._phase = _ENDED
        self._held = []
        if self.state is not None and self.state.session is self:
            self.state.session = None
        will = self.connect.will if accepted and not graceful and self.connect is not None else None
        return [ConnectionEnded(graceful, reason, will)]

    def _send(self, data: bytes) -> None:
        self._out.append(data)
        self.backlog += len(data)

    def _answer(self, data: bytes) -> None:
        self._answers.append(data)
        self.backlog += len(data)

    def _send_publish(self, message: p.Publish, packet_id: int, dup: bool = False) -> None:
        topic, payload, qos, retain, _, _ = message
        data = p.encode_publish(topic.encode(), payload, qos, retain, dup, packet_id)
        self._out.append(data)
        self.backlog += len(data)

    def _begin(self, items: Sequence[p.Packet | p.ProtocolError], said: bytes) -> list[Event]:
        """Take the first packets of a connection: CONNECT leads (3.1.1, 3.1.0-1), the rest is held back. `said` is what
        has come, by which another protocol is known.
        """
        if not items:
            return []
        first = items[0]
        if isinstance(first, p.ProtocolError):
            other = speaks(said[:MAX_EXAMINED_BYTES])
            if first.code:
                self._send(p.encode(p.Connack(first.code)))
            return self.end(f"not MQTT: {other}" if other else str(first))
        if not isinstance(first, p.Connect):
            return self.end(f"{type(first).__name__.upper()} ahead of CONNECT (MQTT 3.1.1, 3.1.0-1)")
        self.connect = first
        self._phase = _ASKED
        self._held = list(items[1:])
        if first.level not in {3, 4}:
            return self.refuse(1)
        if not first.client_id and (first.level == 3 or not first.clean_session):
            return self.refuse(2)
        return [first]

    def _take_in(self, items: Sequence[p.Packet | p.ProtocolError]) -> list[Event]:
        state = self.state
        assert state is not None
        events: list[Event] = []
        answered = False
        for item in items:
            if isinstance(item, p.Publish):
                if item.qos == 0 or self._is_new(state, item):
                    events.append(item)
            elif isinstance(item, _ANSWERS):
                fault = self._take_answer(state, item)
                if fault:
                    return events + self.end(fault)
                answered = True
            elif isinstance(item, _REQUESTS):
                fault = _bad_filter(item)
                if fault:
                    return events + self.end(fault)
                events.append(item)
            elif isinstance(item, p.Pubrel):
                state.free(item.packet_id)
                self._answer(p.encode(p.Pubcomp(item.packet_id)))
            elif isinstance(item, p.Pingreq):
                self._answer(p.encode(p.Pingresp()))
            elif isinstance(item, p.Disconnect):
                return events + self.end("DISCONNECT", graceful=True)
            elif isinstance(item, p.ProtocolError):
                return events + self.end(str(item))
            else:
                return events + self.end("a second CONNECT (MQTT 3.1.1, 3.1.0-2)")
        if answered and state.queue:
            self._refill(state)
        if self.backlog > 2 * MAX_OUT_BYTES:
            return events + self.end("it does not read what it is sent")
        return events

    def _is_new(self, state: SessionState, message: p.Publish) -> bool:
        """Acknowledge a QoS 1 or 2 message; False if it is a QoS 2 message taken before (3.1.1, 4.3.3)."""
        packet_id = message.packet_id
        self.backlog += 4
        if message.qos == 1:
            self._answers.append(_ack(0x40, 2, packet_id))
            return True
        self._answers.append(_ack(0x50, 2, packet_id))
        return state.receive(packet_id)

    def _take_answer(self, state: SessionState, answer: p.Puback | p.Pubrec | p.Pubcomp) -> str:
        """Take the answer to a message; returns what is wrong with it (3.1.1, 4.8.0-1); one that comes late, or
        again, is no fault.
        """
        packet_id = answer.packet_id
        message = state.sent.get(packet_id)
        if message is None:
            if isinstance(answer, p.Pubcomp):
                state.complete(packet_id)
            elif isinstance(answer, p.Pubrec):
                self._answer(p.encode(p.Pubrel(packet_id)))
            elif packet_id in state.released:
                return "PUBACK for a message that waits for PUBCOMP (MQTT 3.1.1, 4.3.3)"
        elif isinstance(answer, p.Puback):
            if message.qos != 1:
                return "PUBACK for a QoS 2 message (MQTT 3.1.1, 4.3.3)"
            state.settle(packet_id, message)
        elif isinstance(answer, p.Pubcomp):
            return "PUBCOMP for a message that waits for PUBACK or PUBREC (MQTT 3.1.1, 4.3)"
        else:
            if message.qos != 2:
                return "PUBREC for a QoS 1 message (MQTT 3.1.1, 4.3.2)"
            state.settle(packet_id, message, released=True)
            self._answer(p.encode(p.Pubrel(packet_id)))
        return ""

    def _refill(self, state: SessionState) -> None:
        """Send what is queued, as far as the window goes."""
        while state.queue and state.room():
            packet_id, message = state.send_queued()
            self._send_publish(message, packet_id)


def _bad_filter(packet: p.Subscribe | p.Unsubscribe) -> str:
    """What is wrong with the first filter that is not valid, empty if all are: one ends the connection (3.1.1,
    4.8.0-1), before anything that follows it is acknowledged.
    """
    try:
        for topic_filter in packet.filters:
            check_filter(topic_filter if isinstance(topic_filter, str) else topic_filter[0])
    except ValueError as error:
        return str(error)
    return ""
