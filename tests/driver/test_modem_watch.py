"""What a client asks by itself, and when: on a lab in memory, on its own time."""

import asyncio
from typing import Any

import pytest

from modemlab.driver.modem import Event
from modemlab.lab.lab import Lab
from support.modem_desk import FaultlessLab


class Watched:
    """What the driver writes, with the time, and what it tells."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.sent: list[tuple[int, bytes]] = []
        self.events: list[Event] = []

    def modem(self) -> Any:
        """The driver, watched."""
        return self.lab.modem(on_event=self.events.append, on_bytes=self._passed)

    def _passed(self, heard: bool, data: bytes) -> None:
        if not heard:
            self.sent.append((round(self.lab.now), data))


@pytest.mark.parametrize("clients", [1, 6])
def test_a_healthy_link_that_is_idle(clients: int) -> None:
    """A question a minute for all of them, by how long the module was silent, and none after the end."""
    with FaultlessLab() as lab:

        async def main() -> None:
            watched = Watched(lab)
            async with watched.modem() as modem:
                made = [await modem.mqtt("broker.example", client_id=f"pump-{n}").__aenter__() for n in range(clients)]
                begun = round(lab.now)
                await asyncio.sleep(30)
                watched.sent.clear()
                await modem.command("AT")
                await asyncio.sleep(200)
                asked = [(at - begun, data) for at, data in watched.sent[1:]]
                assert asked == [(at, b"AT+QMTCONN?\r") for at in (90, 150, 210)]
                for client in made:
                    await client.close()
                watched.sent.clear()
                await asyncio.sleep(200)
                assert watched.sent == []
            assert {event.kind for event in watched.events} == {"connected"}

        lab.run(main())


def test_lines_that_nobody_knows() -> None:
    """A module that prints one each second, as some do of their position, is asked less and less often."""
    with FaultlessLab() as lab:

        async def main() -> None:
            watched = Watched(lab)
            async with watched.modem() as modem, modem.mqtt("broker.example", client_id="pump-7") as client:
                watched.sent.clear()
                port: Any = lab._environment.vm.ports[0]
                for _ in range(600):
                    port.write(b"\r\n+FOO: 1\r\n")
                    await asyncio.sleep(1)
                assert {data for _, data in watched.sent} == {b"AT+QMTCONN?\r"}
                assert 10 < len(watched.sent) < 25
                assert client.connected
                # Once it has been quiet, what is new is looked into at once.
                await asyncio.sleep(130)
                watched.sent.clear()
                begun = round(lab.now)
                port.write(b"\r\n+FOO: 1\r\n")
                await asyncio.sleep(2)
                assert [at - begun for at, _ in watched.sent] in ([0], [1])

        lab.run(main())
