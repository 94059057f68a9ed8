"""`modemlab broker` as a process: its limits, its store across every end, what it says of messages that go unsent."""

import asyncio
import errno
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from modemlab.broker.limits import declared, default_of
from modemlab.cli.common import sparing
from modemlab.mqtt import packets as p
from support.command_line import COMMAND, PATIENCE, Running, run

READY = r"broker ready on tcp://127\.0\.0\.1:(\d+)$"
TCP = ("--port", "tcp://127.0.0.1:0")
ABSENT = p.Connect("absent", clean_session=False)


class Client:
    """A client that waits for each answer."""

    def __init__(self, port: str, connect: p.Connect, present: bool = False) -> None:
        self._socket = socket.create_connection(("127.0.0.1", int(port)), PATIENCE)
        self._decoder = p.Decoder(from_server=True)
        self._heard: list[p.Packet] = []
        self.say(connect)
        assert self.hear() == p.Connack(0, present)

    def say(self, *packets: p.Packet) -> None:
        """Send packets."""
        self._socket.sendall(b"".join(p.encode(packet) for packet in packets))

    def hear(self) -> p.Packet:
        """The next packet."""
        while not self._heard:
            data = self._socket.recv(65536)
            assert data, "the broker closed the connection"
            self._heard += self._decoder.feed(data)
        return self._heard.pop(0)

    def close(self) -> None:
        """Leave without a word."""
        self._socket.close()

    def leave(self) -> None:
        """Disconnect, and wait until it is known."""
        self.say(p.Disconnect())
        assert self._socket.recv(1) == b""
        self.close()


@contextmanager
def broker(*options: str) -> Iterator[tuple[Running, str]]:
    """A broker that runs, and its port."""
    with Running("broker", *TCP, *options) as running:
        yield running, running.until(READY)[1]


def subscribe_and_leave(port: str) -> None:
    """Leave a subscription of an absent client behind."""
    client = Client(port, ABSENT)
    client.say(p.Subscribe(1, (("t", 2),)))
    assert client.hear() == p.Suback(1, (2,))
    client.leave()


def test_every_limit_is_an_option_with_its_default() -> None:
    for subcommand in ("broker", "up"):
        shown = re.sub(r"\s+", " ", run(subcommand, "--help").stdout)
        for name, limit in declared().items():
            assert f"{limit.option} {limit.unit.upper()} " in shown
            assert f"{limit.what}. {limit.beyond} [default: {default_of(name)}]" in shown
        assert "--store FILE" in shown


@pytest.mark.parametrize("name", declared())
def test_a_value_out_of_range(name: str) -> None:
    limit = declared()[name]
    for value in (limit.minimum - 1, limit.maximum + 1):
        done = run("broker", *TCP, limit.option, str(value))
        assert (done.returncode, done.stdout) == (2, "")
        assert (
            done.stderr
            == f"modemlab: {limit.option} {value} is not {limit.minimum:,} to {limit.maximum:,} {limit.unit}\n"
        )


def test_options_of_a_broker_that_is_not_ours() -> None:
    for option in (("--max-memory", "20"), ("--store", "file")):
        done = run("up", "--broker", "127.0.0.1:1", *option)
        assert done.returncode == 2
        assert done.stderr == (
            "modemlab: --store and the limits are those of this command's own broker: --broker has another one\n"
        )


def test_a_limit_holds() -> None:
    with broker("--max-packet", "100", "--max-retained", "1") as (running, port):
        client = Client(port, p.Connect("a"))
        client.say(p.Publish("r/1", b"x", 1, True, packet_id=1), p.Publish("r/2", b"x", 1, True, packet_id=2))
        assert [client.hear(), client.hear()] == [p.Puback(1), p.Puback(2)]
        client.say(p.Publish("t", b"x" * 100))
        assert client._socket.recv(1) == b""
        running.until(r"not retained: .*\(--max-retained 1, ", "stderr")
        running.until("a packet of 103 bytes is longer than 100", "stderr")
        client.close()
        assert running.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("level", ["info", "warning"])
def test_an_end_says_what_goes_unsent(number: signal.Signals, level: str) -> None:
    with broker("--log-level", level) as (running, port):
        subscribe_and_leave(port)
        client = Client(port, p.Connect("s"))
        for n in range(1, 4):
            client.say(p.Publish("t", b"x", 1, packet_id=n))
            assert client.hear() == p.Puback(n)
        client.close()
        assert running.end(number) == 0
        said = [line for line in running.rest("stderr") if "unsent" in line]
        assert len(said) == 1
        assert said[0].endswith(
            "broker: 3 messages for 1 client unsent or unacknowledged: lost; --store FILE keeps those of sessions that "
            "are not clean"
        ), said


def test_an_end_says_nothing_when_all_is_sent() -> None:
    with broker() as (running, port):
        subscribe_and_leave(port)
        assert running.end(signal.SIGTERM) == 0
        assert not [line for line in running.rest("stderr") if "unsent" in line]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_acknowledged_outlives_the_process(tmp_path: Path, number: signal.Signals) -> None:
    store = str(tmp_path / "store")
    with broker("--store", store) as (running, port):
        subscribe_and_leave(port)
        sender = Client(port, p.Connect("s", clean_session=False))
        sender.say(*(p.Publish("t", b"%d" % n, 1, packet_id=n) for n in range(1, 101)))
        assert [sender.hear() for _ in range(100)] == [p.Puback(n) for n in range(1, 101)]
        sender.say(p.Publish("t", b"twice", 2, packet_id=500), p.Publish("kept", b"k", 1, True, packet_id=501))
        assert [sender.hear(), sender.hear()] == [p.Pubrec(500), p.Puback(501)]
        running.end(number)
        sender.close()
        if number == signal.SIGTERM:
            (said,) = [line for line in running.rest("stderr") if "unacknowledged" in line]
            assert said.endswith(f"broker: 101 messages for 1 client unsent or unacknowledged: kept in {store}")
    with broker("--store", store) as (running, port):
        running.until(f"{re.escape(store)}: 2 sessions with 101 messages unsent", "stderr")
        sender = Client(port, p.Connect("s", clean_session=False), present=True)
        sender.say(p.Publish("t", b"twice", 2, dup=True, packet_id=500))
        assert sender.hear() == p.Pubrec(500)
        reader = Client(port, ABSENT, present=True)
        got: list[bytes] = []
        while len(got) < 101:
            packet = reader.hear()
            if isinstance(packet, p.Publish):
                got.append(packet.payload)
                reader.say(p.Puback(packet.packet_id) if packet.qos == 1 else p.Pubrec(packet.packet_id))
        assert got == [b"%d" % n for n in range(1, 101)] + [b"twice"]
        assert isinstance(reader.hear(), p.Pubrel)
        reader.say(p.Subscribe(1, (("kept", 0),)))
        assert [reader.hear(), reader.hear()] == [p.Suback(1, (0,)), p.Publish("kept", b"k", 0, True)]
        running.end(signal.SIGKILL)
        reader.close()
        sender.close()
    with broker("--store", store) as (running, port):
        running.until("2 sessions with 0 messages unsent", "stderr")


def test_killed_in_the_middle_of_it(tmp_path: Path) -> None:
    """Whatever was acknowledged by the moment of the kill is there, once, and in order; the store opens each time."""
    store = str(tmp_path / "store")
    acknowledged = 0
    with broker("--store", store) as (_, port):
        subscribe_and_leave(port)
    for round_number in range(4):
        with broker("--store", store) as (running, port):
            sender = Client(port, p.Connect("s"))
            data = b"".join(
                p.encode(p.Publish("t", b"%d" % n, 1, packet_id=n)) for n in range(acknowledged + 1, 20_000)
            )
            for at in range(0, len(data), 3000):
                sender._socket.sendall(data[at : at + 3000])
                answers = sender._socket.recv(400)  # fewer than there are: the kill comes between any two
                assert answers
                for packet in sender._decoder.feed(answers):
                    assert isinstance(packet, p.Puback)
                    acknowledged = packet.packet_id
                if acknowledged >= (round_number + 1) * 700:
                    break
            running.process.kill()
            sender.close()
    with broker("--store", store) as (running, port):
        found = running.until(r": 1 sessions with (\d+) messages unsent", "stderr")
        reader = Client(port, ABSENT, present=True)
        got: list[int] = []
        while len(got) < int(found[1]):
            packet = reader.hear()
            assert isinstance(packet, p.Publish)
            got.append(int(packet.payload))
            reader.say(p.Puback(packet.packet_id))
        assert set(range(1, acknowledged + 1)) <= set(got)
        first_of = sorted(set(got), key=got.index)
        assert [n for n in first_of if n <= acknowledged] == list(range(1, acknowledged + 1))
        reader.close()


def test_a_store_that_is_none(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no database, but a text that is long enough to have a header of its own, as databases have\n" * 9)
    with broker("--store", str(tmp_path / "taken")):
        for path, reason in (
            (text, "not a store of a broker"),
            (tmp_path / "taken", "another broker uses this store"),
            (tmp_path, "Is a directory"),
            (Path("/dev/zero"), "exists, but is not a regular file"),
        ):
            done = run("broker", *TCP, "--store", str(path))
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr == f"modemlab: {path}: {reason}\n"


def test_up_has_a_store_too(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    for expected in (r"0 sessions with 0", r"1 sessions with 1"):
        with Running("up", "--store", store, "--max-sessions", "5") as running:
            port = running.until(READY)[1]
            running.until(f"{re.escape(store)}: {expected} messages unsent", "stderr")
            if expected.startswith("0"):
                subscribe_and_leave(port)
                client = Client(port, p.Connect("s"))
                client.say(p.Publish("t", b"x", 1, packet_id=1))
                assert client.hear() == p.Puback(1)
                client.close()
            running.until("Ctrl-C ends it")
            assert running.end() == 0


def test_up_says_what_goes_unsent_too() -> None:
    with Running("up") as running:
        port = running.until(READY)[1]
        subscribe_and_leave(port)
        client = Client(port, p.Connect("s"))
        client.say(p.Publish("t", b"x", 1, packet_id=1))
        assert client.hear() == p.Puback(1)
        client.close()
        running.until("Ctrl-C ends it")
        assert running.end(signal.SIGTERM) == 0
        (said,) = [line for line in running.rest("stderr") if "unsent" in line]
        assert "broker: 1 message for 1 client unsent or unacknowledged: lost; --store FILE keeps those" in said


@pytest.fixture
def few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs may have 64 files open, and 200 if they ask for it."""
    script = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 200)); "
        f"os.execve(sys.executable, {COMMAND!r} + sys.argv[1:], os.environ)"
    )
    monkeypatch.setattr("support.command_line.COMMAND", [sys.executable, "-c", script])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.usefixtures("few_files")
def test_up_raises_the_soft_limit_too() -> None:
    with Running("up") as running:
        port = running.until(READY)[1]
        for client in [Client(port, p.Connect(f"c{n}")) for n in range(80)]:
            client.close()
        running.until("Ctrl-C ends it")
        assert running.end(signal.SIGTERM) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.usefixtures("few_files")
def test_as_many_connections_as_files_may_be_open() -> None:
    """The soft limit is raised; beyond the hard one connections are refused, and the log stays short."""
    with broker() as (running, port):
        clients = [Client(port, p.Connect(f"c{n}")) for n in range(80)]
        # Each is answered or refused before the next comes: a queue that is full drops what comes, for seconds.
        crowd, answers = [], []
        for number in range(220):
            crowd.append(socket.create_connection(("127.0.0.1", int(port)), PATIENCE))
            with suppress(ConnectionError):
                crowd[-1].sendall(p.encode(p.Connect(f"crowd{number}")))
                answers.append(crowd[-1].recv(4))
        accepted = answers.count(p.encode(p.Connack(0)))
        assert 0 < accepted < 120
        assert set(answers[accepted:]) <= {b""}
        found = running.until(r"a connection is refused: .*but only (\d+) with the files that may be open", "stderr")
        assert 80 <= int(found[1]) < 200
        for each in crowd:
            each.close()
        clients[0].say(p.Subscribe(1, (("t", 0),)))
        assert clients[0].hear() == p.Suback(1, (0,))
        for client in clients:
            client.close()
        assert running.end(signal.SIGTERM) == 0
        lines = running.rest("stderr")
        assert len([line for line in lines if "refused" in line or "accept" in line or "Traceback" in line]) <= 2


def test_what_is_not_accepted_is_told_once_a_second() -> None:
    """An event loop tells of each of its hundred attempts when no more files may be open."""

    class Clock(asyncio.SelectorEventLoop):
        now = 0.0

        def time(self) -> float:
            return self.now

    told: list[object] = []
    handle = sparing(lambda _loop, context: told.append(context["message"]))
    loop = Clock()
    try:
        for loop.now in (0.0, 0.5, 0.9, 1.0, 1.9, 2.5):
            for _ in range(100):
                handle(loop, {"message": loop.now, "exception": OSError(errno.EMFILE, "Too many open files")})
        for error in (OSError(errno.EIO, "other"), KeyError("x"), None):
            handle(loop, {"message": repr(error), "exception": error})
    finally:
        loop.close()
    assert told == [0.0, 1.0, 2.5, "OSError(5, 'other')", "KeyError('x')", "None"]


def test_every_command_is_so_sparing() -> None:
    """On a loop whose clock stands still; in words, without the number of the system's error."""
    script = """
import asyncio, errno
from modemlab.cli.common import Level, run

async def serve(ended):
    loop = asyncio.get_running_loop()
    loop.time = lambda: 5.0
    for _ in range(100):
        loop.call_exception_handler({"message": "no more", "exception": OSError(errno.EMFILE, "Too many open files")})

run(serve, Level.INFO)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert re.fullmatch(r"\S+ modemlab: no more: Too many open files\n", done.stderr), done.stderr
