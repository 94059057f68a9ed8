"""How a host asks EC200x, EC600x and EG912Y (MQTT guide, chapter 3; TCP/IP guide for the PDP context)."""

from modemlab.at.encoding import encode, information
from modemlab.at.errors import LinkLost, NotDelivered, Remedy, TimeoutExpired, UsageError
from modemlab.at.line_patterns import shape
from modemlab.at.parameters import to_text
from modemlab.dialect.recipes import (
    Ask,
    Message,
    MqttSession,
    NetworkStatus,
    Recipe,
    Restarted,
    StoredAt,
    TlsCredentials,
    UrcRoute,
    file_name,
)
from modemlab.dialects.qmt import recipes as qmt
from modemlab.dialects.quectel_lte import commands as c
from modemlab.dialects.quectel_lte import file_commands as files
from modemlab.dialects.quectel_lte import mobile_commands as mobile
from modemlab.dialects.quectel_lte.file_storage import checksum
from modemlab.dialects.quectel_lte.ssl_commands import QSSLCFG
from modemlab.dialects.tgpp import commands as tgpp
from modemlab.dialects.tgpp.recipes import attempt, looking, prepare, read
from modemlab.dialects.tls_context import ALL_SUITES
from modemlab.text.catalogue import N_
from modemlab.text.reason import Listed, Sentence

CONTEXT = 1
# The code of +QMTOPEN for a context that is missing.
NO_CONTEXT = 3
REGISTRATION_QUERY = looking(tgpp.CEREG, tgpp.CGREG, tgpp.CREG)
# All versions that the module and the server have in common.
ANY_VERSION = 4
# Seconds without data after which the module gives an upload up.
UPLOADING = 10
TRANSFERRED = shape(files.QFUPL.name, files.TRANSFER)


def settings(session: MqttSession) -> Recipe:
    """All that a session has, and what an earlier host may have left otherwise."""
    client = session.client
    yield from qmt.basics(c.QMTCFG, session)
    yield from set_will(session)
    if session.tls is None:
        yield Ask(encode(c.QMTCFG, client, 0, option="ssl"))
    else:
        yield from secure(client, session.tls)
        yield Ask(encode(c.QMTCFG, client, 1, client, option="ssl"))
    yield Ask(encode(c.QMTCFG, client, 0, 1, option="recv/mode"))
    # Older firmwares have none of these, and nothing that they would set.
    yield from attempt(Ask(encode(c.QMTCFG, client, 0, 0, option="dataformat")))
    yield from attempt(Ask(encode(c.QMTCFG, client, 0, option="view/mode")))


def set_will(session: MqttSession) -> Recipe:
    """The will; as data, when it cannot be typed in a line."""
    try:
        yield from qmt.set_will(c.QMTCFG, session)
    except UsageError:
        will = session.will
        assert will is not None
        values = (session.client, 1, will.qos, int(will.retain), will.topic, len(will.payload))
        yield Ask(encode(c.QMTCFG, *values, option="willex"), will.payload)


def connect(session: MqttSession) -> Recipe:
    """Set up, open and connect. Where no URC comes, the error says which port has them, and how this one would.

    The PDP context is activated first, as not every firmware does that by itself (TCP/IP guide V1.2, 2.2.2).
    """
    if not (yield from activate()):
        message = N_("PDP context {cid} is not active, and the module refuses to activate it")
        raise LinkLost(Sentence(message, cid=CONTEXT), NO_CONTEXT, Remedy.RENEW_PDP)
    try:
        yield from qmt.open_session(FAMILY, session)
    except TimeoutExpired as error:
        found: UrcRoute | None = None if error.what.startswith("AT") else (yield from route())
        if found is None:
            raise
        message = N_(
            "URCs go to the {port}: if that is another port, open it, or direct them to this port by {commands}"
        )
        brings = Listed(tuple(found.commands.values()), N_(" or "))
        hint = Sentence(message, port=Sentence(found.words), commands=brings)
        raise TimeoutExpired(error.what, error.seconds, hint) from None


def secure(context: int, keys: TlsCredentials) -> Recipe:
    """Set up the TLS context of a client's own number; files that are there already are not sent again."""
    yield Ask(encode(QSSLCFG, context, keys.level, option="seclevel"))
    yield Ask(encode(QSSLCFG, context, ANY_VERSION, option="sslversion"))
    yield Ask(encode(QSSLCFG, context, ALL_SUITES, option="ciphersuite"))
    yield Ask(encode(QSSLCFG, context, int(not keys.check_dates), option="ignorelocaltime"))
    # Older firmwares have no SNI.
    yield from attempt(Ask(encode(QSSLCFG, context, 1, option="sni")))
    for option, data in keys.files.items():
        name = f"UFS:{file_name(data)}"
        yield from upload(name, data)
        yield Ask(encode(QSSLCFG, context, name, option=option))


def upload(name: str, data: bytes) -> Recipe:
    """Have a file on the module. Raises `NotDelivered` when what arrived is not what was sent."""
    lines = yield from attempt(Ask(encode(files.QFLST, name)))
    sizes = [values[1] for values in information(files.QFLST, lines or ())]
    if sizes == [len(data)]:
        return
    if sizes:
        yield Ask(encode(files.QFDEL, name))
    ask = Ask(encode(files.QFUPL, name, len(data), UPLOADING), data, mark=b"CONNECT", within=2.0 * UPLOADING)
    arrived = [TRANSFERRED.values(line) for line in (yield ask)]
    if (len(data), checksum(data)) not in arrived:
        yield from attempt(Ask(encode(files.QFDEL, name)))
        raise NotDelivered(
            Sentence(N_("{name}: {count} bytes were sent, and others arrived"), name=name, count=len(data))
        )


def bring_up() -> Recipe:
    """Look, and activate the PDP context if it is not up."""
    seen: NetworkStatus = yield from REGISTRATION_QUERY()
    if seen.missing:
        return seen
    return seen._replace(context=(yield from activate()))


def activate() -> Recipe:
    """Activate the PDP context unless it is active; whether it is then."""
    if (yield from active()) or (yield from attempt(Ask(encode(mobile.QIACT, CONTEXT)))) is not None:
        return True
    # Refused: somebody else may have activated it meanwhile.
    return (yield from active())


def active() -> Recipe:
    """Whether the PDP context is active."""
    return any(values[:2] == (CONTEXT, 1) for values in (yield from read(mobile.QIACT)))


def renew() -> Recipe:
    """Deactivate and activate the PDP context."""
    yield from attempt(Ask(encode(mobile.QIDEACT, CONTEXT)))
    yield from attempt(Ask(encode(mobile.QIACT, CONTEXT)))


def fetch(client: int, slot: int) -> Recipe:
    """Have a message printed that waits; it comes as those do that do not."""
    yield from attempt(Ask(encode(c.QMTRECV, client, slot)))


def route() -> Recipe:
    """Where AT+QURCCFG has URCs go."""
    lines = yield from attempt(Ask(encode(mobile.QURCCFG, option="urcport")))
    for line in lines or ():
        name = to_text(line.rpartition(b",")[2].strip(b'"'))
        if name in mobile.PORTS:
            commands = {
                over: to_text(encode(mobile.QURCCFG, port, option="urcport"))
                for over, port in (("usb", "usbat"), ("uart", "uart1"))
            }
            return UrcRoute("uart" if name.startswith("uart") else "usb", mobile.PORTS[name], commands)
    return None


FAMILY = qmt.Family(
    *(c.QMTOPEN, c.QMTCLOSE, c.QMTCONN, c.QMTDISC, c.QMTSUB, c.QMTUNS, c.QMTPUBEX, c.QMTSTAT),
    settings,
    own=qmt.by_options(
        c.QMTCFG, {"aliyun": "aliauth", "onenet": "onenet", "huawei": "hwauth", "huawei product": "hwprodid"}
    ),
)
RECIPES = qmt.made(
    FAMILY,
    connect=connect,
    prepare=prepare,
    look=REGISTRATION_QUERY,
    bring_up=bring_up,
    renew=renew,
    route=route,
    fetch=fetch,
    hears={
        c.MESSAGE: lambda client, msgid, topic, payload: Message(client, topic, payload, msgid),
        c.MESSAGE_STORED: StoredAt,
        c.MESSAGE_WITH_LENGTH: lambda client, msgid, topic, _, payload: Message(client, topic, payload, msgid),
        c.QMTSTAT: lambda client, code: qmt.gone(c.QMTSTAT, client, code),
        mobile.STARTED: Restarted,
    },
    clients=6,
    largest=1500,
    # The driver sets recv/mode so that each message has its length.
    ignores=frozenset((c.MESSAGE,)),
)
