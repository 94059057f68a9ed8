"""The port of an address. Nothing of Unix is imported until a pty is asked for."""

from modemlab.ports.address import PortAddress, PortKind, parse
from modemlab.ports.port import Changed, Port, Received


def make_port(address: str | PortAddress, received: Received, changed: Changed) -> Port:
    """The port of an address, not open yet. Raises ValueError for a bad one, or for one that cannot be here."""
    if isinstance(address, str):
        address = parse(address)
    if address.kind is PortKind.TCP:
        from modemlab.ports.tcp import TcpPort  # noqa: PLC0415 (each port imports what it needs alone)

        return TcpPort(address.host, address.port, received, changed, allow_remote=address.allow_remote)
    if address.kind is PortKind.RFC2217:
        from modemlab.ports.rfc2217 import Rfc2217Port  # noqa: PLC0415

        return Rfc2217Port(address.host, address.port, received, changed, allow_remote=address.allow_remote)
    if address.kind is PortKind.SERIAL:
        from modemlab.ports.serial import SerialPort  # noqa: PLC0415

        return SerialPort(address.link or "", address.baud, address.rtscts, received, changed)
    if address.kind is PortKind.STDIO:
        from modemlab.ports.stdio import StdioPort  # noqa: PLC0415

        return StdioPort(received, changed)
    try:
        from modemlab.ports.pty import PtyPort  # noqa: PLC0415 (Unix alone has what it imports)
    except ImportError:
        raise ValueError("pty ports need a Unix system") from None
    return PtyPort(address.link, received, changed)
