"""A line that is read at once: as `parse_line` reads it, whatever it is."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modemlab.at.command import Command, FormKind
from modemlab.at.line_readers import LineReaders, reader_of
from modemlab.at.parameters import Choice, Hex, Int, Text, maybe, to_text
from modemlab.at.syntax import ParsedCommand, parse_line
from modemlab.dialect.dialect import parser_of
from modemlab.dialect.registry import dialects

PLAIN = Command(
    "+PLAIN",
    "Each kind of parameter that a pattern divides",
    "manual",
    params=(
        Int("small", 2, 9),
        Int("wide", 10, 2000, blank=10),
        Choice("choice", {0: "off", 1: "on", 20: "auto"}),
        Text("text", 5, 1),
        maybe(Text("escaped", 6, escapes=frozenset(b"\n")), Int("counted", 0, 100, counts=True, quotable=True)),
    ),
)
OTHERS = (
    Command("+WORD", "A choice of words", "manual", params=(Choice("word", {"A": "a", "B": "b"}),)),
    Command("+MIX", "A choice of a word and a number", "manual", params=(Choice("word", {"A": "a", 1: "b"}),)),
    Command("+HEX", "A hexadecimal number", "manual", params=(Hex("number", 0, 255),)),
    Command("+NONE", "No parameter", "manual", params=()),
    Command("+READ", "No write form", "manual", read=(Int("n", 0, 1),)),
)
COMMANDS = {command.name: command for command in (PLAIN, *OTHERS)}
# Arguments of each kind, right and wrong, and what stands between them.
ARGUMENTS = (
    *("0", "1", "2", "3", "9", "10", "20", "007", "2000", "2001", "99999999999999999999", "999999999999999999999"),
    *('"a"', '""', '"a,b"', '"a;b"', '"a"b"', '"abcdef"', '"\\0A"', '"\\0Abcdef"', '"1"', '"', "a", "", " 2", "2 "),
    *('"é"', "²", "-2", "+2", "?", '"a" ', "0x1"),
)


def told(calls: tuple[ParsedCommand, ...]) -> list[Any]:
    """The calls, with their refusals as they are read."""
    return [(*call[:4], call.refused and (str(call.refused.reason), call.refused.cme)) for call in calls]


@given(
    name=st.sampled_from(["+PLAIN=", "+plain=", "+PLAIN =", "+PLAIN", "+PLAI=", "=", "+WORD=", "+MIX=", "+HEX="]),
    arguments=st.lists(st.sampled_from(ARGUMENTS), max_size=8).map(",".join)
    | st.text(alphabet='02,"; a?', max_size=12),
    rest=st.sampled_from(["", ";", ";+PLAIN?", " ", ","]),
)
@example(name="+PLAIN=", arguments='2,10,0,"a","","100"', rest="")
def test_reads_as_the_long_way(name: str, arguments: str, rest: str) -> None:
    body = (name + arguments + rest).encode()
    assert told(parser_of(COMMANDS)(body)) == told(parse_line(COMMANDS, to_text(body)))


@given(st.binary(max_size=20).map(lambda tail: b"+PLAIN=2,10,0," + tail) | st.binary(max_size=20))
def test_any_bytes_read_as_the_long_way(body: bytes) -> None:
    assert told(parser_of(COMMANDS)(body)) == told(parse_line(COMMANDS, to_text(body)))


def test_what_is_read_at_once() -> None:
    """Nothing of these is left to the long way."""
    read = LineReaders(COMMANDS, lambda body: pytest.fail(f"{body!r} was not read at once")).read
    for body, values in (
        (b'+PLAIN=2,10,0,"a","",0', (2, 10, 0, "a", "", 0)),
        (b'+PLAIN=9,2000,20,"a,;c","b d",100', (9, 2000, 20, "a,;c", "b d", 100)),
    ):
        assert read(body) == (ParsedCommand(body.decode(), PLAIN, PLAIN.on_write, values),)


def test_what_is_left_to_the_long_way() -> None:
    assert [reader_of(command) for command in OTHERS] == [None] * len(OTHERS)
    left: list[bytes] = []

    def long_way(body: bytes) -> tuple[ParsedCommand, ...]:
        left.append(body)
        return ()

    read = LineReaders(COMMANDS, long_way).read
    bodies = (
        *(b'+PLAIN=2,10,0,"a"', b'+PLAIN=1,10,0,"a","",0', b'+PLAIN=2,9,0,"a","",0', b'+PLAIN=2,10,2,"a","",0'),
        *(b'+PLAIN=2,10,0,"","",0', b'+PLAIN=2,10,0,"abcdef","",0', b'+PLAIN=2,10,0,"a","\\0A",0', b"+PLAIN?", b""),
        *(b'+PLAIN=2,10,0,"a","","0"', b'+PLAIN=02,10,0,"a","",0', '+PLAIN=2,10,0,"é","",0'.encode(), b"+NONE="),
    )
    for body in bodies:
        read(body)
    assert left == list(bodies)


def declared_lines() -> list[tuple[str, bool, bytes]]:
    """For each dialect and strictness, a line of each command that has a reader, its numbers at their limits."""
    found = []
    for dialect in dialects():
        for strict in (False, True):
            for command in dialect.table(strict).values():
                reader, plan = reader_of(command), command.plan(FormKind.WRITE)
                if reader is None or plan is None:
                    continue
                for low in (True, False):
                    arguments = [argument_of(param, low) for param in plan.params]
                    found.append((dialect.name, strict, f"{command.name}={','.join(arguments)}".encode()))
    return found


def argument_of(param: Any, low: bool) -> str:
    """An argument that fits: the least or the largest."""
    if isinstance(param, Int):
        return str(param.minimum if low else param.maximum)
    if isinstance(param, Choice):
        return str((min if low else max)(param.values))
    return f'"{"x" * (param.minimum if low else param.maximum)}"'


def test_lines_of_the_dialects_read_as_the_long_way() -> None:
    tables = {(dialect.name, strict): dialect for dialect in dialects() for strict in (False, True)}
    lines = declared_lines()
    assert len(lines) > 200
    for name, strict, body in lines:
        dialect = tables[name, strict]
        long_way = parse_line(dialect.table(strict), to_text(body), dialect.unknown, dialect.lacking)
        assert told(dialect.parser(strict)(body)) == told(long_way), body
