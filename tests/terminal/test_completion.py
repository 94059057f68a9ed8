"""What the terminal offers and explains while a line is being typed."""

import pytest

from modemlab.dialect.registry import find_model
from modemlab.terminal.completion import common, complete
from modemlab.terminal.cursor import missing_length, place
from modemlab.terminal.explanation import explain
from modemlab.text.language import Language

LTE = find_model("EC200S-CN")[0]
NB = find_model("BC35-G")[0]
LUAT = find_model("Air724UG")[0]
ENGLISH, CHINESE = Language("en"), Language("zh")

# What is typed, with | where the cursor is; what it may become, of many the first ones.
OFFERED = [
    ("AT+QMTO|", ["AT+QMTOPEN"]),
    ("at+qmtc|", ["at+QMTCFG", "at+QMTCLOSE", "at+QMTCONN"]),
    ("+qmtd|", ["AT+QMTDISC"]),
    ("qmtd|", ["AT+QMTDISC"]),
    ("AT+QMTOPEN|", ["AT+QMTOPEN=", "AT+QMTOPEN?", "AT+QMTOPEN=?"]),
    ("AT+CREG|", ["AT+CREG=", "AT+CREG?", "AT+CREG=?"]),
    ("AT+CSQ;+QMTDI|", ["AT+CSQ;+QMTDISC"]),
    ("AT&|", ["AT&C", "AT&D", "AT&F", "AT&W", "AT&V"]),
    ('AT+QMTCFG="re|', ['AT+QMTCFG="recv/mode",']),
    ("AT+QMTCFG=re|", ['AT+QMTCFG="recv/mode",']),
    ('AT+QMTCFG="recv/mode",0,|', ['AT+QMTCFG="recv/mode",0,0', 'AT+QMTCFG="recv/mode",0,1']),
    ('AT+QMTCFG="session",0,1|', []),
    ("AT+QMTPUBEX=0,1,|", ["AT+QMTPUBEX=0,1,0,", "AT+QMTPUBEX=0,1,1,", "AT+QMTPUBEX=0,1,2,"]),
    ('AT+QMTSUB=0,1,"a",1,"b",|', [f'AT+QMTSUB=0,1,"a",1,"b",{qos}' for qos in (0, 1, 2)]),
    ("AT+QMTO|PEN=0", ["AT+QMTOPEN"]),
    ("ATE|", []),
    ("AT+NOSUCH=|", []),
    ("AT+QMTOPEN=0,1,2,3,4|", []),
    ('AT+QMTCFG="nosuch",|', []),
    ("hello there|", []),
    ("|", []),
]


@pytest.mark.parametrize(("typed", "offered"), OFFERED)
def test_candidates(typed: str, offered: list[str]) -> None:
    """The declarations' names, forms, options and values, by the place of the cursor."""
    assert [c.text for c in complete(LTE, typed.replace("|", ""), typed.index("|"))] == offered


def test_what_candidates_have_in_common() -> None:
    """That far a first Tab goes."""
    assert common(complete(LTE, "AT+QMTC", 7)) == "AT+QMTC"
    assert common(complete(LTE, "AT+QMTPUBE", 10)) == "AT+QMTPUBEX"
    assert common([]) == ""


# What is typed; the form, the part of it under the cursor, the command's line, the parameter's line.
EXPLAINED = [
    (
        'AT+QMTOPEN=0,"a",|',
        ("AT+QMTOPEN=<client_idx>,<host_name>,<port>", "<port>"),
        "Open the network of an MQTT client (MQTT guide, 3.3.2)",
        "<port>  1 to 65535  Port of the server",
    ),
    (
        "AT+QMTPUBEX=0,1,1,|1",
        ("AT+QMTPUBEX=<client_idx>,<msgid>,<qos>,<retain>,<topic>,<length>", "<retain>"),
        "Publish a message (MQTT guide, 3.3.8)",
        "<retain>  0: not retained; 1: retained; default 0",
    ),
    (
        'AT+QMTCFG="keepalive",0,|',
        ('AT+QMTCFG="keepalive",<client_idx>[,<keep_alive_time>]', "<keep_alive_time>"),
        "Keep alive (MQTT guide, 3.3.1)",
        "<keep_alive_time>  0 to 3600 s; default 120  0: none",
    ),
    (
        'AT+QMTPUBEX=0,1,1,0,"a,""b",|',
        ("AT+QMTPUBEX=<client_idx>,<msgid>,<qos>,<retain>,<topic>,<length>", "<length>"),
        "Publish a message (MQTT guide, 3.3.8)",
        (
            "<length>  0 to 1500 bytes; leave it out after its comma: you are asked for the message, "
            "and its length is filled in  Length of the message in bytes"
        ),
    ),
    (
        'AT+QMTSUB=0,1,"a",1,"b|',
        ("AT+QMTSUB=<client_idx>,<msgid>,<topic>,<qos>[,<topic>,<qos>]...", "<topic>"),
        "Subscribe to topics (MQTT guide, 3.3.6)",
        "<topic>  1 to 256 bytes  Topic",
    ),
    (
        "AT+QMTDISC|",
        ("AT+QMTDISC=<client_idx>", ""),
        "Disconnect from the MQTT server (MQTT guide, 3.3.5)",
        "answers within 30 s",
    ),
    ("AT+QMTCONN?|", ("AT+QMTCONN?", ""), "Connect to the MQTT server (MQTT guide, 3.3.4)", "answers within 5 s"),
    (
        "AT+QMTDISC=0,1|",
        ("AT+QMTDISC=<client_idx>", ""),
        "Disconnect from the MQTT server (MQTT guide, 3.3.5)",
        "the command takes no more parameters",
    ),
    (
        "ATE1|",
        ("ATE<value>", "<value>"),
        "Echo of what the host types (AT commands manual V1.1, 2.16)",
        "<value>  0: off; 1: on; default 1",
    ),
    (
        "AT+QIOPEN=1,|",
        ("AT+QIOPEN", ""),
        "known, not simulated (TCP/IP guide V1.2, 2.2.4)",
        "a real module: check it against that section; a virtual one: --answers FILE can answer it (docs/answers.md)",
    ),
    (
        "AT+CSQ;+CMGF|",
        ("AT+CMGF", ""),
        "known, not simulated (AT commands manual V1.1, 8.2)",
        "a real module: check it against that section; a virtual one: --answers FILE can answer it (docs/answers.md)",
    ),
    (
        "AT+QMTOPNE=|",
        ("AT+QMTOPNE", ""),
        "not a command of Quectel EC200x, EC600x and EG912Y",
        "near it are AT+QMTOPEN, AT+QMTCONN, AT+QMTPUBEX, AT+QMTCLOSE",
    ),
]


@pytest.mark.parametrize(("typed", "form", "about", "detail"), EXPLAINED)
def test_explanation(typed: str, form: tuple[str, str], about: str, detail: str) -> None:
    """The command as its manual writes it, the parameter under the cursor, its range, default and meaning."""
    told = explain(LTE, typed.replace("|", ""), typed.index("|"), ENGLISH)
    assert told is not None
    begin, end = told.mark
    assert ((told.typed, told.typed[begin:end]), told.about, told.detail) == (form, about, detail)


def test_explanation_in_chinese() -> None:
    """The words are Chinese, the names those of the manual."""
    typed = "AT+QMTPUBEX=0,1,1,"
    told = explain(LTE, typed, len(typed), CHINESE)
    assert told is not None
    assert (told.about, told.detail) == ("发布消息 (MQTT 应用指导, 3.3.8)", "<retain>  0: 不保留; 1: 保留; 默认 0")


@pytest.mark.parametrize("typed", ["", "hello", ":help", "AT", "AT+Q", "AT+QIOP", '"'])
def test_nothing_to_explain(typed: str) -> None:
    """Text that is no command line, and a name that may become one."""
    assert explain(LTE, typed, len(typed), ENGLISH) is None


# A command that lacks the length of what follows it.
LACKING = [
    (LTE, 'AT+QMTPUBEX=0,1,1,0,"a",', "length"),
    (LTE, 'AT+QMTPUBEX=0,1,1,0,"a,b", ', "length"),
    (LTE, 'AT+QMTCFG="willex",0,1,0,0,"w",', "will_len"),
    (LTE, 'AT+QFUPL="ca.pem",', "file_size"),
    (NB, 'AT+QMTPUB=0,1,1,0,"a",', "len"),
    (LUAT, 'AT+MPUBEX="a",0,0,', "len"),
    (LTE, 'AT+QMTPUBEX=0,1,1,0,"a",5', None),
    (LTE, 'AT+QMTPUBEX=0,1,1,0,"a"', None),
    (LTE, 'AT+QMTPUBEX=0,1,1,0,"a', None),
    (LTE, 'AT+QMTOPEN=0,"a",', None),
    (LTE, "AT+QFREAD=1,", None),
    (LTE, "hello,", None),
]


@pytest.mark.parametrize(("dialect", "typed", "name"), LACKING)
def test_a_length_that_is_left_out(dialect: object, typed: str, name: str | None) -> None:
    """It is missing where the line ends in the comma ahead of it; a length of what is read is none."""
    param = missing_length(dialect, typed)  # type: ignore[arg-type]
    assert (None if param is None else param.name) == name


def test_every_prefix_of_a_line_has_a_place_or_none() -> None:
    """Nothing that is typed is an error, wherever the cursor is."""
    line = 'AT+QMTCFG="will",0,1,1,0,"a;b,c","gone";+CSQ;E1;&F;S3=13;+QMTSUB=0,1,"x",2'
    for typed in (line, line.replace('"', ""), line.replace(",", '",'), line[::-1], f"AT{line[::-1]}"):
        for end in range(len(typed) + 1):
            for dialect in (LTE, NB, LUAT):
                place(dialect, typed, end)
                complete(dialect, typed, end)
                explain(dialect, typed, end, CHINESE)
