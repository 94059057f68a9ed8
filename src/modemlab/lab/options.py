"""What a lab is to be like: its module, port, network and scenario, read before anything starts."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from ssl import SSLContext
from typing import Any, NamedTuple

from modemlab.broker.router import check_grant
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.registry import find_model
from modemlab.net.conditions import LAB, Conditions
from modemlab.ports.address import PortKind, parse
from modemlab.ports.error_texts import words_of
from modemlab.ports.file_reading import read_beginning
from modemlab.scenario.actions import SetConditions, read_action
from modemlab.scenario.broker_actions import ScenarioBesideBroker
from modemlab.scenario.file import MAX_FILE_BYTES, Scenario, read_scenario
from modemlab.text.name_suggestions import unknown
from modemlab.text.reason import About
from modemlab.validation.input_errors import each_placed
from modemlab.validation.toml_file import text_of

IN_MEMORY = "memory"
TYPE_NAMES = {str: "a text", bool: "True or False", int: "a whole number"}


class LabOptions(NamedTuple):
    """What a lab is to be like, read and found right; `given` are options of `VirtualModule`."""

    dialect: Dialect
    model: Model
    port: str
    conditions: Conditions
    users: Mapping[str, str] | None
    tls: SSLContext | bool
    grant: int | None
    scenario: Scenario | None
    given: Mapping[str, Any]


def make_plan(
    model: str = "EC200S-CN",
    port: str = IN_MEMORY,
    conditions: str | Mapping[str, Any] | Conditions | None = None,
    scenario: str | Path | Scenario | None = None,
    home: Path | None = None,
    strict: bool = False,
    quirks: Iterable[str] = (),
    users: Mapping[str, str] | None = None,
    seed: int = 0,
    tls: SSLContext | bool = False,
    grant: int | None = None,
    show_secrets: bool = False,
) -> LabOptions:
    """Read what a `Lab` takes. Raises ValueError with one line for what is wrong with it."""
    for name, value, kind in (
        ("model", model, str),
        ("port", port, str),
        ("strict", strict, bool),
        ("seed", seed, int),
        ("show_secrets", show_secrets, bool),
    ):
        if not isinstance(value, kind):
            raise ValueError(f"{name} is {value!r:.60}, expected {TYPE_NAMES[kind]}")
    try:
        dialect, found = find_model(model)
    except LookupError as error:
        raise ValueError(error.args[0]) from None
    if users is not None and not (
        isinstance(users, Mapping) and all(isinstance(word, str) for pair in users.items() for word in pair)
    ):
        shown = list(users) if isinstance(users, Mapping) else users
        raise ValueError(f"users are {shown!r:.60}, expected names with their passwords")
    given = {
        "strict": strict,
        "quirks": read_quirks(quirks, dialect),
        "rng": Random(seed),
        "show_secrets": show_secrets,
    }
    plot = read_plot(scenario, home or Path(), frozenset(dialect.table(strict)))
    check_grant(grant)
    if not isinstance(tls, SSLContext | bool):
        raise ValueError(f"tls is {tls!r:.60}, expected True, or a server's ssl.SSLContext")
    if tls and port == IN_MEMORY:
        raise ValueError("tls needs a port, expected port='pty' or port='tcp' beside it")
    return LabOptions(dialect, found, read_port(port), read_air(conditions), users, tls, grant, plot, given)


def read_port(port: str) -> str:
    """A port, whose URL it becomes unless it is in memory."""
    if port == IN_MEMORY:
        return port
    url = "tcp://127.0.0.1:0" if port == "tcp" else port
    address = parse(url)
    if address.kind not in (PortKind.PTY, PortKind.TCP, PortKind.RFC2217) or address.name:
        raise ValueError(f"port is {port!r}, expected {IN_MEMORY}, pty or tcp")
    return url


def read_quirks(quirks: Iterable[str], dialect: Dialect) -> tuple[str, ...]:
    """Quirks, which the dialect must have."""
    if not isinstance(quirks, Iterable):
        raise ValueError(f"quirks are {quirks!r:.60}, expected names")
    found = (quirks,) if isinstance(quirks, str) else tuple(quirks)
    for name in found:
        if name not in dialect.quirks:
            raise ValueError(unknown(name, f"quirk of {dialect.title}", tuple(dialect.quirks)))
    return found


def read_air(conditions: str | Mapping[str, Any] | Conditions | None) -> Conditions:
    """Conditions: a profile's name, fields by name, or both with the key `profile`."""
    if conditions is None:
        return LAB
    if isinstance(conditions, Conditions):
        return conditions
    fields = {"profile": conditions} if isinstance(conditions, str) else conditions
    if not isinstance(fields, Mapping) or not all(isinstance(name, str) for name in fields):
        raise ValueError(f"conditions are {conditions!r:.60}, expected a profile or a table of fields")
    action = read_action("conditions", fields)
    assert isinstance(action, SetConditions)
    return action.conditions


def read_plot(scenario: str | Path | Scenario | None, home: Path, commands: frozenset[str]) -> Scenario | None:
    """A scenario: a file, its path being from `home` on, or the TOML itself where it has more than a line."""
    if scenario is None or isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, str) and "\n" in scenario:
        return read_scenario(scenario, commands, ScenarioBesideBroker)
    if not isinstance(scenario, str | Path):
        raise ValueError(f"scenario is {scenario!r:.60}, expected a file, or the TOML itself")
    path = home / scenario
    try:
        return read_scenario(text_of(read_beginning(path, 4 * MAX_FILE_BYTES + 1)), commands, ScenarioBesideBroker)
    except OSError as error:
        raise ValueError(f"{path}: {words_of(error)}") from None
    except ValueError as error:
        raise ValueError(each_placed(partial(About, path), error)) from None
