"""`--seed`, over processes: the same number and the same inputs give the same bytes, another one gives others."""

import subprocess
from pathlib import Path

from support.command_line import COMMAND, ENVIRONMENT, PATIENCE

SCENARIO = """
[[step]]
after = { command = "AT+CSQ", nth = 40 }
action = { do = "set_signal", signal = [9, 99] }

[[step]]
after = { command = "AT+CSQ", nth = 80 }
action = [{ do = "set_registration", stat = "denied", cause = 11 }, { do = "power_cycle" }]
"""
TYPED = b"AT+CREG=1\r" + b"AT+CSQ\rAT+COPS?\r" * 150


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Noise on the line and a scenario; the seed that is printed is one that can be given."""
    path = tmp_path / "day.toml"
    path.write_text(SCENARIO)
    options = ["module", "EC200S", "--port", "stdio", "--noise", "0.01", "--scenario", str(path)]
    pipe = subprocess.PIPE

    def start(*seed: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([*COMMAND, *options, *seed], env=ENVIRONMENT, stdin=pipe, stdout=pipe, stderr=pipe)

    started = [start("--seed", "7"), start("--seed", "7"), start("--seed", "8"), start()]
    (first, log), (again, same_log), (other, _), (own, own_log) = [p.communicate(TYPED, PATIENCE) for p in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0]
    assert first == again
    assert len({first, other, own}) == 3
    assert b"scenario: step 1: set_signal(signal=[9, 99])" in log
    assert b"scenario: step 2: power_cycle()" in log
    assert [line[9:] for line in log.splitlines()] == [line[9:] for line in same_log.splitlines()]
    number = own_log.partition(b"--seed ")[2].split()[0].decode()
    repeated = start("--seed", number)
    assert repeated.communicate(TYPED, PATIENCE)[0] == own
