"""How a host asks BC35-G and BC28 (BC35-G & BC28 MQTT guide V1.0, chapter 3)."""

from typing import Any

from modemlab.at.encoding import encode
from modemlab.at.errors import LinkLost, Remedy, UsageError
from modemlab.dialect.recipes import ANY, Ask, Await, Expect, Message, MqttSession, Recipe, Restarted
from modemlab.dialects.qmt import recipes as qmt
from modemlab.dialects.quectel_nb import commands as c
from modemlab.dialects.quectel_nb import mobile_commands as mobile
from modemlab.dialects.quectel_nb import module_commands as module
from modemlab.dialects.tgpp.recipes import attempt, looking, prepare
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence


def settings(session: MqttSession) -> Recipe:
    """All that a session has. Raises `UsageError` for TLS, which the module does not have."""
    if session.tls is not None:
        raise UsageError(Sentence(N_("this module has no TLS for MQTT")))
    yield from qmt.basics(c.QMTCFG, session)
    yield from qmt.set_will(c.QMTCFG, session)


def fetch_password(client: int, values: tuple[Any, ...]) -> Recipe:
    """Have the module fetch a device's password. Raises `LinkLost` when it cannot."""
    if (yield from attempt(Ask(encode(c.QMTCFG, client, option="aliauth")))):
        return False
    told = yield Expect(c.TOKEN_RESULT, (ANY,))
    yield Ask(encode(c.QMTTENAUTH, *values))
    code = (yield Await(told, c.QMTTENAUTH.max_response + qmt.RESULT_MARGIN_S)).values[0]
    if code:
        words = qmt.code_told(c.TOKEN_RESULT, code, qmt.meaning(c.TOKEN_RESULT, code, 0))
        raise LinkLost(words, code, Remedy.REBUILD)
    return True


def renew() -> Recipe:
    """Detach and attach."""
    yield from attempt(Ask(encode(mobile.CGATT, 0)))
    yield from attempt(Ask(encode(mobile.CGATT, 1)))


FAMILY = qmt.Family(
    *(c.QMTOPEN, c.QMTCLOSE, c.QMTCONN, c.QMTDISC, c.QMTSUB, c.QMTUNS, c.QMTPUB, c.QMTSTAT),
    settings,
    ends=b"\x1a",
    own={**qmt.by_options(c.QMTCFG, {"aliyun": "aliauth"}), "tencent suite": fetch_password},
)
RECIPES = qmt.made(
    FAMILY,
    prepare=prepare,
    look=looking(mobile.CEREG),
    renew=renew,
    hears={
        c.MESSAGE: lambda client, msgid, topic, payload: Message(client, topic, payload, msgid),
        c.QMTSTAT: lambda client, code: qmt.gone(c.QMTSTAT, client, code),
        module.STARTED: Restarted,
    },
    largest=c.MAX_MESSAGE_BYTES,
    limits="messages come without their length: one that holds a line's end, or a quote ahead of one, cannot be told "
    "apart from what follows it, and is cut there or passed over",
)
