"""The option `--scenario`: a file of what happens, and when."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.input_files import load

if TYPE_CHECKING:
    from modemlab.scenario.file import Scenario

ScenarioFile = Annotated[
    Path | None,
    typer.Option("--scenario", metavar="FILE", help="What happens to the module and when, in TOML: docs/scenarios.md."),
]


def load_scenario(path: Path | None, commands: Collection[str], broker: bool = False) -> "Scenario | None":
    """The scenario of that file, for a module that knows these commands; with `broker`, beside a broker of our own."""
    if path is None:
        return None
    from modemlab.scenario.broker_actions import ScenarioBesideBroker
    from modemlab.scenario.file import MAX_FILE_BYTES, ScenarioDocument, read_scenario

    kind = ScenarioBesideBroker if broker else ScenarioDocument
    return load(path, MAX_FILE_BYTES, lambda text: read_scenario(text, commands, kind))
