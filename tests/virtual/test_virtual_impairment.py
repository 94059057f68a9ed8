"""Conditions and faults on a module with real sockets, against the embedded broker."""

import asyncio
import io
import time
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import pytest

from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from modemlab.net.conditions import LAB, Conditions, ConnectionDisruption
from modemlab.net.impairment import NetworkImpairment
from modemlab.net.packet_faults import Fault
from modemlab.net.streams import Streams
from modemlab.ports.memory import MemoryPort
from modemlab.ports.trace import Trace, TraceFile
from modemlab.virtual.module import VirtualModule
from support.helpers import until
from support.virtual_module import Host, Server, with_server

Work = Callable[[VirtualModule, Host, Broker, str], Coroutine[Any, Any, None]]


def with_broker(work: Work, **options: Any) -> None:
    """Run with an EC200S-CN on a memory port and the embedded broker; the last argument opens client 0."""

    async def main() -> None:
        broker = Broker()
        host, port = await broker.start()
        async with VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort], **options) as vm:
            await work(vm, Host(vm), broker, f'AT+QMTOPEN=0,"{host}",{port}')
        await broker.close()

    asyncio.run(main())


async def connect(host: Host, opening: str) -> None:
    """Take client 0 to where it is connected."""
    await host.ask("ATE0")
    await host.ask(opening, b"+QMTOPEN: 0,0\r\n")
    await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n")


async def publish(host: Host, number: int, words: bytes) -> float:
    """Publish with QoS 1 until these words come; the seconds from the OK."""
    await host.ask(f'AT+QMTPUBEX=0,{number},1,0,"a",1', b"> ")
    host.port.host_send(b"x")
    await host.until(b"OK\r\n")
    start = time.monotonic()
    await host.until(words)
    return time.monotonic() - start


@pytest.mark.parametrize("traced", [False, True])
def test_nothing_is_in_the_path_until_it_is_asked_for(traced: bool) -> None:
    """The plain streams themselves; a layer comes and goes while the module runs, its connection stays."""
    observers = [Trace(TraceFile(io.StringIO()))] if traced else []

    def path(vm: VirtualModule) -> object:
        return vm.network.streams

    async def work(vm: VirtualModule, host: Host, _broker: Broker, opening: str) -> None:
        plain: Any = path(vm)
        assert type(plain) is Streams
        vm.network.set_conditions(LAB)
        vm.network.set_faults(())
        await connect(host, opening)
        assert path(vm) is plain
        assert plain._owner is vm.network
        vm.network.set_conditions(Conditions(rtt=0.04))
        assert type(path(vm)) is NetworkImpairment
        assert plain._owner is path(vm)
        assert await publish(host, 1, b"+QMTPUBEX: 0,1,0\r\n") >= 0.035
        vm.network.set_faults([Fault("PUBACK", "duplicate")])
        vm.network.set_conditions(LAB)
        assert type(path(vm)) is NetworkImpairment  # for the faults
        vm.network.set_faults([])
        assert path(vm) is plain
        assert plain._owner is vm.network
        assert (vm.network.conditions, vm.network.faults) == (LAB, ())
        await publish(host, 2, b"+QMTPUBEX: 0,2,0\r\n")

    with_broker(work, observers=observers)


def test_taking_the_layer_out_lets_all_arrive() -> None:
    """What was on its way for hours, and names that were not answered, come at once."""

    async def work(vm: VirtualModule, host: Host, broker: Broker, opening: str) -> None:
        await connect(host, opening)
        await host.ask('AT+QMTSUB=0,9,"b",0', b"+QMTSUB: 0,9,0,0\r\n")
        vm.network.set_conditions(Conditions(rtt=60))
        await host.ask('AT+QMTPUBEX=0,1,1,0,"a",1', b"> ")
        host.port.host_send(b"x")
        await host.until(b"OK\r\n")
        broker.publish("b", b"y")
        streams: Any = vm.network.streams
        await until(lambda: streams._streams[1].downlink.waiting > 0)
        await host.ask(opening.replace("=0", "=1"))
        vm.network.set_conditions(LAB)
        for words in (b"+QMTOPEN: 1,0\r\n", b"+QMTPUBEX: 0,1,0\r\n", b'+QMTRECV: 0,0,"b","y"'):
            await until(lambda words=words: words in host.heard)  # type: ignore[misc]

    with_broker(work)


def test_the_gap_of_a_network() -> None:
    """Each answer takes a round trip of its own at least, and a connection by name one more."""

    async def work(vm: VirtualModule, host: Host, _broker: Broker, opening: str) -> None:
        vm.network.set_conditions(Conditions(rtt=0.04))
        await host.ask("ATE0")
        for line, words, least in (
            (opening, b"+QMTOPEN: 0,0\r\n", 0.04),
            ('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n", 0.04),
            ('AT+QMTSUB=0,1,"a",1', b"+QMTSUB: 0,1,0,1\r\n", 0.04),
            ("AT+QMTDISC=0", b"+QMTDISC: 0,0\r\n", 0.0),
            (opening.replace("127.0.0.1", "localhost"), b"+QMTOPEN: 0,0\r\n", 0.08),
        ):
            await host.ask(line)
            start = time.monotonic()
            await host.until(words)
            assert least - 0.005 <= time.monotonic() - start < least + 5

    with_broker(work)


def test_weak_networks_carry_messages_both_ways() -> None:
    """Jitter, loss, a slow line and gaps, in small figures: all arrives, once and in order."""
    conditions = Conditions(
        rtt=0.01, jitter=0.02, uplink=400_000, downlink=400_000, loss=0.1, rto=0.01, gap_interval=0.2, gap_duration=0.05
    )
    payloads = [b"%d" % number * 200 for number in range(20)]

    async def work(vm: VirtualModule, host: Host, _broker: Broker, opening: str) -> None:
        vm.network.set_conditions(conditions)
        await connect(host, opening)
        await host.ask('AT+QMTSUB=0,1,"a",1', b"+QMTSUB: 0,1,0,1\r\n")
        got = bytearray()
        for payload in payloads:
            await host.ask(f'AT+QMTPUBEX=0,0,0,0,"a",{len(payload)}', b"> ")
            host.port.host_send(payload)
            await host.until(b"+QMTPUBEX: 0,0,0\r\n")
        for payload in payloads:
            got += await host.until(b'"a","' + payload + b'"\r\n')
        assert got.count(b"+QMTRECV") == len(payloads)

    with_broker(work, rng=Random(4))


def test_faults_on_a_real_connection() -> None:
    """A PUBACK lost is asked for again; a CONNECT is refused in the broker's place; what hits is in the log."""
    notes: list[Note] = []
    reached: list[str] = []

    async def work(vm: VirtualModule, host: Host, broker: Broker, opening: str) -> None:
        broker.observe(lambda client, _: reached.append(client))
        vm.network.set_faults([Fault("PUBACK", "drop", nth=2), Fault("PUBACK", "close", nth=3)])
        await host.ask('AT+QMTCFG="timeout",0,60,3,1')
        await connect(host, opening)
        await publish(host, 1, b"+QMTPUBEX: 0,1,0\r\n")
        await publish(host, 2, b"")
        await until(lambda: any(str(note.reason) == "PUBACK to the module: drop" for note in notes))
        assert host.heard == b""
        assert vm.skippable_clock is not None
        vm.skippable_clock.skip(60)
        await host.until(b"+QMTPUBEX: 0,2,1,1\r\n\r\n+QMTPUBEX: 0,2,0\r\n\r\n+QMTSTAT: 0,1\r\n")
        vm.network.set_faults([Fault("CONNECT", "refuse", code=4)])
        await host.ask(opening, b"+QMTOPEN: 0,0\r\n")
        await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,4\r\n\r\n+QMTSTAT: 0,4\r\n")

    with_broker(work, observers=[NoteListener(notes.append)], skippable=True)
    assert [str(note.reason) for note in notes if note.subject == "network"] == [
        "faults are packet=PUBACK action=drop nth=2; packet=PUBACK action=close nth=3",
        "PUBACK to the module: drop",
        "PUBACK to the module: close",
        "faults are packet=CONNECT action=refuse code=4",
        "CONNECT from the module: refuse",
    ]
    assert reached == ["pump"] * 3


def test_requests_meet_the_same_network() -> None:
    """The token request of a BC35-G: its name, its connection and its answer take their time, or fail."""

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
        async with VirtualModule(*find_model("BC35-G"), ports=[MemoryPort]) as vm:
            host = Host(vm)
            for conditions, asked, words, least in (
                (Conditions(rtt=0.1), url, b"+QMTTENAUTH: 0,p\r\n", 0.2),
                (Conditions(dns="fails"), "http://cloud.example/token", b"+QMTTENAUTH: 1\r\n", 0.0),
                (Conditions(connect_result="refused"), url, b"+QMTTENAUTH: 2\r\n", 0.0),
                (LAB, url, b"+QMTTENAUTH: 0,p\r\n", 0.0),
            ):
                vm.network.set_conditions(conditions)
                await host.ask(f'AT+QMTTENAUTH="P","pump","P@pump","c2VjcmV0",1,"{asked}"')
                start = time.monotonic()
                await host.until(words)
                assert least - 0.005 <= time.monotonic() - start < least + 5
            vm.network.set_conditions(Conditions(connect_result="black-holed"))
            await host.ask(f'AT+QMTTENAUTH="P","pump","P@pump","c2VjcmV0",1,"{url}"')
            vm.network.set_conditions(LAB)
            await host.until(b"+QMTTENAUTH: 0,p\r\n")
            vm.network.set_conditions(Conditions(connect_result="black-holed"))
            await host.ask(f'AT+QMTTENAUTH="P","pump","P@pump","c2VjcmV0",1,"{url}"')
        server.close()
        await server.wait_closed()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"returnCode":0,"data":{"id":"u","secret":"p"}}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    asyncio.run(main())


@pytest.mark.parametrize("what", ["reset", "close"])
def test_a_strike_reaches_both_ends(what: str) -> None:
    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        vm.network.disconnect(ConnectionDisruption(what))
        await host.until(b"+LOST: 0,PEER_CLOSED\r\n")
        await until(lambda: server.ended == 1)
        assert type(vm.network.streams) is Streams

    with_server(work)


def test_a_half_open_link_of_one_client() -> None:
    """Nothing passes and nobody is told, until the layer goes: then the module and the server find it reset."""

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        for number in (0, 1):
            await host.ask(f'AT+OPEN={number},"127.0.0.1",{server.port}', b"+OPEN: %d,OPENED\r\n" % number)
        vm.network.disconnect(ConnectionDisruption("half_open", 1))
        assert isinstance(vm.network.streams, NetworkImpairment)
        await host.ask('AT+LOGIN=1,"x"')
        await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
        await asyncio.sleep(0.1)
        assert server.ended == 0
        assert b"LO" not in host.heard
        vm.network.set_conditions(LAB)
        streams: object = vm.network.streams
        assert type(streams) is Streams
        await host.until(b"+LOST: 1,PEER_CLOSED\r\n")
        await until(lambda: server.ended == 1)

    with_server(work)


def test_a_filter_that_comes_within_a_packet() -> None:
    """Faults set while half a message has come: the next packet is the first that counts."""
    message = b"\x30\x04\x00\x01tx"

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
        session = vm.module.clients[0].session
        assert session is not None
        server.writers[0].write(message[:3])
        await until(lambda: session.incomplete == message[:3])
        vm.network.set_faults([Fault("PUBLISH", "drop")])
        server.writers[0].write(message[3:] + message + b"\x30\x05\x00\x01txy")
        assert await host.until(b"+GOT: 2\r\n") == b"\r\n+GOT: 1\r\n\r\n+GOT: 2\r\n"

    with_server(work)


def test_closing_the_module_in_bad_weather() -> None:
    """A module that goes leaves no timer and no task behind."""

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        vm.network.set_conditions(Conditions(rtt=60))
        await host.ask('AT+LOGIN=0,"x"')
        await host.ask(f'AT+OPEN=1,"localhost",{server.port}')

    with_server(work)
