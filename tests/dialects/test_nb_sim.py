"""The SIM of BC35-G and BC28: what it waits for, its PIN and its PUK (BC35-G AT commands manual V1.0, 2.32, 2.33)."""

import pytest

from modemlab.dialect.mobile import Sim
from support.helpers import exchange
from support.nb_lines import OK, START, WITH_NUMBERS, cme, hold_nb, info, nb_module, refused
from support.qmt_lines import read

SIMS = [(Sim.ABSENT, 310), (Sim.PIN, 311), (Sim.PUK, 316), (Sim.FAILURE, 313), (Sim.BUSY, 314)]


@pytest.mark.parametrize(("sim", "code"), SIMS)
def test_a_sim_that_is_not_ready(sim: Sim, code: int) -> None:
    module = nb_module()
    module.mobile.insert_sim(sim, 0.0)
    module.data_to_send()
    locked = sim in (Sim.PIN, Sim.PUK)
    iccid = info("+NCCID:89860000000000000017")
    assert exchange(module, b"AT+CIMI") == cme(code)
    assert exchange(module, b"AT+CPIN?") == (info(f"+CPIN: {sim.value}") if locked else cme(code))
    assert exchange(module, b"AT+NCCID") == (iccid if locked else cme(code))
    assert exchange(module, b"AT+CEREG?") == info("+CEREG:0,0")
    assert exchange(module, b"AT+CPIN=1234") == (OK if sim is Sim.PIN else cme(code))


def test_no_pin_is_asked_for() -> None:
    hold_nb(START + WITH_NUMBERS + read("AT+CPIN?", "+CPIN: READY") + refused(3, "AT+CPIN=1234"))


def test_pin_and_puk() -> None:
    """AT commands manual, 2.32: three wrong PINs, then the PUK with a new PIN."""
    module = nb_module()
    module.mobile.lock_sim("4321", "87654321", now=0.0)
    module.data_to_send()
    ready = info("+CPIN: READY")
    for line, said in (
        (b"AT+CPIN?", info("+CPIN: SIM PIN")),
        (b"AT+CPIN=43x1", cme(50)),
        (b"AT+CPIN=1234", cme(315)),
        (b"AT+CPIN=4321", OK),
        (b"AT+CPIN?", ready),
        (b"AT+CPIN=4321", cme(3)),
    ):
        assert exchange(module, line) == said, line
    module.mobile.lock_sim("4321", "87654321", now=0.0)
    module.data_to_send()
    for line, said in (
        (b"AT+CPIN=1111", cme(315)),
        (b"AT+CPIN=1111", cme(315)),
        (b"AT+CPIN=1111", cme(315)),
        (b"AT+CPIN?", info("+CPIN: SIM PUK")),
        (b"AT+CPIN=4321", cme(316)),
        (b"AT+CPIN=11111111,5555", cme(315)),
        (b"AT+CPIN=87654321,5555", OK),
        (b"AT+CPIN?", ready),
    ):
        assert exchange(module, line) == said, line


def test_attempts_that_are_left() -> None:
    """AT commands manual, 2.33."""
    module = nb_module()
    both = "+CPINR: SIM PIN,{},3", "+CPINR: SIM PUK,{},10"
    new = info(*(line.format(left) for line, left in zip(both, (3, 10), strict=True)))
    assert exchange(module, b"AT+CPINR") == new
    module.mobile.lock_sim("4321", "87654321", now=0.0)
    assert exchange(module, b"AT+CPINR") == new
    for left in (2, 1, 0):
        assert exchange(module, b"AT+CPIN=0000") == cme(315)
        assert exchange(module, b'AT+CPINR="SIM PIN"') == info(both[0].format(left))
    assert exchange(module, b"AT+CPIN=00000000,1111") == cme(315)
    assert exchange(module, b'AT+CPINR="sim puk"') == info(both[1].format(9))
    assert exchange(module, b"AT+CPINR") == info(both[0].format(0), both[1].format(9))
    assert exchange(module, b'AT+CPINR="SIM PUK BLOCKED"') == OK
    assert exchange(module, b"AT+CPIN=87654321,1111") == OK
    assert exchange(module, b"AT+CPINR") == new
    for bad in (b'"READY"', b'"SIM PIN2"', b"", b'"SIM PIN","SIM PUK"'):
        assert exchange(module, b"AT+CPINR=" + bad) == cme(50)


def test_a_puk_that_was_wrong_ten_times() -> None:
    """AT commands manual, 2.32: a start tells of it."""
    module = nb_module()
    module.mobile.insert_sim(Sim.PUK, 0.0)
    for left in range(9, -1, -1):
        assert exchange(module, b"AT+CPIN=00000000,1111") == cme(315)
        assert exchange(module, b'AT+CPINR="SIM PUK"') == info(f"+CPINR: SIM PUK,{left},10")
    blocked = b"\r\n+CPIN: SIM PUK BLOCKED\r\n"
    for _ in range(2):
        assert exchange(module, b"AT+CMEE=1") == OK
        assert exchange(module, b"AT+CPIN?") == blocked + OK
        assert exchange(module, b"AT+CPINR") == info("+CPINR: SIM PIN,0,3", "+CPINR: SIM PUK,0,10")
        assert exchange(module, b"AT+NCCID") == info("+NCCID:89860000000000000017")
        for line in (b"AT+CPIN=12345678,1111", b"AT+CPIN=1234", b"AT+CIMI"):
            assert exchange(module, line) == cme(532)
        assert exchange(module, b"AT+CFUN=0;+CPIN?") == cme(524)
        assert exchange(module, b"AT+NRB").endswith(b"\r\nNeul\r\nOK\r\n" + blocked)
    module.mobile.insert_sim(Sim.ABSENT, 0.0)
    assert exchange(module, b"AT+CMEE=1;+CPIN?") == cme(310)
    assert not exchange(module, b"AT+NRB").endswith(blocked)
    module.mobile.reinsert_sim(0.0)
    assert exchange(module, b"AT+CPIN?") == blocked + OK
    module.mobile.insert_sim(Sim.READY, 0.0)
    assert exchange(module, b"AT+CPIN?") == info("+CPIN: READY")
