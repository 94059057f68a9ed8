"""Scenarios where there is a broker: messages that steps publish, and messages that they wait for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from modemlab.broker.router import make_message
from modemlab.scenario.actions import VOCABULARY, Term, Wrong, only
from modemlab.scenario.file import Words
from modemlab.scenario.matchers import MOMENTS, Message
from modemlab.validation.fields import misfit

PUBLISH = "publish"


def read_message(arguments: Mapping[str, Any]) -> tuple[str, bytes, int, bool]:
    """Topic, payload, QoS and retain of a message, whose payload is a text or hexadecimal. Raises `Wrong`."""
    only(arguments, ("topic", "payload", "payload_hex", "qos", "retain"))
    if "payload" in arguments and "payload_hex" in arguments:
        raise Wrong("payload_hex", "payload_hex stands beside payload, expected one of them")
    for name, kind, words in (
        ("topic", str, "a topic"),
        ("payload", str, "a text"),
        ("payload_hex", str, "a text"),
        ("retain", bool, "true or false"),
    ):
        if not isinstance(arguments.get(name, kind()), kind):
            raise Wrong(name, misfit(name, arguments[name], words))
    qos, retain = arguments.get("qos", 0), arguments.get("retain", False)
    if isinstance(qos, bool) or qos not in (0, 1, 2):
        raise Wrong("qos", misfit("qos", qos, "0, 1 or 2"))
    try:
        payload = bytes.fromhex(arguments["payload_hex"]) if "payload_hex" in arguments else b""
    except ValueError:
        given = misfit("payload_hex", arguments["payload_hex"], "bytes in hexadecimal")
        raise Wrong("payload_hex", given) from None
    topic = arguments.get("topic", "")
    try:
        message = make_message(topic, payload or arguments.get("payload", "").encode(), qos, retain)
    except ValueError as error:
        raise Wrong("topic", f"topic is {topic!r:.60}: {error}") from None
    return message.topic, message.payload, message.qos, message.retain


WITH_BROKER = Words(
    {**MOMENTS, "topic": Message},
    {
        **VOCABULARY,
        PUBLISH: Term(
            "the broker publishes a message",
            MappingProxyType({"topic": "pump/7/set", "payload": "off", "qos": 1, "retain": False}),
            read_message,
        ),
    },
)
