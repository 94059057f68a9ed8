"""The terminal on lines, as a process on pipes."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from modemlab.cli import main
from modemlab.dialect.registry import find_model
from modemlab.terminal import plain
from modemlab.text.language import Language
from support.command_line import run
from support.terminal_process import PATIENCE, Bench

TERM = [sys.executable, "-m", "modemlab", "term"]
# The same, which looks for a lost port for half a second, not for twenty.
IMPATIENT_TERM = [
    *(sys.executable, "-c"),
    "from modemlab.terminal import plain; plain.REOPEN_TIMEOUT_S = 0.5; from modemlab.cli import main; main()",
    "term",
]


def pipe(text: str, *arguments: str, directory: Path | None = None) -> tuple[int, list[str], str]:
    """Run `modemlab term --plain` on this input: its exit status, the lines that it printed, and stderr."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [*TERM, *arguments, "--plain"],
        input=text.encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        cwd=directory,
        env=environment,
    )
    assert b"\x1b" not in done.stdout
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


PUBLISHING = """\
AT+QMTOPEN=0,"broker.example",1883
AT+QMTCONN=0,"pump"
AT+QMTSUB=0,1,"t",1
AT+QMTPUBEX=0,2,1,0,"t",
{"on":1}
AT+QMTPUBEX=0,0,0,0,"t",5
hel
lo
"""


def test_a_session_on_a_pipe() -> None:
    """Each line waits for the answer to the one before it, and for its result; the words are those of the screen."""
    with Bench("EC200S-CN") as bench:
        status, lines, trouble = pipe(PUBLISHING, bench.url)
    boot = lines.index("event: RDY  (The module has started)")
    del lines[boot]
    assert (status, trouble) == (0, "")
    assert lines == [
        f"note: {bench.url} is open",
        "sent: ATI",
        "answer: Quectel",
        "answer: EC200SCN",
        "answer: Revision: EC200SCNAAR03A01M08",
        "answer: OK  (done)",
        "note: the module is EC200S-CN: Quectel EC200x, EC600x and EG912Y",
        'sent: AT+QMTOPEN=0,"broker.example",1883',
        "answer: OK  (done)",
        "event: +QMTOPEN: 0,0  (The network is open, or why not: client_idx 0, result 0 (opened))",
        'sent: AT+QMTCONN=0,"pump"',
        "answer: OK  (done)",
        "event: +QMTCONN: 0,0,0  (The server's answer: client_idx 0, result 0 (answered), ret_code 0 (accepted))",
        'sent: AT+QMTSUB=0,1,"t",1',
        "answer: OK  (done)",
        (
            "event: +QMTSUB: 0,1,0,1  (Subscribed, one value for each topic: client_idx 0, msgid 1, "
            "result 0 (sent and acknowledged), value 1)"
        ),
        "note: type the message for <length>, 0 to 1500 bytes; Enter sends it, Esc cancels",
        'sent: AT+QMTPUBEX=0,2,1,0,"t",8',
        "answer: >  (the module waits for 8 bytes)",
        'data: {"on":1}  (8 bytes)',
        "    {",
        '      "on": 1',
        "    }",
        "answer: OK  (done)",
        'event: +QMTRECV: 0,1,"t","{"on":1}"  (A message: client_idx 0, msgid 1, topic "t"; 8 bytes)',
        "    {",
        '      "on": 1',
        "    }",
        "event: +QMTPUBEX: 0,2,0  (Published: client_idx 0, msgid 2, result 0 (sent and acknowledged))",
        'sent: AT+QMTPUBEX=0,0,0,0,"t",5',
        "answer: >  (the module waits for 5 bytes)",
        "data: hel  (3 bytes)",
        "note: 2 bytes are still missing",
        "data: lo  (2 bytes)",
        "answer: OK  (done)",
        "event: +QMTPUBEX: 0,0,0  (Published: client_idx 0, msgid 0, result 0 (sent and acknowledged))",
        'event: +QMTRECV: 0,0,"t","hello"  (A message: client_idx 0, msgid 0, topic "t"; 5 bytes)',
    ]


def test_macros_and_a_transcript_on_a_pipe(tmp_path: Path) -> None:
    """In Chinese: a list that is run as a script, a command that fails, and the session saved, which plays."""
    (tmp_path / "list.ini").write_text("[SET]\nDelayTime=0\n[1]\nCMD=AT+CEREG?\n[2]\nCMD=AT+CMEE=1\n")
    options = ("--model", "BC35-G", "--lang", "zh", "--macros", "list.ini", "--save", "session.txt")
    with Bench("BC35-G", "pty") as bench:
        status, lines, trouble = pipe(":run\nAT+FOO\n", bench.url, *options, directory=tmp_path)
    assert (status, trouble) == (1, "")
    assert lines[0] == "提示: list.ini：2 条命令"
    assert lines[lines.index("提示: 脚本开始：2 条命令，运行 1 次") + 1 :] == [
        "发送: AT+CEREG?",
        "应答: +CEREG:0,1  (EPS 网络注册: n 0 (不上报), stat 1 (已注册，归属网络))",
        "应答: OK  (成功)",
        "发送: AT+CMEE=1",
        "应答: OK  (成功)",
        "提示: 脚本完成",
        "发送: AT+FOO",
        "应答: +CME ERROR: 4  (操作不支持; 处理办法: 检查命令名和选项)",
        "提示: session.txt：会话已保存，16 行",
        "提示: 密码等已屏蔽；--raw 可保留",
    ]
    with Bench("BC35-G") as bench:
        played = run("replay", str(tmp_path / "session.txt"), "--port", bench.url)
    assert (played.returncode, played.stderr) == (0, "")


def test_a_port_that_is_lost() -> None:
    """It is told, and the exit status is 2; a line that nobody ended is no hindrance."""
    with (
        Bench("EC200S-CN") as bench,
        subprocess.Popen(
            [*IMPATIENT_TERM, bench.url, "--plain", "--lang", "en"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"AT")
        process.stdin.flush()
        while b"the module is EC200S-CN" not in process.stdout.readline():
            pass
        bench.hang_up()
        assert process.stdout.read().startswith(b"note: the port is lost: the other end closed the port")
        assert process.wait(PATIENCE) == 2


def test_a_line_that_is_never_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The end of the input ends the session all the same."""
    monkeypatch.setattr(plain, "FINAL_TIMEOUT_S", 0.1)

    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not ended.is_set():
            writer.write(b"$GP,1\r\n")
            await asyncio.sleep(0.005)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        ended.clear()

    ended = asyncio.Event()

    async def main() -> None:
        async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
            host, number = server.sockets[0].getsockname()
            made = plain.PlainTerminal(f"tcp://{host}:{number}", find_model("BC28")[0], Language("en"), True, print)
            with open(os.devnull, "rb", buffering=0) as nothing:
                await made.open(115200)
                await made.serve(nothing, patient=True)
            ended.set()
            while ended.is_set():
                await asyncio.sleep(0.005)

    asyncio.run(asyncio.wait_for(main(), PATIENCE))
    assert "$GP,1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/nosuch/tty"], "the full-screen terminal needs a terminal for input and output; --plain takes pipes"),
        (["/nosuch/tty", "--lang", "zh"], "全屏终端的输入和输出必须是终端；管道请用 --plain"),
        (["x", "--plain", "--model", "EC99"], "'EC99' is not a known model. One of: Air724UG"),
        (["x", "--plain", "--macros", "/nosuch.ini"], "/nosuch.ini: No such file or directory"),
        (["x", "--plain", "--save", os.sep], f"{os.sep} exists: give another name"),
        (["x", "--plain", "--save", "/nosuch/a.txt"], "/nosuch/a.txt: there is no directory /nosuch"),
        (["x", "--baud", "7"], "--baud takes a whole number of 50 to 4,000,000"),
    ],
)
def test_what_cannot_begin(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on stderr, and the exit status 2."""
    monkeypatch.setattr(sys, "argv", ["modemlab", "term", *arguments])
    monkeypatch.setenv("LANG", "C.UTF-8")
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with pytest.raises(SystemExit) as ended:
            main()
    told_then = capsys.readouterr().err
    assert (ended.value.code, told_then.count("\n")) == (2, 1)
    assert told_then.startswith(f"modemlab: {told}")


@pytest.mark.parametrize(
    ("port", "told"),
    [
        ("/nosuch/tty", "/nosuch/tty: No such file or directory: `modemlab ports` lists the ports"),
        (
            "tcp://127.0.0.1:1",
            "tcp://127.0.0.1:1: no program listens there: is the module running? `modemlab up` starts one",
        ),
    ],
)
def test_a_port_that_is_missing(port: str, told: str) -> None:
    """One line on stderr, and the exit status 2."""
    assert pipe("AT\n", port) == (2, [], f"modemlab: {told}\n")


def test_without_textual(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that says how to install it."""
    monkeypatch.setattr(sys, "argv", ["modemlab", "term", "x", "--lang", "en"])
    monkeypatch.setitem(sys.modules, "textual", None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "modemlab: the full-screen terminal needs Textual: pip install 'modemlab[term]'; --plain works without\n"
    )
