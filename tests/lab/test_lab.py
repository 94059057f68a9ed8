"""A lab: a module and a broker that a test drives, in memory on the test's own time, and on a port."""

import os
import re
import socket
import time
from pathlib import Path

import pytest

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.registry import dialects
from modemlab.lab.lab import Lab
from modemlab.ports.pacing import Uart
from modemlab.scenario.events import MessageArrived
from modemlab.transcripts.format import TranscriptError
from modemlab.validation.input_errors import InputMistakes

MODELS = {
    "EC200S-CN": (
        ("AT+QIACT=1", "OK"),
        ('AT+QMTOPEN=0,"broker.example",1883', r"\+QMTOPEN: 0,0"),
        ('AT+QMTCONN=0,"pump-7"', r"\+QMTCONN: 0,0,0"),
        ('AT+QMTPUBEX=0,1,1,0,"pump/7/state",2', r"\+QMTPUBEX: 0,1,0"),
    ),
    "BC35-G": (
        ('AT+QMTOPEN=0,"broker.example",1883', r"\+QMTOPEN: 0,0"),
        ('AT+QMTCONN=0,"pump-7"', r"\+QMTCONN: 0,0,0"),
        ('AT+QMTPUB=0,1,1,0,"pump/7/state",2', r"\+QMTPUB: 0,1,0"),
    ),
    "Air724UG": (
        ("AT+MCONFIG=pump-7", "OK"),
        ('AT+MIPSTART="broker.example",1883', "CONNECT OK"),
        ("AT+MCONNECT=1,60", "CONNACK OK"),
        ('AT+MPUB="pump/7/state",1,0,"on"', "PUBACK"),
    ),
}


def connected(lab: Lab) -> Lab:
    """Have the module's client 0 connect."""
    lab.command("ATE0")
    lab.command('AT+QMTOPEN=0,"broker.example",1883')
    lab.expect(urc="+QMTOPEN: 0,0")
    lab.command('AT+QMTCONN=0,"pump-7"')
    lab.expect(urc="+QMTCONN: 0,0,0")
    return lab


@pytest.mark.parametrize(
    ("dialect", "model"),
    [(dialect, model) for dialect in dialects() for model in dialect.models],
    ids=lambda each: each.name,
)
def test_any_model_is_there(dialect: Dialect, model: Model) -> None:
    """By its own name and by what its dialect has."""
    with Lab(model.name) as lab:
        assert (lab.plan.dialect, lab.plan.model) == (dialect, model)
        assert model.shown in "\n".join(lab.command("AT+CGMM"))


@pytest.mark.parametrize("port", ["memory", "tcp"])
@pytest.mark.parametrize("model", MODELS)
def test_each_model_publishes(model: str, port: str) -> None:
    """Whatever address the module is told to open, its message reaches the broker."""
    with Lab(model, port=port) as lab:
        for line, result in MODELS[model]:
            assert lab.command(line, data=b"on" if line.endswith(",2") else None)[-1] == "OK"
            lab.expect(line=result)
        assert lab.messages == [MessageArrived("pump-7", "pump/7/state", b"on", 1, False)]
        assert lab.mistakes == []


def test_fifteen_seconds_of_retransmission_take_no_time() -> None:
    """Three PUBACKs are lost, each is waited for, and all is exact on the module's clock."""
    real = time.monotonic()
    with Lab() as lab:
        connected(lab)
        begun = lab.now
        lab.perform("faults", faults=[{"packet": "PUBACK", "action": "drop", "times": 3}])
        lab.command('AT+QMTPUBEX=0,1,1,0,"pump/7/state",2', data=b"on")
        lab.expect(urc="+QMTPUBEX", never=True, within=14.9)
        lab.expect(urc="+QMTPUBEX: 0,1,0")
        assert lab.now - begun == pytest.approx(15, abs=1e-6)
        assert [packet_time(line) for line in lab.traffic.splitlines() if "S> 1 Publish" in line] == [0, 5, 10, 15]
        assert len(lab.messages) == 4
        # A day without a word, but for its pings.
        lab.advance(86_400)
    assert time.monotonic() - real < 12


def packet_time(line: str) -> float:
    """The seconds of a line of traffic."""
    return float(line.split(maxsplit=1)[0])


def test_advance_reaches_what_is_due_at_that_very_time() -> None:
    with Lab() as lab:
        connected(lab)
        lab.perform("faults", faults=[{"packet": "PUBACK", "action": "drop", "times": 0}])
        lab.command('AT+QMTPUBEX=0,1,1,0,"pump/7/state",2', data=b"on")
        lab.advance(5)
        lab.expect(packet="PUBLISH", direction="out", nth=2, within=0)
        lab.advance(15)
        lab.expect(urc="+QMTPUBEX: 0,1,2", within=0)


def test_a_broker_in_memory_does_as_the_one_on_tcp() -> None:
    """Messages come down, a will is told, users are asked, keep alive is held to."""
    with Lab(users={"pump": "secret"}) as lab:
        lab.command('AT+QMTCFG="recv/mode",0,0,1')
        lab.command('AT+QMTCFG="will",0,1,1,0,"pump/7","gone"')
        lab.command('AT+QMTOPEN=0,"broker.example",1883')
        lab.command('AT+QMTCONN=0,"pump-7","pump","wrong"')
        lab.expect(urc="+QMTCONN: 0,0,4")
        lab.command('AT+QMTOPEN=0,"broker.example",1883')
        lab.expect(urc="+QMTOPEN: 0,0", nth=2)
        lab.command('AT+QMTCONN=0,"pump-7","pump","secret"')
        lab.expect(urc="+QMTCONN: 0,0,0")
        lab.command('AT+QMTSUB=0,1,"pump/7/set",1')
        lab.expect(urc="+QMTSUB: 0,1,0,1")
        lab.publish("pump/7/set", "off", qos=1)
        lab.expect(line=r'\+QMTRECV: 0,\d+,"pump/7/set",3,"off"')
        lab.perform("disconnect", how="half_open")
        lab.expect(topic="pump/7", payload="gone", qos=1, within=300)
        assert [message.topic for message in lab.messages] == ["pump/7/set", "pump/7"]
        assert "broker: 'pump-7' ended: keep alive" in lab.traffic


def test_tls_and_http_find_nobody_in_memory() -> None:
    with Lab() as lab:
        lab.command('AT+QMTCFG="ssl",0,1,2')
        lab.command('AT+QMTOPEN=0,"broker.example",8883')
        assert lab.expect(urc="+QMTOPEN: 0,").line != "+QMTOPEN: 0,0"
        assert "speaks no TLS" in lab.traffic
    with Lab("BC35-G") as lab:
        lab.command('AT+QMTTENAUTH="PRODUCT","pump","PRODUCT@pump","c2VjcmV0"')
        lab.expect(urc="+QMTTENAUTH: 2")


def test_a_connection_that_is_closed_at_once_never_stands() -> None:
    with Lab() as lab:
        lab.send(b'AT+QMTOPEN=0,"broker.example",1883\rAT+QMTCLOSE=0\r')
        lab.expect(urc="+QMTCLOSE: 0,0")
        lab.expect(urc="+QMTOPEN: 0,0", never=True, within=60)


def test_conditions_scenario_strictness_and_quirks(tmp_path: Path) -> None:
    """What a lab is made with holds."""
    scenario = '[[step]]\nat = 30\naction = { do = "set_registration", stat = "denied" }\n'
    (tmp_path / "day.toml").write_text(scenario)
    for given in (scenario, "day.toml", tmp_path / "day.toml"):
        with Lab(scenario=given, home=tmp_path) as lab:
            lab.advance(29.9)
            assert lab.command("AT+CREG?") == ["+CREG: 0,1", "OK"]
            lab.advance(0.2)
            assert lab.command("AT+CREG?") == ["+CREG: 0,3", "OK"]
    with Lab(conditions={"profile": "cat1", "rtt": 2.0, "jitter": 0, "loss": 0, "dns_delay": 0.5}) as lab:
        lab.command('AT+QMTOPEN=0,"broker.example",1883')
        assert lab.expect(urc="+QMTOPEN: 0,0")
        assert lab.now == pytest.approx(0.5 + 2 * 2.0, abs=0.001)
    with Lab(quirks="disc-stat", strict=True) as lab:
        connected(lab)
        lab.command("AT+QMTDISC=0")
        lab.expect(urc="+QMTSTAT: 0,5")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"model": "EC999"}, "'EC999' is not a known model"),
        ({"model": 7}, "model is 7, expected a text"),
        ({"port": "com1"}, "port 'com1' has no known form"),
        ({"port": "stdio"}, "port is 'stdio', expected memory, pty or tcp"),
        ({"port": "pty#usbat"}, "port is 'pty#usbat', expected"),
        ({"conditions": "cat9"}, "conditions: profile is 'cat9', expected one of lab,"),
        ({"conditions": {"rtt": -1}}, "conditions: rtt is -1, expected a number from 0 to 60 seconds"),
        ({"conditions": 5}, "conditions are 5, expected a profile or a table of fields"),
        ({"scenario": "nowhere.toml"}, "nowhere.toml: No such file or directory"),
        (
            {"scenario": "[[step]]\nat = -1\naction = {do = 'power_cycle'}"},
            "line 2: at is -1, expected a number from 0",
        ),
        ({"scenario": 5}, "scenario is 5, expected a file, or the TOML itself"),
        ({"quirks": ["nonsense"]}, "'nonsense' is not a known quirk of"),
        ({"users": ["pump"]}, "users are ['pump'], expected names with their passwords"),
        ({"strict": 1}, "strict is 1, expected True or False"),
        ({"seed": "a"}, "seed is 'a', expected a whole number"),
    ],
)
def test_what_is_wrong_is_one_line(options: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        Lab(**options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_actions_and_expectations_are_held_to_their_words() -> None:
    with Lab() as lab:
        with pytest.raises(InputMistakes, match="'cower' is not a known action"):
            lab.perform("cower")
        with pytest.raises(InputMistakes, match="set_registration: stat is 'away', expected one of not registered"):
            lab.perform("set_registration", stat="away")
        with pytest.raises(ValueError, match="expected a table with one of packet, command, urc, client, line, topic"):
            lab.expect(exit=0)
        with pytest.raises(ValueError, match=r"expect: line: line is '\(', expected a regular expression"):
            lab.expect(line="(")
        with pytest.raises(ValueError, match="QoS 3 is not 0, 1 or 2"):
            lab.publish("a", b"", qos=3)
        with pytest.raises(RuntimeError, match="this module is in memory: port='pty' or port='tcp' gives it a port"):
            _ = lab.port


def test_what_did_not_come_is_told_with_what_came() -> None:
    with Lab() as lab:
        lab.command("AT+CREG=1")
        lab.perform("set_registration", stat="denied")
        with pytest.raises(AssertionError) as caught:
            lab.expect(urc="+CREG: 5", within=3)
        nearest = "nearest: '+CREG: 3' after 0.000 s; 'RDY' after 0.000 s"
        assert str(caught.value) == f"urc = '+CREG: 5': came 0 times, expected once; {nearest} (waited 3 s)"
        with pytest.raises(
            AssertionError, match=r"^urc = '\+CREG', nth = 2: came once, expected 2 times; nearest: 'RDY'"
        ):
            lab.expect(urc="+CREG", nth=2, within=0)
        with pytest.raises(
            AssertionError, match=r"^never urc = '\+CREG': came after 0\.000 s: '\+CREG: 3', expected never"
        ):
            lab.expect(urc="+CREG", never=True)
        lab.perform("power_off")
        with pytest.raises(AssertionError, match=r"^AT: no result code within 1 s; what came: b''$"):
            lab.command("AT", within=1)


def test_the_hosts_mistakes_are_counted() -> None:
    with Lab() as lab:
        lab.expect(mistakes=0)
        lab.send(b"AT+CREG?\rAT+CSQ\r")
        (mistake,) = lab.mistakes
        assert mistake == "AT+CSQ: the next command before the last one's final result (V.250, 5.5)"
        lab.expect(mistakes=1)
        assert lab.expect(command="AT+CSQ").command == "+CSQ"
        with pytest.raises(
            AssertionError, match=r"^mistakes = 0: 1 mistake, expected at most 0; number 1 came after 0\.000 s: AT"
        ):
            lab.expect(mistakes=0)


PLAYED = r"""# what passes
>> ATE0
<< ATE0\r
<< OK
>> AT+QMTOPEN=0,"broker.example",1883
<<
<< OK
<<
<< +QMTOPEN: 0,0
>> AT+CREG=1
<<
<< OK
M: set_registration(stat="denied")
<<
<< +QMTSTAT: 0,7
<<
<< +QIURC: "pdpdeact",1
<<
<< +CREG: 3
~~ 5
M: power_cycle()
<<
<< RDY
>> AT+CSQ
<< AT+CSQ\r
<<~ \+CSQ: \d+,99
<<
<< OK
"""


@pytest.mark.parametrize("port", ["memory", "tcp"])
def test_a_transcript_is_played(port: str) -> None:
    """The broker answers, time passes, and the world acts."""
    with Lab(port=port) as lab:
        lab.replay(PLAYED)
        lab.replay("")


@pytest.mark.parametrize("port", ["memory", "tcp"])
def test_a_difference_shows_its_exchange(port: str) -> None:
    wanted = r">> ATE0" + "\n<< ATE0\\r\n<< OK\n>> AT+CSQ\n<<\n<< +CSQ: 7,99\n<<\n<< OK\n>> AT\n<<\n>> AT\n<<\n<< OK\n"
    with Lab(port=port) as lab, pytest.raises(AssertionError) as caught:
        lab.replay(wanted)
    assert str(caught.value).splitlines() == [
        "line 6: something else was said",
        "    >> AT+CSQ",
        "    <<",
        "  - << +CSQ: 7,99",
        "  + << +CSQ: 24,99",
        "    <<",
        "    << OK",
        "line 11: more was said",
        "    >> AT",
        "    <<",
        "  + << OK",
    ]


def test_a_transcript_with_a_server_is_rehearsed_instead() -> None:
    line = 'AT+QMTOPEN=0,"broker.example",1883'
    wanted = f"<<\n<< RDY\n>> {line}\n<< {line}\\r\n<< OK\nS: opened\n<<\n"
    with Lab() as lab:
        with pytest.raises(TranscriptError, match="line 6: S lines are not played with a broker"):
            lab.replay(wanted)
        lab.replay_offline(wanted + "<< +QMTOPEN: 0,0\nS> nothing\n", piece=3)
        with pytest.raises(AssertionError, match="line 8: something else was said"):
            lab.replay_offline(wanted + "<< +QMTOPEN: 0,1\n")
        with pytest.raises(AssertionError, match="line 9:\n  expected"):
            lab.replay_offline(wanted + "<< +QMTOPEN: 0,0\nS> Pingreq()\n")
        with pytest.raises(TranscriptError, match="line 1: 'cower'"):
            lab.replay("M: cower()\n")


@pytest.mark.skipif(os.name != "posix", reason="ptys are Unix's")
def test_a_pty_for_a_program() -> None:
    """A host on the pty and the lab see the same line, and control calls come from the test's own thread."""
    with Lab(port="pty") as lab:
        assert lab.environment["MODEMLAB_PORT"] == lab.port
        assert lab.environment["MODEMLAB_MQTT_PORT"] == str(lab.server[1])
        number = os.open(lab.port, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(number, b"ATE0\rAT+CREG=1\r")
            lab.expect(command="AT+CREG")
            lab.perform("set_registration", stat="denied")
            lab.expect(urc="+CREG: 3")
            heard = b""
            while not heard.endswith(b"\r\n+CREG: 3\r\n"):
                heard += os.read(number, 4096)
            assert heard.startswith(b"\r\nRDY\r\n")
        finally:
            os.close(number)


def test_a_line_like_a_uart_goes_by_the_tests_own_time() -> None:
    """What `VirtualModule` takes, a lab takes: seven bytes at 9,600 bit/s are 7.3 ms until the module has them."""
    with Lab(uart=Uart(9600)) as lab:
        lab.advance(1)
        begun = lab.now
        assert lab.command("AT+CSQ") == ["+CSQ: 24,99", "OK"]
        assert lab.now - begun == pytest.approx(7 * 10 / 9600, abs=1e-6)


def test_time_is_put_forward_on_a_port() -> None:
    with Lab(port="tcp") as lab:
        connected(lab)
        lab.perform("faults", faults=[{"packet": "PUBACK", "action": "drop"}])
        lab.command('AT+QMTPUBEX=0,1,1,0,"pump/7/state",2', data=b"on")
        lab.advance(5)
        lab.expect(urc="+QMTPUBEX: 0,1,0")
        lab.publish("unheard", b"")
        assert lab.messages[-1] == MessageArrived("", "unheard", b"", 0, False)


def test_a_port_that_cannot_be_had_leaves_nothing_behind() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match=r"\."):
            Lab(port=f"tcp://127.0.0.1:{taken.getsockname()[1]}")


def test_data_is_typed_once_it_is_asked_for_by_connect() -> None:
    """As a file's is, which has another prompt than a message."""
    with Lab("EC200S-CN") as lab:
        assert lab.command('AT+QFUPL="a.txt",5', b"hello") == ["+QFUPL: 5,6b09", "OK"]
        assert lab.command('AT+QFLST="a.txt"') == ['+QFLST: "UFS:a.txt",5', "OK"]
        assert lab.mistakes == []
