"""A virtual module: the module, its ports and its streams on one event loop."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from types import TracebackType
from typing import Any, Self

from modemlab.clocks.scaled import Clock
from modemlab.clocks.skippable import Brisk, Steering
from modemlab.clocks.timers import Loop, Timer
from modemlab.dialect.device import FileStore
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import SOMEBODY, Identity, Model
from modemlab.dialect.mqtt_events import State
from modemlab.dialect.network import HttpAnswer, HttpError, QueryAnswer
from modemlab.module.custom_commands import Extra
from modemlab.module.early_urcs import EarlyUrc, put_early
from modemlab.module.effects import StreamError
from modemlab.module.mobile_actions import act
from modemlab.module.module import Module
from modemlab.module.observer import Observer
from modemlab.net.conditions import LAB, Conditions, Strike
from modemlab.net.connect_to import ConnectTo, redirection
from modemlab.net.faults import Fault
from modemlab.net.http import Requests
from modemlab.net.impaired_stream import Below
from modemlab.net.impairment import Weather
from modemlab.net.streams import Streams
from modemlab.ports import Named, Port, PortMaker, Rated, Received, make_port
from modemlab.ports.address import PortAddress
from modemlab.ports.pacing import Uart
from modemlab.ports.uart_port import PacedPort
from modemlab.text.figures import action_text
from modemlab.validation.arguments import AsyncEntered
from modemlab.validation.fields import changed
from modemlab.virtual.line import Line, follows, rate_of, read_ports, show_power, start_at
from modemlab.virtual.simulated_network import RequestMaker, SimulatedNetwork

# The shortest time a timer is set to, in seconds: loops round, and would otherwise come a moment early.
TICK = 0.001
# One value for all: an empty set of its own costs a module 216 bytes.
NO_QUIRKS: frozenset[str] = frozenset()


class VirtualModule(AsyncEntered):
    """A module that hosts find on its ports and that talks to real servers.

    All ports are one line: what the module says goes to every port that a host has open, and what any host
    says is heard. What is said while nobody has a port open is kept, the first 4,096 bytes of it, for
    whoever opens one first. While a host reads too slowly, nothing is read from the network.

    Ports that are named, as `tcp://127.0.0.1:7000#usbat` is, are a line for each name: an answer goes to the line
    that asked, a URC where the module's own setting has it.

    Use it as `async with VirtualModule(...) as vm`, or call `open` and `close`. `module` is the module
    itself; after calling it directly, call `settle`.
    """

    __slots__ = (
        *("_armed", "_held", "_line", "_lines", "_lit", "_loop", "_now", "_ports", "_requests", "_rules", "_settling"),
        *("_chance", "_rated", "_speed", "_streams", "_timer", "_unsettled", "_weather"),
        *("_indoors", "closed", "module", "steering"),
    )
    _written = "async with VirtualModule(...) as vm:"

    def __init__(
        self,
        dialect: Dialect,
        model: Model,
        *,
        ports: Iterable[str | PortAddress | PortMaker | Named] = (),
        connect_to: Iterable[ConnectTo] = (),
        identity: Identity = SOMEBODY,
        apn: str | None = None,
        strict: bool = False,
        quirks: Iterable[str] = NO_QUIRKS,
        files: FileStore | None = None,
        observers: Iterable[Observer] = (),
        now: Callable[[], float] = time.monotonic,
        chance: Random | None = None,
        uart: Uart | None = None,
        speed: float = 1.0,
        extras: Sequence[Extra] = (),
        mistakes: bool = False,
        steered: bool = False,
        indoors: SimulatedNetwork | None = None,
        show_secrets: bool = False,
        anyone: bool = False,
    ) -> None:
        """Make a module that is off, within a running event loop.

        A port is a URL, an address, or a maker such as `MemoryPort`, `Named` or not. `connect_to` sends connections
        elsewhere, `files` keeps the module's files, in memory if it is None, `observers` watch the module, such as a
        `Trace`; more can be added by `module.watch`. `now` is a monotonic clock in seconds, `chance` draws the lots
        of `set_conditions`, always the same ones by default. `uart` puts a line like it between every port and the
        module. The module's clock, date and time-outs, and the network's conditions, run `speed` times as fast as
        `now`; the line does not. `extras` and `mistakes` are the module's. With `steered` there is a `steering` that
        puts that clock forward. `indoors` has its clock and its network in memory: no loop need run then, and nothing
        is steered. Secrets are masked unless `show_secrets`; without `anyone` no port opens that other machines reach.
        Raises ValueError for a bad port, rate or speed.
        """
        self._indoors = indoors
        self._now, self._speed = now, speed
        self.steering: Steering | None = None
        self._loop: Loop
        if indoors is not None:
            self._now, self._loop = indoors.timeline.now, indoors.timeline
        elif steered:
            self.steering = self._loop = Steering(now, asyncio.get_running_loop())
            self._now = self.steering.now
        else:
            self._loop = asyncio.get_running_loop()
        # The line goes by the real clock, put forward or not; all else by the module's.
        pace = {"now": self._now, "loop": self._loop if self.steering is None else Brisk(self.steering)}
        if speed != 1.0:
            self._loop = clock = Clock(speed, self._now, self._loop)
            self._now = clock.now
        self.module = Module(
            dialect,
            model,
            identity=identity,
            apn=apn,
            utc=time.time() - self._now(),
            strict=strict,
            quirks=quirks,
            observers=observers,
            files=files,
            extras=extras,
            mistakes=mistakes,
            show_secrets=show_secrets,
        )
        self._rules = tuple(connect_to)
        self.module.redirect = redirection(self._rules)
        self._requests: RequestMaker | None = None
        streams: Below
        if indoors is None:
            streams = Streams(self, self._rules, asyncio.get_running_loop(), self._loop)
        else:
            streams = indoors.streams(self, lambda: self.module.mobile.clock.utc(self._now()))
        self._streams: Below | Weather = streams
        self._chance = chance
        self._weather: Weather | None = None
        self._timer: Timer | None = None
        self._armed = 0.0
        self._held = self._lit = self._settling = self._unsettled = self.closed = False
        found = read_ports(dialect, ports, anyone)
        if self.module.mistakes is not None and any(isinstance(port, PortAddress) for _, port in found):
            self.module.mistakes.through_a_port()
        names = tuple(dict.fromkeys(name for name, _ in found))
        if len(names) > 1:
            self.module.split(names)
        self._rated: tuple[Rated, ...] = ()
        if uart is not None and uart.baud:
            start_at(self.module, uart.baud)
        self._ports: tuple[Port, ...] = tuple(
            self._make(port, uart, None if len(names) == 1 else names.index(name), pace) for name, port in found
        )
        # The line of all ports, unless they have names: then these.
        self._line = Line(self._ports)
        self._lines: tuple[Line, ...] = ()
        if len(names) > 1:
            self._lines = tuple(
                Line([port for port, (other, _) in zip(self._ports, found, strict=True) if other == name])
                for name in names
            )

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
        return self._ports

    @property
    def urls(self) -> tuple[str, ...]:
        """What hosts open, in the order of the ports."""
        return tuple(port.url for port in self._ports)

    async def open(self) -> None:
        """Power the module on and open the ports. Raises OSError when a port cannot be had; none is open then."""
        # In this order, for a port may have a host that speaks at once.
        self.module.power_on(self._now())
        self.settle()
        try:
            for port in self._ports:
                await port.open()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Cut the power, drop the connections without a word and give up the ports."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for port in self._ports:
            port.close()
        self.module.power_off(self._now())
        self.module.effects.clear()
        await self._streams.close()
        if self._requests is not None:
            await self._requests.close()

    def power_key(self) -> None:
        """Press the power key: a module that is off starts, one that is on goes off at once."""
        self.module.note("power", "off" if self.module.on else "on")
        if self.module.on:
            self.module.power_off(self._now())
        else:
            self.module.power_on(self._now())
        self.settle()

    def settle(self) -> None:
        """Say what the module has to say, set the timer to its deadline and do what it asks for, in this order.

        The host waits for its answer: it comes first.
        """
        # A host in memory answers from within `write`; what the module says and wants then is seen to here, so that
        # all packets it publishes upon one answer leave together.
        self._unsettled = True
        if self._settling:
            return
        self._settling = True
        try:
            while self._unsettled:
                self._unsettled = False
                for index, line in enumerate(self._lines or (self._line,)):
                    self.module.turn(index)
                    if data := self.module.take():
                        line.say(data)
        finally:
            self._settling = False
        if self._rated:
            self._change_rate()
        if self.module.on is not self._lit:
            self._lit = self.module.on
            show_power(self._ports, self._lit)
        self._arm()
        effects = self.module.effects
        observers = self.module.observers
        while effects:
            batch = effects[:]
            effects.clear()
            if not observers:
                self._streams.perform(batch)
                continue
            for effect in batch:
                for observer in observers:
                    observer.on_effect(effect)
                self._streams.perform((effect,))
        if self.module.requests and not self.closed:
            if self._requests is None:
                if self._indoors is None:
                    self._requests = Requests(self._http_answered, self._rules, self._loop)
                else:
                    self._requests = self._indoors.requests(self._http_answered)
            requests = self.module.take_requests()
            if self._weather is None:
                self._requests.perform(requests)
            else:
                self._weather.ask(requests, self._requests.perform, self._http_answered)
        if observers:
            for observer in observers:
                observer.on_settled()
            self._arm()

    def now(self) -> float:
        """The time by the module's clock, in seconds."""
        return self._now()

    def call_soon(self, action: Callable[[], None]) -> None:
        """Have that called behind all that happens now."""
        if self._indoors is None:
            asyncio.get_running_loop().call_soon(action)
        else:
            self._indoors.timeline.call_later(0.0, action)

    def act(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Let the world do to the mobile what is named. Raises ValueError as `modemlab.module.values.act` does."""
        now = self.module.now = self._now()
        act(self.module.mobile, name, arguments, now)
        self.module.note("mobile", action_text(name, arguments))
        self.settle()

    def put_urc(self, urc: str, command: str | None) -> None:
        """Have a URC come ahead of a command's result; see `modemlab.module.early_urcs`, which has room for it."""
        put_early(self.module, EarlyUrc(urc.encode(), command))

    async def advance(self, seconds: float) -> None:
        """Let so many of the module's seconds pass; see `Steering.advance`. Raises RuntimeError unless `steered`."""
        if self.steering is None or self.closed:
            raise RuntimeError("the module's clock cannot be put forward")
        await self.steering.advance(seconds / self._speed)

    # the network

    @property
    def conditions(self) -> Conditions:
        """The conditions in force on its sockets."""
        return LAB if self._weather is None else self._weather.conditions

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force on its MQTT packets."""
        return () if self._weather is None else self._weather.faults

    def set_conditions(self, conditions: Conditions) -> None:
        """Let other conditions hold on its sockets from now on; with `LAB` what was on its way arrives at once."""
        if conditions != self.conditions:
            self.module.note("network", f"conditions are {changed(conditions) or 'none'}")
            self._weathered().change(conditions)
        self._clear_up()

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Let these faults, and no others, hold on its MQTT packets; their counts begin anew."""
        wanted = tuple(faults)
        if wanted or self.faults:
            self.module.note("network", f"faults are {'; '.join(map(changed, wanted)) or 'none':.300}")
            self._weathered().set_faults(wanted)
        self._clear_up()

    def strike(self, strike: Strike) -> None:
        """Let this happen to its open connections."""
        weather = self._weathered()
        weather.strike(strike)
        if weather.idle:
            self._clear_up()

    def _weathered(self) -> Weather:
        """The layer that conditions and faults need, put between the module and its streams if it is not there."""
        if self._weather is None:
            below = self._streams
            assert not isinstance(below, Weather)
            tell = partial(self.module.note, "network")
            self._chance = self._chance or Random(0)
            weather = Weather(below, self, self._loop, self._now, self._chance, tell)
            for client in self.module.clients:
                if client.stream:
                    begun = client.session.incomplete if client.session is not None else b""
                    weather.adopt(client.stream, client.index, client.state is State.OPENING, client.paused, begun)
            weather.hold(self._held)
            below.answer_to(weather)
            self._weather = self._streams = weather
        return self._weather

    def _clear_up(self) -> None:
        """Take the layer out of the path if there is nothing for it to do."""
        weather = self._weather
        if weather is None or weather.conditions != LAB or weather.faults:
            return
        below = weather.below
        weather.send_all()
        below.answer_to(self)
        self._streams = below
        self._weather = None
        weather.tell_all()

    # what streams call

    def stream_opened(self, stream: int) -> None:
        """A stream stands."""
        self.module.stream_opened(stream, self._now())
        self.settle()

    def stream_failed(self, stream: int, error: StreamError, detail: str = "") -> None:
        """A stream could not be opened."""
        self.module.stream_failed(stream, error, self._now(), detail)
        self.settle()

    def stream_received(self, stream: int, data: bytes) -> None:
        """Bytes came on a stream."""
        self.module.stream_received(stream, data, self._now())
        self.settle()

    def stream_closed(self, stream: int, detail: str = "") -> None:
        """The peer ended a stream."""
        self.module.stream_closed(stream, self._now(), detail)
        self.settle()

    def stream_choked(self, stream: int) -> None:
        """A stream was given up: the peer takes nothing."""
        self.module.stream_choked(stream, self._now())
        self.settle()

    def query_answered(self, query: int, answer: QueryAnswer) -> None:
        """A query is answered."""
        self.module.query_answered(query, answer, self._now())
        self.settle()

    # inside

    def _http_answered(self, request: int, answer: HttpAnswer | HttpError) -> None:
        """A request is done."""
        if not self.closed:
            self.module.http_answered(request, answer, self._now())
            self.settle()

    def _make(
        self, port: PortAddress | PortMaker, uart: Uart | None, index: int | None, pace: Mapping[str, Any]
    ) -> Port:
        """A port of the only line, or of that one, not open yet; behind a line like a UART if one is asked for."""
        received: Received = self._received if index is None else partial(self._received_on, index)
        make = port if callable(port) else partial(make_port, port)
        if uart is None:
            made = make(received, self._changed)
            if isinstance(made, Rated) and follows(self.module, made, not self._rated):
                self._rated += (made,)
            return made
        if uart.noise:
            self._chance = self._chance or Random(0)
        tell = partial(self.module.note, "line")
        heard = self.module.lines[index or 0]
        lots = self._chance or Random(0)
        paced = PacedPort(make, uart, lots, tell, received, self._changed, lambda: heard.pausing, **pace)
        if uart.baud:
            self._rated += (paced,)
        return paced

    def _change_rate(self) -> None:
        """Let the rate that the module has by now hold on the lines that have one, behind what was said."""
        if rate := rate_of(self.module):
            for port in self._rated:
                port.change(rate)

    def _received(self, data: bytes) -> None:
        """A host said something."""
        self.module.receive(data, self._now())
        self.settle()

    def _received_on(self, index: int, data: bytes) -> None:
        """A host said something on one of several lines."""
        self.module.turn(index)
        self._received(data)

    def _changed(self, port: Port) -> None:
        """A host came or went, reads slowly or has caught up."""
        index = [port in line.ports for line in self._lines].index(True) if self._lines else 0
        line = self._lines[index] if self._lines else self._line
        if port.taken:
            line.greet(port)
        if not (self.closed or line.taken):
            self.module.turn(index)
            self.module.hang_up(self._now())
            self.settle()
        held = any(each.congested for each in self._ports)
        if held != self._held:
            self._held = held
            self._streams.hold(held)

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
        self._timer = self._loop.call_later(max(deadline - self._now(), TICK), self._advance)

    def _advance(self) -> None:
        """The timer came."""
        self._timer = None
        self.module.advance(self._now())
        self.settle()
