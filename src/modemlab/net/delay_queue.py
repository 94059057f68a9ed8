"""When what is sent arrives: the conditions' figures worked out, without clock, chance or network of its own.

`now` is in seconds of a clock that never goes back; what draws lots is handed in.
"""

from collections import deque
from enum import IntEnum
from math import inf
from random import Random
from typing import Generic, NamedTuple, TypeVar

from modemlab.dialect.network import StreamError
from modemlab.net.conditions import Conditions

# Bytes of a TCP segment: 1,400 fit into what mobile networks carry, less two headers of 20.
SEGMENT_BYTES = 1360
# RFC 6298, 2.5: a bound of an RTO is 60 s or more.
MAX_RTO_S = 60.0
# A connection is given up after that many repeats, 183 s with an RTO of 1 s (RFC 1122, 4.2.3.5: at least 100 s).
MAX_RETRANSMISSIONS = 7
# A SYN is repeated that often, and waited for 123 s with an RTO of 1 s, as Linux does.
MAX_SYN_RETRANSMISSIONS = 6
# resolv.conf's `timeout` and `attempts`.
DNS_TIMEOUT_S = 5.0
DNS_ATTEMPTS = 2


class Direction(IntEnum):
    """A direction."""

    UPLINK = 0
    DOWNLINK = 1


class ConnectAttempt(NamedTuple):
    """How an attempt to connect goes: the SYN arrives `at` that time, or the attempt fails then, with `error`."""

    at: float
    error: StreamError | None


class RadioLink:
    """What the connections of a module share: the conditions since a time, and the bandwidth."""

    __slots__ = ("_busy", "_since", "conditions")

    def __init__(self, conditions: Conditions, now: float) -> None:
        self.change(conditions, now)

    def change(self, conditions: Conditions, now: float) -> None:
        """Other conditions begin."""
        self.conditions, self._since = conditions, now
        self._busy = [now, now]

    def in_coverage_gap(self, at: float) -> bool:
        """Whether there is no network at that time."""
        every, lasts = self.conditions.gap_interval, self.conditions.gap_duration
        return lasts > 0 and (at - self._since) % every >= every - lasts

    def transmit_end_time(self, way: Direction, size: int, now: float) -> float:
        """When so many bytes, sent after all before them, are on their way."""
        rate = self.conditions.uplink if way is Direction.UPLINK else self.conditions.downlink
        if not rate:
            return now
        self._busy[way] = max(self._busy[way], now) + size * 8 / rate
        return self._busy[way]

    def departure_time(self, at: float, repeats: int, rng: Random) -> float:
        """When a segment first sent at that time leaves for good; infinity when all repeats are lost."""
        loss, wait = self.conditions.loss, self.conditions.rto
        for _ in range(repeats + 1):
            if not self.in_coverage_gap(at) and not (loss and rng.random() < loss):
                return at
            at += wait
            wait = min(2 * wait, MAX_RTO_S)
        return inf

    def give_up_after(self, repeats: int) -> float:
        """The seconds after which a sender that is never answered gives up."""
        total, wait = 0.0, self.conditions.rto
        for _ in range(repeats + 1):
            total += wait
            wait = min(2 * wait, MAX_RTO_S)
        return total

    def latency(self, rng: Random) -> float:
        """The seconds that one way takes this time."""
        jitter = self.conditions.jitter
        return self.conditions.rtt / 2 + (rng.random() * jitter if jitter else 0.0)

    def resolve_attempt(self, now: float, rng: Random) -> ConnectAttempt:
        """How the look-up of a name goes: its answer is there `at` that time, or it fails then."""
        conditions, asked = self.conditions, now
        for _ in range(DNS_ATTEMPTS):
            if conditions.dns != "silent" and self.departure_time(asked, 0, rng) == asked:
                break
            asked += DNS_TIMEOUT_S
        else:
            return ConnectAttempt(asked, StreamError.NAME)
        known = asked + conditions.dns_delay + self.latency(rng) + self.latency(rng)
        return ConnectAttempt(known, StreamError.NAME if conditions.dns == "fails" else None)

    def round_trip(self, now: float, rng: Random) -> float:
        """When the answer to a packet sent at that time is there; infinity when one of the two is lost."""
        there = self.departure_time(now, 0, rng) + self.latency(rng)
        return inf if there == inf else self.departure_time(there, 0, rng) + self.latency(rng)

    def connect_attempt(self, by_name: bool, now: float, rng: Random) -> ConnectAttempt:
        """How an attempt to connect goes, to a host given by its name or by its address."""
        conditions = self.conditions
        if by_name:
            resolved = self.resolve_attempt(now, rng)
            if resolved.error is not None:
                return resolved
            now = resolved.at
        sent = (
            inf
            if conditions.connect_result == "black-holed"
            else self.departure_time(now, MAX_SYN_RETRANSMISSIONS, rng)
        )
        if sent == inf:
            return ConnectAttempt(now + self.give_up_after(MAX_SYN_RETRANSMISSIONS), StreamError.TIMEOUT)
        if conditions.connect_result == "refused":
            return ConnectAttempt(sent + self.latency(rng) + self.latency(rng), StreamError.REFUSED)
        return ConnectAttempt(sent + self.latency(rng), None)


T = TypeVar("T")


class QueuedItem(NamedTuple, Generic[T]):
    """Something on its way: when it arrives, what it is, and the seconds it takes beyond the latency."""

    at: float
    item: bytes | T
    extra: float


class DelayQueue(Generic[T]):
    """One direction of one connection. What is sent arrives in order: bytes, and other items between them.

    When a segment is lost again and again the sender gives up: at `gives_up`, None for never; nothing arrives
    after that.
    """

    __slots__ = ("_last", "_queue", "_radio", "_rng", "_way", "gives_up", "waiting")

    def __init__(self, air: RadioLink, way: Direction, rng: Random) -> None:
        self._radio, self._way, self._rng = air, way, rng
        self._queue: deque[QueuedItem[T]] = deque()
        self._last = 0.0
        self.gives_up: float | None = None
        # Bytes on their way.
        self.waiting = 0

    def send(self, data: bytes, now: float) -> None:
        """Send bytes."""
        for start in range(0, len(data), SEGMENT_BYTES):
            self.put(data[start : start + SEGMENT_BYTES], now)

    def put(self, item: bytes | T, now: float, extra: float = 0.0) -> None:
        """Send one segment or another item; it takes `extra` seconds beside the latency."""
        at = now
        if self._last != inf:
            size = len(item) if isinstance(item, bytes) else 0
            sent = self._radio.transmit_end_time(self._way, size, now) if size else now
            left = self._radio.departure_time(sent, MAX_RETRANSMISSIONS, self._rng)
            at = left + self._radio.latency(self._rng) + extra
            if at == inf:
                self.gives_up = max(self._last, sent + self._radio.give_up_after(MAX_RETRANSMISSIONS))
        self._append(at, item, extra)

    def schedule_at(self, item: T, at: float) -> None:
        """Let something arrive at that time, or after what is on its way."""
        self._append(at, item, 0.0)

    def next(self, now: float) -> bytes | T | None:
        """What has arrived next by `now`, bytes as long as there are some; None if nothing has."""
        queue = self._queue
        if not queue or queue[0].at > now:
            return None
        item = queue.popleft().item
        if not isinstance(item, bytes):
            return item
        pieces = [item]
        while queue and queue[0].at <= now and isinstance(queue[0].item, bytes):
            pieces.append(queue.popleft().item)  # type: ignore[arg-type]
        data = b"".join(pieces)
        self.waiting -= len(data)
        return data

    def deadline(self) -> float | None:
        """When the next thing arrives, None when nothing will."""
        return self._queue[0].at if self._queue and self._queue[0].at != inf else None

    @property
    def empty(self) -> bool:
        """Whether nothing is on its way."""
        return not self._queue

    def resend_all(self, now: float) -> None:
        """Send all that is on its way again, under other conditions."""
        entries = list(self._queue)
        self.clear()
        self._last = now
        for _, item, extra in entries:
            self.put(item, now, extra)

    def clear(self) -> None:
        """Drop all that is on its way."""
        self._queue.clear()
        self._last, self.waiting, self.gives_up = 0.0, 0, None

    def _append(self, at: float, item: bytes | T, extra: float) -> None:
        """Put it at the end of the queue."""
        self._last = max(self._last, at)
        self._queue.append(QueuedItem(self._last, item, extra))
        if isinstance(item, bytes):
            self.waiting += len(item)
