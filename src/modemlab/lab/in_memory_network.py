"""A broker and the network to it in memory: no sockets, and time passes when a test says so."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from modemlab.broker.limits import Limits
from modemlab.broker.router import Router, make_message
from modemlab.broker.users import return_code
from modemlab.clocks.simulated import SimulatedClock, SimulatedTimer
from modemlab.dialect.network import StreamError
from modemlab.lab.in_memory_answers import answer_to
from modemlab.module import effects as e
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.server import ServerSession
from modemlab.net.streams import Owner

NO_SERVER = "the network in memory has no other server than the broker"
NO_TLS = "the broker in memory speaks no TLS"


class InMemoryNetwork:
    """The embedded broker. Every MQTT client reaches it, whatever address it asks for; its answers take no time.

    `users` and `grant` are as the broker has them; None lets everyone in. Other connections find nobody. Every name
    resolves, every ping is answered, and every server tells the time.
    """

    __slots__ = ("_links", "router", "timeline")

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        log: Callable[[str], None] = lambda _: None,
        grant: int | None = None,
    ) -> None:
        self.timeline = SimulatedClock()
        authenticate = (lambda _: 0) if users is None else (lambda connect: return_code(users, connect))
        self.router = Router(Limits(), authenticate=authenticate, grant=grant, log=log)
        self._links: dict[ServerSession, InMemoryLink] = {}

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Publish a message as a client would; ValueError says what is wrong with it."""
        self.router.publish(make_message(topic, payload, qos, retain))
        self.flush()

    def observe(self, observer: Callable[[str, Publish], None]) -> None:
        """Tell that of each message that arrives, with the identifier of its client."""
        self.router.observers.append(observer)

    def streams(self, owner: Owner, utc: Callable[[], float] = lambda: 0.0) -> "InMemoryStreams":
        """What carries the streams of a module; `utc` tells the date and time, in seconds since 1970."""
        return InMemoryStreams(self, owner, utc)

    def enter(self, link: "InMemoryLink") -> None:
        """A connection begins."""
        self._links[link.session] = link

    def flush(self) -> None:
        """Have every connection concerned say what waits."""
        while self.router.touched:
            link = self._links.get(self.router.touched.pop())
            if link is not None:
                link.flush()

    def on_output(self, session: ServerSession, data: bytes) -> None:
        """A client said this."""
        now, fresh = self.timeline.now(), not session.open
        self.router.handle(session, session.receive(data, now), now)
        if fresh and session.open and (link := self._links.get(session)) is not None:
            link.watch()
        self.flush()

    def left(self, session: ServerSession, reason: str) -> None:
        """A connection is over."""
        self.router.handle(session, session.end(reason), self.timeline.now())
        self._links.pop(session, None)
        self.flush()


class InMemoryLink:
    """One connection, seen from the broker: its stream, its session, and when that is due."""

    __slots__ = ("_due", "_flushing", "_streams", "number", "opened", "paused", "session")

    def __init__(self, streams: "InMemoryStreams", number: int, session: ServerSession) -> None:
        self._streams, self.number, self.session = streams, number, session
        self.opened = self.paused = self._flushing = False
        self._due: SimulatedTimer | None = None

    def flush(self) -> None:
        """Say what waits, behind all that happens now."""
        if not self._flushing:
            self._flushing = True
            self._streams.in_memory_network.timeline.call_later(0.0, self._say)

    def watch(self) -> None:
        """Come back when the session has a deadline."""
        self.forget()
        deadline = self.session.deadline()
        if deadline is not None:
            timeline = self._streams.in_memory_network.timeline
            self._due = timeline.call_later(max(deadline - timeline.now(), 0.0), self._expire)

    def forget(self) -> None:
        """Do not come back."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _say(self) -> None:
        self._flushing = False
        if self._streams.knows(self) and not (self.paused or self._streams.held):
            data = self.session.take()
            if data:
                self._streams.owner.on_reply(e.StreamReceived(self.number, data))
            if self.session.ended and self._streams.knows(self):
                self._streams.drop(self.number, "the broker ended it")
                self._streams.owner.on_reply(e.StreamClosed(self.number))

    def _expire(self) -> None:
        in_memory_network, self._due = self._streams.in_memory_network, None
        now = in_memory_network.timeline.now()
        in_memory_network.router.handle(self.session, self.session.advance(now), now)
        if not self.session.ended:
            self.watch()
        in_memory_network.flush()


class InMemoryStreams:
    """The streams of one module, each by the number that the module gave it; see
    `modemlab.net.streams.StreamTransport`.
    """

    __slots__ = ("_links", "_utc", "held", "in_memory_network", "owner")

    def __init__(self, in_memory_network: InMemoryNetwork, owner: Owner, utc: Callable[[], float]) -> None:
        self.in_memory_network, self.owner, self._utc = in_memory_network, owner, utc
        self._links: dict[int, InMemoryLink] = {}
        self.held = False

    def perform(self, effects: Sequence[e.Effect]) -> None:
        for effect in effects:
            if isinstance(effect, e.OpenStream):
                self.in_memory_network.timeline.call_later(0.0, partial(self._open, effect))
                self._links[effect.stream] = InMemoryLink(
                    self, effect.stream, ServerSession(self.in_memory_network.timeline.now())
                )
                continue
            if isinstance(effect, e.Resolve | e.Ping | e.SendDatagram):
                self.in_memory_network.timeline.call_later(0.0, partial(self._answer, effect))
                continue
            link = self._links.get(effect[0])
            if link is None or isinstance(effect, e.Forget):
                continue
            if isinstance(effect, e.SendStream):
                self.in_memory_network.on_output(link.session, effect.data)
            elif isinstance(effect, e.CloseStream):
                self.drop(effect.stream, "closed by the client without DISCONNECT")
            else:
                link.paused = isinstance(effect, e.PauseStream)
                link.flush()

    def set_owner(self, owner: Owner) -> None:
        self.owner = owner

    def reset(self, stream: int) -> None:
        self.drop(stream, "the connection was reset")

    def set_reading_paused(self, held: bool) -> None:
        self.held = held
        for link in self._links.values():
            link.flush()

    async def close(self) -> None:
        for number in list(self._links):
            self.drop(number, "the connection was lost")

    def knows(self, link: InMemoryLink) -> bool:
        """Whether that connection stands."""
        return self._links.get(link.number) is link and link.opened

    def drop(self, number: int, reason: str) -> None:
        """A connection is over."""
        link = self._links.pop(number, None)
        if link is not None:
            link.forget()
            self.in_memory_network.left(link.session, reason)

    def _answer(self, query: e.Resolve | e.Ping | e.SendDatagram) -> None:
        """A query is answered, if anybody is there; the module knows which it has forgotten."""
        answer = answer_to(query, self._utc())
        if answer is not None:
            self.owner.on_reply(e.QueryAnswered(query.query, answer))

    def _open(self, effect: e.OpenStream) -> None:
        """Connection established, unless it was closed meanwhile."""
        link = self._links.get(effect.stream)
        if link is None:
            return
        if effect.client is None:
            self.drop(effect.stream, NO_SERVER)
            self.owner.on_reply(e.StreamFailed(effect.stream, StreamError.REFUSED, NO_SERVER))
            return
        if effect.tls is not None:
            self.drop(effect.stream, NO_TLS)
            self.owner.on_reply(e.StreamFailed(effect.stream, StreamError.TLS, NO_TLS))
            return
        link.opened = True
        self.in_memory_network.enter(link)
        link.watch()
        self.owner.on_reply(e.StreamOpened(effect.stream))
