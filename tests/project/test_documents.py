"""What is written down is true: the READMEs' commands and session, the lock file, what has to be installed."""

import ast
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from support.command_line import Host, Running, run

TOP = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
# What has to be installed, by the room or file that alone may import it.
INSTALLED = {
    "module/http.py": {"h11"},
    "broker/certificates.py": {"trustme"},
    "validation": {"pydantic", "pydantic_core"},
    "ports": {"serial"},
    "control": {"aiohttp"},
    "terminal": {"rich", "textual"},
    "cli": {"rich", "textual", "typer"},
    "pytest_plugin.py": {"pytest"},
}


def blocks(readme: str) -> list[str]:
    """The code blocks of a README, with continued lines joined."""
    text = (TOP / readme).read_text(encoding="utf-8")
    return [block.replace("\\\n", " ") for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]


@cache
def help_of(subcommand: str) -> str:
    """The help of a subcommand, or of a program's option in place of one."""
    shown = run(subcommand, "--help")
    assert shown.returncode == 0, subcommand
    return shown.stdout


@pytest.mark.parametrize("readme", READMES)
def test_readme_commands_exist(readme: str) -> None:
    """Each `modemlab` line names a subcommand and options that it has; each `make` line a target."""
    lines = [re.split(r"\s# |\Z", line)[0] for block in blocks(readme) for line in block.splitlines()]
    text = (TOP / readme).read_text(encoding="utf-8")
    lines += re.findall(r"`((?:modemlab|make) [^`]*)`", text)
    commands = [shlex.split(line) for line in lines if line.startswith("modemlab ")]
    assert commands
    for _, subcommand, *arguments in commands:
        shown = help_of(subcommand)
        for option in (word for word in arguments if word.startswith("--")):
            assert option in shown, f"{subcommand} {option}"
    targets = re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(), re.MULTILINE)
    for line in lines:
        if line.startswith("make "):
            assert line.split()[1] in targets, line


@pytest.mark.parametrize("readme", READMES)
def test_readme_session_works(readme: str) -> None:
    """The session to paste, typed on `modemlab up`: no ERROR."""
    sessions = [block.splitlines() for block in blocks(readme) if block.startswith("AT")]
    assert sessions
    with Running("up") as running:
        url = running.until(r"^EC200S-CN ready on (tcp://.*)$")[1]
        for session in sessions:
            with Host(url) as host:
                answers = host.paste([line for line in session if line])
            assert not [answer for answer in answers if "ERROR" in answer]
        assert running.end() == 0


def test_python_of_the_network_page_runs() -> None:
    """The example is a program."""
    text = (TOP / "docs" / "network.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_lock_file_names_versions_hashes_and_no_index() -> None:
    """Every requirement is pinned and hashed; nothing says where it comes from."""
    text = (TOP / "requirements-dev.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=sha256:)", text, re.MULTILINE)
    requirements = [line for line in text.splitlines() if re.match(r"[a-z]", line)]
    assert requirements
    for line in requirements:
        assert re.match(r"[a-z0-9._-]+==[^ ]+ (; .+ )?\\$", line), line


def test_few_rooms_import_what_has_to_be_installed() -> None:
    """All others use the standard library alone."""
    home = TOP / "src" / "modemlab"
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in home.rglob("*.py"):
        place = path.relative_to(home)
        names = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
        if foreign := {name.partition(".")[0] for name in names} - {"modemlab", *sys.stdlib_module_names}:
            found[place.parts[0] if place.parts[0] in INSTALLED else place.as_posix()] |= foreign
    assert found == INSTALLED
