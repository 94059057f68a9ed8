"""Row 7: from starting `modemlab module` to its being ready, beside `python -c pass`."""

import subprocess
import sys
import time

from bench.hosts import MODEL
from bench.processes import ROOT, Missing, median
from bench.report import Options, Peer, Row

ROUNDS = 11
PATIENCE = 30.0
MOST = 0.4


def python() -> float:
    """Seconds of an interpreter that does nothing."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True, timeout=PATIENCE, cwd=ROOT)
    return time.perf_counter() - began


def module() -> float:
    """Seconds until a module says that it is ready."""
    command = [sys.executable, "-m", "modemlab", "module", MODEL, "--port", "tcp://127.0.0.1:0"]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True, cwd=ROOT
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


def rows(options: Options) -> list[Row]:
    """The row."""
    rounds = options.count(ROUNDS, 2)
    module()  # compiled files are there from the second time on
    modules, pythons = [], []
    for _ in range(rounds):
        modules.append(module())
        pythons.append(python())
    ready, bare = median(modules), median(pythons)
    return [
        Row(
            7,
            "`modemlab module` to ready",
            f"{rounds} starts each in turn, medians; TCP port, warm caches; the target is {MOST} s more than the "
            "interpreter alone",
            "s",
            ready,
            (Peer("python -c pass", bare),),
            most=(bare + MOST) / bare,
            cpu={"the process that starts": 1.0},
            remarks=(f"{ready - bare:.3f} s more",),
        )
    ]
