"""A serial line as a UART makes it: its pace, noise on it, and a receive FIFO that can overrun.

Nothing here has a clock: bytes and `now`, in seconds, go in; what is due by then and the next deadline come out.
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES

# Bytes of the deepest receive FIFO.
MAX_FIFO_BYTES = 65_536
# A character: a start bit, eight data bits and a stop bit.
BITS_PER_CHARACTER = 10
# Of a character: what rounding may make one look early.
ROUNDING_TOLERANCE = 1e-3
CR = b"\r"


class Uart(NamedTuple):
    """What a line is like. 0 is none: bytes take no time, the module reads all at once, no byte is spoilt.

    `baud` is in bits a second, `fifo` in bytes and needs `baud`, `noise` is the probability, up to 1, that a byte is
    changed or one comes before it.
    """

    baud: int = 0
    fifo: int = 0
    noise: float = 0.0


class Burst:
    """Characters without a gap: when the first began, the seconds that each takes, how many, and how many are out."""

    __slots__ = ("begin", "count", "out", "seconds")

    def __init__(self, begin: float, seconds: float, count: int) -> None:
        self.begin, self.seconds, self.count = begin, seconds, count
        self.out = 0


class Pacer:
    """One direction: a character is out once all of its bits have passed, each behind the one before it.

    `total` counts what was ever put in, `left` what has come out again.
    """

    __slots__ = ("_bursts", "_free", "_seconds", "_waiting", "left", "total")

    def __init__(self, baud: int) -> None:
        """Make an idle line. With 0 bits a second nothing takes time."""
        self._waiting = bytearray()
        self._bursts: deque[Burst] = deque()
        self._free = float("-inf")
        self._seconds = 0.0
        self.total = self.left = 0
        self.change(baud)

    def __len__(self) -> int:
        """How many bytes are under way."""
        return len(self._waiting)

    def change(self, baud: int) -> None:
        """What is put in from now on passes at another rate, behind what is under way."""
        self._seconds = BITS_PER_CHARACTER / baud if baud else 0.0

    def put(self, data: bytes, now: float) -> None:
        """Let these bytes pass, from now on or as soon as the line is free."""
        if not data:
            return
        burst = self._bursts[-1] if self._bursts else None
        if burst is not None and now <= self._free and burst.seconds == self._seconds:
            burst.count += len(data)
        else:
            burst = Burst(max(now, self._free), self._seconds, len(data))
            self._bursts.append(burst)
        self._free = burst.begin + burst.count * burst.seconds
        self._waiting += data
        self.total += len(data)

    def take(self, now: float) -> bytes:
        """What has passed by now, and was not taken before."""
        count = 0
        while self._bursts:
            burst = self._bursts[0]
            if burst.begin > now:
                break
            passed = int((now - burst.begin) / burst.seconds + ROUNDING_TOLERANCE) if burst.seconds else burst.count
            passed = max(min(passed, burst.count), burst.out)
            count += passed - burst.out
            burst.out = passed
            if passed < burst.count:
                break
            self._bursts.popleft()
        data = bytes(self._waiting[:count])
        del self._waiting[:count]
        self.left += count
        return data

    def deadline(self) -> float | None:
        """When the next character has passed, or None."""
        return self.passes(self.left + 1) if self._waiting else None

    def passes(self, position: int) -> float:
        """When the character with that number, by `total` as it was put in, has passed; -inf if it has already."""
        number = position - self.left
        if number > 0:
            for burst in self._bursts:
                if number <= burst.count - burst.out:
                    return burst.begin + (burst.out + number) * burst.seconds
                number -= burst.count - burst.out
        return float("-inf")

    def find(self, what: bytes) -> int:
        """The number of the first such byte under way, or 0."""
        index = self._waiting.find(what)
        return 0 if index < 0 else self.left + index + 1

    def clear(self) -> bytes:
        """Have nothing under way; what was is returned."""
        data = bytes(self._waiting)
        self._waiting.clear()
        self._bursts.clear()
        self._free = float("-inf")
        self.left = self.total
        return data


class Noise:
    """Spoils bytes by chance, the same ones however they are cut: half of the time a bit is turned round, half of it
    a byte comes before. `changed` and `added` count them.
    """

    __slots__ = ("_probability", "_rng", "added", "changed")

    def __init__(self, probability: float, rng: Random) -> None:
        self._probability, self._rng = probability, rng
        self.changed = self.added = 0

    def add_noise(self, data: bytes) -> bytes:
        """What these bytes are at the other end."""
        draw, out = self._rng, bytearray()
        for byte in data:
            if draw.random() >= self._probability:
                out.append(byte)
            elif draw.random() < 0.5:
                out.append(byte ^ 1 << draw.randrange(8))
                self.changed += 1
            else:
                out += bytes((draw.randrange(256), byte))
                self.added += 1
        return bytes(out)


class Wire:
    """Both directions between a host and a module, and the module's receive FIFO.

    `deliver` is called with what reaches the module, which may call `send_to_host` from within, `show` with what
    reaches the host, and `tell` with a line for the log; `pausing` says whether the module takes its time over an
    answer. With a FIFO the module reads up to the end of a command line, and reads on when its answer has passed: what
    comes meanwhile waits in the FIFO, and is lost once that is full.

    `lost` counts those bytes.
    """

    __slots__ = (
        *("_at", "_awaited", "_deliver", "_depth", "_fifo", "_heard", "_noise", "_open", "_overrun", "_pausing"),
        *("_running", "_said", "_show", "_tell", "baud", "lost"),
    )

    def __init__(
        self,
        uart: Uart,
        rng: Random,
        deliver: Callable[[bytes], None],
        show: Callable[[bytes], None],
        tell: Callable[[str], None],
        pausing: Callable[[], bool] = lambda: False,
    ) -> None:
        """Make an idle line; `rng` starts the noise and is used for nothing else."""
        self.baud, self._depth = uart.baud, uart.fifo
        self._deliver, self._show, self._tell, self._pausing = deliver, show, tell, pausing
        self._heard, self._said = Pacer(uart.baud), Pacer(uart.baud)
        # Each direction draws its own lots, so that neither depends on how the other's bytes come.
        noises = [Noise(uart.noise, Random(rng.getrandbits(64))) for _ in range(2)] if uart.noise else []
        self._noise: list[Noise] = noises
        self._fifo = bytearray()
        # The answer to the last command line: where it ends, and whether there is still some of it to be said.
        self._awaited, self._open = 0, False
        self._overrun = self.lost = 0
        self._at = float("-inf")
        self._running = False

    @property
    def coming(self) -> int:
        """How many of the host's bytes are under way."""
        return len(self._heard)

    @property
    def full(self) -> bool:
        """Whether so much is on its way to the host that the module should say no more."""
        return len(self._said) > CONGESTED_BYTES

    def receive_from_host(self, data: bytes, now: float) -> None:
        """The host says this; beyond `MAX_UNREAD_BYTES` bytes under way it is lost as a whole."""
        if len(self._heard) + len(data) > MAX_UNREAD_BYTES:
            self._lose(len(data), f"{MAX_UNREAD_BYTES} bytes of the host's wait for the line")
            return
        self.advance(now)
        self._heard.put(self._with_noise(0, data), now)
        self.advance(now)

    def send_to_host(self, data: bytes, now: float) -> None:
        """The module says this, at the time of what it was just delivered; lost as a whole beyond `MAX_UNREAD_BYTES`
        bytes.
        """
        self.advance(now)
        if len(self._said) + len(data) <= MAX_UNREAD_BYTES:
            self._said.put(self._with_noise(1, data), self._at if self._running else now)
        if self._open:
            self._awaited, self._open = self._said.total, self._pausing()
        self.advance(now)

    def change(self, baud: int) -> None:
        """Another rate holds behind what is under way."""
        self.baud = baud
        self._heard.change(baud)
        self._said.change(baud)

    def advance(self, now: float) -> None:
        """Let time pass up to `now`."""
        if self._running:
            return
        self._running = True
        try:
            while self._step(now):
                pass
        finally:
            self._running = False

    def deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        times = [self._heard.deadline(), self._said.deadline()]
        return min((time for time in times if time is not None), default=None)

    def deliver_all(self) -> None:
        """The host leaves: what is under way arrives at once, what it said first."""
        self._running = True
        try:
            coming = bytes(self._fifo) + self._heard.clear()
            self._fifo.clear()
            self._open = False
            if coming:
                self._deliver(coming)
            going = self._said.clear()
            if going:
                self._show(going)
        finally:
            self._running = False
        self._end_overrun()

    # inside

    @property
    def _busy(self) -> bool:
        """Whether the answer to a command line is still passing."""
        return self._open or self._said.left < self._awaited

    def _step(self, now: float) -> bool:
        """Go on to `now`, or to what the module does before then; whether there may be more to do."""
        at, busy = now, self._busy
        if self._depth:
            # The order in which things happened does not depend on how late this is called.
            if busy:
                at = at if self._open else min(at, self._said.passes(self._awaited))
            elif number := self._heard.find(CR):
                at = min(at, self._heard.passes(number))
        self._at = at
        going, coming = self._said.take(at), self._heard.take(at)
        if going:
            self._show(going)
        if not self._depth:
            if coming:
                self._deliver(coming)
            return bool(going or coming)
        # What came while the answer was passing had to find room in the FIFO.
        waiting = bytes(self._fifo) + coming
        self._read(self._bounded(waiting) if busy else waiting)
        return bool(going or coming)

    def _read(self, waiting: bytes) -> None:
        """Have the module read what it can; the rest stays in the FIFO, as far as there is room."""
        self._fifo.clear()
        while waiting and not self._busy:
            line, end, rest = waiting.partition(CR)
            before = self._said.total
            self._deliver(line + end)
            if end and self._said.total > before:
                self._awaited = self._said.total
            self._open = end != b"" and self._pausing()
            waiting = rest
            self._end_overrun()
        self._fifo += self._bounded(waiting)

    def _bounded(self, waiting: bytes) -> bytes:
        """What of it the FIFO holds."""
        lost = len(waiting) - self._depth
        if lost > 0:
            self._lose(lost, f"the receive FIFO of {self._depth} bytes is full")
        return waiting[: self._depth]

    def _lose(self, count: int, why: str) -> None:
        """Bytes of the host's are lost; the first of a row are told at once."""
        if not self._overrun:
            self._tell(f"{why}: what the host says is lost")
        self._overrun += count
        self.lost += count

    def _end_overrun(self) -> None:
        """The module reads again: tell how much was lost."""
        if self._overrun:
            self._tell(f"{self._overrun} bytes of the host's were lost, {self.lost} since the start")
            self._overrun = 0

    def _with_noise(self, direction: int, data: bytes) -> bytes:
        """What the line makes of these bytes; noise is told."""
        if not self._noise:
            return data
        noise = self._noise[direction]
        changed, added = noise.changed, noise.added
        data = noise.add_noise(data)
        changed, added = noise.changed - changed, noise.added - added
        if changed or added:
            whose = "the module's" if direction else "the host's"
            self._tell(f"noise changed {changed} of {whose} bytes and added {added}")
        return data
