"""What helps, by the command at hand and by what its result means, in words of the dialect's own commands.

Where a manual's table has a remedy it stands in the declaration. Meanings are looked up whatever their case.
"""

import re
from collections.abc import Mapping

from modemlab.at.command import SUFFIXES, Kind
from modemlab.at.syntax import Call
from modemlab.dialect.dialect import Dialect
from modemlab.terminal.command_remedies import STATES
from modemlab.terminal.cursor import table
from modemlab.text.catalogue import translator

# A command that a remedy names.
NAMED = re.compile(r"AT([+&][A-Z]+)")
# Of wrong parameters; the name is that of the command at hand.
VALUES = "check the values against the test form, AT<name>=?"
# Meanings by which a module says that the state is against a command: then `STATES` knows what helps.
STATE = frozenset(
    (
        "operation not allowed",
        "operation failed",
        "exe_fail",
        "the cid is active",
        "the cid is not defined",
        "the cid is not active",
        "the last active cid cannot be deactivated",
        "wrong state for the command",
        "invalid date or time",
    )
)
# Meaning in lower case: the remedy.
REMEDIES: Mapping[str, str] = {
    # an MQTT client's network
    "the network could not be opened": (
        "check the server's address and port, and with TLS its certificates, then open again"
    ),
    "wrong parameter": "check the values against AT+QMTOPEN=?",
    "the client is occupied": "close it first (AT+QMTCLOSE=<client_idx>), or use another client",
    "the pdp context could not be activated": (
        "check SIM, registration (AT+CEREG?) and APN, then activate the PDP context again"
    ),
    "the name could not be resolved": "check the server's name and the DNS servers, or use its address",
    "the network went away": "deactivate and activate the PDP context, then open again",
    "not disconnected": "AT+QMTCLOSE closes the client all the same",
    "not delivered": "the server did not answer: check the link (AT+QMTCONN?), then publish or subscribe again",
    "no answer": "check the address and whether it is an MQTT server",
    "refused: protocol version": 'choose another version (AT+QMTCFG="version"); no retry mends it',
    "refused: client id": "use another client id; no retry mends it",
    "refused: server unavailable": "wait, then connect again",
    "refused: user name or password": "check user name, password and the clock they are made with; no retry mends it",
    "refused: not authorized": "have the platform allow this device; no retry mends it",
    # Luat's words
    "the connection could not be made": "check address and port, and the network (AT+CGATT?), then AT+MIPSTART again",
    "there is a connection already": "AT+MIPCLOSE closes it",
    "the connection ended by itself": "connect again with AT+MIPSTART",
    "the server has refused, or did not answer": "check user name, password and client id (AT+MCONFIG)",
    "the pdp context is gone": "AT+CIPSHUT, then activate the context again",
    # registration
    "not registered, not searching": "switch the radio on (AT+CFUN=1) and have it register (AT+COPS=0)",
    "not registered, searching": "wait; check antenna and signal (AT+CSQ)",
    "registration denied": "have the operator check the SIM and its tariff",
    # +CME ERROR
    "operation not supported": "check the name of the command and its options",
    "sim not inserted": "put a SIM in, then restart the module or AT+CFUN=1",
    "sim pin required": "AT+CPIN=<pin>",
    "sim puk required": "AT+CPIN=<puk>,<new pin>",
    "sim failure": "clean the contacts, or try another SIM",
    "sim busy": "wait a second, then try again",
    "sim wrong": "use the SIM that the module is bound to",
    "incorrect password": "check it: three wrong PINs lock the SIM",
    "memory full": "delete what is not needed",
    "no network service": "check antenna, signal (AT+CSQ) and registration (AT+CEREG?)",
    "network timeout": "try again; check signal and registration",
    "incorrect parameters": VALUES,
    "parameters are invalid": VALUES,
    "invalid parameter": VALUES,
    "invalid input value": VALUES,
    "pdp authentication failure": "check the APN's user name and password",
    "requested service option not subscribed": "have the operator enable data, check the APN",
    # files
    "file already exists": "AT+QFDEL deletes it, or take another name",
    "file already opened": "AT+QFOPEN? shows the files that are open, AT+QFCLOSE closes one",
    "reach the max number of file allowed to be opened": (
        "AT+QFOPEN? shows the files that are open, AT+QFCLOSE closes one"
    ),
    "invalid file descriptor": "AT+QFOPEN? shows the files that are open, with their handles",
    "the file read-only": "open it in another mode (AT+QFOPEN)",
    "read zero byte": "the file ends here: AT+QFSEEK moves the position",
    "larger than the size of the file": "AT+QFLST shows its size",
    "drive full": "AT+QFLDS shows what is free, AT+QFDEL deletes files",
    "file too large": "AT+QFLDS shows what is free",
    "time out": "the data came too late, or too little of it: :send FILE sends all at once",
    "file not exist": "AT+FSCREATE makes the file",
    "no memory": "AT+FSMEM shows what is free, AT+FSDEL deletes files",
    "file not found": "AT+QFLST lists the files",
    "no space": "AT+QFDEL deletes files",
    "minimum functionality (at+cfun=0)": "AT+CFUN=1",
    "uplink busy, flow control": "five messages are unacknowledged: wait for a +QMTPUB",
}
# The same things under other names.
OTHERWISE = {
    "usim not inserted": "sim not inserted",
    "usim pin required": "sim pin required",
    "usim puk required": "sim puk required",
    "usim failure": "sim failure",
    "usim busy": "sim busy",
    "usim wrong": "sim wrong",
    "network time-out": "network timeout",
    "pin needed": "sim pin required",
    "cfun state is 0 or 4": "minimum functionality (at+cfun=0)",
    "no answer in time": "no answer",
}


# What a result means for one command alone, by the command's name and the meaning.
SPECIAL: Mapping[tuple[str, str], str] = {
    ("+QMTTENAUTH", "no answer in time"): "check the address and the network, then ask again",
}
# What helps where there is one client alone.
ALONE: Mapping[str, str] = {
    "the client is occupied": "close it first (AT+QMTCLOSE=0)",
}


def remedy(meaning: str, language: str, dialect: Dialect | None = None, name: str = "") -> str:
    """What helps against what a result of that command or URC means; "" where nothing is known, or where it takes
    commands that the dialect lacks.
    """
    key = meaning.lower()
    alone = dialect is not None and dialect.recipes is not None and dialect.recipes.clients == 1
    found = SPECIAL.get((name, key)) or (ALONE.get(key) if alone else None) or REMEDIES.get(OTHERWISE.get(key, key))
    if found is VALUES and (dialect is None or not tested(dialect, name)):
        return ""
    return "" if found is None or not has(dialect, found) else in_words(found, language, name)


def refusal_remedy(calls: tuple[Call, ...], dialect: Dialect, language: str, meaning: str = "") -> str:
    """What helps against a refusal of these commands, by a plain ERROR or with that meaning; "" where nothing is known.

    Of several commands in a line nothing tells which one was refused.
    """
    named = [(call.command, call.form) for call in calls if call.command is not None]
    if len(calls) != 1 or not named:
        return "" if not meaning or meaning.lower() in STATE else remedy(meaning, language, dialect)
    command, form = named[0]
    if meaning and meaning.lower() not in STATE:
        return remedy(meaning, language, dialect, command.name)
    kind = Kind.EXECUTE if form is None else form.kind
    found = STATES.get(f"{command.name}{SUFFIXES[kind]}", "")
    return in_words(found, language, command.name) if found and has(dialect, found) else ""


def has(dialect: Dialect | None, text: str) -> bool:
    """Whether a module of the dialect has the commands that a remedy names."""
    known = None if dialect is None else table(dialect)
    return known is None or all(name in known for name in NAMED.findall(text))


def tested(dialect: Dialect, name: str) -> bool:
    """Whether the test form of a command says anything."""
    command = table(dialect).get(name)
    return command is not None and not command.basic and bool(command.test_lines())


def in_words(found: str, language: str, name: str) -> str:
    """A remedy in that language, for that command."""
    return translator(language)(found).replace("<name>", name)
