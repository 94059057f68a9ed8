"""The words for a mobile in no vendor's terms: its states, and what happens to it.

A dialect's answers read the states, its tellings say the events to the host.
"""

from enum import Enum
from typing import NamedTuple

FULL = 1
AUTOMATIC, DEREGISTERED = 0, 2
NOT_REGISTERED, HOME, SEARCHING, DENIED, UNKNOWN, ROAMING = 0, 1, 2, 3, 4, 5


class Sim(Enum):
    """What stands between the host and the SIM card."""

    READY = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"
    ABSENT = "SIM not inserted"
    BUSY = "SIM busy"
    FAILURE = "SIM failure"


class Signal(NamedTuple):
    """Received strength 0 to 31 and bit error rate 0 to 7, 99 where unknown (3GPP TS 27.007, 8.5)."""

    rssi: int
    ber: int


class Operator(NamedTuple):
    """A network's names and its number, MCC and MNC."""

    long: str
    short: str
    numeric: str


class Cell(NamedTuple):
    """Where a mobile is registered: area and cell in hexadecimal, access technology, band and channel."""

    area: str
    identity: str
    act: int
    technology: str
    band: str
    channel: int


class Context(NamedTuple):
    """A PDP context as it is defined. `type` is 1 IPv4, 2 IPv6, 3 both; `auth` 0 none, 1 PAP, 2 CHAP.

    `address` is a static one, `compression` that of data and of headers (3GPP TS 27.007, 10.1.1).
    """

    type: int = 1
    apn: str = ""
    user: str = ""
    password: str = ""
    auth: int = 0
    address: str = ""
    compression: tuple[int, int] = (0, 0)


class Bearer(NamedTuple):
    """An active PDP context: the type and address that it came up with."""

    type: int
    address: str


class FunctionChanged(NamedTuple):
    """The level of functionality is another (3GPP TS 27.007, 8.2)."""

    level: int


class SimChanged(NamedTuple):
    """The SIM is in another state; `asked`: because the host asked for another level of functionality."""

    sim: Sim
    asked: bool = False


class RegistrationChanged(NamedTuple):
    """The registration has another status (3GPP TS 27.007, 7.2)."""

    stat: int
    before: int = UNKNOWN


class PacketChanged(NamedTuple):
    """The registration for packet service has another status (3GPP TS 27.007, 10.1.20 and 10.1.22)."""

    stat: int


class CellChanged(NamedTuple):
    """The mobile is in another cell."""

    cell: Cell


class SignalChanged(NamedTuple):
    """The signal is another."""

    signal: Signal


class ContextDown(NamedTuple):
    """An active PDP context is gone; `asked`: because the host asked for it."""

    cid: int
    asked: bool = True


class ZoneChanged(NamedTuple):
    """The network says another time zone: quarters of an hour east of UTC, hours of daylight saving in it."""

    zone: int
    daylight: int
