"""How Luat's modules answer the MQTT commands (Luat AT manual V1.6.3, chapter 16)."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from modemlab.at.command import Command
from modemlab.at.parameters import to_bytes
from modemlab.at.steps import OK, DataEnd, Incomplete, Info, Prompt, Refused, Steps
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device, MqttClientSlot
from modemlab.dialect.mqtt_events import OpenResult, State, shared_network
from modemlab.dialect.network import TlsOptions
from modemlab.dialects.luat import commands as c
from modemlab.dialects.luat import ip_state, ssl_answers
from modemlab.dialects.luat.errors import FAILED, INVALID_PARAMETERS
from modemlab.dialects.luat.ip_state import CLIENT
from modemlab.dialects.luat.network_commands import CONTEXT
from modemlab.mqtt import events as mqtt
from modemlab.mqtt.values import ConnectWill
from modemlab.text.catalogue import N_
from modemlab.text.reason import reason_of

ANSWERS = Answers()
# How long an attempt to connect may take, and the silence that ends a message without a length, in seconds.
CONNECT_TIMEOUT_S = 75.0
MESSAGE_SILENCE_S = 5.0
END_OF_MESSAGE = b"\x1a"
# The version of MQTT on the wire, 3.1.1.
LEVEL = 4
HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2})*")

# Thousands of modules with the same settings share one value.
shared_options = lru_cache(maxsize=64)(mqtt.Options)


def refuse(command: Command, message: str, code: int = FAILED, /, **values: object) -> Refused:
    """A refusal that cites the command's place in the manual."""
    return Refused(command.where(message, **values), code)


def client_in(module: Device, command: Command, *states: State) -> MqttClientSlot:
    """The client, if it is in one of these states."""
    client = module.client(CLIENT)
    if client.state not in states:
        wanted = " or ".join(state.name.lower() for state in states)
        message = N_("the connection is {state}, but must be {wanted}")
        raise refuse(command, message, state=client.state.name.lower(), wanted=wanted)
    return client


def with_reason(command: Command, action: Callable[..., object], *values: Any) -> None:
    """Do what the session may refuse, with its reason."""
    try:
        action(*values)
    except (mqtt.WindowFull, mqtt.IdentifierInUse) as error:
        raise Refused(command.where(reason_of(error)), FAILED) from error
    except ValueError as error:
        raise Refused(command.where(reason_of(error)), INVALID_PARAMETERS) from error


def next_identifier(module: Device, client: MqttClientSlot) -> int:
    """A packet identifier that is not in flight; each serves in turn."""
    here = ip_state.memory(module)
    while True:
        here.packet_id = here.packet_id % 65_535 + 1
        if not client.in_flight(here.packet_id):
            return here.packet_id


# The connection


@ANSWERS(c.MCONFIG.on_write)
def configure(module: Device, *values: Any) -> Steps:
    """Keep the client's names and its will for the next session."""
    module.set(c.MCONFIG, values)
    yield OK


@ANSWERS(c.MIPSTART.on_write)
def open_connection(module: Device, svraddr: str, port: int) -> Steps:
    """Connect."""
    yield OK
    start(module, svraddr, port, None)


@ANSWERS(c.SSLMIPSTART.on_write)
def open_secured(module: Device, svraddr: str, port: int) -> Steps:
    """Connect with TLS."""
    yield OK
    start(module, svraddr, port, ssl_answers.tls_of)


def start(module: Device, svraddr: str, port: int, secured: Callable[[Device], TlsOptions] | None) -> None:
    """Connect, after bringing the network up if need be."""
    client = module.client(CLIENT)
    if client.state is not State.CLOSED:
        module.emit(events.Opened(CLIENT, OpenResult.OCCUPIED))
        return
    if not ip_state.bring_up(module):
        state = f"the state is {ip_state.state_of(module)}"
        module.emit(events.Opened(CLIENT, OpenResult.NO_PDP, detail=state))
        return
    try:
        tls = None if secured is None else secured(module)
    except ValueError as error:
        client.used = True
        module.emit(events.Opened(CLIENT, OpenResult.FAILED, detail=str(error)))
        return
    (stored,) = module.get(c.MQTTMSGSET)
    client.stored = stored == 1
    client.open(shared_network(svraddr, port, CONTEXT, CONNECT_TIMEOUT_S, tls), module.now)


@ANSWERS(c.MCONNECT.on_write)
def connect(module: Device, clean_session: int, keepalive: int) -> Steps:
    """Begin a session on the connection."""
    client = client_in(module, c.MCONNECT, State.OPEN)
    clientid, user, password, will_qos, will_retain, will_topic, will_message = module.get(c.MCONFIG)
    if not clientid:
        raise refuse(c.MCONNECT, N_("no <clientid> was set with AT+MCONFIG"))
    named = bool(user or password)
    with_reason(
        c.MCONNECT,
        lambda: client.connect(
            shared_options(LEVEL, clean_session == 1, keepalive),
            clientid,
            user if named else None,
            to_bytes(password) if named else None,
            ConnectWill(will_topic, to_bytes(will_message), will_qos, will_retain == 1) if will_topic else None,
            module.now,
        ),
    )
    ip_state.memory(module).recorded.clear()
    yield OK


@ANSWERS(c.MDISCONNECT.on_execute)
def disconnect(module: Device) -> Steps:
    """End the session and keep the connection."""
    client = client_in(module, c.MDISCONNECT, State.CONNECTED)
    yield OK
    client.disconnect(module.now, keep=True)


@ANSWERS(c.MIPCLOSE.on_execute)
def close_connection(module: Device) -> Steps:
    """End the connection as it is."""
    client = client_in(module, c.MIPCLOSE, State.OPENING, State.OPEN, State.CONNECTING, State.CONNECTED)
    yield OK
    client.close()


@ANSWERS(c.MQTTSTATU.on_execute)
def show_state(module: Device) -> Steps:
    """How far the connection is."""
    state = module.client(CLIENT).state
    yield Info(c.MQTTSTATU.info(1 if state is State.CONNECTED else 0 if state in (State.CLOSED, State.OPENING) else 2))
    yield OK


# Topics and messages


@ANSWERS(c.MSUB.on_write)
def subscribe(module: Device, topic: str, qos: int) -> Steps:
    """Subscribe to one topic."""
    client = client_in(module, c.MSUB, State.CONNECTED)
    with_reason(c.MSUB, client.subscribe, next_identifier(module, client), ((topic, qos),), module.now)
    yield OK


@ANSWERS(c.MUNSUB.on_write)
def unsubscribe(module: Device, topic: str) -> Steps:
    """Unsubscribe from one topic."""
    client = client_in(module, c.MUNSUB, State.CONNECTED)
    with_reason(c.MUNSUB, client.unsubscribe, next_identifier(module, client), (topic,), module.now)
    yield OK


def client_to_publish(module: Device, command: Command, topic: str, qos: int) -> MqttClientSlot:
    """The client, if it could publish to that topic now."""
    client = client_in(module, command, State.CONNECTED)
    if "#" in topic or "+" in topic or "\0" in topic:
        message = N_("<topic> contains a wildcard, but publishing needs a topic name (MQTT 3.1.1, 4.7.1)")
        raise refuse(command, message, INVALID_PARAMETERS)
    with_reason(command, client.check_publish, 0, qos)
    return client


def send(module: Device, command: Command, topic: str, qos: int, retain: int, message: bytes) -> None:
    """Publish a message."""
    client = client_to_publish(module, command, topic, qos)
    packet_id = next_identifier(module, client) if qos else 0
    with_reason(command, client.publish, packet_id, topic, message, qos, retain == 1, module.now)


@ANSWERS(c.MPUB.on_write)
def publish(module: Device, topic: str, qos: int, retain: int, message: bytes) -> Steps:
    """Publish the message of the line."""
    if module.get(c.MQTTMODE) == (1,):
        if not HEXADECIMAL.fullmatch(message):
            why = N_("<message> is not pairs of hexadecimal digits, as AT+MQTTMODE=1 requires")
            raise refuse(c.MPUB, why, INVALID_PARAMETERS)
        message = bytes.fromhex(message.decode("ascii"))
    send(module, c.MPUB, topic, qos, retain, message)
    yield OK


@ANSWERS(c.MPUBEX.on_write)
def publish_bytes(module: Device, topic: str, qos: int, retain: int, length: int | None) -> Steps:
    """Ask for the message and publish it."""
    client_to_publish(module, c.MPUBEX, topic, qos)
    if length is not None:
        message = yield Prompt(length, mark=b">")
    else:
        try:
            message = yield Prompt(c.MAX_MESSAGE_BYTES, MESSAGE_SILENCE_S, mark=b">", ends=END_OF_MESSAGE, idle=True)
        except Incomplete as incomplete:
            if incomplete.end is not DataEnd.TIMEOUT or not incomplete.data:
                raise
            message = incomplete.data
    send(module, c.MPUBEX, topic, qos, retain, message)
    yield OK


@ANSWERS(c.MQTTMSGSET.on_write)
def choose_storage(module: Device, mode: int) -> Steps:
    """Let messages wait from now on, or print them."""
    module.set(c.MQTTMSGSET, (mode,))
    module.client(CLIENT).stored = mode == 1
    yield OK


@ANSWERS(c.MQTTMSGGET.on_read)
def list_stored(module: Device) -> Steps:
    """A line for each place."""
    waiting = module.client(CLIENT).waiting
    for place in range(4):
        yield Info(c.MQTTMSGGET.info(place, "VALID" if place in waiting else "INVALID"))
    yield OK


@ANSWERS(c.MQTTMSGGET.on_execute)
def fetch(module: Device) -> Steps:
    """Print the messages that wait, the oldest first, and free their places."""
    client = module.client(CLIENT)
    for place in client.waiting:
        message = client.fetch(place)
        if message is not None:
            yield Info(c.MESSAGE.render(message.topic, len(message.payload), message.payload))
    yield OK
