"""Expectations: what fits, in which time, and what is said of those that were not met."""

from typing import Any

import pytest

from modemlab.dialect.mqtt_events import State
from modemlab.lab.closest_events import MAX_OTHERS, HostMistake, LabEvent, LinePrinted, ProgramExited
from modemlab.lab.expectations import ExpectationState, read_expectation
from modemlab.net.delay_queue import Direction
from modemlab.scenario.events import ClientStateChanged, CommandStarted, MessageArrived, PacketPassed, UrcPrinted


def fault(values: dict[str, Any], *events: tuple[LabEvent, float], now: float = 100.0) -> str:
    """What is wrong with an expectation behind these events."""
    watch = ExpectationState(read_expectation(values))
    for event, at in events:
        watch.on_event(event, at)
    return str(watch.fault(now) or "")


MESSAGE = MessageArrived("pump", "pump/7/state", b'{"rpm":1200}', 1, False)


@pytest.mark.parametrize(
    ("values", "event"),
    [
        ({"line": r"\+CSQ: \d+,99"}, LinePrinted("+CSQ: 24,99")),
        ({"urc": "+QMTSTAT: 0"}, UrcPrinted("+QMTSTAT: 0,1")),
        ({"command": "at+qmtopen"}, CommandStarted("+QMTOPEN")),
        ({"packet": "PUBLISH", "direction": "in"}, PacketPassed("PUBLISH", Direction.DOWNLINK)),
        ({"client": 2, "state": "connected"}, ClientStateChanged(2, State.CONNECTED)),
        ({"topic": "pump/7/state"}, MESSAGE),
        ({"topic": "pump/#", "payload": '{"rpm":1200}', "qos": 1, "retain": False}, MESSAGE),
        ({"topic": "+/7/state", "payload_like": r'\{"rpm":\d+\}'}, MESSAGE),
        ({"topic": "a", "payload_like": ".*"}, MessageArrived("c", "a", b"x\n\xff", 0, True)),
    ],
)
def test_what_fits(values: dict[str, Any], event: LabEvent) -> None:
    assert fault(values, (event, 1.0)) == ""
    assert fault({**values, "within": 1}, (event, 1.0)) == ""
    assert fault({**values, "never": True}, (event, 1.0)).startswith("came after 1.000 s: ")
    assert fault({**values, "never": True, "within": 0.5}, (event, 1.0)) == ""
    assert fault({**values, "within": 0.5}, (event, 1.0)) == "came after 1.000 s, later than 0.5 s"
    assert fault(values) == "came 0 times, expected once"
    assert fault({**values, "within": 5}, now=4.9) == "came 0 times, expected once"
    assert fault({**values, "within": 5}) == "came 0 times within 5 s, expected once"


def test_the_programs_end() -> None:
    """Its status and the one that was expected, a signal, or that it was still running."""
    assert fault({"exit": 3}, (ProgramExited(3), 1.0)) == ""
    assert fault({"exit": 0}, (ProgramExited(3), 1.0)) == "exit status 3, expected 0"
    assert fault({"exit": 4, "within": 9}, (ProgramExited(3), 1.0)) == "exit status 3, expected 4"
    assert fault({"exit": 0}, (ProgramExited(-9), 1.0)) == "ended by signal 9, expected exit status 0"
    assert fault({"exit": 3}) == "the program was still running, expected exit status 3"
    assert fault({"exit": 3, "within": 0.5}, (ProgramExited(3), 1.0)) == "came after 1.000 s, later than 0.5 s"
    assert (
        fault({"exit": 3, "never": True}, (ProgramExited(3), 1.0))
        == "came after 1.000 s: exit status 3, expected never"
    )


@pytest.mark.parametrize(
    ("values", "event", "words"),
    [
        ({"line": r"\+CSQ"}, LinePrinted("+CSQ: 24,99"), "'+CSQ: 24,99'"),
        ({"urc": "+QMTSTAT: 1"}, UrcPrinted("+QMTSTAT: 0,1"), "'+QMTSTAT: 0,1'"),
        ({"command": "AT+QMTOPEN"}, CommandStarted("+CSQ"), "AT+CSQ"),
        ({"packet": "PUBLISH", "direction": "in"}, PacketPassed("PUBLISH", Direction.UPLINK), "PUBLISH out"),
        ({"client": 2, "state": "connected"}, ClientStateChanged(2, State.OPENING), "client 2 opening"),
        ({"topic": "pump/7"}, MESSAGE, "pump/7/state with '{\"rpm\":1200}', QoS 1"),
        (
            {"topic": "#", "payload": "x"},
            MESSAGE._replace(retain=True),
            "pump/7/state with '{\"rpm\":1200}', QoS 1, retained",
        ),
        ({"topic": "#", "payload_like": "x"}, MESSAGE, "pump/7/state with '{\"rpm\":1200}', QoS 1"),
        ({"topic": "#", "qos": 2}, MESSAGE, "pump/7/state with '{\"rpm\":1200}', QoS 1"),
        ({"topic": "#", "retain": True}, MESSAGE, "pump/7/state with '{\"rpm\":1200}', QoS 1"),
        ({"topic": "#"}, MESSAGE._replace(client_id=""), "pump/7/state with '{\"rpm\":1200}', QoS 1"),
    ],
)
def test_what_came_instead_is_told(values: dict[str, Any], event: LabEvent, words: str) -> None:
    """What is alike, but not what has nothing to do with it."""
    others = [(HostMistake("x"), 0.5), (event, 1.0)]
    assert fault(values, *others) == f"came 0 times, expected once; nearest: {words} after 1.000 s"


@pytest.mark.parametrize(
    ("values", "events", "nearest"),
    [
        (
            {"topic": "pump/7/state", "payload": "off"},
            [MESSAGE._replace(payload=b"of"), MESSAGE, MESSAGE._replace(topic="pump/8/state", payload=b"on")],
            "pump/7/state with 'of', QoS 1 after 0.000 s; ",
        ),
        (
            {"topic": "a", "qos": 1},
            [
                MessageArrived("c", "a", b"x", 0, False),
                MessageArrived("c", "b", b"x", 1, False),
                MessageArrived("c", "z/1", b"x", 0, False),
            ],
            "a with 'x', QoS 0 after 0.000 s; b with 'x', QoS 1 after 1.000 s; z/1 with",
        ),
        (
            {"line": r"\+QMTSTAT: 0,\d"},
            [LinePrinted("+QMTSTAT: 1,1"), LinePrinted("OK"), LinePrinted("AT+CSQ"), LinePrinted("+CSQ: 24,99")],
            "'+QMTSTAT: 1,1' after 0.000 s; ",
        ),
        (
            {"urc": "+QMTSTAT: 0"},
            [UrcPrinted("+QMTSTAT: 1,1"), UrcPrinted("RDY"), UrcPrinted("RING")],
            "'+QMTSTAT: 1,1' after 0.000 s; ",
        ),
        (
            {"command": "AT+QMTOPEN"},
            [CommandStarted("+QMTCLOSE"), CommandStarted("E")],
            "AT+QMTCLOSE after 0.000 s; ATE after",
        ),
        (
            {"packet": "PUBLISH", "direction": "in"},
            [
                PacketPassed("PUBLISH", Direction.UPLINK),
                PacketPassed("CONNACK", Direction.DOWNLINK),
                PacketPassed("SUBACK", Direction.DOWNLINK),
            ],
            "PUBLISH out after 0.000 s; ",
        ),
        (
            {"client": 2, "state": "connected"},
            [
                ClientStateChanged(2, State.CONNECTING),
                ClientStateChanged(2, State.CLOSED),
                ClientStateChanged(0, State.OPEN),
            ],
            "client 2 connecting after 0.000 s; ",
        ),
    ],
)
def test_the_nearest_is_told_first(values: dict[str, Any], events: list[LabEvent], nearest: str) -> None:
    """That which has most of what is expected, however long ago; each once."""
    seen = [(event, float(at)) for at, event in enumerate(events)]
    assert fault(values, *seen).startswith(f"came 0 times, expected once; nearest: {nearest}")
    assert fault(values, *[(event, 3.0) for event in events[:1] * 5]).count(";") == 1


def test_what_came_instead_is_bounded() -> None:
    """A megabyte of payload in each of many messages is not kept."""
    watch = ExpectationState(read_expectation({"topic": "a", "payload": "b"}))
    for number in range(MAX_OTHERS * 2):
        watch.on_event(MessageArrived("c", f"{number}", b"x" * 1_000_000, 0, False), 1.0)
    assert len(watch._others) == MAX_OTHERS
    assert max(len(getattr(came.event, "payload", b"")) for came in watch._others) <= 200
    assert len(str(watch.fault(9.0))) < 1000


def test_the_nth_counts() -> None:
    said = [(LinePrinted("a"), 1.0), (LinePrinted("b"), 2.0), (LinePrinted("a"), 3.0)]
    assert fault({"line": "a", "nth": 2, "within": 3}, *said) == ""
    assert fault({"line": "a", "nth": 3}, *said) == "came 2 times, expected 3 times; nearest: 'b' after 2.000 s"
    assert fault({"line": "b", "nth": 2}, *said[:2]) == "came once, expected 2 times; nearest: 'a' after 1.000 s"


def test_mistakes_are_counted_to_the_most_that_may_be() -> None:
    made = [(HostMistake(f"mistake {number}"), float(number)) for number in range(3)]
    assert fault({"mistakes": 3}, *made) == ""
    assert fault({"mistakes": 2}, *made) == ("3 mistakes, expected at most 2; number 3 came after 2.000 s: mistake 2")
    assert fault({"mistakes": 0, "within": 1}, *made[:1]) == (
        "1 mistake, expected at most 0 within 1 s; number 1 came after 0.000 s: mistake 0"
    )
    assert fault({"mistakes": 0}) == ""


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"line": r"\+CSQ: \d"}, r"line = '\+CSQ: \d'"),
        ({"topic": "it's", "retain": True, "nth": 2, "within": 5}, 'topic = "it\'s", retain = true, nth = 2'),
        ({"urc": "+QMTSTAT", "never": True}, "never urc = '+QMTSTAT'"),
        ({"mistakes": 0, "never": True}, "mistakes = 0"),
    ],
)
def test_names_are_as_the_file_has_them(values: dict[str, Any], name: str) -> None:
    assert read_expectation(values).name == name
