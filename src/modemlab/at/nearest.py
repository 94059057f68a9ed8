"""Names that are mistyped: the nearest that there is, and the words of a message about it."""

from collections.abc import Collection, Iterable

# Characters of a name that are compared and shown; what was given may be long.
MOST = 60
# How alike two names must be, from 0 to 1.
ALIKE = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, whatever its case; None when there is none like it."""
    from difflib import get_close_matches  # noqa: PLC0415 (few are ever asked for another name)

    folded = {each.casefold(): each for each in known}
    found = get_close_matches(name[:MOST].casefold(), folded, 1, ALIKE)
    return folded[found[0]] if found else None


def unknown(name: object, what: str, known: Collection[str]) -> str:
    """That a name is none of those: `'pakcet' is no key of after; did you mean 'packet'? One of: packet, command`."""
    near = nearest(name, known) if isinstance(name, str) else None
    hint = f"; did you mean {near!r}?" if near is not None else "." if known else ""
    return f"{name!r:.{MOST}} is no {what}{hint}{' One of: ' + ', '.join(known) if known else '; there are none'}"
