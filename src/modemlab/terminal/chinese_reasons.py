"""Sentences that other floors say in English, with values in them, in Chinese: refusals, mistakes in files, ports.

Each row is the sentence as it is written where it is raised, its values as `{name}`, and the Chinese one. A value
`range` is a declaration's, `inner` a sentence of its own.
"""

import errno
import os
import re
from collections.abc import Callable

from modemlab.ports.words import WORDS

# What ended a quoted string, and why: at/quoting.py.
CUT = "{inner}; the quote ahead of {given} ended <{name}>, which took {taken}"
CUT_CHINESE = "{inner}；{given} 前的引号结束了 <{name}>，其值成了 {taken}："
ENDS, ENDS_CHINESE = "a quote ends a text where a comma or semicolon follows", "后面是逗号或分号的引号会结束文本"
REASONS = (
    # how a declaration refuses a line: at/quoting.py, at/syntax.py, at/command.py, at/parameters.py
    (f"{CUT}: inside, write \\22 for a quote", f"{CUT_CHINESE}内部的引号请写 \\22"),
    (f"{CUT}: {ENDS}, but {{command}} takes any text", f"{CUT_CHINESE}{ENDS_CHINESE}，{{command}} 可用任何文本"),
    (f"{CUT}: {ENDS}", f"{CUT_CHINESE}{ENDS_CHINESE}"),
    ("{inner}; it is <{name}>, and begins with {given}", "{inner}；它是 <{name}>，开头是 {given}"),
    ("no command name after the prefix", "前缀后没有命令名"),
    ("AT{name} is not a command of this module", "AT{name} 不是此模块的命令"),
    ("{given} is not a command of this module", "{given} 不是此模块的命令"),
    ("{given} is not one of its options; did you mean {name}?", "没有选项 {given}，是不是 {name}？"),
    ("{given} stands where the command should end", "命令应在 {given} 之前结束"),
    ("{given} is not one of its options", "没有选项 {given}"),
    ("has no write form", "没有设置形式"),
    ("has no read form", "没有查询形式"),
    ("has no test form", "没有测试形式"),
    ("has no execute form", "没有执行形式"),
    ("the data is sent when the module asks for it", "数据在模块提示后再发送"),
    ("the manual has AT{name} in its place", "手册中对应的命令是 AT{name}"),
    ("is not issued this way", "命令的写法不对"),
    (
        "a quoted string is not closed before a comma or the end of the line",
        "逗号或行尾之前引号没有闭合",
    ),
    ("a quoted string is not closed at the end of the line", "行尾引号没有闭合"),
    ("takes {least} to {most} parameters, not {count}", "需要 {least} 至 {most} 个参数，而不是 {count} 个"),
    ("takes 1 to {most} times {names}, not {count} parameters", "{names} 可有 1 至 {most} 组，而不是 {count} 个参数"),
    ("takes 1 parameter, not {count}", "需要 1 个参数，而不是 {count} 个"),
    ("takes {wanted} parameters, not {count}", "需要 {wanted} 个参数，而不是 {count} 个"),
    ("{names} must all be given", "{names} 都必须给出"),
    ("<{name}> must be given", "<{name}> 必须给出"),
    (
        "<{name}> is a number from {range}, not {given}; {inner}",
        "<{name}> 是 {range} 的数字，而不是 {given}；{inner}",
    ),
    ("<{name}> is a number from {range}, not {given}", "<{name}> 是 {range} 的数字，而不是 {given}"),
    ("<{name}> is hexadecimal, {range}, not {given}", "<{name}> 是十六进制数，{range}，而不是 {given}"),
    (
        "<{name}> is one of {values}, without quotes, not {given}",
        "<{name}> 只能是 {values}，不加引号，而不是 {given}",
    ),
    ("<{name}> is one of {values}, not {given}", "<{name}> 只能是 {values}，而不是 {given}"),
    (
        "<{name}> holds a quote inside its quotes, behind {given}: write \\22 for it",
        "<{name}> 的引号内有引号，在 {given} 之后：请写 \\22",
    ),
    ("<{name}> is {count} bytes long, but takes {range}", "<{name}> 有 {count} 字节，但只能是 {range}"),
    ("<{name}> is {given}, but takes {range}", "<{name}> 是 {given}，但只能是 {range}"),
    # lists of commands: macros.py, qcom.py, at/transcript.py
    ("is neither UTF-8 nor GBK: {given}", "既不是 UTF-8 也不是 GBK：{given}"),
    ("is not UTF-8: {given}", "不是 UTF-8：{given}"),
    ("the file has {count} bytes; a list has {most} at most", "文件有 {count} 字节；列表最多 {most} 字节"),
    ("is a pipe, not a file", "是管道，不是文件"),
    ("is no file", "不是文件"),
    ("no such user", "没有这个用户"),
    ("it has {most} MB, and that is the most", "已达上限 {most} MB"),
    ("a list holds {most} commands", "列表最多 {most} 条命令"),
    ("takes {most} bytes, not {count}", "最多 {most} 字节，而不是 {count} 字节"),
    ("a command takes {most} bytes, not {count}", "一条命令最多 {most} 字节，而不是 {count} 字节"),
    ("stands ahead of the first section: {given}", "在第一节之前：{given}"),
    ("is no list of QCOM's: there is no section in it", "不是 QCOM 列表：里面没有节"),
    ("section {given} is neither SET nor a command's number", "节 {given} 既不是 SET 也不是命令编号"),
    ("section [{given}] came before, at line {number}", "节 [{given}] 重复，前面在第 {number} 行"),
    ("is neither [SECTION] nor KEY=VALUE: {given}", "既不是 [节] 也不是 键=值：{given}"),
    ("{given} is no key of QCOM's here; {names} are", "{given} 不是此处的 QCOM 键；可用 {names}"),
    ("{given} came before, at line {number}", "{given} 重复，前面在第 {number} 行"),
    ("{name} is {given}, not a number of {range}", "{name} 是 {given}，而不是 {range} 的数字"),
    ("{name} is {given}, not 0 or 1", "{name} 是 {given}，而不是 0 或 1"),
    ("the command is not hexadecimal: {given}", "命令不是十六进制：{given}"),
    ("the command holds a control character; HEX=1 takes any", "命令含控制字符；HEX=1 可含任意字节"),
    ("begins with none of {names}: {given}", "开头不是 {names} 之一：{given}"),
    ("takes 0 to 86400 seconds", "只能是 0 至 86400 秒"),
    ("the network knows no {given}", "网络没有 {given}"),
    (
        "{given} is not something that the world does: NAME(ARGUMENT=VALUE)",
        "{given} 不是外界的动作：名称(参数=值)",
    ),
    ("{given} is neither a packet nor its bytes in hexadecimal", "{given} 既不是报文也不是其十六进制字节"),
    ("{given} is not an escape; {names} are", "{given} 不是转义符；可用 {names}"),
    ("a lone backslash ends the line", "行尾只有一个反斜杠"),
    # patterns: at/pattern.py
    ("a pattern has no flags but i, s, x, a and u", "正则表达式只支持标志 i、s、x、a 和 u"),
    ("a pattern is nested too deeply", "正则表达式嵌套过深"),
    ("a pattern has no word boundaries at position {number}", "正则表达式不支持单词边界，位置 {number}"),
    (
        "a pattern has no such thing as a reference to a group at position {number}",
        "正则表达式不支持引用分组，位置 {number}",
    ),
    (
        "a pattern has no such thing as a look ahead or behind at position {number}",
        "正则表达式不支持环视，位置 {number}",
    ),
    (
        "a pattern has no such thing as {given} that gives nothing back at position {number}",
        "正则表达式不支持不回溯的分组或重复，位置 {number}",
    ),
    (
        "a pattern is too large: it comes to more than {most} characters and choices",
        "正则表达式过大：展开后超过 {most} 个字符和选择",
    ),
    # what Python says of a number and of a pattern
    ("could not convert string to float: {given}", "不是数字：{given}"),
    (
        "{given} at position {number}: {name} is the character {char} itself",
        "正则表达式有误，位置 {number}（{given}）：字符 {char} 本身写作 {name}",
    ),
    ("{given} at position {number}", "正则表达式有误，位置 {number}（{given}）"),
    ("embedded null byte", "名称含空字节"),
    # ports: ports/dial.py, ports/address.py
    ("the other end closed the port", "对方关闭了端口"),
    ("the device is gone", "设备已断开"),
    ("another program has it open and locked", "已被另一个程序打开并锁定"),
    ("no connection within {seconds} s", "{seconds} 秒内没有连接上"),
    ("nobody answers within {seconds} s", "{seconds} 秒内没有应答"),
    ("not a serial device: {inner}", "不是串口设备：{inner}"),
    ("not a serial device", "不是串口设备"),
    ("{number} bit/s is no rate that this system has", "系统不支持 {number} bit/s"),
    ("{inner}: `modemlab ports` lists what is there", "{inner}：用 `modemlab ports` 列出现有端口"),
    (
        "{inner}: its group is often dialout (sudo usermod -a -G dialout $USER, then log in again)",
        "{inner}：其用户组通常是 dialout（sudo usermod -a -G dialout $USER，然后重新登录）",
    ),
    (
        "{inner}: its group is {name} (sudo usermod -a -G {given} $USER, then log in again)",
        "{inner}：其用户组是 {name}（sudo usermod -a -G {given} $USER，然后重新登录）",
    ),
    ("port {given} is no device", "端口 {given} 不是设备"),
    (
        "port {given} cannot be opened by a host: write {names}",
        "端口 {given} 不能由主机打开：请写设备名、tcp://主机:端口 或 rfc2217://主机:端口",
    ),
    ("port {given} is of no known kind: write {names}", "端口 {given} 的类型未知：请写 {names}"),
    ("port {given} has a null character in it", "端口 {given} 含空字符"),
    ("port {given} has no TCP port: write {names}", "端口 {given} 没有 TCP 端口号：请写 {names}"),
    (
        "port {given} is not of the form {names}, an IPv6 address in brackets",
        "端口 {given} 的形式不是 {names}，IPv6 地址要加方括号",
    ),
    ("port {given} is not of the form {names}", "端口 {given} 的形式不是 {names}"),
    ("port {given} names no device: write {names}", "端口 {given} 没有设备名：请写 {names}"),
    (
        "port {given} names no link: write pty or pty:/path/of/link",
        "端口 {given} 没有链接名：请写 pty 或 pty:/path/of/link",
    ),
    ("port {given} sets {name} twice", "端口 {given} 两次设置 {name}"),
    ("port {given}: {inner}", "端口 {given}：{inner}"),
    ("TCP port {given} is not a number of {range}", "TCP 端口 {given} 不是 {range} 的数字"),
    ("baud {given} is not a number of {range}", "波特率 {given} 不是 {range} 的数字"),
    ("rtscts {given} is not 0 or 1", "rtscts {given} 不是 0 或 1"),
    ("{given} is none of its settings; they are baud and rtscts", "没有设置项 {given}；可用 baud 和 rtscts"),
    # ports/words.py, ports/dial.py
    ("the name did not resolve: check how it is written", "域名无法解析：请检查拼写"),
    (
        "{inner}: is the module running? `modemlab up` starts one",
        "{inner}：模块在运行吗？`modemlab up` 可启动一个",
    ),
    ("no connection within {number} s: check the address", "{number} 秒内未能连接：请检查地址"),
    # the command line
    ("there is no directory {name}", "没有目录 {name}"),
    ("{given} is no model; did you mean {near}? One of: {names}", "没有型号 {given}；是否指 {near}？可用的有：{names}"),
    ("{given} is no model. One of: {names}", "没有型号 {given}。可用的有：{names}"),
)
# The system's own words.
SYSTEM = {
    errno.ENOENT: "没有该文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许的操作",
    errno.EISDIR: "是一个目录",
    errno.ENOTDIR: "不是目录",
    errno.EEXIST: "文件已存在",
    errno.ENOSPC: "磁盘空间不足",
    errno.EROFS: "只读文件系统",
    errno.EIO: "输入/输出错误",
    errno.EBUSY: "设备忙",
    errno.ENODEV: "没有该设备",
    errno.ENXIO: "没有该设备",
    errno.ENOTTY: "不是终端设备",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EMFILE: "打开的文件过多",
    errno.EINVAL: "参数无效",
}
# What connections end in, by `modemlab.ports.words`.
CONNECTIONS = {
    errno.ECONNREFUSED: "该地址没有程序在监听",
    errno.EADDRINUSE: "该地址已被其他程序占用",
    errno.EADDRNOTAVAIL: "本机没有该地址",
    errno.ECONNRESET: "连接被对方重置",
    errno.ETIMEDOUT: "连接超时",
    errno.EHOSTUNREACH: "没有到主机的路由",
    errno.ENETUNREACH: "网络不可达",
    errno.EPIPE: "连接被对方关闭",
}
# Manuals by their English names, in the order in which they are looked for.
MANUALS = (
    ("AT commands manual", "AT 命令手册"),
    ("AT manual", "AT 手册"),
    ("MQTT guide", "MQTT 应用指导"),
    ("TCP/IP guide", "TCP/IP 应用指导"),
    ("HTTP(S) guide", "HTTP(S) 应用指导"),
    ("file guide", "FILE 应用指导"),
    (" and table ", " 和表 "),
)
# A reason and the place in a manual that it rests on.
PLACED = re.compile(r"(.*) \(([^()]+, [0-9A-Z][0-9.]*(?: and table [0-9]+)?)\)", re.DOTALL)
# Characters of a sentence that is looked at, and its colons.
LONGEST, MOST_COLONS = 1000, 8
# A line of a file, whose name may hold anything.
LINE = re.compile(r"(.*?: )?line ([0-9]+): (.*)", re.DOTALL)
NAMES = {
    "name": "[^<>]+",
    "number": "[0-9]+",
    "count": "[0-9]+",
    "range": ".+? to .+?",
    "values": ".+?",
    "seconds": "[0-9.]+",
}


def pattern(text: str) -> "re.Pattern[str]":
    """What a sentence looks like, its values filled in."""
    made = re.sub(r"\\\{(\w+)\\\}", lambda m: f"(?P<{m[1]}>{NAMES.get(m[1], '.+')})", re.escape(text))
    return re.compile(made, re.DOTALL)


PATTERNS = tuple((pattern(english), chinese) for english, chinese in REASONS)
SAID = {os.strerror(number): words for number, words in SYSTEM.items()} | {
    WORDS[number]: words for number, words in CONNECTIONS.items()
}


def in_chinese(text: str, word: Callable[[str], str]) -> str:
    """A sentence in Chinese, or as it is where no row is about it. `word` translates a unit.

    What stands ahead of a colon, such as a file's name, is no part of a sentence.
    """
    if len(text) > LONGEST:
        return text
    line = LINE.fullmatch(text)
    if line is not None:
        return f"{line[1] or ''}第 {line[2]} 行：{in_chinese(line[3], word)}"
    *names, last = text.split(": ", MOST_COLONS)
    for count in range(len(names) + 1):
        told = sentence(": ".join((*names[count:], last)), word)
        if told is not None:
            return ": ".join((*names[:count], told))
    return text


def sentence(text: str, word: Callable[[str], str]) -> str | None:
    """A sentence in Chinese; None where no row is about it."""
    placed = PLACED.fullmatch(text)
    if placed is not None:
        return f"{in_chinese(placed[1], word)} ({manual(placed[2])})"
    if text in SAID:
        return SAID[text]
    for made, chinese in PATTERNS:
        found = made.fullmatch(text)
        if found is not None:
            return chinese.format(**{name: value(name, given, word) for name, given in found.groupdict().items()})
    return None


def value(name: str, given: str, word: Callable[[str], str]) -> str:
    """A value of a sentence."""
    if name == "inner":
        return in_chinese(given, word)
    return span(given, word) if name == "range" else given


def span(text: str, word: Callable[[str], str]) -> str:
    """A range with its unit."""
    least, _, most = text.partition(" to ")
    most, _, unit = most.partition(" ")
    return f"{least} 至 {most}{f' {word(unit)}' if unit else ''}"


def manual(text: str) -> str:
    """A place in a manual."""
    for english, chinese in MANUALS:
        text = text.replace(english, chinese)
    return text
