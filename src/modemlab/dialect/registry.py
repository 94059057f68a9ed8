"""The dialects at hand: those of this package, and those that others register under `modemlab.dialects`."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import not_known

# This package's own, by their folders, those that are asked for most first.
BUILT_IN = ("quectel_lte", "quectel_nb", "luat")
GROUP = "modemlab.dialects"


@cache
def dialects() -> tuple[Dialect, ...]:
    """All dialects, in the order of their names."""
    return tuple(sorted((dialect for _, dialect in in_turn()), key=lambda dialect: dialect.name))


def in_turn() -> Iterator[tuple[str, Dialect]]:
    """The module of each dialect and the dialect, imported one after the other as they are asked for."""
    for name in BUILT_IN:
        place = f"{GROUP}.{name}"
        yield place, import_module(place).DIALECT
    yield from registered()


@cache
def registered() -> tuple[tuple[str, Dialect], ...]:
    """Those of other packages."""
    from importlib.metadata import entry_points  # noqa: PLC0415 (it takes longer to import than a dialect)

    found = {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in BUILT_IN}
    return tuple((entry.module, entry.load()) for entry in found.values())


def find_model(name: str) -> tuple[Dialect, Model]:
    """The model of that name, whatever its case; the first model of a series goes by the series' name too.

    No more dialects are imported than it takes. Raises LookupError with one line that lists the known models.
    """
    wanted = name.upper()
    for _, dialect in in_turn():
        for model in dialect.models:
            if wanted == model.name.upper():
                return dialect, model
    models = [(dialect, model) for dialect in dialects() for model in dialect.models]
    for dialect, model in models:
        if wanted == model.series.upper():
            return dialect, model
    raise LookupError(not_known(name, N_("model"), tuple(model.name for _, model in models)))
