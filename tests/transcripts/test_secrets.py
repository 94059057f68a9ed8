"""Where secrets are found in command lines, and what is left of lines without them."""

import random

import pytest

from modemlab.at.command import Command, FormKind
from modemlab.at.parameters import Text
from modemlab.dialect.registry import dialects
from modemlab.text.name_suggestions import distance
from modemlab.text.reason import Sentence
from modemlab.transcripts.known_commands import vocabulary
from modemlab.transcripts.masking import NAMED_SECRET, Masks
from modemlab.transcripts.secrets import is_secret, params_of
from support.secret_lines import LINES, PASSWORD, PIN, mutated

# A line, and what is shown of it.
SHOWN = [
    ('AT+QMTCONN=0,"id","user","pass"', 'AT+QMTCONN=0,"id","user","****"'),
    ('AT+QMTCON=0,"id","user","pw"', 'AT+QMTCON=0,"**","****","**"'),
    ('AT+QMTCONN=0,"id","pw"', 'AT+QMTCONN=0,"id","**"'),
    ('AT+QMTCONN=0,"id"', 'AT+QMTCONN=0,"id"'),
    ("AT+CSQ;+CPIN=1234", "AT+CSQ;+CPIN=****"),
    ("AT+CPIN1234", "AT+CPIN****"),
    ('AT+QMTCFG="colour",0', 'AT+QMTCFG="colour",0'),
    ('AT+QMTCFG="aliath",0,"a","b","c"', 'AT+QMTCFG="aliath",0,"*","*","*"'),
    ('AT+QCFG="aliath",0,"a","b","c"', 'AT+QCFG="******",*,"*","*","*"'),
    ('AT+QCFG=0,"urc/ri/ring","word"', 'AT+QCFG=0,"***********","****"'),
    ('AT+CLCK="SC",1,"1234"', 'AT+CLCK="SC",1,"****"'),
    ('AT+CLKC="SC",1,"1234"', 'AT+CLKC="SC",*,"****"'),
    ('AT+QMTCON=0,"id";+CSQ;+CREG?', 'AT+QMTCON=0,"**";+CSQ;+CREG?'),
    ("AT+CPNI=1234;+CSQ;+CPNI=5678", "AT+CPNI=****;+CSQ;+CPNI=****"),
    ('AT+QFTPCFG="account","user","word"', 'AT+QFTPCFG="*******","****","****"'),
    ('AT+FTPPW="word"', 'AT+FTPPW="****"'),
    ('AT+SAPBR=3,1,"PWD","word"', 'AT+SAPBR=3,1,"PWD","****"'),
    ('AT^SICS=1,"passwd","word"', 'AT^SICS=1,"passwd","****"'),
    ('AT+CSQ;+SMCONF="PASSWORD","wo', 'AT+CSQ;+SMCONF="PASSWORD","**'),
    ('AT+CSQ+QMTCONN=0,"id","user","word"', 'AT+CSQ+QMTCONN=0,"id","user","****"'),
    ("AT+QMTOPEN?+CPIN=1234", "AT+QMTOPEN?+CPIN=****"),
    # Lines that have none.
    ('AT+SAPBR=3,1,"APN","CMNET"', None),
    ('AT+QMTSUB=0,1,"token",0,"token","x"', None),
    ('AT+QMTCFG="will",0,1,0,0,"token","gone"', None),
    ('AT+QICFG="tcp/keepalive",1,120', None),
    ('AT+QCFG="urc/ri/ring","pulse",120', None),
    ('AT+QSSLCFG="alpn",0,"mqtt"', None),
    ('AT+CSQ;+QCFG="urc/ri/ring","pulse",120', None),
    ("AT+CGPIO=1,200", None),
    ('AT+CPBS="SM"', None),
    ("AT+CLIP=1", None),
    ("AT+CPIN?;+CSQ;+QMTCONN?;+CREG?", None),
    ('AT+QMTOPEN=0,"mqtt.example.com",1883', None),
    ('AT+QMTOPN=0,"mqtt.example.com",1883', None),
    ('AT+QIOPEN=1,0,"TCP","192.0.2.1",80', None),
    ('AT+QPING=1,"192.0.2.1"', None),
    ('AT+QSSLCFG="clientkey",2,"UFS:key.pem"', None),
    ('AT+CCLK="26/11/21,10:00:00+32"', None),
    ('AT+QMTPUBEX=0,1,1,0,"pin/1234",5', None),
    ("AT+CPIN?", None),
    ("AT+CPIN=?", None),
    ("AT+QMTCONN=?", None),
    ("ATD13800000000;", None),
    ("AT+FOO=1234", None),
    ("attached: user=bob", None),
    ('{"temperature":31.6}', None),
    ("", None),
]


@pytest.mark.parametrize(("line", "shown"), SHOWN)
def test_what_is_shown(line: str, shown: str | None) -> None:
    assert vocabulary().hide(line)[0] == (line if shown is None else shown)


@pytest.mark.parametrize(("model", "line"), LINES)
def test_no_line_shows_its_secret(model: str, line: str) -> None:
    """Whole; what is masked once stays as it is, and a line keeps its length."""
    shown, secrets = vocabulary().hide(line)
    assert PASSWORD not in shown
    assert PIN not in shown
    assert len(shown) == len(line)
    assert any(PASSWORD in secret or PIN in secret for secret in secrets)
    assert vocabulary().hide(shown)[0] == shown


@pytest.mark.parametrize("piece", [1, 2, 7])
@pytest.mark.parametrize(("model", "line"), LINES)
def test_no_line_shows_its_secret_in_pieces(model: str, line: str, piece: int) -> None:
    """As it is typed: what the end of the line may show to be a password is taken for one."""
    masks, data = Masks(vocabulary(), {}), line.encode() + b"\r"
    out = b"".join(masks.host(data[at : at + piece]) for at in range(0, len(data), piece)).decode()
    assert PASSWORD not in out
    assert PIN not in out


DECLARED = [
    (dialect.name, command, option)
    for dialect in dialects()
    for command in dialect.commands.values()
    for option in ([each.name for each in command.options] or [""])
    if (plan := command.plan(FormKind.WRITE, option)) is not None and any(map(is_secret, plan.params))
]


def test_the_declared() -> None:
    """Those that the manuals have, and no name that says secret is left without its mark."""
    names = {(dialect, command.name, option) for dialect, command, option in DECLARED}
    for wanted in (
        ("quectel_lte", "+QMTCONN", ""),
        ("quectel_lte", "+QMTCFG", "hwauth"),
        ("quectel_lte", "+QICSGP", ""),
        ("quectel_nb", "+CGAUTH", ""),
        ("quectel_nb", "+QMTENAUTH", ""),
        ("luat", "+MCONFIG", ""),
        ("luat", "+CPIN", ""),
    ):
        assert wanted in names
    for dialect in dialects():
        for command in (*dialect.commands.values(), *dialect.lenient.values()):
            printed = [*(command.read or ()), *(command.execute or ())]
            for param in (*params_of(command), *printed):
                if isinstance(param, Text) and NAMED_SECRET.fullmatch(param.name.encode()):
                    assert param.secret, (command.name, param.name)


@pytest.mark.parametrize(
    ("command", "option"), [each[1:] for each in DECLARED], ids=[f"{d}{c.name} {o}" for d, c, o in DECLARED]
)
def test_no_mistake_shows_a_secret(command: Command, option: str) -> None:
    """Of every declared command that has one: one mistake in the name, the sign or the values, drawn by lot."""
    plan = command.plan(FormKind.WRITE, option)
    assert plan is not None
    rng = random.Random(command.name + option)
    values = [
        f'"{PASSWORD}"' if is_secret(param) else f'"text{place}"' if isinstance(param, Text) else "1"
        for place, param in enumerate(plan.params)
    ]
    name = [f'"{option}"'] if option else []
    line = f"AT{command.name}={','.join([*name, *values])}"
    assert PASSWORD not in vocabulary().hide(line)[0]
    for _ in range(400):
        wrong = mutated(line, (PASSWORD,), rng)
        assert PASSWORD not in vocabulary().hide(wrong)[0], wrong


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("<pin> is 12345678, but takes 4", "<pin> is ********, but takes 4"),
        ("'12345678' follows where", "'********' follows where"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_reasons(reason: str, shown: str) -> None:
    subject, told = vocabulary().hide_both("AT+CPIN=12345678", Sentence(reason))
    assert (subject, str(told)) == ("AT+CPIN=********", shown)


def test_a_reason_that_shows_a_beginning() -> None:
    """Reasons cut long values; what is left of one is masked too. A subject that is no command stays."""
    secret = "abcdefghij" * 6
    _, told = vocabulary().hide_both(f"AT+CPIN {secret}", Sentence("{given!r} stands there", given=secret[:20]))
    assert str(told) == f"'{'*' * 20}' stands there"
    assert secret[:20] not in repr(told)
    hunter = Sentence("hunter")
    assert vocabulary().hide_both("client 0", hunter) == ("client 0", hunter)


@pytest.mark.parametrize(
    ("one", "other", "off"),
    [
        ("CPIN", "CPIN", 0),
        ("CPNI", "CPIN", 1),
        ("CPN", "CPIN", 1),
        ("CPINN", "CPIN", 1),
        ("CXXN", "CPIN", 2),
        ("A", "CPIN", 3),
    ],
)
def test_distance(one: str, other: str, off: int) -> None:
    assert distance(one, other) == distance(other, one) == off


@pytest.mark.parametrize(
    "line", ['"', "AT+" + "CPIN" * 500, "AT+CPIN=" + '"' * 2000, "AT;" * 700, "AT+QMTCONN=" + "0," * 1000]
)
def test_odd_lines(line: str) -> None:
    """None fails, however odd it is."""
    assert len(vocabulary().hide(line)[0]) == len(line)
