"""What a row of the figures holds, and how the rows are shown: a table, and JSON."""

import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

# A process that had this part of a processor counts as saturated.
SATURATED = 0.85


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure: `scale` multiplies all counts, `uvloop` runs what is asyncio on uvloop."""

    scale: float = 1.0
    uvloop: bool = False

    def count(self, full: int, least: int = 1) -> int:
        """A count, scaled."""
        return max(least, round(full * self.scale))


@dataclass(frozen=True, slots=True)
class Peer:
    """What modemlab was measured against: a value in the row's unit, or why there is none."""

    name: str
    value: float | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. The first peer with a value is the one that the target is about.

    `least` is the smallest ratio of modemlab to that peer that meets the target, `most` the largest. `cpu` is
    the part of one processor that each process had while its competitor was measured. `cpu_us` is what each process
    spent on an `operation`, in microseconds of CPU; the first is modemlab's, for which `most_cpu_us` is the target.
    """

    number: int
    what: str
    how: str
    unit: str
    value: float
    peers: tuple[Peer, ...]
    least: float | None = None
    most: float | None = None
    cpu: dict[str, float] = field(default_factory=dict)
    operation: str = ""
    cpu_us: dict[str, float] = field(default_factory=dict)
    most_cpu_us: float | None = None
    remarks: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        """The value divided by the first peer's."""
        against = self.peers[0].value if self.peers else None
        return self.value / against if against else None

    @property
    def met(self) -> bool | None:
        """Whether the targets are met; None when it cannot be told, or when there is none."""
        ratio = self.ratio
        told = [ratio >= self.least] if ratio is not None and self.least is not None else []
        told += [ratio <= self.most] if ratio is not None and self.most is not None else []
        if self.most_cpu_us is not None and self.cpu_us:
            told.append(next(iter(self.cpu_us.values())) <= self.most_cpu_us)
        return all(told) if told else None

    @property
    def target(self) -> str:
        """The targets, as the table shows them."""
        ratio = f">= {self.least:g}" if self.least is not None else f"<= {self.most:.3g}" if self.most else ""
        cpu = f"<= {self.most_cpu_us:g} CPU-us" if self.most_cpu_us is not None else ""
        return ", ".join(each for each in (ratio, cpu) if each)

    @property
    def saturated(self) -> list[str]:
        """The processes that had a processor to themselves."""
        return [name for name, part in self.cpu.items() if part >= SATURATED]


def amount(value: float | None) -> str:
    """A value with three or more digits."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table, and under it what each row was measured with."""
    table = Table(show_lines=True)
    for heading in ("", "what", "unit", "modemlab", "against", "ratio", "target", ""):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("modemlab", "ratio") else "left")
    for row in rows:
        against = "\n".join(f"{peer.name} {amount(peer.value)}" for peer in row.peers)
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
        met = {True: "met", False: "missed", None: ""}[row.met]
        table.add_row(str(row.number), row.what, row.unit, amount(row.value), against, ratio, row.target, met)
    console.print(table)
    for row in rows:
        console.print(f"{row.number} {row.what}: {row.how}", highlight=False)
        if row.cpu:
            parts = ", ".join(f"{name} {part:.0%}" for name, part in row.cpu.items())
            console.print(f"    processor: {parts}; saturated: {', '.join(row.saturated) or 'none'}", highlight=False)
        if row.cpu_us:
            spent = ", ".join(f"{name} {us:,.1f}" for name, us in row.cpu_us.items())
            console.print(f"    CPU-us {row.operation}: {spent}", highlight=False)
        for remark in (*row.remarks, *(f"{peer.name}: {peer.remark}" for peer in row.peers if peer.remark)):
            console.print(f"    {remark}", highlight=False)


def as_data(rows: Sequence[Row], options: Options) -> dict[str, Any]:
    """All that was measured, for JSON."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "machine": platform.platform(),
        "options": asdict(options),
        "rows": [
            {**asdict(row), "ratio": row.ratio, "target": row.target, "met": row.met, "saturated": row.saturated}
            for row in rows
        ],
    }


def write(rows: Sequence[Row], options: Options, path: Path) -> None:
    """Write the JSON file."""
    path.write_text(json.dumps(as_data(rows, options), indent=2) + "\n")
