"""The option `--scenario`: a file of what happens, and when."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.running import Trouble

if TYPE_CHECKING:
    from modemlab.bench.scenario import Scenario

ScenarioFile = Annotated[
    Path | None,
    typer.Option("--scenario", metavar="FILE", help="What happens to the module and when, in TOML: docs/scenarios.md."),
]


def load_scenario(path: Path | None, commands: Collection[str]) -> "Scenario | None":
    """The scenario of that file, for a module that knows these commands."""
    if path is None:
        return None
    from modemlab.bench.scenario import MOST_BYTES, read_scenario

    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        text = content[: MOST_BYTES + 1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise Trouble(f"{path}: line {content.count(10, 0, error.start) + 1}: not UTF-8") from None
    try:
        return read_scenario(text, commands)
    except ValueError as error:
        raise Trouble(f"{path}: {error}") from None
