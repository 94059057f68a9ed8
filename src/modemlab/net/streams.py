"""TCP streams: performs a module's effects on an event loop and tells how they went."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol, cast

from modemlab.module.effects import CloseStream, Effect, OpenStream, PauseStream, SendStream, StreamError
from modemlab.net.buffer import read_buffer
from modemlab.net.connect_to import ConnectTo, redirect

# A server that takes nothing: this much is kept for it, in bytes, then the connection is given up.
MOST_UNSENT = 1 << 20
# Seconds that a closed stream may take to send what is left.
LINGER = 5.0

# getaddrinfo's answers: family, type, protocol, canonical name, address.
Addresses = Sequence[tuple[int, int, int, str, Any]]


class Owner(Protocol):
    """Whoever is told how the streams fare; a stream that the owner closed is not told of any more."""

    def stream_opened(self, stream: int) -> None:
        """The stream stands."""

    def stream_failed(self, stream: int, error: StreamError) -> None:
        """The stream could not be opened."""

    def stream_received(self, stream: int, data: bytes) -> None:
        """Bytes came."""

    def stream_closed(self, stream: int) -> None:
        """The peer closed or reset the stream."""

    def stream_choked(self, stream: int) -> None:
        """The peer takes nothing any more; the stream is given up."""


class Streams:
    """The streams of one module, each by the number that the module gave it."""

    __slots__ = ("_buffer", "_closing", "_held", "_loop", "_open", "_owner", "_rules")

    def __init__(self, owner: Owner, rules: tuple[ConnectTo, ...], loop: asyncio.AbstractEventLoop) -> None:
        """Make an empty set of streams, in the loop's thread; `rules` say where connections really go."""
        self._owner, self._rules, self._loop = owner, rules, loop
        # A module has six at most, and a list of them is a third of a dictionary.
        self._open: list[_Stream] = []
        self._closing: set[_Stream] | None = None
        self._held = False
        self._buffer = read_buffer()

    def perform(self, effects: Sequence[Effect]) -> None:
        """Do what the module asks for, in order. The owner is never called from within."""
        for effect in effects if len(effects) == 1 else joined(effects):
            if type(effect) is OpenStream:
                host, port = redirect(self._rules, effect.host, effect.port)
                stream = _Stream(self, effect.stream)
                self._open.append(stream)
                stream.attempt = self._loop.create_task(stream.connect(host, port))
            elif (found := self._find(effect.stream)) is None:
                continue  # it has ended meanwhile, or never stood
            elif type(effect) is SendStream:
                if found.transport is not None:
                    found.transport.write(effect.data)
            elif type(effect) is CloseStream:
                self._open.remove(found)
                found.close()
            else:
                found.paused = type(effect) is PauseStream
                found.regulate()

    def hold(self, held: bool) -> None:
        """Read nothing from any stream while `held`, whatever the module asked for."""
        self._held = held
        for stream in self._open:
            stream.regulate()

    async def close(self) -> None:
        """Drop all streams at once, whatever is unsent; the owner is not told."""
        streams = [*self._open, *(self._closing or ())]
        self._open.clear()
        attempts = [stream.attempt for stream in streams if stream.attempt is not None]
        for stream in streams:
            stream.abort()
        if attempts:
            await asyncio.wait(attempts)
        await asyncio.sleep(0)  # transports end in the loop's next round

    def _find(self, number: int) -> "_Stream | None":
        """The stream of that number that the owner knows."""
        for stream in self._open:
            if stream.number == number:
                return stream
        return None


class _Stream(asyncio.BufferedProtocol):
    """One stream, and its connection's protocol in one object to save memory."""

    __slots__ = ("_streams", "attempt", "choked", "number", "paused", "transport")

    def __init__(self, streams: Streams, number: int) -> None:
        self._streams, self.number = streams, number
        self.transport: asyncio.Transport | None = None
        self.attempt: asyncio.Task[None] | None = None
        self.paused = self.choked = False

    # opening

    async def connect(self, host: str, port: int) -> None:
        """Resolve the name and try its addresses in order; ends in `connection_made` or the owner's being told."""
        try:
            sock = await self._dial(await self._resolve(host, port))
            await self._streams._loop.create_connection(lambda: self, sock=sock)
        except (OSError, ValueError, OverflowError) as error:
            if self._listed():
                self._streams._open.remove(self)
                self._streams._owner.stream_failed(self.number, reason_of(error))
        finally:
            self.attempt = None

    async def _resolve(self, host: str, port: int) -> Addresses:
        """The addresses of a name; those written in numbers need no resolver."""
        kind = socket.SOCK_STREAM
        try:
            return socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return await self._streams._loop.getaddrinfo(host, port, type=kind)

    async def _dial(self, addresses: Addresses) -> socket.socket:
        """A socket connected to the first address that answers. Raises the first one's OSError if none does."""
        first: OSError | None = None
        for family, kind, protocol, _, address in addresses:
            try:
                sock = socket.socket(family, kind, protocol)
                try:
                    sock.setblocking(False)
                    await self._streams._loop.sock_connect(sock, address)
                except BaseException:
                    sock.close()
                    raise
                return sock
            except OSError as error:
                first = first or error
        raise first or socket.gaierror(socket.EAI_NONAME, "the name has no address")

    # the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._listed():
            transport.close()
            return
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=MOST_UNSENT)
        self.regulate()
        self._streams._owner.stream_opened(self.number)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._streams._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._streams._owner.stream_received(self.number, bytes(self._streams._buffer[:nbytes]))

    def pause_writing(self) -> None:
        if self._listed() and self.transport is not None:
            self.choked = True
            self.transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        self.transport = None
        if self._listed():
            self._streams._open.remove(self)
            owner = self._streams._owner
            (owner.stream_choked if self.choked else owner.stream_closed)(self.number)
        elif self._streams._closing:
            self._streams._closing.discard(self)

    # what the module asks for

    def regulate(self) -> None:
        """Read from the connection or not, as the module and the line allow."""
        if self.transport is None:
            return
        if self.paused or self._streams._held:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def close(self) -> None:
        """End the attempt to open; or close once all is sent, `LINGER` seconds later at most."""
        if self.transport is None:
            if self.attempt is not None:
                self.attempt.cancel()
            return
        self.transport.close()
        if self.transport.get_write_buffer_size():
            streams = self._streams
            streams._closing = streams._closing or set()
            streams._closing.add(self)
            streams._loop.call_later(LINGER, self.abort)

    def abort(self) -> None:
        """End now, whatever is unsent."""
        if self.attempt is not None:
            self.attempt.cancel()
        if self.transport is not None:
            self.transport.abort()

    def _listed(self) -> bool:
        """Whether the owner still knows the stream."""
        return self in self._streams._open


def joined(effects: Sequence[Effect]) -> Iterator[Effect]:
    """The effects, with what is sent on a stream in succession in one: a write for each is what costs most."""
    for (kind, stream), group in groupby(effects, key=lambda effect: (type(effect), effect.stream)):
        if kind is SendStream:
            yield SendStream(stream, b"".join(effect.data for effect in group if type(effect) is SendStream))
        else:
            yield from group


def reason_of(error: Exception) -> StreamError:
    """What an error of opening a stream means to a module; a name that cannot even be asked for does not resolve."""
    if isinstance(error, socket.gaierror | ValueError):
        return StreamError.NAME
    if isinstance(error, ConnectionRefusedError):
        return StreamError.REFUSED
    if isinstance(error, TimeoutError):
        return StreamError.TIMEOUT
    return StreamError.UNREACHABLE
