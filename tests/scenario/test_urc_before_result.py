"""A URC between a command's echo and its result, as some firmwares print it: the bytes, in all three dialects.

By default URCs wait for the end of an answer; `urc_before_result` puts one ahead of the answer's first line.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from modemlab.lab.check_file import read_check
from modemlab.lab.lab import Lab
from modemlab.module.custom_commands import read_answers
from modemlab.module.early_urcs import MAX_EARLY_URCS
from modemlab.ports.memory import MemoryPort
from modemlab.ports.port import NamedPort
from modemlab.scenario.events import UrcPrinted
from modemlab.scenario.file import read_scenario
from modemlab.validation.input_errors import InvalidInput
from support.control_api import Api, serve

URC = "+CSCON: 0"


def put(lab: Lab, urc: str = URC, **more: str) -> None:
    """Have a URC come ahead of a result."""
    lab.perform("urc_before_result", urc=urc, **more)


def said(lab: Lab, typed: bytes, piece: int = 0) -> bytes:
    """What the module says to these bytes, which come in pieces of so many."""
    lab._output.clear()
    size = piece or len(typed)
    for start in range(0, len(typed), size):
        lab.send(typed[start : start + size])
    return bytes(lab._output)


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A module of that model, with the echo off."""
    with Lab(getattr(request, "param", "EC200S-CN"), custom_commands=read_answers(SLOW)) as made:
        made.command("ATE0")
        yield made


SLOW = '[[answer]]\ncommand = "AT+SLOW"\nlines = ["+SLOW: 1"]\ndelay = 3\n'
CSCON, OK, ERROR = b"\r\n+CSCON: 0\r\n", b"\r\nOK\r\n", b"\r\nERROR\r\n"
LTE = [
    (b"AT\r", CSCON + OK),
    (b"AT+CFUN=1\r", CSCON + OK),
    (b"AT+CREG?\r", CSCON + b"\r\n+CREG: 0,1\r\n" + OK),
    (b"AT+CSQ=?\r", CSCON + b"\r\n+CSQ: (0-31,99),(0-7,99)\r\n" + OK),
    (b"AT+CFUN=9\r", CSCON + b"\r\n+CME ERROR: 50\r\n"),
    (b"AT+NOPE\r", CSCON + ERROR),
    (b'AT+QMTCONN=0,"a"\r', CSCON + ERROR),
    (b"ATX4&D2\r", CSCON + OK),
    (b"AT+" + b"x" * 3000 + b"\r", CSCON + ERROR),
    (b"AT+CREG?;+CSQ\r", CSCON + b"\r\n+CREG: 0,1\r\n\r\n+CSQ: 24,99\r\n" + OK),
    (b"AT+CFUN=1;+CSQ\r", CSCON + b"\r\n+CSQ: 24,99\r\n" + OK),
    (b"AT+CFUN=9;+CSQ\r", CSCON + b"\r\n+CME ERROR: 50\r\n"),
    (b'AT+QFUPL="a",4\r1234', b"\r\nCONNECT\r\n" + CSCON + b"\r\n+QFUPL: 4,206\r\n" + OK),
]
NB = [
    (b"AT+CFUN=0\r", CSCON + OK),
    (b"AT+CSCON?\r", CSCON + b"\r\n+CSCON:0,0\r\n" + OK),
    (b"AT+NOPE\r", CSCON + ERROR),
    (b'AT+QMTPUB=0,1,1,0,"a"\r', CSCON + ERROR),
]
LUAT = [
    (b"AT+CREG?\r", CSCON + b"\r\n+CREG: 0,1\r\n" + OK),
    (b"AT+CIPSHUT\r", CSCON + b"\r\nSHUT OK\r\n"),
    (b"AT+MPUB=1\r", CSCON + b"\r\n+CME ERROR: 53\r\n"),
]
EACH = [
    *(("EC200S-CN", *case) for case in LTE),
    *(("BC35-G", *case) for case in NB),
    *(("Air724UG", *case) for case in LUAT),
]


@pytest.mark.parametrize("piece", [0, 1, 3])
@pytest.mark.parametrize(("lab", "typed", "answer"), EACH, indirect=["lab"], ids=lambda value: repr(value)[:40])
def test_ahead_of_the_first_line_of_the_next_answer(lab: Lab, typed: bytes, answer: bytes, piece: int) -> None:
    """Information or result code, of a command that fails too; a prompt is no line. Once."""
    put(lab)
    assert said(lab, typed, piece) == answer
    assert said(lab, b"AT\r", piece) == OK


def test_the_echo_comes_first() -> None:
    """What a host sees that has left the echo on; A/ has one of its own."""
    with Lab("EC200S-CN") as lab:
        put(lab)
        assert said(lab, b"AT+CSQ\r") == b"AT+CSQ\r" + CSCON + b"\r\n+CSQ: 24,99\r\n" + OK
        put(lab)
        assert said(lab, b"A/") == b"A/" + CSCON + b"\r\n+CSQ: 24,99\r\n" + OK


def test_numbers_and_silence(lab: Lab) -> None:
    """ATV0 has no blank line ahead, ATQ1 no result; CIFSR has none anyway."""
    put(lab)
    assert said(lab, b"ATV0\r") == b"+CSCON: 0\r\n0\r"
    put(lab)
    assert said(lab, b"ATV1Q1\r") == CSCON
    with Lab("Air724UG") as luat:
        luat.command("ATE0")
        luat.command("AT+CSTT")
        luat.command("AT+CIICR")
        put(luat)
        assert said(luat, b"AT+CIFSR\r") == CSCON + b"\r\n10.64.1.2\r\n"


def test_a_command_of_its_own(lab: Lab) -> None:
    """Others pass, URCs for others too, until it comes: in a line of several as well, or with wrong parameters."""
    put(lab, "RING", command="AT+CSQ")
    put(lab, "SMS READY", command="+cfun")
    assert said(lab, b"AT+CREG?\r") == b"\r\n+CREG: 0,1\r\n" + OK
    assert said(lab, b"AT+CREG?;+CSQ\r") == b"\r\n+CREG: 0,1\r\n\r\nRING\r\n\r\n+CSQ: 24,99\r\n" + OK
    assert said(lab, b"AT+CFUN=9\r") == b"\r\nSMS READY\r\n\r\n+CME ERROR: 50\r\n"
    put(lab, command="AT+CFUN")
    assert said(lab, b"AT+CFUN=1;+CSQ\r") == CSCON + b"\r\n+CSQ: 24,99\r\n" + OK
    put(lab, command="AT+CSQ")
    assert said(lab, b"AT+CFUN=9;+CSQ\r") == b"\r\n+CME ERROR: 50\r\n"
    assert said(lab, b"AT+CSQ\r") == CSCON + b"\r\n+CSQ: 24,99\r\n" + OK


def test_several_come_in_their_order(lab: Lab) -> None:
    """All that are due, the same one twice too."""
    for urc in ("+A: 1", "RING", "+A: 1"):
        put(lab, urc)
    put(lab, "+B", command="AT+CSQ")
    assert said(lab, b"AT+CSQ\r") == b"\r\n+A: 1\r\n\r\nRING\r\n\r\n+A: 1\r\n\r\n+B\r\n\r\n+CSQ: 24,99\r\n" + OK


def test_data_is_not_broken_into(lab: Lab) -> None:
    """Behind the prompt and the data, ahead of the result code; put while it prompts too, or when it is cancelled."""
    lab.command('AT+QMTOPEN=0,"broker.example",1883')
    lab.expect(urc="+QMTOPEN: 0,0")
    lab.command('AT+QMTCONN=0,"pump"')
    lab.expect(urc="+QMTCONN: 0,0,0")
    asked = b'AT+QMTPUBEX=0,0,0,0,"a",2\r'
    result = OK + b"\r\n+QMTPUBEX: 0,0,0\r\n"
    put(lab)
    assert said(lab, asked) == b"\r\n> "
    assert said(lab, b"on") == CSCON + result
    for more in ({}, {"command": "AT+QMTPUBEX"}):
        assert said(lab, asked) == b"\r\n> "
        put(lab, **more)
        assert said(lab, b"on") == CSCON + result
    assert [message.payload for message in lab.messages] == [b"on"] * 3
    with Lab("BC35-G") as nb:
        nb.command('AT+QMTOPEN=0,"broker.example",1883')
        nb.expect(urc="+QMTOPEN: 0,0")
        nb.command('AT+QMTCONN=0,"pump"')
        nb.expect(urc="+QMTCONN: 0,0,0")
        put(nb)
        assert said(nb, b'AT+QMTPUB=0,1,1,0,"a"\rx\x1b') == b"\r\n> " + CSCON + OK


def test_an_answer_that_takes_its_time(lab: Lab) -> None:
    """Ahead of its lines once they come; put meanwhile too."""
    for early in (True, False):
        if early:
            put(lab)
        assert said(lab, b"AT+SLOW\r") == b""
        if not early:
            put(lab)
        lab.advance(3)
        assert bytes(lab._output) == CSCON + b"\r\n+SLOW: 1\r\n" + OK


def test_urcs_of_its_own_wait_as_ever(lab: Lab) -> None:
    """Behind the answer, while the one that was put is ahead of it."""
    lab.command("AT+CREG=1")
    put(lab)
    lab._output.clear()
    lab.send(b"AT+CSQ")
    lab.perform("set_registration", stat="denied")
    lab.send(b"\r")
    assert bytes(lab._output) == CSCON + b"\r\n+CSQ: 24,99\r\n" + OK + b"\r\n+CREG: 3\r\n"


def test_it_waits_through_a_power_cycle(lab: Lab) -> None:
    """And an answer that the power ended takes none with it."""
    put(lab, command="AT+QFUPL")
    assert said(lab, b'AT+QFUPL="a",4\r') == b"\r\nCONNECT\r\n"
    lab.perform("power_cycle")
    lab.command("ATE0")
    assert said(lab, b"AT+CSQ\r") == b"\r\n+CSQ: 24,99\r\n" + OK
    assert said(lab, b'AT+QFUPL="a",4\r1234') == b"\r\nCONNECT\r\n" + CSCON + b"\r\n+QFUPL: 4,206\r\n" + OK


def test_it_is_an_event_as_any_urc(lab: Lab) -> None:
    """A step and an expectation can wait for it, once it is printed."""
    put(lab)
    lab.expect(urc=URC, never=True)
    lab.command("AT")
    assert lab.expect(urc=URC) == UrcPrinted(URC)
    lab.expect(line=r"\+CSCON: 0")


@pytest.mark.parametrize(
    "when", ["at = 0", 'after = { command = "AT+CREG" }', "at = 5"], ids=["at once", "after a command", "later"]
)
def test_a_scenario_puts_one(when: str) -> None:
    """At a time, or behind what happens: then it is the next command's."""
    action = 'action = { do = "urc_before_result", urc = "+CSCON: 0" }'
    with Lab("EC200S-CN", scenario=f"[[step]]\n{when}\n{action}\n") as lab:
        if when != "at = 0":
            lab.command("ATE0")
        if "after" in when:
            assert said(lab, b"AT+CREG?\r") == b"\r\n+CREG: 0,1\r\n" + OK
        lab.advance(5)
        answer = lab.command("AT+CSQ")
        assert answer == [URC, "+CSQ: 24,99", "OK"]


def test_a_check_puts_one() -> None:
    """And holds the command to those of its module."""
    action = '[[step]]\nat = 0\naction = {{ do = "urc_before_result", urc = "RING", command = "{}" }}\n'
    check = read_check('[module]\nmodel = "BC35-G"\n' + action.format("AT+CFUN"))
    assert check.scenario is not None
    with pytest.raises(
        ValueError, match=r"^line 5: urc_before_result: command is 'AT\+CFNU', expected one that the mod"
    ):
        read_check('[module]\nmodel = "BC35-G"\n' + action.format("AT+CFNU"))


def test_what_there_is_no_room_for(lab: Lab) -> None:
    """At most `MAX_EARLY_URCS` wait: one more is refused, and in a scenario told, and not done."""
    for _ in range(MAX_EARLY_URCS):
        put(lab, command="AT+CSQ")
    with pytest.raises(InvalidInput, match=r"^urc_before_result: at most 100 URCs wait for their command$"):
        put(lab)
    assert said(lab, b"AT+CSQ\r") == CSCON * MAX_EARLY_URCS + b"\r\n+CSQ: 24,99\r\n" + OK
    put(lab)
    step = '[[step]]\nat = 1\naction = { do = "urc_before_result", urc = "RING", command = "AT+CSQ" }\n'
    with Lab("EC200S-CN", scenario=read_scenario(step * (MAX_EARLY_URCS + 1))) as other:
        other.advance(1)
        assert "step 101 failed: urc_before_result: at most 100 URCs wait" in other.traffic
        assert other.command("AT+CSQ").count("RING") == MAX_EARLY_URCS


def test_a_command_that_the_module_does_not_know_is_refused(lab: Lab) -> None:
    """With the nearest that it knows."""
    with pytest.raises(
        InvalidInput, match=r"command is 'AT\+CFNU', expected one that the module knows; did you mean 'AT\+CFUN'"
    ):
        put(lab, command="AT+CFNU")
    assert said(lab, b"AT\r") == OK


def test_the_control_api() -> None:
    """All actions of a request are held to the module before the first is done."""

    async def work(api: Api) -> None:
        action = {"do": "urc_before_result", "urc": URC}
        wrong: list[tuple[Any, str]] = [
            (
                [action, {**action, "command": "AT+NO"}],
                "urc_before_result: command is 'AT+NO', expected one that the mod",
            ),
            ([action, {**action, "urc": "a\r"}], "action 2: urc_before_result: urc is 'a\\r', expected a URC's line"),
            (
                [action, {**action, "commando": "AT"}],
                "'commando' is not a known argument; did you mean 'command'? One of: urc, command",
            ),
        ]
        for body, reason in wrong:
            status, content = await api.ask("POST", "/actions", json=body)
            assert status == 400
            assert reason in content["error"]
        for status in (200, 400):
            assert (await api.ask("POST", "/actions", json=[{**action, "command": "AT+CSQ"}] * 60))[0] == status
        assert await api.ask("POST", "/actions", json=action) == (200, {"done": ["urc_before_result(urc='+CSCON: 0')"]})
        port = api.vm.ports[0]
        assert isinstance(port, MemoryPort)
        heard = bytearray()
        port.attach(heard.extend)
        port.host_send(b"ATE0\r")
        heard.clear()
        port.host_send(b"AT+CSQ\r")
        assert bytes(heard) == CSCON * 60 + b"\r\n+CSQ: 24,99\r\n" + OK

    serve(work)


def test_lines_with_names_share_them() -> None:
    """The line that answers first says it, and no other; one that answers a command of its own keeps its URC."""
    ports = [NamedPort("usbat", MemoryPort), NamedPort("usbmodem", MemoryPort)]
    heard = [bytearray(), bytearray()]

    async def work(api: Api) -> None:
        lines = [port for port in api.vm.ports if isinstance(port, MemoryPort)]
        for line, into in zip(lines, heard, strict=True):
            line.attach(into.extend)
            line.host_send(b"ATE0\r")
            into.clear()
        await api.ask("POST", "/actions", json={"do": "urc_before_result", "urc": URC})
        lines[1].host_send(b"AT\r")
        lines[0].host_send(b"AT\r")
        assert [bytes(each) for each in heard] == [OK, CSCON + OK]
        for into in heard:
            into.clear()
        lines[0].host_send(b'AT+QFUPL="a",4\r')
        await api.ask("POST", "/actions", json={"do": "urc_before_result", "urc": URC, "command": "AT+QFUPL"})
        lines[1].host_send(b"AT\r")
        lines[0].host_send(b"1234")
        assert bytes(heard[0]) == b"\r\nCONNECT\r\n" + CSCON + b"\r\n+QFUPL: 4,206\r\n" + OK
        assert bytes(heard[1]) == OK

    serve(work, ports=ports)
