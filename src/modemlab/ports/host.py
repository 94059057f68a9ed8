"""The host's end of a port, without an event loop: for whoever plays a transcript on a virtual or a real module."""

import os
import select
import socket
import time
from io import FileIO

from modemlab.ports.address import BAUD, PortKind, parse
from modemlab.text.number_format import figure

CHUNK_BYTES = 4096
# Seconds that the other end may take to accept what is sent.
SEND_TIMEOUT_S = 10.0


class HostPort:
    """A line that is open. Use `open_host` to make one."""

    __slots__ = ("_raw",)

    def __init__(self, raw: FileIO | socket.SocketIO) -> None:
        """Use a raw file that does not block."""
        self._raw = raw

    def send(self, data: bytes) -> None:
        """Send all of it. Raises OSError when the other end is gone or takes nothing for `SEND_TIMEOUT_S` seconds."""
        rest = memoryview(data)
        while rest:
            if not select.select((), (self._raw,), (), SEND_TIMEOUT_S)[1]:
                raise TimeoutError(f"no data was accepted for {figure(SEND_TIMEOUT_S)} s")
            rest = rest[self._raw.write(rest) or 0 :]

    def receive(self, seconds: float) -> bytes:
        """What came, or comes within so many seconds; empty when nothing does. Raises OSError at the line's end."""
        until = time.monotonic() + seconds
        while select.select((self._raw,), (), (), max(until - time.monotonic(), 0.0))[0]:
            data = self._raw.read(CHUNK_BYTES)
            if data == b"":
                raise ConnectionError("the other end closed the port")
            if data:
                return data
        return b""

    def close(self) -> None:
        """Give the line up."""
        self._raw.close()


def open_host(address: str, timeout: float) -> HostPort:
    """Open tcp://HOST:PORT within `timeout` seconds, or the device at a path, with `pty:` or `serial:` or neither.

    Raises ValueError for an address that is none and OSError when it cannot be opened.
    """
    if os.sep in address and "://" not in address and not address.startswith(("pty:", "serial:")):
        return HostPort(open_device(address))
    found = parse(address)
    if found.name:
        raise ValueError(f"port {address!r} cannot be opened by a host: #{found.name} is the module's own name")
    if found.kind is PortKind.PTY:
        if found.link is None:
            raise ValueError("port 'pty' names no device: write its path")
        return HostPort(open_device(found.link))
    if found.kind is PortKind.SERIAL:
        return HostPort(open_device(found.link or "", found.baud, found.rtscts))
    if found.kind is not PortKind.TCP:
        raise ValueError(f"port {address!r} cannot be opened by a host: write tcp://HOST:PORT or the path of a device")
    with socket.create_connection((found.host, found.port), timeout) as connection:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return HostPort(connection.makefile("rwb", buffering=0))


def open_device(path: str, baud: int = BAUD, rtscts: bool = False) -> FileIO:
    """A serial device, raw, whose lines RTS and CTS may hold the flow.

    Raises ValueError where there is no Unix, OSError when it is no such device.
    """
    try:
        from modemlab.ports.pty import open_raw  # noqa: PLC0415 (Unix alone has what it imports)
    except ImportError:
        raise ValueError("devices need a Unix system: use tcp://HOST:PORT") from None
    return FileIO(open_raw(path, baud, rtscts), "r+")
