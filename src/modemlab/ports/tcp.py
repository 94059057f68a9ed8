"""A TCP port: a server that gives the line to one host at a time."""

import asyncio
import socket
from typing import cast

from modemlab.net.receive_buffer import read_buffer
from modemlab.ports.address import tcp_url
from modemlab.ports.error_texts import words_of
from modemlab.ports.exposure import MODULE_EXPOSED, check_exposure
from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES, Changed, Received


class TcpPort:
    """A line behind a listening TCP socket.

    A newer connection takes the line over and the older one is closed: its host has hung up.
    """

    __slots__ = (
        "_allow_remote",
        "_changed",
        "_host",
        "_line",
        "_port",
        "_received",
        "_server",
        "congested",
        "taken",
        "url",
    )

    def __init__(
        self,
        host: str,
        port: int,
        received: Received,
        changed: Changed,
        scheme: str = "tcp",
        allow_remote: bool = False,
    ) -> None:
        """Make a port that does not listen yet; `port` 0 takes any free one. `scheme` is that of its URL.

        With `allow_remote` it may be one that other machines reach.
        """
        self._allow_remote = allow_remote
        self._host, self._port, self._received, self._changed = host, port, received, changed
        self._server: asyncio.Server | None = None
        self._line: _Connection | None = None
        self.url = tcp_url(host, port, scheme)
        self.taken = self.congested = False

    async def open(self) -> None:
        """Listen. Raises OSError with one line when the address cannot be had, `Exposed` when others reach it."""
        if not self._allow_remote:
            await check_exposure(self._host, MODULE_EXPOSED.format(url=self.url))
        loop = asyncio.get_running_loop()
        host = self._host
        try:
            if self._port == 0:
                # A name with several addresses would get another free port on each: its first IPv4 address it is.
                infos = await loop.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
                host = str(min(infos, key=lambda info: info[0] != socket.AF_INET)[4][0])
            self._server = await loop.create_server(lambda: _Connection(self), host, self._port)
        except (OSError, UnicodeError) as error:
            raise OSError(f"cannot listen on {self.url}: {words_of(error)}") from error
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = tcp_url(self._host, self._port, self.url.partition(":")[0])

    def write(self, data: bytes) -> None:
        line = self._line
        if line is None:
            return
        if self.congested and line.transport.get_write_buffer_size() + len(data) > MAX_UNREAD_BYTES:
            return
        line.transport.write(data)

    def hold(self, held: bool) -> None:
        """Read nothing from the host while held."""
        if self._line is not None:
            (self._line.transport.pause_reading if held else self._line.transport.resume_reading)()

    def close(self) -> None:
        """Listen no more and hang up."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self._end(self._line)

    # what connections call

    def _begin(self, line: "_Connection") -> None:
        """A host came: it has the line now."""
        if self._server is None:
            line.transport.abort()
            return
        older, self._line = self._line, line
        if older is not None:
            older.transport.abort()
            self.taken = False
            self._changed(self)
        self.taken, self.congested = True, False
        self._changed(self)

    def _end(self, line: "_Connection | None") -> None:
        """A connection ended; an older one's end changes nothing."""
        if line is None or line is not self._line:
            return
        self._line = None
        line.transport.abort()
        self.taken = self.congested = False
        self._changed(self)

    def _regulate(self, line: "_Connection", congested: bool) -> None:
        """The host of a connection reads slowly, or has caught up."""
        if line is self._line:
            self.congested = congested
            self._changed(self)


class _Connection(asyncio.BufferedProtocol):
    """A host's connection."""

    __slots__ = ("_buffer", "_port", "transport")

    def __init__(self, port: TcpPort) -> None:
        self._port, self._buffer = port, read_buffer()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=CONGESTED_BYTES)
        self._port._begin(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        port = self._port
        if port._line is self:
            port._received(bytes(self._buffer[:nbytes]))

    def pause_writing(self) -> None:
        self._port._regulate(self, True)

    def resume_writing(self) -> None:
        self._port._regulate(self, False)

    def connection_lost(self, _error: Exception | None) -> None:
        self._port._end(self)
