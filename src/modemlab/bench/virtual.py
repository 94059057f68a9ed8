"""A virtual module: the module, its ports and its streams on one event loop."""

import asyncio
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from modemlab.at.dialect import Dialect, Model
from modemlab.module.effects import StreamError
from modemlab.module.module import SOMEBODY, Identity, Module, Note
from modemlab.net.connect_to import ConnectTo
from modemlab.net.streams import Streams
from modemlab.ports import Port, PortMaker, make_port
from modemlab.ports.address import PortAddress
from modemlab.ports.trace import Shell, Trace, TracedModule, TracedStreams

# What is kept of the output while nobody has a port open, in bytes.
KEPT = 4096
# The shortest time a timer is set to, in seconds: loops round, and would otherwise come a moment early.
TICK = 0.001
# One value for all: an empty set of its own costs a module 216 bytes.
NO_QUIRKS: frozenset[str] = frozenset()


class VirtualModule:
    """A module that hosts find on its ports and that talks to real servers.

    All ports are one line: what the module says goes to every port that a host has open, and what any host
    says is heard. What is said while nobody has a port open is kept, the first 4,096 bytes of it, for
    whoever opens one first. While a host reads too slowly, nothing is read from the network.

    Use it as `async with VirtualModule(...) as vm`, or call `open` and `close`. `module` is the module
    itself; after calling it directly, call `settle`.
    """

    __slots__ = (
        *("_armed", "_held", "_kept", "_loop", "_now", "_ports", "_settling", "_shell"),
        *("_streams", "_timer", "_unsettled", "closed", "module"),
    )

    def __init__(
        self,
        dialect: Dialect,
        model: Model,
        *,
        ports: Iterable[str | PortAddress | PortMaker] = (),
        connect_to: Iterable[ConnectTo] = (),
        identity: Identity = SOMEBODY,
        apn: str | None = None,
        strict: bool = False,
        quirks: Iterable[str] = NO_QUIRKS,
        trace: Trace | None = None,
        on_note: Callable[[Note], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a module that is off, within a running event loop.

        A port is a URL, an address, or a maker such as `MemoryPort`. `connect_to` sends connections
        elsewhere, `on_note` is told why a command was refused, `trace` records all that passes. `now` is a
        monotonic clock in seconds. Raises ValueError for a bad port.
        """
        self._loop = asyncio.get_running_loop()
        self._now = now
        self.module = Module(
            dialect,
            model,
            identity=identity,
            apn=apn,
            utc=time.time() - self._now(),
            strict=strict,
            quirks=quirks,
            note=_both(None if trace is None else trace.note, on_note),
        )
        self._shell: Shell = self.module
        streams = Streams(self, tuple(connect_to), self._loop)
        self._streams: Streams | TracedStreams = streams
        if trace is not None:
            self._shell = TracedModule(self.module, trace)
            self._streams = TracedStreams(streams, trace)
        self._timer: asyncio.TimerHandle | None = None
        self._armed = 0.0
        self._kept = b""
        self._held = self._settling = self._unsettled = self.closed = False
        self._ports: tuple[Port, ...] = tuple(
            port(self._received, self._changed) if callable(port) else make_port(port, self._received, self._changed)
            for port in ports
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
        """Open the ports and power the module on. Raises OSError when a port cannot be had; none is open then."""
        try:
            for port in self._ports:
                await port.open()
        except BaseException:
            await self.close()
            raise
        self.module.power_on(self._now())
        self.settle()

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

    def power_key(self) -> None:
        """Press the power key: a module that is off starts, one that is on goes off at once."""
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
                data = self._shell.take()
                if data:
                    self._say(data)
        finally:
            self._settling = False
        deadline = self.module.deadline()
        # A timer that comes too early looks again and is set anew: dearer than none, far cheaper than one a call.
        if deadline is not None and (self._timer is None or deadline < self._armed) and not self.closed:
            self._arm(deadline)
        effects = self.module.effects
        while effects:
            batch = effects[:]
            effects.clear()
            self._streams.perform(batch)

    # what streams call

    def stream_opened(self, stream: int) -> None:
        """A stream stands."""
        self._shell.stream_opened(stream, self._now())
        self.settle()

    def stream_failed(self, stream: int, error: StreamError) -> None:
        """A stream could not be opened."""
        self._shell.stream_failed(stream, error, self._now())
        self.settle()

    def stream_received(self, stream: int, data: bytes) -> None:
        """Bytes came on a stream."""
        self._shell.stream_received(stream, data, self._now())
        self.settle()

    def stream_closed(self, stream: int) -> None:
        """The peer ended a stream."""
        self._shell.stream_closed(stream, self._now())
        self.settle()

    def stream_choked(self, stream: int) -> None:
        """A stream was given up: the peer takes nothing."""
        self._shell.stream_choked(stream, self._now())
        self.settle()

    # inside

    def _received(self, data: bytes) -> None:
        """A host said something."""
        self._shell.receive(data, self._now())
        self.settle()

    def _say(self, data: bytes) -> None:
        """Say this on every port that a host has open, or keep it."""
        heard = False
        for port in self._ports:
            if port.taken:
                port.write(data)
                heard = True
        if not heard:
            self._kept += data[: KEPT - len(self._kept)]

    def _changed(self, port: Port) -> None:
        """A host came or went, reads slowly or has caught up."""
        if port.taken and self._kept:
            kept, self._kept = self._kept, b""
            port.write(kept)
        if not (self.closed or any(each.taken for each in self._ports)):
            self.module.hang_up(self._now())
            self.settle()
        held = any(each.congested for each in self._ports)
        if held != self._held:
            self._held = held
            self._streams.hold(held)

    def _arm(self, deadline: float) -> None:
        """Set the timer."""
        if self._timer is not None:
            self._timer.cancel()
        self._armed = deadline
        self._timer = self._loop.call_later(max(deadline - self._now(), TICK), self._advance)

    def _advance(self) -> None:
        """The timer came."""
        self._timer = None
        self.module.advance(self._now())
        self.settle()


def _both(first: Callable[[Note], None] | None, second: Callable[[Note], None] | None) -> Callable[[Note], None] | None:
    """A function that calls those of the two that are there."""
    if first is None or second is None:
        return first or second

    def tell(note: Note) -> None:
        first(note)
        second(note)

    return tell
