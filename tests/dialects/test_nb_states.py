"""One mobile behind the commands of BC35-G and BC28: whoever changes its state, every command shows it."""

from collections.abc import Callable

from modemlab.dialect.identity import Identity
from modemlab.dialect.mobile import DENIED, HOME, ROAMING, SEARCHING, Cell, Operator, Signal, Sim
from modemlab.module.effects import StreamClosed
from modemlab.module.module import Module
from support.helpers import exchange, make_module
from support.mobile_line import UTC

# What the commands show of a module that has started: each without its name, of AT+NUESTATS what can change.
SHOWN = {
    "AT+CFUN?": "1",
    "AT+CPIN?": " READY",
    "AT+CGATT?": "1",
    "AT+CEREG?": "2,1,1A2B,05C3D2E1,9",
    "AT+CSCON?": "1,0",
    "AT+COPS?": '0,2,"46000"',
    "AT+CSQ": "24,99",
    "AT+CGPADDR": "0,10.64.0.2",
    "AT+CGACT?": "0,1",
    "AT+NBAND?": "5,8,3,28,20,1",
    "AT+CGSN=1": "866000000000017",
    "Signal power": "-710",
    "TX power": "230",
    "Cell ID": "96719585",
    "EARFCN": "3734",
    "CURRENT BAND": "8",
}
# What all of them show without a network, and with the radio off beside that.
ADRIFT = {
    "AT+CGATT?": "0",
    "AT+CEREG?": "2,0",
    "AT+COPS?": "0",
    "AT+CGPADDR": "",
    "AT+CGACT?": "0,0",
    "TX power": "-32768",
}
DEAF = {"AT+CSQ": "99,99", "Signal power": "-32768"}
OFF = ADRIFT | DEAF | {"AT+CFUN?": "0", "AT+CPIN?": "ERROR"}
FOUND = {"AT+CGPADDR": "0"}


def shows(module: Module) -> dict[str, str]:
    """What the commands show now."""
    seen = {}
    for line in SHOWN:
        if line.startswith("AT"):
            said = exchange(module, line.encode()).decode().removeprefix("\r\n").partition("\r\n")[0]
            seen[line] = "" if said == "OK" else said.partition(":")[2] or said
    report = dict(row.split(":") for row in exchange(module, b"AT+NUESTATS").decode().split("\r\n") if ":" in row)
    return {name: seen.get(name) or report.get(name, "") for name in SHOWN}


def say(*lines: str) -> Callable[[Module], None]:
    """The host says these lines, and each is answered by OK, or by a start."""

    def do(module: Module) -> None:
        for line in lines:
            said = exchange(module, line.encode())
            assert b"OK\r\n" in said, line

    return do


ELSEWHERE = {"AT+CEREG?": "2,1,00C3,0000000A,9", "Cell ID": "10", "EARFCN": "2506", "CURRENT BAND": "5"}
RESTARTED = {"AT+CEREG?": "0,1", "AT+CSCON?": "0,0"}
IDLE, BAND_8 = {"AT+CEREG?": "0,0"}, {"AT+NBAND?": "8"}

# In one life: what happens, and in what the commands then show something else than at first.
LIFE: list[tuple[str, Callable[[Module], object], dict[str, str]]] = [
    ("it has started", say("AT+CEREG=2", "AT+CSCON=1"), {}),
    ("the host detaches", say("AT+CGATT=0"), ADRIFT),
    ("the host attaches", say("AT+CGATT=1"), {}),
    ("the host leaves the network", say("AT+COPS=2"), ADRIFT | {"AT+COPS?": "2"}),
    ("the host attaches again", say("AT+CGATT=1"), {}),
    ("the network is lost", lambda m: m.mobile.set_registration(SEARCHING, 0.0), ADRIFT | {"AT+CEREG?": "2,2"}),
    ("the network refuses", lambda m: m.mobile.set_registration(DENIED, 0.0), ADRIFT | {"AT+CEREG?": "2,3"}),
    ("it roams", lambda m: m.mobile.set_registration(ROAMING, 0.0), {"AT+CEREG?": "2,5,1A2B,05C3D2E1,9"}),
    ("it is at home", lambda m: m.mobile.set_registration(HOME, 0.0), {}),
    ("the network detaches", lambda m: m.mobile.detached_by_network(0.0), ADRIFT),
    ("the host attaches anew", say("AT+CGATT=1"), {}),
    (
        "the signal falls",
        lambda m: m.mobile.set_signal(Signal(5, 99), 0.0),
        {"AT+CSQ": "5,99", "Signal power": "-1090"},
    ),
    ("nothing is received", lambda m: m.mobile.set_signal(Signal(99, 99), 0.0), ADRIFT | DEAF | {"AT+CEREG?": "2,2"}),
    ("the signal is back", lambda m: m.mobile.set_signal(Signal(24, 99), 0.0), {}),
    ("another cell", lambda m: m.mobile.change_cell(Cell("00C3", "0000000A", 9, "NB-IoT", "5", 2506)), ELSEWHERE),
    ("the first cell", lambda m: m.mobile.change_cell(Cell("1A2B", "05C3D2E1", 9, "NB-IoT", "8", 3734)), {}),
    (
        "another operator",
        lambda m: m.mobile.set_operator(Operator("CHN-UNICOM", "UNICOM", "46001")),
        {"AT+COPS?": '0,2,"46001"'},
    ),
    ("the first operator", lambda m: m.mobile.set_operator(Operator("CHINA MOBILE", "CMCC", "46000")), {}),
    ("another address", lambda m: m.mobile.change_address(0, "10.9.8.7"), {"AT+CGPADDR": "0,10.9.8.7"}),
    ("the context is dropped", lambda m: m.mobile.drop_context(0), {"AT+CGPADDR": "", "AT+CGACT?": "0,0"}),
    ("the host activates it", say("AT+CGACT=1,0"), {}),
    ("a connection begins", say('AT+QMTOPEN=0,"h",1'), {"AT+CSCON?": "1,1"}),
    ("the server refuses it", lambda m: m.on_reply(StreamClosed(1), 0.0), {}),
    ("the SIM is pulled", lambda m: m.mobile.insert_sim(Sim.ABSENT, 0.0), ADRIFT | {"AT+CPIN?": "ERROR"}),
    ("a SIM with a PIN", lambda m: m.mobile.lock_sim(now=0.0), ADRIFT | {"AT+CPIN?": " SIM PIN"}),
    ("the host gives the PIN", say("AT+CPIN=1234"), {}),
    ("the radio is off", say("AT+CFUN=0"), OFF),
    ("other bands", say("AT+NBAND=20,5"), OFF | {"AT+NBAND?": "20,5", "EARFCN": "6300", "CURRENT BAND": "20"}),
    ("the bands of old", say("AT+NBAND=5,8,3,28,20,1"), OFF | {"EARFCN": "6300", "CURRENT BAND": "20"}),
    ("band 8 alone", say("AT+NBAND=8"), OFF | BAND_8),
    ("the radio is on", say("AT+CFUN=1", "AT+CPIN=1234"), BAND_8),
    ("it will not connect by itself", say("AT+NCONFIG=AUTOCONNECT,FALSE"), BAND_8),
    ("it starts again", say("AT+NRB"), OFF | RESTARTED | FOUND | BAND_8 | IDLE),
    ("the radio is on for the host", say("AT+CFUN=1", "AT+CPIN=1234"), ADRIFT | RESTARTED | FOUND | BAND_8 | IDLE),
    ("the host attaches it", say("AT+CGATT=1"), RESTARTED | BAND_8),
    ("it shall connect by itself", say("AT+NCONFIG=AUTOCONNECT,TRUE", "AT+NRB", "AT+CPIN=1234"), RESTARTED | BAND_8),
]


def test_every_command_shows_each_state() -> None:
    module = make_module("BC35-G", utc=UTC)
    module.power_on(0.0)
    for title, happen, other in LIFE:
        module.data_to_send()
        happen(module)
        module.data_to_send()
        assert shows(module) == SHOWN | other, title


def test_the_imei_is_the_modules_own() -> None:
    module = make_module("BC28", identity=Identity(imei="490154203237511"))
    module.power_on(0.0)
    module.data_to_send()
    assert exchange(module, b"AT+CGSN=1") == b"\r\n+CGSN:490154203237511\r\n\r\nOK\r\n"
    assert exchange(module, b"AT+CGSN=2") == b"\r\n+CGSN:4901542032375101\r\n\r\nOK\r\n"
    assert exchange(module, b"AT+CGSN") == b"\r\n00000000-0000-0000-0490-154203237511\r\n\r\nOK\r\n"
