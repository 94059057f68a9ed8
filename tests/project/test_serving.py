"""The tests' own servers and optional programs: what a test leaves behind must not be the next one's."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from support import programs
from support.serving import serving

ROOT = Path(__file__).parents[2]


def test_a_server_that_nobody_connects_to_is_over_with_its_block() -> None:
    """Its thread waits in `accept`, and is woken; the failure of the block is told, and no other."""
    before = threading.active_count()
    with pytest.raises(LookupError, match=r"^why$"), serving(lambda connection: connection.recv(1)):
        raise LookupError("why")
    assert threading.active_count() == before


def test_a_server_whose_client_says_nothing_is_over_with_its_block() -> None:
    """Its thread waits in `recv`, and is woken."""
    before = threading.active_count()
    heard: list[bytes] = []
    with serving(lambda connection: heard.append(connection.recv(1))) as port:
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"")
    client.close()
    assert threading.active_count() == before
    assert heard in ([], [b""])


def test_what_a_server_raises_is_its_own_tests() -> None:
    """It is raised where the block ends."""

    def fail(connection: socket.socket) -> None:
        connection.recv(1)
        raise LookupError("why")

    def block() -> None:
        with serving(fail) as port, socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"x")
            assert client.recv(1) == b""

    with pytest.raises(LookupError, match=r"^why$"):
        block()


def test_every_optional_program_can_be_hidden() -> None:
    """None of them, nor of their kin, is found by a process of a hidden run; others are."""
    names = sorted({*programs.OPTIONAL, *programs.KIN})
    code = (
        "import shutil\n"
        "from support import programs\n"
        "programs.hide_optional()\n"
        f"print([n for n in {names!r} if shutil.which(n)], bool(shutil.which('sh')))\n"
        f"print([n for n in {sorted(programs.OPTIONAL)!r} if programs.found(n)])\n"
    )
    environment = {**os.environ, "MODEMLAB_HIDE_OPTIONAL": "1", "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("[] True\n[]\n", "")


def test_a_missing_program_is_a_skip_or_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As MODEMLAB_REQUIRE_ALL has it; the reason names the program."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "BESIDE_PATH", ())
    reason = "mosquitto is not installed: tests against a real broker need it"
    monkeypatch.setenv("MODEMLAB_REQUIRE_ALL", "0")
    with pytest.raises(pytest.skip.Exception) as skipped:
        programs.require("mosquitto")
    assert skipped.value.msg == reason
    monkeypatch.setenv("MODEMLAB_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception) as failed:
        programs.require("mosquitto")
    assert failed.value.msg == reason
