"""Modules held to their dialects: virtual ones agree; others are told, and so is what could not be tried."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from modemlab.at.errors import LineError
from modemlab.at.parameters import Int, maybe
from modemlab.broker.server import Broker
from modemlab.conformance import line as asking_module
from modemlab.conformance.checks import checks
from modemlab.conformance.line import SyncLine
from modemlab.conformance.runner import BrokerAddress as Address
from modemlab.conformance.runner import CheckOutcome, Conformance, FoundModule, Verdict, find, left_out, transcripts
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import dialects, find_model
from modemlab.driver.sync import LoopThread
from modemlab.ports.address import BAUD
from modemlab.ports.memory import MemoryPort
from modemlab.scenario.actions import read_action
from modemlab.transcripts.format import TYPES, parse_transcript
from modemlab.virtual.module import VirtualModule

WAIT = 60.0
LTE, EC200T = find_model("EC200T-CN")


def held(
    model: str = "EC200T-CN",
    *,
    speaks: Dialect | None = None,
    broker: bool = False,
    times: int = 1,
    change: Callable[[VirtualModule], object] = lambda _: None,
) -> list[CheckOutcome]:
    """What becomes of a virtual module on TCP that speaks a dialect, its model's by default, the last of some times."""

    async def main() -> list[CheckOutcome]:
        server = Broker()
        host, number = await server.start()
        dialect, found = find_model(model)
        try:
            async with VirtualModule(speaks or dialect, found, ports=["tcp://127.0.0.1:0"]) as vm:
                change(vm)
                address = Address(host, number) if broker else None
                return [await asyncio.to_thread(all_of, vm.urls[0], address) for _ in range(times)][-1]
        finally:
            await server.close()

    return asyncio.run(asyncio.wait_for(main(), WAIT))


def all_of(url: str, broker: Address | None) -> list[CheckOutcome]:
    """The outcomes at a port, as a person gets them who names no model."""
    found = asyncio.run(find(url, BAUD, None))
    loop = LoopThread()
    asking = SyncLine(loop, url, found.dialect, BAUD)
    try:
        return list(Conformance(asking, found, broker, Random(4)).outcomes())
    finally:
        asking.close()
        loop.close()


def of(outcomes: list[CheckOutcome], verdict: Verdict) -> dict[str, str]:
    """Those that went like that: names and texts."""
    return {outcome.name: outcome.text for outcome in outcomes if outcome.verdict is verdict}


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_virtual_modules_agree(dialect: Dialect) -> None:
    """Everything that can be tried, an MQTT session too, once more as well; and nothing is stored in the module."""
    kept: list[VirtualModule] = []
    outcomes = held(dialect.models[0].name, broker=True, times=2, change=kept.append)
    settings = kept[0].module.settings
    assert dict(settings._stored) == {}
    assert of(outcomes, Verdict.DIFFERS) == {}
    agree = of(outcomes, Verdict.AGREES)
    assert {"AT+CSQ", "AT+CSQ=?", "line", "closed", "session"} <= agree.keys()
    untried = {check.line for check in checks(dialect, left_out(dialect)) if hasattr(check, "why")}
    assert of(outcomes, Verdict.UNTRIED).keys() == untried


OTHERS = [model.name for dialect in dialects() for model in dialect.models[1:]]


@pytest.mark.parametrize("model", OTHERS)
def test_every_other_model_agrees(model: str) -> None:
    """With all of its dialect, an MQTT session too."""
    outcomes = held(model, broker=True)
    assert of(outcomes, Verdict.DIFFERS) == {}
    assert len(of(outcomes, Verdict.AGREES)) > 50


def changed(**commands: dict[str, Any]) -> Dialect:
    """EC200x with other declarations of some commands, named without their `+`."""
    table = dict(LTE.commands)
    for name, fields in commands.items():
        table[f"+{name}"] = replace(table[f"+{name}"], **fields)
    return replace(LTE, commands=table, _parsers={})


def test_a_firmware_that_differs_is_told() -> None:
    """Another range, and a setting that is taken: what was expected, and what came."""
    keepalive = LTE.commands["+QMTCFG"].option("keepalive")
    wide = replace(keepalive, params=(keepalive.params[0], maybe(Int("keep_alive_time", 0, 65535, default=120))))
    options = tuple(wide if option is keepalive else option for option in LTE.commands["+QMTCFG"].options)
    outcomes = held(speaks=changed(CSQ={"test": "+CSQ: (0-31),(0-7)"}, QMTCFG={"options": options}))
    differ = of(outcomes, Verdict.DIFFERS)
    assert differ["AT+CSQ=?"] == (
        "it has other lines\n  expected +CSQ: (0-31,99),(0-7,99)\n  expected OK\n"
        "  came     << +CSQ: (0-31),(0-7)\n  came     << OK"
    )
    assert differ['AT+QMTCFG="keepalive",0,3601'] == "it ends in OK\n  expected ERROR\n  came     << OK"
    assert differ["settings"] == (
        "line 7\n  expected ERROR\\r\\n\n  came     OK\\r\\n\n"
        'line 10\n  expected +QMTCFG: "keepalive",61\\r\\n\n  came     +QMTCFG: "keepalive",3601\\r\\n'
    )
    assert differ.keys() == {"AT+CSQ=?", "AT+QMTCFG=?", 'AT+QMTCFG="keepalive",0,3601', "settings"}


def test_no_sim_is_no_difference() -> None:
    """What a module without a card refuses could not be tried; nor is there a network to publish over."""
    outcomes = held(broker=True, change=lambda vm: vm.perform(read_action("insert_sim", {"card": "absent"})))
    assert of(outcomes, Verdict.DIFFERS) == {}
    untried = of(outcomes, Verdict.UNTRIED)
    missing = "it needs what is missing: the SIM: SIM not inserted"
    assert (untried["AT+CIMI"], untried["AT+CPIN?"], untried["session"]) == (missing,) * 3


def test_what_at_f_stores_is_put_back() -> None:
    """AT+CTZR is as the host had it, which AT&F would have reset; and without a broker nothing is published."""
    kept: list[VirtualModule] = []

    def set_it(vm: VirtualModule) -> None:
        kept.append(vm)
        vm.module.set(LTE.commands["+CTZR"], (2,))

    outcomes = held(change=set_it)
    assert kept[0].module.get(LTE.commands["+CTZR"]) == (2,)
    assert of(outcomes, Verdict.AGREES).keys() >= {"AT+CTZR?", "AT+CSCS?"}
    assert of(outcomes, Verdict.UNTRIED)["session"] == "it needs a broker: --mqtt HOST:PORT names one"
    assert kept[0].module.get(LTE.commands["E"]) == (1,)


def test_differences_tell_no_secret() -> None:
    """Numbers become patterns, as in a recording."""
    said = b'\r\n+QMTCFG:"aliauth","key","pump","hidden"\r\n\r\nOK\r\n'
    answers = {b"AT+QCCID\r": b"\r\n+QCCID:89860000000000000017\r\n\r\nOK\r\n", b'AT+QMTCFG="aliauth",0\r': said}
    loop = LoopThread()
    asking = SyncLine(loop, Fake(answers).port, LTE, BAUD)
    conformance = Conformance(asking, FoundModule(LTE, EC200T, None))
    wanted = ("AT+QCCID", 'AT+QMTCFG="aliauth",0')
    texts = [conformance._outcome(check).text for check in checks(LTE, {}) if check.line in wanted]
    asking.close()
    loop.close()
    assert texts == [
        (
            "a line does not begin with '+QCCID: '\n  expected <iccid>\n  expected OK\n"
            "  came     <<~ \\+QCCID:[0-9A-Fa-f]+\n  came     << OK"
        ),
        (
            "a line does not begin with '+QMTCFG: \"aliauth\",'\n"
            '  expected any number of +QMTCFG: "aliauth",<product key>,<device name>,<device secret>\n  expected OK\n'
            '  came     <<~ \\+QMTCFG:"aliauth","[^"]*","pump","[^"]*"\n  came     << OK'
        ),
    ]


class Fake:
    """A line in memory whose other end says what a test has it say."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self.port = MemoryPort(self._heard, lambda _port: None)
        self._answers = {b"AT\r": b"\r\nOK\r\n", **answers}

    def _heard(self, data: bytes) -> None:
        for piece in self._answers.get(data, b"").split(b"|"):
            self.port.write(piece)


def asked(answers: dict[bytes, bytes], *lines: bytes, dialect: Dialect = LTE) -> list[bytes]:
    """What lines are answered, their URCs taken out."""
    loop = LoopThread()
    asking = SyncLine(loop, Fake(answers).port, dialect, BAUD)
    try:
        asking.recover()
        return [asking.command(line, 0.05) for line in lines]
    finally:
        asking.close()
        loop.close()


@pytest.mark.parametrize(
    "said",
    [
        b"\r\n+CSQ: 1,99\r\n\r\nOK\r\n",
        b"\r\n+CSQ: 1,99\r\n\r\n+QMTSTAT: 0,1\r\n\r\nOK\r\n",
        b"\r\n+QMTSTAT: 0,1\r\n\r\n+CSQ: 1,99\r\n\r\nOK\r\n\r\n+CREG: 1\r\n",
        b"\r\n+QMT|STAT: 0,1\r|\n\r|\n+CS|Q: 1,99\r\n|\r\nO|K\r\n",
    ],
)
def test_urcs_are_passed_over(said: bytes) -> None:
    """Wherever they come, and however the line is cut."""
    assert asked({b"AT+CSQ\r": said}, b"AT+CSQ", b"AT") == [b"\r\n+CSQ: 1,99\r\n\r\nOK\r\n", b"\r\nOK\r\n"]


def test_what_else_is_said_is_kept() -> None:
    """A URC's name that the line asks for, noise, a prompt, and a line that never ends."""
    answers = {
        b"AT+CREG?\r": b"\r\n+CREG: 1\r\n\r\nOK\r\n",
        b"AT+CSQ\r": b"noise\r\n\r\nOK\r\n",
        b"AT+X=1\r": b"\r\n> ",
        b"AT+Y\r": b"\r\n+Y: hal",
    }
    assert asked(answers, b"AT+CREG?", b"AT+CSQ", b"AT+X=1", b"AT+Y", b"AT+Z") == [
        b"\r\n+CREG: 1\r\n\r\nOK\r\n",
        b"noise\r\n\r\nOK\r\n",
        b"\r\n> ",
        b"\r\n+Y: hal",
        b"",
    ]


def test_answers_that_are_no_answers() -> None:
    """Other ends of lines, silence: differences, and the next line is asked all the same."""
    answers = {b"ATE0\r": b"\r\nOK\r\n", b"ATV1\r": b"\r\nOK\r\n", b"AT+CMEE=1\r": b"\r\nOK\r\n"}
    answers |= {b"AT+GMI=?\r": b"\nOK\n\r\nOK\r\n", b"AT+GMI\r": b"\r\nQuectel\r\n\r\nOK\r\n"}
    loop = LoopThread()
    asking = SyncLine(loop, Fake(answers).port, LTE, BAUD)
    conformance = Conformance(asking, FoundModule(LTE, EC200T, None))
    tried = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("modemlab.conformance.runner.RESPONSE_MARGIN_S", -0.29)
        for outcome in conformance.outcomes():
            tried[outcome.name] = outcome
            if outcome.name == "AT+GMM=?":
                break
    asking.close()
    loop.close()
    assert tried["AT+GMI=?"].text == (
        "the answer does not have CR LF before and after each line\n"
        "  expected OK\n  came     <<| \\nOK\\n\\r\\nOK\\r\\n"
    )
    assert tried["AT+GMI"].verdict is Verdict.AGREES
    assert tried["AT+GMM=?"].text == "nothing came\n  expected OK"


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is silent, and one that ends."""
    monkeypatch.setattr(asking_module, "PROBE_TIMEOUT_S", 0.01)
    with pytest.raises(LineError, match="no longer answers AT"):
        asked({b"AT\r": b""}, b"AT")


# What a module keeps, what takes it off the line, what costs an attempt.
LASTS = re.compile(
    r"AT(&W|.*\+(CFUN|CPIN|CLCK|CPWD|QPOWD|CPOWD|RESET|NRB|COPS|CGDCONT|QICSGP|IPR|ICF|IFC|NATSPEED|NCONFIG|QSCLK)=)"
    r"|.*\+(QF(UPL|DEL|OPEN|WRITE|TUCAT)|FS(CREATE|WRITE|DEL|MKDIR|RMDIR|RENAME)|QURCCFG=|QCFG=|CMG[SWD])|ATD",
    re.IGNORECASE,
)


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_transcripts_do_no_harm(dialect: Dialect) -> None:
    """Nothing is stored by what they send or end with, and nothing is switched off."""
    for each in transcripts(dialect):
        sent = [step.text for step in parse_transcript(each.text) if step.mark in TYPES]
        assert [line for line in (*sent, each.last) if LASTS.match(line)] == []
        published = [line for line in sent if "PUB" in line and "broker" in each.needs]
        assert [line for line in published if '"modemlab/' not in line and '"{name}' not in line] == []


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_transcripts_are_there(dialect: Dialect) -> None:
    """Each dialect brings some, and what they need is known."""
    found = transcripts(dialect)
    assert {"line", "closed", "session"} <= {each.name for each in found}
    assert {need for each in found for need in each.needs} == {"network", "broker"}
    assert all("{host}" not in each.text for each in found if "broker" not in each.needs)
