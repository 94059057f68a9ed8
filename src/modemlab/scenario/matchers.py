"""What can be waited for: each matcher says which events fit, and which of these is meant.

A matcher is a table of a file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from modemlab.dialect.mqtt_events import State
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.topics import check_filter, matches
from modemlab.net.delay_queue import Direction
from modemlab.net.packet_faults import FROM_MODULE, FROM_SERVER, NAMES, the_way
from modemlab.scenario.commands import COMMAND, name_of
from modemlab.scenario.events import ClientStateChanged, CommandStarted, Event, MessageArrived, PacketPassed, UrcPrinted
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, reason_of
from modemlab.transcripts.pattern import compile_pattern
from modemlab.validation.fields import Flag, Number, OneOf, PlainText, Table, TextField, check
from modemlab.validation.input_errors import MISSING, InputMistake, InvalidInput

MAX_NTH = 1_000_000_000
STATES = {state.name.lower(): state for state in State}
DIRECTIONS = {"in": Direction.DOWNLINK, "out": Direction.UPLINK}


class PatternField(TextField):
    """A regular expression, as a transcript's."""

    __slots__ = ()

    def fits(self, value: object) -> bool:
        return isinstance(value, str) and self.reason(value) is None

    def expected(self, given: object) -> Reason:
        """In words, and what is wrong with it."""
        reason = self.reason(given) if isinstance(given, str) else None
        return Sentence(N_("{expected}, but {reason}"), expected=self.words, reason=reason) if reason else self.words

    def reason(self, text: str) -> Reason | None:
        """Why a text is none; None if it is one."""
        try:
            compile_pattern(text)
        except ValueError as error:
            return reason_of(error)
        return None


class TopicFilter(TextField):
    """A topic filter."""

    __slots__ = ()

    def fits(self, value: object) -> bool:
        try:
            check_filter(value if isinstance(value, str) else "")
        except ValueError:
            return False
        return True


NTH = Number(1, MAX_NTH, whole=True)
PATTERN = PatternField(N_("a regular expression"))


class Matcher(Table):
    """What a step waits for: the `nth` event that fits."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class PacketMatcher(Matcher):
    """A packet passes: out as the module sends it, in as it reaches the module."""

    packet: Annotated[str, OneOf(NAMES)]
    direction: Annotated[str | None, OneOf(tuple(DIRECTIONS))] = None
    nth: Annotated[int, NTH] = 1

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        only = "out" if self.packet in FROM_MODULE else "in" if self.packet in FROM_SERVER else None
        if only is not None and self.direction not in (only, None):
            raise InvalidInput.misfit(self, "direction", the_way(only, self.packet))
        if only is None and self.direction is None:
            expected = Sentence(N_("in or out, as {packet} goes both ways"), packet=self.packet)
            raise InvalidInput(InputMistake(MISSING, "direction", expected=expected, path=("direction",)))

    def fits(self, event: Event) -> bool:
        if not isinstance(event, PacketPassed) or event.packet != self.packet:
            return False
        return self.direction is None or DIRECTIONS[self.direction] is event.direction


@dataclass(frozen=True, slots=True)
class CommandMatcher(Matcher):
    """The module begins to answer a command, `AT` ahead of its name or not."""

    command: Annotated[str, COMMAND]
    nth: Annotated[int, NTH] = 1

    @property
    def name(self) -> str:
        """The name as dialects have it."""
        return name_of(self.command)

    def fits(self, event: Event) -> bool:
        return isinstance(event, CommandStarted) and event.command == self.name


@dataclass(frozen=True, slots=True)
class UrcMatcher(Matcher):
    """The module tells a URC that begins so."""

    urc: Annotated[str, PlainText(N_('the beginning of a URC, such as "+QMTSTAT: 0"'))]
    nth: Annotated[int, NTH] = 1

    def fits(self, event: Event) -> bool:
        return isinstance(event, UrcPrinted) and event.line.startswith(self.urc)


@dataclass(frozen=True, slots=True)
class ClientMatcher(Matcher):
    """An MQTT client comes into a state."""

    client: Annotated[int, Number(0, 99, whole=True)]
    state: Annotated[str, OneOf(tuple(STATES))]
    nth: Annotated[int, NTH] = 1

    def fits(self, event: Event) -> bool:
        return (
            isinstance(event, ClientStateChanged) and event.client == self.client and event.state is STATES[self.state]
        )


@dataclass(frozen=True, slots=True)
class MessageMatcher(Matcher):
    """A client's message arrives at the broker: exactly that payload, or one that a pattern matches whole."""

    topic: Annotated[str, TopicFilter(N_("a topic, or a filter of topics"))]
    payload: Annotated[str | None, TextField(N_("a text"))] = None
    payload_like: Annotated[str | None, PATTERN] = None
    qos: Annotated[int | None, Number(0, 2, whole=True)] = None
    retain: Annotated[bool | None, Flag()] = None
    nth: Annotated[int, NTH] = 1

    def fits(self, event: Event) -> bool:
        if not isinstance(event, MessageArrived) or not event.client_id or not matches(self.topic, event.topic):
            return False
        text = event.payload.decode("utf-8", "backslashreplace")
        return (
            (self.payload is None or self.payload.encode() == event.payload)
            and (self.payload_like is None or compile_pattern(self.payload_like, re.DOTALL).fullmatch(text))
            and self.qos in (None, event.qos)
            and self.retain in (None, event.retain)
        )


# What can be waited for, by the key that says it, each with the other keys that stand beside it.
MATCHERS: Mapping[str, type[Matcher]] = {
    "packet": PacketMatcher,
    "command": CommandMatcher,
    "urc": UrcMatcher,
    "client": ClientMatcher,
}


def arrived(client_id: str, message: Publish) -> MessageArrived:
    """A message as it arrived."""
    return MessageArrived(client_id, message.topic, message.payload, message.qos, message.retain)
