"""A serial port on a real terminal device: the slave of a pty, whose master is the board's UART."""

import asyncio
import os
import select
import sys
import termios
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from modemlab import ports
from modemlab.dialect.registry import find_model
from modemlab.ports.make import make_port
from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES, Port, PortMaker
from modemlab.ports.serial import SerialPort
from modemlab.virtual.module import VirtualModule
from support.helpers import WAIT, until

LOST = "is gone; it is searched for every second"


class Line:
    """A port under test and what it told; it echoes in angle brackets."""

    def __init__(self, path: str, threaded: bool = False, baud: int = 115200, rtscts: bool = False) -> None:
        self.heard = b""
        self.changes: list[tuple[bool, bool]] = []
        self.port = SerialPort(path, baud, rtscts, self.hear, self.note, threaded)

    def hear(self, data: bytes) -> None:
        """Echo what comes."""
        self.heard += data
        self.port.write(b"<" + data + b">")

    def note(self, port: Port) -> None:
        """Remember the port's state."""
        self.changes.append((port.taken, port.congested))


class Board:
    """A board, whose UART is a file descriptor."""

    def __init__(self) -> None:
        self.fd, self.slave = os.openpty()
        self.path = os.ttyname(self.slave)

    async def read(self, count: int, seconds: float = WAIT) -> bytes:
        """So many bytes, or what comes within that time."""

        def work() -> bytes:
            data = b""
            until = time.monotonic() + seconds
            while len(data) < count and select.select([self.fd], [], [], max(until - time.monotonic(), 0))[0]:
                data += os.read(self.fd, count - len(data))
            return data

        return await asyncio.to_thread(work)

    def pull_out(self) -> None:
        """Take the device away."""
        for fd in (self.fd, self.slave):
            if fd >= 0:
                os.close(fd)
        self.fd = self.slave = -1


def on_board(work: Callable[[Line, Board], Awaitable[None]], threaded: bool, rtscts: bool = False) -> None:
    """Run with a port on a board's UART."""

    async def main() -> None:
        board = Board()
        line = Line(board.path, threaded, rtscts=rtscts)
        try:
            await line.port.open()
            await work(line, board)
        finally:
            line.port.close()
            line.port.close()
            board.pull_out()
        assert not line.port.taken

    descriptors = len(os.listdir("/dev/fd"))
    asyncio.run(main())
    assert len(os.listdir("/dev/fd")) == descriptors


both = pytest.mark.parametrize("threaded", [False, True], ids=["loop", "threads"])


@both
def test_round_trip(threaded: bool) -> None:
    """All 256 bytes pass unchanged both ways; the port is taken as long as the device is open."""
    every = bytes(range(256))

    async def work(line: Line, board: Board) -> None:
        assert line.port.taken
        assert line.port.url == f"serial:{board.path}?baud=115200"
        for byte in every:
            os.write(board.fd, bytes((byte,)))
            assert await board.read(3) == b"<%c>" % byte
        assert line.heard == every
        line.port.power(False)
        line.port.power(True)
        assert line.changes == [(True, False)]

    on_board(work, threaded)


@both
def test_a_board_that_takes_nothing(threaded: bool) -> None:
    """Writing never blocks; the port says that it is congested, drops whole writes beyond LIMIT and recovers."""
    block = bytes(range(256)) * 16

    async def work(line: Line, board: Board) -> None:
        before = time.monotonic()
        written = 0
        while not line.port.congested:
            line.port.write(block)
            written += len(block)
            assert written <= 2 * MAX_UNREAD_BYTES
        assert written > CONGESTED_BYTES
        assert time.monotonic() - before < WAIT / 2
        await asyncio.sleep(0.1)
        for _ in range(2 * MAX_UNREAD_BYTES // len(block)):
            line.port.write(block)
        outlet, threads = line.port._outlet, line.port._threads
        waiting = outlet.rest if outlet is not None else threads._rest if threads is not None else b""
        assert CONGESTED_BYTES < len(waiting) <= MAX_UNREAD_BYTES
        data = b""
        while part := await board.read(4096, 0.3):
            data += part
        assert data == block * (len(data) // len(block))
        assert line.changes == [(True, False), (True, True), (True, False)]
        os.write(board.fd, b"a")
        assert await board.read(3) == b"<a>"

    on_board(work, threaded)


@both
@pytest.mark.parametrize("rtscts", [False, True])
def test_a_board_is_held_up_where_rts_can_do_it(threaded: bool, rtscts: bool) -> None:
    """What was being read passes, what comes then waits for the end of the hold; without RTS all is read."""

    async def work(line: Line, board: Board) -> None:
        line.port.hold(True)
        os.write(board.fd, b"a")
        await asyncio.sleep(0.02)
        os.write(board.fd, b"b")
        await asyncio.sleep(0.02)
        if rtscts:
            assert line.heard == b"a" * threaded
        line.port.hold(False)
        await until(lambda: line.heard == b"ab")
        line.port.hold(True)
        board.pull_out()
        await asyncio.sleep(0.02)
        line.port.hold(False)
        await until(lambda: not line.port.taken)
        line.port.hold(True)
        line.port.hold(False)

    on_board(work, threaded, rtscts)


@both
def test_the_rate_follows_the_module(threaded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """AT+IPR shows the device's rate; another one is set behind its OK, until the module starts again."""
    monkeypatch.setattr(ports.serial, "SENT", 0.001)

    async def main() -> None:
        board, other = Board(), Board()

        def rates() -> list[int]:
            return [termios.tcgetattr(each.slave)[4] for each in (board, other)]

        def maker(baud: int, each: Board) -> PortMaker:
            return lambda received, changed: SerialPort(each.path, baud, False, received, changed, threaded)

        wires = [maker(9600, board), maker(19200, other)]
        async with VirtualModule(*find_model("EC200S-CN"), ports=wires) as vm:
            assert await board.read(7) == b"\r\nRDY\r\n"
            os.write(board.fd, b"AT+IPR?\r")
            answer = b"AT+IPR?\r\r\n+IPR: 9600\r\n\r\nOK\r\n"
            assert await board.read(len(answer)) == answer
            vm.ports[0].write(b"x" * 60_000)
            os.write(board.fd, b"AT+IPR=230400\r")
            await asyncio.sleep(0.02)
            assert rates() == [termios.B9600, termios.B19200]
            assert (await board.read(60_000 + 20)).endswith(b"AT+IPR=230400\r\r\nOK\r\n")
            await until(lambda: rates() == [termios.B230400, termios.B19200])
            vm.power_key()
            vm.power_key()
            await until(lambda: rates() == [termios.B9600, termios.B19200])
        board.pull_out()
        other.pull_out()

    asyncio.run(main())


@both
def test_a_device_that_goes_and_comes_back(
    threaded: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter that is pulled out is a host that hangs up; the device is taken again when it is back, at the rate
    that the module has by then.
    """
    monkeypatch.setattr(ports.serial, "POLL_S", 0.1)
    path = tmp_path / "ttyUSB0"

    async def main() -> None:
        board = Board()
        path.symlink_to(board.path)
        line = Line(str(path), threaded)
        await line.port.open()
        path.unlink()
        board.pull_out()
        await until(lambda: not line.port.taken)
        line.port.write(b"nobody")
        line.port.power(False)
        line.port.change(9600)
        await asyncio.sleep(0.12)
        assert not line.port.taken
        board = Board()
        path.symlink_to(board.path)
        await until(lambda: line.port.taken)
        os.write(board.fd, b"AT")
        assert await board.read(4) == b"<AT>"
        assert termios.tcgetattr(board.slave)[4] == termios.B9600
        assert line.changes == [(True, False), (False, False), (True, False)]
        path.unlink()
        board.pull_out()
        await until(lambda: not line.port.taken)
        line.port.close()

    asyncio.run(main())
    assert caplog.messages == [f"{path} {LOST}", f"{path} is back", f"{path} {LOST}"]


@both
def test_what_cannot_be_opened_is_one_line(threaded: bool, tmp_path: Path) -> None:
    """No such device, no serial device, one that another program has, a rate that it has not."""
    file = tmp_path / "file"
    file.write_text("")

    async def main() -> None:
        board = Board()
        first = Line(board.path, threaded)
        await first.port.open()
        for path, words in (
            (str(tmp_path / "none"), "No such file or directory"),
            (str(file), "it is not a serial device"),
            ("/dev/null", "it is not a serial device"),
            (board.path, "another program has it"),
        ):
            line = Line(path, threaded)
            with pytest.raises(OSError, match=f"^{path} cannot be opened: {words}$"):
                await line.port.open()
            assert not line.port.taken
            line.port.close()
        first.port.close()
        board.pull_out()

    descriptors = len(os.listdir("/dev/fd"))
    asyncio.run(main())
    assert len(os.listdir("/dev/fd")) == descriptors


def test_without_pyserial_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra to install is named, before anything is opened."""
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(ValueError, match=r"^serial ports need pyserial: pip install 'modemlab\[serial\]'$"):
        make_port("serial:/dev/ttyUSB0", print, print)


def test_rate_and_flow_control_are_set() -> None:
    """The device has the rate of the URL, and RTS and CTS if they are asked for."""
    termios = pytest.importorskip("termios")
    board = Board()

    async def main() -> None:
        for url, speed, flow in (
            (f"serial:{board.path}?baud=9600&rtscts=1", termios.B9600, True),
            (f"serial:{board.path}", termios.B115200, False),
        ):
            port = make_port(url, print, lambda _port: None)
            await port.open()
            mode = termios.tcgetattr(board.slave)
            assert mode[5] == speed
            assert bool(mode[2] & termios.CRTSCTS) is flow
            assert not mode[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
            port.close()

    asyncio.run(main())
    board.pull_out()
