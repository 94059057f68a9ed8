"""What a module runs on in place of an event loop and sockets: a clock and a network in memory."""

from collections.abc import Callable, Iterable
from typing import Protocol

from modemlab.clocks.simulated import Timeline
from modemlab.dialect.network import HttpAnswer, HttpError
from modemlab.module.effects import HttpRequest
from modemlab.net.impaired_stream import Below
from modemlab.net.streams import Owner


class RequestMaker(Protocol):
    """What makes a module's HTTP requests."""

    def perform(self, requests: Iterable[HttpRequest]) -> None:
        """Make them."""

    async def close(self) -> None:
        """Give up those under way."""


class SimulatedNetwork(Protocol):
    """A clock that goes when it is told to, and a network on it; that of a lab is one."""

    @property
    def timeline(self) -> Timeline:
        """The clock."""

    def streams(self, owner: Owner, utc: Callable[[], float]) -> Below:
        """What carries the streams of a module; `utc` tells the date and time, in seconds since 1970."""

    def requests(self, answered: Callable[[int, HttpAnswer | HttpError], None]) -> RequestMaker:
        """What makes the HTTP requests of a module."""
