"""`pub` and `sub` beside mosquitto_pub and mosquitto_sub: the same options have a module say the same bytes to a
broker, print the same and end with the same status.
"""

import select
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modemlab.net.connect_to import ConnectTo
from support.command_line import PATIENCE
from support.host_and_module import CommandLine, Desk, Done, desk
from support.programs import require
from support.serving import serving

DISCONNECT = b"\xe0\x00"
ALL = bytes(range(256))
# More than these tests have.
CLIENTS = 1000


class Tap:
    """What passes all on to a broker, and keeps what each client said."""

    def __init__(self, broker: int) -> None:
        self._broker = broker
        self.port = 0
        self._said: list[bytes] = []
        self._open = 0
        self._changed = threading.Condition()

    def said(self) -> bytes:
        """What the next client said, once it is gone."""
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self._said), PATIENCE)
            return self._said.pop(0)

    def forget(self) -> None:
        """Forget all clients, once they are gone."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._open, PATIENCE)
            self._said.clear()

    def pass_on(self, client: socket.socket) -> None:
        """Serve one client to its end."""
        with self._changed:
            self._open += 1
        said = b""
        with socket.create_connection(("127.0.0.1", self._broker), PATIENCE) as server:
            while True:
                (source, *_), _, _ = select.select([client, server], [], [])
                try:
                    data = source.recv(65536)
                except OSError:
                    data = b""
                if source is client:
                    said += data
                if not data:
                    break
                (server if source is client else client).sendall(data)
        with self._changed:
            self._said.append(said)
            self._open -= 1
            self._changed.notify_all()


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    """Mosquitto's own programs, before anything is started."""
    require("mosquitto_pub", "mosquitto_sub")


@pytest.fixture(scope="module")
def way(mosquitto_port: int) -> Iterator[Tap]:
    """All of both programs' connections pass through it, to a real mosquitto."""
    made = Tap(mosquitto_port)
    with serving(made.pass_on, CLIENTS) as made.port:
        yield made


@pytest.fixture
def tap(way: Tap) -> Tap:
    """The same, with nobody on it."""
    way.forget()
    return way


@pytest.fixture(scope="module")
def bench(way: Tap) -> Iterator[Desk]:
    """An EC200S-CN."""
    with desk(connect_to=[ConnectTo("", None, "127.0.0.1", way.port)]) as made:
        yield made


def theirs(program: str, *arguments: str, stdin: bytes = b"") -> Done:
    """How mosquitto's own program ends."""
    done = subprocess.run(
        [require(program), *arguments], input=stdin, capture_output=True, timeout=PATIENCE, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr.decode())


def ours(bench: Desk, cli: CommandLine, program: str, *arguments: str, stdin: bytes = b"") -> Done:
    """How `modemlab` ends."""
    return cli(program, "--port", bench.urls[0], "--model", "EC200S", *arguments, stdin=stdin)


ME = ("-i", "pump-7")
PUBLISHED = {
    "a message": (("-t", "a/b", "-m", "hello"), b""),
    "long names": (("--topic", "a/b", "--message", "hello", "--qos", "1", "--retain"), b""),
    "QoS 1": (("-t", "a", "-m", "hello", "-q", "1"), b""),
    "QoS 2, retained, UTF-8": (("-t", "水/泵", "-m", '{"on":"è"}', "-q", "2", "-r"), b""),
    "like an option": (("-t", "a", "-m", "-5", "-q", "1"), b""),
    "an empty one": (("-t", "a", "-m", "", "-q", "1"), b""),
    "none": (("-t", "a", "-n", "-r", "-q", "1"), b""),
    "stdin": (("-t", "a", "-s", "-q", "1"), b"\0\xff\r\nOK\r\n\x1a> \"\n"),
    "lines": (("-t", "a", "-l", "-q", "1"), b"one\n\n\xfe three\r\nlast"),
    "lines at QoS 0": (("-t", "a", "-l"), b"one\ntwo\n"),
    "no lines": (("-t", "a", "-l"), b""),
    "three times": (("-t", "a", "-m", "x", "-q", "1", "--repeat", "3"), b""),
    "user and password": (("-t", "a", "-m", "x", "-u", "pump", "-P", "p@ss word"), b""),
    "keep alive": (("-t", "a", "-m", "x", "-k", "33"), b""),
    "a kept session": (("-t", "a", "-m", "x", "-c"), b""),
    "a will": (
        (
            *("-t", "a", "-m", "x", "--will-topic", "gone/水", "--will-payload", '{"why":"no power, again"}'),
            *("--will-qos", "2", "--will-retain"),
        ),
        b"",
    ),
    "a will of nothing": (("-t", "a", "-m", "x", "--will-topic", "gone"), b""),
    "MQTT 3.1": (("-t", "a", "-m", "x", "-V", "mqttv31"), b""),
    "1,500 bytes": (("-t", "a", "-m", "x" * 1500, "-q", "1"), b""),
}  # fmt: skip


@pytest.mark.parametrize("case", PUBLISHED)
def test_published(bench: Desk, cli: CommandLine, tap: Tap, case: str) -> None:
    """Every byte from CONNECT to DISCONNECT."""
    arguments, stdin = PUBLISHED[case]
    address = ("-h", "127.0.0.1", "-p", str(tap.port), *ME)
    wanted = theirs("mosquitto_pub", *address, *arguments, stdin=stdin)
    said = tap.said()
    assert ours(bench, cli, "pub", *address, *arguments, stdin=stdin) == wanted == (0, b"", "")
    assert tap.said() == said
    assert said.endswith(DISCONNECT)


@pytest.mark.parametrize("payload", [ALL, b""])
def test_a_file(bench: Desk, cli: CommandLine, tap: Tap, tmp_path: Path, payload: bytes) -> None:
    """-f, with every byte that there is, and with none."""
    file = tmp_path / "message"
    file.write_bytes(payload)
    arguments = ("-h", "127.0.0.1", "-p", str(tap.port), *ME, "-t", "bytes", "-f", str(file), "-q", "1")
    assert theirs("mosquitto_pub", *arguments) == ours(bench, cli, "pub", *arguments) == (0, b"", "")
    said = tap.said()
    assert payload in said
    assert tap.said() == said


def test_nothing_on_stdin_is_no_message(bench: Desk, cli: CommandLine) -> None:
    """Neither publishes it: with -r it would clear what is kept."""
    arguments = ("-h", "127.0.0.1", "-p", "1", "-t", "a", "-s", "-r")
    assert theirs("mosquitto_pub", *arguments).err.startswith("Error: Zero length input.\n")
    told = "modemlab: stdin is empty: -n publishes an empty message\n"
    assert ours(bench, cli, "pub", *arguments) == (2, b"", told)


def test_a_user_without_a_password(bench: Desk, cli: CommandLine, tap: Tap) -> None:
    """What mosquitto_pub can and this module cannot (MQTT guide V1.1, 3.3.4: both or none) is one line, ahead of any
    connection; an empty password is one.
    """
    arguments = ("-h", "127.0.0.1", "-t", "a", "-m", "x", "-u", "pump")
    done = ours(bench, cli, "pub", *arguments)
    told = "this module requires a password with a user name: give one, '' for an empty one"
    assert done == (1, b"", f"modemlab: {told}\n")
    assert ours(bench, cli, "pub", *arguments, "-p", str(tap.port), "-P", "") == (0, b"", "")
    assert tap.said().startswith(b"\x10"), "the first client there is the one with a password"


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("mqtt://127.0.0.1:{}/a/b", ()),
        ("MQTT://127.0.0.1:{}/a", ("-u", "pump", "-P", "p")),
        ("mqtt://127.0.0.1/a", ("-p", "{}")),
        ("mqtt://pump@127.0.0.1:{}/a", ("-P", "p")),
        ("mqtt://pump:p:%40@127.0.0.1:{}//a/%20 b?c", ()),
        ("mqtt://:p@127.0.0.1:{}/水", ()),
    ],
)
def test_all_in_one_url(bench: Desk, cli: CommandLine, tap: Tap, url: str, more: tuple[str, ...]) -> None:
    """-L, in which nothing is percent-encoded."""
    words = ["-L", url, *more, *ME, "-m", "x", "-q", "1"]
    arguments = [word.replace("{}", str(tap.port)) for word in words]
    assert theirs("mosquitto_pub", *arguments) == ours(bench, cli, "pub", *arguments) == (0, b"", "")
    assert tap.said() == tap.said()


def keep(broker: int, *payloads: bytes) -> None:
    """Have the broker keep these; an empty one clears."""
    for name, payload in zip(("habits/1", "habits/水"), payloads, strict=True):
        arguments = ("-p", str(broker), "-t", name, "-s" if payload else "-n", "-r", "-q", "1")
        assert theirs("mosquitto_pub", *arguments, stdin=payload).status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("-t", "habits/1", "-C", "1"),
        ("-t", "habits/1", "-C", "1", "-q", "1", "-v"),
        ("--topic", "habits/+", "--qos", "2", "--verbose", "-C", "2"),
        ("-t", "habits/#", "-T", "habits/1", "-C", "1", "-v"),
        ("-t", "habits/1", "-t", "habits/水", "-C", "2", "-N"),
        ("-t", "habits/水", "-C", "1", "-F", r"%t|%l|%x|%X|%m|%p\t\\%%", "-q", "1"),
        ("-t", "habits/水", "-C", "1", "-v", "-F", "%p", "-N"),
        ("-t", "x", "-E"),
        ("-t", "habits/1", "-C", "1", "-u", "u", "-P", "p", "-k", "44", "--will-topic", "w", "--will-payload", "gone"),
    ],
)  # fmt: skip
def test_subscribed(bench: Desk, cli: CommandLine, tap: Tap, mosquitto_port: int, arguments: tuple[str, ...]) -> None:
    """What is printed, and every byte from CONNECT to DISCONNECT."""
    keep(mosquitto_port, b"\x01\xff", b"two")
    address = ("-h", "127.0.0.1", "-p", str(tap.port), *ME)
    wanted = theirs("mosquitto_sub", *address, *arguments)
    said = tap.said()
    done = ours(bench, cli, "sub", *address, *arguments)
    keep(mosquitto_port, b"", b"")
    assert done == wanted
    assert done.status == 0
    assert tap.said() == said


def test_a_url_and_more_topics(bench: Desk, cli: CommandLine, tap: Tap) -> None:
    """A filter stands in -L as it is; -t adds to it."""
    arguments = ("-L", f"mqtt://127.0.0.1:{tap.port}/new/#", "-t", "b/+", "-E", *ME)
    assert theirs("mosquitto_sub", *arguments) == ours(bench, cli, "sub", *arguments) == (0, b"", "")
    assert tap.said() == tap.said()


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5])
def test_a_refusal_is_the_status(cli: CommandLine, code: int) -> None:
    """CONNACK's return code."""
    arguments = ("-t", "a", "-m", "x", "-h", "127.0.0.1", "-p")

    def refuse(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(bytes((0x20, 2, 0, code)))

    with serving(refuse, 2) as port, desk(connect_to=[ConnectTo("", None, "127.0.0.1", port)]) as bench:
        assert theirs("mosquitto_pub", *arguments, str(port)).status == code
        done = ours(bench, cli, "pub", *arguments, str(port))
        assert (done.status, done.err.count("\n")) == (code, 1)
