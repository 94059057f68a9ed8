"""Clients and modems that are closed: from several tasks, while something else happens, and by who is cancelled."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from modemlab import Modem
from modemlab.at.errors import LineError, LinkLost, TimeoutExpired, UsageError
from modemlab.driver.modem import Event
from modemlab.lab.lab import Lab

Work = Callable[[Lab, Callable[[], Modem], list[Event]], Coroutine[Any, Any, None]]


def on_lab(work: Work, crossing: str = "") -> None:
    """Run it on a lab in memory; it is given what makes a modem there, and the modem's events.

    The host makes no mistake, but with `crossing`: a command that it types as the news passes it on the line.
    """
    events: list[Event] = []
    with Lab() as lab:
        lab.run(work(lab, lambda: lab.modem(on_event=events.append), events))
        assert [each for each in lab.mistakes if not crossing or not each.startswith(crossing)] == []


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


@pytest.mark.parametrize("steps", range(4))
def test_a_link_that_is_lost_while_the_client_is_closed(steps: int) -> None:
    """It is not made again: nobody would ever close it."""

    async def work(lab: Lab, make: Callable[[], Modem], events: list[Event]) -> None:
        async with make() as modem:
            client = await modem.mqtt("broker.example", client_id="pump-7").__aenter__()
            closing = asyncio.create_task(client.close())
            for _ in range(steps):
                await asyncio.sleep(0)
            if not closing.done():
                lab.perform("disconnect", how="reset")
            await closing
            await asyncio.sleep(100)
            assert kinds(events).count("connected") == 1
            assert await modem.command("AT+QMTOPEN?") == []

    on_lab(work, crossing="AT+QMTDISC=0: a command for a client that has ended")


def test_two_tasks_close_a_client() -> None:
    """Its number is free once it is over, for both: nobody has it while the module disconnects."""

    async def work(lab: Lab, make: Callable[[], Modem], _events: list[Event]) -> None:
        async with make() as modem:
            client = await modem.mqtt("broker.example", client_id="pump-7").__aenter__()
            # The line is taken for some seconds, so that the module cannot disconnect yet.
            held = asyncio.create_task(modem.command('AT+QMTPUBEX=0,0,0,0,"a",5'))
            await asyncio.sleep(0.1)
            first, second = [asyncio.create_task(client.close()) for _ in range(2)]
            await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
            assert held.done()
            assert await modem.command("AT+QMTOPEN?") == []
            with pytest.raises(TimeoutExpired):
                await held
            await asyncio.gather(first, second)

    on_lab(work)


def test_closing_the_modem_is_cancelled() -> None:
    """The port is given up all the same."""

    async def work(_lab: Lab, make: Callable[[], Modem], _events: list[Event]) -> None:
        modem = await make().__aenter__()
        await modem.mqtt("broker.example", client_id="pump-7").__aenter__()
        closing = asyncio.create_task(modem.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        with pytest.raises(LineError, match=r"^the modem is closed$"):
            await modem.command("AT")
        async with make() as other:
            assert await other.command("AT+CSQ") == ["+CSQ: 24,99"]

    on_lab(work)


def test_a_client_that_is_closed_while_it_is_entered() -> None:
    """Who enters is told so, and nothing of a connection."""

    async def work(_lab: Lab, make: Callable[[], Modem], events: list[Event]) -> None:
        async with make() as modem:
            client = modem.mqtt("broker.example", client_id="pump-7")
            entering = asyncio.create_task(client.__aenter__())
            await asyncio.sleep(0)
            await client.close()
            with pytest.raises(LinkLost, match=r"^the client is closed$"):
                await entering
            assert events == []
            assert await modem.command("AT+QMTOPEN?") == []

    on_lab(work)


def test_a_modem_is_opened_twice() -> None:
    """At once it is refused; after it was closed it is as new."""

    async def work(_lab: Lab, make: Callable[[], Modem], _events: list[Event]) -> None:
        modem = make()
        for _ in range(2):
            async with modem:
                with pytest.raises(UsageError, match=r"^the modem is open already$"):
                    await modem.__aenter__()
                async with modem.mqtt("broker.example") as client:
                    await client.publish("a", b"b", qos=1)

    on_lab(work)
