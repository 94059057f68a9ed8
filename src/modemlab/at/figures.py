"""Numbers as people write them."""

from math import isfinite

# Beyond these an exponent says more than the zeros.
TINY, HUGE = 1e-12, 1e21


def figure(value: float) -> str:
    """A number as people write it: 10000000 and not 1e+07, 0.3 and not 0.30000000000000004; to 12 digits that count."""
    if isinstance(value, int) or not isfinite(value) or abs(value) >= HUGE or 0 < abs(value) < TINY:
        return str(value)
    rounded = float(f"{value:.12g}")
    if rounded == int(rounded):
        return str(int(rounded))
    return repr(rounded) if abs(rounded) >= 1e-4 else f"{rounded:.15f}".rstrip("0")
