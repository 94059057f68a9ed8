"""The serial ports of this machine, and which of them are modules', by their USB ids."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

SYSFS = Path("/sys/class/tty")
BY_ID = Path("/dev/serial/by-id")

QUECTEL = 0x2C7C
# Models by their USB product, as the Linux driver `option` names them.
QUECTEL_MODELS = {0x0125: "EC25", 0x6001: "EG912Y", 0x6002: "EC200S-CN", 0x6005: "EC200A", 0x6026: "EC200T"}
# Modules whose maker has no USB vendor of its own: their chips'.
CHIPS = {(0x19D1, 0x0001): "EC618, as in Luat's modules", (0x1782, 0x4E00): "UIS8910, as in Luat's modules"}


class SerialPortInfo(NamedTuple):
    """A serial port. `location` is the USB device's place, as `1-1.2`, and `interface` its part of it; -1 for none."""

    device: str
    description: str = ""
    vid: int | None = None
    pid: int | None = None
    location: str = ""
    interface: int = -1

    @property
    def module(self) -> str:
        """The module that it is a port of; empty when it is none that is known."""
        if self.vid == QUECTEL:
            return f"Quectel {QUECTEL_MODELS.get(self.pid or 0, 'module')}"
        return CHIPS.get((self.vid or 0, self.pid or 0), "")

    @property
    def usb(self) -> str:
        """Its USB id; empty without one."""
        return "" if self.vid is None else f"{self.vid:04x}:{self.pid or 0:04x}"


def found_ports() -> list[SerialPortInfo]:
    """All that the system lists, by names in order: by pyserial where it is there, else as it tells itself."""
    try:
        from serial.tools import list_ports  # noqa: PLC0415 (it is optional)
    except ImportError:
        found = in_sysfs() if sys.platform == "linux" else by_name()
    else:
        found = [of_pyserial(port) for port in list_ports.comports()]
    return sorted(found, key=lambda port: (len(port.device), port.device))


def of_pyserial(port: Any) -> SerialPortInfo:
    """A port as pyserial describes it."""
    location, _, interface = (port.location or "").partition(":")
    number = interface.rpartition(".")[2]
    return SerialPortInfo(
        port.device,
        "" if port.description in (None, "n/a") else port.description,
        port.vid,
        port.pid,
        location,
        int(number) if number.isdigit() else -1,
    )


def in_sysfs() -> list[SerialPortInfo]:
    """The ports of Linux that have hardware, with their USB ids."""
    found = []
    for entry in SYSFS.iterdir() if SYSFS.is_dir() else ():
        # A UART of type 0 is a place where there could be one.
        if (entry / "device").exists() and text_of(entry / "type") != "0":
            device = (entry / "device").resolve()
            ahead = (device, *device.parents)
            usb = next((each for each in ahead if (each / "idVendor").exists()), None)
            interface = next((each for each in ahead if (each / "bInterfaceNumber").exists()), None)
            found.append(described(f"/dev/{entry.name}", usb, interface))
    return found


def described(device: str, usb: Path | None, interface: Path | None) -> SerialPortInfo:
    """A port, of that USB device and that interface of it if there are any."""
    if usb is None:
        return SerialPortInfo(device)
    ids = [int(text_of(usb / name) or "0", 16) for name in ("idVendor", "idProduct")]
    number = text_of(interface / "bInterfaceNumber") if interface is not None else ""
    return SerialPortInfo(device, text_of(usb / "product"), ids[0], ids[1], usb.name, int(number, 16) if number else -1)


def text_of(file: Path) -> str:
    """What a file of sysfs says; empty when it is not there."""
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def by_name() -> list[SerialPortInfo]:
    """The ports of other systems, by the names that they have there; nothing more is told without pyserial."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 (Windows alone has it)

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DEVICEMAP\SERIALCOMM") as key:
                return [
                    SerialPortInfo(str(winreg.EnumValue(key, number)[1]))
                    for number in range(winreg.QueryInfoKey(key)[1])
                ]
        except OSError:
            return []
    return [SerialPortInfo(str(path)) for pattern in ("cu.*", "cuaU*", "dty*") for path in Path("/dev").glob(pattern)]


def by_id(device: str) -> str:
    """The name that a port keeps wherever it is plugged in, as Linux gives one; empty without one."""
    real = os.path.realpath(device)
    with suppress(OSError):
        return next((str(link) for link in sorted(BY_ID.iterdir()) if os.path.realpath(link) == real), "")
    return ""


def tells_all() -> bool:
    """Whether USB ids and descriptions can be told here."""
    return sys.platform == "linux" or "serial.tools.list_ports" in sys.modules


def siblings(device: str, ports: Sequence[SerialPortInfo]) -> list[SerialPortInfo]:
    """The other ports of the same USB device."""
    own = next((port for port in ports if port.device == device and port.location), None)
    if own is None:
        return []
    return [port for port in ports if port.location == own.location and port.device != device]
