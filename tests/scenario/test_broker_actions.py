"""Scenarios where there is a broker: what steps publish, and messages that they wait for."""

import asyncio
import re
from collections.abc import Callable

import pytest

from modemlab.dialect.registry import find_model
from modemlab.lab.lab import Lab
from modemlab.mqtt.packets import Publish
from modemlab.ports.memory import MemoryPort
from modemlab.scenario.broker_actions import ScenarioBesideBroker
from modemlab.scenario.events import Event, MessageArrived, UrcPrinted
from modemlab.scenario.file import read_scenario
from modemlab.scenario.player import play
from modemlab.virtual.module import VirtualModule

OPENING = (
    ("ATE0", None),
    ('AT+QMTOPEN=0,"broker.example",1883', "+QMTOPEN: 0,0"),
    ('AT+QMTCONN=0,"pump-7"', "+QMTCONN: 0,0,0"),
    ('AT+QMTSUB=0,1,"pump/7/#",1', "+QMTSUB: 0,1,0,1"),
)
CLOUD = r"""
[[step]]
after = { packet = "SUBACK", direction = "in" }
wait = 2
action = { do = "publish", topic = "pump/7/set", payload = '{"rpm":900}', qos = 1 }

[[step]]
after = { topic = "pump/+/state", payload_like = '\{.*\}' }
action = [
    { do = "publish", topic = "pump/7/ack", payload_hex = "000D0Aff" },
    { do = "set_signal", signal = [9, 99] },
]
"""


def published(lab: Lab, payload: bytes) -> None:
    """Have the module publish, and wait until the broker has it."""
    assert lab.command(f'AT+QMTPUBEX=0,0,0,0,"pump/7/state",{len(payload)}', data=payload) == ["OK"]
    lab.expect(topic="pump/7/state", payload=payload.decode())


@pytest.mark.parametrize("port", ["memory", "tcp"])
def test_a_cloud_speaks_by_the_clock_and_in_answer(port: str) -> None:
    """A while after a packet, and upon a message that fits; what else a step does is done too."""
    with Lab(port=port, scenario=CLOUD) as lab:
        for line, urc in OPENING:
            assert lab.command(line) == ["OK"]
            if urc is not None:
                lab.expect(urc=urc)
        subscribed = lab.now
        if port == "tcp":
            lab.advance(2)
        lab.expect(line=r'\+QMTRECV: 0,\d+,"pump/7/set","\{"rpm":900\}"')
        if port == "memory":
            assert lab.now - subscribed == pytest.approx(2, abs=1e-3)
        published(lab, b"no")
        lab.expect(topic="pump/7/state", payload="no", nth=1)
        lab.expect(line=".*pump/7/ack.*", never=True)
        assert lab.command("AT+CSQ") == ["+CSQ: 24,99", "OK"]
        published(lab, b'{"rpm":900}')
        lab.expect(line='\\+QMTRECV: 0,0,"pump/7/ack","\0')
        assert lab.command("AT+CSQ") == ["+CSQ: 9,99", "OK"]
        assert [each for each in lab.messages if not each.client_id] == [
            MessageArrived("", "pump/7/set", b'{"rpm":900}', 1, False),
            MessageArrived("", "pump/7/ack", b"\0\r\n\xff", 0, False),
        ]
        assert "scenario: step 1: publish(topic='pump/7/set'" in lab.traffic


def test_its_own_messages_are_none_that_are_waited_for() -> None:
    """A step that publishes does not set off one that waits for what clients publish."""
    steps = '[[step]]\nat = 1\naction = { do = "publish", topic = "a" }\n'
    steps += '[[step]]\nafter = { topic = "a" }\naction = { do = "power_cycle" }\n'
    with Lab(scenario=steps) as lab:
        lab.expect(urc="RDY")
        lab.advance(10)
        assert [message.topic for message in lab.messages] == ["a"]
        lab.expect(urc="RDY", nth=2, never=True)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("do = 'publish'", "publish: topic is '': "),
        ("do = 'publish', topic = 'a/#'", "publish: topic is 'a/#': "),
        ("do = 'publish', topic = 7", "publish: topic is 7, expected a topic"),
        ("do = 'publish', topic = 'a', payload = 7", "publish: payload is 7, expected a text"),
        ("do = 'publish', topic = 'a', payload_hex = '0'", "publish: payload_hex is '0', expected bytes in"),
        ("do = 'publish', topic = 'a', payload_hex = '', payload = ''", "publish: payload_hex stands beside payload"),
        ("do = 'publish', topic = 'a', qos = 3", "publish: qos is 3, expected one of 0, 1, 2"),
        ("do = 'publish', topic = 'a', qos = true", "publish: qos is True, expected one of 0, 1, 2"),
        ("do = 'publish', topic = 'a', retain = 1", "publish: retain is 1, expected true or false"),
        ("do = 'publish', topic = 'a', text = 'b'", "publish: 'text' is not a known argument. One of: topic, payload,"),
        ("do = 'say'", "'say' is not a known action. One of: insert_sim, "),
    ],
)
def test_what_is_wrong_is_one_line(action: str, reason: str) -> None:
    text = f"[[step]]\nat = 1\naction = {{ {action} }}\n"
    with pytest.raises(ValueError, match=rf"^line 3: {re.escape(reason)}") as caught:
        read_scenario(text, kind=ScenarioBesideBroker)
    assert "\n" not in str(caught.value)


def test_without_a_broker_there_are_no_messages() -> None:
    """`modemlab module --scenario` says so."""
    with pytest.raises(ValueError, match=r"^line 3: 'publish' is not a known action. One of: insert_sim, "):
        read_scenario('[[step]]\nat = 1\naction = { do = "publish", topic = "a" }\n')
    with pytest.raises(ValueError, match=r"^line 2: after is .* expected a table with one of packet, command, urc, cl"):
        read_scenario('[[step]]\nafter = { topic = "a" }\naction = { do = "power_cycle" }\n')


class NobodyAsks:
    """A broker that is to be left alone."""

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        raise AssertionError(topic)

    def observe(self, observer: Callable[[str, Publish], None]) -> None:
        raise AssertionError(observer)


def test_a_scenario_without_steps_leaves_the_broker_alone() -> None:
    """What is told of the module alone costs the broker's messages nothing."""

    async def main() -> list[Event]:
        told: list[Event] = []
        vm = VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort])
        play(vm, None, NobodyAsks(), told.append)
        async with vm:
            return told

    assert UrcPrinted("RDY") in asyncio.run(main())
