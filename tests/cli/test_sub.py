"""`modemlab sub` on a virtual module's pty: what it prints, byte by byte, and how it ends."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Iterator

import pytest

from modemlab.cli.formats import Format
from modemlab.dialect.recipes import Message
from support.command_line import COMMAND, ENVIRONMENT, PATIENCE
from support.host_and_module import CommandLine, Desk, Done, desk

ALL = bytes(range(256))


@pytest.fixture(scope="module")
def bench() -> Iterator[Desk]:
    """One module for all tests here; `t/` has retained messages, `no/` may not be subscribed to."""
    with desk(broker={"may_subscribe": lambda _, name: not name.startswith("no/")}) as made:
        made.publish("t/1", ALL, retain=True)
        made.publish("水/2", b"2", retain=True)
        yield made


def subscribed(bench: Desk, cli: CommandLine, *arguments: str) -> Done:
    """How `sub` ended."""
    bench.log.clear()
    done = cli("sub", "--port", bench.urls[0], "-h", "broker.example", "--model", "EC200S", *arguments)
    bench.until(bench.settled)
    return done


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        (("-t", "t/1"), ALL + b"\n"),
        (("-t", "t/#", "-q", "2", "-v"), b"t/1 " + ALL + b"\n"),
        (("-t", "+/1", "-N"), ALL),
        (("-t", "水/#", "-v"), "水/2 2\n".encode()),
        (("-t", "t/1", "-F", r"\e%l:%t\t%%", "-N"), b"\x1b256:t/1\t%"),
        (("-t", "水/2", "-F", "%j"), rb'{"tst": "[-0-9T:.]{26}Z", "topic": "' + "水/2".encode() + b'", .*"2"}\n'),
        (("-t", "#", "-T", "t/+", "-v"), "水/2 2\n".encode()),
    ],
)
def test_one_message(bench: Desk, cli: CommandLine, arguments: tuple[str, ...], out: bytes) -> None:
    """What a retained message prints; -C ends it."""
    done = subscribed(bench, cli, *arguments, "-C", "1")
    assert (done.status, done.err) == (0, "")
    assert done.out == out or re.fullmatch(out, done.out)


def test_subscriptions_alone(bench: Desk, cli: CommandLine) -> None:
    """-E ends it when they are made, -U when they are unmade; the session is kept by its name."""
    assert subscribed(bench, cli, "-t", "a", "-t", "b/#", "-U", "a", "-q", "1", "-E", "-i", "me", "-c") == (0, b"", "")
    bench.publish("a", b"nobody", qos=1)
    bench.publish("b/1", b"kept", qos=1)
    assert subscribed(bench, cli, "-t", "b/#", "-q", "1", "-i", "me", "-c", "-C", "1", "-v") == (0, b"b/1 kept\n", "")


def test_timed_out(bench: Desk, cli: CommandLine) -> None:
    """As mosquitto_sub: status 27, with what came meanwhile."""
    done = subscribed(bench, cli, "-t", "水/#", "-v", "-W", "0.1")
    assert done == (27, "水/2 2\n".encode(), "modemlab: timed out: the 0.1 s of -W have passed\n")


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (("-t", "a/#/b"), 2, "-t 'a/#/b': # must be the last character of a topic filter (MQTT 3.1.1, 4.7.1-2)"),
        (("-t", "a", "-T", ""), 2, "-T '': a topic filter must have at least one character (MQTT 3.1.1, 4.7.3-1)"),
        (("-t", "a", "-U", "a+"), 2, "-U 'a+': + must be alone in its level of a topic filter (MQTT 3.1.1, 4.7.1-3)"),
        (("-t", "a", "-F", "%q"), 2, "-F '%q': %q is not known; known are %% %I %U %X %j %l %m %p %t %x"),
        (("-t", "a", "-F", "@"), 2, "-F '@': @ is not known; known are @ and a letter"),
        (("-t", "a", "-C", "0"), 2, "-C takes a whole number from 1 on"),
        ((), 2, "a topic is needed: -t FILTER, or -L URL"),
        (("-L", "mqtt://broker.example/a/#"), 2, "-L says it already: leave -h out, or take it out of the URL"),
        (("-t", "no/1"), 1, "the server refuses a subscription to no/1"),
    ],
)
def test_what_is_wrong_is_one_line(
    bench: Desk, cli: CommandLine, arguments: tuple[str, ...], status: int, reason: str
) -> None:
    """And nothing is printed."""
    done = subscribed(bench, cli, *arguments)
    assert (done.status, done.out) == (status, b"")
    assert done.err.startswith(f"modemlab: {reason}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("model", ["EC200S-CN", "BC35-G", "Air724UG"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_any_module_until_a_signal(cli: CommandLine, model: str, number: int) -> None:
    """Messages that come while it runs; then a signal, which is no failure, and DISCONNECT."""

    def subscribing(_client_id: str, _filter: str) -> bool:
        loop = asyncio.get_running_loop()
        loop.call_later(0.02, server.publish, "live/1", b'{"rpm":1200}', 1)
        loop.call_later(0.02, end_when_printed, loop)
        return True

    def end_when_printed(loop: asyncio.AbstractEventLoop) -> None:
        if os.fstat(1).st_size:  # stdout is a file here
            os.kill(os.getpid(), number)
        else:
            loop.call_later(0.002, end_when_printed, loop)

    with desk(model, broker={"may_subscribe": subscribing}) as bench:
        server = bench.broker
        done = cli("sub", "--port", bench.urls[0], "-h", "x", "-t", "live/+", "-q", "1", "-v", "-i", "me")
        assert done == (0, b'live/1 {"rpm":1200}\n', "")
        bench.until(lambda: "'me' ended: DISCONNECT" in bench.log)


def test_a_reader_that_is_slow_or_leaves(bench: Desk) -> None:
    """A process: a full pipe keeps it from nothing but printing, one that nobody reads any more ends it."""
    command = [*COMMAND, "sub", "--port", bench.urls[0], "-h", "x", "-t", "pipe", "-i", "me", "--model", "EC200S", "-N"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        bench.publish("pipe", b"first", retain=True)
        assert os.read(process.stdout.fileno(), 5) == b"first"
        for number in range(60):
            bench.publish("pipe", b"%02d" % number + b"x" * 1400)
        process.stdout.close()
        assert process.wait(PATIENCE) == 1
        assert process.stderr.read() == b""
    bench.publish("pipe", b"", retain=True)


def test_formats() -> None:
    """All of mosquitto_sub's letters that a module tells the values of."""
    message = Message(0, "a/b", b"\x01\xffz", 7)
    made = Format(r"%t %p %l %m %x %X %U %I @Y@% %% \\ \n", "!")
    assert made(message, 1e9 + 0.5) == (
        b"a/b \x01\xffz 3 7 01ff7a 01FF7A 1000000000.500000000 2001-09-09T01:46:40.500000Z 2001% % \\ \n!"
    )
    told = b'{"tst": "2001-09-09T01:46:40.000000Z", "topic": "a/b", "payloadlen": 3, "mid": 7, "payload": "\x01'
    assert Format("%j", "")(message, 1e9) == told.replace(b"\x01", rb"\u0001") + '\N{REPLACEMENT CHARACTER}z"}'.encode()
