"""Reasons: a message and its values, made into a sentence late."""

import pytest

from modemlab.at.reasons import Missing, NotInList, OutOfRange
from modemlab.text.reason import (
    About,
    Listed,
    ManualPlace,
    Placed,
    Reason,
    Sentence,
    at_line,
    helped,
    joined,
    range_of,
    reason_of,
)

WORDS = {
    "<{name}> is {value}, but takes {domain}": "{domain} takes <{name}>, not {value}",
    "{low} to {high} {unit}": "{low}..{high} {unit}",
    "s": "seconds",
    "guide": "BOOK",
    " and table ": " & ",
}


def turned(message: str) -> str:
    """Another language: the order of the values is its own."""
    return WORDS.get(message, message)


@pytest.mark.parametrize(
    ("reason", "english", "other"),
    [
        (Sentence("no"), "no", "no"),
        (Sentence("a {brace"), "a {brace", "a {brace"),
        (Sentence("{given!r} stands there", given="{x}"), "'{x}' stands there", "'{x}' stands there"),
        (
            OutOfRange("t", "99", range_of(1, 60, "s")),
            "<t> is 99, but takes 1 to 60 s",
            "1..60 seconds takes <t>, not 99",
        ),
        (NotInList("x", "7", Sentence("1, 2")), "<x> is one of 1, 2, not '7'", "<x> is one of 1, 2, not '7'"),
        (
            Placed(Missing("x"), ManualPlace("guide, 1.2")),
            "<x> must be given (guide, 1.2)",
            "<x> must be given (BOOK, 1.2)",
        ),
        (ManualPlace("guide, 2 and table 3; V.250, 6"), "guide, 2 and table 3; V.250, 6", "BOOK, 2 & 3; V.250, 6"),
        (About("f", at_line(3, Sentence("s"))), "f: line 3: s", "f: line 3: seconds"),
        (helped(Sentence("s"), Sentence("b")), "s: b", "seconds: b"),
        (joined(Sentence("a"), Sentence("s"), Sentence("c")), "a; s; c", "a; seconds; c"),
        (Listed(("1", "2"), " and "), "1 and 2", "1 and 2"),
        (range_of(0, 5), "0 to 5", "0 to 5"),
    ],
)
def test_a_sentence(reason: Reason, english: str, other: str) -> None:
    """In English by `str`, and in another language with its values, nested ones too."""
    assert (str(reason), reason.text()) == (english, english)
    assert reason.text(turned) == other


def test_equal_reasons() -> None:
    """By message and values, so that one is told once."""
    assert Sentence("{a}", a=1) == Sentence("{a}", a=1)
    assert len({Sentence("{a}", a=1), Sentence("{a}", a=1), Sentence("{a}", a=2), Sentence("{b}", b=1)}) == 3
    assert joined(Missing("x"), Missing("y")) != joined(Missing("y"), Missing("x"))
    assert repr(Sentence("{a}", a="1")) == "Sentence('{a}', a='1')"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no"), Sentence("no")),
        (ValueError(Missing("x")), Missing("x")),
        (OSError(2, "No such file"), Sentence("No such file")),
        (OSError(2, About("f", Missing("x"))), About("f", Missing("x"))),
        (ValueError(), Sentence("")),
    ],
)
def test_the_reason_of_an_error(error: Exception, reason: Reason) -> None:
    """That which it was raised with, else its text; of the system's without the number."""
    assert reason_of(error) == reason
