"""The commands that the manuals name, held to their tables of contents as typed from them, and to the declarations."""

import subprocess
import sys

import pytest

from modemlab.at.command import Command
from modemlab.dialect.registry import dialects
from support.helpers import reasons

FAMILIES = {dialect.name: dialect for dialect in dialects()}
LTE, NB, LUAT = "quectel_lte", "quectel_nb", "luat"
GENERAL, SOCKETS, FILES = "AT commands manual V1.1", "TCP/IP guide V1.2", "file guide V1.0"
NB_GENERAL, NB_MQTT = "BC35-G AT commands manual V1.0", "BC35-G & BC28 MQTT guide V1.0"
NEXT = "Luat AT manual V1.6.3"
# Chapters, and how many commands the table of contents has in each; behind them what stands elsewhere in the manual.
CONTENTS = [
    # without A/, which is no name; 11 are the settings of its tables 7 to 12 that have no section
    (LTE, GENERAL, {2: 24, 3: 4, 4: 4, 5: 11, 6: 9, 7: 5, 8: 18, 9: 16, 10: 3, 11: 18}),
    (LTE, SOCKETS, {2: 17}),
    (LTE, "MQTT guide", {3: 9}),
    (LTE, FILES, {2: 11}),
    (LTE, "HTTP(S) guide V1.0", {2: 9}),
    # without +NSOCLI and +QLWEVTIND, which are responses alone
    (NB, NB_GENERAL, {2: 43, 3: 6, 4: 40, 5: 23}),
    # with the second spelling of AT+QMTENAUTH
    (NB, NB_MQTT, {3: 10}),
    # with AT+ICCID, AT+AUTOAPN and AT+SSLMIPSTART; without URCs, error codes and examples
    (
        LUAT,
        NEXT,
        {2: 16, 3: 14, 4: 31, 5: 24, 6: 4, 7: 15, 8: 8, 9: 2, 11: 11, 12: 37, 13: 1, 14: 14, 15: 28, 16: 14}
        | {18: 8, 19: 9},
    ),
]
# Typed from the manuals, first, last and between.
ROWS = [
    (LTE, "I", f"{GENERAL}, 2.1"),
    (LTE, "+CFUN", f"{GENERAL}, 2.22"),
    (LTE, "+CSIM", f"{GENERAL}, 5.5"),
    (LTE, "+CMGS", f"{GENERAL}, 8.8"),
    (LTE, "+QCMGR", f"{GENERAL}, 8.18"),
    (LTE, "+QAUGDCNT", f"{GENERAL}, 9.16"),
    (LTE, "+CUSD", f"{GENERAL}, 11.2"),
    (LTE, "+CLIP", f"{GENERAL}, 11.7"),
    (LTE, "+QIOPEN", f"{SOCKETS}, 2.2.4"),
    (LTE, "+QISEND", f"{SOCKETS}, 2.2.7"),
    (LTE, "+QIDNSCFG", f"{SOCKETS}, 2.2.13"),
    (LTE, "+QICFG", f"{SOCKETS}, 2.2.15"),
    (LTE, "+QMTRECV", "MQTT guide, 3.3.9"),
    (LTE, "+QFCLOSE", f"{FILES}, 2.2.11"),
    (LTE, "+QHTTPPOSTFILE", "HTTP(S) guide V1.0, 2.2.6"),
    (NB, "+CEER", f"{NB_GENERAL}, 2.22"),
    (NB, "+CGTFT", f"{NB_GENERAL}, 2.43"),
    (NB, "+CMGC", f"{NB_GENERAL}, 3.5"),
    (NB, "+NSOCR", f"{NB_GENERAL}, 4.4"),
    (NB, "+NPING", f"{NB_GENERAL}, 4.14"),
    (NB, "+NUICC", f"{NB_GENERAL}, 4.41"),
    (NB, "+NCDP", f"{NB_GENERAL}, 5.1"),
    (NB, "+QBSSECSWT", f"{NB_GENERAL}, 5.24"),
    (NB, "+QMTPUB", f"{NB_MQTT}, 3.2.9"),
    (LUAT, "^HVER", f"{NEXT}, 2.9"),
    (LUAT, "*I", f"{NEXT}, 2.10"),
    (LUAT, "+CIPSTART", f"{NEXT}, 12.9"),
    (LUAT, "^HEARTINQUIRE", f"{NEXT}, 12.36"),
    (LUAT, "O", f"{NEXT}, 12.38"),
    (LUAT, "+HTTPACTION", f"{NEXT}, 14.5"),
    (LUAT, "+FTPQUIT", f"{NEXT}, 15.28"),
    (LUAT, "+CGNSSEQ", f"{NEXT}, 18.8"),
    (LUAT, "D", f"{NEXT}, 19.1"),
    (LUAT, "+CVHU", f"{NEXT}, 19.6"),
    (LUAT, "+VTD", f"{NEXT}, 19.9"),
]
# Declared commands that the tables of contents lack, or have elsewhere.
DIFFERENCES = {
    (LTE, "+QSSLCFG"): "the examples of the MQTT guide alone have it",
    (LTE, "+QMTPUB"): "the MQTT guide lacks it",
}


@pytest.mark.parametrize(("family", "manual", "chapters"), CONTENTS, ids=[row[1] for row in CONTENTS])
def test_as_many_as_in_the_table_of_contents(family: str, manual: str, chapters: dict[int, int]) -> None:
    """In each chapter, and none but those."""
    places = [each.manual for each in FAMILIES[family].known().values() if each.manual.startswith(f"{manual}, ")]
    counts: dict[int, int] = {}
    for place in places:
        chapter = int(place.removeprefix(f"{manual}, ").split(".")[0])
        counts[chapter] = counts.get(chapter, 0) + 1
    assert counts == chapters


@pytest.mark.parametrize("family", FAMILIES)
def test_every_row_is_of_a_manual(family: str) -> None:
    """There are no others; what is inferred is marked."""
    known = FAMILIES[family].known()
    assert len(known) == sum(sum(chapters.values()) for name, _, chapters in CONTENTS if name == family)
    assert {each.inferred for each in known.values()} == {family == LUAT}
    assert all(name == name.upper() and each.title == each.title.strip() for name, each in known.items())


@pytest.mark.parametrize(("family", "name", "place"), ROWS)
def test_places(family: str, name: str, place: str) -> None:
    assert FAMILIES[family].known()[name].manual == place


@pytest.mark.parametrize("family", FAMILIES)
def test_declarations_are_known_by_the_same_section(family: str) -> None:
    """Each that cites one of these manuals."""
    dialect = FAMILIES[family]
    manuals = [manual for name, manual, _ in CONTENTS if name == family]
    known = dialect.known()
    wrong = []
    for command in (*dialect.commands.values(), *dialect.lenient.values()):
        if (family, command.name) not in DIFFERENCES and any(cites(command, manual) for manual in manuals):
            place = known[command.name].manual if command.name in known else "nowhere"
            if not any(part.partition(" and ")[0] == place for part in command.manual.split("; ")):
                wrong.append(f"{command.name}: {command.manual}, but in the table {place}")
    assert wrong == []


def cites(command: Command, manual: str) -> bool:
    """Whether a declaration cites a manual."""
    return any(part.startswith(f"{manual}, ") for part in command.manual.split("; "))


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_not_declared_has_a_title(family: str) -> None:
    """In our words, short."""
    dialect = FAMILIES[family]
    missing = {name: each for name, each in dialect.known().items() if name not in dialect.commands}
    assert missing
    assert [name for name, each in missing.items() if not 0 < len(each.title) < 60] == []


def test_the_tables_are_read_when_one_is_asked_for() -> None:
    """Not when a module starts, nor when it answers."""
    code = """
import sys
from modemlab.dialect.registry import find_model
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
notes = []
for name in ("EC200S-CN", "BC35-G", "Air724UG"):
    module = Module(*find_model(name), observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    module.receive(b"AT+CSQ\\rAT+CSQ=1\\r", 0.0)
    assert not [each for each in sys.modules if each.endswith(".manuals") or each == "difflib"], name
assert len(notes) == 3
module.receive(b"AT+NOTHING\\r", 0.0)
print([each for each in sys.modules if each.endswith(".manuals")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("['modemlab.dialects.luat.manuals']\n", "")


SAID = [
    ("EC200S-CN", b'AT+QIOPEN=1,0,"TCP","h",1', f"AT+QIOPEN is known, not simulated ({SOCKETS}, 2.2.4); {{}}"),
    ("EC200S-CN", b"AT+QHTTPGET=80", "AT+QHTTPGET is known, not simulated (HTTP(S) guide V1.0, 2.2.3); {}"),
    ("EC200S-CN", b"AT+cmgf=1", f"AT+cmgf is known, not simulated ({GENERAL}, 8.2); {{}}"),
    ("EC200S-CN", b"AT+CSQ;+CMGF?", f"AT+CMGF is known, not simulated ({GENERAL}, 8.2); {{}}"),
    ("EC200S-CN", b"AT+QMTPUBX=0,0,0,0,a,1", "AT+QMTPUBX is not a command of this module (did you mean AT+QMTPUBEX?)"),
    ("EC200S-CN", b'ATQMTOPEN=0,"h",1', "ATQMTOPEN is not a command of this module (did you mean AT+QMTOPEN?)"),
    ("EC200S-CN", b"AT QMTOPEN?", "ATQMTOPEN is not a command of this module (did you mean AT+QMTOPEN?)"),
    ("EC200S-CN", b"AT+CSQ;CREG?", "ATCREG is not a command of this module (did you mean AT+CREG?)"),
    ("EC200S-CN", b"AT+QMTOPN?", "AT+QMTOPN is not a command of this module (did you mean AT+QMTOPEN?)"),
    ("EC200S-CN", b"AT^CSQ", "AT^CSQ is not a command of this module (did you mean AT+CSQ?)"),
    ("EC200S-CN", b"AT++CSQ", "AT++CSQ is not a command of this module (did you mean AT+CSQ?)"),
    ("EC200S-CN", b"AT+NSOCR=1", "AT+NSOCR is not a command of this module"),
    ("EC200S-CN", b"ATD10086;", "'D10086;' is not a command of this module"),
    ("EC200S-CN", b'AT+QMTCFG="wil",0', "'wil' is not one of its options; did you mean 'will'? (MQTT guide, 3.3.1)"),
    (
        "EC200S-CN",
        b'AT+QMTCFG="RECVMODE",0',
        "'RECVMODE' is not one of its options; did you mean 'recv/mode'? (MQTT guide, 3.3.1)",
    ),
    ("EC200S-CN", b'AT+QMTCFG="x",0', "'x' is not one of its options (MQTT guide, 3.3.1)"),
    (
        "BC35-G",
        b"AT+NSOCR=DGRAM,17,0",
        f"AT+NSOCR is known, not simulated ({NB_GENERAL}, 4.4); {{}}; error 4: operation not supported",
    ),
    (
        "BC35-G",
        b"AT+QMTPUBB=0",
        "AT+QMTPUBB is not a command of this module (did you mean AT+QMTPUB?); error 4: operation not supported",
    ),
    (
        "Air724UG",
        b"AT+CIPSTART=TCP,h,1",
        (
            f"AT+CIPSTART is known, not simulated ({NEXT}, 12.9, of the next module generation); {{}}; "
            "error 58: INVALID_COMMAND_LINE"
        ),
    ),
    (
        "Air724UG",
        b"ATD10086;",
        (
            f"ATD is known, not simulated ({NEXT}, 19.1, of the next module generation); {{}}; error 58: "
            "INVALID_COMMAND_LINE"
        ),
    ),
    (
        "Air724UG",
        b"AT+MPBU=a,0,0,b",
        "AT+MPBU is not a command of this module (did you mean AT+MPUB?); error 58: INVALID_COMMAND_LINE",
    ),
]


@pytest.mark.parametrize(("model", "line", "said"), SAID)
def test_what_the_log_says(model: str, line: bytes, said: str) -> None:
    """Known, with its place and a remedy; a mistake, with the nearest name; neither, without either."""
    (reason,) = reasons(model, line)
    assert reason.partition(": ")[2] == said.format("--answers FILE can answer it")


def test_a_row_of_basic_commands_is_named_whole() -> None:
    """As it was typed; nothing of it is done."""
    (reason,) = reasons("EC200S-CN", b"ATV0QFOO=1")
    assert reason.startswith("ATV0QFOO=1: 'FOO=1' is not")
