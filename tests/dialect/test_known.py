"""Names that are no command of a module: what they may have been meant to be, and what a manual has of them."""

import pytest

from modemlab.dialect.known import Known, Stranger, look_up, read_table, source, told

TABLE = read_table(
    "guide",
    """
+OPEN  2.2.4  Open it, now
+DONE  3
D      19.1   Begin a call
""",
)


def test_a_table() -> None:
    """A line each; what it does may be left out."""
    assert {
        "+OPEN": Known("guide, 2.2.4", "Open it, now"),
        "+DONE": Known("guide, 3"),
        "D": Known("guide, 19.1", "Begin a call"),
    } == TABLE
    assert read_table("guide", "+A 1", inferred=True) == {"+A": Known("guide, 1", inferred=True)}


@pytest.mark.parametrize(
    ("name", "typed", "found", "words"),
    [
        ("+OPEN", "+OPEN", Stranger("AT+OPEN", TABLE["+OPEN"]), "AT+OPEN is known, not simulated (guide, 2.2.4)"),
        ("+open", "+open", Stranger("AT+open", TABLE["+OPEN"]), "AT+open is known, not simulated (guide, 2.2.4)"),
        ("+OPN", "+OPN", Stranger("AT+OPN", near="AT+OPEN"), "AT+OPN is not a command"),
        ("O", "OPEN", Stranger("ATOPEN", near="AT+OPEN"), "ATOPEN is not a command"),
        ("D", "D", Stranger("ATD", TABLE["D"]), "ATD is known"),
        ("D", "D10086", Stranger("ATD", TABLE["D"]), "ATD is known"),
        ("D", "DONE", Stranger("ATDONE", near="AT+DONE"), "ATDONE is not a command"),
        ("C", "CLOSE", Stranger("ATCLOSE", near="AT+CLOSE"), "ATCLOSE is not a command"),
        ("+CLOSED", "+CLOSED", Stranger("AT+CLOSED", near="AT+CLOSE"), "AT+CLOSED is not a command"),
        ("+CBC", "+CBC", None, ""),
        ("+clcc", "+clcc", None, ""),
        ("+X", "+X", None, ""),
        ("", "", None, ""),
    ],
)
def test_look_up(name: str, typed: str, found: Stranger | None, words: str) -> None:
    """What the manuals name, else what is near; the letters of a name without its prefix count more than its first."""
    assert look_up(("+CLOSE", "E"), TABLE, name, typed) == found
    if found is not None:
        assert str(told(found)).startswith(words)


def test_words() -> None:
    """In one line, with what to do."""
    assert str(told(Stranger("AT+OPEN", TABLE["+OPEN"]))) == (
        "AT+OPEN is known, not simulated (guide, 2.2.4); --answers FILE can answer it"
    )
    assert str(told(Stranger("AT+OPN", near="AT+OPEN"))) == (
        "AT+OPN is not a command of this module (did you mean AT+OPEN?)"
    )
    assert str(source(Known("guide, 1", inferred=True))) == "guide, 1, for the next generation"
