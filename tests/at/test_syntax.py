"""How a line reads: calls, arguments, refusals (V.250, 5; 3GPP TS 27.007, 4)."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modemlab.at.command import Command, Form, FormKind, Option
from modemlab.at.parameters import Choice, Int, Repeat, Text, maybe
from modemlab.at.steps import Refused
from modemlab.at.syntax import ParsedCommand, parse_line, read_arguments

number = Int("number", 0, 9)
text = Text("text", maximum=20)
COMMANDS = {
    c.name: c
    for c in (
        Command("+SET", "", "guide, 1", params=(number, maybe(text)), read=(number,)),
        Command("+RUN", "", "guide, 2", execute=(), test=None),
        Command("+MANY", "", "guide, 3", params=(number, Repeat((text, number), maximum=2, shown="list")), test=""),
        Command("+OPT", "", "guide, 4", options=(Option("a/b", "", (number, maybe(number, text))),)),
        Command("E", "", "V.250", params=(Choice("value", {0: "", 1: ""}),)),
        Command("&F", "", "V.250", params=(Choice("value", {0: ""}),)),
        Command("S3", "", "V.250", params=(Int("n", 0, 127),), read=(Int("n", 0, 127),)),
        Command("S5", "", "V.250", params=(Int("n", 0, 127, blank=8),)),
        Command("A", "", "V.250", params=()),
    )
}


def forms(body: str) -> list[tuple[str, FormKind, str, tuple[Any, ...]]]:
    """The calls of a body, all of them readable."""
    calls = parse_line(COMMANDS, body)
    assert all(call.refused is None for call in calls), [call.refused for call in calls]
    return [(*call.form, call.values) for call in calls if call.form]


def refusal(body: str) -> tuple[int, ParsedCommand, str]:
    """How many calls precede the refused one, that call, and the reason."""
    *before, last = parse_line(COMMANDS, body)
    assert last.refused is not None
    assert all(call.refused is None for call in before)
    return len(before), last, str(last.refused.reason)


WRITE, READ, TEST, EXECUTE = FormKind.WRITE, FormKind.READ, FormKind.TEST, FormKind.EXECUTE
READABLE = [
    ("", []),
    (" ; ;; ", []),
    ("+SET=1", [("+SET", WRITE, "", (1, None))]),
    ("+set=1", [("+SET", WRITE, "", (1, None))]),
    ('+SET=1,"x"', [("+SET", WRITE, "", (1, "x"))]),
    ("+SET=1,x", [("+SET", WRITE, "", (1, "x"))]),
    ("+SET=1,", [("+SET", WRITE, "", (1, None))]),
    ('+SET=1,""', [("+SET", WRITE, "", (1, ""))]),
    ('+SET = 1 , "a b" ', [("+SET", WRITE, "", (1, "a b"))]),
    ("+SET=1, a b ", [("+SET", WRITE, "", (1, "ab"))]),
    ('+SET=1,"a,b;c"', [("+SET", WRITE, "", (1, "a,b;c"))]),
    ('+SET=1,"{"k":[1,2]}"', [("+SET", WRITE, "", (1, '{"k":[1,2]}'))]),
    ('+SET=1,"""', [("+SET", WRITE, "", (1, '"'))]),
    ('+SET=1,a"b', [("+SET", WRITE, "", (1, 'a"b'))]),
    ("+SET=007", [("+SET", WRITE, "", (7, None))]),
    ("+SET?", [("+SET", READ, "", ())]),
    ("+SET=?", [("+SET", TEST, "", ())]),
    ("+SET ?", [("+SET", READ, "", ())]),
    (" +SET = ? ; +RUN", [("+SET", TEST, "", ()), ("+RUN", EXECUTE, "", ())]),
    ("+RUN", [("+RUN", EXECUTE, "", ())]),
    ("+RUN;+SET?;E1", [("+RUN", EXECUTE, "", ()), ("+SET", READ, "", ()), ("E", WRITE, "", (1,))]),
    ('+SET=1,"x";+RUN', [("+SET", WRITE, "", (1, "x")), ("+RUN", EXECUTE, "", ())]),
    ('+MANY=1,a,2,"b",3', [("+MANY", WRITE, "", (1, (("a", 2), ("b", 3))))]),
    ('+OPT="A/B",1', [("+OPT", WRITE, "a/b", (1, None, None))]),
    ("+OPT=a/b,1,2,x", [("+OPT", WRITE, "a/b", (1, 2, "x"))]),
    ("E0&FE1", [("E", WRITE, "", (0,)), ("&F", WRITE, "", (0,)), ("E", WRITE, "", (1,))]),
    ("e", [("E", WRITE, "", (0,))]),
    ("E0+RUN", [("E", WRITE, "", (0,)), ("+RUN", EXECUTE, "", ())]),
    ("S3=13S3?", [("S3", WRITE, "", (13,)), ("S3", READ, "", ())]),
    ("S5=E", [("S5", WRITE, "", (8,)), ("E", WRITE, "", (0,))]),
    ("A", [("A", WRITE, "", ())]),
]


@pytest.mark.parametrize(("body", "calls"), READABLE, ids=[row[0] or "empty" for row in READABLE])
def test_what_reads(body: str, calls: list[tuple[str, FormKind, str, tuple[Any, ...]]]) -> None:
    assert forms(body) == calls


REFUSED = [
    ("+NONE", 0, "is not a command"),
    ("+none=1", 0, "is not a command"),
    ("+", 0, "no command name"),
    ("B", 0, "is not a command"),
    ("S9?", 0, "is not a command"),
    ("1", 0, "is not a command"),
    ("\udcff", 0, "is not a command"),
    ("+RUN;+NONE;+RUN", 1, "is not a command"),
    ("+RUNx", 0, "is not a command"),
    ("+RUN x", 0, "'x' follows where the command should end"),
    ("+RUN=?", 0, "has no test form (guide, 2)"),
    ("+RUN?", 0, "has no read form (guide, 2)"),
    ("+RUN=1", 0, "has no write form (guide, 2)"),
    ("+SET", 0, "has no execute form (guide, 1)"),
    ("+SET=", 0, "<number> must be given"),
    ("+SET=,x", 0, "<number> must be given"),
    ("+SET=10", 0, "<number> is 10, but takes 0 to 9"),
    ("+SET=x", 0, "<number> is a number from 0 to 9"),
    ('+SET="1"', 0, "<number> is a number from 0 to 9"),
    ("+SET=1,x,y", 0, "takes 1 to 2 parameters, not 3 (guide, 1)"),
    (f"+SET=1,{'x' * 21}", 0, "<text> is 21 bytes long, but takes 0 to 20 bytes"),
    ("+SET=1,ééééééééééé", 0, "<text> is 22 bytes long"),
    ('+SET=1,"x', 0, "a quoted string is not closed"),
    ('+SET=1, "x', 0, "a quoted string is not closed"),
    ('+SET=1,"x"y', 0, "a quoted string is not closed"),
    ("+MANY=1", 0, "takes 1 to 2 times <text>,<number>"),
    ("+MANY=1,a", 0, "takes 1 to 2 times"),
    ("+MANY=1,a,1,b,2,c,3", 0, "takes 1 to 2 times"),
    ("+MANY=1,,1", 0, "<text>,<number> must all be given"),
    ("+OPT=b,1", 0, "'b' is not one of its options"),
    ("+OPT=", 0, "'' is not one of its options"),
    ("+OPT=a/b,1,2", 0, "<text> must be given"),
    ("+OPT=a/b,1,,x", 0, "<number> must be given"),
    ("+OPT?", 0, "has no read form"),
    ("E2", 0, "<value> is one of 0, 1"),
    ("E=1", 0, "cannot be sent in this form"),
    ("S3", 0, "cannot be sent in this form"),
    ("S3=128", 0, "takes 0 to 127"),
    ("S3=", 0, "<n> must be given"),
    ("E0E7E0", 0, "<value> is one of 0, 1"),
    ("+RUN;E0!", 1, "is not a command"),
    ("E0;E7", 1, "<value> is one of 0, 1"),
]


@pytest.mark.parametrize(("body", "before", "reason"), REFUSED, ids=[repr(row[0])[:30] for row in REFUSED])
def test_what_is_refused(body: str, before: int, reason: str) -> None:
    count, call, told = refusal(body)
    assert (count, call.form) == (before, None)
    assert reason in told


def test_the_text_of_each_call() -> None:
    calls = parse_line(COMMANDS, '+SET=1,"a;b";E0S3?;+RUN')
    assert [call.text for call in calls] == ['+SET=1,"a;b"', "E0", "S3?", "+RUN"]
    assert calls[0].form == Form("+SET", WRITE)


def test_arguments_where_they_begin() -> None:
    assert read_arguments('x=1,"2",,3;y', 2) == (["1", "2", None, "3"], 10)
    with pytest.raises(Refused):
        read_arguments('"', 0)


def test_long_lines_are_read_in_linear_time() -> None:
    """What could make a pattern turn back and forth: 64 kB of each within moments."""
    for part in ('"', '",', '" ', " ", ",", ";", '"a" b', "+SET=1,", "E", '""""'):
        parse_line(COMMANDS, "+SET=1," + part * (65_536 // len(part)))
        parse_line(COMMANDS, '+SET=1,"' + part * (65_536 // len(part)))


@given(text=st.text(alphabet='ab1" ,', max_size=24))
@example(text='"a"b",1')
def test_the_short_way_reads_as_the_long_way(text: str) -> None:
    """A semicolon behind the arguments takes the closer look; it must not find anything else."""

    def read(body: str) -> object:
        try:
            return [(argument, type(argument)) for argument in read_arguments(body, 0)[0]]
        except Refused as refused:
            return str(refused.reason)

    assert read(text) == read(text + ";")
