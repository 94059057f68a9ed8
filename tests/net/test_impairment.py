"""Conditions and faults on a module's streams, in memory, with exact times."""

from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modemlab.dialect.network import HttpAnswer, StreamError
from modemlab.module.effects import (
    CloseStream,
    PauseStream,
    ResumeStream,
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
)
from modemlab.mqtt import packets as mqtt
from modemlab.net.conditions import LAB, PROFILES, Conditions, ConnectionDisruption
from modemlab.net.impairment import MAX_ORPHANS, PAUSE_READING_BYTES
from modemlab.net.packet_faults import Fault
from modemlab.net.streams import MAX_UNSENT_BYTES
from support.impaired_network import Desk, Web

OPEN = ("ATE0", 'AT+QMTOPEN=0,"broker.example",1883')
ONLINE = (*OPEN, 5, 'AT+QMTCONN=0,"pump"', 5)
PUBLISH = ('AT+QMTPUBEX=0,1,1,0,"a",1', b"x")
PUBACK = b"\x40\x02\x00\x01"


def desk_with(*steps: Any, **options: Any) -> Desk:
    """A desk on which these have happened."""
    desk = Desk(**options)
    desk.do(*steps)
    return desk


STEP = Conditions(rtt=0.5)
TIMES = {
    "lab": (LAB, 0, 0, 0),
    "half a second": (STEP, 1.0, 0.5, 0.5),
    "slow names": (Conditions(dns_delay=3), 3, 0, 0),
    # CONNECT is 20 bytes, CONNACK 4; PUBLISH 8 and PUBACK 4
    "slow bits": (Conditions(uplink=80, downlink=80), 0, 2.4, 1.2),
}


@pytest.mark.parametrize(("conditions", "opening", "connecting", "publishing"), TIMES.values(), ids=TIMES)
def test_the_gap_between_ok_and_urc(
    conditions: Conditions, opening: float, connecting: float, publishing: float
) -> None:
    """A name asked for and a SYN are a round trip each, a packet and its answer are one."""
    desk = desk_with(conditions)
    assert desk.takes(b"OK\r\n\r\n+QMTOPEN: 0,0\r\n", *OPEN) == opening
    assert desk.takes(b"OK\r\n\r\n+QMTCONN: 0,0,0\r\n", 'AT+QMTCONN=0,"pump"') == connecting
    assert desk.takes(b"OK\r\n\r\n+QMTPUBEX: 0,1,0\r\n", *PUBLISH) == publishing


OPENINGS = {
    "no such name": (Conditions(rtt=1, dns="fails"), 1, b"4"),
    "no name server": (Conditions(dns="silent"), 10, b"4"),
    "refused": (Conditions(rtt=0.5, connect_result="refused"), 1, b"-1"),
    # the module waits for 120 s
    "black-holed": (Conditions(connect_result="black-holed"), 120, b"-1"),
    "no network": (Conditions(loss=1), 10, b"4"),
}


@pytest.mark.parametrize(("conditions", "seconds", "result"), OPENINGS.values(), ids=OPENINGS)
def test_how_opening_fails(conditions: Conditions, seconds: float, result: bytes) -> None:
    desk = desk_with(conditions)
    assert desk.takes(b"+QMTOPEN: 0," + result + b"\r\n", *OPEN) == seconds
    assert [event for event in desk.net.events if event[1] == "open"] == []
    assert b"+QMTOPEN: 0,0\r\n" in desk.do(LAB, OPEN[1], 0.01)


def test_what_really_fails_is_told_later() -> None:
    desk = Desk()
    desk.net.error = StreamError.REFUSED
    assert desk.takes(b"+QMTOPEN: 0,-1\r\n", STEP, *OPEN) == 1.0


def test_closing_while_connecting() -> None:
    for pause, there in ((0.1, []), (0.8, ["open", "close"])):
        desk = desk_with(STEP, *OPEN, pause)
        assert desk.do("AT+QMTCLOSE=0", 9) == b"\r\nOK\r\n\r\n+QMTCLOSE: 0,0\r\n"
        assert [what for _, what, _ in desk.net.events] == there
        assert desk.weather.deadline() is None


def test_what_is_sent_before_closing_arrives_first() -> None:
    desk = desk_with(*ONLINE, STEP, "AT+QMTDISC=0")
    desk.net.sent.clear()
    desk.wait(1)
    assert desk.net.sent == [(10.25, 1, mqtt.encode(mqtt.Disconnect()))]
    assert desk.net.events[-1] == (10.25, "close", 1)


def test_a_server_that_closes_is_told_after_its_last_bytes() -> None:
    desk = desk_with(*ONLINE, Conditions(rtt=0.5, downlink=80))
    desk.net.say(1, mqtt.encode(mqtt.Publish("a", b"1234")))  # nine bytes
    desk.net.hang_up(1)
    assert desk.takes(b'+QMTRECV: 0,0,"a","1234"') == 1.15
    assert desk.takes(b"+QMTSTAT: 0,1\r\n") == 0


def test_a_gap_delays_and_loses_nothing() -> None:
    """Sent at 9 s, in the gap from 6 to 12 s after switching on: repeats at 10, 12."""
    desk = desk_with(*ONLINE, Conditions(gap_interval=12, gap_duration=6), 9)
    assert desk.takes(b"+QMTPUBEX: 0,1,0\r\n", *PUBLISH) == 3


def test_a_dead_network_ends_by_time_outs() -> None:
    """Result 2 after four transmissions of five seconds; the module's retransmissions come first."""
    desk = desk_with(*ONLINE, Conditions(loss=1))
    assert desk.takes(b"+QMTPUBEX: 0,1,2\r\n\r\n+QMTSTAT: 0,6\r\n", *PUBLISH) == 20


def test_a_half_open_link() -> None:
    """Nothing passes, nobody is told: the module finds out by its PINGREQ, the server by its own."""
    desk = desk_with("ATE0", 'AT+QMTCFG="keepalive",0,30', *ONLINE[1:], ConnectionDisruption("half_open"))
    assert desk.notes[-1] == "stream 1: half-open"
    desk.net.say(1, mqtt.encode(mqtt.Publish("a", b"x")))
    # CONNECT went out 5 s ago, four PINGREQ are waited for
    assert desk.takes(b"+QMTPING: 0,1\r\n\r\n+QMTSTAT: 0,2\r\n") == 30 - 5 + 4 * 5
    desk.wait(100)
    assert [what for _, what, _ in desk.net.events] == ["open"]  # the server still believes in it
    desk.net.hang_up(1)
    assert b"+QMTOPEN: 0,0\r\n" in desk.do(OPEN[1], 1)
    assert b"QMTSTAT" not in desk.do(200)


def test_a_half_open_link_without_keep_alive_ends_by_tcp() -> None:
    settings = ('AT+QMTCFG="keepalive",0,0', 'AT+QMTCFG="timeout",0,60,10,0')
    desk = desk_with("ATE0", *settings, *ONLINE[1:], ConnectionDisruption("half_open"), 1000)
    assert desk.do() == b""
    assert desk.takes(b"+QMTSTAT: 0,1\r\n", *PUBLISH) == 183


@pytest.mark.parametrize(("what", "seconds", "below"), [("reset", 0, "reset"), ("close", 0.25, "close")])
def test_a_reset_and_a_close(what: str, seconds: float, below: str) -> None:
    desk = desk_with(STEP, *ONLINE)
    assert desk.takes(b"+QMTSTAT: 0,1\r\n", ConnectionDisruption(what)) == seconds
    assert desk.net.events[-1][1] == below


def test_a_strike_at_one_client() -> None:
    desk = desk_with(*ONLINE, 'AT+QMTOPEN=3,"broker.example",1883', 1)
    assert desk.do(ConnectionDisruption("reset", 3)) == b"\r\n+QMTSTAT: 3,1\r\n"
    assert desk.do("AT+QMTCONN?") == b"\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n"


def test_chance_ends_connections_and_repeats_itself() -> None:
    """Resets every 100 s, dead links every 100 s on average; the same lots, the same day."""

    def day(seed: int) -> tuple[bytes, list[str]]:
        desk = desk_with(
            Conditions(rtt=0.1, jitter=0.5, reset_interval=100, half_open_interval=100, loss=0.05), "ATE0", seed=seed
        )
        heard = b""
        for _ in range(20):
            heard += desk.do(OPEN[1], 30, 'AT+QMTCONN=0,"pump"', 200)
        return heard, desk.notes

    heard, notes = day(1)
    assert {"reset", "half-open"} <= {note.rpartition(" ")[2] for note in notes}
    assert heard.count(b"+QMTSTAT: 0,1\r\n") > 3
    assert heard.count(b"+QMTSTAT: 0,2\r\n") > 3
    assert day(1) == (heard, notes)
    assert day(2) != (heard, notes)


@pytest.mark.parametrize(
    ("what", "told"), [("reset_interval", b"+QMTSTAT: 0,1\r\n"), ("half_open_interval", b"+QMTSTAT: 0,2\r\n")]
)
def test_when_chance_ends_a_connection(what: str, told: bytes) -> None:
    """After a time that is drawn when it stands: exponential, of that mean; nothing ends one that does not stand."""
    drawn = Random(Random(7).getrandbits(64)).expovariate(1 / 100)
    lines = (OPEN[0], 'AT+QMTCFG="keepalive",0,30')
    desk = desk_with(Conditions(**{what: 100.0}), *lines, seed=7)  # type: ignore[arg-type]
    seconds = desk.takes(told, OPEN[1], 'AT+QMTCONN=0,"pump"')
    # a PINGREQ goes out every 30 s; the first that is lost is repeated three times
    dead = 0 if what == "reset_interval" else 30 - drawn % 30 + 4 * 5
    assert seconds == pytest.approx(drawn + dead)
    desk = desk_with("ATE0")
    desk.net.deaf = True
    assert desk.do(OPEN[1], Conditions(**{what: 1.0}), 100) == b"\r\nOK\r\n"  # type: ignore[arg-type]
    assert desk.do(30) == b"\r\n+QMTOPEN: 0,-1\r\n"


def test_what_is_dead_stays_dead() -> None:
    """Other conditions, and the ends that chance gives, do not wake it."""
    desk = desk_with(*ONLINE, ConnectionDisruption("half_open"), Conditions(rtt=0.1, reset_interval=0.5))
    assert desk.do(60) == b""


def test_the_gap_of_cat_1() -> None:
    """70 to 110 ms from OK to the result, as LTE's; to open takes a query and a SYN, 20 ms of them the name server."""
    gaps: dict[str, list[float]] = {"open": [], "connect": [], "publish": []}
    for seed in range(40):
        desk = desk_with(PROFILES["cat1"], seed=seed)
        gaps["open"].append(desk.takes(b"OK\r\n\r\n+QMTOPEN: 0,0\r\n", *OPEN))
        gaps["connect"].append(desk.takes(b"OK\r\n\r\n+QMTCONN: 0,0,0\r\n", 'AT+QMTCONN=0,"pump"'))
        gaps["publish"].append(desk.takes(b"OK\r\n\r\n+QMTPUBEX: 0,1,0\r\n", *PUBLISH))
    for name, least, most in (("open", 0.16, 0.24), ("connect", 0.07, 0.1101), ("publish", 0.07, 0.1101)):
        usual = [gap for gap in gaps[name] if gap < 1]  # one in a thousand segments waits for a second
        assert len(usual) >= 39
        assert least <= min(usual) < max(usual) <= most, name


def test_slow_reading_holds_the_server() -> None:
    """What is on its way to the module is bounded: its server is not read until it has come."""
    desk = desk_with(*ONLINE, Conditions(downlink=80_000))
    desk.do("AT")
    message = mqtt.encode(mqtt.Publish("a", b"x" * 990))
    count = 0
    while "pause" not in [what for _, what, _ in desk.net.events]:
        desk.net.say(1, message)
        count += 1
    assert PAUSE_READING_BYTES < count * len(message) < PAUSE_READING_BYTES + 2000
    heard = desk.do(9)
    assert [what for _, what, _ in desk.net.events][-2:] == ["pause", "resume"]
    assert heard.count(b"+QMTRECV") == count


def test_pauses_and_holds_of_the_module_are_kept() -> None:
    desk = desk_with(*ONLINE, STEP)
    desk.net.say(1, mqtt.encode(mqtt.Publish("a", b"x")))
    desk.weather.perform((PauseStream(1),))
    assert desk.do(9) == b""
    desk.weather.perform((ResumeStream(1),))
    assert b"+QMTRECV" in desk.do(0)
    desk.weather.set_reading_paused(True)
    desk.net.say(1, mqtt.encode(mqtt.Publish("a", b"x")))
    assert desk.do(9) == b""
    desk.weather.set_reading_paused(False)
    assert b"+QMTRECV" in desk.do(0)
    assert [what for _, what, _ in desk.net.events][1:] == ["pause", "resume", "hold", "release"]


def test_what_the_module_sends_is_bounded() -> None:
    desk = desk_with(*ONLINE, Conditions(uplink=8))
    desk.weather.perform((SendStream(1, b"x" * (MAX_UNSENT_BYTES + 1)),))
    assert b"+QMTSTAT: 0,6\r\n" in desk.do(0)
    assert desk.net.events[-1][1] == "reset"


def test_links_that_only_servers_know_are_bounded() -> None:
    desk = desk_with("ATE0")
    for _ in range(MAX_ORPHANS + 3):
        desk.do(OPEN[1], 1, ConnectionDisruption("half_open"), "AT+QMTCLOSE=0")
    assert len(desk.weather._streams) == MAX_ORPHANS
    assert [what for _, what, _ in desk.net.events].count("close") == 3


def test_other_conditions_hold_for_what_is_on_its_way() -> None:
    desk = desk_with(*ONLINE, Conditions(rtt=60))
    desk.do(*PUBLISH, 1)
    assert desk.takes(b"+QMTPUBEX: 0,1,0\r\n", STEP) == 0.5
    desk.do(Conditions(dns="silent"), "AT+QMTCLOSE=0", OPEN[1], 1)
    assert desk.takes(b"+QMTOPEN: 0,0\r\n", STEP) == 1.0
    desk.do(Conditions(connect_result="black-holed"), 'AT+QMTOPEN=1,"10.0.0.1",1', 100)
    assert desk.takes(b"+QMTOPEN: 1,0\r\n", STEP) == 0.5


def test_tls_takes_two_round_trips_more() -> None:
    desk = desk_with(STEP, "ATE0", 'AT+QMTCFG="ssl",0,1,0')
    assert desk.takes(b"+QMTOPEN: 0,0\r\n", 'AT+QMTOPEN=0,"10.0.0.1",8883') == 1.5


TOKEN = 'AT+QMTTENAUTH="iot","light","mqtt@light","key"'
GIVEN = HttpAnswer(200, b'{"returnCode":0,"data":{"id":"u","secret":"pass"}}')
BY_NAME, BY_ADDRESS, SECURED = TOKEN, f'{TOKEN},60,"http://10.0.0.1/x"', f'{TOKEN},60,"https://10.0.0.1/x"'
REQUESTS = {
    "http": (Conditions(rtt=0.5), BY_ADDRESS, 1.0, b"0,pass"),
    "by name": (Conditions(rtt=0.5, dns_delay=1), BY_NAME, 2.5, b"0,pass"),
    "https": (Conditions(rtt=0.5), SECURED, 2.0, b"0,pass"),
    # 276 bytes there, 88 back
    "slow bits": (Conditions(uplink=800, downlink=800), BY_ADDRESS, 2.76 + 0.88, b"0,pass"),
    "no such name": (Conditions(rtt=0.5, dns="fails"), BY_NAME, 0.5, b"1"),
    "no name server": (Conditions(dns="silent"), BY_NAME, 10, b"1"),
    "refused": (Conditions(rtt=0.5, connect_result="refused"), BY_ADDRESS, 0.5, b"2"),
    "black-holed": (Conditions(connect_result="black-holed"), BY_ADDRESS, 123, b"2"),
    "too slow": (Conditions(rtt=60, jitter=60, uplink=0, dns_delay=60), BY_NAME, 195, b"6"),
}


@pytest.mark.parametrize(("conditions", "line", "seconds", "result"), REQUESTS.values(), ids=REQUESTS)
def test_requests_meet_the_conditions(conditions: Conditions, line: str, seconds: float, result: bytes) -> None:
    """A round trip for the connection and one for the answer, two more for TLS, and the bandwidth."""
    desk = desk_with(Web(GIVEN), conditions, name="BC35-G")
    assert desk.takes(b"OK\r\n\r\n+QMTTENAUTH: " + result + b"\r\n", line) == pytest.approx(seconds)


STRUCK = {
    # before the request has arrived, and when its answer is on its way
    "reset": (0.6, 0, b"3", 0),
    "close": (0.6, 0.25, b"3", 0),
    "half_open": (0.8, 194.2, b"6", 1),
}


@pytest.mark.parametrize("what", STRUCK)
def test_a_request_is_struck(what: str) -> None:
    """The request is sent at 0.5 s and arrives at 0.75 s; faults of MQTT packets pass it by."""
    at, seconds, result, arrived = STRUCK[what]
    desk = desk_with(Web(GIVEN), STEP, (Fault("PUBREC", "drop", "out"),), BY_ADDRESS, at, name="BC35-G")
    assert [data[:5] for _, _, data in desk.net.sent] == [b"POST "] * arrived
    assert desk.takes(b"+QMTTENAUTH: " + result + b"\r\n", ConnectionDisruption(what)) == seconds
    assert not desk.module.connections.users


FAULTS = {
    "no PUBACK": (Fault("PUBACK", "drop"), PUBLISH, 5, b"+QMTPUBEX: 0,1,0"),
    "a late PUBACK": (Fault("PUBACK", "delay", seconds=3), PUBLISH, 3, b"+QMTPUBEX: 0,1,0"),
    "a PUBLISH lost": (Fault("PUBLISH", "drop", "out"), PUBLISH, 5, b"+QMTPUBEX: 0,1,0"),
    "no SUBACK": (Fault("SUBACK", "drop"), ('AT+QMTSUB=0,1,"a",1',), 5, b"+QMTSUB: 0,1,0,1"),
    "refused": (Fault("SUBACK", "refuse"), ('AT+QMTSUB=0,1,"a",1',), 0, b"+QMTSUB: 0,1,0,128"),
    "damaged": (Fault("PUBACK", "corrupt"), PUBLISH, 0, b"+QMTSTAT: 0,8"),
    "closed behind": (Fault("PUBACK", "close"), PUBLISH, 0, b"+QMTPUBEX: 0,1,0\r\n\r\n+QMTSTAT: 0,1"),
    "reset behind one's own": (Fault("PUBLISH", "reset", "out"), PUBLISH, 0, b"+QMTSTAT: 0,1"),
}


@pytest.mark.parametrize(("fault", "steps", "seconds", "words"), FAULTS.values(), ids=FAULTS)
def test_faults_reach_the_module(fault: Fault, steps: tuple[Any, ...], seconds: float, words: bytes) -> None:
    desk = desk_with(*ONLINE, (fault,))
    assert desk.takes(words, *steps) == seconds
    told = [note for note in desk.notes if not note.startswith("client 0: ")]
    assert told[-1].endswith(f"the module: {fault.action}")


def test_a_broker_that_refuses_is_never_asked() -> None:
    desk = desk_with(*OPEN, 1, (Fault("CONNECT", "refuse", code=2),))
    heard = desk.do('AT+QMTCONN=0,"pump"', 1)
    assert heard == b"\r\nOK\r\n\r\n+QMTCONN: 0,0,2\r\n\r\n+QMTSTAT: 0,4\r\n"
    assert desk.net.sent == []
    assert desk.net.events[-1][1] == "close"


def test_an_answer_in_the_brokers_place_takes_its_time() -> None:
    desk = desk_with(*OPEN, 1, STEP, (Fault("CONNECT", "refuse", code=2),))
    assert desk.takes(b"+QMTCONN: 0,0,2\r\n\r\n+QMTSTAT: 0,4\r\n", 'AT+QMTCONN=0,"pump"') == 0.5


LOSSLESS = st.builds(
    Conditions,
    rtt=st.floats(0, 2),
    jitter=st.floats(0, 2),
    uplink=st.sampled_from((0, 9600, 62_500)),
    downlink=st.sampled_from((0, 9600, 26_000)),
    loss=st.floats(0, 0.2),
    rto=st.floats(0.1, 3),
    gap_interval=st.floats(20, 60),
    gap_duration=st.floats(0, 5),
)
MESSAGES = st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5)


UNLUCKY = (
    Conditions(jitter=1.0, loss=0.125, gap_interval=20.0),
    Conditions(loss=0.1875, rto=2.5625, gap_interval=20.0, gap_duration=2.0),
)


@settings(deadline=None, max_examples=60)
@given(LOSSLESS, LOSSLESS | st.just(LAB), MESSAGES, st.integers(0, 9), st.booleans())
@example(*UNLUCKY, [b"\0"] * 4, 3, False)
def test_any_mix_delivers_the_same_bytes_in_order(
    first: Conditions, second: Conditions, messages: list[bytes], seed: int, with_faults: bool
) -> None:
    """Both directions, whatever holds and whenever it changes; twice the same, to the microsecond.

    A segment that is lost again and again ends its connection, as TCP has it: then what came first has come.
    """

    def run() -> tuple[list[bytes], list[Any], list[tuple[float, int, bytes]]]:
        desk = desk_with('AT+QMTCFG="timeout",0,60,10,0', 'AT+QMTCFG="keepalive",0,0', *ONLINE, first, seed=seed)
        if with_faults:
            desk.do((Fault("PUBACK", "drop", nth=1000),))
        desk.net.sent.clear()
        heard = []
        for number, message in enumerate(messages):
            desk.net.say(1, mqtt.encode(mqtt.Publish("down", message.hex().encode())))
            heard.append(desk.do(f'AT+QMTPUBEX=0,0,0,0,"up",{len(message)}', message))
            if number == 2:
                heard.append(desk.do(second))
        heard.append(desk.do(500))
        return heard, desk.net.events, desk.net.sent

    heard, events, sent = run()
    up = b"".join(data for _, _, data in sent)
    whole = b"".join(mqtt.encode(mqtt.Publish("up", message)) for message in messages)
    given_up = b"+QMTSTAT: 0,1" in b"".join(heard)
    assert up == whole or (given_up and whole.startswith(up))
    shown = b"".join(b'\r\n+QMTRECV: 0,0,"down","%b"\r\n' % message.hex().encode() for message in messages)
    lines = [line for line in b"".join(heard).split(b"\r\n") if line.startswith(b"+QMTRECV")]
    told = b"".join(b"\r\n%b\r\n" % line for line in lines)
    assert told == shown or (given_up and shown.startswith(told))
    assert run() == (heard, events, sent)


def test_streams_that_nobody_knows() -> None:
    """What comes for a stream that is gone is nothing; so is what is asked of it."""
    desk = desk_with(*ONLINE, STEP)
    desk.weather.on_reply(StreamReceived(9, b"x"))
    desk.weather.on_reply(StreamClosed(9))
    desk.weather.on_reply(StreamOpened(9))
    desk.weather.on_reply(StreamFailed(9, StreamError.REFUSED))
    desk.weather.perform((SendStream(9, b"x"), PauseStream(9), CloseStream(9)))
    assert b"OK" in desk.do("AT")


def test_profiles_carry_a_session() -> None:
    """Open, connect, publish on each profile; the slower it is the longer it takes."""
    times = {}
    for name, conditions in PROFILES.items():
        desk = desk_with(conditions, "ATE0", 'AT+QMTCFG="timeout",0,60,3,0')
        times[name] = desk.takes(b"+QMTOPEN: 0,0\r\n", OPEN[1])
        times[name] += desk.takes(b"+QMTCONN: 0,0,0\r\n", 'AT+QMTCONN=0,"pump"')
        times[name] += desk.takes(b"+QMTPUBEX: 0,1,0\r\n", *PUBLISH)
    assert times["lab"] == 0
    assert 0.2 < times["cat1"] < 0.6 < times["edge-of-cell"] < 30
    assert 8 < times["nbiot"] < 14


ANYTHING = st.one_of(
    st.builds(
        Conditions,
        rtt=st.sampled_from((0, 0.5, 5)),
        jitter=st.sampled_from((0, 1)),
        uplink=st.sampled_from((0, 80)),
        downlink=st.sampled_from((0, 80)),
        loss=st.sampled_from((0, 0.5, 1)),
        gap_interval=st.just(20),
        gap_duration=st.sampled_from((0, 5, 20)),
        dns=st.sampled_from(("works", "fails", "silent")),
        connect_result=st.sampled_from(("works", "refused", "black-holed")),
        reset_interval=st.sampled_from((0, 50)),
        half_open_interval=st.sampled_from((0, 50)),
    ),
    st.builds(ConnectionDisruption, st.sampled_from(("reset", "close", "half_open"))),
    st.tuples(
        st.builds(
            Fault,
            st.sampled_from(("CONNACK", "SUBACK")),
            st.sampled_from(("drop", "delay", "duplicate", "corrupt", "refuse", "close", "reset")),
            times=st.sampled_from((0, 1)),
            seconds=st.just(4.0),
        ),
        st.builds(
            Fault,
            st.sampled_from(("PUBACK", "PUBLISH", "PINGRESP", "CONNECT", "DISCONNECT")),
            st.sampled_from(("drop", "delay", "duplicate", "corrupt", "close", "reset")),
            seconds=st.just(0.3),
        ),
    ),
    st.sampled_from(
        (*OPEN[1:], 'AT+QMTCONN=0,"pump"', "AT+QMTCLOSE=0", "AT+QMTDISC=0", 'AT+QMTSUB=0,1,"a",1', *PUBLISH)
    ),
    st.sampled_from(('AT+QMTOPEN=1,"10.0.0.1",1883', 'AT+QMTCONN=1,"other"', "AT+CFUN=1,1", "AT+QIDEACT=1", LAB)),
    st.floats(0, 30),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(ANYTHING, max_size=25), st.integers(0, 3))
def test_any_weather_ends_well(steps: list[Any], seed: int) -> None:
    """Whatever happens: no exception, what is kept is bounded, and in the end both sides are through."""
    desk = desk_with("ATE0", 'AT+QMTCFG="keepalive",0,20', seed=seed)
    for step in steps:
        desk.do(step)
        assert len(desk.weather._streams) <= 6 + MAX_ORPHANS
    desk.do(LAB, (), b"x" * 2, "AT+QMTCLOSE=0", "AT+QMTCLOSE=1", 400)
    assert b"+QMTOPEN: 0,0\r\n" in desk.do(OPEN[1], 1)
    assert b"+QMTCONN: 0,0,0\r\n" in desk.do('AT+QMTCONN=0,"pump"', 1)
    desk.do("AT+QMTCLOSE=0", 400)
    assert desk.weather.deadline() is None
    assert not [stream for stream in desk.weather._streams.values() if stream.module_holds]
    told = [stream for _, what, stream in desk.net.events if what in ("close", "reset")]
    assert len(told) == len(set(told))
