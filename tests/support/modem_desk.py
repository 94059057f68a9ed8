"""A driver on a virtual module, with a broker of its own: what tests of the host's side stand on."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from modemlab import Modem
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.driver.modem import Event
from modemlab.driver.mqtt_client import Client
from modemlab.lab.lab import Lab
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule

WAIT = 60.0
MODELS = ("EC200T-CN", "BC35-G", "Air724UG")


class Desk:
    """A broker, a module on a port in memory, and what the driver told."""

    def __init__(self, vm: VirtualModule, broker: Broker, server: tuple[str, int]) -> None:
        self.vm, self.broker, self.server = vm, broker, server
        self.events: list[Event] = []

    def modem(self, url: str | None = None, **options: Any) -> Modem:
        """The driver of the module, in memory if there is no URL."""
        if url is not None:
            return Modem.open(url, on_event=self.events.append, **options)
        port = self.vm.ports[0]
        assert isinstance(port, MemoryPort)
        return Modem.open(port, on_event=self.events.append, **options)

    def mqtt(self, modem: Modem, **options: Any) -> Client:
        """A client at the broker that does not wait before it reconnects."""
        return modem.mqtt(*self.server, **{"client_id": "pump-7", "retry_delay": lambda *_: 0.0, **options})

    def kinds(self) -> list[str]:
        """The kinds of the events, in order."""
        return [event.kind for event in self.events]

    async def told(self, kind: str) -> Event:
        """The first event of that kind, once it is told."""
        while not (found := [event for event in self.events if event.kind == kind]):
            await asyncio.sleep(0.002)
        return found[0]


class FaultlessLab(Lab):
    """A lab whose host makes no mistake."""

    def __exit__(self, kind: type[BaseException] | None, *more: Any) -> None:
        super().__exit__(kind, *more)
        if kind is None:
            assert self.mistakes == []


def on_desk(work: Callable[[Desk], Coroutine[Any, Any, None]], model: str = "EC200T-CN", **options: Any) -> None:
    """Run it with a module of that model, `WAIT` seconds at most."""

    async def main() -> None:
        broker = Broker(users=options.pop("users", None), may_subscribe=options.pop("may_subscribe", None))
        server = await broker.start()
        ports = options.pop("ports", [MemoryPort])
        try:
            async with VirtualModule(*find_model(model), ports=ports, mistakes=True, **options) as vm:
                await work(Desk(vm, broker, server))
            assert vm.module.mistakes is not None
            assert vm.module.mistakes.kept == [], vm.module.mistakes.kept
        finally:
            await broker.close()

    asyncio.run(asyncio.wait_for(main(), WAIT))


async def payload(client: Client) -> bytes:
    """That of the next message."""
    message = await client.receive()
    assert message is not None
    return message.payload


def port_of(desk: Desk) -> MemoryPort:
    """The module's end of the line."""
    port = desk.vm.ports[0]
    assert isinstance(port, MemoryPort)
    return port
