"""Scenarios where there is a broker: messages that steps publish, and messages that they wait for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from modemlab.broker.router import make_message
from modemlab.mqtt.packets import Publish
from modemlab.scenario.actions import ACTIONS
from modemlab.scenario.events import EventMatcher
from modemlab.scenario.file import STEP_ACTIONS, STEPS, ScenarioDocument, ScenarioStep
from modemlab.scenario.matchers import MATCHERS, MessageMatcher
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, reason_of
from modemlab.validation.actions import Action, action, by_name
from modemlab.validation.fields import Flag, OneOf, TextField, check
from modemlab.validation.input_errors import InvalidInput
from modemlab.validation.one_of_tables import ByKey, ByName


@action("publish", "the broker publishes a message", topic="pump/7/set", payload="off", qos=1, retain=False)
class PublishMessage(Action):
    """A message of the broker's, whose payload is a text or hexadecimal."""

    topic: Annotated[str, TextField(N_("a topic"))] = ""
    payload: Annotated[str | None, TextField(N_("a text"))] = None
    payload_hex: Annotated[str | None, TextField(N_("bytes in hexadecimal"), r"\s*([0-9A-Fa-f]{2}\s*)*")] = None
    qos: Annotated[int, OneOf((0, 1, 2))] = 0
    retain: Annotated[bool, Flag()] = False

    def __post_init__(self) -> None:
        """Hold the fields to what they take, and to each other."""
        check(self)
        if self.payload is not None and self.payload_hex is not None:
            reason = Sentence(N_("payload_hex stands beside payload, expected one of them"))
            raise InvalidInput.said(reason, "payload_hex")
        try:
            _ = self.message
        except ValueError as error:
            reason = Sentence(N_("topic is {topic}: {reason}"), topic=f"{self.topic!r:.60}", reason=reason_of(error))
            raise InvalidInput.said(reason, "topic") from None

    @property
    def message(self) -> Publish:
        """The message."""
        payload = (self.payload or "").encode() if self.payload_hex is None else bytes.fromhex(self.payload_hex)
        return make_message(self.topic, payload, self.qos, self.retain)


ACTIONS_BESIDE_BROKER: Mapping[str, type[Action]] = {**ACTIONS, **by_name(PublishMessage)}
ANY_ACTION_BESIDE_BROKER = Annotated[Action, ByName(ACTIONS_BESIDE_BROKER, N_("an action"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBesideBroker(ScenarioStep):
    """A step, which may wait for messages and publish them."""

    after: Annotated[EventMatcher | None, ByKey({**MATCHERS, "topic": MessageMatcher}, "after")] = None
    action: Annotated[tuple[ANY_ACTION_BESIDE_BROKER, ...], STEP_ACTIONS]


@dataclass(frozen=True, slots=True)
class ScenarioBesideBroker(ScenarioDocument):
    """What a file says, where there is a broker."""

    step: Annotated[tuple[StepBesideBroker, ...], STEPS]
