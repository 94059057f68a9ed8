"""Row 1: `AT` and its `OK` on TCP and on a pty, beside the smallest asyncio echo on the same transport."""

import asyncio
import os
import socket
import sys
import time
import tty
from collections.abc import Callable
from contextlib import ExitStack
from typing import cast

from bench.hosts import MODEL
from bench.processes import Meter, Missing, Roles, Worker, answer_all, median, say, work
from bench.report import Options, Peer, Row
from modemlab.dialect.registry import find_model
from modemlab.virtual.module import VirtualModule

QUESTION = b"AT\r"
ANSWER = b"\r\nOK\r\n"
ROUNDS = 15
# Rounds are short, so that what else the machine does falls on both alike.
COUNT = 2000
PEERS = {"echo": "smallest echo", "buffered_echo": "smallest echo, BufferedProtocol"}


async def nothing() -> dict[str, float]:
    """A server has no requests but the end."""
    return {}


def settle_on(last: bool) -> None:
    """Stay on one processor, where the system can: the places of two processes make a twofold difference."""
    if sys.platform == "linux":
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, mine[-1:] if last else mine[:1])


async def module(transport: str) -> None:
    """A virtual module."""
    settle_on(last=False)
    async with VirtualModule(*find_model(MODEL), ports=(address(transport),)) as virtual:
        say(url=virtual.urls[0])
        await answer_all(nothing)


def address(transport: str) -> str:
    """The port of a transport."""
    return "pty" if transport == "pty" else "tcp://127.0.0.1:0"


class Echo(asyncio.Protocol):
    """Repeats what it gets and answers OK: the same bytes as a module's."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if data[-1] == 13:
            self.transport.write(data + ANSWER)


class BufferedEcho(asyncio.BufferedProtocol):
    """The same, without the 256 KiB that a plain protocol allocates for each read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.buffer = bytearray(65536)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.buffer[nbytes - 1] == 13:
            self.transport.write(self.buffer[:nbytes] + ANSWER)


async def buffered_echo(transport: str) -> None:
    """The smallest server that says the same, on asyncio's other kind of protocol."""
    await echo(transport, BufferedEcho)


async def echo(transport: str, protocol: Callable[[], asyncio.BaseProtocol] = Echo) -> None:
    """The smallest server that says the same."""
    settle_on(last=False)
    loop = asyncio.get_running_loop()
    if transport == "pty":
        master, slave = os.openpty()
        tty.setraw(slave)

        def readable() -> None:
            data = os.read(master, 4096)
            if data[-1] == 13:
                os.write(master, data + ANSWER)

        loop.add_reader(master, readable)
        say(url=os.ttyname(slave))
        await answer_all(nothing)
        loop.remove_reader(master)
    else:
        server = await loop.create_server(protocol, "127.0.0.1", 0)
        say(url=f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await answer_all(nothing)


class Line:
    """The host's end of a line, blocking."""

    def __init__(self, url: str) -> None:
        """Open it."""
        self._socket: socket.socket | None = None
        if url.startswith("tcp://"):
            self._socket = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5)
            self._socket.settimeout(None)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._file = self._socket.fileno()
        else:
            self._file = os.open(url, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self._file)
        time.sleep(0.2)
        self.ask(1)

    def ask(self, count: int) -> float:
        """So many questions, each after the answer to the one before; the seconds they took."""
        file, read, write = self._file, os.read, os.write
        wanted = QUESTION + ANSWER
        began = time.perf_counter()
        for _ in range(count):
            write(file, QUESTION)
            data = read(file, 4096)
            while not data.endswith(wanted):
                data += read(file, 4096)
        return time.perf_counter() - began


async def host(urls: dict[str, str]) -> None:
    """The worker that asks: it has a line to each competitor."""
    settle_on(last=True)
    lines = {name: Line(url) for name, url in urls.items()}

    async def answer(name: str, count: int) -> dict[str, float]:
        return {"rate": count / lines[name].ask(count)}

    say(ready=True)
    await answer_all(answer)


ROLES: Roles = {"module": module, "echo": echo, "buffered_echo": buffered_echo, "host": host}


def measure(options: Options, transport: str) -> Row:
    """One row."""
    count = options.count(COUNT, 20)
    rates: dict[str, list[float]] = {"module": [], "echo": []}
    if transport == "tcp":
        rates["buffered_echo"] = []
    with ExitStack() as stack:
        servers = {
            role: stack.enter_context(Worker("bench.round_trips", role, transport=transport, uvloop=options.uvloop))
            for role in rates
        }
        urls = {role: server.ready["url"] for role, server in servers.items()}
        asker = stack.enter_context(Worker("bench.round_trips", "host", urls=urls))
        meters = {r: Meter(**{r: servers[r].pid, f"host of {r}": asker.pid}) for r in rates}
        for turn in range(ROUNDS):
            for role in sorted(rates, reverse=turn % 2 == 1):
                with meters[role]:
                    rates[role].append(asker.ask(name=role, count=count)["rate"])
    return Row(
        1,
        f"AT and its OK on {'a pty' if transport == 'pty' else 'TCP'}",
        f"one outstanding, 3 bytes out and 9 back, {ROUNDS} rounds of {count:,} in turn, medians; host and server in "
        f"two processes, on Linux each on a processor of its own{', uvloop' if options.uvloop else ''}",
        "1/s",
        median(rates["module"]),
        tuple(Peer(PEERS[role], median(rates[role])) for role in PEERS if role in rates),
        least=0.9,
        cpu={name: part for meter in meters.values() for name, part in meter.parts.items()},
        operation="a command and its answer",
        cpu_us={name: us for meter in meters.values() for name, us in meter.each(ROUNDS * count).items()},
    )


def rows(options: Options) -> list[Row]:
    """A row for each transport."""
    if not hasattr(os, "openpty"):
        raise Missing("a Unix system")
    return [measure(options, transport) for transport in ("tcp", "pty")]


if __name__ == "__main__":
    work(ROLES)
