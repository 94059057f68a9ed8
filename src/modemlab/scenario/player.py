"""A scenario on a virtual module: what the schedule is told of it, and what is done to it when that is due."""

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from modemlab.dialect.mqtt_events import State
from modemlab.module.effects import CloseStream, Effect, OpenStream, SendStream
from modemlab.module.interpreter import Interpreter
from modemlab.net.delay_queue import Way
from modemlab.net.faults import NAMES, Splitter
from modemlab.scenario.actions import VOCABULARY, Action, Wrong, perform
from modemlab.scenario.events import Commanded, Event, Passed, Schedule, Told, Turned
from modemlab.scenario.file import Scenario

if TYPE_CHECKING:
    from modemlab.virtual.module import VirtualModule

Printed = Callable[[], None] | None


class Counter:
    """The packets of one stream, counted as they are complete."""

    __slots__ = ("_begun", "_passed", "_splitters")

    def __init__(self, passed: Callable[[Passed], None]) -> None:
        self._passed = passed
        # Of each direction: the packets that have begun, at most one of them not complete
        self._begun: tuple[deque[int], deque[int]] = (deque(), deque())
        self._splitters = tuple(Splitter(partial(self._begin, way)) for way in Way)

    def feed(self, way: Way, data: bytes) -> None:
        """Bytes of a direction."""
        for piece in self._splitters[way].feed(data):
            if piece.last:
                kind = self._begun[way].popleft()
                if 0 < kind < 15:
                    self._passed(Passed(NAMES[kind - 1], way))

    def _begin(self, way: Way, kind: int) -> None:
        self._begun[way].append(kind)


class Stage:
    """Plays a scenario on a module. Its steps are performed one by one, never while another is."""

    __slots__ = ("_counters", "_now", "_on_event", "_playing", "_scenario", "_schedule", "_states", "_vm")

    def __init__(
        self,
        vm: "VirtualModule",
        scenario: Scenario,
        now: Callable[[], float],
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        """Watch a module that is off and whose lines are there; `on_event` is told what a step can wait for."""
        self._vm, self._scenario, self._now, self._on_event = vm, scenario, now, on_event
        self._schedule: Schedule | None = None
        self._playing = False
        self._counters: dict[int, Counter] = {}
        self._states: dict[int, State] = {}
        vm.module.on_command = self._commanded
        for line in vm.module.lines:
            line.route = partial(self._told, line, line.route)
        if scenario.messages is not None:
            scenario.messages.watch(self._arrived)

    def begin(self) -> None:
        """The module has its power for the first time: from now on time counts."""
        self._schedule = Schedule([step.due for step in self._scenario.steps], self._now())

    def deadline(self) -> float | None:
        """When a step is due next, or None."""
        return None if self._schedule is None else self._schedule.deadline()

    def sends(self, effects: Iterable[Effect]) -> None:
        """The module is about to have this done."""
        for effect in effects:
            if isinstance(effect, OpenStream) and effect.client is not None:
                self._counters[effect.stream] = Counter(self._happen)
            elif isinstance(effect, SendStream):
                self._count(effect.stream, Way.UP, effect.data)
            elif isinstance(effect, CloseStream):
                self._counters.pop(effect.stream, None)

    def receives(self, stream: int, data: bytes) -> None:
        """The module is about to receive this."""
        self._count(stream, Way.DOWN, data)

    def play(self) -> None:
        """Perform what is due."""
        schedule = self._schedule
        if schedule is None or self._playing or self._vm.closed:
            return
        self._playing = True
        try:
            self._look(schedule)
            while (number := schedule.next(self._now())) is not None:
                for action in self._scenario.steps[number].actions:
                    self._vm.module.note("scenario", f"step {number + 1}: {action}")
                    if action.name in VOCABULARY:
                        self._perform(number, action)
                    elif self._scenario.messages is not None:
                        self._scenario.messages.publish(action.arguments)
                self._look(schedule)
        finally:
            self._playing = False

    def _perform(self, number: int, action: Action) -> None:
        """Do a step's action to the module; one that it has no room for is told, and not done."""
        try:
            perform(self._vm, action)
        except Wrong as error:
            self._vm.module.note("scenario", f"step {number + 1} is not done: {error}")

    def _look(self, schedule: Schedule) -> None:
        """See which clients are in another state, and which streams are no more."""
        clients = self._vm.module.clients
        states = {client.index: client.state for client in clients}
        for index in sorted({*states, *self._states}):
            state = states.get(index, State.CLOSED)
            if state is not self._states.get(index, State.CLOSED):
                self._states[index] = state
                self._happen(Turned(index, state))
        if self._counters:
            streams = {client.stream for client in clients}
            for stream in [stream for stream in self._counters if stream not in streams]:
                del self._counters[stream]

    def _count(self, stream: int, way: Way, data: bytes) -> None:
        """Bytes passed, of MQTT if there is a counter."""
        counter = self._counters.get(stream)
        if counter is not None:
            counter.feed(way, data)

    def _happen(self, event: Event) -> None:
        """Something that a step can wait for."""
        if self._schedule is not None:
            self._schedule.happen(event, self._now())
            if self._on_event is not None:
                self._on_event(event)

    def _arrived(self, event: Event) -> None:
        """Something came to the broker, which does not tell `on_event` by way of the module."""
        if self._schedule is not None and not self._vm.closed:
            self._schedule.happen(event, self._now())
            self._vm.settle()

    def told(self, line: str) -> None:
        """A URC was printed that went no other way."""
        self._happen(Told(line))

    def _commanded(self, name: str) -> None:
        self._happen(Commanded(name))

    def _told(
        self, line: Interpreter, route: Callable[[bytes, Printed], None] | None, text: bytes, printed: Printed
    ) -> None:
        """A URC, on its way to where it belongs."""
        self._happen(Told(text.decode("utf-8", "replace")))
        if route is None:
            line.tell_here(text, printed)
        else:
            route(text, printed)
