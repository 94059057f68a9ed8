"""The driver comes back, or says why not: refusals by code, restarts anywhere, silence, hosts that have crashed."""

import asyncio
from typing import Any

import pytest

from modemlab import Modem
from modemlab.at.errors import ConnectionRefused, LinkLost, Restart, TimeoutExpired
from modemlab.driver import mqtt_connection
from modemlab.driver.protocol import digester, exchange, identify
from modemlab.net.conditions import ConnectionDisruption
from modemlab.ports.memory import MemoryPort
from support.modem_desk import MODELS, Desk, on_desk, payload, port_of
from support.virtual_module import Host


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module's line needs no time to settle."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)
    monkeypatch.setattr(exchange, "RESTART_SILENCE_S", 0.005)
    monkeypatch.setattr(mqtt_connection, "MIN_CHECK_INTERVAL_S", 0.01)


class Instead:
    """A line on which commands with that begin are answered by hand, as often as there are answers."""

    def __init__(self, line: Any, begin: bytes, answers: list[bytes], port: MemoryPort) -> None:
        self._line, self._begin, self._answers, self._port, self.close = line, begin, answers, port, line.close

    def write(self, data: bytes) -> None:
        if data.startswith(self._begin) and self._answers:
            asyncio.get_running_loop().call_soon(self._port.write, self._answers.pop(0))
        else:
            self._line.write(data)


def instead(desk: Desk, modem: Modem, begin: bytes, *answers: bytes) -> None:
    """Answer these by hand."""
    modem.link._line = Instead(modem.link._line, begin, list(answers), port_of(desk))


@pytest.mark.parametrize("model", ["EC200T-CN", "BC35-G"])
@pytest.mark.parametrize("code", [1, 2, 4, 5])
def test_refusals_that_no_retry_mends(model: str, code: int) -> None:
    """On a later link: it gives up at once, with the code and its meaning."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            instead(desk, modem, b"AT+QMTCONN=", b"\r\nOK\r\n\r\n+QMTCONN: 0,0,%d\r\n" % code)
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            with pytest.raises(ConnectionRefused) as caught:
                await client.receive()
            assert (caught.value.code, caught.value.final) == (code, True)
            assert desk.kinds() == ["connected", "link_lost", "failed"]
            assert desk.events[-1].text.partition(" refused the login: ")[1]

    on_desk(work, model)


@pytest.mark.parametrize("model", ["EC200T-CN", "BC35-G"])
@pytest.mark.parametrize("said", [b"+QMTCONN: 0,0,3", b"+QMTCONN: 0,2"])
def test_refusals_that_a_retry_may_mend(model: str, said: bytes) -> None:
    """A server that is unavailable, or says nothing: it is tried again, until it is there."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            instead(desk, modem, b"AT+QMTCONN=", *[b"\r\nOK\r\n\r\n" + said + b"\r\n"] * 3)
            desk.events.clear()
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("connected")
            assert desk.kinds() == ["link_lost", *["retry"] * 3, "connected"]
            await client.publish("a", "b", qos=1)

    on_desk(work, model)


def test_a_server_that_hangs_up_at_a_subscription() -> None:
    """As some refuse one: the event names the topic, and it is tried again."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a/#", qos=1)
            instead(desk, modem, b"AT+QMTSUB=", b"\r\nOK\r\n\r\n+QMTSTAT: 0,1\r\n")
            desk.events.clear()
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("connected")
            assert desk.kinds() == ["link_lost", "retry", "connected"]
            assert desk.events[1].text.startswith(
                "attempt 1: a/# could not be subscribed to: +QMTSTAT: 1, the server cl"
            )

    on_desk(work)


def restart(desk: Desk) -> None:
    """Its power fails, and is there again."""
    desk.vm.power_key()
    desk.vm.power_key()


@pytest.mark.parametrize("model", MODELS)
def test_a_restart_in_the_middle_of_anything(model: str) -> None:
    """After each piece that a module says in a session, opening included: brought back, or told to try again."""

    async def session(desk: Desk, after: int) -> bool:
        """One session, with a restart after so many pieces; whether there were as many."""
        count = 0

        def passed(heard: bool, _data: bytes) -> None:
            nonlocal count
            count += heard
            if heard and count == after:
                asyncio.get_running_loop().call_soon(restart, desk)

        modem = Modem.open(port_of(desk), on_event=desk.events.append, on_bytes=passed)
        async with modem:
            for _ in range(3):
                client = desk.mqtt(modem)
                try:
                    await client.__aenter__()
                    break
                except (Restart, LinkLost):
                    await modem.link.wait_until_set_up()
            await client.subscribe("a", qos=1)
            await client.publish("a", "on", qos=1)
            assert await payload(client) == b"on"
            assert await modem.command("AT") == []
            await client.close()
        return count >= after

    async def work(desk: Desk) -> None:
        after = 1
        while await session(desk, after):
            after += 1

    on_desk(work, model)


@pytest.mark.parametrize(("model", "begun"), [("EC200T-CN", b'+QMTRECV: 0,0,"a",500,"half'), ("Air724UG", b"+CSQ: 2")])
def test_a_restart_in_the_middle_of_a_line(model: str, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message was cut short by it, so that its word stands where the message should go on: who only listens is
    connected again.
    """
    monkeypatch.setattr(digester, "STALE_LINE_S", 0.05)

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            desk.events.clear()
            port_of(desk).write(b"\r\n" + begun)
            restart(desk)
            await desk.told("connected")
            desk.broker.publish("a", b"on")
            assert await payload(client) == b"on"

    on_desk(work, model)


def test_the_end_of_a_link_that_noise_has_hit() -> None:
    """+QMTSTAT with a byte changed: the module is asked, and the link opened again; one that stands, stays."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            port = port_of(desk)
            port.write(b"\r\n\xfe noise \x01\r\n")
            await desk.told("unexpected_bytes")
            await asyncio.sleep(0.05)
            assert desk.kinds() == ["connected", "unexpected_bytes"]
            desk.events.clear()
            write = port.write
            # What the module says of the end arrives damaged.
            port.write = lambda data: write(data.replace(b"+QMTSTAT", b"+QMTST\xff"))  # type: ignore[method-assign]
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("connected")
            assert desk.kinds() == ["unexpected_bytes", "link_lost", "connected"]
            assert desk.events[1].text.startswith("the module does not have the session any more: ")
            desk.broker.publish("a", b"on")
            assert await payload(client) == b"on"

    class Loose(MemoryPort):
        """One whose methods a test may replace."""

    on_desk(work, ports=[Loose])


def test_a_module_that_says_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who only listens would else never know that its power is gone: the events say so, and it is waited for."""
    monkeypatch.setattr(mqtt_connection, "MAX_CHECK_INTERVAL_S", 0.05)
    monkeypatch.setattr(exchange, "RESPONSE_MARGIN_S", 0.0)
    monkeypatch.setattr(exchange, "PROBE", 0.05)

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            await asyncio.sleep(0.15)
            assert desk.kinds() == ["connected"]
            desk.events.clear()
            desk.vm.power_key()
            lost = await desk.told("link_lost")
            assert "no bytes were received: is the module on, and is this its port?" in lost.text
            retry = await desk.told("retry")
            assert "no bytes were received: is the module on, and is this its port?" in retry.text
            with pytest.raises(TimeoutExpired, match="is the module on"):
                await modem.command("AT+CSQ")
            desk.vm.power_key()
            await desk.told("connected")
            desk.broker.publish("a", b"on")
            assert await payload(client) == b"on"

    on_desk(work)


LEFT = {
    "EC200T-CN": (
        ["ATE1", "AT+QIACT=1"],
        'AT+QMTOPEN=0,"{}",{}',
        b"+QMTOPEN: 0,0\r\n",
        "AT+QMTCONN=0,pump",
        b"+QMTCONN: 0,0,0\r\n",
        ['AT+QMTPUBEX=0,1,1,0,"a",1000'],
    ),
    "BC35-G": (
        ["ATE1"],
        'AT+QMTOPEN=0,"{}",{}',
        b"+QMTOPEN: 0,0\r\n",
        "AT+QMTCONN=0,pump",
        b"+QMTCONN: 0,0,0\r\n",
        ['AT+QMTPUB=0,1,1,0,"a",1000', 'AT+QMTPUB=0,1,1,0,"a"'],
    ),
    "Air724UG": (
        ["ATE1", "AT+MCONFIG=pump"],
        'AT+MIPSTART="{}",{}',
        b"CONNECT OK\r\n",
        "AT+MCONNECT=1,60",
        b"CONNACK OK\r\n",
        ['AT+MPUBEX="a",1,0,4000', 'AT+MPUBEX="a",1,0'],
    ),
}
CRASHES = [(model, number) for model, left in LEFT.items() for number in range(-1, len(left[5]))]


@pytest.mark.parametrize(("model", "number"), CRASHES)
def test_what_a_host_that_crashed_has_left(model: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Echo on, connected, and a message half typed, with a length and without: the next host comes in all the same."""
    monkeypatch.setattr(identify, "FIRST_OK_TIMEOUT_S", 0.05)
    setup, opens, opened, connects, connected, typing = LEFT[model]

    async def work(desk: Desk) -> None:
        crashed = Host(desk.vm)
        for line in setup:
            await crashed.ask(line)
        await crashed.ask(opens.format(*desk.server), opened)
        await crashed.ask(connects, connected)
        if number >= 0:
            await crashed.ask(typing[number], b">")
            crashed.port.host_send(b"half of it")
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("b", qos=1)
            await client.publish("b", "whole", qos=1)
            assert await payload(client) == b"whole"

    on_desk(work, model)
