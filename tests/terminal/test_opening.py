"""A port that vanishes is opened again by itself, by the same path, with a line that says so."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modemlab.dialect.registry import find_model
from modemlab.ports.host_connection import DEVICE_GONE
from modemlab.terminal import session_port as opening
from modemlab.terminal.rendering import plain
from modemlab.terminal.session import TerminalSession
from modemlab.terminal.session_port import SessionPort
from modemlab.text.language import Language
from modemlab.text.reason import Reason
from support.terminal_process import ENTER, PATIENCE, Bench, Terminal

ENGLISH = Language("en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_module_that_restarts(language: str, tmp_path: Path) -> None:
    """Its device goes, another comes under the same name, and what is typed then arrives."""
    lost, again = {
        "en": ("the port is lost: the device is gone. It is opened again automatically", "is open again"),
        "zh": ("端口断开：设备已断开。端口恢复后会自动重新打开", "已重新打开"),
    }[language]
    link = str(tmp_path / "modem")
    with Bench("EC200S-CN", f"pty:{link}") as first, Terminal(link, "--model", "EC200S-CN", "--lang", language) as term:
        term.until(":help", "RDY")
        first.hang_up()
        term.until(lost, "  closed  " if language == "en" else "  已关闭  ")
        with Bench("EC200S-CN", f"pty:{link}"):
            term.until(again, gone="  closed  ")
            term.type("AT+CSQ", ENTER)
            term.until("+CSQ: 24,99")


def test_a_port_that_comes_back_without_a_key() -> None:
    """TCP too, in the midst of a script, which stops."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        with Terminal(url, "--model", "EC200S-CN", "--lang", "en") as terminal:
            module, _ = listening.accept()
            with module:
                terminal.until(":help")
                terminal.type(":add AT", ENTER)
                terminal.until("1 x AT")
                terminal.type(":run", ENTER)
                module.settimeout(PATIENCE)
                assert module.recv(64) == b"AT\r"
            terminal.until("the port is lost: ", "the script stops at AT: the other end closed the port")
            module, _ = listening.accept()
            with module:
                module.settimeout(PATIENCE)
                terminal.until(f"{url} is open again")
                terminal.type("AT+CSQ", ENTER)
                assert module.recv(64) == b"AT+CSQ\r"


class Port:
    """A port that can be opened as often as it is told, in place of `dial`."""

    def __init__(self, *works: bool) -> None:
        self.works = list(works)
        self.opened: list[float] = []
        self.closed = 0
        self.ended: Callable[[Reason], None] = print

    async def dial(self, _where: object, _received: object, ended: Callable[[Reason], None], **_: object) -> "Port":
        """Open it."""
        self.opened.append(asyncio.get_running_loop().time())
        if not self.works.pop(0):
            raise OSError("No such file or directory")
        self.ended = ended
        return self

    def write(self, _data: bytes) -> None:
        """Nothing is sent."""

    def close(self) -> None:
        """Given up."""
        self.closed += 1


def attempts(
    monkeypatch: pytest.MonkeyPatch, works: list[bool], patience: float | None = None
) -> tuple[list[str], Port, SessionPort]:
    """Lose a port at once, with pauses a hundred times as short; what is shown, the port, and what held it."""
    monkeypatch.setattr(opening, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(opening, "MAX_RETRY_S", 0.05)
    port, shown = Port(True, *works), list[str]()
    monkeypatch.setattr(opening, "dial", port.dial)
    held: list[SessionPort] = []

    async def main() -> None:
        session = TerminalSession(
            "/dev/modem",
            find_model("EC200S-CN")[0],
            ENGLISH,
            lambda entry: shown.append(plain(entry, ENGLISH, session.form)),
            lambda _: None,
        )
        made = SessionPort(session, 115200, lambda: None, patience)
        held.append(made)
        await made.open()
        port.ended(DEVICE_GONE)
        while port.works and not made.lost:
            await asyncio.sleep(0.001)
        made.close()

    asyncio.run(asyncio.wait_for(main(), PATIENCE))
    return shown, port, held[0]


def test_it_is_tried_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """And why it cannot be opened is said once; what was lost is closed, so that it can be opened."""
    shown, port, _ = attempts(monkeypatch, [False, False, False, False, True])
    pauses = [later - before for before, later in zip(port.opened, port.opened[1:], strict=False)]
    assert all(pause >= least for pause, least in zip(pauses, (0.009, 0.019, 0.039, 0.049, 0.049), strict=True))
    assert port.closed == 2
    assert shown == [
        "note: /dev/modem is open",
        "note: the port is lost: the device is gone. It is opened again automatically when it is back",
        "note: cannot be opened: No such file or directory",
        "note: /dev/modem is open again",
    ]


def test_it_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody is there to wait for."""
    _, _, held = attempts(monkeypatch, [False] * 1000, patience=0.1)
    assert str(held.lost) == "the device is gone"


@pytest.mark.parametrize("busy", [False, True])
def test_lines_of_a_pipe_wait_for_the_port(busy: bool) -> None:
    """What comes while it is gone is sent once it is back; a command that was under way has failed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        with subprocess.Popen(
            [sys.executable, "-m", "modemlab", "term", url, "--plain", "--model", "EC200S-CN", "--lang", "en"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                module, _ = listening.accept()
                if busy:
                    process.stdin.write(b"AT\n")
                    process.stdin.flush()
                    module.settimeout(PATIENCE)
                    assert module.recv(64) == b"AT\r"
                module.close()
                while b"the port is lost" not in process.stdout.readline():
                    pass
                process.stdin.write(b"AT+CSQ\n")
                process.stdin.close()
                module, _ = listening.accept()
                with module:
                    module.settimeout(PATIENCE)
                    assert module.recv(64) == b"AT+CSQ\r"
                    module.sendall(b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n")
                    lines = process.stdout.read().decode().splitlines()
                assert lines[0] == f"note: {url} is open again"
                assert lines[1] == "sent: AT+CSQ"
                assert process.wait(PATIENCE) == int(busy)
            finally:
                process.kill()
