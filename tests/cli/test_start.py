"""How `modemlab` starts: quickly, and ended by Ctrl-C without a word however early that comes."""

import signal
import subprocess
import sys

import pytest

from modemlab.cli.subcommands import SUBCOMMANDS
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


@pytest.mark.parametrize("name", ["modemlab.cli.subcommands", "typer", "asyncio", "modemlab.cli.usage_errors"])
def test_interrupted_before_it_begins(name: str) -> None:
    """The signal itself ends it, which a shell shows as 130."""
    assert interrupted(name, "models") == (-signal.SIGINT, "")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("modemlab.cli.models", ("models",)),
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


def imported_by(program: str) -> set[str]:
    """The modules that a program imports, up to its end, beside those of an interpreter that starts."""
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"import sys\nthere = set(sys.modules)\n{program}\nprint(*set(sys.modules) - there, file=sys.stderr)",
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


# What takes longer to import than what asks for it should wait.
HEAVY = {"rich", "serial", "textual", "aiohttp", "http.client", "h11", "importlib.metadata", "tomllib"}
RUN = "sys.argv = ['modemlab', *{arguments}]\nfrom modemlab.cli import main\ntry: main()\nexcept SystemExit: pass"


def test_nothing_is_imported_that_a_subcommand_may_not_need() -> None:
    """Help is there in a tenth of a second: what takes longer to import is none of it."""
    found = imported_by(RUN.format(arguments=["--help"]))
    assert (
        HEAVY - {"importlib.metadata"} | {"pydantic", "modemlab.dialects", "modemlab.driver.modem"}
    ) & found == set()


def test_a_module_imports_what_it_needs() -> None:
    """Its own dialect, and none of what it is not asked for: other subcommands, scenarios, faults, traces."""
    program = (
        "import asyncio, modemlab.cli.common\n"
        "modemlab.cli.common.when_ended = lambda call: asyncio.get_running_loop().call_later(0.01, call, 2)\n"
    )
    found = imported_by(program + RUN.format(arguments=["module", "EC200S-CN", "--port", "tcp://127.0.0.1:0"]))
    mine = {name.removeprefix("modemlab.") for name in found if name.startswith("modemlab.")}
    assert {name for name in mine if name.startswith("dialects.")} & {"dialects.luat", "dialects.quectel_nb"} == set()
    assert {name.split(".")[0] for name in mine} & {
        "scenario",
        "control",
        "driver",
        "terminal",
        "lab",
        "broker",
    } == set()
    assert mine & {"net.impairment", "ports.trace", "module.custom_commands", "clocks.skippable"} == set()
    assert {f"cli.{name}" for name in SUBCOMMANDS if name not in ("module", "answers")} & mine == set()
    assert {"rich", "serial", "textual", "aiohttp", "http.client", "h11", "tomllib"} & found == set()


@pytest.mark.parametrize("name", ["Modem", "SyncModem", "VirtualModule", "Message", "ModemError"])
def test_a_public_name_imports_little(name: str) -> None:
    found = imported_by(f"from modemlab import {name}")
    assert (
        HEAVY | {"typer", "pydantic", "modemlab.lab.lab", "modemlab.terminal", "modemlab.scenario"}
    ) & found == set()


def test_the_package_alone_imports_nothing() -> None:
    assert {name for name in imported_by("import modemlab") if name.startswith("modemlab")} == {"modemlab"}
