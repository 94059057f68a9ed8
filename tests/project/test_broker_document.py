"""docs/broker.md is true: its table is what the limits' declaration says, and its command runs."""

import re
import shlex
from pathlib import Path

from modemlab.broker.limits import declared, default_of
from support.command_line import run

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "broker.md").read_text(encoding="utf-8")


def test_the_table_of_limits_is_the_declaration() -> None:
    rows = re.findall(r"^\| `(--[^`]*)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", TEXT, re.MULTILINE)
    assert rows == [
        (f"{limit.option} {limit.unit.upper()}", f"{default_of(name):,}", limit.what, limit.beyond)
        for name, limit in declared().items()
    ]


def test_its_options_exist() -> None:
    shown = run("broker", "--help").stdout
    (block,) = re.findall(r"^```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    for option in re.findall(r"--[a-z-]+", block) + re.findall(r"`(--[a-z-]+)", TEXT):
        assert option in shown, option
    assert shlex.split(block)[:2] == ["modemlab", "broker"]
