"""Quectel's own commands for the mobile: exact bytes, the manuals' examples, URCs and power."""

import pytest

from modemlab.at.command import FormKind
from modemlab.dialect.mobile import Signal
from modemlab.dialect.mqtt_events import Network, State
from modemlab.module.effects import StreamOpened
from modemlab.module.module import Module
from support.helpers import make_module
from support.mobile_line import ERROR, OK, answer, cme, info, play, quiet_module, urc


def test_contexts_as_in_the_guide() -> None:
    """Chapter 3.1 of the TCP/IP guide."""
    play(
        quiet_module(),
        ('AT+QICSGP=1,1,"UNINET","","",1', OK),
        ("AT+QIACT=1", OK),
        ("AT+QIACT?", info('+QIACT: 1,1,1,"10.64.1.2"')),
        ("AT+QIDEACT=1", OK),
        ("AT+QIACT?", OK),
        ("AT+QIDEACT=1", OK),
    )


def test_three_contexts_at_most_and_why() -> None:
    """AT+QIGETERROR knows the last TCP/IP command."""
    module = quiet_module()
    play(
        module,
        ("AT+QIGETERROR", info("+QIGETERROR: 0,operation success")),
        ("AT+QIACT=1;+QIACT=2;+QIACT=3", OK),
        ("AT+QIACT=4", ERROR),
        ("AT+QIGETERROR", info("+QIGETERROR: 572,operation not allowed")),
        ("AT+QIACT=1", ERROR),
        ("AT+QIGETERROR", info("+QIGETERROR: 572,operation not allowed")),
        ("AT+QIDEACT=16", ERROR),
        ("AT+CSQ=9", cme(50)),
        ("AT+QIGETERROR", info("+QIGETERROR: 552,invalid parameters")),
        ("AT+QIDEACT=1", OK),
        ("AT+QIGETERROR", info("+QIGETERROR: 0,operation success")),
        ("AT+QIACT=4", OK),
    )
    module.mobile.set_registration(2, 0.0)
    assert module.data_to_send() == urc('+QIURC: "pdpdeact",2', '+QIURC: "pdpdeact",3', '+QIURC: "pdpdeact",4')
    play(
        module,
        ("AT+QIACT=1", ERROR),
        ("AT+QIGETERROR", info("+QIGETERROR: 561,PDP context opening failed")),
        ("AT+CMEE=2;+QIACT=1", ERROR),
    )


def test_clients_close_with_their_context() -> None:
    """AT+QIDEACT and a lost network: +QMTSTAT: <idx>,7 on that context alone."""
    for lose in ("host", "network"):
        module = quiet_module()
        for index, context in ((0, 1), (1, 2)):
            answer(module, f"AT+QIACT={context}")
            module.client(index).open(Network("broker.example", 1883, context, 75.0), 0.0)
            module.on_reply(StreamOpened(module.client(index).stream), 0.0)
        module.data_to_send()
        if lose == "host":
            assert answer(module, "AT+QIDEACT=1") == OK + urc("+QMTSTAT: 0,7")
            assert module.client(0).state is State.CLOSED
            assert module.client(1).state is State.OPEN
        else:
            module.mobile.set_registration(2, 0.0)
            said = module.data_to_send()
            for line in ("+QMTSTAT: 0,7", "+QMTSTAT: 1,7", '+QIURC: "pdpdeact",1', '+QIURC: "pdpdeact",2'):
                assert urc(line) in said


def test_time_of_the_network() -> None:
    """AT+QLTS in its three modes, as the example of 6.8 writes it."""
    module = make_module(utc=1_547_350_848.0)  # 2019-01-13, 03:40:48 UTC
    module.power_on(0.0)
    answer(module, "ATE0")
    assert answer(module, "AT+QLTS", 34.0) == info('+QLTS: "2019/01/13,03:40:48+32,0"')
    assert answer(module, "AT+QLTS=0", 34.0) == info('+QLTS: "2019/01/13,03:40:48+32,0"')
    assert answer(module, "AT+QLTS=1", 34.0) == info('+QLTS: "2019/01/13,03:41:22+32,0"')
    assert answer(module, "AT+QLTS=2", 35.0) == info('+QLTS: "2019/01/13,11:41:23+32,0"')
    assert answer(module, "AT+QLTS=3", 35.0) == cme(50)
    module.mobile.set_time_zone(-12, 1, 40.0)
    assert answer(module, "AT+QLTS=2", 48.0) == info('+QLTS: "2019/01/13,00:41:36-12,1"')
    assert answer(module, "AT+QLTS", 48.0) == info('+QLTS: "2019/01/13,03:41:28-12,1"')


def test_without_a_network_there_is_no_time() -> None:
    """The note of 6.8; the clock then runs from its own start."""
    module = make_module(utc=1_700_000_000.0)
    module.mobile.set_registration(0, 0.0)
    module.power_on(10.0)
    answer(module, "ATE0", 10.0)
    assert answer(module, "AT+QLTS", 12.0) == info('+QLTS: ""')
    assert answer(module, "AT+QLTS=2", 12.0) == info('+QLTS: ""')
    assert answer(module, "AT+CCLK?", 13.0) == info('+CCLK: "08/01/01,00:00:03+00"')
    module.mobile.set_registration(1, 20.0)
    assert answer(module, "AT+QLTS", 25.0) == info('+QLTS: "2023/11/14,22:13:40+32,0"')
    assert answer(module, "AT+CCLK?", 25.0) == info('+CCLK: "23/11/14,22:13:45+32"')


def test_sim_counters() -> None:
    """5.8, in both forms."""
    play(
        quiet_module(),
        ("AT+QPINC?", info('+QPINC: "SC",3,10', '+QPINC: "P2",3,10')),
        ('AT+QPINC="P2"', info('+QPINC: "P2",3,10')),
        ('AT+QPINC="P3"', cme(50)),
    )


def test_power_down() -> None:
    """OK, POWERED DOWN 0.7 s later, then silence; the power brings RDY."""
    for line, wait in (("AT+QPOWD", 0.7), ("AT+QPOWD=1", 0.7), ("AT+QPOWD=0", 0.0)):
        module = quiet_module()
        assert answer(module, line, 10.0) == OK
        assert module.deadline() == pytest.approx(10.0 + wait)
        module.advance(10.0 + wait)
        assert module.data_to_send() == urc("POWERED DOWN")
        assert not module.on
        assert module.deadline() is None
        assert answer(module, "AT", 11.0) == b""
        module.power_on(20.0)
        assert module.data_to_send() == urc("RDY")
    assert answer(quiet_module(), "AT+QPOWD=2") == ERROR


def test_the_last_word_waits_for_nobody() -> None:
    """POWERED DOWN comes in the middle of a line too."""
    module = quiet_module()
    answer(module, "AT+QPOWD", 10.0)
    module.receive(b"AT+CS", 10.6)
    module.advance(10.7)
    assert module.data_to_send() == urc("POWERED DOWN")


def test_urc_port_and_sleep_are_kept() -> None:
    """The example of 2.25; the port is stored at once, sleep is not."""
    module = quiet_module()
    play(
        module,
        ('AT+QURCCFG="urcport"', info('+QURCCFG: "urcport","usbat"')),
        ('AT+QURCCFG="urcport","usbmodem"', OK),
        ('AT+QURCCFG="URCPORT"', info('+QURCCFG: "urcport","usbmodem"')),
        ('AT+QURCCFG="urcport","uart2"', ERROR),
        ('AT+QURCCFG="port"', ERROR),
        ("AT+QSCLK?", info("+QSCLK: 0")),
        ("AT+QSCLK=1", OK),
        ("AT+QSCLK?", info("+QSCLK: 1")),
        ("AT+QSCLK=2", ERROR),
    )
    restart(module)
    play(module, ('AT+QURCCFG="urcport"', info('+QURCCFG: "urcport","usbmodem"')), ("AT+QSCLK?", info("+QSCLK: 0")))


def restart(module: Module) -> None:
    """Power off and on, without echo."""
    module.power_off(0.0)
    module.power_on(0.0)
    answer(module, "ATE0")


# Key, what it reads at first, a value, what it reads then, values that are refused.
EXTENDED = [
    ("gprsattach", "1", "0", "0", ("2", "1,1")),
    ("nwscanmode", "0", "3,1", "3", ("4", "3,2")),
    ("nwscanseq", "0", "11", "11", ("12",)),
    ("servicedomain", "2", "1,0", "1", ("3",)),
    ("roamservice", "255", "1", "1", ("0", "3", "254")),
    ("band", "0xd3,0x1e200000095", "13,0X15", "0x13,0x15", ("4,1", "1,2", "1", '"1",1', "g,1")),
    ("urcdelay", "0", "120", "120", ("121",)),
    ("urc/cache", "0", "0", "0", ("2",)),
    ("urc/ri/other", '"pulse",120,1', '"off",2000,5', '"off",2000,5', ('"on"', '"off",0', '"off",2001')),
]


@pytest.mark.parametrize(("key", "first", "value", "then", "refused"), EXTENDED)
def test_extended_settings(key: str, first: str, value: str, then: str, refused: tuple[str, ...]) -> None:
    """AT+QCFG: the manual's nine keys."""
    module = quiet_module()
    play(module, (f'AT+QCFG="{key}"', info(f'+QCFG: "{key}",{first}')))
    for wrong in refused:
        play(module, (f'AT+QCFG="{key}",{wrong}', cme(50)))
    play(
        module,
        (f'AT+QCFG="{key}"', info(f'+QCFG: "{key}",{first}')),
        (f'AT+QCFG="{key}",{value}', OK),
        (f'AT+QCFG="{key}"', info(f'+QCFG: "{key}",{then}')),
    )
    restart(module)
    play(module, (f'AT+QCFG="{key}"', info(f'+QCFG: "{key}",{then}')))


def test_bands_that_change_nothing() -> None:
    """4.3.6: 0, and 0x40000000 for LTE; any band at all is a value of its own."""
    play(
        quiet_module(),
        ('AT+QCFG="band",0,4', OK),
        ('AT+QCFG="band"', info('+QCFG: "band",0xd3,0x4')),
        ('AT+QCFG="band",0x1,0x40000000', OK),
        ('AT+QCFG="band"', info('+QCFG: "band",0x1,0x4')),
        ('AT+QCFG="band",0xFFFF,0x7FFFFFFFFFFFFFFF', OK),
        ('AT+QCFG="band"', info('+QCFG: "band",0xffff,0x7fffffffffffffff')),
    )


def test_attachment_at_power_on() -> None:
    """4.3.1: with 0 the host attaches."""
    module = quiet_module()
    play(module, ('AT+QCFG="gprsattach",0', OK), ("AT+CGATT?", info("+CGATT: 1")))
    restart(module)
    play(
        module,
        ("AT+CGATT?", info("+CGATT: 0")),
        ("AT+CREG?", info("+CREG: 0,1")),
        ("AT+QIACT=1", ERROR),
        ("AT+CGATT=1", OK),
        ("AT+QIACT=1", OK),
    )


def test_urcs_held_back() -> None:
    """4.3.9: printed once the cache is switched off; nothing keeps the shell busy meanwhile."""
    module = quiet_module()
    play(module, ('AT+QCFG="urc/cache",1', OK), ("AT+CREG=1", OK))
    module.mobile.set_registration(2, 0.0)
    module.mobile.set_registration(5, 0.0)
    module.advance(60.0)
    assert module.data_to_send() == b""
    assert module.deadline() is None
    play(
        module,
        ('AT+QCFG="urc/cache"', info('+QCFG: "urc/cache",1')),
        ('AT+QCFG="urc/cache",0', OK + urc("+CREG: 2", "+CREG: 5")),
        ("AT", OK),
    )
    play(module, ('AT+QCFG="urc/cache",1', OK))
    module.power_off(0.0)
    module.power_on(0.0)
    assert module.data_to_send() == urc("RDY")
    play(module, ("ATE0", b"ATE0\r" + OK), ("AT+CREG=1", OK))
    module.mobile.set_registration(2, 0.0)
    assert module.data_to_send() == b""


def test_indications() -> None:
    """4.4: switched one by one and all together, stored only when asked to."""
    module = quiet_module()
    play(
        module,
        ('AT+QINDCFG="all"', info('+QINDCFG: "all",1')),
        ('AT+QINDCFG="csq"', info('+QINDCFG: "csq",0')),
        ('AT+QINDCFG="smsincoming"', info('+QINDCFG: "smsincoming",1')),
        ('AT+QINDCFG="act"', info('+QINDCFG: "act",0')),
    )
    module.mobile.set_signal(Signal(20, 99), 0.0)
    assert module.data_to_send() == b""
    play(
        module,
        ('AT+QINDCFG="csq",1,1', OK),
        ('AT+QINDCFG="act",1', OK + urc('+QIND: "act","LTE"')),
        ('AT+QINDCFG="act"', info('+QINDCFG: "act",1')),
    )
    module.mobile.set_signal(Signal(31, 99), 0.0)
    assert module.data_to_send() == urc('+QIND: "csq",31,99')
    module.mobile.set_registration(2, 0.0)
    module.mobile.set_registration(3, 0.0)
    module.mobile.set_registration(5, 0.0)
    assert module.data_to_send() == urc('+QIND: "act","UNKNOWN"', '+QIND: "act","LTE"')
    play(module, ('AT+QINDCFG="all",0', OK))
    module.mobile.set_signal(Signal(10, 99), 0.0)
    assert module.data_to_send() == b""
    play(module, ('AT+QINDCFG="csq",2', cme(50)), ('AT+QINDCFG="csq",,1', cme(50)), ('AT+QINDCFG="ring"', cme(50)))
    restart(module)
    play(
        module,
        ('AT+QINDCFG="all"', info('+QINDCFG: "all",1')),
        ('AT+QINDCFG="csq"', info('+QINDCFG: "csq",1')),
        ('AT+QINDCFG="act"', info('+QINDCFG: "act",0')),
    )


def test_boot_in_time() -> None:
    """RDY at once; the SIM comes and the network after it."""
    module = make_module()
    module.mobile.boot_time = 8.0
    module.power_on(0.0)
    assert module.data_to_send() == urc("RDY")
    answer(module, "ATE0")
    seen = []
    for now in (0.0, 2.0, 4.0, 8.0):
        module.advance(now)
        seen.append((answer(module, "AT+CPIN?", now), answer(module, "AT+CREG?", now), module.deadline()))
    assert seen == [
        (cme(10), info("+CREG: 0,2"), 2.0),
        (cme(14), info("+CREG: 0,2"), 4.0),
        (info("+CPIN: READY"), info("+CREG: 0,2"), 8.0),
        (info("+CPIN: READY"), info("+CREG: 0,1"), None),
    ]


@pytest.mark.parametrize("name", ["EC200T-CN", "EC600S-CN", "EG912Y-CN"])
def test_the_card_is_read_in_time(name: str) -> None:
    """AT+QINISTAT is a sum that grows, and no less than what AT+CPIN? says."""
    module = make_module(name)
    module.mobile.boot_time = 8.0
    module.power_on(0.0)
    answer(module, "ATE0")
    seen = []
    for now in (0.0, 1.9, 2.0, 3.9, 4.0, 5.9, 6.0, 7.9, 8.0, 9.0):
        module.advance(now)
        seen.append((now, answer(module, "AT+QINISTAT", now)))
    grown = {0.0: 0, 1.9: 0, 2.0: 0, 3.9: 0, 4.0: 1, 5.9: 1, 6.0: 3, 7.9: 3, 8.0: 7, 9.0: 7}
    assert seen == [(now, info(f"+QINISTAT: {status}")) for now, status in grown.items()]
    module.mobile.lock_sim(now=9.0)
    assert info("+QINISTAT: 0") in answer(module, "AT+QINISTAT", 9.0)
    assert info("+QINISTAT: 7") in answer(module, "AT+CPIN=1234;+QINISTAT", 9.0)


def test_boot_reports_what_is_stored() -> None:
    """RDY comes ahead of all other URCs."""
    module = quiet_module()
    play(module, ("AT+CREG=1;+CEREG=2;&W", OK))
    module.power_off(0.0)
    module.power_on(0.0)
    assert module.data_to_send() == urc("RDY", "+CREG: 1", '+CEREG: 1,"1A2B","5C3D2E1",7')


def test_each_command_of_a_line_is_done_to_its_end() -> None:
    """What an answer does behind its OK is done wherever on the line it stands."""
    module = quiet_module()
    said = answer(module, 'AT+QMTOPEN=0,"broker.example",1883;+QMTOPEN=1,"broker.example",1883;+CSQ')
    assert said == info("+CSQ: 24,99")
    assert [type(effect).__name__ for effect in module.effects] == ["OpenStream", "OpenStream"]
    assert answer(module, 'AT+QMTOPEN=2,"broker.example",1883;+CSQ=1') == cme(50)
    assert len(module.effects) == 3


def test_every_declared_form_is_answered() -> None:
    """No form of any command lacks an answer."""
    dialect = make_module().dialect
    for command in dialect.commands.values():
        for form in command.forms:
            given = form in dialect.answers or command.kept is not None or form.kind is FormKind.TEST
            assert given, form
