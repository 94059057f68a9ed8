"""Ranges, defaults and `=?` lines, typed by hand from the MQTT guide V1.1, chapters 3.3 and 5.1.

Nothing here is read from the declarations: a wrong number there fails here.
"""

import pytest

from support.helpers import exchange, hold, make_module
from support.qmt_lines import BOOT, error, ok, online, opened, prompt, read, shows

TESTS = {
    "+QMTCFG": [
        '+QMTCFG: "version",(0-5),(3,4)',
        '+QMTCFG: "pdpcid",(0-5),(1-15)',
        '+QMTCFG: "ssl",(0-5),(0,1),(0-5)',
        '+QMTCFG: "keepalive",(0-5),(0-3600)',
        '+QMTCFG: "session",(0-5),(0,1)',
        '+QMTCFG: "timeout",(0-5),(1-60),(0-10),(0,1)',
        '+QMTCFG: "will",(0-5),(0,1),(0-2),(0,1),"willtopic","willmessage"',
        '+QMTCFG: "willex",(0-5),(0,1),(0-2),(0,1),"willtopic",(0-256)',
        '+QMTCFG: "recv/mode",(0-5),(0,1),(0,1)',
        '+QMTCFG: "aliauth",(0-5),"product key","device name","device secret"',
        '+QMTCFG: "qmtping",(0-5),(5-60)',
        '+QMTCFG: "send/mode",(0-5),(0,1)',
        '+QMTCFG: "onenet",(0-5),"product id","access key"',
        '+QMTCFG: "hwauth",(0-5),"product id","device secret"',
        '+QMTCFG: "hwprodid",(0-5),"product id","product secret","nodeid"',
        '+QMTCFG: "dataformat",(0-5),(0,1),(0,1)',
        '+QMTCFG: "view/mode",(0-5),(0,1)',
        '+QMTCFG: "edit/timeout",(0-5),(0,1),(1-120)',
    ],
    "+QMTOPEN": ['+QMTOPEN: (0-5),"hostname",(1-65535)'],
    "+QMTCLOSE": ["+QMTCLOSE: (0-5)"],
    "+QMTCONN": ['+QMTCONN: (0-5),"clientid","username","password"'],
    "+QMTDISC": ["+QMTDISC: (0-5)"],
    "+QMTSUB": ['+QMTSUB: (0-5),<msgid>,list of ["topic",qos]'],
    "+QMTUNS": ['+QMTUNS: (0-5),<msgid>,list of ["topic"]'],
    "+QMTPUBEX": ['+QMTPUBEX: (0-5),<msgid>,(0-2),(0,1),"topic","length"'],
    "+QMTRECV": [],
}


@pytest.mark.parametrize("command", TESTS)
def test_the_test_form(command: str) -> None:
    hold(BOOT + read(f"AT{command}=?", *TESTS[command]))


# Option, parameters with one `{}`, the good values that show as they were typed, the bad ones.
CFG = [
    ("version", "{}", ["3", "4"], ["2", "5", "0", "-3", "x", '"3"', "3.0", "0x3"]),
    ("pdpcid", "{}", ["1", "15"], ["0", "16", '"1"']),
    ("ssl", "{},0", ["1"], ["2", "-1"]),
    ("ssl", "1,{}", ["0", "5"], ["6", "x"]),
    ("keepalive", "{}", ["0", "1", "3600"], ["3601", "-1", "99999999999999999999", "1e3"]),
    ("session", "{}", ["0", "1"], ["2"]),
    ("timeout", "{},3,0", ["1", "60"], ["0", "61"]),
    ("timeout", "5,{},0", ["0", "10"], ["11"]),
    ("timeout", "5,3,{}", ["0", "1"], ["2"]),
    ("will", '{},0,0,"t","m"', ["1"], ["2"]),
    ("will", '1,{},0,"t","m"', ["0", "2"], ["3"]),
    ("will", '1,0,{},"t","m"', ["0", "1"], ["2"]),
    ("will", '1,0,0,{},"m"', ['"t"', f'"{"t" * 256}"'], ['""', f'"{"t" * 257}"']),
    ("will", '1,0,0,"t",{}', ['""', f'"{"m" * 256}"'], [f'"{"m" * 257}"']),
    ("recv/mode", "{},0", ["0", "1"], ["2"]),
    ("recv/mode", "0,{}", ["0", "1"], ["2"]),
    ("qmtping", "{}", ["5", "60"], ["4", "61", "0"]),
    ("send/mode", "{}", ["0", "1"], ["2"]),
    ("dataformat", "{},0", ["0", "1"], ["2"]),
    ("dataformat", "0,{}", ["0", "1"], ["2"]),
    ("view/mode", "{}", ["0", "1"], ["2"]),
    ("edit/timeout", "{},5", ["1"], ["2"]),
    ("edit/timeout", "1,{}", ["1", "120"], ["0", "121"]),
]


@pytest.mark.parametrize(("option", "form", "good", "bad"), CFG, ids=[f"{row[0]} {row[1]}" for row in CFG])
def test_options(option: str, form: str, good: list[str], bad: list[str]) -> None:
    transcript = BOOT
    for value in good:
        values = form.format(value)
        transcript += ok(f'AT+QMTCFG="{option}",5,{values}') + shows(option, values, client=5)
    for value in bad:
        transcript += error(f'AT+QMTCFG="{option}",5,{form.format(value)}')
    hold(transcript + shows(option, form.format(good[-1]), client=5))


def test_the_will_typed_as_data() -> None:
    line = 'AT+QMTCFG="willex",0,1,{},{},"{}",{}'
    bad = [(3, 0, "t", 1), (0, 2, "t", 1), (0, 0, "", 1), (0, 0, "t" * 257, 1), (0, 0, "t", 257), (0, 0, "t", -1)]
    hold(
        BOOT
        + error('AT+QMTCFG="willex",0,2', *(line.format(*values) for values in bad))
        + prompt(line.format(2, 1, "t" * 256, 256))
        + f">>| {'m' * 256}\n<<\n<< OK\n"
        + shows("willex", f'1,2,1,"{"t" * 256}",256')
    )


CLIENTS = [
    'AT+QMTCFG="keepalive",{}',
    "AT+QMTCLOSE={}",
    'AT+QMTOPEN={},"h",1',
    'AT+QMTCONN={},"c"',
    "AT+QMTDISC={}",
    'AT+QMTSUB={},1,"t",0',
    'AT+QMTUNS={},1,"t"',
    'AT+QMTPUBEX={},0,0,0,"t",1',
    "AT+QMTRECV={}",
]


@pytest.mark.parametrize("form", CLIENTS)
def test_client_numbers(form: str) -> None:
    hold(BOOT + error(*(form.format(index) for index in ("6", "-1", "x", '"0"', ""))))


def test_hosts_and_ports() -> None:
    hold(
        BOOT
        + error('AT+QMTOPEN=0,"h",0', 'AT+QMTOPEN=0,"h",65536', 'AT+QMTOPEN=0,"h","1883"', 'AT+QMTOPEN=0,"",1883')
        + error(f'AT+QMTOPEN=0,"{"h" * 101}",1883', 'AT+QMTOPEN=0,"h"', 'AT+QMTOPEN=0,"h",1,1', "AT+QMTOPEN=0")
        + read("AT+QMTOPEN?")
        + ok(f'AT+QMTOPEN=5,"{"h" * 100}",65535')
        + f"S: opened {'h' * 100}:65535\n<<\n<< +QMTOPEN: 5,0\n"
        + ok('AT+QMTOPEN=4,"h",1')
        + "S: opened h:1\n<<\n<< +QMTOPEN: 4,0\n"
        + read("AT+QMTOPEN?", '+QMTOPEN: 4,"h",1', f'+QMTOPEN: 5,"{"h" * 100}",65535')
    )


def test_texts_of_the_connection() -> None:
    long, longer = "x" * 256, "x" * 257
    hold(
        BOOT
        + opened()
        + error(f'AT+QMTCONN=0,"{longer}"', f'AT+QMTCONN=0,"c","{longer}","p"', f'AT+QMTCONN=0,"c","u","{longer}"')
        + error('AT+QMTCONN=0,"c","u"', 'AT+QMTCONN=0,"c","u","p",0', 'AT+QMTCONN=0,"c",,"p"', "AT+QMTCONN=0")
        + ok(f'AT+QMTCONN=0,"{long}","{long}","{long}"')
        + f'S> Connect("{long}", level=3, keep_alive=120, username="{long}", password=b"{long}")\n'
    )


def test_identifiers_and_topics() -> None:
    good, bad = "t" * 256, "t" * 257
    hold(
        online()
        + error('AT+QMTSUB=0,65536,"t",0', 'AT+QMTSUB=0,-1,"t",0', 'AT+QMTSUB=0,"1","t",0', 'AT+QMTSUB=0,,"t",0')
        + error('AT+QMTSUB=0,1,"t",3', 'AT+QMTSUB=0,1,"",0', f'AT+QMTSUB=0,1,"{bad}",0', 'AT+QMTSUB=0,1,"t"')
        + error('AT+QMTSUB=0,1,"t",0,"u"', 'AT+QMTSUB=0,1,"t",', "AT+QMTSUB=0,1", 'AT+QMTSUB=0,1,"t",0,"u",3')
        + error('AT+QMTUNS=0,65536,"t"', 'AT+QMTUNS=0,1,""', f'AT+QMTUNS=0,1,"{bad}"', "AT+QMTUNS=0,1")
        + "S> nothing\n"
        + ok(f'AT+QMTSUB=0,65535,"{good}",2')
        + f'S> Subscribe(65535, (("{good}", 2),))\n'
        + ok(f'AT+QMTUNS=0,1,"{good}"')
        + f'S> Unsubscribe(1, ("{good}",))\n'
    )


def test_messages() -> None:
    good, bad = "t" * 256, "t" * 257
    hold(
        online()
        + error('AT+QMTPUBEX=0,65536,1,0,"t",1', 'AT+QMTPUBEX=0,0,1,0,"t",1', 'AT+QMTPUBEX=0,0,2,0,"t",1')
        + error('AT+QMTPUBEX=0,1,3,0,"t",1', 'AT+QMTPUBEX=0,1,1,2,"t",1', f'AT+QMTPUBEX=0,1,1,0,"{bad}",1')
        + error('AT+QMTPUBEX=0,1,1,0,"",1', 'AT+QMTPUBEX=0,1,1,0,"t",1501', 'AT+QMTPUBEX=0,1,1,0,"t",-1')
        + error('AT+QMTPUBEX=0,1,1,0,"t"', 'AT+QMTPUBEX=0,1,1,0,"t",1,0', 'AT+QMTPUBEX=0,1,1,0,"t","1"')
        + error("AT+QMTPUBEX", "AT+QMTPUBEX?", "AT+QMTPUBEX=0")
        + "S> nothing\n"
        + prompt(f'AT+QMTPUBEX=0,65535,2,1,"{good}",1500')
        + f">>| {'m' * 1500}\n<<\n<< OK\n"
        + f'S> Publish("{good}", b"{"m" * 1500}", qos=2, retain=True, packet_id=65535)\n'
    )


def test_slots() -> None:
    hold(online() + error("AT+QMTRECV=0,5", "AT+QMTRECV=0,-1", "AT+QMTRECV=0,0,0", "AT+QMTRECV") + ok("AT+QMTRECV=0,4"))


def test_strict_modules_refuse_identifier_0() -> None:
    hold(online() + error('AT+QMTSUB=0,0,"t",0', 'AT+QMTUNS=0,0,"t"') + "S> nothing\n", strict=True)


def test_waits() -> None:
    """The maximum response times of the manual, by what a module does: 120 s for the network, 5 s for CONNACK."""
    module = make_module()
    module.power_on(0.0)
    exchange(module, b"ATE0")
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    assert module.deadline() == 120.0
