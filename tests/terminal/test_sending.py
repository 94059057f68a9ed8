"""Files and bytes that are sent, and the log of what passes."""

import os
import stat
from pathlib import Path

import pytest

from modemlab.dialect.registry import find_model
from modemlab.ports.host_connection import DEVICE_GONE
from modemlab.terminal import log_file
from modemlab.terminal.conversation import LogEntry, Mode
from modemlab.terminal.payloads import PayloadForm, printable
from modemlab.terminal.rendering import plain
from modemlab.terminal.session import TerminalSession
from modemlab.text.language import Language
from modemlab.transcripts.format import parse_transcript
from support.terminal_process import ENTER, F2, Bench, Terminal

ENGLISH = Language("en")


class Desk:
    """A session on a port in memory, with what it has shown and sent."""

    def __init__(self, model: str | None = "EC200S-CN", masked: bool = True) -> None:
        self.shown: list[str] = []
        self.sent = bytearray()
        self.now = 0.0
        dialect = None if model is None else find_model(model)[0]
        self.session = TerminalSession("port", dialect, ENGLISH, self._show, lambda _: None, masked, lambda: self.now)
        self.session.opened(self.sent.extend)

    def _show(self, entry: LogEntry) -> None:
        self.shown.append(plain(entry, ENGLISH, PayloadForm.RAW))

    def type(self, *lines: str) -> list[str]:
        """Type lines; what was shown."""
        self.shown.clear()
        for line in lines:
            self.session.entered(line)
        return list(self.shown)

    def hear(self, data: bytes) -> bytes:
        """The module says this; what was sent since."""
        self.session.received(data)
        return self.take()

    def take(self) -> bytes:
        """What was sent."""
        sent = bytes(self.sent)
        self.sent.clear()
        return sent


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of files are in a directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ca.pem").write_bytes(b"-----BEGIN PRIVATE KEY-----\n\x00\xff\x1a\x1b\n")
    (tmp_path / "a b.json").write_bytes(b'{"a":1}')
    (tmp_path / "empty").write_bytes(b"")


SIZE = 33
# The model, what is typed, the command that is sent, and what asks for the data.
SENT = [
    ("EC200S-CN", ":send ca.pem", f'AT+QFUPL="ca.pem",{SIZE}', b"CONNECT\r\n"),
    ("EC200S-CN", ':send ca.pem AT+QFUPL="other",', f'AT+QFUPL="other",{SIZE}', b"CONNECT\r\n"),
    ("EC200S-CN", ":send ca.pem at+qfwrite=1,", f"at+qfwrite=1,{SIZE}", b"CONNECT\r\n"),
    ("EC200S-CN", ':send ca.pem AT+QMTPUBEX=0,0,0,0,"t",', f'AT+QMTPUBEX=0,0,0,0,"t",{SIZE}', b"> "),
    ("BC28", ':send ca.pem AT+QMTPUB=0,0,0,0,"t",', f'AT+QMTPUB=0,0,0,0,"t",{SIZE}', b"> "),
    ("Air724UG", ":send ca.pem", f'AT+FSWRITE="ca.pem",0,{SIZE},60', b"> "),
    ("Air724UG", ':send ca.pem AT+MPUBEX="t",0,0,', f'AT+MPUBEX="t",0,0,{SIZE}', b"> "),
]


@pytest.mark.parametrize(("model", "typed", "line", "mark"), SENT)
def test_a_file_with_its_length(model: str, typed: str, line: str, mark: bytes) -> None:
    """Byte for byte behind the prompt, and shown by its name alone."""
    desk = Desk(model)
    assert desk.type(typed) == [f"sent: {line}"]
    assert desk.take() == line.encode() + b"\r"
    assert desk.hear(b"\r\n" + mark) == Path("ca.pem").read_bytes()
    assert desk.shown[-1] == f"data:   (ca.pem, {SIZE} bytes)"
    assert desk.session.talk.mode is Mode.COMMAND
    desk.hear(b"\r\nOK\r\n")
    assert desk.shown[-1] == "answer: OK  (done)"


@pytest.mark.parametrize(
    ("model", "typed", "told"),
    [
        ("EC200S-CN", ":send nosuch", "nosuch: No such file or directory"),
        ("EC200S-CN", ":send .", ".: is not a file"),
        ("EC200S-CN", ":send empty", "empty: the message has 0 bytes, but <file_size> takes 1 to 2147483647"),
        (
            "EC200S-CN",
            ":send ca.pem AT+CSQ",
            "AT+CSQ has no missing length: end the command with the comma before the length",
        ),
        ("EC200S-CN", ":send ca.pem AT+QFWRITE=x,", "ca.pem: <filehandle> is a number from 0 to"),
        (
            "BC28",
            ":send ca.pem",
            "which command is the file for? Write :send FILE AT..., ending with the comma before the length",
        ),
        (None, ":send ca.pem", "which command is the file for?"),
        ("EC200S-CN", ":send", "write :send FILE [AT...,]"),
        ("EC200S-CN", ":bytes", "write :bytes HEX"),
        ("EC200S-CN", ":bytes xyz", "write :bytes HEX"),
        ("EC200S-CN", ":bytes " + "00" * 5000, "write :bytes HEX"),
        ("EC200S-CN", ":log", "write :log [FILE]"),
        ("EC200S-CN", ":log!", "write :log! FILE"),
        ("EC200S-CN", ":log ca.pem", "ca.pem exists: give another name, or :log! ca.pem replaces it"),
        ("EC200S-CN", ":log! .", ".: is not a file"),
        ("EC200S-CN", ":log nosuch/x", "nosuch/x: No such file or directory"),
    ],
)
def test_mistakes(model: str | None, typed: str, told: str) -> None:
    """One line, and nothing is sent or replaced."""
    desk = Desk(model)
    (line,) = desk.type(typed)
    assert line.startswith(f"note: {told}")
    assert desk.take() == b""
    assert Path("ca.pem").stat().st_size == SIZE


def test_a_file_is_not_sent_to_a_port_that_is_closed() -> None:
    """Nor are bytes."""
    desk = Desk()
    desk.session.lost(DEVICE_GONE)
    for line in (":send ca.pem", ":bytes 1b"):
        assert desk.type(line) == ["note: the port is not open; F5 or :open opens it"]


def test_a_name_with_blanks_and_a_file_that_is_refused() -> None:
    """The data is not sent where the module does not ask for it."""
    desk = Desk()
    desk.type(":send a b.json")
    assert desk.take() == b'AT+QFUPL="a b.json",7\r'
    assert desk.hear(b"\r\n+CME ERROR: 407\r\n") == b""
    assert "AT+QFDEL deletes it" in desk.shown[-1]
    desk.type(':send a b.json AT+QMTPUBEX=0,0,0,0,"t",')
    assert desk.take() == b'AT+QMTPUBEX=0,0,0,0,"t",7\r'


def test_the_time_of_a_slow_line_is_no_silence() -> None:
    """A result may come once all of the file has passed."""
    Path("large").write_bytes(bytes(100_000))
    desk = Desk()
    desk.session.talk.rate = 11_520.0
    desk.type(":send large")
    desk.hear(b"\r\nCONNECT\r\n")
    desk.now = 15.0
    desk.session.tick()
    assert desk.session.talk.waiting
    desk.now = 17.0
    desk.session.tick()
    assert not desk.session.talk.waiting


def test_bytes_in_hexadecimal() -> None:
    """As they are, and no end of a line."""
    desk = Desk()
    desk.type(":bytes 1A 1b", ":bytes 41")
    assert desk.take() == b"\x1a\x1bA"


def lines_of(name: str) -> list[str]:
    """The lines of a log, without times of the day and the heading."""
    return [line for line in Path(name).read_text().splitlines() if not line.startswith("# ")]


def test_a_log() -> None:
    """From where it begins to where it ends, without secrets, as it passes, for its owner alone."""
    desk = Desk()
    desk.type('AT+QMTCONN=0,"id","user","hunter22"')
    desk.hear(b"\r\nOK\r\n")
    assert desk.type(":log a.log") == [
        "note: a.log: everything is logged from now on; :log ends it",
        "note: secrets are masked; --raw keeps them",
    ]
    desk.type('AT+QMTCONN=1,"id","user","swordfish"')
    desk.hear(b"\r\nOK\r\n\r\n+X: hunter22,swordfish\r\n")
    assert '>> AT+QMTCONN=1,"id","user","*********"' in lines_of("a.log")
    assert "<< +X: ********,*********" in lines_of("a.log")
    desk.now = 5.0
    desk.type("AT+CSQ")
    desk.hear(b"\r\nOK\r\n")
    assert desk.type(":log") == ["note: a.log: the log ends, 11 lines"]
    desk.type("ATI")
    desk.hear(b"\r\nOK\r\n")
    text = Path("a.log").read_text()
    assert len(parse_transcript(text)) == 9
    assert "hunter22" not in text
    assert "swordfish" not in text
    assert "ATI" not in text
    assert [line for line in text.splitlines() if line.startswith("# 20")] != []
    if os.name == "posix":
        assert stat.S_IMODE(Path("a.log").stat().st_mode) == 0o600


def test_a_log_is_replaced_only_if_asked() -> None:
    """And one that runs is ended by another."""
    Path("a.log").write_text("precious")
    Path("a.log").chmod(0o644)
    desk = Desk(masked=False)
    assert desk.type(":log a.log") == ["note: a.log exists: give another name, or :log! a.log replaces it"]
    assert Path("a.log").read_text() == "precious"
    assert desk.type(":log! a.log")[-1] == "note: nothing is masked: passwords and keys are in the file"
    assert stat.S_IMODE(Path("a.log").stat().st_mode) == 0o600
    desk.type('AT+QMTCONN=0,"id","user","hunter22"')
    desk.hear(b"\r\nOK\r\n")
    assert desk.type(":log b.log")[0].startswith("note: a.log: the log ends, ")
    assert "hunter22" in Path("a.log").read_text()
    desk.session.close()
    desk.session.close()
    assert "precious" not in Path("a.log").read_text()


def test_a_link_is_not_followed() -> None:
    """What it names is left alone."""
    Path("target").write_text("precious")
    Path("a.log").symlink_to("target")
    assert Desk().type(":log a.log", ":log! a.log")[-1] == "note: a.log: is not a file"
    assert Path("target").read_text() == "precious"


def test_a_log_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends, with a line that says so, and the session goes on."""
    monkeypatch.setattr(log_file, "MAX_LOG_BYTES", 1 << 20)
    desk = Desk()
    desk.type(":log a.log")
    for _ in range(300):
        desk.session.received(b"+NEW: " + b"x" * 4000 + b"\r\n")
    assert [line for line in desk.shown if "a.log" in line][-1] == (
        "note: a.log: it has reached the maximum of 1 MB: the log ends here"
    )
    assert Path("a.log").stat().st_size <= 1 << 20
    assert desk.type(":log") == ["note: write :log [FILE]"]
    desk.type("AT")
    assert desk.take() == b"AT\r"


@pytest.mark.parametrize("command", [":log", ":send", ":load", ":store", ":save"])
def test_a_home_of_nobody(command: str) -> None:
    """Is told in our words."""
    assert Desk().type(f"{command} ~nobody-here/x") == ["note: ~nobody-here/x: no such user"]


def test_a_name_that_cannot_be_shown_leaves_the_rest_readable() -> None:
    """Its control characters alone are written in hexadecimal."""
    assert printable("\x00\x1b[2J：名称含空字节") == r"\x00\x1b[2J：名称含空字节"
    assert printable("中" * 3) == "中中中"
    assert printable("\x07" * 100_000).endswith(r"\x07...")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_the_screen(language: str, tmp_path: Path) -> None:
    """A file arrives in the module, and the log has it."""
    begins, ends = {"en": (":log ends it", "the log ends, "), "zh": (":log 结束", "日志结束，")}[language]
    (tmp_path / "m.txt").write_text(">> AT+CSQ\n")
    with (
        Bench("EC200S-CN") as bench,
        Terminal(bench.url, "--lang", language, columns=80, rows=24, directory=str(tmp_path)) as terminal,
    ):
        terminal.until("EC200S-CN: " if language == "en" else "EC200S-CN：", ":help")
        terminal.type(":log s.log", ENTER)
        terminal.until(begins)
        terminal.type(":send a b.json", ENTER)
        terminal.until('AT+QFUPL="a b.json",7', "+QFUPL: 7,")
        terminal.type(':send a b.json AT+QFUPL="x"', ENTER)
        terminal.until('AT+QFUPL="x" ')
        terminal.type(":log", ENTER)
        terminal.until(ends)
        text = (tmp_path / "s.log").read_text(encoding="utf-8")
        assert '>> AT+QFUPL="a b.json",7\n' in text
        assert '{"a":1}' in text

        # with little room the macros lie over the log while they are used
        terminal.type(":load m.txt", ENTER)
        terminal.until("F2 shows" if language == "en" else "F2 显示")
        assert "│" not in terminal.text
        terminal.type(F2)
        terminal.until("│  1 x AT+CSQ")
        terminal.type(ENTER)
        terminal.until("<< +CSQ")
        terminal.type(F2)
        terminal.until("+CSQ: 24,99", gone="│")
        terminal.resize(120, 24)
        terminal.until("│  1 x AT+CSQ")
