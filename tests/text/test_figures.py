"""Numbers as people write them."""

from datetime import UTC, date, datetime, time

import pytest

from modemlab.text.number_format import figure, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (60, "60"),
        (0.1 + 0.2, "0.3"),
        (1.1 * 3, "3.3"),
        (1e7, "10000000"),
        (1e9, "1000000000"),
        (1e10, "10000000000"),
        (5.16e6, "5160000"),
        (1e16, "10000000000000000"),
        (2**63 - 1, "9223372036854775807"),
        (12345678.9, "12345678.9"),
        (0.001, "0.001"),
        (0.00002, "0.00002"),
        (1e-7, "0.0000001"),
        (1e300, "1e+300"),
        (1e-300, "1e-300"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (-3, "-3"),
    ],
)
def test_numbers_as_people_write_them(value: float, text: str) -> None:
    """No exponent where it can be helped, nothing that floating point adds."""
    assert figure(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"),
        (1e9, "1000000000"),
        ("12", "'12'"),
        (date(1979, 5, 27), "1979-05-27"),
        (time(7, 32), "07:32:00"),
        (datetime(1979, 5, 27, 7, 32, tzinfo=UTC), "1979-05-27T07:32:00+00:00"),
        ([99, False], "[99, False]"),
        ({"at": 1e7, "days": [date(1979, 5, 27)]}, "{'at': 10000000, 'days': [1979-05-27]}"),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 60, f"'{'x' * 59}"),
        ("\x1b[2J", r"'\x1b[2J'"),
    ],
)
def test_values_as_messages_show_them(value: object, text: str) -> None:
    """Numbers and dates as people do, however deep, and a long one is cut."""
    assert shown(value) == text
