"""A pseudo-terminal as a port. The only file that needs Unix.

Whether a host has the device open is not told by the system: the master's end is hung up while nobody has,
which is looked at 50 times a second until somebody does. From then on nothing is polled.
"""

import asyncio
import errno
import os
import select
import termios
import tty
from collections.abc import Callable
from contextlib import suppress

from modemlab.ports.error_texts import LISTED_BY
from modemlab.ports.port import Changed, Received
from modemlab.ports.write_buffer import CHUNK_BYTES, WriteBuffer
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, helped

# Seconds between two looks for a host, and from finding one to saying what was kept for it: programs that open a
# serial device first throw away what they find in it.
POLL_S = 0.02
SETTLE_S = 0.05


class PtyPort:
    """A line behind a pseudo-terminal, raw and without echo.

    `link` is the path of a symbolic link to make to the device. One that leads nowhere is replaced; anything
    else in its place is left alone and refused.
    """

    __slots__ = (
        *("_changed", "_fd", "_found", "_link", "_loop", "_outlet", "_poll", "_received", "_timer"),
        *("device", "taken", "url"),
    )

    def __init__(self, link: str | None, received: Received, changed: Changed) -> None:
        """Make a port that is not open yet."""
        self._link, self._received, self._changed = link, received, changed
        self._fd = -1
        self._loop: asyncio.AbstractEventLoop
        self._poll: select.poll
        self._outlet: WriteBuffer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._found = self.taken = False
        self.device = ""
        self.url = link or "pty"

    @property
    def congested(self) -> bool:
        """Whether the host reads so slowly that no more should be said for now."""
        return self._outlet is not None and self._outlet.congested

    async def open(self) -> None:
        """Make the device and its link. Raises OSError when either cannot be made."""
        self._loop = asyncio.get_running_loop()
        self._fd, slave = os.openpty()
        try:
            self.device = os.ttyname(slave)
            tty.setraw(slave, termios.TCSANOW)
            if self._link is not None:
                make_link(self._link, self.device)
        except BaseException:
            os.close(self._fd)
            self._fd = -1
            raise
        finally:
            os.close(slave)
        os.set_blocking(self._fd, False)
        self._outlet = WriteBuffer(self._loop, self._fd, self._regulated)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self.url = self._link or self.device
        self._timer = self._loop.call_later(POLL_S, self._look)

    def write(self, data: bytes) -> None:
        """Say this to the host that has the device open."""
        if self.taken and self._outlet is not None:
            self._outlet.write(data)

    def hold(self, held: bool) -> None:
        """Read nothing from the host while held; its leaving is noticed after that."""
        if not self._found:
            return
        if held:
            self._loop.remove_reader(self._fd)
        else:
            self._loop.add_reader(self._fd, self._readable)

    def close(self) -> None:
        """Remove the link and the device; a host that has it open finds it hung up."""
        if self._fd < 0:
            return
        self._forget()
        fd, self._fd = self._fd, -1
        os.close(fd)
        if self._link is not None:
            remove_link(self._link, self.device)

    # while nobody has the device open

    def _look(self) -> None:
        """See whether a host has opened the device, or was there and has gone again."""
        state = sum(events for _, events in self._poll.poll(0))
        if state & select.POLLHUP:
            self._timer = self._loop.call_later(POLL_S, self._look)
            if state & select.POLLIN:
                self._drain()
            return
        self._found = True
        self._loop.add_reader(self._fd, self._readable)
        self._timer = self._loop.call_later(SETTLE_S, self._take)

    def _drain(self) -> None:
        """Take what a host said that was gone before it was noticed; a pty holds some 20 kB of it at most."""
        while data := self._read():
            self._received(data)

    # while a host has it open

    def _take(self) -> None:
        """The host is there to stay."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.taken = True
        self._changed(self)

    def _readable(self) -> None:
        """The host said something, or closed the device."""
        data = self._read()
        if data:
            if not self.taken:
                self._take()
            self._received(data)
        elif data is not None:
            self._forget()
            self._timer = self._loop.call_later(POLL_S, self._look)
            self._changed(self)

    def _read(self) -> bytes | None:
        """What the host said: None is nothing for now, empty is a device that nobody has open."""
        try:
            return os.read(self._fd, CHUNK_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _regulated(self) -> None:
        """The host reads slowly, or has caught up."""
        self._changed(self)

    def _forget(self) -> None:
        """Nobody has the device open any more: what was said to the last host is lost."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._found:
            self._loop.remove_reader(self._fd)
        if self._outlet is not None:
            self._outlet.clear()
        self.taken = self._found = False


def make_link(path: str, device: str) -> None:
    """Make a symbolic link to the device. Raises OSError with one line when something else is in its place."""
    if os.path.islink(path):
        if os.path.exists(path) and os.path.realpath(path) != os.path.realpath(device):
            raise FileExistsError(f"{path} is a link to {os.readlink(path)}, which exists: not replaced")
        with suppress(FileNotFoundError):
            os.unlink(path)
    elif os.path.lexists(path):
        raise FileExistsError(f"{path} exists and is not a link: not replaced")
    try:
        os.symlink(device, path)
    except OSError as error:
        raise OSError(f"the link {path} cannot be made: {error.strerror}") from None


def remove_link(path: str, device: str) -> None:
    """Remove the link, unless it leads elsewhere by now."""
    with suppress(OSError):
        if os.readlink(path) == device:
            os.unlink(path)


def raw_terminal(fd: int) -> Callable[[], None]:
    """Have a terminal hand over each character as it is typed, unchanged, unseen; Ctrl-C alone still interrupts.

    Returns what puts it back as it was. Raises OSError when it is no terminal.
    """
    try:
        before = termios.tcgetattr(fd)
        mode = termios.tcgetattr(fd)
        mode[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
        mode[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        for key in (termios.VQUIT, termios.VSUSP):
            mode[6][key] = bytes((os.fpathconf(fd, "PC_VDISABLE"),))
        termios.tcsetattr(fd, termios.TCSADRAIN, mode)
    except termios.error as error:
        raise OSError(error.args[0], error.args[1]) from None

    def restore() -> None:
        with suppress(termios.error):
            termios.tcsetattr(fd, termios.TCSANOW, before)

    return restore


def open_raw(path: str, baud: int = 115_200, rtscts: bool = False) -> int:
    """Open a serial device as a host does: raw, at a rate, without waiting; RTS and CTS hold the flow if asked to.

    Raises OSError with one line.
    """
    speed = getattr(termios, f"B{baud}", None)
    if speed is None:
        raise OSError(Sentence(N_("this system does not support {baud} bit/s"), baud=baud))
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        tty.setraw(fd, termios.TCSANOW)
        mode = termios.tcgetattr(fd)
        mode[4] = mode[5] = speed
        mode[2] &= ~(termios.CSTOPB | termios.CRTSCTS)
        mode[2] |= termios.CLOCAL | termios.CREAD | (termios.CRTSCTS if rtscts else 0)
        termios.tcsetattr(fd, termios.TCSANOW, mode)
    except termios.error as error:
        os.close(fd)
        why = LISTED_BY if error.args[0] == errno.ENOTTY else Sentence(error.args[1])
        raise OSError(error.args[0], helped(Sentence(N_("not a serial device")), why)) from None
    return fd
