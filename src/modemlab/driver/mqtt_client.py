"""An MQTT client of a module: what a host publishes and hears, over links that are lost and found again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from modemlab.at.errors import (
    CommandRefused,
    LineError,
    LinkLost,
    Misuse,
    ModemError,
    NotDelivered,
    Remedy,
    Restart,
    TimeoutExpired,
)
from modemlab.dialect.recipes import Gone, Message, Recipe, Session, Will
from modemlab.driver.payloads import Payload, Tls, checked_session, filters_of, message_of, names_of
from modemlab.driver.protocol.backoff import delay, final, remedy_of
from modemlab.driver.protocol.exchange import Job
from modemlab.driver.protocol.identifiers import Identifiers
from modemlab.platforms.devices import Platform, enter
from modemlab.validation.arguments import AsyncEntered, seconds, whole

if TYPE_CHECKING:
    from modemlab.driver.modem import Modem

__all__ = ["Client", "Payload", "Tls"]

# The number of a client that was not entered yet.
NOBODY = -1
# Seconds after which a module that says nothing is asked whether it still has the session, and after something that
# could not be read; where that goes on, twice as many each time, up to the former.
SILENCE = 60.0
DOUBT = 0.5
# Messages that wait for whoever iterates; from then on the oldest is dropped, and an event says so.
WAITING = 1000
# Seconds for which a first connection is tried.
PATIENCE = 30.0
# Seconds that a client's end may take.
CLOSING = 5.0
# A link that is lost while one of these is under way has not delivered it.
BROKEN = (LinkLost, Restart, TimeoutExpired)


class Client(AsyncEntered):
    """An MQTT client of the module. Use it as `async with modem.mqtt(...) as client`.

    A link that is lost is opened again, by the manual's remedy and with back-off; what was subscribed to is subscribed
    to again. A message of QoS 1 or 2 that was not acknowledged is published again: that is a new message, as no
    command can repeat one, so with QoS 2 it may arrive twice. One of QoS 0 is not: `LinkLost` is raised. Messages
    that nobody takes wait, `waiting` of them; then the oldest are dropped, each time with an event `dropped`.
    """

    _written = "async with modem.mqtt(...) as client:"

    def __init__(
        self,
        modem: "Modem",
        session: Session,
        *,
        client_id: str = "",
        username: str | None = None,
        password: str | None = None,
        platform: Platform | None = None,
        keepalive: int = 60,
        clean_session: bool = True,
        will: Will | None = None,
        level: int = 4,
        tls: Tls | None = None,
        waiting: int = WAITING,
        patience: float = PATIENCE,
        reconnect: bool = True,
        pause: Callable[[int, float], float] = delay,
    ) -> None:
        """Make a client that is not connected. `keepalive` is in seconds, `level` 3 is MQTT 3.1, 4 is 3.1.1.

        `platform` is a device of a cloud in place of client id, user name and password, one of
        `modemlab.platforms.devices` or anything like them. `patience` are the seconds for which a first connection that
        a bad network spoils is tried again, unless the client is not to reconnect. `pause` gives the seconds ahead of
        an attempt, of its number from 0 and a chance of 0 to 1.
        """
        seconds("patience", patience, endless=True)
        whole("waiting", waiting, 1, 1 << 30)
        if platform is not None and (client_id or username is not None or password is not None):
            raise Misuse("a platform's device has its own client id, user name and password")
        if platform is None and not session.host:
            raise Misuse("a server is needed: its host, or a platform's device")
        self._modem = modem
        self._platform = platform
        wanted = session._replace(
            client_id=client_id if client_id != "" else f"modemlab-{modem.chance.getrandbits(32):08x}",
            username=username,
            password=password,
            keepalive=keepalive,
            clean=clean_session,
            will=will,
            level=level,
        )
        self._session = checked_session(wanted, tls)
        self._reconnect = reconnect
        self._pause = pause
        self._patience = patience if reconnect else 0.0
        self._up = asyncio.Event()
        # How many links were lost; what ended the one that is being made; when the last one was made.
        self._losses = 0
        self._broken: LinkLost | None = None
        self._since = 0.0
        # Attempts since a link last stood for longer than it was waited for, and that wait in seconds.
        self._attempt = 0
        self._waited = 0.0
        # What is under way on the link.
        self._jobs: dict[Job, None] = {}
        # Clear while the module connects, whoever waits for that.
        self._done = asyncio.Event()
        self._done.set()
        self._failure: ModemError | None = None
        # Whether its host has closed it; what is set once that is done.
        self._closed = False
        self._over: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._looks: asyncio.Task[None] | None = None
        self._doubted = asyncio.Event()
        self._topics: dict[str, int] = {}
        self._window = asyncio.Semaphore(modem.recipes.window)
        self._identifiers = Identifiers()
        self._messages: deque[Message] = deque(maxlen=max(1, waiting))
        self._arrived = asyncio.Event()
        self._dropped = 0

    async def __aenter__(self) -> Self:
        """Connect, within the patience. Raises `LinkLost`, `ConnectionRefused` when the server refuses, and what the
        line has to say; `Misuse` when all clients of the module are taken.
        """
        if self._failure is not None:
            raise self._failure
        if self.number != NOBODY:
            raise Misuse("the client is entered already")
        self._session = self._session._replace(client=self._modem.admit(self))
        try:
            await self._enter()
        except BaseException:
            await self.close()
            raise
        self._watcher = asyncio.get_running_loop().create_task(self._watch())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self.close()

    async def close(self) -> None:
        """Disconnect, and be over. Of several that close it, each waits until it is."""
        if self._over is not None:
            await self._over.wait()
            return
        self._over = asyncio.Event()
        stands = False
        if self._failure is None:
            # From here on no link that is lost is made again.
            self._failure = LinkLost("the client is closed")
            self._closed = self.number != NOBODY
            stands = self._up.is_set()
        try:
            tasks = [task for task in (self._task, self._watcher, self._looks) if task is not None]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
            if self._closed:
                with suppress(ModemError, TimeoutError):
                    async with asyncio.timeout(CLOSING):
                        await self._done.wait()
                        recipes = self._modem.recipes
                        await self._modem.run((recipes.disconnect if stands else recipes.clear)(self.number))
        finally:
            self._stop()
            self._modem.forget(self)
            self._over.set()

    @property
    def number(self) -> int:
        """The module's number for it, which it has from when it is entered."""
        return self._session.client

    @property
    def connected(self) -> bool:
        """Whether the link stands."""
        return self._up.is_set() and self._failure is None

    async def publish(self, topic: str, payload: Payload = None, qos: int = 0, retain: bool = False) -> None:
        """Publish text, bytes, a number, or what JSON can hold; over once it is acknowledged.

        Raises `Misuse` for what the module cannot send, `LinkLost` for QoS 0 without a link.
        """
        data = message_of(topic, payload, qos, retain, self._modem.recipes.largest)
        self._check_entered()
        if qos == 0:
            if not self.connected:
                raise self._failure or LinkLost("the link is down, and QoS 0 does not wait for it")
            losses = self._losses
            try:
                await self._modem.run(self._sending(0, topic, data, qos, retain), jobs=self._jobs)
            except CommandRefused as error:
                if await self._stands(error, losses):
                    raise
                raise LinkLost(f"{topic} was not sent: {error}") from None
            return
        await self._on_link(lambda msgid: self._sending(msgid, topic, data, qos, retain), topic, self._window)

    async def subscribe(self, topic: str | Sequence[tuple[str, int]], qos: int = 0) -> tuple[int, ...]:
        """Subscribe to a topic filter, or to several with a QoS each; the QoS granted. Raises `NotDelivered` with the
        topics that the server refuses: the others hold.
        """
        topics = filters_of(topic, qos)
        recipes = self._modem.recipes
        try:
            granted: tuple[int, ...] = await self._on_link(
                lambda msgid: recipes.subscribe(self._session, msgid, topics), "the subscription"
            )
        except NotDelivered as error:
            self._topics.update((name, level) for name, level in topics if name not in error.topics)
            raise
        self._topics.update(topics)
        return granted

    async def unsubscribe(self, *topic: str | Sequence[str]) -> None:
        """End subscriptions, to one topic filter or to several."""
        topics = names_of(topic)
        recipes = self._modem.recipes
        await self._on_link(
            lambda msgid: recipes.unsubscribe(self._session, msgid, topics), "the end of the subscription"
        )
        for name in topics:
            self._topics.pop(name, None)

    @property
    def messages(self) -> AsyncIterator[Message]:
        """The messages, as they come; ends when the client is closed, raises what ends the client otherwise."""
        return self._iterate()

    async def receive(self) -> Message | None:
        """The next message; None once the client is closed. Raises what ended it otherwise."""
        self._check_entered()
        while not self._messages:
            if self._closed:
                return None
            if self._failure is not None:
                raise self._failure
            self._arrived.clear()
            await self._arrived.wait()
        return self._messages.popleft()

    # what the modem calls

    def took(self, message: Message) -> None:
        """A message came."""
        if len(self._messages) == self._messages.maxlen:
            self._dropped += 1
            self._modem.tell("dropped", message.client, f"{self._dropped} messages that nobody took are lost")
        self._messages.append(message)
        self._arrived.set()

    def lost(self, gone: Gone | None) -> None:
        """The link ended; None: the module started anew."""
        if gone is None:
            self._ends("the module started anew", None, Remedy.REBUILD)
        elif gone.remedy is not Remedy.NOTHING:
            if self._jobs or not self._up.is_set():
                self._looks = asyncio.get_running_loop().create_task(self._look())
            self._ends(f"{'' if gone.code is None else f'code {gone.code}, '}{gone.meaning}", gone.code, gone.remedy)

    def doubt(self) -> None:
        """Something came that could not be read: it may have been the end of the link."""
        self._doubted.set()

    def failed(self, error: ModemError) -> None:
        """Nothing mends it: the client is over."""
        if self._failure is None:
            self._failure = error
            self._modem.tell("gave up", self.number, str(error))
        self._stop()

    # inside

    def _stop(self) -> None:
        """Wake whoever waits."""
        if self._failure is not None:
            self._modem.drop(self._jobs, self._failure)
        self._up.set()
        self._arrived.set()
        self._doubted.set()

    def _check_entered(self) -> None:
        """Raise `Misuse` ahead of `async with`."""
        if self.number == NOBODY and self._failure is None:
            raise Misuse(f"the client is not connected: write `{self._written}`")

    def _sending(self, msgid: int, topic: str, data: bytes, qos: int, retain: bool) -> Recipe:
        """A message's recipe."""
        return self._modem.recipes.publish(self._session, msgid, topic, data, qos, retain)

    async def _on_link(self, make: Callable[[int], Recipe], what: str, window: asyncio.Semaphore | None = None) -> Any:
        """What a packet's recipe gives, on this link or on a later one.

        A packet keeps its identifier and its place in the window until the module is done with it, whoever waits.
        """
        while True:
            self._check_entered()
            await self._up.wait()
            if self._failure is not None:
                raise self._failure
            if window is not None:
                await window.acquire()
                if not self.connected:
                    window.release()
                    continue
            losses = self._losses
            msgid = self._identifiers.take()

            def over(msgid: int = msgid) -> None:
                self._identifiers.free(msgid)
                if window is not None:
                    window.release()

            try:
                return await self._modem.run(make(msgid), over, self._jobs)
            except (*BROKEN, CommandRefused) as error:
                if await self._stands(error, losses) or not self._reconnect:
                    raise
                self._modem.tell("again", self._session.client, f"{what} is sent again: {error}")

    async def _stands(self, error: ModemError, losses: int) -> bool:
        """Whether a command was refused on a link that the module still has: the command is at fault, not the link.

        Otherwise the link is lost, unless it has been since: `losses` is how many were lost before.
        """
        with suppress(*BROKEN, CommandRefused):
            if isinstance(error, CommandRefused) and losses == self._losses:
                alive = await self._modem.run(self._modem.recipes.alive(self.number))
                if alive and losses == self._losses:
                    return True
        if losses == self._losses:
            self._lose(f"{error}", Remedy.REBUILD)
        return False

    async def _enter(self) -> None:
        """Connect for the first time. What a later attempt may mend is tried again, while there is patience."""
        modem = self._modem
        until = modem.now() + self._patience
        remedy = None
        while True:
            try:
                await self._remedy(remedy)
                await self._connect()
                return
            except BROKEN as error:
                wait = self._pause(self._attempt, modem.chance.random())
                if final(error) or self._failure is not None or modem.now() + wait > until:
                    raise
                self._attempt += 1
                modem.tell("retry", self.number, f"attempt {self._attempt}: {error}")
                remedy = remedy_of(error, Remedy.REOPEN)
            await asyncio.sleep(wait)

    async def _remedy(self, remedy: Remedy | None) -> None:
        """Do what comes ahead of another attempt. A context that carries another client stays."""
        modem = self._modem
        await modem.prepared()
        if remedy is Remedy.RENEW_PDP and not any(each.connected for each in modem.clients.values()):
            await modem.run(modem.recipes.renew())
        elif remedy is Remedy.REBUILD:
            await modem.run(modem.recipes.prepare())

    async def _connect(self) -> None:
        """Open and connect, and have what was subscribed to again."""
        modem = self._modem
        self._session = session = enter(self._session, self._platform, modem.date())
        self._done.clear()
        await modem.run(modem.recipes.connect(session), self._made)
        # As many at once as whoever subscribed had may be more than a line takes.
        for topic in tuple(self._topics.items()):
            await self._again(session, topic)
        if self._broken is not None:
            raise self._broken
        if self._failure is not None:
            # It was closed meanwhile.
            raise self._failure
        self._since = modem.now()
        self._up.set()
        modem.tell("connected", session.client, f"{session.host}:{session.port}")

    async def _again(self, session: Session, topic: tuple[str, int]) -> None:
        """Subscribe again. One that is refused is told of, and tried again on the next link; the link stays."""
        modem = self._modem
        msgid = self._identifiers.take()
        over = partial(self._identifiers.free, msgid)
        try:
            await modem.run(modem.recipes.subscribe(session, msgid, (topic,)), over)
        except (NotDelivered, CommandRefused) as error:
            if isinstance(error, CommandRefused) and not await modem.run(modem.recipes.alive(session.client)):
                raise
            modem.tell("refused", session.client, f"{topic[0]} is not subscribed to on this link: {error}")
        except LinkLost as error:
            # Some servers refuse by hanging up.
            lost = LinkLost(f"{topic[0]} could not be subscribed to: {error}", error.code)
            lost.remedy = error.remedy
            raise lost from None

    def _made(self) -> None:
        """The module is done with connecting: a link that is lost from here on is this one."""
        self._broken = None
        self._done.set()

    def _ends(self, text: str, code: int | None, remedy: Remedy) -> None:
        """The module says that the link has ended: the one that stands, or the one that is being made."""
        self._broken = LinkLost(text, code, remedy)
        self._lose(text, remedy)

    def _lose(self, text: str, remedy: Remedy) -> None:
        """The link is down: say so, and see to it."""
        if self._failure is not None or not self._up.is_set():
            return
        self._up.clear()
        self._losses += 1
        self._modem.tell("lost", self._session.client, f"{text}: {remedy.value}")
        if self._reconnect:
            self._task = asyncio.get_running_loop().create_task(self._recover(remedy))
        else:
            self.failed(LinkLost(text, None, remedy))

    async def _recover(self, remedy: Remedy) -> None:
        """Come back, or find that it cannot be."""
        modem = self._modem
        if modem.now() - self._since >= self._waited:
            self._attempt = 0
        while True:
            try:
                self._waited = self._pause(self._attempt, modem.chance.random())
                self._attempt += 1
                await asyncio.sleep(self._waited)
                await self._remedy(remedy)
                await self._connect()
                return
            except Exception as error:
                if final(error):
                    self.failed(error if isinstance(error, ModemError) else LineError(str(error)))
                    return
                modem.tell("retry", self.number, f"attempt {self._attempt}: {error}")
                remedy = remedy_of(error, remedy)

    async def _look(self) -> None:
        """See what the module has left, at once. Results were owed that never come, and what comes next may be long in
        coming: whoever sees the line sees that nobody waits for them.
        """
        with suppress(ModemError):
            await self._modem.run(self._modem.recipes.alive(self.number))

    async def _watch(self) -> None:
        """See that the module has the session still: after what could not be read, and when it says nothing."""
        modem = self._modem
        # A module that goes on saying what nobody can read is asked less and less often.
        pause = DOUBT
        while self._failure is None:
            # Until the module has said nothing for that long.
            left = modem.latest + SILENCE - modem.now()
            with suppress(TimeoutError):
                async with asyncio.timeout(left if left > 0 and self.connected else SILENCE):
                    await self._doubted.wait()
                    await asyncio.sleep(pause)
            doubted, losses = self._doubted.is_set(), self._losses
            self._doubted.clear()
            pause = min(2 * pause, SILENCE) if doubted and self.connected else DOUBT
            if not self.connected or (not doubted and modem.now() < modem.latest + SILENCE):
                continue
            why = "the module does not have the session any more"
            # Of one answer that is damaged nothing follows.
            for _ in range(2):
                try:
                    if await modem.run(modem.recipes.alive(self.number)):
                        break
                except ModemError as error:
                    why = str(error)
                    if losses != self._losses:
                        break
            else:
                if losses == self._losses:
                    self._lose(why, Remedy.REBUILD)

    async def _iterate(self) -> AsyncIterator[Message]:
        """Messages, one after the other."""
        while (message := await self.receive()) is not None:
            yield message
