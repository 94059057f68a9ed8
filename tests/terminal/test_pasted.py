"""Several lines at once: pasted into the screen or typed into a pipe, they wait for each other's answers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from modemlab.dialect.registry import find_model
from modemlab.ports.host_connection import DEVICE_GONE
from modemlab.terminal import paste_dialog as pasting
from modemlab.terminal.conversation import LogEntry, Mode
from modemlab.terminal.paste_script import MAX_LINES, fitting, uncommented
from modemlab.terminal.rendering import plain
from modemlab.terminal.session import TerminalSession
from modemlab.text.language import Language
from support.terminal_process import ENTER, ESC, PATIENCE, Bench, Terminal, by_hand

ENGLISH = Language("en")
BEGIN, END = b"\x1b[200~", b"\x1b[201~"

COMMENTS = [
    ("AT+CSQ                    //signal", "AT+CSQ", "//signal"),
    ('AT+QMTOPEN=0,"h",1883//打开', 'AT+QMTOPEN=0,"h",1883', "//打开"),
    ("AT+CSQ//", "AT+CSQ", "//"),
    ('AT+QMTPUBEX=0,0,0,0,"http://x//y",3', 'AT+QMTPUBEX=0,0,0,0,"http://x//y",3', ""),
    ('AT+X="a // b" // c "d"', 'AT+X="a // b"', '// c "d"'),
    ("AT+QHTTPURL=http://h//p", "AT+QHTTPURL=http://h//p", ""),
    ("AT+QHTTPURL=http://h//p // the page", "AT+QHTTPURL=http://h//p", "// the page"),
    ('AT+X="t","{"url":"//cdn/x"}"', 'AT+X="t","{"url":"//cdn/x"}"', ""),
    ('AT+X="{"a":"http://x"}"  // c', 'AT+X="{"a":"http://x"}"', "// c"),
    ('AT+X="open // c', 'AT+X="open // c', ""),
    ('AT+A="x";+B="y//z"// b', 'AT+A="x";+B="y//z"', "// b"),
    ("AT", "AT", ""),
]


@pytest.mark.parametrize(("line", "command", "comment"), COMMENTS)
def test_comments(line: str, command: str, comment: str) -> None:
    """What stands behind `//`, but not within quotes or an address."""
    assert uncommented(line) == (command, comment)


@pytest.mark.parametrize(
    ("lines", "left", "found"),
    [
        (["hello"], 5, (1, b"hello")),
        (["hello", "x"], 5, (1, b"hello")),
        (["a", "b"], 4, (2, b"a\r\nb")),
        (["a", "b"], 3, (2, b"a\nb")),
        (["a", "b"], 2, (2, b"ab")),
        (["a", "b"], 6, (2, b"a\r\nb\r\n")),
        (["°"], 2, (1, b"\xc2\xb0")),
        (["on", "AT"], 3, (1, b"on\n")),
        (["on", "off"], 3, None),
        (["abc"], 2, None),
        (["a"], 9, None),
        ([], 1, None),
    ],
)
def test_data_of_several_lines(lines: list[str], left: int, found: tuple[int, bytes] | None) -> None:
    """As it was counted, whatever ends the lines were counted with."""
    assert fitting(lines, left) == found


class Desk:
    """A session on a port in memory, and what it has shown."""

    def __init__(self, model: str = "EC200S-CN") -> None:
        self.shown: list[str] = []
        self.sent = bytearray()
        self.now = 0.0
        dialect = find_model(model)[0]
        self.session = TerminalSession("port", dialect, ENGLISH, self._show, lambda _: None, now=lambda: self.now)
        self.session.opened(self.sent.extend)
        self.shown.clear()

    def _show(self, entry: LogEntry) -> None:
        self.shown.append(plain(entry, ENGLISH, self.session.form))

    def paste(self, text: str) -> str | None:
        """Paste a text."""
        return pasting.paste(self.session, text.splitlines())

    def take(self) -> bytes:
        """What was sent."""
        sent = bytes(self.sent)
        self.sent.clear()
        return sent

    def hear(self, data: bytes) -> bytes:
        """The module says this; what is sent then."""
        self.session.received(data)
        return self.take()


TUTORIAL = """\
AT+CSQ                              //signal
+CSQ: 28,99

OK
AT+QMTOPEN=0,"http://x",1883        //open
OK

+QMTOPEN: 0,0
AT+QMTPUBEX=0,0,0,0,"t",5           //publish
>
hello
OK
AT+CGATT?
"""


def test_a_tutorial() -> None:
    """It is asked first; each command waits for all of the answer before it; the manual's answers are not sent."""
    desk = Desk()
    assert desk.paste(TUTORIAL) == ""
    assert desk.take() == b""
    assert desk.shown == [
        "note: 11 lines were pasted, 4 of them commands: each will be sent after the answer to the one before it",
        "note:    1 AT+CSQ",
        'note:    2 AT+QMTOPEN=0,"http://x",1883',
        'note:    3 AT+QMTPUBEX=0,0,0,0,"t",5',
        "note:    4 AT+CGATT?",
        "note: text after // is a comment and is not sent",
        "note: Enter sends them, Esc or n drops them",
    ]
    assert desk.session.entered("")
    assert desk.take() == b"AT+CSQ\r"
    assert desk.hear(b"\r\n+CSQ: 24,99\r\n") == b""
    assert desk.hear(b"\r\nOK\r\n") == b'AT+QMTOPEN=0,"http://x",1883\r'
    assert "note: not a command, not sent: +CSQ: 28,99" in desk.shown
    assert desk.hear(b"\r\nOK\r\n") == b""
    assert desk.hear(b"\r\n+QMTOPEN: 0,0\r\n") == b'AT+QMTPUBEX=0,0,0,0,"t",5\r'
    assert desk.hear(b"\r\n> ") == b"hello"
    assert desk.hear(b"\r\nOK\r\n") == b""
    assert desk.hear(b"\r\n+QMTPUBEX: 0,0,0\r\n") == b"AT+CGATT?\r"
    assert desk.hear(b"\r\n+CGATT: 1\r\n\r\nOK\r\n") == b""
    assert desk.shown[-1] == "note: the script is done"


def test_one_that_fails_stops_the_rest() -> None:
    """Which are left is said."""
    desk = Desk()
    desk.paste("AT\nAT+QIACT=1 // again\nAT+CSQ\nAT+CGATT? //x\n")
    desk.session.entered("y")
    assert desk.take() == b"AT\r"
    assert desk.hear(b"\r\nOK\r\n") == b"AT+QIACT=1\r"
    assert desk.hear(b"\r\nERROR\r\n") == b""
    assert desk.shown[-2:] == [
        "note: the script stops at AT+QIACT=1: ERROR refused, without a reason",
        "note: not sent, 2: AT+CSQ; AT+CGATT?",
    ]


@pytest.mark.parametrize("answer", ["n", "NO", "否"])
def test_dropped(answer: str) -> None:
    """Nothing is sent; another word is no answer."""
    desk = Desk()
    desk.paste("AT\nATI\n")
    assert not desk.session.entered("AT+CSQ")
    assert desk.session.entered(answer)
    assert desk.shown[-1] == "note: dropped, nothing was sent"
    assert (desk.take(), desk.session.asked) == (b"", ())
    desk.paste("AT\nATI\n")
    desk.session.control(b"\x1b", "half")
    assert (desk.take(), desk.session.asked) == (b"", ())


def test_payloads_in_every_shape() -> None:
    """By a length that is filled in, of several lines, and ended by Ctrl-Z, written as a key or as a word."""
    desk = Desk()
    desk.paste('AT+QMTPUBEX=0,0,0,0,"t",\n// no comment\nAT+QMTPUBEX=0,0,0,0,"t",9\n{\n "a":1}\nAT\n')
    desk.session.entered("")
    assert desk.take() == b'AT+QMTPUBEX=0,0,0,0,"t",13\r'
    assert desk.hear(b"\r\n> ") == b"// no comment"
    assert desk.hear(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n") == b'AT+QMTPUBEX=0,0,0,0,"t",9\r'
    assert desk.hear(b"\r\n> ") == b'{\n "a":1}'
    assert desk.hear(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n") == b"AT\r"
    for end in ("on\x1a", "on\n\x1a", "on<Ctrl-Z>", "on\n<CTRL+Z>"):
        desk = Desk("BC35-G")
        desk.paste(f'AT+QMTPUB=0,0,0,0,"t"\none\n{end}\nAT\n')
        desk.session.entered("")
        assert desk.take() == b'AT+QMTPUB=0,0,0,0,"t"\r'
        assert desk.hear(b"\r\n> ") == b"one\r\non\x1a"
        assert desk.hear(b"\r\nOK\r\n\r\n+QMTPUB: 0,0,0\r\n") == b"AT\r"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            'AT+QMTPUBEX=0,0,0,0,"t",9\nhello\nAT+CSQ',
            "the module waits for 9 bytes, but the text has 5: nothing is sent",
        ),
        ('AT+CMGS="1"\nAT+CSQ', "the module waits for data: Ctrl-Z sends it, Esc cancels"),
    ],
)
def test_data_that_does_not_fit(text: str, reason: str) -> None:
    """No command is sent as data: it stops there."""
    desk = Desk()
    desk.paste(text)
    desk.session.entered("")
    desk.take()
    assert desk.hear(b"\r\n> ") == b""
    assert desk.shown[-2].endswith(reason)
    assert desk.shown[-1] == "note: not sent, 1: AT+CSQ"
    assert desk.session.talk.mode is Mode.DATA


def test_a_message_that_is_missing() -> None:
    """A command that lacks its length and the message is not sent."""
    desk = Desk()
    desk.paste('AT\nAT+QMTPUBEX=0,0,0,0,"t",\n')
    desk.session.entered("")
    desk.take()
    assert desk.hear(b"\r\nOK\r\n") == b""
    assert "the message for <length> is missing" in desk.shown[-2]


def test_lines_for_a_prompt() -> None:
    """Of a message that is being typed, and of data that is asked for."""
    desk = Desk()
    desk.session.entered('AT+QMTPUBEX=0,0,0,0,"t",')
    assert desk.paste('{\n  "a": 1 // x\n}') == ""
    assert desk.shown[-2] == "note: 3 lines were pasted: one message of 17 bytes, with LF between the lines"
    desk.session.entered("")
    assert desk.take() == b'AT+QMTPUBEX=0,0,0,0,"t",17\r'
    assert desk.hear(b"\r\n> ") == b'{\n  "a": 1 // x\n}'
    desk.hear(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n")
    desk.session.entered('AT+QMTPUBEX=0,0,0,0,"t",3')
    desk.take()
    desk.hear(b"\r\n> ")
    assert desk.paste("abcd\ne") is None
    assert desk.paste("a\nb\n") == ""
    assert desk.session.entered("")
    assert desk.take() == b"a\nb"


def test_what_is_no_command_is_not_asked_about() -> None:
    """And too much is one line, as before; the terminal's own commands wait for nothing."""
    desk = Desk()
    assert desk.paste("{\n}\n") is None
    assert desk.shown == ["note: 2 lines were pasted and none is a command (AT...): they are ignored"]
    assert desk.paste("AT\n" * (MAX_LINES + 1)) == "AT"
    assert desk.session.asked == ()
    assert desk.paste(":show hex\n:show raw\n") == ""
    assert desk.session.form.value == "raw"
    assert desk.paste("") is None
    assert desk.paste("\nAT\n") == "AT"
    assert desk.paste(f"AT\nAT+{'x' * 17_000}\n") is None
    assert desk.shown[-1] == "note: 17003 characters were pasted, too many: a line has 16384 at most"


def test_control_characters_and_endless_lines() -> None:
    """No command has them; and no line takes long to look at."""
    desk = Desk()
    desk.paste("AT\nAT+X=\x07\n")
    desk.session.entered("")
    desk.take()
    assert desk.hear(b"\r\nOK\r\n") == b""
    assert desk.shown[-2].endswith("a command line has no control characters")
    for text in ("x" * (1 << 20), 'AT="' + '" ' * (1 << 18), "=," * (1 << 18) + " " * (1 << 18), '="//' * (1 << 17)):
        uncommented(text)


def test_a_port_that_is_lost_ends_it() -> None:
    """With what is left; a question is forgotten."""
    desk = Desk()
    desk.paste("AT\nATI\n")
    desk.session.entered("")
    desk.session.lost(DEVICE_GONE)
    assert desk.shown[-1] == "note: not sent, 1: ATI"
    desk.paste("AT\nATI\n")
    assert not desk.session.entered("")
    assert desk.shown[-1] == "note: the port is not open; F5 or :open opens it"


def test_a_typed_comment() -> None:
    """Is not sent either, and that is said."""
    desk = Desk()
    desk.session.entered("AT+CSQ  // signal")
    assert desk.take() == b"AT+CSQ\r"
    assert desk.shown == ["note: a comment, not sent: // signal", "sent: AT+CSQ"]


WORDS = {
    "en": ("3 lines were pasted, 3 of them commands", "send them?>", "command> AT command", "not sent, 1: AT+CSQ"),
    "zh": ("粘贴了 3 行，其中 3 条命令", "发送？>", "命令> AT 命令", "未发送 1 条：AT+CSQ"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("marked", [True, False])
def test_on_the_screen(language: str, marked: bool) -> None:
    """Marked as pasted or not, the lines are asked about, and wait for their answers."""
    asked, prompt, idle, left = WORDS[language]
    lines = b"AT // first\rAT+QIACT=1\rAT+CSQ\r"
    with by_hand("--lang", language) as (module, terminal):
        for key in (ESC, ENTER):
            terminal.write(BEGIN + lines + END if marked else lines)
            terminal.until(asked, prompt, "1 AT\n", "2 AT+QIACT=1", "3 AT+CSQ")
            terminal.type(key)
            terminal.until(gone=prompt)
        assert module.recv(64) == b"AT\r"
        module.sendall(b"\r\nOK\r\n")
        assert module.recv(64) == b"AT+QIACT=1\r"
        module.sendall(b"\r\nERROR\r\n")
        terminal.until(left, idle)
        terminal.type("AT+CGATT?", ENTER)
        assert module.recv(64) == b"AT+CGATT?\r"


def test_one_line_is_put_in() -> None:
    """And sent by Enter; not marked, its own Enter sends it."""
    with by_hand("--lang", "en") as (module, terminal):
        terminal.write(BEGIN + b"AT+CSQ\r" + END)
        terminal.until("command> AT+CSQ")
        terminal.type(ENTER)
        assert module.recv(64) == b"AT+CSQ\r"
        module.sendall(b"\r\nOK\r\n")
        terminal.until("OK  done")
        terminal.write(b"AT+CGATT?\r\n")
        assert module.recv(64) == b"AT+CGATT?\r"


PLAIN = ("--plain", "--model", "EC200S-CN", "--lang", "en")


@contextmanager
def in_lines(url: str) -> Iterator[Terminal]:
    """`term --plain` on a keyboard."""
    with Terminal(url, *PLAIN) as terminal:
        terminal.until("is open")
        yield terminal


@pytest.mark.parametrize("marked", [True, False])
def test_pasted_at_a_keyboard_without_a_screen(marked: bool) -> None:
    """It is asked; the next line is the answer. A line by itself is sent at once."""
    lines = b"AT+CGATT?\nAT+CSQ // signal\n"
    with Bench("EC200S-CN") as bench, in_lines(bench.url) as terminal:
        terminal.write(BEGIN + lines[:-1] + END + b"\n" if marked else lines)
        terminal.until("2 lines were pasted, 2 of them commands", "note: Enter sends them, Esc or n drops them")
        terminal.type("\n")
        terminal.until(
            "sent: AT+CGATT?", "answer: +CGATT: 1", "sent: AT+CSQ\n", "answer: +CSQ: 24,99", "script is done"
        )
        text = terminal.text
        assert text.index("answer: +CGATT: 1") < text.index("sent: AT+CSQ\n")
        terminal.type("ATI\n")
        terminal.until("sent: ATI", "answer: EC200SCN")
        terminal.type(":quit\n")
        assert terminal.end() == 0


def test_lines_of_a_pipe_wait_and_have_no_comments() -> None:
    """Each is sent once the one before it is answered."""
    text = 'AT+QMTOPEN=0,"broker.example",1883 //open\nAT+QMTCONN=0,"x"//connect\nAT+CSQ\n'
    with Bench("EC200S-CN") as bench:
        done = subprocess.run(
            [sys.executable, "-m", "modemlab", "term", bench.url, *PLAIN],
            input=text.encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
    lines = [line.partition("  (")[0] for line in done.stdout.decode().splitlines() if not line.startswith("event: R")]
    assert lines[1:] == [
        "note: a comment, not sent: //open",
        'sent: AT+QMTOPEN=0,"broker.example",1883',
        "answer: OK",
        "event: +QMTOPEN: 0,0",
        "note: a comment, not sent: //connect",
        'sent: AT+QMTCONN=0,"x"',
        "answer: OK",
        "event: +QMTCONN: 0,0,0",
        "sent: AT+CSQ",
        "answer: +CSQ: 24,99",
        "answer: OK",
    ]
    assert (done.returncode, done.stderr) == (0, b"")
