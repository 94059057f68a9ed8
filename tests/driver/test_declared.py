"""Both ends read one declaration: what a module prints its host reads, and what a host types its module reads."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modemlab.at.command import Command, FormKind
from modemlab.at.encoding import encode, information
from modemlab.at.errors import UsageError
from modemlab.at.line_patterns import LinePatterns
from modemlab.at.parameters import Choice, Hex, Int, Maybe, Param, Payload, Repeat, Rest, Slot, to_bytes
from modemlab.at.syntax import parse_line
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import dialects
from modemlab.driver.protocol.digester import urcs_of

DIALECTS = {dialect.name: dialect for dialect in dialects() if dialect.recipes is not None}
LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x2FF, exclude_characters='"\x7f')
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def values_of(param: Param) -> st.SearchStrategy[Any]:
    """Values that a parameter has."""
    if isinstance(param, Int | Hex):
        return st.integers(param.minimum, param.maximum)
    if isinstance(param, Choice):
        return st.sampled_from(list(param.values))
    if isinstance(param, Payload):
        return st.binary(max_size=40)
    words = st.text(LETTERS.filter(lambda c: c not in ",;"), min_size=param.minimum, max_size=min(param.maximum, 20))
    if isinstance(param, Rest):
        return words.map(to_bytes).filter(lambda data: bool(data.strip()) and data == data.strip())
    return words.filter(lambda text: param.minimum <= len(to_bytes(text)) <= param.maximum)


def printed(urc: Urc) -> st.SearchStrategy[tuple[Any, ...]]:
    """Values that a URC has, all of them or without optional ones, with more of the last if there may be."""
    least = len(urc.params) - urc.optional
    made = st.integers(least, len(urc.params)).flatmap(lambda n: st.tuples(*map(values_of, urc.params[:n])))
    if not urc.many:
        return made
    return st.tuples(*map(values_of, urc.params), values_of(urc.params[-1]))


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
@QUICK
def test_urcs_read_back(name: str, data: st.DataObject) -> None:
    """Every URC of a dialect, among all the others; one that looks like another's is that one's by its order."""
    dialect = DIALECTS[name]
    recipes = dialect.recipes
    assert recipes is not None
    urcs = [urc for urc in dict.fromkeys(urcs_of(dialect)) if urc not in recipes.ignores]
    shapes = LinePatterns(urcs)
    urc = data.draw(st.sampled_from(urcs))
    values = data.draw(printed(urc))
    if urc.params and isinstance(urc.params[-1], Payload) and isinstance(urc.params[-2], Int):
        values = (*values[:-2], len(values[-1]), values[-1])
    line = urc.render(*values)
    if urc.params and isinstance(urc.params[-1], Payload):
        framed = shapes.frame(line + b"\r\n")
        assert framed is not None
        if framed[0]:
            assert framed == (len(line) + 2, urc, values)
            return
    found = shapes.find(line)
    assert found is not None, line
    if found[0] is urc:
        assert [loose(value) for value in found[1]] == [loose(value) for value in values]
    else:
        assert found[0].name == urc.name or found[0].render(*found[1]) == line


def loose(value: Any) -> Any:
    """A value without the blanks that may stand around a bare text."""
    return value.strip(" ") if isinstance(value, str) else value


def given_to(slot: Slot) -> st.SearchStrategy[Any]:
    """Values of a slot, or of the whole group."""
    if isinstance(slot, Repeat):
        return st.lists(st.tuples(*map(values_of, slot.params)), min_size=1, max_size=3).map(tuple)
    if isinstance(slot, Maybe):
        return st.tuples(*map(values_of, slot.params))
    return values_of(slot)


def forms(dialect: Dialect) -> list[tuple[Command, str, tuple[Slot, ...]]]:
    """The write forms of the extended commands, with and without options."""
    found = []
    for command in dialect.commands.values():
        if command.basic:
            continue
        if command.params is not None and not command.options:
            found.append((command, "", command.params))
        found += [(command, option.name, option.params) for option in command.options]
    return found


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
@QUICK
def test_commands_read_back(name: str, data: st.DataObject) -> None:
    """Every write form: the module reads what the host has encoded, or the host says that it cannot be typed."""
    command, option, slots = data.draw(st.sampled_from(forms(DIALECTS[name])))
    values: list[Any] = []
    for slot in slots:
        value = data.draw(given_to(slot))
        values += value if isinstance(slot, Maybe) else [value]
    if any("\\" in str(value) for value in values):
        # What an escape stands for is allowed by the declarations, and cannot always be typed.
        return
    line = encode(command, *values, option=option)
    (call,) = parse_line({command.name: command}, line[2:].decode("utf-8", "surrogateescape"))
    assert call.refused is None
    assert list(call.values) == values


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((0, 1, 1, 0, "a"), "takes 6 parameters, not 5"),
        ((6, 1, 1, 0, "a", 1), "<client_idx> is 6, but takes 0 to 5"),
        ((0, 1, 3, 0, "a", 1), "<qos> is 3"),
        ((0, 1, 1, 0, 'a",1', 1), "takes 6 parameters, not 7"),
        ((0, 1, 1, 0, "a\r\n", 1), "a control character"),
        ((0, 1, 1, 0, "a", -1), "<length> is a number"),
    ],
)
def test_what_cannot_be_typed(values: tuple[Any, ...], reason: str) -> None:
    """The host refuses what the module would refuse, or would read otherwise, in the module's own words."""
    with pytest.raises(UsageError, match=reason):
        encode(DIALECTS["quectel_lte"].commands["+QMTPUBEX"], *values)


def test_information_is_read_by_its_declaration() -> None:
    """Quoted and unquoted, cut short, and not at all."""
    command = DIALECTS["quectel_lte"].commands["+CEREG"]
    lines = [b'+CEREG: 2,1,"1A2B","5C3D2E2",7', b"+CEREG: 0,1", b"+CEREG: 1", b"+CREG: 0,1", b"+CEREG:0,5"]
    assert information(command, lines) == [(2, 1, "1A2B", "5C3D2E2", 7), (0, 1), (0, 5)]
    assert encode(command, kind=FormKind.READ) == b"AT+CEREG?"
    assert information(DIALECTS["quectel_lte"].commands["+QMTOPEN"], [b"+QMTOPEN: 0,broker.example,1883"]) == [
        (0, "broker.example", 1883)
    ]
