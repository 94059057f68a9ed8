"""Which processes have a device open, as Linux tells it; other systems tell nothing."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
MODEM_MANAGER = "ModemManager"


class PortUser(NamedTuple):
    """A process."""

    pid: int
    name: str


def processes() -> Iterator[Path]:
    """All processes but this one, by their numbers."""
    with suppress(OSError):
        found = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
        for number in sorted(found):
            if number != os.getpid():
                yield PROC / str(number)


def name_of(process: Path) -> str:
    """What a process is called; empty when it is gone."""
    with suppress(OSError):
        return (process / "comm").read_text(errors="replace").strip()
    return ""


def holders(devices: Iterable[str]) -> dict[str, list[PortUser]]:
    """The processes that have each device open, as far as this user may know; a link stands for its device."""
    wanted = {device: os.path.realpath(device) for device in devices}
    found: dict[str, list[PortUser]] = {device: [] for device in wanted}
    for process in processes():
        with suppress(OSError):
            has = {os.readlink(fd) for fd in (process / "fd").iterdir()}
            for device, real in wanted.items():
                if real in has:
                    found[device].append(PortUser(int(process.name), name_of(process)))
    return found


def manager() -> PortUser | None:
    """ModemManager, if it runs; what it has open it does not show to everybody."""
    return next(
        (PortUser(int(each.name), MODEM_MANAGER) for each in processes() if name_of(each) == MODEM_MANAGER), None
    )
