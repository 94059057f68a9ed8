"""Quectel BC35-G and BC28: the whole dialect, its line, its mobile and its MQTT client."""

from dataclasses import replace

from modemlab.at.results import NOT_SUPPORTED
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.known_commands import known_in
from modemlab.dialects.qmt.tables import WAYS
from modemlab.dialects.quectel_nb import (
    answers,
    commands,
    mobile_answers,
    mobile_commands,
    module_answers,
    module_commands,
    recipes,
    urcs,
)
from modemlab.dialects.quectel_nb.errors import ERRORS
from modemlab.dialects.tgpp.foreign_urcs import FOREIGN_URCS

MODELS = (
    Model("BC35-G", "Quectel", "BC35GJB-02-STD", "BC35GJBR01A01", "BC35"),
    Model("BC28", "Quectel", "BC28JA-02-STD", "BC28JAR01A01", "BC28"),
)


SESSION = """\
AT
AT+CPIN?
AT+CEREG?
AT+QMTOPEN=0,"mqtt.example.com",1883
AT+QMTCONN=0,"bench"
AT+QMTSUB=0,1,"attributes",0
AT+QMTPUB=0,0,0,0,"attributes",20
{"temperature":31.6}
AT+QMTDISC=0
"""

DIALECT = Dialect(
    name="quectel_nb",
    title="Quectel BC35-G and BC28",
    models=MODELS,
    commands=module_commands.COMMANDS | mobile_commands.COMMANDS | commands.COMMANDS,
    answers=module_answers.ANSWERS | mobile_answers.ANSWERS | answers.ANSWERS,
    urc_makers=mobile_answers.URC_MAKERS | urcs.URC_MAKERS,
    boot=module_answers.boot,
    urcs=(*commands.URCS, module_commands.STARTED),
    unsaid=(*FOREIGN_URCS, module_commands.CAUSE),
    unknown=NOT_SUPPORTED,
    lacking=NOT_SUPPORTED,
    errors=ERRORS,
    factory=mobile_commands.FACTORY,
    recipes=recipes.RECIPES,
    known=known_in(f"{__name__}.manuals"),
    ways=replace(WAYS, network="AT+CGATT=1"),
    session=tuple(SESSION.splitlines()),
)
