"""`--control`: the API beside a module that runs, and what is refused before it starts."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from support.command_line import ENVIRONMENT, Host, Running, run

MODULE = ("module", "EC200S", "--port", "tcp://127.0.0.1:0")
URL = r"^control ready on (http://127\.0\.0\.1:\d+)$"

WRONG = [
    (["--control", "8000x"], "--control '8000x' is not of the form http://HOST:PORT, an IPv6 address in brackets"),
    (["--control", "http://127.0.0.1"], "is not of the form http://HOST:PORT"),
    (["--control", "https://127.0.0.1:1"], "is not of the form http://HOST:PORT"),
    (["--control", "http://127.0.0.1:99999"], "is not of the form http://HOST:PORT"),
    (["--control", "http://[::1:8000"], "is not of the form http://HOST:PORT"),
    (["--control", "http://127.0.0.1:1/state"], "is not of the form http://HOST:PORT"),
    (["--control", "http://0.0.0.0:0"], "0.0.0.0 is not of this machine alone, so it needs --control-token"),
    (["--control", "http://0.0.0.0:0", "--control-token", "short"], "the control API's token must be 8 or more ASCII"),
]


def ask(url: str, content: object = None, token: str | None = None) -> Any:
    """The JSON of an answer."""
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.parametrize(("arguments", "line"), WRONG)
def test_what_is_wrong_is_one_line_and_status_2(arguments: list[str], line: str) -> None:
    done = run(*MODULE, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("modemlab: ")
    assert line in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use() -> None:
    """It is named, and the module does not stay."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(*MODULE, "--control", f"http://127.0.0.1:{port}")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"modemlab: --control 127.0.0.1:{port}: ")
    assert line.endswith(": another program listens there")


def test_without_the_library_one_line_says_what_to_install() -> None:
    """As in an installation without the extra."""
    program = (
        "import sys; sys.modules['aiohttp'] = None\n"
        f"sys.argv = ['modemlab', *{MODULE!r}, '--control', 'http://127.0.0.1:0']\n"
        "from modemlab.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env=ENVIRONMENT
    )
    told = "modemlab: --control needs aiohttp: pip install 'modemlab[control]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


@pytest.mark.parametrize("subcommand", [MODULE, ("up",)])
def test_it_drives_a_module(subcommand: tuple[str, ...]) -> None:
    """What is done there is seen on the line, and what passes on the line there."""
    with Running(*subcommand, "--control", "http://127.0.0.1:0") as running:
        url = running.until(r"^EC200S-CN ready on (tcp://127\.0\.0\.1:\d+)$")[1]
        api = running.until(URL)[1]
        with Host(url) as host:
            host.ask("AT+CREG=1")
            assert ask(f"{api}/actions", {"do": "set_registration", "stat": "denied"}) == {
                "done": ["set_registration(stat='denied')"]
            }
            host.until(b"\r\n+CREG: 3\r\n")
        lines = ask(f"{api}/traffic")["lines"]
        assert "AT+CREG=1\\r" in "".join(line["text"] for line in lines if line["mark"] == ">>")
        assert running.end() == 0


def test_a_token_from_the_environment_and_a_trace_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No request without it; the trace's file has all."""
    monkeypatch.setitem(ENVIRONMENT, "MODEMLAB_CONTROL_TOKEN", "secret-token")
    trace = tmp_path / "trace"
    with Running(*MODULE, "--control", "http://0.0.0.0:0", "--trace", str(trace)) as running:
        number = running.until(r"^control ready on http://0\.0\.0\.0:(\d+)$")[1]
        api = f"http://127.0.0.1:{number}"
        with pytest.raises(urllib.error.HTTPError, match="401") as error:
            ask(f"{api}/state")
        error.value.close()
        assert ask(f"{api}/state", token="secret-token")["power"] is True
        ask(f"{api}/actions", [{"do": "power_off"}], "secret-token")
        assert running.end() == 0
    assert "control: power_off()" in trace.read_text()
