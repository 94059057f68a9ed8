"""TCP and TLS streams: performs a module's effects on an event loop and tells how they went."""

import asyncio
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol, cast

from modemlab.clocks.timers import TimerLoop
from modemlab.dialect.network import StreamError, TlsOptions
from modemlab.module.effects import (
    CloseStream,
    Effect,
    OpenStream,
    PauseStream,
    Query,
    QueryAnswered,
    Reply,
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
    StreamSendBufferFull,
)
from modemlab.mqtt.other_protocols import speaks
from modemlab.net.connect_to import ConnectTo, redirect
from modemlab.net.query_tasks import QueryTasks
from modemlab.net.receive_buffer import read_buffer
from modemlab.net.tls import SERVER_CLOSED, SERVER_CLOSED_AT_ONCE, TlsStream
from modemlab.net.tls_context import TlsError
from modemlab.text.number_format import figure

# A server that takes nothing: this much is kept for it, in bytes, then the connection is given up.
MAX_UNSENT_BYTES = 1 << 20
# What asyncio would take of itself, as a number that all streams share.
LOW_UNSENT_BYTES = MAX_UNSENT_BYTES // 4
# Seconds that a closed stream may take to send what is left.
LINGER_S = 5.0

# SO_LINGER's value for closing with a reset.
SO_LINGER_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

# getaddrinfo's answers: family, type, protocol, canonical name, address.
Addresses = Sequence[tuple[int, int, int, str, Any]]


class Owner(Protocol):
    """Whoever is told how streams and queries fare; a stream that the owner closed is not told of any more."""

    def on_reply(self, reply: Reply) -> None:
        """Take what came of an effect."""


class StreamTransport(Protocol):
    """What carries the streams of one module, each by the number that the module gave it, and its queries."""

    def perform(self, effects: Sequence[Effect]) -> None:
        """Do what the module asks for, in order. The owner is never called from within."""

    def set_owner(self, owner: Owner) -> None:
        """Tell another owner of all streams from now on."""

    def reset(self, stream: int) -> None:
        """End a stream with a reset, whatever is unsent; the owner is not told."""

    def set_reading_paused(self, held: bool) -> None:
        """Read nothing from any stream while `held`, whatever the module asked for."""

    async def close(self) -> None:
        """Drop all streams at once, whatever is unsent; the owner is not told."""


class Streams:
    """What carries the streams of one module over TCP, and its queries; see `StreamTransport`."""

    __slots__ = ("_buffer", "_closing", "_held", "_loop", "_open", "_owner", "_queries", "_rules", "_timers")

    def __init__(
        self,
        owner: Owner,
        rules: tuple[ConnectTo, ...],
        loop: asyncio.AbstractEventLoop,
        timers: TimerLoop | None = None,
    ) -> None:
        """Make an empty set of streams, in the loop's thread; `rules` say where connections really go. `timers` are
        those of the owner's clock, by which a handshake has its time; by default the loop's.
        """
        self._timers: TimerLoop = timers or loop
        self._owner, self._rules, self._loop = owner, rules, loop
        # A module has six at most, and a tuple of them is a fifth of a dictionary.
        self._open: tuple[_Stream, ...] = ()
        self._closing: set[_Stream] | None = None
        # Made when the first query comes.
        self._queries: QueryTasks | None = None
        self._held = False
        self._buffer = read_buffer()

    def perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects if len(effects) == 1 else joined(effects):
            if type(effect) is OpenStream:
                stream = _Stream(self, effect.stream)
                self._open += (stream,)
                stream.attempt = self._loop.create_task(stream.connect(effect))
            elif (found := self._find(effect[0])) is None:
                # A stream has ended meanwhile, or never stood.
                if isinstance(effect, Query):
                    self._ask(effect)
            elif type(effect) is SendStream:
                if found.secured is not None:
                    found.encrypt(effect.data)
                elif found.transport is not None:
                    found.transport.write(effect.data)
            elif type(effect) is CloseStream:
                self._forget(found)
                found.close()
            else:
                found.paused = type(effect) is PauseStream
                found.regulate()

    def set_owner(self, owner: Owner) -> None:
        self._owner = owner

    def reset(self, stream: int) -> None:
        if (found := self._find(stream)) is not None:
            self._forget(found)
            found.reset()

    def set_reading_paused(self, held: bool) -> None:
        self._held = held
        for stream in self._open:
            stream.regulate()

    async def close(self) -> None:
        streams = [*self._open, *(self._closing or ())]
        self._open = ()
        attempts = [stream.attempt for stream in streams if stream.attempt is not None]
        for stream in streams:
            stream.abort()
        if attempts:
            await asyncio.wait(attempts)
        if self._queries is not None:
            await self._queries.close()
        await asyncio.sleep(0)  # transports end in the loop's next round

    def _ask(self, query: Query) -> None:
        """Ask the network something beside the streams."""
        if self._queries is None:
            self._queries = QueryTasks(self._on_answer, self._rules)
        self._queries.perform(query)

    def _on_answer(self, answered: QueryAnswered) -> None:
        """A query is answered: whoever is the owner by now is told."""
        self._owner.on_reply(answered)

    def _forget(self, stream: "_Stream") -> None:
        """The owner is told nothing more of a stream."""
        self._open = tuple(each for each in self._open if each is not stream)

    def _find(self, number: int) -> "_Stream | None":
        """The stream of that number that the owner knows."""
        for stream in self._open:
            if stream.number == number:
                return stream
        return None


class _Stream(asyncio.BufferedProtocol):
    """One stream, and its connection's protocol in one object to save memory."""

    __slots__ = ("_streams", "attempt", "number", "paused", "secured", "send_buffer_full", "transport")

    def __init__(self, streams: Streams, number: int) -> None:
        self._streams, self.number = streams, number
        self.transport: asyncio.Transport | None = None
        self.attempt: asyncio.Task[None] | None = None
        self.secured: TlsStream | None = None
        self.paused = self.send_buffer_full = False

    # opening

    async def connect(self, effect: OpenStream) -> None:
        """Resolve the name and try its addresses in order; ends in `connection_made` or the owner's being told."""
        try:
            address = redirect(self._streams._rules, effect.host, effect.port)
            sock = await self._dial(await self._resolve(*address))
            if effect.tls is not None:
                self._secure(effect.tls, effect.host, sock)
            await self._streams._loop.create_connection(lambda: self, sock=sock)
        except TlsError as error:
            self._fail(StreamError.TLS, str(error))
        except (OSError, ValueError, OverflowError) as error:
            self._fail(reason_of(error))
        finally:
            self.attempt = None

    def _secure(self, tls: TlsOptions, host: str, sock: socket.socket) -> None:
        """Prepare TLS; what no handshake could use closes the socket and raises `TlsError`."""
        try:
            self.secured = TlsStream(tls, host)
        except BaseException:
            sock.close()
            raise

    def _fail(self, error: StreamError, detail: str = "") -> None:
        """Tell the owner that the stream did not open; the connection, if it stands, is closed."""
        if self._listed():
            self._streams._forget(self)
            if self.transport is not None:
                self.transport.close()
            self._streams._owner.on_reply(StreamFailed(self.number, error, detail))

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
        self.transport.set_write_buffer_limits(MAX_UNSENT_BYTES, LOW_UNSENT_BYTES)
        if self.secured is None:
            self.regulate()
            self._streams._owner.on_reply(StreamOpened(self.number))
        else:
            self.secured.timer = self._streams._timers.call_later(self.secured.timeout, self._late)
            self.secured.shake()
            self._follow(self.secured, self.transport, b"")

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._streams._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(self._streams._buffer[:nbytes])
        if self.secured is None:
            self._streams._owner.on_reply(StreamReceived(self.number, data))
        elif self.transport is not None:
            self._follow(self.secured, self.transport, self.secured.receive(data))

    def pause_writing(self) -> None:
        if self._listed() and self.transport is not None:
            self.send_buffer_full = True
            self.transport.abort()

    def eof_received(self) -> None:
        self._hurry()

    def connection_lost(self, _error: Exception | None) -> None:
        self.transport = None
        broken = ""
        if self.secured is not None:
            self.secured.stop_timer()
            if not self.secured.established:
                self._fail(StreamError.TLS, SERVER_CLOSED if self.secured.said else SERVER_CLOSED_AT_ONCE)
            broken = self.secured.broken and f"TLS failed: {self.secured.broken}"
        if self._listed():
            self._streams._forget(self)
            if self.send_buffer_full:
                self._streams._owner.on_reply(StreamSendBufferFull(self.number))
            else:
                self._streams._owner.on_reply(StreamClosed(self.number, broken))
        elif self._streams._closing:
            self._streams._closing.discard(self)

    # TLS

    def _follow(self, secured: TlsStream, transport: asyncio.Transport, data: bytes) -> None:
        """Send and tell what became of what came; `data` is what the server said in it."""
        if answer := secured.take():
            transport.write(answer)
        owner, opening = self._streams._owner, secured.timer is not None
        if opening and secured.broken:
            if secured.plain:
                self._fail(StreamError.PLAIN, speaks(secured.said))
            else:
                self._fail(StreamError.TLS, secured.broken)
        elif opening and secured.established:
            secured.stop_timer()
            self.regulate()
            owner.on_reply(StreamOpened(self.number))
        if data and self._listed():
            owner.on_reply(StreamReceived(self.number, data))
        if (secured.broken or secured.ended) and not transport.is_closing():
            if not secured.broken:
                transport.write(secured.close())
            transport.close()
            self._hurry()

    def encrypt(self, data: bytes) -> None:
        """Send data through TLS; if that is over, the connection is too."""
        if self.transport is None or self.secured is None:
            return
        sent = self.secured.send(data)
        if self.secured.broken:
            self.transport.abort()
        else:
            self.transport.write(sent)

    def _late(self) -> None:
        """The handshake took too long."""
        if self.secured is not None and self.transport is not None:
            self._fail(StreamError.TLS, f"it took longer than {figure(self.secured.timeout)} s")
            self.transport.abort()

    # what the module asks for

    def regulate(self) -> None:
        """Read from the connection or not, as the module and the line allow; a handshake is read in any case."""
        if self.transport is None or (self.secured is not None and not self.secured.established):
            return
        if self.paused or self._streams._held:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def close(self) -> None:
        """End the attempt to open; or close once all is sent, `LINGER_S` seconds later at most."""
        if self.transport is None:
            if self.attempt is not None:
                self.attempt.cancel()
            return
        if self.secured is not None:
            if not self.secured.established:
                self.transport.abort()
                return
            self.transport.write(self.secured.close())
        self.transport.close()
        if self._hurry():
            self._streams._closing = self._streams._closing or set()
            self._streams._closing.add(self)

    def _hurry(self) -> bool:
        """It is closed or about to be: whether something is unsent, which may take `LINGER_S` seconds then."""
        unsent = self.transport is not None and self.transport.get_write_buffer_size() > 0
        if unsent:
            self._streams._loop.call_later(LINGER_S, self.abort)
        return unsent

    def reset(self) -> None:
        """End now, with a reset."""
        if self.transport is not None and (sock := self.transport.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, SO_LINGER_RESET)
        self.abort()

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
    for (kind, stream), group in groupby(effects, key=lambda effect: (type(effect), effect[0])):
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
