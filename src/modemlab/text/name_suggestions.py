"""Names that are mistyped: how far one is from another, which is the nearest, and the words of a message about it."""

import re
from collections.abc import Collection, Iterable

from modemlab.text.catalogue import N_
from modemlab.text.number_format import shown
from modemlab.text.reason import Reason, Sentence

# Letters of a name that is compared, at least: fewer are like anything. From `MIN_LETTERS_TWO_EDITS` on two of a
# command's may be wrong.
MIN_LETTERS, MIN_LETTERS_TWO_EDITS = 3, 6
# Characters of a name, and letters of a command's, that are compared at most; what was given may be long.
MAX_CHARACTERS, MAX_LETTERS = 60, 40
# How alike two names must be, from 0 to 1, of which more than one letter differs.
MIN_SIMILARITY = 0.6
# Letters that a command and what is typed must begin with alike, when the one is the beginning of the other.
MIN_COMMON_PREFIX = 4
# What may stand ahead of the letters of a command's name.
PREFIX = re.compile(r"[^A-Za-z0-9_]+")


def distance(one: str, other: str, maximum: int = 2) -> int:
    """Letters that are wrong, missing, too many, or swapped with their neighbour; `maximum` + 1 for more than
    `maximum`.
    """
    if abs(len(one) - len(other)) > maximum:
        return maximum + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                steps = min(steps, earlier[j - 2] + 1)
            row.append(steps)
        if min(row) > maximum:
            return maximum + 1
    return min(row[-1], maximum + 1)


def most_similar(typed: str, names: Iterable[str], minimum: float = 0.0) -> str:
    """The name that has most in common with this one, a share of `minimum` at least; "" where none has."""
    from difflib import get_close_matches  # noqa: PLC0415 (few are ever asked for another name)

    return next(iter(get_close_matches(typed, names, 1, minimum)), "")


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that is most like this one, whatever its case; "" when there is none like it.

    First those that differ in one letter, or in two that are swapped.
    """
    typed = folded_name(name[:MAX_CHARACTERS])
    folded = {folded_name(each): each for each in names}
    alike = [each for each in folded if len(typed) >= MIN_LETTERS and distance(typed, each, 1) <= 1]
    return folded.get(most_similar(typed, alike or folded, MIN_SIMILARITY), "")


def folded_name(name: str) -> str:
    """A name as it is compared: in one case, without the dashes of an option, which all options have."""
    return name.casefold().lstrip("-") or name


def nearest_command(name: str, names: Iterable[str]) -> str:
    """The command, or option of one, that a misspelt name stands for, whatever its case and prefix; "" where none is
    near enough, as another command is worse than none.

    First those that differ in one letter, or in two that are swapped; then those of which the one goes on where the
    other ends; then those that begin alike and differ in two.
    """
    typed = PREFIX.sub("", name, count=1).upper()
    if not MIN_LETTERS <= len(typed) <= MAX_LETTERS:
        return ""
    bare: dict[str, str] = {}
    for each in names:
        letters = PREFIX.sub("", each).upper()
        if len(letters) >= MIN_LETTERS:
            bare.setdefault(letters, each)
    if typed in bare:
        return bare[typed]
    alike = [each for each in bare if distance(typed, each, 1) <= 1] or continued(typed, bare)
    if not alike and len(typed) >= MIN_LETTERS_TWO_EDITS:
        alike = [each for each in bare if each[:2] == typed[:2] and distance(typed, each, 2) <= 2]
    return bare.get(most_similar(typed, alike), "")


def continued(typed: str, names: Iterable[str]) -> list[str]:
    """The longest name that `typed` goes on from, else the one that goes on from `typed`; none where there are more."""
    shorter = [each for each in names if len(each) >= MIN_COMMON_PREFIX and typed.startswith(each)]
    if shorter:
        return [max(shorter, key=len)]
    longer = [each for each in names if len(typed) >= MIN_COMMON_PREFIX and each.startswith(typed)]
    return longer if len(longer) == 1 else []


def meant(name: object, known: Iterable[str]) -> str:
    """The end of a message about a name that is none of those: `; did you mean 'denied'?`, or nothing."""
    near = nearest(name, known) if isinstance(name, str) else ""
    return f"; did you mean {near!r}?" if near else ""


def not_known(name: object, what: str | Reason, known: Collection[str]) -> Reason:
    """That a name is none of those: `'pakcet' is not a known key of after; did you mean 'packet'? One of:
    packet, command`.
    """
    near = nearest(name, known) if isinstance(name, str) else ""
    message = N_("{name} is not a known {what}; there are none")
    if near:
        message = N_("{name} is not a known {what}; did you mean {near!r}? One of: {known}")
    elif known:
        message = N_("{name} is not a known {what}. One of: {known}")
    kind = what if isinstance(what, Reason) else Sentence(what)
    return Sentence(message, name=shown(name), what=kind, near=near, known=", ".join(known))


def unknown(name: object, what: str, known: Collection[str]) -> str:
    """The same in English."""
    return str(not_known(name, what, known))
