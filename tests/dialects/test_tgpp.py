"""3GPP TS 27.007: every answer reads the mobile's one state, exact bytes, the manual's examples."""

import re

import pytest

from modemlab.dialect.identity import Identity
from modemlab.dialect.mobile import Cell, Operator, Signal, Sim
from modemlab.dialect.registry import find_model
from modemlab.module.module import Module
from support.mobile_line import ERROR, OK, answer, cme, info, play, quiet_module, urc

AWAY = Cell("00C3", "80D413D", 7, "FDD LTE", "LTE BAND 3", 1650)


def test_registration_shows_in_every_command_that_tells_of_it() -> None:
    """One change of the network, seen everywhere."""
    module = quiet_module()
    play(
        module,
        ("AT+CREG?", info("+CREG: 0,1")),
        ("AT+CGREG?", info("+CGREG: 0,1")),
        ("AT+CEREG?", info("+CEREG: 0,1")),
        ("AT+CGATT?", info("+CGATT: 1")),
        ("AT+COPS?", info('+COPS: 0,0,"CHINA MOBILE",7')),
        ("AT+QNWINFO", info('+QNWINFO: "TDD LTE","46000","LTE BAND 40",38950')),
    )
    module.mobile.set_registration(5, 0.0)
    play(module, ("AT+CREG?", info("+CREG: 0,5")), ("AT+CEREG?", info("+CEREG: 0,5")))
    module.mobile.set_registration(3, 0.0)
    play(
        module,
        ("AT+CREG?", info("+CREG: 0,3")),
        ("AT+CGREG?", info("+CGREG: 0,3")),
        ("AT+CEREG?", info("+CEREG: 0,3")),
        ("AT+CGATT?", info("+CGATT: 0")),
        ("AT+CGATT=1", cme(30)),
        ("AT+COPS?", info("+COPS: 0")),
        ("AT+QNWINFO", info('+QNWINFO: "NONE"')),
        ("AT+COPS=?", info('+COPS: (3,"CHINA MOBILE","CMCC","46000",7),,(0,1,2,3,4),(0,1,2)')),
        ("AT+QIACT=1", ERROR),
        ("AT+CGACT=1,1", cme(30)),
    )


def test_registration_is_reported_as_asked() -> None:
    """Modes 0, 1 and 2 of each of the three commands."""
    module = quiet_module()
    play(module, ("AT+CREG=1;+CGREG=2;+CEREG=0", OK))
    module.mobile.set_registration(2, 0.0)
    assert module.data_to_send() == urc("+CREG: 2", "+CGREG: 2")
    module.mobile.set_registration(1, 0.0)
    assert module.data_to_send() == urc("+CREG: 1", '+CGREG: 1,"1A2B","5C3D2E1",7')
    module.mobile.change_cell(AWAY)
    assert module.data_to_send() == urc('+CGREG: 1,"00C3","80D413D",7')
    play(
        module,
        ("AT+CREG?", info("+CREG: 1,1")),
        ("AT+CGREG?", info('+CGREG: 2,1,"00C3","80D413D",7')),
        ("AT+CEREG?", info("+CEREG: 0,1")),
        ("AT+CREG;+CGREG;+CEREG=2", OK),
        ("AT+CREG?", info("+CREG: 0,1")),
        ("AT+CEREG?", info('+CEREG: 2,1,"00C3","80D413D",7')),
    )
    module.mobile.set_registration(3, 0.0)
    assert module.data_to_send() == urc("+CEREG: 3")
    play(module, ("AT+CEREG?", info("+CEREG: 2,3")))


def test_detaching_as_in_the_manual() -> None:
    """The example of 9.11; contexts go down with it."""
    module = quiet_module()
    play(
        module,
        ("AT+CGREG=2;+CREG=2", OK),
        ("AT+CGACT=1,1", OK),
        ("AT+CGATT=0", OK + urc("+CGREG: 2")),
        ("AT+CGATT=0", OK),
        ("AT+CGATT?", info("+CGATT: 0")),
        ("AT+CGACT?", info("+CGACT: 1,0")),
        ("AT+QIACT?", OK),
        ("AT+CREG?", info('+CREG: 2,1,"1A2B","5C3D2E1",7')),
        ("AT+CGATT=1", OK + urc('+CGREG: 1,"1A2B","5C3D2E1",7')),
        ("AT+CGATT?", info("+CGATT: 1")),
        ("AT+CGATT=2", cme(50)),
    )


def test_sim_state() -> None:
    """AT+CPIN?, AT+CIMI and Quectel's own three read one SIM."""
    module = quiet_module(identity=Identity(imsi="460001234567890", iccid="89860012345678901234"))
    play(
        module,
        ("AT+CPIN?", info("+CPIN: READY")),
        ("AT+CIMI", info("460001234567890")),
        ("AT+QCCID", info("+QCCID: 89860012345678901234")),
        ("AT+QINISTAT", info("+QINISTAT: 7")),
        ('AT+QPINC="SC"', info('+QPINC: "SC",3,10')),
        ("AT+CPIN=1234", cme(3)),
    )
    for sim, code in ((Sim.ABSENT, 10), (Sim.BUSY, 14), (Sim.FAILURE, 13)):
        module.mobile.insert_sim(sim, 0.0)
        play(
            module,
            ("AT+CPIN?", cme(code)),
            ("AT+CIMI", cme(code)),
            ("AT+QCCID", ERROR),
            ("AT+QPINC?", cme(code)),
            ("AT+QINISTAT", info("+QINISTAT: 0")),
            ("AT+CREG?", info("+CREG: 0,0")),
        )
    for sim, code, word in ((Sim.PIN, 11, "SIM PIN"), (Sim.PUK, 12, "SIM PUK")):
        module.mobile.insert_sim(sim, 0.0)
        play(module, ("AT+CPIN?", info(f"+CPIN: {word}")), ("AT+CIMI", cme(code)))
    module.mobile.insert_sim(Sim.READY, 0.0)
    play(module, ("AT+CPIN?", info("+CPIN: READY")), ("AT+CREG?", info("+CREG: 0,1")))


def test_errors_as_in_the_manual() -> None:
    """The example of 2.23."""
    module = quiet_module()
    module.mobile.insert_sim(Sim.ABSENT, 0.0)
    play(
        module,
        ("AT+CMEE?", info("+CMEE: 1")),
        ("AT+CMEE=0", OK),
        ("AT+CPIN?", ERROR),
        ("AT+CMEE=1", OK),
        ("AT+CPIN?", cme(10)),
        ("AT+CMEE=2", OK),
        ("AT+CPIN?", cme("SIM not inserted")),
        ("AT+CSQ=1", cme("Incorrect parameters")),
        ("AT+CMEE=3", cme("Incorrect parameters")),
        ("AT+QIACT=0", ERROR),
        ("AT+NOSUCH", ERROR),
    )


WORDS = """
0 Phone failure|1 No connection to phone|2 Phone-adaptor link reserved|3 Operation not allowed|4 Operation not supported
5 PH-SIM PIN required|6 PH-FSIM PIN required|7 PH-FSIM PUK required|10 SIM not inserted|11 SIM PIN required
12 SIM PUK required|13 SIM failure|14 SIM busy|15 SIM wrong|16 Incorrect password|17 SIM PIN2 required
18 SIM PUK2 required|20 Memory full|21 Invalid index|22 Not found|23 Memory failure|24 Text string too long
25 Invalid characters in text string|26 Dial string too long|27 Invalid characters in dial string|30 No network service
31 Network timeout|32 Network not allowed - emergency calls only|40 Network personalization PIN required
41 Network personalization PUK required|42 Network subset personalization PIN required
43 Network subset personalization PUK required|44 Service provider personalization PIN required
45 Service provider personalization PUK required|46 Corporate personalization PIN required
47 Corporate personalization PUK required|901 Audio unknown error|902 Audio invalid parameters
903 Audio operation not supported|904 Audio device busy
"""


def test_words_of_errors_as_in_the_manual() -> None:
    """Table 10, typed from it (11.5); beside it are 27.007's own, and those of files."""
    typed = {int(number): words for number, words in re.findall(r"(\d+) ([^|\n]+)", WORDS)}
    errors = find_model("EC200S-CN")[0].errors
    assert {code: errors[code] for code in typed} == typed
    assert errors.keys() - typed.keys() == {50, 100, 103, 106, 107, 111, 112, 113, 132, 133, 134, 148, 149} | {
        *(*range(400, 427),)
    } - {404, 408, 412, 415, 422, 424}


def test_restart() -> None:
    """AT+CFUN=1,1: OK, then RDY; what was not stored is gone."""
    module = quiet_module()
    answer(module, "AT+CREG=2;+CGACT=1,1")
    module.receive(b"AT+CFUN=1,1\r", 5.0)
    assert module.deadline() == 5.0
    module.advance(5.0)
    assert module.data_to_send() == OK + urc("RDY")
    assert answer(module, "AT+CREG?", 5.0) == b"AT+CREG?\r" + info("+CREG: 0,1")
    assert answer(module, "ATE0;+CGACT?", 5.0).endswith(info("+CGACT: 1,0"))


def test_signal() -> None:
    """AT+CSQ, and no network is received without one."""
    module = quiet_module()
    play(module, ("AT+CSQ", info("+CSQ: 24,99")))
    module.mobile.set_signal(Signal(30, 0), 0.0)
    play(module, ("AT+CSQ", info("+CSQ: 30,0")))


def test_operator() -> None:
    """AT+COPS in every mode and format, AT+QNWINFO in step with it."""
    module = quiet_module()
    module.mobile.operator = Operator("CHN-UNICOM", "UNICOM", "46001")
    module.mobile.change_cell(AWAY)
    play(
        module,
        ("AT+COPS?", info('+COPS: 0,0,"CHN-UNICOM",7')),
        ("AT+COPS=?", info('+COPS: (2,"CHN-UNICOM","UNICOM","46001",7),,(0,1,2,3,4),(0,1,2)')),
        ("AT+QNWINFO", info('+QNWINFO: "FDD LTE","46001","LTE BAND 3",1650')),
        ("AT+COPS=3,2", OK),
        ("AT+COPS?", info('+COPS: 0,2,"46001",7')),
        ("AT+COPS=3,1", OK),
        ("AT+COPS?", info('+COPS: 0,1,"UNICOM",7')),
        ("AT+CREG=1", OK),
        ("AT+COPS=2", OK + urc("+CREG: 0")),
        ("AT+COPS?", info("+COPS: 2")),
        ("AT+COPS=?", info('+COPS: (1,"CHN-UNICOM","UNICOM","46001",7),,(0,1,2,3,4),(0,1,2)')),
        ('AT+COPS=1,2,"46011"', cme(30)),
        ('AT+COPS=1,2,"46001",0', cme(30)),
        ("AT+COPS?", info("+COPS: 2")),
        ('AT+COPS=1,2,"46001",7', OK + urc("+CREG: 1")),
        ("AT+COPS?", info('+COPS: 1,2,"46001",7')),
        ('AT+COPS=4,2,"46011"', OK),
        ("AT+COPS?", info('+COPS: 0,2,"46001",7')),
        ('AT+COPS=4,0,"CHN-UNICOM"', OK),
        ("AT+COPS?", info('+COPS: 4,0,"CHN-UNICOM",7')),
        ("AT+COPS=1", cme(50)),
        ("AT+COPS=5", cme(50)),
        ('AT+COPS=1,2,"46001",3', cme(50)),
        ("AT+COPS=0", OK),
        ("AT+COPS?", info('+COPS: 0,0,"CHN-UNICOM",7')),
    )


def test_definitions_outlive_the_power() -> None:
    """The note of 9.2."""
    module = quiet_module()
    answer(module, 'AT+CGDCONT=2,"IP","iot"')
    answer(module, "AT+CGACT=1")
    module.power_off(0.0)
    module.power_on(0.0)
    module.data_to_send()
    answer(module, "ATE0")
    play(
        module,
        ("AT+CGDCONT?", info('+CGDCONT: 1,"IP","CMNET","",0,0', '+CGDCONT: 2,"IP","iot","",0,0')),
        ("AT+CGACT?", info("+CGACT: 1,0", "+CGACT: 2,0")),
    )


def test_the_apn_may_be_given() -> None:
    """`apn` is context 1's."""
    module = quiet_module(apn="cmiot")
    play(module, ("AT+QICSGP=1", info('+QICSGP: 1,"cmiot","","",1')))


def test_activation_attaches_first() -> None:
    """9.7: AT+CGACT attaches; no more than three contexts are active."""
    module = quiet_module()
    play(
        module,
        ("AT+CGATT=0", OK),
        ("AT+CGACT=1,1", OK),
        ("AT+CGATT?", info("+CGATT: 1")),
        ("AT+QIACT=2;+QIACT=3", OK),
        ('AT+CGDCONT=4,"IP","x"', OK),
        ("AT+CGACT=1,4", cme(3)),
        ("AT+CGACT=1", cme(3)),
        ("AT+QIACT=4", ERROR),
        ("AT+CGACT=0,2", OK),
        ("AT+CGACT=1,4", OK),
    )


def clock(module: Module, now: float) -> bytes:
    """What AT+CCLK? says at that time."""
    return answer(module, "AT+CCLK?", now)


def test_clock() -> None:
    """The network sets the clock to UTC, to local time or not at all; the host sets it too."""
    module = quiet_module()
    assert clock(module, 0.0) == info('+CCLK: "23/11/14,22:13:20+32"')
    assert clock(module, 100.5) == info('+CCLK: "23/11/14,22:15:00+32"')
    play(module, ("AT+CTZU?", info("+CTZU: 1")), ("AT+CTZU=3", OK), ("AT+CTZU?", info("+CTZU: 3")))
    answer(module, "AT+CFUN=0;+CFUN=1", 100.0)
    assert clock(module, 100.0) == info('+CCLK: "23/11/15,06:15:00+32"')
    assert answer(module, "AT+CTZU=0", 100.0) == OK
    assert answer(module, 'AT+CCLK="04/02/29,23:59:59+08"', 100.0) == OK
    assert clock(module, 101.0) == info('+CCLK: "04/03/01,00:00:00+08"')
    answer(module, "AT+CFUN=0;+CFUN=1", 101.0)
    assert clock(module, 101.0) == info('+CCLK: "04/03/01,00:00:00+08"')
    module.power_off(102.0)
    module.power_on(102.0)
    module.data_to_send()
    answer(module, "ATE0", 102.0)
    assert clock(module, 103.0) == info('+CCLK: "04/03/01,00:00:02+08"')
    assert answer(module, "AT+CTZU?", 103.0) == info("+CTZU: 0")


@pytest.mark.parametrize(
    "time",
    [
        '"24/02/30,00:00:00+00"',
        '"24/01/01,24:00:00+00"',
        '"24/01/01,00:60:00+00"',
        '"24/01/01,00:00:61+00"',
        '"24/13/01,00:00:00+00"',
        '"24/00/01,00:00:00+00"',
        '"24/01/01,00:00:00+57"',
        '"24/01/01,00:00:00-49"',
        '"24/01/01,00:00:00"',
        '"2024/01/01,00:00:00+0"',
        '""',
        "",
        "24/01/01,00:00:00+00",
        '"²4/01/01,00:00:00+00"',
    ],
)
def test_times_that_are_none(time: str) -> None:
    """They are refused and the clock goes on."""
    module = quiet_module()
    assert answer(module, f"AT+CCLK={time}") == cme(50)
    assert clock(module, 0.0) == info('+CCLK: "23/11/14,22:13:20+32"')


def test_time_zone_reports() -> None:
    """+CTZV and +CTZE, as the example of 6.7 writes them; a negative zone keeps its width."""
    module = quiet_module()
    module.mobile.set_time_zone(36, 1, 0.0)
    assert module.data_to_send() == b""
    play(module, ("AT+CTZR=1", OK), ("AT+CTZR?", info("+CTZR: 1")))
    module.mobile.set_time_zone(-9, 0, 0.0)
    assert module.data_to_send() == urc('+CTZV: "-09"')
    play(module, ("AT+CTZR=2", OK))
    module.mobile.set_time_zone(32, 0, 0.0)
    assert module.data_to_send() == urc('+CTZE: "+32",0,"2023/11/15,06:13:20"')
    module.mobile.set_time_zone(32, 0, 0.0)
    assert module.data_to_send() == b""


def test_a_zone_is_told_once_where_it_does_not_set_the_clock() -> None:
    """+CTZV is about the network's zone: another registration in it is no change (AT commands manual V1.1, 6.7)."""
    module = quiet_module()
    play(module, ("AT+CTZU=0;+CTZR=1", OK))
    module.mobile.set_time_zone(36, 0, 0.0)
    assert module.data_to_send() == urc('+CTZV: "+36"')
    play(module, ("AT+COPS=2;+COPS=0", OK), ("AT+CFUN=0;+CFUN=1", OK + urc("+CPIN: READY")))
    assert answer(module, "AT+CCLK?") == info('+CCLK: "23/11/14,22:13:20+32"')


def test_settings_that_have_no_effect() -> None:
    """AT+CSCS as in 2.24 and AT+CGEREP are kept and shown."""
    play(
        quiet_module(),
        ("AT+CSCS?", info('+CSCS: "GSM"')),
        ('AT+CSCS="UCS2"', OK),
        ("AT+CSCS?", info('+CSCS: "UCS2"')),
        ('AT+CSCS="HEX"', cme(50)),
        ("AT+CGEREP?", info("+CGEREP: 0,0")),
        ("AT+CGEREP=2", OK),
        ("AT+CGEREP?", info("+CGEREP: 2,0")),
        ("AT+CGEREP=1,1", OK),
        ("AT+CGEREP?", info("+CGEREP: 1,1")),
        ("AT+CGEREP=3", cme(50)),
    )
