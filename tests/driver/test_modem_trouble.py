"""The driver in trouble: each code's course, links that do not hold, callers that fail, leave or come too late."""

import asyncio
import time
from typing import Any

import pytest

from modemlab import Modem, Will
from modemlab.at.errors import LinkLost, NotReady
from modemlab.driver import modem as modem_module
from modemlab.driver.protocol import identify
from modemlab.net.conditions import ConnectionDisruption
from modemlab.ports.host_connection import HostLine
from modemlab.ports.memory import MemoryPort
from modemlab.scenario.actions import read_action
from support.modem_desk import Desk, on_desk, payload, port_of


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module's line needs no time to settle."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)


def listening(desk: Desk, sent: bytearray, **options: Any) -> Modem:
    """A modem that keeps what is sent."""

    def passed(heard: bool, data: bytes) -> None:
        if not heard:
            sent.extend(data)

    return Modem.open(port_of(desk), on_event=desk.events.append, on_bytes=passed, **options)


LTE_PDP, NB_PDP = [b"AT+QIDEACT=1", b"AT+QIACT=1"], [b"AT+CGATT=0", b"AT+CGATT=1"]
LINE = [b"ATE0", b"ATV1", b"AT+CMEE=1"]
COURSES = [
    *[("EC200T-CN", b"+QMTSTAT: 0,%d" % code, []) for code in (1, 8)],
    *[("EC200T-CN", b"+QMTSTAT: 0,%d" % code, LTE_PDP) for code in (2, 7)],
    *[("EC200T-CN", b"+QMTSTAT: 0,%d" % code, LINE) for code in (3, 4, 6)],
    ("BC35-G", b"+QMTSTAT: 0,1", []),
    *[("BC35-G", b"+QMTSTAT: 0,%d" % code, NB_PDP) for code in (2, 7)],
    *[("BC35-G", b"+QMTSTAT: 0,%d" % code, LINE) for code in (3, 4, 6)],
    ("Air724UG", b"CLOSED", []),
    ("Air724UG", b"+PDP DEACT", [b"AT+CIPSHUT"]),
]


@pytest.mark.parametrize(("model", "urc", "course"), COURSES, ids=[f"{m} {u.decode()}" for m, u, _ in COURSES])
def test_each_code_has_its_course(model: str, urc: bytes, course: list[bytes]) -> None:
    """What the manual says to the code is what is sent, ahead of opening again; then subscriptions hold again."""

    async def work(desk: Desk) -> None:
        sent = bytearray()
        async with listening(desk, sent) as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            sent.clear()
            desk.events.clear()
            port_of(desk).write(b"\r\n" + urc + b"\r\n")
            await desk.told("connected")
            lines = bytes(sent).split(b"\r")[:-1]
            assert lines[: len(course)] == course
            known = {*LTE_PDP, *NB_PDP, *LINE, b"AT+CIPSHUT"}
            assert not known & set(lines[len(course) :])
            assert [event.kind for event in desk.events] == ["link_lost", "connected"]
            await client.publish("a", "b", qos=1)
            assert await payload(client) == b"b"

    on_desk(work, model)


@pytest.mark.parametrize("model", ["EC200T-CN", "BC35-G"])
def test_what_the_host_asked_for_has_no_course(model: str) -> None:
    """+QMTSTAT: 5 is nothing that was lost."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            port_of(desk).write(b"\r\n+QMTSTAT: 0,5\r\n")
            await client.publish("a", "b", qos=1)
        assert [event.kind for event in desk.events] == ["connected"]

    on_desk(work, model)


class Between:
    """A line on which the first commands with that begin are answered by hand."""

    def __init__(self, line: HostLine | None, begin: bytes, answers: list[bytes], port: MemoryPort) -> None:
        assert line is not None
        self._line, self._begin, self._answers, self._port = line, begin, answers, port
        self.close = line.close

    def write(self, data: bytes) -> None:
        if data.startswith(self._begin) and self._answers:
            asyncio.get_running_loop().call_soon(self._port.write, self._answers.pop())
        else:
            self._line.write(data)


def test_a_failed_attempt_says_what_the_next_one_does() -> None:
    """The link was reset; as it is opened again the PDP context turns out to be gone, so that is renewed."""

    async def work(desk: Desk) -> None:
        sent = bytearray()
        async with listening(desk, sent) as modem, desk.mqtt(modem):
            sent.clear()
            refuse = [b"\r\nOK\r\n\r\n+QMTOPEN: 0,3\r\n"]
            modem.link._line = Between(modem.link._line, b"AT+QMTOPEN=", refuse, port_of(desk))
            desk.events.clear()
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("connected")
            assert [event.kind for event in desk.events] == ["link_lost", "retry", "connected"]
            assert b"AT+QIDEACT=1\rAT+QIACT=1\r" in sent

    on_desk(work)


def test_a_link_that_ends_as_it_begins() -> None:
    """+QMTSTAT right behind +QMTCONN: who only listens is connected again all the same."""

    async def work(desk: Desk) -> None:
        ends = [b"\r\n+QMTSTAT: 0,1\r\n"]

        def heard(name: str, values: tuple[Any, ...]) -> None:
            if name == "+QMTCONN" and ends and armed:
                port_of(desk).write(ends.pop())

        armed = False
        modem = Modem.open(port_of(desk), on_event=desk.events.append, on_urc=heard)
        async with modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            armed = True
            desk.events.clear()
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("connected")
            assert [event.kind for event in desk.events] == ["link_lost", "retry", "connected"]

    on_desk(work)


def test_a_server_that_takes_and_drops() -> None:
    """Each time it waits longer, as long as no link stands for that long."""

    async def work(desk: Desk) -> None:
        waits: list[int] = []

        def pause(attempt: int, _rng: float) -> float:
            waits.append(attempt)
            return 0.05

        ahead = [0.0]
        modem = Modem.open(port_of(desk), on_event=desk.events.append, now=lambda: time.monotonic() + ahead[0])
        async with modem, desk.mqtt(modem, retry_delay=pause):
            for _ in range(3):
                desk.events.clear()
                port_of(desk).write(b"\r\n+QMTSTAT: 0,1\r\n")
                await desk.told("connected")
            ahead[0] += 1.0
            desk.events.clear()
            port_of(desk).write(b"\r\n+QMTSTAT: 0,1\r\n")
            await desk.told("connected")
        assert waits == [0, 1, 2, 0]

    on_desk(work)


def test_many_subscriptions_come_back() -> None:
    """More than one command line takes."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            topics = [f"{number:0100d}" for number in range(20)]
            for topic in topics:
                await client.subscribe(topic, qos=1)
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("link_lost")
            await client.publish(topics[-1], "x", qos=1)
            assert await payload(client) == b"x"

    on_desk(work)


def test_the_will_is_that_of_each_link() -> None:
    """Of the second link too."""

    async def work(desk: Desk) -> None:
        sent = bytearray()
        async with listening(desk, sent) as modem, desk.mqtt(modem, will=Will("pump/7", b"gone", 1)):
            for _ in range(2):
                sent.clear()
                desk.events.clear()
                desk.vm.network.disconnect(ConnectionDisruption("reset"))
                await desk.told("connected")
                assert b'AT+QMTCFG="will",0,1,1,0,"pump/7","gone"\r' in sent

    on_desk(work)


@pytest.mark.parametrize("model", ["EC200T-CN", "BC35-G", "Air724UG"])
def test_qos_0_on_a_link_that_is_gone_without_a_word(model: str) -> None:
    """`LinkLost`, and the link is made again."""
    ends = b"AT+MIPCLOSE\r" if model == "Air724UG" else b"AT+QMTCLOSE=0\r"

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            port_of(desk).host_send(ends)
            desk.events.clear()
            with pytest.raises(LinkLost):
                await client.publish("a", "b")
            await desk.told("connected")
            await client.publish("a", "b")

    on_desk(work, model)


@pytest.mark.parametrize("left", [b"ATV0\r", b"ATQ1\r", b"ATE1V0Q1\r"])
def test_result_codes_that_a_host_has_left_otherwise(left: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off, or as numbers: they are words again."""
    monkeypatch.setattr(identify, "FIRST_OK_TIMEOUT_S", 0.03)
    monkeypatch.setattr(identify, "SETTLE_S", 0.01)

    async def work(desk: Desk) -> None:
        port = port_of(desk)
        port.attach(lambda _: None)
        port.host_send(left)
        port.detach()
        async with desk.modem() as modem:
            assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]

    on_desk(work)


def test_ready_while_the_module_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for; and where there is no power, what is missing is an answer."""
    monkeypatch.setattr(modem_module, "POLL_INTERVAL_S", 0.01)

    async def work(desk: Desk) -> None:
        desk.vm.perform(read_action("insert_sim", {"card": "absent"}))
        async with desk.modem() as modem:
            waiting = asyncio.create_task(modem.ready())
            await desk.told("not_ready")
            desk.vm.power_key()
            desk.vm.power_key()
            await desk.told("module_restarted")
            desk.vm.perform(read_action("insert_sim", {"card": "ready"}))
            assert (await waiting).missing is None

    on_desk(work)


STATES: list[tuple[str, dict[str, Any], str]] = [
    ("insert_sim", {"card": "pin"}, "the SIM: SIM PIN"),
    ("insert_sim", {"card": "puk"}, "the SIM: SIM PUK"),
    ("insert_sim", {"card": "absent"}, "the SIM: "),
    ("insert_sim", {"card": "busy"}, "the SIM: "),
    ("insert_sim", {"card": "failure"}, "the SIM: "),
    ("insert_sim", {"card": "ready"}, ""),
    ("set_registration", {"stat": "searching"}, "the network: searching, signal "),
    ("set_registration", {"stat": "denied", "cause": 11}, "the network: registration denied, signal "),
    ("set_registration", {"stat": "emergency"}, "the network: registration denied, signal "),
    ("set_registration", {"stat": "not registered"}, "the network: not registered, not searching, signal "),
    ("set_registration", {"stat": "unknown"}, "the network: not registered, signal "),
    ("set_registration", {"stat": "roaming"}, ""),
    ("set_signal", {"signal": [99, 99]}, "the network: searching, signal 99"),
    ("set_signal", {"signal": [20, 99]}, ""),
    ("detach", {}, "the "),
]


@pytest.mark.parametrize("model", ["EC200T-CN", "BC35-G", "Air724UG"])
def test_ready_with_every_state_of_the_mobile(model: str) -> None:
    """What is missing is said, and nothing where nothing is."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            for action, arguments, missing in STATES:
                desk.vm.perform(read_action(action, arguments))
                if missing:
                    with pytest.raises(NotReady, match=f"^{missing}.*, after 0 s$"):
                        await modem.ready(timeout=0)
                else:
                    assert (await modem.ready(timeout=0)).missing is None

    on_desk(work, model)


def test_ready_with_contexts_that_the_network_refuses() -> None:
    """On a module whose host activates them: missing as long as they are refused, and active from then on."""

    async def work(desk: Desk) -> None:
        desk.vm.perform(read_action("refuse_contexts", {"cause": 33}))
        async with desk.modem() as modem:
            with pytest.raises(NotReady, match="the PDP context: the network does not give one, after 0 s"):
                await modem.ready(timeout=0)
            desk.vm.perform(read_action("accept_contexts", {}))
            assert (await modem.ready(timeout=0)).missing is None
            assert await modem.command("AT+QIACT?") == ['+QIACT: 1,1,1,"10.64.1.2"']

    on_desk(work)
