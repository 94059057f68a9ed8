"""What can be waited for: each matcher says which events fit, and which of these is meant.

A matcher is a data class made of a table of a file; a field that does not fit is `Unfit`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from modemlab.dialect.mqtt_events import State
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.topics import check_filter, matches
from modemlab.net.delay_queue import Way
from modemlab.net.faults import FROM_MODULE, FROM_SERVER, NAMES
from modemlab.scenario.actions import name_of
from modemlab.scenario.events import Arrived, Commanded, Event, Moment, Passed, Told, Turned
from modemlab.transcripts.pattern import compile_pattern
from modemlab.validation.fields import Number, PlainText, Unfit, check, one_of, taking, whole, wrong

MOST_NTH = 1_000_000_000
STATES = {state.name.lower(): state for state in State}
WAYS = {"in": Way.DOWN, "out": Way.UP}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, as a transcript's."""

    def fits(self, value: object) -> bool:
        """Whether it may be one; `check_pattern` tells."""
        return isinstance(value, str)

    def __str__(self) -> str:
        """In words."""
        return "a regular expression"


def check_pattern(value: object, name: str) -> None:
    """Hold a field that is a pattern to what patterns take. Raises ValueError with one line."""
    text = getattr(value, name)
    try:
        compile_pattern(text)
    except ValueError as error:
        raise wrong(type(value), name, text, f"a regular expression, but {error}") from None


@dataclass(frozen=True, slots=True)
class Filter:
    """A topic filter."""

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        try:
            check_filter(value if isinstance(value, str) else "")
        except ValueError:
            return False
        return True

    def __str__(self) -> str:
        """In words."""
        return "a topic, or a filter of topics"


@dataclass(frozen=True, slots=True)
class Of:
    """A value of that type."""

    kind: type
    what: str

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, self.kind)

    def __str__(self) -> str:
        """In words."""
        return self.what


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet passes: out as the module sends it, in as it reaches the module."""

    packet: str = one_of(NAMES)
    way: str | None = one_of(tuple(WAYS), None)
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        only = "out" if self.packet in FROM_MODULE else "in" if self.packet in FROM_SERVER else None
        if only is not None and self.way not in (only, None):
            raise wrong(Packet, "way", self.way, f"{only}, as {self.packet} goes")
        if only is None and self.way is None:
            raise Unfit("packet", "", f"way is missing, expected in or out, as {self.packet} goes both ways")

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        if not isinstance(event, Passed) or event.packet != self.packet:
            return False
        return self.way is None or WAYS[self.way] is event.way


@dataclass(frozen=True, slots=True)
class Command:
    """The module begins to answer a command, `AT` ahead of its name or not."""

    command: str = taking(PlainText('a command\'s name, such as "AT+QMTOPEN"'))
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    @property
    def name(self) -> str:
        """The name as dialects have it."""
        return name_of(self.command)

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        return isinstance(event, Commanded) and event.command == self.name


@dataclass(frozen=True, slots=True)
class Urc:
    """The module tells a URC that begins so."""

    urc: str = taking(PlainText('the beginning of a URC, such as "+QMTSTAT: 0"'))
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        return isinstance(event, Told) and event.line.startswith(self.urc)


@dataclass(frozen=True, slots=True)
class Client:
    """An MQTT client comes into a state."""

    client: int = taking(Number(0, 99, "", whole=True))
    state: str = one_of(tuple(STATES))
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        return isinstance(event, Turned) and event.client == self.client and event.state is STATES[self.state]


@dataclass(frozen=True, slots=True)
class Message:
    """A client's message arrives at the broker: exactly that payload, or one that a pattern matches whole."""

    topic: str = taking(Filter())
    payload: str | None = taking(Of(str, "a text"), None)
    payload_like: str | None = taking(Pattern(), None)
    qos: int | None = whole(None, 2)
    retain: bool | None = taking(Of(bool, "true or false"), None)
    nth: int = whole(1, MOST_NTH, least=1)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)
        if self.payload_like is not None:
            check_pattern(self, "payload_like")

    def fits(self, event: Event) -> bool:
        """Whether that event is one."""
        if not isinstance(event, Arrived) or not event.client_id or not matches(self.topic, event.topic):
            return False
        text = event.payload.decode("utf-8", "backslashreplace")
        return (
            (self.payload is None or self.payload.encode() == event.payload)
            and (self.payload_like is None or compile_pattern(self.payload_like, re.DOTALL).fullmatch(text))
            and self.qos in (None, event.qos)
            and self.retain in (None, event.retain)
        )


# What can be waited for, by the key that says it, each with the other keys that stand beside it.
MOMENTS: Mapping[str, type[Moment]] = {"packet": Packet, "command": Command, "urc": Urc, "client": Client}


def arrived(client_id: str, message: Publish) -> Arrived:
    """A message as it arrived."""
    return Arrived(client_id, message.topic, message.payload, message.qos, message.retain)
