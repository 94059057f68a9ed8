"""Row 12: many drivers on as many modules, in one process: what a pair weighs, and how fast all publish."""

import asyncio
import gc
import time
from collections.abc import Iterator

from bench.hosts import MODEL, connected
from bench.processes import Meter, Roles, Worker, answer_all, median, mosquitto, resident, say, work
from bench.publish import OPERATION, modules
from bench.publish_peers import Message, Rounds
from bench.report import Options, Peer, Row
from bench.urcs import line_of
from modemlab import Modem
from modemlab.dialect.registry import find_model
from modemlab.driver.mqtt_client import Client
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule

DRIVERS = 500
ROUNDS = 5
MEMORY_ROUNDS = 3
# The target, in kB a pair.
MOST = 14.0


async def connect(number: int, port: int) -> Client:
    """A module, a driver on it, and its client, connected."""
    virtual = VirtualModule(*find_model(MODEL), ports=(MemoryPort,))
    await virtual.open()
    modem = await Modem.open(line_of(virtual)).__aenter__()
    return await modem.mqtt("127.0.0.1", port, client_id=f"driver{number}").__aenter__()


async def drivers(port: int, clients: int) -> None:
    """The worker of the pairs."""
    first = await connect(-1, port)  # with all that pairs share
    gc.collect()
    before, spent = resident(), time.process_time()
    everyone: list[Client] = []
    for at in range(0, clients, 50):
        everyone += await asyncio.gather(*(connect(n, port) for n in range(at, min(at + 50, clients))))
    connecting = (time.process_time() - spent) / clients * 1e6
    gc.collect()
    grown = (resident() - before) / clients / 1000
    rounds = Rounds(clients)

    async def publish(client: Client, planned: Iterator[Message]) -> None:
        for topic, payload in planned:
            await client.publish(topic, payload, qos=1)
            rounds.acknowledged()

    async def answer(count: int, window: int) -> dict[str, float]:
        plans = [iter(planned) for planned in rounds.plan(count)]
        tasks: list[asyncio.Task[None]] = []

        def start() -> None:
            for client, planned in zip(everyone, plans, strict=True):
                tasks.extend(asyncio.ensure_future(publish(client, planned)) for _ in range(window))

        result = await rounds.run(count, start)
        await asyncio.gather(*tasks)
        return result

    say(
        kilobytes=grown,
        connecting=connecting,
        connected=first.connected and all(client.connected for client in everyone),
    )
    await answer_all(answer)


async def alone(port: int, clients: int) -> None:
    """The worker that weighs modules without drivers."""
    first = await connected(1, port, "first")
    gc.collect()
    before, spent = resident(), time.process_time()
    everyone = await connected(clients, port, "alone")
    connecting = (time.process_time() - spent) / clients * 1e6
    gc.collect()
    say(connecting=connecting, kilobytes=(resident() - before) / clients / 1000, clients=len(first) + len(everyone))


ROLES: Roles = {"drivers": drivers, "modules": modules, "alone": alone}


def rows(options: Options) -> list[Row]:
    """Memory, and messages a second with one and with five outstanding each."""
    pairs, count = options.count(DRIVERS, 20), options.count(40, 3)
    fresh, rounds = options.count(MEMORY_ROUNDS), options.count(ROUNDS, 2)
    common = {"clients": pairs, "uvloop": options.uvloop}
    kilobytes: dict[str, list[float]] = {"drivers": [], "alone": []}
    connecting: dict[str, list[float]] = {"drivers": [], "alone": []}
    rates: dict[tuple[str, int], list[float]] = {}
    cpu_us: dict[tuple[str, int], list[float]] = {}
    meters: dict[tuple[str, int], Meter] = {}
    with mosquitto() as broker:
        for turn in range(fresh):
            # The last drivers are those that publish.
            for role in kilobytes if turn else ("alone",):
                with Worker("bench.drivers", role, port=broker.port, **common) as worker:
                    kilobytes[role].append(worker.ready["kilobytes"])
                    connecting[role].append(worker.ready["connecting"])
        with (
            Worker("bench.drivers", "drivers", port=broker.port, **common) as driven,
            Worker("bench.drivers", "modules", port=broker.port, **common) as bare,
        ):
            kilobytes["drivers"].append(driven.ready["kilobytes"])
            connecting["drivers"].append(driven.ready["connecting"])
            workers = {"drivers": driven, "modules": bare}
            for worker in workers.values():
                worker.ask(count=3, window=1)
            for turn in range(rounds):
                for window in (1, 5):
                    for role in sorted(workers, reverse=turn % 2 == 1):
                        meter = meters.setdefault((role, window), Meter(**{role: workers[role].pid}))
                        with meter:
                            answer = workers[role].ask(count=count, window=window)
                        rates.setdefault((role, window), []).append(answer["rate"])
                        cpu_us.setdefault((role, window), []).append(answer["cpu_us"])
    where = f"{pairs} pairs in one process, ports in memory, TCP on loopback to mosquitto" + (
        ", uvloop" if options.uvloop else ""
    )
    measured = [
        Row(
            12,
            f"a driver and its module, {pairs} pairs, memory that a pair adds",
            f"{where}; growth of the process's resident memory after a first pair, divided; {fresh} fresh processes "
            "each in turn, medians; no process saturated: nothing is timed",
            "kB",
            median(kilobytes["drivers"]),
            (Peer("limit", MOST, "the target of 14 kB"), Peer("modules alone", median(kilobytes["alone"]))),
            most=1.0,
            operation="a connect, from making the module to CONNACK",
            cpu_us={role: median(each) for role, each in connecting.items()},
        )
    ]
    for window in (1, 5):
        meter = meters["drivers", window]
        measured.append(
            Row(
                12,
                f"a driver and its module, {pairs} pairs, a publish, {window} outstanding",
                f"{where}; {count} messages each and round, {rounds} rounds in turn, medians; what is published as in "
                "row 3",
                "acked/s",
                median(rates["drivers", window]),
                (Peer("modules alone", median(rates["modules", window]), "lines made before the clock starts"),),
                cpu={**meter.parts, **meters["modules", window].parts},
                operation=OPERATION,
                cpu_us={role: median(cpu_us[role, window]) for role in ("drivers", "modules")},
                most_cpu_us=90.0,
            )
        )
    return measured


if __name__ == "__main__":
    work(ROLES)
