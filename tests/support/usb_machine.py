"""A Linux machine's /dev, /sys and /proc in a directory, as a module on USB fills them, where ports are looked for."""

import glob
import os
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from serial.tools import list_ports_linux

from modemlab.ports import port_users as holders


class Plugged(NamedTuple):
    """A USB device: its place, its ids, what it calls itself, and its ports by the number of their interface."""

    place: str
    vid: int
    pid: int
    product: str
    ports: dict[int, tuple[str, str]]


class Machine:
    """The directory; everything in it is as the kernel lays it out, and /dev's files are links to ptys."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have ports and processes looked for here alone."""
        self.root = root
        for name in ("dev/serial/by-id", "sys/class/tty", "sys/bus/usb-serial", "proc"):
            (root / name).mkdir(parents=True)

        def at(path: str) -> str:
            return f"{root}{path}" if path.startswith(("/sys/", "/dev/")) else path

        path = SimpleNamespace(
            exists=lambda path: os.path.exists(at(path)),
            realpath=lambda path: os.path.realpath(at(path)),
            islink=lambda _: False,
            **{name: getattr(os.path, name) for name in ("join", "basename", "dirname")},
        )
        monkeypatch.setattr(list_ports_linux, "os", SimpleNamespace(path=path))
        monkeypatch.setattr(list_ports_linux, "glob", SimpleNamespace(glob=lambda pattern: glob.glob(at(pattern))))
        monkeypatch.setattr(holders, "PROC", root / "proc")

    def plug(self, device: Plugged) -> None:
        """Plug it in. `ports` has the name of each and the pty that stands for it."""
        home = self.root / "sys/devices/platform/usb/usb1" / device.place
        home.mkdir(parents=True)
        told = {
            "idVendor": f"{device.vid:04x}",
            "idProduct": f"{device.pid:04x}",
            "bNumInterfaces": f" {len(device.ports)}",
            "product": device.product,
        }
        for name, text in told.items():
            (home / name).write_text(f"{text}\n")
        for interface, (name, pty) in device.ports.items():
            port = home / f"{device.place}:1.{interface}" / name
            port.mkdir(parents=True)
            (port / "subsystem").symlink_to(self.root / "sys/bus/usb-serial")
            (port / "tty" / name).mkdir(parents=True)
            (self.root / "sys/class/tty" / name).mkdir()
            (self.root / "sys/class/tty" / name / "device").symlink_to(port)
            (self.root / "dev" / name).symlink_to(pty)

    def port(self, name: str) -> str:
        """The path of a file in /dev."""
        return str(self.root / "dev" / name)

    def run(self, pid: int, name: str, *opened: str, hidden: bool = False) -> None:
        """A process that has these devices open; whose files are `hidden` is another user's."""
        home = self.root / "proc" / str(pid)
        home.mkdir()
        (home / "comm").write_text(f"{name}\n")
        if hidden:
            return
        (home / "fd").mkdir()
        for number, device in enumerate(("/dev/null", *opened)):
            (home / "fd" / str(number)).symlink_to(os.path.realpath(device))
