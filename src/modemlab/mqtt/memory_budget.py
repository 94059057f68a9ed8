"""What a server keeps in memory for its clients, counted in bytes, and the bound of it all.

The costs are those of CPython 3.11 to 3.13 on 64 bits, rounded up: what is counted is never less than what is used,
but for the program itself.
"""

from __future__ import annotations

from modemlab.mqtt.packets import Publish

CONNECTION = 4_096
"""Bytes of a connection that does nothing: its session, its socket, what the event loop has of it."""

SESSION = 2_048
"""Bytes of a client's session without subscriptions and messages."""

SUBSCRIPTION = 768
"""Bytes of a subscription beside its filter's text and levels."""

LEVEL = 320
"""Bytes of one level of a filter, or of a topic with a retained message, in its tree."""

MESSAGE = 512
"""Bytes of a message beside its topic and payload."""

QUEUE_SLOT_BYTES = 16
"""Bytes of a message's place in one more queue: the message itself is there once."""

IDENTIFIER = 96
"""Bytes of a packet identifier that is remembered."""


class MemoryBudget:
    """How many bytes are kept, at most `bound`.

    Whoever is about to keep more asks `room` first, or ends up refused; `used` is added to and subtracted from.
    """

    __slots__ = ("bound", "shared", "used")

    def __init__(self, bound: int = 536_870_912) -> None:
        """Begin with nothing kept."""
        self.bound = bound
        self.used = 0
        self.shared: dict[int, int] = {}
        """In how many queues a message is, by its `id`, of those that may be in several."""

    def room(self, size: int) -> bool:
        """Whether `size` bytes more would fit."""
        return self.used + size <= self.bound

    def share(self, message: Publish) -> None:
        """Say that a message may be put into several queues, all of which hold this object: it is counted once."""
        self.shared[id(message)] = 0

    def unshare(self, message: Publish) -> None:
        """Say that it has been put into all of them."""
        if not self.shared[id(message)]:
            del self.shared[id(message)]

    def queue(self, message: Publish) -> bool:
        """Count a message that is put into a queue; False, and not counted, if it does not fit."""
        queues = self.shared.get(id(message))
        size = QUEUE_SLOT_BYTES if queues else size_of(message)
        if self.used + size > self.bound:
            return False
        self.used += size
        if queues is not None:
            self.shared[id(message)] = queues + 1
        return True

    def unqueue(self, message: Publish) -> None:
        """Count a message no longer that is taken from a queue."""
        queues = self.shared.get(id(message), 1)
        if queues > 1:
            self.shared[id(message)] = queues - 1
            self.used -= QUEUE_SLOT_BYTES
        else:
            self.shared.pop(id(message), None)
            self.used -= size_of(message)


def size_of(message: Publish) -> int:
    """The bytes of a message by itself."""
    return MESSAGE + len(message[0]) + len(message[1])


def size_of_levels(topic: str) -> int:
    """The bytes of a filter or a topic in its tree, were it there alone."""
    return len(topic) + LEVEL * (topic.count("/") + 1)
