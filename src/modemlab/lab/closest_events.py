"""What happened while something was expected, in words, and what of it came nearest to that."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from modemlab.lab.masked_reports import masked, masked_bytes
from modemlab.mqtt.topics import matches
from modemlab.net.delay_queue import Direction
from modemlab.scenario.events import ClientStateChanged, CommandStarted, Event, MessageArrived, PacketPassed, UrcPrinted

# Of what came instead: how many of the latest are kept, and shown; characters of each that are kept, and compared.
MAX_OTHERS, MAX_SHOWN, MAX_OTHER_CHARACTERS, MAX_COMPARED_CHARACTERS = 1000, 3, 200, 80


class LinePrinted(NamedTuple):
    """The module said a line; an echo is one."""

    line: str

    def __str__(self) -> str:
        return repr(self.line)


class ProgramExited(NamedTuple):
    """The host's program ended: its status, or a signal's number as a negative one."""

    status: int

    def __str__(self) -> str:
        return f"exit status {self.status}" if self.status >= 0 else f"ended by signal {-self.status}"


class HostMistake(NamedTuple):
    """The host made a mistake."""

    text: str

    def __str__(self) -> str:
        return self.text


LabEvent = Event | LinePrinted | ProgramExited | HostMistake


class TimedEvent(NamedTuple):
    """An event, and when it came, in seconds from the start."""

    event: LabEvent
    at: float


def shortened(event: LabEvent) -> LabEvent:
    """An event, with no more of its texts than is shown."""
    if isinstance(event, LinePrinted | UrcPrinted):
        return event._replace(line=event.line[:MAX_OTHER_CHARACTERS])
    if isinstance(event, MessageArrived):
        return event._replace(topic=event.topic[:MAX_OTHER_CHARACTERS], payload=event.payload[:MAX_OTHER_CHARACTERS])
    return event


def nearest_of(wanted: object, others: Iterable[TimedEvent]) -> list[TimedEvent]:
    """Those that are most like what is expected, the nearest first, `MAX_SHOWN` at most; of equal ones the latest.

    How like an event is counts the keys of what is expected that it has, then how like their texts are.
    """
    latest = {word_of(came.event): came for came in others}
    ranked = sorted(latest.values(), key=lambda came: (likeness(wanted, came.event), came.at), reverse=True)
    return ranked[:MAX_SHOWN]


def likeness(wanted: object, event: LabEvent) -> float:
    """How much of what is expected an event has; the key that it goes by counts as much as all others."""
    score, weight = 0.0, 4
    for name, value in values_of(event).items():
        expected = getattr(wanted, name, None)
        if isinstance(expected, str) and not (name == "topic" and matches(expected, str(value))):
            score += weight * alike(expected, str(value))
        elif expected is not None:
            score += weight * (name == "topic" or value == expected)
        weight = 1
    return score


def values_of(event: LabEvent) -> dict[str, object]:
    """An event by the keys of what can be expected of it."""
    if isinstance(event, PacketPassed):
        return {"packet": event.packet, "direction": "out" if event.direction is Direction.UPLINK else "in"}
    if isinstance(event, CommandStarted):
        return {"command": f"AT{event.command}"}
    if isinstance(event, UrcPrinted):
        return {"urc": event.line}
    if isinstance(event, ClientStateChanged):
        return {"client": event.client, "state": event.state.name.lower()}
    if isinstance(event, LinePrinted):
        return {"line": event.line}
    if isinstance(event, MessageArrived):
        text = event.payload.decode("utf-8", "backslashreplace")
        return {"topic": event.topic, "payload": text, "payload_like": text, "qos": event.qos, "retain": event.retain}
    return {}


def alike(expected: str, text: str) -> float:
    """How like two texts are, from 0 to 1; of a longer one its beginning counts."""
    if text == expected:
        return 1.0
    wanted = expected.replace("\\", "")[:MAX_COMPARED_CHARACTERS]
    return 0.9 * SequenceMatcher(None, wanted, text[: len(wanted) + 20], autojunk=False).ratio()


def word_of(event: LabEvent | None) -> str:
    """An event in words."""
    if isinstance(event, PacketPassed):
        return f"{event.packet} {'out' if event.direction is Direction.UPLINK else 'in'}"
    if isinstance(event, CommandStarted):
        return f"AT{event.command}"
    if isinstance(event, UrcPrinted):
        return repr(event.line)
    if isinstance(event, ClientStateChanged):
        return f"client {event.client} {event.state.name.lower()}"
    return str(event)


def masked_word_of(event: LabEvent | None) -> str:
    """An event in words, without secrets."""
    if isinstance(event, LinePrinted | UrcPrinted):
        event = event._replace(line=masked(event.line))
    elif isinstance(event, MessageArrived):
        event = event._replace(payload=masked_bytes(event.payload))
    return word_of(event)
