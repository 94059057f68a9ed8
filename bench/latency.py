"""Row 5: from a publish on one module to +QMTRECV on another, beside a pair of bare clients."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import cast

from bench.hosts import connected
from bench.processes import Meter, Worker, answer_all, mosquitto, say, work
from bench.report import Options, Peer, Row
from modemlab.mqtt.client import ClientSession
from modemlab.mqtt.events import Event, IncomingMessage, SessionConnected
from modemlab.mqtt.events import Options as SessionOptions
from modemlab.net.receive_buffer import read_buffer

TOPIC = "latency/of/one/message"
PAYLOAD = b"x" * 64
ROUNDS = 10
COUNT = 500
PATIENCE = 10.0


class Bare(asyncio.BufferedProtocol):
    """Our own client session on a bare asyncio connection, which reads as a module's does."""

    def __init__(self, client_id: str) -> None:
        """Make a client; CONNECT is sent as soon as the connection stands."""
        self._client_id = client_id
        self.session = ClientSession(SessionOptions(level=3))
        self._buffer = read_buffer()
        self.connected = asyncio.get_running_loop().create_future()
        self.arrived: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.session.connect(self._client_id, None, None, None, 0.0)
        self.flush()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        for event in self.session.receive(bytes(self._buffer[:nbytes]), 0.0):
            self.happened(event)
        self.flush()

    def happened(self, event: Event) -> None:
        """A message, or CONNACK."""
        if type(event) is IncomingMessage:
            self.session.acknowledge(event.packet_id)
            if self.arrived is not None:
                self.arrived.set_result(None)
        elif type(event) is SessionConnected:
            self.connected.set_result(None)

    def flush(self) -> None:
        """Send what the session has to send."""
        if data := self.session.take():
            self.transport.write(data)


class BarePair:
    """A publisher and a subscriber."""

    async def start(self, port: int, qos: int) -> None:
        """Connect both."""
        loop = asyncio.get_running_loop()
        both = []
        for name in ("bare-publisher", "bare-subscriber"):
            _, client = await loop.create_connection(partial(Bare, name), "127.0.0.1", port)
            await client.connected
            both.append(client)
        self._publisher, self._subscriber = both
        self._qos = qos
        self._subscriber.session.subscribe(1, ((TOPIC + "/bare", qos),), 0.0)
        self._subscriber.flush()
        self._number = 0
        await asyncio.sleep(0.1)

    async def send(self) -> float:
        """Send a message; the seconds until it is there."""
        arrived = self._subscriber.arrived = asyncio.get_running_loop().create_future()
        self._number = self._number % 65535 + 1 if self._qos else 0
        began = time.perf_counter()
        self._publisher.session.publish(self._number, TOPIC + "/bare", PAYLOAD, self._qos, False, 0.0)
        self._publisher.flush()
        await asyncio.wait_for(arrived, PATIENCE)
        return time.perf_counter() - began


class ModulePair:
    """A publishing and a subscribing module, with their hosts."""

    async def start(self, port: int, qos: int) -> None:
        """Connect both."""
        self._publisher, self._subscriber = await connected(2, port, "latency")
        await self._subscriber.ask(f'AT+QMTSUB=0,1,"{TOPIC}",{qos}', f"+QMTSUB: 0,1,0,{qos}\r\n")
        self._qos = qos
        self._number = 0
        self._publisher.heard = self._prompted
        self._subscriber.heard = self._heard
        self._arrived: asyncio.Future[None] | None = None

    def _prompted(self, data: bytes) -> None:
        """The publishing module asks for the payload."""
        if data.endswith(b"> "):
            self._publisher.host_send(PAYLOAD)

    def _heard(self, data: bytes) -> None:
        """The subscribing module shows a message."""
        if b"+QMTRECV: " in data and self._arrived is not None:
            self._arrived.set_result(None)

    async def send(self) -> float:
        """Send a message: from the first character of the command to its URC."""
        arrived = self._arrived = asyncio.get_running_loop().create_future()
        self._number = self._number % 65535 + 1 if self._qos else 0
        line = f'AT+QMTPUBEX=0,{self._number},{self._qos},0,"{TOPIC}",{len(PAYLOAD)}\r'.encode()
        began = time.perf_counter()
        self._publisher.host_send(line)
        await asyncio.wait_for(arrived, PATIENCE)
        return time.perf_counter() - began


async def pairs(port: int, qos: int) -> None:
    """The worker: both pairs in one process, so that they differ in nothing else."""
    everyone: dict[str, BarePair | ModulePair] = {"modules": ModulePair(), "bare": BarePair()}
    for pair in everyone.values():
        await pair.start(port, qos)

    async def answer(name: str, count: int) -> dict[str, list[float]]:
        send = everyone[name].send
        return {"seconds": [await send() for _ in range(count)]}

    say(ready=True)
    await answer_all(answer)


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def rows(options: Options) -> list[Row]:
    """Rows for QoS 0 and 1, p50 and p99."""
    count = options.count(COUNT, 10)
    found: list[Row] = []
    with mosquitto() as broker:
        for qos in (0, 1):
            seconds: dict[str, list[float]] = {"modules": [], "bare": []}
            with Worker("bench.latency", "pairs", port=broker.port, qos=qos, uvloop=options.uvloop) as worker:
                meters = {name: Meter(**{name: worker.pid, f"mosquitto under {name}": broker.pid}) for name in seconds}
                for name in seconds:
                    worker.ask(name=name, count=20)
                for turn in range(ROUNDS):
                    for name in sorted(seconds, reverse=turn % 2 == 1):
                        with meters[name]:
                            seconds[name] += worker.ask(name=name, count=count)["seconds"]
            for shown, part in (("p50", 0.5), ("p99", 0.99)):
                found.append(
                    Row(
                        5,
                        f"latency publish \u2192 +QMTRECV, QoS {qos}, {shown}, beside a bare pair",
                        f"from the first character of AT+QMTPUBEX on one module to +QMTRECV on another, through "
                        f"mosquitto; payload {len(PAYLOAD)} bytes, one outstanding, {ROUNDS} rounds of {count} in turn;"
                        f" both pairs in one process, AT lines in memory, TCP on loopback"
                        f"{', uvloop' if options.uvloop else ''}",
                        "us",
                        percentile(seconds["modules"], part) * 1e6,
                        (Peer("bare pair", percentile(seconds["bare"], part) * 1e6),),
                        most=1.6 if qos and shown == "p50" else 2.0,
                        cpu={name: share for meter in meters.values() for name, share in meter.parts.items()},
                        operation="a message, both clients of the pair",
                        cpu_us={name: us for m in meters.values() for name, us in m.each(ROUNDS * count).items()},
                    )
                )
    return found


if __name__ == "__main__":
    work({"pairs": pairs})
