"""Messages that wait in a module until the host fetches them: a few slots, and a queue held back behind them."""

from collections import deque

from modemlab.dialect.mqtt_events import Storage
from modemlab.mqtt.events import IncomingMessage

# Five slots, and twenty messages behind them (MQTT guide, 3.3.9).
PLAIN = Storage()


class MessageStore:
    """Slots of this shape, and the messages held back behind them."""

    __slots__ = ("_held", "_next", "_shape", "_slots")

    def __init__(self, shape: Storage = PLAIN) -> None:
        self._shape = shape
        self._slots: list[IncomingMessage | None] = [None] * shape.slots
        self._held: deque[IncomingMessage] = deque()
        # Of a ring: the slot that the next message takes.
        self._next = 0

    def put(self, message: IncomingMessage) -> int | None:
        """The slot that the message took; None when it is held back or dropped."""
        if self._shape.ring:
            slot = self._next
            self._slots[slot] = message
            self._next = (slot + 1) % self._shape.slots
            return slot
        if None in self._slots:
            slot = self._slots.index(None)
            self._slots[slot] = message
            return slot
        if message.qos:
            self._held.append(message)
        return None

    def take(self, slot: int) -> IncomingMessage | None:
        """The message of a slot, which is free again; None when there was none. An empty ring begins at 0 again."""
        message, self._slots[slot] = self._slots[slot], None
        if not self.waiting:
            self._next = 0
        return message

    def refill(self) -> tuple[int, IncomingMessage] | None:
        """Move the oldest message held back into a free slot: the slot and the message."""
        if not self._held or None not in self._slots:
            return None
        message = self._held.popleft()
        slot = self._slots.index(None)
        self._slots[slot] = message
        return slot, message

    @property
    def full(self) -> bool:
        """Whether so much is held back that nothing should be read from the network."""
        return not self._shape.ring and len(self._held) >= self._shape.held_back

    @property
    def waiting(self) -> tuple[int, ...]:
        """The slots that hold a message: of a ring the oldest first, else in order."""
        slots = range(self._next, self._next + self._shape.slots)
        return tuple(slot % self._shape.slots for slot in slots if self._slots[slot % self._shape.slots] is not None)
