"""Row 8: modules on mutual TLS, their memory and their handshakes, beside asyncio's own TLS."""

import asyncio
import gc
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.hosts import Host
from bench.processes import Meter, Roles, Worker, answer_all, median, mosquitto, peer, resident, say, work
from bench.report import Options, Peer, Row
from modemlab.dialect.network import TlsOptions
from modemlab.net.tls_context import context_of

CLIENTS = 500
OPERATION = "a connection, from making the client, of a module with its certificates"
ROUNDS = 5
# Handshakes under way at once.
TOGETHER = 20
FILES = ("ca.pem", "client.pem", "client.key")
SETTINGS = (
    'AT+QMTCFG="ssl",0,1,2',
    'AT+QSSLCFG="cacert",2,"UFS:ca.pem"',
    'AT+QSSLCFG="clientcert",2,"UFS:client.pem"',
    'AT+QSSLCFG="clientkey",2,"UFS:client.key"',
    'AT+QSSLCFG="seclevel",2,2',
)


def make_certificates(home: Path) -> tuple[str, ...]:
    """Files of a CA, a server and a client, RSA of 2,048 bits; the settings of mosquitto that want them."""
    trustme = peer("trustme")
    kind = trustme.KeyType.RSA
    ca = trustme.CA(key_type=kind)
    ca.cert_pem.write_to_path(home / "ca.pem")
    for name in ("server", "client"):
        made = ca.issue_cert("127.0.0.1", key_type=kind)
        made.cert_chain_pems[0].write_to_path(home / f"{name}.pem")
        made.private_key_pem.write_to_path(home / f"{name}.key")
    files = (f"cafile {home}/ca.pem", f"certfile {home}/server.pem", f"keyfile {home}/server.key")
    # Without `user root` a mosquitto of root's becomes somebody who cannot read these files.
    return ("user root", *files, "require_certificate true")


async def modules(port: int, home: str) -> None:
    """Virtual modules, each with its files, its port in memory and its MQTT connection."""
    files = {name: (Path(home) / name).read_bytes() for name in FILES}
    everyone: list[Host] = []

    async def prepare(host: Host) -> None:
        await host.start()
        for name, data in files.items():
            host.module.module.files.write(name, data)
        for line in SETTINGS:
            await host.ask(line, "OK\r\n")

    async def measure(clients: int) -> dict[str, Any]:
        gc.collect()
        before = resident()
        spent = 0.0
        for at in range(0, clients, TOGETHER):
            hosts = [Host() for _ in range(min(TOGETHER, clients - at))]
            await asyncio.gather(*map(prepare, hosts))
            began = time.perf_counter()
            await asyncio.gather(*(host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{port}', "+QMTOPEN: 0,0\r\n") for host in hosts))
            spent += time.perf_counter() - began
            for number, host in enumerate(hosts):
                await host.ask(f'AT+QMTCONN=0,"module{len(everyone) + number}"', "+QMTCONN: 0,0,0\r\n")
                host.port.attach(ignore)
            everyone.extend(hosts)
        gc.collect()
        return {"kilobytes": (resident() - before) / clients / 1000, "rate": clients / spent}

    await measure(1)  # with all that modules share
    say()
    await answer_all(measure)


def ignore(_data: bytes) -> None:
    """A host that does not count."""


async def asyncio_tls(port: int, home: str) -> None:
    """Connections of asyncio's own TLS with the least protocol there is, that say nothing."""
    authority, certificate, key = ((Path(home) / name).read_bytes() for name in FILES)
    context = context_of(TlsOptions(0x0300, 0x0303, (), True, authority, certificate, key, timeout=0.0))
    loop = asyncio.get_running_loop()
    everyone: list[Any] = []

    async def measure(clients: int) -> dict[str, Any]:
        gc.collect()
        before = resident()
        spent = 0.0
        for at in range(0, clients, TOGETHER):
            count = min(TOGETHER, clients - at)
            began = time.perf_counter()
            everyone.extend(
                await asyncio.gather(
                    *(
                        loop.create_connection(asyncio.Protocol, "127.0.0.1", port, ssl=context, server_hostname="")
                        for _ in range(count)
                    )
                )
            )
            spent += time.perf_counter() - began
        gc.collect()
        return {"kilobytes": (resident() - before) / clients / 1000, "rate": clients / spent}

    await measure(1)
    say()
    await answer_all(measure)
    for transport, _ in everyone:
        transport.abort()


ROLES: Roles = {"modules": modules, "asyncio_tls": asyncio_tls}


def rows(options: Options) -> list[Row]:
    """The two rows."""
    clients = options.count(CLIENTS, 20)
    found: dict[str, list[dict[str, float]]] = {role: [] for role in ROLES}
    spent: dict[str, list[float]] = {}
    cpu_us: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home, mosquitto(*make_certificates(Path(home))) as broker:
        for _ in range(ROUNDS):
            for role in ROLES:
                with Worker("bench.tls", role, port=broker.port, home=home, uvloop=options.uvloop) as one:
                    meter = Meter(**{role: one.pid, f"mosquitto of {role}": broker.pid})
                    with meter:
                        found[role].append(one.ask(clients=clients))
                    for name, part in meter.parts.items():
                        spent.setdefault(name, []).append(part)
                    for name, us in meter.each(clients).items():
                        cpu_us.setdefault(name, []).append(us)

    def of(role: str, what: str) -> float:
        return median([each[what] for each in found[role]])

    where = f"mosquitto in another process on loopback, RSA of 2,048 bits on both sides{', uvloop' * options.uvloop}"
    how = f"{ROUNDS} fresh processes each in turn, medians; {where}"
    remark = "bare connections: no module, no MQTT; the same TLS context"
    # The targets are about asyncio's loop; uvloop has TLS of its own.
    own = "uvloop's own TLS" if options.uvloop else "asyncio's own TLS"
    return [
        Row(
            8,
            "memory that a module on mutual TLS adds",
            f"growth of the process's resident memory by {clients:,} connected after a first one, divided; {how}",
            "kB",
            of("modules", "kilobytes"),
            (Peer(own, of("asyncio_tls", "kilobytes"), remark),),
            most=None if options.uvloop else 0.25,
            operation=OPERATION,
            cpu_us={name: median(each) for name, each in cpu_us.items()},
        ),
        Row(
            8,
            "mutual TLS handshakes",
            f"AT+QMTOPEN up to its result, {TOGETHER} at once, {clients:,} in all; {how}",
            "1/s",
            of("modules", "rate"),
            (Peer(own, of("asyncio_tls", "rate"), remark),),
            least=None if options.uvloop else 1.0,
            cpu={name: round(median(parts), 3) for name, parts in spent.items()},
            operation=OPERATION,
            cpu_us={name: median(each) for name, each in cpu_us.items()},
        ),
    ]


if __name__ == "__main__":
    work(ROLES)
