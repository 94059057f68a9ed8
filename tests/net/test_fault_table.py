"""Each fault of each packet on each dialect, in memory, with exact times; over TLS the same is said."""

import asyncio
import ssl
from typing import Any

import pytest

from modemlab.dialect.registry import find_model
from modemlab.mqtt import packets as mqtt
from modemlab.net.conditions import ConnectionDisruption
from modemlab.net.packet_faults import NAMES, REFUSED, Fault
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.certificates import server_context
from support.fault_table import LTE, LUAT, NB, OVER_TLS, TABLE, Said, Session, fault
from support.impaired_network import Desk, Serve, answers
from support.virtual_module import Host

HOST, PORT = "broker.example", 1883
QUIET = ("", "OK", ">", "> ")


class Timed(Desk):
    """A desk that notes when each line is said."""

    def __init__(self, model: str) -> None:
        self.lines: list[tuple[float, str]] = []
        super().__init__(model)

    def settle(self) -> None:
        before = len(self.said)
        super().settle()
        text = self.said[before:].decode()
        self.lines += [(round(self.clock.now, 6), line) for line in text.split("\r\n") if line not in QUIET]


def reached(session: Session, packet: str) -> Timed:
    """A desk where that packet of the server is what comes next."""
    desk = Timed(session.model)
    desk.do("ATE0", *(line.format(host=HOST, port=PORT) for line in session.opening))
    if packet != "CONNACK":
        desk.do(session.connecting)
    desk.lines.clear()
    return desk


def expected(session: Session, packet: str, action: str) -> Said:
    """What the table has for a dialect; BC35-G's lines are those of EC200x but for two differences."""
    lte, luat = TABLE[packet][action]
    if session.model == LUAT.model:
        return luat
    if session.model == LTE.model:
        return lte
    return tuple((at, line.replace("PUBEX", "PUB").replace("STAT: 0,8", "STAT: 0,7")) for at, line in lte)


ROWS = [(packet, action) for packet, actions in TABLE.items() for action in actions]


def test_the_table_has_all() -> None:
    """The packets and actions that can be named; to refuse takes those that have a code."""
    for packet, actions in TABLE.items():
        wanted = {"drop", "delay", "duplicate", "corrupt", "close", "reset"}
        assert actions.keys() == (wanted | {"refuse"} if packet in REFUSED else wanted)


@pytest.mark.parametrize("session", [LTE, NB, LUAT], ids=lambda session: session.model)
def test_what_the_module_says_of_it(session: Session) -> None:
    for packet, action in ROWS:
        desk = reached(session, packet)
        desk.do((fault(packet, action),), *session.steps[packet], 34)
        assert tuple(desk.lines) == expected(session, packet, action), (packet, action)
        assert f"{packet} to the module: {action}" in desk.notes


@pytest.mark.parametrize("session", [LTE, NB, LUAT], ids=lambda session: session.model)
def test_a_lost_ping_is_sent_again_and_a_late_answer_will_do(session: Session) -> None:
    """A PINGREQ is repeated 5 s after the first; nothing is said of it, and the session stands."""
    for action, times in (("drop", [30, 35]), ("delay", [30])):
        desk = reached(session, "PINGRESP")
        desk.net.sent.clear()
        desk.do((fault("PINGRESP", action),), 45)
        assert [at for at, _, data in desk.net.sent if data == mqtt.encode(mqtt.Pingreq())] == times
        assert desk.lines == []


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5])
def test_refusing_with_any_code(code: int) -> None:
    """In the broker's place and by its own answer."""
    for packet in ("CONNECT", "CONNACK"):
        desk = reached(LTE, "CONNACK")
        desk.do((Fault(packet, "refuse", code=code),), LTE.connecting)
        assert desk.lines == [(0, f"+QMTCONN: 0,0,{code}"), (0, "+QMTSTAT: 0,4")]


MESSAGE = Serve(mqtt.Publish("a", b"x", 2, packet_id=9))
QOS_2 = LTE.steps["PUBREC"]
# What makes a packet pass, from the module or to it.
PASSING: dict[tuple[str, str | None], tuple[Any, ...]] = {
    ("CONNECT", None): (LTE.connecting,),
    ("CONNACK", None): (LTE.connecting,),
    ("PUBLISH", "in"): (MESSAGE,),
    ("PUBLISH", "out"): QOS_2,
    ("PUBACK", "in"): LTE.steps["PUBACK"],
    ("PUBACK", "out"): (Serve(mqtt.Publish("a", b"x", 1, packet_id=9)),),
    ("PUBREC", "in"): QOS_2,
    ("PUBREC", "out"): (MESSAGE,),
    ("PUBREL", "in"): (MESSAGE,),
    ("PUBREL", "out"): QOS_2,
    ("PUBCOMP", "in"): QOS_2,
    ("PUBCOMP", "out"): (MESSAGE,),
    ("SUBSCRIBE", None): LTE.steps["SUBACK"],
    ("SUBACK", None): LTE.steps["SUBACK"],
    ("UNSUBSCRIBE", None): ('AT+QMTUNS=0,1,"a"',),
    ("UNSUBACK", None): ('AT+QMTUNS=0,1,"a"',),
    ("PINGREQ", None): (30,),
    ("PINGRESP", None): (30,),
    ("DISCONNECT", None): ("AT+QMTDISC=0",),
}


@pytest.mark.parametrize("action", ["close", "reset"])
def test_closing_behind_any_packet(action: str) -> None:
    """The packet arrives, and then the end of the connection does."""
    assert {packet for packet, _ in PASSING} == set(NAMES)
    for (packet, way), steps in PASSING.items():
        desk = reached(LTE, "CONNACK" if packet.startswith("CONN") else packet)
        desk.do((Fault(packet, action, way),), *steps)
        assert [what for _, what, _ in desk.net.events] == ["open", action], (packet, way)
        assert desk.lines[-1:] == [(desk.clock.now, "+QMTDISC: 0,0" if packet == "DISCONNECT" else "+QMTSTAT: 0,1")]


def test_a_fault_of_one_client() -> None:
    """On its connection alone, also when that stood before there were any faults."""
    desk = reached(LTE, "SUBACK")
    desk.do('AT+QMTOPEN=2,"h",1883', 'AT+QMTCONN=2,"two"', (Fault("SUBACK", "refuse", client=2),))
    desk.lines.clear()
    desk.do('AT+QMTSUB=0,1,"a",1', 'AT+QMTSUB=2,1,"a",1', ConnectionDisruption("reset", 2))
    assert desk.lines == [(0, "+QMTSUB: 0,1,0,1"), (0, "+QMTSUB: 2,1,0,128"), (0, "+QMTSTAT: 2,1")]


# Over TLS


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a broker that accepts all."""
    decoder = mqtt.Decoder(False)
    try:
        while data := await reader.read(4096):
            for packet in decoder.feed(data):
                writer.write(b"".join(map(mqtt.encode, answers(packet))))
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def over_tls(session: Session, port: int, packet: str, action: str) -> None:
    """One row, on a connection of its own; time passes when the test says so."""
    said = [line for _, line in expected(session, packet, action)]
    model = find_model(session.model)
    async with VirtualModule(*model, ports=[MemoryPort], skippable=True) as vm:
        host = Host(vm)
        await host.ask("ATE0")
        for line in session.opening:
            await host.ask(line.format(host="127.0.0.1", port=port))
        await host.until(b"CONNECT OK\r\n" if session.model == LUAT.model else b"+QMTOPEN: 0,0\r\n")
        if packet != "CONNACK":
            await host.ask(session.connecting)
            await host.until(b"CONNACK OK\r\n" if session.model == LUAT.model else b"+QMTCONN: 0,0,0\r\n")
        vm.network.set_faults([fault(packet, action)])
        assert vm.skippable_clock is not None
        for step in session.steps[packet]:
            if isinstance(step, bytes):
                await host.until(b"> ")
                host.port.host_send(step)
            else:
                host.port.host_send(f"{step}\r".encode())
        if session.steps[packet]:
            await host.until(b"OK\r\n")
        else:
            vm.skippable_clock.skip(30)
        while vm.network.faults and not hits(vm):
            await asyncio.sleep(0.002)
        if action in ("drop", "delay"):
            vm.skippable_clock.skip(5 if action == "drop" else 3)
        for line in said:
            await host.until(line.encode() + b"\r\n")


def hits(vm: VirtualModule) -> int:
    """How many packets the first fault has seen."""
    streams: Any = vm.network.streams
    return int(streams._faults._rules[0].seen)


@pytest.mark.parametrize("session", OVER_TLS, ids=lambda session: session.model)
def test_over_tls_the_same_is_said(session: Session) -> None:
    """Faults act on the packets, whatever carries them."""

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context())
        port = server.sockets[0].getsockname()[1]
        await asyncio.wait_for(asyncio.gather(*(over_tls(session, port, *row) for row in ROWS)), 20)
        server.close()

    asyncio.run(main())
