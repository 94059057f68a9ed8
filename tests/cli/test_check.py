"""`modemlab check`: a program on a module, held to a file; exit statuses, JUnit XML, and what is left of a failure."""

import os
import re
import signal
import sys
import xml.etree.ElementTree as Xml
from pathlib import Path

import pytest

from modemlab.cli.check import ProgramRun
from modemlab.cli.common import CliError
from modemlab.lab.check_file import read_check
from modemlab.lab.observer import MAX_SHOWN_CHARACTERS, LabObserver
from support.certificates import world
from support.command_line import Running, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")

CHECK = r"""
[module]
model = "EC600S-CN"

[program]
timeout = 10

[[step]]
after = { command = "AT+CREG" }
action = { do = "set_registration", stat = "denied" }

[[expect]]
line = '\+CREG: 3'
within = 5

[[expect]]
urc = "+QMTSTAT"
never = true

[[expect]]
mistakes = 0
"""
# A host in the shell: types, and waits for the words.
HOST = """
case $MODEMLAB_MQTT_HOST:$MODEMLAB_MQTT_PORT in 127.0.0.1:[1-9]*) ;; *) exit 9 ;; esac
exec 3<>"$MODEMLAB_PORT"
printf 'AT+CREG=1\\r' >&3
while read -r line <&3; do
    case $line in *'+CREG: 3'*) exit $STATUS ;; esac
done
"""


def check(tmp_path: Path, content: str, script: str, status: int = 0, *options: str) -> tuple[int, str, str]:
    """The exit status of the check, and what it printed."""
    path = tmp_path / "check.toml"
    path.write_text(content)
    done = run("check", str(path), *options, "--", "sh", "-c", script.replace("$STATUS", str(status)))
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.replace(str(path), "FILE"), done.stderr


def test_a_program_that_does_as_expected(tmp_path: Path) -> None:
    out = tmp_path / "out.xml"
    status, said, told = check(tmp_path, CHECK, HOST, 0, "--junit", str(out))
    assert (status, told) == (0, "")
    assert said.splitlines() == [
        "met      line = '\\+CREG: 3'",
        "met      never urc = '+QMTSTAT'",
        "met      mistakes = 0",
        "met      exit = 0",
        "FILE: 4 of 4 met",
    ]
    suite = Xml.parse(out).getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("4", "0")


def test_a_program_that_does_not(tmp_path: Path) -> None:
    """Status 1: what was not met and why, the traffic on stderr and in the XML."""
    out = tmp_path / "out.xml"
    content = CHECK.replace("[[step]]", '[[expect]]\nurc = "RDY"\nnever = true\n\n[[step]]')
    status, said, told = check(tmp_path, content, HOST, 7, "--junit", str(out))
    assert status == 1
    lines = said.splitlines()
    assert lines[0].startswith("not met  never urc = 'RDY': came after ")
    assert lines[1:4] == ["met      line = '\\+CREG: 3'", "met      never urc = '+QMTSTAT'", "met      mistakes = 0"]
    assert lines[4:] == ["not met  exit = 0: exit status 7, expected 0", "FILE: 3 of 5 met"]
    assert "Traffic, with the seconds" in told.splitlines()[0]
    assert any(line.endswith("-- scenario: step 1: set_registration(stat='denied')") for line in told.splitlines())
    suite = Xml.parse(out).getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("5", "2")
    failures = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failures == ["never urc = 'RDY'", "exit = 0"]
    assert ">> AT+CREG=1\\r" in (suite.findtext("system-out") or "")


# Types what XML cannot hold, connects, publishes, and ends as told.
NOISY = r"""
exec 3<>"$MODEMLAB_PORT"
await() { while read -r line <&3; do case $line in *"$1"*) return ;; esac; done; exit 9; }
printf '\000\033\377\001AT\r' >&3; await OK
printf 'AT+QMTOPEN=0,"b.example",1883\r' >&3; await '+QMTOPEN: 0,0'
printf 'AT+QMTCONN=0,"pump"\r' >&3; await '+QMTCONN: 0,0,0'
i=0
while [ $i -lt $COUNT ]; do printf 'AT+CSQ\r' >&3; await OK; i=$((i+1)); done
exit 3
"""


def test_the_traffic_stands_in_the_case_that_failed(tmp_path: Path) -> None:
    """Line and network; in no other case; the program's status in plain words. Times count from one zero."""
    out = tmp_path / "out.xml"
    content = "[[expect]]\nline = 'OK'\n[[expect]]\nurc = '+QMTSTAT'\n"
    status, said, told = check(tmp_path, content, NOISY.replace("$COUNT", "0"), 0, "--junit", str(out))
    assert status == 1
    assert said.splitlines()[-2:] == ["not met  exit = 0: exit status 3, expected 0", "FILE: 1 of 3 met"]
    assert "urc = '+QMTSTAT': came 0 times, expected once; nearest: '+QMT" in said
    suite = Xml.parse(out).getroot().find("testsuite")
    assert suite is not None
    cases = {case.get("name"): case.findtext("system-out") or "" for case in suite.iter("testcase")}
    assert cases["line = 'OK'"] == ""
    for name in ("urc = '+QMTSTAT'", "exit = 0"):
        assert r">> \x00\x1b\xff\x01AT\r" in cases[name]
        assert "S> 1 Connect(" in cases[name]
        assert "S< 1 Connack(" in cases[name]
    failure = suite.find("testcase[@name='exit = 0']/failure")
    assert failure is not None
    assert failure.get("message") == "exit status 3, expected 0"
    times = [float(line.split()[0]) for line in told.splitlines()[1:]]
    assert len(times) > 10
    assert times == sorted(times)
    assert times[0] == 0.0


def test_the_traffic_of_a_failed_case_is_bounded(tmp_path: Path) -> None:
    """The latest of it, and how much there was."""
    out = tmp_path / "out.xml"
    assert check(tmp_path, "", NOISY.replace("$COUNT", "300"), 0, "--junit", str(out))[0] == 1
    traffic = Xml.parse(out).getroot().findtext(".//testcase/system-out") or ""
    first, *lines = traffic.splitlines()
    assert re.fullmatch(r"\(the latest 200 of \d+ lines\)", first)
    assert len(lines) == 200


def test_long_lines_of_traffic_are_bounded() -> None:
    """By their characters, the latest whole ones alone."""
    witness = LabObserver(lambda _event, _at: None, lambda _data: None, lambda: 1.5)
    for number in range(150):
        witness.trace.say(f"{number} {'x' * 2000}")
    shown = witness.shown(200)
    first, *lines = shown.splitlines()
    assert first == "(the latest 32 of 150 lines)"
    assert [line.split()[:3] for line in (lines[0], lines[-1])] == [["1.500", "--", "118"], ["1.500", "--", "149"]]
    assert sum(len(line) + 1 for line in lines) <= MAX_SHOWN_CHARACTERS


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    status, said, _ = check(tmp_path, "[program]\ntimeout = 0.2\n", "exec sleep 600")
    assert (status, said.splitlines()) == (
        1,
        [
            "not met  exit = 0: the program was still running, expected exit status 0",
            "not met  the program runs to its end: it was still running after 0.2 s, and was ended",
            "FILE: 0 of 2 met",
        ],
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_and_a_closed_window_end_program_and_check(number: int, tmp_path: Path) -> None:
    path = tmp_path / "check.toml"
    path.write_text("")
    with Running("check", str(path), "--", "sh", "-c", "echo started $$; exec sleep 600") as running:
        program = int(running.until(r"^started (\d+)$")[1])
        assert running.end(number) == 1
        with pytest.raises(ProcessLookupError):
            os.kill(program, 0)
        running.until("not met  the program runs to its end: it was interrupted")


@pytest.mark.parametrize(
    ("content", "command", "line"),
    [
        ("[[expect]]\nline = 1", ("true",), "FILE: line 2: expect: line: line is 1, expected a regular expression"),
        ("", ("/nowhere/program",), "/nowhere/program: No such file or directory"),
        ("", (), "Missing argument '-- PROGRAM [ARGUMENT]...'"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_status_2(
    content: str, command: tuple[str, ...], line: str, tmp_path: Path
) -> None:
    path = tmp_path / "check.toml"
    path.write_text(content)
    done = run("check", str(path), "--", *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert line.replace("FILE", str(path)) in done.stderr


def test_a_place_that_cannot_take_the_results_is_told_ahead(tmp_path: Path) -> None:
    """No program has run for nothing."""
    for place, reason in ((tmp_path, "Is a directory"), (tmp_path / "a" / "out.xml", "there is no directory")):
        status, out, err = check(tmp_path, "", f"touch {tmp_path}/ran", 0, "--junit", str(place))
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert reason in err
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[module]\nimei = '1'", "FILE: IMEI '1' is not 15 digits"),
        ("[module]\nfifo = 5", "FILE: --fifo needs --baud"),
        ("[module]\nconnect_to = ['x']", "FILE: --connect-to 'x' is not of the form"),
        ("[module]\nport = 'stdio'", "FILE: port 'stdio' is none that a program can open: "),
        ("[module]\nport = 'com1'", "FILE: port 'com1' has no known form"),
        ("[module]\nanswers = 'gone.toml'", "No such file or directory"),
        ("[broker]\ncertificate = 'gone.pem'", "FILE: HOME/gone.pem: No such file or directory"),
        ("[broker]\ncertificate = 'check.toml'", "FILE: FILE: "),
        ("[broker]\nusers = 'check.toml'", "FILE: FILE: line 1: not name:password"),
        ("[broker]\nusers = '/nowhere'", "FILE: /nowhere: No such file or directory"),
    ],
)
def test_a_module_that_cannot_be_is_told_ahead(content: str, line: str, tmp_path: Path) -> None:
    """By the words of the options, before anything starts."""
    path = tmp_path / "check.toml"
    path.write_text(content)
    with pytest.raises((CliError, OSError)) as caught:
        ProgramRun(path, read_check(content), ["true"])
    assert line in str(caught.value).replace(str(path), "FILE").replace(str(tmp_path), "HOME")


def test_a_program_of_ones_own_interpreter_finds_users_and_port(tmp_path: Path) -> None:
    """Paths of the file are from its own directory on; the broker asks for a user."""
    (tmp_path / "users.txt").write_text("pump:secret\n")
    content = '[module]\nport = "tcp://127.0.0.1:0"\n[broker]\nusers = "users.txt"\n[[expect]]\ntopic = "a"\nqos = 1\n'
    path = tmp_path / "check.toml"
    path.write_text(content)
    pub = (
        "-m",
        "modemlab",
        "pub",
        "--host",
        "x.example",
        "-u",
        "pump",
        "-P",
        "secret",
        "-t",
        "a",
        "-q",
        "1",
        "-m",
        "b",
    )
    done = run("check", str(path), "--", sys.executable, *pub)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "met      topic = 'a', qos = 1"


def test_a_broker_that_speaks_tls_and_wants_a_certificate(tmp_path: Path) -> None:
    """Files beside the check's; whoever has the client's certificate is let in, nobody else."""
    mine = world()
    for name, data in (
        ("server.pem", mine.server.certificate + mine.server.key),
        ("ca.pem", mine.authority),
        ("client.pem", mine.client.certificate),
        ("client.key", mine.client.key),
    ):
        (tmp_path / name).write_bytes(data)
    content = '[module]\nport = "tcp://127.0.0.1:0"\n[program]\ntimeout = 30\n'
    content += '[broker]\ncertificate = "server.pem"\nclient_ca = "ca.pem"\n'
    (tmp_path / "check.toml").write_text(content)
    pub = ("modemlab", "pub", "--host", "x.example", "-t", "a", "-m", "b", "-q", "1", "--cafile", "ca.pem")
    told = []
    for more in (("--cert", "client.pem", "--key", "client.key"), ()):
        command = ["check", str(tmp_path / "check.toml"), "--", sys.executable, "-m", *pub, *more]
        done = run(*command, cwd=tmp_path)
        told.append((done.returncode, done.stdout.splitlines()[0]))
    refused = "not met  exit = 0: exit status 1, expected 0"
    assert told == [(0, "met      exit = 0"), (1, refused)]
