"""What the declarations say a module may print, and which scenario makes it happen."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from modemlab.at.parameters import Choice, Int, Param, Payload, Text
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.network import HttpError, QueryError
from modemlab.dialect.registry import dialects
from support.error_scenarios import ERRORS
from support.impaired_network import Answer, Desk, Serve, Web, World
from support.scenarios import SCENARIOS, Scenario

TOP = Path(__file__).resolve().parents[2]


class Code(NamedTuple):
    """One row of the table: a line, and a value of one of its parameters, "" for a line that is always the same."""

    dialect: str
    urc: str
    parameter: str
    value: str


def lines(dialect: Dialect) -> list[Urc]:
    """All URCs that a dialect declares; then what its commands answer with one of a list of values, and why they fail.

    What shows a setting is none of them: it is shown as it was set.
    """
    commands = dialect.commands.values()
    found = [*dialect.urcs, *(urc for command in commands for urc in (command.urc, *command.urcs) if urc is not None)]
    found += [
        Urc(command.name, command.title, command.execute or (), separator=command.separator)
        for command in commands
        if any(isinstance(param, Choice) for param in command.execute or ())
    ]
    found.append(Urc("+CME ERROR", "Why a command failed", (Choice("err", dialect.errors),)))
    return [urc for number, urc in enumerate(found) if urc not in found[:number]]


def scenarios(dialect: str) -> tuple[Scenario, ...]:
    """All of a dialect."""
    return (*SCENARIOS.get(dialect, ("", ()))[1], *ERRORS.get(dialect, ()))


def codes(dialect: Dialect) -> dict[Code, str]:
    """The rows of a dialect, with what the manual says of each."""
    rows: dict[Code, str] = {}
    for urc in lines(dialect):
        choices = [param for param in urc.params if isinstance(param, Choice)]
        for param in choices:
            for value, meaning in param.values.items():
                rows[Code(dialect.name, urc.name, param.name, str(value))] = meaning
        if not choices:
            rows[Code(dialect.name, urc.name, shape(urc), "")] = urc.title
    return rows


def shape(urc: Urc) -> str:
    """The parameters of a URC, which tell it from others of its name."""
    return ",".join(f"<{param.name}>" for param in urc.params)


def pattern(param: Param) -> str:
    """What a value of that parameter looks like."""
    match param:
        case Choice(values=values):
            return "(?:" + "|".join(re.escape(param.render(value).decode()) for value in values) + ")"
        case Int():
            return r"-?\d+" + re.escape(param.tail)
        case Text(bare=True) | Payload(bare=True):
            return ".*?"
        case Text() | Payload():
            return '"[^"]*"'
    return "[^,]+"


def values_of(urc: Urc, line: str) -> list[str] | None:
    """The values that a line gives a URC's parameters, None when it is no such line."""
    if not urc.params:
        return [] if line == urc.name else None
    fixed = len(urc.params) - urc.optional
    text = ""
    for number, param in reversed(list(enumerate(urc.params))):
        last = number == len(urc.params) - 1
        value = pattern(param)
        more = f"(?:,{value})*" if urc.many and last else ""
        text = f"{',' if number else ''}({value}){more}{text}"
        if number >= fixed:
            text = f"(?:{text})?"
    found = re.fullmatch(re.escape(urc.name + urc.separator) + text, line)
    return None if found is None else [value for value in found.groups() if value is not None]


def shown_codes(dialect: Dialect, line: str) -> Iterator[Code]:
    """The rows that a line stands for."""
    for urc in lines(dialect):
        values = values_of(urc, line)
        if values is None:
            continue
        chosen = [
            (param.name, value.strip('"'))
            for param, value in zip(urc.params, values, strict=False)
            if type(param) is Choice
        ]
        for name, value in chosen:
            yield Code(dialect.name, urc.name, name, value)
        if not any(isinstance(param, Choice) for param in urc.params):
            yield Code(dialect.name, urc.name, shape(urc), "")


def play(model: str, scenario: Scenario) -> list[str]:
    """Play a scenario on a fresh module; the lines that it printed."""
    desk = Desk(model, quirks=scenario.quirks, files=scenario.files())
    return desk.do("ATE0", *scenario.steps).decode().split("\r\n")


def excused() -> dict[Code, str]:
    """The rows of docs/fidelity.md, in its section on results that do not occur, with their reasons.

    A row has values, and pairs such as 20-27 for all that are declared between them.
    """
    text = (TOP / "docs" / "fidelity.md").read_text(encoding="utf-8")
    section = text.partition("\n## Results that do not occur\n")[2].partition("\n## ")[0]
    rows: dict[Code, str] = {}
    for line in section.splitlines():
        if found := re.fullmatch(r"\| ([a-z_, ]+) \| `([^`]+)` \| `<(\w+)>` ([-0-9, ]+) \| (.+) \|", line):
            names, urc, parameter, values, why = found.groups()
            for dialect in dialects():
                if dialect.name in names.split(", "):
                    declared = [code for code in codes(dialect) if (code.urc, code.parameter) == (urc, parameter)]
                    rows |= dict.fromkeys(within(declared, values), why)
    return rows


def within(declared: list[Code], values: str) -> Iterator[Code]:
    """The codes whose values these are; each value, and each pair, must have one at least."""
    for value in values.split(", "):
        first, last = re.fullmatch(r"(-?\d+)(?:-(\d+))?", value).groups()  # type: ignore[union-attr]
        found = [code for code in declared if int(first) <= int(code.value) <= int(last or first)]
        assert found, f"docs/fidelity.md excuses {value}, which no table declares"
        yield from found


def producers() -> dict[Code, Scenario]:
    """The first scenario of each row that has one."""
    found: dict[Code, Scenario] = {}
    for dialect in dialects():
        for scenario in scenarios(dialect.name):
            for line in scenario.shows:
                for code in shown_codes(dialect, line):
                    found.setdefault(code, scenario)
    return found


def markdown() -> str:
    """docs/results.md."""
    made, why = producers(), excused()
    rows = [
        "# Results, and how to make them happen",
        "",
        "Every unsolicited result code that the command tables declare, every result that a command gives as one of a",
        "list and every code of `+CME ERROR`, with each of their values, and what makes a module print it: what the",
        "host types, what the network does ([network.md](network.md)), what the mobile meets (`M:`,",
        "[mobile.md](mobile.md)), what the server says (`S<`). Written by `make docs` from the tables and from",
        "tests/support/scenarios.py and tests/support/error_scenarios.py, which the tests play.",
    ]
    for dialect in dialects():
        rows += ["", f"## {dialect.title}", "", "| code | value | meaning | scenario |", "|---|---|---|---|"]
        for code, meaning in codes(dialect).items():
            value = (
                f"`<{code.parameter}>` {code.value}" if code.value else f"`{code.parameter}`" if code.parameter else ""
            )
            told = f"does not occur: {why[code]}" if code in why else ""
            if code in made:
                told = f"{made[code].title}: {steps(made[code])}" if made[code].steps else made[code].title
            rows.append(f"| `{code.urc}` | {value} | {meaning} | {told} |")
    return "\n".join(rows) + "\n"


def steps(scenario: Scenario) -> str:
    """What happens in a scenario, in short."""
    return ", ".join(f"`{described(step)}`" for step in scenario.steps).replace("|", "\\|")


def described(step: Any) -> str:
    """A step in short: commands and data as they are typed, all else as plain data."""
    match step:
        case str():
            return step
        case bytes():
            return step.decode()
        case int() | float():
            return f"{step:g} s"
        case tuple():
            return ", ".join(map(described, step))
        case World(name, arguments):
            return f"M: {name}({', '.join(f'{key}={json.dumps(value)}' for key, value in arguments.items())})"
        case Serve(packet):
            return f"S< {packet!r}"
        case Answer(answer):
            return f"network: {answer.value if isinstance(answer, QueryError) else 'a kiss of death (RFC 4330, 8)'}"
        case Web(answer):
            return f"HTTP: {answer.value if isinstance(answer, HttpError) else answer.body.decode()}"
    kind = type(step).__name__
    given = {each.name: getattr(step, each.name) for each in fields(step) if getattr(step, each.name) != each.default}
    return f"{kind}({', '.join(f'{key}={json.dumps(value)}' for key, value in given.items())})"
