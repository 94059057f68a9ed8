"""Nobody reads what a subcommand prints while it runs: the module goes on, and ends as it always does."""

import io
import os
import re
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from modemlab.cli import output_stream as output
from modemlab.cli.output_stream import OutputStream
from modemlab.cli.up import terminals
from support.command_line import COMMAND, ENVIRONMENT, PATIENCE, Host, run

TCP = ("--port", "tcp://127.0.0.1:0")
READY = rb"ready on (tcp://127\.0\.0\.1:\d+)\n"
# Seconds that an end may take: a bound for what is left to print, and the interpreter's own.
SOON = 3.0
# With Python's own buffers, which could hang the end of a process.
BUFFERED = {name: value for name, value in ENVIRONMENT.items() if name != "PYTHONUNBUFFERED"}


class Unread:
    """A `modemlab` whose stdout and stderr are pipes that are read when a test says so; full from the start at will."""

    def __init__(self, *arguments: str, full: bool = False) -> None:
        self.out, out = os.pipe()
        self.err, err = os.pipe()
        if full:
            fill(out)
            fill(err)
        self.process = subprocess.Popen([*COMMAND, *arguments], stdout=out, stderr=err, env=BUFFERED)
        os.close(out)
        os.close(err)
        self._said = b""

    def url(self) -> str:
        """The URL of the next line that says where something is on TCP."""
        while (found := re.search(READY, self._said)) is None:
            self._said += read(self.out)
        self._said = self._said[found.end() :]
        return found[1].decode()

    def close(self) -> None:
        """Nobody will ever read."""
        os.close(self.out)
        os.close(self.err)
        self.out = self.err = -1

    def end(self, number: int = signal.SIGTERM) -> int:
        """The exit status after a signal, which comes soon."""
        began = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        assert time.monotonic() - began < SOON
        return status


@contextmanager
def unread(*arguments: str, full: bool = False) -> Iterator[Unread]:
    """An `Unread`, gone at the end."""
    running = Unread(*arguments, full=full)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait(PATIENCE)
        if running.out >= 0:
            running.close()


def fill(end: int) -> None:
    """Write to a pipe until it is full."""
    os.set_blocking(end, False)
    try:
        while True:
            os.write(end, b"\n" * 65536)
    except BlockingIOError:
        pass
    try:
        while True:
            os.write(end, b"\n")
    except BlockingIOError:
        os.set_blocking(end, True)


def refuse(host: Host, count: int) -> None:
    """Have commands refused, each with a line of more than 300 characters on stderr."""
    for _ in range(count):
        assert host.ask("AT+" + "X" * 300).endswith(b"\r\nERROR\r\n")


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def reach(url: str) -> Host:
    """A host, once its port listens."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return Host(url)
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.02)


def read(end: int) -> bytes:
    """What comes next; nothing when whoever writes is gone."""
    assert select.select([end], [], [], PATIENCE)[0]
    return os.read(end, 65536)


def read_all(end: int) -> bytes:
    """What comes until whoever writes is gone."""
    said = b""
    while data := read(end):
        said += data
    return said


# as processes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stderr_that_nobody_reads_stops_nothing(number: int) -> None:
    """Ten times what a pipe holds."""
    with unread("module", "EC200S", *TCP) as running, Host(running.url()) as host:
        refuse(host, 2000)
        assert host.ask("AT") == b"AT\r\r\nOK\r\n"
        assert running.end(number) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_pipes_that_are_full_from_the_start_stop_nothing(number: int) -> None:
    """Not even the first line can be printed."""
    url = f"tcp://127.0.0.1:{free_port()}"
    with unread("module", "EC200S", "--port", url, full=True) as running, reach(url) as host:
        host.until(b"RDY\r\n")
        refuse(host, 300)
        assert host.ask("AT") == b"AT\r\r\nOK\r\n"
        assert running.end(number) == 0


def test_a_stdout_that_nobody_reads_stops_no_message() -> None:
    """`up` prints what arrives at its broker."""
    with unread("up", "--log-level", "error") as running:
        running.url()
        with Host(running.url()) as host:
            host.paste(['AT+QMTOPEN=0,"x",1883', 'AT+QMTCONN=0,"x"'])
            for _ in range(100):
                host.paste(['AT+QMTPUBEX=0,0,0,0,"t",1500', "x" * 1500])
            assert running.end() == 0


def test_a_broker_goes_on_too() -> None:
    """Each connection is a line or two in its log."""
    with unread("broker", *TCP, full=True) as running:
        read(running.out)
        url = running.url()
        with unread("module", "EC200S", *TCP, "--connect-to", "::" + url.removeprefix("tcp://")) as module:
            with Host(module.url()) as host:
                for _ in range(20):
                    host.paste(['AT+QMTOPEN=0,"x",1883', 'AT+QMTCONN=0,"x"', "AT+QMTDISC=0"])
            assert module.end() == 0
        assert running.end() == 0


def test_what_is_lost_is_counted_once_somebody_reads() -> None:
    """Each refusal is a line on stderr, or counted in the line that stands in their place."""
    count = 5000
    with unread("module", "EC200S", *TCP) as running, Host(running.url()) as host:
        refuse(host, count)
        said = b""
        while (
            missing := re.search(rb"^modemlab: (\d+) lines could not be written here\n", said, re.MULTILINE)
        ) is None:
            said += read(running.err)
        assert said.count(b"is not a command") + int(missing[1]) == count
        assert said.endswith(missing[0])
        refuse(host, 1)
        assert re.fullmatch(rb"\S+ module: AT\+X+: .* is not a command of this module\n", read(running.err))
        assert running.end() == 0
        assert read_all(running.err).splitlines()[1] == b"[[answer]]  # typed %d times" % (count + 1)


def test_readers_that_are_gone_are_no_trouble() -> None:
    """No traceback can be seen, but the status and the line can."""
    with unread("module", "EC200S", *TCP) as running, Host(running.url()) as host:
        running.close()
        refuse(host, 300)
        assert host.ask("AT") == b"AT\r\r\nOK\r\n"
        assert running.end() == 0


def test_a_stderr_whose_reader_is_gone_leaves_stdout_alone() -> None:
    """The one is no reason to end the other."""
    with unread("up") as running:
        running.url()
        os.close(running.err)
        running.err = os.open(os.devnull, os.O_RDONLY)
        with Host(running.url()) as host:
            refuse(host, 10)
            host.paste(['AT+QMTOPEN=0,"x",1883', 'AT+QMTCONN=0,"x"', 'AT+QMTPUBEX=0,0,0,0,"t",5', "hello"])
            said = b""
            while b"t hello\n" not in said:
                said += read(running.out)
        assert running.end() == 0


def test_the_last_lines_are_printed_before_the_end() -> None:
    """To readers that are only slow."""
    with unread("module", "EC200S", *TCP) as running, Host(running.url()) as host:
        refuse(host, 1000)
        said: list[bytes] = []
        reader = threading.Thread(target=lambda: said.append(read_all(running.err)))
        reader.start()
        try:
            assert running.end() == 0
        finally:
            running.process.kill()
            reader.join(PATIENCE)
        assert said[0].count(b"is not a command") == 1000
        assert said[0].endswith(b"\n")


def test_output_goes_to_files_too(tmp_path: Path) -> None:
    """Both streams in one file, in order."""
    log = tmp_path / "log"
    url = f"tcp://127.0.0.1:{free_port()}"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*COMMAND, "module", "EC200S", "--port", url], stdout=file, stderr=file, env=ENVIRONMENT
        )
    try:
        with reach(url) as host:
            host.until(b"RDY\r\n")
            refuse(host, 10)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait(PATIENCE)
    lines = log.read_text().splitlines()
    assert lines[0] == f"EC200S-CN ready on {url}"
    assert [line for line in lines[1:11] if "is not a command" not in line] == []
    assert lines[12:] == ["[[answer]]  # typed 10 times", f'command = "AT+{"X" * 300}"', "lines = []"]


def test_streams_that_are_closed_from_the_start_are_no_trouble() -> None:
    """As `>&- 2>&-` of a shell leaves them."""
    url = f"tcp://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *COMMAND, "module", "EC200S", "--port", url], env=BUFFERED
    )
    try:
        with reach(url) as host:
            refuse(host, 1)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait(PATIENCE)


def test_a_table_has_no_need_of_a_stdout() -> None:
    """As `>&-` leaves it."""
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "models"], capture_output=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_trouble_ends_the_process_though_nobody_reads_of_it() -> None:
    """The port is taken, and stderr is full."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with unread("broker", "--port", f"tcp://127.0.0.1:{taken.getsockname()[1]}", full=True) as running:
            assert running.process.wait(PATIENCE) == 2


def test_a_trace_into_a_fifo_that_nobody_reads_is_refused(tmp_path: Path) -> None:
    """It is not waited for."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    done = run("module", "EC200S", *TCP, "--trace", str(fifo))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"modemlab: {fifo}: nobody reads this FIFO\n")


def test_a_trace_and_a_recording_into_a_fifo_wait_for_nobody(tmp_path: Path) -> None:
    """Hosts are answered though nobody reads, and nothing is lost by that; a reader who leaves ends a recording."""
    trace, recording = tmp_path / "trace", tmp_path / "recording"
    ends = []
    for fifo in (trace, recording):
        os.mkfifo(fifo)
        ends.append(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))
    with (
        unread("module", "EC200S", *TCP, "--trace", str(trace)) as module,
        unread("record", str(recording), "--port", (place := module.url()), "--listen", TCP[1], "--force") as recorder,
        reach(recorder.url()) as host,
    ):
        for _ in range(3):
            host.say(b"x" * 60_000 + b"\r")
            refuse(host, 1)
        os.set_blocking(ends[0], True)
        traced = b""
        while traced.count(b"ERROR") < 3:
            traced += os.read(ends[0], 1 << 16)
        assert len(traced) > 3 * 3 * 60_000
        os.close(ends[1])
        # Whether the answer still comes through is a race with the end of the recording.
        host.say(b"AT\r")
        assert recorder.process.wait(PATIENCE) == 2
        assert b"recording: the reader has closed it, or reads too slowly" in read(recorder.err)
        os.close(ends[0])
        with reach(place) as another:
            refuse(another, 1)
        assert module.end() == 0


# the stream alone


class Gate(io.RawIOBase):
    """A file that is written once it is open, in pieces of so many bytes, and that may refuse or be busy."""

    def __init__(self, piece: int = 1 << 20) -> None:
        self.opened = threading.Event()
        self.taken = b""
        self.piece = piece
        self.answers: list[int | None] = []

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any, /) -> int | None:
        """Take a piece. Of `answers`, the next is given instead: None is busy, a number an error's."""
        assert self.opened.wait(PATIENCE)
        if self.answers:
            answer = self.answers.pop(0)
            if answer is None:
                return None
            raise OSError(answer, os.strerror(answer))
        piece = bytes(data[: self.piece])
        self.taken += piece
        return len(piece)


def printing(file: Gate) -> OutputStream:
    """An `OutputStream` on such a file."""
    buffered = io.BufferedWriter(cast(Any, file))
    return OutputStream(io.TextIOWrapper(buffered, encoding="ascii"))


def drained(stream: OutputStream) -> None:
    """Wait until all is written."""
    stream.drain(PATIENCE)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 4096])
def test_all_is_written_in_order(piece: int) -> None:
    """Lines and parts of lines, to a file that takes little at a time; what it cannot show is escaped."""
    file = Gate(piece)
    file.opened.set()
    file.answers = [None]
    stream = printing(file)
    print("one", 2, file=stream)
    stream.write("thr")
    stream.write("ee\nfour")
    stream.write("")
    print(" \u00e9", end="", file=stream)
    drained(stream)
    assert file.taken.replace(os.linesep.encode(), b"\n") == b"one 2\nthree\nfour \\xe9"


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """`LIMIT` characters and one text; those behind are counted, and told of ahead of what comes after."""
    monkeypatch.setattr(output, "MAX_WAITING_CHARACTERS", 100)
    file = Gate()
    stream = printing(file)
    for number in range(50):
        print(f"line {number:04}", file=stream)
    print("x" * 200 + "\n", file=stream)
    file.opened.set()
    drained(stream)
    print("after", file=stream)
    drained(stream)
    lines = file.taken.decode().splitlines()
    assert lines == [f"line {n:04}" for n in range(10)] + ["modemlab: 42 lines could not be written here", "after"]
    file.opened.clear()
    print("y" * 1000, file=stream)
    print("gone", file=stream)
    file.opened.set()
    drained(stream)
    assert file.taken.endswith(b"y\nmodemlab: 1 line could not be written here\n".replace(b"\n", os.linesep.encode()))


def test_a_file_that_refuses_is_tried_again_with_the_next_line() -> None:
    """No space left for two lines and for the line that tells of the first."""
    file = Gate()
    file.opened.set()
    file.answers = [28, 28]
    stream = printing(file)
    for text in ("one", "two", "three"):
        print(text, file=stream)
        drained(stream)
    assert file.taken.decode().splitlines() == ["modemlab: 2 lines could not be written here", "three"]


def test_a_closed_file_is_no_error(tmp_path: Path) -> None:
    """Lines to it are lost."""
    with (tmp_path / "log").open("w") as file:
        stream = OutputStream(file)
        print("one", file=stream)
        drained(stream)
    print("two", file=stream)
    drained(stream)
    assert (tmp_path / "log").read_text() == "one\n"


# what `up` tells to type


@pytest.mark.parametrize(
    ("installed", "urls", "lines"),
    [
        (
            ("picocom", "screen", "tio", "nc", "telnet"),
            ("/dev/pts/3", "tcp://127.0.0.1:7000"),
            [
                "picocom /dev/pts/3",
                "screen /dev/pts/3",
                "tio /dev/pts/3",
                "nc -C 127.0.0.1 7000",
                "telnet 127.0.0.1 7000",
            ],
        ),
        (("nc",), ("tcp://127.0.0.1:7000",), ["nc -C 127.0.0.1 7000"]),
        (
            (),
            ("/dev/pts/3", "tcp://127.0.0.1:7000"),
            ["python -m pip install pyserial && python -m serial.tools.miniterm --eol CR /dev/pts/3"],
        ),
        (
            ("picocom",),
            ("tcp://127.0.0.1:7000",),
            ["python -m pip install pyserial && python -m serial.tools.miniterm --eol CR socket://127.0.0.1:7000"],
        ),
    ],
)
def test_terminals_end_a_line_with_cr(
    monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], urls: tuple[str, ...], lines: list[str]
) -> None:
    """Those that are installed, picocom first; or miniterm, told to send CR."""
    monkeypatch.setattr("shutil.which", {name: name for name in installed}.get)
    monkeypatch.setattr("sys.executable", "python")
    monkeypatch.setattr("sys.platform", "linux")
    assert terminals(urls) == lines
