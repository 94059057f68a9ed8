"""What a server keeps of a client between connections (3.1.1, 3.1.2.4): subscriptions, messages on their way."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from modemlab.mqtt.packets import Publish

if TYPE_CHECKING:
    from modemlab.mqtt.server import ServerSession

WINDOW = 20
"""QoS 1 and 2 messages sent to one client and not answered to their end, at most."""


class SessionState:
    """A client's session: it survives connections unless `clean`. `session` is its connection, or None.

    `sent` holds messages that wait for PUBACK or PUBREC, `released` identifiers that wait for PUBCOMP, both
    in the order they were sent; `queue` those that follow, None when there are none; `received` the QoS 2
    identifiers of the client that PUBREL has not yet freed; `dropped` counts messages lost to a bound.
    """

    __slots__ = (
        "_last_id",
        "clean",
        "client_id",
        "dropped",
        "max_bytes",
        "max_messages",
        "queue",
        "queued_bytes",
        "received",
        "released",
        "sent",
        "session",
        "subscriptions",
    )

    def __init__(
        self, client_id: str, *, clean: bool = True, max_messages: int = 40_000, max_bytes: int = 8_388_608
    ) -> None:
        """Begin a session. Its queue holds `max_messages` and `max_bytes` of topic and payload at most."""
        self.client_id = client_id
        self.clean = clean
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        self.subscriptions: dict[str, int] = {}
        self.queue: deque[Publish] | None = None
        self.queued_bytes = 0
        self.sent: dict[int, Publish] = {}
        self.released: dict[int, None] = {}
        self.received: set[int] = set()
        self.dropped = 0
        self.session: ServerSession | None = None
        self._last_id = 0

    def store(self, message: Publish) -> bool:
        """Queue a QoS 1 or 2 message; False, and counted in `dropped`, if a bound forbids it."""
        size = len(message.topic) + len(message.payload)
        if self.queue is None:
            self.queue = deque()
        elif len(self.queue) >= self.max_messages or self.queued_bytes + size > self.max_bytes:
            self.dropped += 1
            return False
        self.queue.append(message)
        self.queued_bytes += size
        return True

    def unqueue(self) -> Publish:
        """Take the oldest message off the queue; IndexError if there is none."""
        if not self.queue:
            raise IndexError("no message is queued")
        message = self.queue.popleft()
        self.queued_bytes -= len(message.topic) + len(message.payload)
        if not self.queue:
            self.queue = None
        return message

    def room(self) -> bool:
        """Whether the window has room for one more message."""
        return len(self.sent) + len(self.released) < WINDOW

    def record(self, message: Publish) -> int:
        """Put a message among those sent; returns its packet identifier, one that is not in use."""
        packet_id = self._last_id % 65535 + 1
        while packet_id in self.sent or packet_id in self.released:
            packet_id = packet_id % 65535 + 1
        self._last_id = packet_id
        self.sent[packet_id] = message
        return packet_id
