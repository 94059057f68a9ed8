"""`python -m bench`: measure, print the table and write the JSON file."""

import argparse
import importlib
import sys
from pathlib import Path

from rich.console import Console

from bench.processes import Missing
from bench.report import Options, Row, show, write

ROWS = {
    1: "round_trips",
    2: "in_memory",
    3: "publish",
    4: "memory",
    5: "latency",
    6: "brokers",
    7: "startup",
    8: "tls",
    9: "families",
    10: "driver",
    11: "urcs",
    12: "drivers",
    13: "broker_memory",
    14: "imports",
    15: "modem_lab",
    16: "scale",
}


def chosen(text: str) -> list[int]:
    """The rows of `1,3`."""
    numbers = [int(part) for part in text.split(",")]
    if not set(numbers) <= set(ROWS):
        raise ValueError(text)
    return numbers


def main() -> int:
    """Run; the exit status is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure modemlab beside its peers.")
    parser.add_argument("--rows", type=chosen, default=list(ROWS), help="which rows, such as 1,3 (all)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the counts")
    parser.add_argument("--scale", type=float, default=1.0, help="multiply all counts (1)")
    parser.add_argument("--uvloop", action="store_true", help="run what is asyncio on uvloop, peers too")
    parser.add_argument("--json", type=Path, default=Path("bench-results.json"), help="where the results go")
    arguments = parser.parse_args()
    options = Options(arguments.scale * (0.1 if arguments.quick else 1.0), arguments.uvloop)
    console, progress = Console(), Console(stderr=True)
    found: list[Row] = []
    for number in arguments.rows:
        progress.print(f"row {number}: {ROWS[number].replace('_', ' ')} ...")
        try:
            found += importlib.import_module(f"bench.{ROWS[number]}").rows(options)
        except Missing as missing:
            console.print(f"row {number} is left out: {missing}")
    show(found, console)
    write(found, options, arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
