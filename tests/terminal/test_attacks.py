"""What wears a terminal down: endless input and output, noise, windows without room, ports that die, wrong files."""

import os
import random
import socket
import threading
from pathlib import Path

import pytest

from support.terminal_process import CTRL_C, CTRL_Q, CTRL_U, ENTER, ESC, F5, PATIENCE, Bench, Terminal, by_hand

# Bytes that the process may come to; at first it has some 60 MB.
BOUND = 200 << 20
BEGIN, END = b"\x1b[200~", b"\x1b[201~"


def ends_well(terminal: Terminal) -> None:
    """It still answers to its keys, and ends as it should."""
    assert terminal.memory < BOUND
    terminal.type(CTRL_Q)
    assert terminal.end() == 0
    assert "Traceback" not in terminal.text


def test_a_megabyte_is_pasted() -> None:
    """What is too long for a line is not taken, and of many lines the first alone; both are said."""
    with by_hand("--lang", "en") as (module, terminal):
        terminal.write(BEGIN + b"x" * (1 << 20) + END)
        terminal.until("1048576 characters were pasted, too many: a line has 16384 at most")
        terminal.write(BEGIN + b"AT+CSQ\r\n" * (1 << 17) + END)
        terminal.until("131072 lines were pasted, only the first is used", "command> AT+CSQ")
        terminal.type(ENTER)
        assert module.recv(64) == b"AT+CSQ\r"
        ends_well(terminal)


def test_keys_without_end() -> None:
    """As of a paste that the terminal does not mark: they wait where they are, and a line ends somewhere."""
    with by_hand("--lang", "en") as (_, terminal):
        terminal.write(b"x" * 18_000)
        terminal.until("a line has 16384 characters at most")
        terminal.type(ESC)
        terminal.until("command> AT command")
        ends_well(terminal)


@pytest.mark.parametrize("sort", ["messages", "noise", "line ends"])
def test_a_module_that_never_stops(sort: str) -> None:
    """As much as the line takes: the keys are heard all the while, and what is kept is bounded."""
    data = {
        "messages": b'\r\n+QMTRECV: 0,0,"t",20,"' + b"x" * 20 + b'"\r\n',
        "line ends": b"\r\n",
        "noise": random.Random(7).randbytes(1 << 16),
    }[sort]
    data = data * (1 + (1 << 16) // len(data))
    with by_hand("--lang", "en") as (module, terminal):
        over = threading.Event()

        def talk() -> None:
            while not over.is_set():
                try:
                    module.sendall(data)
                except OSError:
                    break

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            for text in ("AT+CSQ", "AT+QMTO"):
                terminal.type(text)
                terminal.until(f"command> {text}")
                terminal.type(CTRL_U)
            ends_well(terminal)
        finally:
            over.set()
            talking.join(PATIENCE)


def test_a_window_that_shrinks_and_grows() -> None:
    """In the midst of traffic and of completion; with little room there is the log and the line."""
    with by_hand("--lang", "zh") as (module, terminal):
        for _ in range(5):
            terminal.resize(20, 5)
            module.sendall(b"\r\n+QMTSTAT: 0,2\r\n")
            terminal.type("AT+Q")
            terminal.resize(150, 40)
            terminal.type(CTRL_U)
        terminal.resize(20, 5)
        module.sendall(b"\r\n+CPIN: READY\r\n")
        terminal.type("AT+CSQ")
        terminal.until("命令> AT+CSQ")
        terminal.type(ENTER)
        assert module.recv(64) == b"AT+CSQ\r"
        terminal.resize(150, 40)
        terminal.until("+QMTSTAT: 0,2  客户端的链路已断开", "+CPIN: READY", "F1 帮助")
        ends_well(terminal)


def test_a_window_that_has_its_size_again_at_once() -> None:
    """What it has cut off meanwhile is painted anew, though nothing needs another place."""
    with by_hand("--lang", "zh") as (module, terminal):
        module.sendall(b"\r\n+QMTSTAT: 0,2\r\n")
        for _ in range(5):
            terminal.until("+QMTSTAT: 0,2  客户端的链路已断开", "F1 帮助")
            terminal.resize(20, 5)
            terminal.resize(150, 40)
        terminal.until("+QMTSTAT: 0,2  客户端的链路已断开", "F1 帮助")
        ends_well(terminal)


def test_a_port_that_dies_and_comes_back() -> None:
    """Again and again, in the midst of data: each time it is said, and F5 has it back."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        with Terminal(url, "--model", "EC200S-CN", "--lang", "en") as terminal:
            for number in range(5):
                module, _ = listening.accept()
                with module:
                    module.settimeout(PATIENCE)
                    terminal.until("  open  ", ":help")
                    line = f'AT+QMTPUBEX=0,{number},1,0,"t",5'
                    terminal.type(line, ENTER)
                    assert module.recv(64) == line.encode() + b"\r"
                    module.sendall(b"\r\n> ")
                    terminal.until("data: 0 of 5 bytes>")
                terminal.until("  closed  ", "command>", "the port is lost: ")
                terminal.type(F5)
            listening.accept()[0].close()
            ends_well(terminal)


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}, {"LC_ALL": "C"}])
def test_terminals_that_can_do_less(settings: dict[str, str]) -> None:
    """Without colours the signs tell the kinds, and the parameter under the cursor is marked all the same."""
    with by_hand("--lang", "en", settings=settings) as (module, terminal):
        terminal.type('AT+QMTOPEN=0,"a",1')
        terminal.until("<port>  1 to 65535")
        terminal.until_marked("AT+QMTOPEN=<client_idx>,", "<port>")
        terminal.type(ENTER)
        assert module.recv(64)
        module.sendall(b"\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\nnoise\r\n")
        terminal.until(">> AT+QMTOPEN", "<< OK", "<! +QMTOPEN", "<? noise")
        ends_well(terminal)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["dumb", "unknown"])
def test_a_terminal_that_cannot_place_its_cursor(language: str, name: str) -> None:
    """Has what --plain has, and is told so."""
    told, opened = {
        "en": (f"note: TERM={name} cannot place the cursor: lines in, lines out, as with --plain", "is open"),
        "zh": (f"提示: TERM={name} 不能定位光标：逐行输入输出，同 --plain", "已打开"),
    }[language]
    with (
        Bench("EC200S-CN") as bench,
        Terminal(bench.url, "--model", "EC200S-CN", "--lang", language, settings={"TERM": name}) as terminal,
    ):
        terminal.until(told, opened)
        terminal.type("AT+CSQ", ENTER)
        terminal.until(": AT+CSQ", ": +CSQ: 24,99")
        terminal.type(":quit", ENTER)
        assert terminal.end() == 0


def test_control_c_tells_how_to_end() -> None:
    """It ends nothing; what is being typed stays."""
    with by_hand("--lang", "en") as (_, terminal):
        terminal.type("AT+CS", CTRL_C)
        terminal.until("-- F1 Help", "^Q Quit", "command> AT+CS")
        ends_well(terminal)


FILES = {
    "flag.ini": (b"[1]\nCho=7\n", "第 2 行：cho 是 '7'，而不是 0 或 1"),
    "key.ini": (b"[1]\nX=7\n", "第 2 行：'X' 不是此处的 QCOM 键；可用 cho, cmd, delay, hex, enter"),
    "bytes.ini": (b"[1]\nCMD=\xff\xff\n", "第 2 行：既不是 UTF-8 也不是 GBK"),
    "hex.ini": (b"[1]\nHEX=1\nCMD=4G\n", "第 3 行：命令不是十六进制：'4G'"),
    "mark.txt": (b">> AT\nAT\n", "第 2 行：开头不是 "),
    "pattern.txt": (b">> AT\n<<~ (\n", "第 2 行：正则表达式有误"),
    "zeros.ini": (bytes(100), "第 1 行："),
    "long.txt": (b">> " + b"A" * 5000, "第 1 行：最多 4096 字节，而不是 5000 字节"),
    "large.ini": (bytes((1 << 20) + 1), "文件有 1048577 字节；列表最多 1048576 字节"),
}


def test_lists_with_every_kind_of_mistake(tmp_path: Path) -> None:
    """Each is told in one note, by its file and its line; what is no file is not waited for."""
    for name, (data, _) in FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder.ini").mkdir()
    os.mkfifo(tmp_path / "pipe.ini")
    others = {"folder.ini": "是一个目录", "pipe.ini": "是管道，不是文件", "nosuch.ini": "没有该文件或目录"}
    with by_hand("--lang", "zh", directory=str(tmp_path)) as (_, terminal):
        for name, told in {**{name: told for name, (_, told) in FILES.items()}, **others}.items():
            terminal.type(f":load {name}", ENTER)
            terminal.until(f"-- {name}: {told}")
        ends_well(terminal)


@pytest.mark.parametrize("busy", [False, True])
def test_a_window_that_is_closed(busy: bool, tmp_path: Path) -> None:
    """It ends, with all that a proper end has, and gives its port back, even while the module talks."""
    saved = tmp_path / "session.txt"
    with by_hand("--lang", "en", "--save", str(saved)) as (module, terminal):
        terminal.type("AT+CSQ", ENTER)
        assert module.recv(64) == b"AT+CSQ\r"
        module.sendall(b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n")
        terminal.until("Signal quality")
        if busy:
            module.sendall(b'\r\n+QMTRECV: 0,0,"a/b",2,"on"\r\n' * 1000)
        assert terminal.hang_up() == 0
        assert ">> AT+CSQ\n" in saved.read_text(encoding="utf-8")
