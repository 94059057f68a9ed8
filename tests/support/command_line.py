"""The command line as a process: run to its end, or running until it is told to end."""

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from support.fork_server import fork_server

PATIENCE = 60.0
COMMAND = [sys.executable, "-m", "modemlab"]
ENVIRONMENT = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `modemlab` with these arguments to its end, in a directory."""
    # What is measured, or started in another way, is started from nothing.
    if hasattr(os, "fork") and [sys.executable, "-m", "modemlab"] == COMMAND and "coverage" not in sys.modules:
        return fork_server().run(arguments, str(cwd or Path.cwd()), ENVIRONMENT, PATIENCE)
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT, cwd=cwd
    )


class Running:
    """A `modemlab` that runs until `end`; its output is read meanwhile."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        self._lines: dict[str, queue.Queue[str]] = {"stdout": queue.Queue(), "stderr": queue.Queue()}
        self._threads = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self._lines]
        for thread in self._threads:
            thread.start()

    def _read(self, name: str) -> None:
        stream = getattr(self.process, name)
        for line in stream:
            self._lines[name].put(line.rstrip("\n"))
        self._lines[name].put("<the end>")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def until(self, pattern: str, stream: str = "stdout") -> re.Match[str]:
        """The match of the next line in which the pattern is found; fails when there is none in time."""
        until = time.monotonic() + PATIENCE
        passed = []
        while True:
            try:
                line = self._lines[stream].get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                line = "<the end>"
            found = re.search(pattern, line)
            if found is not None:
                return found
            passed.append(line)
            assert line != "<the end>", f"no {pattern!r} in {passed}, {self.rest('stderr')}"

    def rest(self, stream: str) -> list[str]:
        """The lines that are there by now; all of them, and `<the end>`, once it has ended."""
        if self.process.poll() is not None:
            for thread in self._threads:
                thread.join(PATIENCE)
        lines = []
        while not self._lines[stream].empty():
            lines.append(self._lines[stream].get())
        return lines

    def end(self, number: int = signal.SIGINT) -> int:
        """Send the signal; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


class Host:
    """A host on a TCP port: types lines and reads what the module says."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("tcp://").rpartition(":")
        self._socket = socket.create_connection((host, int(port)), PATIENCE)
        self._heard = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def until(self, *ends: bytes) -> bytes:
        """What is said up to the first of these; fails when the port closes or says none of them in time."""
        while not any(end in self._heard for end in ends):
            data = self._socket.recv(4096)
            assert data, f"closed after {self._heard!r}"
            self._heard += data
        stop = min(self._heard.index(end) + len(end) for end in ends if end in self._heard)
        said, self._heard = self._heard[:stop], self._heard[stop:]
        return said

    def ask(self, line: str) -> bytes:
        """Type a line; the answer up to its final result code or a prompt."""
        self.say(line.encode() + b"\r")
        return self.until(b"OK\r\n", b"ERROR\r\n", b"\r\n> ", b"+CME ERROR: ")

    def paste(self, session: list[str]) -> list[str]:
        """Type the lines of a session as a person would, each when the one before it has been answered."""
        answers = []
        lines = iter(session)
        for line in lines:
            said = self.ask(line)
            if said.endswith(b"\r\n> "):
                self.say(next(lines).encode())
                said += self.until(b"OK\r\n", b"ERROR\r\n")
            late = re.match(r"AT(\+QMT(?:OPEN|CONN|SUB|PUBEX|DISC))=", line)
            if late is not None and b"ERROR" not in said:
                said += self.until(f"{late[1]}: 0,".encode()) + self.until(b"\r\n")
            answers.append(said.decode())
        return answers
