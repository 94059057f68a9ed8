"""Scenarios where there is a broker: messages that steps publish, and messages that they wait for."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from modemlab.broker.router import make_message
from modemlab.mqtt.packets import Publish
from modemlab.scenario.actions import VOCABULARY, Term, Wrong, only
from modemlab.scenario.events import Event
from modemlab.scenario.file import Scenario, Words
from modemlab.scenario.matchers import MOMENTS, Message, arrived
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


def beside(
    scenario: Scenario | None,
    publish: Callable[[str, bytes, int, bool], None],
    observe: Callable[[Callable[[str, Publish], None]], object],
    soon: Callable[[Callable[[], None]], object],
) -> Scenario | None:
    """The scenario, if there is one, beside a broker: `publish` and `observe` are the broker's, `soon` is as in
    `Messages`.
    """
    if scenario is None:
        return None
    messages = Messages(publish, soon)
    observe(messages.arrive)
    return scenario._replace(messages=messages)


class Messages:
    """What a scenario has of a broker."""

    __slots__ = ("_publish", "_soon", "_tell")

    def __init__(
        self, publish: Callable[[str, bytes, int, bool], None], soon: Callable[[Callable[[], None]], object]
    ) -> None:
        """`publish` has the broker publish, `soon` calls back behind all that happens now."""
        self._publish, self._soon = publish, soon
        self._tell: Callable[[Event], None] = lambda _event: None

    def watch(self, tell: Callable[[Event], None]) -> None:
        """Tell that of each message that arrives."""
        self._tell = tell

    def arrive(self, client_id: str, message: Publish) -> None:
        """A message came to the broker."""
        self._soon(partial(self._tell, arrived(client_id, message)))

    def publish(self, arguments: Mapping[str, Any]) -> None:
        """Publish, as a step has it."""
        self._publish(*read_message(arguments))
