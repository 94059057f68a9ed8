"""Scenarios on a virtual module with real sockets, against the embedded broker."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

import pytest

from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from modemlab.net.conditions import LAB, Conditions
from modemlab.net.packet_faults import Fault
from modemlab.ports.memory import MemoryPort
from modemlab.ports.port import NamedPort
from modemlab.scenario import player
from modemlab.scenario.file import read_scenario
from modemlab.virtual.module import VirtualModule
from support.helpers import until
from support.virtual_module import Host

Work = Callable[[VirtualModule, Host, str], Coroutine[Any, Any, None]]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scenarios.md"


def play(scenario: str, work: Work, ports: tuple[Any, ...] = (MemoryPort,), **options: Any) -> list[str]:
    """Run with an EC200S-CN on that scenario; the last argument opens client 0. What the scenario's notes say."""
    notes: list[Note] = []

    async def main() -> None:
        broker = Broker()
        host, port = await broker.start()
        found = find_model("EC200S-CN")
        plan = read_scenario(scenario, found[0].commands)
        vm = VirtualModule(*found, ports=ports, observers=[NoteListener(notes.append)], **options)
        player.play(vm, plan)
        async with vm:
            await work(vm, Host(vm), f'AT+QMTOPEN=0,"{host}",{port}')
        await broker.close()

    asyncio.run(main())
    return [str(note.reason) for note in notes if note.subject == "scenario"]


async def connect(host: Host, opening: str) -> None:
    """Take client 0 to where it is connected."""
    await host.ask("ATE0")
    await host.ask(opening, b"+QMTOPEN: 0,0\r\n")
    await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n")


async def publish(host: Host, number: int, words: bytes) -> None:
    """Publish with QoS 1 until these words come."""
    await host.ask(f'AT+QMTPUBEX=0,{number},1,0,"a",1', b"> ")
    host.port.host_send(b"x")
    await host.until(words)


def step(when: str, *actions: str) -> str:
    """A step."""
    return f"[[step]]\n{when}\naction = [{', '.join(f'{{do = {action}}}' for action in actions)}]\n"


def test_steps_come_by_the_clock() -> None:
    """The host is told what follows; the log what was done."""

    async def work(vm: VirtualModule, host: Host, _opening: str) -> None:
        assert vm.network.conditions == Conditions(rtt=0.25)  # a step at 0 is done before a host can speak
        await host.ask("ATE0")
        await host.ask("AT+CREG=1")
        await host.until(b"\r\n+CREG: 3\r\n")
        await host.until(b"\r\n+CREG: 5\r\n")

    told = play(
        step("at = 0.3", '"set_registration", stat = "roaming"')
        + step("at = 0.2", '"set_registration", stat = "denied", cause = 11')
        + step("at = 0", '"conditions", rtt = 0.25'),
        work,
    )
    assert told == [
        "step 3: conditions(rtt=0.25)",
        "step 2: set_registration(stat='denied', cause=11)",
        "step 1: set_registration(stat='roaming')",
    ]


def test_faults_after_a_packet() -> None:
    """After the second PUBLISH its own PUBACK and the next are lost; the third is published twice and answered."""

    async def work(vm: VirtualModule, host: Host, opening: str) -> None:
        await host.ask('AT+QMTCFG="timeout",0,10,3,1')
        await connect(host, opening)
        await publish(host, 1, b"+QMTPUBEX: 0,1,0\r\n")
        assert not vm.network.faults
        await publish(host, 2, b"+QMTPUBEX: 0,2,1,1\r\n")
        assert list(vm.network.faults) == [Fault("PUBACK", "drop", times=2)]
        await host.until(b"+QMTPUBEX: 0,2,1,2\r\n")
        await host.until(b"+QMTPUBEX: 0,2,0\r\n")

    faults = '"faults", faults = [{packet = "PUBACK", action = "drop", times = 2}]'
    told = play(step('after = {packet = "PUBLISH", direction = "out", nth = 2}', faults), work, speed=100.0)
    assert told == ["step 1: faults(faults=[{'packet': 'PUBACK', 'action': 'drop', 'times': 2}])"]


def test_a_fault_is_aimed_at_one_client() -> None:
    """Of two that publish, one alone is not answered."""

    async def work(_vm: VirtualModule, host: Host, opening: str) -> None:
        await host.ask('AT+QMTCFG="timeout",3,1,0,1')
        await connect(host, opening)
        await host.ask(opening.replace("=0", "=3"), b"+QMTOPEN: 3,0\r\n")
        await host.ask('AT+QMTCONN=3,"other"', b"+QMTCONN: 3,0,0\r\n")
        for client, words in ((0, b"+QMTPUBEX: 0,1,0\r\n"), (3, b"+QMTSTAT: 3,6\r\n"), (0, b"+QMTPUBEX: 0,1,0\r\n")):
            await host.ask(f'AT+QMTPUBEX={client},1,1,0,"a",1', b"> ")
            host.port.host_send(b"x")
            await host.until(words)

    faults = '"faults", faults = [{packet = "PUBACK", action = "drop", client = 3, times = 0}]'
    assert play(step("at = 0", faults), work, speed=20.0) == [
        "step 1: faults(faults=[{'packet': 'PUBACK', 'action': 'drop', 'times': 0, 'client': 3}])"
    ]


@pytest.mark.parametrize(
    ("moment", "ahead"),
    [
        ('packet = "CONNACK"', b"+QMTCONN: 0,0,0\r\n"),
        ('packet = "CONNECT", nth = 1', b""),
        ('command = "AT+QMTCONN"', b"OK\r\n"),
        ('urc = "+QMTCONN: 0,0"', b"+QMTCONN: 0,0,0\r\n"),
        ('client = 0, state = "connected"', b"+QMTCONN: 0,0,0\r\n"),
    ],
)
def test_each_kind_of_event(moment: str, ahead: bytes) -> None:
    """The connection is reset behind it."""

    async def work(_vm: VirtualModule, host: Host, opening: str) -> None:
        await host.ask("ATE0")
        await host.ask(opening, b"+QMTOPEN: 0,0\r\n")
        said = await host.ask('AT+QMTCONN=0,"pump"', b"+QMTSTAT: 0,1\r\n")
        assert ahead in said

    assert play(step(f"after = {{{moment}}}", '"disconnect", how = "reset"'), work) == [
        "step 1: disconnect(how='reset')"
    ]


def test_the_power_fails_and_comes_back() -> None:
    """The scenario goes on while the module is off, and is not begun anew; a boot's URC is one."""

    async def work(vm: VirtualModule, host: Host, opening: str) -> None:
        await connect(host, opening)
        await until(lambda: not vm.module.on)
        host.heard.clear()
        await host.until(b"RDY\r\n")
        await until(lambda: vm.network.conditions != LAB)
        assert (await host.ask("AT+QMTCONN?")).endswith(b"\r\nOK\r\n")

    told = play(
        step('after = {client = 0, state = "connected"}', '"power_off"')
        + step('after = {client = 0, state = "closed"}\nwait = 0.2', '"power_on"')
        + step('after = {urc = "RDY", nth = 2}', '"conditions", rtt = 0.01'),
        work,
    )
    assert told == ["step 1: power_off()", "step 2: power_on()", "step 3: conditions(rtt=0.01)"]


def test_lines_with_names() -> None:
    """A URC counts once, on whichever line it is; a command on any."""

    async def work(vm: VirtualModule, _host: Host, _opening: str) -> None:
        modem = vm.ports[1]
        assert isinstance(modem, MemoryPort)
        heard = bytearray()
        modem.attach(heard.extend)
        modem.host_send(b"AT+CSQ\r")
        await until(lambda: vm.network.faults != () and b"OK" in heard)
        vm.network.set_faults([])

    told = play(
        step('after = {command = "AT+CSQ"}', '"faults", faults = [{packet = "PUBACK", action = "drop"}]')
        + step('after = {urc = "RDY", nth = 2}', '"power_off"'),
        work,
        (NamedPort("usbat", MemoryPort), NamedPort("usbmodem", MemoryPort)),
    )
    assert told == ["step 1: faults(faults=[{'packet': 'PUBACK', 'action': 'drop'}])"]


def test_a_chain_of_steps() -> None:
    """Each brings the next about; none within another."""
    count = 300
    steps = [step("at = 0", '"power_key"')]
    steps += [step(f'after = {{urc = "RDY", nth = {number}}}', '"power_cycle"') for number in range(1, count)]

    async def work(vm: VirtualModule, _host: Host, _opening: str) -> None:
        vm.power_key()
        await asyncio.sleep(0)

    assert len(play("".join(steps), work)) == count


def test_the_same_seed_gives_the_same_bytes() -> None:
    """What the host hears of a session with chance in it."""
    scenario = (
        step("at = 0", '"conditions", rtt = 0.02, jitter = 0.02, loss = 0.3, rto = 0.05')
        + step('after = {packet = "PUBLISH", direction = "out", nth = 4}', '"disconnect", how = "reset"')
        + step('after = {urc = "+QMTSTAT"}\nwait = 0.1', '"set_registration", stat = "searching"')
    )

    def session() -> bytes:
        heard = bytearray()

        async def work(_vm: VirtualModule, host: Host, opening: str) -> None:
            await host.ask("ATE0")
            await host.ask("AT+CREG=1")
            heard.extend(await host.ask(opening, b"+QMTOPEN: 0,0\r\n"))
            heard.extend(await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n"))
            for number in (1, 2, 3):
                heard.extend(await host.ask(f'AT+QMTPUBEX=0,{number},1,0,"a",1', b"> "))
                host.port.host_send(b"x")
                heard.extend(await host.until(b"+QMTPUBEX: 0,%d,0\r\n" % number))
            await host.ask('AT+QMTPUBEX=0,4,1,0,"a",1', b"> ")
            host.port.host_send(b"x")
            heard.extend(await host.until(b"+CREG: 2\r\n"))

        told = play(scenario, work, rng=Random(7), speed=10.0)
        return bytes(heard) + "\n".join(told).encode()

    assert session() == session()


def test_nothing_watches_a_module_without_a_scenario() -> None:
    """Nor is there anything that could."""

    async def main() -> None:
        async with VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort]) as vm:
            assert vm.module.observers == ()

    asyncio.run(main())


def test_the_program_of_the_document_runs() -> None:
    """As printed."""
    program = DOCUMENT.read_text(encoding="utf-8").split("```python\n")[1].partition("```")[0]
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
