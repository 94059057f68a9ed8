"""Row 10: messages of QoS 1 through the driver, beside a loop on pyserial, on the same virtual module's pty.

The loop is what an engineer writes by hand: a command, its prompt, the data, and readline until the result is there.
Module and host are two processes, on Linux each on a processor of its own; driver and loop take turns in the host's.
"""

import asyncio
import os
import time
import tty
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from bench.hosts import MODEL
from bench.processes import Meter, Missing, Roles, Worker, answer_all, median, mosquitto, peer, say, work
from bench.publish_peers import Message, messages
from bench.report import Options, Peer, Row
from bench.round_trips import settle_on
from modemlab import Modem
from modemlab.dialect.registry import find_model
from modemlab.net.conditions import profile
from modemlab.virtual.module import VirtualModule

# By network. Rounds are short, so that what else the machine does falls on all alike.
ROUNDS = {"lab": 15, "cat1": 3}
COUNT = 600
WINDOW = 5
WORDS = {1: "one", WINDOW: "five"}
# Seconds that anything in the loop may take.
PATIENCE = 10.0


async def nothing() -> dict[str, float]:
    """A module has no requests but the end."""
    return {}


async def module(network: str) -> None:
    """A virtual module on a pty, on a network of that profile."""
    settle_on(last=False)
    async with VirtualModule(*find_model(MODEL), ports=("pty",)) as virtual:
        virtual.network.set_conditions(profile(network))
        say(url=virtual.urls[0].removeprefix("pty:"))
        await answer_all(nothing)


class ByHand:
    """The loop: pyserial alone."""

    def __init__(self, url: str, broker: int) -> None:
        """Open the device and connect to a broker on this machine."""
        self._line = peer("serial").Serial(url, 115200, timeout=PATIENCE)
        self._msgid = 0
        self._line.write(b"ATE0\r")
        self.wait_for(b"OK")
        self._line.write(b'AT+QMTOPEN=0,"127.0.0.1",%d\r' % broker)
        self.wait_for(b"OK")
        self.wait_for(b"+QMTOPEN: 0,0")
        self._line.write(b'AT+QMTCONN=0,"by-hand"\r')
        self.wait_for(b"OK")
        self.wait_for(b"+QMTCONN: 0,0,0")

    def wait_for(self, wanted: bytes) -> None:
        """Read lines until one is there. Raises RuntimeError for an error, TimeoutError when none comes."""
        while True:
            line = self._line.readline()
            if not line.endswith(b"\n"):
                raise TimeoutError(wanted.decode())
            line = line.strip()
            if line == wanted:
                return
            if line == b"ERROR" or line.startswith((b"+CME ERROR", b"+QMTSTAT")):
                raise RuntimeError(line.decode())

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1; over once it is acknowledged."""
        self._msgid = self._msgid % 65535 + 1
        self._line.write(f'AT+QMTPUBEX=0,{self._msgid},1,0,"{topic}",{len(payload)}\r'.encode())
        if not self._line.read_until(b"> ").endswith(b"> "):
            raise TimeoutError("no prompt")
        self._line.write(payload)
        self.wait_for(b"OK")
        self.wait_for(b"+QMTPUBEX: 0,%d,0" % self._msgid)

    def close(self) -> None:
        """Disconnect, and give the device up."""
        self._line.write(b"AT+QMTDISC=0\r")
        self.wait_for(b"OK")
        self.wait_for(b"+QMTDISC: 0,0")
        self._line.close()


def by_hand(url: str, broker: int, planned: Sequence[Message]) -> float:
    """Seconds that the loop takes."""
    loop = ByHand(url, broker)
    began = time.perf_counter()
    for topic, payload in planned:
        loop.publish(topic, payload)
    seconds = time.perf_counter() - began
    loop.close()
    return seconds


class Bare:
    """The least that keeps the line going, by which the driver's part can be told: nothing is parsed."""

    def __init__(self, url: str, broker: int) -> None:
        """Open the device and connect to a broker on this machine."""
        self._file = os.open(url, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._file)
        self.ask(b"ATE0\r", b"OK\r\n")
        self.ask(b'AT+QMTOPEN=0,"127.0.0.1",%d\r' % broker, b"+QMTOPEN: 0,0\r\n")
        self.ask(b'AT+QMTCONN=0,"bare"\r', b"+QMTCONN: 0,0,0\r\n")

    def ask(self, line: bytes, wanted: bytes) -> None:
        """Type a line and wait until `wanted` was said."""
        os.write(self._file, line)
        said = b""
        while wanted not in said:
            said += os.read(self._file, 4096)

    def publish(self, planned: Sequence[Message], window: int) -> float:
        """Seconds that all of them take, lines made beforehand."""
        lines = [
            (b'AT+QMTPUBEX=0,%d,1,0,"%b",%d\r' % (number, topic.encode(), len(payload)), payload)
            for number, (topic, payload) in enumerate(planned, 1)
        ]
        sent = acknowledged = 0
        busy = True
        began = time.perf_counter()
        os.write(self._file, lines[0][0])
        while acknowledged < len(lines):
            said = os.read(self._file, 4096)
            if said.endswith(b"> "):
                os.write(self._file, lines[sent][1])
                sent += 1
            acknowledged += said.count(b"+QMTPUBEX: ")
            busy = busy and b"OK" not in said
            if not busy and sent < len(lines) and sent - acknowledged < window:
                os.write(self._file, lines[sent][0])
                busy = True
        return time.perf_counter() - began

    def close(self) -> None:
        """Disconnect, and give the device up."""
        self.ask(b"AT+QMTDISC=0\r", b"+QMTDISC: 0,0\r\n")
        os.close(self._file)


def bare(url: str, broker: int, planned: Sequence[Message], window: int) -> float:
    """Seconds that the line itself takes."""
    line = Bare(url, broker)
    seconds = line.publish(planned, window)
    line.close()
    return seconds


async def driven(url: str, broker: int, planned: Sequence[Message], window: int) -> float:
    """Seconds that the driver takes, with so many messages outstanding."""
    async with Modem.open(url) as modem, modem.mqtt("127.0.0.1", broker, client_id="driven") as client:
        left = iter(planned)

        async def publish() -> None:
            for topic, payload in left:
                await client.publish(topic, payload, qos=1)

        began = time.perf_counter()
        if window == 1:
            await publish()
        else:
            await asyncio.gather(*(publish() for _ in range(window)))
        return time.perf_counter() - began


async def host(url: str, broker: int) -> None:
    """The worker that publishes: by hand, through the driver or bare, with one or five outstanding."""
    settle_on(last=True)
    offset = 0

    async def answer(name: str, count: int) -> dict[str, float]:
        nonlocal offset
        planned = messages(0, count, offset)
        offset += count
        who, _, window = name.partition(" ")
        if who == "hand":
            return {"rate": count / by_hand(url, broker, planned)}
        if who == "bare":
            return {"rate": count / bare(url, broker, planned, int(window))}
        return {"rate": count / await driven(url, broker, planned, int(window))}

    peer("serial")
    say(ready=True)
    await answer_all(answer)


ROLES: Roles = {"module": module, "host": host}


def measure(options: Options, network: str, count: int, targets: dict[int, float]) -> list[Row]:
    """A row for each number of messages outstanding, with its target, on a network of that profile."""
    names = ["hand", *(f"{who} {window}" for who in ("driver", "bare") for window in targets)]
    rates: dict[str, list[float]] = {name: [] for name in names}
    rounds = options.count(ROUNDS[network])
    with mosquitto() as broker, ExitStack() as stack:
        virtual = stack.enter_context(Worker("bench.driver", "module", network=network, uvloop=options.uvloop))
        worker: Any = stack.enter_context(
            Worker("bench.driver", "host", url=virtual.ready["url"], broker=broker.port, uvloop=options.uvloop)
        )
        meters = {name: Meter(**{name: worker.pid, f"module under {name}": virtual.pid}) for name in names}
        for name in names if rounds > 1 else ():
            worker.ask(name=name, count=max(5, count // 4))
        for turn in range(rounds):
            for name in names if turn % 2 else reversed(names):
                with meters[name]:
                    rates[name].append(worker.ask(name=name, count=count)["rate"])
    how = (
        f"on the pty of one {MODEL}, each opened anew, network {network}, {rounds} rounds of {count:,} in turn, "
        "medians; topics of 16 to 27 bytes, payloads of 16 to 400; host and module in two processes, on Linux each "
        f"on a processor of its own; TCP on loopback to mosquitto{', uvloop' if options.uvloop else ''}"
    )
    hand = Peer("by hand on pyserial", median(rates["hand"]), "one outstanding: readline until each result")

    def peers(window: int) -> tuple[Peer, Peer]:
        """The target is about the first."""
        bare = Peer("bare line", median(rates[f"bare {window}"]), "os.read and os.write, nothing parsed")
        return (bare, hand) if (network, window) == ("lab", WINDOW) else (hand, bare)

    return [
        Row(
            10,
            f"driver on a pty, {WORDS[window]} outstanding, beside a loop by hand, network {network}",
            how,
            "acked/s",
            median(rates[f"driver {window}"]),
            peers(window),
            least=least,
            cpu={**meters[f"driver {window}"].parts, **meters["hand"].parts},
            operation="a publish, opening and connecting included",
            cpu_us={
                name: us
                for each in (f"driver {window}", "hand", f"bare {window}")
                for name, us in meters[each].each(rounds * count).items()
            },
        )
        for window, least in targets.items()
    ]


def rows(options: Options) -> list[Row]:
    """One at a time, and five outstanding; and five where it takes the time that a network takes."""
    if not hasattr(os, "openpty"):
        raise Missing("a Unix system")
    return [
        *measure(options, "lab", options.count(COUNT, 5), {1: 1.0, WINDOW: 0.85}),
        *measure(options, "cat1", options.count(COUNT // 10, 5), {WINDOW: 3.0}),
    ]


if __name__ == "__main__":
    work(ROLES)
