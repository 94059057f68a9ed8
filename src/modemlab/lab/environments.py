"""Where the module of a lab runs: in memory, on a clock that stands still, or on an event loop of its own thread."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from ssl import SSLContext
from typing import Any, TypeVar

from modemlab.broker.server import Broker
from modemlab.clocks.simulated_loop import run
from modemlab.driver.sync import LoopThread
from modemlab.lab.closest_events import LabEvent
from modemlab.lab.in_memory_network import InMemoryNetwork
from modemlab.lab.observer import LabObserver
from modemlab.lab.options import LabOptions
from modemlab.net.connect_to import ConnectTo
from modemlab.ports.memory import MemoryPort
from modemlab.ports.port import Port
from modemlab.ports.uart_port import UartPort
from modemlab.scenario.player import play
from modemlab.virtual.module import VirtualModule

T = TypeVar("T")
# What a host in memory is told to open; every address is the broker's.
SERVER = ("broker.example", 1883)


# Told each event and its time; told what the module says.
OnEvent = Callable[[LabEvent, float], None]
OnOutput = Callable[[bytes], None]


class InMemoryEnvironment:
    """A module and a broker in memory. Whatever takes no time has happened when a call returns."""

    def __init__(self, plan: LabOptions, on_event: OnEvent, on_output: OnOutput) -> None:
        """Start."""
        self.observer = LabObserver(on_event, on_output, self.now)
        self._in_memory_network = InMemoryNetwork(plan.users, self.observer.log, plan.grant)
        self._in_memory_network.observe(self.observer.on_message)
        given = {**plan.given, **self.observer.options, "ports": [MemoryPort]}
        self.vm = VirtualModule(plan.dialect, plan.model, **given, in_memory_network=self._in_memory_network)
        play(self.vm, plan.scenario, self._in_memory_network, self.observer.report)
        self.server = SERVER
        self._running = False
        self.vm.network.set_conditions(plan.conditions)
        finish(self.vm.open())
        self.call(self.attach)

    @property
    def url(self) -> str | None:
        """Nobody else can open it."""
        return None

    @property
    def patience(self) -> float:
        """The seconds that a line of a transcript has to come."""
        return 0.0

    def now(self) -> float:
        """The seconds since the start."""
        return self._in_memory_network.timeline.now()

    def attach(self) -> MemoryPort:
        """The line, with the lab as its host."""
        return attached(self.vm.ports[0])

    def call(self, work: Callable[[], T]) -> T:
        """Do something to the module."""
        result = work()
        self._in_memory_network.timeline.advance(0.0)
        return result

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """The broker publishes a message."""
        self._in_memory_network.publish(topic, payload, qos, retain)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self._check()
        self._in_memory_network.timeline.advance(seconds)

    def wait(self, met: Callable[[], bool], seconds: float) -> bool:
        """Let time pass until something is met, so many seconds at most; whether it is."""
        if seconds and not met():
            self._check()
        self._in_memory_network.timeline.advance(seconds, met)
        return met()

    def run(self, work: Coroutine[Any, Any, T], within: float) -> T:
        """Run that on this time; see `modemlab.clocks.simulated_loop.run`."""
        __tracebackhide__ = True
        self._running = True
        try:
            return run(work, self._in_memory_network.timeline, within)
        finally:
            self._running = False

    def _check(self) -> None:
        """Raise RuntimeError where time cannot be let pass by who holds the loop up."""
        if self._running:
            raise RuntimeError("within run, `await asyncio.sleep(...)` lets time pass, and expect(within=0) looks")

    def close(self) -> None:
        """End."""
        finish(self.vm.close())


class ThreadedEnvironment:
    """A module on a real port, and a real broker, on an event loop in a thread; calls come from other threads."""

    def __init__(self, plan: LabOptions, on_event: OnEvent, on_output: OnOutput, tls: SSLContext | None) -> None:
        """Start; the broker speaks `tls`, if it speaks TLS. Raises OSError when the port cannot be had."""
        self._now: Callable[[], float] = lambda: 0.0
        self._changed = asyncio.Event()

        def see(event: LabEvent, at: float) -> None:
            on_event(event, at)
            self._changed.set()

        def heard(data: bytes) -> None:
            on_output(data)
            self._changed.set()

        self.observer = LabObserver(see, heard, self.now)
        self._broker = Broker(users=plan.users, grant=plan.grant, log=self.observer.log)
        self._broker.observe(self.observer.on_message)
        self._loop = LoopThread()
        self.vm: VirtualModule
        try:
            self.server = self._loop.run(self._open(plan, tls))
        except BaseException:
            self._loop.run(self._broker.close())
            self._loop.close()
            raise

    async def _open(self, plan: LabOptions, tls: SSLContext | None) -> tuple[str, int]:
        """Start the broker and the module; the broker's address."""
        server = await self._broker.start(tls=tls)
        given = {**plan.given, **self.observer.options, "ports": [plan.port, MemoryPort], "skippable": True}
        self.vm = vm = VirtualModule(plan.dialect, plan.model, connect_to=[ConnectTo("", None, *server)], **given)
        play(vm, plan.scenario, self._broker, self.observer.report)
        clock = vm.skippable_clock
        assert clock is not None
        begun = clock.now()
        self._now = lambda: clock.now() - begun
        vm.network.set_conditions(plan.conditions)
        await vm.open()
        return server

    @property
    def url(self) -> str | None:
        """What a host opens."""
        return self.vm.urls[0]

    @property
    def patience(self) -> float:
        """The seconds that a line of a transcript has to come."""
        return 5.0

    def now(self) -> float:
        """The seconds since the start, by the module's clock."""
        return self._now()

    def attach(self) -> MemoryPort:
        """The line, with the lab as one of its hosts."""
        return attached(self.vm.ports[-1])

    def call(self, work: Callable[[], T]) -> T:
        """Do something to the module."""

        async def do() -> T:
            return work()

        return self._loop.run(do())

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """The broker publishes a message; on the loop."""
        self._broker.publish(topic, payload, qos, retain)

    def advance(self, seconds: float) -> None:
        """Put the module's clock forward; see `Steering.advance`."""
        self._loop.run(self.vm.advance(seconds))

    def wait(self, met: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is met, so many seconds at most; whether it is."""
        return self._loop.run(self._wait(met, seconds))

    async def _wait(self, met: Callable[[], bool], seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not met():
                    self._changed.clear()
                    await self._changed.wait()
        return met()

    def run(self, work: Coroutine[Any, Any, T], _within: float) -> T:
        """Time is the wall's here. Raises RuntimeError."""
        work.close()
        raise RuntimeError("run is for a module in memory; on a port asyncio.run does, and Modem.open(modem_lab.port)")

    def close(self) -> None:
        """End."""
        try:
            self._loop.run(self._end())
        finally:
            self._loop.close()

    async def _end(self) -> None:
        await self.vm.close()
        await self._broker.close()


def attached(port: Port) -> MemoryPort:
    """A port in memory, behind a line like a UART or not, with the lab as its host."""
    line = port.port if isinstance(port, UartPort) else port
    assert isinstance(line, MemoryPort)
    if not line.taken:
        line.attach(lambda _data: None)
    return line


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run to its end what has nothing to wait for."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("something in memory waited for real time")
