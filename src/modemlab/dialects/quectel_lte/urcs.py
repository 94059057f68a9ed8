"""What EC200x, EC600x and EG912Y tell of their MQTT clients (MQTT guide, chapter 4 and the results of 3.3)."""

from typing import TYPE_CHECKING

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.dialect import Telling
from modemlab.dialect.mqtt_events import Cause
from modemlab.dialects.qmt import urcs as qmt
from modemlab.dialects.quectel_lte import commands as c
from modemlab.dialects.quectel_lte.configuration import option_values
from modemlab.dialects.quectel_lte.memory import publisher, set_publisher
from modemlab.mqtt import events as mqtt
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

if TYPE_CHECKING:
    from modemlab.module.module import Module

CAUSES = {**qmt.CAUSES, Cause.PROTOCOL: 8}
# By whether AT+QMTPUB has published.
PUBLISHED = (c.PUBLISHED, c.PUB_DONE)
DELIVERIES = {
    mqtt.Kind.SUBSCRIBE: c.SUBSCRIBED,
    mqtt.Kind.UNSUBSCRIBE: c.UNSUBSCRIBED,
}


def message_line(module: "Module", client_idx: int, message: mqtt.Message) -> bytes:
    """The +QMTRECV of a message, as `recv/mode` and `dataformat` shape it."""
    payload = message.payload
    if option_values(module, "dataformat", client_idx)[1]:
        payload = payload.hex().upper().encode()
    if option_values(module, "recv/mode", client_idx)[1]:
        size = len(message.payload)
        return c.MESSAGE_WITH_LENGTH.render(client_idx, message.packet_id, message.topic, size, payload)
    return c.MESSAGE.render(client_idx, message.packet_id, message.topic, payload)


def tell_delivery(module: "Module", kind: mqtt.Kind, client_idx: int, msgid: int, *values: int) -> None:
    """A result of AT+QMTPUBEX, AT+QMTPUB, AT+QMTSUB or AT+QMTUNS."""
    urc = PUBLISHED[publisher(module, client_idx, msgid) is c.QMTPUB] if kind is mqtt.Kind.PUBLISH else DELIVERIES[kind]
    module.tell(urc, client_idx, msgid, *values)


def tell_disconnected(module: "Module", event: events.Disconnected) -> None:
    """The result of AT+QMTDISC; some firmwares tell the normal course of the link too."""
    module.tell(c.DISCONNECTED, event.client, 0)
    if "disc-stat" in module.quirks:
        normal = N_("the server closed after DISCONNECT: the normal course (quirk disc-stat)")
        module.note(f"client {event.client}", Sentence(normal))
        module.tell(c.QMTSTAT, event.client, 5)


def forget(module: "Module", event: events.Completed | events.GaveUp) -> None:
    """A packet has no further result; its identifier is free."""
    if event.kind is mqtt.Kind.PUBLISH:
        set_publisher(module, event.client, event.packet_id, c.QMTPUBEX)


def tell_completed(module: "Module", event: events.Completed) -> None:
    """A packet was acknowledged."""
    tell_delivery(module, event.kind, event.client, event.packet_id, 0, *event.codes)
    forget(module, event)


def tell_repeated(module: "Module", event: events.Repeated) -> None:
    """A packet was sent again: told when `timeout` asks for it."""
    if option_values(module, "timeout", event.client)[2]:
        tell_delivery(module, event.kind, event.client, event.packet_id, 1, event.times)


def tell_gave_up(module: "Module", event: events.GaveUp) -> None:
    """The last repeat went unanswered."""
    tell_delivery(module, event.kind, event.client, event.packet_id, 2)
    forget(module, event)


def tell_ping_failed(module: "Module", event: events.PingFailed) -> None:
    """PINGREQ went unanswered."""
    module.tell(c.QMTPING, event.client, 1)


def tell_received(module: "Module", event: events.Received) -> None:
    """A message came."""
    module.tell_message(message_line(module, event.client, event.message), event)


def tell_stored(module: "Module", event: events.Stored) -> None:
    """A message waits in a slot."""
    module.tell_message(c.MESSAGE_STORED.render(event.client, event.slot), event)


def tell_lost(module: "Module", event: events.Lost) -> None:
    """The link ended by itself."""
    module.tell(c.QMTSTAT, event.client, CAUSES[event.cause])


TELLINGS: dict[type, Telling] = {
    **qmt.TELLINGS,
    events.Disconnected: tell_disconnected,
    events.Completed: tell_completed,
    events.Repeated: tell_repeated,
    events.GaveUp: tell_gave_up,
    events.PingFailed: tell_ping_failed,
    events.Received: tell_received,
    events.Stored: tell_stored,
    events.Lost: tell_lost,
}
