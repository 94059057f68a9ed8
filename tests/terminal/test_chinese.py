"""A Chinese terminal: all that declarations, refusals, files, ports and the terminal itself say has Chinese words."""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from modemlab.at.command import ArgumentPlan, Command, FormKind
from modemlab.at.encoding import type_of
from modemlab.at.errors import Remedy
from modemlab.at.parameters import Choice, Maybe, Param, Repeat, Slot
from modemlab.at.reasons import NotACommand
from modemlab.at.results import CME_WORDS
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import dialects
from modemlab.driver.protocol.digester import urcs_of
from modemlab.ports import dial
from modemlab.ports.dial import advice
from modemlab.terminal.colon_commands import KEYS
from modemlab.terminal.command_remedies import STATES
from modemlab.terminal.language import Language
from modemlab.terminal.macro_files import read_list
from modemlab.terminal.macros import MacroError
from modemlab.terminal.remedies import ALONE, CODES, REMEDIES
from modemlab.text.reason import About, Reason, Sentence, reason_of

CHINESE = Language("zh")
HAN = re.compile("[\u4e00-\u9fff]")
# What is called so in Chinese too: technologies, protocols, ciphers, result codes, names of parameters.
NAMES = re.compile(
    r"GSM Compact|((GSM|WCDMA|UTRAN|E-UTRAN|LTE|NB-S1)(, )?)+"
    r"|IPv[46]|PAP|CHAP|NAS|DHCP|CS|PS|PIN2?|PUK|ASCII|UCS-2|IMEI|IMSI"
    r"|V\.42bis|RFC \d+|FTP|HTTP|MQTT( [\d.]+)?|SSL [\d.]+|D?TLS( [\d.]+)?|TLS_[A-Z0-9_]+"
    r"|ERROR|\+CTZ[A-Z]+|<\w+>@<\w+>"
)
# English words of which one is in each sentence that a declaration refuses with.
ENGLISH = re.compile(
    r"\b(takes|not|is|are|but|one of|from|bytes?|to|parameters|must|given|all|without|has|form|command|number|end)\b"
)
NUMBERS = {FileNotFoundError: errno.ENOENT, PermissionError: errno.EACCES}


def params_of(slots: "tuple[Slot, ...] | None") -> Iterator[Param]:
    """Parameters, those of groups too."""
    for slot in slots or ():
        if isinstance(slot, Maybe | Repeat):
            yield from slot.params
        else:
            yield slot


def table(dialect: Dialect) -> dict[str, Command]:
    """All commands of a dialect."""
    return {**dialect.commands, **dialect.lenient}


def words_of(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Every English word of a dialect's declarations, and where it stands."""
    yield dialect.name, dialect.title
    for command in table(dialect).values():
        where = f"{dialect.name} {command.name}"
        yield where, command.title
        params = [*params_of(command.params), *(command.read or ()), *(command.execute or ())]
        for option in command.options:
            yield f"{where} {option.name}", option.title
            params += [*params_of(option.params), *(option.read or ()), *option.values]
        for param in params:
            yield from words_of_param(where, param)
    for urc in urcs_of(dialect):
        yield f"{dialect.name} {urc.name}", urc.title
        for param in urc.params:
            yield from words_of_param(f"{dialect.name} {urc.name}", param)
    for code, words in {**CME_WORDS, **dialect.errors}.items():
        yield f"{dialect.name} {code}", words


def words_of_param(where: str, param: Param) -> Iterator[tuple[str, str]]:
    """The words of a parameter."""
    where = f"{where} <{param.name}>"
    yield where, param.meaning
    yield where, getattr(param, "unit", "")
    for meaning in param.values.values() if isinstance(param, Choice) else ():
        yield where, meaning


def is_chinese(english: str) -> bool:
    """Whether a Chinese terminal has Chinese words for these, or calls it so too."""
    return not english or NAMES.fullmatch(english) is not None or HAN.search(CHINESE.word(english)) is not None


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_every_word_of_the_declarations(dialect: Dialect) -> None:
    """Titles, meanings, values and units of commands, options, parameters and URCs, and the codes of errors."""
    found = list(words_of(dialect))
    assert len(found) > 100
    assert [f"{where}: {english}" for where, english in found if not is_chinese(english)] == []


def spoiled(plan: ArgumentPlan) -> Iterator[list[str]]:
    """Arguments that a declaration refuses, one after the other for each reason that there may be."""
    good = [type_of(param, default_of(param)) for param in plan.params]
    yield []
    yield [""] * len(good)
    yield [*good, *["1"] * 5000]
    for number in range(len(good)):
        for wrong in ("", '"x"', "x,y", "99999999999", "0x99999999999", "-1", f'"{"x" * 5000}"', '"'):
            yield [*good[:number], wrong, *good[number + 1 :]]
            yield [*good[:number], wrong]


def default_of(param: Param) -> object:
    """A value that it takes."""
    if isinstance(param, Choice):
        return next(iter(param.values))
    least = getattr(param, "least", 0)
    return least if hasattr(param, "listed") and type(param).__name__ in ("Int", "Hex") else "x" * max(1, least)


def refusals_of(dialect: Dialect) -> Iterator[tuple[str, Reason]]:
    """Lines that are wrong in every way, and the reasons for which they are refused."""
    read = dialect.parser(False)
    for command in table(dialect).values():
        name, sign = command.name, "" if command.basic else "="
        bodies = [f"{name}{end}" for end in ("", "?", "=?", "=", "!", "?x", '="nosuch",1', "99999", '="')]
        for option in ("", *(option.name for option in command.options)):
            plan = command.plan(FormKind.WRITE, option)
            ahead = f'"{option}",' if option else ""
            bodies += [f"{name}{sign}{ahead}{','.join(each)}" for each in spoiled(plan)] if plan is not None else []
        for body in (*bodies, "+", "+NOSUCH=1", "Y"):
            for call in read(body.encode()):
                if call.refused is not None:
                    yield body, call.refused.reason


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_every_refusal_of_the_declarations(dialect: Dialect) -> None:
    """Whatever is wrong with a line of any command, the reason is Chinese, the manual's name too."""
    reasons = dict.fromkeys(reason for _, reason in refusals_of(dialect))
    assert len(reasons) > 300
    said = {reason: CHINESE.reason(reason) for reason in reasons}
    left = {
        reason: words
        for reason, words in said.items()
        if not HAN.search(words) or ENGLISH.search(bare(words)) or "guide" in words or "manual" in words
    }
    assert left == {}


def bare(words: str) -> str:
    """A sentence without what was typed, and the names and values that a manual prints."""
    return re.sub(r"<[^>]*>|'[^']*'|\"[^\"]*\"|只能是 .*?，", "", words)


def test_every_remedy() -> None:
    """Of a meaning, and of a link that ended; commands alone are the same."""
    helps = [each for codes in CODES.values() for each in codes.values()]
    for english in (*helps, *REMEDIES.values(), *ALONE.values(), *STATES.values()):
        said = CHINESE.word(english)
        assert HAN.search(said) is not None or english == said, english
        assert not re.search("[a-z]{3}", english) or HAN.search(said) is not None or "<" in english, english
    assert [remedy.value for remedy in Remedy if not is_chinese(remedy.value)] == []


REFUSED = [
    (
        "quectel_lte",
        '+QMTOPEN=0,"a",70000',
        "<port> 是 70000，但只能是 1 至 65535 (MQTT 应用指导, 3.3.2)",
    ),
    ("quectel_lte", '+QMTOPEN=0,"a",x', "<port> 是 1 至 65535 的数字，而不是 'x' (MQTT 应用指导, 3.3.2)"),
    ("quectel_lte", "+QMTPUBEX=9", "需要 6 个参数，而不是 1 个 (MQTT 应用指导, 3.3.8)"),
    ("quectel_lte", '+QMTCFG="nosuch",0', "没有选项 'nosuch' (MQTT 应用指导, 3.3.1)"),
    (
        "quectel_lte",
        '+QMTCFG="keepalive",0,9999',
        "<keep_alive_time> 是 9999，但只能是 0 至 3600 秒 (MQTT 应用指导, 3.3.1)",
    ),
    ("quectel_lte", "+FOO=1", "AT+FOO 不是此模块的命令"),
    (
        "quectel_lte",
        '+QMTCFG="will",0,1,0,0,"t","{"a":"x","b":2}"',
        (
            '需要 1 至 6 个参数，而不是 7 个；\',"b":2}"\' 前的引号结束了 <willmessage>，其值成了 \'{"a":"x\'：'
            '后面是逗号或分号的引号会结束文本，AT+QMTCFG="willex" 可用任何文本 (MQTT 应用指导, 3.3.1)'
        ),
    ),
    (
        "quectel_nb",
        '+QMTSUB=0,1,"t"a","b",1',
        (
            "<topic>,<QoS> 可有 1 至 1024 组，而不是 3 个参数；',\"b\",1' 前的引号结束了 <topic>，其值成了 't\"a'："
            "后面是逗号或分号的引号会结束文本 (BC35-G & BC28 MQTT 应用指导 V1.0, 3.2.7)"
        ),
    ),
    (
        "luat",
        '+MCONFIG="i","u","p",0,0,"t","{"a":"x","b":2}"',
        (
            '需要 1 至 7 个参数，而不是 8 个；\',"b":2}"\' 前的引号结束了 <will_message>，其值成了 \'{"a":"x\'：'
            "内部的引号请写 \\22 (Luat AT 手册 V1.6.3, 16.1)"
        ),
    ),
    (
        "luat",
        '+MPUB="t",0,0,"{"a":1}"',
        "<message> 的引号内有引号，在 '{' 之后：请写 \\22 (Luat AT 手册 V1.6.3, 16.4)",
    ),
    (
        "quectel_lte",
        '+QMTOPEN=0,"h"x,1',
        "逗号或行尾之前引号没有闭合；它是 <host_name>，开头是 '\"h\"x,1' (MQTT 应用指导, 3.3.2)",
    ),
    ("quectel_lte", '+QMTCFG="wil",0', "没有选项 'wil'，是不是 'will'？ (MQTT 应用指导, 3.3.1)"),
    ("quectel_lte", "+CSQ=1", "没有设置形式 (AT 命令手册 V1.1, 6.3)"),
    (
        "quectel_nb",
        f'+QMTSUB=0,1,"{"x" * 300}",1',
        "<topic> 有 300 字节，但只能是 1 至 255 字节 (BC35-G & BC28 MQTT 应用指导 V1.0, 3.2.7)",
    ),
    ("quectel_lte", "+QMTDISC=0,1", "需要 1 个参数，而不是 2 个 (MQTT 应用指导, 3.3.5)"),
    ("luat", '+MSUB="t"', "需要 2 个参数，而不是 1 个 (Luat AT 手册 V1.6.3, 16.6)"),
]


@pytest.mark.parametrize(("name", "body", "said"), REFUSED)
def test_refusals(name: str, body: str, said: str) -> None:
    """As a person reads them."""
    dialect = next(each for each in dialects() if each.name == name)
    (call,) = dialect.parser(False)(body.encode())
    assert call.refused is not None
    assert CHINESE.reason(call.refused.reason) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]\nCho=7\n", "第 2 行：cho 是 '7'，而不是 0 或 1"),
        ("[SET]\nRunTimes=0\n", "第 2 行：runtimes 是 '0'，而不是 1 至 1000000 的数字"),
        ("[1]\n[1]\n", "第 2 行：节 [1] 重复，前面在第 1 行"),
        ("AT\n", "第 1 行：开头不是 >>| <<| <<~ >> << ~~ S> S< S: M: # 之一：'AT'"),
        (">> AT\n~~ soon\n", "第 2 行：不是数字：'soon'"),
        (">> AT\n<<~ (?=a)\n", "第 2 行：正则表达式不支持环视，位置 0"),
        (">> AT\n<<~ a(?>b)\n", "第 2 行：正则表达式不支持不回溯的分组或重复，位置 1"),
        (
            ">> AT\n<<~ (\n",
            "第 2 行：正则表达式有误，位置 0（missing ), unterminated subpattern）：字符 ( 本身写作 \\(",
        ),
    ],
)
def test_mistakes_in_lists(text: str, said: str, tmp_path: Path) -> None:
    """With the file and the line."""
    path = tmp_path / "a: b.ini"
    path.write_text(text)
    with pytest.raises(MacroError) as told:
        read_list(str(path))
    assert CHINESE.reason(reason_of(told.value)) == f"{path}: {said}"


@pytest.mark.parametrize("text", ["", "strange: thing", "%s {} {0} \\1", "{name}", "(" * 500])
def test_what_is_not_known_is_said_as_it_came(text: str) -> None:
    """What a system or a library says, and what was typed, however strange."""
    assert CHINESE.reason(Sentence(text)) == text
    assert CHINESE.reason(NotACommand(text)) == f"{text} 不是此模块的命令"
    assert Language("en").reason(Sentence(text)) == text


@pytest.mark.parametrize("path", ["/nosuch/tty", "/root/tty"])
@pytest.mark.parametrize("kind", [FileNotFoundError, PermissionError, OSError])
def test_why_a_device_cannot_be_opened(kind: type[OSError], path: str) -> None:
    """What the system says, and what to do."""
    error = (
        kind(errno.EIO, "Input/output error") if kind is OSError else kind(NUMBERS[kind], os.strerror(NUMBERS[kind]))
    )
    said = CHINESE.reason(About(path, advice(error, path)))
    assert said.startswith(f"{path}: ")
    assert HAN.search(said) is not None
    assert not ENGLISH.search(said)


def test_why_a_device_is_another_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the group."""
    monkeypatch.setattr(dial, "group_of", lambda device: "uucp")
    said = CHINESE.reason(advice(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "/dev/ttyS0"))
    assert said == "没有权限：其用户组是 uucp（sudo usermod -a -G uucp $USER，然后重新登录）"


@pytest.mark.parametrize("language", [Language("en"), CHINESE])
def test_the_keys_fit_into_80_columns(language: Language) -> None:
    """The way out among them."""
    keys = language(KEYS)
    assert "^Q" in keys
    assert sum(2 if east_asian_width(character) in "WF" else 1 for character in keys) <= 80
