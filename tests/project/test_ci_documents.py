"""docs/ci.md and docs/pytest.md are true: what is printed there is run, and all there is stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as Xml
from dataclasses import fields
from pathlib import Path

import pytest

from modemlab.lab.check_file import BrokerTable, ModuleTable, Program
from modemlab.lab.expectations import EXPECTATION_KEYS

# Imported here, so that the runs inside this one need not import it again.
from modemlab.lab.lab import Lab
from modemlab.pytest_plugin import MARKER_ARGUMENTS
from modemlab.scenario.matchers import MessageMatcher
from support.command_line import run
from support.programs import require

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


@pytest.fixture(name="project")
def make_project(tmp_path: Path) -> Path:
    """The project of the recipes."""
    require("cc", "make")
    for path in (*PROJECT.glob("*.[ch]"), PROJECT / "check.toml"):
        shutil.copy(path, tmp_path)
    (make,) = blocks(CI, "make")
    (tmp_path / "test_pump.py").write_text("".join(blocks(CI, "python")), encoding="utf-8")
    (tmp_path / "Makefile").write_text((PROJECT / "Makefile").read_text(encoding="utf-8") + "\n" + make)
    (tmp_path / "order.toml").write_text(blocks(CI, "toml")[1], encoding="utf-8")
    return tmp_path


def shell(project: Path, script: str) -> str:
    """Run that as a CI system does, with what is installed here; what it prints. It must succeed."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("MAKEFLAGS", None)
    command = ["sh", "-e", "-c", script]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(os.name != "posix", reason="the programs open ptys")
@pytest.mark.parametrize("system", ["make", "GitHub and GitLab"])
def test_the_recipes_run(system: str, project: Path) -> None:
    """As printed, behind an installation; the results that a recipe keeps are there. Two have the same commands."""
    github, gitlab = blocks(CI, "yaml")
    install, *lines = commands(github)
    assert commands(gitlab) == [install, *lines]
    assert (install, len(lines)) == ("pip install ./modemlab pytest", 3)
    script = "make test" if system == "make" else "\n".join(lines)
    assert 'path: "*.xml"' in github
    said = shell(project, script)
    assert "check.toml: 5 of 5 met\n" in said
    assert " 1 passed in " in said
    for name, most in (("check.xml", 5), ("pytest.xml", 1)):
        assert f'"{name}"' in gitlab
        suite = Xml.parse(project / name).getroot().find("testsuite")
        assert suite is not None
        assert (suite.get("tests"), suite.get("failures")) == (str(most), "0")


@pytest.mark.skipif(os.name != "posix", reason="the program opens a pty")
def test_what_the_cloud_says(project: Path) -> None:
    """The file and the command, as printed."""
    *told, last = shell(project, f"make -s pump\n{blocks(CI, '')[1]}").splitlines()
    assert told[0] == "pump/7/set: 6f 66 66"
    assert last == "order.toml: 3 of 3 met"


def test_the_other_commands_of_the_ci_page(tmp_path: Path) -> None:
    """`modemlab pub` on a file of its own."""
    first, _, second = blocks(CI, "")
    assert first == "modemlab check check.toml --junit check.xml -- ./pump\n"
    path = tmp_path / "reading.toml"
    path.write_text(blocks(CI, "toml")[2], encoding="utf-8")
    _, check, _, dashes, program, *arguments = shlex.split(second)
    assert (check, dashes, program) == ("check", "--", "modemlab")
    done = run("check", str(path), "--", sys.executable, "-m", "modemlab", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 of 2 met" in done.stdout


def test_the_ci_page_lists_all_keys() -> None:
    tables = (ModuleTable, BrokerTable, Program, MessageMatcher)
    keys = [*EXPECTATION_KEYS, *(each.name for table in tables for each in fields(table))]
    assert [key for key in keys if not re.search(rf"`{key}[` ]", CI)] == []


def test_the_pytest_page_lists_all_of_marker_and_lab() -> None:
    names = [*MARKER_ARGUMENTS, *(name for name in vars(Lab) if not name.startswith("_") and name != "close")]
    assert [name for name in names if not re.search(rf"`{name}[`(]", PYTEST)] == []


@pytest.mark.skipif(os.name != "posix", reason="the program opens a pty")
def test_the_tests_of_the_pytest_page_pass(pytester: pytest.Pytester) -> None:
    programs = blocks(PYTEST, "python")
    pytester.makepyfile(**{f"test_page_{number}": program for number, program in enumerate(programs)})
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-W", "error", "--strict-markers")
    result.assert_outcomes(passed=4)
