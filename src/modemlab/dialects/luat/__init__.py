"""Luat Air724UG, Air720UG, Air720UH, Air722UG and Air820UG: the whole dialect, its line, its mobile and its client."""

from modemlab.dialect.dialect import ConnectionMethods, Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.known_commands import known_in
from modemlab.dialect.mqtt_events import Storage
from modemlab.dialects.luat import (
    answers,
    commands,
    file_answers,
    file_commands,
    network_answers,
    network_commands,
    recipes,
    ssl_answers,
    ssl_commands,
    urcs,
)
from modemlab.dialects.luat.errors import ERRORS, INVALID_LINE
from modemlab.dialects.tgpp.foreign_urcs import FOREIGN_URCS

FIRMWARE = "AirM2M_720U_V301836_LTE_AT"

MODELS = tuple(
    Model(name, "AirM2M", name, FIRMWARE, name[:6])
    for name in ("Air724UG", "Air720UG", "Air720UH", "Air722UG", "Air820UG")
)


SESSION = """\
AT
AT+CPIN?
AT+CREG?
AT+MCONFIG="bench"
AT+MIPSTART="mqtt.example.com",1883
AT+MCONNECT=1,60
AT+MSUB="attributes",0
AT+MPUBEX="attributes",0,0,20
{"temperature":31.6}
AT+MDISCONNECT
"""

DIALECT = Dialect(
    name="luat",
    title="Luat Air72x and Air82x",
    models=MODELS,
    commands=network_commands.COMMANDS | commands.COMMANDS | file_commands.COMMANDS | ssl_commands.COMMANDS,
    answers=network_answers.ANSWERS | answers.ANSWERS | file_answers.ANSWERS | ssl_answers.ANSWERS,
    urc_makers=network_answers.URC_MAKERS | urcs.URC_MAKERS,
    boot=network_answers.boot,
    urcs=network_commands.URCS,
    unsaid=FOREIGN_URCS,
    line_length=16_384,
    unknown=INVALID_LINE,
    errors=ERRORS,
    factory=network_commands.FACTORY,
    storage=Storage(4, ring=True),
    recipes=recipes.RECIPES,
    known=known_in(f"{__name__}.manuals"),
    ways=ConnectionMethods(
        name="the connection",
        open="AT+MIPSTART",
        close="AT+MIPCLOSE",
        reopen="AT+MIPSTART and AT+MCONNECT again",
        login="AT+MCONFIG",
        tls="AT+SSLMIPSTART",
        plain="AT+MIPSTART",
        network="AT+CIPSHUT, then AT+CSTT and AT+CIICR",
    ),
    session=tuple(SESSION.splitlines()),
)
