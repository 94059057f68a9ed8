"""The layer that lets conditions and faults act on a module's streams, between `Streams` and their owner.

It is in the path only while there are any: `dissolve` takes it out. Towards the owner it is what `Streams` is,
towards `Streams` it is the owner. It reads the clock and sets timers as they are handed in.
"""

from collections.abc import Callable, Iterable, Sequence
from math import inf
from random import Random

from modemlab.clocks.timers import Loop, Timer
from modemlab.dialect.network import QueryAnswer, is_address
from modemlab.module.connections import StreamUser
from modemlab.module.effects import (
    CloseStream,
    Effect,
    OpenStream,
    PauseStream,
    Query,
    ResumeStream,
    SendStream,
    StreamEffect,
    StreamError,
)
from modemlab.net.conditions import LAB, Conditions, Strike
from modemlab.net.delay_queue import REPEATS, Air, Way
from modemlab.net.errands import Errands
from modemlab.net.faults import Fault, Faults, Forward, Outcome
from modemlab.net.impaired_stream import CHOKED, CLOSED, OPENED, Below, Failed, Link, Told
from modemlab.net.streams import MOST_UNSENT, Owner

# Bytes on their way to the module above which its server is not read, and below which it is read again.
MOST_COMING, FEW_COMING = 1 << 16, 1 << 14
# Connections that the module has left and whose servers do not know; the oldest is closed beyond that.
MOST_GHOSTS = 8
# The shortest time a timer is set to, in seconds: loops round, and would otherwise come a moment early.
TICK = 0.001
# Round trips of a TLS handshake before 1.3, as modules speak it (RFC 5246, 7.3).
TLS_ROUNDS = 2
DETAIL = "as the network's conditions have it"


class Weather:
    """Conditions and faults on all streams of one module.

    `below` carries the streams, `owner` is told of them. `chance` draws every lot; `tell` gets a line for the log
    whenever a fault or a strike hits.
    """

    __slots__ = (
        *("_air", "_armed", "_chance", "_errands", "_faults", "_held", "_links", "_loop", "_now", "_owner", "_tell"),
        *("_timer", "below"),
    )

    def __init__(
        self,
        below: Below,
        owner: Owner,
        loop: Loop,
        now: Callable[[], float],
        chance: Random,
        tell: Callable[[str], None],
    ) -> None:
        self.below, self._owner, self._loop, self._now = below, owner, loop, now
        self._chance, self._tell = chance, tell
        self._air = Air(LAB, now())
        self._faults = Faults(tell)
        self._links: dict[int, Link] = {}
        self._errands = Errands(self._air, loop, now, chance)
        self._timer: Timer | None = None
        self._armed = 0.0
        self._held = False

    # what is asked of it

    @property
    def conditions(self) -> Conditions:
        """The conditions in force."""
        return self._air.conditions

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force, those too that have hit all they were meant for."""
        return self._faults.listed

    def adopt(self, user: StreamUser) -> None:
        """Take over a stream that `below` carries for that user."""
        effect = OpenStream(user.stream, "", 0, client=user.index)
        link = Link(self._air, self._faults, effect, self._chance, user.begun)
        link.opening, link.real, link.paused = user.opening, True, user.paused
        self._links[user.stream] = link
        self._foredoom(link, self._now())

    def change(self, conditions: Conditions) -> None:
        """Other conditions hold from now on, for what is on its way too."""
        now = self._now()
        self._air.change(conditions, now)
        for link in self._links.values():
            if link.opening and not link.real:
                link.up.clear()
                link.down.clear()
                self._plan(link, now)
            else:
                link.up.again(now)
                link.down.again(now)
                self._foredoom(link, now)
        self.advance()

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Other faults hold from now on; their packets count from here."""
        self._faults.set(faults)

    def strike(self, strike: Strike) -> None:
        """Let this happen to the open streams that it is meant for."""
        now = self._now()
        for link in list(self._links.values()):
            if link.known and not link.opening and strike.client in (None, link.effect.client):
                self._strike(link, strike.what, now)
        self.advance()

    @property
    def idle(self) -> bool:
        """Whether it might as well be taken out of the path."""
        if not self._errands.idle:
            return False
        return self.conditions == LAB and not self.faults and all(link.idle for link in self._links.values())

    def send_all(self) -> None:
        """Before it is taken out of the path: what is on its way to the servers arrives; dead streams are reset."""
        now = self._now()
        self._cancel()
        self._errands.begin_all()
        for link in self._links.values():
            if link.dead:
                link.over = CLOSED
                if link.real:
                    self.below.reset(link.number)
            elif link.opening and not link.real:
                link.down.clear()
                self.below.perform((link.effect,))
            else:
                self._rise(link, inf)
                self._follow(link, link.filter.finish(Way.UP), now)
                if link.real and link.slowed and not link.paused:
                    self.below.perform((ResumeStream(link.number),))

    def tell_all(self) -> None:
        """After it was taken out of the path: what is on its way to the module arrives."""
        links = list(self._links.values())
        self._links.clear()
        self._held = False
        for link in links:
            link.paused = False
            for forward in link.filter.finish(Way.DOWN):
                link.down.send(forward.data, 0.0)
            self._fall(link, inf)

    # what the owner calls of `Streams`

    def perform(self, effects: Sequence[Effect]) -> None:
        """Do what the module asks for, in order. The owner is never called from within."""
        now = self._now()
        streams: list[StreamEffect] = []
        for effect in effects:
            if isinstance(effect, Query):
                self._errands.query(effect, self.below.perform, self.query_answered)
            else:
                streams.append(effect)
        for effect in streams:
            if type(effect) is OpenStream:
                link = self._links[effect.stream] = Link(self._air, self._faults, effect, self._chance)
                self._plan(link, now)
                continue
            found = self._links.get(effect.stream)
            if found is None or not found.known:
                continue
            if type(effect) is SendStream:
                self._send(found, effect.data, now)
            elif type(effect) is CloseStream:
                self._leave(found, effect, now)
            else:
                found.paused = type(effect) is PauseStream
                self._regulate(found)
        for effect in streams:
            if (link_of := self._links.get(effect.stream)) is not None:
                self._rise(link_of, now)
                self._clean(link_of)
        self._arm()

    def hold(self, held: bool) -> None:
        """Read nothing from any stream while `held`, and tell nothing of what comes."""
        self._held = held
        self.below.hold(held)
        self._arm()

    async def close(self) -> None:
        """Drop all streams at once, and the queries that have not begun."""
        self._cancel()
        self._errands.cancel_all()
        self._links.clear()
        await self.below.close()

    # what the streams call of their owner

    def stream_opened(self, stream: int) -> None:
        """The connection stands."""
        if (link := self._links.get(stream)) is not None:
            rounds = TLS_ROUNDS if link.effect.tls is not None else 0
            link.down.put(OPENED, self._now(), rounds * self._air.conditions.rtt)
            self.advance()

    def stream_failed(self, stream: int, error: StreamError, detail: str = "") -> None:
        """The connection could not be made."""
        if (link := self._links.get(stream)) is not None:
            link.real = False
            link.down.put(Failed(error, detail), self._now())
            self.advance()

    def stream_received(self, stream: int, data: bytes) -> None:
        """Bytes came from the server."""
        link = self._links.get(stream)
        if link is None or link.dead or not link.known:
            return
        now = self._now()
        self._follow(link, link.filter.feed(Way.DOWN, data, now), now)
        if link.down.waiting > MOST_COMING and not link.slowed:
            link.slowed = True
            self._regulate(link)
        self.advance()

    def stream_closed(self, stream: int, detail: str = "") -> None:
        """The server ended the connection."""
        self._end_below(stream, CLOSED._replace(detail=detail))

    def stream_choked(self, stream: int) -> None:
        """The server takes nothing any more."""
        self._end_below(stream, CHOKED)

    def query_answered(self, query: int, answer: QueryAnswer) -> None:
        """A query is answered: what it takes on its way was waited for before it began."""
        self._owner.query_answered(query, answer)

    # time

    def deadline(self) -> float | None:
        """When something is due, or None."""
        times = [link.deadline(self._held) for link in self._links.values()]
        return min((time for time in times if time is not None), default=None)

    def advance(self) -> None:
        """Do what is due."""
        now = self._now()
        for link in list(self._links.values()):
            if link.doom is not None and now >= link.doom[0] and link.known:
                self._strike(link, link.doom[1], now)
            self._rise(link, now)
            while (forward := link.filter.next(now)) is not None:
                self._follow(link, (forward,), now)
            if link.up.gives_up is not None and now >= link.up.gives_up:
                self._die(link, now)
                link.given_up = now
            if link.down.gives_up is not None and now >= link.down.gives_up:
                self._die(link, now)
                self._cut(link)
            if link.given_up is not None and now >= link.given_up:
                link.over = CLOSED
            self._fall(link, now)
            self._clean(link)
        self._arm()

    # one stream

    def _plan(self, link: Link, now: float) -> None:
        """Connect, as the conditions have it."""
        opening = self._air.opening(not is_address(link.effect.host), now, link.chance)
        if opening.error is None:
            link.up.put_at(link.effect, opening.at)
        else:
            link.down.put_at(Failed(opening.error, DETAIL), opening.at)

    def _send(self, link: Link, data: bytes, now: float) -> None:
        """The module sends; too much on its way is as a server that takes nothing."""
        if link.dead:
            if link.given_up is None:
                link.given_up = now + self._air.patience(REPEATS)
        elif link.up.waiting + len(data) > MOST_UNSENT:
            link.up.clear()
            self._cut(link)
            link.over = CHOKED
        else:
            link.up.send(data, now)

    def _leave(self, link: Link, effect: CloseStream, now: float) -> None:
        """The module closes; the server learns of it in its turn, or never."""
        link.known = False
        link.down.clear()
        if link.opening:
            link.up.clear()
            self._cut(link, gently=True)
        elif link.real and not link.dead:
            link.up.put(effect, now)
        left = [each for each in self._links.values() if not each.known]
        if len(left) > MOST_GHOSTS:
            self._cut(left[0], gently=True)
            del self._links[left[0].number]

    def _end_below(self, stream: int, told: Told) -> None:
        """A stream is no more."""
        link = self._links.get(stream)
        if link is None:
            return
        link.real = False
        if link.known and not link.dead:
            now = self._now()
            self._follow(link, link.filter.finish(Way.DOWN), now)
            link.down.put(told, now)
        self.advance()

    def _rise(self, link: Link, now: float) -> None:
        """What has arrived by `now` goes to the server."""
        while (item := link.up.next(now)) is not None:
            if isinstance(item, bytes):
                self._follow(link, link.filter.feed(Way.UP, item, self._now()), self._now())
            elif type(item) is OpenStream:
                link.real = True
                self.below.perform((item,))
            else:
                self._follow(link, link.filter.finish(Way.UP), self._now())
                self._cut(link, gently=True)

    def _fall(self, link: Link, now: float) -> None:
        """The module is told what has arrived by `now`."""
        while link.known and link.over is None and (link.opening or not (link.paused or self._held)):
            item = link.down.next(now)
            if item is None:
                break
            if isinstance(item, bytes):
                self._owner.stream_received(link.number, item)
            elif type(item) is Failed:
                link.known = False
                self._owner.stream_failed(link.number, item.error, item.detail)
            elif item is OPENED:
                link.opening = False
                self._foredoom(link, self._now())
                self._owner.stream_opened(link.number)
            else:
                link.over = item  # type: ignore[assignment]
        if link.slowed and link.down.waiting < FEW_COMING:
            link.slowed = False
            self._regulate(link)
        if link.known and link.over is not None:
            link.known = False
            if link.over is CHOKED:
                self._owner.stream_choked(link.number)
            else:
                self._owner.stream_closed(link.number, link.over.detail)

    def _follow(self, link: Link, outcomes: Iterable[Outcome], now: float) -> None:
        """What became of bytes that the faults have seen."""
        for outcome in outcomes:
            if isinstance(outcome, Forward):
                if outcome.way is Way.DOWN:
                    link.down.send(outcome.data, now)
                elif link.real:
                    self.below.perform((SendStream(link.number, outcome.data),))
            else:
                self._cut(link, gently=outcome.how == "close")
                link.down.put(CLOSED, now)

    def _foredoom(self, link: Link, now: float) -> None:
        """Draw when chance ends the stream, once it stands."""
        if link.opening or link.dead:
            return
        means = (("reset", self.conditions.resets), ("half-open", self.conditions.half_opens))
        ends = [(now + link.chance.expovariate(1 / mean), what) for what, mean in means if mean]
        link.doom = min(ends, default=None)

    def _strike(self, link: Link, what: str, now: float) -> None:
        """The stream is reset, closed by its server, or dies without a word."""
        self._tell(f"stream {link.number}: {what}")
        link.doom = None
        if what == "half-open":
            self._die(link, now)
        elif what == "reset":
            link.up.clear()
            self._cut(link)
            link.over = CLOSED
        else:
            self._cut(link, gently=True)
            link.down.put(CLOSED, now)

    def _die(self, link: Link, now: float) -> None:
        """Nothing passes from now on; who waits for an answer gives up in the end."""
        if link.up.waiting:
            link.given_up = now + self._air.patience(REPEATS)
        link.dead = True
        link.up.clear()
        link.down.clear()

    def _cut(self, link: Link, gently: bool = False) -> None:
        """End the stream below, if it stands."""
        if link.real:
            link.real = False
            if gently:
                self.below.perform((CloseStream(link.number),))
            else:
                self.below.reset(link.number)

    def _clean(self, link: Link) -> None:
        """Forget a stream that neither end knows."""
        if not (link.known or link.real) and self._links.get(link.number) is link:
            del self._links[link.number]

    def _regulate(self, link: Link) -> None:
        """Read from the server or not."""
        if link.real:
            stop = link.paused or link.slowed
            self.below.perform(((PauseStream if stop else ResumeStream)(link.number),))

    # the timer

    def _arm(self) -> None:
        """Set the timer to what is due first."""
        deadline = self.deadline()
        if deadline is None or (self._timer is not None and self._armed <= deadline):
            return
        self._cancel()
        self._armed = deadline
        wait = deadline - self._now()
        self._timer = self._loop.call_later(max(wait, TICK) if wait > 0 else 0.0, self._expire)

    def _expire(self) -> None:
        """The timer came."""
        self._timer = None
        self.advance()

    def _cancel(self) -> None:
        """Set no timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
