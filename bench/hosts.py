"""Hosts in memory: the least that works a virtual module, so that the module is what is measured."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from modemlab.dialect.registry import find_model
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule

PATIENCE = 60.0


class Family(NamedTuple):
    """How the modules of a dialect are worked: what is typed, and what is then waited for.

    `opening` has `{port}` and `{name}`; `line` has `{number}`, `{topic}` and `{length}`, and publishes with QoS 1;
    `word` stands in the line that tells of its acknowledgement, `prompt` asks for the message.
    """

    model: str
    opening: tuple[tuple[str, str], ...]
    line: str
    word: bytes
    prompt: bytes = b"> "


MODEL = "EC200S-CN"
LTE = Family(
    MODEL,
    (
        ("ATE0", "OK\r\n"),
        ('AT+QMTOPEN=0,"127.0.0.1",{port}', "+QMTOPEN: 0,0\r\n"),
        ('AT+QMTCONN=0,"{name}"', "+QMTCONN: 0,0,0\r\n"),
    ),
    'AT+QMTPUBEX=0,{number},1,0,"{topic}",{length}\r',
    b"+QMTPUBEX: ",
)
NB = Family(
    "BC35-G",
    (('AT+QMTOPEN=0,"127.0.0.1",{port}', "+QMTOPEN: 0,0\r\n"), ('AT+QMTCONN=0,"{name}"', "+QMTCONN: 0,0,0\r\n")),
    'AT+QMTPUB=0,{number},1,0,"{topic}",{length}\r',
    b"+QMTPUB: ",
)
LUAT = Family(
    "Air724UG",
    (
        ("ATE0", "OK\r\n"),
        ('AT+MCONFIG="{name}"', "OK\r\n"),
        ('AT+MIPSTART="127.0.0.1",{port}', "CONNECT OK\r\n"),
        ("AT+MCONNECT=1,120", "CONNACK OK\r\n"),
    ),
    'AT+MPUBEX="{topic}",1,0,{length}\r',
    b"PUBACK\r\n",
    b">",
)


class Host:
    """The host of one module. What it hears goes to `heard` if that is set, else it is kept for `wait`."""

    __slots__ = ("_kept", "_waiting", "_wanted", "family", "heard", "host_send", "module", "port")

    def __init__(self, family: Family = LTE) -> None:
        """Make a module and attach to it; `start` opens it."""
        self.family = family
        self.module = VirtualModule(*find_model(family.model), ports=(MemoryPort,))
        port = self.module.ports[0]
        assert isinstance(port, MemoryPort)
        self.port = port
        self.host_send = port.host_send
        self.heard: Callable[[bytes], None] | None = None
        self._kept = b""
        self._wanted = b""
        self._waiting: asyncio.Future[None] | None = None

    def _hear(self, data: bytes) -> None:
        """The module says something."""
        if self.heard is not None:
            self.heard(data)
            return
        self._kept += data
        if self._waiting is not None and self._wanted in self._kept and not self._waiting.done():
            self._waiting.set_result(None)

    async def start(self) -> None:
        """Switch the module on."""
        await self.module.open()
        self.port.attach(self._hear)

    async def ask(self, line: str, wanted: str) -> None:
        """Type a line and wait until `wanted` was said. Raises TimeoutError."""
        self._kept, self._wanted = b"", wanted.encode()
        self.host_send(line.encode() + b"\r")
        if self._wanted not in self._kept:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(self._waiting, PATIENCE)
            finally:
                self._waiting = None
        self._kept = b""

    async def connect(self, port: int, client_id: str) -> None:
        """Connect to a broker on this machine."""
        for line, wanted in self.family.opening:
            await self.ask(line.format(port=port, name=client_id), wanted)


async def connected(count: int, port: int, prefix: str, family: Family = LTE) -> Sequence[Host]:
    """That many hosts whose modules are connected to a broker on this machine."""
    hosts = [Host(family) for _ in range(count)]
    for at in range(0, count, 50):
        part = hosts[at : at + 50]
        await asyncio.gather(*(host.start() for host in part))
        await asyncio.gather(*(host.connect(port, f"{prefix}{at + i}") for i, host in enumerate(part)))
    return hosts
