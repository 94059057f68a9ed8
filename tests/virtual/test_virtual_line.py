"""A module behind a line with a rate, and one whose clock runs fast: on ports, against servers, in real time.

What takes time is held to the least that it can take, never to the most.
"""

import asyncio
import io
import socket
import time
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import pytest
import serial

from modemlab.clocks.loop_timers import loop_timers
from modemlab.clocks.scaled import ScaledClock
from modemlab.dialect.registry import find_model
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from modemlab.net.conditions import Conditions
from modemlab.ports.memory import MemoryPort
from modemlab.ports.pacing import Uart
from modemlab.ports.trace import Trace, TraceFile
from modemlab.ports.uart_port import PAUSE_READING_BYTES, UartPort
from modemlab.virtual.module import VirtualModule
from support.helpers import WAIT, until

Work = Callable[[VirtualModule, "Host"], Coroutine[Any, Any, None]]


class Host:
    """A host on a memory port behind a line."""

    def __init__(self, vm: VirtualModule) -> None:
        port = vm.ports[0]
        inner = port.port if isinstance(port, UartPort) else port
        assert isinstance(inner, MemoryPort)
        self.port, self.heard = inner, bytearray()
        inner.attach(self.heard.extend)

    async def until(self, words: bytes) -> bytes:
        """What came up to and with these words."""
        await until(lambda: words in self.heard)
        end = self.heard.index(words) + len(words)
        text = bytes(self.heard[:end])
        del self.heard[:end]
        return text

    async def ask(self, line: str, words: bytes = b"OK\r\n") -> bytes:
        """Say a command and wait for these words."""
        self.port.host_send(line.encode() + b"\r")
        return await self.until(words)


def with_module(work: Work, model: str = "EC200S-CN", **options: Any) -> None:
    """Run with a module on a memory port."""

    async def main() -> None:
        async with VirtualModule(*find_model(model), ports=[MemoryPort], **options) as vm:
            await work(vm, Host(vm))

    asyncio.run(main())


def wire_of(vm: VirtualModule, number: int = 0) -> Any:
    """The line of a port."""
    port = vm.ports[number]
    assert isinstance(port, UartPort)
    return port.wire


def test_nothing_is_between_until_it_is_asked_for() -> None:
    """The port itself, the clock itself."""

    async def main() -> None:
        async with VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort, "tcp://127.0.0.1:0"]) as vm:
            assert [type(port).__name__ for port in vm.ports] == ["MemoryPort", "TcpPort"]
            assert vm._ports._rated == ()
            assert vm.now is time.monotonic
            assert vm._loop is loop_timers(asyncio.get_running_loop())

    asyncio.run(main())


# the rate


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")  # pyserial's RFC 2217 client
@pytest.mark.parametrize("kind", ["pty", "tcp", "rfc2217"])
def test_a_host_waits_as_for_a_uart(kind: str) -> None:
    """A command and its answer pass one after the other, ten bits a character; all of it arrives."""
    baud, asked = 4800, b"ATI\r"

    def ask(url: str) -> float:
        url = url.replace("tcp://", "socket://") + ("?timeout=10" if kind == "rfc2217" else "")
        with serial.serial_for_url(url, 115200, timeout=WAIT) as device:
            device.write(b"ATE0\r")
            assert device.read_until(b"OK\r\n").endswith(b"\r\nOK\r\n")
            start = time.monotonic()
            device.write(asked)
            answer = device.read_until(b"OK\r\n")
            seconds = time.monotonic() - start
            assert answer == b"\r\nQuectel\r\nEC200SCN\r\nRevision: EC200SCNAAR03A01M08\r\n\r\nOK\r\n"
            assert seconds > (len(asked) + len(answer)) * 10 / baud - 0.001
            device.write(b"AT+CGMM\r")  # what it said is heard, though it leaves
        return seconds

    async def main() -> None:
        url = kind if kind == "pty" else f"{kind}://127.0.0.1:0"
        async with VirtualModule(*find_model("EC200S-CN"), ports=[url], uart=Uart(baud)) as vm:
            await asyncio.wait_for(asyncio.to_thread(ask, vm.urls[0]), 2 * WAIT)
            await until(lambda: not vm.ports[0].taken)
            await until(lambda: not wire_of(vm).coming)

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["pty", "tcp"])
def test_a_host_that_says_much_is_not_read_ahead(kind: str) -> None:
    """What it says waits on its side; nothing is lost, and the last command is answered."""
    lines, baud = 4000, 921600

    def work(url: str) -> float:
        url = url.replace("tcp://", "socket://")
        with serial.serial_for_url(url, 115200, timeout=WAIT, write_timeout=WAIT) as device:
            device.write(b"ATE0\r")
            device.read_until(b"OK\r\n")
            start = time.monotonic()
            device.write(b"*" * 9 * lines + b"\rAT+CGMM\r")
            assert device.read_until(b"OK\r\n") == b"\r\nEC200SCN\r\n\r\nOK\r\n"
            return time.monotonic() - start

    async def main() -> None:
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, wire_of(vm).coming)
                await asyncio.sleep(0.002)

        url = kind if kind == "pty" else f"{kind}://127.0.0.1:0"
        async with VirtualModule(*find_model("EC200S-CN"), ports=[url], uart=Uart(baud)) as vm:
            watching = asyncio.create_task(watch())
            seconds = await asyncio.wait_for(asyncio.to_thread(work, vm.urls[0]), 2 * WAIT)
            watching.cancel()
            assert seconds > 9 * lines * 10 / baud
            assert 0 < most <= PAUSE_READING_BYTES + 65536
            assert wire_of(vm).lost == 0

    asyncio.run(main())


def test_at_ipr_changes_the_rate_behind_its_ok() -> None:
    """The rate is the one that AT+IPR shows; a new one holds from behind the OK until the module starts again."""

    async def work(vm: VirtualModule, host: Host) -> None:
        wire = wire_of(vm)
        await host.ask("ATE0")
        assert await host.ask("AT+IPR?") == b"\r\n+IPR: 4800\r\n\r\nOK\r\n"
        start = time.monotonic()
        await host.ask("AT+IPR=921600")
        assert time.monotonic() - start > (14 + 6) * 10 / 4800 - 0.001
        assert wire.baud == 921600
        assert await host.ask("AT+IPR?") == b"\r\n+IPR: 921600\r\n\r\nOK\r\n"
        await host.ask("AT+CFUN=1,1", b"RDY\r\n")
        assert wire.baud == 4800
        await host.ask("AT+IPR=115200;&W")
        await host.ask("AT+CFUN=1,1", b"RDY\r\n")
        assert wire.baud == 115200
        await host.ask("AT+IPR=1", b"ERROR\r\n")
        assert wire.baud == 115200

    with_module(work, uart=Uart(4800))


@pytest.mark.parametrize(
    ("model", "baud", "after"), [("Air724UG", 1200, 9600), ("BC35-G", 12345, 12345)], ids=["any rate", "no AT+IPR"]
)
def test_rates_of_other_dialects(model: str, baud: int, after: int) -> None:
    """A module that takes any rate shows as much until it is given one; one without the command keeps its rate."""

    async def work(vm: VirtualModule, host: Host) -> None:
        if after != baud:
            assert b"+IPR: 0\r\n" in await host.ask("AT+IPR?")
        assert wire_of(vm).baud == baud
        await host.ask("AT+IPR=9600", b"\r\nOK\r\n" if after != baud else b"\r\nERROR\r\n")
        assert wire_of(vm).baud == after

    with_module(work, model, uart=Uart(baud))


def test_a_rate_that_the_module_does_not_have() -> None:
    """It is refused in one line."""

    async def main() -> None:
        with pytest.raises(ValueError, match=r"^12345 bit/s is not a rate of Quectel .*; AT\+IPR accepts .*115200"):
            VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort], uart=Uart(12345))

    asyncio.run(main())


def test_lines_with_names_are_paced_each() -> None:
    """What passes on one does not delay the other; AT+IPR changes all."""

    async def main() -> None:
        urls = ["tcp://127.0.0.1:0#usbat", "tcp://127.0.0.1:0#usbmodem"]
        async with VirtualModule(*find_model("EC200S-CN"), ports=urls, uart=Uart(4800)) as vm:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(vm.urls[1].rpartition(":")[2]))
            writer.write(b"AT+IPR=230400\r")
            await asyncio.wait_for(reader.readuntil(b"OK\r\n"), WAIT)
            assert [wire_of(vm, number).baud for number in (0, 1)] == [230400, 230400]
            writer.close()

    asyncio.run(main())


# FIFO and noise


def test_an_overrun_is_told() -> None:
    """A host that does not wait loses what the FIFO cannot hold; log and trace say so."""
    notes: list[Note] = []
    traced = io.StringIO()

    async def work(vm: VirtualModule, host: Host) -> None:
        await host.ask("ATE0")
        host.port.host_send(b"ATI\r" + b"AT+CGMM\r" * 8)
        await host.until(b"OK\r\n")
        await until(lambda: bool(wire_of(vm).lost))
        await until(lambda: "since the start" in str(notes[-1].reason))
        # Whoever waits is heard in full again.
        host.port.host_send(b"\r")
        await until(lambda: wire_of(vm).deadline() is None)
        host.heard.clear()
        assert await host.ask("AT+CGMM") == b"\r\nEC200SCN\r\n\r\nOK\r\n"

    with_module(work, uart=Uart(9600, 8), observers=[NoteListener(notes.append), Trace(TraceFile(traced))])
    told = [f"{note.subject}: {note.reason}" for note in notes if note.subject == "line"]
    assert told[0] == "line: the receive FIFO of 8 bytes is full: what the host says is lost"
    assert "of the host's were lost" in told[1]
    assert f"-- {told[0]}" in traced.getvalue()


def test_noise_can_be_repeated() -> None:
    """The same seed and the same words give the same bytes; another seed, others. The log tells of it."""
    notes: list[Note] = []

    def heard(number: int) -> bytes:
        said: list[bytes] = []

        async def work(vm: VirtualModule, host: Host) -> None:
            for _ in range(20):
                host.port.host_send(b"ATI\r")
            said.append(bytes(host.heard))

        with_module(work, uart=Uart(noise=0.05), rng=Random(number), observers=[NoteListener(notes.append)])
        return said[0]

    assert heard(1) == heard(1) != heard(2)
    assert any(note.subject == "line" and "noise changed" in str(note.reason) for note in notes)


# the clock


@pytest.mark.parametrize("speed", [0.1, 1.0, 10.0, 1000.0])
def test_clock(speed: float) -> None:
    """It goes on from where the other stands, and its timers go by it."""

    async def main() -> None:
        times = iter((100.0, 100.0, 101.5, 200.0))
        loop = asyncio.get_running_loop()
        clock = ScaledClock(speed, lambda: next(times), loop)
        assert [clock.now(), clock.now(), clock.now()] == [100.0, 100 + 1.5 * speed, 100 + 100 * speed]
        start = loop.time()
        timer = clock.call_later(7.0, asyncio.Event().set)
        assert isinstance(timer, asyncio.TimerHandle)
        assert timer.when() == pytest.approx(start + 7 / speed, abs=1.0)
        timer.cancel()

    asyncio.run(main())


@pytest.mark.parametrize("speed", [0.0, -1.0, 0.09, 1001.0, float("nan"), float("inf")])
def test_a_speed_that_is_none(speed: float) -> None:
    """It is refused in one line."""

    async def main() -> None:
        with pytest.raises(ValueError, match=r"^speed \S+ is not a number of 0\.1 to 1000$"):
            VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort], speed=speed)

    asyncio.run(main())


def with_silence(work: Callable[[VirtualModule, Host, int], Coroutine[Any, Any, None]], **options: Any) -> None:
    """Run with a module and a server that accepts and never says a word."""

    async def with_port(vm: VirtualModule, host: Host) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            await work(vm, host, server.getsockname()[1])

    with_module(with_port, **options)


def test_a_time_out_of_a_minute_in_a_second() -> None:
    """AT+QMTCONN that nobody answers: sixty of the module's seconds, a hundred times as fast."""

    async def work(vm: VirtualModule, host: Host, port: int) -> None:
        await host.ask('AT+QMTCFG="timeout",0,60,3,0')
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{port}', b"+QMTOPEN: 0,0\r\n")
        start, begun = time.monotonic(), vm.now()
        await host.ask('AT+QMTCONN=0,"x"', b"+QMTSTAT: 0,")
        seconds, passed = time.monotonic() - start, vm.now() - begun
        assert seconds > 0.599
        assert passed > 59.9
        assert passed > 99 * seconds

    with_silence(work, speed=100.0)


def test_a_handshake_by_the_modules_clock() -> None:
    """A server that does not speak TLS: ten of the module's seconds."""
    notes: list[Note] = []

    async def work(_vm: VirtualModule, host: Host, port: int) -> None:
        await host.ask('AT+QSSLCFG="negotiatetime",1,10')
        await host.ask('AT+QMTCFG="ssl",0,1,1')
        start = time.monotonic()
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{port}', b"+QMTOPEN: 0,")
        assert time.monotonic() - start > 0.099

    with_silence(work, speed=100.0, observers=[NoteListener(notes.append)])
    assert any("it took longer than 10 s" in str(note.reason) for note in notes)


def test_the_date_runs_along() -> None:
    """It starts from the real one, and a minute of it takes a hundredth of that."""

    async def work(vm: VirtualModule, host: Host) -> None:
        mobile, start = vm.module.mobile, time.time()
        first = mobile.clock.utc(vm.now())
        assert first >= start - 1
        await asyncio.sleep(0.6)
        assert mobile.clock.utc(vm.now()) - first > 59
        assert b"+CCLK: " in await host.ask("AT+CCLK?")

    with_module(work, speed=100.0)


def test_the_network_runs_along() -> None:
    """A round-trip time of five seconds is one of the module's clock."""

    async def work(vm: VirtualModule, host: Host, port: int) -> None:
        vm.network.set_conditions(Conditions(rtt=5.0))
        start, begun = time.monotonic(), vm.now()
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{port}', b"+QMTOPEN: 0,0\r\n")
        assert time.monotonic() - start > 0.049
        assert vm.now() - begun > 4.9

    with_silence(work, speed=100.0)


def test_a_line_with_a_name_is_the_one_that_answers() -> None:
    """Each port asks its own line whether an answer takes its time."""

    async def main() -> None:
        ports = ["tcp://127.0.0.1:0#usbat", "tcp://127.0.0.1:0#usbmodem"]
        async with VirtualModule(*find_model("EC200S-CN"), ports=ports, uart=Uart(9600, 8)) as vm:
            vm.module.lines[1]._pause = 1.0, bytearray()
            assert [wire_of(vm, number)._pausing() for number in (0, 1)] == [False, True]
            vm.module.lines[1]._pause = None

    asyncio.run(main())
