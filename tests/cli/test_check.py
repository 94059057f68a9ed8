"""`modemlab check`: a program on a module, held to a file; exit statuses, JUnit XML, and what is left of a failure."""

import os
import signal
import sys
import xml.etree.ElementTree as Xml
from pathlib import Path

import pytest

from command_line import Running, run
from modemlab.bench.check_file import read_check
from modemlab.cli.check import Job
from modemlab.cli.running import Trouble
from tls_world import world

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")

CHECK = r"""
[module]
model = "EC600S-CN"

[program]
timeout = 10

[[step]]
after = { command = "AT+CREG" }
action = { do = "cover", stat = "denied" }

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
    assert lines[4:] == [
        "not met  exit = 0: did not come; the latest that came instead: exit status 7",
        "FILE: 3 of 5 met",
    ]
    assert "What passed" in told.splitlines()[0]
    assert any(line.endswith("-- scenario: step 1: cover(stat='denied')") for line in told.splitlines())
    suite = Xml.parse(out).getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("5", "2")
    failures = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failures == ["never urc = 'RDY'", "exit = 0"]
    assert ">> AT+CREG=1\\r" in (suite.findtext("system-out") or "")


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    status, said, _ = check(tmp_path, "[program]\ntimeout = 0.2\n", "exec sleep 600")
    assert (status, said.splitlines()) == (
        1,
        [
            "not met  exit = 0: did not come",
            "not met  the program runs to its end: the program did not end within 0.2 s",
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
        ("[[expect]]\nline = 1", ("true",), "FILE: line 1: expect: line: line is 1, expected a regular expression"),
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
        ("[module]\nnetwork = 'cat9'", "FILE: 'cat9' is no network profile; did you mean 'cat1'? One of: lab,"),
        ("[module]\nquirk = ['x']", "FILE: 'x' is no quirk of"),
        ("[module]\nfifo = 5", "FILE: --fifo needs --baud"),
        ("[module]\nconnect_to = ['x']", "FILE: --connect-to 'x' is not of the form"),
        ("[module]\nport = 'stdio'", "FILE: port 'stdio' is none that a program can open: "),
        ("[module]\nport = 'com1'", "FILE: port 'com1' is of no known kind"),
        ("[module]\nanswers = 'gone.toml'", "No such file or directory"),
        ("[broker]\ncertificate = 'gone.pem'", "FILE: HOME/gone.pem: No such file or directory"),
        ("[broker]\ncertificate = 'check.toml'", "FILE: FILE: "),
        ("[broker]\nusers = 'check.toml'", "FILE: FILE: line 1: not name:password"),
    ],
)
def test_a_module_that_cannot_be_is_told_ahead(content: str, line: str, tmp_path: Path) -> None:
    """By the words of the options, before anything starts."""
    path = tmp_path / "check.toml"
    path.write_text(content)
    with pytest.raises((Trouble, OSError)) as caught:
        Job(path, read_check(content), ["true"])
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
    content += '[broker]\ncertificate = "server.pem"\nclients = "ca.pem"\n'
    (tmp_path / "check.toml").write_text(content)
    pub = ("modemlab", "pub", "--host", "x.example", "-t", "a", "-m", "b", "-q", "1", "--cafile", "ca.pem")
    told = []
    for more in (("--cert", "client.pem", "--key", "client.key"), ()):
        command = ["check", str(tmp_path / "check.toml"), "--", sys.executable, "-m", *pub, *more]
        done = run(*command, cwd=tmp_path)
        told.append((done.returncode, done.stdout.splitlines()[0]))
    refused = "not met  exit = 0: did not come; the latest that came instead: exit status 1"
    assert told == [(0, "met      exit = 0"), (1, refused)]
