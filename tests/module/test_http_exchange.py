"""HTTP requests of modules on paper: what goes out, and every way in which an answer fails, in any pieces."""

import subprocess
import sys

import pytest

from modemlab.dialect.network import HttpAnswer, HttpError, HttpRequest, StreamError, TlsOptions
from modemlab.module.connections import Connections
from modemlab.module.effects import (
    CloseStream,
    Effect,
    OpenStream,
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
    StreamSendBufferFull,
)
from modemlab.module.http import MAX_BODY_BYTES, MAX_HEAD_BYTES, HttpExchange, place_of
from support.helpers import PIECES

UTC = 1_700_000_000.0
Ends = list[HttpAnswer | HttpError]


class Paper:
    """A request under way at 10 s, 60 s at most: what it asked for, and what it ended in."""

    def __init__(self, url: str = "http://10.0.0.1/t") -> None:
        self.effects: list[Effect] = []
        self.ends: Ends = []
        self.connections = Connections(self.effects)
        request = HttpRequest("POST", url, (("X-Token", "7"),), b"a=1&b=2", 60.0)
        self.exchange = HttpExchange(self.connections, request, 10.0, UTC, self.ends.append)

    def answer(self, raw: bytes, piece: int = 0) -> None:
        """It is open; the server says this and closes."""
        self.exchange.on_reply(StreamOpened(1), 10.0)
        for start in range(0, len(raw), piece or len(raw) or 1):
            if self.connections.user_of(1) is not None:
                self.exchange.on_reply(StreamReceived(1, raw[start : start + (piece or len(raw))]), 11.0)
        if self.connections.user_of(1) is not None:
            self.exchange.on_reply(StreamClosed(1), 11.0)


def test_bytes_of_a_request() -> None:
    paper = Paper("http://cloud.example/token?x=1")
    assert paper.effects == [OpenStream(1, "cloud.example", 80, None, None)]
    paper.exchange.on_reply(StreamOpened(1), 10.0)
    assert paper.effects[1:] == [
        SendStream(
            1,
            b"POST /token?x=1 HTTP/1.1\r\nHost: cloud.example\r\nX-Token: 7\r\n"
            b"Content-Length: 7\r\nConnection: close\r\n\r\na=1&b=2",
        )
    ]
    assert paper.ends == []


def test_https_is_trusted_as_the_system_trusts_it() -> None:
    tls = TlsOptions(0x0303, 0x0303, verify=True, check_host=True, at=UTC, system_authorities=True)
    assert Paper("https://[::1]:8443/").effects == [OpenStream(1, "::1", 8443, tls, None)]


GOOD = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", HttpAnswer(200, b"abc")),
    (b"HTTP/1.0 200 OK\r\n\r\nto the end", HttpAnswer(200, b"to the end")),
    (b"HTTP/1.1 404 Not Found\ncontent-length:0\n\n", HttpAnswer(404, b"")),
    (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", HttpAnswer(302, b"")),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", HttpAnswer(201, b"x")),
    (b"HTTP/1.1 204 No Content\r\n\r\n", HttpAnswer(204, b"")),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
        HttpAnswer(200, b"abc0123456789"),
    ),
    (b"HTTP/1.1 200\r\nContent-Length: 65536\r\n\r\n" + b"x" * MAX_BODY_BYTES, HttpAnswer(200, b"x" * MAX_BODY_BYTES)),
    (b"HTTP/1.1 200\r\nX: " + b"x" * (MAX_HEAD_BYTES - 21) + b"\r\n\r\n", HttpAnswer(200, b"")),
]


@pytest.mark.parametrize(("raw", "answer"), GOOD, ids=range(len(GOOD)))
@pytest.mark.parametrize("piece", PIECES)
def test_answers(raw: bytes, answer: HttpAnswer, piece: int) -> None:
    paper = Paper()
    paper.answer(raw, 4096 if piece and len(raw) > 1000 else piece)
    assert paper.ends == [answer]
    assert paper.effects[2:] == [CloseStream(1)]
    assert not paper.connections.users


BAD = [
    b"",
    b"HTTP/1.1 200 OK\r\n",
    b"SSH-2.0-x\r\n",
    b"HTTP/1.1 abc\r\n\r\n",
    b"HTTP/1.1 99\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" + b"x" * 65_537,
    b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 65_537,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 65_537,
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
    b"HTTP/1.1 200\r\nX: " + b"x" * (MAX_HEAD_BYTES - 20) + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000 + b"\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 2000,
    b"HTTP/1.1 101 Switching Protocols\r\n\r\nGET",
]


@pytest.mark.parametrize("raw", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("piece", PIECES)
def test_what_is_no_answer(raw: bytes, piece: int) -> None:
    paper = Paper()
    paper.answer(raw, 4096 if piece and len(raw) > 1000 else piece)
    assert paper.ends == [HttpError.ANSWER]
    assert paper.effects[2:] == [CloseStream(1)]


def test_a_length_that_is_too_large_is_not_waited_for() -> None:
    paper = Paper()
    paper.exchange.on_reply(StreamOpened(1), 10.0)
    paper.exchange.on_reply(StreamReceived(1, b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n"), 11.0)
    assert paper.ends == [HttpError.ANSWER]


@pytest.mark.parametrize("piece", PIECES)
def test_what_does_not_begin_as_http_is_not_waited_for(piece: int) -> None:
    for raw in (b"SSH-2.0-x\r\n", b"HTTP/2", b"\r\n", b"HTTP/1.1 100 Continue\r\n\r\nx"):
        paper = Paper()
        paper.exchange.on_reply(StreamOpened(1), 10.0)
        for start in range(0, len(raw), piece or len(raw)):
            assert paper.ends == []
            paper.exchange.on_reply(StreamReceived(1, raw[start : start + (piece or len(raw))]), 11.0)
            if paper.ends:
                break
        assert paper.ends == [HttpError.ANSWER]


def test_an_answer_that_tls_broke_off_is_none() -> None:
    paper = Paper()
    paper.exchange.on_reply(StreamOpened(1), 10.0)
    paper.exchange.on_reply(StreamReceived(1, b"HTTP/1.1 200 OK\r\n\r\nto the"), 11.0)
    paper.exchange.on_reply(StreamClosed(1, "TLS failed: the peer broke it off"), 11.0)
    assert paper.ends == [HttpError.ANSWER]


FAILURES = {StreamError.NAME: HttpError.NAME}


@pytest.mark.parametrize("error", StreamError)
def test_there_is_no_connection(error: StreamError) -> None:
    paper = Paper()
    paper.exchange.on_reply(StreamFailed(1, error), 11.0)
    assert paper.ends == [FAILURES.get(error, HttpError.SOCKET)]
    assert paper.effects[1:] == []
    assert not paper.connections.users


@pytest.mark.parametrize("opened", [False, True])
def test_no_answer_in_time(opened: bool) -> None:
    paper = Paper()
    if opened:
        paper.exchange.on_reply(StreamOpened(1), 10.0)
        paper.exchange.on_reply(StreamReceived(1, b"HTTP/1.1 200 OK\r\n"), 11.0)
    assert paper.exchange.deadline() == 70.0
    paper.exchange.advance(69.9)
    assert paper.ends == []
    paper.exchange.advance(70.0)
    assert paper.ends == [HttpError.TIMEOUT]
    assert paper.effects[-1] == CloseStream(1)
    paper.exchange.advance(71.0)
    assert len(paper.ends) == 1


def test_it_cannot_be_sent() -> None:
    paper = Paper()
    paper.exchange.on_reply(StreamOpened(1), 10.0)
    paper.exchange.on_reply(StreamSendBufferFull(1), 11.0)
    assert paper.ends == [HttpError.SENDING]
    paper = Paper()
    paper.connections.network_lost(None)
    assert paper.ends == [HttpError.SENDING]
    assert paper.effects[1:] == [CloseStream(1)]


def test_a_request_that_is_dropped_tells_nobody() -> None:
    paper = Paper()
    paper.exchange.abort()
    paper.exchange.abort()
    assert paper.effects[1:] == [CloseStream(1)]
    assert paper.ends == []


def test_places() -> None:
    assert place_of("https://h") == (True, "h", 443, "h", "/")
    assert place_of("http://[::1]:81/a?b#c") == (False, "::1", 81, "[::1]:81", "/a?b")
    for url in (
        "http://",
        "http://h:99999/",
        "h",
        "gopher://h/",
        "http://h/\r\n",
        "http://h/é",
        "http://h/ x",
        "http://[/",
    ):
        with pytest.raises(ValueError, match=r"URL|[Pp]ort|IPv6"):
            place_of(url)


def test_h11_is_imported_with_the_first_request() -> None:
    program = (
        "import sys\n"
        "from modemlab.dialect.network import HttpRequest\n"
        "from modemlab.dialect.registry import find_model\n"
        "from modemlab.virtual.module import VirtualModule\n"
        "from modemlab.module.module import Module\n"
        "module = Module(*find_model('BC35-G'))\n"
        "print('h11' in sys.modules)\n"
        "module.request(HttpRequest('GET', 'http://h/', (), b'', 1.0), print)\n"
        "print('h11' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True"]
