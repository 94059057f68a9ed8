"""Names that are mistyped: the nearest that there is, and the words of a message about it."""

from collections.abc import Collection, Iterable

from modemlab.at.figures import shown
from modemlab.at.spelling import distance

# Characters of a name that are compared; what was given may be long.
MOST = 60
# Letters of a name of which one may be wrong.
LEAST = 3
# How alike two names must be, from 0 to 1.
ALIKE = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, whatever its case; None when there is none like it.

    First those that differ in a letter, or in two that are swapped.
    """
    from difflib import get_close_matches  # noqa: PLC0415 (few are ever asked for another name)

    typed = name[:MOST].casefold()
    folded = {each.casefold(): each for each in known}
    alike = [each for each in folded if len(typed) >= LEAST and distance(typed, each, 1) <= 1] or list(folded)
    found = get_close_matches(typed, alike, 1, ALIKE)
    return folded[found[0]] if found else None


def unknown(name: object, what: str, known: Collection[str]) -> str:
    """That a name is none of those: `'pakcet' is no key of after; did you mean 'packet'? One of: packet, command`."""
    hint = hint_of(name, known) or ("." if known else "")
    return f"{shown(name)} is no {what}{hint}{' One of: ' + ', '.join(known) if known else '; there are none'}"


def hint_of(name: object, known: Iterable[str]) -> str:
    """What is said of the known name that is nearest, behind what was wrong: `; did you mean 'packet'?`; "" of none."""
    near = nearest(name, known) if isinstance(name, str) else None
    return "" if near is None else f"; did you mean {near!r}?"
