"""The nearest of names that are known, and what is said about one that is not."""

import time

import pytest

from modemlab.text.name_suggestions import continued, distance, nearest, nearest_command, unknown

MOMENTS = ("packet", "command", "urc", "client")


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("pakcet", MOMENTS, "packet"),
        ("PACKETS", MOMENTS, "packet"),
        ("comand", MOMENTS, "command"),
        ("URC", MOMENTS, "urc"),
        ("ec200s-cn", ("EC200S-CN", "EC200T-CN", "BC28"), "EC200S-CN"),
        ("EC200", ("EC200S-CN", "BC28"), "EC200S-CN"),
        ("+QMTOPN", ("+QMTOPEN", "+QMTCONN", "+QMTSUB"), "+QMTOPEN"),
        ("lien", ("client", "line"), "line"),
        ("nht", ("path", "nth"), "nth"),
        ("xyzzy", MOMENTS, ""),
        ("", MOMENTS, ""),
        ("packet", (), ""),
    ],
)
def test_nearest(name: str, known: tuple[str, ...], near: str) -> None:
    """The one most like it, as it is written, whatever the case; "" when none is alike."""
    assert nearest(name, known) == near


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        (
            "pakcet",
            MOMENTS,
            "'pakcet' is not a known key of after; did you mean 'packet'? One of: packet, command, urc, client",
        ),
        ("xyzzy", MOMENTS, "'xyzzy' is not a known key of after. One of: packet, command, urc, client"),
        (7, MOMENTS, "7 is not a known key of after. One of: packet, command, urc, client"),
        ("seconds", (), "'seconds' is not a known key of after; there are none"),
    ],
)
def test_unknown(name: object, known: tuple[str, ...], text: str) -> None:
    """The name, the nearest and all there are."""
    assert unknown(name, "key of after", known) == text


def test_long_names_are_cut() -> None:
    """A name of a megabyte costs no more than its beginning, and shows no more."""
    started = time.process_time()
    text = unknown("packet" * 200_000, "key of after", MOMENTS)
    assert len(text) < 150
    assert time.process_time() - started < 1


COMMANDS = (
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
def test_nearest_command(typed: str, meant: str) -> None:
    """Whatever the case and the prefix; none where it is not near enough."""
    assert nearest_command(typed, COMMANDS) == meant


def test_one_goes_on_where_the_other_ends() -> None:
    """The longest that is continued; and only one that continues."""
    assert continued("HTTPREADFILES", ["HTTPREAD", "HTTPREADFILE", "HTTP"]) == ["HTTPREADFILE"]
    assert continued("HTTPR", ["HTTPREAD", "CSQ"]) == ["HTTPREAD"]
    assert continued("HTTPR", ["HTTPREAD", "HTTPREADFILE"]) == []
    assert continued("CSQ", ["CSQX"]) == []
