"""Programs that start at once: a process has imported the command line, and forks for each run of it.

Each run is a process of its own, with its own streams, directory, environment, signals and exit status; it does not
take a quarter of a second to import what the one before has imported too. Unix alone has it.
"""

import atexit
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from modemlab.cli import main as run
from modemlab.cli.subcommands import SUBCOMMANDS, loaded

# Of a request: arguments, directory and environment.
MAX_REQUEST_BYTES = 1 << 20


class ForkServer:
    """The process that forks, on the other end of a socket."""

    def __init__(self) -> None:
        """Start it."""
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "support.fork_server", str(other.fileno())]
        tests = str(Path(__file__).resolve().parents[1])
        self._process = subprocess.Popen(command, pass_fds=(other.fileno(),), cwd=tests, stdin=subprocess.DEVNULL)
        other.close()
        atexit.register(self.close)

    def run(
        self, arguments: Sequence[str], cwd: str, environment: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run `modemlab` with these arguments to its end. Raises `subprocess.TimeoutExpired`, and kills it."""
        streams: list[tuple[int, int]] = [os.pipe() for _ in range(2)]
        stdin = os.open(os.devnull, os.O_RDONLY)
        request = {"arguments": list(arguments), "cwd": cwd, "environment": dict(environment)}
        said: list[bytes] = [b"", b""]
        readers = [threading.Thread(target=read, args=(said, n, end)) for n, (end, _) in enumerate(streams)]
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], [stdin, *(end for _, end in streams)])
        finally:
            for end in (stdin, *(end for _, end in streams)):
                os.close(end)
        for reader in readers:
            reader.start()
        self._control.settimeout(timeout)
        child = int(self._control.recv(64))
        try:
            status = int(self._control.recv(64))
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            self._control.settimeout(None)
            self._control.recv(64)
            raise subprocess.TimeoutExpired(list(arguments), timeout) from None
        finally:
            for reader in readers:
                reader.join()
        return subprocess.CompletedProcess(list(arguments), status, *(text.decode() for text in said))

    def close(self) -> None:
        """End it."""
        self._control.close()
        self._process.wait()


def read(said: list[bytes], number: int, end: int) -> None:
    """Read a stream to its end."""
    with open(end, "rb") as stream:
        said[number] = stream.read()


@cache
def fork_server() -> ForkServer:
    """That of this process, started when it is first asked for."""
    return ForkServer()


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Fork for each request; in the child the request, in the parent None at the end."""
    while True:
        message, ends, _, _ = socket.recv_fds(control, MAX_REQUEST_BYTES, 3)
        if not message:
            return None
        child = os.fork()
        if not child:
            control.close()
            for number, end in enumerate(ends):
                os.dup2(end, number)
                os.close(end)
            request: dict[str, Any] = json.loads(message)
            return request
        for end in ends:
            os.close(end)
        control.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


def main() -> None:
    """Be the process that forks, and in its children the command line."""
    for name in SUBCOMMANDS:
        import_module(f"modemlab.cli.{name}")
    loaded("models")
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is None:
        return
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", closefd=False)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w", closefd=False)), "utf-8", "backslashreplace", line_buffering=True
    )
    sys.argv = ["modemlab", *request["arguments"]]
    run()


if __name__ == "__main__":
    main()
