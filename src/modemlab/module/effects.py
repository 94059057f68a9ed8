"""What a module asks of the world: streams and requests. The shell performs them and tells how they went."""

from typing import NamedTuple

from modemlab.at.world import StreamError as StreamError  # noqa: PLC0414 (for those who perform effects)
from modemlab.at.world import Tls


class OpenStream(NamedTuple):
    """Connect to `host`:`port`, and secure it with `tls`; answered by `stream_opened` or `stream_failed`.

    `client` is the number of the MQTT client that it is for.
    """

    stream: int
    host: str
    port: int
    tls: Tls | None = None
    client: int = 0


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


class HttpRequest(NamedTuple):
    """Make an HTTP request; ends in `http_answered`. `timeout` is in seconds for all of it."""

    request: int
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    timeout: float


Effect = OpenStream | SendStream | CloseStream | PauseStream | ResumeStream


def words_of(error: StreamError, detail: str = "") -> str:
    """Why a stream did not open, in one line for the log."""
    return f"{error.value}: {detail}" if detail else error.value
