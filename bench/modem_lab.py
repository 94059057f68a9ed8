"""Row 15: a test with the fixture `modem_lab`, beside one whose fixture starts mosquitto.

Each kind is a file of tests that a pytest of its own runs, one with few and one with many of them: what they differ by
is what the tests cost, from fixture to the end.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.processes import ROOT, Missing, median
from bench.report import Options, Peer, Row

ROUNDS = 5
FEW, COUNT = 5, 200
# The same, of those that start a program.
SLOW_COUNT = 20
# The target, in milliseconds.
MOST = 3.0
PATIENCE = 300.0

WITH_LAB = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_publish(modem_lab, number):
    modem_lab.command("ATE0")
    modem_lab.command('AT+QMTOPEN=0,"broker.example",1883')
    modem_lab.expect(urc="+QMTOPEN: 0,0")
    modem_lab.command('AT+QMTCONN=0,"pump-7"')
    modem_lab.expect(urc="+QMTCONN: 0,0,0")
    modem_lab.command('AT+QMTPUBEX=0,1,1,0,"pump/7/state",2', data=b"on")
    modem_lab.expect(urc="+QMTPUBEX: 0,1,0")
    modem_lab.expect(topic="pump/7/state", payload="on")
"""

WITH_MOSQUITTO = """
import socket
import subprocess
import time
import pytest
from bench.processes import mosquitto

@pytest.fixture
def broker():
    with mosquitto() as running:
        yield running.port

@pytest.mark.parametrize("number", range({count}))
def test_publish(broker, number):
    with socket.create_connection(("127.0.0.1", broker), 10) as line:
        line.sendall(bytes.fromhex("100c00044d5154540402003c0000"))
        assert line.recv(4) == bytes.fromhex("20020000")
        line.sendall(bytes.fromhex("3206000161000178"))
        assert line.recv(4) == bytes.fromhex("40020001")
"""


def seconds_of(home: Path, text: str, count: int) -> float:
    """The seconds that pytest takes for so many tests of that kind. Raises `Missing` when they do not pass."""
    file = home / "test_generated.py"
    file.write_text(text.format(count=count))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(file)]
    began = time.perf_counter()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode:
        raise Missing(f"a test that passes: {done.stdout[-500:]}{done.stderr[-500:]}")
    return time.perf_counter() - began


def milliseconds(home: Path, text: str, count: int) -> float:
    """What a test of that kind takes."""
    return (seconds_of(home, text, FEW + count) - seconds_of(home, text, FEW)) / count * 1000


def rows(options: Options) -> list[Row]:
    """The row."""
    count, slow, rounds = options.count(COUNT, 20), options.count(SLOW_COUNT, 2), options.count(ROUNDS)
    found: list[float] = []
    others: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for _ in range(rounds):
            found.append(milliseconds(home, WITH_LAB, count))
            others.append(milliseconds(home, WITH_MOSQUITTO, slow))
    spent = max(0.0, median(found))
    return [
        Row(
            15,
            "a test with modem_lab that connects, publishes with QoS 1 and is done",
            f"pytest's time for {FEW + count} such tests less that for {FEW}, divided by {count}; {rounds} rounds in "
            f"turn, medians; the other tests start mosquitto each and publish on a socket, {slow} of them",
            "ms",
            spent,
            (Peer("limit", MOST, f"the target of {MOST:g} ms"), Peer("mosquitto started by a fixture", median(others))),
            most=1.0,
            cpu={"pytest": 1.0},
            operation="a test",
            cpu_us={"pytest": spent * 1000},
        )
    ]
