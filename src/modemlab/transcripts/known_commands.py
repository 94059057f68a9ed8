"""The commands of all dialects at hand, by which secrets are found."""

from functools import cache

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import dialects
from modemlab.transcripts.secrets import Vocabulary


@cache
def vocabulary() -> Vocabulary:
    """The commands of all dialects, by which secrets are found: what one has, a host may type to another."""
    return Vocabulary(dialects())


_latest: list[Vocabulary] = []


def vocabulary_of(dialect: Dialect) -> Vocabulary:
    """The commands of all dialects and of this one, which need not be registered."""
    known = vocabulary()
    if any(each is dialect for each in known.dialects):
        return known
    # Made once for the dialect that is asked for again and again.
    if not (_latest and _latest[0].dialects[-1] is dialect):
        _latest[:] = [Vocabulary((*known.dialects, dialect))]
    return _latest[0]
