"""When a host tries again, and when it does not."""

import pytest

from modemlab.at.errors import (
    CommandRefused,
    ConnectionRefused,
    LineError,
    LinkLost,
    NotDelivered,
    Restart,
    TimeoutExpired,
    UsageError,
)
from modemlab.driver.protocol.backoff import delay, final, reopening


def test_the_waits_double_up_to_a_minute() -> None:
    """From 0.5 to 1 s on; chance draws from the upper half, so that a fleet does not come back at once."""
    assert [delay(attempt, 1.0) for attempt in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [delay(attempt, 0.0) for attempt in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert delay(10_000, 1.0) == 60
    spread = {delay(3, n / 100) for n in range(100)}
    assert len(spread) == 100


@pytest.mark.parametrize(
    ("error", "over"),
    [
        *[(ConnectionRefused("no", code), True) for code in (1, 2, 4, 5)],
        (ConnectionRefused("no", 3), False),
        (LinkLost("gone", 1), False),
        (TimeoutExpired("AT", 1.0), False),
        (CommandRefused("AT+QMTOPEN"), False),
        (NotDelivered("a.pem"), False),
        (Restart("RDY"), False),
        (UsageError("no"), True),
        (LineError("gone"), True),
        (ZeroDivisionError(), True),
    ],
)
def test_what_no_retry_mends(error: Exception, over: bool) -> None:
    """A server that will not have it, a call that is wrong, a line that is gone; all else is tried again."""
    assert final(error) is over


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30.0, "it is opened again, for 30 s"),
        (0.5, "it is opened again, for 0.5 s"),
        (10_000_000.0, "it is opened again, for 10000000 s"),
        (float("inf"), "it is opened again, however long that takes"),
    ],
)
def test_reopening(seconds: float, words: str) -> None:
    assert reopening(seconds).text() == words
