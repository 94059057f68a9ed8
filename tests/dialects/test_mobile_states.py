"""Each state of the mobile × each command that it matters to, and what is told as one turns into another.

The table is typed by hand, after the AT commands manual V1.1, the TCP/IP guide V1.2 and docs/fidelity.md.
"""

import pytest

from modemlab.module.effects import StreamOpened
from modemlab.module.mobile_actions import read_mobile_action
from modemlab.module.module import Module
from support.mobile_line import ERROR, OK, answer, cme, info, play, quiet_module, urc

# What brings a module that is registered at home into each state: lines that the host types, or what the world does.
STATES: dict[str, tuple[str | tuple[str, dict[str, object]], ...]] = {
    "home": (),
    "no SIM": (("insert_sim", {"card": "absent"}),),
    "PIN": (("lock_sim", {"pin": "1234", "puk": "12345678"}),),
    "PUK": (("insert_sim", {"card": "puk"}),),
    "blocked": (("insert_sim", {"card": "puk"}), *['AT+CPIN="00000000","1234"'] * 10),
    "busy": (("insert_sim", {"card": "busy"}),),
    "failure": (("insert_sim", {"card": "failure"}),),
    "searching": (("set_registration", {"stat": "searching"}),),
    "no signal": (("set_signal", {"signal": [99, 99]}),),
    "not registered": (("set_registration", {"stat": 0}),),
    "denied": (("set_registration", {"stat": "denied"}),),
    "denied, why": (("set_registration", {"stat": "denied", "cause": 11}),),
    "no packets": (("set_registration", {"stat": "home", "cause": 7}),),
    "emergency": (("set_registration", {"stat": "emergency"}),),
    "roaming": (("set_registration", {"stat": "roaming"}),),
    "detached": (("detach", {}),),
    "refused": (("refuse_contexts", {"cause": 27}),),
    "CFUN 0": ("AT+CFUN=0",),
    "CFUN 4": ("AT+CFUN=4",),
    "COPS 2": ("AT+COPS=2",),
}
SIMLESS = ("no SIM", "PIN", "PUK", "blocked", "busy", "failure", "CFUN 0")
NOWHERE = ("searching", "no signal", "not registered", "denied", "denied, why", "emergency", "CFUN 4", "COPS 2")
UNSERVED = (*SIMLESS, *NOWHERE)
UNATTACHED = (*UNSERVED, "no packets")
SIM_CODE = {"no SIM": 10, "PIN": 11, "PUK": 12, "blocked": 13, "busy": 14, "failure": 13, "CFUN 0": 13}
NO_CARD = {state: SIM_CODE[state] for state in ("no SIM", "blocked", "busy", "failure", "CFUN 0")}
NO_NETWORK = {**SIM_CODE, **dict.fromkeys(NOWHERE, 30), "emergency": 32}
NO_SERVICE = {**NO_NETWORK, "denied, why": 111, "no packets": 107}
STAT = {
    **dict.fromkeys(SIMLESS, 0),
    "searching": 2,
    "no signal": 2,
    "not registered": 0,
    "denied": 3,
    "denied, why": 3,
    "emergency": 3,
    "roaming": 5,
    "CFUN 4": 0,
    "COPS 2": 0,
}


def stats(command: str, usual: str, but: dict[str, int]) -> tuple[str, dict[str, object]]:
    """The rows of a command that shows a registration."""
    return usual, {state: f"{command}: 0,{stat}" for state, stat in but.items()}


FOUND = '+COPS: ({},"CHINA MOBILE","CMCC","46000",7),,(0,1,2,3,4),(0,1,2)'
NOT_CURRENT = {
    **dict.fromkeys(("searching", "not registered", "denied", "denied, why", "emergency"), FOUND.format(3)),
    **dict.fromkeys(("no SIM", "PIN", "PUK", "blocked", "busy", "failure", "COPS 2"), FOUND.format(1)),
    **dict.fromkeys(("no signal", "CFUN 0", "CFUN 4"), 30),
}
COUNTERS = {"PUK": '+QPINC: "SC",0,10', "blocked": '+QPINC: "SC",0,0'}
# Command: what it answers, and the states where it answers something else. A number is that +CME ERROR.
TABLE: dict[str, tuple[object, dict[str, object]]] = {
    "AT+CPIN?": ("+CPIN: READY", {**NO_CARD, "PIN": "+CPIN: SIM PIN", "PUK": "+CPIN: SIM PUK"}),
    "AT+CPIN=1234": (3, {**SIM_CODE, "PIN": OK, "PUK": 12}),
    "AT+CPIN=4321": (3, {**SIM_CODE, "PIN": 16, "PUK": 12}),
    'AT+CPIN="12345678","4321"': (3, {**SIM_CODE, "PIN": 50, "PUK": OK}),
    'AT+CLCK="SC",2': ("+CLCK: 0", {**NO_CARD, "PIN": "+CLCK: 1", "PUK": "+CLCK: 1"}),
    'AT+CLCK="SC",1,"1234"': (OK, dict(SIM_CODE)),
    'AT+CLCK="SC",1,"4321"': (16, dict(SIM_CODE)),
    'AT+CPWD="SC","1234","4321"': (3, dict(SIM_CODE)),
    "AT+CIMI": ("460000000000017", dict(SIM_CODE)),
    "AT+QCCID": ("+QCCID: 89860000000000000017", dict.fromkeys(NO_CARD, ERROR)),
    'AT+QPINC="SC"': ('+QPINC: "SC",3,10', {**NO_CARD, **COUNTERS}),
    "AT+QINISTAT": ("+QINISTAT: 7", dict.fromkeys(SIMLESS, "+QINISTAT: 0")),
    "AT+QSIMSTAT?": ("+QSIMSTAT: 0,1", {"no SIM": "+QSIMSTAT: 0,0", "busy": "+QSIMSTAT: 0,2"}),
    "AT+CREG?": stats("+CREG", "+CREG: 0,1", STAT),
    "AT+CGREG?": stats("+CGREG", "+CGREG: 0,1", {**STAT, "detached": 2, "no packets": 3}),
    "AT+CEREG?": stats("+CEREG", "+CEREG: 0,1", {**STAT, "detached": 2, "no packets": 3}),
    "AT+COPS?": ('+COPS: 0,0,"CHINA MOBILE",7', {**dict.fromkeys(UNSERVED, "+COPS: 0"), "COPS 2": "+COPS: 2"}),
    "AT+COPS=?": (FOUND.format(2), dict(NOT_CURRENT)),
    'AT+COPS=1,2,"46000"': (OK, {**NO_NETWORK, "COPS 2": OK}),
    "AT+CSQ": ("+CSQ: 24,99", dict.fromkeys(("no signal", "CFUN 0", "CFUN 4"), "+CSQ: 99,99")),
    "AT+QNWINFO": ('+QNWINFO: "TDD LTE","46000","LTE BAND 40",38950', dict.fromkeys(UNSERVED, '+QNWINFO: "NONE"')),
    "AT+CPAS": ("+CPAS: 0", dict.fromkeys(("CFUN 0", "CFUN 4"), "+CPAS: 2")),
    "AT+CGATT?": ("+CGATT: 1", dict.fromkeys((*UNATTACHED, "detached"), "+CGATT: 0")),
    "AT+CGATT=1": (OK, dict(NO_SERVICE)),
    "AT+CGATT=0": (OK, {}),
    "AT+CGACT=1,1": (OK, {**NO_SERVICE, "refused": 148}),
    "AT+CGACT?": ("+CGACT: 1,0", {}),
    "AT+QIACT=1": (OK, dict.fromkeys((*UNATTACHED, "detached", "refused"), ERROR)),
    "AT+QIACT=1;+QIACT?": ('+QIACT: 1,1,1,"10.64.1.2"', dict.fromkeys((*UNATTACHED, "detached", "refused"), ERROR)),
    "AT+CGPADDR=1": ("+CGPADDR: 1", {}),
}


def brought_into(state: str) -> Module:
    """A module in that state, which has told it."""
    module = quiet_module()
    for step in STATES[state]:
        if isinstance(step, str):
            answer(module, step)
        else:
            name, arguments = step
            read_mobile_action(name, arguments).change(module.mobile, 0.0)
    module.data_to_send()
    return module


@pytest.mark.parametrize("state", STATES)
def test_each_command_in_each_state(state: str) -> None:
    """What is answered first; what is told besides stands in the transcripts."""
    for command, (usual, others) in TABLE.items():
        assert others.keys() <= STATES.keys()
        wanted = others.get(state, usual)
        expected = (
            wanted if isinstance(wanted, bytes) else cme(wanted) if isinstance(wanted, int) else info(str(wanted))
        )
        assert answer(brought_into(state), command).startswith(expected), command


CAUSES = {
    "home": "No cause information available",
    "no SIM": "UIM not present",
    "PIN": "UIM not present",
    "searching": "No service available",
    "denied": "No service available",
    "denied, why": "PLMN not allowed",
    "no packets": "GPRS services not allowed",
    "emergency": "No service available",
    "detached": "Implicitly detached",
    "refused": "Missing or unknown APN",
    "CFUN 4": "Phone is offline",
}


@pytest.mark.parametrize("state", CAUSES)
def test_why_it_failed(state: str) -> None:
    """AT+CEER, behind an activation that failed."""
    module = brought_into(state)
    answer(module, "AT+QIACT=1")
    assert answer(module, "AT+CEER") == info(f"+CEER: {CAUSES[state]}")
    module.restart()
    answer(module, "ATE0")
    assert answer(module, "AT+CEER") == info("+CEER: No cause information available")


@pytest.mark.parametrize("state", UNATTACHED)
def test_clients_open_no_network_without_service(state: str) -> None:
    """Result 3: no PDP context."""
    assert answer(brought_into(state), 'AT+QMTOPEN=0,"h",1883') == OK + urc("+QMTOPEN: 0,3")


# What the world does to a module with a client on context 1, and all that it tells, in order.
REPORTS = "AT+CREG=2;+CGREG=1;+CEREG=1;+CGEREP=2;+CTZR=1"
DOWN = ("+QMTSTAT: 0,7", '+QIURC: "pdpdeact",1')
BACK = ('+CREG: 1,"1A2B","5C3D2E1",7', "+CGREG: 1", "+CEREG: 1")
TURNS: dict[str, tuple[tuple[str, dict[str, object]], tuple[str, ...]]] = {
    "searching": (
        ("set_registration", {"stat": "searching"}),
        (*DOWN, "+CGEV: NW DETACH", "+CREG: 2", "+CGREG: 2", "+CEREG: 2"),
    ),
    "signal": (("set_signal", {"signal": [99, 99]}), (*DOWN, "+CGEV: NW DETACH", "+CREG: 2", "+CGREG: 2", "+CEREG: 2")),
    "denied": (
        ("set_registration", {"stat": "denied"}),
        (*DOWN, "+CGEV: NW DETACH", "+CREG: 3", "+CGREG: 3", "+CEREG: 3"),
    ),
    "emergency": (
        ("set_registration", {"stat": "emergency"}),
        (*DOWN, "+CGEV: NW DETACH", "+CREG: 3", "+CGREG: 3", "+CEREG: 3"),
    ),
    "no packets": (
        ("set_registration", {"stat": 1, "cause": 7}),
        (*DOWN, "+CGEV: NW DETACH", "+CGREG: 3", "+CEREG: 3"),
    ),
    "roaming": (("set_registration", {"stat": "roaming"}), ('+CREG: 5,"1A2B","5C3D2E1",7', "+CGREG: 5", "+CEREG: 5")),
    "no SIM": (("insert_sim", {"card": "absent"}), (*DOWN, "+CGEV: NW DETACH", "+CREG: 0", "+CGREG: 0", "+CEREG: 0")),
    "detached": (("detach", {"cause": 7}), (*DOWN, "+CGEV: NW DETACH", "+CGREG: 2", "+CEREG: 2")),
    "dropped": (("drop_context", {"cid": 1}), (*DOWN, '+CGEV: NW DEACT "IP","10.64.1.2",1')),
    "dropped elsewhere": (("drop_context", {"cid": 2}), ()),
    "moved": (("change_address", {"cid": 1}), ("+QMTSTAT: 0,7", "+CGEV: PDN DEACT 1", "+CGEV: PDN ACT 1")),
    "cell": (("change_cell", {"cell": {"area": "00C3"}}), ('+CREG: 1,"00C3","5C3D2E1",7',)),
    "zone": (("set_time_zone", {"zone": -9, "daylight": 0}), ('+CTZV: "-09"',)),
    "refused": (("refuse_contexts", {}), ()),
}


@pytest.mark.parametrize("turn", TURNS)
def test_what_is_told_of_it(turn: str) -> None:
    """In this order, and nothing when it happens again; a module that is off tells nothing."""
    (name, arguments), told = TURNS[turn]
    module = quiet_module()
    play(module, (REPORTS, OK), ('AT+QMTOPEN=0,"h",1883', OK + urc("+CGEV: PDN ACT 1")))
    module.on_reply(StreamOpened(module.clients[0].stream), 0.0)
    assert module.data_to_send() == urc("+QMTOPEN: 0,0")
    read_mobile_action(name, arguments).change(module.mobile, 0.0)
    assert module.data_to_send() == (urc(*told) if told else b"")
    if name != "change_address":
        read_mobile_action(name, arguments).change(module.mobile, 0.0)
        assert module.data_to_send() == b""
    module.power_off(1.0)
    for name, arguments in (turn[0] for turn in TURNS.values()):
        read_mobile_action(name, arguments).change(module.mobile, 1.0)
    read_mobile_action("set_registration", {"stat": "home"}).change(module.mobile, 1.0)
    read_mobile_action("reinsert_sim", {}).change(module.mobile, 1.0)
    assert module.data_to_send() == b""


@pytest.mark.parametrize("turn", ["searching", "signal", "denied", "emergency", "no SIM"])
def test_it_comes_back(turn: str) -> None:
    """The network and the SIM come back, and with them the registration; contexts are the host's to activate."""
    module = quiet_module()
    play(module, (REPORTS, OK), ("AT+QIACT=1", OK + urc("+CGEV: PDN ACT 1")))
    read_mobile_action(*TURNS[turn][0]).change(module.mobile, 0.0)
    module.data_to_send()
    for name, arguments in (
        ("set_registration", {"stat": "home"}),
        ("set_signal", {"signal": [20, 99]}),
        ("insert_sim", {"card": "ready"}),
    ):
        read_mobile_action(name, arguments).change(module.mobile, 0.0)
    assert module.data_to_send() == urc(*BACK)
    play(module, ("AT+QIACT?", OK), ("AT+QIACT=1", OK + urc("+CGEV: PDN ACT 1")))


def test_events_of_the_packet_domain_are_kept() -> None:
    """AT+CGEREP: kept with 0, eight at most, then printed or forgotten; gone with the power."""
    module = quiet_module()
    for _ in range(5):
        play(module, ("AT+QIACT=1", OK), ("AT+QIDEACT=1", OK))
    events = [f"+CGEV: PDN {word} 1" for _ in range(4) for word in ("ACT", "DEACT")]
    play(
        module,
        ("AT+CGEREP=0,1", OK),
        ("AT+CGEREP=1,1", OK + urc(*events)),
        ("AT+CGEREP=2,1", OK),
        ("AT+CGEREP=0", OK),
        ("AT+QIACT=1", OK),
        ("AT+CGEREP=2,0", OK),
        ("AT+CGEREP=1,1", OK),
        ("AT+CGEREP=0", OK),
        ("AT+QIDEACT=1", OK),
    )
    module.restart()
    answer(module, "ATE0")
    play(module, ("AT+CGEREP?", info("+CGEREP: 0,0")), ("AT+CGEREP=2,1", OK))


@pytest.mark.parametrize(("mode", "told"), [(1, b""), (2, urc('+CGEV: NW DEACT "IP","10.64.2.2",2'))])
def test_events_while_data_is_typed(mode: int, told: bytes) -> None:
    """AT+CGEREP=1 discards them, 2 keeps them until it may tell."""
    module = quiet_module()
    play(module, (f"AT+CGEREP={mode}", OK), ("AT+QIACT=2", OK + urc("+CGEV: PDN ACT 2")))
    module.receive(b'AT+QFUPL="f",4\r', 0.0)
    assert module.data_to_send() == b"\r\nCONNECT\r\n"
    module.mobile.drop_context(2)
    assert module.data_to_send() == b""
    module.receive(b"data", 0.0)
    assert module.data_to_send().endswith(OK + urc('+QIURC: "pdpdeact",2') + told)
