"""The dialects at hand: those of this package and those that others register under `modemlab.dialects`."""

from functools import cache
from importlib.metadata import entry_points

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import not_known


@cache
def dialects() -> tuple[Dialect, ...]:
    """All dialects, in the order of their names."""
    found = {entry.name: entry.load() for entry in entry_points(group="modemlab.dialects")}
    return tuple(found[name] for name in sorted(found))


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
    raise LookupError(not_known(name, N_("model"), tuple(model.name for _, model in models)))
