"""Names, pings and datagrams asked truly, on loopback; and the rules that send them elsewhere."""

import asyncio
import io
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from modemlab import ntp
from modemlab.dialect.network import Addresses, Datagram, Echoed, QueryAnswer, QueryError
from modemlab.dialect.registry import find_model
from modemlab.module.effects import Forget, Ping, Query, Resolve, SendDatagram
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener, Observer
from modemlab.net import icmp
from modemlab.net.conditions import LAB, Conditions
from modemlab.net.connect_to import parse_connect_to, redirect_datagram, redirect_name
from modemlab.net.query_tasks import QueryTasks
from modemlab.ports.memory import MemoryPort
from modemlab.ports.trace import Trace, TraceFile
from modemlab.virtual.module import VirtualModule
from support.virtual_module import Host

WAIT = 60.0
# 2030-01-01
TIME = 1_893_456_000.0


class Server(asyncio.DatagramProtocol):
    """A server of time on loopback; it says `answers` in place of the time, if there are some."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.heard = answers, list[bytes]()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.heard.append(data)
        for answer in self.answers or (ntp.answer(data, TIME) or b"",):
            self.transport.sendto(answer, address)

    async def start(self) -> int:
        """Listen; the port."""
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        port: int = self.transport.get_extra_info("sockname")[1]
        return port


def asking(
    work: Callable[[QueryTasks, "asyncio.Queue[tuple[int, QueryAnswer]]"], Awaitable[None]], *rules: str
) -> None:
    """Do that with queries, whose answers are in the queue."""

    async def main() -> None:
        told: asyncio.Queue[tuple[int, QueryAnswer]] = asyncio.Queue()
        asked = QueryTasks(
            lambda answered: told.put_nowait((answered.query, answered.answer)), tuple(map(parse_connect_to, rules))
        )
        try:
            await asyncio.wait_for(work(asked, told), WAIT)
        finally:
            await asked.close()

    asyncio.run(main())


def may_ping(family: int = socket.AF_INET) -> bool:
    """Whether the system lets this user ping."""
    try:
        icmp.open_socket(family).close()
    except (icmp.NotPermitted, OSError):
        return False
    return True


def refuse(*_: object) -> socket.socket:
    """A system that lets nobody ping."""
    raise icmp.NotPermitted


# Names


def test_names() -> None:
    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        asked.perform(Resolve(1, "127.0.0.1"))
        assert await told.get() == (1, Addresses(("127.0.0.1",)))
        asked.perform(Resolve(2, "::1"))
        assert await told.get() == (2, Addresses(("::1",)))
        asked.perform(Resolve(3, "localhost"))
        number, answer = await told.get()
        assert number == 3
        assert isinstance(answer, Addresses)
        assert set(answer.addresses) & {"127.0.0.1", "::1"}
        assert len(set(answer.addresses)) == len(answer.addresses)

    asking(work)


@pytest.mark.parametrize("host", ["a..b", "\udce4", "a\0b", "x" * 70 + ".example"])
def test_names_that_cannot_even_be_asked_for(host: str) -> None:
    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        asked.perform(Resolve(1, host))
        assert await told.get() == (1, QueryError.NAME)

    asking(work)


def test_a_resolver_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fail)
        asked.perform(Resolve(1, "nobody.example"))
        assert await told.get() == (1, QueryError.NAME)

    asking(work)


RULES = ("time.example:123:127.0.0.1:5123", "old.example::new.example:", "::127.0.0.1:1883")


@pytest.mark.parametrize(
    ("host", "port", "name", "datagram"),
    [
        ("time.example", 123, "127.0.0.1", ("127.0.0.1", 5123)),
        ("TIME.example", 123, "127.0.0.1", ("127.0.0.1", 5123)),
        ("time.example", 124, "127.0.0.1", ("time.example", 124)),
        ("old.example", 123, "new.example", ("new.example", 123)),
        ("any.example", 123, "127.0.0.1", ("any.example", 123)),
        ("203.0.113.9", 123, "203.0.113.9", ("203.0.113.9", 123)),
    ],
)
def test_rules(host: str, port: int, name: str, datagram: tuple[str, int]) -> None:
    """A rule for any port gives a name another address, one that gathers all ports into one takes no datagram."""
    rules = tuple(map(parse_connect_to, RULES))
    assert redirect_name(rules, host) == name
    assert redirect_datagram(rules, host, port) == datagram


def test_rules_hold() -> None:
    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        asked.perform(Resolve(1, "any.example"))
        assert await told.get() == (1, Addresses(("127.0.0.1",)))
        asked.perform(Resolve(2, "time.example", 123))
        assert await told.get() == (2, Addresses(("127.0.0.1",)))

    asking(work, *RULES)


# Pings


@pytest.mark.skipif(not may_ping(), reason="the system lets this user send no pings")
@pytest.mark.parametrize("size", [0, 32, 1000])
def test_pings(size: int) -> None:
    """Several at once, each answered."""

    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        for number in range(1, 9):
            asked.perform(Ping(number, "127.0.0.1", size))
        answers = dict([await told.get() for _ in range(8)])
        assert answers == dict.fromkeys(range(1, 9), Echoed(64))

    asking(work)


@pytest.mark.skipif(not may_ping(socket.AF_INET6), reason="the system lets this user send no pings of IPv6")
def test_pings_of_ipv6() -> None:
    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        asked.perform(Ping(1, "::1", 32))
        number, answer = await told.get()
        assert (number, answer) in ((1, Echoed(64)), (1, QueryError.UNREACHABLE))

    asking(work)


def test_a_system_that_lets_nobody_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "open_socket", refuse)

    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        asked.perform(Ping(1, "127.0.0.1", 32))
        assert await told.get() == (1, QueryError.NOT_PERMITTED)

    asking(work)


def test_both_kinds_of_socket_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one for pings, then the raw one."""
    tried = []

    def refuse_all(_family: int, kind: int, _protocol: int) -> socket.socket:
        tried.append(kind)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket, "socket", refuse_all)
    with pytest.raises(icmp.NotPermitted):
        icmp.open_socket(socket.AF_INET)
    assert tried == [socket.SOCK_DGRAM, socket.SOCK_RAW]


def test_a_request_by_hand() -> None:
    """Type 8, code 0, checksum, identifier, number, data (RFC 792); the whole sums up to nothing (RFC 1071)."""
    packet = icmp.request(socket.AF_INET, 0x1234, 7, b"abc")
    assert packet == bytes.fromhex("08002162123400076162 63")
    assert icmp.checksum(packet) == 0
    assert icmp.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D


# Datagrams


def test_datagrams() -> None:
    """All that come back are told, until the query is forgotten."""

    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        server = Server(b"one", b"two")
        port = await server.start()
        try:
            asked.perform(SendDatagram(1, "any.example", port, "127.0.0.1", b"ask"))
            assert {await told.get(), await told.get()} == {(1, Datagram(b"one")), (1, Datagram(b"two"))}
            assert server.heard == [b"ask"]
            asked.perform(Forget(1))
            asked.perform(Forget(99))
        finally:
            server.transport.close()

    asking(work)


def test_a_port_that_is_closed() -> None:
    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
            held.bind(("127.0.0.1", 0))
            port = held.getsockname()[1]
        asked.perform(SendDatagram(1, "any.example", port, "127.0.0.1", b"ask"))
        assert await told.get() == (1, QueryError.UNREACHABLE)

    asking(work)


def test_what_is_forgotten_is_not_told() -> None:
    """Nor what is under way at the end."""

    async def work(asked: QueryTasks, told: "asyncio.Queue[tuple[int, QueryAnswer]]") -> None:
        forgotten: list[Query] = [
            Resolve(1, "127.0.0.1"),
            Resolve(2, "localhost"),
            SendDatagram(3, "", 9, "127.0.0.1", b""),
        ]
        for query in forgotten:
            asked.perform(query)
            asked.perform(Forget(query[0]))
        asked.perform(Resolve(4, "127.0.0.1"))
        assert await told.get() == (4, Addresses(("127.0.0.1",)))
        assert told.empty()
        asked.perform(Resolve(5, "localhost"))

    asking(work)


# A whole module


def with_module(
    work: Callable[[VirtualModule, Host, Server], Awaitable[None]],
    *rules: str,
    observers: Sequence[Observer] = (),
    **options: Any,
) -> list[str]:
    """Do that with a module, its host and a server of time whose port `{port}` in rules stands for; its notes."""
    notes: list[Note] = []

    async def main() -> None:
        server = Server()
        port = await server.start()
        read = [parse_connect_to(rule.format(port=port)) for rule in rules]
        module = VirtualModule(
            *find_model("EC200S-CN"),
            ports=[MemoryPort],
            connect_to=read,
            observers=[NoteListener(notes.append), *observers],
            **options,
        )
        try:
            async with module:
                host = Host(module)
                await host.ask("ATE0")
                await host.ask("AT+QIACT=1")
                await asyncio.wait_for(work(module, host, server), WAIT)
        finally:
            server.transport.close()

    asyncio.run(main())
    return [f"{note.subject}: {note.reason}" for note in notes]


def test_the_time_of_a_server() -> None:
    """By a rule for its name and port, over UDP; the module's clock shows it, then."""

    async def work(_module: VirtualModule, host: Host, server: Server) -> None:
        said = await host.ask('AT+QNTP=1,"time.example"', b'+32"\r\n')
        assert said.endswith(b'\r\n+QNTP: 0,"2030/01/01,00:00:00+32"\r\n')
        assert b'+CCLK: "30/01/01,00:0' in await host.ask("AT+CCLK?")
        assert [len(data) for data in server.heard] == [48]

    assert with_module(work, "time.example:123:127.0.0.1:{port}", "::127.0.0.1:1883") == []


def test_queries_with_weather_and_a_trace() -> None:
    """Conditions that come while a query is under way, and go again; the trace has what is asked and answered."""
    file = io.StringIO()

    async def work(module: VirtualModule, host: Host, _server: Server) -> None:
        module.network.set_conditions(Conditions(rtt=0.05))
        assert b'"127.0.0.1"\r\n' in await host.ask('AT+QIDNSGIP=1,"any.example"', b'"127.0.0.1"\r\n')
        module.network.set_conditions(Conditions(dns_delay=60))
        await host.ask('AT+QIDNSGIP=1,"any.example"')
        module.network.set_conditions(LAB)
        await host.until(b'+QIURC: "dnsgip","127.0.0.1"\r\n')
        await host.ask('AT+QNTP=1,"time.example"', b'+32"\r\n')

    with_module(
        work, "time.example:123:127.0.0.1:{port}", "any.example::127.0.0.1:", observers=[Trace(TraceFile(file))]
    )
    traced = [line.partition(" -- ")[2] for line in file.getvalue().splitlines() if " -- query " in line]
    assert traced[:4] == [
        "query 1 looks any.example up",
        "query 1 has 127.0.0.1",
        "query 2 looks any.example up",
        "query 2 has 127.0.0.1",
    ]
    assert re.fullmatch("query 4 sends 48 bytes to 127.0.0.1, port 123, by UDP: 23[0-9a-f]{94}", traced[6])
    assert re.fullmatch("query 4 is answered with 48 bytes: 24[0-9a-f]{94}", traced[7])


@pytest.mark.skipif(not may_ping(), reason="the system lets this user send no pings")
def test_a_ping_of_this_machine() -> None:
    async def work(_module: VirtualModule, host: Host, _server: Server) -> None:
        said = await host.ask('AT+QPING=1,"any.example",4,2', b"+QPING: 0,2,2,0,")
        assert re.search(rb'(\r\n\+QPING: 0,"127\.0\.0\.1",32,\d+,64\r\n){2}\r\n', said)

    assert with_module(work, "::127.0.0.1:1883") == []


def test_a_ping_that_is_not_permitted_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "open_socket", refuse)

    async def work(_module: VirtualModule, host: Host, _server: Server) -> None:
        for _ in range(2):
            assert b"0,4," not in await host.ask('AT+QPING=1,"127.0.0.1"', b"\r\n+QPING: 554\r\n")

    (note,) = with_module(work)
    assert note == (
        "AT+QPING: this system does not allow this user to ping: on Linux, `sysctl -w net.ipv4.ping_group_range='0 "
        "2147483647'` as root allows it"
    )


def test_a_module_that_is_closed_meanwhile() -> None:
    """Nothing is told, nothing is left behind."""

    async def work(_module: VirtualModule, host: Host, server: Server) -> None:
        server.answers = (b"none",)
        await host.ask('AT+QNTP=1,"time.example"')
        await host.ask('AT+QIDNSGIP=1,"localhost"')

    with_module(work, "time.example:123:127.0.0.1:{port}")
