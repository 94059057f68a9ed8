"""The words for a mobile in no vendor's terms: its states, and what happens to it.

A dialect's answers read the states, its URC makers tell the events to the host.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from modemlab.text.catalogue import N_

FULL = 1
AUTOMATIC, DEREGISTERED = 0, 2
NOT_REGISTERED, HOME, SEARCHING, DENIED, UNKNOWN, ROAMING = 0, 1, 2, 3, 4, 5
# What a network may give beside these: it serves emergency calls alone (3GPP TS 27.007, 10.1.20).
EMERGENCY = 8
COVERAGE = {
    "not registered": NOT_REGISTERED,
    "home": HOME,
    "searching": SEARCHING,
    "denied": DENIED,
    "unknown": UNKNOWN,
    "roaming": ROAMING,
    "emergency": EMERGENCY,
}
# Why a network refuses a registration, and why it refuses or ends a context, by their numbers (3GPP TS 24.301,
# 9.9.3.9 and 9.9.4.4), worded as the AT commands manual V1.1, 11.9 does.
REJECTS = {
    2: N_("IMSI unknown in HLR"),
    3: N_("Illegal MS"),
    5: N_("IMEI not accepted"),
    6: N_("Illegal ME"),
    7: N_("GPRS services not allowed"),
    8: N_("GPRS and non GPRS services not allowed"),
    9: N_("MS identity cannot be derived"),
    10: N_("Implicitly detached"),
    11: N_("PLMN not allowed"),
    12: N_("Location area not allowed"),
    13: N_("Roaming not allowed"),
    14: N_("GPRS services not allowed in PLMN"),
    15: N_("No suitable cells in location area"),
    17: N_("Network failure"),
    22: N_("Congestion"),
}
REFUSALS = {
    26: N_("Insufficient resources"),
    27: N_("Missing or unknown APN"),
    28: N_("Unknown PDP address or PDP type"),
    29: N_("User authentication failed"),
    30: N_("Activation rejected by GGSN"),
    31: N_("Activation rejected, unspecified"),
    32: N_("Service option not supported"),
    33: N_("Requested service option not subscribed"),
    34: N_("Service option temporary out of order"),
    36: N_("Regular deactivation"),
    38: N_("Network failure"),
    39: N_("Reactivation required"),
}
# Why the mobile itself could not, in the same words.
NO_CAUSE, OFFLINE, NO_CARD, NO_SERVICE = (
    "No cause information available",
    "Phone is offline",
    "UIM not present",
    "No service available",
)


class Sim(Enum):
    """What stands between the host and the SIM card."""

    READY = "READY"
    PIN = N_("SIM PIN")
    PUK = N_("SIM PUK")
    ABSENT = N_("SIM not inserted")
    BUSY = N_("SIM busy")
    FAILURE = N_("SIM failure")


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
    """A PDP context as it is defined. `type` is 1 IPv4, 2 IPv6, 3 both, 4 no IP; `auth` 0 none, 1 PAP, 2 CHAP.

    `address` is a static one, `compression` that of data and of headers, `signalling` its NSLPI and whether the
    configuration options are sent ciphered (3GPP TS 27.007, 10.1.1).
    """

    type: int = 1
    apn: str = ""
    user: str = ""
    password: str = ""
    auth: int = 0
    address: str = ""
    compression: tuple[int, int] = (0, 0)
    signalling: tuple[int, int] = (0, 0)


class Factory(NamedTuple):
    """What a mobile starts from: the contexts defined, the cell it finds and how well it receives it.

    `initial` is the context that comes up with the attachment, None where none does.
    """

    contexts: Mapping[int, Context] = {1: Context(1, "CMNET", "", "", 1)}
    initial: int | None = None
    cell: Cell = Cell("1A2B", "5C3D2E1", 7, "TDD LTE", "LTE BAND 40", 38950)
    signal: Signal = Signal(24, 99)


class Bearer(NamedTuple):
    """An active PDP context: the type and address that it came up with."""

    type: int
    address: str


class FunctionChanged(NamedTuple):
    """The level of functionality is another (3GPP TS 27.007, 8.2)."""

    level: int


class CardMoved(NamedTuple):
    """A SIM card was put in, or pulled."""

    inserted: bool


class SimChanged(NamedTuple):
    """The SIM is in another state.

    `asked`: because the host asked for another level of functionality or gave a PIN; `moved`: because the card was
    put in or pulled.
    """

    sim: Sim
    asked: bool = False
    moved: bool = False


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


class ContextUp(NamedTuple):
    """A PDP context became active."""

    cid: int


class ContextDown(NamedTuple):
    """An active PDP context is gone; `asked`: because the host asked for it; `bearer` is what it was."""

    cid: int
    asked: bool = True
    bearer: Bearer | None = None


class AddressChanged(NamedTuple):
    """An active PDP context has another address; connections on the one before are lost."""

    cid: int


class Detached(NamedTuple):
    """The packet domain is left, with all contexts; `asked`: because the host asked for it."""

    asked: bool


class ZoneChanged(NamedTuple):
    """The network says another time zone: quarters of an hour east of UTC, hours of daylight saving in it."""

    zone: int
    daylight: int
