"""What all of Quectel's modules tell of their MQTT clients in the same words."""

from typing import TYPE_CHECKING

from modemlab.at.urc import Urc
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.dialect import Telling
from modemlab.dialect.mqtt_events import Cause, Opening

if TYPE_CHECKING:
    from modemlab.module.module import Module

OPENING = {
    Opening.FAILED: -1,
    Opening.OPENED: 0,
    Opening.OCCUPIED: 2,
    Opening.NO_PDP: 3,
    Opening.NO_NAME: 4,
    Opening.NETWORK_LOST: 5,
}
# A server that breaks the protocol has a code of its own in each family.
CAUSES = {
    Cause.PEER_CLOSED: 1,
    Cause.PING_FAILED: 2,
    Cause.NO_CONNACK: 4,
    Cause.PACKETS_FAIL: 6,
    Cause.CHOKED: 6,
    Cause.NETWORK_LOST: 7,
}


def result_of(module: "Module", name: str) -> Urc:
    """The URC that gives a command's result."""
    urc = module.command(name).urc
    assert urc is not None
    return urc


def tell_opened(module: "Module", event: events.Opened) -> None:
    """The result of AT+QMTOPEN."""
    module.tell(result_of(module, "+QMTOPEN"), event.client, OPENING[event.outcome])


def tell_closed(module: "Module", event: events.Closed) -> None:
    """The result of AT+QMTCLOSE."""
    module.tell(result_of(module, "+QMTCLOSE"), event.client, 0)


def tell_connected(module: "Module", event: events.Connected) -> None:
    """The server's answer to CONNECT."""
    module.tell(result_of(module, "+QMTCONN"), event.client, 0, event.code)


def tell_unanswered(module: "Module", event: events.ConnectUnanswered) -> None:
    """CONNECT went unanswered."""
    module.tell(result_of(module, "+QMTCONN"), event.client, 2)


TELLINGS: dict[type, Telling] = {
    events.Opened: tell_opened,
    events.Closed: tell_closed,
    events.Connected: tell_connected,
    events.ConnectUnanswered: tell_unanswered,
}
