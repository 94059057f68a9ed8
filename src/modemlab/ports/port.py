"""What a port can do, and what makes one, which takes two callbacks.

`received(data)` takes the host's bytes, `changed(port)` is called whenever `taken` or `congested` has changed.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

# Output that a host has not read, in bytes: from HIGH on the port is congested, beyond LIMIT output is dropped.
# What one read from the network (64 KiB) prints, five times as long at worst, still fits.
CONGESTED_BYTES = 1 << 16
MAX_UNREAD_BYTES = 1 << 19


class Port(Protocol):
    """What every port can do.

    `url` names it once it is open; `taken` says whether a host has it open, `congested` whether the host
    reads so slowly that no more should be said for now.
    """

    @property
    def url(self) -> str:
        """The URL or device that a host opens."""

    @property
    def taken(self) -> bool:
        """Whether a host has the port open."""

    @property
    def congested(self) -> bool:
        """Whether more than `CONGESTED_BYTES` bytes wait for the host."""

    async def open(self) -> None:
        """Make the port usable. Raises OSError when that cannot be."""

    def write(self, data: bytes) -> None:
        """Say this to the host, without ever waiting; dropped when nobody has the port open or beyond
        `MAX_UNREAD_BYTES`.
        """

    def close(self) -> None:
        """Give the port up; what the host has not read may be lost. Does nothing the second time."""


Received = Callable[[bytes], None]
Changed = Callable[[Port], None]
PortMaker = Callable[[Received, Changed], Port]


class NamedPort(NamedTuple):
    """A port of one's own making, and which of the module's ports it is, as `#usbat` behind a URL says it."""

    name: str
    make: PortMaker


@runtime_checkable
class HasPowerLines(Protocol):
    """A port with lines beside the data's, which show whether the module has power."""

    def power(self, on: bool) -> None:
        """The module has power, or has none."""


@runtime_checkable
class HasBaudRate(Protocol):
    """A port whose bytes pass at a rate of its own."""

    @property
    def baud(self) -> int:
        """The rate, in bits a second."""

    def change(self, baud: int) -> None:
        """Another rate holds, behind what was said."""
