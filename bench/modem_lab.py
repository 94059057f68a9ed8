"""Row 15: a test with the fixture `modem_lab`, beside one whose fixture starts mosquitto.

Each kind is a file of tests that a pytest of its own runs; what a test takes, from the fixture to its end, is as pytest
reports it. The first one, which imports what all need, does not count.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from bench.processes import ROOT, Missing, median
from bench.report import Options, Peer, Row

ROUNDS = 5
COUNT = 200
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


def times(home: Path, text: str, count: int) -> tuple[list[float], float]:
    """The seconds of each of so many tests of that kind but the first, and the CPU-microseconds of a test.

    Raises `Missing` when they do not pass.
    """
    file, report = home / "test_generated.py", home / "report.xml"
    file.write_text(text.format(count=count + 1))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--junitxml={report}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, str(file)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise Missing(f"a test that passes: {done.stdout[-500:]}{done.stderr[-500:]}")
    _, *rest = ElementTree.parse(report).iter("testcase")
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return [float(case.attrib["time"]) for case in rest], spent / (count + 1) * 1e6


def rows(options: Options) -> list[Row]:
    """The row."""
    count, slow, rounds = options.count(COUNT, 20), options.count(SLOW_COUNT, 2), options.count(ROUNDS)
    found: list[float] = []
    others: list[float] = []
    cpu_us: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for _ in range(rounds):
            seconds, spent = times(home, WITH_LAB, count)
            found += seconds
            cpu_us.append(spent)
            others += times(home, WITH_MOSQUITTO, slow)[0]
    return [
        Row(
            15,
            "a test with modem_lab that connects, publishes with QoS 1 and is done",
            f"{count} such tests in a pytest of their own, as it reports them, the first left out; {rounds} rounds in "
            f"turn, medians; the other tests start mosquitto each and publish on a socket, {slow} of them",
            "ms",
            median(found) * 1000,
            (
                Peer("limit", MOST, f"the target of {MOST:g} ms"),
                Peer("mosquitto started by a fixture", median(others) * 1000),
            ),
            most=1.0,
            cpu={"pytest": 1.0},
            operation="a test, pytest's start and reports included",
            cpu_us={"pytest": median(cpu_us)},
        )
    ]
