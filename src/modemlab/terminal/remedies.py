"""What helps, by the command at hand and by what its result means, in words of the dialect's own commands.

Where a manual's table has a remedy it stands in the declaration.
"""

import re
from collections.abc import Mapping

from modemlab.at.command import SUFFIXES, FormKind
from modemlab.at.syntax import ParsedCommand
from modemlab.dialect.dialect import Dialect
from modemlab.terminal.command_remedies import STATES
from modemlab.terminal.cursor import table
from modemlab.text.catalogue import translator

# A command that a remedy names.
NAMED = re.compile(r"AT([+&][A-Z]+)")
# Of wrong parameters; the name is that of the command at hand.
VALUES = "check the values against the test form, AT<name>=?"
# Codes by which a module says that the state is against a command: then `STATES` knows what helps. "" is 27.007's own.
STATE: Mapping[str, frozenset[int]] = {
    "": frozenset((3,)),
    "luat": frozenset((50, 96, 767)),
    "quectel_nb": frozenset((302, 515, 516, 518, 520, 521)),
}
OPTIONS = "check the name of the command and its options"
SIM = {
    "absent": "insert a SIM, then restart the module or send AT+CFUN=1",
    "pin": "AT+CPIN=<pin>",
    "puk": "AT+CPIN=<puk>,<new pin>",
    "failure": "clean the contacts, or try another SIM",
    "busy": "wait a second, then try again",
    "wrong": "use the SIM that the module is bound to",
}
FULL = "delete what is not needed"
NO_SERVICE = "check antenna, signal (AT+CSQ) and registration (AT+CEREG?)"
TRY_AGAIN = "try again; check signal and registration"
OPEN_FILES = "AT+QFOPEN? shows the open files, AT+QFCLOSE closes one"
# By the code of +CME ERROR, of each dialect; "" is 3GPP TS 27.007's own.
CODES: Mapping[str, Mapping[int, str]] = {
    "": {
        4: OPTIONS,
        10: SIM["absent"],
        11: SIM["pin"],
        12: SIM["puk"],
        13: SIM["failure"],
        14: SIM["busy"],
        15: SIM["wrong"],
        16: "check it: three wrong PINs lock the SIM",
        20: FULL,
        30: NO_SERVICE,
        31: TRY_AGAIN,
        133: "have the operator enable data, check the APN",
        149: "check the APN's user name and password",
    },
    "luat": {
        51: "AT+FSMEM shows the free space, AT+FSDEL deletes files",
        53: VALUES,
        62: "AT+FSCREATE creates the file",
        765: VALUES,
        797: "AT+CFUN=1",
    },
    "quectel_lte": {
        50: VALUES,
        400: VALUES,
        401: "AT+QFLST shows its size",
        402: "the file ends here: AT+QFSEEK moves the position",
        403: "AT+QFLDS shows the free space, AT+QFDEL deletes files",
        405: "AT+QFLST lists the files",
        407: "AT+QFDEL deletes it; or use another name",
        413: OPEN_FILES,
        414: "open it in another mode (AT+QFOPEN)",
        416: "AT+QFOPEN? shows the open files with their handles",
        420: "AT+QFDEL deletes files",
        421: "the data came too late, or too little of it: :send FILE sends all at once",
        423: "AT+QFLDS shows the free space",
        425: VALUES,
        426: OPEN_FILES,
    },
    "quectel_nb": {
        5: SIM["pin"],
        50: VALUES,
        159: "five messages are unacknowledged: wait for a +QMTPUB",
        303: OPTIONS,
        310: SIM["absent"],
        311: SIM["pin"],
        313: SIM["failure"],
        314: SIM["busy"],
        315: SIM["wrong"],
        316: SIM["puk"],
        322: FULL,
        331: NO_SERVICE,
        332: TRY_AGAIN,
        524: "AT+CFUN=1",
    },
}
CHECK_SERVER_NAME = "check the server's name and the DNS servers, or use its address"
# By the name of a command or URC, of a parameter and its value; without a parameter a URC's name says all.
REMEDIES: Mapping[tuple[str, str, int | None], str] = {
    # registration
    **{
        (name, "stat", stat): helps
        for name in ("+CREG", "+CGREG", "+CEREG")
        for stat, helps in (
            (0, "switch the radio on (AT+CFUN=1) and start the registration (AT+COPS=0)"),
            (2, "wait; check antenna and signal (AT+CSQ)"),
            (3, "have the operator check the SIM and its tariff"),
        )
    },
    # an MQTT client's network
    ("+QMTOPEN", "result", -1): "check the server's address and port, and with TLS its certificates, then open again",
    ("+QMTOPEN", "result", 1): "check the values against AT+QMTOPEN=?",
    ("+QMTOPEN", "result", 2): "close it first (AT+QMTCLOSE=<client_idx>), or use another client",
    ("+QMTOPEN", "result", 3): "check SIM, registration (AT+CEREG?) and APN, then activate the PDP context again",
    ("+QMTOPEN", "result", 4): CHECK_SERVER_NAME,
    ("+QMTOPEN", "result", 5): "deactivate and activate the PDP context, then open again",
    ("+QMTCONN", "result", 2): "check the address and whether it is an MQTT server",
    **{
        ("+QMTCONN", name, code): helps
        for name in ("ret_code", "retcode")
        for code, helps in (
            (1, 'choose another version (AT+QMTCFG="version"); a retry does not help'),
            (2, "use another client id; a retry does not help"),
            (3, "wait, then connect again"),
            (4, "check user name, password and the clock that was used to make them; a retry does not help"),
            (5, "have the platform allow this device; a retry does not help"),
        )
    },
    ("+QMTDISC", "result", -1): "AT+QMTCLOSE closes the client anyway",
    **{
        (name, "result", 2): "the server did not answer: check the link (AT+QMTCONN?), then publish or subscribe again"
        for name in ("+QMTPUB", "+QMTPUBEX", "+QMTSUB", "+QMTUNS")
    },
    ("+QMTTENAUTH", "result_code", 1): CHECK_SERVER_NAME,
    ("+QMTTENAUTH", "result_code", 6): "check the address and the network, then try again",
    # TCP/IP
    **{(name, "err", 555): OPTIONS for name in ("+QIGETERROR", "+QIURC", "+QNTP")},
    ("+QPING", "result", 555): OPTIONS,
    # Luat's words
    ("CONNECT FAIL", "", None): "check address and port, and the network (AT+CGATT?), then AT+MIPSTART again",
    ("ALREADY CONNECT", "", None): "AT+MIPCLOSE closes it",
    ("CLOSED", "", None): "connect again with AT+MIPSTART",
    ("ERROR", "", None): "check user name, password and client id (AT+MCONFIG)",
    ("+PDP DEACT", "", None): "AT+CIPSHUT, then activate the context again",
}
# What helps where there is one client alone.
SINGLE_CLIENT_REMEDIES: Mapping[tuple[str, str, int | None], str] = {
    ("+QMTOPEN", "result", 2): "close it first (AT+QMTCLOSE=0)"
}


def remedy(language: str, name: str, param: str = "", value: object = None, dialect: Dialect | None = None) -> str:
    """What helps against that value of a parameter of a command or URC, or against a URC that has none; "" where
    nothing is known, or where it takes commands that the dialect lacks.
    """
    if not isinstance(value, int | None):
        return ""
    alone = dialect is not None and dialect.recipes is not None and dialect.recipes.clients == 1
    found = (SINGLE_CLIENT_REMEDIES.get((name, param, value)) if alone else None) or REMEDIES.get(
        (name, param, value), ""
    )
    return in_words(found, language, name) if has(dialect, found) else ""


def error_remedy(code: int | None, language: str, dialect: Dialect, name: str = "") -> str:
    """What helps against that code of an error of that command; "" where nothing is known, and see `remedy`."""
    if code is None:
        return ""
    found = CODES.get(dialect.name, {}).get(code) or CODES[""].get(code, "")
    if (found is VALUES and not tested(dialect, name)) or not has(dialect, found):
        return ""
    return in_words(found, language, name)


def refusal_remedy(calls: tuple[ParsedCommand, ...], dialect: Dialect, language: str, code: int | None = None) -> str:
    """What helps against a refusal of these commands, by a plain ERROR or with that code; "" where nothing is known.

    Of several commands in a line nothing tells which one was refused.
    """
    named = [(call.command, call.form) for call in calls if call.command is not None]
    stated = code is not None and any(code in STATE.get(each, ()) for each in ("", dialect.name))
    if len(calls) != 1 or not named:
        return "" if stated else error_remedy(code, language, dialect)
    command, form = named[0]
    if code is not None and not stated:
        return error_remedy(code, language, dialect, command.name)
    kind = FormKind.EXECUTE if form is None else form.kind
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
    return translator(language)(found).replace("<name>", name) if found else ""
