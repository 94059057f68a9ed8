"""`--answers` and `--mistakes`: commands that the tables lack, and what the host did wrong, told at the end."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.running import Level, Trouble, printable

if TYPE_CHECKING:
    from modemlab.module.extra import Extra
    from modemlab.module.module import Module

# A file is small: 1,000 entries of a few lines.
LONGEST_FILE = 1 << 22

Answers = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Answer commands that the module lacks, as a TOML file says; docs/answers.md."),
]
WatchMistakes = Annotated[
    bool, typer.Option("--mistakes", help="Tell the host's mistakes as they happen, and in sum at the end.")
]


def read_answers(path: Path | None) -> "tuple[Extra, ...]":
    """The entries of a file; none without one."""
    import tomllib

    from modemlab.module.extra import read_extras

    if path is None:
        return ()
    with open(path, "rb") as file:
        data = file.read(LONGEST_FILE + 1)
    if len(data) > LONGEST_FILE:
        raise Trouble(f"--answers {path}: longer than {LONGEST_FILE} bytes")
    try:
        return read_extras(tomllib.loads(data.decode()))
    except (ValueError, RecursionError) as error:
        raise Trouble(f"--answers {path}: {printable(str(error))}") from None


def tell_findings(module: "Module", level: Level) -> None:
    """Say on stderr what the host did wrong and which commands it used that are unknown, as a file for --answers.

    The latter, which nobody asked for, only if the level has reasons of refusals told.
    """
    from modemlab.module.extra import show_unknown

    lines = []
    if module.mistakes is not None:
        lines += [f"# mistake of the host: {printable(line)}" for line in module.mistakes.summary()]
    if module.unknown and level in (Level.DEBUG, Level.INFO):
        lines.append(
            f"# {module.model.name} does not know these commands; this is a file for --answers, to be filled in:"
        )
        lines += show_unknown(module.unknown)
    if lines:
        print("\n".join(lines), file=sys.stderr, flush=True)
