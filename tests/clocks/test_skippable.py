"""A clock that is put forward: its timers, and all of a module that goes by it."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from modemlab.clocks.skippable import SkippableClock, UnpacedTimers
from modemlab.dialect.registry import find_model
from modemlab.net.conditions import Conditions
from modemlab.ports.memory import MemoryPort
from modemlab.ports.pacing import Uart
from modemlab.ports.uart_port import UartPort
from modemlab.virtual.module import VirtualModule

Work = Callable[[VirtualModule, MemoryPort, bytearray, int], Coroutine[Any, Any, None]]


def test_timers_come_in_their_order() -> None:
    """Each at its time, those that others set too; what is left of a cancelled one is nothing."""

    async def main() -> None:
        clock = SkippableClock(time.monotonic, asyncio.get_running_loop())
        start, told = clock.now(), []

        def tell(name: str) -> None:
            told.append((name, round(clock.now() - start, 1)))
            if name == "second":
                clock.call_later(5.0, partial(tell, "fourth"))

        clock.call_later(100.0, partial(tell, "fifth"))
        clock.call_later(50.0, partial(tell, "third"))
        clock.call_later(48.0, partial(tell, "second"))
        clock.call_later(7.0, partial(tell, "first"))
        clock.call_later(7.5, partial(tell, "never")).cancel()
        await clock.advance(60.0)
        assert [name for name, _ in told] == ["first", "second", "third", "fourth"]
        assert [at for _, at in told] == pytest.approx([7.0, 48.0, 50.0, 53.0], abs=0.3)
        assert clock.now() - start == pytest.approx(60.0, abs=0.3)

    asyncio.run(main())


def test_timers_in_a_row_take_one_pause() -> None:
    """A line's, of which there is one a millisecond."""

    async def main() -> None:
        clock = SkippableClock(time.monotonic, asyncio.get_running_loop())
        unpaced, count, start = UnpacedTimers(clock), 0, time.monotonic()

        def pass_on() -> None:
            nonlocal count
            count += 1
            if count < 1000:
                unpaced.call_later(0.01, pass_on)

        pass_on()
        await clock.advance(60.0)
        assert count == 1000
        assert time.monotonic() - start < 5

    asyncio.run(main())


def with_silence(work: Work, model: str = "EC200S-CN", **options: Any) -> None:
    """Run with a module, its host, what that hears, and a server's port that accepts and never says a word."""

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            async with VirtualModule(*find_model(model), ports=[MemoryPort], skippable=True, **options) as vm:
                port, heard = vm.ports[0], bytearray()
                inner = port.port if isinstance(port, UartPort) else port
                assert isinstance(inner, MemoryPort)
                inner.attach(heard.extend)
                await work(vm, inner, heard, server.getsockname()[1])

    asyncio.run(main())


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_a_handshake_and_a_request_are_carried(speed: float) -> None:
    """A server that does not speak TLS; one that does not answer a request."""

    async def shake(vm: VirtualModule, port: MemoryPort, heard: bytearray, number: int) -> None:
        port.host_send(b'AT+QMTCFG="ssl",0,1,1\rAT+QMTOPEN=0,"127.0.0.1",%d\r' % number)
        await vm.advance(320)
        assert heard.endswith(b"\r\n+QMTOPEN: 0,-1\r\n")

    async def ask(vm: VirtualModule, port: MemoryPort, heard: bytearray, number: int) -> None:
        port.host_send(b'AT+QMTENAUTH="p","d","d","s",1,"http://127.0.0.1:%d/"\r' % number)
        await vm.advance(200)
        assert heard.endswith(b"\r\n+QMTTENAUTH: 6\r\n"), bytes(heard)

    with_silence(shake, speed=speed)
    with_silence(ask, "BC35-G", speed=speed)


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_the_line_is_carried(speed: float) -> None:
    """At 50 bit/s, which no clock but that of the host's own speeds up; the network behind it as well."""

    async def work(vm: VirtualModule, port: MemoryPort, heard: bytearray, number: int) -> None:
        await vm.advance(60)
        vm.network.set_conditions(Conditions(rtt=10))
        port.host_send(b'AT+QMTOPEN=0,"127.0.0.1",%d\r' % number)
        start = time.monotonic()
        await vm.advance(35 * speed)
        assert heard.endswith(b"\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n"), bytes(heard)
        assert time.monotonic() - start < 5

    with_silence(work, "BC35-G", uart=Uart(baud=50), speed=speed)


def test_a_clock_that_cannot_be_put_forward() -> None:
    """One that nobody asked for, and that of a module that is closed."""

    async def main() -> None:
        module = VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort])
        with pytest.raises(RuntimeError, match="the module's clock cannot be advanced"):
            await module.advance(1)
        await module.close()
        skippable = VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort], skippable=True)
        await skippable.close()
        with pytest.raises(RuntimeError, match="the module's clock cannot be advanced"):
            await skippable.advance(1)

    asyncio.run(main())
