"""When steps of a scenario are due: time is an argument."""

from modemlab.dialect.mqtt_events import State
from modemlab.net.delay_queue import Direction
from modemlab.scenario.events import ClientStateChanged, CommandStarted, Event, PacketPassed, Schedule, UrcPrinted
from modemlab.scenario.file import read_scenario

ACTION = 'action = {do = "power_cycle"}'


def schedule(*when: str) -> Schedule:
    """Steps that are due then, of a scenario that starts at 100."""
    text = "".join(f"[[step]]\n{line}\n{ACTION}\n" for line in when)
    return Schedule([step.due for step in read_scenario(text).steps], 100.0)


def due(plan: Schedule, now: float) -> list[int]:
    """The steps that are due at that time, in order."""
    found = []
    while (number := plan.next(now)) is not None:
        found.append(number)
    return found


def test_steps_come_at_their_times_in_order() -> None:
    """Those of the same time in the file's order; none twice."""
    plan = schedule("at = 12", "at = 0", "at = 12.0", "at = 3.5")
    assert plan.deadline() == 100.0
    assert due(plan, 100.0) == [1]
    assert plan.deadline() == 103.5
    assert due(plan, 103.4) == []
    assert due(plan, 112.0) == [3, 0, 2]
    assert (plan.deadline(), plan.left) == (None, 0)


def test_a_step_waits_for_the_nth_event() -> None:
    """Its own events alone count, from the start on."""
    plan = schedule(
        'after = {packet = "PUBLISH", direction = "out", nth = 3}', 'after = {packet = "PUBLISH", direction = "in"}'
    )
    out, into = PacketPassed("PUBLISH", Direction.UPLINK), PacketPassed("PUBLISH", Direction.DOWNLINK)
    for event in (out, PacketPassed("PUBACK", Direction.UPLINK), out, CommandStarted("PUBLISH"), UrcPrinted("PUBLISH")):
        plan.happen(event, 101.0)
    assert (due(plan, 200.0), plan.deadline(), plan.left) == ([], None, 2)
    plan.happen(into, 102.0)
    plan.happen(out, 102.0)
    assert due(plan, 102.0) == [0, 1]
    for _ in range(9):
        plan.happen(out, 103.0)
    assert (due(plan, 200.0), plan.left) == ([], 0)


def test_a_step_waits_behind_its_event() -> None:
    """`wait` counts from there."""
    plan = schedule('after = {command = "AT+QMTCONN"}\nwait = 5', "at = 4")
    plan.happen(CommandStarted("+QMTCONN"), 101.5)
    assert plan.deadline() == 104.0
    assert due(plan, 106.4) == [1]
    assert plan.deadline() == 106.5
    assert due(plan, 106.5) == [0]


def test_what_each_kind_of_moment_counts() -> None:
    """Names, beginnings of lines, states."""
    cases: list[tuple[str, list[Event], list[Event]]] = [
        (
            'packet = "PINGRESP"',
            [PacketPassed("PINGRESP", Direction.DOWNLINK)],
            [PacketPassed("PINGREQ", Direction.UPLINK)],
        ),
        (
            'command = "at+qmtopen"',
            [CommandStarted("+QMTOPEN")],
            [CommandStarted("+QMTCLOSE"), UrcPrinted("+QMTOPEN: 0,0")],
        ),
        ('command = "+QMTOPEN"', [CommandStarted("+QMTOPEN")], []),
        (
            'urc = "+QMTSTAT: 0"',
            [UrcPrinted("+QMTSTAT: 0,1"), UrcPrinted("+QMTSTAT: 0")],
            [UrcPrinted("+QMTSTAT: 1,1")],
        ),
        (
            'client = 2, state = "connected"',
            [ClientStateChanged(2, State.CONNECTED)],
            [ClientStateChanged(2, State.CONNECTING), ClientStateChanged(1, State.CONNECTED)],
        ),
    ]
    for words, counted, passed_over in cases:
        for event in counted + passed_over:
            plan = schedule(f"after = {{{words}}}")
            plan.happen(event, 101.0)
            assert due(plan, 101.0) == ([0] if event in counted else []), (words, event)
