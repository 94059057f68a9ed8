"""A module in memory with conditions and faults on its streams, a server that answers, and a clock of its own."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import Any

from modemlab.dialect.network import HttpAnswer, HttpError, QueryAnswer, StreamError
from modemlab.lab.in_memory_answers import answer_to
from modemlab.module import effects as e
from modemlab.module.log_notes import Note
from modemlab.module.mobile_actions import read_mobile_action
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from modemlab.mqtt import packets as mqtt
from modemlab.net.conditions import Conditions, ConnectionDisruption
from modemlab.net.impairment import NetworkImpairment
from modemlab.net.streams import Owner
from support.helpers import make_module
from support.http import written


class Handle:
    """A timer that is set."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Do not call."""
        self.callback = None


class Clock:
    """Time that passes when a test says so; a loop as far as timers go."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[tuple[float, int, Handle]] = []
        self._number = count()

    def __call__(self) -> float:
        """The time."""
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> Handle:
        """Set a timer."""
        handle = Handle(callback)
        heapq.heappush(self._timers, (self.now + delay, next(self._number), handle))
        return handle

    @property
    def next(self) -> float | None:
        """When the next timer comes."""
        return self._timers[0][0] if self._timers else None

    def pass_until(self, until: float) -> None:
        """Let time pass, from one timer to the next."""
        while self._timers and self._timers[0][0] <= until:
            at, _, handle = heapq.heappop(self._timers)
            self.now = max(self.now, at)
            if handle.callback is not None:
                handle.callback()
        self.now = until


# Errors of HTTP requests that have no connection.
NO_CONNECTION = {HttpError.NAME: StreamError.NAME, HttpError.SOCKET: StreamError.REFUSED}


class Net:
    """Streams on paper, each with a server that answers as a broker does. `sent` is what reached the servers."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.owner: Owner | None = None
        self.sent: list[tuple[float, int, bytes]] = []
        self.events: list[tuple[float, str, int]] = []
        self.standing: dict[int, mqtt.Decoder] = {}
        self.closed: set[int] = set()
        # What the server sends and when it is asked to connect; None connects, an error refuses.
        self.error: StreamError | None = None
        # It answers no packet; it does not even answer who connects.
        self.silent = self.deaf = False
        self.closes_after_disconnect = True
        # What HTTP requests end in; until it is known their connections wait.
        self.web: HttpAnswer | HttpError | None = None
        self.asking: set[int] = set()
        self.waiting: set[int] = set()
        # What pings and datagrams are answered with; None as a network in memory does.
        self.answer: QueryAnswer | None = None
        # The date and time when the clock is at 0, in seconds since 1970.
        self.utc = 0.0

    def perform(self, effects: Sequence[e.Effect]) -> None:
        """Do it at once."""
        for effect in effects:
            match effect:
                case e.OpenStream(stream):
                    self._note("open", stream)
                    if effect.client is None:
                        self.asking.add(stream)
                    self.clock.call_later(0.0, lambda stream=stream: self._open(stream))  # type: ignore[misc]
                case e.SendStream(stream, data):
                    self.sent.append((self.clock.now, stream, data))
                    self._serve(stream, data)
                case e.CloseStream(stream):
                    self._note("close", stream)
                    self._end(stream)
                case e.PauseStream(stream):
                    self._note("pause", stream)
                case e.ResumeStream(stream):
                    self._note("resume", stream)
                case e.Resolve() | e.Ping() | e.SendDatagram():
                    self.clock.call_later(0.0, partial(self._answer, effect))
                case e.Forget(query):
                    self._note("forget", query)

    def reset(self, stream: int) -> None:
        """The stream is reset."""
        self._note("reset", stream)
        self._end(stream)

    def set_owner(self, owner: Owner) -> None:
        """Another owner is told."""
        self.owner = owner

    def set_reading_paused(self, held: bool) -> None:
        """All are held."""
        self._note("hold" if held else "release", 0)

    async def close(self) -> None:
        """All are dropped."""
        self.standing.clear()

    def say(self, stream: int, data: bytes) -> None:
        """The server says this."""
        assert self.owner is not None
        if stream in self.standing:
            self.owner.on_reply(e.StreamReceived(stream, data))

    def hang_up(self, stream: int) -> None:
        """The server closes."""
        assert self.owner is not None
        del self.standing[stream]
        self.owner.on_reply(e.StreamClosed(stream))

    def _answer(self, query: e.Resolve | e.Ping | e.SendDatagram) -> None:
        """A query is answered as a network in memory does, or as the test has it."""
        assert self.owner is not None
        given = None if isinstance(query, e.Resolve) else self.answer
        answer = given or answer_to(query, self.utc + self.clock.now)
        if answer is not None and not (self.silent and isinstance(query, e.Ping | e.SendDatagram)):
            self.owner.on_reply(e.QueryAnswered(query.query, answer))

    def _end(self, stream: int) -> None:
        """The owner is told no more of a stream."""
        self.standing.pop(stream, None)
        self.closed.add(stream)

    def _note(self, what: str, stream: int) -> None:
        self.events.append((self.clock.now, what, stream))

    def answer_requests(self, web: HttpAnswer | HttpError) -> None:
        """HTTP requests end in this, those under way and those to come."""
        self.web = web
        for stream in sorted(self.waiting):
            self.clock.call_later(0.0, partial(self._open, stream))
        self.waiting.clear()

    def _open(self, stream: int) -> None:
        assert self.owner is not None
        if self.deaf or stream in self.closed:
            return
        if stream in self.asking and self.web is None:
            self.waiting.add(stream)
            return
        error = self.error
        if stream in self.asking and isinstance(self.web, HttpError):
            error = NO_CONNECTION.get(self.web)
        if error is not None:
            self.owner.on_reply(e.StreamFailed(stream, error))
        else:
            self.standing[stream] = mqtt.Decoder(False)
            self.owner.on_reply(e.StreamOpened(stream))

    def _serve(self, stream: int, data: bytes) -> None:
        """Answer as a broker that accepts all."""
        if self.silent or stream not in self.standing:
            return
        if stream in self.asking:
            if isinstance(self.web, HttpAnswer) or self.web is HttpError.ANSWER:
                words = written(self.web) if isinstance(self.web, HttpAnswer) else b"SSH-2.0-x\r\n"
                self.clock.call_later(0.0, partial(self.say, stream, words))
            elif self.web is HttpError.SENDING and self.owner is not None:
                self.clock.call_later(0.0, partial(self.owner.on_reply, e.StreamSendBufferFull(stream)))
            return
        try:
            heard = self.standing[stream].feed(data)
        except mqtt.ProtocolError:
            heard = []
        for packet in heard:
            for answer in answers(packet):
                self.clock.call_later(0.0, lambda answer=answer: self.say(stream, mqtt.encode(answer)))  # type: ignore[misc]


def answers(packet: mqtt.Packet) -> list[mqtt.Packet]:
    """What a broker answers; messages come back to whoever publishes them on `echo`."""
    match packet:
        case mqtt.Connect():
            return [mqtt.Connack(0)]
        case mqtt.Publish(qos=1, packet_id=number, topic=topic):
            echo: list[mqtt.Packet] = [mqtt.Publish("echo", packet.payload, 2, packet_id=1)] if topic == "echo" else []
            return [mqtt.Puback(number), *echo]
        case mqtt.Publish(qos=2, packet_id=number):
            return [mqtt.Pubrec(number)]
        case mqtt.Pubrec(number):
            return [mqtt.Pubrel(number)]
        case mqtt.Pubrel(number):
            return [mqtt.Pubcomp(number)]
        case mqtt.Subscribe(number, filters):
            return [mqtt.Suback(number, tuple(qos for _, qos in filters))]
        case mqtt.Unsubscribe(number):
            return [mqtt.Unsuback(number)]
        case mqtt.Pingreq():
            return [mqtt.Pingresp()]
    return []


@dataclass(frozen=True)
class World:
    """Something that the world does to the mobile, as `modemlab.module.values` names it."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Serve:
    """What a server says on the stream that was opened last."""

    packet: mqtt.Packet


@dataclass(frozen=True)
class Web:
    """What the HTTP requests under way end in."""

    answer: HttpAnswer | HttpError


@dataclass(frozen=True)
class Answer:
    """What pings and datagrams are answered with from now on; None as a network in memory does."""

    answer: QueryAnswer | None


class Desk:
    """A module, its weather and a server.

    `do` takes what happens, one after the other: a line the host types, bytes it sends as they are, seconds that
    pass, conditions, a tuple of faults, a strike, what the world, a server or the web does. What takes no time is
    done when it returns.
    """

    def __init__(self, name: str = "EC200S-CN", seed: int = 1, **options: Any) -> None:
        self.notes: list[str] = []
        self.module: Module = make_module(name, observers=[NoteListener(self._note)], **options)
        self.clock = Clock()
        self.net = Net(self.clock)
        self.net.utc = options.get("utc", 0.0)
        self.weather = NetworkImpairment(self.net, self, self.clock, self.clock, Random(seed), self.notes.append)
        self.net.owner = self.weather
        self.said = bytearray()
        self.module.power_on(0.0)
        self.settle()

    def do(self, *steps: Any) -> bytes:
        """Let these happen; what the module has said since the last call."""
        for step in steps:
            self._do(step)
        said = bytes(self.said)
        self.said.clear()
        return said

    def takes(self, words: bytes, *steps: Any, most: float = 300.0) -> float:
        """The seconds from these steps until the module says these words; what it says later is for `do`."""
        start = self.clock.now
        for step in steps:
            self._do(step)
        while words not in self.said:
            due = [time for time in (self.module.deadline(), self.clock.next) if time is not None]
            assert due, bytes(self.said)
            assert min(due) < start + most, bytes(self.said)
            self.wait(max(0.0, min(due) - self.clock.now))
        del self.said[: self.said.index(words) + len(words)]
        return round(self.clock.now - start, 6)

    def _do(self, step: Any) -> None:
        match step:
            case str():
                self._say(step.encode() + b"\r")
            case bytes():
                self._say(step)
            case int() | float():
                self.wait(step)
            case Conditions():
                self.weather.change(step)
            case tuple():
                self.weather.set_faults(step)
            case ConnectionDisruption():
                self.weather.disconnect(step)
            case World(name, arguments):
                read_mobile_action(name, arguments).change(self.module.mobile, self.clock.now)
            case Serve(packet):
                self.net.say(max(self.net.standing), mqtt.encode(packet))
            case Answer(answer):
                self.net.answer = answer
            case Web(answer):
                self.net.answer_requests(answer)
                if answer is HttpError.TIMEOUT:
                    self.wait(195)
            case _:
                raise ValueError(f"{step!r} is no step")
        self.settle()
        self.wait(0.0)

    def wait(self, seconds: float) -> None:
        """Time passes, from one thing that is due to the next."""
        until = self.clock.now + seconds
        while due := [t for t in (self.module.deadline(), self.clock.next) if t is not None and t <= until]:
            self.clock.pass_until(max(min(due), self.clock.now))
            self.module.advance(self.clock.now)
            self.settle()
        self.clock.pass_until(until)
        self.settle()

    def settle(self) -> None:
        """Do what the module asks for."""
        self.said += self.module.data_to_send()
        while self.module.effects:
            effects = self.module.effects[:]
            self.module.effects.clear()
            self.weather.perform(effects)

    # what the weather tells

    def on_reply(self, reply: e.Reply) -> None:
        """Pass on."""
        self.module.on_reply(reply, self.clock.now)
        self.settle()

    def _say(self, data: bytes) -> None:
        self.module.receive(data, self.clock.now)
        self.settle()

    def _note(self, note: Note) -> None:
        self.notes.append(f"{note.subject}: {note.reason}")
