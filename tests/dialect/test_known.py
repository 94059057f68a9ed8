"""Names that are no command of a module: what they may have been meant to be, and what a manual has of them."""

import pytest

from modemlab.dialect.known_commands import ManualEntry, UnknownName, look_up, read_table, source, unknown_name_reason

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
        "+OPEN": ManualEntry("guide, 2.2.4", "Open it, now"),
        "+DONE": ManualEntry("guide, 3"),
        "D": ManualEntry("guide, 19.1", "Begin a call"),
    } == TABLE
    assert read_table("guide", "+A 1", inferred=True) == {"+A": ManualEntry("guide, 1", inferred=True)}


@pytest.mark.parametrize(
    ("name", "typed", "found", "words"),
    [
        ("+OPEN", "+OPEN", UnknownName("AT+OPEN", TABLE["+OPEN"]), "AT+OPEN is known, not simulated (guide, 2.2.4)"),
        ("+open", "+open", UnknownName("AT+open", TABLE["+OPEN"]), "AT+open is known, not simulated (guide, 2.2.4)"),
        ("+OPN", "+OPN", UnknownName("AT+OPN", near="AT+OPEN"), "AT+OPN is not a command"),
        ("O", "OPEN", UnknownName("ATOPEN", near="AT+OPEN"), "ATOPEN is not a command"),
        ("D", "D", UnknownName("ATD", TABLE["D"]), "ATD is known"),
        ("D", "D10086", UnknownName("ATD", TABLE["D"]), "ATD is known"),
        ("D", "DONE", UnknownName("ATDONE", near="AT+DONE"), "ATDONE is not a command"),
        ("C", "CLOSE", UnknownName("ATCLOSE", near="AT+CLOSE"), "ATCLOSE is not a command"),
        ("+CLOSED", "+CLOSED", UnknownName("AT+CLOSED", near="AT+CLOSE"), "AT+CLOSED is not a command"),
        ("+CBC", "+CBC", None, ""),
        ("+clcc", "+clcc", None, ""),
        ("+X", "+X", None, ""),
        ("", "", None, ""),
    ],
)
def test_look_up(name: str, typed: str, found: UnknownName | None, words: str) -> None:
    """What the manuals name, else what is near; the letters of a name without its prefix count more than its first."""
    assert look_up(("+CLOSE", "E"), TABLE, name, typed) == found
    if found is not None:
        assert str(unknown_name_reason(found)).startswith(words)


def test_words() -> None:
    """In one line, with what to do."""
    assert str(unknown_name_reason(UnknownName("AT+OPEN", TABLE["+OPEN"]))) == (
        "AT+OPEN is known, not simulated (guide, 2.2.4); --answers FILE can answer it"
    )
    assert str(unknown_name_reason(UnknownName("AT+OPN", near="AT+OPEN"))) == (
        "AT+OPN is not a command of this module (did you mean AT+OPEN?)"
    )
    assert str(source(ManualEntry("guide, 1", inferred=True))) == "guide, 1, of the next module generation"
