"""Row 11: from a message's URC at the port to the message in the caller's hands."""

import asyncio
import time

from bench.hosts import LTE
from bench.latency import percentile
from bench.processes import Worker, answer_all, median, mosquitto, say, work
from bench.report import Options, Peer, Row
from modemlab import Modem
from modemlab.dialect.registry import find_model
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule

ROUNDS = 5
COUNT = 4000
# The target, in microseconds.
MOST = 1000.0
PAYLOAD = b"x" * 64


async def driver(port: int) -> None:
    """The worker: a subscriber, and URCs that are put on its port as a module's are."""
    async with (
        VirtualModule(*find_model(LTE.model), ports=(MemoryPort,)) as virtual,
        Modem.open(line_of(virtual)) as modem,
        modem.mqtt("127.0.0.1", port, client_id="urcs") as client,
    ):
        line = line_of(virtual)
        arrived = asyncio.Event()
        at = 0.0

        async def hear() -> None:
            nonlocal at
            async for _ in client.messages:
                at = time.perf_counter()
                arrived.set()

        async def answer(count: int) -> dict[str, list[float]]:
            seconds = []
            spent = time.process_time()
            for number in range(count):
                urc = b'\r\n+QMTRECV: 0,%d,"site/%d/state",%d,"%b"\r\n' % (
                    *(number % 65536, number % 1009, len(PAYLOAD)),
                    PAYLOAD,
                )
                arrived.clear()
                began = time.perf_counter()
                line.write(urc)
                await arrived.wait()
                seconds.append(at - began)
            return {"seconds": seconds, "cpu_us": [(time.process_time() - spent) / count * 1e6]}

        hearing = asyncio.create_task(hear())
        say(ready=True)
        await answer_all(answer)
        hearing.cancel()


def line_of(virtual: VirtualModule) -> MemoryPort:
    """A module's port."""
    port = virtual.ports[0]
    assert isinstance(port, MemoryPort)
    return port


def rows(options: Options) -> list[Row]:
    """The row."""
    count = options.count(COUNT, 10)
    seconds: list[float] = []
    cpu_us: list[float] = []
    with mosquitto() as broker, Worker("bench.urcs", "driver", port=broker.port, uvloop=options.uvloop) as worker:
        worker.ask(count=max(10, count // 10))
        for _ in range(ROUNDS):
            answer = worker.ask(count=count)
            seconds += answer["seconds"]
            cpu_us += answer["cpu_us"]
    found = {part: percentile(seconds, part) * 1e6 for part in (0.5, 0.99, 0.999)}
    return [
        Row(
            11,
            "a URC's way through the driver, p99",
            f"from the bytes of +QMTRECV at the port, payload {len(PAYLOAD)} bytes, to the message in the hands of "
            f"whoever iterates; in one process, one at a time, {ROUNDS} rounds of {count:,}; the port is in memory"
            f"{', uvloop' if options.uvloop else ''}",
            "us",
            found[0.99],
            (Peer("limit", MOST, "the target of 1 ms"),),
            most=1.0,
            cpu={"driver": 1.0},
            operation="a message, with the loop that hands it over",
            cpu_us={"driver": median(cpu_us)},
            remarks=(f"p50 {found[0.5]:.0f} us, p99.9 {found[0.999]:.0f} us, most {max(seconds) * 1e6:.0f} us",),
        )
    ]


if __name__ == "__main__":
    work({"driver": driver})
