"""What happens in a module, in words of no vendor: the states of its MQTT clients, and events.

A dialect's answers read the states, its URC makers tell the events to the host.
"""

from enum import Enum, IntEnum
from functools import lru_cache
from typing import NamedTuple

from modemlab.dialect.network import StreamError, TlsOptions
from modemlab.mqtt.events import IncomingMessage, RequestKind


class State(IntEnum):
    """How far a client's connection is."""

    CLOSED = 0
    OPENING = 1
    OPEN = 2
    CONNECTING = 3
    CONNECTED = 4


class Network(NamedTuple):
    """What a client needs to open: the address, the PDP context that carries it, the seconds it may take, TLS."""

    host: str
    port: int
    context: int
    timeout: float
    tls: TlsOptions | None = None


# Thousands of modules with the same server share one value.
shared_network = lru_cache(maxsize=64)(Network)


class Storage(NamedTuple):
    """Where messages wait that the host fetches.

    With `ring` a message takes the next of `slots` in turn, whatever is there. Else it takes the lowest free one;
    with none free a QoS 0 message is dropped, one of QoS 1 or 2 is held back unacknowledged, `held_back` at most.
    """

    slots: int = 5
    held_back: int = 20
    ring: bool = False


class OpenResult(Enum):
    """How an attempt to open a client's network ended."""

    OPENED = "opened"
    FAILED = "the connection failed"
    OCCUPIED = "the client is open already"
    NO_PDP = "no PDP context"
    NO_NAME = "the name did not resolve"
    NETWORK_LOST = "the network went away"


class Cause(Enum):
    """Why a client's link ended by itself."""

    PEER_CLOSED = "the server closed or reset the connection"
    PING_FAILED = "no answer to PINGREQ"
    NO_CONNACK = "no CONNACK, or one that refuses"
    PACKETS_FAIL = "packets go unanswered"
    CHOKED = "the server takes nothing any more"
    NETWORK_LOST = "the PDP context or the network went away"
    PROTOCOL = "the server broke the protocol"


class Opened(NamedTuple):
    """An attempt to open the network of a client ended.

    Where the stream is what failed, `error` says how; `detail` says more for the log, where there is more to say.
    """

    client: int
    outcome: OpenResult
    error: StreamError | None = None
    detail: str = ""


class Closed(NamedTuple):
    """The host's request to close a client is done."""

    client: int


class Connected(NamedTuple):
    """A CONNACK came, with its return code (MQTT 3.1.1, 3.2.2.3)."""

    client: int
    code: int


class ConnectUnanswered(NamedTuple):
    """No CONNACK came in time."""

    client: int


class Disconnected(NamedTuple):
    """DISCONNECT is sent and the connection closed, as the host asked."""

    client: int


class Completed(NamedTuple):
    """A PUBLISH, SUBSCRIBE or UNSUBSCRIBE is acknowledged in full; `codes` are SUBACK's."""

    client: int
    kind: RequestKind
    packet_id: int
    codes: tuple[int, ...]


class Recorded(NamedTuple):
    """The server has a QoS 2 message: PUBREC came; `Completed` follows PUBCOMP."""

    client: int
    packet_id: int


class Repeated(NamedTuple):
    """A packet was sent again, for the `times`-th time; `stage` is the packet, PUBREL where PUBLISH had its PUBREC."""

    client: int
    kind: RequestKind
    packet_id: int
    times: int
    stage: RequestKind


class GaveUp(NamedTuple):
    """The last repeat of a packet went unanswered; the link is lost next."""

    client: int
    kind: RequestKind
    packet_id: int


class PingFailed(NamedTuple):
    """PINGREQ went unanswered; the link is lost next."""

    client: int


class Received(NamedTuple):
    """A message to show to the host at once."""

    client: int
    message: IncomingMessage


class Stored(NamedTuple):
    """A message was put into a slot, for the host to fetch; acknowledged once the host is told."""

    client: int
    slot: int
    message: IncomingMessage


class Lost(NamedTuple):
    """The link of a client ended without the host asking for it.

    `detail` says more for the log, where there is more to say; `state` is how far the connection was. `said` is how
    what the server sent in place of CONNACK begins, where it sent anything.
    """

    client: int
    cause: Cause
    detail: str = ""
    state: State = State.CONNECTED
    said: bytes = b""


class ContextMissing(NamedTuple):
    """A client is opened whose PDP context the host has not activated, as `manual` has it do."""

    client: int
    context: int
    manual: str


class CommandFailed(NamedTuple):
    """A command that the module knows was refused, with that code."""

    command: str
    code: int | None


Event = (
    Opened
    | Closed
    | Connected
    | ConnectUnanswered
    | Disconnected
    | Completed
    | Recorded
    | Repeated
    | GaveUp
    | PingFailed
    | Received
    | Stored
    | Lost
)
