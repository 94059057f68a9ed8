"""HTTP requests of modules, the whole way: servers on loopback, sockets, TLS, `--connect-to` and the trace."""

import asyncio
import io
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme

from modemlab.dialect.network import HttpAnswer, HttpError, HttpRequest
from modemlab.dialect.registry import find_model
from modemlab.net.connect_to import ConnectTo
from modemlab.net.tls_context import context_of
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


async def fetch(url: str, *rules: ConnectTo) -> HttpAnswer | HttpError:
    """What becomes of a request of a module."""
    answer: asyncio.Future[HttpAnswer | HttpError] = asyncio.get_running_loop().create_future()
    async with VirtualModule(*find_model("BC35-G"), ports=[MemoryPort], connect_to=rules) as vm:
        vm.module.request(HttpRequest("POST", url, (("X-Token", "7"),), b"a=1&b=2", WAIT), answer.set_result)
        vm.settle()
        return await answer


def test_an_answer_in_many_pieces() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readuntil(b"b=2"))
        for start in range(0, len(raw), 7):
            writer.write(raw[start : start + 7])
            await writer.drain()

    async def ask(port: int) -> HttpAnswer | HttpError:
        return await fetch("http://cloud.example/token?x=1", ConnectTo("cloud.example", 80, "127.0.0.1", port))

    assert asyncio.run(served(serve, ask)) == HttpAnswer(200, b"abcde")
    assert heard.startswith(b"POST /token?x=1 HTTP/1.1\r\nHost: cloud.example\r\nX-Token: 7\r\n")


def test_nobody_is_there() -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        assert await fetch(f"http://127.0.0.1:{port}/") is HttpError.SOCKET
        assert await fetch("http://127.0.0.1:0/") is HttpError.SOCKET
        assert await fetch("http://nothing.invalid/") is HttpError.NAME
        assert await fetch(f"http://{'x' * 64}.example/") is HttpError.NAME

    asyncio.run(main())


def test_a_server_that_speaks_no_tls() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read(100)

    result = asyncio.run(served(serve, lambda port: fetch(f"https://127.0.0.1:{port}/")))
    assert result is HttpError.SOCKET


# The whole way: a command on a module's port, a request to a server, a URC.

GIVEN = b'{"returnCode":0,"data":{"id":"user7","secret":"pass7"}}'
ASK = 'AT+QMTTENAUTH="iot-7hjc","light001","mqtt-5ns8@light001","s3cr3t"'
SERVICE = "gz.auth-device-iot.tencentcloudapi.com"


@pytest.mark.parametrize(
    ("raw", "said", "noted"),
    [
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 55\r\n\r\n" + GIVEN,
            b"0,pass7",
            r'HTTP/1.1 200 OK\r\nContent-Length: 55\r\n\r\n{"returnCode":0,"data":{"id":"user7","secret":"*****"}}',
        ),
        (b"HTTP/1.1 500 No\r\n\r\n", b"3", r"HTTP/1.1 500 No\r\n\r\n"),
        (b"nonsense", b"3", "nonsense"),
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
        assert f" -- stream 1 opens to {SERVICE}:80\n" in record
        assert rf" S> 1 POST /token HTTP/1.1\r\nHost: {SERVICE}\r\n" in record
        assert f" S< 1 {noted} | " in record
        assert " -- stream 1 is closed by the module\n" in record
        assert "pass7" not in record.replace("+QMTTENAUTH: 0,pass7", "")
        assert b"pass7".hex() not in record.replace(b"+QMTTENAUTH: 0,pass7".hex(), "")

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

    def ask(host: str) -> HttpAnswer | HttpError:
        # Contexts are kept, with the authorities that the system had.
        context_of.cache_clear()
        rule = ConnectTo(host, 443, "127.0.0.1", None)
        try:
            return asyncio.run(
                served(serve, lambda port: fetch(f"https://{host}/", rule._replace(to_port=port)), context)
            )
        finally:
            context_of.cache_clear()

    assert ask("cloud.example") is HttpError.SOCKET
    monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
    assert ask("cloud.example") == HttpAnswer(200, b"hi")
    assert ask("another.example") is HttpError.SOCKET
