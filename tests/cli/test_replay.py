"""`modemlab replay` against a virtual module on a port."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import typer

from modemlab.cli.common import CliError
from modemlab.cli.replay import replay
from support.command_line import PATIENCE, Running, run
from support.serving import serving

SAME = """\
# what every module says
>> AT
<< AT\\r
<< OK
>> ATE0
<<~ ATE0\\r
<< OK
>> AT+CGMM
<<
<< EC200SCN
<<
<< OK
~~ 0.1
>> AT+CSQ
<<
<<~ \\+CSQ: \\d+,\\d+
<<
<< OK
>> ATE1
<<
<< OK
"""


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs in this process waits less for what nobody expects."""
    monkeypatch.setattr(sys.modules["modemlab.cli.replay"], "SILENCE_S", 0.12)


@pytest.fixture
def port() -> Iterator[str]:
    """The URL of a module."""
    with Running("module", "EC200S", "--port", "tcp://127.0.0.1:0") as running:
        yield running.until(r"ready on (tcp://.*)$")[1]
        assert running.end() == 0


def test_same_and_different(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0 as written, each time anew; status 1 with both sides shown where it differs."""
    transcript = tmp_path / "same.txt"
    transcript.write_text(SAME)
    for _ in range(2):
        replay(transcript, port)
        assert capsys.readouterr() == (f"{transcript}: as written\n", "")
    transcript.write_text(SAME.replace("<< EC200SCN", "<< EC600SCN"))
    done = run("replay", str(transcript), "--port", port, "--timeout", "0.2")
    assert done.returncode == 1
    assert f"{transcript}, line 10:\n  expected EC600SCN\\r\\n\n  came     EC200SCN\\r\\n" in done.stdout
    assert done.stdout.endswith(f"{transcript}: differs at 1 line\n")


@pytest.mark.parametrize("content", ["", "# a recording in which no host said anything\n# << RDY\n", "~~ 0\n"])
def test_transcript_that_sends_nothing(
    content: str, port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is as written, whatever a port says as it is opened."""
    transcript = tmp_path / "empty.txt"
    transcript.write_text(content)
    replay(transcript, port)
    assert capsys.readouterr() == (f"{transcript}: as written\n", "")


def test_what_nobody_expected_differs(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer that the transcript leaves out, in the middle and at the end."""
    transcript = tmp_path / "short.txt"
    transcript.write_text(">> AT\n>> AT\n")
    with pytest.raises(typer.Exit):
        replay(transcript, port)
    assert capsys.readouterr().out.count("came     AT\\r\\r\\nOK\\r\\n") == 2


def test_silence_ends_with_the_timeout(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that never comes is a difference."""
    transcript = tmp_path / "long.txt"
    transcript.write_text(">> ATE0\n<<~ ATE0\\r\n<< OK\n<< NEVER\n>> AT\n<<\n<< OK\n")
    with pytest.raises(typer.Exit):
        replay(transcript, port, 0.3)
    said = capsys.readouterr().out
    assert "line 4:" in said
    assert said.endswith("differs at 1 line\n")


def test_network_lines_are_passed_over_and_said_so_once(
    port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port shows nothing of the network."""
    transcript = tmp_path / "net.txt"
    transcript.write_text(">> AT\n<< AT\\r\n<< OK\nS> Pingreq()\nS: closed\n")
    replay(transcript, port)
    assert capsys.readouterr().err == "modemlab: lines that begin with S or M are not played on a port\n"


def test_pty_is_a_port_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A device by its path, and a link by its URL."""
    transcript = tmp_path / "same.txt"
    transcript.write_text(SAME)
    link = tmp_path / "tty"
    with Running("module", "EC200S", "--port", f"pty:{link}") as running:
        running.until("ready on")
        for url in (str(link), f"pty:{link}"):
            replay(transcript, url)
            assert capsys.readouterr() == (f"{transcript}: as written\n", "")
        assert running.end() == 0


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b">> AT\n?? what\n", "line 2: begins with none of"),
        (b">> A\\qT\n", "line 1: \\q is not an escape"),
        (b"<<~ (\n", "line 1: "),
        (b"# \xff\r\n>> AT\n\n>> \xff\n", "line 4: is not UTF-8"),
        (">> AT".encode("utf-16"), "line 1: is not UTF-8"),
    ],
)
def test_file_that_is_no_transcript(tmp_path: Path, content: bytes, line: str) -> None:
    """Its line is named; the port is not touched."""
    transcript = tmp_path / "bad.txt"
    transcript.write_bytes(content)
    with pytest.raises(CliError) as trouble:
        replay(transcript, "tcp://127.0.0.1:1")
    assert str(trouble.value).startswith(f"{transcript}: {line}")
    assert "\n" not in str(trouble.value)


def test_ports_that_cannot_be_opened(tmp_path: Path) -> None:
    """Nobody listens, no such device, no device at all, no URL."""
    transcript = tmp_path / "same.txt"
    transcript.write_text(SAME)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refused = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        for url, text in (
            (refused, "no program listens there"),
            ("/dev/nothing-here", "No such file or directory"),
            (str(transcript), "not a serial device"),
            ("pty", "names no device"),
            ("bad", "has no known form"),
            (f"{refused}#usbat", "cannot be opened by a host"),
        ):
            with pytest.raises(CliError) as trouble:
                replay(transcript, url)
            assert text in str(trouble.value)
            assert "\n" not in str(trouble.value)
        done = run("replay", str(transcript), "--port", refused)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("seconds", [0.0, 0.8])
def test_what_is_said_behind_a_wait_may_come_at_once_or_that_much_later(seconds: float, tmp_path: Path) -> None:
    """A `~~` ahead of the other end's line is added to --timeout, and is no time of silence."""
    transcript = tmp_path / "late.txt"
    transcript.write_text(">> AT\n<< OK\n~~ 0.7\n<< LATE\n<< MORE\n")
    server = socket.create_server(("127.0.0.1", 0))
    url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    with server, Running("replay", str(transcript), "--port", url, "--timeout", "0.4") as running:
        server.settimeout(PATIENCE)
        with server.accept()[0] as line:
            line.settimeout(PATIENCE)
            assert line.recv(100) == b"AT\r"
            line.sendall(b"OK\r\n")
            time.sleep(seconds)
            line.sendall(b"LATE\r\nMORE\r\n")
            running.until("late.txt: as written$")
            assert running.process.wait(PATIENCE) == 0


def test_port_that_closes_in_the_middle(tmp_path: Path) -> None:
    """Could not be played: status 2."""
    transcript = tmp_path / "same.txt"
    transcript.write_text(SAME)
    server = socket.create_server(("127.0.0.1", 0))
    url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    with server, Running("replay", str(transcript), "--port", url) as running:
        server.settimeout(PATIENCE)
        server.accept()[0].close()
        running.until("the other end closed the port", "stderr")
        assert running.process.wait(PATIENCE) == 2


def test_port_that_never_stops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is said without an end is passed over for --timeout, not for ever."""
    transcript = tmp_path / "endless.txt"
    transcript.write_text("\ufeff>> AT\n<< OK\n>> AT\n<<~ O+K\n", encoding="utf-8")

    def talk(line: socket.socket) -> None:
        line.settimeout(0.02)
        while True:
            with suppress(TimeoutError):
                if not line.recv(100):
                    break
            line.sendall(b"+URC\r\n")

    with serving(talk) as port, pytest.raises(typer.Exit) as ended:
        replay(transcript, f"tcp://127.0.0.1:{port}", 0.2)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().out.count(f"{transcript}, line ") == 3
