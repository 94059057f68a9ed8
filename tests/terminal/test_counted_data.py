"""Data that has a length ends by its bytes alone, data without one by its keys: of every command that has either."""

from collections.abc import Iterator

import pytest

from modemlab.at.command import Command, FormKind
from modemlab.at.encoding import type_of
from modemlab.at.parameters import Choice, Int
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import dialects, find_model
from modemlab.terminal.conversation import CTRL_Z, ESC, Conversation, LogEntry, Mode
from modemlab.terminal.cursor import missing_length, table, with_length
from modemlab.terminal.payloads import PayloadForm
from modemlab.terminal.rendering import plain
from modemlab.text.language import Language
from support.terminal_process import CTRL_Z as KEY_CTRL_Z
from support.terminal_process import ENTER, by_hand
from support.terminal_process import ESC as KEY_ESC

ENGLISH = Language("en")


class Talk:
    """A conversation, and what it has shown as plain lines."""

    def __init__(self, dialect: Dialect) -> None:
        self.shown: list[str] = []
        self.talk = Conversation(dialect, ENGLISH, self._show)

    def _show(self, entry: LogEntry) -> None:
        self.shown.append(plain(entry, ENGLISH, PayloadForm.RAW))

    def type(self, text: str) -> bytes:
        """Type a line; what is sent."""
        self.talk.typed(text, 0.0)
        return self.talk.take()

    def press(self, byte: bytes, text: str = "") -> bytes:
        """Press a key that ends data; what is sent."""
        self.talk.control(byte, text, 0.0)
        return self.talk.take()

    def mode(self) -> Mode:
        """What a line that is typed would be."""
        return self.talk.mode

    def asked(self, line: str, mark: bytes) -> None:
        """Send a command whose data the module then asks for."""
        assert self.type(line) == line.encode() + b"\r"
        self.talk.receive(b"\r\n" + mark, 0.0)
        assert self.talk.mode is Mode.DATA
        self.shown.clear()


def counting() -> Iterator[tuple[Dialect, Command, str]]:
    """Every command, with its option, that announces how many bytes follow."""
    for dialect in dialects():
        for command in table(dialect).values():
            for option in ("", *(each.name for each in command.options)):
                plan = command.plan(FormKind.WRITE, option)
                if plan is not None and any(isinstance(p, Int) and p.counts for p in plan.params):
                    yield dialect, command, option


def line_of(dialect: Dialect, command: Command, option: str, count: int) -> str:
    """Such a command with that length."""
    plan = command.plan(FormKind.WRITE, option)
    assert plan is not None
    values = [f'"{option}"'] if option else []
    for param in plan.params:
        if isinstance(param, Int) and param.counts:
            break
        value = next(iter(param.values)) if isinstance(param, Choice) else getattr(param, "minimum", 0)
        values.append(type_of(param, value if isinstance(param, Choice | Int) else "x"))
    text = f"AT{command.name}={','.join(values)},"
    assert missing_length(dialect, text) is not None
    return with_length(dialect, text, count)


COUNTING = list(counting())


def test_which_commands_count() -> None:
    """Those that the manuals say it of."""
    found = {(dialect.name, command.name, option) for dialect, command, option in COUNTING}
    assert found >= {
        ("quectel_lte", "+QMTPUBEX", ""),
        ("quectel_lte", "+QMTPUB", ""),
        ("quectel_lte", "+QMTCFG", "willex"),
        ("quectel_lte", "+QFUPL", ""),
        ("quectel_lte", "+QFWRITE", ""),
        ("quectel_nb", "+QMTPUB", ""),
        ("luat", "+MPUBEX", ""),
        ("luat", "+FSWRITE", ""),
    }


@pytest.mark.parametrize(
    ("dialect", "command", "option"), COUNTING, ids=lambda value: getattr(value, "name", value) or "-"
)
@pytest.mark.parametrize("byte", [ESC, CTRL_Z])
def test_no_key_ends_data_that_has_a_length(dialect: Dialect, command: Command, option: str, byte: bytes) -> None:
    """It is not sent, what is to come is said, and the next line is data still."""
    t = Talk(dialect)
    t.asked(line_of(dialect, command, option, 5), b"CONNECT\r\n" if command.name[:3] == "+QF" else b"> ")
    assert t.type("abc") == b"abc"
    assert t.press(byte) == b""
    assert (t.mode(), t.talk.left) == (Mode.DATA, 2)
    name = "Esc" if byte == ESC else "Ctrl-Z"
    assert t.shown[2] == (
        f"note: {name} is not sent: data with a length ends with its last byte, and 2 of 5 bytes are still missing"
    )
    t.talk.advance(1000.0)
    assert t.mode() is Mode.DATA
    assert t.type("AT") == b"AT"
    assert t.mode() is Mode.COMMAND


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('AT+QMTPUBEX=0,0,0,0,"t",2000', 2000),
        ('AT+QMTPUBEX=9,0,0,0,"t",5', 5),
        ('AT+QMTPUBEX=0,0,0,0,"t",five', None),
        ("AT+CSQ;+QFWRITE=0,5", 5),
        ('AT+QFUPL="a"', 10240),
    ],
)
def test_a_length_that_the_module_takes_and_no_table_has(line: str, left: int | None) -> None:
    """What the module prompts for is counted, though the declaration would refuse it."""
    t = Talk(find_model("EC200S-CN")[0])
    t.asked(line, b"> ")
    assert t.talk.left == left


def test_ctrl_z_sends_what_was_typed_and_no_more() -> None:
    """As Enter does; what is too much stays."""
    t = Talk(find_model("EC200S-CN")[0])
    t.asked('AT+QMTPUBEX=0,0,0,0,"t",5', b"> ")
    assert not t.talk.control(CTRL_Z, "123456", 0.0)
    assert t.talk.take() == b""
    assert t.press(CTRL_Z, "12") == b"12"
    assert t.talk.left == 3
    assert t.press(CTRL_Z, "345") == b"345"
    assert t.mode() is Mode.COMMAND


def test_esc_again_fills_up() -> None:
    """With blanks, and only if nothing was typed since it was offered."""
    t = Talk(find_model("EC200S-CN")[0])
    t.asked('AT+QMTPUBEX=0,0,0,0,"t",9', b"> ")
    assert t.press(ESC, "typed and dropped") == b""
    assert t.shown[-1] == (
        "note: type them, or press Esc again: that sends 9 spaces, and the module then uses all the data "
        "for the command"
    )
    assert t.type("abc") == b"abc"
    assert t.press(ESC) == b""
    assert t.press(CTRL_Z) == b""
    assert t.press(ESC) == b""
    assert t.press(ESC) == b" " * 6
    assert t.shown[-2:] == ["note: the data is filled up with 6 spaces", "data:   (6 spaces)"]
    assert t.mode() is Mode.COMMAND
    t.talk.receive(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n", 0.0)
    assert t.talk.good is True


def test_what_is_too_much_is_not_filled_up() -> None:
    """As of a large file, which +++ ends."""
    t = Talk(find_model("EC200S-CN")[0])
    t.asked('AT+QFUPL="a",2000000000', b"CONNECT\r\n")
    assert t.press(ESC) + t.press(ESC) == b""
    assert t.shown[-1] == "note: +++ alone, after a second without data, ends a file's data early"
    assert t.type("+++") == b"+++"
    assert t.mode() is Mode.DATA
    t.talk.receive(b"\r\n+QFUPL: 0,0\r\n\r\nOK\r\n", 0.0)
    assert (t.mode(), t.talk.good) == (Mode.COMMAND, True)


def test_three_pluses_may_be_data() -> None:
    """Where just three bytes are to come, and behind any other prompt."""
    t = Talk(find_model("EC200S-CN")[0])
    t.asked('AT+QFUPL="a",3', b"CONNECT\r\n")
    assert t.type("+++") == b"+++"
    assert t.mode() is Mode.COMMAND
    t = Talk(find_model("EC200S-CN")[0])
    t.asked('AT+QMTPUBEX=0,0,0,0,"t",4', b"> ")
    assert t.type("+++") == b"+++"
    assert (t.mode(), t.talk.left) == (Mode.DATA, 1)


@pytest.mark.parametrize(
    ("model", "line", "mark"),
    [
        ("BC35-G", 'AT+QMTPUB=0,0,0,0,"t"', b"> "),
        ("EC200S-CN", 'AT+QMTPUB=0,0,0,0,"t"', b"> "),
        ("Air724UG", 'AT+MPUBEX="t",0,0', b"> "),
        ("EC200S-CN", 'AT+CMGS="1"', b"> "),
        ("EC200S-CN", "AT+QHTTPURL=5,80", b"CONNECT\r\n"),
        ("EC200S-CN", "AT+NEW=5", b"CONNECT\r\n"),
    ],
)
@pytest.mark.parametrize(("byte", "sent"), [(CTRL_Z, b"on\x1a"), (ESC, b"\x1b")])
def test_keys_end_data_without_a_length(model: str, line: str, mark: bytes, byte: bytes, sent: bytes) -> None:
    """Of declared commands and of those that no table has; however long one thinks."""
    t = Talk(find_model(model)[0])
    t.asked(line, mark)
    assert t.type("first") == b"first\r\n"
    t.talk.advance(1000.0)
    assert t.mode() is Mode.DATA
    assert t.press(byte, "on") == sent
    assert t.mode() is Mode.COMMAND
    t.talk.receive(b"\r\nOK\r\n", 0.0)
    assert t.shown[-1] == "answer: OK  (done)"


@pytest.mark.parametrize(("byte", "name", "code"), [(ESC, "Esc", "1B"), (CTRL_Z, "Ctrl-Z", "1A")])
def test_at_an_empty_prompt_nothing_is_sent(byte: bytes, name: str, code: str) -> None:
    """Nor is a text that stands there lost."""
    t = Talk(find_model("BC28")[0])
    assert t.press(byte) == b""
    assert not t.talk.control(byte, "AT", 0.0)
    assert t.talk.take() == b""
    assert set(t.shown) == {
        f"note: the module does not wait for data: {name} is not sent. :bytes {code} sends it anyway"
    }


def test_a_prompt_that_comes_by_itself_counts_nothing() -> None:
    """The length of a command that is over is not its length."""
    t = Talk(find_model("EC200S-CN")[0])
    t.asked('AT+QMTPUBEX=0,0,0,0,"t",2', b"> ")
    t.type("on")
    t.talk.receive(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n\r\n> \r\n", 0.0)
    assert (t.mode(), t.talk.left) == (Mode.DATA, None)


def test_what_follows_data_is_the_answer() -> None:
    """The line that tells how much was written is none that came unasked."""
    t = Talk(find_model("EC200S-CN")[0])
    t.asked('AT+QFUPL="a",2', b"CONNECT\r\n")
    t.type("on")
    t.talk.receive(b"\r\n+QFUPL: 2,6f6e\r\n\r\nOK\r\n", 0.0)
    assert t.shown[-2:] == ["answer: +QFUPL: 2,6f6e", "answer: OK  (done)"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_keys_on_the_screen(language: str) -> None:
    """Three bytes, Esc, two more: these five and nothing else are sent. At an empty prompt neither key sends any."""
    words = {
        "en": (
            "data: 0 of 2 bytes>",
            "Esc is not sent: data with a length ends with its last byte, and 2 of 5 bytes are still missing",
            "Ctrl-Z is not sent: data with a length ends with its last byte, and 2 of 5 bytes are still missing",
            "the module does not wait for data: Ctrl-Z is not sent",
            "the data is filled up with 4 spaces",
        ),
        "zh": (
            "数据：0 / 2 字节>",
            "未发送 Esc：有长度的数据只以字节数结束，共 5 字节，还差 2 字节",
            "未发送 Ctrl-Z：有长度的数据只以字节数结束，共 5 字节，还差 2 字节",
            "模块没有在等待数据：未发送 Ctrl-Z",
            "数据用 4 个空格补足",
        ),
    }[language]
    with by_hand("--lang", language) as (module, terminal):
        terminal.type('AT+QMTPUBEX=0,1,1,0,"t/1",5', ENTER)
        assert module.recv(64) == b'AT+QMTPUBEX=0,1,1,0,"t/1",5\r'
        module.sendall(b"\r\n> ")
        terminal.until(": 0 of 5" if language == "en" else "：0 / 5")
        terminal.type("abc", ENTER)
        assert module.recv(64) == b"abc"
        terminal.until(words[0])
        terminal.type(KEY_CTRL_Z)
        terminal.until(words[2])
        terminal.type(KEY_ESC)
        terminal.until(words[1], words[0])
        terminal.type("AT")
        terminal.until("2 of 2" if language == "en" else "2 / 2")
        terminal.type(ENTER)
        assert module.recv(64) == b"AT"
        module.sendall(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,1,0\r\n")
        terminal.until("+QMTPUBEX: 0,1,0", gone=words[0])
        terminal.type(KEY_ESC, KEY_CTRL_Z)
        terminal.until(words[3])
        terminal.type('AT+QMTPUBEX=0,2,1,0,"t/1",4', ENTER)
        assert module.recv(64) == b'AT+QMTPUBEX=0,2,1,0,"t/1",4\r'
        module.sendall(b"\r\n> ")
        terminal.until(": 0 of 4" if language == "en" else "：0 / 4")
        terminal.type(KEY_ESC)
        terminal.until("4 of 4 bytes are still missing" if language == "en" else "共 4 字节，还差 4 字节")
        terminal.type(KEY_ESC)
        terminal.until(words[4])
        assert module.recv(64) == b"    "
