"""The talk with a module as a person sees it, byte by byte."""

import pytest

from modemlab.dialect.registry import find_model
from modemlab.terminal.conversation import CTRL_Z, ESC, Conversation, LogEntry, Mode
from modemlab.terminal.macros import Macro, MacroList, read_transcript
from modemlab.terminal.payloads import PayloadForm
from modemlab.terminal.rendering import plain
from modemlab.terminal.script import AWAITED_LINE_TIMEOUT_S, Script
from modemlab.text.language import Language

ENGLISH = Language("en")
LTE = find_model("EC200S-CN")[0]


class Talk:
    """A conversation, what it has shown as plain lines, and a clock."""

    def __init__(self, model: str = "EC200S-CN", size: int = 0) -> None:
        self.shown: list[str] = []
        self.now = 0.0
        self.size = size
        self.talk = Conversation(find_model(model)[0], ENGLISH, self._show)

    def _show(self, entry: LogEntry) -> None:
        self.shown.append(plain(entry, ENGLISH, PayloadForm.RAW))

    def type(self, text: str) -> bytes:
        """Type a line; what is sent."""
        self.talk.typed(text, self.now)
        return self.talk.take()

    def hear(self, data: bytes) -> bytes:
        """The module says this, in pieces of `size`; what is sent."""
        step = self.size or max(1, len(data))
        for start in range(0, len(data), step):
            self.talk.receive(data[start : start + step], self.now)
        return self.talk.take()

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        self.talk.advance(self.now)

    def mode(self) -> Mode:
        """What a line that is typed would be."""
        return self.talk.mode

    def fresh(self) -> list[str]:
        """What was shown since the last call."""
        shown, self.shown = self.shown, []
        return shown


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7])
def test_a_publish_by_its_length(size: int) -> None:
    """The message is typed, its length is filled in, and it goes out at the prompt."""
    t = Talk(size=size)
    assert t.type('AT+QMTPUBEX=0,1,1,0,"t",') == b""
    assert t.mode() is Mode.MESSAGE
    assert t.type('{"°":1}') == b'AT+QMTPUBEX=0,1,1,0,"t",8\r'
    assert t.hear(b'AT+QMTPUBEX=0,1,1,0,"t",8\r\r\n> ') == b'{"\xc2\xb0":1}'
    assert t.mode() is Mode.COMMAND
    assert t.talk.waiting
    t.hear(b'{"\xc2\xb0":1}\r\nOK\r\n')
    assert t.talk.waiting
    t.hear(b"\r\n+QMTPUBEX: 0,1,0\r\n")
    assert not t.talk.waiting
    assert t.talk.good is True
    assert t.fresh() == [
        "note: type the message for <length>, 0 to 1500 bytes; Enter sends it, Esc cancels",
        'sent: AT+QMTPUBEX=0,1,1,0,"t",8',
        "answer: >  (the module waits for 8 bytes)",
        'data: {"°":1}  (8 bytes)',
        "answer: OK  (done)",
        "event: +QMTPUBEX: 0,1,0  (Published: client_idx 0, msgid 1, result 0 (sent and acknowledged))",
    ]


def test_data_that_was_counted_by_hand() -> None:
    """In parts, none of them beyond the length."""
    t = Talk()
    t.type('AT+QMTPUBEX=0,0,0,0,"t",5')
    t.hear(b"\r\n> ")
    assert (t.mode(), t.talk.left) == (Mode.DATA, 5)
    assert not t.talk.typed("123456", 0.0)
    assert t.type("12") == b"12"
    assert (t.mode(), t.talk.left) == (Mode.DATA, 3)
    assert t.type("345") == b"345"
    assert t.mode() is Mode.COMMAND
    assert t.fresh()[2:] == [
        "note: 6 bytes are too many: the module waits for 5",
        "data: 12  (2 bytes)",
        "note: 3 bytes are still missing",
        "data: 345  (3 bytes)",
    ]


@pytest.mark.parametrize(
    ("byte", "text", "sent"), [(CTRL_Z, "end", b"end\x1a"), (CTRL_Z, "", b"\x1a"), (ESC, "forgotten", b"\x1b")]
)
def test_data_that_keys_end(byte: bytes, text: str, sent: bytes) -> None:
    """Without a length Enter is a line's end in the data, Ctrl-Z sends it all, Esc cancels it."""
    t = Talk("BC35-G")
    t.type('AT+QMTPUB=0,0,0,0,"t"')
    t.hear(b"\r\n> ")
    assert (t.mode(), t.talk.left) == (Mode.DATA, None)
    assert t.type("one") == b"one\r\n"
    assert t.mode() is Mode.DATA
    t.talk.control(byte, text, 0.0)
    assert t.talk.take() == sent
    assert t.mode() is Mode.COMMAND
    t.hear(b"\r\nOK\r\n\r\n+QMTPUB: 0,0,0\r\n")
    assert t.talk.good is True


def test_a_message_that_is_cancelled_or_does_not_fit() -> None:
    """Nothing is sent of it."""
    t = Talk("BC35-G")
    t.type('AT+QMTPUB=0,0,0,0,"t",')
    assert t.type("") == b""
    assert t.mode() is Mode.MESSAGE
    t.talk.control(ESC, "half", 0.0)
    assert (t.talk.take(), t.mode()) == (b"", Mode.COMMAND)
    assert t.fresh()[1:] == [
        "note: the message has 0 bytes, but <len> takes 1 to 1024",
        "note: cancelled, nothing was sent",
    ]


def test_a_file_is_data_and_its_content_is_none() -> None:
    """CONNECT asks for what AT+QFUPL announced; behind AT+QFREAD comes what the module prints."""
    t = Talk()
    t.type('AT+QFUPL="a",3')
    t.hear(b"\r\nCONNECT\r\n")
    assert (t.mode(), t.talk.left) == (Mode.DATA, 3)
    assert t.type("abc") == b"abc"
    t.hear(b"+QFUPL: 3,6162\r\n\r\nOK\r\n")
    t.type("AT+QFREAD=1,3")
    t.hear(b"\r\nCONNECT 3\r\nabc\r\nOK\r\n")
    assert t.mode() is Mode.COMMAND
    t.type("AT+QHTTPURL=5,80")
    t.hear(b"\r\nCONNECT\r\n")
    assert (t.mode(), t.talk.left) == (Mode.DATA, None)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_events_in_the_midst_of_an_answer(size: int) -> None:
    """Each is an event once, and nothing else is."""
    t = Talk(size=size)
    t.type("AT+CSQ")
    t.hear(b'AT+CSQ\r\r\n+QMTRECV: 0,1,"t",9,"\r\nOK\r\n+C:"\r\n\r\n+CSQ: 20,99\r\n\r\n+QMTSTAT: 0,1\r\n\r\nOK\r\n')
    assert t.fresh() == [
        "sent: AT+CSQ",
        (
            'event: +QMTRECV: 0,1,"t",9,"\\r\\nOK\\r\\n+C:"  '
            '(A message: client_idx 0, msgid 1, topic "t", payload_len 9; 9 bytes)'
        ),
        "answer: +CSQ: 20,99  (Signal quality: rssi 20, ber 99)",
        (
            "event: +QMTSTAT: 0,1  (The link of a client ended: client_idx 0, err_code 1 "
            "(the server closed or reset the connection); remedy: open again)"
        ),
        "answer: OK  (done)",
    ]


def test_what_nobody_asked_for() -> None:
    """Unknown events, stray answers and noise are shown for what they are, whatever bytes they have."""
    t = Talk()
    t.hear(b"+NEW: 1\r\n\r\nOK\r\n\x80\x1b[2J\x07\r\n\r\n> ")
    t.wait(2.1)
    assert t.fresh() == [
        "event: +NEW: 1  (unsolicited, and not in the command tables)",
        "answer: OK  (done)",
        "other: \\x80\\x1b[2J\\x07  (neither an answer nor an event)",
        "answer: >  (the module waits for data: Ctrl-Z sends it, Esc cancels)",
    ]


def test_endless_bytes_are_shown_in_parts() -> None:
    """A line that never ends takes no more memory than a line may."""
    t = Talk()
    for _ in range(100):
        t.hear(b"x" * 1000)
    shown = t.fresh()
    assert 20 <= len(shown) <= 25
    assert all(line.startswith("other: " + "x" * 1000 + "...") for line in shown)


def test_a_result_code_that_stands_in_place_of_ok() -> None:
    """As Luat's SHUT OK: nothing is waited for behind it."""
    t = Talk("Air724UG")
    assert t.type("AT+CIPSHUT") == b"AT+CIPSHUT\r"
    t.hear(b"\r\nSHUT OK\r\n")
    assert t.fresh() == ["sent: AT+CIPSHUT", "answer: SHUT OK  (done)"]
    assert not t.talk.waiting


def test_a_module_that_is_silent() -> None:
    """It is said once; what comes later is shown all the same."""
    t = Talk()
    t.type("AT+CSQ")
    t.wait(2.2)
    assert t.talk.waiting
    t.wait(0.2)
    assert t.talk.good is False
    t.hear(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
    assert t.fresh()[1:3] == [
        "note: no result code within 2.3 s",
        "event: +CSQ: 20,99  (unsolicited, and not in the command tables)",
    ]


def test_a_result_that_does_not_come() -> None:
    """The declaration says how long it may take."""
    t = Talk()
    t.type("AT+QMTDISC=0")
    t.hear(b"\r\nOK\r\n")
    assert t.talk.waiting
    t.wait(32.5)
    assert (t.talk.good, t.fresh()[-1]) == (False, "note: +QMTDISC did not come within 32 s")


def test_a_module_that_starts_anew() -> None:
    """What was under way is lost."""
    t = Talk()
    t.type('AT+QMTPUBEX=0,0,0,0,"t",5')
    t.hear(b"\r\n> ")
    t.hear(b"\r\nRDY\r\n")
    assert (t.mode(), t.talk.good, t.talk.reason) == (Mode.COMMAND, False, "the module restarted")
    assert t.talk.deadline() is None


def test_control_characters_are_not_typed_in_commands() -> None:
    """They would end the line early."""
    t = Talk()
    assert t.type("AT\rAT") == b""
    assert t.fresh() == ["note: a command line has no control characters"]


def play(listed: MacroList, answers: dict[str, bytes], **options: int) -> tuple[Script, list[bytes], list[float]]:
    """Run a script on a module that answers so; the script, what was sent, and when."""
    t, sent, times = Talk(), [], []
    script = Script(listed, **options)
    for _ in range(1000):
        macro = script.step(t.talk, t.now)
        if macro is not None:
            if t.mode() is Mode.COMMAND and macro.is_command:
                t.talk.send_command(macro.data, t.now)
            else:
                t.talk.send_raw(macro.data, t.now)
            sent.append(t.talk.take())
            times.append(t.now)
            t.hear(answers.get(macro.data.decode(), b"\r\nOK\r\n"))
            continue
        if script.over:
            break
        due = min((d for d in (script.due, t.talk.deadline()) if d is not None), default=None)
        assert due is not None
        t.wait(max(0.0, due - t.now))
    return script, sent, times


PUBLISH = 'AT+QMTPUBEX=0,0,0,0,"t",2'


def test_a_script_waits_for_answers_prompts_and_results() -> None:
    """The second command waits for +QMTOPEN, the data for its prompt, and each for its pause."""
    listed = MacroList(
        (Macro(b'AT+QMTOPEN=0,"a",1'), Macro(PUBLISH.encode(), pause=0.5), Macro(b"on", enter=False)), 2, 1.0
    )
    answers = {
        'AT+QMTOPEN=0,"a",1': b"\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n",
        PUBLISH: b"\r\n> ",
        "on": b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n",
    }
    script, sent, times = play(listed, answers)
    assert (script.over, script.reason) == (True, "")
    assert sent == [b'AT+QMTOPEN=0,"a",1\r', PUBLISH.encode() + b"\r", b"on"] * 2
    assert times == [0.0, 1.0, 1.5, 2.5, 3.5, 4.0]


@pytest.mark.parametrize(
    ("text", "answers", "stuck", "reason"),
    [
        (
            ">> AT\n>> AT+X\n>> AT+CSQ\n",
            {"AT+X": b"\r\nERROR\r\n"},
            "AT+X",
            "ERROR refused: AT+X is not a command of this module",
        ),
        (">> AT+CSQ\n", {"AT+CSQ": b""}, "AT+CSQ", "no result code within 2.3 s"),
        (
            '>> AT+QMTOPEN=0,"a",1\n',
            {'AT+QMTOPEN=0,"a",1': b"\r\nOK\r\n\r\n+QMTOPEN: 0,4\r\n"},
            'AT+QMTOPEN=0,"a",1',
            "The network is open, or why not: client_idx 0, result 4 (the name could not be resolved)",
        ),
        (">> AT\n>>| on\n", {}, "on", "this is data, but the module does not wait for data"),
        (f">> {PUBLISH}\n>>| o\n", {PUBLISH: b"\r\n> ", "o": b""}, "o", "1 bytes are still missing"),
        (">> AT\n<< READY\n", {}, "AT", f"READY did not come within {AWAITED_LINE_TIMEOUT_S:g} s"),
    ],
)
def test_a_script_stops_at_what_fails(text: str, answers: dict[str, bytes], stuck: str, reason: str) -> None:
    """It says at which command, and why."""
    script, _, _ = play(read_transcript(text), answers)
    assert script.stuck is not None
    assert (script.over, script.stuck.shown, script.reason) == (True, stuck, reason)


def test_a_script_awaits_lines() -> None:
    """Those that stand behind a command, exact or as patterns."""
    listed = read_transcript(">> AT+MIPSTART=1\n<< CONNECT OK\n<<~ \\+X: \\d\n>> AT\n")
    script, sent, _ = play(listed, {"AT+MIPSTART=1": b"\r\nOK\r\n\r\nCONNECT OK\r\n\r\n+X: 7\r\n"})
    assert (script.reason, len(sent)) == ("", 2)


def test_a_script_from_the_middle_on() -> None:
    """As often as is asked for."""
    listed = read_transcript(">> AT\n>> ATI\n>> AT+CSQ\n")
    assert play(listed, {}, first=1, times=2)[1] == [b"ATI\r", b"AT+CSQ\r"] * 2
    assert Script(listed, first=3).over
