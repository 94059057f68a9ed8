"""What is said of quoted strings that a quote inside them has ended, and of those that no quote ends."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from modemlab.at.command import ArgumentPlan
from modemlab.at.parameters import Param, Text
from modemlab.at.quoting import Cut, leads_to_secret, with_cut, with_open
from modemlab.dialect.registry import find_model
from modemlab.text.reason import Sentence

LTE, NB, LUAT = "EC200S-CN", "BC35-G", "Air724UG"
ENDS = ": a quote ends a text where a comma or semicolon follows"
WILLEX = f'{ENDS}, but AT+QMTCFG="willex" takes any text'
ESCAPE = r": inside, write \22 for a quote"


def reason_of(model: str, line: str | bytes) -> str:
    """Why the last command of a line is refused, before anything of it is masked."""
    data = line if isinstance(line, bytes) else line.encode()
    refused = find_model(model)[0].parser(False)(data[2:])[-1].refused
    assert refused is not None
    return str(refused.reason)


# The line, what the reason begins with, and what is said of the quote.
CUTS = [
    (
        LTE,
        'AT+QMTCFG="will",0,1,0,0,"t","{"a":"x","b":2}"',
        "takes 1 to 6 parameters, not 7",
        f"""; the quote before ',"b":2}}"' ended <willmessage>, whose value is now '{{"a":"x'{WILLEX}""",
    ),
    (
        LTE,
        'AT+QMTCFG = "WILL" , 0,1,0,0, "t" , "{"a":"x" , "b":"y","c":2}" ',
        "takes 1 to 6 parameters, not 8",
        f"""; the quote before ', "b":"y","c":2}}" ' ended <willmessage>, whose value is now '{{"a":"x'{WILLEX}""",
    ),
    (
        LTE,
        'AT+QMTCFG="will",0,1,0,0,"t","{"a":","}"',
        "takes 1 to 6 parameters, not 7",
        f"""; the quote before ',"}}"' ended <willmessage>, whose value is now '{{"a":'{WILLEX}""",
    ),
    (
        LTE,
        'AT+QMTCFG="will",0,1,0,0,"t"a",b","m"',
        "takes 1 to 6 parameters, not 7",
        f"""; the quote before ',b","m"' ended <willtopic>, whose value is now 't"a'{ENDS}""",
    ),
    (
        LTE,
        'AT+QMTCFG="willex",0,1,0,0,"t"a",b",5',
        "takes 1 to 6 parameters, not 7",
        f"""; the quote before ',b",5' ended <willtopic>, whose value is now 't"a'{ENDS}""",
    ),
    (
        LTE,
        'AT+QMTSUB=0,1,"t"a","b",1',
        "takes 1 to 1024 times <topic>,<qos>, not 3 parameters",
        f"""; the quote before ',"b",1' ended <topic>, whose value is now 't"a'{ENDS}""",
    ),
    (
        LTE,
        'AT+QMTSUB=0,1,"u",0,"t"a","b"',
        "<qos> is a number from 0 to 2, not 'b'",
        f"""; the quote before ',"b"' ended <topic>, whose value is now 't"a'{ENDS}""",
    ),
    (
        LTE,
        'AT+QMTPUBEX=0,1,1,0,"t"a","b",5',
        "takes 6 parameters, not 7",
        f"""; the quote before ',"b",5' ended <topic>, whose value is now 't"a'{ENDS}""",
    ),
    (
        LTE,
        'AT+QFUPL="a"b","c",1000,5,0,0',
        "takes 1 to 4 parameters, not 6",
        f"""; the quote before ',"c",1000,5,0,0' ended <filename>, whose value is now 'a"b'{ENDS}""",
    ),
    (
        NB,
        'AT+QMTCFG="will",0,1,0,0,"t","{"a":"x","b":2}"',
        "takes 1 to 6 parameters, not 7",
        f"""; the quote before ',"b":2}}"' ended <will_msg>, whose value is now '{{"a":"x'{ENDS}""",
    ),
    (
        LUAT,
        'AT+MCONFIG="i","u","p",0,0,"t","{"a":"x","b":2}"',
        "takes 1 to 7 parameters, not 8",
        f"""; the quote before ',"b":2}}"' ended <will_message>, whose value is now '{{"a":"x'{ESCAPE}""",
    ),
    (
        LUAT,
        'AT+MSUB="t"a","b",1',
        "takes 2 parameters, not 3",
        f"""; the quote before ',"b",1' ended <topic>, whose value is now 't"a'{ENDS}""",
    ),
    # nothing was cut
    (LTE, 'AT+QMTCFG="will",0,1,0,0,"t","{"a":1,"b":2}",5', "takes 1 to 6 parameters, not 7", ""),
    (LTE, 'AT+QMTPUBEX=0,1,1,0,"a"b",x', "<length> is a number from 0 to 1500 bytes, not 'x'", ""),
    (LTE, 'AT+QMTSUB=0,1,"a","b"', "<qos> is a number from 0 to 2, not 'b'", ""),
    (LTE, "AT+QMTOPEN=0,h,1,2", "takes 3 parameters, not 4", ""),
]


@pytest.mark.parametrize(("model", "line", "reason", "cut"), CUTS)
def test_what_cut_it(model: str, line: str, reason: str, cut: str) -> None:
    """Which parameter ended where, what it took, and what to do; nothing where no quote may have done it."""
    told = reason_of(model, line)
    assert told.startswith(f"{reason}{cut}")
    assert ("the quote before" in told) is bool(cut)


def test_long_texts_are_cut_short() -> None:
    """Of both, the beginning."""
    told = reason_of(LTE, b'AT+QMTCFG="will",0,1,0,0,"t","%b"x","%b"' % (b"a" * 100, b"b" * 100))
    assert f"before ',\"{'b' * 18}' ended <willmessage>, whose value is now '{'a' * 40}'" in told


def test_a_semicolon_may_have_been_one_of_the_text() -> None:
    """The command ahead of it is done, as the line has it; what follows says what may have cut it."""
    begin = 'AT+QMTCFG="will",0,1,0,0,"t",'
    assert reason_of(LTE, f'{begin}"say "a"; then"') == (
        "'then\"' is not a command of this module; the quote before ';then\"' ended <willmessage>, "
        f"whose value is now 'say \"a'{WILLEX}"
    )
    assert reason_of(LTE, f'{begin}"say "a";+CSQ"') == (
        "'\"' follows where the command should end (AT commands manual V1.1, 6.3); the quote before "
        f"';+CSQ\"' ended <willmessage>, whose value is now 'say \"a'{WILLEX}"
    )
    assert reason_of(LTE, f'{begin}"m";+QMTOPN="x"') == "AT+QMTOPN is not a command of this module"


OPEN = [
    (LTE, 'AT+QMTUNS=0,1,"id,x', "it is <topic>, and begins with '\"id,x'"),
    (LTE, 'AT+QMTCONN=0,"id,x', "it is <clientid>, and begins with '"),
    (LTE, 'AT+QMTOPEN=0, "h"x,1883', "it is <host_name>, and begins with '\"h\"x,1883'"),
    (LTE, 'AT+QMTCFG="will",0,1,0,0,"t","m"x', "it is <willmessage>, and begins with '\"m\"x'"),
    (LTE, 'AT+QMTSUB=0,1,"a",1,"b', "it is <topic>, and begins with '\"b'"),
    (LUAT, 'AT+MPUB="t",0,0,"a,b', "it is <message>, and begins with '\"a,b'"),
    (NB, 'AT+QMTUNS=0,1,"i"x', "it is <topic>, and begins with '\"i\"x'"),
]


@pytest.mark.parametrize(("model", "line", "said"), OPEN)
def test_what_is_not_closed(model: str, line: str, said: str) -> None:
    """Which parameter it is, and where it begins."""
    told = reason_of(model, line)
    assert f"a quoted string is not closed {'at' if model == LUAT else 'before a comma or'}" in told
    assert said in told


@pytest.mark.parametrize("line", ['AT+QMTCFG="will', 'AT+QMTCFG="nosuch","a', 'AT+QMTDISC=0,"a'])
def test_what_is_not_closed_and_has_no_name(line: str) -> None:
    """An option, what is behind an unknown one, and what is too much."""
    told = reason_of(LTE, line)
    assert "a quoted string is not closed before a comma or the end of the line (" in told


NO = Sentence("no")


def secret(name: str) -> Param:
    """A parameter that is secret."""
    return cast(Param, SimpleNamespace(name=name, secret=True))


def test_nothing_of_a_secret_is_shown() -> None:
    """Neither of a secret itself, nor of what stands ahead of one, whose quotes may hold it."""
    plan = ArgumentPlan((Text("user"), secret("key"), Text("note")), (0, 0, 0), None, 3)
    assert [leads_to_secret(plan, position) for position in range(4)] == [True, True, False, False]
    told: Any = with_cut(NO, Cut(secret("key"), 'p"a', ',"b"', True))
    assert str(told) == f"no; the quote before '...' ended <key>, whose value is now '...'{ENDS}"
    assert str(with_open(NO, plan, 0, '"hush')) == "no; it is <user>, and begins with '...'"
    assert str(with_open(NO, plan, 2, '"hush')) == "no; it is <note>, and begins with '\"hush'"
    assert with_open(NO, plan, 3, '"hush') == NO
