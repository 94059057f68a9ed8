"""A module with its control API, and who asks it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aiohttp import ClientSession

from modemlab.control.server import Control
from modemlab.dialect.registry import find_model
from modemlab.ports.memory import MemoryPort
from modemlab.ports.trace import Trace
from modemlab.virtual.module import VirtualModule
from modemlab.virtual.traffic_log import Traffic

JSON = {"Content-Type": "application/json"}


class Api:
    """The API of a module, and who asks it."""

    def __init__(self, vm: VirtualModule, traffic: Traffic, control: Control, session: ClientSession) -> None:
        self.vm, self.traffic, self.control, self._session = vm, traffic, control, session

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        async with self._session.request(method, self.control.url + path, **options) as answer:
            assert answer.content_type == "application/json"
            return answer.status, await answer.json()

    async def get(self, path: str) -> Any:
        """What is answered with status 200."""
        status, content = await self.ask("GET", path)
        assert status == 200
        return content

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection."""
        host, _, port = self.control.url.removeprefix("http://").rpartition(":")
        return await asyncio.open_connection(host, int(port))

    async def raw(self, request: bytes) -> bytes:
        """What is answered to these bytes, to the end."""
        reader, writer = await self.connect()
        writer.write(request)
        said = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        await writer.wait_closed()
        return said


def serve(
    work: Callable[[Api], Coroutine[Any, Any, None]], token: str | None = None, ports: Sequence[Any] = (MemoryPort,)
) -> None:
    """Run with an EC200S-CN and its control API."""

    async def main() -> None:
        traffic = Traffic()
        options: dict[str, Any] = {"ports": ports, "observers": [Trace(traffic)], "skippable": True, "mistakes": True}
        async with VirtualModule(*find_model("EC200S-CN"), **options) as vm, ClientSession() as session:
            control = Control(vm, traffic, token)
            await control.open("127.0.0.1", 0)
            try:
                await work(Api(vm, traffic, control, session))
            finally:
                await control.close()

    asyncio.run(main())
