"""Commands that the tables lack: entries, answers, delays, states, and the list of what nobody knows."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from random import Random
from typing import Any

import pytest

from modemlab.module.custom_commands import (
    MAX_ENTRIES,
    CustomCommand,
    read_answers,
    read_custom_commands,
    show_unknown,
    toml_text,
)
from modemlab.module.module import Module
from modemlab.module.playback import replay_offline
from modemlab.module.unknown_commands import MAX_COMMAND_CHARACTERS, MAX_UNKNOWN
from support.helpers import PIECES, make_module
from support.qmt_lines import BOOT, error, ok, read, urc

FILE = r"""
[[answer]]
command = "AT+QODD?"
lines = ["+QODD: 1", "+QODD: é"]
[[answer]]
pattern = 'AT\+QSLEEP=\d'
then = "asleep"
[[answer]]
command = "AT+QWAKE"
when = "asleep"
then = "start"
[[answer]]
pattern = "AT.*"
when = "asleep"
override = true
result = "+CME ERROR: 7"
[[answer]]
command = "AT+QSLOW"
lines = ["+QSLOW: done"]
delay = 2
[[answer]]
command = "AT+CSQ"
lines = ["never"]
[[answer]]
command = "AT+CGMM"
override = true
lines = ["MY MODEL"]
[[answer]]
command = "AT+QMUTE"
result = ""
[[answer]]
command = "AT+QBUSY"
result = "BUSY"
"""

ANSWERED = {
    "lines": read("AT+QODD?", "+QODD: 1", "+QODD: é"),
    "letters of either case": read("AT+qodd?", "+QODD: 1", "+QODD: é"),
    "a pattern is for all of the line": error("AT+QSLEEP=12", "XAT+QSLEEP"),
    "behind other commands": ">> AT+CSQ;+QODD?\n<<\n<< +CSQ: 24,99\n<<\n<< +QODD: 1\n<< +QODD: é\n<<\n<< OK\n",
    "the rest of the line is one": error("AT+QODD?;+CSQ"),
    "the dialect's own commands stay": read("AT+CSQ", "+CSQ: 24,99"),
    "the dialect's own refusals stay": error('AT+QMTCONN=0,"c"'),
    "override": read("AT+CGMM", "MY MODEL"),
    "no result": ">> AT+QMUTE\n" + ok("AT"),
    "another result": ">> AT+QBUSY\n<<\n<< BUSY\n>> ATV0\n<<| 0\\r\n>> AT+QBUSY\n<<\n<< BUSY\n",
    "states": error("AT+QWAKE")
    + ok("AT+QSLEEP=1")
    + ">> AT\n<<\n<< +CME ERROR: 7\n>> AT+QWAKE\n<<\n<< +CME ERROR: 7\n",
    "a start forgets the state": ok("AT+QSLEEP=1")
    + "M: power_cycle()\n"
    + urc("RDY")
    + ">> ATE0\n<< ATE0\\r\n<< OK\n"
    + ok("AT"),
    "delay": ">> AT+QSLOW\n~~ 1.9\n~~ 0.1\n<<\n<< +QSLOW: done\n<<\n<< OK\n",
    "delay, and what is typed meanwhile": ">> AT+QSLOW\n>>| AT\\r\\nAT+C\n~~ 2\n<<\n"
    "<< +QSLOW: done\n<<\n<< OK\n<<\n<< OK\n>> SQ\n<<\n<< +CSQ: 24,99\n<<\n<< OK\n",
    "delay twice": ">>| AT+QSLOW\\rAT+QSLOW\\r\n~~ 2\n<<\n<< +QSLOW: done\n<<\n<< OK\n"
    "~~ 1.9\n~~ 0.1\n<<\n<< +QSLOW: done\n<<\n<< OK\n",
    "a URC waits for the delay": '>> AT+CREG=1\n<<\n<< OK\n>> AT+QSLOW\nM: set_registration(stat="denied")\n~~ 2\n'
    "<<\n<< +QSLOW: done\n<<\n<< OK\n<<\n<< +CREG: 3\n",
    "power lost in a delay": ">> AT+QSLOW\nM: power_cycle()\n"
    + urc("RDY")
    + ">> ATE0\n<< ATE0\\r\n<< OK\n~~ 5\n"
    + ok("AT"),
}


def extras(text: str = FILE) -> tuple[CustomCommand, ...]:
    """The entries of a file."""
    return read_custom_commands(tomllib.loads(text))


@pytest.mark.parametrize("name", ANSWERED)
@pytest.mark.parametrize("piece", PIECES)
def test_answers(name: str, piece: int) -> None:
    """Each in a transcript, whole and in pieces."""
    differences = replay_offline(make_module(custom_commands=extras()), BOOT + ANSWERED[name], piece)
    assert not differences, "\n".join(map(str, differences))


def test_override_of_all_in_a_state_can_be_left() -> None:
    """The first entry that fits answers: what stands ahead of the catch-all, with override too, wins."""
    text = FILE.replace('when = "asleep"\nthen = "start"', 'when = "asleep"\nthen = "start"\noverride = true')
    transcript = BOOT + ok("AT+QSLEEP=1") + ">> AT\n<<\n<< +CME ERROR: 7\n" + ok("AT+QWAKE", "AT")
    assert not replay_offline(make_module(custom_commands=extras(text)), transcript)


def test_what_is_typed_in_a_delay_is_bounded() -> None:
    """As much as a line is long."""
    module = make_module(custom_commands=extras())
    module.power_on(0.0)
    module.receive(b"ATE0\rAT+QSLOW\r", 0.0)
    module.data_to_send()
    for _ in range(100):
        module.receive(b"AT\r" * 100, 1.0)
    assert module.deadline() == 2.0
    module.advance(2.0)
    assert module.data_to_send() == b"\r\n+QSLOW: done\r\n" + b"\r\nOK\r\n" * (1 + 2048 // 3)


def test_a_host_that_leaves_in_a_delay() -> None:
    """The answer goes on; what was typed behind it is void."""
    module = make_module(custom_commands=extras())
    module.power_on(0.0)
    module.receive(b"ATE0\rAT+QSLOW\rAT\r", 0.0)
    module.dtr_dropped(1.0)
    module.data_to_send()
    module.advance(2.0)
    assert module.data_to_send() == b"\r\n+QSLOW: done\r\n\r\nOK\r\n"


def test_the_document_does_what_it_says() -> None:
    """Its files and its program."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "answers.md").read_text(encoding="utf-8")
    first, listing = re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    transcript = read("AT+QFWVER?", "+QFWVER: 7") + read("AT+CSQ;+QFWVER?", "+CSQ: 24,99")[:-9] + "<<\n<< +QFWVER: 7\n"
    transcript += "<<\n<< OK\n>> AT+QSLEEPMODE=1\n~~ 1.4\n~~ 0.1\n<<\n<< OK\n>> AT+CSQ\n<<\n<< +CME ERROR: 14\n"
    assert not replay_offline(make_module(custom_commands=read_answers(first)), BOOT + transcript)
    assert not replay_offline(make_module(custom_commands=read_answers(listing)), BOOT + ok("AT+QFWVER?"))
    (program,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


WRONG = [
    ("[[answers]]", "'answers' is not a known table of this file; did you mean 'answer'? One of: answer"),
    ("answer = 1", "answer is 1, expected at most 1000 times [[answer]]"),
    ("answer = [1]", "answer 1 is 1, expected a table"),
    ("[[answer]]\nlines = []", "answer 1: it has both or none of command and pattern, expected one of them"),
    (
        '[[answer]]\ncommand = "AT"\npattern = "AT"',
        "answer 1: it has both or none of command and pattern, expected one of them",
    ),
    (
        '[[answer]]\ncommand = "AT"\n[[answer]]\ncommand = "ATI"\nline = []',
        (
            "answer 2: 'line' is not a known key; did you mean 'lines'? One of: command, pattern, lines, "
            "result, delay, "
            "when, then, override"
        ),
    ),
    (
        '[[answer]]\ncommand = "AT"\nthen = "asleep"\nwhen = "aslep"',
        (
            "answer 1: when is 'aslep', expected start, or what `then` of an entry says: asleep, start"
            "; did you mean 'asleep'?"
        ),
    ),
    (
        '[[answer]]\ncommand = "AT"\ndelay = 1979-05-27',
        "answer 1: delay is 1979-05-27, expected a number from 0 to 3600 seconds",
    ),
    (
        '[[answer]]\ncommand = "+ODD"',
        "answer 1: command is '+ODD', expected a command line from its AT on, of up to 512 characters, without CR",
    ),
    ('[[answer]]\npattern = ""', "answer 1: pattern is '', expected a regular expression of 1 to 1024 characters"),
    (
        '[[answer]]\npattern = "("',
        (
            "answer 1: pattern is '(', expected a regular expression, but missing ), unterminated subpattern "
            "at position 0: \\( is the character ( itself"
        ),
    ),
    (
        '[[answer]]\ncommand = "AT"\nlines = "x"',
        "answer 1: lines is 'x', expected at most 64 texts of 1 to 1024 bytes without control characters",
    ),
    (
        '[[answer]]\ncommand = "AT"\nlines = ["a\\r\\n"]',
        "answer 1: lines is ['a\\r\\n'], expected at most 64 texts of 1 to 1024 bytes without control characters",
    ),
    (
        '[[answer]]\ncommand = "AT"\nresult = 0',
        'answer 1: result is 0, expected a result code such as "OK" or "+CME ERROR: 3", or "", of up to 100 letters',
    ),
    ('[[answer]]\ncommand = "AT"\ndelay = -1', "answer 1: delay is -1, expected a number from 0 to 3600 seconds"),
    ('[[answer]]\ncommand = "AT"\ndelay = nan', "answer 1: delay is nan, expected a number from 0 to 3600 seconds"),
    ('[[answer]]\ncommand = "AT"\ndelay = true', "answer 1: delay is True, expected a number from 0 to 3600 seconds"),
    ('[[answer]]\ncommand = "AT"\noverride = 1', "answer 1: override is 1, expected true or false"),
    (
        '[[answer]]\ncommand = "AT"\nthen = "a b"',
        "answer 1: then is 'a b', expected a word of 1 to 32 letters, digits, hyphens and underscores",
    ),
    (
        '[[answer]]\ncommand = "AT"\nthen = "on"\nwhen = "off"',
        "answer 1: when is 'off', expected start, or what `then` of an entry says: on, start",
    ),
]


@pytest.mark.parametrize(("text", "reason"), WRONG, ids=[reason[:50] for _, reason in WRONG])
def test_mistakes_in_a_file_are_refused(text: str, reason: str) -> None:
    """With the entry, the key, what it was and what was expected."""
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        extras(text)


def test_the_number_of_entries_is_bounded() -> None:
    """A thousand."""
    many: list[dict[str, Any]] = [{"command": "AT+X"}] * MAX_ENTRIES
    assert len(read_custom_commands({"answer": many})) == MAX_ENTRIES
    with pytest.raises(ValueError, match="expected at most 1000"):
        read_custom_commands({"answer": [*many, {"command": "AT+X"}]})
    assert read_custom_commands({}) == ()


UNKNOWN = [b"AT+QODD", b'AT+QODD="a\\b",\xe6\xb8\xa9', b"AT^\x1b[31m\x7f", b"AT+Q\xff\xfe(.)", b"AT+Q\xe2\x80\xae"]


def test_unknown_commands_make_a_file() -> None:
    """Each once with its count, as typed; the file is TOML, and with it each is answered."""
    module = make_module()
    module.power_on(0.0)
    for line in [*UNKNOWN, UNKNOWN[0], b"AT+CSQ", b"AT+CSQ=9", b"AT" + b"x" * 3000]:
        module.receive(line + b"\r", 0.0)
    assert list(module.unknown.values()) == [2, 1, 1, 1, 1]
    assert list(module.unknown)[1] == 'AT+QODD="a\\b",温'
    text = "\n".join(show_unknown(module.unknown))
    assert text.startswith('[[answer]]  # typed 2 times\ncommand = "AT+QODD"\nlines = []\n[[answer]]  # typed 1 time\n')
    assert all(character.isprintable() or character == "\n" for character in text)
    known = make_module(custom_commands=extras(text))
    known.power_on(0.0)
    known.receive(b"ATE0\r", 0.0)
    known.data_to_send()
    for line in UNKNOWN:
        known.receive(line + b"\r", 0.0)
        assert known.data_to_send() == b"\r\nOK\r\n", line
    assert known.unknown == {}


@pytest.mark.parametrize("model", ["EC200S-CN", "BC35-G", "Air724UG"])
def test_whatever_is_unknown_is_answered_by_its_own_list(model: str) -> None:
    """As printed: any bytes, up to the longest, behind other commands, with another end of lines."""
    lots = Random(model)
    pieces = [b"+Q", b"+CSQ;", b"=", b"?", b'"', b",", b";", b"^", b"\\", b"#", b"]", b"'", b" ", b"\r", b"\n", b"\x00"]
    pieces += [b"\x7f", b"\xff", b"\xc3", b"\xa9", b"\xed\xa0\x80", "温é\u2028".encode(), b"($.*)", b"x" * 100]
    answered = 0
    for _ in range(40):
        begin = lots.choice((b"ATE0\r", b"ATE0\rATS3=4\r"))
        lines = [b"AT" + b"".join(lots.choices(pieces, k=lots.randrange(1, 9))) for _ in range(8)]
        lines.append(b"AT+\xff" + b"(" * 508)
        ignorant = make_module(model)
        unknown = [line for line in lines if listed(ignorant, begin, line)]
        knowing = make_module(model, custom_commands=read_answers("\n".join(show_unknown(ignorant.unknown))))
        for line in unknown:
            assert not listed(knowing, begin, line), line
            assert knowing.data_to_send().endswith(b"OK" + knowing.line.format.terminator + b"\n"), line
            answered += 1
    assert answered > 100


def listed(module: Module, begin: bytes, line: bytes) -> bool:
    """Whether a line is unknown to a module that has just begun."""
    module.power_on(0.0)
    module.receive(begin, 0.0)
    module.data_to_send()
    counts = dict(module.unknown)
    end = module.line.format.terminator
    module.receive(line.replace(end, b"") + end, 0.0)
    return module.unknown != counts


def test_unknown_commands_are_bounded() -> None:
    """The first 64, and none that no entry could hold."""
    module = make_module()
    module.power_on(0.0)
    module.receive(b"AT+" + b"Y" * MAX_COMMAND_CHARACTERS + b"\r", 0.0)
    for number in range(2 * MAX_UNKNOWN):
        module.receive(b"AT+X%d\r" % number, 0.0)
    assert list(module.unknown) == [f"AT+X{number}" for number in range(MAX_UNKNOWN)]


def test_texts_are_written_as_toml_reads_them() -> None:
    """Every character that TOML can hold."""
    text = "".join(map(chr, [*range(0x250), 0x2028, 0xD7FF, 0xE000, 0xFFFF, 0x10FFFF]))
    assert tomllib.loads(f"x = {toml_text(text)}") == {"x": text}
