"""`modemlab schema`: the JSON schemas of the files that people write."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.common import one_of

if TYPE_CHECKING:
    from modemlab.validation.fields import Table


class FileKind(StrEnum):
    """A file that people write, as TOML."""

    SCENARIO = "scenario"
    CHECK = "check"
    ANSWERS = "answers"


def schema(
    file: Annotated[
        FileKind, typer.Argument(parser=one_of(FileKind, "FILE"), metavar="|".join(FileKind), help="Which file.")
    ],
    broker: Annotated[
        bool, typer.Option("--broker", help="Of a scenario beside a broker of our own, as in `modemlab up`.")
    ] = False,
) -> None:
    """The JSON schema of a file, by which editors complete and check it."""
    from modemlab.validation.parsing import schema_of

    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of(document_of(file, broker))}
    print(json.dumps(found, indent=2))


def document_of(file: FileKind, broker: bool = False) -> "type[Table]":
    """What a file of that kind is read by."""
    match file:
        case FileKind.SCENARIO:
            from modemlab.scenario.broker_actions import ScenarioBesideBroker
            from modemlab.scenario.file import ScenarioDocument

            return ScenarioBesideBroker if broker else ScenarioDocument
        case FileKind.CHECK:
            from modemlab.lab.check_file import CheckDocument

            return CheckDocument
        case FileKind.ANSWERS:
            from modemlab.module.custom_commands import AnswersDocument

            return AnswersDocument
