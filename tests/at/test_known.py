"""Names that are no command of a module: what they may have been meant to be, and what a manual has of them."""

import pytest

from modemlab.at.known import Known, Stranger, continued, look_up, nearest, read_table, source, told
from modemlab.at.spelling import distance

NAMES = (
    *("E", "S3", "&F", "+CSQ", "*CSQ", "+CREG", "+CEREG", "+CPIN", "+QMTOPEN", "+QMTCLOSE", "+QMTCONN", "+QMTDISC"),
    *("+QMTSUB", "+QMTUNS", "+QMTPUB", "+QMTPUBEX", "+QMTCFG", "+QFUPL", "+HTTPREAD", "+HTTPREADFILE", "^HVER"),
)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("", "", 0),
        ("CSQ", "CSQ", 0),
        ("CSQ", "CSX", 1),
        ("CSQ", "CQS", 1),
        ("CSQ", "CS", 1),
        ("CSQ", "CSSQ", 1),
        ("QMTOPEN", "QMTOPN", 1),
        ("QMTOPEN", "QTMOEPN", 2),
        ("QMTCLS", "QMTCLOSE", 2),
        ("CERG", "CEREG", 1),
        ("CERG", "CREG", 1),
        ("ABC", "CAB", 2),
        ("ABCDEF", "UVWXYZ", 3),
        ("ABC", "ABCDEF", 3),
    ],
)
def test_distance(one: str, other: str, count: int) -> None:
    """Letters added, left out, replaced and swapped; beyond two it is only said that there are more."""
    assert (distance(one, other, 2), distance(other, one, 2)) == (count, count)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("+QMTPUBX", "+QMTPUBEX"),
        ("+QMTOPN", "+QMTOPEN"),
        ("+qmtopn", "+QMTOPEN"),
        ("+QMTOEPN", "+QMTOPEN"),
        ("+QMTOPENN", "+QMTOPEN"),
        ("QMTOPEN", "+QMTOPEN"),
        ("^QMTOPEN", "+QMTOPEN"),
        ("$QMTOPN", "+QMTOPEN"),
        ("++CSQ", "+CSQ"),
        ("\uff0bCSQ", "+CSQ"),
        ("^CSQ", "+CSQ"),
        ("+HVER", "^HVER"),
        ("+CQS", "+CSQ"),
        ("+CSX", "+CSQ"),
        ("+CERG", "+CEREG"),
        ("+QMTCONNECT", "+QMTCONN"),
        ("+QMTDISCONNECT", "+QMTDISC"),
        ("+QMTSUBSCRIBE", "+QMTSUB"),
        ("+QMTUNSUB", "+QMTUNS"),
        ("+QMTPUBLISH", "+QMTPUB"),
        ("+QFUPLOAD", "+QFUPL"),
        ("+QMTCLS", "+QMTCLOSE"),
        ("+QMTD", "+QMTDISC"),
        # no nonsense
        ("+CPSI", ""),
        ("+CWMODE", ""),
        ("+QICLOSE", ""),
        ("+QENG", ""),
        ("+QGPSLOC", ""),
        ("+QMTC", ""),
        ("+HTTP", ""),
        ("+FOO", ""),
        ("+CS", ""),
        ("+X", ""),
        ("+", ""),
        ("", ""),
        (f"+{'Q' * 2000}", ""),
    ],
)
def test_nearest(typed: str, meant: str) -> None:
    """Whatever the case and the prefix; none where it is not near enough."""
    assert nearest(typed, NAMES) == meant


def test_one_goes_on_where_the_other_ends() -> None:
    """The longest that is continued; and only one that continues."""
    assert continued("HTTPREADFILES", ["HTTPREAD", "HTTPREADFILE", "HTTP"]) == ["HTTPREADFILE"]
    assert continued("HTTPR", ["HTTPREAD", "CSQ"]) == ["HTTPREAD"]
    assert continued("HTTPR", ["HTTPREAD", "HTTPREADFILE"]) == []
    assert continued("CSQ", ["CSQX"]) == []


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
        ("+X", "+X", None, ""),
        ("", "", None, ""),
    ],
)
def test_look_up(name: str, typed: str, found: Stranger | None, words: str) -> None:
    """What the manuals name, else what is near; the letters of a name without its prefix count more than its first."""
    assert look_up(("+CLOSE", "E"), TABLE, name, typed) == found
    if found is not None:
        assert told(found).startswith(words)


def test_words() -> None:
    """In one line, with what to do."""
    assert told(Stranger("AT+OPEN", TABLE["+OPEN"])) == (
        "AT+OPEN is known, not simulated (guide, 2.2.4); --answers FILE can answer it"
    )
    assert told(Stranger("AT+OPN", near="AT+OPEN")) == (
        "AT+OPN is not a command of this module (did you mean AT+OPEN?)"
    )
    assert source(Known("guide, 1", inferred=True)) == "guide, 1, for the next generation"
