"""What Luat's modules tell of their MQTT client (Luat AT manual V1.6.3, chapter 16)."""

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import Cause, OpenResult
from modemlab.dialects.luat import commands as c
from modemlab.dialects.luat.ip_state import IpState, memory, state_of
from modemlab.dialects.luat.network_commands import CONTEXT
from modemlab.mqtt.events import RequestKind

URC_MAKERS = UrcMakers()

# SUBACK's code for a filter that the server refuses (MQTT 3.1.1, 3.9.3).
REFUSED = 128


@URC_MAKERS(events.Opened)
def tell_opened(module: Device, event: events.Opened) -> None:
    """How AT+MIPSTART ended."""
    if event.outcome is OpenResult.OPENED:
        module.send_urc(c.CONNECT_OK)
    elif event.outcome is OpenResult.OCCUPIED:
        module.send_urc(c.ALREADY_CONNECT)
    else:
        gone = event.outcome is OpenResult.NETWORK_LOST and CONTEXT not in module.mobile.active
        module.send_urc(c.FAIL_STATE, IpState.DOWN.value if gone else state_of(module))
        module.send_urc(c.CONNECT_FAIL)


@URC_MAKERS(events.Connected)
def tell_connected(module: Device, event: events.Connected) -> None:
    """The server's answer to CONNECT."""
    module.send_urc(c.FAILED if event.code else c.CONNACK_OK)


@URC_MAKERS(events.ConnectUnanswered)
def tell_unanswered(module: Device, _event: events.ConnectUnanswered) -> None:
    """CONNECT went unanswered."""
    module.send_urc(c.FAILED)


@URC_MAKERS(events.Recorded)
def tell_recorded(module: Device, event: events.Recorded) -> None:
    """PUBREC came."""
    memory(module).recorded.add(event.packet_id)
    module.send_urc(c.PUBREC)


@URC_MAKERS(events.Completed)
def tell_completed(module: Device, event: events.Completed) -> None:
    """A packet was acknowledged; QoS 0 has no acknowledgement."""
    recorded = memory(module).recorded
    if event.kind is RequestKind.SUBSCRIBE:
        module.send_urc(c.FAILED if REFUSED in event.codes else c.SUBACK)
    elif event.kind is RequestKind.UNSUBSCRIBE:
        module.send_urc(c.UNSUBACK)
    elif event.packet_id in recorded:
        recorded.discard(event.packet_id)
        module.send_urc(c.PUBCOMP)
    elif event.packet_id:
        module.send_urc(c.PUBACK)


@URC_MAKERS(events.Received)
def tell_received(module: Device, event: events.Received) -> None:
    """A message came."""
    message = event.message
    module.send_message_urc(c.MESSAGE.render(message.topic, len(message.payload), message.payload), event)


@URC_MAKERS(events.Stored)
def tell_stored(module: Device, event: events.Stored) -> None:
    """A message waits."""
    module.send_message_urc(c.STORED.render(event.slot), event)


@URC_MAKERS(events.Lost)
def tell_lost(module: Device, event: events.Lost) -> None:
    """The connection ended by itself; if its context went, +PDP DEACT says so."""
    if event.cause is not Cause.NETWORK_LOST or CONTEXT in module.mobile.active:
        module.send_urc(c.CLOSED)
