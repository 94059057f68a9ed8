"""A TCP port: one host at a time, its limits and its end."""

import asyncio
import socket
from collections.abc import Awaitable

import pytest

from modemlab.ports.make import make_port
from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES, Port
from modemlab.ports.tcp import TcpPort
from support.helpers import WAIT, until


class Line:
    """A port under test and what it told."""

    def __init__(self, url: str = "tcp://127.0.0.1:0") -> None:
        self.heard = b""
        self.changes: list[tuple[bool, bool]] = []
        port = make_port(url, self.hear, self.note)
        assert isinstance(port, TcpPort)
        self.port = port

    def hear(self, data: bytes) -> None:
        """Echo what comes."""
        self.heard += data
        self.port.write(b"<" + data + b">")

    def note(self, port: Port) -> None:
        """Remember the port's state."""
        self.changes.append((port.taken, port.congested))

    def call(self) -> Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Connect as a host."""
        host, _, number = self.port.url.removeprefix("tcp://").rpartition(":")
        return asyncio.wait_for(asyncio.open_connection(host.strip("[]"), int(number)), WAIT)


async def read(reader: asyncio.StreamReader, count: int) -> bytes:
    """Exactly that many bytes."""
    return await asyncio.wait_for(reader.readexactly(count), WAIT)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:0", "tcp://localhost:0", "tcp://[::1]:0"])
def test_round_trip(url: str) -> None:
    """The URL carries the real port, both directions pass, and the socket does not delay small writes."""

    async def main() -> None:
        if "::1" in url and not _has_ipv6():
            return
        line = Line(url)
        assert not line.port.taken
        await line.port.open()
        assert line.port.url.startswith(url[:-1])
        assert not line.port.url.endswith(":0")
        reader, writer = await line.call()
        writer.write(b"AT\r")
        assert await read(reader, 5) == b"<AT\r>"
        assert line.port.taken
        assert line.port._line is not None
        sock = line.port._line.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        await until(lambda: not line.port.taken)
        assert line.changes == [(True, False), (False, False)]
        line.port.write(b"nobody is there")
        line.port.close()
        line.port.close()
        await asyncio.sleep(0)

    asyncio.run(main())


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_a_newer_connection_takes_the_line_over() -> None:
    """The older host is hung up, and its end does not disturb the newer."""

    async def main() -> None:
        line = Line()
        await line.port.open()
        reader, writer = await line.call()
        writer.write(b"one")
        assert await read(reader, 5) == b"<one>"
        newer_reader, newer_writer = await line.call()
        assert await asyncio.wait_for(reader.read(), WAIT) == b""
        writer.close()
        newer_writer.write(b"two")
        assert await read(newer_reader, 5) == b"<two>"
        assert line.heard == b"onetwo"
        assert line.port.taken
        line.port.close()
        assert await asyncio.wait_for(newer_reader.read(), WAIT) == b""
        newer_writer.close()
        assert not line.port.taken

    asyncio.run(main())


def test_a_slow_host_loses_nothing_up_to_the_limit() -> None:
    """The port says that it is congested, keeps up to LIMIT, drops what is beyond and recovers."""

    async def main() -> None:
        line = Line()
        await line.port.open()
        reader, writer = await line.call()
        await until(lambda: line.port.taken)
        assert line.port._line is not None
        transport = line.port._line.transport
        block = bytes(range(256)) * 64
        written = 0
        while not line.port.congested:
            line.port.write(block)
            written += len(block)
        assert transport.get_write_buffer_size() > CONGESTED_BYTES
        while transport.get_write_buffer_size() + len(block) <= MAX_UNREAD_BYTES:
            line.port.write(block)
            written += len(block)
        line.port.write(block)
        assert transport.get_write_buffer_size() <= MAX_UNREAD_BYTES
        data = await read(reader, written)
        assert data == block * (written // len(block))
        await until(lambda: not line.port.congested)
        line.port.write(b"again")
        assert await read(reader, 5) == b"again"
        assert (True, True) in line.changes
        line.port.close()
        writer.close()

    asyncio.run(main())


def test_a_port_in_use_is_one_line() -> None:
    """An address that cannot be had is an OSError of one line that names it."""

    async def main() -> None:
        line = Line()
        await line.port.open()
        other = Line(line.port.url)
        with pytest.raises(OSError, match=r"cannot listen on tcp://127\.0\.0\.1:") as caught:
            await other.port.open()
        assert "\n" not in str(caught.value)
        other.port.close()
        line.port.close()
        with pytest.raises(OSError, match=r"cannot listen on tcp://no\.such\.host\.invalid:1"):
            await Line("tcp://no.such.host.invalid:1").port.open()

    asyncio.run(main())
