"""Lists of commands: the terminal's own form and QCOM's."""

import re
from pathlib import Path

import pytest

from modemlab.terminal.macro_files import listed_as, read_list
from modemlab.terminal.macros import (
    MAX_FILE_CHARACTERS,
    Macro,
    MacroError,
    MacroList,
    decode,
    read_transcript,
    write_transcript,
)
from modemlab.terminal.qcom import looks_like, read_qcom, write_qcom
from modemlab.transcripts.pattern import compile_pattern

OWN = """\
# who it is
>> ATI
>> AT+QMTOPEN=0,"broker.example",1883
<< OK
<<
<<~ \\+QMTOPEN: 0,\\d
~~ 1.5
# >> AT+QMTCLOSE=0
>>| {"on":1}
>>| \\x1a
"""
READ = (
    Macro(b"ATI", title="who it is"),
    Macro(b'AT+QMTOPEN=0,"broker.example",1883', pause=1.5, awaits=(b"OK", compile_pattern(rb"\+QMTOPEN: 0,\d"))),
    Macro(b"AT+QMTCLOSE=0", ticked=False),
    Macro(b'{"on":1}', enter=False),
    Macro(b"\x1a", enter=False),
)


def test_own_form() -> None:
    """A transcript is a list: what is sent, awaited and waited for, titles and ticks."""
    listed = read_transcript(OWN)
    assert listed == MacroList(READ)
    assert write_transcript(listed) == OWN.replace("<<\n", "")
    assert read_transcript(write_transcript(listed)) == listed


def test_a_saved_session_is_a_list() -> None:
    """Echoes, prompts and empty lines are not awaited."""
    listed = read_transcript(
        '# port\n>> AT+X="a",2\n<< AT+X="a",2\\r\n<<\n<<| >\\x20\n>>| ab\n<<\n<< OK\n~~ 2.0\n~~ 1.0\n'
    )
    assert listed.macros == (Macro(b'AT+X="a",2', title="port"), Macro(b"ab", enter=False, awaits=(b"OK",), pause=3.0))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (">> AT\nAT+CSQ\n", "line 2: begins with none of"),
        (">> AT\n~~ soon\n", "line 2: could not convert string to float"),
        (">> AT\n<<~ (\n", "line 2: missing ), unterminated subpattern"),
        ("# >> AT\\q\n", "line 1: \\q is not an escape"),
        (f">> {'A' * 5000}\n", "line 1: has 5000 bytes; a command has at most 4096"),
        (">> A\n" * 1001, "line 1001: a list holds at most 1000 commands"),
    ],
)
def test_mistakes_in_own_form(text: str, reason: str) -> None:
    """Each with its line and the reason."""
    with pytest.raises(MacroError, match=re.escape(reason)):
        read_transcript(text)


def qcom(*commands: str, head: str = "[SET]\nRunTimes=10\nDelayTime=1000\n") -> str:
    """A file as QCOM writes it: each command is `CMD`, or `Cho|CMD|Delay|HEX|Enter`."""
    text = head
    for number, each in enumerate(commands, 1):
        ticked, command, delay, hexadecimal, enter = each.split("|") if "|" in each else ("0", each, "", "0", "1")
        text += f"[{number}]\nCho={ticked}\nCMD={command}\nDelay={delay}\nHEX={hexadecimal}\nEnter={enter}\n"
    return text


SAMPLE = qcom(
    "AT",
    'AT+QMTCFG="aliauth",0,"pk","dev","0123456789abcdef"',
    "",
    '1|AT+QMTOPEN=0,"iot.example",1883|2500|0|1',
    '0|{"method":"x[=]","params":{"温度":1}}||0|0',
    "0|41 54 0D||1|0",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_qcom_form(encoding: str, end: str) -> None:
    """The keys of a file as users save it; what is sent are the file's own bytes, and it is written as it was."""
    data = SAMPLE.replace("\n", end).encode(encoding)
    text, found = decode(data)
    assert looks_like(text)
    listed = read_qcom(text, found)
    inner = "gbk" if encoding == "gbk" else "utf-8"
    assert (listed.times, listed.pause) == (10, 1.0)
    assert listed.macros == (
        Macro(b"AT", ticked=False),
        Macro(b'AT+QMTCFG="aliauth",0,"pk","dev","0123456789abcdef"', ticked=False),
        Macro(b"", ticked=False),
        Macro(b'AT+QMTOPEN=0,"iot.example",1883', pause=2.5),
        Macro('{"method":"x[=]","params":{"温度":1}}'.encode(inner), enter=False, ticked=False),
        Macro(b"AT\r", enter=False, hexadecimal=True, ticked=False),
    )
    assert listed.macros[4].shown == '{"method":"x[=]","params":{"温度":1}}'
    assert listed.macros[5].shown == "41 54 0D"
    assert write_qcom(listed) == SAMPLE.replace("\n", "\r\n").encode(inner)


def test_what_a_script_sends() -> None:
    """The ticked ones, or all where none is; never the empty ones."""
    listed = read_qcom(SAMPLE)
    assert [macro.data for macro in listed.script] == [b'AT+QMTOPEN=0,"iot.example",1883']
    none = MacroList(tuple(macro._replace(ticked=False) for macro in listed.macros))
    assert len(none.script) == 5
    assert MacroList().script == ()


def test_from_one_form_to_the_other(tmp_path: Path) -> None:
    """What both can hold comes over; QCOM has no titles and awaits nothing, the own form has no count of runs."""
    first, second = tmp_path / "a.ini", tmp_path / "b.txt"
    first.write_text(SAMPLE, encoding="gbk")
    listed = read_list(str(first))
    second.write_bytes(listed_as("b.txt", listed))
    own = read_list(str(second))
    assert [(m.data, m.enter, m.ticked, m.pause) for m in own.macros] == [
        (m.data, m.enter, m.ticked, 1.0 if m.pause is None else m.pause) for m in listed.macros if m.data
    ]
    back = read_qcom(listed_as("c.INI", own).decode("gbk"), "gbk")
    assert [(m.data, m.enter, m.ticked) for m in back.macros] == [(m.data, m.enter, m.ticked) for m in own.macros]


def test_bytes_that_are_no_text_are_written_in_hexadecimal() -> None:
    """QCOM's files hold text alone."""
    text = write_qcom(MacroList((Macro(b"\x1a", enter=False),))).decode()
    assert "CMD=1A\r\nDelay=\r\nHEX=1\r\nEnter=0\r\n" in text
    assert read_qcom(text).macros == (Macro(b"\x1a", enter=False, hexadecimal=True),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[SET]\nRunTimes=ten\n", "line 2: runtimes is 'ten', not a number of 1 to 1000000"),
        ("[SET]\nRunTimes=0\n", "line 2: runtimes is '0', not a number of 1 to 1000000"),
        ("[SET]\nDelayTime=-1\n", "line 2: delaytime is '-1', not a number of 0 to 86400000"),
        ("[SET]\nSpeed=1\n", "line 2: 'Speed' is not a QCOM key here; the keys are runtimes, delaytime"),
        ("CMD=AT\n[1]\n", "line 1: comes before the first section: 'CMD=AT'"),
        ("[1]\nCMD=AT\n[1]\n", "line 3: section [1] is already at line 1"),
        ("[1]\nCMD=AT\nCMD=AT\n", "line 3: CMD is already at line 2"),
        ("[0]\n", "line 1: section '0' is neither SET nor a command's number"),
        ("[one]\n", "line 1: section 'one' is neither SET nor a command's number"),
        ("[1]\nCMD\n", "line 2: is neither [SECTION] nor KEY=VALUE: 'CMD'"),
        ("[1]\nCho=2\n", "line 2: cho is '2', not 0 or 1"),
        ("[1]\nHEX=1\nCMD=4G\n", "line 3: the command is not hexadecimal: '4G'"),
        ("[1]\nDelay=1.5\n", "line 2: delay is '1.5', not a number of 0 to 86400000"),
        ("[1]\nCMD=AT\x1a\n", "line 2: the command contains a control character; HEX=1 allows it"),
        ("[1]\nCMD=" + "A" * 4097, "line 2: a command has at most 4096 bytes, not 4097"),
        ("".join(f"[{n}]\n" for n in range(1, 1002)), "line 1001: a list holds at most 1000 commands"),
        ("; nothing\n", "line 1: is not a QCOM list: it has no section"),
    ],
)
def test_mistakes_in_qcom_files(text: str, reason: str) -> None:
    """Each with its line and the reason."""
    with pytest.raises(MacroError, match=f"^{re.escape(reason)}$"):
        read_qcom(text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[SET]\nRunTimes=1\n[1]\nCMD=\xff\xff\n", "line 4: is neither UTF-8 nor GBK: b'\\xff\\xff\\n'"),
        (bytes(MAX_FILE_CHARACTERS + 1), "the file has 1048577 bytes; a list has 1048576 at most"),
    ],
)
def test_files_that_are_no_text(data: bytes, reason: str, tmp_path: Path) -> None:
    """The file is named too."""
    path = tmp_path / "list.ini"
    path.write_bytes(data)
    with pytest.raises(MacroError, match=f"^{re.escape(f'{path}: {reason}')}$"):
        read_list(str(path))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    """As the system says it."""
    with pytest.raises(MacroError, match=r"no\.ini: No such file or directory"):
        read_list(str(tmp_path / "no.ini"))
    with pytest.raises(MacroError, match="the name contains a NUL byte"):
        read_list("a\0b")
