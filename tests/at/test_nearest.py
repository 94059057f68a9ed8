"""The nearest of names that are known, and what is said about one that is not."""

import time

import pytest

from modemlab.at.nearest import nearest, unknown

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
        ("xyzzy", MOMENTS, None),
        ("", MOMENTS, None),
        ("packet", (), None),
    ],
)
def test_nearest(name: str, known: tuple[str, ...], near: str | None) -> None:
    """The one most like it, as it is written, whatever the case; None when none is alike."""
    assert nearest(name, known) == near


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        (
            "pakcet",
            MOMENTS,
            "'pakcet' is no key of after; did you mean 'packet'? One of: packet, command, urc, client",
        ),
        ("xyzzy", MOMENTS, "'xyzzy' is no key of after. One of: packet, command, urc, client"),
        (7, MOMENTS, "7 is no key of after. One of: packet, command, urc, client"),
        ("seconds", (), "'seconds' is no key of after; there are none"),
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
