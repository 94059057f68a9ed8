"""The vocabulary of actions: what each takes, what it refuses and what it does to a virtual module."""

import asyncio
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given as given_data
from hypothesis import strategies as st

from modemlab.dialect.mobile import HOME
from modemlab.dialect.registry import find_model
from modemlab.module.log_notes import Note
from modemlab.module.mobile_actions import MOBILE_ACTIONS, LockSim, SetRegistration
from modemlab.module.observer import NoteListener
from modemlab.net.conditions import CAT1, LAB, PROFILES, Conditions
from modemlab.net.packet_faults import Fault
from modemlab.ports.memory import MemoryPort
from modemlab.scenario.actions import ACTIONS, ANY_ACTION, SetConditions, SetFaults, perform, read_action
from modemlab.validation.actions import MAX_LOGGED
from modemlab.validation.fields import given
from modemlab.validation.input_errors import MAX_CHARACTERS, InputMistakes
from modemlab.validation.parsing import read
from modemlab.virtual.module import VirtualModule
from support.virtual_module import Host

REFUSED: list[tuple[Any, dict[str, Any], tuple[str | int, ...], str]] = [
    ("explode", {}, ("do",), "'explode' is not a known action. One of: insert_sim, reinsert_sim, lock_sim"),
    (
        "set_registratoin",
        {},
        ("do",),
        "'set_registratoin' is not a known action; did you mean 'set_registration'? One of: insert_sim, reinsert_sim, ",
    ),
    ("cover", {}, ("do",), "'cover' is not a known action"),
    (3, {}, ("do",), "3 is not a known action. One of: insert_sim"),
    (None, {}, ("do",), "None is not a known action"),
    (["power"], {}, ("do",), "['power'] is not a known action"),
    ("insert_sim", {}, ("card",), "insert_sim: card is missing, expected one of ready, pin, puk, absent"),
    ("insert_sim", {"card": 7}, ("card",), "insert_sim: card is 7, expected one of ready, pin, puk, absent, busy"),
    (
        "set_registration",
        {"status": "denied"},
        ("status",),
        "set_registration: 'status' is not a known argument; did you mean 'stat'? One of: stat, cause",
    ),
    ("insert_sim", {"card": "pin", "now": 3}, ("now",), "insert_sim: 'now' is not a known argument. One of: card"),
    ("reinsert_sim", {"card": "pin"}, ("card",), "reinsert_sim: 'card' is not a known argument; there are none"),
    ("lock_sim", {"pin": "1234", "puk": "1"}, ("puk",), "lock_sim: puk is not as expected: 8 digits in quotes"),
    ("set_registration", {"stat": "denied", "cause": 99}, ("cause",), "cause is 99, expected one of 2, 3, 5"),
    ("set_registration", {"stat": "gone", "cause": 11}, ("stat",), "stat is 'gone', expected one of not registered"),
    ("set_registration", {"stat": None}, ("stat",), "stat is None, expected one of"),
    ("set_registration", {"stat": "Denyed"}, ("stat",), "5, 8; did you mean 'denied'?"),
    ("insert_sim", {"card": "abscent"}, ("card",), "; did you mean 'absent'?"),
    (
        "change_cell",
        {"cell": {"identify": "1"}},
        ("cell", "identify"),
        "'identify' is not a known key; did you mean 'identity'?",
    ),
    ("change_cell", {"cell": {"\x1b[2J": "1"}}, ("cell", "\x1b[2J"), r"cell: '\x1b[2J' is not a known key"),
    ("change_cell", {"cell": 3}, ("cell",), "change_cell: cell is 3, expected a table"),
    ("set_signal", {"signal": date(1979, 5, 27)}, ("signal",), "signal is 1979-05-27, expected strength, 0 to 31"),
    ("set_signal", {"signal": ["x" * 100, 99]}, ("signal",), f"signal is ['{'x' * 58}, expected strength"),
    (
        "change_cell",
        {"cell": {"area": "xyz"}},
        ("cell", "area"),
        "change_cell: cell: area is 'xyz', expected 4 hexadecimal digits",
    ),
    (
        "set_time_zone",
        {"zone": 0, "daylight": 3},
        ("daylight",),
        "set_time_zone: daylight is 3, expected a whole number from 0 to 2 hours",
    ),
    ("set_time_zone", {"zone": 0}, ("daylight",), "set_time_zone: daylight is missing, expected a whole number from"),
    ("conditions", {}, (), "conditions: no argument is given, expected profile or a field"),
    ("conditions", {"profile": "5g"}, ("profile",), "conditions: profile is '5g', expected one of lab, cat1"),
    (
        "conditions",
        {"profile": "cat2"},
        ("profile",),
        "expected one of lab, cat1, nbiot, edge-of-cell, tunnel; did you mean",
    ),
    (
        "conditions",
        {"los": 1},
        ("los",),
        "conditions: 'los' is not a known argument; did you mean 'loss'? One of: profile, ",
    ),
    ("conditions", {"profile": 1}, ("profile",), "conditions: profile is 1, expected one of lab"),
    ("conditions", {"rtt": 10**400}, ("rtt",), "conditions: rtt is 1000"),
    ("conditions", {"loss": 2}, ("loss",), "conditions: loss is 2, expected a number from 0 to 1"),
    ("conditions", {"profile": "cat1", "rtt": "1"}, ("rtt",), "conditions: rtt is '1', expected a number from 0 to 60"),
    (
        "conditions",
        {"ping": 1},
        ("ping",),
        "conditions: 'ping' is not a known argument; did you mean 'uplink'? One of: profile, rtt, jitter",
    ),
    (
        "conditions",
        {"gap_duration": 3},
        ("gap_duration",),
        "gap_duration is 3, expected 0 seconds at most, as gap_interval",
    ),
    ("faults", {}, ("faults",), "faults: faults is missing, expected a list of at most 100 tables"),
    ("faults", {"faults": "drop"}, ("faults",), "faults: faults is 'drop', expected a list"),
    ("faults", {"faults": [{}] * 101}, ("faults",), "expected a list of at most 100 tables"),
    ("faults", {"faults": [3]}, ("faults", 0), "faults: faults 1 is 3, expected a table"),
    (
        "faults",
        {"faults": [{"packet": "PUBACK", "action": "drop"}, {"packet": "PUBACK", "action": "lose"}]},
        ("faults", 1, "action"),
        "faults: faults 2: action is 'lose', expected one of drop, delay",
    ),
    (
        "faults",
        {"faults": [{"packet": "PUBAK", "action": "drop"}]},
        ("faults", 0, "packet"),
        "faults: faults 1: packet is 'PUBAK', expected one of CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC",
    ),
    (
        "faults",
        {"faults": [{"packet": "PUBACK", "action": "drop", "tmies": 2}]},
        ("faults", 0, "tmies"),
        "faults: faults 1: 'tmies' is not a known key; did you mean 'times'? One of: packet, action, direction",
    ),
    (
        "faults",
        {"faults": [], "fault": 1},
        ("fault",),
        "faults: 'fault' is not a known argument; did you mean 'faults'? One of: faults",
    ),
    ("disconnect", {}, ("how",), "disconnect: how is missing, expected one of reset, close, half_open"),
    ("disconnect", {"how": "rest"}, ("how",), "disconnect: how is 'rest', expected one of reset, close, half_open"),
    ("disconnect", {"how": "reset", "client": -1}, ("client",), "disconnect: client is -1, expected a whole number fr"),
    (
        "urc_before_result",
        {},
        ("urc",),
        "urc_before_result: urc is missing, expected a URC's line of at most 200 characters, ",
    ),
    ("urc_before_result", {"urc": ""}, ("urc",), "urc_before_result: urc is '', expected a URC's line"),
    ("urc_before_result", {"urc": 3}, ("urc",), "urc_before_result: urc is 3, expected a URC's line"),
    ("urc_before_result", {"urc": "a\r\nb"}, ("urc",), "urc_before_result: urc is 'a\\r\\nb', expected a URC's line"),
    (
        "urc_before_result",
        {"urc": "x" * 201},
        ("urc",),
        "xx, expected a URC's line of at most 200 characters, without control characters",
    ),
    ("urc_before_result", {"urc": "RING", "command": ""}, ("command",), "command is '', expected a command's name"),
    (
        "urc_before_result",
        {"urc": "RING", "commands": "A"},
        ("commands",),
        "'commands' is not a known argument; did you mean 'command'? One of: urc, command",
    ),
    ("power_cycle", {"seconds": 1}, ("seconds",), "power_cycle: 'seconds' is not a known argument; there are none"),
    ("power_key", {"seconds": 1}, ("seconds",), "power_key: 'seconds' is not a known argument; there are none"),
]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def test_the_table_is_complete() -> None:
    """All that the world does to a mobile, its sockets, its packets and its power; examples have all fields."""
    others = {
        "conditions",
        "faults",
        "disconnect",
        "urc_before_result",
        "power_cycle",
        "power_off",
        "power_on",
        "power_key",
    }
    assert set(ACTIONS) == set(MOBILE_ACTIONS) | others
    for name, kind in ACTIONS.items():
        assert kind.name == name
        if kind is not SetConditions:
            assert list(kind.example) == [each.name for each in fields(kind)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ACTIONS)
def test_examples_are_taken(name: str) -> None:
    """With all arguments that an action has."""
    action, example = read_action(name, ACTIONS[name].example), dict(ACTIONS[name].example)
    assert type(action) is ACTIONS[name]
    # A cause that is the usual one says nothing.
    assert given(action) in (example, {key: value for key, value in example.items() if key != "cause"})


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_taken(profile: str) -> None:
    assert read_action("conditions", {"profile": profile}) == SetConditions(profile=profile)
    assert SetConditions(profile=profile).conditions == PROFILES[profile]


@pytest.mark.parametrize(("name", "arguments", "path", "reason"), REFUSED)
def test_what_is_wrong_is_named_in_one_line(
    name: Any, arguments: dict[str, Any], path: tuple[str | int, ...], reason: str
) -> None:
    """The argument, what it was and what was expected."""
    with pytest.raises(InputMistakes, match=r"\A[^\n]+\Z") as error:
        read_action(name, arguments)
    assert reason in str(error.value)
    (mistake,) = error.value.mistakes
    assert mistake.path == path
    assert len(str(error.value)) <= MAX_CHARACTERS


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Each with where it stands, what it is, what was expected and what was perhaps meant."""
    faults = [{"packet": "PUBAK", "action": "drop", "nth": 0}, {"packet": "PUBACK", "action": "drop", "tmes": 1}]
    with pytest.raises(InputMistakes) as error:
        read_action("faults", {"faults": faults, "client": 0})
    assert [(each.path, each.given, each.nearest) for each in error.value.mistakes] == [
        (("faults", 0, "packet"), "'PUBAK'", "PUBACK"),
        (("faults", 0, "nth"), "0", ""),
        (("faults", 1, "tmes"), "'tmes'", "times"),
        (("client",), "'client'", ""),
    ]
    assert str(error.value).split("\n")[1] == (
        "faults: faults 1: nth is 0, expected a whole number from 1 to 1000000000"
    )


def test_a_codes_value_is_not_told() -> None:
    """Nor anything of it: what a card asks for is a secret."""
    with pytest.raises(InputMistakes) as error:
        read_action("lock_sim", {"pin": "987654321", "puk": 87654})
    assert str(error.value) == (
        "lock_sim: pin is not as expected: 4 to 8 digits in quotes\n"
        "lock_sim: puk is not as expected: 8 digits in quotes"
    )
    assert {each.given for each in error.value.mistakes} == {""}


def test_a_table_without_a_name_that_has_a_code_is_not_shown() -> None:
    with pytest.raises(InputMistakes) as error:
        read(ANY_ACTION, {"pin": "4321", "puk": 1})
    assert str(error.value) == "an action is a table of pin, puk, expected a table with do"


def test_what_a_program_makes_is_held_to_the_same() -> None:
    with pytest.raises(ValueError, match=r"stat is 'gone', expected one of not registered, home"):
        SetRegistration("gone")
    with pytest.raises(ValueError, match=r"expected profile or a field of conditions$"):
        SetConditions()


@given_data(st.sampled_from(list(ACTIONS)), st.data())
def test_plain_data_is_taken_or_refused(name: str, data: st.DataObject) -> None:
    """Nothing else comes of it."""
    known = [*ACTIONS[name].example, "rtt", "gap_interval"]
    arguments = data.draw(st.dictionaries(st.sampled_from(known) | st.text(max_size=8), PLAIN, max_size=4))
    try:
        read_action(name, arguments)
    except InputMistakes as error:
        lines = error.lines()
    else:
        return
    assert lines
    assert all(0 < len(line) <= MAX_CHARACTERS for line in lines)


def test_the_log_shows_no_codes_and_no_more_than_a_line() -> None:
    assert str(LockSim(pin="4321")) == "lock_sim(pin=...)"
    assert str(SetRegistration("denied", 11)) == "set_registration(stat='denied', cause=11)"
    assert str(SetConditions(uplink=1e10, loss=0.1 + 0.2)) == "conditions(uplink=10000000000, loss=0.3)"
    assert str(SetFaults((Fault("PUBACK", "drop"),))) == "faults(faults=[{'packet': 'PUBACK', 'action': 'drop'}])"
    assert len(str(SetFaults((Fault("PUBACK", "drop"),) * 99))) == MAX_LOGGED


def with_module(work: Callable[[VirtualModule, Host], None]) -> None:
    """Run with an EC200S-CN that is on and has said so."""

    async def main() -> None:
        async with VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort]) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            host.heard.clear()
            work(vm, host)

    asyncio.run(main())


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("powered", [True, False])
def test_each_is_done(name: str, powered: bool) -> None:
    """Whether the module has power or not; one that is off says nothing."""

    def work(vm: VirtualModule, host: Host) -> None:
        if not powered:
            vm.power_key()
        perform(vm, read_action(name, ACTIONS[name].example))
        lit = {"power_cycle": True, "power_on": True, "power_off": False, "power_key": not powered}.get(name, powered)
        assert vm.module.on is lit
        if not lit:
            assert bytes(host.heard) == b""
        elif name == "power_cycle" or not powered:
            assert b"RDY" in host.heard

    with_module(work)


def test_what_is_done_is_what_was_asked_for() -> None:
    """The mobile, the conditions and the faults; the host is told at once."""

    def work(vm: VirtualModule, host: Host) -> None:
        host.port.host_send(b"AT+CREG=1\r")
        host.heard.clear()
        perform(vm, read_action("set_registration", {"stat": "denied", "cause": 11}))
        assert bytes(host.heard) == b"\r\n+CREG: 3\r\n"
        perform(vm, read_action("set_registration", {"stat": 1}))
        assert vm.module.mobile.registration == HOME
        perform(vm, read_action("conditions", {"profile": "cat1"}))
        assert vm.network.conditions == CAT1
        perform(vm, read_action("conditions", {"rtt": 1.5}))
        assert vm.network.conditions == Conditions(rtt=1.5)
        perform(vm, read_action("conditions", {"profile": "cat1", "loss": 0.5, "rto": 2}))
        assert (vm.network.conditions.rtt, vm.network.conditions.loss, vm.network.conditions.rto) == (CAT1.rtt, 0.5, 2)
        perform(vm, read_action("conditions", {"profile": "lab"}))
        assert vm.network.conditions == LAB
        perform(vm, read_action("faults", {"faults": [{"packet": "PUBACK", "action": "drop", "times": 2}]}))
        assert list(vm.network.faults) == [Fault("PUBACK", "drop", times=2)]
        perform(vm, read_action("faults", {"faults": []}))
        assert not vm.network.faults

    with_module(work)


def test_whatever_is_done_is_a_line_of_the_log() -> None:
    """By the Python object's own methods too; nothing that changes nothing, and no code of a card."""
    notes: list[Note] = []

    async def main() -> None:
        async with VirtualModule(
            *find_model("EC200S-CN"), ports=[MemoryPort], observers=[NoteListener(notes.append)]
        ) as vm:
            vm.network.set_conditions(LAB)
            vm.network.set_faults([])
            vm.network.set_conditions(Conditions(rtt=0.5, loss=0.1))
            vm.network.set_conditions(LAB)
            vm.network.set_faults([Fault("PUBACK", "drop", times=2), Fault("PINGRESP", "delay", seconds=3)])
            vm.network.set_faults([])
            vm.perform(read_action("set_registration", {"stat": "denied", "cause": 11}))
            vm.perform(LockSim(pin="4321"))
            vm.power_key()
            vm.power_key()

    asyncio.run(main())
    assert [(note.subject, str(note.reason)) for note in notes] == [
        ("network", "conditions are rtt=0.5 loss=0.1"),
        ("network", "conditions are none"),
        ("network", "faults are packet=PUBACK action=drop times=2; packet=PINGRESP action=delay seconds=3"),
        ("network", "faults are none"),
        ("mobile", "set_registration(stat='denied', cause=11)"),
        ("mobile", "lock_sim(pin=...)"),
        ("power", "off"),
        ("power", "on"),
    ]
