"""What the module says, in words."""

from collections.abc import Iterator

import pytest

from modemlab.at.line_patterns import LinePatterns
from modemlab.at.parameters import Choice, Param
from modemlab.at.results import CME_WORDS
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import ReceivedUrc
from modemlab.dialect.registry import dialects, find_model
from modemlab.driver.protocol.digester import final_of, urcs_of
from modemlab.terminal.cursor import table
from modemlab.terminal.narration import ends, failed, say_final, say_line, say_urc
from modemlab.terminal.remedies import CODES, REMEDIES, SINGLE_CLIENT_REMEDIES, STATE, error_remedy
from modemlab.text.language import Language

LTE = find_model("EC200S-CN")[0]
NB = find_model("BC35-G")[0]
LUAT = find_model("Air724UG")[0]
ENGLISH, CHINESE = Language("en"), Language("zh")
REOPEN = "deactivate and activate the PDP context, then open again"


def heard(dialect: Dialect, line: bytes) -> ReceivedUrc:
    """The URC that a line is."""
    data = line + b"\r\n"
    shapes = LinePatterns(urcs_of(dialect))
    framed = shapes.frame(data)
    if framed is not None and framed[0]:
        return ReceivedUrc(framed[1], framed[2])
    found = shapes.find(line)
    assert found is not None, line
    return ReceivedUrc(*found)


# A dialect, a line; its words and what helps, in English and in Chinese.
EVENTS = [
    (
        LTE,
        b"+QMTSTAT: 0,1",
        (
            "The link of a client ended: client_idx 0, err_code 1 (the server closed or reset the connection)",
            "open again",
        ),
        ("客户端的链路已断开: client_idx 0, err_code 1 (连接被服务器关闭或复位)", "重新打开"),
    ),
    (
        LTE,
        b"+QMTSTAT: 2,2",
        ("The link of a client ended: client_idx 2, err_code 2 (PINGREQ timed out or failed)", REOPEN),
        (
            "客户端的链路已断开: client_idx 2, err_code 2 (发送 PINGREQ 超时或失败)",
            "先去激活、再激活 PDP 场景，然后重新打开",
        ),
    ),
    (
        LTE,
        b"+QMTOPEN: 0,3",
        (
            "The network is open, or why not: client_idx 0, result 3 (the PDP context could not be activated)",
            "check SIM, registration (AT+CEREG?) and APN, then activate the PDP context again",
        ),
        (
            "打开网络的结果: client_idx 0, result 3 (激活 PDP 失败)",
            "检查 SIM 卡、注册状态（AT+CEREG?）和 APN，然后重新激活 PDP 场景",
        ),
    ),
    (
        LTE,
        b"+QMTCONN: 0,0,4",
        (
            "The server's answer: client_idx 0, result 0 (answered), ret_code 4 (refused: user name or password)",
            "check user name, password and the clock that was used to make them; a retry does not help",
        ),
        (
            "服务器的应答: client_idx 0, result 0 (已应答), ret_code 4 (拒绝：用户名或密码)",
            "检查用户名、密码以及计算密码所用的时间；重试无效",
        ),
    ),
    (LTE, b"RDY", ("The module has started", ""), ("模块已启动", "")),
    (
        LTE,
        b"+QMTSUB: 0,7,0,1,128",
        (
            (
                "Subscribed, one value for each topic: "
                "client_idx 0, msgid 7, result 0 (sent and acknowledged), value 1, value 128"
            ),
            "",
        ),
        ("订阅结果，每个主题一个值: client_idx 0, msgid 7, result 0 (已发送并确认), value 1, value 128", ""),
    ),
    (
        NB,
        b"+QMTSTAT: 0,3",
        (
            "The link of the client ended: TCP_connectID 0, err_code 3 (CONNECT timed out or failed)",
            "check user, password and client id, then open again",
        ),
        (
            "客户端的链路已断开: TCP_connectID 0, err_code 3 (发送 CONNECT 超时或失败)",
            "检查用户名、密码和客户端标识，然后重新打开",
        ),
    ),
    (
        LUAT,
        b"CLOSED",
        ("The connection ended by itself", "connect again with AT+MIPSTART"),
        ("连接自行断开", "用 AT+MIPSTART 重新连接"),
    ),
    (
        LUAT,
        b"+PDP DEACT",
        ("The PDP context is gone", "AT+CIPSHUT, then activate the context again"),
        ("PDP 场景已断开", "先 AT+CIPSHUT，再重新激活场景"),
    ),
]


@pytest.mark.parametrize(("dialect", "line", "english", "chinese"), EVENTS)
def test_events(dialect: Dialect, line: bytes, english: tuple[str, str], chinese: tuple[str, str]) -> None:
    """Each URC by its declaration, with the remedy beside it."""
    event = heard(dialect, line)
    assert say_urc(event, ENGLISH)[:2] == english
    assert say_urc(event, CHINESE)[:2] == chinese


def test_a_message_is_set_apart() -> None:
    """A payload is no part of the words."""
    said = say_urc(heard(LTE, b'+QMTRECV: 0,1,"t",5,"a"b,c"'), ENGLISH)
    assert said == ('A message: client_idx 0, msgid 1, topic "t", payload_len 5', "", b'a"b,c')


# A dialect, the command, its result code; words and what helps.
KNOWN = "a real module: check it against that section; a virtual one: --answers FILE can answer it (docs/answers.md)"
RESULTS = [
    (LTE, "+CSQ", b"OK", "done", ""),
    (LTE, "+CPIN?", b"+CME ERROR: 10", "SIM not inserted", "insert a SIM, then restart the module or send AT+CFUN=1"),
    (
        LTE,
        "+CPIN?",
        b"+CME ERROR: SIM not inserted",
        "SIM not inserted",
        "insert a SIM, then restart the module or send AT+CFUN=1",
    ),
    (
        NB,
        "+CFUN?",
        b"+CME ERROR: 159",
        "uplink busy, flow control",
        "five messages are unacknowledged: wait for a +QMTPUB",
    ),
    (LTE, "+CPIN?", b"+CME ERROR: 9999", "refused, without a reason", ""),
    (LTE, "+CPIN?", b"ERROR", "refused, without a reason", "with AT+CMEE=2 the module gives reasons"),
    (LTE, "+QMTPUBEX=0", b"ERROR", "refused: takes 6 parameters, not 1 (MQTT guide, 3.3.8)", ""),
    (LTE, "+FOO", b"ERROR", "refused: AT+FOO is not a command of this module", ""),
    (LTE, "+QIOPEN=1,0", b"ERROR", "refused: AT+QIOPEN is known, not simulated (TCP/IP guide V1.2, 2.2.4)", KNOWN),
    (LTE, "QMTOPN", b"ERROR", "refused: ATQMTOPN is not a command of this module", "did you mean AT+QMTOPEN?"),
    (NB, "+NSOCR=1", b"+CME ERROR: 4", "operation not supported", KNOWN),
    (NB, "+QMTPUBX", b"+CME ERROR: 4", "operation not supported", "did you mean AT+QMTPUB?"),
    (NB, "+FOO", b"+CME ERROR: 4", "operation not supported", "check the name of the command and its options"),
    (
        LUAT,
        "+CIPSTART=1",
        b"ERROR",
        "refused: AT+CIPSTART is known, not simulated (Luat AT manual V1.6.3, 12.9, of the next module generation)",
        KNOWN,
    ),
    (
        LTE,
        "+QMTDISC=0",
        b"ERROR",
        "refused, without a reason",
        "the client must be connected: AT+QMTCONN? shows the states; AT+QMTCLOSE closes a client anyway",
    ),
    (LTE, "", b"ERROR", "refused, without a reason", ""),
    (LTE, "D1;", b"NO CARRIER", "the connection is over", ""),
    (LTE, "+CMGS=1", b"+CMS ERROR: 305", "short message (SMS) error 305", ""),
    (LUAT, "+CSQ", b"COMMAND NOT SUPPORT", "the module has no such command", ""),
]


@pytest.mark.parametrize(("dialect", "body", "line", "words", "helps"), RESULTS)
def test_results(dialect: Dialect, body: str, line: bytes, words: str, helps: str) -> None:
    """Each result code, and what the declarations know of a plain ERROR."""
    ended = final_of(line)
    assert ended is not None
    calls = dialect.parser(False)(body.encode())
    assert say_final(ended, calls, dialect, ENGLISH) == (words, helps, None)


def test_commands_that_are_not_declared_in_chinese() -> None:
    """Known ones with their section, others with the nearest name."""
    ended = final_of(b"ERROR")
    assert ended is not None

    def said(dialect: Dialect, body: bytes) -> tuple[str, str]:
        return say_final(ended, dialect.parser(False)(body), dialect, CHINESE)[:2]

    helps = "真实模块：请对照该章节检查；虚拟模块：可用 --answers 文件来应答（docs/answers.md）"
    assert said(LTE, b"+QIOPEN") == ("被拒绝：AT+QIOPEN 已知，未模拟（TCP/IP 应用指导 V1.2, 2.2.4）", helps)
    place = "Luat AT 手册 V1.6.3, 19.1，适用于下一代模块"
    assert said(LUAT, b"D10086;") == (f"被拒绝：ATD 已知，未模拟（{place}）", helps)
    assert said(LTE, b"+QMTPUBX") == ("被拒绝：AT+QMTPUBX 不是此模块的命令", "是不是 AT+QMTPUBEX？")


ANSWERS = [
    ("+CSQ", b"+CSQ: 24,99", "Signal quality: rssi 24, ber 99"),
    ("+CEREG?", b"+CEREG: 0,3", "Registration for EPS: n 0 (not reported), stat 3 (registration denied)"),
    (
        '+QMTCFG="recv/mode",0',
        b'+QMTCFG: "recv/mode",1,0',
        (
            "How messages are reported: "
            "msg_recv_mode 1 (stored, the URC gives the slot), msg_len_enable 0 (without length)"
        ),
    ),
    ("+QMTCONN?", b"+QMTCONN: 0,3", "Connect to the MQTT server: client_idx 0, state 3 (connected)"),
    ("+CSQ", b"something else", ""),
    ("I", b"Quectel", ""),
    ("+FOO?", b"+FOO: 1", ""),
]


@pytest.mark.parametrize(("body", "line", "words"), ANSWERS)
def test_answers(body: str, line: bytes, words: str) -> None:
    """A line of information by the declaration of its command."""
    assert say_line(line, LTE.parser(False)(body.encode()), ENGLISH).words == words


def test_which_results_end_and_fail() -> None:
    """A repeat is no end; a result that is not 0 is a failure."""
    lines = (b"+QMTPUBEX: 0,1,1,2", b"+QMTPUBEX: 0,1,0", b"+QMTPUBEX: 0,1,2", b"+QMTCONN: 0,0,5", b"+QMTOPEN: 0,-1")
    assert [ends(heard(LTE, line)) for line in lines] == [False, True, True, True, True]
    assert [failed(heard(LTE, line)) for line in lines] == [True, False, True, True, True]


def values_of(dialect: Dialect) -> Iterator[tuple[str, str, int | None]]:
    """Each value that a command or URC of a dialect declares with its meaning, and each URC that has no values."""
    declared: list[tuple[str, tuple[Param, ...]]] = [(urc.name, urc.params) for urc in urcs_of(dialect)]
    declared += [(each.name, (*(each.read or ()), *(each.execute or ()))) for each in table(dialect).values()]
    for name, params in declared:
        if not params:
            yield name, "", None
        for param in params:
            if isinstance(param, Choice):
                yield from ((name, param.name, value) for value in param.values)


def test_remedies_are_for_something() -> None:
    """Each is for a value that a declaration, or a code that a table of errors has."""
    known = {each for dialect in dialects() for each in values_of(dialect)}
    assert {*REMEDIES, *SINGLE_CLIENT_REMEDIES} - known == set()
    codes = {"": set(CME_WORDS), **{dialect.name: set(dialect.errors) for dialect in dialects()}}
    for helps in (CODES, STATE):
        assert {name: set(each) - codes[name] for name, each in helps.items()} == {name: set() for name in helps}


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("quectel_nb", 310, "插入 SIM 卡，再重启模块或 AT+CFUN=1"),
        ("quectel_nb", 10, "插入 SIM 卡，再重启模块或 AT+CFUN=1"),
        ("quectel_lte", 310, ""),
        ("luat", 62, "AT+FSCREATE 创建文件"),
        ("luat", None, ""),
    ],
)
def test_the_remedy_of_a_code(name: str, code: int | None, said: str) -> None:
    """Of the dialect's own codes, and of those of 27.007."""
    (dialect,) = (each for each in dialects() if each.name == name)
    assert error_remedy(code, "zh", dialect) == said
