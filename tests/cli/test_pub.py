"""`modemlab pub` on a virtual module's pty: what arrives at the broker, and how it ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import combinations
from pathlib import Path

import pytest

from modemlab.at.errors import LineError
from modemlab.cli.mqtt_options import EVENT_LINES
from modemlab.cli.pub import in_flight
from modemlab.dialect.mobile import DENIED
from modemlab.dialects.quectel_lte.commands import QMTCFG
from modemlab.driver.modem import EventKind
from modemlab.mqtt.packets import Publish
from modemlab.net.connect_to import ConnectTo
from support.command_line import COMMAND, ENVIRONMENT, PATIENCE
from support.host_and_module import CommandLine, Desk, Done, desk


@pytest.fixture(scope="module")
def bench() -> Iterator[Desk]:
    """One module for all tests here, on a pty and on TCP."""
    with desk(ports=["pty", "tcp://127.0.0.1:0"]) as made:
        yield made


def published(
    bench: Desk, cli: CommandLine, *arguments: str, stdin: bytes = b"", host: tuple[str, ...] = ("-h", "broker.example")
) -> tuple[Done, list[Publish]]:
    """How `pub` ended, and what arrived."""
    bench.messages.clear()
    bench.log.clear()
    done = cli("pub", "--port", bench.urls[0], *host, "--model", "EC200S", *arguments, stdin=stdin)
    bench.until(bench.settled)
    return done, [message for _, message in bench.messages]


def shown(messages: list[Publish]) -> list[tuple[str, bytes, int, bool]]:
    """What counts."""
    return [(each.topic, each.payload, each.qos, each.retain) for each in messages]


@pytest.mark.parametrize(
    ("arguments", "stdin", "wanted"),
    [
        (("-t", "a/b", "-m", "hello"), b"", [("a/b", b"hello", 0, False)]),
        (("-t", "水", "-m", '{"on":true}', "-q", "2", "-r"), b"", [("水", b'{"on":true}', 2, True)]),
        (("-t", "a", "-n", "-r", "-q", "1"), b"", [("a", b"", 1, True)]),
        (("-t", "a", "-s", "-q", "1"), b"\0\xff\r\nOK\r\n\x1a", [("a", b"\0\xff\r\nOK\r\n\x1a", 1, False)]),
        (("-t", "a", "-m", "x", "--repeat", "3", "--repeat-delay", "0.001"), b"", [("a", b"x", 0, False)] * 3),
        (
            ("-t", "a", "-l", "-q", "1"),
            b"one\n\n\xfe three\r\nlast",
            [("a", line, 1, False) for line in (b"one", b"", b"\xfe three\r", b"last")],
        ),
        (("-t", "a", "-l"), b"", []),
    ],
)
def test_what_arrives(
    bench: Desk, cli: CommandLine, arguments: tuple[str, ...], stdin: bytes, wanted: list[tuple[str, bytes, int, bool]]
) -> None:
    """Each kind of message, byte by byte, and nothing on stdout or stderr."""
    done, messages = published(bench, cli, *arguments, stdin=stdin)
    assert done == (0, b"", "")
    assert shown(messages) == wanted


def test_many_lines_are_published_in_their_order(bench: Desk, cli: CommandLine) -> None:
    """Five at a time are under way, none is lost or overtaken."""
    lines = [b"%d" % number for number in range(100)]
    done, messages = published(bench, cli, "-t", "a", "-l", "-q", "1", stdin=b"\n".join(lines))
    assert done.status == 0
    assert [each.payload for each in messages] == lines


def test_a_file_over_tcp(bench: Desk, cli: CommandLine, tmp_path: Path) -> None:
    """The same on a TCP port, whose address the environment gives; the module is found by itself."""
    file = tmp_path / "message"
    file.write_bytes(bytes(range(256)))
    bench.messages.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODEMLAB_PORT", bench.urls[1])
        patch.setenv("MODEMLAB_MQTT_HOST", "x")
        patch.setenv("MODEMLAB_MQTT_PORT", "1884")
        done = cli("pub", "--topic", "bytes", "--file", str(file), "--qos", "1")
    assert done == (0, b"", "")
    bench.until(bench.settled)
    assert [message.payload for _, message in bench.messages] == [bytes(range(256))]


def test_session_and_will(bench: Desk, cli: CommandLine) -> None:
    """Client id, keep alive, version and credentials go out; --debug tells of the connection."""
    done, _ = published(
        *(bench, cli, "-t", "a", "-m", "x", "-i", "pump-7", "-k", "33", "-V", "31", "-u", "u", "-P", "p", "-c", "-d"),
        *("--will-topic", "w", "--will-payload", "gone", "--will-qos", "1", "--will-retain", "-p", "1884"),
    )
    assert done == (0, b"", "modemlab: connected: broker.example:1884\n")
    assert "'pump-7' connected (MQTT 3.1, keep alive 33 s)" in bench.log
    assert bench.call(lambda: bench.module.module.get(QMTCFG, "will", 0)) == (1, 1, 1, "w", "gone")


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (("-t", "a"), 2, "one kind of message is needed: -m TEXT, -f FILE, -l, -n or -s"),
        *(
            (("-t", "a", *one, *other), 2, "one kind of message is needed: -m TEXT, -f FILE, -l, -n or -s")
            for one, other in combinations((("-m", ""), ("-f", "/dev/null"), ("-l",), ("-n",), ("-s",)), 2)
        ),
        (("-t", "a", "-l", "--repeat", "2"), 2, "--repeat is for one message, and -l has as many as there are lines"),
        (("-m", "x"), 2, "a topic is needed: -t TOPIC, or -L URL"),
        (("-h", "", "-t", "a", "-m", "x"), 2, "a broker is needed: -h HOST, MODEMLAB_MQTT_HOST in the environment, "),
        (("-t", "a", "-m", "x", "-i", "a", "-I", "b"), 2, "-i and -I are two client ids: leave one out"),
        (("-t", "a/#", "-m", "x"), 2, "-t 'a/#': a topic name must not contain a wildcard (MQTT 3.1.1, 3.3.2-2)"),
        (("-t", "", "-m", "x"), 2, "-t '': a topic name must have at least one character (MQTT 3.1.1, 4.7.3-1)"),
        (("-t", "a", "-f", "/nowhere/x"), 2, "/nowhere/x: No such file or directory"),
        (("-t", "a", "-m", "x", "-V", "5"), 2, "-V '5' is not a version that modules speak: "),
        (("-t", "a", "-m", "x", "-c"), 2, "-c keeps a session by its client id: give one with -i"),
        (("-t", "a", "-m", "x", "-P", "p"), 2, "-P needs a user name: give one with -u"),
        (("-t", "a", "-m", "x", "--will-qos", "1"), 2, "a will needs --will-topic"),
        (("-t", "a", "-m", "x", "--will-topic", "+"), 2, "--will-topic '+': a topic name must not contain a wildcard"),
        (("-t", "a", "-m", "x", "--cafile", "/nowhere/ca"), 2, "/nowhere/ca: No such file or directory"),
        (("-t", "a", "-m", "x", "--cafile", "/x", "--insecure"), 2, "--cafile and --insecure exclude each other"),
        (("-t", "a", "-m", "x", "--cert", "/dev/null"), 2, "/dev/null: no certificate and no key in PEM"),
        (("-t", "a", "-m", "x", "--model", "M590"), 2, "'M590' is not a known model"),
        (("-t", "a", "-m", "x", "-q", "3"), 2, "-q / --qos takes a whole number of 0 to 2 (modemlab pub"),
        (("-t", "a", "-m", "x" * 1501), 1, "the message is 1501 bytes long, but the module accepts 1500"),
        (("-t", "a", "-m", "x", "--port", "/nowhere"), 1, "/nowhere: No such file or directory: `modemlab "),
        (("-t", "a", "-m", "x", "--port", "tcp://127.0.0.1:1"), 1, "tcp://127.0.0.1:1: no program listens there: is "),
        (("-t", "a", "-m", "x", "-h", "mqtt://host:1884"), 2, "-h takes a host alone: write -h host -p 1884\n"),
        (("-t", "a", "-m", "x", "-h", "localhost:1884"), 2, "-h takes a host alone: write -h localhost -p 1884\n"),
        (
            ("-t", "a", "-m", "x", "-h", "mqtts://me:s3cret@host"),
            2,
            "-h takes a host alone: write -h host -u USER -P PASSWORD, with --cafile FILE or --insecure for TLS\n",
        ),
        (("-t", "a", "-m", "x", "-h", "http://host/"), 2, "-h takes a host alone: write -h host\n"),
        (("-m", "x", "-h", "mqtt://h/t"), 2, "-h takes a host alone: a URL with a topic is for -L, with neither -h "),
        (("-t", "a", "-m", "x", "-u", "me"), 1, "this module requires a password with a user name: give one, ''"),
        (("-t", "a", "-m", "x", "--port", "tcp://x"), 1, "port 'tcp://x' has no TCP port: write tcp://HOST:PORT"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(
    bench: Desk, cli: CommandLine, arguments: tuple[str, ...], status: int, reason: str
) -> None:
    """And nothing is published."""
    done, messages = published(bench, cli, *arguments)
    assert (done.status, done.out, messages) == (status, b"", [])
    assert done.err.startswith(f"modemlab: {reason}")
    assert done.err.count("\n") == 1


REFUSED = "refused the login: bad user name or password (CONNACK 4); check both"
URLS = [
    (("-L", "mqtt://h/a", "-h", "g"), "-L says it already: leave -h out, or take it out of the URL"),
    (("-L", "mqtt://h:1/a", "-p", "2"), "-L says it already: leave -p out, or take it out of the URL"),
    (("-L", "mqtt://u@h/a", "-u", "v"), "-L says it already: leave -u out, or take it out of the URL"),
    (("-L", "mqtt://u:p@h/a", "-P", "q"), "-L says it already: leave -P out, or take it out of the URL"),
    (("-L", "mqtt://h/a", "-t", "b"), "-L and -t are two topics: leave one out"),
    *(
        (("-L", url), "-L is not mqtt(s)://[USER[:PASSWORD]@]HOST[:PORT]/TOPIC, or it contains no topic")
        for url in ("http://h/a", "mqtt://h", "mqtt://h/", "mqtt:///a", "mqtt://h:x/a", "mqtt://u@/a", "h/a", "")
    ),
    (("-L", "mqtt://h:70000/a"), "-L: the port 70000 is not a number of 1 to 65535"),
    (("-L", "mqtt://h/a/+"), "-t 'a/+': a topic name must not contain a wildcard"),
    (("-L", "mqtts://h/a"), "-L mqtts:// needs --cafile FILE, or --insecure: a module has no authority's "),
]


@pytest.mark.parametrize(("arguments", "reason"), URLS)
def test_what_is_wrong_with_a_url_is_one_line(cli: CommandLine, arguments: tuple[str, ...], reason: str) -> None:
    """No password is in it; nothing is opened."""
    done = cli("pub", "--port", "/nowhere", "-m", "x", *arguments)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith(f"modemlab: {reason}")
    assert done.err.count("\n") == 1


def test_a_url_beside_the_environment(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's broker gives way, and gives the password that the URL lacks; mqtts is TLS, on port 8883."""
    monkeypatch.setenv("MODEMLAB_MQTT_HOST", "not.this")
    monkeypatch.setenv("MODEMLAB_MQTT_PORT", "1")
    monkeypatch.setenv("MODEMLAB_PASSWORD", "right")
    with desk(broker={"users": {"pump": "right"}}) as bench:
        done, messages = published(bench, cli, "-L", "mqtt://pump@broker.example/a/b", "-m", "x", "-d", host=())
        assert done == (0, b"", "modemlab: connected: broker.example:1883\n")
        assert shown(messages) == [("a/b", b"x", 0, False)]
        assert "'modemlab-" in bench.log[0]
        assert published(bench, cli, "-L", "mqtt://pump:wrong@h/a", "-m", "x", host=())[0].status == 4
        done, _ = published(bench, cli, "-L", "mqtts://pump@h/a", "-m", "x", "--insecure", host=())
        assert done.status == 1
        assert bench.call(lambda: bench.module.module.get(QMTCFG, "ssl", 0)) == (1, 0)


def test_an_id_of_a_prefix(bench: Desk, cli: CommandLine) -> None:
    """-I, as mosquitto_pub has it: the process's number follows."""
    assert published(bench, cli, "-t", "a", "-m", "x", "-I", "pump-")[0].status == 0
    assert any(line.startswith(f"'pump-{os.getpid()}' connected") for line in bench.log)


def test_a_line_that_is_too_long_ends_it(bench: Desk, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before it is published; an endless line is not read to its end."""
    monkeypatch.setattr(sys.modules["modemlab.cli.pub"], "MAX_PAYLOAD_BYTES", 2000)
    done, messages = published(bench, cli, "-t", "a", "-l", stdin=b"one\n" + b"x" * 3000)
    assert (done.status, done.err) == (1, "modemlab: line 2 of stdin is longer than any message of a module\n")
    assert [each.payload for each in messages] == [b"one"]
    done, messages = published(bench, cli, "-t", "a", "-s", stdin=b"x" * 3000)
    assert (done.status, done.err) == (2, "modemlab: stdin is longer than any message of a module\n")


def test_a_message_that_fails_ends_it_though_the_input_goes_on() -> None:
    """Not only once so many have failed, or the input ends."""

    async def endless() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"
        await asyncio.Event().wait()

    async def publish(payload: bytes) -> None:
        await asyncio.sleep(0)
        if payload == b"two":
            raise LineError("the line is gone")

    with pytest.raises(LineError, match="gone"):
        asyncio.run(asyncio.wait_for(in_flight(endless(), publish, 20), PATIENCE))


def test_a_refusal_is_the_status(cli: CommandLine) -> None:
    """As mosquitto_pub has it; --quiet says nothing."""
    with desk(broker={"users": {"pump": "right"}}) as bench:
        arguments = ("-t", "a", "-m", "x", "-u", "pump", "-P", "wrong")
        done, _ = published(bench, cli, *arguments)
        assert done == (4, b"", f"modemlab: broker.example:1883 {REFUSED}\n")
        done, _ = published(bench, cli, *arguments, "--quiet")
        assert done == (4, b"", "")
        done, messages = published(bench, cli, *arguments[:-1], "right")
        assert (done.status, len(messages)) == (0, 1)


def test_a_network_that_is_missing(cli: CommandLine) -> None:
    """What is waited for is told, and that it did not come."""
    with desk() as bench:
        module = bench.module.module
        bench.call(lambda: module.mobile.set_registration(DENIED, module.now))
        done, _ = published(bench, cli, "-t", "a", "-m", "x", "--wait", "0")
        chinese, _ = published(bench, cli, "-t", "a", "-m", "x", "--wait", "0", "--lang", "zh")
    missing = "the network: registration denied, signal 24"
    assert done == (1, b"", f"modemlab: waiting for {missing}\nmodemlab: {missing}, after 0 s\n")
    missing = "网络：注册被拒绝，信号 24"
    assert chinese == (1, b"", f"modemlab: 正在等待 {missing}\nmodemlab: {missing}，已等待 0 秒\n")


def test_every_kind_of_event_has_its_line() -> None:
    """The driver's own kinds."""
    assert list(EVENT_LINES) == [kind.value for kind in EventKind]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_interrupted(bench: Desk, number: int, status: int) -> None:
    """A process of its own: a signal while it waits for stdin is its status, and the broker hears DISCONNECT."""
    bench.log.clear()
    command = [*COMMAND, "pub", "--port", bench.urls[0], "-h", "x", "-t", "a", "-l", "-i", "me", "--model", "EC200S"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        bench.until(lambda: any(line.startswith("'me' connected") for line in bench.log))
        process.send_signal(number)
        assert process.wait(PATIENCE) == status
        assert process.stderr is not None
        assert process.stderr.read() == b""
    bench.until(lambda: "'me' ended: DISCONNECT" in bench.log)


@pytest.mark.parametrize(
    "message", [("-l",), ("-m", "x", "--repeat", "2", "--repeat-delay", "86400")], ids=["idle stdin", "a long pause"]
)
def test_a_port_that_dies_ends_it_at_once(message: tuple[str, ...]) -> None:
    """A process that waits for something else hears of it, with nothing to publish."""
    with desk(ports=["tcp://127.0.0.1:0"]) as bench:
        url = bench.urls[0]
        command = [*COMMAND, "pub", "--port", url, "-h", "x", "-t", "a", *message, "-i", "me", "--model", "EC200S"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
            try:
                bench.until(lambda: any(line.startswith("'me' connected") for line in bench.log))
                if message != ("-l",):
                    bench.until(lambda: bool(bench.messages))
                bench.close_ports()
                assert process.wait(PATIENCE) == 1
            finally:
                process.kill()
            assert process.stderr is not None
            told = process.stderr.read().decode()
    assert told.splitlines()[-1] == f"modemlab: {url}: the other end closed the port"


def test_a_link_that_dies_between_two_times_ends_it(cli: CommandLine) -> None:
    """Without -l no link is opened again: what is left cannot be published."""
    with desk() as bench:
        module = bench.module.module

        def deny() -> None:
            module.mobile.set_registration(DENIED, module.now)
            bench.module.settle()

        bench.broker.observe(lambda *_: bench.later(deny))
        arguments = ("-t", "a", "-m", "x", "-q", "1", "--repeat", "2", "--repeat-delay", "86400")
        done = cli("pub", "--port", bench.urls[0], "-h", "x", "--model", "EC200S", *arguments)
        assert done.status == 1
        assert done.err.splitlines()[-1].startswith("modemlab: code 7, ")
        assert len(bench.messages) == 1


def test_mosquitto_takes_it(cli: CommandLine, mosquitto_port: int) -> None:
    """A real broker keeps what `pub` has it retain, and `sub` has it back."""
    with desk(connect_to=[ConnectTo("", None, "127.0.0.1", mosquitto_port)]) as bench:
        done, _ = published(bench, cli, "-t", "kept/水", "-m", "31.6", "-r", "-q", "2")
        assert done == (0, b"", "")
        line = ("--port", bench.urls[0], "-h", "x", "--model", "EC200S")
        assert cli("sub", *line, "-t", "kept/#", "-q", "1", "-v", "-C", "1") == (0, "kept/水 31.6\n".encode(), "")
        assert published(bench, cli, "-t", "kept/水", "-n", "-r", "-q", "1")[0] == (0, b"", "")
