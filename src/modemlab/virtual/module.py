"""A virtual module: the module, its ports and its streams on one event loop."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Self

from modemlab.clocks.timers import Timer
from modemlab.dialect.device import FileStore
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import NO_IDENTITY, Identity, Model
from modemlab.module.early_urcs import EarlyUrc, put_early
from modemlab.module.module import Module
from modemlab.module.observer import Observer
from modemlab.net.connect_to import ConnectTo, redirection
from modemlab.net.streams import Owner, Streams, StreamTransport
from modemlab.ports.address import PortAddress
from modemlab.ports.port import NamedPort, Port, PortMaker
from modemlab.validation.call_arguments import AsyncEntered
from modemlab.virtual.line import ModulePorts, read_ports
from modemlab.virtual.module_clock import module_clock
from modemlab.virtual.network_path import NetworkPath

if TYPE_CHECKING:
    from modemlab.module.custom_commands import CustomCommand
    from modemlab.ports.pacing import Uart
    from modemlab.validation.actions import Action
    from modemlab.virtual.simulated_network import SimulatedNetwork

# The shortest time a timer is set to, in seconds: loops round, and would otherwise come a moment early.
MIN_TIMER_S = 0.001
# One value for all: an empty set of its own costs a module 216 bytes.
NO_QUIRKS: frozenset[str] = frozenset()


class VirtualModule(AsyncEntered):
    """A module that hosts find on its ports and that talks to real servers.

    All ports are one line: what the module says goes to every port that a host has open, and what any host
    says is heard. What is said while nobody has a port open is kept, the first 4,096 bytes of it, for
    whoever opens one first. While a host reads too slowly, nothing is read from the network.

    Ports that are named, as `tcp://127.0.0.1:7000#usbat` is, are a line for each name: an answer goes to the line
    that asked, a URC where the module's own setting has it.

    Use it as `async with VirtualModule(...) as vm`, or call `open` and `close`. `module` is the module itself; after
    calling it directly, call `settle`. `network` lets conditions and faults hold, and breaks connections. `now()` is
    the time by the module's clock, in seconds.
    """

    __slots__ = (
        *("_armed", "_in_memory_network", "_loop", "_ports", "_settling", "_speed", "_timer"),
        *("_dirty", "closed", "module", "network", "now", "skippable_clock"),
    )
    _written = "async with VirtualModule(...) as vm:"

    def __init__(
        self,
        dialect: Dialect,
        model: Model,
        *,
        ports: Iterable[str | PortAddress | PortMaker | NamedPort] = (),
        connect_to: Iterable[ConnectTo] = (),
        identity: Identity = NO_IDENTITY,
        apn: str | None = None,
        strict: bool = False,
        quirks: Iterable[str] = NO_QUIRKS,
        files: FileStore | None = None,
        observers: Iterable[Observer] = (),
        now: Callable[[], float] = time.monotonic,
        rng: Random | None = None,
        uart: "Uart | None" = None,
        speed: float = 1.0,
        custom_commands: "Sequence[CustomCommand]" = (),
        mistakes: bool = False,
        skippable: bool = False,
        in_memory_network: "SimulatedNetwork | None" = None,
        show_secrets: bool = False,
        allow_remote: bool = False,
    ) -> None:
        """Make a module that is off, within a running event loop.

        A port is a URL, an address, or a maker such as `MemoryPort`, `NamedPort` or not. `connect_to` sends connections
        elsewhere, `files` keeps the module's files, in memory if it is None, `observers` watch the module, such as a
        `Trace`; more can be added by `module.add_observer`. `now` is a monotonic clock in seconds, `rng` draws the lots
        of conditions, always the same ones by default. `uart` puts a line like it between every port and the module.
        The module's clock, date and time-outs, and the network's conditions, run `speed` times as fast as `now`; the
        line does not. `custom_commands` and `mistakes` are the module's. With `skippable` there is a `skippable_clock`
        that puts that clock forward. `in_memory_network` has its clock and its network in memory: no loop need run
        then, and nothing is steered. Secrets are masked unless `show_secrets`; without `allow_remote` no port opens
        that other machines reach. Raises ValueError for a bad port, rate or speed.
        """
        self._in_memory_network = in_memory_network
        clock = module_clock(now, speed, skippable, None if in_memory_network is None else in_memory_network.timeline)
        self.now, self._loop, self.skippable_clock, self._speed = clock.now, clock.loop, clock.skippable_clock, speed
        self.module = Module(
            dialect,
            model,
            identity=identity,
            apn=apn,
            utc=time.time() - self.now(),
            strict=strict,
            quirks=quirks,
            observers=observers,
            files=files,
            custom_commands=custom_commands,
            mistakes=mistakes,
            show_secrets=show_secrets,
        )
        rules = tuple(connect_to)
        self.module.redirect = redirection(rules)
        if rng is None and uart is not None and uart.noise:
            rng = Random(0)
        self.network = NetworkPath(self, partial(self._make_streams, rules), self._loop, rng)
        self._timer: Timer | None = None
        self._armed = 0.0
        self._settling = self._dirty = self.closed = False
        self._ports = ModulePorts(self, read_ports(dialect, ports, allow_remote), uart, rng, clock)

    async def __aenter__(self) -> Self:
        """Open."""
        await self.open()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    @property
    def ports(self) -> tuple[Port, ...]:
        """The ports, in the order in which they were given."""
        return self._ports.all

    @property
    def urls(self) -> tuple[str, ...]:
        """What hosts open, in the order of the ports."""
        return tuple(port.url for port in self._ports.all)

    async def open(self) -> None:
        """Power the module on and open the ports. Raises OSError when a port cannot be had; none is open then."""
        # In this order, for a port may have a host that speaks at once.
        self.module.power_on(self.now())
        self.settle()
        try:
            await self._ports.open()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Cut the power, drop the connections without a word and give up the ports."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._ports.close()
        self.module.power_off(self.now())
        self.module.effects.clear()
        await self.network.close()

    def power_key(self) -> None:
        """Press the power key: a module that is off starts, one that is on goes off at once."""
        self.module.log("power", "off" if self.module.on else "on")
        if self.module.on:
            self.module.power_off(self.now())
        else:
            self.module.power_on(self.now())
        self.settle()

    def settle(self) -> None:
        """Say what the module has to say, set the timer to its deadline and do what it asks for, in this order.

        The host waits for its answer: it comes first.
        """
        # A host in memory answers from within `write`; what the module says and wants then is seen to here, so that
        # all packets it publishes upon one answer leave together.
        self._dirty = True
        if self._settling:
            return
        self._settling = True
        try:
            while self._dirty:
                self._dirty = False
                self._ports.say()
        finally:
            self._settling = False
        self._ports.follow()
        self._arm()
        if self.module.effects:
            self.network.perform()
        if self.module.observers:
            for observer in self.module.observers:
                observer.on_settled()
            self._arm()

    def hold(self, held: bool) -> None:
        """Read nothing from the network while held."""
        self.network.set_reading_paused(held)

    def call_soon(self, action: Callable[[], None]) -> None:
        """Have that called behind all that happens now."""
        if self._in_memory_network is None:
            asyncio.get_running_loop().call_soon(action)
        else:
            self._in_memory_network.timeline.call_later(0.0, action)

    def perform(self, action: "Action") -> None:
        """Do something to the module from outside its line; see `modemlab.scenario.actions`."""
        action.perform(self)

    def put_urc(self, urc: str, command: str | None) -> None:
        """Have a URC come ahead of a command's result; see `modemlab.module.early_urcs`, which has room for it."""
        put_early(self.module, EarlyUrc(urc.encode(), command))

    async def advance(self, seconds: float) -> None:
        """Let so many of the module's seconds pass; see `Steering.advance`. Raises RuntimeError unless `skippable`."""
        if self.skippable_clock is None or self.closed:
            raise RuntimeError("the module's clock cannot be advanced")
        await self.skippable_clock.advance(seconds / self._speed)

    # inside

    def _make_streams(self, rules: tuple[ConnectTo, ...], owner: Owner) -> StreamTransport:
        """Sockets, or streams in memory."""
        if self._in_memory_network is None:
            return Streams(owner, rules, asyncio.get_running_loop(), self._loop)
        return self._in_memory_network.streams(owner, lambda: self.module.mobile.clock.utc(self.now()))

    def _arm(self) -> None:
        """Set the timer to the module's deadline.

        A timer that comes too early looks again and is set anew: dearer than none, far cheaper than one a call.
        """
        deadline = self.module.deadline()
        if deadline is None or (self._timer is not None and deadline >= self._armed) or self.closed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed = deadline
        self._timer = self._loop.call_later(max(deadline - self.now(), MIN_TIMER_S), self._advance)

    def _advance(self) -> None:
        """The timer came."""
        self._timer = None
        self.module.advance(self.now())
        self.settle()
