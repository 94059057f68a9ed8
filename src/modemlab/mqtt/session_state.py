"""What a server keeps of a client between connections (3.1.1, 3.1.2.4): subscriptions, messages on their way."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from modemlab.mqtt import session_changes as changes
from modemlab.mqtt.memory_budget import IDENTIFIER, MESSAGE, MemoryBudget, size_of
from modemlab.mqtt.packets import Publish

if TYPE_CHECKING:
    from modemlab.mqtt.server import ServerSession

MAX_IN_FLIGHT = 20
"""QoS 1 and 2 messages sent to one client and not answered to their end, at most."""


class SessionState:
    """A client's session: it survives connections unless `clean`. `session` is its connection, or None.

    `sent` holds messages that wait for PUBACK or PUBREC, `released` identifiers that wait for PUBCOMP, both
    in the order they were sent; `queue` those that follow, None when there are none; `received` the QoS 2
    identifiers of the client that PUBREL has not yet freed; `dropped` counts messages lost to a bound.
    `changes` is where messages and identifiers are told that come and go, None for nowhere; `memory` counts them.
    Subscriptions, and the bytes they count as, are the owner's to tell and to count.
    """

    __slots__ = (
        "_last_id",
        "changes",
        "clean",
        "client_id",
        "dropped",
        "max_bytes",
        "max_messages",
        "memory",
        "queue",
        "queued_bytes",
        "received",
        "released",
        "sent",
        "session",
        "subscription_bytes",
        "subscriptions",
    )

    def __init__(
        self,
        client_id: str,
        *,
        clean: bool = True,
        max_messages: int = 40_000,
        max_bytes: int = 8_388_608,
        memory: MemoryBudget | None = None,
    ) -> None:
        """Begin a session. Its queue holds `max_messages` and `max_bytes` of topic and payload at most."""
        self.client_id = client_id
        self.clean = clean
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        self.memory = memory or MemoryBudget()
        self.changes: list[changes.Change] | None = None
        self.subscriptions: dict[str, int] = {}
        self.subscription_bytes = 0
        self.queue: deque[Publish] | None = None
        self.queued_bytes = 0
        self.sent: dict[int, Publish] = {}
        self.released: dict[int, None] = {}
        self.received: set[int] = set()
        self.dropped = 0
        self.session: ServerSession | None = None
        self._last_id = 0

    @property
    def waiting(self) -> int:
        """How many messages the client has not acknowledged: those queued and those sent."""
        return len(self.sent) + len(self.queue or ())

    def store(self, message: Publish) -> bool:
        """Queue a QoS 1 or 2 message; False, and counted in `dropped`, if a bound forbids it."""
        size = len(message[0]) + len(message[1])
        queue = self.queue
        memory = self.memory
        if queue is not None and (len(queue) >= self.max_messages or self.queued_bytes + size > self.max_bytes):
            kept = False
        elif memory.shared:
            kept = memory.queue(message)
        elif kept := memory.used + MESSAGE + size <= memory.bound:
            memory.used += MESSAGE + size
        if not kept:
            self.dropped += 1
            return False
        if queue is None:
            queue = self.queue = deque()
        queue.append(message)
        self.queued_bytes += size
        if self.changes is not None:
            self.changes.append(changes.Queued(self.client_id, message))
        return True

    def send_queued(self) -> tuple[int, Publish]:
        """Put the oldest message that is queued among those sent; its packet identifier and itself. IndexError if
        there is none.
        """
        queue = self.queue
        if not queue:
            raise IndexError("no message is queued")
        message = queue.popleft()
        self.queued_bytes -= len(message[0]) + len(message[1])
        if not queue:
            self.queue = None
        if self.memory.shared:  # else what it counts as stays the same
            self.memory.unqueue(message)
            self.memory.used += size_of(message)
        packet_id = self._enter(message)
        if self.changes is not None:
            self.changes.append(changes.Unqueued(self.client_id, packet_id))
        return packet_id, message

    def room(self) -> bool:
        """Whether the window has room for one more message."""
        return len(self.sent) + len(self.released) < MAX_IN_FLIGHT

    def record(self, message: Publish) -> int:
        """Put a message among those sent; returns its packet identifier, one that is not in use."""
        packet_id = self._enter(message)
        self.memory.used += MESSAGE + len(message[0]) + len(message[1])  # `size_of`, without the call
        if self.changes is not None:
            self.changes.append(changes.Sent(self.client_id, packet_id, message))
        return packet_id

    def settle(self, packet_id: int, message: Publish, released: bool = False) -> None:
        """Take a message from those sent: it is acknowledged, or `released` and waits for PUBCOMP."""
        del self.sent[packet_id]
        self.memory.used -= MESSAGE + len(message[0]) + len(message[1])  # `size_of`, without the call
        if self.changes is not None:
            self.changes.append(changes.Settled(self.client_id, packet_id))
        if released:
            self.released[packet_id] = None
            if self.changes is not None:
                self.changes.append(changes.Released(self.client_id, packet_id))

    def complete(self, packet_id: int) -> None:
        """PUBCOMP has come; nothing, if it was not waited for."""
        if packet_id in self.released:
            del self.released[packet_id]
            if self.changes is not None:
                self.changes.append(changes.ReleaseDone(self.client_id, packet_id))

    def receive(self, packet_id: int) -> bool:
        """A QoS 2 message arrives under that identifier; False if it has arrived before (3.1.1, 4.3.3)."""
        if packet_id in self.received:
            return False
        self.received.add(packet_id)
        self.memory.used += IDENTIFIER
        if self.changes is not None:
            self.changes.append(changes.Incoming(self.client_id, packet_id))
        return True

    def free(self, packet_id: int) -> None:
        """PUBREL has come for a QoS 2 message; nothing, if there was none."""
        if packet_id in self.received:
            self.received.remove(packet_id)
            self.memory.used -= IDENTIFIER
            if self.changes is not None:
                self.changes.append(changes.Freed(self.client_id, packet_id))

    def restore(self, packet_id: int, message: Publish) -> None:
        """Put a message among those sent under the identifier that it had."""
        self.sent[packet_id] = message
        self.memory.used += size_of(message)

    def forget(self) -> None:
        """Count no longer what messages and identifiers the session has; it is over."""
        for message in self.queue or ():
            self.memory.unqueue(message)
        for packet_id, message in tuple(self.sent.items()):
            self.settle(packet_id, message)
        self.memory.used -= IDENTIFIER * len(self.received)
        self.queue, self.queued_bytes = None, 0
        self.received.clear()

    def _enter(self, message: Publish) -> int:
        """Put a message among those sent under the next identifier that is free."""
        sent = self.sent
        packet_id = self._last_id % 65535 + 1
        while packet_id in sent or packet_id in self.released:
            packet_id = packet_id % 65535 + 1
        self._last_id = packet_id
        sent[packet_id] = message
        return packet_id
