"""AT+QPING to AT+QISDE: `=?` lines, ranges and defaults, typed by hand (TCP/IP guide V1.2, 2.2.11 to 2.2.16)."""

import pytest

from support.mobile_line import ERROR, OK, answer, info, play, quiet_module
from support.tcpip_line import desk

TESTS = {
    "+QPING": "+QPING: (1-15),<host>,(1-255),(1-10)",
    "+QNTP": "+QNTP: (1-15),<server>,(1-65535),(0,1)",
    "+QIDNSCFG": "+QIDNSCFG: (1-15),<pridnsaddr>,<secdnsaddr>",
    "+QIDNSGIP": "+QIDNSGIP: (1-15),<hostname>",
    "+QISDE": "+QISDE: (0,1)",
}


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("model", ["EC200T-CN", "EC600N-CN", "EG912Y-CN"])
def test_test_forms(model: str, name: str) -> None:
    assert answer(quiet_module(model), f"AT{name}=?") == info(TESTS[name])


# For each command arguments that are taken, and arguments that are not; X is a host of 255 bytes.
RANGES = {
    "+QPING": (
        ('1,"a"', '1,"a",1', '1,"a",255', '1,"a",,1', '1,"a",4,10', "1,a", '1,"X"'),
        (
            "",
            "1",
            '0,"a"',
            '16,"a"',
            '1,""',
            '1,"a",0',
            '1,"a",256',
            '1,"a",4,0',
            '1,"a",4,11',
            '1,"a",4,4,4',
            '1,"Xx"',
        ),
    ),
    "+QNTP": (
        ('1,"a"', '1,"a",1', '1,"a",65535', '1,"a",123,0', '1,"a",123,1', '1,"a",,0', '1,"X"'),
        ("", "1", '0,"a"', '16,"a"', '1,""', '1,"a",0', '1,"a",65536', '1,"a",123,2', '1,"a",123,1,1', '1,"Xx"'),
    ),
    "+QIDNSGIP": (('1,"a"', "1,a", '1,"10.0.0.1"', '1,"X"'), ("", "1", '0,"a"', '16,"a"', '1,""', '1,"a",1', '1,"Xx"')),
    "+QIDNSCFG": (
        ("1", '1,"8.8.8.8"', '1,"8.8.8.8","8.8.4.4"', '1,,"8.8.4.4"', '1,"2001:db8::1"'),
        ("", "0", "16", '1,"a"', '1,"8.8.8"', '1,"8.8.8.8","x"', '1,"256.1.1.1"', '1,"8.8.8.8","8.8.4.4","1.1.1.1"'),
    ),
    "+QISDE": (("0", "1"), ("", "2", "-1", "x", "1,1")),
}


@pytest.mark.parametrize("name", RANGES)
def test_ranges(name: str) -> None:
    """What is refused is ERROR whatever AT+CMEE says, its code is 552, and nothing has changed."""
    taken, refused = RANGES[name]
    for arguments in taken:
        assert desk().do(f"AT{name}={arguments}".replace("X", "x" * 255)).startswith((OK, b"\r\n+QIDNSCFG: ")), (
            arguments
        )
    here = desk()
    here.do("AT+CMEE=2")
    for arguments in refused:
        assert here.do(f"AT{name}={arguments}".replace("X", "x" * 255)) == ERROR, arguments
        assert here.do("AT+QIGETERROR") == info("+QIGETERROR: 552,invalid parameters")
    assert here.do("AT+QIDNSCFG=1", "AT+QISDE?") == info('+QIDNSCFG: 1,"10.64.0.53","10.64.0.54"') + info("+QISDE: 1")
    assert not [effect for effect in here.net.events if effect[1] == "forget"]


@pytest.mark.parametrize("line", ["AT+QPING", "AT+QPING?", "AT+QNTP", "AT+QIDNSCFG?", "AT+QIDNSGIP?", "AT+QISDE"])
def test_forms_that_are_not_there(line: str) -> None:
    assert answer(quiet_module(), line) == ERROR


def test_the_echo_is_a_setting_until_the_power_goes() -> None:
    module = quiet_module()
    play(module, ("AT+QISDE?", info("+QISDE: 1")), ("AT+QISDE=0", OK), ("AT+QISDE?", info("+QISDE: 0")))
    play(module, ("AT&W", OK))
    module.power_off(1.0)
    module.power_on(2.0)
    module.data_to_send()
    play(module, ("AT+QISDE?", info("+QISDE: 1")))
