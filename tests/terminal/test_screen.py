"""The terminal as a person has it: keys are pressed, and what stands on the screen is read."""

import re
import signal
import socket
from pathlib import Path

import pytest

from support.terminal_process import (
    CTRL_Q,
    CTRL_S,
    CTRL_Z,
    DOWN,
    ENTER,
    ESC,
    F1,
    F2,
    F3,
    F4,
    F5,
    PAGE_UP,
    TAB,
    UP,
    Terminal,
    session,
    stand_in,
)

LIST = """\
[SET]
RunTimes=1
DelayTime=0
[1]
Cho=0
CMD=AT+CSQ
[2]
Cho=1
CMD=AT+QMTPUBEX=0,0,0,0,"t",3
[3]
Cho=1
CMD=温!
HEX=0
Enter=0
"""

WORDS = {
    "en": {
        "input": "command>",
        "placeholder": "AT command, or :help",
        "open title": "Open the network of an MQTT client",
        "guide": "(MQTT guide, 3.3.2)",
        "client": "<client_idx>  0 to 5  MQTT client",
        "port": "<port>  1 to 65535  Port of the server",
        "keep alive": "<keep_alive_time>  0 to 3600 s; default 120",
        "opened": "The network is open, or why not: client_idx 0, result 0 (opened)",
        "occupied": "result 2 (the client is occupied)",
        "occupied remedy": "remedy: close it first (AT+QMTCLOSE=<client_idx>), or use another client",
        "refused": "ERROR  refused: takes 6 parameters, not 1 (MQTT guide, 3.3.8)",
        "message": "message>",
        "data": "data>",
        "counted": "the module waits for 7 bytes",
        "by hand": "data: 3 of 5 bytes>",
        "hex": "payloads are shown as hex",
        "loaded": "list.ini: 3 commands",
        "begins": "the script begins: 2 commands, 1 times",
        "done": "the script is done",
        "saved": "the session is saved",
        "written": "out.ini: 3 commands are written",
        "help": "saves the session as a transcript",
        "open data": "the module waits for data: Ctrl-Z sends it, Esc cancels",
        "ctrl-z": "Ctrl-Z is sent: the data ends here",
        "escape": "Esc is sent: the data is cancelled",
        "noise": "neither an answer nor an event",
        "lost": "the port is lost: ",
        "not open": "the port is not open",
        "cannot": "cannot be opened: ",
    },
    "zh": {
        "input": "命令>",
        "placeholder": "AT 命令，或 :help",
        "open title": "打开 MQTT 客户端的网络",
        "guide": "(MQTT 应用指导, 3.3.2)",
        "client": "<client_idx>  0 至 5  MQTT 客户端",
        "port": "<port>  1 至 65535  服务器端口",
        "keep alive": "<keep_alive_time>  0 至 3600 秒; 默认 120",
        "opened": "打开网络的结果: client_idx 0, result 0 (已打开)",
        "occupied": "result 2 (客户端已被占用)",
        "occupied remedy": "处理办法: 先关闭该客户端（AT+QMTCLOSE=<client_idx>），或换一个客户端",
        "refused": "ERROR  被拒绝：需要 6 个参数，而不是 1 个 (MQTT 应用指导, 3.3.8)",
        "message": "消息>",
        "data": "数据>",
        "counted": "模块等待 7 字节数据",
        "by hand": "数据：3 / 5 字节>",
        "hex": "消息显示方式：十六进制",
        "loaded": "list.ini：3 条命令",
        "begins": "脚本开始：2 条命令，运行 1 次",
        "done": "脚本完成",
        "saved": "会话已保存",
        "written": "out.ini：写入 3 条命令",
        "help": "把会话保存为记录文件",
        "open data": "模块等待数据：Ctrl-Z 发送，Esc 取消",
        "ctrl-z": "已发送 Ctrl-Z：数据到此结束",
        "escape": "已发送 Esc：取消数据",
        "noise": "既不是应答也不是上报",
        "lost": "端口断开：",
        "not open": "端口未打开",
        "cannot": "无法打开：",
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_session(language: str, tmp_path: Path) -> None:
    """Completion, explanation, colours and words; data, macros, a script, the transcript; a port that is lost."""
    words = WORDS[language]
    (tmp_path / "list.ini").write_bytes(LIST.encode("gbk"))
    with session("EC200S-CN", "--lang", language, directory=str(tmp_path)) as (bench, terminal):
        terminal.until("EC200S-CN: " if language == "en" else "EC200S-CN：", words["input"])

        # completion and explanation
        terminal.type("AT+QMTO")
        terminal.until(f" AT+QMTOPEN  {words['open title']}")
        terminal.type(TAB, "=")
        terminal.until(f"{words['input']} AT+QMTOPEN=", words["client"], words["guide"])
        terminal.type('0,"broker.example",')
        terminal.until("AT+QMTOPEN=<client_idx>,<host_name>,<port>", words["port"])
        terminal.type("1883", ENTER)
        terminal.until(words["opened"], gone=words["port"])
        assert re.match(r"\d\d:\d\d:\d\d\.\d{3} <! \+QMTOPEN: 0,0  ", terminal.line("+QMTOPEN: 0,0"))
        terminal.type('AT+QMTCFG="ke', TAB)
        terminal.until(f'{words["input"]} AT+QMTCFG="keepalive",')
        terminal.type("0,")
        terminal.until(words["keep alive"])

        # the history, and Esc, which clears the line
        terminal.type(ESC)
        terminal.until(gone=words["keep alive"])
        terminal.type(UP)
        terminal.until(f'{words["input"]} AT+QMTOPEN=0,"broker.example",1883')
        terminal.type(ENTER)
        terminal.until("+QMTOPEN: 0,2", words["occupied"], words["occupied remedy"])
        terminal.type(UP, DOWN, 'AT+QMTCONN=0,"pump"', ENTER)
        terminal.until("+QMTCONN: 0,0,0")
        terminal.type('AT+QMTSUB=0,1,"t",1', ENTER)
        terminal.until("+QMTSUB: 0,1,0,1")
        terminal.type("AT+QMTPUBEX=9", ENTER)
        terminal.until(words["refused"])

        # a message by its length: filled in, and by hand
        terminal.type('AT+QMTPUBEX=0,2,1,0,"t",', ENTER)
        terminal.until(words["message"])
        terminal.type('{"a":1}', ENTER)
        terminal.until('AT+QMTPUBEX=0,2,1,0,"t",7', words["counted"], '+QMTRECV: 0,1,"t","{"a":1}"', '\n      "a": 1\n')
        terminal.until("+QMTPUBEX: 0,2,0")
        kinds = ("AT+QMTPUBEX=0,2,1,0", "+QMTPUBEX: 0,2,0", ">| {", "<< OK")
        assert len({terminal.colour(kind) for kind in kinds}) == len(kinds)
        terminal.type(F3)
        terminal.until(words["hex"], "0000  7b 22 61 22 3a 31 7d", '{"a":1}\n', gone='\n      "a": 1\n')
        terminal.type(F3)
        terminal.until(gone="0000  7b")
        terminal.type('AT+QMTPUBEX=0,0,0,0,"t",5', ENTER)
        terminal.until(gone=words["input"])
        terminal.type("hel")
        terminal.until(words["by hand"])
        terminal.type("lo", ENTER)
        terminal.until('"t","hello"', words["input"])

        # macros: one, and those that are ticked as a script
        terminal.type(":load list.ini", ENTER)
        terminal.until(words["loaded"], "1   AT+CSQ", '2 x AT+QMTPUBEX=0,0,0,0,"t",3', "3 x 温!")
        terminal.type(F2, ENTER)
        terminal.until("+CSQ: 24,99")
        terminal.type(F4)
        terminal.until(words["begins"], words["done"])
        terminal.type(F2, ":store out.ini", ENTER)
        terminal.until(words["written"])

        # help, and the transcript
        terminal.type(F1)
        terminal.until(words["help"])
        terminal.type(CTRL_S)
        terminal.until(words["saved"])
        assert bench.published == [("t", b'{"a":1}'), ("t", b"hello"), ("t", "温!".encode("gbk"))]

        # the port is lost, not found, and found again
        bench.hang_up()
        terminal.until(words["lost"])
        terminal.type("AT", ENTER)
        terminal.until(words["not open"], f"{words['input']} AT")
        terminal.type(F5)
        terminal.until(words["cannot"])
        with stand_in(bench.url) as listening:
            terminal.type(F5, ENTER)
            module, _ = listening.accept()
            with module:
                hear_and_see(module, terminal, words)
                terminal.type(CTRL_Q)
                assert terminal.end() == 0
    assert "CMD=温!\r\n".encode("gbk") in (tmp_path / "out.ini").read_bytes()
    (saved,) = tmp_path.glob("modemlab-*.txt")
    assert '>> AT+QMTPUBEX=0,2,1,0,"t",7' in saved.read_text(encoding="utf-8").split("\n")


def test_who_ends_it_has_the_session_and_the_terminal_back(tmp_path: Path) -> None:
    """As SIGTERM and a line that is hung up do."""
    with session("BC28", "--model", "BC28", "--save", "session.txt", "--lang", "en", directory=str(tmp_path)) as (
        _,
        terminal,
    ):
        terminal.until("is open", "AT command")
        terminal.type("AT+CSQ", ENTER)
        terminal.until("+CSQ:")
        terminal.interrupt(signal.SIGTERM)
        assert terminal.end() == 0
    assert ">> AT+CSQ" in (tmp_path / "session.txt").read_text().splitlines()


def hear_and_see(module: socket.socket, terminal: Terminal, words: dict[str, str]) -> None:
    """What the terminal sends to a module that says what it is told to, and what it shows of that."""
    assert module.recv(64) == b"AT\r"
    module.sendall(b"\r\nOK\r\n")
    terminal.until(f"{words['input']} {words['placeholder']}")

    # data that a key ends
    for key, sent, seen in ((CTRL_Z, b"on\x1a", "ctrl-z"), (ESC, b"\x1b", "escape")):
        terminal.type('AT+CMGS="1"', ENTER)
        assert module.recv(64) == b'AT+CMGS="1"\r'
        module.sendall(b'AT+CMGS="1"\r\r\n> ')
        terminal.until(words["open data"], words["data"])
        terminal.type("on", key)
        assert module.recv(64) == sent
        module.sendall(b"\r\n+CMGS: 1\r\n\r\nOK\r\n")
        terminal.until(words[seen], words["input"], gone="> on")

    # noise, lines without an end, more lines than anybody can read
    module.sendall(b"\x1b[2J\xff\x00\x9b31m" + "中".encode("gbk") + b"\r\n")
    terminal.until("\\x1b[2J\\xff\\x00\\x9b31m\\xd6\\xd0", words["noise"])
    module.sendall(b"x" * 100_000 + b"\r\n+NEW: 1\r\n" * 1000 + b"+CPIN: READY\r\n")
    terminal.until("+NEW: 1", "+CPIN: READY")

    # a window without room, and one with it again; what was scrolled away
    for columns, rows in ((8, 3), (20, 5), (1, 1), (140, 41)):
        terminal.resize(columns, rows)
        terminal.type("AT", ENTER)
        assert module.recv(64) == b"AT\r"
        module.sendall(b"\r\nOK\r\n")
    terminal.until("+CPIN: READY", words["input"])
    terminal.type(PAGE_UP)
    terminal.until(gone="+CPIN: READY")
    assert "Traceback" not in terminal.text
