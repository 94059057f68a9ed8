"""The mobile of BC35-G and BC28: each command reads or changes its one state (BC35-G AT commands manual V1.0)."""

import pytest

from modemlab.dialect.mobile import DENIED, HOME, ROAMING, SEARCHING, Cell, Signal
from modemlab.module.effects import StreamOpened
from support.helpers import exchange, make_module
from support.mobile_line import UTC
from support.nb_lines import OK, START, WITH_NUMBERS, cme, hold_nb, info, nb_module, nb_online, refused
from support.qmt_lines import error, lost, ok, opened, read, urc


def test_registration_follows_the_network() -> None:
    module = nb_module()
    exchange(module, b"AT+CEREG=2")
    for stat, shown in ((SEARCHING, "2"), (DENIED, "3"), (ROAMING, "5,1A2B,05C3D2E1,9"), (HOME, "1,1A2B,05C3D2E1,9")):
        module.mobile.set_registration(stat, 1.0)
        assert module.data_to_send() == f"\r\n+CEREG:{shown}\r\n".encode()
        assert exchange(module, b"AT+CEREG?") == info(f"+CEREG:2,{shown}")
    module.mobile.change_cell(Cell("00C3", "000A", 9, "NB-IoT", "5", 2506))
    assert module.data_to_send() == b"\r\n+CEREG:1,00C3,0000000A,9\r\n"
    assert b"Cell ID:10\r\n" in exchange(module, b"AT+NUESTATS")
    assert exchange(module, b"AT+CGATT=0") == OK + b"\r\n+CEREG:0\r\n"
    module.mobile.set_registration(DENIED, 2.0)
    module.data_to_send()
    assert exchange(module, b"AT+CGATT=1") == cme(30)
    assert exchange(module, b"AT+COPS=?") == info('+COPS:(3,,,"46000"),,(0-2),(2)')
    assert exchange(module, b"AT+CGACT=1,0") == cme(30)


def test_registration_shows_why_it_is_denied() -> None:
    """AT commands manual, 2.7: with 3 and 5."""
    for mode, told in ((1, "3"), (2, "3"), (3, "3,,,,0,11"), (4, "3"), (5, "3,,,,0,11")):
        module = nb_module()
        exchange(module, b"AT+CEREG=%d" % mode)
        module.mobile.set_registration(DENIED, 1.0, cause=11)
        assert module.data_to_send() == f"\r\n+CEREG:{told}\r\n".encode()
        assert exchange(module, b"AT+CEREG?") == info(f"+CEREG:{mode},{told}")
    module.mobile.set_registration(DENIED, 2.0)
    assert exchange(module, b"AT+CEREG?") == info("+CEREG:5,3")
    module.mobile.set_registration(HOME, 3.0, cause=7)
    assert exchange(module, b"AT+CEREG?") == info("+CEREG:5,3,,,,0,7")


def test_the_signalling_connection_is_that_of_the_client() -> None:
    hold_nb(
        START
        + ok("AT+CSCON=1", 'AT+QMTOPEN=0,"broker.example",1883')
        + urc("+CSCON:1")
        + read("AT+CSCON?", "+CSCON:1,1")
        + error("AT+COPS=?")
        + "S: name\n"
        + urc("+QMTOPEN: 0,4", "+CSCON:0")
        + ok('AT+QMTOPEN=0,"broker.example",1883')
        + urc("+CSCON:1")
        + "S: opened\n"
        + urc("+QMTOPEN: 0,0")
        + ok('AT+QMTOPEN=0,"broker.example",1883')
        + urc("+QMTOPEN: 0,2")
        + "S: closed\n"
        + urc("+QMTSTAT: 0,1", "+CSCON:0")
        + ok("AT+QMTCLOSE=0")
        + urc("+QMTCLOSE: 0,0")
        + ok("AT+CSCON=0")
        + opened()
        + read("AT+CSCON?", "+CSCON:0,1")
        + ok("AT+CSCON=1", "AT+QMTCLOSE=0")
        + urc("+QMTCLOSE: 0,0", "+CSCON:0")
        + read("AT+CSCON?", "+CSCON:1,0")
    )
    hold_nb(nb_online(ok("AT+CSCON=0")) + ok("AT+CSCON=1", "AT+QMTDISC=0") + urc("+QMTDISC: 0,0", "+CSCON:0"))


def test_the_first_context_may_be_defined_while_it_is_active() -> None:
    hold_nb(
        START
        + ok('AT+CGDCONT=0,"IPV6","iot"')
        + read("AT+CGPADDR", "+CGPADDR:0,10.64.0.2")
        + ok("AT+CGATT=0", "AT+CGATT=1")
        + read("AT+CGPADDR", "+CGPADDR:0,2001:db8:0:0::2")
        + ok("AT+CGDCONT=0")
        + read("AT+CGDCONT?", '+CGDCONT:0,"IPV4V6",,,0,0,,,,,0,0')
    )
    hold_nb(START + read("AT+CGDCONT?", '+CGDCONT:0,"IPV4V6","iot",,0,0,,,,,0,0'), apn="iot")


def test_authentication_of_a_context() -> None:
    hold_nb(
        START
        + WITH_NUMBERS
        + ok('AT+CGAUTH=0,2,"1234","5678"')
        + read("AT+CGAUTH?", '+CGAUTH:0,2,"1234","5678"')
        + ok("AT+CGAUTH=0,0")
        + read("AT+CGAUTH?", '+CGAUTH:0,0,"",""')
        + refused(50, "AT+CGAUTH=0,1", 'AT+CGAUTH=0,0,"u"', 'AT+CGAUTH=0,3,"u"', f'AT+CGAUTH=0,1,"{"u" * 61}"')
    )


def test_the_network_drops_the_context() -> None:
    module = nb_module()
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(1), 0.0)
    module.data_to_send()
    module.mobile.deactivate(0, asked=False)
    assert module.data_to_send() == b"\r\n+QMTSTAT: 0,7\r\n"


def test_signal_and_statistics() -> None:
    module = nb_module()
    module.mobile.set_signal(Signal(10, 3), 0.0)
    assert exchange(module, b"AT+CSQ") == info("+CSQ:10,99")
    assert exchange(module, b"AT+NUESTATS=CELL") == info("NUESTATS:CELL,3734,105,1,-990,-108,-930,226")
    lines = exchange(module, b"AT+NUESTATS").decode().split("\r\n")[1:-3]
    assert lines[:2] == ["Signal power:-990", "Total power:-930"]
    prefixed = info(*(f"NUESTATS:RADIO,{line}" for line in lines[:13]))
    assert exchange(module, b"AT+NUESTATS=radio") == prefixed
    everything = exchange(module, b"AT+NUESTATS=ALL").decode()
    kinds = ("RADIO", "CELL", "BLER", "THP", "APPSMEM")
    assert [everything.count(f"NUESTATS:{kind},") for kind in kinds] == [13, 1, 10, 4, 5]
    module.mobile.set_signal(Signal(99, 99), 0.0)
    assert exchange(module, b"AT+NUESTATS=CELL") == OK
    assert b"Signal power:-32768\r\nTotal power:-32768\r\n" in exchange(module, b"AT+NUESTATS")
    assert exchange(module, b"AT+NUESTATS=NONE") == cme(50)


def test_the_clock() -> None:
    module = nb_module()
    assert exchange(module, b"AT+CCLK?") == info("+CCLK:23/11/15,06:13:20+32")
    assert exchange(module, b'AT+CCLK="18/11/09,05:36:42+32"') == cme(3)
    assert exchange(module, b"AT+NITZ=0") == OK
    assert exchange(module, b'AT+CCLK="18/11/09,05:36:42+32"') == OK
    assert exchange(module, b"AT+CCLK?") == info("+CCLK:18/11/09,05:36:42+32")
    assert exchange(module, b"AT+CCLK?", 20.0) == info("+CCLK:18/11/09,05:37:02+32")
    assert exchange(module, b'AT+CCLK="18/11/09,05:36:42-96"', 20.0) == OK
    for bad in ("18/11/09,05:36:42+97", "18/13/09,05:36:42+32", "18/11/09 05:36:42+32", "18/11/09,25:36:42+32"):
        assert exchange(module, f'AT+CCLK="{bad}"'.encode(), 20.0) == cme(50)
    assert exchange(module, b"AT+NITZ?", 20.0) == info("+NITZ:0")


def test_the_clock_is_empty_until_the_network_tells() -> None:
    module = make_module("BC35-G", utc=UTC)
    module.mobile.set_registration(SEARCHING, 0.0)
    module.power_on(0.0)
    module.data_to_send()
    assert exchange(module, b"AT+CCLK?") == OK
    module.mobile.set_registration(HOME, 1.0)
    assert exchange(module, b"AT+CCLK?", 1.0) == info("+CCLK:23/11/15,06:13:21+32")


ZONES = [
    (b"0", b""),
    (b"1", b"\r\n+CTZV:+36\r\n"),
    (b"2", b'\r\n+CTZE:+36,1,"2023/11/15,07:13:20"\r\n'),
    (b"3", b'\r\n+CTZEU:+36,1,"2023/11/14,22:13:20"\r\n'),
]


@pytest.mark.parametrize(("reporting", "said"), ZONES)
def test_a_new_time_zone(reporting: bytes, said: bytes) -> None:
    module = nb_module()
    assert exchange(module, b"AT+CTZR=" + reporting) == OK
    module.mobile.set_time_zone(36, 1, 0.0)
    assert module.data_to_send() == said


def test_bands_are_set_while_the_radio_is_off_and_outlive_a_restart() -> None:
    module = nb_module()
    assert exchange(module, b"AT+NBAND=5") == cme(3)
    assert exchange(module, b"AT+CFUN=0") == OK
    for bad in (b"2", b"5,5", b"5,8,3,28,20,1,1", b"", b'"5"'):
        assert exchange(module, b"AT+NBAND=" + bad) == cme(50)
    assert exchange(module, b"AT+NBAND=20,8") == OK
    assert b"CURRENT BAND:8\r\n" in exchange(module, b"AT+NUESTATS")
    assert exchange(module, b"AT+NBAND=20") == OK
    assert b"EARFCN:6300\r\n" in exchange(module, b"AT+NUESTATS")
    exchange(module, b"AT+NRB")
    assert exchange(module, b"AT+NBAND?") == info("+NBAND:20")
    assert b"CURRENT BAND:20\r\n" in exchange(module, b"AT+NUESTATS")


def test_functions_outlive_a_restart() -> None:
    module = nb_module()
    assert exchange(module, b"AT+NCONFIG=CELL_RESELECTION,FALSE") == OK
    assert exchange(module, b'AT+NCONFIG="barring_release_delay",1800') == OK
    assert exchange(module, b"AT+NCONFIG=NB_CATEGORY,1") == cme(3)
    for bad in (b"CELL_RESELECTION", b"CELL_RESELECTION,", b"CELL_RESELECTION,YES", b"BARRING_RELEASE_DELAY,1801"):
        assert exchange(module, b"AT+NCONFIG=" + bad) == cme(50)
    assert exchange(module, b"AT+NCONFIG=NOTHING,TRUE") == cme(4)
    exchange(module, b"AT+CFUN=0")
    assert exchange(module, b"AT+NCONFIG=NB_CATEGORY,1") == OK
    assert exchange(module, b"AT+NCONFIG=PCO_IE_TYPE,PCO") == OK
    exchange(module, b"AT+NRB")
    shown = exchange(module, b"AT+NCONFIG?")
    for function in (b"CELL_RESELECTION,FALSE", b"BARRING_RELEASE_DELAY,1800", b"NB_CATEGORY,1", b"PCO_IE_TYPE,PCO"):
        assert b"+NCONFIG:" + function + b"\r\n" in shown


def test_a_module_that_does_not_connect_by_itself() -> None:
    module = nb_module()
    exchange(module, b"AT+NCONFIG=AUTOCONNECT,FALSE")
    assert exchange(module, b"AT+CGATT?") == info("+CGATT:1")
    for _ in range(2):
        exchange(module, b"AT+NRB")
        assert exchange(module, b"AT+CFUN?") == info("+CFUN:0")
        assert exchange(module, b"AT+CFUN=1") == OK
        assert exchange(module, b"AT+CEREG?") == info("+CEREG:0,0")
    assert exchange(module, b"AT+CGATT=1") == OK
    assert exchange(module, b"AT+CEREG?") == info("+CEREG:0,1")


def test_a_restart_keeps_the_settings_of_the_speed_but_two() -> None:
    module = nb_module()
    exchange(module, b"AT+NATSPEED=115200,3,1,2,1")
    exchange(module, b"AT+NRB")
    assert exchange(module, b"AT+NATSPEED?") == info("+NATSPEED:115200,2,1,0,0")


def test_a_definition_without_a_type_takes_the_default_of_the_manual() -> None:
    """AT commands manual, 2.16: IPV4V6, of a context that is new and of one whose definition was taken away."""
    hold_nb(
        START
        + ok(
            'AT+CGDCONT=1,,"iot"',
            "AT+CGACT=1,1",
            "AT+CGACT=0,1",
            'AT+CGDCONT=2,"IP"',
            "AT+CGDCONT=2",
            "AT+CGDCONT=2,,,,0,1",
        )
        + read(
            "AT+CGDCONT?",
            '+CGDCONT:0,"IPV4V6",,,0,0,,,,,0,0',
            '+CGDCONT:1,"IPV4V6","iot",,0,0,,,,,0,0',
            '+CGDCONT:2,"IPV4V6",,,0,1,,,,,0,0',
        )
    )


def test_context_7_is_that_of_bip() -> None:
    hold_nb(
        START
        + WITH_NUMBERS
        + ok('AT+CGDCONT=7,"IP"', "AT+NCONFIG=ENABLE_BIP,TRUE")
        + refused(517, 'AT+CGDCONT=7,"IPV6"', "AT+CGDCONT=7")
        + ok('AT+CGDCONT=8,"IP"', "AT+NCONFIG=ENABLE_BIP,FALSE", "AT+CGDCONT=7")
    )


def test_a_module_that_does_not_connect_by_itself_lists_its_first_context_always() -> None:
    module = nb_module()
    exchange(module, b"AT+NCONFIG=AUTOCONNECT,FALSE")
    exchange(module, b"AT+CGATT=0")
    assert exchange(module, b"AT+CGPADDR") == OK
    exchange(module, b"AT+NRB")
    assert exchange(module, b"AT+CGPADDR") == info("+CGPADDR:0")
    assert exchange(module, b"AT+CGPADDR=?") == info("+CGPADDR:(0)")


def test_all_commands_are_listed() -> None:
    module = nb_module()
    said = exchange(module, b"AT+CLAC").decode().split("\r\n")[1:-3]
    assert {"AT+CGATT", "AT+COPS", "AT+QMTTENAUTH", "AT+QMTENAUTH", "ATI", "AT+NRB"} < set(said)


def test_it_boots_step_by_step() -> None:
    module = make_module("BC28", utc=UTC)
    module.mobile.boot_time = 4.0
    module.power_on(0.0)
    exchange(module, b"AT+CMEE=1")
    assert exchange(module, b"AT+CEREG=1") == OK
    assert exchange(module, b"AT+CIMI", 0.5) == cme(310)
    module.advance(1.5)
    assert exchange(module, b"AT+CIMI", 1.5) == cme(314)
    assert exchange(module, b"AT+CEREG?", 1.5) == info("+CEREG:1,2")
    module.advance(4.0)
    assert module.data_to_send() == b"\r\n+CEREG:1\r\n"
    assert exchange(module, b"AT+CGPADDR", 4.0) == info("+CGPADDR:0,10.64.0.2")


def test_detaching_ends_the_client() -> None:
    for line in ("AT+CGATT=0", "AT+CFUN=0", "AT+COPS=2"):
        hold_nb(nb_online() + ok(line) + lost(7))
