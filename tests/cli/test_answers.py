"""`module --answers` and `--mistakes`, as processes: files, lists at the end, notes in the log and the trace."""

import re
import tomllib
from pathlib import Path

import pytest

from modemlab.module.custom_commands import read_custom_commands
from support.command_line import Host, Running, run

TCP = ("--port", "tcp://127.0.0.1:0")
READY = r"^EC200S-CN ready on (tcp://127\.0\.0\.1:\d+)$"


def said(running: Running) -> list[str]:
    """All of stderr, once the process has ended."""
    return running.rest("stderr")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[[answer]]\ncommand = AT", "line 2: not valid TOML: .*"),
        (b"[[answer]]\ncommand = '\xff'", "line 2: not UTF-8"),
        (
            b'[[answer]]\ncommand = "AT+X"\ndelay = "1"',
            "line 3: answer 1: delay is '1', expected a number from 0 to 3600 seconds, without quotes",
        ),
        (
            b'[[answer]]\r\ncommand = "AT+X"\r\n"\\u001b" = 1',
            r"line 3: answer 1: '\\x1b' is not a known key. One of: command, .*",
        ),
        (
            b"[[answer]]\n\n[[answer]]\nlines = []",
            r"line 1: answer 1: it has both or none of command and .*\nmodemlab: \S*: line 3: answer 2: it has .*",
        ),
        (b"\na = " + b"[" * 100_000, "line 2: nested too deeply"),
        (b"#" * (5 << 20), "line 1: a file has at most 4194304 characters, not .*"),
    ],
)
def test_a_file_with_a_mistake_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """A line for each mistake and status 2, before anything starts."""
    path = tmp_path / "answers.toml"
    path.write_bytes(content)
    done = run("module", "EC200S", *TCP, "--answers", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"modemlab: {path}: {reason}\n", done.stderr), done.stderr


def test_a_file_that_is_not_there() -> None:
    """One line and status 2."""
    done = run("module", "EC200S", *TCP, "--answers", "/nowhere")
    assert (done.returncode, done.stderr) == (2, "modemlab: /nowhere: No such file or directory\n")


def test_unknown_commands_are_listed_and_the_list_is_a_file(tmp_path: Path) -> None:
    """At the end, on stderr; pasted into a file, with lines filled in, they are answered."""
    with Running("module", "EC200S", *TCP) as running:
        with Host(running.until(READY)[1]) as host:
            assert host.ask("AT+QODD?").endswith(b"\r\nERROR\r\n")
            assert host.ask("AT+QODD?").endswith(b"\r\nERROR\r\n")
            assert host.ask('AT^X="\\"').endswith(b"\r\nERROR\r\n")
        assert running.end() == 0
    listed = [line for line in said(running)[:-1] if " module: " not in line]
    assert listed == [
        "# EC200S-CN does not know these commands; this is a file for --answers, to be filled in:",
        "[[answer]]  # typed 2 times",
        'command = "AT+QODD?"',
        "lines = []",
        "[[answer]]  # typed 1 time",
        'command = "AT^X=\\"\\\\\\""',
        "lines = []",
    ]
    text = "\n".join(listed)
    assert len(read_custom_commands(tomllib.loads(text))) == 2
    path = tmp_path / "answers.toml"
    path.write_text(text.replace("lines = []", 'lines = ["+QODD: 1"]\ndelay = 0.1', 1))
    with Running("module", "EC200S", *TCP, "--answers", str(path)) as running:
        with Host(running.until(READY)[1]) as host:
            assert host.ask("AT+QODD?") == b"\r\nRDY\r\nAT+QODD?\r\r\n+QODD: 1\r\n\r\nOK\r\n"
            assert host.ask('AT^X="\\"').endswith(b"\r\nOK\r\n")
        assert running.end() == 0
    assert said(running) == ["<the end>"]


@pytest.mark.parametrize("subcommand", [("module", "EC200S", *TCP), ("up",)])
def test_commands_of_the_manuals_and_misspelt_ones_are_told_apart(subcommand: tuple[str, ...]) -> None:
    """In the log as they happen, and at the end, which is a file still."""
    known = "AT+QIOPEN is known, not simulated (TCP/IP guide V1.2, 2.2.4); --answers FILE can answer it"
    with Running(*subcommand) as running:
        with Host(running.until(READY)[1]) as host:
            host.ask("AT+QIOPEN=1,0")
            assert running.until("known", "stderr").string.endswith(f" module: AT+QIOPEN=1,0: {known}")
            host.ask("AT+QMTPUBX?")
            host.ask("AT+QODD")
        assert running.end() == 0
    listed = [line for line in said(running)[:-1] if " module: " not in line]
    assert listed == [
        "# EC200S-CN does not know these commands; this is a file for --answers, to be filled in:",
        "[[answer]]  # typed 1 time; did you mean AT+QMTPUBEX?",
        'command = "AT+QMTPUBX?"',
        "lines = []",
        "[[answer]]  # typed 1 time",
        'command = "AT+QODD"',
        "lines = []",
        "# EC200S-CN knows these commands, but does not simulate them; this is a file for --answers, to be filled in:",
        "[[answer]]  # typed 1 time; TCP/IP guide V1.2, 2.2.4",
        'command = "AT+QIOPEN=1,0"',
        "lines = []",
    ]
    assert len(read_custom_commands(tomllib.loads("\n".join(listed)))) == 3


@pytest.mark.parametrize("subcommand", [("module", "EC200S", *TCP), ("up",)])
def test_mistakes_are_told_as_they_happen_and_in_sum(subcommand: tuple[str, ...], tmp_path: Path) -> None:
    """In the log, in the trace, and at the end."""
    trace = tmp_path / "trace"
    with Running(*subcommand, "--mistakes", "--trace", str(trace)) as running:
        with Host(running.until(READY)[1]) as host:
            host.say(b"AT\rAT+CSQ\r")
            host.until(b"+CSQ: 24,99\r\n\r\nOK\r\n")
            told = "AT+CSQ: mistake: the next command before the last one's final result (V.250, 5.5)"
            assert running.until("mistake", "stderr").string.endswith(f" module: {told}")
        assert running.end() == 0
    assert said(running)[:-1] == [
        "# mistake of the host: 1 x the next command before the last one's final result, first with AT+CSQ"
    ]
    assert f" -- {told}\n" in trace.read_text()


def test_mistakes_are_not_told_unless_asked_for() -> None:
    """Nothing on stderr."""
    with Running("module", "EC200S", *TCP) as running:
        with Host(running.until(READY)[1]) as host:
            host.say(b"AT\rAT+CSQ\r")
            host.until(b"+CSQ: 24,99\r\n\r\nOK\r\n")
        assert running.end() == 0
    assert said(running) == ["<the end>"]
