"""Commands that a family's manuals name, declared or not, and what is to be said of a name that is none of a module."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from modemlab.at.spelling import distance

# What may stand ahead of the letters of a name.
PREFIX = re.compile(r"[^A-Za-z0-9_]+")
# Letters of a name that is looked for: fewer are like anything. From `LONG` on two letters may be wrong.
LEAST, MOST, LONG = 3, 40, 6
# Letters that a name and what is typed must begin with alike, when the one is the beginning of the other.
BEGINNING = 4


class Known(NamedTuple):
    """A command that a manual names: the place there, and what it does, "" where its declaration says so.

    `inferred`: the manual is that of a later generation of modules.
    """

    manual: str
    title: str = ""
    inferred: bool = False


class Stranger(NamedTuple):
    """A name that is no command of a module, as typed with its AT.

    `known` is what its manuals have of it; None if they do not name it, but the name `near` it, which has its AT.
    """

    name: str
    known: Known | None = None
    near: str = ""


def nothing_known() -> Mapping[str, Known]:
    """The table of a dialect whose manuals name no more than what is declared."""
    return {}


def read_table(manual: str, text: str, inferred: bool = False) -> dict[str, Known]:
    """A manual's commands by name, from a line each: the name, the section, and what it does, which may be left out."""
    found = {}
    for line in text.strip().splitlines():
        name, section, *title = line.split(maxsplit=2)
        found[name] = Known(f"{manual}, {section}", title[0] if title else "", inferred)
    return found


def look_up(commands: Iterable[str], known: Mapping[str, Known], name: str, typed: str) -> Stranger | None:
    """What is to be said of a name that is none of `commands`; None: nothing.

    Names are without their AT. `typed` is what the name may have been meant to be, with its prefix if it has one: the
    letters of an extended command whose prefix is missing read as basic commands.
    """
    place = known.get(name.upper())
    if place is None or name != typed:
        near = nearest(typed, (*commands, *known))
        if near:
            return Stranger(f"AT{typed}", near=f"AT{near}")
    return None if place is None else Stranger(f"AT{name}", place)


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that a misspelt one stands for, whatever its case and prefix; "" where none is near enough.

    First those that differ in one letter, or in two that are swapped; then those of which the one goes on where the
    other ends; then those that begin alike and differ in two.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415 (most modules are never asked for another)

    typed = PREFIX.sub("", name, count=1).upper()
    if not LEAST <= len(typed) <= MOST:
        return ""
    bare: dict[str, str] = {}
    for each in names:
        letters = PREFIX.sub("", each).upper()
        if len(letters) >= LEAST:
            bare.setdefault(letters, each)
    if typed in bare:
        return bare[typed]
    alike = [each for each in bare if distance(typed, each, 1) <= 1] or continued(typed, bare)
    if not alike and len(typed) >= LONG:
        alike = [each for each in bare if each[:2] == typed[:2] and distance(typed, each, 2) <= 2]
    return bare[max(alike, key=lambda each: SequenceMatcher(None, typed, each).ratio())] if alike else ""


def continued(typed: str, names: Iterable[str]) -> list[str]:
    """The longest name that `typed` goes on from, else the one that goes on from `typed`; none where there are more."""
    shorter = [each for each in names if len(each) >= BEGINNING and typed.startswith(each)]
    if shorter:
        return [max(shorter, key=len)]
    longer = [each for each in names if len(typed) >= BEGINNING and each.startswith(typed)]
    return longer if len(longer) == 1 else []


def source(known: Known) -> str:
    """The place in the manual, and whether it is that of a later generation."""
    return f"{known.manual}, for the next generation" if known.inferred else known.manual


def told(stranger: Stranger) -> str:
    """One line for the log."""
    if stranger.known is not None:
        return f"{stranger.name} is known, not simulated ({source(stranger.known)}); --answers FILE can answer it"
    reason = f"{stranger.name} is not a command of this module"
    return f"{reason} (did you mean {stranger.near}?)"
