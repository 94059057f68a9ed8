"""Whole modules over TLS: against mosquitto, and servers of our own."""

import asyncio
import io
import os
import ssl
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import pytest

from conftest import running_mosquitto
from modemlab.dialect.registry import find_model
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener, Observer
from modemlab.net.conditions import LAB, Conditions
from modemlab.net.connect_to import parse_connect_to
from modemlab.ports.memory import MemoryPort
from modemlab.ports.trace import Trace, TraceFile
from modemlab.virtual.module import VirtualModule
from support.certificates import NAME, NO_RECORD, mosquitto_identity, server_context, world
from support.helpers import until
from support.virtual_module import Host, Server

CLOUD = "pump-ats.iot.cloud.example"
FILES = {
    "cacert.pem": world().authority,
    "client.pem": world().client.certificate,
    "user_key.pem": world().client.key,
    "other.pem": world().other,
    "other_key.pem": world().server.key,
}
MUTUAL = (
    'AT+QMTCFG="SSL",0,1,2',
    'AT+QSSLCFG="cacert",2,"UFS:cacert.pem"',
    'AT+QSSLCFG="clientcert",2,"UFS:client.pem"',
    'AT+QSSLCFG="clientkey",2,"UFS:user_key.pem"',
    'AT+QSSLCFG="seclevel",2,2',
)


@pytest.fixture(scope="module")
def mutual_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A mosquitto that wants a certificate of the run's CA."""
    home = tmp_path_factory.mktemp("mutual")
    with running_mosquitto(home, *mosquitto_identity(home, world().server), "require_certificate true") as port:
        yield port


@pytest.fixture(scope="module")
def one_way_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A mosquitto with a certificate that wants none."""
    home = tmp_path_factory.mktemp("oneway")
    with running_mosquitto(home, *mosquitto_identity(home, world().server)) as port:
        yield port


@pytest.fixture(scope="module")
def expired_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A mosquitto whose certificate ended in 2020."""
    home = tmp_path_factory.mktemp("expired")
    with running_mosquitto(home, *mosquitto_identity(home, world().expired)) as port:
        yield port


def with_module(
    work: Callable[[VirtualModule, Host, list[Note]], Coroutine[Any, Any, None]],
    *lines: str,
    rules: tuple[str, ...] = (),
    observers: Sequence[Observer] = (),
    **options: Any,
) -> None:
    """Run with a module that holds the files of the run, after these lines."""

    async def main() -> None:
        notes: list[Note] = []
        connect_to = [parse_connect_to(rule) for rule in rules]
        model = find_model("EC200S-CN")
        port = [MemoryPort]
        async with VirtualModule(
            *model, ports=port, connect_to=connect_to, observers=[NoteListener(notes.append), *observers], **options
        ) as vm:
            for name, data in FILES.items():
                vm.module.files.write(name, data)
            host = Host(vm)
            await host.ask("ATE0")
            for line in lines:
                await host.ask(line)
            await work(vm, host, notes)

    asyncio.run(main())


def result(*lines: str, port: int, host_name: str = "127.0.0.1", **options: Any) -> tuple[str, str]:
    """What AT+QMTOPEN comes to after these lines, and what the log says."""
    found: list[tuple[str, str]] = []

    async def work(_vm: VirtualModule, host: Host, notes: list[Note]) -> None:
        said = await host.ask(f'AT+QMTOPEN=0,"{host_name}",{port}', b"+QMTOPEN: 0,")
        said += await host.until(b"\r\n")
        assert said.startswith(b"\r\nOK\r\n\r\n")
        found.append((said.decode().strip().rpartition("\n")[2], str(notes[-1].reason) if notes else ""))

    with_module(work, *lines, **options)
    return found[0]


async def publish_and_receive(host: Host, size: int = 1500) -> None:
    """A message of that size to the broker and back."""
    payload = bytes(range(33, 127)) * 20
    await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n")
    await host.ask('AT+QMTSUB=0,1,"pump/7",1', b"+QMTSUB: 0,1,0,1\r\n")
    await host.ask(f'AT+QMTPUBEX=0,2,1,0,"pump/7",{size}', b"> ")
    host.port.host_send(payload[:size])
    heard = await host.until(b"+QMTPUBEX: 0,2,0\r\n")
    if b"+QMTRECV" not in heard:
        heard += await host.until(payload[size - 9 : size] + b'"\r\n')
    assert b'"pump/7","' + payload[:size] + b'"' in heard


@pytest.mark.parametrize("level", [0, 1])
def test_one_way(level: int, one_way_port: int) -> None:
    async def work(_vm: VirtualModule, host: Host, notes: list[Note]) -> None:
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{one_way_port}', b"+QMTOPEN: 0,0\r\n")
        await publish_and_receive(host)
        await host.ask("AT+QMTDISC=0", b"+QMTDISC: 0,0\r\n")
        assert notes == []

    with_module(work, *MUTUAL, f'AT+QSSLCFG="seclevel",2,{level}')


def test_mutual(mutual_port: int) -> None:
    """And again on the same client, and from two clients at once."""

    async def work(_vm: VirtualModule, host: Host, notes: list[Note]) -> None:
        for _ in range(2):
            await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{mutual_port}', b"+QMTOPEN: 0,0\r\n")
            await publish_and_receive(host)
            await host.ask("AT+QMTDISC=0", b"+QMTDISC: 0,0\r\n")
        await host.ask('AT+QMTCFG="ssl",5,1,2')
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{mutual_port}', b"+QMTOPEN: 0,0\r\n")
        await host.ask(f'AT+QMTOPEN=5,"127.0.0.1",{mutual_port}', b"+QMTOPEN: 5,0\r\n")
        await host.ask('AT+QMTCONN=5,"other"', b"+QMTCONN: 5,0,0\r\n")
        await publish_and_receive(host)
        assert notes == []

    with_module(work, *MUTUAL)


def test_the_trace_shows_what_tls_carries(mutual_port: int) -> None:
    file = io.StringIO()

    async def work(_vm: VirtualModule, host: Host, _notes: list[Note]) -> None:
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{mutual_port}', b"+QMTOPEN: 0,0\r\n")
        await publish_and_receive(host)
        await host.ask("AT+QMTDISC=0", b"+QMTDISC: 0,0\r\n")
        await host.ask('AT+QSSLCFG="cacert",2,"other.pem"')
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{mutual_port}', b"+QMTOPEN: 0,-1\r\n")

    with_module(work, *MUTUAL, observers=[Trace(TraceFile(file))])
    text = file.getvalue()
    assert f"stream 1 opens to 127.0.0.1:{mutual_port} with TLS\n" in text
    assert " S> 1 Connect(client_id='pump'" in text
    assert " S< 1 Suback(" in text
    reason = "the TLS handshake failed: the server's certificate is not signed by the CA certificate"
    assert f"-- stream 2 did not open: {reason}\n" in text
    assert f"-- client 0: 127.0.0.1:{mutual_port}: {reason}\n" in text


SIGNED = "the TLS handshake failed: the server's certificate is not signed by the CA certificate"


def test_failures_at_a_server_that_wants_a_certificate(mutual_port: int) -> None:
    failed, here = "+QMTOPEN: 0,-1", f"127.0.0.1:{mutual_port}: "
    misfit = "the TLS handshake failed: certificate and key do not fit"
    assert result(*MUTUAL, 'AT+QSSLCFG="cacert",2,"other.pem"', port=mutual_port) == (failed, here + SIGNED)
    assert result(*MUTUAL, 'AT+QSSLCFG="clientkey",2,"other_key.pem"', port=mutual_port) == (failed, here + misfit)
    assert result(*MUTUAL, 'AT+QSSLCFG="clientkey",2,"none.pem"', port=mutual_port) == (
        failed,
        "\"clientkey\" of TLS context 2: no such file: 'none.pem'",
    )
    assert result(*MUTUAL, 'AT+QSSLCFG="seclevel",2,1', port=mutual_port) == (
        failed,
        here + "the TLS handshake failed: the server ended it: handshake failure",
    )
    # Which alert the broker finds for versions that it does not speak is up to its library.
    for version, why in (
        (0, "the TLS library does not support SSL 3.0"),
        (1, "the server ended it"),
        (2, "the server ended it"),
    ):
        outcome, reason = result(*MUTUAL, f'AT+QSSLCFG="sslversion",2,{version}', port=mutual_port)
        assert outcome == failed
        assert reason.startswith(f"{here}the TLS handshake failed: {why}")
    for suite in ("0X0004", "0X0005", "0X000A"):
        assert result(*MUTUAL, f'AT+QSSLCFG="ciphersuite",2,{suite}', port=mutual_port) == (
            failed,
            f"{here}the TLS handshake failed: the TLS library has no cipher suite {suite.replace('X', 'x')}",
        )
    for setting in ('"sslversion",2,3', '"ciphersuite",2,0XC02F', '"ignorelocaltime",2,0', '"negotiatetime",2,10'):
        assert result(*MUTUAL, f"AT+QSSLCFG={setting}", port=mutual_port) == ("+QMTOPEN: 0,0", "")


def test_dates_by_the_clock_of_the_module(expired_port: int) -> None:
    """The host sets the clock back to when the certificate was good."""
    checked = (*MUTUAL, 'AT+QSSLCFG="seclevel",2,1', 'AT+QSSLCFG="ignorelocaltime",2,0')
    outcome, why = result(*checked, port=expired_port)
    assert outcome == "+QMTOPEN: 0,-1"
    today = time.strftime("%Y-", time.gmtime())
    expired = "the TLS handshake failed: the server's certificate is expired: it ended 2020-06-01"
    assert why.startswith(f"127.0.0.1:{expired_port}: {expired}")
    assert f"the module's clock says {today}" in why
    assert result(*checked, 'AT+QSSLCFG="ignorelocaltime",2,1', port=expired_port) == ("+QMTOPEN: 0,0", "")
    assert result(*checked, 'AT+CCLK="20/05/01,12:00:00+32"', port=expired_port) == ("+QMTOPEN: 0,0", "")
    outcome, why = result(*checked, 'AT+CCLK="19/05/01,12:00:00+32"', port=expired_port)
    assert "is not valid yet: it begins 2020-01-01, and the module's clock says 2019-05-01" in why


def test_the_name_of_the_host(one_way_port: int) -> None:
    checked = (*MUTUAL, 'AT+QSSLCFG="seclevel",2,1', 'AT+QSSLCFG="checkhost",2,1')
    rules = ("::127.0.0.1:",)
    good = result(*checked, port=one_way_port, host_name=NAME, rules=rules)
    assert good == ("+QMTOPEN: 0,0", "")
    outcome, why = result(*checked, port=one_way_port, host_name=CLOUD, rules=rules)
    who = f"{CLOUD}:{one_way_port} (redirected to 127.0.0.1:{one_way_port})"
    reason = f"{who}: the TLS handshake failed: the server's certificate is for another host"
    assert (outcome, why) == ("+QMTOPEN: 0,-1", reason)
    unchecked = (*checked, 'AT+QSSLCFG="checkhost",2,0', 'AT+QSSLCFG="sni",2,1')
    assert result(*unchecked, port=one_way_port, host_name=CLOUD, rules=rules) == ("+QMTOPEN: 0,0", "")


@pytest.mark.parametrize(("number", "version"), [(1, ssl.TLSVersion.TLSv1), (2, ssl.TLSVersion.TLSv1_1)])
def test_old_versions(number: int, version: ssl.TLSVersion) -> None:
    """Against a server of our own: no broker of today speaks them."""

    async def work(_vm: VirtualModule, host: Host, _notes: list[Note]) -> None:
        server = Server()
        names: list[str | None] = []
        context = server_context(version=version)
        context.sni_callback = lambda _socket, name, _context: names.append(name)
        await server.start(context)
        for chosen in (number, 4):
            await host.ask(f'AT+QSSLCFG="sslversion",2,{chosen}')
            await host.ask(f'AT+QMTOPEN=0,"localhost",{server.port}', b"+QMTOPEN: 0,0\r\n")
            await host.ask('AT+QMTCONN=0,"x"', b"+QMTCONN: 0,0,0\r\n")
            await host.ask("AT+QMTDISC=0", b"+QMTDISC: 0,0\r\n")
            await host.ask('AT+QSSLCFG="sni",2,1')
        assert names == [None, "localhost"]
        await server.stop()

    with_module(work, *MUTUAL, 'AT+QSSLCFG="seclevel",2,1')


def test_closing_while_the_handshake_is_under_way() -> None:
    """Only +QMTCLOSE is reported, and the client can be opened again."""

    async def work(vm: VirtualModule, host: Host, notes: list[Note]) -> None:
        server = Server()  # it takes the connection, and waits for a CONNECT that does not come
        await server.start()
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{server.port}')
        await until(lambda: server.heard.startswith(b"\x16\x03"))
        await host.ask("AT+QMTCLOSE=0", b"+QMTCLOSE: 0,0\r\n")
        await until(lambda: server.ended == 1)
        assert b"+QMTOPEN" not in host.heard
        assert notes == []
        await host.ask('AT+QMTCFG="ssl",0,0')
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{server.port}', b"+QMTOPEN: 0,0\r\n")
        await server.stop()
        del vm

    with_module(work, *MUTUAL)


def test_a_server_that_is_silent() -> None:
    """A black hole ends by negotiatetime, of the module's seconds."""

    async def work(vm: VirtualModule, host: Host, notes: list[Note]) -> None:
        server = Server()
        await server.start()
        await host.ask('AT+QSSLCFG="negotiatetime",2,10')
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{server.port}')
        await until(lambda: server.heard.startswith(b"\x16\x03"))
        await vm.advance(9.5)
        assert not host.heard
        await vm.advance(0.5)
        await host.until(b"\r\n+QMTOPEN: 0,-1\r\n")
        assert str(notes[-1].reason) == f"127.0.0.1:{server.port}: the TLS handshake failed: it took longer than 10 s"
        await server.stop()

    with_module(work, *MUTUAL, skippable=True)


@pytest.mark.parametrize("conditions", [LAB, Conditions(rtt=0.01)], ids=["lab", "far"])
def test_tls_that_breaks(conditions: Conditions) -> None:
    """A record that nobody made: the link is lost, and the log and the trace say why."""
    file = io.StringIO()

    async def work(vm: VirtualModule, host: Host, notes: list[Note]) -> None:
        server = Server()
        await server.start(server_context())
        vm.network.set_conditions(conditions)
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{server.port}', b"+QMTOPEN: 0,0\r\n")
        await host.ask('AT+QMTCONN=0,"x"', b"+QMTCONN: 0,0,0\r\n")
        os.write(server.writers[0].get_extra_info("socket").fileno(), NO_RECORD)
        await host.until(b"\r\n+QMTSTAT: 0,1\r\n")
        assert notes[-1].subject == "client 0"
        assert str(notes[-1].reason).startswith(f"127.0.0.1:{server.port} closed or reset the connection (TLS failed: ")
        assert str(notes[-1].reason).endswith("): AT+QMTOPEN and AT+QMTCONN again")
        await server.stop()

    with_module(work, *MUTUAL, observers=[Trace(TraceFile(file))])
    assert "stream 1 ended: TLS failed: " in file.getvalue()
