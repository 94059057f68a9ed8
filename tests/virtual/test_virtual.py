"""A module on real ports: the line, the timer, the power key."""

import asyncio
import socket
import time

import pytest
import serial

from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.helpers import WAIT, until
from support.tiny_module import DIALECT, MODEL
from support.virtual_module import Host, Server, with_server


def test_boot_is_kept_for_whoever_comes_first() -> None:
    """RDY waits; the first host gets it, once; output in the absence of hosts is bounded."""

    async def main() -> None:
        async with VirtualModule(DIALECT, MODEL, ports=[MemoryPort, MemoryPort]) as vm:
            host = Host(vm)
            assert bytes(host.heard) == b"\r\nRDY\r\n"
            host.port.detach()
            for _ in range(1000):
                vm.module.send_urc_line(b"+URC: 0123456789")
                vm.settle()
            again = Host(vm)
            urc = b"\r\n+URC: 0123456789\r\n"
            assert bytes(again.heard) == (urc * 1000)[:4096]
            other = vm.ports[1]
            assert isinstance(other, MemoryPort)
            heard = bytearray()
            other.attach(heard.extend)
            assert heard == b""
            other.host_send(b"ATE0\r")
            assert heard == b"ATE0\r\r\nOK\r\n"
            assert again.heard.endswith(b"ATE0\r\r\nOK\r\n")

    asyncio.run(main())


def test_a_port_that_closes_in_data_mode() -> None:
    """A host that leaves drops DTR: its data ends in an error, nothing is sent, the next host begins anew."""

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
        await host.ask("AT+SEND=0,4", b"> ")
        host.port.host_send(b"AT")
        host.port.detach()
        host = Host(vm)
        heard = server.heard
        await host.until(b"\r\nERROR\r\n")
        host.port.host_send(b"AT+")
        host.port.detach()
        host = Host(vm)
        await host.ask("AT&D0")
        await host.ask("AT+SEND=0,4", b"> ")
        host.port.host_send(b"AT")
        host.port.detach()
        assert server.heard == heard
        host = Host(vm)
        host.port.host_send(b"\r\x1aAT\r")
        await host.until(b"AT\r\r\nOK\r\n")
        await until(lambda: server.heard.endswith(b"\x30\x07\x00\x01tAT\r\x1a"))

    with_server(work)


def test_tcp_and_pty_are_one_line() -> None:
    """One module on a pty and on TCP: state is shared, a newer TCP host takes over."""

    def on_pty(url: str) -> None:
        with serial.Serial(url, 115200, timeout=WAIT, write_timeout=WAIT) as device:
            assert device.read(7) == b"\r\nRDY\r\n"
            device.write(b"ATE0\r")
            assert device.read(11) == b"ATE0\r\r\nOK\r\n"

    async def main() -> None:
        async with VirtualModule(DIALECT, MODEL, ports=["pty", "tcp://127.0.0.1:0"]) as vm:
            device, url = vm.urls
            await asyncio.wait_for(asyncio.to_thread(on_pty, device), 3 * WAIT)
            await until(lambda: not vm.ports[0].taken)
            port = int(url.rpartition(":")[2])
            first, first_writer = await asyncio.open_connection("127.0.0.1", port)
            first_writer.write(b"AT\r")
            assert await asyncio.wait_for(first.readexactly(6), WAIT) == b"\r\nOK\r\n"
            first_writer.write(b"AT+SEND=0,4\rab")
            assert await asyncio.wait_for(first.readexactly(4), WAIT) == b"\r\n> "
            second, second_writer = await asyncio.open_connection("127.0.0.1", port)
            assert await asyncio.wait_for(first.read(), WAIT) == b""
            second_writer.write(b"AT\r")
            assert await asyncio.wait_for(second.readexactly(15), WAIT) == b"\r\nERROR\r\n\r\nOK\r\n"
            for writer in (first_writer, second_writer):
                writer.close()
            await until(lambda: not vm.ports[1].taken)

    asyncio.run(main())


def test_timer() -> None:
    """Deadlines come in order, whichever is set first; one timer is armed at most, and none while typing."""

    async def main() -> None:
        async with VirtualModule(DIALECT, MODEL, ports=[MemoryPort]) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            began = time.monotonic()
            await host.ask("AT+LATER=250;+LATER=60;+LATER=120")
            armed = vm._timer
            for _ in range(100):
                host.port.host_send(b"AT\r")
            assert vm._timer is armed
            for milliseconds in (60, 120, 250):
                await host.until(b"+LATER: %d\r\n" % milliseconds)
                assert 0 <= time.monotonic() - began - milliseconds / 1000 < 5
            assert vm.module.deadline() is None
            await asyncio.sleep(0)
            assert vm._timer is None

    asyncio.run(main())


def test_power_key_and_notes() -> None:
    """Off is silent and forgets; on says RDY; refusals are noted with their reason."""
    notes: list[Note] = []

    async def work(vm: VirtualModule, host: Host, _server: Server) -> None:
        await host.until(b"RDY\r\n")
        await host.ask("AT+NONE", b"ERROR\r\n")
        assert [note.subject for note in notes] == ["AT+NONE"]
        vm.power_key()
        host.port.host_send(b"AT\r")
        assert host.heard == b""
        vm.power_key()
        assert host.heard == b"\r\nRDY\r\n"
        await host.ask("AT")

    with_server(work, observers=[NoteListener(notes.append)])


def test_bad_ports() -> None:
    """A bad URL is a ValueError, a port in use an OSError that leaves nothing open."""

    async def main() -> None:
        with pytest.raises(ValueError, match="has no known form"):
            VirtualModule(DIALECT, MODEL, ports=["udp://x:1"])
        with socket.create_server(("127.0.0.1", 0)) as taken:
            number = taken.getsockname()[1]
            vm = VirtualModule(DIALECT, MODEL, ports=["tcp://127.0.0.1:0", f"tcp://127.0.0.1:{number}"])
            with pytest.raises(OSError, match="cannot listen"):
                await vm.open()
            first = int(vm.urls[0].rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", first)

    asyncio.run(main())


def test_noise() -> None:
    """A second of noise through a real socket, cut anyhow, and AT is answered."""

    async def main() -> None:
        async with VirtualModule(DIALECT, MODEL, ports=["tcp://127.0.0.1:0"]) as vm:
            port = int(vm.urls[0].rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            noise = bytes((i * 7919 + (i >> 3) * 104729) & 255 for i in range(65536)) + b'AT+SEND=0,9\rAT+X="'
            ends = time.monotonic() + 1
            size = 1
            while time.monotonic() < ends:
                writer.write(noise[:size])
                size = size * 5 % 65521 + 1
                await asyncio.wait_for(writer.drain(), WAIT)
                await asyncio.sleep(0)
            writer.write(b"\r" + b" " * 1500 + b"\rATE0\rAT+GMM\r")
            seen = b""
            while b"Tiny\r\n\r\nOK\r\n" not in seen:
                seen = seen[-40:] + await asyncio.wait_for(reader.read(65536), WAIT)
            writer.close()

    asyncio.run(main())
