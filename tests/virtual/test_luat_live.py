"""An Air724UG on a port, over real sockets: at the embedded broker, and at a mosquitto that wants a certificate."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from conftest import running_mosquitto
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.certificates import NAME, another_key, mosquitto_identity, world
from support.virtual_module import Host

FILES = {"ca.crt": world().authority, "client.crt": world().client.certificate, "client.key": world().client.key}
OPTIONS = {"cacert": "ca.crt", "clientcert": "client.crt", "clientkey": "client.key"}
OK, FAIL = b"CONNECT OK\r\n", b"CONNECT FAIL\r\n"


@pytest.fixture(scope="module")
def mutual_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A mosquitto that wants a certificate of the run's CA."""
    home = tmp_path_factory.mktemp("mutual")
    with running_mosquitto(home, *mosquitto_identity(home, world().server), "require_certificate true") as port:
        yield port


@pytest.fixture(scope="module")
def one_way_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A mosquitto that wants none."""
    home = tmp_path_factory.mktemp("oneway")
    with running_mosquitto(home, *mosquitto_identity(home, world().server)) as port:
        yield port


async def upload(host: Host, name: str, data: bytes) -> None:
    """A file, by AT+FSCREATE and AT+FSWRITE, its data in pieces as a UART has them."""
    await host.ask(f'AT+FSCREATE="{name}"')
    await host.ask(f'AT+FSWRITE="{name}",0,{len(data)},15', b"\r\n>")
    for start in range(0, len(data), 700):
        host.port.host_send(data[start : start + 700])
    assert await host.until(b"OK\r\n") == b"\r\nOK\r\n"


async def choose(host: Host, **options: object) -> None:
    """Options of the TLS context of MQTT."""
    for option, value in options.items():
        await host.ask(f'AT+SSLCFG="{option}",88,{value}')


def played(course: Callable[[Host], Coroutine[Any, Any, None]]) -> list[str]:
    """A course with a module of its own; the reasons that the module logs."""
    notes: list[Note] = []

    async def main() -> None:
        async with VirtualModule(
            *find_model("Air724UG"), ports=[MemoryPort], observers=[NoteListener(notes.append)]
        ) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            await course(host)

    asyncio.run(main())
    return [str(note.reason) for note in notes]


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
    host.port.host_send(b"\x00\x1a\r")
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


def test_one_way_tls_with_a_file_that_the_host_writes(one_way_port: int) -> None:
    """The one-way course of the manual (16.14); another CA, what is no certificate, and nobody verified."""
    start = f"AT+SSLMIPSTART=127.0.0.1,{one_way_port}"

    async def course(host: Host) -> None:
        for name, data in (("ca.crt", world().authority), ("other.crt", world().other), ("none.crt", b"x" * 1282)):
            await upload(host, name, data)
        await choose(host, cacert='"ca.crt"', seclevel=1)
        await host.ask(start, OK)
        await session(host)
        for name in ("other.crt", "none.crt"):
            await choose(host, cacert=f'"{name}"')
            await host.ask(start, FAIL)
        await choose(host, seclevel=0)
        await host.ask(start, OK)

    _closed, other, none = played(course)
    assert "is not signed by the CA certificate" in other
    assert "the CA certificate cannot be read" in none


def test_mutual_tls_with_files_that_the_host_writes(mutual_port: int) -> None:
    """The mutual course of the manual (16.14); the name and the dates count too, where the host wants them to."""
    start = f"AT+SSLMIPSTART=127.0.0.1,{mutual_port}"

    async def course(host: Host) -> None:
        for name, data in FILES.items():
            await upload(host, name, data)
        await choose(host, **{option: f'"{name}"' for option, name in OPTIONS.items()})
        await choose(host, seclevel=2, hostname=f'"{NAME}"', ignorelocaltime=0)
        await host.ask(start, OK)
        await session(host)
        await choose(host, hostname='"other.example"')
        await host.ask(start, FAIL)
        await choose(host, hostname="")
        await host.ask('AT+CCLK="00/01/01,00:00:00+48"')
        await host.ask(start, FAIL)

    _closed, name, date = played(course)
    assert "another host" in name
    assert "is not valid yet" in date
    assert "the module's clock says 1999-12-31" in date


def test_a_client_that_cannot_prove_itself(mutual_port: int) -> None:
    """Without its certificate, and with a key of another one."""
    start = f"AT+SSLMIPSTART=127.0.0.1,{mutual_port}"

    async def course(host: Host) -> None:
        for name, data in {**FILES, "client.key": another_key()}.items():
            await upload(host, name, data)
        await choose(host, **{option: f'"{name}"' for option, name in OPTIONS.items()})
        for level in (1, 2):
            await choose(host, seclevel=level)
            assert (await host.ask(start, FAIL)).endswith(b"\r\nSTATE:TCP CLOSED\r\n\r\nCONNECT FAIL\r\n")

    refused, unfit = played(course)
    assert "server" in refused
    assert "key" in unfit
