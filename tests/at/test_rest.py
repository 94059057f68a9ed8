"""Parameters that take the rest of a line, escapes, numbers between quotes, and what an empty argument stands for."""

from typing import Any

import pytest

from modemlab.at.command import Command, Option, syntax
from modemlab.at.parameters import Choice, Int, Payload, Quoted, Rest, Text, maybe
from modemlab.at.steps import Refused
from modemlab.at.syntax import parse_line, read_arguments
from modemlab.dialect.reference import row

ESCAPES = frozenset(b'",\r\n\\')
REST = Rest("message", 8, meaning="The message", escapes=ESCAPES)
COMMANDS = {
    c.name: c
    for c in (
        Command("+PUT", "", "guide, 1", params=(Text("topic", maximum=9, minimum=1), Int("qos", 0, 2), REST)),
        Command("+RUN", "", "guide, 2", execute=()),
        Command("+NEED", "", "guide, 3", params=(maybe(Int("n", 0, 9), Rest("text", 100, minimum=1)),), faulty=53),
        Command(
            "+OPT",
            "",
            "guide, 4",
            options=(
                Option("text", "", (maybe(Text("v", blank="")),)),
                Option("level", "", (maybe(Choice("v", {0: "", 1: ""}, default=1, blank=1)),)),
                Option("time", "", (maybe(Int("v", 10, 300, default=300, blank=300)),)),
            ),
        ),
    )
}


def values(body: str) -> Any:
    """The values of the one call of a body."""
    (call,) = parse_line(COMMANDS, body)
    assert call.refused is None, str(call.refused.reason)
    return call.values


MESSAGES = [
    ("a", b"a"),
    ("a,b;c", b"a,b;c"),
    (" a b ", b" a b "),
    ('a"b"', b'a"b"'),
    ('"a"', b"a"),
    (' "a" ', b"a"),
    ('"a,b;c"', b"a,b;c"),
    ('"a"b"', b'a"b'),
    ('"a","b"', b'a","b'),
    ('""', b""),
    ('"""', b'"'),
    (";+RUN", b";+RUN"),
    (r"\22\2C\0D\0A\5C", b'",\r\n\\'),
    (r"\2c\0a", b",\n"),
    (r"\7B", b"\\7B"),
    (r"\5C22", b"\\22"),
    (r"\2", b"\\2"),
    ("\\", b"\\"),
    (r'"\22"', b'"'),
    (r"\22\22\22\22\22\22\22\22", b'""""""""'),
    ("\udcff\udc80", b"\xff\x80"),
    ("éééé", "éééé".encode()),
]


@pytest.mark.parametrize(("typed", "message"), MESSAGES)
def test_the_rest_of_the_line(typed: str, message: bytes) -> None:
    assert values(f"+PUT=t,1,{typed}") == ("t", 1, message)
    assert values(f'+PUT="t" , 1,{typed}') == ("t", 1, message)


REFUSED = [
    ("+PUT=t,1", "takes 3 parameters, not 2"),
    ("+PUT=t", "takes 3 parameters, not 1"),
    ("+PUT=t,1,", "<message> must be given"),
    ("+PUT=t,3,a", "<qos> is 3"),
    ('+PUT=t,1,"a', "not closed at the end of the line"),
    ('+PUT=t,1,"', "not closed at the end of the line"),
    ('+PUT="t,1,a', "not closed"),
    ("+PUT=t,1,123456789", "<message> is 9 bytes long, but takes 0 to 8 bytes"),
    ("+PUT=t,1,ééééé", "<message> is 10 bytes long"),
    ("+PUT=t;+RUN", "takes 3 parameters, not 1"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_what_is_refused(body: str, reason: str) -> None:
    call = parse_line(COMMANDS, body)[0]
    assert call.refused is not None
    assert reason in str(call.refused.reason)
    assert call.refused.cme == 50


def test_it_may_be_left_out_with_its_group() -> None:
    assert values("+NEED=") == (None, None)
    assert values("+NEED=1,a,b") == (1, b"a,b")
    (call,) = parse_line(COMMANDS, "+NEED=1")
    assert call.refused is not None
    assert "<text> must be given" in str(call.refused.reason)
    assert call.refused.cme == 53


def test_where_it_begins() -> None:
    assert read_arguments("x=1,a,b;c", 2, 1) == (["1", "a,b;c"], 9)
    assert read_arguments("x=1;c", 2, 1) == (["1"], 3)
    assert read_arguments("x=1,", 2, 1) == (["1", None], 4)


def test_long_lines_are_read_in_linear_time() -> None:
    for part in ('"', '",', '" ', ",", ";", '"a" b', "\\", r"\22", r"\2"):
        parse_line(COMMANDS, "+PUT=t,1," + part * (65_536 // len(part)))
        parse_line(COMMANDS, '+PUT="t,1,' + part * (65_536 // len(part)))


def test_what_it_says_of_itself() -> None:
    command = COMMANDS["+PUT"]
    assert command.test_lines() == [b'+PUT: "topic",(0-2),<message>']
    assert syntax(command.params or ()) == "<topic>,<qos>,<message>"
    assert row(REST).values == "0 to 8 bytes, the rest of the line"
    assert REST.render(b"a,b") == b"a,b"


def test_texts_with_escapes() -> None:
    text = Text("will", maximum=3, escapes=ESCAPES)
    assert text.parse(Quoted(r"\22a\22")) == '"a"'
    with pytest.raises(Refused, match="4 bytes"):
        text.parse(r"\22abc")
    assert Text("plain").parse(r"\22") == r"\22"


def test_numbers_between_quotes() -> None:
    port = Int("port", 1, 65535, quotable=True)
    assert (port.parse("1883"), port.parse(Quoted("1883"))) == (1883, 1883)
    for bad in ("0", Quoted("65536"), Quoted(""), Quoted("a")):
        with pytest.raises(Refused, match="<port>"):
            port.parse(bad)


def test_what_stands_behind_a_number_and_around_a_payload() -> None:
    assert Int("len", 0, 9, tail=" byte").render(5) == b"5 byte"
    assert Payload("p", bare=True).render(b'a"b') == b'a"b'
    assert Payload("p").render(b'a"b') == b'"a"b"'


BLANKS = [
    ('+OPT="text"', (None,)),
    ('+OPT="text",', ("",)),
    ('+OPT="text",""', ("",)),
    ('+OPT="level",', (1,)),
    ('+OPT="level",0', (0,)),
    ('+OPT="time",', (300,)),
    ('+OPT="time"', (None,)),
]


@pytest.mark.parametrize(("body", "given"), BLANKS)
def test_an_empty_argument(body: str, given: tuple[Any, ...]) -> None:
    assert values(body) == given
