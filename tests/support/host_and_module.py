"""A broker and a virtual module on an event loop of their own, and the command line in this process beside them."""

import asyncio
import io
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import pytest

from modemlab.broker.server import Broker
from modemlab.cli import main
from modemlab.dialect.registry import find_model
from modemlab.driver.protocol import identify
from modemlab.mqtt.packets import Publish
from modemlab.net.connect_to import ConnectTo
from modemlab.virtual.module import VirtualModule

T = TypeVar("T")
WAIT = 60.0


class Desk:
    """A module and the broker that all its connections reach."""

    def __init__(self, loop: asyncio.AbstractEventLoop, broker: Broker, module: VirtualModule) -> None:
        self._loop, self.broker, self.module = loop, broker, module
        self.messages: list[tuple[str, Publish]] = []
        self.log: list[str] = []
        self.urls = module.urls
        broker.observe(lambda client_id, message: self.messages.append((client_id, message)))

    def call(self, work: Callable[[], T]) -> T:
        """Do that on the loop of the module and the broker."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(WAIT)

    def later(self, work: Callable[[], object]) -> None:
        """Do that on the loop, a moment from now."""
        self._loop.call_soon_threadsafe(self._loop.call_later, 0.05, work)

    def close_ports(self) -> None:
        """End the module, as if its plug were pulled."""
        asyncio.run_coroutine_threadsafe(self.module.close(), self._loop).result(WAIT)

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Have the broker publish."""
        self.call(lambda: self.broker.publish(topic, payload, qos, retain))

    def settled(self) -> bool:
        """Whether everybody who connected is gone again, by the log."""
        return sum("' connected (" in line for line in self.log) <= sum("' ended: " in line for line in self.log)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for that, as long as a test may."""
        until = time.monotonic() + WAIT
        while not condition():
            assert time.monotonic() < until, self.log
            time.sleep(0.002)


@contextmanager
def desk(model: str = "EC200S-CN", *, broker: dict[str, Any] | None = None, **options: Any) -> Iterator[Desk]:
    """A module with these options on a pty, which has said all that it says as it starts, and a broker."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    log: list[str] = []
    server = Broker(log=log.append, **(broker or {}))

    async def start() -> VirtualModule:
        everything = ConnectTo("", None, *await server.start())
        own: dict[str, Any] = {"ports": ["pty"], "connect_to": [everything], "mistakes": True}
        module = VirtualModule(*find_model(model), **{**own, **options})
        try:
            await module.open()
        except BaseException:
            await server.close()
            raise
        # What it says as it starts, on NB with an OK, would end a first command: hosts wait for that, these do not.
        module._ports._lines[0]._kept = b""
        return module

    async def stop(module: VirtualModule) -> None:
        await module.close()
        await server.close()

    try:
        module = asyncio.run_coroutine_threadsafe(start(), loop).result(WAIT)
        made = Desk(loop, server, module)
        made.log = log
        try:
            yield made
        finally:
            asyncio.run_coroutine_threadsafe(stop(module), loop).result(WAIT)
        mistakes = module.module.mistakes
        assert mistakes is None or mistakes.kept == [], mistakes.kept
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT)
        loop.close()


class Done(NamedTuple):
    """How a command line ended."""

    status: int
    out: bytes
    err: str


class CommandLine:
    """`modemlab` in this process, which starts nothing anew."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self._monkeypatch, self._capture = monkeypatch, capture

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done:
        """Run it to its end."""
        self._capture.readouterr()
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["modemlab", *arguments])
            # A virtual module needs no time to settle.
            patch.setattr(identify, "SETTLE_S", 0.0)
            with tempfile.TemporaryFile() as file:
                file.write(stdin)
                file.seek(0)
                patch.setattr(sys, "stdin", io.TextIOWrapper(file))
                with pytest.raises(SystemExit) as ended:
                    main()
        out, err = self._capture.readouterr()
        return Done(int(ended.value.code or 0), out, err.decode())
