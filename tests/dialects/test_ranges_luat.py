"""Ranges, defaults and `=?` lines, typed by hand from the Luat AT manual V1.6.3.

Nothing here is read from the declarations: a wrong number there fails here.
"""

import pytest

from modemlab.dialect.registry import find_model
from support.helpers import exchange, hold, make_module
from support.luat_lines import BOOT, MODEL, ONLINE, asks, cme, error, ok, opened, read

TESTS = {
    "+MCONFIG": ["+MCONFIG:<clientid>[,<username>,<password>[,(0-2),(0,1),<will_topic>,<will_message>]]"],
    "+MIPSTART": ['+MIPSTART:"(0,255).(0,255).(0,255).(0,255)",(1-65535)', '+MIPSTART:"DOMAIN NAME",(1-65535)'],
    "+SSLMIPSTART": [
        '+SSLMIPSTART:"(0,255).(0,255).(0,255).(0,255)",(1-65535)',
        '+SSLMIPSTART:"DOMAIN NAME",(1-65535)',
    ],
    "+MCONNECT": ["+MCONNECT:(0-1),(1-65535)"],
    "+MPUB": ["+MPUB:<topic>,(0-2),(0-1),<message>"],
    "+MPUBEX": ["+MPUBEX:<topic>,(0-2),(0-1),<len>"],
    "+MSUB": ["+MSUB:<topic>,(0-2)"],
    "+MUNSUB": ["+MUNSUB:<topic>"],
    "+MQTTMSGGET": [],
    "+MQTTMSGSET": ["+MQTTMSGSET:(0,1)"],
    "+MQTTMODE": ["+MQTTMODE: (0,1)"],
    "+MIPCLOSE": [],
    "+MDISCONNECT": [],
    "+MQTTSTATU": [],
    "+SSLCFG": [],
    "+FSCREATE": [],
    "+FSREAD": [],
    "+FSWRITE": [],
    "+FSDEL": [],
    "+FSFLSIZE": [],
    "+FSMEM": [],
    "+CSTT": ['+CSTT: "APN","USER","PWD"'],
    "+CIICR": [],
    "+CIFSR": [],
    "+CIPSTATUS": [],
    "+CIPSHUT": [],
    "+CMEE": ["+CMEE:(0,1,2)"],
    "+CFUN": ["+CFUN: (0,1,4),(0,1)"],
    "+CPIN": [],
    "+CLCK": [
        (
            '+CLCK:("SC","AO","OI","OX","AI","IR","AB","AG","AC","FD","PF","PN","PU","PP","PC","CS","PS","NT","NM",'
            '"NS","NA")'
        )
    ],
    "+CPWD": ['+CPWD: ("SC",8),("AO",4),("OI",4),("OX",4),("AI",4),("IR",4),("AB",4),("AG",4),("AC",4)'],
    "+CSQ": ["+CSQ: (0-31,99),(0-7,99)"],
    "+CREG": ["+CREG:(0,1,2,3)"],
    "+CEREG": ["+CEREG: (0,1,2,3,4,5)"],
    "+CGREG": ["+CGREG:(0,1,2,3,4,5)"],
    "+CGATT": ["+CGATT: (0-1)"],
    "+CGACT": ["+CGACT: (0,1)"],
    "+CGPADDR": ["+CGPADDR: (1)"],
    "+CGDCONT": [
        '+CGDCONT: (1-15),"IP",,,,,(0),(0,2),(0),(0),(0,1),(0),(0,1),(0)',
        '+CGDCONT: (1-15),"IPV6",,,,,(0),(0,2),(0),(0),(0,1),(0),(0),(0)',
        '+CGDCONT: (1-15),"IPV4V6",,,,,(0),(0,2),(0),(0),(0,1),(0),(0,1),(0)',
    ],
    "+CCLK": [],
    "+CSCS": ['+CSCS:"GSM","IRA","UCS2"'],
    "+IFC": ["+IFC: (0-2),(0-2)"],
    "+IPR": [
        (
            "+IPR:(600,1200,2400,4800,9600,19200,38400,57600,115200,230400),"
            "(0,600,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800,921600)"
        )
    ],
    "+CGMI": [],
    "+CGMM": [],
    "+CGMR": [],
    "+CGSN": [],
    "+CIMI": [],
    "+VER": [],
    "+CCID": [],
    "+ICCID": [],
    "+RESET": [],
    "+CPOWD": [],
}
LONG, LONGER = "x" * 256, "x" * 257


@pytest.mark.parametrize("command", TESTS)
def test_the_test_form(command: str) -> None:
    hold(BOOT + read(f"AT{command}=?", *TESTS[command]), MODEL)


def test_every_command_is_in_the_table() -> None:
    """AT+COPS=? alone searches, and is not one line."""
    commands = find_model(MODEL)[0].commands
    assert {name for name in commands if name.startswith("+")} - {"+COPS"} == set(TESTS)


def test_longest_response_times() -> None:
    """1.4; nine seconds where it says nothing."""
    commands = find_model(MODEL)[0].commands
    listed = {"+COPS": 300, "+CGACT": 108, "+CGATT": 108, "+CFUN": 45, "+CPIN": 180, "+CSTT": 60}
    listed |= {"+CIICR": 90, "+CIPSHUT": 90}
    assert {name: c.max_response for name, c in commands.items()} == dict.fromkeys(commands, 9) | listed


def test_names_and_wills() -> None:
    message, longer = "m" * 1360, "m" * 1361
    hold(
        BOOT
        + ok(f'AT+MCONFIG={LONG},{LONG},{LONG},2,1,"{LONG}","{message}"')
        + cme(53, f"AT+MCONFIG={LONGER}", f"AT+MCONFIG=c,{LONGER},p", f"AT+MCONFIG=c,u,{LONGER}", "AT+MCONFIG=")
        + cme(53, "AT+MCONFIG=c,u", 'AT+MCONFIG=c,u,p,3,0,"t","m"', 'AT+MCONFIG=c,u,p,0,2,"t","m"')
        + cme(53, 'AT+MCONFIG=c,u,p,0,0,"t"', f'AT+MCONFIG=c,u,p,0,0,"{LONGER}","m"')
        + cme(53, f'AT+MCONFIG=c,u,p,0,0,"t","{longer}"', 'AT+MCONFIG=c,u,p,0,0,"t","m",1', "AT+MCONFIG", "AT+MCONFIG?")
        + opened()
        + ok("AT+MCONNECT=1,60")
        + f'S> Connect("{LONG}", keep_alive=60, username="{LONG}", password=b"{LONG}", '
        + f'will=ConnectWill("{LONG}", b"{message}", 2, True))\n',
        MODEL,
    )


def test_servers() -> None:
    for command in ("MIPSTART", "SSLMIPSTART"):
        hold(
            BOOT
            + cme(53, f"AT+{command}=h", f"AT+{command}=h,0", f"AT+{command}=h,65536", f'AT+{command}=h,"0"')
            + cme(53, f'AT+{command}="",1', f"AT+{command}={LONGER},1", f"AT+{command}=h,1,1", f"AT+{command}")
            + ok(f'AT+{command}="{LONG}","65535"')
            + f"S: opened {LONG}:65535\n<<\n<< CONNECT OK\n",
            MODEL,
        )


def test_sessions() -> None:
    hold(
        BOOT
        + opened()
        + ok("AT+MCONFIG=c")
        + cme(53, "AT+MCONNECT=2,60", "AT+MCONNECT=1,0", "AT+MCONNECT=1,65536", "AT+MCONNECT=1", "AT+MCONNECT=1,60,0")
        + ok("AT+MCONNECT=0,65535")
        + 'S> Connect("c", clean_session=False, keep_alive=65535)\n',
        MODEL,
    )


def test_messages() -> None:
    message, longer = "m" * 4100, "m" * 4101
    hold(
        ONLINE
        + cme(53, "AT+MPUB=t,3,0,x", "AT+MPUB=t,0,2,x", "AT+MPUB=,0,0,x", f"AT+MPUB={LONGER},0,0,x", "AT+MPUB=t,0,0")
        + cme(53, f"AT+MPUB=t,0,0,{longer}", "AT+MPUB", "AT+MPUB?")
        + cme(53, "AT+MPUBEX=t,0,0,0", "AT+MPUBEX=t,0,0,4101", "AT+MPUBEX=t,3,0,1", "AT+MPUBEX=t,0,2,1")
        + cme(53, f"AT+MPUBEX={LONGER},0,0,1", "AT+MPUBEX=t,0", "AT+MPUBEX=t,0,0,1,1", 'AT+MPUBEX=t,0,0,"1"')
        + "S> nothing\n"
        + ok(f"AT+MPUB={LONG},2,1,{message}")
        + f'S> Publish("{LONG}", b"{message}", qos=2, retain=True, packet_id=1)\n'
        + asks(f"AT+MPUBEX={LONG},0,1,4100")
        + f'>>| {message}\n<<\n<< OK\nS> Publish("{LONG}", b"{message}", retain=True)\n',
        MODEL,
    )


def test_topics() -> None:
    hold(
        ONLINE
        + cme(53, "AT+MSUB=t,3", "AT+MSUB=,0", f"AT+MSUB={LONGER},0", "AT+MSUB=t,0,u,0", "AT+MSUB")
        + cme(53, "AT+MUNSUB=", f"AT+MUNSUB={LONGER}", "AT+MUNSUB=a,b", "AT+MUNSUB")
        + "S> nothing\n"
        + ok(f"AT+MSUB={LONG},2", f"AT+MUNSUB={LONG}")
        + f'S> Subscribe(1, (("{LONG}", 2),))\nS> Unsubscribe(2, ("{LONG}",))\n',
        MODEL,
    )


def test_modes() -> None:
    hold(
        BOOT
        + read("AT+MQTTMSGSET?", "+MQTTMSGSET:0")
        + read("AT+MQTTMODE?", "+MQTTMODE: 0")
        + cme(53, "AT+MQTTMSGSET=2", "AT+MQTTMSGSET=", "AT+MQTTMODE=2", 'AT+MQTTMODE="1"', "AT+MQTTSTATU?")
        + ok("AT+MQTTMSGSET=1", "AT+MQTTMODE=1"),
        MODEL,
    )


def test_access_points() -> None:
    hold(
        BOOT
        + error(f"AT+CSTT={'a' * 129}", f"AT+CSTT=a,{'u' * 33}", f"AT+CSTT=a,u,{'p' * 33}", "AT+CSTT=a,u,p,x")
        + ok(f"AT+CSTT={'a' * 128},{'u' * 32},{'p' * 32}"),
        MODEL,
    )


def test_the_network() -> None:
    """5.5, 5.6, 5.9, 8.1 and 8.5; where <n> may be left out, an equals sign alone is 0."""
    hold(
        BOOT
        + ok("AT+CREG=3", "AT+CREG=", "AT+CGREG=5", "AT+CGREG=", "AT+CEREG=5")
        + read("AT+CREG?", "+CREG: 0,1")
        + read("AT+CGREG?", "+CGREG: 0,1")
        + cme(53, "AT+CREG=4", "AT+CGREG=6", "AT+CEREG=6", "AT+CEREG=", "AT+CREG", "AT+CGREG", "AT+CEREG")
        + ok('AT+COPS=1,2,"46000",7,2', "AT+COPS=0,,,1,0")
        + cme(53, "AT+COPS=5", "AT+COPS=0,3", "AT+COPS=0,,,9", "AT+COPS=0,,,,3")
        + read("AT+CGPADDR=8", "+CGPADDR: 8")
        + cme(53, "AT+CGPADDR=9", "AT+CGPADDR=0", "AT+CGPADDR=1,2"),
        MODEL,
    )


def test_files() -> None:
    hold(
        BOOT
        + ok("AT+FSCREATE=a")
        + cme(53, "AT+FSWRITE=a,2,1,1", "AT+FSWRITE=a,0,0,1", "AT+FSWRITE=a,0,10241,1", "AT+FSWRITE=a,0,1,0")
        + cme(53, "AT+FSWRITE=a,0,1,4294967296", "AT+FSWRITE=a,0,1", "AT+FSREAD=a,2,1,0", "AT+FSREAD=a,0,0,0")
        + cme(53, "AT+FSREAD=a,0,10241,0", "AT+FSREAD=a,0,1,-1")
        + asks("AT+FSWRITE=a,1,10240,4294967295")
        + f">>| {'d' * 10240}\n<<\n<< OK\n"
        + read("AT+FSREAD=a,0,10240,0", "d" * 10240),
        MODEL,
    )


def test_waits() -> None:
    module = make_module(MODEL)
    module.power_on(0.0)
    exchange(module, b"AT+MIPSTART=h,1")
    assert module.deadline() == 75.0
