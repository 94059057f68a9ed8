"""The vocabulary of actions: what each takes, what it refuses and what it does to a virtual module."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.dialect.mobile import HOME
from modemlab.dialect.registry import find_model
from modemlab.module.mobile_actions import ACTIONS
from modemlab.module.notes import Note
from modemlab.module.observer import NoteListener
from modemlab.net.conditions import CAT1, LAB, PROFILES, Conditions
from modemlab.net.faults import Fault
from modemlab.ports.memory import MemoryPort
from modemlab.scenario.actions import LONGEST_ERROR, VOCABULARY, Action, Wrong, make, perform
from modemlab.text.figures import LONGEST_ACTION
from modemlab.virtual.module import VirtualModule
from support.virtual_module import Host

REFUSED: list[tuple[Any, dict[str, Any], str, str]] = [
    ("explode", {}, "", "'explode' is no action. One of: insert, reinsert, lock"),
    ("kover", {}, "", "'kover' is no action; did you mean 'cover'? One of: insert, reinsert, "),
    (3, {}, "", "3 is no action. One of: insert"),
    (None, {}, "", "None is no action"),
    (["power"], {}, "", "['power'] is no action"),
    ("insert", {}, "card", "insert: card is missing, expected as 'absent'"),
    ("insert", {"card": 7}, "card", "insert: card: a card is ready, pin, puk, absent, busy, failure, not 7"),
    (
        "cover",
        {"status": "denied"},
        "status",
        "cover: 'status' is no argument; did you mean 'stat'? One of: stat, cause",
    ),
    ("insert", {"card": "pin", "now": 3}, "now", "insert: 'now' is no argument. One of: card"),
    ("reinsert", {"card": "pin"}, "card", "reinsert: 'card' is no argument; there are none"),
    ("lock", {"pin": "1234", "puk": "1"}, "puk", "lock: puk: a PUK is 8 digits in quotes"),
    ("cover", {"stat": "denied", "cause": 99}, "cause", "cover: cause: a cause is 2, 3, 5"),
    ("cover", {"stat": "gone", "cause": 11}, "stat", "cover: stat: coverage is 0 not registered, 1 home"),
    ("cover", {"stat": None}, "stat", "not None"),
    ("cover", {"stat": "Denyed"}, "stat", "not 'Denyed'; did you mean 'denied'?"),
    ("insert", {"card": "abscent"}, "card", "not 'abscent'; did you mean 'absent'?"),
    ("move", {"cell": {"identify": "1"}}, "cell", "not identify; did you mean 'identity'?"),
    ("move", {"cell": {"\x1b[2J": "1"}}, "cell", r"not '\x1b[2J'"),
    ("receive_signal", {"signal": date(1979, 5, 27)}, "signal", "bit error rate, not 1979-05-27"),
    ("receive_signal", {"signal": ["x" * 100, 99]}, "signal", f"or 99, not '{'x' * 59}"),
    ("move", {"cell": {"area": "xyz"}}, "cell", "move: cell: area is hexadecimal, 4 digits, not 'xyz'"),
    ("enter_zone", {"zone": 0, "daylight": 3}, "daylight", "enter_zone: daylight saving is 0 to 2, not 3"),
    ("enter_zone", {"zone": 0}, "daylight", "enter_zone: daylight is missing, expected as 1"),
    ("conditions", {}, "", "conditions: no argument is given, expected profile or a field"),
    ("conditions", {"profile": "5g"}, "profile", "conditions: profile is '5g', expected one of lab, cat1"),
    (
        "conditions",
        {"profile": "cat2"},
        "profile",
        "expected one of lab, cat1, nbiot, edge-of-cell, tunnel; did you mean",
    ),
    ("conditions", {"los": 1}, "los", "conditions: 'los' is no argument; did you mean 'loss'? One of: profile, "),
    ("conditions", {"profile": 1}, "profile", "conditions: profile is 1, expected one of lab"),
    ("conditions", {"rtt": 10**400}, "rtt", "conditions: rtt is 1000"),
    ("conditions", {"loss": 2}, "loss", "conditions: loss is 2, expected a number from 0 to 1"),
    ("conditions", {"profile": "cat1", "rtt": "1"}, "rtt", "conditions: rtt is '1', expected a number from 0 to 60"),
    ("conditions", {"ping": 1}, "ping", "conditions: 'ping' is no argument. One of: profile, rtt, jitter"),
    ("conditions", {"gap_lasts": 3}, "gap_lasts", "gap_lasts is 3, expected 0 seconds at most, as gap_every"),
    ("faults", {}, "faults", "faults: faults is None, expected a list of at most 100 tables"),
    ("faults", {"faults": "drop"}, "faults", "faults: faults is 'drop', expected a list"),
    ("faults", {"faults": [{}] * 101}, "faults", "expected a list of at most 100 tables"),
    ("faults", {"faults": [3]}, "faults", "faults: faults number 1 is 3, expected a table"),
    (
        "faults",
        {"faults": [{"packet": "PUBACK", "action": "drop"}, {"packet": "PUBACK", "action": "lose"}]},
        "faults",
        "faults: faults number 2: fault: action is 'lose', expected one of drop, delay",
    ),
    (
        "faults",
        {"faults": [{"packet": "PUBAK", "action": "drop"}]},
        "faults",
        "faults: faults number 1: fault: packet is 'PUBAK', expected one of CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC",
    ),
    (
        "faults",
        {"faults": [{"packet": "PUBACK", "action": "drop", "tmies": 2}]},
        "faults",
        "faults: faults number 1: fault: 'tmies' is no key; did you mean 'times'? One of: packet, action, way",
    ),
    (
        "faults",
        {"faults": [], "fault": 1},
        "fault",
        "faults: 'fault' is no argument; did you mean 'faults'? One of: faults",
    ),
    ("strike", {}, "", "strike: what is missing, expected one of reset, close, half-open"),
    ("strike", {"what": "rest"}, "what", "strike: what is 'rest', expected one of reset, close, half-open"),
    ("strike", {"what": "reset", "client": -1}, "client", "strike: client is -1, expected a whole number from 0"),
    (
        "urc_before_result",
        {},
        "",
        "urc_before_result: urc is missing, expected a URC's line of at most 200 characters, ",
    ),
    ("urc_before_result", {"urc": ""}, "urc", "urc_before_result: urc is '', expected a URC's line"),
    ("urc_before_result", {"urc": 3}, "urc", "urc_before_result: urc is 3, expected a URC's line"),
    ("urc_before_result", {"urc": "a\r\nb"}, "urc", "urc_before_result: urc is 'a\\r\\nb', expected a URC's line"),
    (
        "urc_before_result",
        {"urc": "x" * 201},
        "urc",
        "xx, expected a URC's line of at most 200 characters, without control characters",
    ),
    ("urc_before_result", {"urc": "RING", "command": ""}, "command", "command is '', expected a command's name"),
    (
        "urc_before_result",
        {"urc": "RING", "commands": "A"},
        "commands",
        "'commands' is no key; did you mean 'command'? One of: urc, command",
    ),
    ("power", {"seconds": 1}, "seconds", "power: 'seconds' is no argument; there are none"),
    ("power_key", {"seconds": 1}, "seconds", "power_key: 'seconds' is no argument; there are none"),
]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def test_the_vocabulary_is_complete() -> None:
    """All that the world does to a mobile, its sockets, its packets and its power."""
    others = {"conditions", "faults", "strike", "urc_before_result", "power", "power_off", "power_on", "power_key"}
    assert set(VOCABULARY) == set(ACTIONS) | others
    for name, (needed, optional, _) in ACTIONS.items():
        assert tuple(VOCABULARY[name].example) == (*needed, *optional)


@pytest.mark.parametrize("name", VOCABULARY)
def test_examples_are_taken(name: str) -> None:
    """With all arguments that an action has."""
    example = VOCABULARY[name].example
    assert make(name, example) == Action(name, example)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_taken(profile: str) -> None:
    make("conditions", {"profile": profile})


@pytest.mark.parametrize(("name", "arguments", "field", "reason"), REFUSED)
def test_what_is_wrong_is_named_in_one_line(name: Any, arguments: dict[str, Any], field: str, reason: str) -> None:
    """The argument, what it was and what was expected."""
    with pytest.raises(Wrong, match=r"\A[^\n]+\Z") as error:
        make(name, arguments)
    assert reason in str(error.value)
    assert error.value.field == field
    assert len(str(error.value)) <= LONGEST_ERROR


@given(st.sampled_from(list(VOCABULARY)), st.data())
def test_plain_data_is_taken_or_refused(name: str, data: st.DataObject) -> None:
    """Nothing else comes of it."""
    known = [*VOCABULARY[name].example, "rtt", "gap_every"]
    arguments = data.draw(st.dictionaries(st.sampled_from(known) | st.text(max_size=8), PLAIN, max_size=4))
    try:
        make(name, arguments)
    except Wrong as error:
        told = str(error)
    else:
        told = ""
    assert len(told) <= LONGEST_ERROR


def test_the_log_shows_no_codes_and_no_more_than_a_line() -> None:
    assert str(Action("lock", {"pin": "4321"})) == "lock(pin=...)"
    assert str(Action("cover", {"stat": "denied", "cause": 11})) == "cover(stat='denied', cause=11)"
    assert str(Action("conditions", {"up": 1e10, "loss": 0.1 + 0.2})) == "conditions(up=10000000000, loss=0.3)"
    assert len(str(Action("faults", {"faults": [{"packet": "PUBACK", "action": "drop"}] * 99}))) == LONGEST_ACTION


def with_module(work: Callable[[VirtualModule, Host], None]) -> None:
    """Run with an EC200S-CN that is on and has said so."""

    async def main() -> None:
        async with VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort]) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            host.heard.clear()
            work(vm, host)

    asyncio.run(main())


@pytest.mark.parametrize("name", VOCABULARY)
@pytest.mark.parametrize("powered", [True, False])
def test_each_is_done(name: str, powered: bool) -> None:
    """Whether the module has power or not; one that is off says nothing."""

    def work(vm: VirtualModule, host: Host) -> None:
        if not powered:
            vm.power_key()
        perform(vm, Action(name, VOCABULARY[name].example))
        lit = {"power": True, "power_on": True, "power_off": False, "power_key": not powered}.get(name, powered)
        assert vm.module.on is lit
        if not lit:
            assert bytes(host.heard) == b""
        elif name == "power" or not powered:
            assert b"RDY" in host.heard

    with_module(work)


def test_what_is_done_is_what_was_asked_for() -> None:
    """The mobile, the conditions and the faults; the host is told at once."""

    def work(vm: VirtualModule, host: Host) -> None:
        host.port.say(b"AT+CREG=1\r")
        host.heard.clear()
        perform(vm, make("cover", {"stat": "denied", "cause": 11}))
        assert bytes(host.heard) == b"\r\n+CREG: 3\r\n"
        perform(vm, make("cover", {"stat": 1}))
        assert vm.module.mobile.registration == HOME
        perform(vm, make("conditions", {"profile": "cat1"}))
        assert vm.conditions == CAT1
        perform(vm, make("conditions", {"rtt": 1.5}))
        assert vm.conditions == Conditions(rtt=1.5)
        perform(vm, make("conditions", {"profile": "cat1", "loss": 0.5, "rto": 2}))
        assert (vm.conditions.rtt, vm.conditions.loss, vm.conditions.rto) == (CAT1.rtt, 0.5, 2)
        perform(vm, make("conditions", {"profile": "lab"}))
        assert vm.conditions == LAB
        perform(vm, make("faults", {"faults": [{"packet": "PUBACK", "action": "drop", "times": 2}]}))
        assert list(vm.faults) == [Fault("PUBACK", "drop", times=2)]
        perform(vm, make("faults", {"faults": []}))
        assert not vm.faults

    with_module(work)


def test_whatever_is_done_is_a_line_of_the_log() -> None:
    """By the Python object's own methods too; nothing that changes nothing, and no code of a card."""
    notes: list[Note] = []

    async def main() -> None:
        async with VirtualModule(
            *find_model("EC200S-CN"), ports=[MemoryPort], observers=[NoteListener(notes.append)]
        ) as vm:
            vm.set_conditions(LAB)
            vm.set_faults([])
            vm.set_conditions(Conditions(rtt=0.5, loss=0.1))
            vm.set_conditions(LAB)
            vm.set_faults([Fault("PUBACK", "drop", times=2), Fault("PINGRESP", "delay", seconds=3)])
            vm.set_faults([])
            vm.act("cover", {"stat": "denied", "cause": 11})
            vm.act("lock", {"pin": "4321"})
            vm.power_key()
            vm.power_key()

    asyncio.run(main())
    assert [(note.subject, note.reason) for note in notes] == [
        ("network", "conditions are rtt=0.5 loss=0.1"),
        ("network", "conditions are none"),
        ("network", "faults are packet=PUBACK action=drop times=2; packet=PINGRESP action=delay seconds=3"),
        ("network", "faults are none"),
        ("mobile", "cover(stat='denied', cause=11)"),
        ("mobile", "lock(pin=...)"),
        ("power", "off"),
        ("power", "on"),
    ]


def test_perform_refuses_what_make_does() -> None:
    """And nothing has changed then."""

    def work(vm: VirtualModule, _host: Host) -> None:
        wrong: list[tuple[str, Mapping[str, Any]]] = [("conditions", {"profile": "cat1", "loss": 7}), ("burn", {})]
        for action in wrong:
            with pytest.raises(Wrong):
                perform(vm, Action(*action))
        assert vm.conditions == LAB

    with_module(work)
