"""HTTP requests of a module, performed with a small client of HTTP/1.1 on an event loop (RFC 9112).

A request goes on a connection of its own. Nothing is followed: no redirects, no cookies, no proxies.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from modemlab.clocks.timers import Loop
from modemlab.dialect.network import HttpAnswer, HttpError
from modemlab.module.effects import HttpRequest
from modemlab.net.connect_to import ConnectTo, redirect

# The most that is taken of an answer's head and of its body, in bytes, and the longest line.
MOST_HEAD = 16_384
MOST_BODY = 65_536
LINE = 8192
MOST_REQUESTS = 4

# Told the number of a request and what became of it.
Answered = Callable[[int, HttpAnswer | HttpError], None]


class Requests:
    """The requests of one module that are under way."""

    __slots__ = ("_answered", "_rules", "_tasks", "_timers")

    def __init__(self, answered: Answered, rules: tuple[ConnectTo, ...], timers: Loop | None = None) -> None:
        """Make an empty set within a running loop; `rules` say where connections really go. `timers` are those of
        the clock by which requests have their time; by default the loop's.
        """
        self._answered, self._rules, self._timers = answered, rules, timers
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def perform(self, requests: Iterable[HttpRequest]) -> None:
        """Make these requests; `answered` is called for each, never from within.

        While `MOST_REQUESTS` are under way the oldest gives way, whose module has mostly lost its power since.
        """
        loop = asyncio.get_running_loop()
        for request in requests:
            if len(self._tasks) >= MOST_REQUESTS:
                oldest = next(iter(self._tasks))
                self._tasks.pop(oldest).cancel()
                loop.call_soon(self._answered, oldest, HttpError.SOCKET)
            self._tasks[request.request] = loop.create_task(self._perform(request))

    async def close(self) -> None:
        """Give up all requests; nothing more is told of them."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)  # transports end in the loop's next round

    async def _perform(self, request: HttpRequest) -> None:
        """Make one request and tell what became of it."""
        try:
            answer = await fetch(request, self._rules, self._timers)
        finally:
            self._tasks.pop(request.request, None)
        self._answered(request.request, answer)


class Place(NamedTuple):
    """What a URL says of where a request goes."""

    tls: bool
    host: str
    port: int
    shown: str
    target: str


class _Failed(Exception):
    """The request has no answer."""

    def __init__(self, error: HttpError) -> None:
        super().__init__(error.value)
        self.error = error


def place_of(url: str) -> Place:
    """Where a URL of http or https leads. Raises ValueError for any other and for one that names no host."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"{url!r} is not a URL: it holds what must be encoded")
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"{url!r} is not a URL of http or https")
    tls = parts.scheme == "https"
    usual = 443 if tls else 80
    shown = f"[{host}]" if ":" in host else host
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(
        tls, host, usual if port is None else port, shown if port in (None, usual) else f"{shown}:{port}", target
    )


def encode(request: HttpRequest, place: Place) -> bytes:
    """The request as it goes out."""
    lines = [
        f"{request.method} {place.target} HTTP/1.1",
        f"Host: {place.shown}",
        *(f"{name}: {value}" for name, value in request.headers),
        f"Content-Length: {len(request.body)}",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + request.body


async def fetch(
    request: HttpRequest, rules: tuple[ConnectTo, ...] = (), timers: Loop | None = None
) -> HttpAnswer | HttpError:
    """Make a request, within its time by these timers; never raises but when cancelled."""
    try:
        place = place_of(request.url)
    except ValueError:
        return HttpError.NAME
    try:
        async with asyncio.timeout(None) as limit:
            end = partial(limit.reschedule, 0.0)
            timer = (timers or asyncio.get_running_loop()).call_later(request.timeout, end)
            try:
                return await _converse(request, place, rules)
            finally:
                timer.cancel()
    except TimeoutError:
        return HttpError.TIMEOUT
    except _Failed as failed:
        return failed.error


async def _converse(request: HttpRequest, place: Place, rules: tuple[ConnectTo, ...]) -> HttpAnswer:
    """Connect, send and read. Raises `_Failed`."""
    host, port = redirect(rules, place.host, place.port)
    try:
        context = ssl.create_default_context() if place.tls else None
        name = place.host if place.tls else None
        reader, writer = await asyncio.open_connection(host, port, limit=LINE, ssl=context, server_hostname=name)
    except socket.gaierror as error:
        raise _Failed(HttpError.NAME) from error
    except UnicodeError as error:  # a name that cannot even be asked for
        raise _Failed(HttpError.NAME) from error
    except (OSError, ValueError, OverflowError) as error:
        raise _Failed(HttpError.SOCKET) from error
    try:
        try:
            writer.write(encode(request, place))
            await writer.drain()
        except OSError as error:
            raise _Failed(HttpError.SENDING) from error
        try:
            return await read_answer(reader)
        except (OSError, ValueError, EOFError, asyncio.LimitOverrunError) as error:
            raise _Failed(HttpError.ANSWER) from error
    finally:
        writer.transport.abort()


async def read_answer(reader: asyncio.StreamReader) -> HttpAnswer:
    """Read one answer, past those that only tell of progress (RFC 9110, 15.2).

    Raises ValueError or EOFError for what is not HTTP and for what exceeds the bounds, OSError when it breaks off.
    """
    left = MOST_HEAD
    while True:
        first = await _line(reader)
        left -= len(first) + 2
        version, _, rest = first.partition(b" ")
        code = rest[:3]
        if not version.startswith(b"HTTP/1.") or not code.isdigit() or len(code) != 3:
            raise ValueError("not a status line")
        headers: dict[bytes, bytes] = {}
        while line := await _line(reader):
            left -= len(line) + 2
            if left < 0:
                raise ValueError("the head is too long")
            name, colon, value = line.partition(b":")
            if not colon:
                raise ValueError("not a header")
            headers[name.strip().lower()] = value.strip()
        status = int(code)
        if status >= 200:
            return HttpAnswer(status, await _body(reader, status, headers))
        if left < 0:
            raise ValueError("the head is too long")


async def _line(reader: asyncio.StreamReader) -> bytes:
    """A line without its end. Raises ValueError when it is too long, EOFError when there is none."""
    line = await reader.readuntil(b"\n")
    return line.rstrip(b"\r\n")


async def _body(reader: asyncio.StreamReader, status: int, headers: dict[bytes, bytes]) -> bytes:
    """An answer's body, by its chunks, its length or up to the end (RFC 9112, 6.3)."""
    if status in (204, 304):
        return b""
    coding = headers.get(b"transfer-encoding")
    if coding is not None:
        if coding.lower() != b"chunked":
            raise ValueError("an unknown transfer coding")
        return await _chunks(reader)
    length = headers.get(b"content-length")
    if length is not None:
        if not length.isdigit() or len(length) > 9 or int(length) > MOST_BODY:
            raise ValueError("the length is none, or too large")
        return await reader.readexactly(int(length))
    body = bytearray()
    while data := await reader.read(LINE):
        body += data
        if len(body) > MOST_BODY:
            raise ValueError("the body is too long")
    return bytes(body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body in chunks (RFC 9112, 7.1); what follows the last one is left."""
    body = bytearray()
    while True:
        digits = (await _line(reader)).partition(b";")[0].strip()
        size = int(digits, 16) if digits.isalnum() and len(digits) <= 8 else -1
        if size < 0 or len(body) + size > MOST_BODY:
            raise ValueError("a chunk's size is none, or too large")
        if size == 0:
            return bytes(body)
        body += await reader.readexactly(size)
        if await _line(reader):
            raise ValueError("a chunk does not end where it says")
