"""`modemlab schema`: JSON schemas of the files that people write, true of what is taken."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.cli.schema import FileKind, document_of
from modemlab.scenario.actions import ACTIONS
from modemlab.scenario.matchers import MATCHERS
from modemlab.validation.input_errors import InputMistakes
from modemlab.validation.parsing import read, schema_of
from support.command_line import run
from support.json_schema import found, misfits

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMAS = {kind: schema_of(document_of(kind)) for kind in FileKind}
# The first that is read imports the dialects.
read(document_of(FileKind.CHECK), {})


def blocks(name: str) -> list[Any]:
    """The files of a document."""
    text = (DOCS / name).read_text(encoding="utf-8")
    return [tomllib.loads(each.partition("```")[0]) for each in text.split("```toml\n")[1:]]


@pytest.mark.parametrize(
    ("arguments", "kind", "broker"),
    [
        (["scenario"], FileKind.SCENARIO, False),
        (["scenario", "--broker"], FileKind.SCENARIO, True),
        (["check"], FileKind.CHECK, False),
        (["answers"], FileKind.ANSWERS, False),
    ],
)
def test_what_is_printed(arguments: list[str], kind: FileKind, broker: bool) -> None:
    """JSON, which says by what version of JSON Schema."""
    done = run("schema", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert printed.pop("$schema") == "https://json-schema.org/draft/2020-12/schema"
    assert printed == json.loads(json.dumps(schema_of(document_of(kind, broker))))


def test_what_there_is_no_schema_of() -> None:
    done = run("schema", "scenaro")
    assert done.returncode == 2
    assert "'scenaro' is not a known value of FILE; did you mean 'scenario'? One of: scenario" in done.stderr


@pytest.mark.parametrize(
    ("name", "kind", "broker"),
    [
        ("scenarios.md", FileKind.SCENARIO, False),
        ("answers.md", FileKind.ANSWERS, False),
        ("ci.md", FileKind.CHECK, False),
    ],
)
def test_the_files_of_the_documentation_fit(name: str, kind: FileKind, broker: bool) -> None:
    files = blocks(name)
    assert files
    for file in files:
        assert misfits(file, SCHEMAS[kind], SCHEMAS[kind]) == []


def test_every_reference_leads_somewhere() -> None:
    """And each action and event of a scenario is there."""
    for schema in SCHEMAS.values():
        waiting: list[Any] = [schema]
        while waiting:
            each = waiting.pop()
            if isinstance(each, dict) and "$ref" in each:
                assert isinstance(found(each["$ref"], schema), dict)
            waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    held = SCHEMAS[FileKind.SCENARIO]["$defs"]
    assert {*(each.__name__ for each in ACTIONS.values()), *(each.__name__ for each in MATCHERS.values())} <= set(held)


STEP: dict[str, Any] = {"at": 1, "action": {"do": "power_cycle"}}
FILES: list[tuple[FileKind, dict[str, Any]]] = [
    (FileKind.SCENARIO, {"step": [STEP]}),
    (FileKind.SCENARIO, {"step": [{"after": {"urc": "RDY"}, "wait": 1, "action": [{"do": "detach", "cause": 7}]}]}),
    (FileKind.CHECK, {"module": {"speed": 10}, "step": [STEP], "expect": [{"line": "a", "within": 3, "nth": 2}]}),
    (FileKind.ANSWERS, {"answer": [{"command": "AT+X", "lines": ["a"], "delay": 1, "override": True}]}),
]
ODD = [True, "1", -1, 0, 0.5, 1, 7, 300, 10**9 + 1, [], ["a"], {}, {"do": "power_cycle"}, "AT", "RDY", "power_cycle"]


@given(st.sampled_from(FILES), st.data())
def test_what_is_described_is_what_is_taken(file: tuple[FileKind, dict[str, Any]], data: st.DataObject) -> None:
    """A value anywhere in a file is another: what the schema refuses is refused, and the other way round."""
    kind, content = file
    changed = json.loads(json.dumps(content))
    at: Any = changed
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else list(range(len(at)))))
        if not (isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans())):
            break
        at = at[key]
    at[key] = data.draw(st.sampled_from(ODD))
    wrong = misfits(changed, SCHEMAS[kind], SCHEMAS[kind])
    try:
        read(document_of(kind), changed)
    except InputMistakes as error:
        told = str(error)
    else:
        told = ""
    assert bool(told) == bool(wrong), (changed, told, wrong)
