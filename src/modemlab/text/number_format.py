"""Numbers, and other values of files and requests, as people write them."""

from datetime import date, time
from math import isfinite

# Beyond these an exponent says more than the zeros.
MIN_PLAIN, MAX_PLAIN = 1e-12, 1e21
# Characters of a value that a message shows.
MAX_SHOWN_CHARACTERS = 60


def figure(value: float) -> str:
    """A number as people write it: 10000000 and not 1e+07, 0.3 and not 0.30000000000000004; to 12 digits that count."""
    if isinstance(value, int) or not isfinite(value) or abs(value) >= MAX_PLAIN or 0 < abs(value) < MIN_PLAIN:
        return str(value)
    rounded = float(f"{value:.12g}")
    if rounded == int(rounded):
        return str(int(rounded))
    return repr(rounded) if abs(rounded) >= 1e-4 else f"{rounded:.15f}".rstrip("0")


def shown(value: object) -> str:
    """A value as a message shows it, numbers and dates as people write them; `MAX_SHOWN_CHARACTERS` at most."""
    return written(value)[:MAX_SHOWN_CHARACTERS]


def written(value: object) -> str:
    """All of a value."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return figure(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    return repr(value)
