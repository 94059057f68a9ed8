"""An Air724UG on a port, over real sockets: at the embedded broker, and at a mosquitto that wants a certificate."""

import asyncio
from collections.abc import Iterator

import pytest

from conftest import running_mosquitto
from modemlab.bench.broker import Broker
from modemlab.bench.virtual import VirtualModule
from modemlab.dialects import find_model
from modemlab.module.module import Note
from modemlab.ports.memory import MemoryPort
from tls_world import NAME, world
from virtual_bench import Host

FILES = {"ca.crt": world().authority, "client.crt": world().client.certificate, "client.key": world().client.key}


@pytest.fixture(scope="module")
def mutual_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A mosquitto that wants a certificate of the run's CA."""
    home = tmp_path_factory.mktemp("luat")
    mine = world().server
    for name, data in (("ca.pem", world().authority), ("server.pem", mine.certificate), ("server.key", mine.key)):
        (home / name).write_bytes(data)
    settings = (f"cafile {home}/ca.pem", f"certfile {home}/server.pem", f"keyfile {home}/server.key")
    with running_mosquitto(home, *settings, "require_certificate true") as port:
        yield port


async def session(host: Host) -> None:
    """A session on the open connection: a message to itself with each quality of service, then the end."""
    await host.ask("AT+MCONFIG=pump,,")
    await host.ask("AT+MCONNECT=1,60", b"CONNACK OK\r\n")
    await host.ask('AT+MSUB="t/#",2', b"SUBACK\r\n")
    for qos, last in ((0, b""), (1, b"PUBACK\r\n"), (2, b"PUBCOMP\r\n")):
        said = await host.ask(rf"AT+MPUB=t/{qos},{qos},0,{{\22on\22:1}}")
        assert said == b"\r\nOK\r\n"
        shown = b'+MSUB: "t/%d",8 byte,{"on":1}\r\n' % qos
        said = await host.until(shown)
        if last not in said:
            await host.until(last)
    await host.ask("AT+MPUBEX=t/x,0,0,3", b"\r\n>")
    host.port.say(b"\x00\x1a\r")
    await host.until(b'+MSUB: "t/x",3 byte,\x00\x1a\r\r\n')
    await host.ask("AT+MQTTSTATU", b"+MQTTSTATU :1\r\n\r\nOK\r\n")
    assert await host.ask("AT+MDISCONNECT", b"CLOSED\r\n") == b"\r\nOK\r\n\r\nCLOSED\r\n"
    assert await host.ask("AT+MQTTSTATU") == b"\r\n+MQTTSTATU :0\r\n\r\nOK\r\n"


def test_at_the_embedded_broker() -> None:
    async def main() -> None:
        broker = Broker()
        host_name, port = await broker.start()
        async with VirtualModule(*find_model("Air724UG"), ports=[MemoryPort]) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            await host.ask(f"AT+MIPSTART={host_name},{port}", b"CONNECT OK\r\n")
            await session(host)
            assert await host.ask(f"AT+MIPSTART={host_name},1", b"CONNECT FAIL\r\n") == (
                b"\r\nOK\r\n\r\nSTATE:TCP CLOSED\r\n\r\nCONNECT FAIL\r\n"
            )
        await broker.close()

    asyncio.run(main())


def test_mutual_tls_with_files_that_the_host_writes(mutual_port: int) -> None:
    """The mutual course of the manual (16.14); without the client's certificate mosquitto refuses."""
    notes: list[Note] = []

    async def main() -> None:
        async with VirtualModule(*find_model("Air724UG"), ports=[MemoryPort], on_note=notes.append) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            for name, data in FILES.items():
                await host.ask(f'AT+FSCREATE="{name}"')
                await host.ask(f'AT+FSWRITE="{name}",0,{len(data)},15', b"\r\n>")
                host.port.say(data)
                await host.until(b"OK\r\n")
            for option, name in zip(("cacert", "clientcert", "clientkey"), FILES, strict=True):
                await host.ask(f'AT+SSLCFG="{option}",88,"{name}"')
            await host.ask('AT+SSLCFG="seclevel",88,2')
            await host.ask(f'AT+SSLCFG="hostname",88,"{NAME}"')
            await host.ask('AT+SSLCFG="ignorelocaltime",88,0')
            await host.ask(f"AT+SSLMIPSTART=127.0.0.1,{mutual_port}", b"CONNECT OK\r\n")
            await session(host)
            notes.clear()
            await host.ask('AT+SSLCFG="hostname",88,"other.example"')
            await host.ask(f"AT+SSLMIPSTART=127.0.0.1,{mutual_port}", b"CONNECT FAIL\r\n")
            await host.ask('AT+SSLCFG="hostname",88,')
            await host.ask('AT+CCLK="00/01/01,00:00:00+48"')
            await host.ask(f"AT+SSLMIPSTART=127.0.0.1,{mutual_port}", b"CONNECT FAIL\r\n")

    asyncio.run(main())
    assert "another host" in notes[0].reason
    assert "is not valid yet" in notes[1].reason
    assert "the module's clock says 1999-12-31" in notes[1].reason
    assert len(notes) == 2
