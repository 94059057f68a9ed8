"""What EC200x, EC600x and EG912Y tell of their MQTT clients (MQTT guide, chapter 4 and the results of 3.3)."""

from modemlab.at.urc import Urc
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import Cause
from modemlab.dialects.qmt import urcs as qmt
from modemlab.dialects.quectel_lte import commands as c
from modemlab.dialects.quectel_lte.configuration import option_values
from modemlab.dialects.quectel_lte.memory import LteMemory
from modemlab.mqtt import events as mqtt
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

URC_MAKERS = UrcMakers(qmt.URC_MAKERS)

CAUSES = {**qmt.CAUSES, Cause.PROTOCOL: 8}
PUBLISH = mqtt.RequestKind.PUBLISH
DELIVERIES = {mqtt.RequestKind.SUBSCRIBE: c.SUBSCRIBED, mqtt.RequestKind.UNSUBSCRIBE: c.UNSUBSCRIBED}


def message_line(module: Device, client_idx: int, message: mqtt.IncomingMessage) -> bytes:
    """The +QMTRECV of a message, as `recv/mode` and `dataformat` shape it."""
    payload = message.payload
    if option_values(module, "dataformat", client_idx)[1]:
        payload = payload.hex().upper().encode()
    if option_values(module, "recv/mode", client_idx)[1]:
        size = len(message.payload)
        return c.MESSAGE_WITH_LENGTH.render(client_idx, message.packet_id, message.topic, size, payload)
    return c.MESSAGE.render(client_idx, message.packet_id, message.topic, payload)


def delivery(module: Device, kind: mqtt.RequestKind, client_idx: int, msgid: int) -> Urc:
    """What tells the results of AT+QMTPUBEX, AT+QMTPUB, AT+QMTSUB or AT+QMTUNS."""
    if kind is not PUBLISH:
        return DELIVERIES[kind]
    beside = module.memory(LteMemory).beside
    return c.PUB_DONE if beside and (client_idx, msgid) in beside else c.PUBLISHED


@URC_MAKERS(events.Disconnected)
def tell_disconnected(module: Device, event: events.Disconnected) -> None:
    """The result of AT+QMTDISC; some firmwares tell the normal course of the link too."""
    module.send_urc(c.DISCONNECTED, event.client, 0)
    if "disc-stat" in module.quirks:
        normal = N_("the server closed after DISCONNECT: this is normal (quirk disc-stat)")
        module.log(f"client {event.client}", Sentence(normal))
        module.send_urc(c.QMTSTAT, event.client, 5)


def forget(module: Device, client_idx: int, msgid: int) -> None:
    """A message has no further result; its identifier is free."""
    if (memory := module.memory(LteMemory)).beside:
        memory.set_publisher(client_idx, msgid, c.QMTPUBEX)


@URC_MAKERS(events.Completed)
def tell_completed(module: Device, event: events.Completed) -> None:
    """A packet was acknowledged."""
    client_idx, kind, msgid, codes = event
    module.send_urc(delivery(module, kind, client_idx, msgid), client_idx, msgid, 0, *codes)
    if kind is PUBLISH:
        forget(module, client_idx, msgid)


@URC_MAKERS(events.Repeated)
def tell_repeated(module: Device, event: events.Repeated) -> None:
    """A packet was sent again: told when `timeout` asks for it."""
    if option_values(module, "timeout", event.client)[2]:
        urc = delivery(module, event.kind, event.client, event.packet_id)
        module.send_urc(urc, event.client, event.packet_id, 1, event.times)


@URC_MAKERS(events.GaveUp)
def tell_gave_up(module: Device, event: events.GaveUp) -> None:
    """The last repeat went unanswered."""
    urc = delivery(module, event.kind, event.client, event.packet_id)
    module.send_urc(urc, event.client, event.packet_id, 2)
    if event.kind is PUBLISH:
        forget(module, event.client, event.packet_id)


@URC_MAKERS(events.PingFailed)
def tell_ping_failed(module: Device, event: events.PingFailed) -> None:
    """PINGREQ went unanswered."""
    module.send_urc(c.QMTPING, event.client, 1)


@URC_MAKERS(events.Received)
def tell_received(module: Device, event: events.Received) -> None:
    """A message came."""
    module.send_message_urc(message_line(module, event.client, event.message), event)


@URC_MAKERS(events.Stored)
def tell_stored(module: Device, event: events.Stored) -> None:
    """A message waits in a slot."""
    module.send_message_urc(c.MESSAGE_STORED.render(event.client, event.slot), event)


@URC_MAKERS(events.Lost)
def tell_lost(module: Device, event: events.Lost) -> None:
    """The link ended by itself."""
    module.send_urc(c.QMTSTAT, event.client, CAUSES[event.cause])
