"""What Luat's modules tell of their MQTT client (Luat AT manual V1.6.3, chapter 16)."""

from typing import TYPE_CHECKING

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.dialect import Telling
from modemlab.dialect.mqtt_events import Cause, Opening
from modemlab.dialects.luat import commands as c
from modemlab.dialects.luat.ip_state import Scene, memory, state_of
from modemlab.dialects.luat.network_commands import CONTEXT
from modemlab.mqtt.events import Kind

if TYPE_CHECKING:
    from modemlab.module.module import Module

# SUBACK's code for a filter that the server refuses (MQTT 3.1.1, 3.9.3).
REFUSED = 128


def tell_opened(module: "Module", event: events.Opened) -> None:
    """How AT+MIPSTART ended."""
    if event.outcome is Opening.OPENED:
        module.tell(c.CONNECT_OK)
    elif event.outcome is Opening.OCCUPIED:
        module.tell(c.ALREADY_CONNECT)
    else:
        gone = event.outcome is Opening.NETWORK_LOST and CONTEXT not in module.mobile.active
        module.tell(c.FAIL_STATE, Scene.DOWN.value if gone else state_of(module))
        module.tell(c.CONNECT_FAIL)


def tell_connected(module: "Module", event: events.Connected) -> None:
    """The server's answer to CONNECT."""
    module.tell(c.FAILED if event.code else c.CONNACK_OK)


def tell_unanswered(module: "Module", _event: events.ConnectUnanswered) -> None:
    """CONNECT went unanswered."""
    module.tell(c.FAILED)


def tell_recorded(module: "Module", event: events.Recorded) -> None:
    """PUBREC came."""
    memory(module).recorded.add(event.packet_id)
    module.tell(c.PUBREC)


def tell_completed(module: "Module", event: events.Completed) -> None:
    """A packet was acknowledged; QoS 0 has no acknowledgement."""
    recorded = memory(module).recorded
    if event.kind is Kind.SUBSCRIBE:
        module.tell(c.FAILED if REFUSED in event.codes else c.SUBACK)
    elif event.kind is Kind.UNSUBSCRIBE:
        module.tell(c.UNSUBACK)
    elif event.packet_id in recorded:
        recorded.discard(event.packet_id)
        module.tell(c.PUBCOMP)
    elif event.packet_id:
        module.tell(c.PUBACK)


def tell_received(module: "Module", event: events.Received) -> None:
    """A message came."""
    message = event.message
    module.tell_message(c.MESSAGE.render(message.topic, len(message.payload), message.payload), event)


def tell_stored(module: "Module", event: events.Stored) -> None:
    """A message waits."""
    module.tell_message(c.STORED.render(event.slot), event)


def tell_lost(module: "Module", event: events.Lost) -> None:
    """The connection ended by itself; if its context went, +PDP DEACT says so."""
    if event.cause is not Cause.NETWORK_LOST or CONTEXT in module.mobile.active:
        module.tell(c.CLOSED)


TELLINGS: dict[type, Telling] = {
    events.Opened: tell_opened,
    events.Connected: tell_connected,
    events.ConnectUnanswered: tell_unanswered,
    events.Recorded: tell_recorded,
    events.Completed: tell_completed,
    events.Received: tell_received,
    events.Stored: tell_stored,
    events.Lost: tell_lost,
}
