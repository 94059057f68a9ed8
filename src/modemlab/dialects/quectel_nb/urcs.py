"""What BC35-G and BC28 tell of their MQTT client (BC35-G & BC28 MQTT guide V1.0, chapter 4 and results of 3.2)."""

from typing import TYPE_CHECKING, Any

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.dialect import Telling
from modemlab.dialect.mqtt_events import Cause, Opening
from modemlab.dialects.qmt import urcs as qmt
from modemlab.dialects.quectel_nb import commands as c
from modemlab.dialects.quectel_nb import mobile_commands
from modemlab.dialects.quectel_nb.configuration import IN_FORCE, option_values
from modemlab.mqtt.events import Kind

if TYPE_CHECKING:
    from modemlab.module.module import Module

CAUSES = {**qmt.CAUSES, Cause.PROTOCOL: 7}
COMMANDS = {Kind.PUBLISH: c.QMTPUB, Kind.SUBSCRIBE: c.QMTSUB, Kind.UNSUBSCRIBE: c.QMTUNS}


def tell_signalling(module: "Module", mode: int) -> None:
    """+CSCON, if AT+CSCON asks for it."""
    if module.get(mobile_commands.CSCON) == (1,):
        module.tell(mobile_commands.CONNECTION, mode)


def tell_delivery(module: "Module", kind: Kind, *values: Any) -> None:
    """A result of AT+QMTPUB, AT+QMTSUB or AT+QMTUNS."""
    urc = COMMANDS[kind].urc
    assert urc is not None
    module.tell(urc, *values)


def tell_opened(module: "Module", event: events.Opened) -> None:
    """The result of AT+QMTOPEN; an attempt that failed ends the signalling connection."""
    qmt.tell_opened(module, event)
    if event.outcome in (Opening.FAILED, Opening.NO_NAME, Opening.NETWORK_LOST):
        tell_signalling(module, 0)


def tell_disconnected(module: "Module", event: events.Disconnected) -> None:
    """The result of AT+QMTDISC."""
    module.tell(qmt.result_of(module, "+QMTDISC"), event.client, 0)
    tell_signalling(module, 0)


def tell_completed(module: "Module", event: events.Completed) -> None:
    """A packet was acknowledged."""
    tell_delivery(module, event.kind, event.client, event.packet_id, 0, *event.codes)


def tell_repeated(module: "Module", event: events.Repeated) -> None:
    """A packet was sent again: told when `timeout` asked for it as the connection began."""
    if not option_values(module, "timeout", IN_FORCE)[2]:
        return
    if event.stage is Kind.PUBREL:
        module.tell(c.RELEASED, event.client, event.packet_id, 1)
    elif event.kind is Kind.UNSUBSCRIBE:
        tell_delivery(module, event.kind, event.client, event.packet_id, 1)
    else:
        tell_delivery(module, event.kind, event.client, event.packet_id, 1, event.times)


def tell_gave_up(module: "Module", event: events.GaveUp) -> None:
    """The last repeat went unanswered."""
    tell_delivery(module, event.kind, event.client, event.packet_id, 2)


def tell_received(module: "Module", event: events.Received) -> None:
    """A message came."""
    message = event.message
    line = c.MESSAGE.render(event.client, message.packet_id, message.topic, message.payload)
    module.tell_message(line, event)


def tell_lost(module: "Module", event: events.Lost) -> None:
    """The link ended by itself."""
    module.tell(c.QMTSTAT, event.client, CAUSES[event.cause])
    tell_signalling(module, 0)


TELLINGS: dict[type, Telling] = {
    **qmt.TELLINGS,
    events.Opened: tell_opened,
    events.Disconnected: tell_disconnected,
    events.Completed: tell_completed,
    events.Repeated: tell_repeated,
    events.GaveUp: tell_gave_up,
    events.Received: tell_received,
    events.Lost: tell_lost,
}
