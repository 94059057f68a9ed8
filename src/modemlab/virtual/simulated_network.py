"""What a module runs on in place of an event loop and sockets: a clock and a network in memory."""

from collections.abc import Callable
from typing import Protocol

from modemlab.clocks.simulated import SimulatedClock
from modemlab.net.streams import Owner, StreamTransport


class SimulatedNetwork(Protocol):
    """A clock that goes when it is told to, and a network on it; that of a lab is one."""

    @property
    def timeline(self) -> SimulatedClock:
        """The clock."""

    def streams(self, owner: Owner, utc: Callable[[], float]) -> StreamTransport:
        """What carries the streams of a module; `utc` tells the date and time, in seconds since 1970."""
