"""Quectel EC200x, EC600x and EG912Y: the whole dialect, its line, its mobile and its MQTT clients."""

from dataclasses import replace

from modemlab.at.results import CME_WORDS
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.known_commands import known_in
from modemlab.dialects import tgpp, v250
from modemlab.dialects.qmt.tables import WAYS
from modemlab.dialects.quectel_lte import (
    answers,
    commands,
    file_answers,
    file_commands,
    mobile_answers,
    mobile_commands,
    recipes,
    ssl_answers,
    ssl_commands,
    tcpip_answers,
    tcpip_commands,
    urcs,
)
from modemlab.dialects.tgpp.foreign_urcs import FOREIGN_URCS

# A revision is the model's letters, a release and a build, as ATI prints it (AT commands manual V1.1, 2.1).
MODELS = tuple(
    Model(name, "Quectel", name.replace("-", ""), f"{name.replace('-', '')}{release}", name.partition("-")[0])
    for name, release in (
        ("EC200T-CN", "AAR05A01M1G"),
        ("EC200S-CN", "AAR03A01M08"),
        ("EC200N-CN", "AAR01A01M08"),
        ("EC600S-CN", "AAR03A01M08"),
        ("EC600N-CN", "AAR01A01M08"),
        ("EG912Y-CN", "AAR02A01M08"),
    )
)


SESSION = """\
AT
AT+CPIN?
AT+CREG?
AT+QIACT=1
AT+QMTCFG="recv/mode",0,0,1
AT+QMTOPEN=0,"mqtt.example.com",1883
AT+QMTCONN=0,"bench"
AT+QMTSUB=0,1,"attributes",0
AT+QMTPUBEX=0,0,0,0,"attributes",20
{"temperature":31.6}
AT+QMTDISC=0
"""

DIALECT = Dialect(
    name="quectel_lte",
    title="Quectel EC200x, EC600x and EG912Y",
    models=MODELS,
    commands=v250.COMMANDS
    | tgpp.COMMANDS
    | mobile_commands.COMMANDS
    | tcpip_commands.COMMANDS
    | commands.COMMANDS
    | ssl_commands.COMMANDS
    | file_commands.COMMANDS,
    answers=v250.ANSWERS
    | tgpp.ANSWERS
    | mobile_answers.ANSWERS
    | tcpip_answers.ANSWERS
    | answers.ANSWERS
    | ssl_answers.ANSWERS
    | file_answers.ANSWERS,
    urc_makers=tgpp.URC_MAKERS | mobile_answers.URC_MAKERS | urcs.URC_MAKERS,
    boot=mobile_answers.boot,
    urcs=(*commands.URCS, mobile_commands.STARTED),
    unsaid=FOREIGN_URCS,
    lenient=commands.LENIENT,
    errors=CME_WORDS | mobile_commands.AUDIO_ERRORS | file_commands.ERRORS,
    numbered=file_commands.NUMBERED,
    quirks={
        "disc-stat": "+QMTSTAT: <client_idx>,5 follows +QMTDISC",
        answers.NO_AUTO_PDP: "+QMTOPEN: <client_idx>,3 while the PDP context is not active",
    },
    ports=tuple(mobile_commands.PORTS),
    recipes=recipes.RECIPES,
    known=known_in(f"{__name__}.manuals"),
    precedence=1,
    ways=replace(
        WAYS, tls='AT+QMTCFG="ssl",{client},1,<SSL_ctx_idx>', plain='AT+QMTCFG="ssl",{client},0', network="AT+QIACT"
    ),
    session=tuple(SESSION.splitlines()),
)
