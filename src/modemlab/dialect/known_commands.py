"""Commands that a family's manuals name, declared or not, and what is to be said of a name that is none of a module."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import NamedTuple

from modemlab.at.reasons import NotACommand
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import nearest_command
from modemlab.text.reason import ManualPlace, Reason, Sentence


class ManualEntry(NamedTuple):
    """A command that a manual names: the place there, and what it does, "" where its declaration says so.

    `inferred`: the manual is that of a later generation of modules.
    """

    manual: str
    title: str = ""
    inferred: bool = False


class UnknownName(NamedTuple):
    """A name that is no command of a module, as typed with its AT.

    `known` is what its manuals have of it; None if they do not name it, but the name `near` it, which has its AT.
    """

    name: str
    known: ManualEntry | None = None
    near: str = ""


def nothing_known() -> Mapping[str, ManualEntry]:
    """The table of a dialect whose manuals name no more than what is declared."""
    return {}


def known_in(name: str) -> Callable[[], Mapping[str, ManualEntry]]:
    """A dialect's `known`: the `KNOWN` of the Python module of that name, which is imported when it is called."""

    def known() -> Mapping[str, ManualEntry]:
        table: Mapping[str, ManualEntry] = import_module(name).KNOWN
        return table

    return known


def read_table(manual: str, text: str, inferred: bool = False) -> dict[str, ManualEntry]:
    """A manual's commands by name, from a line each: the name, the section, and what it does, which may be left out."""
    found = {}
    for line in text.strip().splitlines():
        name, section, *title = line.split(maxsplit=2)
        found[name] = ManualEntry(f"{manual}, {section}", title[0] if title else "", inferred)
    return found


def look_up(commands: Iterable[str], known: Mapping[str, ManualEntry], name: str, typed: str) -> UnknownName | None:
    """What is to be said of a name that is none of `commands`; None: nothing.

    Names are without their AT. `typed` is what the name may have been meant to be, with its prefix if it has one: the
    letters of an extended command whose prefix is missing read as basic commands. A name of the standards is not
    misspelt, though these modules lack it.
    """
    from modemlab.dialect.standard_names import STANDARD_NAMES  # noqa: PLC0415 (most modules are never asked for another)

    place = known.get(name.upper())
    if (place is None or name != typed) and typed.upper() not in STANDARD_NAMES:
        near = nearest_command(typed, (*commands, *known))
        if near:
            return UnknownName(f"AT{typed}", near=f"AT{near}")
    return None if place is None else UnknownName(f"AT{name}", place)


def source(known: ManualEntry) -> Reason:
    """The place in the manual, and whether it is that of a later generation."""
    place = ManualPlace(known.manual)
    return Sentence(N_("{source}, of the next module generation"), source=place) if known.inferred else place


def known_only(known: ManualEntry) -> Reason:
    """That a command is known alone, and where its manual has it."""
    return Sentence(N_("known, not simulated ({source})"), source=source(known))


def unknown_name_reason(unknown_name: UnknownName) -> Reason:
    """What the log says."""
    if unknown_name.known is not None:
        message = N_("{name} is known, not simulated ({source}); --answers FILE can answer it")
        return Sentence(message, name=unknown_name.name, source=source(unknown_name.known))
    message = N_("{reason} (did you mean {near}?)")
    return Sentence(message, reason=NotACommand(unknown_name.name), near=unknown_name.near)
