"""What helps is said of the command at hand, in words of its own dialect; and a line's faults come first."""

import re
from functools import partial

import pytest

from modemlab.at.command import SUFFIXES
from modemlab.at.parameters import Choice
from modemlab.at.results import CME_WORDS
from modemlab.at.syntax import ParsedCommand
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import ReceivedUrc
from modemlab.dialect.registry import dialects, find_model
from modemlab.driver.protocol.digester import final_of, urcs_of
from modemlab.terminal.command_remedies import STATES
from modemlab.terminal.conversation import LogEntry
from modemlab.terminal.cursor import table
from modemlab.terminal.line_errors import faults
from modemlab.terminal.narration import say_final, say_urc
from modemlab.terminal.payloads import PayloadForm
from modemlab.terminal.remedies import VALUES
from modemlab.terminal.rendering import plain
from modemlab.terminal.session import TerminalSession
from modemlab.text.language import Language

ENGLISH, CHINESE = Language("en"), Language("zh")
LTE, NB, LUAT = (find_model(name)[0] for name in ("EC200S-CN", "BC28", "Air724UG"))
NAMED = re.compile(r"AT([+&][A-Z]+)")


def refused(dialect: Dialect, body: str, line: bytes = b"ERROR", language: Language = ENGLISH) -> tuple[str, str]:
    """What is said of a refusal of that line, and what helps."""
    ended = final_of(line)
    assert ended is not None
    return say_final(ended, dialect.parser(False)(body.encode()), dialect, language)[:2]


# A dialect, a line that is right, its refusal; a word of what helps, and one that is out of place.
REFUSED = [
    (LTE, "+QIACT=1", b"ERROR", "AT+QIACT? shows the active contexts", "client"),
    (LTE, "+QIDEACT=1", b"ERROR", "AT+QIACT? shows", "client"),
    (LTE, '+QMTOPEN=0,"h",1883', b"ERROR", "AT+QMTOPEN? shows the open clients", "context"),
    (LTE, '+QMTCONN=0,"x"', b"ERROR", "AT+QMTOPEN must come first", "context"),
    (LTE, "+QMTCLOSE=3", b"ERROR", "AT+QMTOPEN? shows the open clients", "CMEE"),
    (LTE, '+QMTSUB=0,1,"t",1', b"ERROR", "the client must be connected", "PDP"),
    (LTE, '+QMTCFG="keepalive",0,60', b"ERROR", "before AT+QMTCONN", "PDP"),
    (LTE, '+CPIN="1234"', b"+CME ERROR: 3", "AT+CPIN? shows what the SIM asks for", "client"),
    (LTE, '+CGDCONT=1,"IP","x"', b"+CME ERROR: 3", "AT+CGACT? shows", "client"),
    (LTE, '+QFUPL="a",5', b"+CME ERROR: 407", "AT+QFDEL deletes it", "client"),
    (LTE, "+QFWRITE=1,5", b"+CME ERROR: 416", "AT+QFOPEN? shows the open files", "client"),
    (LTE, '+QFUPL="a",5', b"+CME ERROR: 421", ":send FILE", "client"),
    (NB, '+QMTSUB=0,1,"t",1', b"ERROR", "the client must be connected", "CMEE=2"),
    (NB, '+QMTSUB=0,1,"t",1', b"ERROR", "with AT+CMEE=1 the module gives reasons", "CMEE=2"),
    (NB, "+CGACT=0,1", b"+CME ERROR: 520", "AT+CGACT? shows", "client"),
    (NB, "+NBAND=5", b"+CME ERROR: 3", "AT+CFUN=0 must come first", "client"),
    (LUAT, "+CIICR", b"ERROR", "AT+CIPSTATUS shows the state", "client"),
    (LUAT, "+MCONNECT=1,60", b"+CME ERROR: 767", "AT+MIPSTART must come first", "QMT"),
    (LUAT, '+FSREAD="a",0,5,0', b"+CME ERROR: 62", "AT+FSCREATE creates the file", "QF"),
]


@pytest.mark.parametrize(("dialect", "body", "line", "helps", "strange"), REFUSED)
def test_refusals(dialect: Dialect, body: str, line: bytes, helps: str, strange: str) -> None:
    """Each with its own remedy, none with another's."""
    said = " ".join(refused(dialect, body, line))
    assert helps in said
    assert strange not in said


def test_values_are_checked_against_the_test_form_of_the_command() -> None:
    """By its name; what the declarations know better is said instead."""
    assert refused(LTE, "+CFUN=1", b"+CME ERROR: 50")[1] == "check the values against the test form, AT+CFUN=?"
    assert refused(LTE, "+CFUN=7", b"+CME ERROR: 50")[1] == (
        "<fun> is one of 0, 1, 3, 4, 5, not '7' (AT commands manual V1.1, 2.22)"
    )
    assert refused(LTE, "E1", b"+CME ERROR: 50")[1] == ""


def test_of_several_commands_nothing_tells_which_was_refused() -> None:
    """So it says how to see."""
    assert refused(LTE, "+QIACT=1;+QMTCLOSE=1") == (
        "refused, without a reason",
        "send these commands one by one: that shows which one is refused",
    )


def test_nothing_is_said_where_nothing_is_known() -> None:
    """No remedy is better than another's."""
    assert refused(LTE, "&C1") == (
        "refused without a reason: the command line is correct, so the module's present state does not allow it",
        "",
    )


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_no_remedy_names_a_command_that_the_module_lacks(dialect: Dialect) -> None:
    """Of any command in any form, by a plain ERROR and by every code; and of any URC's values."""
    known = table(dialect)
    said = []
    for command in known.values():
        for form in command.forms:
            calls = (ParsedCommand("", command, form, ()),)
            for code in (None, *{**CME_WORDS, **dialect.errors}):
                ended = final_of(b"ERROR" if code is None else b"+CME ERROR: %d" % code)
                assert ended is not None
                said.append(say_final(ended, calls, dialect, ENGLISH).remedy)
    for urc in urcs_of(dialect):
        for param in urc.params:
            for value in param.values if isinstance(param, Choice) else ():
                values = tuple(value if each is param else 0 for each in urc.params)
                said.append(say_urc(ReceivedUrc(urc, values), ENGLISH, dialect).remedy)
    assert len([text for text in said if text]) > 50
    assert {text for text in said for name in NAMED.findall(text) if name not in known} == set()
    assert {text for text in said if "<name>" in text} == set()


def test_each_state_is_of_a_form_that_there_is() -> None:
    """In one dialect at least, and its remedy is one there."""
    forms = {
        f"{command.name}{SUFFIXES[form.kind]}": dialect
        for dialect in dialects()
        for command in table(dialect).values()
        for form in command.forms
    }
    assert sorted(set(STATES) - set(forms)) == []
    assert "<name>" in VALUES


def test_a_client_alone_and_one_of_six() -> None:
    """Only where there are others is another one offered."""
    urcs = {dialect.name: {urc.name: urc for urc in urcs_of(dialect)} for dialect in (LTE, NB)}
    lte, nb = (say_urc(ReceivedUrc(urcs[each.name]["+QMTOPEN"], (0, 2)), ENGLISH, each).remedy for each in (LTE, NB))
    assert lte == "close it first (AT+QMTCLOSE=<client_idx>), or use another client"
    assert nb == "close it first (AT+QMTCLOSE=0)"
    tencent = say_urc(ReceivedUrc(urcs["quectel_nb"]["+QMTTENAUTH"], (0, 6, "")), ENGLISH, NB)
    assert "MQTT server" not in tencent.remedy


FAULTS = [
    (LTE, 'AT+QMTOPEN=9,"h",1883', ["<client_idx> is 9, but takes 0 to 5"]),
    (LTE, 'at+qmtopen=9,"h",70000', ["<client_idx> is 9, but takes 0 to 5", "<port> is 70000, but takes 1 to 65535"]),
    (LTE, "AT+QMTOPEN=9,", ["<client_idx> is 9, but takes 0 to 5"]),
    (LTE, "AT+QMTOPEN=0", ["takes 3 parameters, not 1"]),
    (LTE, 'AT+QMTCFG="keepalive",0,9999', ["<keep_alive_time> is 9999, but takes 0 to 3600 s"]),
    (LTE, 'AT+QMTCFG="foo",1', ["'foo' is not one of its options"]),
    (LTE, "AT+CSQ=1", ["has no write form"]),
    (LTE, "AT+CSQ;+CFUN=7", ["<fun> is one of 0, 1, 3, 4, 5, not '7'"]),
    (
        LTE,
        'AT+QMTOPEN=0,"h',
        [
            (
                "a quoted string is not closed before a comma or the end of the line; it is <host_name>, and begins "
                "with '\"h'"
            )
        ],
    ),
    (LTE, 'AT+QMTOPEN=0,"h",1883', []),
    (LTE, "ATE7", ["<value> is one of 0, 1, not '7'"]),
    (NB, 'AT+QMTOPEN=1,"h",1883', ["<TCP_connectID> is 1, but takes 0 to 0"]),
    (LUAT, 'AT+MIPSTART="h",99999', ["<port> is 99999, but takes 1 to 65535"]),
    (LTE, "hello", []),
]


@pytest.mark.parametrize(("dialect", "line", "reasons"), FAULTS)
def test_what_is_wrong_with_a_line(dialect: Dialect, line: str, reasons: list[str]) -> None:
    """Each value that is wrong, with its place in the manual behind it."""
    assert [str(reason).rpartition(" (")[0] for reason in faults(dialect, line)] == reasons


def keep(shown: list[str], language: Language, entry: LogEntry) -> None:
    """Keep an entry as a plain line."""
    shown.append(plain(entry, language, PayloadForm.RAW))


def test_explain_begins_with_what_is_wrong() -> None:
    """In both languages; then comes the command."""
    for language, wrong, title in (
        (ENGLISH, "note: wrong here: <client_idx> is 9, but takes 0 to 5 (MQTT guide, 3.3.2)", "Open the network"),
        (CHINESE, "提示: 此处有误：<client_idx> 是 9，但只能是 0 至 5 (MQTT 应用指导, 3.3.2)", "打开 MQTT"),
    ):
        shown: list[str] = []
        tell = partial(keep, shown, language)
        session = TerminalSession("port", LTE, language, tell, lambda _: None)
        assert session.entered(':explain AT+QMTOPEN=9,"h",1883')
        assert shown[0] == wrong
        assert title in shown[2]
        shown.clear()
        session.entered(':explain AT+QMTOPEN=0,"h",1883')
        assert shown[0].endswith("AT+QMTOPEN=<client_idx>,<host_name>,<port>")


@pytest.mark.parametrize(
    ("line", "said"), [(":run 99", "99: the macros are 1 to 29"), (":99", "99: the macros are 1 to 29")]
)
def test_a_macro_that_is_not_there(line: str, said: str) -> None:
    """Says which there are."""
    shown: list[str] = []
    session = TerminalSession("port", LTE, ENGLISH, lambda entry: shown.append(entry.said.words), lambda _: None)
    session.opened(lambda _: None)
    for _ in range(29):
        session.add("AT")
    session.entered(line)
    assert shown[-1] == f"there is no macro {said}"
    assert session.script is None
