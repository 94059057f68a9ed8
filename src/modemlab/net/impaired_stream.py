"""One stream under conditions and faults."""

from random import Random

from modemlab.module.effects import CloseStream, OpenStream, StreamEnd, StreamOpened
from modemlab.net.delay_queue import DelayQueue, Direction, RadioLink
from modemlab.net.packet_faults import FaultFilter, Faults
from modemlab.net.stream_states import (
    MODULE_END_STATES,
    MODULE_WAITING_STATES,
    OPEN_STATES,
    SERVER_END_STATES,
    SILENT_STATES,
    StreamEvent,
    StreamState,
    after,
)


class ImpairedStream:
    """One stream: its state, and what is on its way in both directions.

    `paused` is the module's wish, `slowed` ours. `scheduled_failure` is when chance ends it while it is open, and how;
    `times_out` when the module's own TCP gives up while nothing passes, because nothing is answered.
    """

    __slots__ = (
        *("rng", "downlink", "effect", "filter", "number", "paused", "scheduled_failure", "slowed", "state"),
        *("times_out", "uplink"),
    )

    def __init__(self, air: RadioLink, faults: Faults, effect: OpenStream, rng: Random, begun: bytes = b"") -> None:
        self.number, self.effect = effect.stream, effect
        # Each direction draws its own lots, so that neither depends on how the other's bytes come.
        self.rng = Random(rng.getrandbits(64))
        self.uplink: DelayQueue[OpenStream | CloseStream] = DelayQueue(air, Direction.UPLINK, self.rng)
        self.downlink: DelayQueue[StreamOpened | StreamEnd] = DelayQueue(
            air, Direction.DOWNLINK, Random(rng.getrandbits(64))
        )
        self.filter = FaultFilter(faults, effect.client, (b"", begun))
        self.state = StreamState.OPENING
        self.paused = self.slowed = False
        self.scheduled_failure: tuple[float, str] | None = None
        self.times_out: float | None = None

    def apply(self, event: StreamEvent) -> None:
        """Go on to the next state; of a stream that is closed nothing is on its way any more."""
        self.state = after(self.state, event)
        if self.state is StreamState.CLOSED:
            self.clear()

    @property
    def module_holds(self) -> bool:
        """Whether the module's end is there."""
        return self.state in MODULE_END_STATES

    @property
    def server_holds(self) -> bool:
        """Whether the server's end is there, and so the stream below."""
        return self.state in SERVER_END_STATES

    @property
    def module_waits(self) -> bool:
        """Whether the module has not been told yet how its attempt to connect went."""
        return self.state in MODULE_WAITING_STATES

    @property
    def is_open(self) -> bool:
        """Whether the module was told that it stands, and nothing else since."""
        return self.state in OPEN_STATES

    @property
    def silent(self) -> bool:
        """Whether nothing passes."""
        return self.state in SILENT_STATES

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way, and both ends know as much."""
        return self.uplink.empty and self.downlink.empty and self.filter.deadline() is None and not self.silent

    def is_readable(self, held: bool) -> bool:
        """Whether the module takes what comes: how its attempt went and a sudden end it always does."""
        if self.module_waits or self.state is StreamState.ENDED:
            return True
        return self.module_holds and not (self.paused or held)

    def clear(self) -> None:
        """Drop what is on its way."""
        self.uplink.clear()
        self.downlink.clear()

    def deadline(self, held: bool) -> float | None:
        """When something is due, or None."""
        times = [self.uplink.deadline(), self.uplink.gives_up, self.filter.deadline(), self.downlink.gives_up]
        if self.state is StreamState.OPEN and self.scheduled_failure is not None:
            times.append(self.scheduled_failure[0])
        if self.silent and self.module_holds:
            times.append(self.times_out)
        if self.is_readable(held):
            times.append(self.downlink.deadline())
        return min((time for time in times if time is not None), default=None)
