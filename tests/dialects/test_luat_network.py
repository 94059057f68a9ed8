"""SIM, network and the IP connection of Luat's modules: one state for all commands (Luat AT manual V1.6.3)."""

from modemlab.dialect.mobile import DENIED, HOME, ROAMING, SEARCHING, Cell, Signal, Sim
from support.helpers import exchange, hold, make_module
from support.luat_lines import BOOT, HOST, MODEL, STARTED, cme, error, ok, opened, read, urc
from support.mobile_line import UTC, answer, info, play, quiet_module
from support.mobile_line import cme as refused
from support.mobile_line import urc as told

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
STATE = "AT+CIPSTATUS"


def state(name: str) -> str:
    """AT+CIPSTATUS says this."""
    return ok(STATE) + urc(f"STATE: {name}")


def test_what_the_tutorial_asks_of_the_network() -> None:
    hold(
        BOOT
        + read("AT+CPIN?", "+CPIN: READY")
        + read("AT+CREG?", "+CREG: 0,1")
        + read("AT+CGREG?", "+CGREG: 0,1")
        + read("AT+CEREG?", "+CEREG: 0,1")
        + read("AT+CGATT?", "+CGATT: 1")
        + read("AT+CSQ", "+CSQ: 29,99")
        + read("AT+COPS?", '+COPS: 0,2,"46000",7')
        + ok("AT+COPS=3,0")
        + read("AT+COPS?", '+COPS: 0,0,"CHINA MOBILE",7')
        + read("AT+CGDCONT?", '+CGDCONT: 1,"IP","CMNET","10.64.1.2",0,0')
        + read("AT+CGACT?", "+CGACT: 1,1")
        + read("AT+CGPADDR=1", '+CGPADDR: 1,"10.64.1.2"')
        + read("AT+CFUN?", "+CFUN: 1"),
        MODEL,
    )


def test_the_states_of_the_ip_connection() -> None:
    hold(
        BOOT
        + state("IP INITIAL")
        + error("AT+CIICR", "AT+CIFSR")
        + ok("AT+CSTT")
        + state("IP START")
        + error("AT+CSTT", 'AT+CSTT="x"', "AT+CIFSR")
        + ok("AT+CIICR")
        + state("IP GPRSACT")
        + error("AT+CIICR", "AT+CSTT")
        + ">> AT+CIFSR\n<<\n<< 10.64.1.2\n"
        + state("IP STATUS")
        + ">> AT+CIFSR\n<<\n<< 10.64.1.2\n"
        + ok(f"AT+MIPSTART={HOST},1883")
        + state("TCP CONNECTING")
        + "S: opened\n"
        + urc("CONNECT OK")
        + state("CONNECT OK")
        + "S: closed\n"
        + urc("CLOSED")
        + state("TCP CLOSED")
        + ">> AT+CIPSHUT\n<<\n<< SHUT OK\n"
        + state("IP INITIAL")
        + read("AT+CGACT?", "+CGACT: 1,0")
        + error("AT+CIFSR")
        + ok("AT+CSTT", "AT+CIICR")
        + read("AT+CGACT?", "+CGACT: 1,1")
        + state("IP GPRSACT"),
        MODEL,
    )


def test_another_access_point() -> None:
    hold(
        BOOT
        + read("AT+CSTT?", '+CSTT: "CMNET","",""')
        + ok("AT+CSTT=internet,u,p")
        + read("AT+CSTT?", '+CSTT: "internet","u","p"')
        + ">> AT+CIPSHUT\n<<\n<< SHUT OK\n"
        + ok('AT+CSTT="jscmiot"')
        + read("AT+CSTT?", '+CSTT: "jscmiot","u","p"')
        + read("AT+CGDCONT?", '+CGDCONT: 1,"IP","jscmiot","",0,0')
        + read("AT+CSTT=?", '+CSTT: "APN","USER","PWD"')
        + ok("AT+CIICR=?", "AT+CIFSR=?", "AT+CIPSTATUS=?", "AT+CIPSHUT=?"),
        MODEL,
    )


def test_a_context_is_defined_at_any_time_and_holds_from_the_next_attachment() -> None:
    """Also the one that is active from the start; it keeps its address. Taking it away wants it inactive."""
    shown = '+CGDCONT: 1,"IP","{}","{}",0,0'
    hold(
        BOOT
        + ok('AT+CGDCONT=1,"IP","jscmiot"')
        + read("AT+CGDCONT?", shown.format("jscmiot", "10.64.1.2"))
        + read("AT+CGACT?", "+CGACT: 1,1")
        + ok('AT+CGDCONT=1,"IPV6",private')
        + read("AT+CGPADDR=1", '+CGPADDR: 1,"10.64.1.2"')
        + cme(3, "AT+CGDCONT=1")
        + opened()
        + ok('AT+CGDCONT=1,"IPV6","cmnet"', 'AT+CGDCONT=2,"IP","other"')
        + "S> nothing\n>> AT+MIPCLOSE\n<<\n<< OK\nS: close\n"
        + ok("AT+CGATT=0")
        + urc("+PDP DEACT")
        + read("AT+CGDCONT?", '+CGDCONT: 1,"IPV6","cmnet","",0,0', '+CGDCONT: 2,"IP","other","",0,0')
        + ok('AT+CGDCONT=1,"IPV6","cmiot"')
        + ">> AT+CGATT=1\n<<\n<< OK\n"
        + urc("+CGEV: ME PDN ACT 1", "+NITZ: 70/01/01,00:00:00+32,0")
        + read("AT+CGPADDR=1", '+CGPADDR: 1,"2001:db8:0:1::2"')
        + ok("AT+CGDCONT=2"),
        MODEL,
    )


def test_shutting_drops_the_socket_without_a_word() -> None:
    hold(BOOT + opened() + ">> AT+CIPSHUT\n<<\n<< SHUT OK\nS: close\nS> nothing\n" + state("IP INITIAL"), MODEL)


def test_a_connection_brings_the_network_up_by_itself() -> None:
    hold(BOOT + opened() + ">> AT+CIFSR\n<<\n<< 10.64.1.2\n" + error("AT+CSTT"), MODEL)
    hold(BOOT + ok("AT+CSTT") + opened() + error("AT+CIICR"), MODEL)


def test_the_network_takes_the_context() -> None:
    """The socket goes with it; only AT+CIPSHUT leads on."""
    module = quiet_module(MODEL)
    answer(module, "AT+MIPSTART=h,1")
    module.stream_opened(1, 1.0)
    assert module.take() == told("CONNECT OK")
    module.mobile.deactivate(1, asked=False)
    assert module.take() == told("+CGEV: NW PDN DEACT 1", "+PDP DEACT")
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
    assert module.take() == told("STATE:PDP DEACT", "CONNECT FAIL", "+CGEV: NW PDN DEACT 1", "+PDP DEACT")


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
    assert module.take() == told("RDY")
    play(module, ("ATE0", b"ATE0\r" + OK), ("AT+CREG=2", OK), ("AT+CREG?", info("+CREG: 2,2")))
    module.mobile.set_registration(ROAMING, 5.0)
    assert module.take() == told(
        '+CREG: 5,"1A2B","5C3D2E1",7',
        "^MODE: 17,17",
        "+E_UTRAN Service",
        "+CGEV: ME PDN ACT 1",
        "+NITZ: 23/11/14,22:13:20+32,0",
    )
    module.mobile.set_registration(HOME, 6.0)
    assert module.take() == told('+CREG: 1,"1A2B","5C3D2E1",7')
    module.mobile.set_registration(DENIED, 7.0)
    assert module.take() == told("+CGEV: NW PDN DEACT 1", "+CREG: 3", "^MODE: 0,0")
    play(module, ("AT+CREG=3", OK), ("AT+CREG?", info("+CREG: 3,3")))
    module.mobile.set_registration(HOME, 8.0)
    module.take()
    play(module, ("AT+CREG?", info('+CREG: 3,1,"1A2B","5C3D2E1",7')))
    module.mobile.change_cell(Cell("1A2B", "5C3D2E2", 7, "TDD LTE", "LTE BAND 40", 38950))
    assert module.take() == told('+CREG: 1,"1A2B","5C3D2E2",7')
    module.mobile.set_time_zone(36, 1, 9.0)
    assert module.take() == told("+NITZ: 23/11/14,22:13:20+36,1")
    module.mobile.set_time_zone(36, 1, 9.0)
    assert module.take() == b""


def test_sim_and_signal() -> None:
    module = quiet_module(MODEL)
    module.mobile.set_signal(Signal(11, 99), 1.0)
    play(module, ("AT+CSQ", info("+CSQ: 11,99")), ("AT+CPIN=1234", refused(3)))
    module.mobile.insert_sim(Sim.ABSENT, 1.0)
    assert module.take() == told("+CGEV: NW PDN DEACT 1", "^MODE: 0,0")
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
    assert module.take() == told("RDY")
    module.advance(3.0)
    assert exchange(module, b"AT+CPIN?", 3.0) == b"AT+CPIN?\r" + refused(14)
    module.advance(8.0)
    assert module.take().startswith(told("^MODE: 17,17", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1"))


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


def test_function_and_restart() -> None:
    hold(
        BOOT
        + ok("AT+CFUN=4")
        + urc("^MODE: 0,0")
        + read("AT+CFUN?", "+CFUN: 4")
        + read("AT+CSQ", "+CSQ: 99,99")
        + ok("AT+CFUN=1")
        + urc("^MODE: 17,17", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1", "+NITZ: 70/01/01,00:00:00+32,0")
        + cme(53, "AT+CFUN=4,1", "AT+CGACT=1,7", "AT+COPS=1")
        + opened()
        + ok("AT+CFUN=1,1")
        + "~~ 0\n"
        + STARTED
        + "S: close\n>> ATE0\n<< ATE0\\r\n<< OK\n"
        + state("IP INITIAL")
        + ok("AT+RESET")
        + "~~ 0\n"
        + STARTED,
        MODEL,
    )


def test_power_down() -> None:
    hold(BOOT + ">> AT+CPOWD=1\n<<\n<< NORMAL POWER DOWN\n~~ 1\n>> AT\n~~ 1\n", MODEL)
    hold(BOOT + ">> AT+CPOWD=0\n~~ 1\n>> AT\n~~ 1\n", MODEL)
    hold(BOOT + cme(53, "AT+CPOWD=2", "AT+CPOWD"), MODEL)
