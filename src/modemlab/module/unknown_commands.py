"""The commands of a host that nobody knows: how often each was typed, and what is to be said of it."""

from collections.abc import Mapping

from modemlab.at.parameters import to_bytes
from modemlab.at.steps import NoCommand
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.known_commands import UnknownName

MAX_COMMAND_CHARACTERS = 512
# Different ones that a module remembers.
MAX_UNKNOWN = 64


def count_unknown(counts: Mapping[str, int], text: str) -> Mapping[str, int]:
    """The counts with a command that is unknown, as typed; what exceeds the bounds is not remembered."""
    if text in counts or (len(counts) < MAX_UNKNOWN and len(text) <= MAX_COMMAND_CHARACTERS):
        return {**counts, text: counts.get(text, 0) + 1}
    return counts


def unknown_commands(dialect: Dialect, strict: bool, counts: Mapping[str, int]) -> dict[str, UnknownName]:
    """What is to be said of unknown commands, by what was typed; of some nothing is."""
    parse = dialect.parser(strict)
    found = {}
    for text in counts:
        refused = parse(to_bytes(text[2:]))[-1].refused
        unknown_name = dialect.look_up(refused, strict) if isinstance(refused, NoCommand) else None
        if unknown_name is not None:
            found[text] = unknown_name
    return found
