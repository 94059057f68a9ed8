"""A BC35-G on a port, over real sockets: at the embedded broker, and at a service that gives out passwords."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.net.streams import Streams
from modemlab.platforms.tencent import token_signature, token_text
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.virtual_module import Host


def test_a_message_to_itself() -> None:
    async def main() -> None:
        broker = Broker()
        host_name, port = await broker.start()
        dialect, model = find_model("BC35-G")
        async with VirtualModule(dialect, model, ports=[MemoryPort]) as vm:
            host = Host(vm)
            await host.until(b"Neul\r\nOK\r\n")
            await host.ask("AT+CSCON=1")
            await host.ask(f'AT+QMTOPEN=0,"{host_name}",{port}', b"+CSCON:1\r\n")
            assert await host.until(b"+QMTOPEN: 0,0\r\n") == b"\r\n+QMTOPEN: 0,0\r\n"
            assert await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n") == b"\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n"
            await host.ask('AT+QMTSUB=0,1,"t/#",2', b"+QMTSUB: 0,1,0,2\r\n")
            for qos, msgid in ((0, 0), (1, 7), (2, 8)):
                await host.ask(f'AT+QMTPUB=0,{msgid},{qos},0,"t/{qos}"', b"\r\n> ")
                host.port.host_send(b'{"on":1}\x1a\r\n')
                said = await host.until(b'"t/%d","{"on":1}"\r\n' % qos)
                if b"+QMTPUB: " not in said:
                    said += await host.until(b"+QMTPUB: 0,%d,0\r\n" % msgid)
                assert said.startswith(b"\r\nOK\r\n")
            assert await host.ask("AT+QMTDISC=0", b"+CSCON:0\r\n") == (
                b"\r\nOK\r\n\r\n+QMTDISC: 0,0\r\n\r\n+CSCON:0\r\n"
            )
        await broker.close()

    asyncio.run(main())


OK = b"HTTP/1.1 200 OK\r\n"
GIVEN = b'{"returnCode":0,"data":{"id":"user7","secret":"pass7"}}'
DENIED = b'{"returnCode":2,"returnMessage":"signature"}'
# What the service says to a path; None: nothing, and it stays.
SAYINGS: dict[bytes, bytes | None] = {
    b"/silent": None,
    b"/gone": b"",
    b"/ssh": b"SSH-2.0-x\r\n",
    b"/half": OK + b"Content-Length: 55\r\n\r\n" + GIVEN[:20],
    b"/broken": OK + b"\r\n" + GIVEN[:-1],
    b"/list": OK + b"\r\n[1,2]",
    b"/empty": OK + b"Content-Length: 0\r\n\r\n",
    b"/numbers": OK + b'\r\n{"returnCode":0,"data":{"id":7,"secret":8}}',
    b"/deep": OK + b"\r\n" + b"[" * 60_000,
    b"/declared": OK + b"Content-Length: 999999999\r\n\r\n" + b"x" * 70_000,
    b"/endless": OK + b"\r\n" + b"x" * 1_000_000,
    b"/chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 10,
    b"/moved": b"HTTP/1.1 302 Found\r\nLocation: /token\r\nContent-Length: 0\r\n\r\n",
}


def answer_to(form: str) -> bytes:
    """What a service that knows the device's secret says to its form."""
    fields = {name: value for name, (value,) in parse_qs(form, strict_parsing=True).items()}
    numbers = {name: int(fields[name]) for name in ("expire", "nonce", "timestamp")}
    product, device, client = (fields[name] for name in ("productId", "deviceName", "clientId"))
    text = token_text(client, device, numbers["expire"], numbers["nonce"], product, numbers["timestamp"])
    body = GIVEN if fields["signature"] == token_signature("right", text) else DENIED
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The service."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        form = (await reader.readexactly(length)).decode()
        path = head.split(b" ", 2)[1]
        said = answer_to(form) if path == b"/token" else SAYINGS[path]
        writer.write(b"" if said is None else said)
        await writer.drain()
        if said is None:
            await reader.read()
    except (OSError, EOFError):
        pass
    finally:
        writer.close()


def with_service(work: Callable[[VirtualModule, Host, str], Awaitable[None]], speed: float = 1.0) -> None:
    """Do that with a module and the service's URL, without a path."""

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        dialect, model = find_model("BC35-G")
        async with VirtualModule(dialect, model, ports=[MemoryPort], speed=speed) as vm:
            host = Host(vm)
            await host.until(b"Neul\r\nOK\r\n")
            await work(vm, host, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        server.close()

    asyncio.run(main())


async def ask(host: Host, url: str, secret: str = "right") -> bytes:
    """What the module tells of the service there, behind the URC's name."""
    await host.ask(f'AT+QMTTENAUTH="PRODUCT","pump","PRODUCT@pump","{secret}",1,"{url}"')
    await host.until(b"\r\n+QMTTENAUTH: ")
    return (await host.until(b"\r\n")).rstrip()


def test_the_password_of_a_service_opens_the_broker() -> None:
    async def work(_vm: VirtualModule, host: Host, service: str) -> None:
        broker = Broker(users={"user7": "pass7"})
        host_name, port = await broker.start()

        async def connect(words: bytes) -> None:
            await host.ask(f'AT+QMTOPEN=0,"{host_name}",{port}', b"+QMTOPEN: 0,0\r\n")
            await host.ask('AT+QMTCONN=0,"PRODUCT@pump"', words)

        assert await ask(host, f"{service}/token", "wrong") == b"5"
        assert await host.ask("AT+QMTTENAUTH?") == b"\r\nOK\r\n"
        await connect(b"+QMTCONN: 0,0,5\r\n\r\n+QMTSTAT: 0,4\r\n")
        assert await ask(host, f"{service}/token") == b"0,pass7"
        assert await host.ask("AT+QMTENAUTH?") == b"\r\n+QMTTENAUTH: pass7\r\n\r\nOK\r\n"
        await connect(b"+QMTCONN: 0,0,0\r\n")
        await broker.close()

    with_service(work)


def test_a_service_that_fails() -> None:
    async def work(_vm: VirtualModule, host: Host, service: str) -> None:
        closed = await asyncio.start_server(serve, "127.0.0.1", 0)
        nobody = closed.sockets[0].getsockname()[1]
        closed.close()
        assert await ask(host, f"http://{'x' * 64}.example/") == b"1"
        assert await ask(host, f"http://127.0.0.1:{nobody}/") == b"2"
        for path in ("gone", "ssh", "half", "declared", "endless", "chunks", "moved"):
            assert await ask(host, f"{service}/{path}") == b"3", path
        for path in ("broken", "list", "empty", "numbers", "deep"):
            assert await ask(host, f"{service}/{path}") == b"5", path
        assert await host.ask("AT+QMTTENAUTH?") == b"\r\nOK\r\n"
        assert await ask(host, f"{service}/token") == b"0,pass7"

    with_service(work)


def test_a_service_that_never_answers() -> None:
    """195 s, on a clock that runs a thousand times as fast."""

    async def work(_vm: VirtualModule, host: Host, service: str) -> None:
        assert await ask(host, f"{service}/silent") == b"6"

    with_service(work, speed=1000.0)


def test_a_host_that_restarts_and_asks_without_end() -> None:
    """Requests that nobody waits for any more are given up."""

    async def work(vm: VirtualModule, host: Host, service: str) -> None:
        for _ in range(20):
            await host.ask(f'AT+QMTTENAUTH="PRODUCT","pump","PRODUCT@pump","right",1,"{service}/silent"')
            await host.ask("AT+NRB", b"Neul\r\nOK\r\n")
        await asyncio.sleep(0.02)
        assert vm.module.connections.users == ()
        assert isinstance(vm.network.streams, Streams)
        assert vm.network.streams._open == ()
        assert await ask(host, f"{service}/token") == b"0,pass7"

    with_service(work)
