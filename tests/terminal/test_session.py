"""A session without a screen: its own commands, files, macros, scripts, and the model that the module names."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import dialects, find_model
from modemlab.ports.host_connection import DEVICE_GONE
from modemlab.terminal.conversation import LogEntry, Mode
from modemlab.terminal.payloads import PayloadForm
from modemlab.terminal.rendering import plain
from modemlab.terminal.session import TerminalSession, all_models
from modemlab.text.language import Language
from modemlab.transcripts.format import parse_transcript

ENGLISH = Language("en")
LTE = find_model("EC200S-CN")[0]
IDENTITY = b"\r\nQuectel\r\nEC200SCN\r\nRevision: EC200SCNAAR03A01M08\r\n\r\nOK\r\n"


class Desk:
    """A session on a port in memory."""

    def __init__(self, dialect: Dialect | None = LTE, masked: bool = True) -> None:
        self.shown: list[str] = []
        self.acts: list[str] = []
        self.sent = bytearray()
        self.now = 0.0
        self.session = TerminalSession(
            "/dev/ttyUSB2", dialect, ENGLISH, self._show, self.acts.append, masked, lambda: self.now
        )
        self.session.opened(self.sent.extend)

    def _show(self, entry: LogEntry) -> None:
        self.shown.append(plain(entry, ENGLISH, self.session.form))

    def type(self, *lines: str) -> list[str]:
        """Type lines; what was shown."""
        self.shown.clear()
        for line in lines:
            self.session.entered(line)
        return list(self.shown)

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        self.session.tick()

    def take(self) -> bytes:
        """What was sent."""
        sent = bytes(self.sent)
        self.sent.clear()
        return sent


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of files are in a directory of the test's own."""
    monkeypatch.chdir(tmp_path)


def test_the_module_is_asked_what_it_is() -> None:
    """After a moment, once; its answer chooses the commands."""
    desk = Desk(None)
    assert desk.session.busy
    desk.wait(0.1)
    assert desk.take() == b"ATI\r"
    desk.session.received(b"ATI\r" + IDENTITY)
    assert desk.shown[-1] == "note: the module is EC200S-CN: Quectel EC200x, EC600x and EG912Y"
    assert desk.session.talk.dialect is LTE
    assert not desk.session.busy


@pytest.mark.parametrize("answer", [b"\r\nFOO\r\n\r\nOK\r\n", b"\r\nERROR\r\n", b""])
def test_a_module_that_does_not_say(answer: bytes) -> None:
    """Then it is any: the commands of all are offered, and the next answer that tells is taken."""
    desk = Desk(None)
    desk.wait(0.1)
    desk.session.received(answer)
    desk.wait(2.4)
    assert desk.shown[-1].startswith("note: the model is not known yet")
    for line in ("+QMTSTAT: 0,1", "CONNACK OK"):
        desk.session.received(b"\r\n" + line.encode() + b"\r\n")
        assert desk.shown[-1].startswith(f"event: {line}  (The "), line
    desk.type("AT+CGMM")
    desk.session.received(b"\r\nAir724UG\r\n\r\nOK\r\n")
    assert desk.session.talk.dialect.name == "luat"


def test_macros_one_by_one(tmp_path: Path) -> None:
    """A list is read, shown, sent by its numbers, changed and written."""
    (tmp_path / "a.ini").write_text(
        '[SET]\n[1]\nCho=1\nCMD=AT+CSQ\n[2]\nCMD=AT+QMTPUBEX=0,0,0,0,"t",5\n[3]\nCMD=hello\nEnter=1\n'
    )
    desk = Desk()
    assert desk.type(":load a.ini", ":macros") == [
        "note: a.ini: 3 commands",
        "note:    1 x AT+CSQ",
        'note:    2   AT+QMTPUBEX=0,0,0,0,"t",5',
        "note:    3   hello",
    ]
    assert desk.acts == ["macros"]
    desk.type(":1")
    assert desk.take() == b"AT+CSQ\r"
    desk.session.received(b"\r\nOK\r\n")
    desk.type(":2")
    desk.session.received(b"\r\n> ")
    desk.type(":3")  # typed while the module waits for data, it is data
    assert desk.take() == b'AT+QMTPUBEX=0,0,0,0,"t",5\r:3'
    assert (desk.session.talk.mode, desk.session.talk.left) == (Mode.DATA, 3)
    desk.session.send_macro(3)
    assert desk.shown[-1] == "note: 5 bytes are too many: the module waits for 3"
    desk.type("abc")
    desk.session.received(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n")
    desk.type(":2")
    desk.session.received(b"\r\n> ")
    desk.session.send_macro(3)
    assert desk.take() == b'abcAT+QMTPUBEX=0,0,0,0,"t",5\rhello'
    desk.session.received(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n")
    assert desk.type(":drop 3", ":drop 9", ":add AT+CREG?", ":store b.txt", ":store a.ini", ":4") == [
        "note: macro 3 is dropped",
        "note: there is no macro 9: the macros are 1 to 2",
        "note: macro 3: AT+CREG?",
        "note: b.txt: 3 commands are written",
        "note: a.ini: 3 commands are written",
        "note: there is no macro 4: the macros are 1 to 3",
    ]
    assert (tmp_path / "b.txt").read_text() == (
        '>> AT+CSQ\n~~ 1\n# >> AT+QMTPUBEX=0,0,0,0,"t",5\n~~ 1\n>> AT+CREG?\n~~ 1\n'
    )


def test_a_script() -> None:
    """It sends one command after the other, tells how it goes, and can be stopped."""
    desk = Desk()
    assert desk.type(":add AT", ":add ATI", ":run 1 2")[2] == "note: the script begins: 2 commands, 2 times"
    for line in (b"AT\r", b"ATI\r", b"AT\r"):
        assert (desk.take(), desk.session.busy) == (line, True)
        desk.session.received(b"\r\nOK\r\n")
    assert desk.take() == b"ATI\r"
    assert desk.type(":stop", ":stop") == ["note: the script is stopped", "note: no script is running"]
    desk.session.received(b"\r\nOK\r\n")
    assert desk.take() == b""
    desk.type(":run")
    desk.session.received(b"\r\nERROR\r\n")
    assert desk.shown[-1] == "note: the script stops at AT: ERROR refused, without a reason"
    desk.type(":run 2")
    desk.session.received(b"\r\nOK\r\n")
    assert desk.shown[-1] == "note: the script is done"
    assert desk.type(":run 3") == ["note: there is no macro 3: the macros are 1 to 2"]
    assert desk.type(":drop 1", ":drop 1", ":run")[-1] == "note: there are no macros: :load FILE reads some"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (":nosuch", ":nosuch is not a command of the terminal: :help lists them"),
        (":sned x", ":sned is not a command of the terminal; did you mean :send? :help lists them"),
        (":load", "write :load FILE"),
        (":load no.ini", "no.ini: No such file or directory"),
        (":load bad.ini", "bad.ini: line 2: cho is '7', not 0 or 1"),
        (":load a\0b", "a\\x00b: the name contains a NUL byte"),
        (":store /nosuch/dir/x", "/nosuch/dir/x: No such file or directory"),
        (":store bad.ini", "bad.ini exists: give another name"),
        (":save bad.ini", "bad.ini exists: give another name"),
        (":run x", "write :run [FIRST [TIMES]]"),
        (":run 0", "write :run [FIRST [TIMES]]"),
        (":run 1 2 3", "write :run [FIRST [TIMES]]"),
        (":run", "there are no macros: :load FILE reads some"),
        (":1", "there are no macros: :load FILE reads some"),
        (":drop x", "write :drop NUMBER"),
        (":add", "nothing was sent yet"),
        (":show", "write :show json|hex|raw"),
        (":explain hello", "write :explain AT..."),
        (":quit now", "write :quit"),
    ],
)
def test_mistakes(line: str, shown: str, tmp_path: Path) -> None:
    """One line that says what is wrong."""
    (tmp_path / "bad.ini").write_text("[1]\nCho=7\n")
    desk = Desk()
    assert desk.type(line) == [f"note: {shown}"]
    assert desk.take() == b""


def test_help() -> None:
    """Each of the terminal's own commands, in a line."""
    shown = Desk().type(":help")
    assert [line.split()[1] for line in shown] == [
        *(":help", ":explain", ":macros", ":NUMBER", ":run", ":stop", ":load", ":store"),
        *(":add", ":drop", ":show", ":save", ":log", ":log!", ":send", ":bytes", ":open", ":quit"),
    ]
    assert shown[3] == "note: :NUMBER               sends that macro"


def test_messages_in_another_form() -> None:
    """Each after its own fashion."""
    desk = Desk()
    line = b'\r\n+QMTRECV: 0,0,"t","{"a":1}"\r\n'
    forms = {
        "json": ["    {", '      "a": 1', "    }"],
        "hex": ['    0000  7b 22 61 22 3a 31 7d                             {"a":1}'],
        "raw": [],
    }
    for form, rows in forms.items():
        desk.type(f":show {form}")
        desk.session.received(line)
        assert desk.shown[-1].split("\n")[1:] == rows
    assert desk.session.form is PayloadForm.RAW


def test_explanations_of_a_line() -> None:
    """What the screen shows as one types."""
    assert Desk().type(':explain AT+QMTCFG="session",0,') == [
        'note: AT+QMTCFG="session",<client_idx>[,<clean_session>]',
        "note: Clean session (MQTT guide, 3.3.1)",
        "note: <clean_session>  0: session is kept; 1: clean session; default 1",
        "note:   0  session is kept",
        "note:   1  clean session",
    ]


def test_a_saved_session_is_a_transcript(tmp_path: Path) -> None:
    """It can be saved again and again, and its secrets are masked unless they are to be kept."""
    for masked in (True, False):
        desk = Desk(masked=masked)
        desk.session.received(b"\r\nRDY\r\n")
        desk.type('AT+QMTCONN=0,"id","user","hunter22"')
        desk.session.received(b'AT+QMTCONN=0,"id","user","hunter22"\r\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n')
        shown = desk.type(f":save {masked}.txt", f":save {masked}.txt")
        assert shown[0] == f"note: {masked}.txt: the session is saved, 7 lines"
        text = (tmp_path / f"{masked}.txt").read_text()
        secret = "*" * 8 if masked else "hunter22"
        assert text.split("\n")[2:] == [
            "# <<",
            "# << RDY",
            f'>> AT+QMTCONN=0,"id","user","{secret}"',
            f'<< AT+QMTCONN=0,"id","user","{secret}"\\r',
            "<< OK",
            "<<",
            "<< +QMTCONN: 0,0,0",
            "",
        ]
        assert next(step.mark.value for step in parse_transcript(text)) == ">>"
        assert re.match(r"# /dev/ttyUSB2, \d{4}-\d\d-\d\d \d\d:\d\d, modemlab ", text)


def test_a_session_that_is_too_long_loses_its_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so."""
    monkeypatch.setattr("modemlab.terminal.session_transcript.MAX_LOG_BYTES", 400)
    desk = Desk()
    for number in range(20):
        desk.type(f"AT+CSQ={number}")
        desk.session.received(b"\r\nOK\r\n")
    desk.type(":save long.txt")
    text = (tmp_path / "long.txt").read_text()
    assert "# The beginning of the session is missing." in text
    assert "AT+CSQ=19" in text
    assert "AT+CSQ=1\n" not in text
    assert len(text) < 500


def test_a_port_that_is_lost_and_found() -> None:
    """What is typed meanwhile is not sent, nor lost from the input."""
    desk = Desk()
    desk.type(":add AT", ":add AT+CSQ", ":run")
    desk.session.lost(DEVICE_GONE)
    assert desk.shown[-2:] == [
        "note: the port is lost: the device is gone. It is opened again automatically when it is back",
        "note: the script stops at AT: the device is gone",
    ]
    assert not desk.session.entered("AT+CSQ")
    assert desk.shown[-1] == "note: the port is not open; F5 or :open opens it"
    desk.type(":open")
    assert desk.acts[-1] == "open"
    desk.take()
    desk.session.opened(desk.sent.extend)
    desk.type("AT")
    assert desk.take() == b"AT\r"


def test_noise_leaves_the_session_alive() -> None:
    """Whatever comes, in whatever state."""
    states: list[Callable[[Desk], object]] = [
        lambda desk: desk.type("AT+CSQ"),
        lambda desk: desk.type('AT+QMTPUBEX=0,0,0,0,"t",5'),
        lambda desk: desk.session.received(b"\r\n> "),
        lambda desk: desk.type('AT+QMTPUBEX=0,0,0,0,"t",'),
        lambda desk: desk.type(":add AT", ":run"),
    ]
    noise = Random(7).randbytes(64)
    for byte in range(0, 256, 5):
        desk = Desk(None)
        for state in states:
            state(desk)
            desk.session.received(bytes((byte,)) + noise + b"\r\n")
            desk.wait(3.0)
            desk.session.received(
                b'\r\n+QMTRECV: 0,0,"t",99999999,"' + noise + b'"\r\n+QMTSTAT: 9,9\r\n+CME ERROR: \xff\r\n'
            )


def test_a_module_that_has_not_said_what_it_is() -> None:
    """Has what all dialects have, and what manuals name; of what several name alike, that of the highest precedence."""
    every = all_models(ENGLISH)
    ordered = sorted(dialects(), key=lambda dialect: dialect.precedence)
    assert len({dialect.precedence for dialect in ordered[-2:]}) == 2
    for name, command in every.commands.items():
        if name in ordered[-1].commands:
            assert command is ordered[-1].commands[name]
    assert every.commands.keys() == {name for dialect in ordered for name in dialect.commands}
    assert every.known().keys() == {name for dialect in ordered for name in dialect.known()}
    assert every.known()["+QIDNSCFG"] is ordered[-1].known()["+QIDNSCFG"]
    desk = Desk(None)
    desk.wait(1)
    desk.session.received(b"\r\nERROR\r\n")
    desk.wait(5)
    desk.type("AT+QIOPEN=1")
    desk.session.received(b"\r\nERROR\r\n")
    assert "AT+QIOPEN is known, not simulated (TCP/IP guide V1.2, 2.2.4)" in desk.shown[-1]
