"""How BC35-G and BC28 answer the MQTT commands (BC35-G & BC28 MQTT guide V1.0, chapter 3)."""

import zlib

from modemlab.at import results
from modemlab.at.parameters import to_bytes
from modemlab.at.steps import OK, Info, Prompt, Refused, Steps
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import OpenResult, State, shared_network
from modemlab.dialect.network import HttpAnswer, HttpError, HttpRequest, no_answer
from modemlab.dialects.qmt import answers as qmt
from modemlab.dialects.qmt.answers import check_publish, client_in, message_typed, refuse, with_reason
from modemlab.dialects.quectel_nb import commands as c
from modemlab.dialects.quectel_nb import configuration, mobile_commands
from modemlab.dialects.quectel_nb.configuration import IN_FORCE, option_values
from modemlab.dialects.quectel_nb.urcs import opened, tell_signalling
from modemlab.platforms import Credentials, aliyun, tencent
from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Sentence, helped, reason_of

ANSWERS = Answers(qmt.ANSWERS | configuration.ANSWERS)
DAY = 86_400
NON_IP = 4


# Credentials


@ANSWERS(c.QMTTENAUTH.on_read, c.QMTENAUTH.on_read)
def show_password(module: Device) -> Steps:
    """The password that the platform gave."""
    _, secret, _ = module.get(c.TOKEN)
    if secret:
        yield Info(c.QMTTENAUTH.info(secret))
    yield OK


@ANSWERS(c.QMTTENAUTH.on_write, c.QMTENAUTH.on_write)
def fetch_password(
    module: Device,
    product_id: str,
    device_name: str,
    client_id: str,
    device_secret: str,
    expire: int | None,
    url: str | None,
) -> Steps:
    """Ask the platform for a password; its answer comes as a URC."""
    command = c.QMTTENAUTH
    if module.get(c.TOKEN)[2]:
        raise refuse(command, N_("a request is under way"))
    if not module.mobile.attached:
        raise refuse(command, N_("the mobile is not attached to a network"), results.NO_NETWORK_SERVICE)
    timestamp = int(module.mobile.clock.utc(module.now))
    nonce = zlib.crc32(f"{module.identity.imei}{module.mobile.clock.utc(module.now)}".encode()) >> 1
    try:
        request = tencent.token_request(
            *(product_id, device_name, client_id, device_secret),
            expire=(expire or 60) * DAY,
            nonce=nonce,
            timestamp=timestamp,
            url=url,
        )
    except UnicodeEncodeError:
        raise refuse(command, N_("the parameters are not UTF-8"), results.INCORRECT_PARAMETERS) from None
    except ValueError as error:
        raise Refused(command.where(reason_of(error)), results.INCORRECT_PARAMETERS) from None
    yield OK
    module.set(c.TOKEN, (None, None, 1))
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    asked = HttpRequest("POST", request.url, headers, request.body, command.max_response)
    module.request(asked, lambda answer: take_token(module, request.url, answer))


HTTP_RESULTS = {HttpError.NAME: 1, HttpError.SOCKET: 2, HttpError.ANSWER: 3, HttpError.SENDING: 4, HttpError.TIMEOUT: 6}


def take_token(module: Device, url: str, answer: HttpAnswer | HttpError) -> None:
    """Keep what the platform at that URL gave, and tell it."""
    module.set(c.TOKEN, (None, None, 0))
    if isinstance(answer, HttpError):
        result, reason = HTTP_RESULTS[answer], no_answer(url, answer)
    elif answer.status != 200:
        message = N_("{url} answered with status {status}: is it the address of the platform's service?")
        result, reason = 3, Sentence(message, url=url, status=answer.status)
    else:
        try:
            user, secret = tencent.read_token(answer.body)
        except ValueError as error:
            remedy = Sentence(N_("check the product, the device and its key"))
            result, reason = 5, About(url, helped(reason_of(error), remedy))
        else:
            module.set(c.TOKEN, (user, secret, None))
            module.send_urc(c.TOKEN_RESULT, 0, secret)
            return
    module.log("AT+QMTTENAUTH", reason)
    module.send_urc(c.TOKEN_RESULT, result)


def credentials(module: Device, client_id: str) -> tuple[str, str | None, str | None]:
    """Client id, user name and password where the host gives none: Aliyun's, else Tencent's, else none."""
    product, name, secret = option_values(module, "aliauth")
    if product:
        made: Credentials = aliyun.credentials(client_id, name, product, secret)
        return made
    user, secret, _ = module.get(c.TOKEN)
    return (client_id, user, secret) if user else (client_id, None, None)


# Connections


@ANSWERS(c.QMTOPEN.on_write)
def open_network(module: Device, index: int, host_name: str, port: int) -> Steps:
    """Open the network, over the context that came up with the attachment."""
    yield OK
    client = module.client(index)
    if client.state is not State.CLOSED:
        module.emit(events.Opened(index, OpenResult.OCCUPIED))
        return
    client.used = True
    mobile = module.mobile
    context = mobile_commands.INITIAL if mobile_commands.INITIAL in mobile.active else min(mobile.active, default=None)
    if context is None or mobile.active[context].type == NON_IP:
        module.emit(events.Opened(index, OpenResult.NO_PDP))
    else:
        client.open(shared_network(host_name, port, context, c.QMTOPEN.max_response), module.now)
        tell_signalling(module, 1)


@ANSWERS(c.QMTCLOSE.on_write)
def close_network(module: Device, index: int) -> Steps:
    """Close the network; with it goes the signalling connection."""
    was_open = opened(module, index)
    yield from qmt.close_network(module, index)
    if was_open:
        tell_signalling(module, 0)


@ANSWERS(c.QMTCONN.on_write)
def connect(module: Device, index: int, client_id: str, username: str | None, password: str | None) -> Steps:
    """Send CONNECT, with the credentials of a platform where the host gives none."""
    client = client_in(module, c.QMTCONN, index, State.OPEN)
    if password is not None and username is None:
        raise refuse(c.QMTCONN, N_("<password> needs <username> (MQTT 3.1.1, 3.1.2.9)"), results.INCORRECT_PARAMETERS)
    timeout = option_values(module, "timeout")
    try:
        if username is None:
            client_id, username, password = credentials(module, client_id)
        client.connect(
            qmt.shared_options(
                level=option_values(module, "version")[0],
                clean_session=option_values(module, "session") == (1,),
                keep_alive=option_values(module, "keepalive")[0],
                packet_timeout=timeout[0],
                retries=timeout[1],
                ping_interval=timeout[0],
            ),
            client_id,
            username,
            None if password is None else to_bytes(password),
            qmt.will_of(option_values(module, "will")),
            module.now,
        )
    except ValueError as error:
        raise Refused(c.QMTCONN.where(reason_of(error)), results.INCORRECT_PARAMETERS) from error
    module.set(c.QMTCFG, timeout, "timeout", IN_FORCE)
    yield OK


# Messages


@ANSWERS(c.QMTPUB.on_write)
def publish(module: Device, index: int, msgid: int, qos: int, retain: int, topic: str, length: int | None) -> Steps:
    """Ask for the message and publish it; without a length Ctrl-Z ends it and Esc cancels it."""
    client = client_in(module, c.QMTPUB, index, State.CONNECTED)
    check_publish(client, c.QMTPUB, msgid, qos, topic)
    payload = (yield from message_typed(c.MAX_MESSAGE_BYTES)) if length is None else (yield Prompt(length))
    if payload is not None:
        client = client_in(module, c.QMTPUB, index, State.CONNECTED)
        with_reason(c.QMTPUB, client.publish, msgid, topic, payload, qos, retain == 1, module.now)
    yield OK
