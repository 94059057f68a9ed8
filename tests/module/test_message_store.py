"""The slots and the queue behind them (MQTT guide V1.1, 3.3.9)."""

from modemlab.dialect.mqtt_events import Storage
from modemlab.module.message_store import PLAIN, MessageStore
from modemlab.mqtt.events import IncomingMessage


def message(number: int, qos: int = 1) -> IncomingMessage:
    """A message that can be told from others."""
    return IncomingMessage(number if qos else 0, "t", b"%d" % number, qos, False, False)


def test_sizes() -> None:
    assert (PLAIN.slots, PLAIN.held_back, PLAIN.ring) == (5, 20, False)


def test_a_ring_overwrites_the_oldest() -> None:
    inbox = MessageStore(Storage(4, 0, True))
    assert [inbox.put(message(n)) for n in range(3)] == [0, 1, 2]
    assert list(inbox.waiting) == [0, 1, 2]
    assert [inbox.put(message(n)) for n in (3, 4, 5)] == [3, 0, 1]
    assert list(inbox.waiting) == [2, 3, 0, 1]
    assert not inbox.full
    assert [inbox.take(slot) for slot in inbox.waiting] == [message(n) for n in (2, 3, 4, 5)]
    assert list(inbox.waiting) == []
    assert inbox.put(message(6)) == 0


def test_the_lowest_free_slot() -> None:
    inbox = MessageStore()
    assert [inbox.put(message(n)) for n in range(5)] == [0, 1, 2, 3, 4]
    assert inbox.take(3) == message(3)
    assert inbox.take(1) == message(1)
    assert inbox.take(1) is None
    assert list(inbox.waiting) == [0, 2, 4]
    assert [inbox.put(message(n)) for n in (6, 7)] == [1, 3]
    assert list(inbox.waiting) == [0, 1, 2, 3, 4]


def test_full_slots_drop_qos_0_and_hold_the_rest_back() -> None:
    inbox = MessageStore()
    for n in range(5):
        inbox.put(message(n, 0))
    assert inbox.put(message(5, 0)) is None
    assert inbox.put(message(6, 1)) is None
    assert inbox.put(message(7, 2)) is None
    assert inbox.refill() is None
    assert inbox.take(4) == message(4, 0)
    assert inbox.refill() == (4, message(6, 1))
    assert inbox.refill() is None
    inbox.take(0)
    assert inbox.refill() == (0, message(7, 2))
    inbox.take(1)
    assert inbox.refill() is None


def test_it_is_full_at_twenty() -> None:
    inbox = MessageStore()
    for n in range(24):
        inbox.put(message(n + 1))
    assert not inbox.full
    inbox.put(message(25))
    assert inbox.full
    inbox.put(message(26))
    assert inbox.full
    for expected in (6, 7):
        inbox.take(0)
        assert inbox.refill() == (0, message(expected))
    assert not inbox.full
