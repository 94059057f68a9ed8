"""A host and a server around a virtual module of the tiny dialect."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.helpers import WAIT, until
from support.tiny_module import DIALECT, MODEL

CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x78\x00\x01x"
AT_MOST_ONCE = "qos=0, retain=False, dup=False, packet_id=0"
CONNACK = b"\x20\x02\x00\x00"


class Host:
    """A host on a module's memory port."""

    def __init__(self, vm: VirtualModule) -> None:
        port = vm.ports[0]
        assert isinstance(port, MemoryPort)
        self.port, self.heard = port, bytearray()
        port.attach(self.heard.extend)

    async def until(self, words: bytes) -> bytes:
        """What came up to and with these words, `WAIT` seconds at most."""

        async def poll() -> None:
            while words not in self.heard:
                await asyncio.sleep(0.002)

        await asyncio.wait_for(poll(), WAIT)
        end = self.heard.index(words) + len(words)
        text = bytes(self.heard[:end])
        del self.heard[:end]
        return text

    async def ask(self, line: str, words: bytes = b"OK\r\n") -> bytes:
        """Say a command and wait for these words."""
        self.port.host_send(line.encode() + b"\r")
        return await self.until(words)


class Server:
    """A server that does as it is told: it keeps what comes and answers CONNECT."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.writers: list[asyncio.StreamWriter] = []
        self.ended = 0
        self.port = 0
        self.reading = asyncio.Event()
        self.reading.set()

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen on loopback, with TLS if there is a context for it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while True:
                await self.reading.wait()
                data = await reader.read(65536)
                if not data:
                    break
                self.heard += data
                if data.startswith(b"\x10"):
                    writer.write(CONNACK)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            self.ended += 1
            writer.close()

    async def stop(self) -> None:
        """Listen no more and hang up."""
        self._server.close()
        self.reading.set()
        for writer in self.writers:
            writer.close()
        await until(lambda: self.ended == len(self.writers))
        await asyncio.sleep(0)


def with_server(work: Callable[[VirtualModule, Host, Server], Coroutine[Any, Any, None]], **options: Any) -> None:
    """Run with a module on a memory port and a server."""

    async def main() -> None:
        server = Server()
        await server.start()
        async with VirtualModule(DIALECT, MODEL, ports=[MemoryPort], **options) as vm:
            await work(vm, Host(vm), server)
        await server.stop()

    asyncio.run(main())
