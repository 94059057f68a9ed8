"""Numbers as people write them."""

import pytest

from modemlab.at.figures import figure


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
