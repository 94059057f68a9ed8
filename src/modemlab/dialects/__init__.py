"""The dialects at hand: those of this package and those that others register under `modemlab.dialects`."""

from functools import cache
from importlib.metadata import entry_points

from modemlab.at.dialect import Dialect, Model
from modemlab.at.secrets import Vocabulary
from modemlab.at.spelling import unknown


@cache
def dialects() -> tuple[Dialect, ...]:
    """All dialects, in the order of their names."""
    found = {entry.name: entry.load() for entry in entry_points(group="modemlab.dialects")}
    return tuple(found[name] for name in sorted(found))


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


def find_model(name: str) -> tuple[Dialect, Model]:
    """The model of that name, whatever its case; the first model of a series goes by the series' name too.

    Raises LookupError with one line that lists the known models.
    """
    wanted = name.upper()
    models = [(dialect, model) for dialect in dialects() for model in dialect.models]
    for dialect, model in models:
        if wanted == model.name.upper():
            return dialect, model
    for dialect, model in models:
        if wanted == model.series.upper():
            return dialect, model
    raise LookupError(unknown(name, "model", tuple(model.name for _, model in models)))
