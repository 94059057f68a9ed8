"""The driver on a lab in memory: asyncio on the test's own time."""

import asyncio
import re
import time

import pytest

from modemlab import Modem
from modemlab.clocks.simulated import SimulatedClock
from modemlab.clocks.simulated_loop import run
from modemlab.driver.modem import Event
from support.modem_desk import FaultlessLab

MODELS = ("EC200S-CN", "BC35-G", "Air724UG")


@pytest.mark.parametrize("model", MODELS)
def test_each_model_is_driven(model: str) -> None:
    """There and back, and the fixture's own calls see it."""
    with FaultlessLab(model) as lab:

        async def main() -> bytes:
            async with lab.modem() as modem:
                await modem.ready()
                async with modem.mqtt("broker.example", client_id="pump-7") as client:
                    await client.subscribe("pump/7/set", qos=1)
                    await client.publish("pump/7/state", {"rpm": 1200}, qos=1)
                    lab.publish("pump/7/set", "off", qos=1)
                    return (await anext(client.messages)).payload

        assert lab.run(main()) == b"off"
        lab.expect(topic="pump/7/state", payload_like=".*1200.*", within=0)
        lab.expect(mistakes=0)
        assert lab.command("AT")[-1] == "OK"


def test_fifteen_seconds_of_retransmission_take_no_time() -> None:
    """Three PUBACKs are lost: the driver waits, on the module's clock and on its own."""
    with FaultlessLab() as lab:

        async def main() -> float:
            loop = asyncio.get_running_loop()
            async with lab.modem() as modem, modem.mqtt("broker.example") as client:
                lab.perform("faults", faults=[{"packet": "PUBACK", "action": "drop", "times": 3}])
                begun = loop.time()
                assert begun == modem.link.now() == lab.now
                await client.publish("pump/7/state", b"on", qos=1)
                return loop.time() - begun

        real = time.monotonic()
        assert lab.run(main()) == pytest.approx(15, abs=0.01)
        assert time.monotonic() - real < 5
        lab.expect(topic="pump/7/state", nth=4, within=0)


def test_a_lost_link_is_found_again_and_every_run_is_the_same() -> None:
    """Back-off with its jitter, on the test's own time; twice the same to the byte."""

    def once() -> tuple[list[Event], str]:
        events: list[Event] = []
        scenario = (
            '[[step]]\nafter = { packet = "PUBLISH", direction = "out" }\n'
            'action = { do = "disconnect", how = "reset" }\n'
        )
        with FaultlessLab(scenario=scenario) as lab:

            async def main() -> None:
                driven = lab.modem(on_event=events.append)
                async with driven as modem, modem.mqtt("broker.example", client_id="pump-7") as client:
                    await client.publish("a", b"1", qos=1)

            lab.run(main())
            assert [message.payload for message in lab.messages][-1] == b"1"
            return events, lab.traffic

    first, second = once(), once()
    assert first == second
    assert "link_lost" in [event.kind for event in first[0]]


def test_what_is_never_over_is_told() -> None:
    """In the test's seconds, however long they are; an error of the coroutine's own is that."""
    with FaultlessLab() as lab:
        with pytest.raises(AssertionError, match=r"^it is not over after 100000 s$"):
            lab.run(asyncio.Event().wait(), within=100_000)
        assert lab.now == pytest.approx(100_000)

        async def fail() -> None:
            await asyncio.sleep(1)
            raise TimeoutError("mine")

        with pytest.raises(TimeoutError, match=r"^mine$"):
            lab.run(fail())


def test_time_and_ports_are_held_apart() -> None:
    """Nobody can wait within the loop that has to let time pass; a port has the wall's time."""
    with FaultlessLab() as lab:

        async def main() -> None:
            lab.expect(urc="RDY")
            for wait in (lambda: lab.advance(1), lambda: lab.expect(urc="+CREG")):
                with pytest.raises(RuntimeError, match=re.escape("within run, `await asyncio.sleep(...)` lets time")):
                    wait()
            await asyncio.sleep(7)

        lab.run(main())
        assert lab.now == pytest.approx(7)
    with FaultlessLab(port="tcp") as lab:
        with pytest.raises(RuntimeError, match=r"^run is for a module in memory; on a port asyncio\.run does"):
            lab.run(asyncio.sleep(0))
        with pytest.raises(RuntimeError, match=r"^this module is on a port: Modem.open\(modem_lab.port\) opens it$"):
            lab.modem()

        async def real() -> list[str]:
            async with Modem.open(lab.port) as modem:
                return await modem.command("AT+CGMR")

        assert asyncio.run(real())


def test_timers_of_both_kinds_come_in_order() -> None:
    """The loop's and the timeline's, those that are set meanwhile too."""
    timeline, told = SimulatedClock(), list[tuple[str, float]]()

    def tell(name: str) -> None:
        told.append((name, round(timeline.now(), 6)))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        timeline.call_later(2, lambda: tell("timeline 2"))
        timeline.call_later(4, woken.set)
        loop.call_later(1, tell, "loop 1")
        loop.call_later(3, lambda: timeline.call_later(0.5, lambda: tell("timeline 3.5")))

        def meanwhile() -> None:
            loop.call_later(0.1, tell, "loop 1.6")

        timeline.call_later(1.5, meanwhile)
        await woken.wait()
        tell("woken")
        timeline.call_later(0, lambda: tell("at once"))
        for _ in range(3):
            await asyncio.sleep(0)

    run(main(), timeline, 1e6)
    assert told == [
        ("loop 1", 1),
        ("loop 1.6", 1.6),
        ("timeline 2", 2),
        ("timeline 3.5", 3.5),
        ("woken", 4),
        ("at once", 4),
    ]
