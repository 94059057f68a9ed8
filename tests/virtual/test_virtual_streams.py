"""A module with real sockets: what opening, closing and slow peers come to."""

import asyncio
import socket
import sys
import threading
from typing import Any

import pytest

from modemlab.net.connect_to import parse_connect_to
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.helpers import WAIT, until
from support.tiny_module import DIALECT, MODEL
from support.virtual_module import CONNECT, Host, Server, with_server


def test_connect_to_hides_the_address() -> None:
    """A name that exists nowhere reaches the local server; the module still knows the name."""

    async def main() -> None:
        server = Server()
        await server.start()
        rules = [parse_connect_to(f"burnt.in.invalid:1883:127.0.0.1:{server.port}")]
        async with VirtualModule(DIALECT, MODEL, ports=[MemoryPort], connect_to=rules) as vm:
            host = Host(vm)
            await host.ask('AT+OPEN=0,"burnt.in.invalid",1883', b"+OPEN: 0,OPENED\r\n")
            network = vm.module.clients[0].network
            assert network is not None
            assert network.host == "burnt.in.invalid"
            await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
            assert bytes(server.heard) == CONNECT
        await server.stop()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("host_name", "outcome"),
    [
        ("127.0.0.1", b"FAILED"),
        ("localhost", b"FAILED"),
        ("no.such.host.invalid", b"NO_NAME"),
        ("a..b", b"NO_NAME"),
        ("." * 3, b"NO_NAME"),
        ("a" * 64 + ".example", b"NO_NAME"),
        ("1.2.3.4.5", b"NO_NAME"),
    ],
)
def test_opening_fails(host_name: str, outcome: bytes) -> None:
    """A closed port and names of all kinds that do not resolve; the client can be used afterwards."""

    async def work(_vm: VirtualModule, host: Host, server: Server) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound, and not listening
            port = unused.getsockname()[1]
            await host.ask(f'AT+OPEN=0,"{host_name}",{port}', b"+OPEN: 0," + outcome + b"\r\n")
        await host.ask(f'AT+OPEN=0,"localhost",{server.port}', b"+OPEN: 0,OPENED\r\n")

    with_server(work)


def test_closing_cancels_the_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is still being resolved: closing ends it at once, its late answer is ignored."""
    answer = threading.Event()
    asked = threading.Event()
    resolve = socket.getaddrinfo

    def slow(host: str, *arguments: Any, **options: Any) -> Any:
        if host != "slow.invalid" or options.get("flags") == socket.AI_NUMERICHOST:
            return resolve(host, *arguments, **options)
        asked.set()
        answer.wait(WAIT)
        return resolve("127.0.0.1", *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        await host.ask(f'AT+OPEN=0,"slow.invalid",{server.port}')
        await until(asked.is_set)
        await host.ask("AT+CLOSE=0")
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        answer.set()
        await asyncio.sleep(0.1)
        await host.ask("AT")
        assert b"OPEN" not in host.heard
        assert len(server.writers) == 1
        assert vm.module.clients[0].stream == 2

    try:
        with_server(work)
    finally:
        answer.set()


@pytest.mark.skipif(sys.platform != "linux", reason="what a full backlog does is told of Linux")
def test_closing_cancels_the_connection() -> None:
    """A server whose backlog is full answers no SYN: closing ends the attempt, power-off does too."""

    async def main() -> None:
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        await asyncio.sleep(0.05)
        async with VirtualModule(DIALECT, MODEL, ports=[MemoryPort]) as vm:
            host = Host(vm)
            await host.ask(f'AT+OPEN=0,"127.0.0.1",{address[1]};+OPEN=1,"127.0.0.1",{address[1]}')
            await asyncio.sleep(0.1)
            assert b"+OPEN" not in host.heard
            await host.ask("AT+CLOSE=0")
            await asyncio.sleep(0.05)
            attempts = [task for task in asyncio.all_tasks() if "_Stream.connect" in repr(task.get_coro())]
            assert len(attempts) == 1
        assert attempts[0].done()
        assert b"+OPEN: " not in host.heard
        for sock in (full, *fillers):
            sock.close()

    asyncio.run(main())


def test_the_server_hangs_up() -> None:
    """By closing, and before CONNECT too."""

    async def work(_vm: VirtualModule, host: Host, server: Server) -> None:
        for times in (1, 2):
            await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
            if times == 2:
                await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
            await until(lambda times=times: len(server.writers) == times)  # type: ignore[misc]
            server.writers[-1].close()
            await host.until(b"+LOST: 0,PEER_CLOSED\r\n")

    with_server(work)


def test_closing_sends_what_is_left_and_never_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that reads late gets all, one that never reads is dropped after a while."""
    monkeypatch.setattr("modemlab.net.streams.LINGER_S", 0.3)
    payload = b"p" * 1500
    packet = b"\x30\xdf\x0b\x00\x01t" + payload

    async def stall(host: Host, server: Server) -> int:
        """Publish to a server that does not read until bytes wait in the module's own transport."""
        server.reading.clear()
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        streams: Any = vm_streams[-1]
        stream = streams._open[0]
        server.reading.set()
        await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
        server.reading.clear()
        sent = 0
        while stream.transport.get_write_buffer_size() < 100_000:
            host.port.host_send(b"AT+SEND=0,1500\r")
            host.port.host_send(payload)
            sent += 1
        return sent

    vm_streams: list[Any] = []

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        vm_streams.append(vm.network.streams)
        sent = await stall(host, server)
        await host.ask("AT+CLOSE=0")
        server.reading.set()
        await until(lambda: len(server.heard) == len(CONNECT) + sent * len(packet))
        assert server.heard.endswith(packet)
        await until(lambda: server.ended == 1)
        await stall(host, server)
        await host.ask("AT+CLOSE=0")
        streams: Any = vm.network.streams
        assert len(streams._closing) == 1
        await until(lambda: not streams._closing)

    with_server(work)


def test_a_server_that_takes_nothing_is_given_up() -> None:
    """What is unsent is bounded: beyond it the link is lost, and the module lives."""
    payload = b"p" * 1500

    async def work(_vm: VirtualModule, host: Host, server: Server) -> None:
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        await host.ask('ATE0+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
        server.reading.clear()
        for _ in range(20_000):
            host.port.host_send(b"AT+SEND=0,1500\r" + payload)
            if b"LOST" in host.heard:
                break
            await asyncio.sleep(0)
        await host.until(b"+LOST: 0,CHOKED\r\n")
        await host.ask("AT")

    with_server(work)


def test_a_slow_host_holds_the_network() -> None:
    """While a host does not read, the servers are not read either; nothing is lost."""
    message = b"\x30\x04\x00\x01tx"
    count = 400_000

    async def main() -> None:
        server = Server()
        await server.start()
        async with VirtualModule(DIALECT, MODEL, ports=["tcp://127.0.0.1:0"]) as vm:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(vm.urls[0].rpartition(":")[2]), limit=4096)
            writer.write(b'ATE0+OPEN=0,"127.0.0.1",%d\r' % server.port)
            await asyncio.wait_for(reader.readuntil(b"+OPEN: 0,OPENED\r\n"), WAIT)
            writer.write(b'AT+LOGIN=0,"x"\r')
            await asyncio.wait_for(reader.readuntil(b"+LOGIN: 0,0\r\n"), WAIT)
            server.writers[0].write(message * count)
            await until(lambda: vm.ports[0].congested)
            await asyncio.sleep(0.2)
            assert vm.network.held
            line = b"\r\n+GOT: 1\r\n"
            got = 0
            while got < count * len(line):
                got += len(await asyncio.wait_for(reader.read(1 << 20), WAIT))
            assert got == count * len(line)
            await until(lambda: not vm.network.held)
            writer.close()
        await server.stop()

    asyncio.run(main())
