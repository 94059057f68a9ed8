"""Numbers, and other values of files and requests, as people write them."""

from collections.abc import Mapping
from datetime import date, time
from math import isfinite

# Beyond these an exponent says more than the zeros.
TINY, HUGE = 1e-12, 1e21
# Characters of a value that a message shows, and of an action.
SHOWN, LONGEST_ACTION = 60, 300
# Arguments of actions that are not shown: the codes of a card.
SECRET = ("pin", "puk")


def figure(value: float) -> str:
    """A number as people write it: 10000000 and not 1e+07, 0.3 and not 0.30000000000000004; to 12 digits that count."""
    if isinstance(value, int) or not isfinite(value) or abs(value) >= HUGE or 0 < abs(value) < TINY:
        return str(value)
    rounded = float(f"{value:.12g}")
    if rounded == int(rounded):
        return str(int(rounded))
    return repr(rounded) if abs(rounded) >= 1e-4 else f"{rounded:.15f}".rstrip("0")


def shown(value: object) -> str:
    """A value as a message shows it, numbers and dates as people write them; cut after `SHOWN` characters."""
    return written(value)[:SHOWN]


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


def action_text(name: str, arguments: Mapping[str, object]) -> str:
    """An action as a transcript writes it, for the log: codes of a card are not shown, nor more than fits a line."""
    given = (
        f"{name}={'...' if name in SECRET else figure(value) if isinstance(value, float) else repr(value)}"
        for name, value in arguments.items()
    )
    return cut(f"{name}({', '.join(given)})", LONGEST_ACTION)


def cut(text: str, most: int) -> str:
    """A text of so many characters at most."""
    return text if len(text) <= most else text[: most - 3] + "..."
