"""AT+QMTCFG as transcripts: eighteen options, read, written, read back, refused (MQTT guide V1.1, 3.3.1)."""

import hashlib
import hmac

import pytest

from support.helpers import exchange, hold, make_module
from support.qmt_lines import BOOT, cfg, connected, error, ok, online, opened, prompt, publish, read, shows

# Option, what it shows at power-on, values to write, what it shows then (defaults: the manual's underlined values).
OPTIONS = [
    ("version", "3", "4", "4"),
    ("pdpcid", "1", "15", "15"),
    ("ssl", "0", "1,2", "1,2"),
    ("keepalive", "120", "3600", "3600"),
    ("session", "1", "0", "0"),
    ("timeout", "5,3,0", "60,10,1", "60,10,1"),
    ("will", "0", '1,2,1,"t/will","gone"', '1,2,1,"t/will","gone"'),
    ("recv/mode", "0,0", "1,1", "1,1"),
    ("aliauth", '"","",""', '"pk7","pump_1","s3cr3t"', '"pk7","pump_1","s3cr3t"'),
    ("qmtping", "5", "60", "60"),
    ("send/mode", "0", "1", "1"),
    ("onenet", '"",""', '"Pr0d","a2V5"', '"Pr0d","a2V5"'),
    ("hwauth", '"",""', '"prod_node","s3cr3t"', '"prod_node","s3cr3t"'),
    ("hwprodid", '"","",""', '"prod","s3cr3t","node"', '"prod","s3cr3t","node"'),
    ("dataformat", "0,0", "1,1", "1,1"),
    ("view/mode", "0", "1", "1"),
    ("edit/timeout", "0", "1,30", "1,30"),
]
NAMES = [option[0] for option in OPTIONS]


@pytest.mark.parametrize(("option", "default", "written", "shown"), OPTIONS, ids=NAMES)
def test_default_write_and_read_back(option: str, default: str, written: str, shown: str) -> None:
    others = "".join(shows(option, default, client=client) for client in (0, 2, 4, 5))
    hold(
        BOOT
        + shows(option, default)
        + cfg(option, written, client=3)
        + shows(option, shown, client=3)
        + others
        + cfg(option, written, client=3)
        + shows(option, shown, client=3)
    )


OPENING = ok('AT+QMTOPEN=0,"broker.example",1883')
OPEN = OPENING + "S: opened\n<<\n<< +QMTOPEN: 0,0\n"
CONNECTING = OPEN + ok('AT+QMTCONN=0,"pump"')
CONNECTED = CONNECTING + "S< Connack(0)\n<<\n<< +QMTCONN: 0,0,0\n"
# How the client comes to a state, and whether its settings are taken there: as firmwares do, and by the manual.
STATES: dict[str, tuple[str, bool, bool]] = {
    "never opened": ("", True, True),
    "opening": (OPENING, True, False),
    "open": (OPEN, True, False),
    "connecting": (CONNECTING, False, False),
    "connected": (CONNECTED, False, False),
    "could not open": (OPENING + "S: refused\n<<\n<< +QMTOPEN: 0,-1\n", True, True),
    "refused": (CONNECTING + "S< Connack(4)\n<<\n<< +QMTCONN: 0,0,4\n<<\n<< +QMTSTAT: 0,4\n", True, True),
    "disconnected": (CONNECTED + ok("AT+QMTDISC=0") + "<<\n<< +QMTDISC: 0,0\n", True, True),
    "closed": (CONNECTED + ok("AT+QMTCLOSE=0") + "<<\n<< +QMTCLOSE: 0,0\n", True, True),
    "lost": (CONNECTED + "S: closed\n<<\n<< +QMTSTAT: 0,1\n", True, True),
}


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("option", "default", "written", "shown"), OPTIONS, ids=NAMES)
def test_in_every_state_of_the_client(
    option: str, default: str, written: str, shown: str, state: str, strict: bool
) -> None:
    """Taken until AT+QMTCONN, by the manual until AT+QMTOPEN; read, and set for other clients, at any time."""
    reach, lenient, by_manual = STATES[state]
    write = f'AT+QMTCFG="{option}",0,{written}'
    taken = by_manual if strict else lenient
    hold(
        BOOT
        + reach
        + (ok(write) + shows(option, shown) if taken else error(write) + shows(option, default))
        + cfg(option, written, client=1)
        + shows(option, shown, client=1),
        strict=strict,
    )


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("state", STATES)
def test_willex_is_taken_in_every_state_of_the_client(state: str, strict: bool) -> None:
    hold(
        BOOT
        + STATES[state][0]
        + publish('AT+QMTCFG="willex",0,1,2,1,"t/will",5', "gone!")
        + shows("will", '1,2,1,"t/will","gone!"'),
        strict=strict,
    )


def test_settings_behind_the_open_network_are_those_of_this_connection() -> None:
    """All that CONNECT and messages go by."""
    hold(
        BOOT
        + opened()
        + cfg("version", 4)
        + cfg("keepalive", 60)
        + cfg("session", 0)
        + cfg("will", '1,1,0,"w","gone"')
        + cfg("timeout", "2,0,0")
        + cfg("recv/mode", "1,1")
        + ok('AT+QMTCONN=0,"pump"')
        + 'S> Connect("pump", level=4, clean_session=False, keep_alive=60, will=ConnectWill("w", b"gone", 1, False))\n'
        + "S< Connack(0)\n<<\n<< +QMTCONN: 0,0,0\n"
        + 'S< Publish("t", b"on")\n<<\n<< +QMTRECV: 0,0\n'
        + read("AT+QMTRECV=0", '+QMTRECV: 0,0,"t",2,"on"')
    )


def test_what_the_network_was_opened_with_stays_until_it_is_opened_again() -> None:
    """Both pdpcid and ssl: neither context nor TLS changes under an open network, nor what credentials say of it."""
    password = hmac.new(b"s3cr3t", b"clientIdpumpdeviceNamedevproductKeypk", hashlib.sha256).hexdigest()
    hold(
        BOOT
        + cfg("aliauth", '"pk","dev","s3cr3t"')
        + opened()
        + cfg("pdpcid", 2)
        + cfg("ssl", "1,2")
        + ok('AT+QMTCONN=0,"pump"')
        + 'S> Connect("pump|securemode=3,signmethod=hmacsha256|", level=3, keep_alive=120, username="dev&pk", '
        + f'password=b"{password}")\n'
    )


@pytest.mark.parametrize(("option", "default", "written", "shown"), OPTIONS, ids=NAMES)
def test_nothing_survives_a_power_cycle(option: str, default: str, written: str, shown: str) -> None:
    module = make_module()
    module.power_on(0.0)
    exchange(module, b"ATE0")
    assert exchange(module, f'AT+QMTCFG="{option}",5,{written}'.encode()) == b"\r\nOK\r\n"
    assert shown.encode() in exchange(module, f'AT+QMTCFG="{option}",5'.encode())
    module.power_off(1.0)
    module.power_on(2.0)
    exchange(module, b"ATE0")
    line = exchange(module, f'AT+QMTCFG="{option}",5'.encode(), 3.0)
    assert line == f'\r\n+QMTCFG: "{option}",{default}\r\n\r\nOK\r\n'.encode()


def test_every_option_is_held_here() -> None:
    assert sorted([*NAMES, "willex"]) == sorted(
        [
            "version",
            "pdpcid",
            "ssl",
            "keepalive",
            "session",
            "timeout",
            "will",
            "willex",
            "recv/mode",
            "aliauth",
            "qmtping",
            "send/mode",
            "onenet",
            "hwauth",
            "hwprodid",
            "dataformat",
            "view/mode",
            "edit/timeout",
        ]
    )


def test_the_name_of_an_option_ignores_case_and_needs_no_quotes() -> None:
    hold(
        BOOT
        + ok('AT+QMTCFG="SSL",0,1,2', 'at+qmtcfg="Recv/Mode",0,1,0', "AT+QMTCFG=KeepAlive,0,60")
        + shows("ssl", "1,2")
        + shows("recv/mode", "1,0")
        + read("AT+QMTCFG=keepalive,0", '+QMTCFG: "keepalive",60')
    )


def test_tls_needs_its_context_and_shows_it_while_it_is_on() -> None:
    hold(
        BOOT
        + error('AT+QMTCFG="ssl",0,1')
        + shows("ssl", 0)
        + cfg("ssl", 1, 5)
        + error('AT+QMTCFG="ssl",0,1')
        + shows("ssl", "1,5")
        + cfg("ssl", 0)
        + shows("ssl", 0)
        + error('AT+QMTCFG="ssl",0,1')
    )


def test_a_value_left_out_keeps_what_it_was() -> None:
    hold(
        BOOT
        + cfg("recv/mode", "1,1")
        + cfg("recv/mode", 0)
        + shows("recv/mode", "0,1")
        + ok('AT+QMTCFG="recv/mode",0,,0')
        + shows("recv/mode", "0,0")
    )


def test_timeout_takes_all_three_or_none() -> None:
    hold(
        BOOT
        + error('AT+QMTCFG="timeout",0,9', 'AT+QMTCFG="timeout",0,9,1', 'AT+QMTCFG="timeout",0,9,,1')
        + error('AT+QMTCFG="timeout",0,,,1', 'AT+QMTCFG="timeout",0,9,1,0,0')
        + shows("timeout", "5,3,0")
    )


def test_both_options_for_hexadecimal_share_one_value() -> None:
    hold(
        BOOT
        + cfg("send/mode", 1)
        + shows("dataformat", "1,0")
        + cfg("dataformat", "0,1")
        + shows("send/mode", 0)
        + cfg("send/mode", 1)
        + shows("dataformat", "1,1")
        + error('AT+QMTCFG="dataformat",0,1')
    )


def test_time_of_the_prompt_is_shown_while_it_counts() -> None:
    hold(
        BOOT
        + error('AT+QMTCFG="edit/timeout",0,1')
        + cfg("edit/timeout", "1,120")
        + shows("edit/timeout", "1,120")
        + cfg("edit/timeout", "0,1")
        + shows("edit/timeout", 0)
    )


def test_values_without_a_flag_are_no_question() -> None:
    """A parameter left out keeps its value: it does not turn the others into a query."""
    hold(BOOT + cfg("will", '1,0,0,"t","m"') + ok('AT+QMTCFG="will",0,,2,1,"u","n"') + shows("will", '1,2,1,"u","n"'))


def test_a_json_will_keeps_its_commas_and_quotes() -> None:
    will = '1,1,1,"dev/will","{"up":0,"why":{"code":[1,2,"x y"]}}"'
    hold(BOOT + cfg("will", will) + shows("will", will))


def test_a_will_typed_as_data_is_not_cut_by_what_follows() -> None:
    """What exceeds the length is command input again, where it falls silent (a departure from the manual)."""
    hold(
        BOOT
        + prompt('AT+QMTCFG="willex",1,1,0,0,"t",4')
        + ">>| gonemore\\r\n<<\n<< OK\n"
        + shows("will", '1,0,0,"t","gone"', client=1)
    )


def test_willex_alone_is_taken_while_the_client_is_connected() -> None:
    hold(
        online()
        + publish('AT+QMTCFG="willex",0,1,1,0,"t",2', "hi")
        + error('AT+QMTCFG="will",0,0')
        + shows("will", '1,1,0,"t","hi"')
        + ok("AT+QMTDISC=0")
        + "<<\n<< +QMTDISC: 0,0\nS> Disconnect()\n"
        + opened()
        + connected(fields='level=3, keep_alive=120, will=ConnectWill("t", b"hi", 1, False)')
    )


def test_the_time_check_of_huawei_is_a_last_parameter() -> None:
    hold(
        BOOT
        + cfg("hwauth", '"id","secret",1')
        + shows("hwauth", '"id","secret",1')
        + cfg("hwauth", '"id","secret"')
        + shows("hwauth", '"id","secret"')
        + cfg("hwprodid", '"id","secret","node",1')
        + shows("hwprodid", '"id","secret","node",1')
        + error('AT+QMTCFG="hwauth",0,"id","secret",2', 'AT+QMTCFG="hwprodid",0,"id","secret"')
    )


def test_what_is_no_option_or_no_form() -> None:
    hold(
        BOOT
        + error("AT+QMTCFG", "AT+QMTCFG?", "AT+QMTCFG=", 'AT+QMTCFG=""', 'AT+QMTCFG="nothing",0', "AT+QMTCFG=0")
        + error('AT+QMTCFG="version"', 'AT+QMTCFG="version",', 'AT+QMTCFG="version",6', 'AT+QMTCFG="version","0"')
    )
