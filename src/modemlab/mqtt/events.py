"""What a `ClientSession` is told once, and what it reports."""

from enum import IntEnum
from typing import NamedTuple, TypeAlias


class Options(NamedTuple):
    """The settings of one connection, never changed and so shared by any number of sessions.

    `level` is 3 or 4; `keep_alive` (0: no PINGREQ), `packet_timeout` and `ping_interval` are seconds;
    `retries` is how often a packet is sent again; `window` is the number of PUBLISH packets and `requests`
    that of SUBSCRIBE and UNSUBSCRIBE packets unanswered at once; `max_packet` is the largest remaining length
    taken from the server, in bytes.
    """

    level: int = 4
    clean_session: bool = True
    keep_alive: int = 120
    packet_timeout: float = 5.0
    retries: int = 3
    ping_interval: float = 5.0
    window: int = 5
    requests: int = 256
    max_packet: int = 1_048_576


class RequestKind(IntEnum):
    """A packet that is answered; the values are its type in the fixed header (3.1.1, table 2.1)."""

    PUBLISH = 3
    PUBREL = 6
    SUBSCRIBE = 8
    UNSUBSCRIBE = 10


class SessionConnected(NamedTuple):
    """The server accepted the connection."""

    session_present: bool


class ConnectRefused(NamedTuple):
    """The server refused the connection with `code`, 1 to 5 (3.1.1, 3.2.2.3). The session has ended."""

    code: int


class ConnectTimedOut(NamedTuple):
    """No CONNACK came within `packet_timeout`. The session has ended."""


class IncomingMessage(NamedTuple):
    """A PUBLISH of the server. With QoS 1 or 2 it waits for `ClientSession.acknowledge`."""

    packet_id: int
    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool


class SessionCompleted(NamedTuple):
    """The server has answered in full; `codes` are those of a SUBACK, one for each filter, else empty."""

    kind: RequestKind
    packet_id: int
    codes: tuple[int, ...] = ()


class SessionRecorded(NamedTuple):
    """The server has a QoS 2 message: PUBREC came. PUBREL goes out, and Completed follows PUBCOMP."""

    packet_id: int


class SessionRepeated(NamedTuple):
    """A packet went unanswered and was sent again for the `times`-th time.

    `kind` is what the owner asked for; `stage` is the packet sent, which differs for PUBREL alone.
    """

    kind: RequestKind
    packet_id: int
    times: int
    stage: RequestKind


class SessionGaveUp(NamedTuple):
    """The last repeat of a packet went unanswered too. The session has ended."""

    kind: RequestKind
    packet_id: int


class SessionPingFailed(NamedTuple):
    """The last PINGREQ of a series went unanswered. The session has ended."""


class Violation(NamedTuple):
    """The server broke the protocol. The session has ended."""

    reason: str


Event: TypeAlias = (
    SessionConnected
    | ConnectRefused
    | ConnectTimedOut
    | IncomingMessage
    | SessionCompleted
    | SessionRecorded
    | SessionRepeated
    | SessionGaveUp
    | SessionPingFailed
    | Violation
)


class WindowFull(Exception):
    """As many packets as the options allow are unanswered; nothing was sent."""


class IdentifierInUse(Exception):
    """The packet identifier is still in flight; nothing was sent."""


class WrongState(Exception):
    """The connection is not in a state for this; nothing was sent."""
