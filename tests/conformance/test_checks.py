"""What modules are held to: lines that harm nothing, and answers read as strictly as they are declared."""

import re

import pytest

from modemlab.at.parameters import Choice, Int, Text
from modemlab.conformance.checks import Check, SkippedCheck, Values, checks, defaults, stored_by_reset
from modemlab.conformance.runner import left_out
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import dialects, find_model

LTE, NB, LUAT = (find_model(name)[0] for name in ("EC200T-CN", "BC35-G", "Air724UG"))
# What changes a module, or costs an attempt, whatever stands behind it.
HARMFUL = re.compile(
    r"AT(&W|&F|Z|\+CFUN=|\+CPIN=|\+CLCK=|\+CPWD=|\+QPOWD|\+CPOWD|\+RESET|\+NRB|\+COPS=|\+CGATT=|\+CGACT=|\+CGDCONT="
    r"|\+IPR=|\+IFC=|\+NATSPEED=|\+QSCLK=|\+QCFG=.*,|\+QURCCFG=.*,|\+NCONFIG=|\+QF(UPL|DEL|OPEN|WRITE)=|\+FS(CREATE|WRITE|DEL)="
    r"|\+QMT(OPEN|CONN|PUB|PUBEX|SUB|UNS|CLOSE|DISC)=|\+MP?(UB|UBEX|IPSTART|CONNECT|CONFIG)=|\+CIICR|\+QIACT=|\+QIDEACT=)"
)


def of(dialect: Dialect) -> list[Check | SkippedCheck]:
    """All checks of a dialect."""
    return list(checks(dialect, left_out(dialect)))


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_no_line_does_harm(dialect: Dialect) -> None:
    """Those that are sent; test forms do nothing."""
    sent = [check.line for check in of(dialect) if isinstance(check, Check) and check.group != "test forms"]
    assert len(sent) > 50
    assert [line for line in sent if HARMFUL.match(line)] == []
    assert not any("\r" in line or "\n" in line for line in sent)


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_every_command_is_named(dialect: Dialect) -> None:
    """Each extended command is tried, or it is said why not; each write form too."""
    found = of(dialect)
    named = {match[0] for check in found if (match := re.match(r"AT[+S]\w+", check.line))}
    assert {f"AT{name}" for name, command in dialect.commands.items() if not command.basic} <= named
    writable = {f"AT{name}=" for name, c in dialect.commands.items() if not c.basic and (c.params or c.options)}
    refused = {check.line.partition("=")[0] + "=" for check in found if check.group == "refusals"}
    assert writable == refused


@pytest.mark.parametrize(
    ("dialect", "check"),
    [
        (LTE, Check("test forms", "AT+CSQ=?", (b"+CSQ: (0-31,99),(0-7,99)",))),
        (LTE, Check("test forms", "AT+QNWINFO=?", ())),
        (LTE, Check("refusals", 'AT+QMTCFG="keepalive",0,3601', final=b"ERROR")),
        (LTE, Check("refusals", 'AT+QMTCFG="keepalive",6', final=b"ERROR")),
        (LTE, Check("refusals", 'AT+QMTCFG="timeout",0,0,3,0', final=b"ERROR")),
        (LTE, Check("refusals", "AT+CMEE=3", final=b"+CME ERROR: 50")),
        (LTE, Check("refusals", "AT+CGEREP=0,2", final=b"+CME ERROR: 50")),
        (LUAT, Check("refusals", "AT+CMEE=3", final=b"+CME ERROR: 53")),
        (NB, Check("refusals", 'AT+QMTCFG="version",0,5', final=b"+CME ERROR: 50")),
    ],
    ids=lambda each: getattr(each, "line", ""),
)
def test_checks_as_the_manuals_have_them(dialect: Dialect, check: Check) -> None:
    """Typed by hand."""
    assert check in of(dialect)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("AT+COPS=?", "its values are the module's own, not the manual's"),
        ("AT+QPOWD", "it does something, or its lines are not declared"),
        ("AT+CFUN=", "if the module accepted it, it would do something or be stored"),
        ("AT+QSCLK=", "the module might fall asleep"),
        ("AT+QMTPUB=?", "it is not in the manual"),
        ("AT+QMTPUB=", "it is not in the manual"),
    ],
)
def test_what_is_left_out_says_why(line: str, why: str) -> None:
    """By rule, or by the dialect's own list."""
    assert [(check.line, check.why) for check in of(LTE) if isinstance(check, SkippedCheck) and check.line == line] == [
        (line, why)
    ]


def test_what_at_f_leaves() -> None:
    """Values typed from the manuals; what the network adds may be any; what is stored is known."""
    lte = {check.line: check for check in defaults(LTE)}
    assert lte["ATS7?"].lines == (b"000",)
    assert lte["AT+CSCS?"].lines == (b'+CSCS: "GSM"',)
    assert lte["AT+CREG?"].fault([b"+CREG: 0,5"], b"OK") is None
    assert str(lte["AT+CREG?"].fault([b"+CREG: 1,5"], b"OK")) == "a line does not begin with '+CREG: 0,'"
    assert [command.name for command in stored_by_reset(LTE)] == ["+CTZR"]
    assert list(defaults(NB)) == []
    assert {check.line: check.lines for check in defaults(LUAT)}["ATS4?"] == (b"10",)


NUMBER, WORD, STATE = Int("n", 0, 5), Text("name", 8), Choice("state", {0: "off", 1: "on"})
SIGNAL, UNIT = Int("rssi", 0, 31), Int("length", 0, 9, tail=" byte")
SHOWN = Values(b"+X: ", (NUMBER, WORD, STATE))


@pytest.mark.parametrize(
    ("values", "line", "fault"),
    [
        (SHOWN, b'+X: 5,"abc",1', ""),
        (SHOWN, b'+X: 5,"a,b"', ""),
        (SHOWN, b"+X: 5", ""),
        (SHOWN, b'+X: 5,"",0', ""),
        (SHOWN, b"+X: 5,,0", ""),
        (SHOWN, b'+X: 6,"abc",1', "a line has 6 as <n>, not 0 to 5"),
        (SHOWN, b'+X: -1,"abc",1', "a line has -1 as <n>, not 0 to 5"),
        (SHOWN, b'+X: 5,"abc",2', "a line has 2: <state> is one of 0, 1, not '2'"),
        (SHOWN, b'+X: 5,"123456789",1', 'a line has "123456789": <name> is 9 bytes long, but takes 0 to 8 bytes'),
        (SHOWN, b"+X: 5,abc,1", "a line has other values than are declared: <n>,<name>,<state>"),
        (SHOWN, b'+X:5,"abc",1', "a line does not begin with '+X: '"),
        (SHOWN, b'+X: 5,"abc",1,9', "a line has other values than are declared: <n>,<name>,<state>"),
        (Values(b"+S: ", (SIGNAL,)), b"+S: 113", ""),
        (Values(b"+L: ", (UNIT,)), b"+L: 9 byte", ""),
        (Values(b"+L: ", (UNIT,)), b"+L: 9", "a line has other values than are declared: <length>"),
        (Values(b"", (), register=True), b"013", ""),
        (Values(b"", (), register=True), b"13", "a line is not three digits"),
    ],
)
def test_lines_are_read_strictly(values: Values, line: bytes, fault: str) -> None:
    """Quotes, counts and ranges; what varies from module to module may be beyond its range."""
    assert str(values.fault(line) or "") == fault


@pytest.mark.parametrize(
    ("check", "lines", "final", "fault"),
    [
        (Check("", "AT", (b"a",)), [b"a"], b"OK", ""),
        (Check("", "AT", (b"a",)), [b"b"], b"OK", "it has other lines"),
        (Check("", "AT", (b"a",)), [], b"OK", "it has other lines"),
        (Check("", "AT", (b"a",)), [b"a"], b"ERROR", "it ends in ERROR"),
        (Check("", "AT", final=b"ERROR"), [], b"OK", "it ends in OK"),
        (Check("", "AT", like=SHOWN), [], b"OK", "it has no line of information"),
        (Check("", "AT", like=SHOWN._replace(minimum=0)), [], b"OK", ""),
        (Check("", "AT", like=SHOWN), [b"+X: 1", b"+X: 9"], b"OK", "a line has 9 as <n>, not 0 to 5"),
    ],
)
def test_answers_are_judged(check: Check, lines: list[bytes], final: bytes, fault: str) -> None:
    """Lines and result code."""
    assert str(check.fault(lines, final) or "") == fault
