"""A pty port, driven by pyserial as firmware's tools drive it."""

import asyncio
import os
import termios
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import serial

from modemlab.ports.make import make_port
from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES, Port
from modemlab.ports.pty import SETTLE_S, PtyPort
from support.helpers import WAIT, until


class Line:
    """A port under test and what it told; it echoes in angle brackets."""

    def __init__(self, url: str = "pty") -> None:
        self.heard = b""
        self.changes: list[tuple[bool, bool]] = []
        self.greeting = b""
        port = make_port(url, self.hear, self.note)
        assert isinstance(port, PtyPort)
        self.port = port

    @property
    def waiting(self) -> int:
        """How many bytes wait for the host, beyond what the system holds."""
        assert self.port._outlet is not None
        return len(self.port._outlet.rest)

    def hear(self, data: bytes) -> None:
        """Echo what comes."""
        self.heard += data
        self.port.write(b"<" + data + b">")

    def note(self, port: Port) -> None:
        """Remember the port's state; greet a host that came."""
        self.changes.append((port.taken, port.congested))
        if port.taken and self.greeting:
            greeting, self.greeting = self.greeting, b""
            port.write(greeting)


@asynccontextmanager
async def opened(url: str = "pty") -> AsyncIterator[Line]:
    """A line that is open."""
    line = Line(url)
    await line.port.open()
    try:
        yield line
    finally:
        line.port.close()


async def host(work: Callable[[serial.Serial], None], url: str) -> None:
    """Do the host's work in a thread, with the device open."""

    def run() -> None:
        with serial.Serial(url, 115200, timeout=WAIT, write_timeout=WAIT) as device:
            work(device)

    await asyncio.wait_for(asyncio.to_thread(run), 4 * WAIT)


def test_round_trip_again_and_again() -> None:
    """All 256 bytes pass unchanged both ways; the device is opened and closed as hosts please."""
    every = bytes(range(256))

    def work(device: serial.Serial) -> None:
        device.write(b"AT\r")
        assert device.read(5) == b"<AT\r>"
        for byte in every:
            device.write(bytes((byte,)))
            assert device.read(3) == b"<%c>" % byte

    async def main() -> None:
        async with opened() as line:
            assert line.port.url == line.port.device
            for times in range(1, 4):
                await host(work, line.port.url)
                await until(lambda: not line.port.taken)
                assert line.heard == (b"AT\r" + every) * times
            assert line.changes == [(True, False), (False, False)] * 3

    asyncio.run(main())


def test_raw_without_echo() -> None:
    """A host that sets nothing finds a raw line without echo, the second time too."""

    async def main() -> None:
        async with opened() as line:
            for _ in range(2):
                fd = os.open(line.port.url, os.O_RDWR | os.O_NOCTTY)
                try:
                    local = termios.tcgetattr(fd)[3]
                    assert not local & (termios.ECHO | termios.ICANON | termios.ISIG)
                finally:
                    os.close(fd)

    asyncio.run(main())


def test_a_greeting_survives_the_flush_of_opening() -> None:
    """Hosts throw away what they find when they open a device; `taken` comes after that."""

    def listen(device: serial.Serial) -> None:
        assert device.read(7) == b"\r\nRDY\r\n"

    async def main() -> None:
        for _ in range(10):
            async with opened() as line:
                line.greeting = b"\r\nRDY\r\n"
                await host(listen, line.port.url)

    asyncio.run(main())


def test_a_host_that_speaks_at_once_is_taken_at_once() -> None:
    """The first bytes end the time to settle: the greeting comes ahead of their answer."""

    def work(device: serial.Serial) -> None:
        device.write(b"AT")
        assert device.read(7) == b"RDY<AT>"

    async def main() -> None:
        async with opened() as line:
            line.greeting = b"RDY"
            await host(work, line.port.url)

    asyncio.run(main())


def test_a_host_that_is_gone_before_it_is_noticed() -> None:
    """What `echo AT > device` says is heard, though nobody is there any more."""

    async def main() -> None:
        async with opened() as line:
            fd = os.open(line.port.url, os.O_RDWR | os.O_NOCTTY)
            os.write(fd, b"AT\r")
            os.close(fd)
            await until(lambda: line.heard == b"AT\r")
            assert not line.port.taken

    asyncio.run(main())


def test_a_host_that_leaves_while_settling() -> None:
    """A device opened and closed without a word is never taken."""

    async def main() -> None:
        async with opened() as line:
            fd = os.open(line.port.url, os.O_RDWR | os.O_NOCTTY)
            await until(lambda: line.port._found)
            os.close(fd)
            await until(lambda: not line.port._found)
            await asyncio.sleep(2 * SETTLE_S)
            assert not any(taken for taken, _ in line.changes)

    asyncio.run(main())


def test_a_slow_host_loses_nothing_up_to_the_limit() -> None:
    """The port never blocks, says that it is congested, drops whole writes beyond LIMIT and recovers."""
    block = bytes(range(256)) * 16
    sizes: list[int] = []

    def work(device: serial.Serial) -> None:
        device.write(b"!")
        while not sizes:
            time.sleep(0.005)
        assert device.read(3 + sizes[0]) == b"<!>" + block * (sizes[0] // len(block))

    async def main() -> None:
        async with opened() as line:
            working = asyncio.create_task(host(work, line.port.url))
            await until(lambda: line.port.taken)
            before = time.monotonic()
            written = 0
            while line.waiting + len(block) <= MAX_UNREAD_BYTES:
                line.port.write(block)
                written += len(block)
            assert line.port.congested
            line.port.write(block)
            assert line.waiting <= MAX_UNREAD_BYTES
            assert time.monotonic() - before < WAIT
            assert MAX_UNREAD_BYTES > CONGESTED_BYTES
            sizes.append(written)
            await working
            assert line.changes[-1] == (False, False) or not line.port.congested

    asyncio.run(main())


def test_a_host_that_leaves_with_output_unread() -> None:
    """What was on its way to a host that is gone does not reach the next through the port's own buffer."""

    async def main() -> None:
        async with opened() as line:
            fd = os.open(line.port.url, os.O_RDWR | os.O_NOCTTY)
            await until(lambda: line.port.taken)
            while not line.port.congested:
                line.port.write(b"x" * 4096)
            os.close(fd)
            await until(lambda: not line.port.taken)
            assert not line.port.congested
            assert not line.waiting

    asyncio.run(main())


def test_link(tmp_path: Path) -> None:
    """The link leads to the device, works as one, and goes with the port."""
    path = tmp_path / "ttyLTE"

    def work(device: serial.Serial) -> None:
        device.write(b"AT")
        assert device.read(4) == b"<AT>"

    async def main() -> None:
        async with opened(f"pty:{path}") as line:
            assert line.port.url == str(path)
            assert os.readlink(path) == line.port.device
            await host(work, line.port.url)
        assert not os.path.lexists(path)

    asyncio.run(main())


def test_link_replaces_a_stale_one_alone(tmp_path: Path) -> None:
    """A link that leads nowhere is replaced; a file, a directory and a link that leads somewhere are not."""
    stale, file, folder, live = (tmp_path / name for name in ("stale", "file", "folder", "live"))
    stale.symlink_to(tmp_path / "nothing")
    file.write_text("precious")
    folder.mkdir()
    live.symlink_to(file)

    async def main() -> None:
        async with opened(f"pty:{stale}") as line:
            assert os.readlink(stale) == line.port.device
        descriptors = len(os.listdir("/dev/fd"))
        for path in (file, folder, live, tmp_path / "missing" / "link"):
            line = Line(f"pty:{path}")
            with pytest.raises(OSError, match=str(path)) as caught:
                await line.port.open()
            assert "\n" not in str(caught.value)
            line.port.close()
        assert len(os.listdir("/dev/fd")) == descriptors

    asyncio.run(main())
    assert file.read_text() == "precious"
    assert live.is_symlink()
    assert folder.is_dir()


def test_a_link_that_leads_elsewhere_by_now_stays(tmp_path: Path) -> None:
    """At its end a port removes its own link alone."""
    path = tmp_path / "ttyLTE"

    async def main() -> None:
        async with opened(f"pty:{path}"):
            path.unlink()
            path.symlink_to("/dev/null")

    asyncio.run(main())
    assert os.readlink(path) == "/dev/null"
