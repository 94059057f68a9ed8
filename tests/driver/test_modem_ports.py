"""Ports that vanish and come back, as those of USB modules do, and first connections on a bad network."""

import asyncio
import math
import os
from pathlib import Path
from typing import Any

import pytest

from modemlab import Modem, Will
from modemlab.at.errors import ConnectionRefused, LineError, LinkLost, Restart
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.driver import modem as modem_module
from modemlab.driver.modem import Event
from modemlab.driver.protocol import identify
from modemlab.ports import host_connection as dial
from modemlab.ports import listing
from modemlab.virtual.module import VirtualModule
from support.modem_desk import WAIT, Desk, FaultlessLab, on_desk, payload


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module's line needs no time to settle, and its port is looked for at once."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)
    monkeypatch.setattr(modem_module, "MAX_REOPEN_INTERVAL_S", 0.02)


async def until(events: list[Event], kind: str) -> Event:
    """The first event of that kind, once it is told."""
    while not (found := [event for event in events if event.kind == kind]):
        await asyncio.sleep(0.002)
    return found[0]


class World:
    """A broker, and modules that come and go on the same port."""

    def __init__(self, port: str, model: str = "EC200T-CN") -> None:
        self.port, self.model = port, model
        self.broker = Broker()
        self.server = ("", 0)
        self.vm: VirtualModule | None = None
        self.events: list[Event] = []

    async def plug(self) -> VirtualModule:
        """Put a module on the port."""
        self.vm = VirtualModule(*find_model(self.model), ports=[self.port], mistakes=True)
        await self.vm.open()
        return self.vm

    async def unplug(self) -> None:
        """Take it away."""
        assert self.vm is not None
        vm, self.vm = self.vm, None
        await vm.close()
        assert vm.module.mistakes is not None
        assert vm.module.mistakes.kept == []


def in_world(world: World, work: Any) -> None:
    """Run that, with a module plugged in at first."""

    async def main() -> None:
        world.server = await world.broker.start()
        try:
            await world.plug()
            await work()
        finally:
            if world.vm is not None:
                await world.unplug()
            await world.broker.close()

    asyncio.run(asyncio.wait_for(main(), WAIT))


@pytest.mark.skipif(os.name != "posix", reason="there are no ptys")
@pytest.mark.parametrize("model", ["EC200T-CN", "BC35-G", "Air724UG"])
def test_a_device_that_comes_back(model: str, tmp_path: Path) -> None:
    """By its path, another pty behind it: subscriptions, the will, and a message that waited for it."""
    path = tmp_path / "ttyLTE"
    world = World(f"pty:{path}", model)

    async def work() -> None:
        will = Will("pump/7", b"gone", 1)
        async with (
            Modem.open(str(path), on_event=world.events.append) as modem,
            modem.mqtt(*world.server, client_id="pump-7", will=will, retry_delay=lambda *_: 0.0) as client,
        ):
            await client.subscribe("a", qos=1)
            for _ in range(2):
                world.events.clear()
                await world.unplug()
                gone = await until(world.events, "port_lost")
                assert gone.text == f"{path}: the device is gone; it is opened again, for 30 s"
                with pytest.raises(LinkLost):
                    await client.publish("a", "unheard")
                waiting = asyncio.create_task(client.publish("a", "again", qos=1))
                asked = asyncio.create_task(modem.command("AT+CGATT?"))
                await asyncio.sleep(0.05)
                await world.plug()
                await until(world.events, "connected")
                await waiting
                assert await payload(client) == b"again"
                assert (await asked).values == [(1,)]
                kinds = [event.kind for event in world.events if event.kind not in ("retry", "unexpected_bytes")]
                assert kinds == ["port_lost", "link_lost", "port_reopened", "connected"]

    in_world(world, work)


def test_a_tcp_port_that_comes_back() -> None:
    """What was under way is told to be asked again; what comes while it is gone waits."""
    world = World("tcp://127.0.0.1:0")

    async def work() -> None:
        assert world.vm is not None
        world.port = world.vm.urls[0]
        async with Modem.open(world.port, on_event=world.events.append, reopen_timeout=math.inf) as modem:
            asked = asyncio.create_task(modem.command('AT+QFUPL="a",5,60'))
            await asyncio.sleep(0.02)
            asked.cancel()
            held = asyncio.create_task(modem.command("AT+CSQ"))
            await asyncio.sleep(0.02)
            await world.unplug()
            with pytest.raises(Restart, match=r"the other end closed the port; the port is being reopened: try again"):
                await held
            gone = await until(world.events, "port_lost")
            assert gone.text.endswith(": the other end closed the port; it is opened again, however long that takes")
            await world.plug()
            assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]
            assert (await modem.ready()).missing is None

    in_world(world, work)


def test_a_port_that_stays_away() -> None:
    """The time is over, and the first reason is told; with 0 it is at once."""
    for seconds in (0.0, 0.2):
        world = World("tcp://127.0.0.1:0")

        async def work(world: World = world, seconds: float = seconds) -> None:
            assert world.vm is not None
            url = world.vm.urls[0]
            async with Modem.open(url, on_event=world.events.append, reopen_timeout=seconds) as modem:
                async with modem.mqtt(*world.server, retry_delay=lambda *_: 0.0) as client:
                    waiting = asyncio.create_task(client.receive())
                    await asyncio.sleep(0)
                    await world.unplug()
                    for late in (waiting, client.publish("a", "b", qos=1), modem.command("AT")):
                        with pytest.raises(LineError, match=f"^{url}: the other end closed the port$"):
                            await late
                assert [event.kind for event in world.events if event.kind == "port_lost"] == ["port_lost"] * bool(
                    seconds
                )

        in_world(world, work)


@pytest.mark.skipif(os.name != "posix", reason="there are no ptys")
def test_a_modem_that_is_closed_while_its_port_is_gone(tmp_path: Path) -> None:
    """It is looked for no longer."""
    path = tmp_path / "ttyLTE"
    world = World(f"pty:{path}")

    async def work() -> None:
        async with Modem.open(str(path), on_event=world.events.append) as modem:
            await world.unplug()
            await until(world.events, "port_lost")
        await world.plug()
        await asyncio.sleep(0.1)
        async with Modem.open(str(path)) as modem:
            assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]
        assert "port_reopened" not in [event.kind for event in world.events]

    in_world(world, work)


@pytest.mark.skipif(os.name != "posix", reason="there are no ptys")
def test_another_path_for_the_same_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that was /dev/ttyUSB2 may be /dev/ttyUSB5 afterwards: the link of maker and number leads there."""
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    monkeypatch.setattr(listing, "BY_ID", by_id)
    old, new, link = tmp_path / "ttyUSB2", tmp_path / "ttyUSB5", by_id / "usb-Quectel_EC200T-if02-port0"
    (by_id / "usb-Other-if00").symlink_to(tmp_path / "nothing")
    link.symlink_to(old)
    world = World(f"pty:{old}")

    async def work() -> None:
        assert dial.lasting(str(old)) == (str(link), str(old))
        assert dial.lasting(f"serial:{old}?baud=9600") == (f"serial:{link}?baud=9600", f"serial:{old}?baud=9600")
        assert dial.lasting(str(link)) == (str(link),)
        assert dial.lasting("tcp://127.0.0.1:7000") == ("tcp://127.0.0.1:7000",)
        async with Modem.open(str(old), on_event=world.events.append) as modem:
            await world.unplug()
            await until(world.events, "port_lost")
            link.unlink()
            link.symlink_to(new)
            world.port = f"pty:{new}"
            await world.plug()
            await until(world.events, "port_reopened")
            assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]

    in_world(world, work)


# First connections


def entered(world: Any, patience: float | None, seconds: float) -> tuple[list[str], Exception | None, float]:
    """Enter a client after something was done to the lab, which ends after so many seconds; events, error and time."""
    events: list[Event] = []
    with FaultlessLab() as lab:

        async def main() -> tuple[Exception | None, float]:
            async with lab.modem(on_event=events.append) as modem:
                world(lab)
                asyncio.get_running_loop().call_later(seconds, lambda: lab.perform("set_registration", stat="home"))
                begun = modem.link.now()
                options: dict[str, Any] = {} if patience is None else {"connect_timeout": patience}
                try:
                    async with modem.mqtt("broker.example", client_id="pump-7", **options) as client:
                        await client.publish("a", "b", qos=1)
                except (LinkLost, Restart) as error:
                    return error, modem.link.now() - begun
                return None, modem.link.now() - begun

        error, took = lab.run(main())
    return [event.kind for event in events], error, took


def denied(lab: FaultlessLab) -> None:
    lab.perform("set_registration", stat="denied")


def test_a_network_that_comes_late() -> None:
    """No coverage for ten seconds: it is tried again, and stands; with a patience of 0 it is told at once."""
    kinds, error, took = entered(denied, None, 10.0)
    assert error is None
    assert set(kinds) == {"retry", "connected"}
    assert 10 <= took < 30
    kinds, error, took = entered(denied, 0.0, 10.0)
    assert isinstance(error, LinkLost)
    assert kinds == []
    assert took < 1


def test_a_network_that_does_not_come() -> None:
    """After the patience the last reason is told."""
    for patience, default in ((30.0, None), (5.0, 5.0)):
        kinds, error, took = entered(denied, default, 1000.0)
        assert isinstance(error, LinkLost)
        assert set(kinds) == {"retry"}
        assert took <= patience


def test_connacks_that_are_lost() -> None:
    """Each takes its time-out, and the third comes."""
    kinds, error, _ = entered(
        lambda lab: lab.perform("faults", faults=[{"packet": "CONNACK", "action": "drop", "times": 2}]), None, 1000.0
    )
    assert error is None
    assert kinds == ["retry", "retry", "connected"]


def test_a_refusal_is_told_at_once() -> None:
    """No retry mends it."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            with pytest.raises(ConnectionRefused):
                await desk.mqtt(modem, username="pump", password="wrong").__aenter__()
            assert desk.kinds() == []

    on_desk(work, users={"pump": "secret"})


def test_a_client_that_is_not_to_reconnect_is_tried_once() -> None:
    """Whatever the patience."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            with pytest.raises(LinkLost):
                await modem.mqtt("127.0.0.1", 1, reconnect=False, connect_timeout=100.0).__aenter__()
            assert desk.kinds() == []

    on_desk(work)
