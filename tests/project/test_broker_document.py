"""docs/broker.md is true: its command runs."""

import re
import shlex
from pathlib import Path

from support.command_line import run

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "broker.md").read_text(encoding="utf-8")


def test_its_options_exist() -> None:
    shown = run("broker", "--help").stdout
    (block,) = re.findall(r"^```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    for option in re.findall(r"--[a-z-]+", block) + re.findall(r"`(--[a-z-]+)", TEXT):
        assert option in shown, option
    assert shlex.split(block)[:2] == ["modemlab", "broker"]
