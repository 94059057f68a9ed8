"""The layer that lets conditions and faults act on a module's streams, between `Streams` and their owner.

It is in the path only while there are any; `send_all` and `deliver_all` take it out. Towards the owner it is what
`Streams` is, towards `Streams` it is the owner. It reads the clock and sets timers as they are handed in.
"""

from collections.abc import Callable, Iterable, Sequence
from math import inf
from random import Random

from modemlab.clocks.timers import Timer, TimerLoop
from modemlab.dialect.network import StreamError, is_address
from modemlab.module import effects as e
from modemlab.module.connections import StreamUser
from modemlab.net.conditions import LAB, Conditions, ConnectionDisruption
from modemlab.net.delay_queue import MAX_RETRANSMISSIONS, Direction, RadioLink
from modemlab.net.delayed_queries import DelayedQueries
from modemlab.net.impaired_stream import ImpairedStream
from modemlab.net.packet_faults import Fault, Faults, Forward, Outcome
from modemlab.net.stream_states import StreamEvent, StreamState
from modemlab.net.streams import MAX_UNSENT_BYTES, Owner, StreamTransport

# Bytes on their way to the module above which its server is not read, and below which it is read again.
PAUSE_READING_BYTES, RESUME_READING_BYTES = 1 << 16, 1 << 14
# Connections that their servers alone hold; the oldest is closed beyond that.
MAX_ORPHANS = 8
# The shortest time a timer is set to, in seconds: loops round, and would otherwise come a moment early.
MIN_TIMER_S = 0.001
# Round trips of a TLS handshake before 1.3, as modules speak it (RFC 5246, 7.3).
TLS_ROUND_TRIPS = 2
BY_CONDITIONS = "as the network's conditions have it"


class NetworkImpairment:
    """Conditions and faults on all streams of one module.

    `below` carries the streams, `owner` is told of them. `rng` draws every lot; `tell` gets a line for the log
    whenever a fault or a strike hits.
    """

    __slots__ = (
        *("_radio", "_armed", "_rng", "_errands", "_faults", "_held", "_loop", "_now", "_owner", "_streams"),
        *("_tell", "_timer", "below"),
    )

    def __init__(
        self,
        below: StreamTransport,
        owner: Owner,
        loop: TimerLoop,
        now: Callable[[], float],
        rng: Random,
        tell: Callable[[str], None],
    ) -> None:
        self.below, self._owner, self._loop, self._now = below, owner, loop, now
        self._rng, self._tell = rng, tell
        self._radio = RadioLink(LAB, now())
        self._faults = Faults(tell)
        self._streams: dict[int, ImpairedStream] = {}
        self._errands = DelayedQueries(self._radio, loop, now, rng)
        self._timer: Timer | None = None
        self._armed = 0.0
        self._held = False

    # what is asked of it

    @property
    def conditions(self) -> Conditions:
        """The conditions in force."""
        return self._radio.conditions

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force, those too that have hit all they were meant for."""
        return self._faults.listed

    def attach_stream(self, user: StreamUser) -> None:
        """Take over a stream that `below` carries for that user."""
        effect = e.OpenStream(user.stream, "", 0, client=user.index)
        stream = ImpairedStream(self._radio, self._faults, effect, self._rng, user.partial_packet)
        stream.apply(StreamEvent.SYN_ARRIVES)
        stream.paused = user.paused
        if not user.opening:
            stream.apply(StreamEvent.OPENED)
        self._streams[user.stream] = stream
        self._schedule_failure(stream, self._now())

    def change(self, conditions: Conditions) -> None:
        """Other conditions hold from now on, for what is on its way too."""
        now = self._now()
        self._radio.change(conditions, now)
        for stream in self._streams.values():
            if stream.state is StreamState.OPENING:
                stream.clear()
                self._plan(stream, now)
            elif stream.state is not StreamState.ENDED:
                stream.uplink.resend_all(now)
                stream.downlink.resend_all(now)
                self._schedule_failure(stream, now)
        self.advance()

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Other faults hold from now on; their packets count from here."""
        self._faults.set(faults)

    def disconnect(self, disruption: ConnectionDisruption) -> None:
        """Let this happen to the open streams that it is meant for."""
        now = self._now()
        for stream in list(self._streams.values()):
            if stream.is_open and disruption.client in (None, stream.effect.client):
                self._disconnect(stream, disruption.how, now)
        self.advance()

    @property
    def idle(self) -> bool:
        """Whether it might as well be taken out of the path."""
        if not self._errands.idle:
            return False
        return self.conditions == LAB and not self.faults and all(stream.idle for stream in self._streams.values())

    def send_all(self) -> None:
        """Before it is taken out of the path: what is on its way to the servers arrives; dead streams are reset."""
        now = self._now()
        self._cancel()
        self._errands.begin_all()
        for stream in self._streams.values():
            if stream.silent:
                self._close_below(stream, gently=False)
                if stream.module_holds:
                    self._cut_short(stream, e.StreamClosed(stream.number))
            elif stream.state is StreamState.OPENING:
                stream.clear()
                self._rise_now(stream, stream.effect)
            else:
                self._deliver_to_server(stream, inf)
                self._apply_outcomes(stream, stream.filter.finish(Direction.UPLINK), now)
                if stream.server_holds and stream.slowed and not stream.paused:
                    self.below.perform((e.ResumeStream(stream.number),))

    def deliver_all(self) -> None:
        """After it was taken out of the path: what is on its way to the module arrives."""
        streams = list(self._streams.values())
        self._streams.clear()
        self._held = False
        for stream in streams:
            stream.paused = False
            for forward in stream.filter.finish(Direction.DOWNLINK):
                stream.downlink.send(forward.data, 0.0)
            self._deliver_to_module(stream, inf)

    # what the owner calls of `Streams`

    def perform(self, effects: Sequence[e.Effect]) -> None:
        now = self._now()
        streams: list[e.StreamEffect] = []
        for effect in effects:
            if isinstance(effect, e.Query):
                self._errands.query(effect, self.below.perform, self.on_reply)
            else:
                streams.append(effect)
        for effect in streams:
            if type(effect) is e.OpenStream:
                stream = self._streams[effect.stream] = ImpairedStream(self._radio, self._faults, effect, self._rng)
                self._plan(stream, now)
                continue
            found = self._streams.get(effect.stream)
            if found is None or not found.module_holds:
                continue
            if type(effect) is e.SendStream:
                self._send(found, effect.data, now)
            elif type(effect) is e.CloseStream:
                self._close_by_module(found, effect, now)
            else:
                found.paused = type(effect) is e.PauseStream
                self._regulate(found)
        for effect in streams:
            if (touched := self._streams.get(effect.stream)) is not None:
                self._deliver_to_server(touched, now)
                self._clean(touched)
        self._arm()

    def set_reading_paused(self, held: bool) -> None:
        """Read nothing from any stream while `held`, and tell nothing of what comes."""
        self._held = held
        self.below.set_reading_paused(held)
        self._arm()

    async def close(self) -> None:
        """Drop all streams at once, and the queries that have not begun."""
        self._cancel()
        self._errands.cancel_all()
        self._streams.clear()
        await self.below.close()

    # what the streams call of their owner

    def on_reply(self, reply: e.Reply) -> None:
        """Take what came of an effect; what a query takes on its way was waited for before it began."""
        if isinstance(reply, e.QueryAnswered):
            self._owner.on_reply(reply)
        elif (stream := self._streams.get(reply.stream)) is not None:
            self._hear(stream, reply)

    # time

    def deadline(self) -> float | None:
        """When something is due, or None."""
        times = [stream.deadline(self._held) for stream in self._streams.values()]
        return min((time for time in times if time is not None), default=None)

    def advance(self) -> None:
        """Do what is due."""
        now = self._now()
        for stream in list(self._streams.values()):
            failure = stream.scheduled_failure
            if stream.state is StreamState.OPEN and failure is not None and now >= failure[0]:
                self._disconnect(stream, failure[1], now)
            self._deliver_to_server(stream, now)
            while (forward := stream.filter.next(now)) is not None:
                self._apply_outcomes(stream, (forward,), now)
            self._give_up(stream, now)
            self._deliver_to_module(stream, now)
            self._clean(stream)
        self._arm()

    # one stream

    def _plan(self, stream: ImpairedStream, now: float) -> None:
        """Connect, as the conditions have it."""
        attempt = self._radio.connect_attempt(not is_address(stream.effect.host), now, stream.rng)
        if attempt.error is None:
            stream.uplink.schedule_at(stream.effect, attempt.at)
        else:
            stream.downlink.schedule_at(e.StreamFailed(stream.number, attempt.error, BY_CONDITIONS), attempt.at)

    def _send(self, stream: ImpairedStream, data: bytes, now: float) -> None:
        """The module sends; too much on its way is as a server that takes nothing."""
        if stream.state is StreamState.ENDED:
            return
        if stream.silent:
            if stream.times_out is None:
                stream.times_out = now + self._radio.give_up_after(MAX_RETRANSMISSIONS)
        elif stream.uplink.waiting + len(data) > MAX_UNSENT_BYTES:
            self._close_below(stream, gently=False)
            self._cut_short(stream, e.StreamSendBufferFull(stream.number))
        else:
            stream.uplink.send(data, now)

    def _close_by_module(self, stream: ImpairedStream, effect: e.CloseStream, now: float) -> None:
        """The module closes; the server learns of it in its turn, or never."""
        stream.downlink.clear()
        if stream.module_waits:
            self._close_below(stream)
        stream.apply(StreamEvent.MODULE_CLOSED)
        if stream.state is StreamState.LEAVING:
            stream.uplink.put(effect, now)
        orphans = [each for each in self._streams.values() if not each.module_holds]
        if len(orphans) > MAX_ORPHANS:
            self._close_below(orphans[0])
            del self._streams[orphans[0].number]

    def _hear(self, stream: ImpairedStream, reply: e.StreamReply) -> None:
        """The stream below stands, bytes came on it, or it is no more, or never was: the module is told in its turn."""
        now = self._now()
        if isinstance(reply, e.StreamReceived):
            if stream.silent or not stream.module_holds:
                return
            self._apply_outcomes(stream, stream.filter.feed(Direction.DOWNLINK, reply.data, now), now)
            if stream.downlink.waiting > PAUSE_READING_BYTES and not stream.slowed:
                stream.slowed = True
                self._regulate(stream)
        elif isinstance(reply, e.StreamOpened):
            rounds = TLS_ROUND_TRIPS if stream.effect.tls is not None else 0
            stream.downlink.put(reply, now, rounds * self._radio.conditions.rtt)
        else:
            stream.apply(StreamEvent.SERVER_CLOSED)
            if stream.module_holds and not stream.silent:
                self._apply_outcomes(stream, stream.filter.finish(Direction.DOWNLINK), now)
                stream.downlink.put(reply, now)
        self.advance()

    def _deliver_to_server(self, stream: ImpairedStream, now: float) -> None:
        """What has arrived by `now` goes to the server."""
        while (item := stream.uplink.next(now)) is not None:
            if isinstance(item, bytes):
                self._apply_outcomes(stream, stream.filter.feed(Direction.UPLINK, item, self._now()), self._now())
            elif type(item) is e.OpenStream:
                self._rise_now(stream, item)
            else:
                self._apply_outcomes(stream, stream.filter.finish(Direction.UPLINK), self._now())
                self._close_below(stream)

    def _rise_now(self, stream: ImpairedStream, effect: e.OpenStream) -> None:
        """The server is asked for a connection."""
        stream.apply(StreamEvent.SYN_ARRIVES)
        self.below.perform((effect,))

    def _deliver_to_module(self, stream: ImpairedStream, now: float) -> None:
        """The module is told what has arrived by `now`."""
        while stream.is_readable(self._held) and (item := stream.downlink.next(now)) is not None:
            if isinstance(item, bytes):
                self._owner.on_reply(e.StreamReceived(stream.number, item))
                continue
            if isinstance(item, e.StreamOpened):
                stream.apply(StreamEvent.OPENED)
                self._schedule_failure(stream, self._now())
            else:
                stream.apply(StreamEvent.TOLD_END)
            self._owner.on_reply(item)
        if stream.slowed and stream.downlink.waiting < RESUME_READING_BYTES:
            stream.slowed = False
            self._regulate(stream)

    def _apply_outcomes(self, stream: ImpairedStream, outcomes: Iterable[Outcome], now: float) -> None:
        """What became of bytes that the faults have seen."""
        for outcome in outcomes:
            if stream.silent or stream.state is StreamState.ENDED:
                break
            if not isinstance(outcome, Forward):
                self._close_below(stream, gently=outcome.how == "close")
                stream.downlink.put(e.StreamClosed(stream.number), now)
            elif outcome.direction is Direction.DOWNLINK:
                if stream.module_holds:
                    stream.downlink.send(outcome.data, now)
            elif stream.server_holds:
                self.below.perform((e.SendStream(stream.number, outcome.data),))

    def _schedule_failure(self, stream: ImpairedStream, now: float) -> None:
        """Draw when chance ends the stream, once it stands."""
        if stream.state is StreamState.OPEN:
            means = (("reset", self.conditions.reset_interval), ("half_open", self.conditions.half_open_interval))
            ends = [(now + stream.rng.expovariate(1 / mean), what) for what, mean in means if mean]
            stream.scheduled_failure = min(ends, default=None)

    def _disconnect(self, stream: ImpairedStream, what: str, now: float) -> None:
        """The stream is reset, closed by its server, or dies without a word."""
        self._tell(f"stream {stream.number}: {what.replace('_', '-')}")
        if what == "half_open":
            self._go_half_open(stream, now)
        elif what == "reset" or stream.silent:
            self._close_below(stream, gently=what == "close")
            self._cut_short(stream, e.StreamClosed(stream.number))
        else:
            self._close_below(stream)
            stream.downlink.put(e.StreamClosed(stream.number), now)

    def _go_half_open(self, stream: ImpairedStream, now: float) -> None:
        """Nothing passes from now on; who waits for an answer gives up in the end."""
        stream.apply(StreamEvent.SILENCED)
        if stream.uplink.waiting:
            stream.times_out = now + self._radio.give_up_after(MAX_RETRANSMISSIONS)
        stream.clear()

    def _give_up(self, stream: ImpairedStream, now: float) -> None:
        """Whoever has sent a segment again and again without an answer ends its side, and the other is told nothing."""
        if stream.uplink.gives_up is not None and now >= stream.uplink.gives_up:
            self._go_half_open(stream, now)
            stream.times_out = now
        if stream.downlink.gives_up is not None and now >= stream.downlink.gives_up:
            if stream.module_waits:
                stream.clear()
                stream.downlink.schedule_at(e.StreamFailed(stream.number, StreamError.TIMEOUT, BY_CONDITIONS), now)
            else:
                self._go_half_open(stream, now)
            self._close_below(stream, gently=False)
        if stream.silent and stream.module_holds and stream.times_out is not None and now >= stream.times_out:
            stream.apply(StreamEvent.TIMED_OUT)
            self._owner.on_reply(e.StreamClosed(stream.number))

    def _cut_short(self, stream: ImpairedStream, notice: e.StreamEnd) -> None:
        """The module is told of the end before anything else."""
        stream.apply(StreamEvent.CUT_SHORT)
        stream.clear()
        stream.downlink.schedule_at(notice, 0.0)

    def _close_below(self, stream: ImpairedStream, gently: bool = True) -> None:
        """End the server's end, if it is there: close the stream below, or reset it."""
        if stream.server_holds:
            stream.apply(StreamEvent.SERVER_CLOSED)
            if gently:
                self.below.perform((e.CloseStream(stream.number),))
            else:
                self.below.reset(stream.number)

    def _clean(self, stream: ImpairedStream) -> None:
        """Forget a stream that nobody holds."""
        if stream.state is StreamState.CLOSED and self._streams.get(stream.number) is stream:
            del self._streams[stream.number]

    def _regulate(self, stream: ImpairedStream) -> None:
        """Read from the server or not."""
        if stream.server_holds:
            stop = stream.paused or stream.slowed
            self.below.perform(((e.PauseStream if stop else e.ResumeStream)(stream.number),))

    # the timer

    def _arm(self) -> None:
        """Set the timer to what is due first."""
        deadline = self.deadline()
        if deadline is None or (self._timer is not None and self._armed <= deadline):
            return
        self._cancel()
        self._armed = deadline
        wait = deadline - self._now()
        self._timer = self._loop.call_later(max(wait, MIN_TIMER_S) if wait > 0 else 0.0, self._expire)

    def _expire(self) -> None:
        """The timer came."""
        self._timer = None
        self.advance()

    def _cancel(self) -> None:
        """Set no timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
