"""The help of a subcommand in Chinese: Typer lays it out by characters, of which a Chinese one is two columns wide."""

import re
from unicodedata import east_asian_width

from modemlab.cli.language import tr
from modemlab.text.catalogue import N_

# Typer's own words: those that are whole lines, those ahead of a usage, and those behind the help of an option.
HEADINGS = (N_("Options:"), N_("Arguments:"), N_("Commands:"))
USAGE, SHOW = N_("Usage:"), N_("Show this message and exit.")
HELP_SUFFIXES = {"default: ": N_("default: "), "env var: ": N_("env var: "), "required": N_("required")}
BRACKETED_REMARK = re.compile(r"(?<= )\\?\[[^][]*\]$")
# The begin of a row, up to its second column; or of a line that is all text.
FIRST_COLUMN = re.compile(r"  \S.*? {2,}(?=\S)| *")
# What a line may end behind: a blank, a word, or a Chinese character with the punctuation that belongs to it.
WRAP_UNITS = re.compile(r"\s+|\[?[（\u2e80-\uffef][、。）】，：；？”]*|[^\s\u2e80-\uffef]+[、。）】，：；？”]*")


def laid_out(text: str, width: int) -> str:
    """Typer's text without line breaks in its paragraphs, with its own words translated, in lines of that width."""
    lines = []
    for line in text.splitlines():
        if line in HEADINGS:
            lines.append(tr(line))
            continue
        usage = tr(USAGE) + line.removeprefix(USAGE) if line.startswith(USAGE) else line
        lines += wrapped(BRACKETED_REMARK.sub(remark, usage), width)
    return "\n".join(lines)


def remark(found: "re.Match[str]") -> str:
    """What Typer says behind the help of an option."""
    text = found[0]
    for words, message in HELP_SUFFIXES.items():
        text = text.replace(words, tr(message))
    return text


def wrapped(line: str, width: int) -> list[str]:
    """A line in lines of that width at most; those behind the first begin where its text does."""
    begin = FIRST_COLUMN.match(line)
    assert begin is not None
    indent = columns(begin[0])
    lines, used = [begin[0]], indent
    for piece in WRAP_UNITS.findall(line[begin.end() :]):
        if used + columns(piece.rstrip()) > width and used > indent:
            lines.append(" " * indent)
            used = indent
            if piece.isspace():
                continue
        lines[-1] += piece
        used += columns(piece)
    return [each.rstrip() for each in lines]


def columns(text: str) -> int:
    """How wide a text is on a terminal."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
