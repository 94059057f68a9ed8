"""A declaration: its forms, its `=?` lines, how it reads and prints values."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.at.command import ArgumentPlan, Command, Form, FormKind, Option, defaults, listed, syntax
from modemlab.at.parameters import Choice, Hex, Int, Param, Payload, Repeat, Text, maybe
from modemlab.at.steps import Refused
from modemlab.at.urc import Urc, line_of

index = Int("index", 0, 5)
name = Text("name", maximum=10, shown='"host"')
flag = Choice("flag", {0: "off", 1: "on"}, default=0)
OPEN = Command("+OPEN", "Open", "guide, 1", params=(index, name, maybe(flag)), read=(index, name))
CONFIG = Command(
    "+CFG",
    "Configure",
    "guide, 2",
    options=(
        Option("a/b", "", (index, maybe(flag), maybe(name))),
        Option("c", "", (index, maybe(Int("n", 1, 9, default=5)))),
    ),
)
ECHO = Command("E", "Echo", "V.250", params=(flag,))


def test_forms() -> None:
    assert list(OPEN.forms) == [OPEN.on_write, OPEN.on_read, OPEN.on_test]
    assert list(CONFIG.forms) == [CONFIG.on("a/b"), CONFIG.on("C"), CONFIG.on_test]
    assert list(ECHO.forms) == [Form("E", FormKind.WRITE)]
    assert list(Command("+X", "", "", execute=(), test=None).forms) == [Form("+X", FormKind.EXECUTE)]
    assert [ECHO.basic, OPEN.basic] == [True, False]
    with pytest.raises(KeyError):
        CONFIG.on("d")


def test_test_lines() -> None:
    assert OPEN.test_lines() == [b'+OPEN: (0-5),"host",(0,1)']
    assert CONFIG.test_lines() == [b'+CFG: "a/b",(0-5),(0,1),"host"', b'+CFG: "c",(0-5),(1-9)']
    assert Command("+X", "", "", test="").test_lines() == []
    assert Command("+X", "", "").test_lines() == []
    assert Command("+X", "", "", test="+X: (),(1)").test_lines() == [b"+X: (),(1)"]
    assert listed((index, Repeat((name,), shown="list of names"))) == "(0-5),list of names"
    assert listed((index, maybe(Int("hidden", 0, 1, shown="")))) == "(0-5)"


def test_syntax() -> None:
    assert syntax(OPEN.params or ()) == "<index>,<name>[,<flag>]"
    assert syntax((index, maybe(flag), maybe(name, index))) == "<index>[,<flag>[,<name>,<index>]]"
    assert syntax((index, Repeat((name, flag)))) == "<index>,<name>,<flag>[,<name>,<flag>]..."


def test_plans() -> None:
    plan = ArgumentPlan.of((index, maybe(flag, name), maybe(index)))
    assert plan.read(["1"]) == (1, None, None, None)
    assert plan.read(["1", None, None, "5"]) == (1, None, None, 5)
    assert plan.read(["1", "0", "x"]) == (1, 0, "x", None)
    assert plan.read(["1", None, None, None]) == (1, None, None, None)
    for arguments in ([], [None], ["1", "0"], ["1", None, "x"], ["1", "0", "x", "0", "0"], ["6"]):
        with pytest.raises(Refused):
            plan.read(arguments)
    assert ArgumentPlan.of(()).read([]) == ()
    with pytest.raises(Refused):
        ArgumentPlan.of(()).read([None])


def test_info_and_urc() -> None:
    assert OPEN.info(1, "h") == b'+OPEN: 1,"h"'
    urc = Urc("+SUB", "", (index, flag), many=True)
    assert urc.render(1) == b"+SUB: 1"
    assert urc.render(1, 0, 1, 1) == b"+SUB: 1,0,1,1"
    with pytest.raises(ValueError, match="2 values, not 3"):
        Urc("+X", "", (index, flag)).render(1, 0, 1)


def test_defaults_and_places() -> None:
    assert defaults(CONFIG.option("A/B").values) == (0, "")
    assert defaults((Choice("x", {1: ""}),)) == (None,)
    assert str(OPEN.where("is closed")).endswith("is closed (guide, 1)")


VALUES = st.one_of(
    st.none(),
    st.integers(0, 9),
    st.integers(-5, 70_000),
    st.booleans(),
    st.sampled_from(["word", "1", "\udcff", b"\xff", bytearray(b"x")]),
)
SHOWN = st.sampled_from(
    [
        Int("number", 0, 9),
        Int("tail", 0, 9, tail="%"),
        Choice("choice", {0: "off", 1: "on"}),
        Choice("word", {"word": "a word", 1: "one"}),
        Choice("code", {0x0035: "a code"}, hexadecimal=True),
        Hex("mask", 0, 9),
        Text("text"),
        Text("bare", bare=True),
        Payload("payload"),
        Payload("bare", bare=True),
    ]
)


@given(
    params=st.lists(SHOWN, max_size=4).map(tuple),
    values=st.lists(VALUES, max_size=5).map(tuple),
    many=st.booleans(),
    name=st.sampled_from(["+SUB", "100%d"]),
)
def test_a_urc_prints_numbers_as_its_parameters_do(
    params: tuple[Param, ...], values: tuple[Any, ...], many: bool, name: str
) -> None:
    def line(make: Callable[[], bytes]) -> bytes | type[Exception]:
        try:
            return make()
        except (ValueError, TypeError, IndexError, AttributeError) as error:
            return type(error)

    urc = Urc(name, "", params, many=many)
    for _ in range(2):
        assert line(lambda: urc.render(*values)) == line(lambda: line_of(name, params, values, many))
