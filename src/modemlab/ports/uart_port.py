"""A port behind a line that is like a UART: any port, with `pacing.Wire` between it and the module."""

import asyncio
import time
from collections.abc import Callable
from random import Random
from typing import Protocol, runtime_checkable

from modemlab.clocks.timers import Timer, TimerLoop
from modemlab.ports.pacing import Uart, Wire
from modemlab.ports.port import Changed, HasPowerLines, Port, PortMaker, Received

# The shortest time a timer is set to, in seconds: what passes within it is handed over together.
MIN_TIMER_S = 0.001
# Bytes of the host's under way from which on no more are read from it, and until when.
PAUSE_READING_BYTES, RESUME_READING_BYTES = 4096, 1024


@runtime_checkable
class Holding(Protocol):
    """A port that can leave with the host what it says."""

    def hold(self, held: bool) -> None:
        """Read nothing from the host while held."""


class UartPort:
    """A port whose bytes take as long as on a UART, and may be spoilt or lost there.

    `port` is the port itself. A host that leaves takes what is on its way to it along; what it said arrives at once.
    """

    __slots__ = ("_changed", "_held", "_leaving", "_loop", "_now", "_received", "_timer", "_told", "port", "wire")

    def __init__(
        self,
        make: PortMaker,
        uart: Uart,
        rng: Random,
        tell: Callable[[str], None],
        received: Received,
        changed: Changed,
        pausing: Callable[[], bool] = lambda: False,
        now: Callable[[], float] = time.monotonic,
        loop: TimerLoop | None = None,
    ) -> None:
        """Make the port, within a running event loop; it is not open yet. `tell` and `pausing` are those of `Wire`,
        `now` is the line's clock and `loop` has its timers.
        """
        self._now, self._loop = now, loop or asyncio.get_running_loop()
        self._received, self._changed = received, changed
        self._timer: Timer | None = None
        self._held = self._leaving = False
        # What the module was told last: whether there is a host, and whether it should say no more.
        self._told = (False, False)
        self.port: Port = make(self._heard, self._regulated)
        self.wire = Wire(uart, rng, self._received, self.port.write, tell, pausing)

    @property
    def url(self) -> str:
        return self.port.url

    @property
    def taken(self) -> bool:
        return self.port.taken or self._leaving

    @property
    def congested(self) -> bool:
        """Whether so much waits for the host, or for the line, that no more should be said."""
        return self.port.congested or self.wire.full

    async def open(self) -> None:
        await self.port.open()

    def write(self, data: bytes) -> None:
        """Say this to the host, as fast as the line lets it pass."""
        self.wire.send_to_host(data, self._now())
        self._follow()

    def power(self, on: bool) -> None:
        """Show whether the module has power, if the port has lines that do."""
        if isinstance(self.port, HasPowerLines):
            self.port.power(on)

    @property
    def baud(self) -> int:
        """The rate in bits a second, 0 if there is none."""
        return self.wire.baud

    def change(self, baud: int) -> None:
        """Another rate holds, behind what is under way."""
        if baud != self.wire.baud:
            self.wire.change(baud)

    def close(self) -> None:
        """Give the port up; what is under way is lost."""
        self._told = (False, False)
        self.port.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # inside

    def _heard(self, data: bytes) -> None:
        """The host said something."""
        self.wire.receive_from_host(data, self._now())
        self._follow()

    def _regulated(self, _port: Port) -> None:
        """A host came or went, reads slowly or has caught up."""
        if not self.port.taken and self._told[0]:
            self._leaving = True
            try:
                self.wire.deliver_all()
            finally:
                self._leaving = False
        self._tell()
        self._follow()

    def _advance(self) -> None:
        """The timer came."""
        self._timer = None
        self.wire.advance(self._now())
        self._follow()

    def _follow(self) -> None:
        """Set the timer to what passes next, read from the host or not, and tell what has changed."""
        deadline = self.wire.deadline()
        if deadline is not None and self._timer is None:
            self._timer = self._loop.call_later(max(deadline - self._now(), MIN_TIMER_S), self._advance)
        held = self.wire.coming > (RESUME_READING_BYTES if self._held else PAUSE_READING_BYTES)
        if held != self._held and isinstance(self.port, Holding):
            self._held = held
            self.port.hold(held)
        if (self.taken, self.congested) != self._told:
            self._tell()

    def _tell(self) -> None:
        """Tell the module of a change."""
        self._told = (self.taken, self.congested)
        self._changed(self)
