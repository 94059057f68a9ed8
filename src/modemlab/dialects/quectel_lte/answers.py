"""How EC200x, EC600x and EG912Y answer the MQTT commands (MQTT guide, chapter 3)."""

import re
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from modemlab.at import events
from modemlab.at.command import Command
from modemlab.at.dialect import Answers
from modemlab.at.events import Network, Opening, State
from modemlab.at.parameters import to_bytes
from modemlab.at.verbs import OK, Info, Prompt, Step
from modemlab.dialects.quectel_lte import commands as c
from modemlab.dialects.quectel_lte import configuration
from modemlab.dialects.quectel_lte.configuration import option_values, prompt_options, refuse
from modemlab.dialects.quectel_lte.tellings import message_line
from modemlab.mqtt import events as mqtt
from modemlab.mqtt.values import Will
from modemlab.platforms import Credentials, aliyun, huawei, onenet

if TYPE_CHECKING:
    from modemlab.module.client import Client
    from modemlab.module.module import Module

Steps = Generator[Step, bytes, None]
ANSWERS = Answers(configuration.ANSWERS)
HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2})*")


def client_in(module: "Module", command: Command, client_idx: int, *states: State) -> "Client":
    """The client, if it is in one of these states."""
    client = module.clients.get(client_idx)
    if client is None or client.state not in states:
        state = "closed" if client is None else client.state.name.lower()
        wanted = " or ".join(s.name.lower() for s in states)
        raise refuse(command, f"client {client_idx} is {state}, but must be {wanted}")
    return client


@ANSWERS(c.QMTOPEN.on_read)
def list_open(module: "Module") -> Steps:
    """One line for each open client."""
    for index, client in sorted(module.clients.items()):
        if client.state >= State.OPEN and client.network is not None:
            yield Info(c.QMTOPEN.info(index, client.network.host, client.network.port))
    yield OK


@ANSWERS(c.QMTOPEN.on_write)
def open_network(module: "Module", client_idx: int, host_name: str, port: int) -> Steps:
    """Open the network; the PDP context is activated if it is not active."""
    yield OK
    client = module.client(client_idx)
    if client.state is not State.CLOSED:
        module.happen(events.Opened(client_idx, Opening.OCCUPIED))
        return
    (context,) = option_values(module, "pdpcid", client_idx)
    client.used = True
    if not module.mobile.activate(context):
        module.happen(events.Opened(client_idx, Opening.NO_PDP))
    elif option_values(module, "ssl", client_idx)[0]:
        module.note(f"client {client_idx}", "the TLS handshake failed: TLS is not simulated")
        module.happen(events.Opened(client_idx, Opening.FAILED))
    else:
        client.stored = option_values(module, "recv/mode", client_idx)[0] == 1
        client.open(Network(host_name, port, context, c.QMTOPEN.max_response), module.now)


@ANSWERS(c.QMTCLOSE.on_write)
def close_network(module: "Module", client_idx: int) -> Steps:
    """Close the network of a client that was opened once, whatever became of it."""
    client = module.clients.get(client_idx)
    if client is None or not client.used:
        raise refuse(c.QMTCLOSE, f"client {client_idx} was never opened")
    yield OK
    client.close()


@ANSWERS(c.QMTCONN.on_read)
def list_connections(module: "Module") -> Steps:
    """One line for each open client, with its state."""
    for index, client in sorted(module.clients.items()):
        if client.state >= State.OPEN:
            yield Info(c.QMTCONN.info(index, client.state - State.OPEN + 1))
    yield OK


@ANSWERS(c.QMTCONN.on_write)
def connect(module: "Module", client_idx: int, client_id: str, username: str | None, password: str | None) -> Steps:
    """Send CONNECT, with the credentials of a platform where the host gives none."""
    client = client_in(module, c.QMTCONN, client_idx, State.OPEN)
    try:
        if username is None:
            client_id, username, password = credentials(module, client_idx, client_id)
        client.connect(
            session_options(module, client_idx),
            client_id,
            username,
            None if password is None else to_bytes(password),
            will_of(module, client_idx),
            module.now,
        )
    except ValueError as error:
        raise refuse(c.QMTCONN, str(error)) from error
    yield OK


# Thousands of modules with the same settings share one value.
shared_options = lru_cache(maxsize=64)(mqtt.Options)


def session_options(module: "Module", client_idx: int) -> mqtt.Options:
    """What AT+QMTCFG says of the connection."""
    timeout, retries, _notice = option_values(module, "timeout", client_idx)
    return shared_options(
        level=option_values(module, "version", client_idx)[0],
        clean_session=option_values(module, "session", client_idx) == (1,),
        keep_alive=option_values(module, "keepalive", client_idx)[0],
        packet_timeout=timeout,
        retries=retries,
        ping_interval=option_values(module, "qmtping", client_idx)[0],
    )


def will_of(module: "Module", client_idx: int) -> Will | None:
    """The will that CONNECT carries."""
    wanted, qos, retain, topic, message = option_values(module, "will", client_idx)
    return Will(topic, to_bytes(message), qos, retain == 1) if wanted else None


def credentials(module: "Module", client_idx: int, client_id: str) -> tuple[str, str | None, str | None]:
    """Client id, user name and password, made by the first platform that AT+QMTCFG names a device of.

    Raises ValueError when a key is not what the platform gives out.
    """
    made: Credentials | None = None
    if (device := option_values(module, "aliauth", client_idx))[0]:
        mode = aliyun.TLS if option_values(module, "ssl", client_idx)[0] else aliyun.TCP
        product, name, secret = device
        made = aliyun.credentials(client_id, name, product, secret, securemode=mode)
    elif (device := option_values(module, "onenet", client_idx))[0]:
        made = onenet.credentials(device[0], client_id, device[1])
    elif (device := option_values(module, "hwauth", client_idx))[0]:
        made = huawei.credentials(device[0], device[1], utc_of(module), sign_type=device[2] or 0)
    elif (device := option_values(module, "hwprodid", client_idx))[0]:
        product, secret, node, checked = device
        made = huawei.product_credentials(product, secret, node, utc_of(module), sign_type=checked or 0)
    return made if made is not None else (client_id, None, None)


def utc_of(module: "Module") -> datetime:
    """The date and time at the module."""
    return datetime.fromtimestamp(module.mobile.utc_seconds(module.now), UTC)


@ANSWERS(c.QMTDISC.on_write)
def disconnect(module: "Module", client_idx: int) -> Steps:
    """Send DISCONNECT and close the connection."""
    client = client_in(module, c.QMTDISC, client_idx, State.CONNECTED)
    yield OK
    client.disconnect(module.now)


# Topics and messages


@ANSWERS(c.QMTSUB.on_write)
def subscribe(module: "Module", client_idx: int, msgid: int, filters: tuple[tuple[str, int], ...]) -> Steps:
    """Subscribe to all the topics in one packet."""
    client = client_in(module, c.QMTSUB, client_idx, State.CONNECTED)
    with_reason(c.QMTSUB, client.subscribe, msgid, filters, module.now)
    yield OK


@ANSWERS(c.QMTUNS.on_write)
def unsubscribe(module: "Module", client_idx: int, msgid: int, filters: tuple[tuple[str], ...]) -> Steps:
    """Unsubscribe from all the topics in one packet."""
    client = client_in(module, c.QMTUNS, client_idx, State.CONNECTED)
    with_reason(c.QMTUNS, client.unsubscribe, msgid, tuple(topic for (topic,) in filters), module.now)
    yield OK


@ANSWERS(c.QMTPUBEX.on_write)
def publish(module: "Module", client_idx: int, msgid: int, qos: int, retain: int, topic: str, length: int) -> Steps:
    """Ask for the message and publish it."""
    client = client_in(module, c.QMTPUBEX, client_idx, State.CONNECTED)
    if qos and not msgid:
        raise refuse(c.QMTPUBEX, "<msgid> 0 goes with <qos> 0 alone")
    if "#" in topic or "+" in topic or "\0" in topic:
        raise refuse(c.QMTPUBEX, "<topic> holds a wildcard; one publishes to a topic name (MQTT 3.1.1, 4.7.1)")
    if client.session is not None:
        with_reason(c.QMTPUBEX, client.session.check_publish, msgid, qos)
    payload = yield Prompt(length, *prompt_options(module, client_idx))
    if option_values(module, "dataformat", client_idx)[0]:
        payload = from_hexadecimal(payload)
    client = client_in(module, c.QMTPUBEX, client_idx, State.CONNECTED)
    with_reason(c.QMTPUBEX, client.publish, msgid, topic, payload, qos, retain == 1, module.now)
    yield OK


def from_hexadecimal(typed: bytes) -> bytes:
    """The bytes that were typed in hexadecimal."""
    if not HEXADECIMAL.fullmatch(typed):
        raise refuse(c.QMTPUBEX, "the data is not pairs of hexadecimal digits, as send/mode 1 wants them")
    return bytes.fromhex(typed.decode("ascii"))


def with_reason(command: Command, action: Callable[..., object], *values: Any) -> None:
    """Do what the session may refuse, with its reason."""
    try:
        action(*values)
    except (mqtt.IdentifierInUse, mqtt.WindowFull, ValueError) as error:
        raise refuse(command, str(error)) from error


@ANSWERS(c.QMTRECV.on_read)
def list_stored(module: "Module") -> Steps:
    """One line for each connected client: which of its slots hold a message."""
    for index, client in sorted(module.clients.items()):
        if client.state is State.CONNECTED:
            occupied = client.inbox.occupied if client.inbox is not None else (False,) * 5
            yield Info(c.QMTRECV.info(index, *map(int, occupied)))
    yield OK


@ANSWERS(c.QMTRECV.on_write)
def fetch(module: "Module", client_idx: int, recv_id: int | None) -> Steps:
    """Print stored messages, one or all, and free their slots."""
    client = client_in(module, c.QMTRECV, client_idx, State.CONNECTED)
    for slot in range(5) if recv_id is None else (recv_id,):
        message = client.fetch(slot)
        if message is not None:
            yield Info(message_line(module, client_idx, message))
    yield OK
