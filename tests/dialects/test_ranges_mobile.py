"""`=?` lines, ranges and defaults of the mobile's commands, typed from the manuals by hand.

Nothing here is taken from the declarations: a wrong one shows.
"""

import pytest

from support.mobile_line import ERROR, OK, answer, cme, info, quiet_module

# Line by line what each test form answers; () is a bare OK (AT commands manual V1.1; TCP/IP guide V1.2).
TESTS: dict[str, tuple[str, ...]] = {
    "+GMI": (),
    "+GMM": (),
    "+GMR": (),
    "+GSN": (),
    "+CGMI": (),
    "+CGMM": (),
    "+CGMR": (),
    "+CGSN": (),
    "+CFUN": ("+CFUN: (0,1,3,4,5),(0,1)",),
    "+CMEE": ("+CMEE: (0,1,2)",),
    "+CSCS": ('+CSCS: ("GSM","IRA","UCS2")',),
    "+QURCCFG": ('+QURCCFG: "urcport",("usbat","usbmodem","uart1")',),
    "+IFC": ("+IFC: (0,2),(0,2)",),
    "+IPR": ("+IPR: (),(4800,9600,19200,38400,57600,115200,230400,460800,921600)",),
    "+CPAS": ("+CPAS: (0,2,3,4)",),
    "+CEER": (),
    "+CLCK": ('+CLCK: ("SC","AO","OI","OX","AI","IR","AB","AG","AC","FD","PF","PN","PU","PP","PC")',),
    "+CPWD": ('+CPWD: ("SC",8),("AO",4),("OI",4),("OX",4),("AI",4),("IR",4),("AB",4),("AG",4),("AC",4),("P2",8)',),
    "+QSIMDET": ("+QSIMDET: (0,1),(0,1)",),
    "+QSIMSTAT": ("+QSIMSTAT: (0,1)",),
    "+QINDCFG": (
        '+QINDCFG: "all",(0,1),(0,1)',
        '+QINDCFG: "csq",(0,1),(0,1)',
        '+QINDCFG: "datastatus",(0,1),(0,1)',
        '+QINDCFG: "mode",(0,1),(0,1)',
        '+QINDCFG: "smsfull",(0,1),(0,1)',
        '+QINDCFG: "smsincoming",(0,1),(0,1)',
        '+QINDCFG: "act",(0,1),(0,1)',
    ),
    "+QCFG": (
        '+QCFG: "gprsattach",(0,1)',
        '+QCFG: "nwscanmode",(0,1,2,3),(0,1)',
        '+QCFG: "nwscanseq",(0,1,2,3,4,5,6,7,8,9,10,11),(0,1)',
        '+QCFG: "servicedomain",(0,1,2),(0,1)',
        '+QCFG: "roamservice",(1,2,255),(0,1)',
        '+QCFG: "band",(0x0-0xffff),(0x0-0x7fffffffffffffff),(0,1)',
        '+QCFG: "urcdelay",(0-120)',
        '+QCFG: "urc/cache",(0,1)',
        '+QCFG: "urc/ri/other",("off","pulse"),(1-2000)',
    ),
    "+CIMI": (),
    "+CPIN": (),
    "+QCCID": (),
    "+QPINC": ('+QPINC: ("SC","P2")',),
    "+QINISTAT": ("+QINISTAT: (0-7)",),
    "+COPS": ('+COPS: (2,"CHINA MOBILE","CMCC","46000",7),,(0,1,2,3,4),(0,1,2)',),
    "+CREG": ("+CREG: (0,1,2)",),
    "+CSQ": ("+CSQ: (0-31,99),(0-7,99)",),
    "+CTZU": ("+CTZU: (0,1,3)",),
    "+CTZR": ("+CTZR: (0-2)",),
    "+QLTS": ("+QLTS: (0-2)",),
    "+QNWINFO": (),
    "+CGATT": ("+CGATT: (0,1)",),
    "+CGDCONT": ("+CGDCONT: (1-15),<PDP_type>,<APN>,<PDP_addr>,(0,1,2),(0,1,2,3,4),(0,1),(0,1),(0,1,2),(0,1)",),
    "+CGACT": ("+CGACT: (0,1)",),
    "+CGPADDR": ("+CGPADDR: (1)",),
    "+CGREG": ("+CGREG: (0,1,2)",),
    "+CGEREP": ("+CGEREP: (0-2),(0,1)",),
    "+CEREG": ("+CEREG: (0,1,2)",),
    "+QPOWD": ("+QPOWD: (0,1)",),
    "+CCLK": (),
    "+QSCLK": ("+QSCLK: (0,1)",),
    "+QICSGP": ("+QICSGP: (1-15),(1-3),<APN>,<username>,<password>,(0-2),(0,1)",),
    "+QIACT": ("+QIACT: (1-15)",),
    "+QIDEACT": ("+QIDEACT: (1-15)",),
    "+QIGETERROR": (),
}


@pytest.mark.parametrize("name", TESTS)
def test_test_forms(name: str) -> None:
    """Every `=?`."""
    lines = TESTS[name]
    assert answer(quiet_module(), f"AT{name}=?") == (info(*lines) if lines else OK)


# What each setting reads before anybody sets it.
DEFAULTS = {
    "+CFUN": "1",
    "+CMEE": "1",
    "+CSCS": '"GSM"',
    "+IFC": "0,0",
    "+IPR": "115200",
    "+CREG": "0,1",
    "+CGREG": "0,1",
    "+CEREG": "0,1",
    "+CTZU": "1",
    "+CTZR": "0",
    "+CGATT": "1",
    "+CGEREP": "0,0",
    "+QSCLK": "0",
    "+QSIMDET": "0,0",
    "+QSIMSTAT": "0,1",
    "+QPINC": '"SC",3,10\r\n+QPINC: "P2",3,10',
    "+COPS": '0,0,"CHINA MOBILE",7',
    "+CPIN": "READY",
    "+CGDCONT": '1,"IP","CMNET","",0,0',
    "+CGACT": "1,0",
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults(name: str) -> None:
    """Every read form of a new module."""
    assert answer(quiet_module(), f"AT{name}?") == info(f"{name}: {DEFAULTS[name]}")


# For each command arguments that are taken and arguments that are not.
RANGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "+CFUN": (("0", "1", "3", "4", "5", "1,0"), ("2", "6", "1,2", "x", "", "0,1", '"1"', "1,0,0")),
    "+CMEE": (("0", "1"), ("3", "-1", "1,1")),
    "+CSCS": (('"GSM"', '"IRA"', '"UCS2"', "gsm"), ('"8859-1"', "1")),
    "+CREG": (("0", "1", "2"), ("3", "1,1", "")),
    "+CGREG": (("0", "1", "2"), ("3", "4")),
    "+CEREG": (("0", "1", "2"), ("3", "4")),
    "+CTZU": (("0", "1", "3"), ("2", "4")),
    "+CTZR": (("0", "1", "2"), ("3",)),
    "+CGATT": (("0", "1"), ("2",)),
    "+CGACT": (("1,1", "0,1", "0", "1"), ("2,1", "1,0", "1,16", "1,2")),
    "+CGEREP": (("0", "1", "2", "0,1", "2,0"), ("3", "0,2")),
    "+CGDCONT": (
        ('2,"IP"', '15,"IPV6","a"', '3,"IPV4V6","","",2,4,1,1,2,1', "2"),
        ('0,"IP"', '16,"IP"', '2,"X25"', '2,"IP","a","",3', '2,"IP","a","",0,5', '2,"IP","a","",0,0,2'),
    ),
    "+CGPADDR": (("1", "15", "1,2"), ("0", "16", "1,16")),
    "+COPS": (("0", "2", "3,0", "3,2", "0,1"), ("5", "3,3", "1", "0,0,x,3")),
    "+CPIN": ((), ("123", "123456789", "1234", "1234,12")),
    "+QPINC": (('"SC"', '"P2"', "sc"), ('"PN"', "")),
    "+CLCK": (
        ('"SC",2', '"SC",1,"1234"', '"SC",0,"1234"', '"SC",2,"1234",7', '"AO",2', '"PC",2', '"FD",2', '"sc",2'),
        ('"SC"', '"SC",3', '"P2",2', '"SC",1', '"SC",1,"123"', '"SC",1,"123456789"', '"SC",2,"1234",3', '"AC",2'),
    ),
    "+CPWD": ((), ('"SC"', '"SC","1234"', '"SC","123","1234"', '"SC","1234","123456789"', '"FD","1234","4321"')),
    "+QLTS": (("0", "1", "2"), ("3",)),
}
PLAIN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "+IFC": (("0,0", "2,2"), ("0", "0,2", "1,1", "3,3")),
    "+IPR": (
        ("4800", "9600", "19200", "38400", "57600", "115200", "230400", "460800", "921600"),
        ("0", "2400", "115201", "1000000"),
    ),
    "+QIACT": (("1", "15"), ("0", "16", "1,1", "")),
    "+QIDEACT": (("1", "15"), ("0", "16")),
    "+QICSGP": (("1", '15,3,"a","u","p",2,1'), ("0", "16", '1,0,"a"', '1,4,"a"', '1,1,"a","","",3')),
    "+QSCLK": (("0", "1"), ("2",)),
    "+QSIMDET": (("0,0", "1,1", "1,0"), ("1", "2,0", "0,2", "")),
    "+QSIMSTAT": (("0", "1"), ("2", "1,1", "")),
    "+QPOWD": (("0", "1"), ("2",)),
}


@pytest.mark.parametrize("name", [*RANGES, *PLAIN])
def test_ranges(name: str) -> None:
    """Inside the range anything but a refusal, outside it a refusal and nothing changed."""
    taken, refused = {**RANGES, **PLAIN}[name]
    failures = (ERROR,) if name in PLAIN else (cme(50), cme(3))
    for arguments in taken:
        said = answer(quiet_module(), f"AT{name}={arguments}")
        assert OK in said, arguments
    module = quiet_module()
    before = answer(module, f"AT{name}?")
    for arguments in refused:
        assert answer(module, f"AT{name}={arguments}") in failures, arguments
    assert answer(module, f"AT{name}?") == before
