"""Conditions, strikes and faults as data: what they take, and what their errors name."""

import re
from typing import Any

import pytest

from modemlab.net.conditions import LAB, PROFILES, Conditions, ConnectionDisruption, profile
from modemlab.net.packet_faults import Fault
from modemlab.validation.parsing import read


@pytest.mark.parametrize(
    ("kind", "values", "made"),
    [
        (Conditions, {}, LAB),
        (Conditions, {"rtt": 1, "loss": 0.5}, Conditions(rtt=1, loss=0.5)),
        (
            Conditions,
            {"dns": "silent", "connect_result": "refused"},
            Conditions(dns="silent", connect_result="refused"),
        ),
        (ConnectionDisruption, {"how": "half_open"}, ConnectionDisruption("half_open")),
        (ConnectionDisruption, {"how": "reset", "client": 0}, ConnectionDisruption("reset", 0)),
        (Fault, {"packet": "PUBACK", "action": "drop", "nth": 3, "times": 2}, Fault("PUBACK", "drop", None, 3, 2)),
        (Fault, {"packet": "PUBLISH", "action": "drop", "direction": "out"}, Fault("PUBLISH", "drop", "out")),
        (Fault, {"packet": "CONNECT", "action": "refuse", "code": 0}, Fault("CONNECT", "refuse", code=0)),
    ],
)
def test_building_from_plain_data(kind: type, values: dict[str, object], made: object) -> None:
    assert read(kind, values) == made


@pytest.mark.parametrize(
    ("kind", "values", "error"),
    [
        (Conditions, {"rtt": -1}, "conditions: rtt is -1, expected a number from 0 to 60 seconds"),
        (Conditions, {"rtt": "1"}, "conditions: rtt is '1', expected a number from 0 to 60 seconds"),
        (Conditions, {"rtt": True}, "conditions: rtt is True, expected a number from 0 to 60 seconds"),
        (Conditions, {"rtt": None}, "conditions: rtt is None, expected a number from 0 to 60 seconds"),
        (Conditions, {"loss": float("nan")}, "conditions: loss is nan, expected a number from 0 to 1"),
        (Conditions, {"loss": 1.5}, "conditions: loss is 1.5, expected a number from 0 to 1"),
        (Conditions, {"rto": 0}, "conditions: rto is 0, expected a number from 0.001 to 60 seconds"),
        (Conditions, {"dns": "no"}, "conditions: dns is 'no', expected one of works, fails, silent"),
        (
            Conditions,
            {"gap_interval": 2, "gap_duration": 3},
            "conditions: gap_duration is 3, expected 2 seconds at most, as gap_interval",
        ),
        (
            Conditions,
            {"delay": 1},
            (
                "conditions: 'delay' is not a known key; did you mean 'dns_delay'? One of: rtt, jitter, uplink, "
                "downlink, loss"
            ),
        ),
        (ConnectionDisruption, {}, "connection disruption: how is missing, expected one of reset, close, half_open"),
        (
            ConnectionDisruption,
            {"how": "reset", "client": "a"},
            "connection disruption: client is 'a', expected a whole number from 0 to 99",
        ),
        (Fault, {"packet": "PUBACK"}, "fault: action is missing, expected one of drop, delay, duplicate, corrupt, "),
        (Fault, {"packet": "PINGRESP", "action": "drop", "nth": 0}, "fault: nth is 0, expected a whole number from 1"),
        (Fault, {"packet": "PINGRESP", "action": "drop", "nth": 1.5}, "fault: nth is 1.5, expected a whole number"),
        (
            Fault,
            {"packet": "PINGRESP", "action": "drop", "direction": "out"},
            "fault: direction is 'out', expected in, as PINGR",
        ),
        (
            Fault,
            {"packet": "CONNECT", "action": "drop", "direction": "in"},
            "fault: direction is 'in', expected out, as CONNECT",
        ),
        (
            Fault,
            {"packet": "PUBACK", "action": "refuse"},
            "fault: packet is 'PUBACK', expected one of CONNECT, CONNACK, SUBACK, as refuse takes",
        ),
        (Fault, {"packet": "PUBACK", "action": "delay"}, "fault: seconds is 0, expected more than 0, as delay takes"),
        (Fault, {"packet": "CONNACK", "action": "refuse", "code": 256}, "fault: code is 256, expected a whole number"),
    ],
)
def test_the_error_names_the_field_and_what_was_expected(kind: type, values: dict[str, object], error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)) as raised:
        read(kind, values)
    assert str(raised.value).startswith(error)


def test_what_is_made_in_python_is_held_to_the_same() -> None:
    with pytest.raises(ValueError, match=r"^conditions: jitter is 61, expected a number from 0 to 60 seconds$"):
        Conditions(jitter=61)
    wrong: Any = "explode"
    with pytest.raises(ValueError, match=r"^fault: action is 'explode', expected one of"):
        Fault("PUBACK", wrong)


def test_profiles_by_name() -> None:
    assert list(PROFILES) == ["lab", "cat1", "nbiot", "edge-of-cell", "tunnel"]
    assert profile("lab") == LAB == Conditions()
    assert [name for name, conditions in PROFILES.items() if not conditions.uses_random] == ["lab"]
    with pytest.raises(LookupError) as raised:
        profile("5g")
    message = "'5g' is not a known network profile. One of: lab, cat1, nbiot, edge-of-cell, tunnel"
    assert str(raised.value.args[0]) == message


@pytest.mark.parametrize(
    ("conditions", "uses_random"),
    [
        (
            Conditions(
                rtt=1,
                uplink=1,
                downlink=1,
                loss=1,
                gap_interval=2,
                gap_duration=1,
                dns="fails",
                connect_result="refused",
            ),
            False,
        ),
        (Conditions(jitter=0.1), True),
        (Conditions(loss=0.1), True),
        (Conditions(reset_interval=1), True),
        (Conditions(half_open_interval=1), True),
    ],
)
def test_whether_chance_has_a_part(conditions: Conditions, uses_random: bool) -> None:
    assert conditions.uses_random is uses_random
