"""A Chinese terminal: what declarations refuse, and what files, ports and the terminal say, as a person reads it."""

import errno
import os
import re
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from modemlab.at.reasons import NotACommand
from modemlab.dialect.registry import dialects
from modemlab.ports import host_connection
from modemlab.ports.host_connection import advice
from modemlab.terminal.colon_commands import KEYS
from modemlab.terminal.macro_files import read_list
from modemlab.terminal.macros import MacroError
from modemlab.text.language import Language
from modemlab.text.reason import About, Sentence, reason_of

CHINESE = Language("zh")
HAN = re.compile("[\u4e00-\u9fff]")
# English words of which one is in each sentence about a device.
ENGLISH = re.compile(
    r"\b(takes|not|is|are|but|one of|from|bytes?|to|parameters|must|given|all|without|has|form|command|number|end)\b"
)
NUMBERS = {FileNotFoundError: errno.ENOENT, PermissionError: errno.EACCES}


# A line for each message with which a declaration refuses one.
REFUSED = [
    ("quectel_lte", '+QMTOPEN=0,"a",70000', "<port> 是 70000，但只能是 1 至 65535 (MQTT 应用指导, 3.3.2)"),
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
    ("luat", '+MPUB="t",0,0,"{"a":1}"', "<message> 的引号内有引号，在 '{' 之后：请写 \\22 (Luat AT 手册 V1.6.3, 16.4)"),
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
    ("quectel_lte", '+CTZU="x"', "<onoff> 只能是 0, 1, 3，而不是 'x' (AT 命令手册 V1.1, 6.6)"),
    (
        "quectel_lte",
        '+QCFG="band","x",0x0,0',
        "<bandval> 是十六进制数，0x0 至 0xffff，而不是 'x' (AT 命令手册 V1.1, 4.3)",
    ),
    ("quectel_lte", '+QCFG="urcdelay","x"', "<time> 是 0 至 120 毫秒 的数字，而不是 'x' (AT 命令手册 V1.1, 4.3)"),
    (
        "luat",
        '+SSLCFG="ciphersuite",0,"x"',
        (
            "<ciphersuites> 只能是 0X0035, 0X002F, 0X0005, 0X0004, 0X000A, 0X003D, 0XFFFF，不加引号，而不是 'x' "
            "(Luat AT 手册 V1.6.3, 12.7)"
        ),
    ),
    ("luat", "+IFC=", "<dce_by_dte> 必须给出 (Luat AT 手册 V1.6.3, 4.10)"),
    ("quectel_lte", "+CGPADDR=", "<cid> 都必须给出 (AT 命令手册 V1.1, 9.9)"),
    ("luat", '+MPUB="x",0,0,"', "行尾引号没有闭合；它是 <message>，开头是 '\"' (Luat AT 手册 V1.6.3, 16.4)"),
    (
        "luat",
        '+MPUBEX="x",0,0,"x"',
        "<len> 是 1 至 4100 的数字，而不是 'x'；数据在模块提示后再发送 (Luat AT 手册 V1.6.3, 16.5)",
    ),
    ("luat", "+IFC", "没有执行形式 (Luat AT 手册 V1.6.3, 4.10)"),
    ("luat", "+VER?", "没有查询形式 (Luat AT 手册 V1.6.3, 2.8)"),
    ("quectel_nb", "+NRB=?", "没有测试形式 (BC35-G AT 命令手册 V1.0, 4.1)"),
    ("luat", "E?", "命令的写法不对 (Luat AT 手册 V1.6.3, 3.3)"),
    ("luat", "+", "前缀后没有命令名"),
    ("luat", "+IFC!", "命令应在 '!' 之前结束 (Luat AT 手册 V1.6.3, 4.10)"),
    ("quectel_lte", "+QMTPUB", "手册中对应的命令是 AT+QMTPUBEX (MQTT 应用指导, 3.3.8)"),
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
    monkeypatch.setattr(host_connection, "group_of", lambda device: "uucp")
    said = CHINESE.reason(advice(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "/dev/ttyS0"))
    assert said == "没有权限：其用户组是 uucp（sudo usermod -a -G uucp $USER，然后重新登录）"


@pytest.mark.parametrize("language", [Language("en"), CHINESE])
def test_the_keys_fit_into_80_columns(language: Language) -> None:
    """The way out among them."""
    keys = language(KEYS)
    assert "^Q" in keys
    assert sum(2 if east_asian_width(character) in "WF" else 1 for character in keys) <= 80
