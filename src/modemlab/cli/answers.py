"""`--answers` and `--mistakes`: commands that the tables lack, and what the host did wrong, told at the end."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.common import Level, printable
from modemlab.cli.input_files import load
from modemlab.cli.language import said, tr

if TYPE_CHECKING:
    from modemlab.module.custom_commands import CustomCommand
    from modemlab.module.module import Module

Answers = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Answer commands that the module lacks, as a TOML file says; docs/answers.md."),
]
WatchMistakes = Annotated[
    bool, typer.Option("--mistakes", help="Report the host's mistakes when they happen, and a summary at the end.")
]


def load_answers(path: Path | None) -> "tuple[CustomCommand, ...]":
    """The entries of a file; none without one."""
    if path is None:
        return ()
    from modemlab.module.custom_commands import MAX_CHARACTERS, read_answers

    return load(path, MAX_CHARACTERS, read_answers)


def tell_findings(module: "Module", level: Level) -> None:
    """Say on stderr what the host did wrong and which commands it used that are unknown, as a file for --answers.

    The latter, which nobody asked for, only if the level has reasons of refusals told.
    """
    lines = []
    if module.mistakes is not None:
        lines += [tr("# mistake of the host: {line}", line=printable(line)) for line in module.mistakes.summary()]
    if module.unknown and level in (Level.DEBUG, Level.INFO):
        lines += list_unknown(module)
    if lines:
        print("\n".join(lines), file=sys.stderr, flush=True)


def list_unknown(module: "Module") -> list[str]:
    """The unknown commands as a file for --answers, those that the manuals name behind the others."""
    from modemlab.dialect.known_commands import source
    from modemlab.module.custom_commands import show_unknown
    from modemlab.module.unknown_commands import unknown_commands

    found = unknown_commands(module.dialect, module.strict, module.unknown)
    known = {text: said(source(each.known)) for text, each in found.items() if each.known is not None}
    near = {text: tr("did you mean {near}?", near=each.near) for text, each in found.items() if each.known is None}
    lines = []
    for begin, whether, remarks in (
        (tr("does not know these commands"), False, near),
        (tr("knows these commands, but does not simulate them"), True, known),
    ):
        counts = {text: count for text, count in module.unknown.items() if (text in known) is whether}
        if counts:
            lines.append(
                tr(
                    "# {name} {begin}; this is a file for --answers, to be filled in:",
                    name=module.model.name,
                    begin=begin,
                )
            )
            lines += show_unknown(counts, remarks)
    return lines
