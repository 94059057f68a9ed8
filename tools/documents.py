"""Writes the documents, and the tables of documents, that declarations make; with --check only says which are not up to
date (status 1).
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import partial
from pathlib import Path
from typing import Any

from modemlab.broker.limits import declared, default_of
from modemlab.dialect import reference
from modemlab.dialect.reference import cell, code, table
from modemlab.dialect.registry import dialects
from modemlab.module.mobile_actions import MOBILE_ACTIONS
from modemlab.mqtt import client_states as states
from modemlab.scenario.actions import ACTIONS
from modemlab.validation.actions import Action
from modemlab.validation.fields import kinds_of

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests"))

from support import results_table  # noqa: E402

# So many arguments of an action are described in a section of their own.
MANY = 10
# Stands above a table within a document that is otherwise written by hand.
MARK = "<!-- `make docs` writes this table -->\n"
BESIDE_MOBILE = {name: each for name, each in ACTIONS.items() if name not in MOBILE_ACTIONS}


def commands() -> str:
    """The list of command references."""
    lines = ["# Command reference", "", "Written by `make docs` from the command tables; edit those."]
    lines += ["`modemlab commands` shows the same in a terminal.", ""]
    for dialect in dialects():
        models = ", ".join(model.name for model in dialect.models)
        lines.append(f"- [{dialect.title}]({dialect.name}.md): {models}")
    return "\n".join(lines) + "\n"


STATES = """\
# States of an MQTT client

Written by `make docs` from `src/modemlab/mqtt/client_states.py`, which the client of a virtual module follows. Clauses
are those of OASIS MQTT 3.1.1.

## The connection

*Open*: the stream is open and nothing was sent. *Connecting*: CONNECT was sent. *Connected*: CONNACK has accepted it.
*Ended*: it is over, and what comes is passed over. A cell is the state that follows, or what is refused: `WrongState`
is raised to the owner and nothing changes; a `Violation` of the server ends the connection.

{connection}

## A packet in flight

A packet that waits for an answer has a packet identifier. What an answer with that identifier does depends on which
answer is awaited. A *surplus* answer is passed over if it may be to a packet that was sent more than once (a PUBREC
then gets its PUBREL); if not, it is a `Violation` (4.8).

{flight}
"""


def mqtt_states() -> str:
    """The states of an MQTT client."""
    connection = table(
        ("", *states.STATES),
        [
            (event.value, *(after_event(event, state, after) for state, after in enumerate(row)))
            for event, row in states.TRANSITIONS.items()
        ],
    )
    flight = table(
        ("comes", *(f"{each.__name__.upper()} awaited" if each else "nothing in flight" for each in states.AWAITED)),
        [(answer.__name__.upper(), *(step.value for step in row.values())) for answer, row in states.ANSWERS.items()],
    )
    return STATES.format(connection="\n".join(connection), flight="\n".join(flight))


def after_event(event: states.ConnectionEvent, state: int, after: states.Next) -> str:
    """What an event leads to in a state."""
    if isinstance(after, str):
        asked = event in (states.CONNECT, states.SEND, states.DISCONNECT)
        return f"{'`WrongState`' if asked else '`Violation`'}: {after.format(packet='a packet')}"
    return "stays" if after == state else f"**{states.STATES[after]}**"


def actions(chosen: Mapping[str, type[Action]]) -> Iterator[str]:
    """A table of actions."""
    rows = [(code(name), arguments(each), cell(each.about)) for name, each in chosen.items()]
    return table(("`do`", "arguments", "what happens"), rows)


def arguments(action: type[Any]) -> str:
    """The arguments of an action: their names, whether they may be left out, and what they take; of many, the names."""
    found, kinds = fields(action), kinds_of(action)
    if len(found) >= MANY:
        return ", ".join(code(field.name) for field in found)
    told = []
    for field in found:
        table_type: Any = field.type
        takes = kinds.get(field.name) or f"a table of {', '.join(key.name for key in fields(table_type))}"
        left_out = f", {field.default} by default" if field.default else ", optional"
        told.append(f"{code(field.name)}{'' if field.default is MISSING else left_out}: {cell(str(takes))}")
    return "<br>".join(told)


def limits() -> Iterator[str]:
    """The table of the broker's limits."""
    rows = [
        (code(f"{limit.option} {limit.unit.upper()}"), f"{default_of(name):,}", cell(limit.what), cell(limit.beyond))
        for name, limit in declared().items()
    ]
    return table(("option", "default", "what it bounds", "what goes beyond"), rows)


def with_table(name: str, rows: Callable[[], Iterable[str]]) -> str:
    """A document as it is, but for the table under the mark."""
    above, mark, rest = (TOP / name).read_text(encoding="utf-8").partition(MARK)
    assert mark, f"{name} has no table to be written: {MARK}"
    _, blank, below = rest.partition("\n\n")
    return above + mark + "\n".join(rows()) + blank + below


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "docs/commands/README.md": commands,
    **{f"docs/commands/{each.name}.md": partial(reference.markdown, each) for each in dialects()},
    "docs/results.md": results_table.markdown,
    "docs/mqtt-states.md": mqtt_states,
    "docs/scenarios.md": lambda: with_table("docs/scenarios.md", partial(actions, BESIDE_MOBILE)),
    "docs/mobile.md": lambda: with_table("docs/mobile.md", partial(actions, MOBILE_ACTIONS)),
    "docs/broker.md": lambda: with_table("docs/broker.md", limits),
}


def main() -> int:
    """Write the documents, or check them; the exit status."""
    wanted = {TOP / name: write() for name, write in DOCUMENTS.items()}
    there = {path: path.read_text(encoding="utf-8") for path in wanted if path.exists()}
    left = set((TOP / "docs" / "commands").glob("*.md")) - wanted.keys()
    stale = sorted({*left, *(path for path in wanted if wanted[path] != there.get(path))})
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path.relative_to(TOP)} is not what the declarations say: run `make docs`", file=sys.stderr)
        elif path in left:
            path.unlink()
        else:
            path.write_text(wanted[path], encoding="utf-8")
    return int("--check" in sys.argv[1:] and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
