"""What becomes of a client's connection, and of its packets in flight: two tables without gaps.

`docs/mqtt-states.md` shows both. Clauses are those of OASIS MQTT 3.1.1.
"""

from enum import Enum

from modemlab.mqtt.events import RequestKind
from modemlab.mqtt.packets import Puback, Pubcomp, Pubrec, Suback, Unsuback

# How far a connection is: its stream is open, CONNECT was sent, CONNACK has accepted it, it is over. Plain numbers, as
# each message looks here.
OPEN, CONNECTING, CONNECTED, ENDED = range(4)
STATES = ("open", "connecting", "connected", "ended")


class ConnectionEvent(Enum):
    """What the owner asks for, what the server sends, and which time is up."""

    CONNECT = "`connect`"
    SEND = "`publish`, `subscribe`, `unsubscribe`"
    DISCONNECT = "`disconnect`"
    DATA = "bytes of the server, whatever they are"
    ACCEPTED = "CONNACK with code 0"
    WRONGLY_PRESENT = "CONNACK with code 0, session present after a clean session"
    REFUSED = "CONNACK with another code"
    PACKET = "another packet"
    FAULT = "what no server may send (`Violation`)"
    NO_CONNACK = "no CONNACK in time"
    NO_ANSWER = "no answer to the last repeat of a packet"
    NO_PINGRESP = "no answer to the last PINGREQ of a series"

    __hash__ = object.__hash__


CONNECT, SEND, DISCONNECT, DATA, ACCEPTED, WRONGLY_PRESENT, REFUSED, PACKET, FAULT = tuple(ConnectionEvent)[:9]
NO_CONNACK, NO_ANSWER, NO_PINGRESP = tuple(ConnectionEvent)[9:]

_DUPLICATE_CONNECT = "CONNECT was sent before"
_NOT_CONNECTED = "not connected"
_DATA_BEFORE_CONNECT = "the server spoke before CONNECT (MQTT 3.1.1, 3.1.0-1)"
_PACKET_BEFORE_CONNACK = "{packet} before CONNACK (MQTT 3.1.1, 3.2.0-1)"
_DUPLICATE_CONNACK = "a second CONNACK (MQTT 3.1.1, 3.2)"
_WRONG_SESSION_PRESENT = "session present after a clean session (MQTT 3.1.1, 3.2.2-1)"

Next = int | str
"""The state that follows; or why it must not be: the owner is told so by WrongState and nothing changes, a server ends
the connection by a Violation."""

# Rows are events; the columns are the states, in their order.
TRANSITIONS: dict[ConnectionEvent, tuple[Next, Next, Next, Next]] = {
    CONNECT: (CONNECTING, _DUPLICATE_CONNECT, _DUPLICATE_CONNECT, _DUPLICATE_CONNECT),
    SEND: (_NOT_CONNECTED, _NOT_CONNECTED, CONNECTED, _NOT_CONNECTED),
    DISCONNECT: (_NOT_CONNECTED, _NOT_CONNECTED, ENDED, _NOT_CONNECTED),
    DATA: (_DATA_BEFORE_CONNECT, CONNECTING, CONNECTED, ENDED),
    ACCEPTED: (_DATA_BEFORE_CONNECT, CONNECTED, _DUPLICATE_CONNACK, ENDED),
    WRONGLY_PRESENT: (_DATA_BEFORE_CONNECT, _WRONG_SESSION_PRESENT, _DUPLICATE_CONNACK, ENDED),
    REFUSED: (_DATA_BEFORE_CONNECT, ENDED, _DUPLICATE_CONNACK, ENDED),
    PACKET: (_DATA_BEFORE_CONNECT, _PACKET_BEFORE_CONNACK, CONNECTED, ENDED),
    FAULT: (ENDED, ENDED, ENDED, ENDED),
    NO_CONNACK: (OPEN, ENDED, CONNECTED, ENDED),
    NO_ANSWER: (OPEN, CONNECTING, ENDED, ENDED),
    NO_PINGRESP: (OPEN, CONNECTING, ENDED, ENDED),
}


class AnswerStep(Enum):
    """What an answer of the server does to the packet in flight that has its identifier."""

    COMPLETE = "completes it"
    RELEASE = "PUBREL is sent, PUBCOMP awaited"
    RELEASE_AGAIN = "PUBREL is sent again"
    SURPLUS = "surplus"


COMPLETE, RELEASE, RELEASE_AGAIN, SURPLUS = AnswerStep
# What a packet in flight waits for; None is no packet in flight.
AWAITED = (None, Puback, Pubrec, Pubcomp, Suback, Unsuback)
_STEPS: dict[type, tuple[AnswerStep, ...]] = {
    Puback: (SURPLUS, COMPLETE, SURPLUS, SURPLUS, SURPLUS, SURPLUS),
    Pubrec: (SURPLUS, SURPLUS, RELEASE, RELEASE_AGAIN, SURPLUS, SURPLUS),
    Pubcomp: (SURPLUS, SURPLUS, SURPLUS, COMPLETE, SURPLUS, SURPLUS),
    Suback: (SURPLUS, SURPLUS, SURPLUS, SURPLUS, COMPLETE, SURPLUS),
    Unsuback: (SURPLUS, SURPLUS, SURPLUS, SURPLUS, SURPLUS, COMPLETE),
}
# Of an answer, by what is awaited. A surplus one is passed over if it may be to a packet that was sent more than once
# (PUBREC then gets its PUBREL); if not, nothing asked for it, which no server may do (4.8).
ANSWERS: dict[type, dict[type | None, AnswerStep]] = {
    answer: dict(zip(AWAITED, steps, strict=True)) for answer, steps in _STEPS.items()
}

# What the owner asked for, and the packet that was sent, by the answer awaited.
REQUEST_OF_ANSWER: dict[type, RequestKind] = {
    Puback: RequestKind.PUBLISH,
    Pubrec: RequestKind.PUBLISH,
    Pubcomp: RequestKind.PUBLISH,
    Suback: RequestKind.SUBSCRIBE,
    Unsuback: RequestKind.UNSUBSCRIBE,
}
RETRANSMITTED_REQUEST: dict[type, RequestKind] = {**REQUEST_OF_ANSWER, Pubcomp: RequestKind.PUBREL}
