"""Fixtures shared by all tests: the command line, and a real mosquitto where there is one."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from support.programs import HIDDEN, hide_optional, require

if TYPE_CHECKING:
    from support.host_and_module import CommandLine

if HIDDEN:
    hide_optional()

# Programs that tests start have a shell's signals, even where the tests run under nohup or in the background.
for name, usual in (("SIGHUP", signal.SIG_DFL), ("SIGINT", signal.default_int_handler)):
    number = getattr(signal, name, None)  # Windows has no SIGHUP
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

# Property tests have the same examples each time, so that a failure is the change's; others are drawn with
# `--hypothesis-profile default`. How long one takes is the machine's: figures are `make bench`'s.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# Tests that start programs, whose ports and time are the machine's, one at a time; and folders that stay together.
PROGRAMS, TOGETHER = ("cli",), ("bench", "terminal", "project")


class ByPlace(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Hands out the tests of a file to one worker, and those that start programs to one alone."""

    def _split_scope(self, nodeid: str) -> str:
        """What goes to one worker. xdist's own groups are nothing to pytest 9.2: they go by a name it has no more."""
        path = Path(nodeid.partition("::")[0])
        folder = path.parts[1]
        return "programs" if folder in PROGRAMS else folder if folder in TOGETHER else str(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPlace:
    """Run tests that start programs on one worker, and the others beside it."""
    return ByPlace(config, log)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> "CommandLine":
    """`modemlab` in this process."""
    from support.host_and_module import CommandLine  # noqa: PLC0415 # after `hide_optional`

    return CommandLine(monkeypatch, capfdbinary)


@pytest.fixture(scope="session")
def mosquitto_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port on 127.0.0.1 of a mosquitto that takes anybody, for the whole run."""
    with running_mosquitto(tmp_path_factory.mktemp("mosquitto")) as port:
        yield port


@contextmanager
def running_mosquitto(home: Path, *settings: str) -> Iterator[int]:
    """A mosquitto that takes anybody, its files in `home`, with more settings for its listener; its port."""
    program = require("mosquitto")
    for _ in range(3):  # another process may take the free port first
        port = _free_port()
        config = home / "mosquitto.conf"
        # Without `user root` a mosquitto of root's becomes somebody who cannot read these files.
        lines = ("user root", "persistence false", "allow_anonymous true", f"listener {port} 127.0.0.1", *settings)
        config.write_text("\n".join(lines) + "\n")
        with (home / "log").open("wb") as log:
            process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
        until = time.monotonic() + 10
        while process.poll() is None and not _answers(port) and time.monotonic() < until:
            time.sleep(0.02)
        if process.poll() is None and _answers(port):
            break
        process.kill()
        process.wait(60)
    else:
        pytest.fail(f"mosquitto does not start: {(home / 'log').read_text()}")
    try:
        yield port
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(60)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With MODEMLAB_REQUIRE_ALL=1 a run that skipped a test has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if skipped and exitstatus == 0 and os.environ.get("MODEMLAB_REQUIRE_ALL") == "1":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
