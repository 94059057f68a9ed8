"""How a host asks Luat's modules (Luat AT manual V1.6.3, chapters 12 and 16): one session, results without numbers."""

import re
from typing import Any

from modemlab.at.command import Command, FormKind
from modemlab.at.encoding import encode, information
from modemlab.at.errors import CommandRefused, LinkLost, NotDelivered, Remedy, UsageError
from modemlab.at.parameters import to_text
from modemlab.dialect.network import host_and_port
from modemlab.dialect.recipes import (
    Ask,
    Await,
    Expect,
    LinkDown,
    Message,
    MqttSession,
    Recipe,
    Recipes,
    Restarted,
    StoredAt,
    TlsCredentials,
    file_name,
)
from modemlab.dialects.luat import commands as c
from modemlab.dialects.luat import file_commands as files
from modemlab.dialects.luat import network_commands as network
from modemlab.dialects.luat.ssl_commands import MQTT, SSLCFG
from modemlab.dialects.tgpp.recipes import attempt, looking, prepare
from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Sentence

# Seconds for which results that the manual gives no time for are awaited.
CONNECTING = 75.0
RESULT = 30.0
LINK_LOST_URCS = ((c.CLOSED, ()), (network.PDP_DEACT, ()))
REMEDY_BY_URC = {c.CLOSED: Remedy.REOPEN, network.PDP_DEACT: Remedy.RENEW_PDP}
NOT_EMPTY = 1
# The state of a session that stands.
SESSION = 1
# Seconds that the data of a file may take.
UPLOADING = 10


def finish(waiter: Any, within: float) -> Recipe:
    """The URC that came; the end of the connection raises `LinkLost`."""
    heard = yield Await(waiter, within)
    if heard.urc in REMEDY_BY_URC:
        raise LinkLost(About(heard.urc.name, Sentence(heard.urc.title)), None, REMEDY_BY_URC[heard.urc])
    return heard


def connect(session: MqttSession) -> Recipe:
    """Bring the IP connection up, set up, open and connect."""
    if session.level != 4:
        raise UsageError(Sentence(N_("this dialect supports only MQTT 3.1.1")))
    if session.own_credential is not None and session.username is None:
        raise UsageError(
            Sentence(
                N_("{platform} can only be reached by a command that this module does not have"),
                platform=session.own_credential.platform,
            )
        )
    yield from disconnect(session.client)
    # Either is refused where the connection is up already.
    yield from attempt(Ask(encode(network.CSTT, kind=FormKind.EXECUTE)))
    yield from attempt(Ask(encode(network.CIICR, kind=FormKind.EXECUTE)))
    will = session.will
    if will is not None and not will.payload:
        raise UsageError(Sentence(N_("a will without a payload cannot be set on this dialect")))
    values = () if will is None else (will.qos, int(will.retain), will.topic, to_text(will.payload))
    user = (session.username or "", session.password or "")
    yield Ask(encode(c.MCONFIG, session.client_id, *user, *values))
    opened = yield Expect(c.CONNECT_OK, (), ((c.ALREADY_CONNECT, ()), (c.CONNECT_FAIL, ())))
    if session.tls is not None:
        yield from secure(session.tls, session.host)
    server = host_and_port(session.host, session.port)
    start = c.MIPSTART if session.tls is None else c.SSLMIPSTART
    yield Ask(encode(start, session.host, session.port))
    if (yield Await(opened, CONNECTING)).urc is c.CONNECT_FAIL:
        raise LinkLost(Sentence(N_("{server} could not be opened"), server=server), None, Remedy.REBUILD)
    accepted = yield Expect(c.CONNACK_OK, (), ((c.FAILED, ()), *LINK_LOST_URCS))
    yield Ask(encode(c.MCONNECT, int(session.clean), session.keepalive), unless=accepted)
    heard = yield from finish(accepted, RESULT)
    if heard.urc is c.FAILED:
        raise LinkLost(
            Sentence(N_("{server} refused the login, or did not answer"), server=server), None, Remedy.REBUILD
        )


def secure(keys: TlsCredentials, host: str) -> Recipe:
    """Set up the TLS context of MQTT; files that are there already are not sent again."""
    yield Ask(encode(SSLCFG, MQTT, keys.level, option="seclevel"))
    yield Ask(encode(SSLCFG, MQTT, int(not keys.check_dates), option="ignorelocaltime"))
    yield Ask(encode(SSLCFG, MQTT, host, option="hostname"))
    for option, data in keys.files.items():
        name = file_name(data)
        yield from upload(name, data)
        yield Ask(encode(SSLCFG, MQTT, name, option=option))


def upload(name: str, data: bytes) -> Recipe:
    """Have a file on the module. Raises `NotDelivered` when another length arrived."""
    if (yield from length_of(name)) == len(data):
        return
    yield from attempt(Ask(encode(files.FSDEL, name)))
    yield Ask(encode(files.FSCREATE, name))
    for start in range(0, len(data), files.MAX_TRANSFER_BYTES):
        part = data[start : start + files.MAX_TRANSFER_BYTES]
        yield Ask(encode(files.FSWRITE, name, int(start > 0), len(part), UPLOADING), part, within=2.0 * UPLOADING)
    if (yield from length_of(name)) != len(data):
        raise NotDelivered(
            Sentence(N_("{name}: {count} bytes were sent, and others arrived"), name=name, count=len(data))
        )


def length_of(name: str) -> Recipe:
    """The length of a file; None without one."""
    lines = (yield from attempt(Ask(encode(files.FSFLSIZE, name)))) or ()
    return next((int(found[0]) for line in lines if (found := re.search(rb"[0-9]+", line))), None)


def status() -> Recipe:
    """The state of the session."""
    lines = yield Ask(encode(c.MQTTSTATU, kind=FormKind.EXECUTE))
    return next((values[0] for values in information(c.MQTTSTATU, lines)), 0)


def alive(_client: int) -> Recipe:
    """Whether the module has the session, as it sees it."""
    return (yield from status()) == SESSION


def disconnect(_client: int) -> Recipe:
    """End the session and the connection, whatever there is of them."""
    state = yield from status()
    if state == SESSION:
        yield from attempt(Ask(encode(c.MDISCONNECT, kind=FormKind.EXECUTE)))
    if state:
        yield from attempt(Ask(encode(c.MIPCLOSE, kind=FormKind.EXECUTE)))


def publish(_session: MqttSession, _msgid: int, topic: str, payload: bytes, qos: int, retain: bool) -> Recipe:
    """Publish; over once it is acknowledged, of QoS 0 once the module has it."""
    ended = {1: c.PUBACK, 2: c.PUBCOMP}.get(qos)
    waiter = None if ended is None else (yield Expect(ended, (), LINK_LOST_URCS))
    if len(payload) >= NOT_EMPTY:
        yield Ask(encode(c.MPUBEX, topic, qos, int(retain), len(payload)), payload, unless=waiter)
    else:
        yield Ask(encode(c.MPUB, topic, qos, int(retain), b""), unless=waiter)
    if waiter is not None:
        yield from finish(waiter, RESULT)


def subscribe(_session: MqttSession, _msgid: int, topics: tuple[tuple[str, int], ...]) -> Recipe:
    """Subscribe, one topic after the other; the module does not tell what was granted."""
    for topic, qos in topics:
        yield from acknowledged(c.SUBACK, c.MSUB, topic, qos)
    return tuple(qos for _, qos in topics)


def unsubscribe(_session: MqttSession, _msgid: int, topics: tuple[str, ...]) -> Recipe:
    """Unsubscribe, one topic after the other."""
    for topic in topics:
        yield from acknowledged(c.UNSUBACK, c.MUNSUB, topic)


def acknowledged(urc: Any, command: Command, *values: Any) -> Recipe:
    """Ask, and have the server's acknowledgement."""
    waiter = yield Expect(urc, (), LINK_LOST_URCS)
    yield Ask(encode(command, *values), unless=waiter)
    yield from finish(waiter, RESULT)


def renew() -> Recipe:
    """Shut the IP connection; the next session brings it up."""
    try:
        yield Ask(encode(network.CIPSHUT, kind=FormKind.EXECUTE))
    except CommandRefused:
        return


def fetch(_client: int, _slot: int) -> Recipe:
    """Have the messages printed that wait; they come as those do that do not."""
    yield from attempt(Ask(encode(c.MQTTMSGGET, kind=FormKind.EXECUTE)))


def gone(urc: Any) -> LinkDown:
    """The end of the connection."""
    return LinkDown(0, None, urc.title, REMEDY_BY_URC[urc])


RECIPES = Recipes(
    prepare=prepare,
    look=looking(network.CEREG, network.CGREG, network.CREG),
    connect=connect,
    disconnect=disconnect,
    alive=alive,
    clear=disconnect,
    publish=publish,
    subscribe=subscribe,
    unsubscribe=unsubscribe,
    renew=renew,
    fetch=fetch,
    hears={
        c.MESSAGE: lambda topic, _, payload: Message(0, topic, payload),
        c.STORED: lambda slot: StoredAt(0, slot),
        c.CLOSED: lambda: gone(c.CLOSED),
        network.PDP_DEACT: lambda: gone(network.PDP_DEACT),
        network.RDY: Restarted,
    },
    largest=c.MAX_MESSAGE_BYTES,
    filler=c.MAX_MESSAGE_BYTES,
    limits="the module does not tell which message an acknowledgement is for: they are taken in order; nor what QoS a "
    "subscription was granted",
)
