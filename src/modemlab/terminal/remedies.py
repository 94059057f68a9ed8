"""What helps, by the command at hand and by what its result means, in words of the dialect's own commands.

Where a manual's table has a remedy it stands in the declaration. Meanings are looked up whatever their case.
"""

import re
from collections.abc import Mapping

from modemlab.at.command import SUFFIXES, Kind
from modemlab.at.syntax import Call
from modemlab.dialect.dialect import Dialect
from modemlab.terminal.command_remedies import STATES
from modemlab.terminal.cursor import table

# A command that a remedy names.
NAMED = re.compile(r"AT([+&][A-Z]+)")
# Of wrong parameters; the name is that of the command at hand.
VALUES = ("check the values against the test form, AT<name>=?", "用测试命令 AT<name>=? 核对参数")
# Meanings by which a module says that the state is against a command: then `STATES` knows what helps.
STATE = frozenset(
    (
        "operation not allowed",
        "operation failed",
        "exe_fail",
        "the cid is active",
        "the cid is not defined",
        "the cid is not active",
        "the last active cid cannot be deactivated",
        "wrong state for the command",
        "invalid date or time",
    )
)
# Meaning in lower case: the remedy in English and in Chinese.
REMEDIES: Mapping[str, tuple[str, str]] = {
    # an MQTT client's network
    "the network could not be opened": (
        "check the server's address and port, and with TLS its certificates, then open again",
        "检查服务器地址和端口，用 TLS 时检查证书，然后重新打开",
    ),
    "wrong parameter": ("check the values against AT+QMTOPEN=?", "对照 AT+QMTOPEN=? 检查参数"),
    "the client is occupied": (
        "close it first (AT+QMTCLOSE=<client_idx>), or use another client",
        "先关闭该客户端（AT+QMTCLOSE=<client_idx>），或换一个客户端",
    ),
    "the pdp context could not be activated": (
        "check SIM, registration (AT+CEREG?) and APN, then activate the PDP context again",
        "检查 SIM 卡、注册状态（AT+CEREG?）和 APN，然后重新激活 PDP 场景",
    ),
    "the name could not be resolved": (
        "check the server's name and the DNS servers, or use its address",
        "检查域名和 DNS 服务器，或直接使用 IP 地址",
    ),
    "the network went away": (
        "deactivate and activate the PDP context, then open again",
        "去激活并重新激活 PDP 场景，然后重新打开",
    ),
    "not disconnected": ("AT+QMTCLOSE closes the client all the same", "仍可用 AT+QMTCLOSE 关闭客户端"),
    "not delivered": (
        "the server did not answer: check the link (AT+QMTCONN?), then publish or subscribe again",
        "服务器没有应答：检查连接（AT+QMTCONN?），然后重新发布或订阅",
    ),
    "no answer": ("check the address and whether it is an MQTT server", "检查地址，确认对方是 MQTT 服务器"),
    "refused: protocol version": (
        'choose another version (AT+QMTCFG="version"); no retry mends it',
        '更换协议版本（AT+QMTCFG="version"）；重试无效',
    ),
    "refused: client id": ("use another client id; no retry mends it", "更换客户端标识；重试无效"),
    "refused: server unavailable": ("wait, then connect again", "稍后重新连接"),
    "refused: user name or password": (
        "check user name, password and the clock they are made with; no retry mends it",
        "检查用户名、密码以及计算密码所用的时间；重试无效",
    ),
    "refused: not authorized": (
        "have the platform allow this device; no retry mends it",
        "请在平台上授权该设备；重试无效",
    ),
    # Luat's words
    "the connection could not be made": (
        "check address and port, and the network (AT+CGATT?), then AT+MIPSTART again",
        "检查地址、端口和网络（AT+CGATT?），然后重新 AT+MIPSTART",
    ),
    "there is a connection already": ("AT+MIPCLOSE closes it", "先用 AT+MIPCLOSE 关闭"),
    "the connection ended by itself": ("connect again with AT+MIPSTART", "用 AT+MIPSTART 重新连接"),
    "the server has refused, or did not answer": (
        "check user name, password and client id (AT+MCONFIG)",
        "检查用户名、密码和客户端标识（AT+MCONFIG）",
    ),
    "the pdp context is gone": (
        "AT+CIPSHUT, then activate the context again",
        "先 AT+CIPSHUT，再重新激活场景",
    ),
    # registration
    "not registered, not searching": (
        "switch the radio on (AT+CFUN=1) and have it register (AT+COPS=0)",
        "打开射频（AT+CFUN=1）并自动注册（AT+COPS=0）",
    ),
    "not registered, searching": ("wait; check antenna and signal (AT+CSQ)", "请等待；检查天线和信号（AT+CSQ）"),
    "registration denied": (
        "have the operator check the SIM and its tariff",
        "请运营商检查 SIM 卡及其套餐",
    ),
    # +CME ERROR
    "operation not supported": ("check the name of the command and its options", "检查命令名和选项"),
    "sim not inserted": ("put a SIM in, then restart the module or AT+CFUN=1", "插入 SIM 卡，再重启模块或 AT+CFUN=1"),
    "sim pin required": ("AT+CPIN=<pin>", "AT+CPIN=<pin>"),
    "sim puk required": ("AT+CPIN=<puk>,<new pin>", "AT+CPIN=<puk>,<新 PIN>"),
    "sim failure": ("clean the contacts, or try another SIM", "清洁触点，或换一张 SIM 卡"),
    "sim busy": ("wait a second, then try again", "等待片刻后重试"),
    "sim wrong": ("use the SIM that the module is bound to", "使用与模块绑定的 SIM 卡"),
    "incorrect password": ("check it: three wrong PINs lock the SIM", "请核对：PIN 错三次会锁卡"),
    "memory full": ("delete what is not needed", "删除不需要的内容"),
    "no network service": (
        "check antenna, signal (AT+CSQ) and registration (AT+CEREG?)",
        "检查天线、信号（AT+CSQ）和注册状态（AT+CEREG?）",
    ),
    "network timeout": ("try again; check signal and registration", "重试；检查信号和注册状态"),
    "incorrect parameters": VALUES,
    "parameters are invalid": VALUES,
    "invalid parameter": VALUES,
    "invalid input value": VALUES,
    "pdp authentication failure": ("check the APN's user name and password", "检查 APN 的用户名和密码"),
    "requested service option not subscribed": (
        "have the operator enable data, check the APN",
        "请运营商开通数据业务，检查 APN",
    ),
    # files
    "file already exists": ("AT+QFDEL deletes it, or take another name", "用 AT+QFDEL 删除，或换一个名字"),
    "file already opened": (
        "AT+QFOPEN? shows the files that are open, AT+QFCLOSE closes one",
        "AT+QFOPEN? 显示已打开的文件，AT+QFCLOSE 关闭文件",
    ),
    "reach the max number of file allowed to be opened": (
        "AT+QFOPEN? shows the files that are open, AT+QFCLOSE closes one",
        "AT+QFOPEN? 显示已打开的文件，AT+QFCLOSE 关闭文件",
    ),
    "invalid file descriptor": (
        "AT+QFOPEN? shows the files that are open, with their handles",
        "AT+QFOPEN? 显示已打开的文件及其句柄",
    ),
    "the file read-only": ("open it in another mode (AT+QFOPEN)", "用其他模式打开（AT+QFOPEN）"),
    "read zero byte": ("the file ends here: AT+QFSEEK moves the position", "已到文件末尾：AT+QFSEEK 可移动位置"),
    "larger than the size of the file": ("AT+QFLST shows its size", "AT+QFLST 显示文件大小"),
    "drive full": (
        "AT+QFLDS shows what is free, AT+QFDEL deletes files",
        "AT+QFLDS 显示剩余空间，AT+QFDEL 删除文件",
    ),
    "file too large": ("AT+QFLDS shows what is free", "AT+QFLDS 显示剩余空间"),
    "time out": (
        "the data came too late, or too little of it: :send FILE sends all at once",
        "数据来得太晚或不足：:send 文件 可一次发完",
    ),
    "file not exist": ("AT+FSCREATE makes the file", "AT+FSCREATE 创建文件"),
    "no memory": ("AT+FSMEM shows what is free, AT+FSDEL deletes files", "AT+FSMEM 显示剩余空间，AT+FSDEL 删除文件"),
    "file not found": ("AT+QFLST lists the files", "AT+QFLST 列出文件"),
    "no space": ("AT+QFDEL deletes files", "用 AT+QFDEL 删除文件"),
    "minimum functionality (at+cfun=0)": ("AT+CFUN=1", "AT+CFUN=1"),
    "uplink busy, flow control": (
        "five messages are unacknowledged: wait for a +QMTPUB",
        "已有五条消息未确认：等待 +QMTPUB",
    ),
}
# The same things under other names.
OTHERWISE = {
    "usim not inserted": "sim not inserted",
    "usim pin required": "sim pin required",
    "usim puk required": "sim puk required",
    "usim failure": "sim failure",
    "usim busy": "sim busy",
    "usim wrong": "sim wrong",
    "network time-out": "network timeout",
    "pin needed": "sim pin required",
    "cfun state is 0 or 4": "minimum functionality (at+cfun=0)",
    "no answer in time": "no answer",
}


# What a result means for one command alone, by the command's name and the meaning.
SPECIAL: Mapping[tuple[str, str], tuple[str, str]] = {
    ("+QMTTENAUTH", "no answer in time"): (
        "check the address and the network, then ask again",
        "检查地址和网络，然后重试",
    ),
}
# What helps where there is one client alone.
ALONE: Mapping[str, tuple[str, str]] = {
    "the client is occupied": ("close it first (AT+QMTCLOSE=0)", "先关闭它（AT+QMTCLOSE=0）"),
}


def remedy(meaning: str, language: str, dialect: Dialect | None = None, name: str = "") -> str:
    """What helps against what a result of that command or URC means; "" where nothing is known, or where it takes
    commands that the dialect lacks.
    """
    key = meaning.lower()
    alone = dialect is not None and dialect.recipes is not None and dialect.recipes.clients == 1
    found = SPECIAL.get((name, key)) or (ALONE.get(key) if alone else None) or REMEDIES.get(OTHERWISE.get(key, key))
    if found is VALUES and (dialect is None or not tested(dialect, name)):
        return ""
    return "" if found is None or not has(dialect, found[0]) else in_words(found, language, name)


def refusal_remedy(calls: tuple[Call, ...], dialect: Dialect, language: str, meaning: str = "") -> str:
    """What helps against a refusal of these commands, by a plain ERROR or with that meaning; "" where nothing is known.

    Of several commands in a line nothing tells which one was refused.
    """
    named = [(call.command, call.form) for call in calls if call.command is not None]
    if len(calls) != 1 or not named:
        return "" if not meaning or meaning.lower() in STATE else remedy(meaning, language, dialect)
    command, form = named[0]
    if meaning and meaning.lower() not in STATE:
        return remedy(meaning, language, dialect, command.name)
    kind = Kind.EXECUTE if form is None else form.kind
    helps = STATES.get(f"{command.name}{SUFFIXES[kind]}", ())
    found = next((each for each in helps if has(dialect, each[0])), None)
    return "" if found is None else in_words(found, language, command.name)


def has(dialect: Dialect | None, text: str) -> bool:
    """Whether a module of the dialect has the commands that a remedy names."""
    known = None if dialect is None else table(dialect)
    return known is None or all(name in known for name in NAMED.findall(text))


def tested(dialect: Dialect, name: str) -> bool:
    """Whether the test form of a command says anything."""
    command = table(dialect).get(name)
    return command is not None and not command.basic and bool(command.test_lines())


def in_words(found: tuple[str, str], language: str, name: str) -> str:
    """A remedy in that language, for that command."""
    return found[language == "zh"].replace("<name>", name)
