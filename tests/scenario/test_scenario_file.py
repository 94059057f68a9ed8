"""Scenario files: what they say, and the line of each mistake."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.module.mobile_actions import SetRegistration, SetSignal
from modemlab.net.packet_faults import Fault
from modemlab.scenario.actions import DisconnectStreams, PowerCycle, SetFaults
from modemlab.scenario.events import Trigger
from modemlab.scenario.file import ScenarioStep, read_scenario
from modemlab.scenario.matchers import ClientMatcher, CommandMatcher, PacketMatcher, UrcMatcher
from modemlab.validation.input_errors import InputMistakes
from modemlab.validation.toml_file import line_of, lines_of

BAD_DAY = """\
# a bad day
[[step]]
at = 12
action = { do = "set_signal", signal = [99, 99] }

[[step]]
after = { packet = "PUBLISH", direction = "out", nth = 3 }
action = [
    # both, "]" or not
    { do = "faults", faults = [{ packet = "PUBACK", action = "drop", times = 2 }] },
    { do = "set_registration", stat = "roaming" },
]

[[step]]
after.urc = "+QMTSTAT"
wait = 0.5

[[step.action]]
do = "disconnect"
how = "reset"

[[step.action]]
# comes back
do = "power_cycle"
"""

MISTAKES = [
    ("at = 12", "at = -1", "line 3: at is -1, expected a number from 0 to 10000000 seconds"),
    ("at = 12", 'at = "12"', "line 3: at is '12', expected a number from 0 to 10000000 seconds, without quotes"),
    ("at = 12", 'at = "noon"', "line 3: at is 'noon', expected a number from 0 to 10000000 seconds"),
    ("at = 12", "at = 1e9", "line 3: at is 1000000000, expected a number from 0 to 10000000 seconds"),
    (
        "at = 12",
        "att = 12",
        "line 3: 'att' is not a known key of a step; did you mean 'at'? One of: at, after, wait, action",
    ),
    ("at = 12", "at = true", "line 3: at is True, expected a number"),
    ("at = 12", "at = inf", "line 3: at is inf, expected a number"),
    ("at = 12", "at = 1\nwait = 2", "line 4: wait stands beside after alone"),
    ("at = 12", "at = 1\nwhen = 2", "line 4: 'when' is not a known key of a step. One of: at, after, wait, action"),
    ("at = 12\n", "", "line 2: expected at or after, one of them, in a step"),
    ("at = 12\n", 'at = 1\nafter = {urc="A"}\n', "line 2: expected at or after, one of them, in a step"),
    ("[99, 99]", "[99]", "line 4: set_signal: signal is [99], expected strength, 0 to 31 or 99, and bit error rate"),
    ("[99, 99]", "[99, 99], time = 3", "line 4: set_signal: 'time' is not a known argument. One of: signal"),
    ("wait = 0.5", "wait = nan", "line 16: wait is nan, expected a number"),
    ("nth = 3", "nth = 0", "line 7: after: packet: nth is 0, expected a whole number from 1 to 1000000000"),
    (
        "nth = 3",
        "nht = 3",
        "line 7: after: packet: 'nht' is not a known key; did you mean 'nth'? One of: packet, direction, nth",
    ),
    (
        "{ packet =",
        "{ pakcet =",
        "line 7: 'pakcet' is not a known key of after; did you mean 'packet'? One of: packet, direction, nth, command",
    ),
    ("{ packet =", "{ pakcet =", "One of: packet, direction, nth, command, urc, client, state"),
    (
        "{ packet =",
        "{ sky =",
        "line 7: after is {'sky': 'PUBLISH', 'direction': 'out', 'nth': 3}, expected a table with one of pack",
    ),
    ('"PUBLISH", direction = "out"', '"PUBLSH"', "DISCONNECT; did you mean 'PUBLISH'?"),
    (
        "nth = 3",
        "nth = '3'",
        "line 7: after: packet: nth is '3', expected a whole number from 1 to 1000000000, without quo",
    ),
    ('"PUBLISH", direction = "out"', '"PUBLSH"', "line 7: after: packet: packet is 'PUBLSH', expected one of CONNECT"),
    (
        ', direction = "out"',
        "",
        "line 7: after: packet: direction is missing, expected in or out, as PUBLISH goes both ways",
    ),
    (
        '"PUBLISH", direction = "out"',
        '"CONNACK", direction = "out"',
        "direction is 'out', expected in, as CONNACK goes",
    ),
    ('"PUBLISH", direction = "out"', '"PINGREQ", direction = "in"', "direction is 'in', expected out, as PINGREQ goes"),
    ("{ packet = ", '{ urc = "+A", packet = ', "line 7: after has urc and packet, expected one of them"),
    ('after.urc = "+QMTSTAT"', "after = 3", "line 15: after is 3, expected a table with one of packet, command, urc"),
    ("after.urc", "after.state", "line 15: after is {'state': '+QMTSTAT'}, expected a table with one of packet"),
    ('after.urc = "+QMTSTAT"', 'after.urc = ""', "line 15: after: urc: urc is '', expected the beginning of a URC"),
    ('after.urc = "+QMTSTAT"', "after.urc = 7", "line 15: after: urc: urc is 7, expected the beginning of a URC"),
    (
        'after.urc = "+QMTSTAT"',
        'after.command = "ATX9"',
        "line 15: after: command: command is 'ATX9', expected one that",
    ),
    ('after.urc = "+QMTSTAT"', "after.client = 0", "line 15: after: client: state is missing, expected one of closed"),
    (
        'after.urc = "+QMTSTAT"',
        'after = {client = 100, state = "open"}',
        "line 15: after: client: client is 100, expected a whole number from 0 to 99",
    ),
    ("times = 2", "times = -2", "line 10: faults: faults 1: times is -2, expected a whole number"),
    (
        "times = 2",
        "tmies = 2",
        "line 10: faults: faults 1: 'tmies' is not a known key; did you mean 'times'? One of: packet",
    ),
    ('"roaming"', '"roam"', "line 11: set_registration: stat is 'roam', expected one of not registered, home"),
    (
        '"roaming"',
        '"raoming"',
        "stat is 'raoming', expected one of not registered, home, searching, denied, unknown, roaming, ",
    ),
    (
        "stat = ",
        "status = ",
        "line 11: set_registration: 'status' is not a known argument; did you mean 'stat'? One of: stat, cause",
    ),
    ('do = "set_registration", ', "", "line 11: an action is {'stat': 'roaming'}, expected a table with do"),
    (
        '"set_registration"',
        '"set_registratoin"',
        "line 11: 'set_registratoin' is not a known action; did you mean 'set_registration'? On",
    ),
    ('"set_registration"', '"cover"', "urc_before_result, power_cycle, power_off, power_on, power_key"),
    (
        '"set_registration", stat = "roaming"',
        '"urc_before_result", urc = "A", command = "AT+QMTOPN"',
        "line 11: urc_before_result: command is 'AT+QMTOPN', expected one that the module knows; did you mean 'AT+QMT",
    ),
    (
        '"set_registration"',
        '"urc_before_result", urc = "A"',
        "line 11: urc_before_result: 'stat' is not a known argument. One of: urc, command",
    ),
    (
        '    { do = "set_registration", stat = "roaming" },',
        "    3,",
        "line 11: an action is 3, expected a table with do",
    ),
    ('how = "reset"', 'how = "rest"', "line 20: disconnect: how is 'rest', expected one of reset, close, half_open"),
    ('how = "reset"\n', "", "line 18: disconnect: how is missing, expected one of reset, close, half_open"),
    ('do = "power_cycle"', 'do = "pover"', "line 24: 'pover' is not a known action; did you mean 'power_on'? One of:"),
    ('do = "power_cycle"\n', "", "line 22: an action is {}, expected a table with do"),
    (
        "[[step]]\nat",
        "[[stpe]]\nat",
        "line 2: 'stpe' is not a known key of a scenario; did you mean 'step'? One of: step",
    ),
    ("# a bad day", 'title = "a bad day"', "line 1: 'title' is not a known key of a scenario. One of: step"),
    ("at = 12", "at = 1..2", "line 3: not valid TOML: Expected newline or end of document after a statement"),
    ("at = 12", "at = 12\nat = 13", "line 4: not valid TOML: Cannot overwrite a value"),
    ("at = 12", "at = 1" + "0" * 5000, "line 3: a number of too many digits"),
    ("at = 12", "at = " + "[" * 100_000, "line 3: nested too deeply"),
    (BAD_DAY, "", "line 1: step is missing, expected at least one [[step]]"),
    (BAD_DAY, "# nothing\n\nstep = 3", "line 3: step is 3, expected at least one [[step]]"),
    (BAD_DAY, "step = [3]", "line 1: a step is 3, expected a table"),
    (
        BAD_DAY,
        "[[step]]\nat = 0\n",
        "line 1: action is missing, expected at least one action in a step, a table with do",
    ),
    (BAD_DAY, "[[step]]\nat = 0\naction = []\n", "line 3: action is [], expected at least one action in a step"),
    (
        BAD_DAY,
        '[[step]]\nat = 0\naction = "power_cycle"\n',
        "line 3: action is 'power_cycle', expected at least one action in a step",
    ),
    (BAD_DAY, '[[step]]\nat = 0\naction = {do = ["x"]}\n', "line 3: ['x'] is not a known action"),
    (BAD_DAY, "[[step]]\nat = ", "line 2: not valid TOML: Invalid value"),
    (BAD_DAY, "#" * (1 << 20) + "\n", "line 1: a file has at most 1048576 characters, not 1048577"),
]


def test_what_a_file_says() -> None:
    """Steps in the file's order, actions in both ways of writing."""
    faults = SetFaults((Fault("PUBACK", "drop", times=2),))
    steps = read_scenario(BAD_DAY, ["+QMTOPEN"]).steps
    assert steps == (
        ScenarioStep(at=12, action=(SetSignal([99, 99]),)),  # type: ignore[arg-type] # a list, as a file has it
        ScenarioStep(after=PacketMatcher("PUBLISH", "out", 3), action=(faults, SetRegistration("roaming"))),
        ScenarioStep(after=UrcMatcher("+QMTSTAT"), wait=0.5, action=(DisconnectStreams("reset"), PowerCycle())),
    )
    assert [step.due for step in steps] == [
        Trigger(12.0),
        Trigger(0.0, PacketMatcher("PUBLISH", "out", 3)),
        Trigger(0.5, UrcMatcher("+QMTSTAT")),
    ]


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    """Each on a line of its own, with the file's line, in the order of the lines; no more than a screen of them."""
    text = BAD_DAY
    for old, new in (
        ("at = 12", "at = -1\nhours = 3"),
        ('"PUBLISH", direction = "out", nth = 3', '"PUBLSH", nth = 0'),
        ("times = 2", "tmies = 2, nth = '1'"),
        ('stat = "roaming"', 'stat = "raoming", case = 3'),
        ('do = "power_cycle"', 'do = "pwoer"'),
    ):
        text = text.replace(old, new, 1)
    with pytest.raises(InputMistakes) as error:
        read_scenario(text + "[[stop]]\n", ["+QMTOPEN"])
    assert [(each.line, each.path[-1], each.nearest) for each in error.value.mistakes] == [
        (3, "at", ""),
        (4, "hours", ""),
        (8, "packet", "PUBLISH"),
        (8, "nth", ""),
        (11, "nth", ""),
        (11, "tmies", "times"),
        (12, "stat", "roaming"),
        (12, "case", "cause"),
        (25, "do", "power_on"),
        (26, "stop", "step"),
    ]
    assert str(error.value).split("\n")[4] == (
        "line 11: faults: faults 1: nth is '1', expected a whole number from 1 to 1000000000, without quotes"
    )
    with pytest.raises(InputMistakes) as error:
        read_scenario("[[step]]\nat = -1\naction = {do = 'power_cycle'}\n" * 30)
    lines = str(error.value).split("\n")
    assert (len(lines), lines[-1]) == (21, "and 10 more mistakes")


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ('packet = "PINGREQ"', PacketMatcher("PINGREQ")),
        ('command = "AT+QMTOPEN", nth = 2', CommandMatcher("AT+QMTOPEN", 2)),
        ('command = "qmtopen"', None),
        ('command = "ATE"', CommandMatcher("ATE")),
        ('client = 5, state = "closed"', ClientMatcher(5, "closed")),
    ],
)
def test_moments(words: str, moment: object) -> None:
    """Commands are those that the module knows."""
    text = f'[[step]]\nafter = {{{words}}}\naction = {{do = "power_cycle"}}\n'
    if moment is None:
        with pytest.raises(
            ValueError, match="line 2: after: command: command is 'qmtopen', expected one that the module"
        ):
            read_scenario(text, ["+QMTOPEN", "E"])
    else:
        assert read_scenario(text, ["+QMTOPEN", "E"]).steps[0].due == Trigger(0.0, moment)  # type: ignore[arg-type]


@pytest.mark.parametrize(("old", "new", "reason"), MISTAKES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_mistakes_are_told_by_their_line(old: str, new: str, reason: str, end: str) -> None:
    """One line: which of the file, what it was and what was expected."""
    assert old in BAD_DAY
    text = BAD_DAY.replace(old, new, 1).replace("\n", end)
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as error:
        read_scenario(text, ["+QMTOPEN"])
    assert reason in str(error.value)
    assert len(str(error.value)) < 500


def test_lines_of_a_long_file_are_found_quickly() -> None:
    """The two thousandth step of a file."""
    lines = lines_of('[[step]]\nat = 1\naction = [\n  {do = "power_cycle"},\n]\n' * 2000)
    assert line_of(lines, ("step", 1999, "at")) == 1999 * 5 + 2
    assert line_of(lines, ("step", 1000, "action", 0, "nothing")) == 1000 * 5 + 4


def test_lines_within_tables_and_arrays_in_a_line() -> None:
    """A fault of many that stand in a line each; and an item of a list of lists."""
    faults = '  {packet = "PUBACK", action = "drop"},\n' * 90
    text = '[[step]]\nat = 1\naction = [{do = "faults", faults = [\n' + faults + "]}]\n[[step]]\nat = -1\n" + "x = 1\n"
    with pytest.raises(InputMistakes) as error:
        read_scenario(text)
    assert [str(each).partition(" is ")[0] for each in error.value.mistakes] == [
        "line 95: action",
        "line 96: at",
        "line 97: 'x'",
    ]
    assert line_of(lines_of(text), ("step", 0, "action", 0, "faults", 70)) == 74
    assert line_of(lines_of("x = [[\n" + "1,\n" * 10_000 + "]]\n"), ("x", 0, 9_000)) == 9_002


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ('a = """\n[b]\nb = 1\n"""\nb = 1\n', ("b",), 5),
        ("a = '''\n''quoted''\n''''\nb = 1\n", ("b",), 4),
        ('a = "]" # [\nb = [ # ]\n  1, # ,\n  2,\n]\n', ("b", 1), 4),
        ("[a.b]\nc = 1\n[a]\nd = 1\n[a.e]\n", ("a", "d"), 4),
        ("[a.b]\nc = 1\n[a]\nd = 1\n[a.e]\n", ("a", "e"), 5),
        ("[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2\n", ("a", 0, "b", 1, "c"), 4),
        ("[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2\n", ("a", 1, "b", 0, "c"), 7),
        ("\n'x.y' . \"z\\u0041\".w = {q = {r = 2020-01-01 10:00:00, s = -1.5e3}}\n", ("x.y", "zA", "w", "q", "s"), 2),
    ],
)
def test_lines_of_what_is_written_in_other_ways(text: str, path: tuple[str | int, ...], line: int) -> None:
    """Texts of several lines, comments, tables in another order, keys in quotes."""
    value: Any = tomllib.loads(text)
    for key in path:
        value = value[key]
    assert lines_of(text)[path] == line


def test_chance() -> None:
    """Whether a scenario has a part for it."""
    step = '[[step]]\nat = 0\naction = {{do = "conditions", {}}}\n'
    assert not read_scenario(step.format("rtt = 1")).uses_random
    assert not read_scenario(BAD_DAY).uses_random
    assert read_scenario(BAD_DAY + step.format('profile = "cat1"')).uses_random


def test_the_files_of_the_documentation_are_scenarios() -> None:
    """Each block of TOML."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    blocks = text.split("```toml\n")[1:]
    assert blocks
    for block in blocks:
        assert read_scenario(block.partition("```")[0]).steps


@given(
    st.integers(0, len(BAD_DAY)), st.integers(0, 12), st.text(max_size=4) | st.sampled_from(["[[step]]\n", "]", "="])
)
def test_whatever_a_file_says(start: int, length: int, text: str) -> None:
    """It is a scenario, or lines that each name one of the file's."""
    changed = BAD_DAY[:start] + text + BAD_DAY[start + length :]
    try:
        read_scenario(changed, ["+QMTOPEN"])
    except ValueError as error:
        told = str(error)
    else:
        return
    for line in told.split("\n"):
        found = re.match(r"line (\d+): .+\Z", line)
        assert found is not None, told
        assert 1 <= int(found[1]) <= changed.count("\n") + 1
