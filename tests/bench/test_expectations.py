"""Expectations: what fits, in which time, and what is said of those that were not met."""

from typing import Any

import pytest

from modemlab.at.events import State
from modemlab.bench.expectations import Exited, Mistaken, Said, Seen, Watch, read_expectation
from modemlab.bench.schedule import Arrived, Commanded, Passed, Told, Turned
from modemlab.net.lane import Way


def fault(values: dict[str, Any], *events: tuple[Seen, float], now: float = 100.0) -> str:
    """What is wrong with an expectation behind these events."""
    watch = Watch(read_expectation(values))
    for event, at in events:
        watch.see(event, at)
    return watch.fault(now)


MESSAGE = Arrived("pump", "pump/7/state", b'{"rpm":1200}', 1, False)


@pytest.mark.parametrize(
    ("values", "event"),
    [
        ({"line": r"\+CSQ: \d+,99"}, Said("+CSQ: 24,99")),
        ({"urc": "+QMTSTAT: 0"}, Told("+QMTSTAT: 0,1")),
        ({"command": "at+qmtopen"}, Commanded("+QMTOPEN")),
        ({"packet": "PUBLISH", "way": "in"}, Passed("PUBLISH", Way.DOWN)),
        ({"client": 2, "state": "connected"}, Turned(2, State.CONNECTED)),
        ({"topic": "pump/7/state"}, MESSAGE),
        ({"topic": "pump/#", "payload": '{"rpm":1200}', "qos": 1, "retain": False}, MESSAGE),
        ({"topic": "+/7/state", "payload_like": r'\{"rpm":\d+\}'}, MESSAGE),
        ({"topic": "a", "payload_like": ".*"}, Arrived("c", "a", b"x\n\xff", 0, True)),
        ({"exit": 3}, Exited(3)),
    ],
)
def test_what_fits(values: dict[str, Any], event: Seen) -> None:
    assert fault(values, (event, 1.0)) == ""
    assert fault({**values, "within": 1}, (event, 1.0)) == ""
    assert fault({**values, "never": True}, (event, 1.0)).startswith("came after 1.000 s: ")
    assert fault({**values, "never": True, "within": 0.5}, (event, 1.0)) == ""
    assert fault({**values, "within": 0.5}, (event, 1.0)) == "came after 1.000 s, later than 0.5 s"
    assert fault(values) == "did not come"
    assert fault({**values, "within": 5}, now=4.9) == "did not come"
    assert fault({**values, "within": 5}) == "did not come within 5 s"


@pytest.mark.parametrize(
    ("values", "event", "words"),
    [
        ({"line": r"\+CSQ"}, Said("+CSQ: 24,99"), "'+CSQ: 24,99'"),
        ({"urc": "+QMTSTAT: 1"}, Told("+QMTSTAT: 0,1"), "'+QMTSTAT: 0,1'"),
        ({"command": "AT+QMTOPEN"}, Commanded("+CSQ"), "AT+CSQ"),
        ({"packet": "PUBLISH", "way": "in"}, Passed("PUBLISH", Way.UP), "PUBLISH out"),
        ({"client": 2, "state": "connected"}, Turned(2, State.OPENING), "client 2 opening"),
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
        ({"exit": 0}, Exited(-9), "the end by signal 9"),
    ],
)
def test_what_came_instead_is_told(values: dict[str, Any], event: Seen, words: str) -> None:
    """What is alike, but not what has nothing to do with it."""
    others = [(Mistaken("x"), 0.5), (event, 1.0)]
    assert fault(values, *others) == f"did not come; the latest that came instead: {words}"


def test_the_nth_counts() -> None:
    said = [(Said("a"), 1.0), (Said("b"), 2.0), (Said("a"), 3.0)]
    assert fault({"line": "a", "nth": 2, "within": 3}, *said) == ""
    assert fault({"line": "a", "nth": 3}, *said) == "came 2 times, not 3 times; the latest that came instead: 'b'"
    assert fault({"line": "b", "nth": 2}, *said[:2]) == "came once, not 2 times; the latest that came instead: 'a'"


def test_mistakes_are_counted_to_the_most_that_may_be() -> None:
    made = [(Mistaken(f"mistake {number}"), float(number)) for number in range(3)]
    assert fault({"mistakes": 3}, *made) == ""
    assert fault({"mistakes": 2}, *made) == "came after 2.000 s: mistake 2"
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
