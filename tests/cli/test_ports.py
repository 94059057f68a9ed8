"""`modemlab ports`: what the system lists, which of it is a module's, and who uses it."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from modemlab.ports import listing
from modemlab.ports.listing import SerialPortInfo
from support.host_and_module import CommandLine, desk

VIRTUAL = (
    "\nThe ptys of virtual modules are in no list of the system's: `modemlab module` and `modemlab up` print theirs.\n"
)


def listed(device: str, description: str = "n/a", vid: int | None = None, pid: int = 0, location: str = "") -> object:
    """A port as pyserial lists it."""
    return SimpleNamespace(device=device, description=description, vid=vid, pid=pid, location=location or None)


def test_modules_are_known_by_their_ids(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of their numbers; a process that has one open is named."""
    with desk() as bench:
        pty = bench.urls[0]
        found = [
            listed("/dev/ttyUSB10", "Android\x1b[2J", 0x2C7C, 0x6002, "1-1.2:1.4"),
            listed("/dev/ttyUSB2", "Android", 0x2C7C, 0x9999, "1-1.3:1.2"),
            listed("/dev/ttyUSB0", "FT232R USB UART", 0x0403, 0x6001, "1-2"),
            listed("/dev/ttyACM0", "CDC", 0x19D1, 0x0001, "1-4:1.0"),
            listed(pty),
        ]
        monkeypatch.setattr(list_ports, "comports", lambda: found)
        program = f"exec 3<>{pty}; echo; read line"
        with subprocess.Popen(["/bin/sh", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            done = cli("ports")
            assert process.stdin is not None
            process.stdin.close()
    assert (done.status, done.err) == (0, "")
    rows = [" ".join(line.split()) for line in done.out.decode().splitlines()]
    assert rows[:-2] == [
        "port USB interface module description in use by",
        f"{pty} sh ({process.pid})",
        "/dev/ttyACM0 19d1:0001 0 EC618, as in Luat's modules CDC",
        "/dev/ttyUSB0 0403:6001 FT232R USB UART",
        "/dev/ttyUSB2 2c7c:9999 2 Quectel module Android",
        r"/dev/ttyUSB10 2c7c:6002 4 Quectel EC200S-CN Android\x1b[2J",
    ]
    assert done.out.decode().endswith(VIRTUAL)


def test_none(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual modules are not said to be missing."""
    monkeypatch.setattr(list_ports, "comports", list)
    assert cli("ports") == (0, f"The system lists no serial port.\n{VIRTUAL}".encode(), "")


def entry(top: Path, tty: str, *, below: str = "", kind: str | None = None, hardware: bool = True) -> None:
    """A port in a tree like sysfs; `below` is where its device hangs, `kind` the type of a UART."""
    place = top / "class" / tty
    place.mkdir(parents=True)
    if kind is not None:
        (place / "type").write_text(f"{kind}\n")
    if hardware:
        device = top / "devices" / (below or "platform") / tty
        device.mkdir(parents=True)
        (place / "device").symlink_to(device)


def test_without_pyserial(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Linux tells by itself which ports have hardware, what it is, and the names that stay."""
    monkeypatch.setitem(sys.modules, "serial.tools", None)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(listing, "SYSFS", tmp_path / "class")
    monkeypatch.setattr(listing, "BY_ID", tmp_path / "by-id")
    usb = tmp_path / "devices" / "usb1" / "1-1.2"
    for number in (2, 4):
        interface = usb / f"1-1.2:1.{number}"
        interface.mkdir(parents=True)
        (interface / "bInterfaceNumber").write_text(f"{number:02x}\n")
        entry(tmp_path, f"ttyUSB{number}", below=f"usb1/1-1.2/1-1.2:1.{number}")
    for name, text in (("idVendor", "2c7c"), ("idProduct", "6002"), ("product", "Android")):
        (usb / name).write_text(f"{text}\n")
    entry(tmp_path, "ttyS0", kind="4")
    entry(tmp_path, "ttyS1", kind="0")
    entry(tmp_path, "tty7", hardware=False)
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-id" / "usb-Android-if02").symlink_to("/dev/ttyUSB2")
    done = cli("ports")
    assert (done.status, done.err) == (0, "")
    rows = [" ".join(line.split()) for line in done.out.decode().splitlines()]
    assert rows[:-2] == [
        "port USB interface module description in use by its name by id",
        "/dev/ttyS0",
        f"/dev/ttyUSB2 2c7c:6002 2 Quectel EC200S-CN Android {tmp_path}/by-id/usb-Android-if02",
        "/dev/ttyUSB4 2c7c:6002 4 Quectel EC200S-CN Android",
    ]
    assert done.out.decode().endswith(VIRTUAL)


def test_without_pyserial_elsewhere(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told is said."""
    monkeypatch.setitem(sys.modules, "serial.tools", None)
    monkeypatch.delitem(sys.modules, "serial.tools.list_ports", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(listing, "by_name", lambda: [SerialPortInfo("/dev/cu.usbmodem1")])
    done = cli("ports")
    assert (done.status, done.err) == (0, "")
    assert "/dev/cu.usbmodem1\n" in done.out.decode()
    assert "\nOnly names are known here. To see USB ids and modules: pip install pyserial\n" in done.out.decode()
