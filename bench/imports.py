"""Row 14: importing what programs use, more than `python` alone."""

from functools import partial

from bench.report import Options, Peer, Row
from bench.startup import PYTHON, ROUNDS, costs, run

# The target, in milliseconds.
MOST = 130.0
NAMES = ("Modem", "SyncModem", "VirtualModule")
ALONE = "`import modemlab` alone"


def importing(name: str) -> None:
    """Run an interpreter that imports a public name."""
    run("-c", f"from modemlab import {name}")


def rows(options: Options) -> list[Row]:
    """A row for each name."""
    rounds = options.count(ROUNDS, 2)
    seconds, cpu_us = costs(
        {
            PYTHON: lambda: run("-c", "pass"),
            ALONE: lambda: run("-c", "import modemlab"),
            **{name: partial(importing, name) for name in NAMES},
        },
        rounds,
    )
    bare = seconds[PYTHON]
    return [
        Row(
            14,
            f"import of {name}",
            f"`from modemlab import {name}`, more than python; {rounds} starts each in turn, medians; compiled files "
            "are there",
            "ms",
            (seconds[name] - bare) * 1000,
            (Peer("limit", MOST, f"the target of {MOST:g} ms"), Peer(ALONE, max(0.0, seconds[ALONE] - bare) * 1000)),
            most=1.0,
            cpu={name: 1.0},
            operation="a process that does it",
            cpu_us={each: cpu_us[each] for each in (name, ALONE, PYTHON)},
        )
        for name in NAMES
    ]
