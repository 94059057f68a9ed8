"""`modemlab record` between a host and a virtual module, and `modemlab replay` of what it wrote."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import typer

from modemlab.cli.common import CliError
from modemlab.cli.record import record as record_to
from modemlab.cli.replay import replay
from modemlab.transcripts.format import parse_transcript
from support.command_line import COMMAND, PATIENCE, Host, Running, run

TCP = ("--port", "tcp://127.0.0.1:0")
LISTEN = ("--listen", "tcp://127.0.0.1:0")
READY = r"ready on (tcp://127\.0\.0\.1:\d+)$"

BOOTED = "# << RDY\n"
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is replayed in this process waits less for what nobody expects."""
    monkeypatch.setattr(sys.modules["modemlab.cli.replay"], "SILENCE_S", 0.1)


def readme_session() -> list[str]:
    """The README's session, with a user, and what only one module or one day says."""
    text = README.read_text(encoding="utf-8")
    session = text.partition("line by line:\n\n```\n")[2].partition("\n```")[0].splitlines()
    assert len(session) == 13
    assert session[6] == 'AT+QMTCONN=0,"pump-7"'
    session[6] = 'AT+QMTCONN=0,"pump-7","user","pass,word"'
    return ["ATI", "AT+CGSN", "AT+CIMI", "AT+QCCID", "AT+CSQ", "AT+CCLK?", "AT+QIACT?", *session, "AT+QIACT?"]


@pytest.fixture
def broker() -> Iterator[str]:
    """HOST:PORT of a broker."""
    with Running("broker", *TCP) as running:
        yield running.until(READY)[1].removeprefix("tcp://")
        assert running.end() == 0


def until_in(file: Path, text: str) -> None:
    """Wait until a text stands in a file; fails when it does not in time."""
    until = time.monotonic() + PATIENCE
    while not file.exists() or text not in file.read_text(encoding="utf-8"):
        assert time.monotonic() < until, text
        time.sleep(0.02)


def started(running: Running, file: Path) -> str:
    """The URL for the host, once the module has said that it has started."""
    url = running.until(READY)[1]
    until_in(file, BOOTED)
    return url


def modules(stack: ExitStack, broker: str, *imeis: str, model: str = "EC200S") -> list[str]:
    """The URLs of a module for each of these, which all reach the broker."""
    urls = []
    for imei in imeis:
        running = stack.enter_context(
            Running("module", model, *TCP, "--connect-to", f"::{broker}", "--imei", imei, "--log-level", "error")
        )
        urls.append(running.until(READY)[1])
    return urls


def record(url: str, file: Path, session: list[str], *options: str) -> Running:
    """Record a session that is typed as a person would; the recorder, which has ended with status 0."""
    with Running("record", str(file), "--port", url, *LISTEN, *options) as running:
        with Host(started(running, file)) as host:
            for start in (0, -2):
                answers = host.paste(session[:-2] if start == 0 else session[-2:])
                if start == 0:  # its own message comes ahead of the acknowledgement, so of the result
                    assert '+QMTRECV: 0,1,"pump/7/set",9,"{"rpm":0}"\r\n' in answers[-1]
        assert running.end() == 0
    return running


def test_what_one_module_said_another_says(broker: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The README's session, recorded: masked, and another module shows no difference; raw, its IMEI is one."""
    file, raw = tmp_path / "session.txt", tmp_path / "raw.txt"
    with ExitStack() as stack:
        one, other = modules(stack, broker, "866000000000025", "866000000000033")
        running = record(one, file, readme_session())
        assert re.search(rf"{file} has \d+ lines$", "\n".join(running.rest("stdout")[:-1]))
        text = file.read_text(encoding="utf-8")
        assert "pass,word" not in text
        assert "866000000000025" not in text
        assert '\n>> AT+QMTCONN=0,"pump-7","user","*********"\n<< AT+QMTCONN=0,"pump-7","user","*********"\\r\n' in text
        assert '\n<<| >\\x20\n>>| {"rpm":900}\n' in text
        for line in (
            r"<<~ \d{15}",
            r"<<~ \+QCCID: [0-9A-Fa-f]+",
            r"<<~ \+CSQ: -?\d+,-?\d+",
            r'<<~ \+CCLK: "[^"]*"',
            r'<<~ \+QIACT: 1,1,1,"[^"]*"',
            r"<<~ Revision: .+",
        ):
            assert f"\n{line}\n" in text, line
        replay(file, other, PATIENCE)
        assert capsys.readouterr() == (f"{file}: as written\n", "")
        (third,) = modules(stack, broker, "866000000000041")
        record(third, raw, readme_session(), "--raw")
        assert '"pass,word"' in raw.read_text(encoding="utf-8")
        with pytest.raises(typer.Exit):
            replay(raw, other, 0.5)
        assert "expected 866000000000041\\r\\n" in capsys.readouterr().out


SESSIONS = {
    "BC35-G": (
        *(("AT+CGSN=1", "OK"), ("AT+CIMI", "OK"), ("AT+CGMR", "OK"), ("AT+CSQ", "OK"), ("AT+CCLK?", "OK")),
        *(("AT+CGPADDR", "OK"), ('AT+QMTOPEN=0,"h",1883', "+QMTOPEN: 0,0")),
        ('AT+QMTCONN=0,"pump-7","user","pass,word"', "+QMTCONN: 0,0,0"),
        *(('AT+QMTSUB=0,1,"a/b",1', "+QMTSUB: 0,1,0,1"), ('AT+QMTPUB=0,2,1,0,"a/b"', ">")),
        *(("on\x1a", '+QMTRECV: 0,1,"a/b","on"'), ("AT+QMTDISC=0", "+QMTDISC: 0,0")),
    ),
    "Air724UG": (
        *(("ATI", "OK"), ("AT+CGSN", "OK"), ("AT+CIMI", "OK"), ("AT+CSQ", "OK"), ("AT+CCLK?", "OK"), ("AT+CSTT", "OK")),
        *(("AT+CIICR", "OK"), ("AT+CIFSR", "10."), ('AT+MCONFIG="pump-7","user","pass,word"', "OK")),
        *(('AT+MIPSTART="h",1883', "CONNECT OK"), ("AT+MCONNECT=1,60", "CONNACK OK"), ('AT+MSUB="a/b",0', "SUBACK")),
        *(('AT+MPUBEX="a/b",0,0,2', ">"), ("\x1b\0", '+MSUB: "a/b",2 byte,\x1b\0'), ("AT+MIPCLOSE", "OK")),
    ),
}


@pytest.mark.parametrize(
    ("model", "booted", "greeting"),
    [("BC35-G", "# << OK\n", b"\r\nOK\r\n"), ("Air724UG", "# <<~ \\+NITZ: ", b"\r\n+NITZ: ")],
)
def test_sessions_of_other_dialects(
    model: str, booted: str, greeting: bytes, broker: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What tells one module from another is masked by the commands of its own dialect, as are its passwords."""
    file = tmp_path / "session.txt"
    with ExitStack() as stack:
        urls = modules(stack, broker, "866000000000025", "866000000000033", model=model)
        with Running("record", str(file), "--port", urls[0], *LISTEN, "--model", model) as running:
            with Host(running.until(READY)[1]) as host:
                until_in(file, booted)
                host.until(greeting)
                said = host.until(b"\r\n") if greeting[-1:] != b"\n" else b""
                for line, answer in SESSIONS[model]:
                    host.say(line.encode() + (b"" if said.endswith(b">") else b"\r"))
                    said = host.until(answer.encode())
                    if answer != ">":
                        host.until(b"\r\n")
            assert running.end() == 0
        text = file.read_text(encoding="utf-8")
        assert "866000000000025" not in text
        assert "pass,word" not in text
        assert "\n<<~ \\d{15}\n" in text
        replay(file, urls[1], PATIENCE)
        assert capsys.readouterr() == (f"{file}: as written\n", "")


def test_uploaded_bytes_pass_and_play(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Binary data and its acknowledgement, byte for byte; the file that came back is the one that went."""
    file = tmp_path / "upload.txt"
    content = bytes(range(256)) * 8
    with ExitStack() as stack:
        one, other = modules(stack, "127.0.0.1:1", "866000000000025", "866000000000033")
        with Running("record", str(file), "--port", one, *LISTEN) as running:
            with Host(started(running, file)) as host:
                host.say(b"ATE0\r")
                host.until(b"OK\r\n")
                host.say(b'AT+QFUPL="a.bin",2048,5,1\r')
                host.until(b"CONNECT\r\n")
                host.say(content[:1024])
                host.until(b"A")
                host.say(content[1024:])
                host.until(b"OK\r\n")
                host.say(b'AT+QFDWL="a.bin"\r')
                assert content in host.until(b"+QFDWL: 2048,")
                host.until(b"OK\r\n")
            assert running.end(signal.SIGTERM) == 0
        sent = [step for step in parse_transcript(file.read_text(encoding="utf-8")) if step.mark.value == ">>|"]
        assert len(sent) == 2
        replay(file, other, PATIENCE)
        assert capsys.readouterr() == (f"{file}: as written\n", "")


def test_pty_between_and_the_file_grows(tmp_path: Path) -> None:
    """A module's pty, a pty for the host; what has passed stands in the file while it runs."""
    file, inner, outer = tmp_path / "pty.txt", tmp_path / "module", tmp_path / "host"
    with ExitStack() as stack:
        stack.enter_context(Running("module", "EC200S", "--port", f"pty:{inner}")).until("ready on")
        running = stack.enter_context(
            Running("record", str(file), "--port", str(inner), "--listen", f"pty:{outer}", "--gap", "0.3")
        )
        running.until(f"^record ready on {outer}$")
        until_in(file, BOOTED)
        fd = os.open(outer, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(fd, b"AT\r\n")
            heard = b""
            while not heard.endswith(b"OK\r\n"):
                assert select.select([fd], [], [], PATIENCE)[0]
                heard += os.read(fd, 4096)
            assert heard == b"\r\nRDY\r\nAT\r\r\nOK\r\n"
            until_in(file, "\n>>| AT\\r\\n\n<< AT\\r\n<< OK\n")
        finally:
            os.close(fd)
        assert running.end() == 0
        assert not os.path.lexists(outer)
        assert run("replay", str(file), "--port", str(inner)).returncode == 0


def test_module_that_vanishes(tmp_path: Path) -> None:
    """One line, status 2, and what passed until then; what it said ahead of its host's coming was kept for that."""
    file = tmp_path / "cut.txt"
    with Running("module", "EC200S", *TCP) as module:
        url = module.until(READY)[1]
        with Running("record", str(file), "--port", url, *LISTEN) as running:
            with Host(started(running, file)) as host:
                assert host.ask("AT") == b"\r\nRDY\r\nAT\r\r\nOK\r\n"
                assert module.end() == 0
                said = running.until("the other end closed the port", "stderr").string
                assert said == f"modemlab: {url}: the other end closed the port; {file} has 3 lines"
            assert running.process.wait(PATIENCE) == 2
        assert running.rest("stderr") == ["<the end>"]
    assert "\n>> AT\n<< AT\\r\n<< OK\n" in file.read_text(encoding="utf-8")


def test_a_host_that_says_more_than_the_module_takes_waits(tmp_path: Path) -> None:
    """All of it arrives, in the end."""
    data = b"x" * (1 << 23)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with Running("record", str(tmp_path / "much.txt"), "--port", url, *LISTEN) as running:
            module = server.accept()[0]
            with module, Host(running.until(READY)[1]) as host:
                saying = threading.Thread(target=host.say, args=(data,), daemon=True)
                saying.start()
                left = len(data)
                try:
                    time.sleep(0.3)
                    module.settimeout(PATIENCE)
                    while left:
                        part = module.recv(1 << 16)
                        assert part, running.rest("stderr")
                        left -= len(part)
                finally:
                    if left:
                        module.close()
                    saying.join(PATIENCE)
                assert running.end() == 0


def test_stdio_is_a_port_too(tmp_path: Path) -> None:
    """The host is whoever started it; the end of its input ends the recording, once the module has answered."""
    file = tmp_path / "stdio.txt"
    with Running("module", "EC200S", *TCP) as module:
        arguments = ("record", str(file), "--port", module.until(READY)[1], "--listen", "stdio")
        pipe = subprocess.PIPE
        with subprocess.Popen([*COMMAND, *arguments], stdin=pipe, stdout=pipe, stderr=pipe) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            until_in(file, BOOTED)
            process.stdin.write(b"ATE0\rAT\r")
            process.stdin.close()
            assert process.stdout.read() == b"\r\nRDY\r\nATE0\r\r\nOK\r\n\r\nOK\r\n"
            assert process.wait(PATIENCE) == 0
            assert process.stderr is not None
            assert process.stderr.read().startswith(b"record ready on stdio\n")
    text = file.read_text(encoding="utf-8").replace("# the host has closed the port\n", "", 1)
    assert ">>| ATE0\\rAT\\r\n<< ATE0\\r\n<< OK\n<<\n<< OK\n" in text


def test_what_cannot_be_done(tmp_path: Path) -> None:
    """Ports that cannot be opened and files that cannot be written: one line, status 2, and no file is left."""
    there = tmp_path / "there.txt"
    there.write_text("mine")
    new = tmp_path / "new.txt"
    with Running("module", "EC200S", *TCP) as module, socket.socket() as closed:
        url = module.until(READY)[1]
        closed.bind(("127.0.0.1", 0))
        refused = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        for port, listen, text in (
            (refused, "pty", "no program listens there"),
            ("/dev/nothing-here", "pty", "No such file or directory"),
            ("stdio", "pty", "cannot be opened by a host"),
            (url, "bad", "has no known form"),
            (url, "tcp://127.0.0.1:0#usbat", "one line is recorded"),
        ):
            with pytest.raises(CliError, match=text):
                record_to(new, port, listen)
        with pytest.raises(CliError, match=r"there\.txt exists: --force replaces it"):
            record_to(there, refused)
        for arguments, text in (
            ((str(new), "--port", refused), "no program listens there"),
            ((str(new), "--port", url, "--listen", url), "cannot listen on"),
            ((str(new), "--port", url, "--listen", "pty:/dev/null"), "not replaced"),
            ((str(new), "--port", url, "--listen", "serial:/dev/null"), "it is not a serial device"),
            ((str(new), "--port", url, "--gap", "0"), "--gap takes"),
            ((str(tmp_path / "no" / "new.txt"), "--port", url, *LISTEN), "No such file or directory"),
            ((str(tmp_path), "--port", url, *LISTEN, "--force"), "Is a directory"),
            (("/dev/full", "--port", url, *LISTEN, "--force"), "/dev/full: No space left on device"),
        ):
            done = run("record", *arguments)
            assert (done.returncode, done.stdout) == (2, ""), arguments
            assert text in done.stderr
            assert done.stderr.count("\n") == 1
    assert not new.exists()
    assert there.read_text() == "mine"


def test_force_replaces_a_file(tmp_path: Path) -> None:
    """--force."""
    file = tmp_path / "there.txt"
    file.write_text("mine\n" * 100)
    with (
        Running("module", "EC200S", *TCP) as module,
        Running("record", str(file), "--port", module.until(READY)[1], *LISTEN, "--force") as running,
    ):
        running.until(READY)
        assert running.end() == 0
    assert "mine" not in file.read_text()
