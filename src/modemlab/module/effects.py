"""What a module asks of the world: streams and queries. The shell performs them and tells how they went.

The first field of each is its number, which no other has.
"""

from typing import NamedTuple

from modemlab.dialect.network import QueryAnswer, StreamError, TlsOptions


class OpenStream(NamedTuple):
    """Connect to `host`:`port`, and secure it with `tls`; answered with `StreamOpened` or `StreamFailed`.

    `client` is the number of the MQTT client that it is for, None if it is for none.
    """

    stream: int
    host: str
    port: int
    tls: TlsOptions | None = None
    client: int | None = 0


class SendStream(NamedTuple):
    """Send these bytes, in order."""

    stream: int
    data: bytes


class CloseStream(NamedTuple):
    """Close after what was sent, or cancel the attempt to open; nothing more is told of this stream."""

    stream: int


class PauseStream(NamedTuple):
    """Read no more from the stream until `ResumeStream`."""

    stream: int


class ResumeStream(NamedTuple):
    """Read again from the stream."""

    stream: int


class Resolve(NamedTuple):
    """Look up what a name, or an address, stands for; answered with `Addresses` or an error.

    `port` is that of the datagrams which are to go there, None for anything else.
    """

    query: int
    host: str
    port: int | None = None


class Ping(NamedTuple):
    """Send an ICMP echo request with so many bytes of data to an address; answered with `Echoed`, an error or never."""

    query: int
    address: str
    size: int


class SendDatagram(NamedTuple):
    """Send a UDP datagram to a host's port and address; answered with each `Datagram` that comes back, or an error."""

    query: int
    host: str
    port: int
    address: str
    data: bytes


class Forget(NamedTuple):
    """Nothing more is to be told of that query."""

    query: int


# Each but the last is answered with `QueryAnswered`.
Query = Resolve | Ping | SendDatagram | Forget
StreamEffect = OpenStream | SendStream | CloseStream | PauseStream | ResumeStream
Effect = StreamEffect | Query


class StreamOpened(NamedTuple):
    """A stream stands."""

    stream: int


class StreamFailed(NamedTuple):
    """A stream could not be opened; `detail` says more for the log, where there is more to say."""

    stream: int
    error: StreamError
    detail: str = ""


class StreamReceived(NamedTuple):
    """Bytes came on a stream."""

    stream: int
    data: bytes


class StreamClosed(NamedTuple):
    """The peer closed or reset a stream; `detail` says more for the log, where there is more to say."""

    stream: int
    detail: str = ""


class StreamSendBufferFull(NamedTuple):
    """A stream was given up because the peer takes nothing any more."""

    stream: int


class QueryAnswered(NamedTuple):
    """A query is answered, or failed."""

    query: int
    answer: QueryAnswer


# What comes of effects.
StreamEnd = StreamFailed | StreamClosed | StreamSendBufferFull
StreamReply = StreamOpened | StreamReceived | StreamEnd
Reply = StreamReply | QueryAnswered


def words_of(error: StreamError, detail: str = "") -> str:
    """Why a stream did not open, in one line for the log."""
    return f"{error.value}: {detail}" if detail else error.value
