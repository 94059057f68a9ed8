"""Processes of a benchmark: workers that answer JSON lines, mosquitto, and what each costs.

A worker is `python -m bench.ROW ROLE ARGUMENTS`; it prints one JSON line when it is ready and one for each that it
is given, and ends with its standard input.
"""

import asyncio
import importlib
import json
import os
import queue
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

# Seconds that any one step may take.
PATIENCE = 300.0
ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

Data = dict[str, Any]
Roles = dict[str, Callable[..., Coroutine[Any, Any, None]]]


class Missing(Exception):
    """What a measurement needs is not installed."""


def peer(name: str) -> Any:
    """A peer's module. Raises `Missing` when it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Missing(f"{name} is not installed") from error


# --- what a process costs ---


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has had so far, in seconds; of its threads, those that still run."""
    tasks = Path(f"/proc/{pid}/task")
    if (tasks / str(pid) / "schedstat").exists():
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    times = peer("psutil").Process(pid).cpu_times()
    return float(times.user + times.system)


def resident(pid: int | None = None) -> int:
    """The memory of a process, by default the calling one, in bytes."""
    statm = Path(f"/proc/{'self' if pid is None else pid}/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return int(peer("psutil").Process(pid).memory_info().rss)


class Meter:
    """The part of a processor that some processes have between `start` and `stop`, over several rounds."""

    def __init__(self, **pids: int) -> None:
        self._pids = pids
        self._before: dict[str, float] = {}
        self._spent = dict.fromkeys(pids, 0.0)
        self._began = self._wall = 0.0

    def __enter__(self) -> Self:
        """Begin a round."""
        self._before = {name: cpu_seconds(pid) for name, pid in self._pids.items()}
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End it."""
        self._wall += time.perf_counter() - self._began
        for name, pid in self._pids.items():
            self._spent[name] += cpu_seconds(pid) - self._before[name]

    @property
    def parts(self) -> dict[str, float]:
        """By process: the part of one processor that it had."""
        return {name: round(spent / self._wall, 3) if self._wall else 0.0 for name, spent in self._spent.items()}

    def each(self, operations: int) -> dict[str, float]:
        """By process: what it spent on one of so many operations in all rounds, in microseconds."""
        return {name: round(spent / operations * 1e6, 2) for name, spent in self._spent.items()} if operations else {}


def median(values: Sequence[float]) -> float:
    """The median, 0 of nothing."""
    return statistics.median(values) if values else 0.0


# --- workers, seen from outside ---


class Worker:
    """A worker process. Raises `Missing` when it lacks what it needs, RuntimeError when it fails."""

    def __init__(self, module: str, role: str, **arguments: Any) -> None:
        """Start it and wait until it is ready; `ready` is what it says then."""
        command = [sys.executable, "-m", module, role, json.dumps(arguments)]
        self._name = f"{module} {role}"
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self.ready = self._answer()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Its process identifier."""
        return self._process.pid

    def ask(self, **request: Any) -> Data:
        """Give it something to do and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End it."""
        self.close()

    def _listen(self) -> None:
        """Pass on its lines; an empty one when it has ended."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _answer(self) -> Data:
        """Its next line."""
        try:
            line = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            raise RuntimeError(f"{self._name} gave no answer within {PATIENCE:g} s") from None
        if not line:
            raise RuntimeError(f"{self._name} ended")
        answer: Data = json.loads(line)
        if "missing" in answer:
            raise Missing(answer["missing"])
        return answer


# --- workers, seen from inside ---


def say(**answer: Any) -> None:
    """Answer."""
    print(json.dumps(answer), flush=True)


def heard() -> Data | None:
    """The next request; None at the end."""
    line = sys.stdin.readline()
    request: Data | None = json.loads(line) if line else None
    return request


async def answer_all(answer: Callable[..., Awaitable[Data]]) -> None:
    """Answer each request with what `answer(**request)` returns, up to the end."""
    loop = asyncio.get_running_loop()
    while (request := await loop.run_in_executor(None, heard)) is not None:
        say(**await answer(**request))


def work(roles: Roles) -> None:
    """Be a worker: run the role that the command line names, with its arguments.

    The argument `uvloop` chooses the event loop.
    """
    role, arguments = sys.argv[1], json.loads(sys.argv[2])
    try:
        factory = peer("uvloop").new_event_loop if arguments.pop("uvloop", False) else None
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(roles[role](**arguments))
    except Missing as missing:
        say(missing=str(missing))


# --- mosquitto ---


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int, until: float) -> bool:
    """Whether somebody listens on a port before `until` of the performance counter."""
    while time.perf_counter() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.02)
    return False


class Mosquitto:
    """A running mosquitto."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid


@contextmanager
def mosquitto(*lines: str) -> Iterator[Mosquitto]:
    """A mosquitto for anybody on 127.0.0.1, its defaults but for `lines`. Raises `Missing` when there is none."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    program = shutil.which("mosquitto", path=path)
    if program is None:
        raise Missing("mosquitto is not installed")
    port = free_port()
    settings = (f"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false", "max_connections -1", *lines)
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "mosquitto.conf"
        config.write_text("\n".join(settings) + "\n")
        process = subprocess.Popen(
            [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        try:
            if not listens(port, time.perf_counter() + 10):
                raise RuntimeError("mosquitto does not start")
            yield Mosquitto(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
