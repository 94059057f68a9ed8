"""The line in numbers: exact times, in any split; the FIFO; noise."""

from random import Random

import pytest

from modemlab.ports.pacing import Noise, Pacer, Uart, Wire
from modemlab.ports.port import MAX_UNREAD_BYTES

# (bits a second, puts of bytes at a time, the time at which each character has passed)
PACES = [
    (115200, [(0.0, b"AT\r")], [1 / 11520, 2 / 11520, 3 / 11520]),
    (9600, [(0.0, b"AT\r")], [1 / 960, 2 / 960, 3 / 960]),
    (300, [(5.0, b"AB")], [5 + 1 / 30, 5 + 2 / 30]),
    # What comes while the line is busy passes without a gap, what comes later begins then.
    (10, [(0.0, b"AB"), (0.5, b"C"), (3.0, b"D"), (7.25, b"E")], [1, 2, 3, 4, 8.25]),
    (1000, [(1000.0, b"A"), (1000.005, b"B"), (1000.02, b"C")], [1000.01, 1000.02, 1000.03]),
]


def run(baud: int, puts: list[tuple[float, bytes]], looks: list[float]) -> dict[float, bytes]:
    """Everything in at its time; what is out at each look."""
    pacer = Pacer(baud)
    out: dict[float, bytes] = {}
    events = [(at, 0, data) for at, data in puts] + [(at, 1, b"") for at in looks]
    for at, kind, data in sorted(events, key=lambda event: event[:2]):
        if kind == 0:
            pacer.put(data, at)
        else:
            out[at] = pacer.take(at)
    assert len(pacer) == 0
    assert pacer.deadline() is None
    assert pacer.left == pacer.total == sum(len(data) for _, data in puts)
    return out


@pytest.mark.parametrize(("baud", "puts", "times"), PACES)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_times(baud: int, puts: list[tuple[float, bytes]], times: list[float], size: int) -> None:
    """Each character is out at its time and not before, however it was put in and however often one looks."""
    whole = b"".join(data for _, data in puts)
    cut = [(at, data[start : start + size]) for at, data in puts for start in range(0, len(data), size)]
    assert run(baud, cut, [max(times) + 100])[max(times) + 100] == whole
    # One look behind all puts: no earlier look was needed for the time of any character.
    for number, time in enumerate(times, 1):
        pacer = Pacer(baud)
        for at, data in cut:
            if at <= time:
                pacer.put(data, at)
        assert pacer.passes(number) == pytest.approx(time, abs=1e-9)
        assert len(pacer.take(time - 1 / baud)) == number - 1
        assert len(pacer.take(time)) == 1


@pytest.mark.parametrize(("baud", "puts", "times"), PACES)
def test_deadlines(baud: int, puts: list[tuple[float, bytes]], times: list[float]) -> None:
    """Whoever looks at each deadline finds one character at each, at its time."""
    pacer = Pacer(baud)
    found: list[float] = []
    for index, (at, data) in enumerate(puts):
        pacer.put(data, at)
        until = puts[index + 1][0] if index + 1 < len(puts) else float("inf")
        while (due := pacer.deadline()) is not None and due <= until:
            assert len(pacer.take(due)) == 1
            found.append(due)
    assert found == pytest.approx(times, abs=1e-9)


def test_without_a_rate_nothing_takes_time() -> None:
    """All is out at once."""
    pacer = Pacer(0)
    pacer.put(b"AB", 1.0)
    assert pacer.deadline() == 1.0
    assert pacer.take(1.0) == b"AB"
    pacer.put(b"C", 2.0)
    assert (pacer.take(2.0), pacer.deadline()) == (b"C", None)


def test_a_long_run_does_not_drift() -> None:
    """An hour of characters at 115,200 bit/s, by a monotonic clock that is far along, ends when it must."""
    start, count = 4e6, 11520 * 3600
    pacer = Pacer(115200)
    pacer.put(bytes(count), start)
    assert pacer.passes(count) == pytest.approx(start + 3600, abs=1e-6)
    assert len(pacer.take(start + 1800)) == count // 2
    assert len(pacer.take(start + 3600)) == count // 2


def test_another_rate_holds_behind_what_is_under_way() -> None:
    """A change of the rate leaves alone what was put in before."""
    pacer = Pacer(10)
    pacer.put(b"AB", 0.0)
    pacer.change(100)
    pacer.put(b"CD", 0.5)
    assert [pacer.passes(number) for number in range(1, 5)] == pytest.approx([1, 2, 2.1, 2.2])
    assert (pacer.take(2.0), pacer.take(2.1), pacer.take(9)) == (b"AB", b"C", b"D")
    pacer.put(b"E", 9.0)
    assert pacer.find(b"E") == 5
    assert pacer.find(b"F") == 0
    assert pacer.clear() == b"E"
    assert (len(pacer), pacer.left, pacer.deadline(), pacer.passes(5)) == (0, 5, None, float("-inf"))


class Bench:
    """A wire with a module that answers each command line, and what came of it."""

    def __init__(self, uart: Uart, answer: bytes = b"", number: int = 1) -> None:
        self.module, self.host = bytearray(), bytearray()
        self.told: list[str] = []
        self.answer = answer
        self.now = 0.0
        self.wire = Wire(uart, Random(number), self.deliver, self.host.extend, self.told.append)

    def deliver(self, data: bytes) -> None:
        """The module hears this."""
        self.module += data
        for _ in range(data.count(b"\r")):
            if self.answer:
                self.wire.send_to_host(self.answer, self.now)

    def until(self, end: float) -> list[tuple[float, int, int]]:
        """Look at each deadline up to then: the time, and how many bytes module and host have."""
        found = []
        while (due := self.wire.deadline()) is not None and due <= end:
            self.now = due
            self.wire.advance(due)
            found.append((round(due, 6), len(self.module), len(self.host)))
        self.now = end
        self.wire.advance(end)
        return found


def test_both_directions_at_once() -> None:
    """The two directions pass each other; the answer begins when the command has passed."""
    bench = Bench(Uart(10), b"OK\r")
    bench.wire.send_to_host(b"RING", 0.0)
    bench.wire.receive_from_host(b"A\r", 1.5)
    assert bench.until(20) == [
        *((2, 0, 2), (2.5, 1, 2), (3, 1, 3), (3.5, 2, 3), (4, 2, 4)),
        *((5, 2, 5), (6, 2, 6), (7, 2, 7)),
    ]
    assert (bytes(bench.module), bytes(bench.host)) == (b"A\r", b"RINGOK\r")


# (depth, what the host says with its times, what the module hears, what is lost). One character a second; an answer
# takes five.
FIFOS = [
    # Whoever waits for the answer loses nothing, however long the line is.
    (2, [(0.0, b"AT+LONG\r"), (14.0, b"AT+LONG\r")], b"AT+LONG\rAT+LONG\r", 0),
    # The answer to the first passes from 2 to 7: three of the five that come meanwhile fit.
    (3, [(0.0, b"1\r23456")], b"1\r234", 2),
    (5, [(0.0, b"1\r23456")], b"1\r23456", 0),
    # The sixth comes as the module reads again.
    (3, [(0.0, b"1\r234567")], b"1\r2347", 2),
    # A second line in the FIFO is read when the first one's answer has passed, and is itself answered.
    (6, [(0.0, b"1\r2\r3\r4\r5\r")], b"1\r2\r3\r4\r5\r", 0),
    (5, [(0.0, b"1\r2\r3\r4\r5\r")], b"1\r2\r3\r4\r5", 1),
    (1, [(0.0, b"1\r2\r3\r4\r5\r")], b"1\r2\r5", 5),
]


@pytest.mark.parametrize(("depth", "said", "heard", "lost"), FIFOS)
@pytest.mark.parametrize("step", [0.0, 0.25, 1.0, 3.0, 100.0])
def test_fifo(depth: int, said: list[tuple[float, bytes]], heard: bytes, lost: int, step: float) -> None:
    """What comes while an answer passes waits in the FIFO or is lost, however late one looks."""
    bench = Bench(Uart(10, depth), b"*****")
    for at, data in said:
        if step:
            bench.now = at
        else:
            bench.until(at)
        bench.wire.receive_from_host(data, at)
    now = said[-1][0]
    while step and now < 100:
        now += step
        bench.now = now
        bench.wire.advance(now)
    bench.until(200)
    assert bytes(bench.module) == heard
    assert bench.wire.lost == lost
    assert bench.host == b"*****" * heard.count(b"\r")
    if lost:
        assert bench.told[0] == f"the receive FIFO of {depth} bytes is full: what the host says is lost"
        assert bench.told[-1].endswith(f"of the host's were lost, {lost} since the start")
    else:
        assert bench.told == []


def test_an_answer_that_takes_its_time() -> None:
    """What comes until it is said, and has passed, waits in the FIFO."""
    bench = Bench(Uart(10, 2), b"")
    paused = [True]
    wire = Wire(Uart(10, 2), Random(1), bench.deliver, bench.host.extend, bench.told.append, lambda: paused[0])
    bench.wire = wire
    wire.receive_from_host(b"1\r234", 0.0)
    bench.until(50)
    assert (bytes(bench.module), wire.lost) == (b"1\r", 1)
    paused[0] = False
    wire.send_to_host(b"OK", 50.0)
    bench.until(51.5)
    assert bench.module == b"1\r"
    bench.until(60)
    assert (bytes(bench.module), bytes(bench.host), wire.lost) == (b"1\r23", b"OK", 1)


def test_an_urc_does_not_keep_the_module_from_reading() -> None:
    """Only an answer does, and an echo alone is none."""
    bench = Bench(Uart(10, 1))
    bench.wire.send_to_host(b"RING" * 10, 0.0)
    bench.wire.receive_from_host(b"ATD123456\r", 0.0)
    bench.until(15)
    assert bench.module == b"ATD123456\r"
    assert bench.wire.lost == 0


def test_memory_is_bounded() -> None:
    """Beyond a limit both directions lose what comes, whole, and say so."""
    bench = Bench(Uart(300))
    bench.wire.receive_from_host(bytes(MAX_UNREAD_BYTES), 0.0)
    bench.wire.receive_from_host(b"A", 0.0)
    bench.wire.receive_from_host(b"BC", 0.0)
    assert (bench.wire.coming, bench.wire.lost) == (MAX_UNREAD_BYTES, 3)
    assert bench.told == [f"{MAX_UNREAD_BYTES} bytes of the host's wait for the line: what the host says is lost"]
    assert not bench.wire.full
    bench.wire.send_to_host(bytes(MAX_UNREAD_BYTES), 0.0)
    bench.wire.send_to_host(b"A", 0.0)
    assert bench.wire.full
    bench.wire.deliver_all()
    assert (len(bench.module), len(bench.host), bench.wire.full) == (MAX_UNREAD_BYTES, MAX_UNREAD_BYTES, False)
    assert bench.told[1] == "3 bytes of the host's were lost, 3 since the start"


def test_a_host_that_leaves() -> None:
    """What it said arrives at once, with what is in the FIFO; an answer follows at once."""
    bench = Bench(Uart(10, 8), b"OK")
    bench.wire.receive_from_host(b"1\r2\r3\r", 0.0)
    bench.until(4.5)
    assert bench.module == b"1\r2\r"
    bench.wire.deliver_all()
    assert bench.module == b"1\r2\r3\r"
    assert bench.host == b"OKOKOK"
    assert bench.wire.deadline() is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_noise_is_the_same_in_any_split(size: int) -> None:
    """The same bytes are hit, whatever the pieces; one seed gives one outcome, another one another."""
    data = bytes(range(256)) * 4

    def spoilt(number: int, step: int) -> tuple[bytes, int, int]:
        noise = Noise(0.05, Random(number))
        out = b"".join(noise.add_noise(data[at : at + step]) for at in range(0, len(data), step))
        return out, noise.changed, noise.added

    out, changed, added = spoilt(1, size)
    assert (out, changed, added) == spoilt(1, len(data))
    assert out != spoilt(2, size)[0]
    assert len(out) == len(data) + added
    assert changed
    assert added


@pytest.mark.parametrize(("probability", "hits"), [(0.0, 0), (1.0, 500)])
def test_noise_by_its_probability(probability: float, hits: int) -> None:
    """None, or each byte; a changed one differs in one bit."""
    noise = Noise(probability, Random(3))
    out = noise.add_noise(b"U" * 500)
    assert noise.changed + noise.added == hits
    assert len(out) == 500 + noise.added
    one_bit = {0x55 ^ 1 << bit for bit in range(8)}
    lone = [byte for byte in out if byte != 0x55]
    assert sum(byte in one_bit for byte in lone) >= noise.changed


def test_noise_on_the_wire() -> None:
    """Each direction has its own lots; each piece that is hit is told in one line, an added byte takes its time."""
    bench = Bench(Uart(10, 0, 1.0))
    bench.wire.receive_from_host(b"AB", 0.0)
    bench.wire.send_to_host(b"AB", 0.0)
    bench.until(10)
    assert len(bench.told) == 2
    assert bench.told[0].startswith("noise changed ")
    assert " of the host's bytes and added " in bench.told[0]
    assert " of the module's bytes and added " in bench.told[1]
    assert b"AB" not in (bytes(bench.module), bytes(bench.host))
    again = Bench(Uart(10, 0, 1.0))
    again.wire.send_to_host(b"AB", 0.0)
    again.wire.receive_from_host(b"AB", 3.0)
    again.until(20)
    assert (again.module, again.host) == (bench.module, bench.host)
