"""Row 4: what a connected module adds to the memory of its process."""

import gc
import logging
import time
from typing import Any

from bench.hosts import connected
from bench.processes import Missing, Roles, Worker, median, mosquitto, peer, resident, say, work
from bench.report import Options, Peer, Row

CLIENTS = 1000
ROUNDS = 3
# emqtt-bench's README: memory a client, in kB.
PUBLISHED = 8.3
MOST = 4.8


def tell(before: int, spent: float, clients: int, everyone: Any) -> None:
    """Say by how much the process grew, in kB a client, and what CPU a connect took; `spent` is that of before."""
    cpu_us = (time.process_time() - spent) / clients * 1e6
    gc.collect()
    say(kilobytes=(resident() - before) / clients / 1000, cpu_us=cpu_us, clients=len(everyone))


async def modules(port: int, clients: int) -> None:
    """Virtual modules, each with its port in memory and its connection."""
    first = await connected(1, port, "first")  # with all that modules share
    gc.collect()
    before, spent = resident(), time.process_time()
    everyone = []
    for at in range(0, clients, 20):
        for host in await connected(min(20, clients - at), port, f"module{at}-"):
            host.port.attach(ignore)
            everyone.append(host.module)
    tell(before, spent, clients, everyone)
    del first


def ignore(_data: bytes) -> None:
    """A host that does not count."""


async def gmqtt_clients(port: int, clients: int) -> None:
    """Clients of gmqtt."""
    gmqtt = peer("gmqtt")
    first = gmqtt.Client("gmqtt0")
    await first.connect("127.0.0.1", port, version=4)
    gc.collect()
    before, spent = resident(), time.process_time()
    everyone = [gmqtt.Client(f"gmqtt{n}") for n in range(1, clients + 1)]
    for client in everyone:
        await client.connect("127.0.0.1", port, version=4)
    tell(before, spent, clients, everyone)
    for client in (first, *everyone):
        await client.disconnect()


async def aiomqtt_clients(port: int, clients: int) -> None:
    """Clients of aiomqtt."""
    aiomqtt = peer("aiomqtt")
    logging.disable(logging.WARNING)
    first = aiomqtt.Client("127.0.0.1", port, identifier="aiomqtt0")
    await first.__aenter__()
    gc.collect()
    before, spent = resident(), time.process_time()
    everyone = [aiomqtt.Client("127.0.0.1", port, identifier=f"aiomqtt{n}") for n in range(1, clients + 1)]
    for client in everyone:
        await client.__aenter__()
    tell(before, spent, clients, everyone)
    for client in (first, *everyone):
        await client.__aexit__(None, None, None)


ROLES: Roles = {"modules": modules, "aiomqtt": aiomqtt_clients, "gmqtt": gmqtt_clients}


def rows(options: Options) -> list[Row]:
    """The row."""
    clients = options.count(CLIENTS, 20)
    found: dict[str, list[float]] = {}
    cpu_us: dict[str, list[float]] = {}
    missing: dict[str, str] = {}
    with mosquitto() as broker:
        for _ in range(ROUNDS):
            for role in ROLES:
                try:
                    with Worker("bench.memory", role, port=broker.port, clients=clients, uvloop=options.uvloop) as one:
                        found.setdefault(role, []).append(one.ready["kilobytes"])
                        cpu_us.setdefault(role, []).append(one.ready["cpu_us"])
                except Missing as reason:
                    missing[role] = str(reason)
    peers = [Peer(role, median(found[role]) if role in found else None, missing.get(role, "")) for role in ROLES]
    limit = Peer("limit", MOST, "the target of 4.8 kB")
    published = Peer("emqtt-bench", PUBLISHED, "as its authors publish it, not measured here")
    return [
        Row(
            4,
            "memory a connected module adds",
            f"growth of the process's resident memory by {clients:,} connected after a first one, divided; {ROUNDS} "
            f"fresh processes each in turn, medians; ports in memory, TCP on loopback to mosquitto in another process"
            f"{', uvloop' if options.uvloop else ''}; no process saturated: nothing is timed",
            "kB",
            median(found["modules"]),
            (limit, *peers[1:], published),
            most=1.0,
            operation="a connect, from making the client to CONNACK",
            cpu_us={role: median(spent) for role, spent in cpu_us.items()},
        )
    ]


if __name__ == "__main__":
    work(ROLES)
