"""SIM, network and the IP connection of Luat's modules: one state for all commands (Luat AT manual V1.6.3)."""

from modemlab.dialect.mobile import DENIED, HOME, ROAMING, SEARCHING, Cell, Signal, Sim
from modemlab.module.effects import StreamOpened
from support.helpers import exchange, hold, make_module
from support.luat_lines import BOOT, MODEL, cme, error, ok, opened, urc
from support.mobile_line import UTC, answer, info, play, quiet_module
from support.mobile_line import cme as refused
from support.mobile_line import urc as told

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
STATE = "AT+CIPSTATUS"


def state(name: str) -> str:
    """AT+CIPSTATUS says this."""
    return ok(STATE) + urc(f"STATE: {name}")


def test_shutting_drops_the_socket_without_a_word() -> None:
    hold(BOOT + opened() + ">> AT+CIPSHUT\n<<\n<< SHUT OK\nS: close\nS> nothing\n" + state("IP INITIAL"), MODEL)


def test_a_connection_brings_the_network_up_by_itself() -> None:
    hold(BOOT + opened() + ">> AT+CIFSR\n<<\n<< 10.64.1.2\n" + error("AT+CSTT"), MODEL)
    hold(BOOT + ok("AT+CSTT") + opened() + error("AT+CIICR"), MODEL)


def test_the_network_takes_the_context() -> None:
    """The socket goes with it; only AT+CIPSHUT leads on."""
    module = quiet_module(MODEL)
    answer(module, "AT+MIPSTART=h,1")
    module.on_reply(StreamOpened(1), 1.0)
    assert module.data_to_send() == told("CONNECT OK")
    module.mobile.deactivate(1, asked=False)
    assert module.data_to_send() == told("+CGEV: NW PDN DEACT 1", "+PDP DEACT")
    play(
        module,
        (STATE, OK + told("STATE: PDP DEACT")),
        ("AT+CSTT", ERROR),
        ("AT+CIICR", ERROR),
        ("AT+CIFSR", ERROR),
        ("AT+MQTTSTATU", info("+MQTTSTATU :0")),
        ("AT+MIPSTART=h,1", OK + told("STATE:PDP DEACT", "CONNECT FAIL")),
        ("AT+CIPSHUT", b"\r\nSHUT OK\r\n"),
        (STATE, OK + told("STATE: IP INITIAL")),
        ("AT+MIPSTART=h,1", OK),
        (STATE, OK + told("STATE: TCP CONNECTING")),
    )
    module.mobile.deactivate(1, asked=False)
    assert module.data_to_send() == told("STATE:PDP DEACT", "CONNECT FAIL", "+CGEV: NW PDN DEACT 1", "+PDP DEACT")


def test_detaching_takes_the_connection_too() -> None:
    module = quiet_module(MODEL)
    play(
        module,
        ("AT+CSTT", OK),
        ("AT+CIICR", OK),
        ("AT+CGATT=0", OK + told("+PDP DEACT")),
        (STATE, OK + told("STATE: PDP DEACT")),
        ("AT+CIPSHUT", b"\r\nSHUT OK\r\n"),
        ("AT+CSTT", OK),
        ("AT+CIICR", ERROR),
        ("AT+MIPSTART=h,1", OK + told("STATE:IP START", "CONNECT FAIL")),
        ("AT+CGATT=1", OK + told("+CGEV: ME PDN ACT 1", "+NITZ: 23/11/14,22:13:20+32,0")),
        ("AT+CIICR", OK),
    )


def test_a_network_that_comes_and_goes() -> None:
    module = make_module(MODEL, utc=UTC)
    module.mobile.coverage = SEARCHING
    module.power_on(0.0)
    assert module.data_to_send() == told("RDY")
    play(module, ("ATE0", b"ATE0\r" + OK), ("AT+CREG=2", OK), ("AT+CREG?", info("+CREG: 2,2")))
    module.mobile.set_registration(ROAMING, 5.0)
    assert module.data_to_send() == told(
        '+CREG: 5,"1A2B","5C3D2E1",7',
        "^MODE: 17,17",
        "+E_UTRAN Service",
        "+CGEV: ME PDN ACT 1",
        "+NITZ: 23/11/14,22:13:20+32,0",
    )
    module.mobile.set_registration(HOME, 6.0)
    assert module.data_to_send() == told('+CREG: 1,"1A2B","5C3D2E1",7')
    module.mobile.set_registration(DENIED, 7.0)
    assert module.data_to_send() == told("+CGEV: NW PDN DEACT 1", "+CREG: 3", "^MODE: 0,0")
    play(module, ("AT+CREG=3", OK), ("AT+CREG?", info("+CREG: 3,3")))
    module.mobile.set_registration(HOME, 8.0)
    module.data_to_send()
    play(module, ("AT+CREG?", info('+CREG: 3,1,"1A2B","5C3D2E1",7')))
    module.mobile.change_cell(Cell("1A2B", "5C3D2E2", 7, "TDD LTE", "LTE BAND 40", 38950))
    assert module.data_to_send() == told('+CREG: 1,"1A2B","5C3D2E2",7')
    module.mobile.set_time_zone(36, 1, 9.0)
    assert module.data_to_send() == told("+NITZ: 23/11/14,22:13:20+36,1")
    module.mobile.set_time_zone(36, 1, 9.0)
    assert module.data_to_send() == b""


def test_sim_and_signal() -> None:
    module = quiet_module(MODEL)
    module.mobile.set_signal(Signal(11, 99), 1.0)
    play(module, ("AT+CSQ", info("+CSQ: 11,99")), ("AT+CPIN=1234", refused(3)))
    module.mobile.insert_sim(Sim.ABSENT, 1.0)
    assert module.data_to_send() == told("+CGEV: NW PDN DEACT 1", "^MODE: 0,0")
    play(
        module,
        ("AT+CPIN?", info("+CPIN: SIM REMOVED")),
        ("AT+CCID", refused(10)),
        ("AT+ICCID", refused(10)),
        ("AT+CIMI", refused(10)),
        ("AT+CREG?", info("+CREG: 0,0")),
    )


def test_boot_takes_its_time() -> None:
    module = make_module(MODEL)
    module.mobile.boot_time = 8.0
    module.power_on(0.0)
    assert module.data_to_send() == told("RDY")
    module.advance(3.0)
    assert exchange(module, b"AT+CPIN?", 3.0) == b"AT+CPIN?\r" + refused(14)
    module.advance(8.0)
    assert module.data_to_send().startswith(told("^MODE: 17,17", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1"))


def test_the_clock_shows_local_time() -> None:
    module = quiet_module(MODEL)
    play(
        module,
        ("AT+CCLK?", info('+CCLK: "23/11/15,06:13:20+32"')),
        ('AT+CCLK="18/08/07,13:28:29+32"', OK),
        ("AT+CCLK?", info('+CCLK: "18/08/07,13:28:29+32"')),
        ('AT+CCLK="18/08/07,13:28:29+49"', refused(96)),
        ('AT+CCLK="18/08/07,13:28:29-48"', refused(96)),
        ('AT+CCLK="18/13/07,13:28:29+32"', refused(96)),
        ('AT+CCLK="x"', refused(53)),
        ("AT+CCLK=?", OK),
    )


def test_power_down() -> None:
    hold(BOOT + ">> AT+CPOWD=1\n<<\n<< NORMAL POWER DOWN\n~~ 1\n>> AT\n~~ 1\n", MODEL)
    hold(BOOT + ">> AT+CPOWD=0\n~~ 1\n>> AT\n~~ 1\n", MODEL)
    hold(BOOT + cme(53, "AT+CPOWD=2", "AT+CPOWD"), MODEL)
