"""`--scenario`: a file is read whole before anything starts, and played then."""

from pathlib import Path

import pytest

from support.command_line import Host, Running, run

READY = r"^EC200S-CN ready on (tcp://127\.0\.0\.1:\d+)$"
GOOD = '[[step]]\nafter = {command = "AT+CGMM"}\naction = {do = "set_registration", stat = "denied"}\n'


@pytest.mark.parametrize("subcommand", [["module", "EC200S"], ["up"]])
@pytest.mark.parametrize(
    ("content", "line"),
    [
        (GOOD.replace("denied", "den\x1b[31m").encode(), "line 3: not valid TOML: Illegal character '\\x1b'"),
        (
            GOOD.replace("denied", "den\xefed").encode(),
            "line 3: set_registration: stat is 'denïed', expected one of not registered",
        ),
        (GOOD.replace("denied", "den\\u001bed").encode(), "stat is 'den\\x1bed', expected"),
        (
            GOOD.replace("CGMM", "CGMMM").encode(),
            "line 2: after: command: command is 'AT+CGMMM', expected one that the module",
        ),
        (b"[[step]]\nat = \xff", "line 2: not UTF-8"),
        (b"", "line 1: step is missing, expected at least one [[step]]"),
        (b"#" * (2 << 20), "line 1: a file has at most 1048576 characters"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(subcommand: list[str], content: bytes, line: str, tmp_path: Path) -> None:
    """The file, its line and what was expected; nothing has started."""
    path = tmp_path / "day.toml"
    path.write_bytes(content)
    done = run(*subcommand, "--scenario", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"modemlab: {path}: line ")
    assert done.stderr.count("\n") == 1
    assert line in done.stderr


def test_a_file_that_is_not_there() -> None:
    done = run("module", "EC200S", "--scenario", "/nowhere/day.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "modemlab: /nowhere/day.toml: No such file or directory\n"


@pytest.mark.parametrize("subcommand", [["module", "EC200S", "--port", "tcp://127.0.0.1:0"], ["up"]])
def test_a_scenario_is_played(subcommand: list[str], tmp_path: Path) -> None:
    """Its steps are logged; --network holds until a step says otherwise, and the seed is told if a step needs one."""
    path = tmp_path / "day.toml"
    path.write_text(GOOD + '[[step]]\nat = 0\naction = {do = "conditions", profile = "cat1"}\n')
    with Running(*subcommand, "--scenario", str(path), "--network", "tunnel", "--seed", "7") as running:
        url = running.until(READY)[1]
        running.until(r"scenario: step 2: conditions\(profile='cat1'\)", "stderr")
        running.until(r"network: random seed 7; --seed 7 repeats this run", "stderr")
        with Host(url) as host:
            host.ask("AT+CREG=1")
            host.ask("AT+CGMM")
            host.until(b"\r\n+CREG: 3\r\n")
        running.until(r"scenario: step 1: set_registration\(stat='denied'\)", "stderr")
        assert running.end() == 0


PUBLISHED = """\
[[step]]
after = {topic = "pump/7/hello"}
action = {do = "publish", topic = "pump/7/set", payload = "off"}
"""


def test_beside_its_own_broker_a_scenario_publishes(tmp_path: Path) -> None:
    """A step waits for what the module publishes, and answers; without that broker there is no such action."""
    path = tmp_path / "day.toml"
    path.write_text(PUBLISHED)
    with Running("up", "--scenario", str(path)) as running:
        with Host(running.until(READY)[1]) as host:
            host.paste(['AT+QMTOPEN=0,"h",1883', 'AT+QMTCONN=0,"pump-7"', 'AT+QMTSUB=0,1,"pump/7/set",0'])
            host.paste(['AT+QMTPUBEX=0,0,0,0,"pump/7/hello",2', "hi"])
            host.until(b'\r\n+QMTRECV: 0,0,"pump/7/set","off"\r\n')
        running.until("^pump/7/set off$")
        assert running.end() == 0
    for arguments in (["module", "EC200S"], ["up", "--broker", "127.0.0.1:1"]):
        done = run(*arguments, "--scenario", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert "line 2: after is {'topic': 'pump/7/hello'}, expected a table with one of packet" in done.stderr
