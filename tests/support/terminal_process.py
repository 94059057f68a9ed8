"""A terminal as a person has it: a process on a pty with a screen, and a virtual module to talk to."""

import asyncio
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
from wcwidth import wcwidth

from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.net.connect_to import ConnectTo
from modemlab.virtual.module import VirtualModule

PATIENCE = 60.0
ENTER, TAB, ESC, UP, DOWN, LEFT, PAGE_UP = "\r", "\t", "\x1b", "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[5~"
F1, F2, F3, F4, F5 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~"
CTRL_C, CTRL_S, CTRL_Q, CTRL_Z, CTRL_U = "\x03", "\x13", "\x11", "\x1a", "\x15"
# What pyte does not know: it would show the end of these.
STRANGE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[[0-9;]*[ $'\"!][a-zA-Z]|\x1b[P_^][^\x1b]*\x1b\\")


class Bench:
    """A module on a port and a broker that it reaches by any name, on a thread with a loop of its own."""

    def __init__(self, model: str, port: str = "tcp://127.0.0.1:0") -> None:
        self.model, self.port = model, port
        self.url = ""
        self.published: list[tuple[str, bytes]] = []
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._vm: VirtualModule
        self._broker: Broker

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)

    def publish(self, topic: str, payload: bytes) -> None:
        """The server publishes."""
        self._loop.call_soon_threadsafe(self._broker.publish, topic, payload)

    def say(self, data: bytes) -> None:
        """The module says this, whatever it is."""
        self._loop.call_soon_threadsafe(lambda: self._vm.ports[0].write(data))

    def hang_up(self) -> None:
        """The port goes away."""
        self._loop.call_soon_threadsafe(self._vm.ports[0].close)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        self._broker = Broker()
        address = await self._broker.start()
        self._broker.observe(lambda _client, message: self.published.append((message.topic, message.payload)))
        dialect, model = find_model(self.model)
        rules = [ConnectTo("", None, *address)]
        async with VirtualModule(dialect, model, ports=[self.port], connect_to=rules) as self._vm:
            self.url = self._vm.urls[0]
            self._ready.set()
            await self._over.wait()
        await self._broker.close()


class Terminal:
    """`modemlab term` on a pty of so many columns and rows."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 150,
        rows: int = 40,
        directory: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._fd, other = os.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "modemlab", "term", *arguments],
            stdin=other,
            stdout=other,
            stderr=other,
            cwd=directory,
            start_new_session=True,
            env={
                **environment,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "PYTHONIOENCODING": "utf-8",
                **(settings or {}),
            },
        )
        os.close(other)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        if self._fd >= 0:
            os.close(self._fd)

    @property
    def text(self) -> str:
        """The screen, without blanks at the ends of lines."""
        return "\n".join(self._row(number).rstrip() for number in range(self._screen.lines))

    def type(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            os.write(self._fd, key.encode())

    def until(self, *words: str, gone: str = "") -> str:
        """The screen, once it shows all of these; fails with the screen when it does not in time."""
        until = time.monotonic() + PATIENCE
        while True:
            text = self.text
            if all(word in text for word in words) and (not gone or gone not in text):
                return text
            left = until - time.monotonic()
            missing = [word for word in words if word not in text]
            more = left > 0 and self._read(left)
            assert more, f"no {missing}, or still {gone!r}, on\n{text}"

    def line(self, word: str) -> str:
        """The first line with that word."""
        return next(line for line in self.text.split("\n") if word in line)

    def colour(self, word: str) -> str:
        """The colour in which a word is shown."""
        row = next(number for number in range(self._screen.lines) if word in self._row(number))
        cells = self._screen.buffer[row]
        text = "".join(cells[column].data or " " for column in range(self._screen.columns))
        return str(cells[text.index(word)].fg)

    def until_marked(self, word: str, marked: str) -> None:
        """Wait until just this is shown in reverse on the first line with that word; fails with the screen in time."""
        until = time.monotonic() + PATIENCE
        while self._marked(word) != marked:
            left = until - time.monotonic()
            assert left > 0, f"{self._marked(word)!r} is marked, not {marked!r}, on\n{self.text}"
            self._read(min(left, 0.2))

    def _marked(self, word: str) -> str:
        row = next((number for number in range(self._screen.lines) if word in self._row(number)), 0)
        cells = self._screen.buffer[row]
        return "".join(cells[column].data for column in range(self._screen.columns) if cells[column].reverse).strip()

    @property
    def memory(self) -> int:
        """The most memory that the process has had, in bytes; 0 where the system does not tell."""
        path = Path(f"/proc/{self._process.pid}/status")
        if not path.exists():
            return 0
        status = path.read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) << 10

    def write(self, data: bytes) -> None:
        """Type these bytes, however many, and read the screen meanwhile."""
        os.set_blocking(self._fd, False)
        until = time.monotonic() + PATIENCE
        while data:
            assert time.monotonic() < until, f"{len(data)} bytes are not taken"
            with suppress(BlockingIOError):
                data = data[os.write(self._fd, data) :]
            self._read(0.01)
        os.set_blocking(self._fd, True)

    def _row(self, number: int) -> str:
        """A line of the screen. Half of a wide character may be left, whose other half was written over."""
        cells = [self._screen.buffer[number][column].data for column in range(self._screen.columns)]
        return "".join(cell or ("" if wcwidth(before) == 2 else " ") for before, cell in pairwise([" ", *cells]))

    def resize(self, columns: int, rows: int) -> None:
        """The window changes its size."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process.send_signal(signal.SIGWINCH)

    def interrupt(self, number: int) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def hang_up(self) -> int:
        """Close the window; the exit status."""
        os.close(self._fd)
        self._fd = -1
        return self._process.wait(PATIENCE)

    def end(self) -> int:
        """Wait for the end; the exit status."""
        until = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < until:
            self._read(0.05)
        while self._read(0.05):
            pass
        return self._process.wait(PATIENCE)

    def _read(self, seconds: float) -> bool:
        """Take what comes within so many seconds; False at the end, and when nothing came."""
        if not select.select([self._fd], (), (), seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self._stream.feed(STRANGE.sub(b"", data))
        return bool(data)


@contextmanager
def session(model: str, *arguments: str, directory: str | None = None) -> Iterator[tuple[Bench, Terminal]]:
    """A module and a terminal on it."""
    with Bench(model) as bench, Terminal(bench.url, *arguments, directory=directory) as terminal:
        yield bench, terminal


@contextmanager
def by_hand(
    *arguments: str, model: str = "EC200S-CN", directory: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[socket.socket, Terminal]]:
    """A terminal, and the other end of its line: what a module would say, the test says."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        listening.settimeout(PATIENCE)
        with Terminal(url, "--model", model, *arguments, directory=directory, settings=settings) as terminal:
            module, _ = listening.accept()
            with module:
                module.settimeout(PATIENCE)
                # Until the screen is there, keys are not its own.
                terminal.until(":help")
                yield module, terminal


@contextmanager
def stand_in(url: str) -> Iterator[socket.socket]:
    """Something that listens where the module did."""
    host, _, number = url.removeprefix("tcp://").rpartition(":")
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.settimeout(PATIENCE)
        listening.bind((host, int(number)))
        listening.listen()
        yield listening
