"""Each row of the figures runs with tiny counts, and gives what it should: the programs, not the figures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.programs import require

ROOT = Path(__file__).resolve().parents[2]
# The rows that measure against mosquitto.
BROKER = {3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16}
# What is the difference of two figures, which tiny counts can turn round.
DIFFERENCES = {7, 13, 14}
# How many rows of the table each measurement gives, and the peers of each.
ROWS: dict[int, tuple[int, tuple[str, ...]]] = {
    1: (2, ("smallest echo", "smallest echo, BufferedProtocol")),
    2: (1, ("a line of 921,600 baud",)),
    3: (2, ("gmqtt", "aiomqtt", "paho", "own session")),
    4: (1, ("limit", "aiomqtt", "gmqtt", "emqtt-bench")),
    5: (4, ("bare pair",)),
    6: (2, ("mosquitto", "amqtt")),
    7: (1, ("limit", "`python -c pass`")),
    8: (2, ("asyncio's own TLS",)),
    9: (2, ("EC200S-CN",)),
    10: (3, ("by hand on pyserial", "bare line")),
    11: (1, ("limit",)),
    12: (3, ("limit", "modules alone")),
    13: (1, ("mosquitto",)),
    14: (3, ("limit", "`import modemlab` alone")),
    15: (1, ("limit", "mosquitto started by a fixture")),
    16: (1, ("2 modules",)),
}
PEERS = {
    "gmqtt": "gmqtt",
    "gmqtt in tasks": "gmqtt",
    "aiomqtt": "aiomqtt",
    "paho": "paho.mqtt.client",
    "amqtt": "amqtt",
}


def measured(number: int, home: Path, *options: str) -> list[dict[str, Any]]:
    """The rows of one measurement with tiny counts."""
    results = home / "results.json"
    command = [sys.executable, "-m", "bench", "--rows", str(number), "--scale", "0.002", "--json", str(results)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    found: list[dict[str, Any]] = json.loads(results.read_text())["rows"]
    for row in found:
        assert row["what"] in done.stdout.replace("\n", " ") or row["what"][:8] in done.stdout
    return found


@pytest.mark.parametrize("number", ROWS)
def test_a_row_runs_and_gives_figures(number: int, tmp_path: Path) -> None:
    if number in BROKER:
        require("mosquitto")
    rows = measured(number, tmp_path)
    count, peers = ROWS[number]
    assert len(rows) == count
    for row in rows:
        assert row["number"] == number
        assert row["value"] > 0 or number in DIFFERENCES
        assert {peer["name"] for peer in row["peers"]} <= set(peers)
        assert row["operation"]
        assert all(us >= 0 for us in row["cpu_us"].values())
        assert row["cpu_us"]
        assert row["how"]
        assert row["unit"]
        for peer in row["peers"]:
            if peer["value"] is None:
                assert peer["remark"].startswith(PEERS[peer["name"]])
                assert peer["remark"].endswith(" is not installed")
            else:
                assert peer["value"] >= 0 or number in DIFFERENCES
        if row["peers"][0]["value"] is not None:
            assert row["ratio"] > 0 or number in DIFFERENCES
            assert row["met"] in ((True, False) if row["target"] else (None,))


def test_a_peer_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    require("mosquitto")
    home = tmp_path / "masked"
    home.mkdir()
    for name in ("gmqtt", "aiomqtt"):
        (home / f"{name}.py").write_text("raise ImportError('masked by the test')\n")
    results = tmp_path / "results.json"
    command = [sys.executable, "-m", "bench", "--rows", "4", "--scale", "0.002", "--json", str(results)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(results.read_text())["rows"]
    remarks = {peer["name"]: (peer["value"], peer["remark"]) for peer in row["peers"]}
    assert remarks["gmqtt"] == (None, "gmqtt is not installed")
    assert remarks["aiomqtt"] == (None, "aiomqtt is not installed")
    assert "gmqtt is not installed" in done.stdout


def test_a_row_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--rows", "99", "--json", str(tmp_path / "none")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()
