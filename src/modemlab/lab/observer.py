"""Sees all that passes between a host, its module and a broker: kept as traffic, and told as events."""

from collections.abc import Callable
from typing import Any

from modemlab.lab.closest_events import HostMistake, LabEvent, LinePrinted
from modemlab.module.log_notes import Note
from modemlab.module.observer import Observer
from modemlab.mqtt.packets import Publish
from modemlab.ports.trace import Trace
from modemlab.scenario.events import Event
from modemlab.scenario.matchers import arrived
from modemlab.virtual.traffic_log import Traffic

# A line of the module's that is longer is told in pieces.
MAX_LINE_BYTES = 1 << 16
# Characters of traffic that are shown at a time; a line has a few thousand at most.
MAX_SHOWN_CHARACTERS = 1 << 16


class LabObserver(Observer):
    """What one module is given to be watched by; see `options`. `traffic` keeps the latest of the trace."""

    __slots__ = ("_begun", "_now", "_on_event", "_on_output", "trace", "traffic")

    def __init__(
        self, on_event: Callable[[LabEvent, float], None], on_output: Callable[[bytes], None], now: Callable[[], float]
    ) -> None:
        """`on_event` gets each event and its time by `now`, in seconds; `on_output` what the module sends."""
        self._on_event, self._on_output, self._now = on_event, on_output, now
        self._begun = b""
        self.traffic = Traffic()
        self.trace = Trace(self.traffic, now=now)

    @property
    def options(self) -> dict[str, Any]:
        """What a `VirtualModule` is made with."""
        return {"observers": (self.trace, self), "mistakes": True}

    def on_output(self, data: bytes, line: str) -> None:
        self._on_output(data)
        *lines, self._begun = (self._begun + data).split(b"\r\n")
        for each in lines:
            self.report(LinePrinted(each.decode("utf-8", "backslashreplace").strip()))
        if len(self._begun) > MAX_LINE_BYTES:
            self._begun = b""

    def on_note(self, note: Note) -> None:
        """The host may have made a mistake."""
        if note.mistake is not None:
            self.report(HostMistake(f"{note.mistake.subject}: {note.mistake}"))

    def report(self, event: Event | LabEvent) -> None:
        """Tell of an event, which is now."""
        self._on_event(event, self._now())

    def on_message(self, client_id: str, message: Publish) -> None:
        """A message came to the broker."""
        self.report(arrived(client_id, message))

    def log(self, text: str) -> None:
        """The broker has something to say."""
        self.trace.say(f"broker: {text}")

    def shown(self, maximum: int) -> str:
        """The latest of `maximum` lines of traffic, of `MAX_SHOWN_CHARACTERS` characters: the seconds, who spoke, and
        what.
        """
        latest = self.traffic.since(max(0, self.traffic.count - maximum), maximum)
        lines: list[str] = []
        left = MAX_SHOWN_CHARACTERS
        for _, entry in reversed(latest):
            line = f"{entry.time:9.3f} {entry.mark} {entry.text}"
            left -= len(line) + 1
            if left < 0:
                break
            lines.insert(0, line)
        first = [f"(the latest {len(lines)} of {self.traffic.count} lines)"] if len(lines) < self.traffic.count else []
        return "\n".join(first + lines)
