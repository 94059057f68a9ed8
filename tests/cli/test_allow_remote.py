"""Ports that other machines reach: refused with what they open, unless --allow-remote is there."""

import asyncio
import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.ports.exposure import ExposedPortError, is_loopback, reached_by_others
from modemlab.virtual.module import VirtualModule
from support.command_line import Running, run

LINE = (
    "anyone who can reach {} from another machine can send commands to the module, and with AT+QMTOPEN "
    "connect from this machine to any address"
)
BROKER = "anyone who can reach {} from another machine can read and publish all messages: the broker has no users"
RELAY = "anyone who can reach {} from another machine can send commands to the module behind it"


@pytest.mark.parametrize(
    ("command", "url", "opens"),
    [
        (("module", "EC200S-CN", "--port"), "tcp://0.0.0.0:0", LINE),
        (("module", "EC200S-CN", "--port"), "tcp://[::]:0", LINE),
        (("module", "EC200S-CN", "--port"), "tcp://0:0", LINE),
        (("module", "BC35-G", "--port"), "rfc2217://0.0.0.0:0", LINE),
        (("module", "EC200S-CN", "--port", "tcp://127.0.0.1:0", "--port"), "tcp://192.0.2.1:0", LINE),
        (("broker", "--port"), "tcp://0.0.0.0:0", BROKER),
        (("broker", "--port"), "tcp://[::]:0", BROKER),
        (("record", "FILE", "--port", "tcp://127.0.0.1:1", "--listen"), "tcp://0.0.0.0:0", RELAY),
        (("record", "FILE", "--port", "tcp://127.0.0.1:1", "--listen"), "rfc2217://0.0.0.0:0", RELAY),
    ],
)
def test_refused(command: tuple[str, ...], url: str, opens: str, tmp_path: Path) -> None:
    """Before anything starts or is written."""
    file = tmp_path / "file"
    trace = ("--trace", str(file)) if command[0] == "module" else ()
    done = run(*(str(file) if each == "FILE" else each for each in command), url, *trace)
    assert (done.stdout, done.stderr) == ("", f"modemlab: {opens.format(url)}; --allow-remote allows it\n")
    assert done.returncode == 2
    assert not file.exists()


def test_refused_in_a_check(tmp_path: Path) -> None:
    """The port stands in the file; --allow-remote on the command line alone."""
    file = tmp_path / "check.toml"
    file.write_text('[module]\nport = "tcp://0.0.0.0:0"\n[[expect]]\nexit = 0\n')
    done = run("check", str(file), "--", "true")
    told = LINE.format("tcp://0.0.0.0:0")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"modemlab: {file}: {told}; --allow-remote allows it\n",
    )
    done = run("check", "--allow-remote", str(file), "--", "true")
    assert (done.returncode, done.stderr) == (0, f"modemlab: {told}\n")


@pytest.mark.parametrize(
    ("command", "opens"), [(("module", "EC200S-CN"), LINE), (("broker",), BROKER)], ids=["module", "broker"]
)
def test_allowed(command: tuple[str, ...], opens: str) -> None:
    """It starts, and says once what it opens."""
    with Running(*command, "--port", "tcp://0.0.0.0:0", "--allow-remote") as running:
        port = int(running.until(r"ready on tcp://0\.0\.0\.0:(\d+)$")[1])
        socket.create_connection(("127.0.0.1", port), 60).close()
        assert running.end() == 0
        told = [line for line in running.rest("stderr") if "anyone who can reach" in line]
    assert told == [f"modemlab: {opens.format('tcp://0.0.0.0:0')}"]


def test_a_broker_with_users_needs_no_leave(tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_text("name:word\n")
    with Running("broker", "--port", "tcp://0.0.0.0:0", "--users", str(users)) as running:
        running.until("ready on")
        assert running.end() == 0
        assert not any("anyone who can reach" in line for line in running.rest("stderr"))


def test_loopback_needs_no_leave() -> None:
    for host in ("127.0.0.1", "127.1.2.3", "localhost"):
        with Running("module", "EC200S-CN", "--port", f"tcp://{host}:0") as running:
            running.until("ready on")
            assert running.end() == 0


def test_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """By address; by name, whatever it resolves to; a name that nobody knows is another mistake."""
    for address in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"):
        assert is_loopback(address)
        assert not reached_by_others(address)
    for address in ("0.0.0.0", "::", "192.0.2.1", "fe80::1", "::ffff:192.0.2.1", "0"):
        assert not is_loopback(address)
        assert reached_by_others(address)
    known = {"desk": ["127.0.0.1", "192.0.2.1"], "own": ["127.0.0.1", "::1"]}

    def resolve(host: str, *_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(0, 0, 0, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert (reached_by_others("desk"), reached_by_others("own"), reached_by_others("none")) == (True, False, False)


@pytest.mark.parametrize("host", ["", "*"])
def test_names_of_every_address(host: str) -> None:
    """Whatever the system listens on by them: that is asked as a listener asks it."""
    try:
        every = socket.getaddrinfo(host or None, 1, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        every = []
    assert reached_by_others(host) is bool(every)
    assert host or every


def test_in_python() -> None:
    """The same, with `allow_remote=True`; a broker with users needs none."""

    async def main() -> None:
        for url in ("tcp://0.0.0.0:0", "rfc2217://0.0.0.0:0"):
            vm = VirtualModule(*find_model("EC200S-CN"), ports=[url])
            with pytest.raises(
                ExposedPortError, match=r"with AT.QMTOPEN connect from this machine to any address; allow_remote=True"
            ):
                await vm.open()
            async with VirtualModule(*find_model("EC200S-CN"), ports=[url], allow_remote=True) as vm:
                assert vm.urls[0].startswith(url[:-1])
        with pytest.raises(ExposedPortError, match="the broker has no users; allow_remote=True allows it"):
            await Broker().start("0.0.0.0")
        with pytest.raises(ExposedPortError, match="the broker has no users"):
            await Broker().start("")
        for broker in (Broker(allow_remote=True), Broker(users={"name": "word"})):
            await broker.start("0.0.0.0")
            await broker.close()

    asyncio.run(main())


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("exists", [False, True])
def test_private_files(mask: int, exists: bool, tmp_path: Path) -> None:
    """A trace and a recording are their owner's alone, whatever the umask is, and if the file was there before."""
    trace, recording = tmp_path / "trace", tmp_path / "recording"
    if exists:
        for file in (trace, recording):
            file.write_text("x")
            file.chmod(0o644)
    before = os.umask(mask)
    try:
        with Running("module", "EC200S-CN", "--port", "tcp://127.0.0.1:0", "--trace", str(trace)) as module:
            url = module.until(r"ready on (tcp://\S+)$")[1]
            given = (str(recording), "--port", url, "--listen", "tcp://127.0.0.1:0", *(["--force"] if exists else []))
            with Running("record", *given) as recorder:
                recorder.until("record ready")
                assert recorder.end() == 0
            assert module.end() == 0
    finally:
        os.umask(before)
    assert [stat.S_IMODE(file.stat().st_mode) for file in (trace, recording)] == [0o600, 0o600]
