"""What is written down is true: the generated reference, the READMEs' commands and session, the lock file."""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import Host, Running, run

TOP = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
FLOORS = ("at", "mqtt", "dialects", "platforms", "module", "driver")


def blocks(readme: str) -> list[str]:
    """The code blocks of a README, with continued lines joined."""
    text = (TOP / readme).read_text(encoding="utf-8")
    return [block.replace("\\\n", " ") for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]


@pytest.mark.parametrize("tool", ["reference.py", "device.py"])
def test_references_are_what_the_sources_say(tool: str) -> None:
    """`make docs` would change nothing."""
    done = subprocess.run(
        [sys.executable, str(TOP / "tools" / tool), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("readme", READMES)
def test_readme_commands_exist(readme: str) -> None:
    """Each `modemlab` line names a subcommand and options that it has; each `make` line a target."""
    lines = [re.split(r"\s# |\Z", line)[0] for block in blocks(readme) for line in block.splitlines()]
    text = (TOP / readme).read_text(encoding="utf-8")
    lines += re.findall(r"`((?:modemlab|make) [^`]*)`", text)
    commands = [shlex.split(line) for line in lines if line.startswith("modemlab ")]
    assert commands
    for _, subcommand, *arguments in commands:
        shown = run(subcommand, "--help")
        assert shown.returncode == 0, subcommand
        for option in (word for word in arguments if word.startswith("--")):
            assert option in shown.stdout, f"{subcommand} {option}"
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


@pytest.mark.parametrize("floor", FLOORS)
def test_lower_floors_use_the_standard_library_alone(floor: str) -> None:
    """Floors 0 to 2 import nothing that has to be installed."""
    files = list((TOP / "src" / "modemlab" / floor).rglob("*.py"))
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top == "modemlab" or top in sys.stdlib_module_names, f"{path}: {name}"
