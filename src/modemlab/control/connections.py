"""The HTTP connections of the control API: a bounded number, and what is no request is answered as all else is."""

import asyncio
import logging
from typing import Any

from aiohttp import web

# Beyond it the one that asks for nothing and has been there longest ends, or the oldest if all ask for something.
MAX_CONNECTIONS = 32
# Seconds that a connection may be there without a request.
IDLE_TIMEOUT_S = 60.0
# Seconds in which the rest of a body that was refused may come.
LINGER_S = 1.0

# What a connection dies of is no concern of the log's, but what a handler fails of: that is told where it fails.
CONNECTION_LOGGER = logging.getLogger("control.connections")
CONNECTION_LOGGER.setLevel(logging.CRITICAL)


class HttpConnection(web.RequestHandler):
    """One connection."""

    __slots__ = ("_all", "_half")

    def __init__(self, connections: "HttpConnections", server: web.Server) -> None:
        self._all = connections
        self._half = False
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=IDLE_TIMEOUT_S,
            lingering_time=LINGER_S,
            auto_decompress=False,
            access_log=CONNECTION_LOGGER,
            logger=CONNECTION_LOGGER,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._all.enter(self, transport)

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio takes it
        """The other end sends no more; it is answered all the same, for `LINGER_S` at least, until all is sent."""
        self._half = True
        request = self._all.busy.get(self)
        if request is not None:
            self.look_at(request)
        asyncio.get_running_loop().call_later(LINGER_S, self._shut)
        return True

    def look_at(self, request: web.Request) -> None:
        """Break a body off that is not complete, if no more of it comes."""
        if self._half and not request.content.is_eof():
            request.content.set_exception(web.RequestPayloadError("the body broke off"))
            self.close()

    def _shut(self) -> None:
        """End, unless a request is still to be answered."""
        if self in self._all.busy:
            asyncio.get_running_loop().call_later(LINGER_S, self._shut)
        else:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is over."""
        self._all.leave(self)
        super().connection_lost(exc)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What came is no request: say so in one line, and end."""
        super().handle_error(request, status, exc, message)
        said = " ".join((message or "it cannot be read").split())
        answer = web.json_response({"error": f"no request: {said:.200}"}, status=status)
        answer.force_close()
        return answer


class HttpConnections:
    """All that are there. `busy` are those whose request is being answered, and that."""

    __slots__ = ("_listener", "_open", "busy")

    def __init__(self) -> None:
        # In the order in which they came
        self._open: dict[HttpConnection, asyncio.Transport] = {}
        self._listener: asyncio.Server | None = None
        self.busy: dict[Any, web.Request] = {}

    async def listen(self, server: web.Server, host: str, port: int) -> tuple[str, int]:
        """Accept connections for that server; the address. Raises OSError when it cannot be had."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: HttpConnection(self, server), host, port)
        place, number = self._listener.sockets[0].getsockname()[:2]
        return place, number

    def close(self) -> None:
        """Accept no more."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def enter(self, connection: HttpConnection, transport: asyncio.Transport) -> None:
        """One more is there."""
        if len(self._open) >= MAX_CONNECTIONS:
            oldest = next((each for each in self._open if each not in self.busy), next(iter(self._open)))
            self._open.pop(oldest).abort()
        self._open[connection] = transport

    def begin(self, protocol: Any, request: web.Request) -> None:
        """A request is being answered."""
        self.busy[protocol] = request
        if isinstance(protocol, HttpConnection):
            protocol.look_at(request)

    def leave(self, connection: HttpConnection) -> None:
        """One is over."""
        self._open.pop(connection, None)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._open)
