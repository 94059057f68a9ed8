"""The serial ports of this machine, and which of them are modules', by their USB ids."""

from collections.abc import Sequence
from typing import NamedTuple

from modemlab.ports.serial import require_pyserial

QUECTEL = 0x2C7C
# Models by their USB product, as the Linux driver `option` names them.
QUECTEL_MODELS = {
    0x0125: "EC25",
    0x6001: "EG912Y",
    0x6002: "EC200S-CN",
    0x6005: "EC200A",
    0x6026: "EC200T",
}
# Modules whose maker has no USB vendor of its own: their chips'.
CHIPS = {(0x19D1, 0x0001): "EC618, as in Luat's modules", (0x1782, 0x4E00): "UIS8910, as in Luat's modules"}


class Found(NamedTuple):
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


def found_ports() -> list[Found]:
    """All that the system lists, in the order of their names. Raises ValueError without pyserial."""
    require_pyserial()
    from serial.tools import list_ports  # noqa: PLC0415 (it is optional)

    found = []
    for port in list_ports.comports():
        location, _, interface = (port.location or "").partition(":")
        number = interface.rpartition(".")[2]
        found.append(
            Found(
                port.device,
                "" if port.description in (None, "n/a") else port.description,
                port.vid,
                port.pid,
                location,
                int(number) if number.isdigit() else -1,
            )
        )
    return sorted(found, key=lambda port: (len(port.device), port.device))


def siblings(device: str, ports: Sequence[Found]) -> list[Found]:
    """The other ports of the same USB device."""
    own = next((port for port in ports if port.device == device and port.location), None)
    if own is None:
        return []
    return [port for port in ports if port.location == own.location and port.device != device]
