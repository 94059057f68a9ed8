"""HTTP/1.1 on the streams of a module (RFC 9112): one request on a stream of its own, and its answer.

Nothing is followed: no redirects, no cookies, no proxies.
"""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from modemlab.dialect.network import HttpAnswer, HttpError, HttpRequest, StreamError, TlsOptions
from modemlab.module.connections import Connections
from modemlab.module.effects import (
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
    StreamReply,
    StreamSendBufferFull,
)

# The most that is taken of an answer: its head, those before it that tell of progress included, and its body.
MAX_HEAD_BYTES = 8192
MAX_BODY_BYTES = 65_536

# https is trusted as the system trusts it (RFC 9110, 4.3.4).
HTTPS = TlsOptions(0x0303, verify=True, check_host=True, system_authorities=True)


class UrlParts(NamedTuple):
    """What a URL says of where a request goes: by `tls` or not, to `host` and `port`, whom it names, what it wants."""

    tls: bool
    host: str
    port: int
    shown: str
    target: str


def place_of(url: str) -> UrlParts:
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
    return UrlParts(
        tls, host, usual if port is None else port, shown if port in (None, usual) else f"{shown}:{port}", target
    )


class HttpExchange:
    """A request under way, a user of `connections`. `done` is called with what became of it, once, never when dropped.

    It begins at `now`; `utc` is the date and time by which certificates are judged, in seconds since 1970.
    Raises ValueError for a URL as `place_of` does.
    """

    __slots__ = (
        *("_body", "_connection", "_connections", "_done", "_due", "_request", "_status", "_taken"),
        *("opening", "paused", "stream"),
    )
    index: int | None = None
    context: int | None = None
    partial_packet = b""
    read_paused = False

    def __init__(
        self,
        connections: Connections,
        request: HttpRequest,
        now: float,
        utc: float,
        done: Callable[[HttpAnswer | HttpError], None],
    ) -> None:
        self._connections, self._done, self._due = connections, done, now + request.timeout
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._status, self._taken, self._body = 0, 0, bytearray()
        self.opening, self.paused = True, False
        place = place_of(request.url)
        self._request = encode(self._connection, request, place)
        self.stream = connections.open(self, place.host, place.port, HTTPS._replace(at=utc) if place.tls else None)

    def on_reply(self, reply: StreamReply, now: float) -> None:
        """Send the request once the stream stands; take the answer, which ends with the stream if not before."""
        match reply:
            case StreamOpened():
                self.opening = False
                self._connections.effects.append(SendStream(self.stream, self._request))
            case StreamFailed(error=error):
                self._connections.forget(self.stream)
                self.stream = 0
                self._done(HttpError.NAME if error is StreamError.NAME else HttpError.SOCKET)
            case StreamReceived(data=data):
                self._take(data)
            case StreamClosed(detail=detail):
                # An answer without a length ends here, unless TLS failed.
                if not detail:
                    self._receive(b"")
                if self.stream:
                    self._end(HttpError.ANSWER)
            case StreamSendBufferFull():
                self._end(HttpError.SENDING)

    def network_lost(self) -> None:
        self._end(HttpError.SENDING)

    def abort(self) -> None:
        if self.stream:
            self._connections.close(self.stream)
        self.stream = 0

    def deadline(self) -> float | None:
        return self._due

    def advance(self, now: float) -> None:
        if self.stream and now >= self._due:
            self._end(HttpError.TIMEOUT)

    def _take(self, data: bytes) -> None:
        """Take a part of the answer, no more of its head than that may have."""
        while data and self.stream:
            room = len(data) if self._status else MAX_HEAD_BYTES - self._taken
            if not room:
                self._end(HttpError.ANSWER)
                return
            self._taken += len(data[:room])
            self._receive(data[:room])
            data = data[room:]

    def _receive(self, data: bytes) -> None:
        """Take bytes, or the end of them, and see what they complete."""
        try:
            self._connection.receive_data(data)
            while self.stream and (event := self._connection.next_event()) is not h11.NEED_DATA:
                self._follow(event)
            # A head is read when it is whole: what begins as none is not waited for.
            if self.stream and not self._status and not begins_as(self._connection.trailing_data[0], b"HTTP/1."):
                self._end(HttpError.ANSWER)
        except h11.RemoteProtocolError:
            self._end(HttpError.ANSWER)

    def _follow(self, event: object) -> None:
        """Something is complete."""
        match event:
            case h11.Response(status_code=status, headers=headers):
                self._status = status
                lengths = (int(value) for name, value in headers if name == b"content-length")
                if max(lengths, default=0) > MAX_BODY_BYTES:
                    self._end(HttpError.ANSWER)
            case h11.Data(data=data):
                self._body += data
                if len(self._body) > MAX_BODY_BYTES:
                    self._end(HttpError.ANSWER)
            case h11.EndOfMessage():
                self._end(HttpAnswer(self._status, bytes(self._body)))
            case h11.InformationalResponse():
                pass
            case _:  # it switches to another protocol, or ends
                self._end(HttpError.ANSWER)

    def _end(self, answer: HttpAnswer | HttpError) -> None:
        """It is over: close the stream and tell."""
        self.abort()
        self._done(answer)


def begins_as(data: bytes, words: bytes) -> bool:
    """Whether data begins with these words, as far as it has come."""
    return words.startswith(data[: len(words)])


def encode(connection: h11.Connection, request: HttpRequest, place: UrlParts) -> bytes:
    """The request as it goes out on a connection."""
    headers = [
        ("Host", place.shown),
        *request.headers,
        ("Content-Length", str(len(request.body))),
        ("Connection", "close"),
    ]
    events = (
        h11.Request(method=request.method, target=place.target, headers=headers),
        h11.Data(data=request.body),
        h11.EndOfMessage(),
    )
    return b"".join(connection.send(event) or b"" for event in events)
