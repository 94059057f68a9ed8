"""AT+QPING, AT+QNTP, AT+QIDNSCFG and AT+QIDNSGIP (TCP/IP guide V1.2, 2.2.11 to 2.2.14), byte for byte.

Results are typed from the guide by hand.
"""

import pytest

from modemlab import ntp
from modemlab.dialect.network import Addresses, Datagram, Echoed, QueryAnswer, QueryError
from modemlab.module.effects import Forget, Ping, QueryAnswered, Resolve, SendDatagram
from modemlab.net.conditions import LAB, Conditions
from support.impaired_network import Answer, World
from support.mobile_line import ERROR, OK, UTC, answer, info, quiet_module, urc
from support.tcpip_line import ADDRESS, ADDRESS6, LOOK, NAME, PING, TIME, desk

# Contexts


@pytest.mark.parametrize("line", [PING, LOOK, TIME, "AT+QIDNSCFG=1", 'AT+QIDNSCFG=1,"8.8.8.8"'])
def test_the_context_is_activated_first(line: str) -> None:
    here = desk(up=False)
    assert here.do(line, "AT+QIGETERROR") == ERROR + info("+QIGETERROR: 561,PDP context opening failed")
    assert here.notes[-1].startswith(f"{line}: context 1 is not active: AT+QIACT=1 first (TCP/IP guide V1.2, 2.2.1")
    assert here.do("AT+QIACT=1", "AT+QIGETERROR") == OK + info("+QIGETERROR: 0,operation success")
    assert here.do(line)[:6] in (OK, b"\r\n+QID")
    assert here.do("AT+QIGETERROR") == info("+QIGETERROR: 0,operation success")
    assert here.do(line.replace("=1", "=2")) == ERROR


# Name servers


def test_name_servers() -> None:
    """Those that the network gives, until the host's; either alone may be set; with the context they go."""
    here = desk()
    assert here.do("AT+QIDNSCFG=1") == info('+QIDNSCFG: 1,"10.64.0.53","10.64.0.54"')
    assert here.do('AT+QIDNSCFG=1,"8.8.8.8"', "AT+QIDNSCFG=1") == OK + info('+QIDNSCFG: 1,"8.8.8.8","10.64.0.54"')
    assert here.do('AT+QIDNSCFG=1,,"8.8.4.4"', "AT+QIDNSCFG=1") == OK + info('+QIDNSCFG: 1,"8.8.8.8","8.8.4.4"')
    told = [note for note in here.notes if note.startswith("AT+QIDNSCFG: the servers are stored and shown")]
    assert len(told) == 1
    assert here.do('AT+QICSGP=2,2,"net"', "AT+QIACT=2", "AT+QIDNSCFG=2") == OK * 2 + info(
        '+QIDNSCFG: 2,"2001:db8::53","2001:db8::54"'
    )
    assert here.do('AT+QIDNSCFG=2,"2001:db8::1"') == OK
    assert here.do("AT+QIDEACT=1", "AT+QIACT=1", "AT+QIDNSCFG=1") == OK * 2 + info(
        '+QIDNSCFG: 1,"10.64.0.53","10.64.0.54"'
    )
    assert here.do("AT+QIDNSCFG=2") == info('+QIDNSCFG: 2,"2001:db8::1","2001:db8::54"')


# Names


def test_a_name() -> None:
    here = desk()
    assert here.do(LOOK) == OK + urc('+QIURC: "dnsgip",0,1,600', f'+QIURC: "dnsgip","{ADDRESS}"')
    assert here.notes == []
    assert here.do('AT+QIDNSGIP=1,"203.0.113.9"') == OK + urc(
        '+QIURC: "dnsgip",0,1,600', '+QIURC: "dnsgip","203.0.113.9"'
    )


@pytest.mark.parametrize(("kind", "shown"), [(1, [ADDRESS]), (2, [ADDRESS6]), (3, [ADDRESS, ADDRESS6])])
def test_addresses_of_the_contexts_type(kind: int, shown: list[str]) -> None:
    here = desk(up=False)
    here.do(f'AT+QICSGP=1,{kind},"net"', "AT+QIACT=1")
    lines = [f'+QIURC: "dnsgip","{each}"' for each in shown]
    assert here.do(LOOK) == OK + urc(f'+QIURC: "dnsgip",0,{len(shown)},600', *lines)
    assert f'+QPING: 0,"{shown[0]}",32,0,255'.encode() in here.do(PING)


def test_an_address_of_another_type_is_none() -> None:
    assert desk().do('AT+QIDNSGIP=1,"2001:db8::1"') == OK + urc('+QIURC: "dnsgip",565')
    assert desk().do('AT+QPING=1,"2001:db8::1"') == OK + urc("+QPING: 565")


# Pings


def test_the_example_of_the_guide() -> None:
    """3.7, but for the mean: that of the four times is 288."""
    here, times = desk(), (0.192, 0.240, 0.241, 0.479)
    said = here.do(Conditions(rtt=times[0]), 'AT+QPING=1,"61.135.169.125"')
    for time, following in zip(times, (*times[1:], 0.0), strict=True):
        said += here.do(Conditions(rtt=following), time)
    assert said == OK + urc(
        '+QPING: 0,"61.135.169.125",32,192,255',
        '+QPING: 0,"61.135.169.125",32,240,255',
        '+QPING: 0,"61.135.169.125",32,241,255',
        '+QPING: 0,"61.135.169.125",32,479,255',
        "+QPING: 0,4,4,0,192,479,288",
    )


def test_times_and_their_mean() -> None:
    """In milliseconds, as the conditions have them; the mean is rounded down."""
    here = desk()
    assert here.do(Conditions(rtt=0.2), 'AT+QPING=1,"203.0.113.9",4,2') == OK
    assert here.do(0.2, Conditions(rtt=0.301)) == urc('+QPING: 0,"203.0.113.9",32,200,255')
    # The second went out under the first conditions.
    assert here.do(0.2) == urc('+QPING: 0,"203.0.113.9",32,200,255', "+QPING: 0,2,2,0,200,200,200")
    assert here.do('AT+QPING=1,"203.0.113.9",4,1', 0.301) == OK + urc(
        '+QPING: 0,"203.0.113.9",32,301,255', "+QPING: 0,1,1,0,301,301,301"
    )


def test_all_are_lost() -> None:
    """Each after its own time; then the summary."""
    here = desk()
    assert here.do(Conditions(loss=1), 'AT+QPING=1,"203.0.113.9",2,3') == OK
    assert here.do(1.99) == b""
    assert here.do(0.01) == urc("+QPING: 569")
    assert here.do(2.0) == urc("+QPING: 569")
    assert here.do(1.99) == b""
    assert here.do(0.01) == urc("+QPING: 569", "+QPING: 0,3,0,3,0,0,0")
    assert here.do(60) == b""


def test_by_default_four_of_four_seconds() -> None:
    here = desk()
    assert here.do(Conditions(loss=1), 'AT+QPING=1,"203.0.113.9"', 15.99) == OK + urc(*3 * ["+QPING: 569"])
    assert here.do(0.01) == urc("+QPING: 569", "+QPING: 0,4,0,4,0,0,0")


def test_some_are_lost() -> None:
    """An outage takes the second of four."""
    here = desk()
    assert here.do(Conditions(rtt=0.5, gap_interval=10, gap_duration=1), 8.6, 'AT+QPING=1,"203.0.113.9",2,4') == OK
    line = '+QPING: 0,"203.0.113.9",32,500,255'
    assert here.do(0.5, 1.99) == urc(line)
    assert here.do(0.01, 1.0) == urc("+QPING: 569", line, line, "+QPING: 0,4,3,1,500,500,500")


def test_a_reply_that_is_slower_than_its_time_is_none() -> None:
    here = desk()
    assert here.do(Conditions(rtt=3.0), 'AT+QPING=1,"203.0.113.9",2,1', 10) == OK + urc(
        "+QPING: 569", "+QPING: 0,1,0,1,0,0,0"
    )


# How queries fail, and what each command tells then: the codes of the guide's table 2.
FAILURES: list[tuple[QueryError, str, str]] = [
    (QueryError.UNREACHABLE, "+QPING: 566", "+QNTP: 566"),
    (QueryError.NOT_PERMITTED, "+QPING: 554", "+QNTP: 554"),
]


@pytest.mark.parametrize(("error", "ping", "time"), FAILURES, ids=["unreachable", "not permitted"])
def test_failures(error: QueryError, ping: str, time: str) -> None:
    here = desk()
    said = here.do(Answer(error), 'AT+QPING=1,"203.0.113.9",4,2')
    if error is QueryError.NOT_PERMITTED:
        assert said == OK + urc(ping)
        here.do(PING)
        (note,) = [note for note in here.notes if "ping_group_range" in note]
        assert note.startswith("AT+QPING: this system does not allow this user to ping: on Linux, `sysctl -w ")
    else:
        assert said == OK + urc(ping, ping, "+QPING: 0,2,0,2,0,0,0")
    assert here.do(TIME) == OK + urc(time)


@pytest.mark.parametrize(
    ("conditions", "seconds", "code"),
    [(Conditions(dns="fails"), 0.0, 565), (Conditions(dns="silent"), 10.0, 565), (Conditions(loss=1), 10.0, 565)],
    ids=["fails", "silent", "loss"],
)
def test_names_that_do_not_resolve(conditions: Conditions, seconds: float, code: int) -> None:
    for line, told in ((PING, f"+QPING: {code}"), (LOOK, f'+QIURC: "dnsgip",{code}'), (TIME, f"+QNTP: {code}")):
        here = desk()
        assert here.do(conditions, line) == OK + (urc(told) if not seconds else b"")
        if seconds:
            assert here.do(seconds - 0.01) == b""
            assert here.do(0.01) == urc(told)
        assert here.do(200) == b""
        assert any(NAME in note and "the name did not resolve" in note for note in here.notes)


def test_a_name_has_60_seconds() -> None:
    for line, told in ((PING, "+QPING: 569"), (LOOK, '+QIURC: "dnsgip",569')):
        here = desk()
        assert here.do(Conditions(dns_delay=60, rtt=1), line, 59.99) == OK
        assert here.do(0.01) == urc(told)
        assert here.do(60, LAB, 60) == b""


# Network time


def test_the_clock_is_set() -> None:
    """To UTC, with the zone it has; what was off by hand is right again."""
    here = desk()
    assert here.do('AT+CCLK="24/01/01,00:00:00+32"') == OK
    assert here.do('AT+QNTP=1,"202.112.10.36",123') == OK + urc('+QNTP: 0,"2023/11/14,22:13:20+32"')
    assert here.do("AT+CCLK?") == info('+CCLK: "23/11/14,22:13:20+32"')
    here.do('AT+CCLK="24/01/01,00:00:00-20"')
    assert here.do(10, TIME) == OK + urc('+QNTP: 0,"2023/11/14,22:13:30-20"')
    assert here.do("AT+CCLK?") == info('+CCLK: "23/11/14,22:13:30-20"')


def test_the_clock_stays_as_it_is() -> None:
    here = desk()
    here.do('AT+CCLK="24/01/01,00:00:00+32"')
    assert here.do(f"{TIME},123,0") == OK + urc('+QNTP: 0,"2023/11/14,22:13:20+32"')
    assert here.do("AT+CCLK?") == info('+CCLK: "24/01/01,00:00:00+32"')


def test_the_way_back_is_reckoned_in() -> None:
    """Half of a round trip of 8 s has passed since the server spoke."""
    here = desk()
    said = here.do(Conditions(rtt=8), 'AT+QNTP=1,"203.0.113.9"', 8)
    assert said == OK + urc('+QNTP: 0,"2023/11/14,22:13:32+32"')


def test_it_is_asked_again_for_125_seconds() -> None:
    here = desk()
    here.net.silent = True
    assert here.do('AT+QNTP=1,"203.0.113.9",12345', "AT+QNTP?") == OK + info('+QNTP: "203.0.113.9",12345')
    assert here.do(124.9, "AT+QNTP?") == info('+QNTP: "203.0.113.9",12345')
    assert here.do(0.1) == urc("+QNTP: 569")
    assert here.do("AT+QNTP?", 200) == OK
    forgotten = [at for at, what, _ in here.net.events if what == "forget"]
    assert forgotten == [0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 105.0, 120.0, 125.0]


def test_the_third_question_is_answered() -> None:
    here = desk()
    here.net.silent = True
    assert here.do('AT+QNTP=1,"203.0.113.9"', 29.9) == OK
    here.net.silent = False
    assert here.do(0.1) == urc('+QNTP: 0,"2023/11/14,22:13:50+32"')


def changed(at: int, byte: int) -> QueryAnswer:
    """The right answer to what is asked at once, with one byte changed."""
    packet = bytearray(ntp.answer(ntp.request(UTC), UTC) or b"")
    packet[at] = byte
    return Datagram(bytes(packet))


WRONG = {
    "nothing": Datagram(b""),
    "too short": Datagram(bytes(47)),
    "zeros": Datagram(bytes(48)),
    "a client's": changed(0, 0x23),
    "of a server without time": changed(0, 0xE4),
    "of a server too far from time": changed(1, 16),
    "to another question": changed(24, 0),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_answer_is_passed_over(what: str) -> None:
    here = desk()
    assert here.do(Answer(WRONG[what]), TIME, 1.0) == OK
    assert here.do(124) == urc("+QNTP: 569")


def test_a_server_that_asks_to_be_left_alone() -> None:
    here = desk()
    here.do('AT+CCLK="24/01/01,00:00:00+32"')
    assert here.do(Answer(changed(1, 0)), TIME) == OK + urc("+QNTP: 551")
    assert here.do("AT+CCLK?") == info('+CCLK: "24/01/01,00:00:00+32"')
    assert here.do(200) == b""


# What happens meanwhile

SLOW = Conditions(dns_delay=20)


@pytest.mark.parametrize(
    ("line", "told", "stage"),
    [
        (PING, "+QPING: ", 5),
        (PING, "+QPING: ", 25),
        (LOOK, '+QIURC: "dnsgip",', 5),
        (TIME, "+QNTP: ", 5),
        (TIME, "+QNTP: ", 25),
    ],
)
def test_the_context_goes(line: str, told: str, stage: float) -> None:
    """By the host, the network, or with the packet domain; while a name is looked up, and behind it."""
    ends: list[tuple[object, bytes]] = [
        ("AT+QIDEACT=1", OK + urc(f"{told}570")),
        (World("drop_context", {"cid": 1}), urc(f"{told}570", '+QIURC: "pdpdeact",1')),
        (World("change_address", {"cid": 1}), urc(f"{told}570")),
        (World("detach"), urc(f"{told}570", '+QIURC: "pdpdeact",1')),
        (World("set_registration", {"stat": "searching"}), urc(f"{told}570", '+QIURC: "pdpdeact",1')),
        ("AT+CGATT=0", OK + urc(f"{told}570")),
        ("AT+CFUN=0", OK + urc(f"{told}570")),
    ]
    for end, said in ends:
        here = desk()
        here.net.silent = True
        here.do(SLOW, f"{line},255" if line == PING else line, stage)
        assert told.encode() not in here.do("AT"), end
        assert here.do(end) == said, end
        here.net.silent = False
        assert told.encode() not in here.do(LAB, 300)


def test_another_context_goes() -> None:
    here = desk()
    here.do('AT+QICSGP=2,1,"net"', "AT+QIACT=2", SLOW, LOOK, 5)
    assert here.do("AT+QIDEACT=2", 14.99) == OK
    assert here.do(0.01) == urc('+QIURC: "dnsgip",0,1,600', f'+QIURC: "dnsgip","{ADDRESS}"')


@pytest.mark.parametrize("line", [PING, LOOK, TIME])
@pytest.mark.parametrize("stage", [0.0, 5.0, 20.0])
def test_the_power_goes(line: str, stage: float) -> None:
    """Nothing is told, and nothing is under way at the next start."""
    here = desk()
    here.net.silent = True
    here.do(SLOW, line, stage)
    here.module.power_off(here.clock.now)
    here.module.power_on(here.clock.now)
    here.settle()
    here.net.silent = False
    assert here.do("ATE0", LAB, 300) == urc("RDY") + b"ATE0\r" + OK
    assert here.do("AT+QNTP?", "AT+QIACT=1") == OK * 2
    assert OK in here.do(line)


def test_a_restart_by_the_host() -> None:
    here = desk()
    here.do(SLOW, PING, LOOK, TIME, 5)
    assert here.do("AT+CFUN=1,1", 200) == OK + urc("RDY")


def test_several_at_once() -> None:
    """Different commands are; a second of the same waits for the first."""
    here = desk()
    assert here.do(SLOW, PING, LOOK, TIME) == OK * 3
    assert here.do(PING, "AT+QIGETERROR") == ERROR + info("+QIGETERROR: 568,operation busy")
    assert here.do(LOOK, "AT+QIGETERROR") == ERROR + info("+QIGETERROR: 564,DNS busy")
    assert here.do(TIME, "AT+QIGETERROR") == ERROR + info("+QIGETERROR: 568,operation busy")
    assert here.do("AT+QNTP?") == info(f'+QNTP: "{NAME}",123')
    said = here.do(20)
    for line in ('+QIURC: "dnsgip",0,1,600', "+QPING: 0,4,4,0,0,0,0", '+QNTP: 0,"2023/11/14,22:13:40+32"'):
        assert urc(line) in said
    assert here.do(LAB, LOOK).startswith(OK + urc('+QIURC: "dnsgip",0,1,600'))


def test_a_host_that_asks_on_at_once() -> None:
    """Each result comes behind the answer that is open; none is lost, and OK comes ahead of its own."""
    here = desk()
    said = here.do(f"{LOOK}\rAT+CSQ\r{PING},4,1\rAT+CCLK?")
    assert said == (
        OK
        + info("+CSQ: 24,99")
        + OK
        + info('+CCLK: "23/11/14,22:13:20+32"')
        + urc('+QIURC: "dnsgip",0,1,600', f'+QIURC: "dnsgip","{ADDRESS}"')
        + urc(f'+QPING: 0,"{ADDRESS}",32,0,255', "+QPING: 0,1,1,0,0,0,0")
    )


def test_results_wait_for_data_and_for_a_line_that_is_typed() -> None:
    here = desk()
    here.do(Conditions(dns_delay=1), LOOK, b"AT+C")
    assert here.do(1.0) == urc('+QIURC: "dnsgip",0,1,600', f'+QIURC: "dnsgip","{ADDRESS}"')
    assert here.do(b"SQ\r") == info("+CSQ: 24,99")
    assert here.do(LOOK, 'AT+QMTCFG="willex",0,1,0,0,"t",2', 5) == OK + b"\r\n> "
    assert here.do(b"on") == OK + urc('+QIURC: "dnsgip",0,1,600', f'+QIURC: "dnsgip","{ADDRESS}"')


# What the module asks of the world, and what it makes of answers


def test_the_effects() -> None:
    """In order, each with a number of its own, and forgotten once it is over."""
    module = quiet_module()
    answer(module, "AT+QIACT=1")
    assert answer(module, 'AT+QPING=1,"a",4,2', 1.0) == OK
    assert module.effects == [Resolve(1, "a")]
    module.effects.clear()
    module.on_reply(QueryAnswered(1, QueryError.NAME), 2.0)
    assert (module.data_to_send(), module.effects) == (urc("+QPING: 565"), [Forget(1)])
    module.effects.clear()
    answer(module, 'AT+QPING=1,"203.0.113.9",4,2', 3.0)
    module.effects.clear()
    module.on_reply(QueryAnswered(2, Addresses(("203.0.113.9",))), 3.0)
    assert module.effects == [Forget(2), Ping(3, "203.0.113.9", 32)]
    module.effects.clear()
    module.on_reply(QueryAnswered(3, Echoed(63)), 3.05)
    assert module.data_to_send() == urc('+QPING: 0,"203.0.113.9",32,50,63')
    # Late answers of queries that are over, and of none, say nothing.
    for number in (1, 2, 3, 99):
        module.on_reply(QueryAnswered(number, Echoed(63)), 3.06)
    assert module.effects == [Forget(3), Ping(4, "203.0.113.9", 32)]
    module.effects.clear()
    module.advance(7.0)
    assert (module.data_to_send(), module.effects, module.deadline()) == (b"", [], 7.05)
    module.advance(7.05)
    assert (module.data_to_send(), module.effects) == (urc("+QPING: 569", "+QPING: 0,2,1,1,50,50,50"), [Forget(4)])
    module.effects.clear()
    answer(module, 'AT+QNTP=1,"time.example",5123', 8.0)
    assert module.effects == [Resolve(5, "time.example", 5123)]
    module.on_reply(QueryAnswered(5, Addresses(("2001:db8::1", "203.0.113.9"))), 8.5)
    exchange = SendDatagram(6, "time.example", 5123, "203.0.113.9", ntp.request(UTC + 8.5))
    assert module.effects[1:] == [Forget(5), exchange]
    module.power_off(9.0)
    assert module.effects[3:] == [Forget(6)]
    module.on_reply(QueryAnswered(6, Datagram(b"")), 9.5)
    assert module.data_to_send() == b""


def test_timers_stay_few() -> None:
    """A host that pings without end: what is set for the longest times is bounded."""
    here = desk()
    for _ in range(500):
        here.do('AT+QPING=1,"203.0.113.9",255,10')
    assert len(here.module._timers) < 10
