"""`--scenario`: a file is read whole before anything starts, and played then."""

from pathlib import Path

import pytest

from command_line import Host, Running, run

READY = r"^EC200S-CN ready on (tcp://127\.0\.0\.1:\d+)$"
GOOD = '[[step]]\nafter = {command = "AT+CGMM"}\naction = {do = "cover", stat = "denied"}\n'


@pytest.mark.parametrize("subcommand", [["module", "EC200S"], ["up"]])
@pytest.mark.parametrize(
    ("content", "line"),
    [
        (GOOD.replace("denied", "den\x1b[31m").encode(), "line 3: no TOML: Illegal character '\\x1b'"),
        (GOOD.replace("denied", "den\xefed").encode(), "line 3: cover: stat: coverage is 0 not registered"),
        (GOOD.replace("denied", "den\\u001bed").encode(), "not 'den\\x1bed'"),
        (GOOD.replace("CGMM", "CGMMM").encode(), "line 2: after: command is 'AT+CGMMM', expected one that the module"),
        (b"[[step]]\nat = \xff", "line 2: not UTF-8"),
        (b"", "line 1: expected at least one [[step]]"),
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
        running.until(r"network: chance started from 7; --seed 7 repeats it", "stderr")
        with Host(url) as host:
            host.ask("AT+CREG=1")
            host.ask("AT+CGMM")
            host.until(b"\r\n+CREG: 3\r\n")
        running.until(r"scenario: step 1: cover\(stat='denied'\)", "stderr")
        assert running.end() == 0
