"""How `modemlab` starts: quickly, and ended by Ctrl-C without a word however early that comes."""

import signal
import subprocess
import sys

import pytest

from support.command_line import ENVIRONMENT, PATIENCE


def interrupted(name: str, *arguments: str, ignored: bool = False) -> tuple[int, str]:
    """The status and the words of a `modemlab` that Ctrl-C reaches as it imports that module."""
    program = (
        "import os, signal, sys\n"
        f"if {ignored}: signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "class Interruption:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {name!r}:\n"
        "            sys.meta_path.remove(self)\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interruption())\n"
        f"sys.argv = ['modemlab', *{arguments!r}]\n"
        "from modemlab.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", ["modemlab.cli.subcommands", "typer", "asyncio", "modemlab.cli.mqtt_options"])
def test_interrupted_before_it_begins(name: str) -> None:
    """The signal itself ends it, which a shell shows as 130."""
    assert interrupted(name, "models") == (-signal.SIGINT, "")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("modemlab.dialects", ("models",)),
        ("modemlab.broker.server", ("broker", "--port", "tcp://127.0.0.1:0")),
        ("modemlab.driver.probe", ("probe", "/dev/null")),
        ("modemlab.mqtt.topics", ("pub", "--port", "/dev/null", "-h", "x", "-t", "a", "-l")),
        ("modemlab.platforms.devices", ("credentials", "thingscloud", "--access-token", "t", "--region", "r")),
    ],
)
def test_interrupted_as_a_subcommand_begins(name: str, arguments: tuple[str, ...]) -> None:
    """It has begun to run: the status is the same in a shell."""
    assert interrupted(name, *arguments) == (130, "")


def test_what_ignores_the_signal_runs_on() -> None:
    """As a shell has it for what runs in the background."""
    assert interrupted("typer", "--version", ignored=True) == (0, "")


def test_nothing_is_imported_that_a_subcommand_may_not_need() -> None:
    """Help is there in a tenth of a second: what takes longer to import is none of it."""
    program = (
        "import sys\n"
        "sys.argv = ['modemlab', '--help']\n"
        "from modemlab.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT
    )
    imported = set(done.stderr.split())
    assert "Usage: modemlab" in done.stdout
    heavy = {
        "rich",
        "pydantic",
        "serial",
        "textual",
        "aiohttp",
        "http.client",
        "h11",
        "modemlab.dialects",
        "modemlab.driver.modem",
    }
    assert heavy & imported == set()
