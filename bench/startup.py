"""Row 7: from starting `modemlab module` to its being ready, more than `python` alone."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from bench.hosts import MODEL
from bench.processes import ROOT, Missing, median
from bench.report import Options, Peer, Row

ROUNDS = 11
PATIENCE = 30.0
# The target, in seconds.
MOST = 0.22
PYTHON = "`python -c pass`"
# Compiled files are there from the second start on.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
MODULE = (sys.executable, "-m", "modemlab", "module", MODEL, "--port", "tcp://127.0.0.1:0")


def run(*arguments: str) -> None:
    """Run an interpreter to its end."""
    subprocess.run([sys.executable, *arguments], check=True, timeout=PATIENCE, cwd=ROOT, env=ENVIRONMENT)


def module() -> float:
    """Start a module, and end it; the seconds until it says that it is ready."""
    began = time.perf_counter()
    process = subprocess.Popen(
        MODULE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if " ready on " in line:
                return time.perf_counter() - began
        raise Missing("`modemlab module` that starts")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def cost(start: Callable[[], float | None]) -> tuple[float, float]:
    """The seconds that a start takes, and the CPU-microseconds of its process."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    seconds = start()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall if seconds is None else seconds, spent * 1e6


def costs(starts: dict[str, Callable[[], float | None]], rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """The seconds and the CPU-microseconds of each start, medians of so many in turn after a first one."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in starts}
    for start in starts.values():
        start()
    for _ in range(rounds):
        for name, start in starts.items():
            found[name].append(cost(start))
    return (
        {name: median([seconds for seconds, _ in each]) for name, each in found.items()},
        {name: median([us for _, us in each]) for name, each in found.items()},
    )


def rows(options: Options) -> list[Row]:
    """The row."""
    rounds = options.count(ROUNDS, 2)
    seconds, cpu_us = costs({"module": module, PYTHON: lambda: run("-c", "pass")}, rounds)
    return [
        Row(
            7,
            "`modemlab module` to ready, more than python",
            f"{rounds} starts each in turn, medians; compiled files are there; {MODEL} on a TCP port",
            "s",
            seconds["module"] - seconds[PYTHON],
            (Peer("limit", MOST, f"the target of {MOST} s"), Peer(PYTHON, seconds[PYTHON])),
            most=1.0,
            cpu={"module": 1.0},
            operation="a start, and its end",
            cpu_us=cpu_us,
        )
    ]
