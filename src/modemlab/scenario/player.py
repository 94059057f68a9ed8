"""A scenario on a virtual module: what the schedule is told of it, and what is done to it when that is due."""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from modemlab.at.syntax import ParsedCommand
from modemlab.at.urc import Urc
from modemlab.dialect.mqtt_events import State
from modemlab.module.effects import CloseStream, Effect, OpenStream, Reply, SendStream, StreamReceived
from modemlab.module.observer import Observer
from modemlab.mqtt.packets import Publish
from modemlab.net.delay_queue import Direction
from modemlab.net.packet_faults import NAMES, Splitter
from modemlab.scenario.actions import perform
from modemlab.scenario.broker_actions import PublishMessage
from modemlab.scenario.events import ClientStateChanged, CommandStarted, Event, PacketPassed, Schedule, UrcPrinted
from modemlab.scenario.file import Scenario
from modemlab.scenario.matchers import arrived
from modemlab.validation.actions import Action
from modemlab.validation.input_errors import InvalidInput
from modemlab.virtual.module import VirtualModule


class MessageBroker(Protocol):
    """What a scenario has of a broker."""

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Publish a message."""

    def observe(self, observer: Callable[[str, Publish], None]) -> object:
        """Tell that of each message that arrives, with the identifier of its client."""


class Counter:
    """The packets of one stream, counted as they are complete."""

    __slots__ = ("_begun", "_passed", "_splitters")

    def __init__(self, passed: Callable[[PacketPassed], None]) -> None:
        self._passed = passed
        # Of each direction: the packets that have begun, at most one of them not complete
        self._begun: tuple[deque[int], deque[int]] = (deque(), deque())
        self._splitters = tuple(Splitter(partial(self._begin, way)) for way in Direction)

    def feed(self, way: Direction, data: bytes) -> None:
        """Bytes of a direction."""
        for piece in self._splitters[way].feed(data):
            if piece.last:
                kind = self._begun[way].popleft()
                if 0 < kind < 15:
                    self._passed(PacketPassed(NAMES[kind - 1], way))

    def _begin(self, way: Direction, kind: int) -> None:
        self._begun[way].append(kind)


def play(
    vm: VirtualModule,
    scenario: Scenario | None,
    broker: MessageBroker | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> None:
    """Play a scenario on a module that is off, from its first power-on; None has no steps.

    Beside a broker its steps can publish, and wait for messages. `on_event` is told of all else that a step can wait
    for. Call it once the module's lines are there: behind `VirtualModule(...)`, ahead of `open`.
    """
    if scenario is not None or on_event is not None:
        vm.module.add_observer(ScenarioPlayer(vm, scenario or Scenario(()), broker, on_event))


class ScenarioPlayer(Observer):
    """Plays a scenario on a module; see `play`. Its steps are performed one by one, never while another is."""

    __slots__ = ("_broker", "_counters", "_on_event", "_playing", "_scenario", "_schedule", "_states", "_vm")

    def __init__(
        self,
        vm: VirtualModule,
        scenario: Scenario,
        broker: MessageBroker | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._vm, self._scenario, self._broker, self._on_event = vm, scenario, broker, on_event
        self._schedule: Schedule | None = None
        self._playing = False
        self._counters: dict[int, Counter] = {}
        self._states: dict[int, State] = {}
        if broker is not None and scenario.steps:
            broker.observe(self._arrived)

    def on_power(self, on: bool) -> None:
        """The module has its power for the first time: from now on time counts."""
        if on and self._schedule is None:
            self._schedule = Schedule([step.due for step in self._scenario.steps], self._vm.now())

    def on_command(self, call: ParsedCommand) -> None:
        """A step may wait for it."""
        assert call.command is not None
        self._happen(CommandStarted(call.command.name))

    def on_urc(self, line: bytes, urc: Urc | None, values: tuple[Any, ...]) -> None:
        """A step may wait for it."""
        self._happen(UrcPrinted(line.decode("utf-8", "replace")))

    def on_effect(self, effect: Effect) -> None:
        """The module is about to have this done."""
        if isinstance(effect, OpenStream) and effect.client is not None:
            self._counters[effect.stream] = Counter(self._happen)
        elif isinstance(effect, SendStream):
            self._count(effect.stream, Direction.UPLINK, effect.data)
        elif isinstance(effect, CloseStream):
            self._counters.pop(effect.stream, None)

    def on_reply(self, reply: Reply) -> None:
        """The module is about to receive this."""
        if isinstance(reply, StreamReceived):
            self._count(reply.stream, Direction.DOWNLINK, reply.data)

    def deadline(self) -> float | None:
        """When a step is due next, or None."""
        return None if self._schedule is None else self._schedule.deadline()

    def on_settled(self) -> None:
        """Perform what is due."""
        schedule = self._schedule
        if schedule is None or self._playing or self._vm.closed:
            return
        self._playing = True
        try:
            self._look(schedule)
            while (number := schedule.next(self._vm.now())) is not None:
                for action in self._scenario.steps[number].actions:
                    self._vm.module.log("scenario", f"step {number + 1}: {action}")
                    if not isinstance(action, PublishMessage):
                        self._perform(number, action)
                    elif self._broker is not None:
                        message = action.message
                        self._broker.publish(message.topic, message.payload, message.qos, message.retain)
                self._look(schedule)
        finally:
            self._playing = False

    def _perform(self, number: int, action: Action) -> None:
        """Do a step's action to the module; one that it has no room for is told, and not done."""
        try:
            perform(self._vm, action)
        except InvalidInput as error:
            self._vm.module.log("scenario", f"step {number + 1} failed: {error}")

    def _look(self, schedule: Schedule) -> None:
        """See which clients are in another state, and which streams are no more."""
        clients = self._vm.module.clients
        states = {client.index: client.state for client in clients}
        for index in sorted({*states, *self._states}):
            state = states.get(index, State.CLOSED)
            if state is not self._states.get(index, State.CLOSED):
                self._states[index] = state
                self._happen(ClientStateChanged(index, state))
        if self._counters:
            streams = {client.stream for client in clients}
            for stream in [stream for stream in self._counters if stream not in streams]:
                del self._counters[stream]

    def _count(self, stream: int, way: Direction, data: bytes) -> None:
        """Bytes passed, of MQTT if there is a counter."""
        counter = self._counters.get(stream)
        if counter is not None:
            counter.feed(way, data)

    def _happen(self, event: Event) -> None:
        """Something that a step can wait for."""
        if self._schedule is not None:
            self._schedule.happen(event, self._vm.now())
            if self._on_event is not None:
                self._on_event(event)

    def _arrived(self, client_id: str, message: Publish) -> None:
        """A message came to the broker."""
        self._vm.call_soon(partial(self._told_of, arrived(client_id, message)))

    def _told_of(self, event: Event) -> None:
        """Such a message is no event of the module's: `on_event` is told by whoever has the broker."""
        if self._schedule is not None and not self._vm.closed:
            self._schedule.happen(event, self._vm.now())
            self._vm.settle()
