"""Subcommands that run until they are ended: `module`, `broker` and `up`, as processes."""

import os
import re
import select
import signal
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from support.command_line import PATIENCE, Host, Running
from support.programs import require

TCP = ("--port", "tcp://127.0.0.1:0")
READY = r"ready on (tcp://127\.0\.0\.1:\d+)$"
# Seconds after which who has a port is taken to keep it.
KEEPS = 3.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_module_says_where_it_is_and_ends_cleanly(number: int) -> None:
    """One line a port, the module answers there, and a signal ends it with status 0."""
    with Running("module", "EC600S", *TCP, *TCP) as running:
        urls = [running.until(r"^EC600S-CN " + READY)[1] for _ in range(2)]
        with Host(urls[0]) as host:
            assert b"EC600SCN" in host.ask("ATI")
        with Host(urls[1]) as host:
            assert host.ask("AT").endswith(b"\r\nOK\r\n")
        assert running.end(number) == 0
    assert running.rest("stderr") == ["<the end>"]


def test_pty_is_the_default_and_its_link_goes_with_it(tmp_path: Path) -> None:
    """`pty` prints the device, `pty:PATH` the link, which is removed at the end."""
    link = tmp_path / "ttyLTE"
    with Running("module", "EC200T", "--port", "pty", "--port", f"pty:{link}") as running:
        device = running.until(r"^EC200T-CN ready on (/dev/.*)$")[1]
        running.until(rf"^EC200T-CN ready on {link}$")
        assert os.path.exists(device)
        fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(fd, b"AT+CGMM\r")
            heard = b""
            while b"OK\r\n" not in heard:
                assert select.select([fd], [], [], PATIENCE)[0]
                heard += os.read(fd, 4096)
            assert b"EC200TCN" in heard
        finally:
            os.close(fd)
        assert running.end() == 0
    assert not os.path.lexists(link)
    with Running("module", "EC200T") as running:
        running.until(r"^EC200T-CN ready on /dev/")
        assert running.end() == 0


def test_what_a_terminal_that_hangs_up_leaves(tmp_path: Path) -> None:
    """A module takes its link along; one that ignores the signal, as `nohup` has it, lives on."""
    link = tmp_path / "ttyLTE"
    with Running("module", "EC200T", "--port", f"pty:{link}") as running:
        running.until(rf"^EC200T-CN ready on {link}$")
        assert running.end(signal.SIGHUP) == 0
    assert not os.path.lexists(link)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = Running("module", "EC200T", *TCP)
    finally:
        signal.signal(signal.SIGHUP, before)
    with running:
        url = running.until(r"^EC200T-CN " + READY)[1]
        running.process.send_signal(signal.SIGHUP)
        with Host(url) as host:
            assert b"EC200TCN" in host.ask("ATI")
        assert running.end() == 0


def test_options_of_a_module(tmp_path: Path) -> None:
    """--imei, --apn, --strict, --trace, and the reason of a refusal on stderr, in one line."""
    trace = tmp_path / "trace"
    options = ("--imei", "866000000000025", "--apn", "iot.example", "--strict", "--trace", str(trace))
    with Running("module", "EC200S", *TCP, *options) as running:
        with Host(running.until(READY)[1]) as host:
            assert b"\r\n866000000000025\r\n" in host.ask("AT+CGSN")
            assert b'"iot.example"' in host.ask("AT+CGDCONT?")
            assert host.ask('AT+QMTCFG="keepalive",0,3601').endswith(b"\r\nERROR\r\n")
            assert host.ask("AT+QMTX\x1b[31m").endswith(b"\r\nERROR\r\n")
        reason = running.until("keepalive", "stderr").string
        assert re.search(r'AT\+QMTCFG="keepalive",0,3601: .*<keep_alive_time> is 3601, but takes 0 to 3600 s', reason)
        assert "MQTT guide" in reason
        assert "\x1b" not in running.until(r"QMTX", "stderr").string
        assert running.end() == 0
    text = trace.read_text()
    assert re.search(r'^\S+ >> AT\+QMTCFG="keepalive",0,3601\\r \| [0-9a-f]+$', text, re.MULTILINE)
    assert re.search(r"^\S+ << .*ERROR", text, re.MULTILINE)
    assert re.search(r"^\S+ -- AT\+QMTCFG.*but takes 0 to 3600 s", text, re.MULTILINE)


def test_log_level_silences_reasons() -> None:
    """At error, nothing is said of a refusal."""
    with Running("module", "EC200S", *TCP, "--log-level", "error") as running:
        with Host(running.until(READY)[1]) as host:
            host.ask("AT+NONE")
        assert running.end() == 0
    assert running.rest("stderr") == ["<the end>"]


def test_module_reaches_a_broker_by_connect_to_and_has_the_quirk() -> None:
    """--connect-to keeps the name that was asked for; --quirk disc-stat reports the end of the connection."""
    with Running("broker", *TCP) as broker:
        port = broker.until(r"^broker " + READY)[1].rpartition(":")[2]
        options = ("--connect-to", f"iot.example.com:1883:127.0.0.1:{port}", "--quirk", "disc-stat")
        with Running("module", "EC200S", *TCP, *options) as running, Host(running.until(READY)[1]) as host:
            host.paste(['AT+QMTOPEN=0,"iot.example.com",1883', 'AT+QMTCONN=0,"pump"'])
            broker.until(r"'pump' connected", "stderr")
            assert b'+QMTOPEN: 0,"iot.example.com",1883\r\n' in host.ask("AT+QMTOPEN?")
            assert "+QMTDISC: 0,0" in host.paste(["AT+QMTDISC=0"])[0]
            host.until(b"+QMTSTAT: 0,5\r\n")
            assert running.end() == 0
        assert broker.end(signal.SIGTERM) == 0


def test_broker_lets_its_users_in_alone(tmp_path: Path) -> None:
    """--users."""
    users = tmp_path / "users"
    users.write_text("# who may\nalice:wonder\n")
    with (
        Running("broker", *TCP, "--users", str(users)) as broker,
        Running(
            *("module", "EC200S", *TCP, "--connect-to"), "::" + broker.until(READY)[1].removeprefix("tcp://")
        ) as running,
        Host(running.until(READY)[1]) as host,
    ):
        session = ['AT+QMTOPEN=0,"x",1', 'AT+QMTCONN=0,"a","alice","wrong"']
        assert host.paste(session)[-1].endswith("+QMTCONN: 0,0,4\r\n")
        host.until(b"+QMTSTAT: 0,4\r\n")
        session[1] = 'AT+QMTCONN=0,"a","alice","wonder"'
        assert host.paste(session)[-1].endswith("+QMTCONN: 0,0,0\r\n")


def printed_session(running: Running) -> list[str]:
    """The lines that `up` gives to paste."""
    lines = [running.until(r"^    (.*)$")[1]]
    while found := re.match(r"    (.*)", running.until("").string):
        lines.append(found[1])
    return lines


def test_up_gives_a_session_that_works() -> None:
    """The session as printed, typed over TCP: no ERROR, and the message is printed as it arrives at the broker."""
    with Running("up") as running:
        running.until(r"^broker ready on tcp://127\.0\.0\.1:\d+$")
        running.until(r"^EC200S-CN ready on /dev/")
        url = running.until(r"^EC200S-CN " + READY)[1]
        session = printed_session(running)
        assert len(session) == 11
        with Host(url) as host:
            answers = host.paste(session[:10])
            host.until(b'\r\n+QMTRECV: 0,0,"attributes",20,"{"temperature":31.6}"\r\n')
            answers += host.paste(session[10:])
        assert not [answer for answer in answers if "ERROR" in answer]
        assert answers[5].endswith("+QMTOPEN: 0,0\r\n")
        assert answers[6].endswith("+QMTCONN: 0,0,0\r\n")
        assert answers[7].endswith("+QMTSUB: 0,1,0,0\r\n")
        running.until(r'^attributes \{"temperature":31\.6\}$')
        assert running.end() == 0


SAID = {
    "BC35-G": (
        *(b"OK\r\n", b"OK\r\n", b"OK\r\n", b"\r\n+QMTOPEN: 0,0\r\n", b"\r\n+QMTCONN: 0,0,0\r\n"),
        *(b"\r\n+QMTSUB: 0,1,0,0\r\n", b"\r\n> ", b"\r\n+QMTPUB: 0,0,0\r\n", b"\r\n+QMTDISC: 0,0\r\n"),
    ),
    "Air724UG": (
        *(b"OK\r\n", b"OK\r\n", b"OK\r\n", b"OK\r\n", b"\r\nCONNECT OK\r\n", b"\r\nCONNACK OK\r\n"),
        *(b"\r\nSUBACK\r\n", b"\r\n>", b'\r\n+MSUB: "attributes",20 byte,{"temperature":31.6}\r\n', b"OK\r\n"),
    ),
}


@pytest.mark.parametrize("model", SAID)
def test_up_gives_each_family_a_session_of_its_own(model: str) -> None:
    """Each line is answered as a success is, and the message arrives."""
    with Running("up", "--model", model) as running:
        url = running.until(rf"^{model} " + READY)[1]
        session = printed_session(running)
        assert len(session) == len(SAID[model])
        with Host(url) as host:
            for line, end in zip(session, SAID[model], strict=True):
                host.say(line.encode() + b"\r" * (not line.startswith("{")))
                assert b"ERROR" not in host.until(end, b"ERROR"), line
        running.until(r'^attributes \{"temperature":31\.6\}$')
        assert running.end() == 0


def take(held: ExitStack, port: int) -> None:
    """Hold a port of this machine, unless somebody has it who keeps it."""
    until = time.monotonic() + KEEPS
    while True:
        with suppress(OSError):
            held.enter_context(socket.create_server(("127.0.0.1", port)))
            return
        if time.monotonic() > until:
            return
        time.sleep(0.05)


def test_up_finds_free_ports() -> None:
    """Ports that are taken are said so and others are used; the module works."""
    with ExitStack() as held:
        take(held, 1883)
        take(held, 7000)
        with Running("up", "--model", "EC600N") as running:
            running.until(r"^TCP port 1883 is taken")
            running.until(r"^TCP port 7000 is taken")
            with Host(running.until(r"^EC600N-CN " + READY)[1]) as host:
                host.paste(['AT+QMTOPEN=0,"anything.at.all",18830', 'AT+QMTCONN=0,"x"'])
            assert running.end(signal.SIGTERM) == 0


def test_up_beside_another() -> None:
    """Two of them have ports of their own, and both modules reach a broker."""
    with Running("up") as first, Running("up", "--model", "EC600N") as second:
        urls = [first.until(r"^EC200S-CN " + READY)[1], second.until(r"^EC600N-CN " + READY)[1]]
        assert urls[0] != urls[1]
        for url in urls:
            with Host(url) as host:
                answers = host.paste(['AT+QMTOPEN=0,"anything.at.all",18830', 'AT+QMTCONN=0,"x"'])
            assert not [answer for answer in answers if "ERROR" in answer]
        assert second.end(signal.SIGTERM) == 0
        assert first.end() == 0


def test_up_uses_another_broker(mosquitto_port: int) -> None:
    """--broker: the module's connections go there, and no broker of our own is started."""
    require("mosquitto")
    with Running("up", "--broker", f"127.0.0.1:{mosquitto_port}") as running:
        assert running.until(" ready on ").string.startswith("EC200S-CN")
        with Host(running.until(READY)[1]) as host:
            answers = host.paste(printed_session(running))
        assert not [answer for answer in answers if "ERROR" in answer]
        assert running.end() == 0


def test_files_in_a_directory(tmp_path: Path) -> None:
    """--files: what is uploaded is there, what is there is downloaded, and it outlives the module."""
    home = tmp_path / "made" / "store"
    for start in (True, False):
        with Running("module", "EC200S", *TCP, "--files", str(home)) as running:
            with Host(running.until(READY)[1]) as host:
                host.ask("ATE0")
                if start:
                    host.say(b'AT+QFUPL="cacert.pem",10\r')
                    host.until(b"CONNECT\r\n")
                    host.say(b"\x00\r\n\x1a456789")
                    assert b"+QFUPL: 10,302c\r\n" in host.until(b"OK\r\n")
                    assert b"+CME ERROR: 406" in host.ask('AT+QFUPL="../x",1') + host.until(b"\r\n")
                    assert (home / "cacert.pem").read_bytes() == b"\x00\r\n\x1a456789"
                    (home / "user.pem").write_bytes(b"key")
                else:
                    said = host.ask("AT+QFLST")
                    assert said == b'\r\n+QFLST: "UFS:cacert.pem",10\r\n+QFLST: "UFS:user.pem",3\r\n\r\nOK\r\n'
                    assert host.ask('AT+QFDWL="user.pem"').startswith(b"\r\nCONNECT\r\nkey\r\n+QFDWL: 3,")
            assert running.end() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_network_and_its_seed() -> None:
    """--network slows an open, by 70 ms a round trip at least; the seed is told where chance has a part."""
    with Running("up", "--network", "cat1", "--seed", "7") as running:
        url = running.until(r"^EC200S-CN ready on (tcp://.*)$")[1]
        running.until(r" network: random seed 7; --seed 7 repeats this run$", "stderr")
        with Host(url) as host:
            host.ask('AT+QMTOPEN=0,"mqtt.example.com",1883')
            start = time.monotonic()
            host.until(b"+QMTOPEN: 0,0\r\n")
            assert time.monotonic() - start > 0.07
        assert running.end() == 0
    for options in (("--network", "tunnel"), ()):
        with Running("module", "EC200S", *TCP, *options) as running:
            running.until(READY)
            if options:
                running.until(r" network: random seed \d+; --seed \d+ repeats this run$", "stderr")
            assert running.end() == 0
        assert running.rest("stderr") == ["<the end>"]


def test_a_line_and_a_clock_of_ones_own() -> None:
    """--baud, --fifo, --noise and --speed: the rate is shown, noise tells its seed, the clock runs."""
    with Running("module", "EC200S", *TCP, "--baud", "9600", "--fifo", "16", "--speed", "100") as running:
        with Host(running.until(READY)[1]) as host:
            assert b"+IPR: 9600\r\n" in host.ask("AT+IPR?")
            start = time.monotonic()
            said = host.ask("ATI")
            assert time.monotonic() - start > len(said) * 10 / 9600 - 0.001
            host.say(b"ATI\rAT+CGMM\rAT+CGMM\rAT+CGMM\r")
            running.until("module: line: the receive FIFO of 16 bytes is full: what the host says is lost$", "stderr")
            running.until(r"module: line: \d+ bytes of the host's were lost", "stderr")
        assert running.end() == 0
    with Running("module", "EC200S", *TCP, "--noise", "0.5", "--seed", "3") as running:
        with Host(running.until(READY)[1]) as host:
            host.say(b"ATI\r" * 10)
            running.until("network: random seed 3; --seed 3 repeats this run$", "stderr")
            running.until("module: line: noise changed .* of the host's bytes and added ", "stderr")
        assert running.end() == 0
