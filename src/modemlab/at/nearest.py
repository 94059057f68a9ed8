"""Names that are mistyped: the nearest that there is, and the words of a message about it."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

# Characters of a name that are compared and shown; what was given may be long.
MOST = 60
# How alike two names must be, from 0 to 1.
ALIKE = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, whatever its case; None when there is none like it."""
    folded = {each.casefold(): each for each in known}
    found = get_close_matches(name[:MOST].casefold(), folded, 1, ALIKE)
    return folded[found[0]] if found else None


def not_known(name: str, what: str, known: Collection[str], others: Iterable[str] = ()) -> str:
    """That a value is none of those: `'cat2' is not a known profile; known are lab, cat1; did you mean 'cat1'?`.

    `others` are names that it may have meant too.
    """
    near = nearest(name, (*known, *others))
    hint = "" if near is None else f"; did you mean {near!r}?"
    return f"{name!r:.{MOST}} is not a known {what}; known are {', '.join(known) or 'none'}{hint}"


def unknown(name: object, what: str, known: Collection[str], lead: str = "") -> str:
    """That a name is none of those: `'pakcet' is no key of after, expected packet, command; did you mean 'packet'?`."""
    near = nearest(name, known) if isinstance(name, str) else None
    hint = "" if near is None else f"; did you mean {near!r}?"
    return f"{name!r:.{MOST}} is no {what}, expected {lead if known else ''}{', '.join(known) or 'none'}{hint}"
