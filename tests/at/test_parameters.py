"""Parameters: what they take, how they print, what they say of themselves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.at.parameters import Choice, Hex, Int, Param, Payload, Quoted, Result, Text, to_bytes, to_text
from modemlab.at.steps import Refused

SMALL = Int("n", 1, 60, unit="s")
MASK = Hex("mask", 0, 0xFFFF)
LEVEL = Choice("vsn", {3: "MQTT 3.1", 4: "MQTT 3.1.1"})
WORD = Choice("facility", {"SC": "SIM", "P2": "PIN2"})
NAME = Text("name", maximum=4, minimum=1)

TAKEN: list[tuple[Param, str, Any]] = [
    (SMALL, "1", 1),
    (SMALL, "60", 60),
    (SMALL, "01", 1),
    (MASK, "0xFFFF", 65535),
    (MASK, "0XffFF", 65535),
    (MASK, "c02f", 0xC02F),
    (MASK, "0", 0),
    (LEVEL, "3", 3),
    (LEVEL, "04", 4),
    (WORD, "sc", "SC"),
    (WORD, Quoted("P2"), "P2"),
    (NAME, "a", "a"),
    (NAME, Quoted("a,b;"), "a,b;"),
    (NAME, "éé", "éé"),
    (NAME, "\udcff", "\udcff"),
    (Payload("p"), "a\udcff", b"a\xff"),
]
REFUSED: list[tuple[Param, str, str]] = [
    (SMALL, "0", "<n> is 0, but takes 1 to 60 s"),
    (SMALL, "61", "<n> is 61, but takes 1 to 60 s"),
    (SMALL, "-1", "<n> is a number from 1 to 60 s, not '-1'"),
    (SMALL, "+1", "<n> is a number"),
    (SMALL, "1.0", "<n> is a number"),
    (SMALL, "1_0", "<n> is a number"),
    (SMALL, "٣", "<n> is a number"),
    (SMALL, "²", "<n> is a number"),
    (SMALL, "", "<n> is a number"),
    (SMALL, Quoted("5"), "<n> is a number"),
    (SMALL, "9" * 5000, "<n> is a number"),
    (MASK, "0x10000", "0x0 to 0xffff"),
    (MASK, Quoted("0xFFFF"), "<mask> is hexadecimal"),
    (MASK, "0x", "<mask> is hexadecimal"),
    (MASK, "0x1\n", "<mask> is hexadecimal"),
    (MASK, "g", "<mask> is hexadecimal"),
    (MASK, "f" * 5000, "<mask> is hexadecimal"),
    (LEVEL, "5", "<vsn> is one of 3, 4, not '5'"),
    (LEVEL, Quoted("3"), "<vsn> is one of 3, 4"),
    (LEVEL, "x" * 5000, "<vsn> is one of 3, 4"),
    (WORD, "XX", "<facility> is one of SC, P2"),
    (NAME, "", "<name> is 0 bytes long, but takes 1 to 4 bytes"),
    (NAME, "abcde", "<name> is 5 bytes long"),
    (NAME, "ééé", "<name> is 6 bytes long"),
]


@pytest.mark.parametrize(("param", "argument", "value"), TAKEN)
def test_taken(param: Param, argument: str, value: Any) -> None:
    assert param.parse(argument) == value


@pytest.mark.parametrize(("param", "argument", "reason"), REFUSED, ids=[repr(row[1])[:20] for row in REFUSED])
def test_refused(param: Param, argument: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        param.parse(argument)
    assert reason in str(caught.value.reason)
    assert len(str(caught.value.reason)) < 150
    assert caught.value.cme == 50


def test_quotes_do_not_stay_with_a_text() -> None:
    assert type(NAME.parse(Quoted("a"))) is str


def test_printed() -> None:
    assert [SMALL.render(5), MASK.render(0xC02F), LEVEL.render(3), WORD.render("SC")] == [
        b"5",
        b"0xc02f",
        b"3",
        b'"SC"',
    ]
    assert [NAME.render('a"\udcff'), Text("t", bare=True).render("x"), Payload("p").render(b'"\r\x00')] == [
        b'"a"\xff"',
        b"x",
        b'""\r\x00"',
    ]
    assert Result({-1: "failed", 0: "done"}).render(-1) == b"-1"


def test_listed() -> None:
    params: list[Param] = [SMALL, MASK, LEVEL, WORD, NAME, Payload("p"), Int("n", 0, 9, shown="<n>")]
    assert [p.listed for p in params] == ["(1-60)", "(0x0-0xffff)", "(3,4)", '("SC","P2")', '"name"', "<p>", "<n>"]
    assert [str(p.domain) for p in params[:4]] == ["1 to 60 s", "0x0 to 0xffff", "3, 4", "SC, P2"]


@given(st.binary())
def test_any_byte_survives_as_text(data: bytes) -> None:
    assert to_bytes(to_text(data)) == data


@given(st.binary(max_size=60))
def test_any_argument_is_taken_or_refused(data: bytes) -> None:
    argument = to_text(data)
    for param in (SMALL, MASK, LEVEL, WORD, NAME, Payload("p")):
        for typed in (argument, Quoted(argument)):
            reason = ""
            try:
                param.render(param.parse(typed))
            except Refused as refused:
                reason = str(refused.reason)
            assert "\n" not in reason
            assert "\r" not in reason
