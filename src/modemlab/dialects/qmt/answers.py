"""Answers of MQTT commands that are the same on all of Quectel's modules.

A refusal carries a code; whether the line gives it is up to the command's declaration.
"""

from collections.abc import Callable, Generator
from functools import lru_cache
from typing import Any

from modemlab.at import results
from modemlab.at.command import Command, Form, FormKind
from modemlab.at.parameters import to_bytes
from modemlab.at.steps import OK, DataEnd, Incomplete, Info, Prompt, Refused, Step, Steps
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device, MqttClientSlot
from modemlab.dialect.mqtt_events import State
from modemlab.mqtt import events as mqtt
from modemlab.mqtt.values import ConnectWill
from modemlab.text.catalogue import N_
from modemlab.text.reason import reason_of

ANSWERS = Answers()
CTRL_Z, ESC = b"\x1a", b"\x1b"
# The sixth message while five are unacknowledged (MQTT guide of BC35-G and BC28, table 4).
BUSY = 159

# Thousands of modules with the same settings share one value.
shared_options = lru_cache(maxsize=64)(mqtt.Options)


def refuse(command: Command, message: str, code: int = results.NOT_ALLOWED, /, **values: object) -> Refused:
    """A refusal that cites the command's place in the manual."""
    return Refused(command.where(message, **values), code)


def with_reason(command: Command, action: Callable[..., object], *values: Any) -> None:
    """Do what the session may refuse, with its reason."""
    try:
        action(*values)
    except mqtt.WindowFull as error:
        raise Refused(command.where(reason_of(error)), BUSY) from error
    except mqtt.IdentifierInUse as error:
        raise Refused(command.where(reason_of(error)), results.NOT_ALLOWED) from error
    except ValueError as error:
        raise Refused(command.where(reason_of(error)), results.INCORRECT_PARAMETERS) from error


def client_in(module: Device, command: Command, index: int, *states: State) -> MqttClientSlot:
    """The client, if it is in one of these states."""
    client = module.find(index)
    if client is None or client.state not in states:
        state = "closed" if client is None else client.state.name.lower()
        wanted = " or ".join(s.name.lower() for s in states)
        message = N_("client {index} is {state}, but must be {wanted}")
        raise refuse(command, message, index=index, state=state, wanted=wanted)
    return client


def check_publish(client: MqttClientSlot, command: Command, msgid: int, qos: int, topic: str) -> None:
    """Refuse a message that cannot be published, before the host types it."""
    if qos and not msgid:
        raise refuse(command, N_("<msgid> 0 is only for <qos> 0"), results.INCORRECT_PARAMETERS)
    if "#" in topic or "+" in topic or "\0" in topic:
        message = N_("<topic> contains a wildcard, but publishing needs a topic name (MQTT 3.1.1, 4.7.1)")
        raise refuse(command, message, results.INCORRECT_PARAMETERS)
    with_reason(command, client.check_publish, msgid, qos)


def message_typed(
    longest: int, timeout: float | None = None, echo: bool = False
) -> Generator[Step, bytes, bytes | None]:
    """Ask for the message of AT+QMTPUB without a length: Ctrl-Z ends it, and so do `longest` bytes, and Esc cancels it:
    None. `timeout` and `echo` are those of a prompt.
    """
    try:
        return (yield Prompt(longest, timeout, echo, ends=CTRL_Z, cancels=ESC))
    except Incomplete as incomplete:
        if incomplete.end is not DataEnd.CANCELLED:
            raise
        return None


def will_of(values: tuple[Any, ...]) -> ConnectWill | None:
    """The will that CONNECT carries, of the values of AT+QMTCFG="will"."""
    wanted, qos, retain, topic, message = values
    return ConnectWill(topic, to_bytes(message), qos, retain == 1) if wanted else None


@ANSWERS(Form("+QMTOPEN", FormKind.READ))
def list_open(module: Device) -> Steps:
    """One line for each open client."""
    command = module.commands["+QMTOPEN"]
    for client in module.clients:
        if client.state >= State.OPEN and client.network is not None:
            yield Info(command.info(client.index, client.network.host, client.network.port))
    yield OK


@ANSWERS(Form("+QMTCLOSE", FormKind.WRITE))
def close_network(module: Device, index: int) -> Steps:
    """Close the network of a client that was opened once, whatever became of it."""
    client = module.find(index)
    if client is None or not client.used:
        raise refuse(module.commands["+QMTCLOSE"], N_("client {index} was never opened"), index=index)
    yield OK
    client.close()


@ANSWERS(Form("+QMTCONN", FormKind.READ))
def list_connections(module: Device) -> Steps:
    """One line for each open client, with its state."""
    command = module.commands["+QMTCONN"]
    for client in module.clients:
        if client.state >= State.OPEN:
            yield Info(command.info(client.index, client.state - State.OPEN + 1))
    yield OK


@ANSWERS(Form("+QMTDISC", FormKind.WRITE))
def disconnect(module: Device, index: int) -> Steps:
    """Send DISCONNECT and close the connection."""
    client = client_in(module, module.commands["+QMTDISC"], index, State.CONNECTED)
    yield OK
    client.disconnect(module.now)


@ANSWERS(Form("+QMTSUB", FormKind.WRITE))
def subscribe(module: Device, index: int, msgid: int, filters: tuple[tuple[str, int], ...]) -> Steps:
    """Subscribe to all the topics in one packet."""
    command = module.commands["+QMTSUB"]
    client = client_in(module, command, index, State.CONNECTED)
    with_reason(command, client.subscribe, msgid, filters, module.now)
    yield OK


@ANSWERS(Form("+QMTUNS", FormKind.WRITE))
def unsubscribe(module: Device, index: int, msgid: int, filters: tuple[tuple[str], ...]) -> Steps:
    """Unsubscribe from all the topics in one packet."""
    command = module.commands["+QMTUNS"]
    client = client_in(module, command, index, State.CONNECTED)
    with_reason(command, client.unsubscribe, msgid, tuple(topic for (topic,) in filters), module.now)
    yield OK
