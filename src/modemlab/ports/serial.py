"""A serial device as a port: the module on a real UART, so that a board talks to it. It needs pyserial.

Nobody can tell whether a board is there: the port is taken as long as the device is open. A device that goes away,
as a USB adapter does that is pulled out, is looked for until it is back.
"""

import asyncio
import errno
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from modemlab.ports.address import serial_url
from modemlab.ports.blocking_io import Threads
from modemlab.ports.error_texts import words_of
from modemlab.ports.port import Changed, Received
from modemlab.ports.write_buffer import CHUNK_BYTES, WriteBuffer

if TYPE_CHECKING:
    import serial

# Seconds between two looks for a device that is gone.
POLL_S = 1.0
# Seconds that a thread's read takes at most, and that its end is waited for.
READ_TIMEOUT_S = 0.2
# Seconds between two looks whether all has left a device whose rate is to change; what it has in its own shift
# register has left by then.
SENT = 0.01
MISSING = "serial ports need pyserial: pip install 'modemlab[serial]'"


def require_pyserial() -> None:
    """Raises ValueError with one line when pyserial is not installed."""
    try:
        import serial  # noqa: F401, PLC0415 (it is optional)
    except ImportError:
        raise ValueError(MISSING) from None


class SerialPort:
    """A line behind a serial device, with eight data bits, no parity and one stop bit.

    With `rtscts` the lines RTS and CTS hold the flow. Without, RTS and DTR say that the module has power.
    """

    __slots__ = (
        *("_changed", "_device", "_look", "_loop", "_outlet", "_path", "_powered", "_received", "_rtscts"),
        *("_switch", "_threaded", "_threads", "baud", "taken", "url"),
    )

    def __init__(
        self,
        path: str,
        baud: int,
        rtscts: bool,
        received: Received,
        changed: Changed,
        threaded: bool = os.name != "posix",
    ) -> None:
        """Make a port that is not open yet; `threaded` reads and writes on threads, as Windows must.

        Raises ValueError when pyserial is not installed.
        """
        require_pyserial()
        self._path, self.baud, self._rtscts, self._threaded = path, baud, rtscts, threaded
        self._received, self._changed = received, changed
        self._loop: asyncio.AbstractEventLoop
        self._device: serial.Serial | None = None
        self._outlet: WriteBuffer | None = None
        self._threads: Threads | None = None
        self._look: asyncio.TimerHandle | None = None
        self._switch: asyncio.TimerHandle | None = None
        self._powered = True
        self.taken = False
        self.url = serial_url(path, baud, rtscts)

    @property
    def congested(self) -> bool:
        """Whether the device takes so little that no more should be said for now."""
        line = self._outlet or self._threads
        return line is not None and line.congested

    async def open(self) -> None:
        """Open the device. Raises OSError with one line when it cannot be opened."""
        self._loop = asyncio.get_running_loop()
        self._open()

    def write(self, data: bytes) -> None:
        """Say this on the device."""
        line = self._outlet or self._threads
        if line is not None:
            line.write(data)

    def change(self, baud: int) -> None:
        """Another rate holds, behind what was said; also of a device that comes back."""
        if baud == self.baud:
            return
        self.baud = baud
        if self._device is not None and self._switch is None:
            self._switch = self._loop.call_later(SENT, self._set_rate)

    def hold(self, held: bool) -> None:
        """Read nothing while held, where RTS can have the board wait; elsewhere what is not read would be lost."""
        if not self._rtscts or self._device is None:
            return
        if self._threads is not None:
            self._threads.hold(held)
        elif held:
            self._loop.remove_reader(self._device.fileno())
        else:
            self._loop.add_reader(self._device.fileno(), self._readable)

    def power(self, on: bool) -> None:
        """Show by RTS and DTR, where the device has such lines, whether the module has power."""
        self._powered = on
        if self._device is not None:
            with suppress(OSError):
                self._device.dtr = on
            if not self._rtscts:
                with suppress(OSError):
                    self._device.rts = on

    def close(self) -> None:
        """Give the device up."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        self._release()

    # inside

    def _open(self) -> None:
        """Open the device, and be taken."""
        device = self._device = open_device(self._path, self.baud, self._rtscts, self._threaded)
        if self._threaded:

            def read() -> bytes | None:
                return (device.read(1) + device.read(device.in_waiting)) or None

            self._threads = Threads(read, device.write, self._received, self._gone, self._regulated)
        else:
            self._outlet = WriteBuffer(self._loop, device.fileno(), self._regulated)
            self._loop.add_reader(device.fileno(), self._readable)
        self.taken = True
        self.power(self._powered)
        self._changed(self)

    def _set_rate(self) -> None:
        """Set the device to the rate, once what was said before has left it."""
        self._switch = None
        line = self._outlet or self._threads
        if self._device is None or line is None:
            return
        try:
            if line.waiting or self._device.out_waiting:
                self._switch = self._loop.call_later(SENT, self._set_rate)
            else:
                self._device.baudrate = self.baud
        except (OSError, ValueError, OverflowError) as error:
            logging.getLogger(__name__).warning("%s cannot be set to %d bit/s: %s", self._path, self.baud, error)

    def _readable(self) -> None:
        """Something came, or the device is gone."""
        assert self._device is not None
        try:
            data = os.read(self._device.fileno(), CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._received(data)
        else:
            self._gone()

    def _gone(self) -> None:
        """The device is gone: whoever was there has hung up."""
        logging.getLogger(__name__).warning("%s is gone; it is searched for every second", self._path)
        self._release()
        self._look = self._loop.call_later(POLL_S, self._look_again)
        self._changed(self)

    def _look_again(self) -> None:
        """Open the device if it is back."""
        self._look = None
        try:
            self._open()
        except OSError:
            self._look = self._loop.call_later(POLL_S, self._look_again)
        else:
            logging.getLogger(__name__).warning("%s is back", self._path)

    def _release(self) -> None:
        """Close the device; what was not written is lost."""
        self.taken = False
        if self._switch is not None:
            self._switch.cancel()
            self._switch = None
        device, self._device = self._device, None
        if device is None:
            return
        if self._outlet is not None:
            self._loop.remove_reader(device.fileno())
            self._outlet.clear()
            self._outlet = None
        if self._threads is not None:
            threads, self._threads = self._threads, None
            with suppress(OSError):
                device.cancel_write()
            threads.close(2 * READ_TIMEOUT_S)
        with suppress(OSError):
            device.close()

    def _regulated(self) -> None:
        """The device takes little, or has caught up."""
        self._changed(self)


def open_device(path: str, baud: int, rtscts: bool, threaded: bool) -> "serial.Serial":
    """Open a serial device for ourselves alone. Raises OSError with one line that names it."""
    import serial  # noqa: PLC0415 (it is optional)

    try:
        # Without an interval between bytes a read that finds nothing would look like the end of the device.
        return serial.Serial(
            path,
            baud,
            rtscts=rtscts,
            timeout=READ_TIMEOUT_S if threaded else 0,
            inter_byte_timeout=None if threaded else 0,
            exclusive=True,
        )
    except serial.SerialException as error:
        number = error.errno
        if number in (errno.EAGAIN, errno.EWOULDBLOCK):
            why = "another program has it"
        else:
            why = os.strerror(number) if number else "it is not a serial device"
        raise OSError(f"{path} cannot be opened: {why}") from None
    except (OSError, ValueError, OverflowError) as error:
        raise OSError(f"{path} cannot be opened at {baud} bit/s: {words_of(error)}") from None
