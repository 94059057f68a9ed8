"""Messages that wait in a module until the host fetches them: a few slots, and a queue held back behind them."""

from collections import deque

from modemlab.mqtt.client import Message

SLOTS = 5
HELD_BACK = 20


class Inbox:
    """Five slots (MQTT guide, 3.3.9). A message takes the lowest free one.

    With no slot free a QoS 0 message is dropped; one of QoS 1 or 2 is held back unacknowledged, twenty at most.
    """

    __slots__ = ("_held", "_slots")

    def __init__(self) -> None:
        self._slots: list[Message | None] = [None] * SLOTS
        self._held: deque[Message] = deque()

    def put(self, message: Message) -> int | None:
        """The slot that the message took; None when it is held back or dropped."""
        if None in self._slots:
            slot = self._slots.index(None)
            self._slots[slot] = message
            return slot
        if message.qos:
            self._held.append(message)
        return None

    def take(self, slot: int) -> Message | None:
        """The message of a slot, which is free again; None when there was none."""
        message, self._slots[slot] = self._slots[slot], None
        return message

    def refill(self) -> tuple[int, Message] | None:
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
        return len(self._held) >= HELD_BACK

    @property
    def occupied(self) -> tuple[bool, ...]:
        """Which slots hold a message."""
        return tuple(message is not None for message in self._slots)
