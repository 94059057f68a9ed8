"""The IP connection of Luat's modules: one state for all commands, over the mobile's (Luat AT manual V1.6.3, 12.40)."""

from dataclasses import dataclass, field
from enum import Enum

from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import State
from modemlab.dialects.luat.network_commands import CONTEXT

# The one MQTT client.
CLIENT = 0


class IpState(Enum):
    """How far the connection is, sockets aside."""

    INITIAL = "IP INITIAL"
    START = "IP START"
    ACTIVE = "IP GPRSACT"
    STATUS = "IP STATUS"
    DOWN = "PDP DEACT"


@dataclass(slots=True)
class LuatMemory:
    """What a module remembers until its power goes.

    `packet_id` is the last packet identifier used, `recorded` are those of the QoS 2 messages whose PUBREC came;
    `attached` is whether the host was told so, `told` the time zone and the summer time that it was told.
    """

    connection_state: IpState = IpState.INITIAL
    packet_id: int = 0
    recorded: set[int] = field(default_factory=set)
    attached: bool = False
    told: tuple[int, int] | None = None


def memory(module: Device) -> LuatMemory:
    """What the module remembers."""
    return module.memory(LuatMemory)


def up(module: Device) -> bool:
    """Whether the connection has an address."""
    return memory(module).connection_state in (IpState.ACTIVE, IpState.STATUS)


def state_of(module: Device) -> str:
    """The state as AT+CIPSTATUS says it: that of the socket, once there was one."""
    client = module.find(CLIENT)
    if not up(module) or client is None or not client.used:
        return memory(module).connection_state.value
    if client.state is State.CLOSED:
        return "TCP CLOSED"
    return "TCP CONNECTING" if client.state is State.OPENING else "CONNECT OK"


def bring_up(module: Device) -> bool:
    """Get an address, if there is none; False without a network, and while PDP DEACT waits for AT+CIPSHUT."""
    here = memory(module)
    if not up(module):
        if here.connection_state is IpState.DOWN or not module.mobile.activate(CONTEXT):
            return False
        here.connection_state = IpState.STATUS
    return True


def shut(module: Device) -> None:
    """End the connection and what it carries; back to the start."""
    client = module.find(CLIENT)
    if client is not None:
        client.abort()
        client.used = False
    memory(module).connection_state = IpState.INITIAL
    module.mobile.deactivate(CONTEXT)
