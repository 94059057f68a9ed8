"""HTTP requests of modules, against servers on loopback: what goes out, and every way in which an answer fails."""

import asyncio
import io
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme

from modemlab.dialect.network import HttpAnswer, HttpError
from modemlab.dialect.registry import find_model
from modemlab.module.effects import HttpRequest
from modemlab.net.connect_to import ConnectTo
from modemlab.net.http import MOST_BODY, Requests, fetch, place_of
from modemlab.ports.memory import MemoryPort
from modemlab.ports.trace import Trace, TraceFile
from modemlab.virtual.module import VirtualModule
from support.virtual_module import Host

WAIT = 60.0
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def served(
    serve: Serve, use: Callable[[int], Awaitable[HttpAnswer | HttpError]], tls: ssl.SSLContext | None = None
) -> HttpAnswer | HttpError:
    """What `use` gets from a server on a port of loopback."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    try:
        return await asyncio.wait_for(use(server.sockets[0].getsockname()[1]), WAIT)
    finally:
        server.close()
        await asyncio.sleep(0.01)


def request(url: str, timeout: float = WAIT) -> HttpRequest:
    """A request with a small form."""
    return HttpRequest(1, "POST", url, (("X-Token", "7"),), b"a=1&b=2", timeout)


def answer_to(raw: bytes, timeout: float = WAIT, pieces: int = 0) -> HttpAnswer | HttpError:
    """What becomes of a request that is answered with these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"b=2")
        for start in range(0, len(raw), pieces or len(raw) or 1):
            writer.write(raw[start : start + (pieces or len(raw))])
            await writer.drain()
        if timeout < 1:
            await asyncio.sleep(5 * timeout)

    return asyncio.run(served(serve, lambda port: fetch(request(f"http://127.0.0.1:{port}/t", timeout))))


def test_bytes_of_a_request() -> None:
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readuntil(b"b=2"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    rules = (ConnectTo("cloud.example", 80, "127.0.0.1", None),)

    async def ask(port: int) -> HttpAnswer | HttpError:
        return await fetch(request("http://cloud.example/token?x=1"), (rules[0]._replace(to_port=port),))

    assert asyncio.run(served(serve, ask)) == HttpAnswer(200, b"hi")
    assert bytes(heard) == (
        b"POST /token?x=1 HTTP/1.1\r\nHost: cloud.example\r\nX-Token: 7\r\n"
        b"Content-Length: 7\r\nConnection: close\r\n\r\na=1&b=2"
    )


GOOD = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", HttpAnswer(200, b"abc")),
    (b"HTTP/1.0 200 OK\r\n\r\nto the end", HttpAnswer(200, b"to the end")),
    (b"HTTP/1.1 404 Not Found\ncontent-length:0\n\n", HttpAnswer(404, b"")),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", HttpAnswer(201, b"x")),
    (b"HTTP/1.1 204 No Content\r\n\r\n", HttpAnswer(204, b"")),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
        HttpAnswer(200, b"abc0123456789"),
    ),
    (b"HTTP/1.1 200\r\nContent-Length: 65536\r\n\r\n" + b"x" * MOST_BODY, HttpAnswer(200, b"x" * MOST_BODY)),
]


@pytest.mark.parametrize(("raw", "answer"), GOOD)
@pytest.mark.parametrize("pieces", [0, 7])
def test_answers(raw: bytes, answer: HttpAnswer, pieces: int) -> None:
    if pieces and len(raw) > 1000:
        pieces = 4096
    assert answer_to(raw, pieces=pieces) == answer


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
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000 + b"\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 2000,
]


@pytest.mark.parametrize("raw", BAD, ids=range(len(BAD)))
def test_what_is_no_answer(raw: bytes) -> None:
    assert answer_to(raw) is HttpError.ANSWER


def test_no_answer_in_time() -> None:
    assert answer_to(b"HTTP/1.1 200 OK\r\n", timeout=0.1) is HttpError.TIMEOUT


def test_nobody_is_there() -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        assert await fetch(request(f"http://127.0.0.1:{port}/")) is HttpError.SOCKET
        assert await fetch(request("http://127.0.0.1:0/")) is HttpError.SOCKET
        assert await fetch(request("http://nothing.invalid/")) is HttpError.NAME
        assert await fetch(request(f"http://{'x' * 64}.example/")) is HttpError.NAME
        assert await fetch(request("gopher://h/")) is HttpError.NAME

    asyncio.run(main())


def test_a_server_that_speaks_no_tls() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read(100)

    result = asyncio.run(served(serve, lambda port: fetch(request(f"https://127.0.0.1:{port}/"))))
    assert result is HttpError.SOCKET


def test_places() -> None:
    assert place_of("https://h") == (True, "h", 443, "h", "/")
    assert place_of("http://[::1]:81/a?b#c") == (False, "::1", 81, "[::1]:81", "/a?b")
    for url in ("http://", "http://h:99999/", "h", "http://h/\r\n", "http://h/é", "http://h/ x", "http://[/"):
        with pytest.raises(ValueError, match=r"URL|[Pp]ort|IPv6"):
            place_of(url)


def test_requests_are_given_up() -> None:
    async def main() -> None:
        told: list[object] = []
        requests = Requests(lambda *answer: told.append(answer), ())
        ended = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.read()
            except ConnectionError:
                pass
            finally:
                ended.set()
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        requests.perform([request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")])
        await asyncio.sleep(0.05)
        await requests.close()
        await asyncio.wait_for(ended.wait(), WAIT)
        assert told == []
        server.close()

    asyncio.run(main())


# The whole way: a command on a module's port, a request to a server, a URC.

GIVEN = b'{"returnCode":0,"data":{"id":"user7","secret":"pass7"}}'
ASK = 'AT+QMTTENAUTH="iot-7hjc","light001","mqtt-5ns8@light001","s3cr3t"'
SERVICE = "gz.auth-device-iot.tencentcloudapi.com"


@pytest.mark.parametrize(
    ("raw", "said", "noted"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 55\r\n\r\n" + GIVEN, b"0,pass7", "was answered with status 200"),
        (b"HTTP/1.1 500 No\r\n\r\n", b"3", "was answered with status 500"),
        (b"nonsense", b"3", "failed: the answer is not HTTP"),
    ],
)
def test_a_module_asks_for_its_password(raw: bytes, said: bytes, noted: str) -> None:
    assert len(GIVEN) == 55
    heard = bytearray()

    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.extend(await reader.readuntil(b"&signature="))
            writer.write(raw)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        file = io.StringIO()
        rules = [ConnectTo(SERVICE, 80, "127.0.0.1", port)]
        dialect, model = find_model("BC35-G")
        trace = Trace(TraceFile(file))
        async with VirtualModule(dialect, model, ports=[MemoryPort], connect_to=rules, observers=[trace]) as vm:
            host = Host(vm)
            await host.until(b"Neul\r\nOK\r\n")
            assert await host.ask(ASK) == b"\r\nOK\r\n"
            assert await host.until(said + b"\r\n") == b"\r\n+QMTTENAUTH: " + said + b"\r\n"
        server.close()
        record = file.getvalue()
        assert f"-- request 1: POST http://{SERVICE}/token with " in record
        assert f"-- request 1 {noted}" in record

    asyncio.run(main())
    assert heard.startswith(f"POST /token HTTP/1.1\r\nHost: {SERVICE}\r\n".encode())


def test_a_module_that_is_closed_asks_no_more() -> None:
    async def main() -> None:
        hung = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"&signature=")
                await reader.read()
            except ConnectionError:
                pass
            finally:
                hung.set()
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        dialect, model = find_model("BC28")
        rules = [ConnectTo("", None, "127.0.0.1", server.sockets[0].getsockname()[1])]
        async with VirtualModule(dialect, model, ports=[MemoryPort], connect_to=rules) as vm:
            host = Host(vm)
            await host.ask(ASK)
            await asyncio.sleep(0.05)
        await asyncio.wait_for(hung.wait(), WAIT)
        assert len(asyncio.all_tasks()) <= 2
        server.close()

    asyncio.run(main())


def test_https_by_the_authorities_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ca = trustme.CA()
    leaf = ca.issue_cert("cloud.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    authorities = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(authorities))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"b=2")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()

    async def ask(port: int) -> HttpAnswer | HttpError:
        return await fetch(request("https://cloud.example/"), (ConnectTo("cloud.example", 443, "127.0.0.1", port),))

    assert asyncio.run(served(serve, ask, context)) is HttpError.SOCKET
    monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
    assert asyncio.run(served(serve, ask, context)) == HttpAnswer(200, b"hi")
