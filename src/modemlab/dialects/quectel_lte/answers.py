"""How EC200x, EC600x and EG912Y answer the MQTT commands (MQTT guide, chapter 3)."""

import re
from datetime import UTC, datetime

from modemlab.at import results
from modemlab.at.command import Command
from modemlab.at.parameters import to_bytes
from modemlab.at.steps import OK, Info, Prompt, Refused, Steps
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device, MqttClientSlot
from modemlab.dialect.mqtt_events import OpenResult, State, shared_network
from modemlab.dialects.qmt import answers as qmt
from modemlab.dialects.qmt.answers import check_publish, client_in, message_typed, shared_options, will_of, with_reason
from modemlab.dialects.quectel_lte import commands as c
from modemlab.dialects.quectel_lte import configuration
from modemlab.dialects.quectel_lte import mobile_commands as mobile
from modemlab.dialects.quectel_lte.configuration import option_values, prompt_options, refuse
from modemlab.dialects.quectel_lte.memory import LteMemory
from modemlab.dialects.quectel_lte.ssl_answers import tls_of
from modemlab.dialects.quectel_lte.urcs import message_line
from modemlab.mqtt import events as mqtt
from modemlab.platforms import Credentials, aliyun, huawei, onenet
from modemlab.text.catalogue import N_
from modemlab.text.reason import reason_of

ANSWERS = Answers(qmt.ANSWERS | configuration.ANSWERS)
CONNECTED = State.CONNECTED
# Firmwares that leave the activation of a PDP context to the host.
NO_AUTO_PDP = "no-auto-pdp"
HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2})*")


@ANSWERS(c.QMTOPEN.on_write)
def open_network(module: Device, client_idx: int, host_name: str, port: int) -> Steps:
    """Open the network; the PDP context is activated if it is not active, unless the firmware does not do that."""
    yield OK
    client = module.client(client_idx)
    if client.state is not State.CLOSED:
        module.emit(events.Opened(client_idx, OpenResult.OCCUPIED))
        return
    (context,) = option_values(module, "pdpcid", client_idx)
    client.used = True
    missing = context not in module.mobile.active
    if missing:
        module.emit(events.ContextMissing(client_idx, context, mobile.QIACT.manual))
    if (missing and NO_AUTO_PDP in module.quirks) or not module.mobile.activate(context):
        module.emit(events.Opened(client_idx, OpenResult.NO_PDP))
    else:
        secured, tls_context = option_values(module, "ssl", client_idx)
        try:
            tls = tls_of(module, tls_context, host_name) if secured else None
        except ValueError as error:
            module.emit(events.Opened(client_idx, OpenResult.FAILED, detail=str(error)))
            return
        client.open(shared_network(host_name, port, context, c.QMTOPEN.max_response, tls), module.now)


@ANSWERS(c.QMTCONN.on_write)
def connect(module: Device, client_idx: int, client_id: str, username: str | None, password: str | None) -> Steps:
    """Send CONNECT, with the credentials of a platform where the host gives none."""
    client = client_in(module, c.QMTCONN, client_idx, State.OPEN)
    module.memory(LteMemory).forget_messages(client_idx)
    client.stored = option_values(module, "recv/mode", client_idx)[0] == 1
    try:
        if username is None:
            client_id, username, password = credentials(module, client, client_id)
        client.connect(
            session_options(module, client_idx),
            client_id,
            username,
            None if password is None else to_bytes(password),
            will_of(option_values(module, "will", client_idx)),
            module.now,
        )
    except ValueError as error:
        raise Refused(c.QMTCONN.where(reason_of(error)), results.NOT_ALLOWED) from error
    yield OK


def session_options(module: Device, client_idx: int) -> mqtt.Options:
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


def credentials(module: Device, client: MqttClientSlot, client_id: str) -> tuple[str, str | None, str | None]:
    """Client id, user name and password, made by the first platform that AT+QMTCFG names a device of.

    Raises ValueError when a key is not what the platform gives out.
    """
    made: Credentials | None = None
    client_idx = client.index
    if (device := option_values(module, "aliauth", client_idx))[0]:
        secured = client.network is not None and client.network.tls is not None
        mode = aliyun.TLS if secured else aliyun.TCP
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


def utc_of(module: Device) -> datetime:
    """The date and time at the module."""
    return datetime.fromtimestamp(module.mobile.clock.utc(module.now), UTC)


@ANSWERS(c.QMTPUBEX.on_write)
def publish(module: Device, client_idx: int, msgid: int, qos: int, retain: int, topic: str, length: int) -> Steps:
    """Ask for the message and publish it."""
    return publish_by(c.QMTPUBEX, module, client_idx, msgid, qos, retain, topic, length)


@ANSWERS(c.QMTPUB.on_write)
def publish_beside(
    module: Device, client_idx: int, msgid: int, qos: int, retain: int, topic: str, length: int | None
) -> Steps:
    """As AT+QMTPUBEX; without a length Ctrl-Z ends the message and Esc cancels it."""
    return publish_by(c.QMTPUB, module, client_idx, msgid, qos, retain, topic, length)


def publish_by(
    command: Command, module: Device, client_idx: int, msgid: int, qos: int, retain: int, topic: str, length: int | None
) -> Steps:
    """Ask for the message and publish it, with the result of that command."""
    client = client_in(module, command, client_idx, CONNECTED)
    check_publish(client, command, msgid, qos, topic)
    timeout, echo = prompt_options(module, client_idx)
    if length is None:
        payload = yield from message_typed(c.MAX_MESSAGE_BYTES, timeout, echo)
    else:
        payload = yield Prompt(length, timeout, echo)
    if payload is not None:
        if option_values(module, "dataformat", client_idx)[0]:
            payload = from_hexadecimal(command, payload)
        client = client_in(module, command, client_idx, CONNECTED)
        send(module, command, client, (msgid, topic, payload, qos, retain == 1))
    yield OK


def send(module: Device, command: Command, client: MqttClientSlot, message: tuple[int, str, bytes, int, bool]) -> None:
    """Publish a message whose result that command tells. Raises `Refused` when it cannot be published."""
    msgid, _topic, _payload, qos, _retain = message
    memory = module.memory(LteMemory)
    if command is c.QMTPUBEX and not memory.beside:
        with_reason(command, client.publish, *message, module.now)
        return
    before, under_way = memory.publisher(client.index, msgid), False
    memory.set_publisher(client.index, msgid, command)
    try:
        with_reason(command, client.publish, *message, module.now)
        under_way = qos > 0
    finally:
        if not under_way:
            # One of QoS 0 has been told by now; the identifier may be that of an earlier message still.
            memory.set_publisher(client.index, msgid, before)


def from_hexadecimal(command: Command, typed: bytes) -> bytes:
    """The bytes that were typed in hexadecimal."""
    if not HEXADECIMAL.fullmatch(typed):
        raise refuse(command, N_("the data is not pairs of hexadecimal digits, as send/mode 1 requires"))
    return bytes.fromhex(typed.decode("ascii"))


@ANSWERS(c.QMTRECV.on_read)
def list_stored(module: Device) -> Steps:
    """One line for each connected client: which of its slots hold a message."""
    for client in module.clients:
        if client.state is State.CONNECTED:
            occupied = (int(slot in client.waiting) for slot in range(5))
            yield Info(c.QMTRECV.info(client.index, *occupied))
    yield OK


@ANSWERS(c.QMTRECV.on_write)
def fetch(module: Device, client_idx: int, recv_id: int | None) -> Steps:
    """Print stored messages, one or all, and free their slots."""
    client = client_in(module, c.QMTRECV, client_idx, State.CONNECTED)
    for slot in range(5) if recv_id is None else (recv_id,):
        message = client.fetch(slot)
        if message is not None:
            yield Info(message_line(module, client_idx, message))
    yield OK
