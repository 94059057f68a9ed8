"""The packets of MQTT 3.1 and 3.1.1 as immutable values, and the error of a peer that breaks the protocol.

Taken from `modemlab.mqtt.packets`, which turns them into bytes and back.
"""

from typing import NamedTuple, TypeAlias


class ConnectWill(NamedTuple):
    """The message a server publishes when the connection ends without DISCONNECT (3.1.1, 3.1.2.5)."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Connect(NamedTuple):
    """CONNECT (3.1.1, 3.1). A decoded one whose level is neither 3 nor 4 has nothing but its level set."""

    client_id: str
    level: int = 4
    clean_session: bool = True
    keep_alive: int = 0
    will: ConnectWill | None = None
    username: str | None = None
    password: bytes | None = None


class Connack(NamedTuple):
    """CONNACK (3.1.1, 3.2): code 0 accepts, 1 to 5 refuse."""

    code: int
    session_present: bool = False


class Publish(NamedTuple):
    """PUBLISH (3.1.1, 3.3). `packet_id` counts only when `qos` is 1 or 2."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0


class Puback(NamedTuple):
    """PUBACK (3.1.1, 3.4)."""

    packet_id: int


class Pubrec(NamedTuple):
    """PUBREC (3.1.1, 3.5)."""

    packet_id: int


class Pubrel(NamedTuple):
    """PUBREL (3.1.1, 3.6). `dup` travels at level 3 only."""

    packet_id: int
    dup: bool = False


class Pubcomp(NamedTuple):
    """PUBCOMP (3.1.1, 3.7)."""

    packet_id: int


class Subscribe(NamedTuple):
    """SUBSCRIBE (3.1.1, 3.8): topic filters, each with the QoS asked for. `dup` travels at level 3 only."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]
    dup: bool = False


class Suback(NamedTuple):
    """SUBACK (3.1.1, 3.9): for each filter the QoS granted, or 128 for a refusal."""

    packet_id: int
    codes: tuple[int, ...]


class Unsubscribe(NamedTuple):
    """UNSUBSCRIBE (3.1.1, 3.10). `dup` travels at level 3 only."""

    packet_id: int
    filters: tuple[str, ...]
    dup: bool = False


class Unsuback(NamedTuple):
    """UNSUBACK (3.1.1, 3.11)."""

    packet_id: int


class Pingreq(NamedTuple):
    """PINGREQ (3.1.1, 3.12)."""


class Pingresp(NamedTuple):
    """PINGRESP (3.1.1, 3.13)."""


class Disconnect(NamedTuple):
    """DISCONNECT (3.1.1, 3.14)."""


Packet: TypeAlias = (
    Connect
    | Connack
    | Publish
    | Puback
    | Pubrec
    | Pubrel
    | Pubcomp
    | Subscribe
    | Suback
    | Unsubscribe
    | Unsuback
    | Pingreq
    | Pingresp
    | Disconnect
)


class ProtocolError(Exception):
    """The peer broke the protocol; the connection must be closed (3.1.1, 4.8).

    `reason` says how, `clause` names the clause of 3.1.1 (a number such as "3.3.1-4" is a normative
    statement), `packets` are those decoded before the faulty one in the same `feed`, `code` is the CONNACK return
    code that a server answers with before it closes, 0 for no answer.
    """

    def __init__(self, reason: str, clause: str, code: int = 0) -> None:
        """Make the error; the decoder fills in `packets`."""
        super().__init__(f"{reason} (MQTT 3.1.1, {clause})")
        self.reason = reason
        self.clause = clause
        self.code = code
        self.packets: list[Packet] = []
