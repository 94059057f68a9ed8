"""docs/ci.md and docs/pytest.md are true: what is printed there is run, and all there is stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from command_line import run
from compiler import require_compiler
from modemlab.bench.check_file import Module
from modemlab.bench.expectations import KINDS, Message

# Imported here, so that the runs inside this one need not import it again.
from modemlab.bench.lab import Lab
from modemlab.pytest_plugin import TAKES

pytest_plugins = ["pytester"]
TOP = Path(__file__).resolve().parents[2]
CI = (TOP / "docs" / "ci.md").read_text(encoding="utf-8")
PYTEST = (TOP / "docs" / "pytest.md").read_text(encoding="utf-8")
PROJECT = TOP / "examples" / "c_driver"


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a document in that language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for each, block in found if each == language]


def commands(recipe: str) -> list[str]:
    """The commands of a recipe for a CI system."""
    return re.findall(r"^ +- (?:run: )?([a-z]+ .*)$", recipe, re.MULTILINE)


def test_the_file_is_the_examples() -> None:
    assert blocks(CI, "toml")[0] == (PROJECT / "check.toml").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="the programs open ptys")
def test_the_recipes_run(tmp_path: Path) -> None:
    """That of make is run as printed; the others run the same commands, behind an installation."""
    require_compiler()
    (make,) = blocks(CI, "make")
    _, *lines = re.findall(r"^\t(.*)$|^test: (.*)$", make, re.MULTILINE)
    wanted = ["pip install modemlab pytest", "make pump", *(line for line, _ in lines)]
    assert [commands(recipe) for recipe in blocks(CI, "yaml")] == [wanted, wanted]
    for path in (*PROJECT.glob("*.[ch]"), PROJECT / "check.toml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "test_pump.py").write_text("".join(blocks(CI, "python")), encoding="utf-8")
    (tmp_path / "Makefile").write_text((PROJECT / "Makefile").read_text(encoding="utf-8") + "\n" + make)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("MAKEFLAGS", None)
    done = subprocess.run(
        ["make", "test"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "check.toml: 5 of 5 met\n" in done.stdout
    assert " 1 passed in " in done.stdout
    assert {"check.xml", "pytest.xml"} <= {path.name for path in tmp_path.iterdir()}


def test_the_other_commands_of_the_ci_page(tmp_path: Path) -> None:
    """`modemlab pub` on a file of its own."""
    first, second = blocks(CI, "")
    assert first == "modemlab check check.toml --junit check.xml -- ./pump\n"
    path = tmp_path / "reading.toml"
    path.write_text(blocks(CI, "toml")[1], encoding="utf-8")
    _, check, _, dashes, program, *arguments = shlex.split(second)
    assert (check, dashes, program) == ("check", "--", "modemlab")
    done = run("check", str(path), "--", sys.executable, "-m", "modemlab", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 of 2 met" in done.stdout


def test_the_ci_page_lists_all_keys() -> None:
    keys = [each.name for each in fields(Module)] + list(KINDS) + [each.name for each in fields(Message)]
    assert [key for key in keys if f"`{key}`" not in CI] == []


def test_the_pytest_page_lists_all_of_marker_and_lab() -> None:
    names = [*TAKES, *(name for name in vars(Lab) if not name.startswith("_") and name != "close")]
    assert [name for name in names if not re.search(rf"`{name}[`(]", PYTEST)] == []


@pytest.mark.skipif(os.name != "posix", reason="the program opens a pty")
def test_the_tests_of_the_pytest_page_pass(pytester: pytest.Pytester) -> None:
    programs = blocks(PYTEST, "python")
    pytester.makepyfile(**{f"test_page_{number}": program for number, program in enumerate(programs)})
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-W", "error", "--strict-markers")
    result.assert_outcomes(passed=2)
