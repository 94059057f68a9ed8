"""PIN, lock, and each state of the mobile on Luat's modules (Luat AT manual V1.6.3, 4.3 to 4.5), typed by hand."""

import pytest

from modemlab.dialect.mobile import Sim
from modemlab.module.effects import StreamClosed, StreamOpened
from modemlab.module.mobile_actions import read_mobile_action
from support.helpers import exchange, make_module
from support.luat_lines import MODEL
from support.mobile_line import ERROR, OK, answer, info, play, quiet_module
from support.mobile_line import cme as refused
from support.mobile_line import urc as told

NETWORK = ("^MODE: 17,17", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1", "+NITZ: 70/01/01,00:00:00+32,0")
GONE = ("+CGEV: NW PDN DEACT 1", "^MODE: 0,0")


def test_a_puk_that_is_used_up() -> None:
    module = quiet_module(MODEL)
    module.mobile.insert_sim(Sim.PUK, 0.0)
    assert module.data_to_send() == told(GONE[0], "+CPIN: SIM PUK", GONE[1])
    for _ in range(10):
        assert answer(module, 'AT+CPIN="00000000","1234"') == refused(16)
    play(module, ("AT+CPIN?", refused(13)), ('AT+CPIN="12345678","1234"', refused(13)))


# What brings a module that is on into each state, what it tells then, and what is other than at home.
AT_HOME = {
    "AT+CPIN?": info("+CPIN: READY"),
    "AT+CPIN=1234": refused(3),
    "AT+CIMI": info("460000000000017"),
    "AT+ICCID": info("+ICCID: 89860000000000000017"),
    "AT+CREG?": info("+CREG: 0,1"),
    "AT+CEREG?": info("+CEREG: 0,1"),
    "AT+CGATT?": info("+CGATT: 1"),
    "AT+CGATT=1": OK,
    "AT+CSQ": info("+CSQ: 29,99"),
    "AT+COPS?": info('+COPS: 0,2,"46000",7'),
    "AT+CGACT?": info("+CGACT: 1,1"),
    "AT+CGACT=1,1": OK,
    "AT+CGPADDR=1": info('+CGPADDR: 1,"10.64.1.2"'),
    "AT+CSTT;+CIICR": OK,
    "AT+MIPSTART=h,1": OK,
}
CARDLESS = {
    "AT+CREG?": info("+CREG: 0,0"),
    "AT+CEREG?": info("+CEREG: 0,0"),
    "AT+CGATT?": info("+CGATT: 0"),
    "AT+COPS?": info("+COPS: 0"),
    "AT+CGACT?": info("+CGACT: 1,0"),
    "AT+CGPADDR=1": info("+CGPADDR: 1"),
    "AT+CSTT;+CIICR": ERROR,
    "AT+MIPSTART=h,1": OK + told("STATE:IP INITIAL", "CONNECT FAIL"),
}


def without(code: int, *unread: str) -> dict[str, bytes]:
    """What a module without service answers: that code where it matters, and to these lines too."""
    return CARDLESS | dict.fromkeys(("AT+CGATT=1", "AT+CGACT=1,1", *unread), refused(code))


def served_by_none(stat: int, code: int = 30) -> dict[str, bytes]:
    """What a module answers that no network serves."""
    return without(code) | {"AT+CREG?": info(f"+CREG: 0,{stat}"), "AT+CEREG?": info(f"+CEREG: 0,{stat}")}


UNREAD = ("AT+CPIN?", "AT+CPIN=1234", "AT+CIMI", "AT+ICCID")
# A packet domain that is left: the network itself stays.
DETACHED = {name: said for name, said in CARDLESS.items() if name not in ("AT+CREG?", "AT+COPS?")}
STATES: dict[str, tuple[tuple[str, dict[str, object]], tuple[str, ...], dict[str, bytes]]] = {
    "no SIM": (
        ("insert_sim", {"card": "absent"}),
        GONE,
        without(10, "AT+CPIN=1234", "AT+CIMI", "AT+ICCID") | {"AT+CPIN?": info("+CPIN: SIM REMOVED")},
    ),
    "PIN": (
        ("lock_sim", {}),
        (GONE[0], "+CPIN: SIM PIN", GONE[1]),
        without(11, "AT+CIMI")
        | {
            "AT+CPIN?": info("+CPIN: SIM PIN"),
            "AT+CPIN=1234": info("+CPIN: READY") + told(*NETWORK[:3], "+NITZ: 23/11/14,22:13:20+32,0"),
        },
    ),
    "PUK": (
        ("insert_sim", {"card": "puk"}),
        (GONE[0], "+CPIN: SIM PUK", GONE[1]),
        without(12, "AT+CIMI", "AT+CPIN=1234") | {"AT+CPIN?": info("+CPIN: SIM PUK")},
    ),
    "busy": (("insert_sim", {"card": "busy"}), GONE, without(14, *UNREAD)),
    "failure": (("insert_sim", {"card": "failure"}), GONE, without(13, *UNREAD)),
    "searching": (("set_registration", {"stat": "searching"}), GONE, served_by_none(2)),
    "no signal": (("set_signal", {"signal": [99, 99]}), GONE, served_by_none(2) | {"AT+CSQ": info("+CSQ: 99,99")}),
    "denied": (("set_registration", {"stat": "denied", "cause": 11}), GONE, served_by_none(3, 111)),
    "emergency": (("set_registration", {"stat": "emergency"}), GONE, served_by_none(3, 32)),
    "no packets": (
        ("set_registration", {"stat": "home", "cause": 7}),
        GONE[:1],
        DETACHED | {"AT+CEREG?": info("+CEREG: 0,3"), "AT+CGATT=1": refused(107), "AT+CGACT=1,1": refused(107)},
    ),
    "detached": (
        ("detach", {}),
        GONE[:1],
        DETACHED
        | {"AT+CEREG?": info("+CEREG: 0,2")}
        | dict.fromkeys(("AT+CGATT=1", "AT+CGACT=1,1"), OK + told(NETWORK[2], "+NITZ: 23/11/14,22:13:20+32,0")),
    ),
    "roaming": (
        ("set_registration", {"stat": "roaming"}),
        (),
        {"AT+CREG?": info("+CREG: 0,5"), "AT+CEREG?": info("+CEREG: 0,5")},
    ),
    "dropped": (
        ("drop_context", {"cid": 1}),
        GONE[:1],
        {"AT+CGACT?": info("+CGACT: 1,0"), "AT+CGPADDR=1": info("+CGPADDR: 1")},
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state(state: str) -> None:
    (name, arguments), says, other = STATES[state]
    for line, at_home in AT_HOME.items():
        module = quiet_module(MODEL)
        read_mobile_action(name, arguments).change(module.mobile, 0.0)
        assert module.data_to_send() == told(*says)
        assert answer(module, line) == other.get(line, at_home), line


def test_a_context_that_is_refused() -> None:
    module = quiet_module(MODEL)
    read_mobile_action("refuse_contexts", {"cause": 33}).change(module.mobile, 0.0)
    play(
        module,
        ("AT+CIPSHUT", b"\r\nSHUT OK\r\n"),
        ("AT+CGACT=1,1", refused(133)),
        ("AT+CSTT", OK),
        ("AT+CIICR", ERROR),
        ("AT+MIPSTART=h,1", OK + told("STATE:IP START", "CONNECT FAIL")),
    )
    read_mobile_action("accept_contexts", {}).change(module.mobile, 0.0)
    play(module, ("AT+CIICR", OK))


def test_another_address_ends_the_connection() -> None:
    module = quiet_module(MODEL)
    answer(module, "AT+MIPSTART=h,1")
    module.mobile.change_address(1)
    assert module.data_to_send() == told("STATE:TCP CLOSED", "CONNECT FAIL")
    answer(module, "AT+MIPSTART=h,1")
    module.on_reply(StreamOpened(2), 1.0)
    module.data_to_send()
    module.mobile.change_address(1)
    assert module.data_to_send() == told("CLOSED")
    play(module, ("AT+CIPSTATUS", OK + told("STATE: TCP CLOSED")), ("AT+CIFSR", b"\r\n10.64.1.4\r\n"))


def test_the_power_goes() -> None:
    """While data is typed, while a session stands: nothing is kept but files, and nothing is told."""
    module = make_module(MODEL)
    module.power_on(0.0)
    for line in (b"ATE0", b"AT+FSCREATE=a", b"AT+CSTT", b"AT+MIPSTART=h,1"):
        exchange(module, line)
    module.on_reply(StreamOpened(1), 1.0)
    exchange(module, b"AT+FSWRITE=a,0,4,9")
    module.receive(b"abc", 1.0)
    module.power_off(2.0)
    module.data_to_send()
    assert module.deadline() is None
    module.on_reply(StreamClosed(1), 2.0)
    module.power_on(3.0)
    assert module.data_to_send() == told("RDY", *NETWORK[:3], "+NITZ: 70/01/01,00:00:03+32,0")
    exchange(module, b"ATE0")
    play(
        module,
        ("AT+FSFLSIZE=a", info("+FSFLSIZE: 0")),
        ("AT+MQTTSTATU", info("+MQTTSTATU :0")),
        ("AT+CIPSTATUS", OK + told("STATE: IP INITIAL")),
    )
