"""The host's end of a port on an event loop: a device, TCP, RFC 2217, or a virtual module's port in memory."""

import asyncio
import math
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, cast

from modemlab.net.receive_buffer import read_buffer
from modemlab.ports.address import BAUD, PortAddress, PortKind, is_tcp, parse, tcp_url, wrong
from modemlab.ports.blocking_io import Threads
from modemlab.ports.error_texts import LISTED_BY, nobody_listens, why
from modemlab.ports.listing import by_id
from modemlab.ports.memory import MemoryPort
from modemlab.ports.port import Received
from modemlab.ports.serial import require_pyserial
from modemlab.ports.write_buffer import CHUNK_BYTES, WriteBuffer
from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import About, Reason, Sentence, helped

# Told once, why the line has ended, in a few words.
Ended = Callable[[Reason], None]
READ_TIMEOUT_S = 0.2
HOST_FORMS = N_("a device, HOST:PORT, tcp://HOST:PORT or rfc2217://HOST:PORT")
# Bytes of a TCP connection that are read at once.
AT_ONCE = 1 << 14
IS_IT_RUNNING = Sentence(N_("is the module running? `modemlab up` starts one"))
DEVICE_GONE = Sentence(N_("the device is gone"))


class HostLine(Protocol):
    """An open line."""

    def write(self, data: bytes) -> None:
        """Send this."""

    def close(self) -> None:
        """Give the line up; `ended` is not called."""


async def dial(where: str | MemoryPort, received: Received, ended: Ended, *, baud: int, timeout: float) -> HostLine:
    """Open a line as its host within `timeout` seconds. `received` is handed what the other end says.

    `where` is the path or name of a device, tcp://HOST:PORT or in short HOST:PORT, rfc2217://HOST:PORT or a port in
    memory. Raises ValueError for an address that is none, OSError with one line when it cannot be opened.
    """
    if isinstance(where, MemoryPort):
        return MemoryLine(where, received)
    address = read_address(where, baud)
    if address.kind is PortKind.TCP:
        return await over_tcp(address, received, ended, timeout)
    if address.kind is PortKind.RFC2217:
        return await over_pyserial(where, address.baud, received, ended, timeout)
    if os.name == "posix":
        return DeviceLine(open_device(address), received, ended)
    return await over_pyserial(address.link or "", address.baud, received, ended, timeout)


def read_address(where: str, baud: int = BAUD) -> PortAddress:
    """A port that a host can open. Raises ValueError with one line."""
    if "://" not in where and not where.lower().startswith(("pty:", "serial:")) and not is_tcp(where):
        if not where or "\0" in where:
            raise wrong(where, N_("port {given!r} is not a device"))
        return PortAddress(PortKind.SERIAL, where, baud=baud)
    address = parse(where, HOST_FORMS)
    if address.kind is PortKind.STDIO or (address.kind is PortKind.PTY and address.link is None):
        raise wrong(where, N_("port {given!r} cannot be opened by a host: write {forms}"), forms=Sentence(HOST_FORMS))
    return address if address.kind is PortKind.SERIAL and "baud=" in where else address._replace(baud=baud)


def lasting(where: str | MemoryPort) -> tuple[str | MemoryPort, ...]:
    """The names by which a port is found again, once it was gone: first the one that goes with the device, of its maker
    and number, as Linux makes it, for another may have its path by then.
    """
    if isinstance(where, MemoryPort) or os.name != "posix":
        return (where,)
    address = read_address(where)
    if address.kind is not PortKind.SERIAL or not address.link:
        return (where,)
    link = by_id(address.link)
    return (where.replace(address.link, link, 1), where) if link not in ("", address.link) else (where,)


def carried(where: str | MemoryPort, baud: int) -> float:
    """The bytes a second that the line of such a port carries, as far as is known."""
    if isinstance(where, MemoryPort):
        return math.inf
    address = read_address(where, baud)
    return address.baud / 10 if address.kind in (PortKind.SERIAL, PortKind.RFC2217) else math.inf


def open_device(address: PortAddress) -> int:
    """A device, raw, and locked: two hosts on one line take each other's answers. Raises OSError with one line."""
    import fcntl  # noqa: PLC0415 (Unix alone has it)

    from modemlab.ports.pty import open_raw  # noqa: PLC0415 (Unix alone has what it imports)

    try:
        fd = open_raw(address.link or "", address.baud, address.rtscts)
    except OSError as error:
        raise failure(error.errno, address.link or "", advice(error, address.link or "")) from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(fd)
        reason = Sentence(N_("another program has it open and locked"))
        raise failure(error.errno, address.link or "", reason) from None
    except OSError:
        # A device that cannot be locked is still one.
        pass
    return fd


def failure(number: int | None, where: str, reason: Reason) -> OSError:
    """That a port could not be opened."""
    told = About(where, reason)
    return OSError(told) if number is None else OSError(number, told)


def advice(error: OSError, device: str) -> Reason:
    """Why a device cannot be opened, and what to do."""
    words = why(error)
    if isinstance(error, PermissionError):
        group = group_of(device)
        message = N_("its group is {group} (sudo usermod -a -G {group} $USER, then log in again)")
        if not group:
            message = N_("its group is often dialout (sudo usermod -a -G dialout $USER, then log in again)")
        return helped(words, Sentence(message, group=group))
    if isinstance(error, FileNotFoundError):
        return helped(words, LISTED_BY)
    return words


def group_of(device: str) -> str:
    """The group that may read and write a device, on Unix; empty where there is none, or none but root's."""
    import grp  # noqa: PLC0415 (Unix alone has it)

    with suppress(OSError, KeyError):
        status = os.stat(device)
        if status.st_gid and status.st_mode & 0o060 == 0o060:
            return grp.getgrgid(status.st_gid).gr_name
    return ""


class MemoryLine:
    """The host of a port in memory."""

    __slots__ = ("_port",)

    def __init__(self, port: MemoryPort, received: Received) -> None:
        self._port = port
        port.attach(received)

    def write(self, data: bytes) -> None:
        self._port.host_send(data)

    def close(self) -> None:
        self._port.detach()


class DeviceLine:
    """A device on the event loop."""

    __slots__ = ("_ended", "_fd", "_loop", "_outlet", "_received")

    def __init__(self, fd: int, received: Received, ended: Ended) -> None:
        self._fd, self._received, self._ended = fd, received, ended
        self._loop = asyncio.get_running_loop()
        self._outlet = WriteBuffer(self._loop, fd, lambda: None)
        self._loop.add_reader(fd, self._readable)

    def write(self, data: bytes) -> None:
        if self._fd >= 0:
            self._outlet.write(data)

    def close(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._outlet.clear()
            os.close(self._fd)
            self._fd = -1

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._received(data)
        else:
            self.close()
            self._ended(DEVICE_GONE)


class TcpLine(asyncio.BufferedProtocol):
    """A TCP connection to a port, of which no more is read at once than can be handled in a moment."""

    def __init__(self, received: Received, ended: Ended) -> None:
        self._received, self._ended = received, ended
        self._transport: asyncio.Transport | None = None
        self._buffer = read_buffer()[:AT_ONCE]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._received(bytes(self._buffer[:nbytes]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self._ended(Sentence(N_("the other end closed the port")) if error is None else why(error))

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()


async def over_tcp(address: PortAddress, received: Received, ended: Ended, timeout: float) -> HostLine:
    """A TCP port."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            transport, protocol = await loop.create_connection(
                lambda: TcpLine(received, ended), address.host, address.port
            )
    except TimeoutError:
        url = tcp_url(address.host, address.port)
        reason = Sentence(N_("no connection within {seconds} s: check the address"), seconds=figure(timeout))
        raise failure(None, url, reason) from None
    except (OSError, UnicodeError) as error:
        told = helped(why(error), IS_IT_RUNNING) if nobody_listens(error) else why(error)
        raise failure(None, tcp_url(address.host, address.port), told) from None
    connection = transport.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return protocol


class ThreadedLine:
    """What pyserial opened: its reads and writes block."""

    __slots__ = ("_device", "_threads")

    def __init__(self, device: "object", threads: Threads) -> None:
        self._device, self._threads = device, threads

    def write(self, data: bytes) -> None:
        self._threads.write(data)

    def close(self) -> None:
        self._threads.close(2 * READ_TIMEOUT_S)
        with suppress(OSError):
            self._device.close()  # type: ignore[attr-defined] # pyserial's classes share no base


def discard(opening: "asyncio.Future[Any]") -> None:
    """Close what was opened too late."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


async def over_pyserial(where: str, baud: int, received: Received, ended: Ended, timeout: float) -> HostLine:
    """A device, or an RFC 2217 port, by pyserial."""
    require_pyserial()
    import serial  # noqa: PLC0415 (it is optional)

    opening = asyncio.ensure_future(
        asyncio.to_thread(serial.serial_for_url, where, baudrate=baud, timeout=READ_TIMEOUT_S)
    )
    try:
        device = await asyncio.wait_for(asyncio.shield(opening), timeout)
    except (TimeoutError, asyncio.CancelledError) as error:
        # A thread cannot be ended: what it opens later nobody wants.
        opening.add_done_callback(discard)
        if isinstance(error, TimeoutError):
            reason = Sentence(N_("no answer within {seconds} s"), seconds=figure(timeout))
            raise failure(None, where, reason) from None
        raise
    except (serial.SerialException, OSError, ValueError) as error:
        raise failure(None, where, why(error)) from None

    def read() -> bytes | None:
        return (device.read(1) + device.read(device.in_waiting)) or None

    threads = Threads(read, device.write, received, lambda: ended(DEVICE_GONE), lambda: None)
    return ThreadedLine(device, threads)
