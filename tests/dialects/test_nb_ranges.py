"""Ranges, defaults and `=?` lines of BC35-G and BC28, typed by hand from their two manuals.

Nothing here is read from the declarations: a wrong number there fails here.
"""

import pytest

from modemlab.dialect.registry import find_model
from support.helpers import exchange, make_module
from support.nb_lines import START, WITH_NUMBERS, hold_nb, nb_online, refused
from support.qmt_lines import cfg, error, ok, opened, prompt, read, shows, urc

TESTS = {
    "+QMTCFG": [
        '+QMTCFG: "version",(0),(3,4)',
        '+QMTCFG: "keepalive",(0),(0-3600)',
        '+QMTCFG: "session",(0),(0,1)',
        '+QMTCFG: "timeout",(0),(1-60),(0-10),(0,1)',
        '+QMTCFG: "will",(0),(0,1),(0-2),(0,1),<will_topic>,<will_msg>',
        '+QMTCFG: "aliauth",(0),<productkey>,<devicename>,<devicesecret>',
    ],
    "+QMTENAUTH": ["+QMTTENAUTH: <product_id>,<device_name>,<client_id>,<device_secret>,<expire>,<url>"],
    "+QMTTENAUTH": ["+QMTTENAUTH: <product_id>,<device_name>,<client_id>,<device_secret>,<expire>,<url>"],
    "+QMTOPEN": ["+QMTOPEN: (0),<host_name>,<port>"],
    "+QMTCLOSE": ["+QMTCLOSE: (0)"],
    "+QMTCONN": ["+QMTCONN: (0),<clientID>,<username>,<password>"],
    "+QMTDISC": ["+QMTDISC: (0)"],
    "+QMTSUB": ["+QMTSUB: (0),(1-65535),<topic>,(0-2)[,<topic>,(0-2)...]"],
    "+QMTUNS": ["+QMTUNS: (0),(1-65535),<topic>[,<topic>...]"],
    "+QMTPUB": ["+QMTPUB: (0),(0-65535),(0-2),(0,1),<topic>,(1-1024)"],
    "+CGMI": [],
    "+CGMM": [],
    "+CGMR": [],
    "+CGSN": ["+CGSN:(0,1,2,3)"],
    "+CEREG": ["+CEREG:(0,1,2,3,4,5)"],
    "+CSCON": ["+CSCON:(0,1)"],
    "+CLAC": [],
    "+CSQ": ["+CSQ:(0-31,99),(99)"],
    "+CGPADDR": ["+CGPADDR:(0)"],
    "+COPS": ['+COPS:(2,,,"46000"),,(0-2),(2)'],
    "+CGATT": ["+CGATT:(0,1)"],
    "+CGACT": ["+CGACT:(0,1)"],
    "+CIMI": [],
    "+CGDCONT": ['+CGDCONT:(0-10),("IP","NONIP","IPV6","IPV4V6"),,,(0),(0,1),,,,,(0,1),(0,1)'],
    "+CFUN": ["+CFUN:(0,1),(0,1)"],
    "+CMEE": ["+CMEE:(0,1)"],
    "+CCLK": [],
    "+CPSMS": ["+CPSMS:(0,1,2),,,( 00000000-11111111), (00000000-11111111)"],
    "+CEDRXS": ['+CEDRXS:(0,1,2,3),(5),("0000"-"1111")'],
    "+CTZR": ["+CTZR:(0,1,2,3)"],
    "+CGAUTH": ["+CGAUTH:(0-10),(0,1,2),(0-60),(0-60)"],
    "+CPIN": [],
    "+CPINR": [],
    "+NUESTATS": ["NUESTATS:(RADIO,CELL,BLER,THP,APPSMEM,ALL)"],
    "+NBAND": ["+NBAND:(1,3,5,8,20,28)"],
    "+NCONFIG": [
        "+NCONFIG:(AUTOCONNECT,(FALSE,TRUE))",
        "+NCONFIG:(CR_0354_0338_SCRAMBLING,(FALSE,TRUE))",
        "+NCONFIG:(CR_0859_SI_AVOID,(FALSE,TRUE))",
        "+NCONFIG:(COMBINE_ATTACH,(FALSE,TRUE))",
        "+NCONFIG:(CELL_RESELECTION,(FALSE,TRUE))",
        "+NCONFIG:(ENABLE_BIP,(FALSE,TRUE))",
        "+NCONFIG:(MULTITONE,(FALSE,TRUE))",
        "+NCONFIG:(NAS_SIM_POWER_SAVING_ENABLE,(FALSE,TRUE))",
        "+NCONFIG:(BARRING_RELEASE_DELAY,(0-1800))",
        "+NCONFIG:(RELEASE_VERSION,(13,14))",
        "+NCONFIG:(RPM,(FALSE,TRUE))",
        "+NCONFIG:(SYNC_TIME_PERIOD,(0-65535))",
        "+NCONFIG:(IPV6_GET_PREFIX_TIME,(0-65535))",
        "+NCONFIG:(NB_CATEGORY,(1,2))",
        "+NCONFIG:(RAI,(FALSE,TRUE))",
        "+NCONFIG:(HEAD_COMPRESS,(FALSE,TRUE))",
        "+NCONFIG:(RLF_UPDATE,(FALSE,TRUE))",
        "+NCONFIG:(CONNECTION_REESTABLISHMENT,(FALSE,TRUE))",
        "+NCONFIG:(TWO_HARQ,(FALSE,TRUE))",
        "+NCONFIG:(PCO_IE_TYPE,(PCO,EPCO))",
        "+NCONFIG:(T3324_T3412_EXT_CHANGE_REPORT,(FALSE,TRUE))",
        "+NCONFIG:(NON_IP_NO_SMS_ENABLE,(FALSE,TRUE))",
        "+NCONFIG:(SUPPORT_SMS,(FALSE,TRUE))",
        "+NCONFIG:(HPPLMN_SEARCH_ENABLE,(FALSE,TRUE))",
    ],
    "+NATSPEED": ["+NATSPEED:(2400,4800,9600,57600,115200,230400,460800,921600),(0-30),(0,1),(0-3),(1,2),(0-2),(0,1)"],
    "+NCCID": [],
    "+NPSMR": ["+NPSMR:(0,1)"],
    "+NITZ": ["+NITZ:(0,1)"],
}


@pytest.mark.parametrize("command", TESTS)
def test_the_test_form(command: str) -> None:
    hold_nb(START + read(f"AT{command}=?", *TESTS[command]))


def test_every_command_is_held_here() -> None:
    known = {name for name in find_model("BC28")[0].commands if name.startswith("+")}
    assert known - {"+NRB"} == set(TESTS)


# The forms that the manuals give each command: execute, write, read and test.
FORMS = {
    **dict.fromkeys(("+CGMI", "+CGMM", "+CGMR", "+CLAC", "+CSQ", "+CIMI"), ("", "=?")),
    **dict.fromkeys(("+CGSN", "+CGPADDR", "+CPINR", "+NUESTATS"), ("", "=", "=?")),
    **dict.fromkeys(("+CEREG", "+CSCON", "+COPS", "+CGATT", "+CGACT", "+CGDCONT", "+CFUN", "+CMEE"), ("=", "?", "=?")),
    **dict.fromkeys(("+CCLK", "+CPSMS", "+CEDRXS", "+CTZR", "+CGAUTH", "+CPIN", "+NBAND"), ("=", "?", "=?")),
    **dict.fromkeys(("+NCONFIG", "+NATSPEED", "+NPSMR", "+NITZ"), ("=", "?", "=?")),
    **dict.fromkeys(("+QMTENAUTH", "+QMTTENAUTH", "+QMTOPEN", "+QMTCONN"), ("=", "?", "=?")),
    **dict.fromkeys(("+QMTCFG", "+QMTCLOSE", "+QMTDISC", "+QMTSUB", "+QMTUNS", "+QMTPUB"), ("=", "=?")),
    "+NCCID": ("", "?", "=?"),
    "+NRB": ("",),
}


def test_a_form_that_a_command_lacks_is_not_supported() -> None:
    module = make_module("BC35-G")
    module.power_on(0.0)
    assert FORMS.keys() == {*TESTS, "+NRB"}
    for command, forms in FORMS.items():
        for form in ("", "=", "?", "=?"):
            exchange(module, b"AT+CMEE=1")
            said = exchange(module, f"AT{command}{form}".encode())
            # AT+QMTCFG= and AT+NCONFIG= lack an option, whose code is the same.
            supported = form in forms and not (form == "=" and command in ("+QMTCFG", "+NCONFIG"))
            assert (said == b"\r\n+CME ERROR: 4\r\n") is not supported, f"{command}{form}"


# What each command with values reads before a host has set any.
DEFAULTS = {
    "+CMEE": "+CMEE:0",
    "+CEREG": "+CEREG:0,1",
    "+CSCON": "+CSCON:0,0",
    "+CGATT": "+CGATT:1",
    "+CGACT": "+CGACT:0,1",
    "+CFUN": "+CFUN:1",
    "+COPS": '+COPS:0,2,"46000"',
    "+CPSMS": "+CPSMS:0,,,01000001,00000101",
    "+CEDRXS": '+CEDRXS:5,"0010"',
    "+CTZR": "+CTZR:0",
    "+CGAUTH": '+CGAUTH:0,0,"",""',
    "+CPIN": "+CPIN: READY",
    "+NBAND": "+NBAND:5,8,3,28,20,1",
    "+NATSPEED": "+NATSPEED:9600,2,1,0,0",
    "+NCCID": "+NCCID:89860000000000000017",
    "+NPSMR": "+NPSMR:0",
    "+NITZ": "+NITZ:1",
    "+CGDCONT": '+CGDCONT:0,"IPV4V6",,,0,0,,,,,0,0',
}


@pytest.mark.parametrize("command", DEFAULTS)
def test_defaults(command: str) -> None:
    hold_nb(START + read(f"AT{command}?", DEFAULTS[command]))


FUNCTIONS = [
    "AUTOCONNECT,TRUE",
    "CR_0354_0338_SCRAMBLING,TRUE",
    "CR_0859_SI_AVOID,TRUE",
    "COMBINE_ATTACH,FALSE",
    "CELL_RESELECTION,TRUE",
    "ENABLE_BIP,FALSE",
    "MULTITONE,TRUE",
    "NAS_SIM_POWER_SAVING_ENABLE,TRUE",
    "BARRING_RELEASE_DELAY,64",
    "RELEASE_VERSION,13",
    "RPM,FALSE",
    "SYNC_TIME_PERIOD,0",
    "IPV6_GET_PREFIX_TIME,15",
    "NB_CATEGORY,2",
    "RAI,FALSE",
    "HEAD_COMPRESS,FALSE",
    "RLF_UPDATE,TRUE",
    "CONNECTION_REESTABLISHMENT,FALSE",
    "TWO_HARQ,FALSE",
    "PCO_IE_TYPE,EPCO",
    "T3324_T3412_EXT_CHANGE_REPORT,FALSE",
    "NON_IP_NO_SMS_ENABLE,FALSE",
    "SUPPORT_SMS,TRUE",
    "HPPLMN_SEARCH_ENABLE,TRUE",
]


def test_functions_from_the_factory() -> None:
    hold_nb(START + read("AT+NCONFIG?", *(f"+NCONFIG:{function}" for function in FUNCTIONS)))


# Option, what it shows at power-on, parameters with one `{}`, the good values that show as typed, the bad ones.
CFG = [
    ("version", "3", "{}", ["3", "4"], ["2", "5", "x", '"3"']),
    ("keepalive", "120", "{}", ["0", "1", "3600"], ["3601", "-1", "1e3"]),
    ("session", "1", "{}", ["0", "1"], ["2"]),
    ("timeout", "10,3,0", "{},3,0", ["1", "60"], ["0", "61"]),
    ("timeout", "10,3,0", "5,{},0", ["0", "10"], ["11"]),
    ("timeout", "10,3,0", "5,3,{}", ["0", "1"], ["2"]),
    ("will", "0", '{},0,0,"t","m"', ["1"], ["2"]),
    ("will", "0", '1,{},0,"t","m"', ["0", "2"], ["3"]),
    ("will", "0", '1,0,{},"t","m"', ["0", "1"], ["2"]),
    ("will", "0", '1,0,0,{},"m"', ['"t"', f'"{"t" * 255}"'], ['""', f'"{"t" * 256}"']),
    ("will", "0", '1,0,0,"t",{}', ['""', f'"{"m" * 255}"'], [f'"{"m" * 256}"']),
]


@pytest.mark.parametrize(("option", "default", "form", "good", "bad"), CFG, ids=[f"{r[0]} {r[2]}" for r in CFG])
def test_options(option: str, default: str, form: str, good: list[str], bad: list[str]) -> None:
    transcript = START + WITH_NUMBERS + shows(option, default)
    for value in good:
        values = form.format(value)
        transcript += ok(f'AT+QMTCFG="{option}",0,{values}') + shows(option, values)
    for value in bad:
        transcript += refused(50, f'AT+QMTCFG="{option}",0,{form.format(value)}')
    hold_nb(transcript + shows(option, form.format(good[-1])))


def test_there_are_six_options() -> None:
    names = [option.name for option in find_model("BC35-G")[0].commands["+QMTCFG"].options]
    assert names == ["version", "keepalive", "session", "timeout", "will", "aliauth"]
    others = ["pdpcid", "ssl", "willex", "recv/mode", "qmtping", "send/mode", "dataformat", "onenet"]
    hold_nb(START + WITH_NUMBERS + refused(4, *(f'AT+QMTCFG="{name}",0' for name in others)))


def test_the_only_client_is_number_0() -> None:
    lines = ['AT+QMTCFG="keepalive",1', 'AT+QMTOPEN=1,"h",1', "AT+QMTCLOSE=1", 'AT+QMTCONN=1,"c"', "AT+QMTDISC=1"]
    lines += ['AT+QMTSUB=1,1,"t",0', 'AT+QMTUNS=1,1,"t"', 'AT+QMTPUB=1,0,0,0,"t"']
    hold_nb(START + error(*lines) + WITH_NUMBERS + refused(50, *lines))


def test_hosts_and_ports() -> None:
    hold_nb(
        START
        + WITH_NUMBERS
        + refused(50, 'AT+QMTOPEN=0,"h",65536', 'AT+QMTOPEN=0,"h","1883"', 'AT+QMTOPEN=0,"",1883', 'AT+QMTOPEN=0,"h"')
        + refused(50, f'AT+QMTOPEN=0,"{"h" * 101}",1883', 'AT+QMTOPEN=0,"h",1,1')
        + ok('AT+QMTOPEN=0,"h",0')
        + "S: refused\n"
        + urc("+QMTOPEN: 0,-1")
        + ok(f'AT+QMTOPEN=0,"{"h" * 100}",65535')
        + f"S: opened {'h' * 100}:65535\n"
        + urc("+QMTOPEN: 0,0")
        + read("AT+QMTOPEN?", f'+QMTOPEN: 0,"{"h" * 100}",65535')
    )


def test_identifiers_topics_and_lengths() -> None:
    good, bad = "t" * 255, "t" * 256
    hold_nb(
        nb_online(WITH_NUMBERS)
        + refused(50, 'AT+QMTSUB=0,0,"t",0', 'AT+QMTSUB=0,65536,"t",0', 'AT+QMTSUB=0,1,"t",3', 'AT+QMTSUB=0,1,"",0')
        + refused(50, f'AT+QMTSUB=0,1,"{bad}",0', 'AT+QMTSUB=0,1,"t"', 'AT+QMTUNS=0,0,"t"', 'AT+QMTUNS=0,65536,"t"')
        + refused(50, f'AT+QMTUNS=0,1,"{bad}"', 'AT+QMTPUB=0,65536,1,0,"t"', 'AT+QMTPUB=0,1,3,0,"t"')
        + refused(50, 'AT+QMTPUB=0,1,1,2,"t"', f'AT+QMTPUB=0,1,1,0,"{bad}"', 'AT+QMTPUB=0,1,1,0,"t",0')
        + refused(50, 'AT+QMTPUB=0,1,1,0,"t",1025', 'AT+QMTPUB=0,0,1,0,"t",1', 'AT+QMTPUB=0,1,1,0,"#",1')
        + refused(50, "AT+QMTPUB=", "AT+QMTPUB=0")
        + "S> nothing\n"
        + ok(f'AT+QMTSUB=0,65535,"{good}",2')
        + f'S> Subscribe(65535, (("{good}", 2),))\n'
        + ok(f'AT+QMTUNS=0,1,"{good}"')
        + f'S> Unsubscribe(1, ("{good}",))\n'
        + prompt(f'AT+QMTPUB=0,65534,2,1,"{good}",1024')
        + f">>| {'m' * 1024}\n<<\n<< OK\n"
        + f'S> Publish("{good}", b"{"m" * 1024}", qos=2, retain=True, packet_id=65534)\n'
    )


def test_texts_of_the_connection() -> None:
    long, longer = "x" * 256, "x" * 257
    hold_nb(
        START
        + opened()
        + WITH_NUMBERS
        + refused(50, f'AT+QMTCONN=0,"{longer}"', f'AT+QMTCONN=0,"c","{longer}"', f'AT+QMTCONN=0,"c","u","{longer}"')
        + refused(50, 'AT+QMTCONN=0,"c",,"p"', "AT+QMTCONN=0", 'AT+QMTCONN=0,"c","u","p",0')
        + ok(f'AT+QMTCONN=0,"{long}","{long}","{long}"')
        + f'S> Connect("{long}", level=3, keep_alive=120, username="{long}", password=b"{long}")\n'
    )


def test_waits() -> None:
    """75 s for the network; `timeout` takes one, two or three values."""
    module = make_module("BC35-G")
    module.power_on(0.0)
    module.data_to_send()
    assert exchange(module, b'AT+QMTOPEN=0,"h",1') == b"\r\nOK\r\n"
    assert module.deadline() == 75.0
    hold_nb(
        START
        + cfg("timeout", 7)
        + shows("timeout", "7,3,0")
        + cfg("timeout", "8,4")
        + shows("timeout", "8,4,0")
        + cfg("timeout", "9,5,1")
        + cfg("timeout", 6)
        + shows("timeout", "6,5,1")
    )


EXECUTED = {
    "ATI": ["Quectel", "{name}", "Revision:{revision}"],
    "AT+CGMI": ["Quectel"],
    "AT+CGMM": ["{model}"],
    "AT+CGMR": [
        "SSB,V150R100C10B200SP1",
        "SECURITY_A,V150R100C20B300SP2",
        "PROTOCOL_A,V150R100C20B300SP2",
        "APPLICATION_A,V150R100C20B300SP2",
        "SECURITY_B,V150R100C20B300SP2",
        "RADIO,Hi2115_RF1",
    ],
    "AT+CGSN": ["00000000-0000-0000-0866-000000000017"],
    "AT+CGSN=0": ["00000000-0000-0000-0866-000000000017"],
    "AT+CGSN=1": ["+CGSN:866000000000017"],
    "AT+CGSN=2": ["+CGSN:8660000000000101"],
    "AT+CGSN=3": ["+CGSN:01"],
    "AT+CIMI": ["460000000000017"],
    "AT+NCCID": ["+NCCID:89860000000000000017"],
    "AT+CSQ": ["+CSQ:24,99"],
    "AT+CGPADDR": ["+CGPADDR:0,10.64.0.2"],
}


@pytest.mark.parametrize("line", EXECUTED)
@pytest.mark.parametrize(
    "names",
    [("BC35-G", "BC35GJB-02-STD", "BC35GJBR01A01"), ("BC28", "BC28JA-02-STD", "BC28JAR01A01")],
    ids=["BC35-G", "BC28"],
)
def test_identity(line: str, names: tuple[str, str, str]) -> None:
    module = make_module(names[0])
    module.power_on(0.0)
    module.data_to_send()
    shown = "".join(text.format(name=names[0], model=names[1], revision=names[2]) + "\r\n" for text in EXECUTED[line])
    assert exchange(module, line.encode()) == f"\r\n{shown}\r\nOK\r\n".encode()
