"""What all of Quectel's modules tell of their MQTT clients in the same words."""

from modemlab.at.urc import Urc
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import Cause, OpenResult

URC_MAKERS = UrcMakers()

OPENING = {
    OpenResult.FAILED: -1,
    OpenResult.OPENED: 0,
    OpenResult.OCCUPIED: 2,
    OpenResult.NO_PDP: 3,
    OpenResult.NO_NAME: 4,
    OpenResult.NETWORK_LOST: 5,
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


def result_of(module: Device, name: str) -> Urc:
    """The URC that gives a command's result."""
    urc = module.commands[name].urc
    assert urc is not None
    return urc


@URC_MAKERS(events.Opened)
def tell_opened(module: Device, event: events.Opened) -> None:
    """The result of AT+QMTOPEN."""
    module.send_urc(result_of(module, "+QMTOPEN"), event.client, OPENING[event.outcome])


@URC_MAKERS(events.Closed)
def tell_closed(module: Device, event: events.Closed) -> None:
    """The result of AT+QMTCLOSE."""
    module.send_urc(result_of(module, "+QMTCLOSE"), event.client, 0)


@URC_MAKERS(events.Connected)
def tell_connected(module: Device, event: events.Connected) -> None:
    """The server's answer to CONNECT."""
    module.send_urc(result_of(module, "+QMTCONN"), event.client, 0, event.code)


@URC_MAKERS(events.ConnectUnanswered)
def tell_unanswered(module: Device, event: events.ConnectUnanswered) -> None:
    """CONNECT went unanswered."""
    module.send_urc(result_of(module, "+QMTCONN"), event.client, 2)
