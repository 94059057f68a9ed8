"""What BC35-G and BC28 tell of their MQTT client (BC35-G & BC28 MQTT guide V1.0, chapter 4 and results of 3.2)."""

from typing import Any

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import Cause, OpenResult, State
from modemlab.dialects.qmt import urcs as qmt
from modemlab.dialects.quectel_nb import commands as c
from modemlab.dialects.quectel_nb import mobile_commands
from modemlab.dialects.quectel_nb.configuration import IN_FORCE, option_values
from modemlab.mqtt.events import RequestKind

URC_MAKERS = UrcMakers(qmt.URC_MAKERS)

CAUSES = {**qmt.CAUSES, Cause.PROTOCOL: 7}
COMMANDS = {RequestKind.PUBLISH: c.QMTPUB, RequestKind.SUBSCRIBE: c.QMTSUB, RequestKind.UNSUBSCRIBE: c.QMTUNS}


def opened(module: Device, index: int = 0) -> bool:
    """Whether the MQTT client is opening, open or beyond."""
    client = module.find(index)
    return client is not None and client.state is not State.CLOSED


def tell_signalling(module: Device, mode: int) -> None:
    """+CSCON, if AT+CSCON asks for it."""
    if module.get(mobile_commands.CSCON) == (1,):
        module.send_urc(mobile_commands.CONNECTION, mode)


def tell_delivery(module: Device, kind: RequestKind, *values: Any) -> None:
    """A result of AT+QMTPUB, AT+QMTSUB or AT+QMTUNS."""
    urc = COMMANDS[kind].urc
    assert urc is not None
    module.send_urc(urc, *values)


@URC_MAKERS(events.Opened)
def tell_opened(module: Device, event: events.Opened) -> None:
    """The result of AT+QMTOPEN; an attempt that failed ends the signalling connection."""
    qmt.tell_opened(module, event)
    if event.outcome in (OpenResult.FAILED, OpenResult.NO_NAME, OpenResult.NETWORK_LOST):
        tell_signalling(module, 0)


@URC_MAKERS(events.Disconnected)
def tell_disconnected(module: Device, event: events.Disconnected) -> None:
    """The result of AT+QMTDISC."""
    module.send_urc(qmt.result_of(module, "+QMTDISC"), event.client, 0)
    tell_signalling(module, 0)


@URC_MAKERS(events.Completed)
def tell_completed(module: Device, event: events.Completed) -> None:
    """A packet was acknowledged."""
    tell_delivery(module, event.kind, event.client, event.packet_id, 0, *event.codes)


@URC_MAKERS(events.Repeated)
def tell_repeated(module: Device, event: events.Repeated) -> None:
    """A packet was sent again: told when `timeout` asked for it as the connection began."""
    if not option_values(module, "timeout", IN_FORCE)[2]:
        return
    if event.stage is RequestKind.PUBREL:
        module.send_urc(c.RELEASED, event.client, event.packet_id, 1)
    elif event.kind is RequestKind.UNSUBSCRIBE:
        tell_delivery(module, event.kind, event.client, event.packet_id, 1)
    else:
        tell_delivery(module, event.kind, event.client, event.packet_id, 1, event.times)


@URC_MAKERS(events.GaveUp)
def tell_gave_up(module: Device, event: events.GaveUp) -> None:
    """The last repeat went unanswered."""
    tell_delivery(module, event.kind, event.client, event.packet_id, 2)


@URC_MAKERS(events.Received)
def tell_received(module: Device, event: events.Received) -> None:
    """A message came."""
    message = event.message
    line = c.MESSAGE.render(event.client, message.packet_id, message.topic, message.payload)
    module.send_message_urc(line, event)


@URC_MAKERS(events.Lost)
def tell_lost(module: Device, event: events.Lost) -> None:
    """The link ended by itself."""
    module.send_urc(c.QMTSTAT, event.client, CAUSES[event.cause])
    tell_signalling(module, 0)
