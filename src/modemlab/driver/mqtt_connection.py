"""A client's connection to its server: made, watched, lost, and made again by the manual's remedy."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from modemlab.at.errors import (
    CommandRefused,
    LineError,
    LinkLost,
    ModemError,
    NotDelivered,
    Remedy,
    Restart,
    TimeoutExpired,
    UsageError,
)
from modemlab.dialect.recipes import LinkDown, Message, MqttSession, Recipe
from modemlab.driver.light_event import LightEvent
from modemlab.driver.link import ModemLink
from modemlab.driver.modem_values import RESTARTED, EventKind, attempted
from modemlab.driver.protocol.backoff import final, remedy_of
from modemlab.driver.protocol.exchange import RecipeRun
from modemlab.driver.protocol.identifiers import Identifiers
from modemlab.platforms.devices import Platform, enter
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, helped

# The number of a client that was not entered yet.
NO_CLIENT = -1
# Seconds after which a module that says nothing is asked whether it still has the session, and after something that
# could not be read; where that goes on, twice as many each time, up to the former.
MAX_CHECK_INTERVAL_S = 60.0
MIN_CHECK_INTERVAL_S = 0.5
# Seconds that a client's end may take.
CLOSE_TIMEOUT_S = 5.0
# A link that is lost while one of these is under way has not delivered it.
LINK_FAILURES = (LinkLost, Restart, TimeoutExpired)
SESSION_LOST: Reason = Sentence(N_("the module does not have the session any more"))
# The recipe of a packet, of the session, its identifier and its values.
Packet = Callable[..., Recipe]


class MqttConnection:
    """The connection that one client of the module has, over links that are lost and found again.

    `session` is what is wanted, of a `platform`'s device if there is one; `connect_timeout` and `retry_delay` are those
    of `Client`. `on_message` is called with each message, `woken` when whoever waits is to look again: it is over.
    """

    def __init__(
        self,
        link: ModemLink,
        session: MqttSession,
        platform: Platform | None,
        *,
        connect_timeout: float,
        reconnect: bool,
        retry_delay: Callable[[int, float], float],
        on_message: Callable[[Message], None],
        woken: Callable[[], None],
    ) -> None:
        """Make one that does not stand."""
        self._link, self._session, self._platform = link, session, platform
        self._reconnect = reconnect
        self._retry_delay = retry_delay
        self._connect_timeout = connect_timeout if reconnect else 0.0
        self.on_message, self._woken = on_message, woken
        self._up = LightEvent()
        # How many links were lost; what ended the one that is being made; when the last one was made.
        self._losses = 0
        self._broken: LinkLost | None = None
        self._since = 0.0
        # Attempts since a link last stood for longer than it was waited for, and that wait in seconds.
        self._attempt = 0
        self._waited = 0.0
        # What is under way on the link.
        self._jobs: dict[RecipeRun, None] = {}
        # Clear while the module connects, whoever waits for that.
        self._done = LightEvent()
        self._done.set()
        self.failure: ModemError | None = None
        # Whether its host has closed it; what is set once that is done.
        self.closed = False
        self._over: LightEvent | None = None
        self._task: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._looks: asyncio.Task[None] | None = None
        self._session_doubtful = LightEvent()
        # What is subscribed to again on each link, with its QoS.
        self.topics: dict[str, int] = {}
        self._window = asyncio.Semaphore(link.recipes.window)
        self._identifiers = Identifiers()

    async def open(self) -> None:
        """Connect, within the connect_timeout; see `Client.__aenter__` for what is raised."""
        if self.failure is not None:
            raise self.failure
        if self.number != NO_CLIENT:
            raise UsageError("the client is entered already")
        self._session = self._session._replace(client=self._link.register_client(self))
        try:
            await self._enter()
        except BaseException:
            await self.close()
            raise
        self._watcher = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Disconnect, and be over. Of several that close it, each waits until it is."""
        if self._over is not None:
            await self._over.wait()
            return
        self._over = LightEvent()
        stands = False
        if self.failure is None:
            # From here on no link that is lost is made again.
            self.failure = LinkLost(Sentence(N_("the client is closed")))
            self.closed = self.number != NO_CLIENT
            stands = self._up.is_set()
        try:
            tasks = [task for task in (self._task, self._watcher, self._looks) if task is not None]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
            if self.closed:
                with suppress(ModemError, TimeoutError):
                    async with asyncio.timeout(CLOSE_TIMEOUT_S):
                        await self._done.wait()
                        recipes = self._link.recipes
                        await self._link.run((recipes.disconnect if stands else recipes.clear)(self.number))
        finally:
            self._stop()
            self._link.unregister_client(self)
            self._over.set()

    @property
    def number(self) -> int:
        """The module's number for the client, which it has from when it is entered."""
        return self._session.client

    @property
    def connected(self) -> bool:
        """Whether the link stands."""
        return self._up.is_set() and self.failure is None

    # what the client calls

    async def send(self, packet: Packet, values: tuple[Any, ...], what: str) -> None:
        """Send a packet on the link that stands. Raises `LinkLost` without one, or if it is lost meanwhile."""
        if not self.connected:
            raise self.failure or LinkLost(Sentence(N_("the link is down, and QoS 0 does not wait for it")))
        losses = self._losses
        try:
            await self._link.run(packet(self._session, 0, *values), jobs=self._jobs)
        except CommandRefused as error:
            if await self._stands(error, losses):
                raise
            raise LinkLost(Sentence(N_("{what} was not sent: {reason}"), what=what, reason=error.reason)) from None

    async def deliver(self, packet: Packet, values: tuple[Any, ...], what: str, *, windowed: bool = False) -> Any:
        """What a packet's recipe, of these values, gives, on this link or on a later one.

        A packet keeps its identifier and, `windowed`, its place in the window until the module is done with it, whoever
        waits.
        """
        while True:
            if not self._up.is_set():
                await self._up.wait()
            if self.failure is not None:
                raise self.failure
            if windowed:
                await self._window.acquire()
                if not self.connected:
                    self._window.release()
                    continue
            losses = self._losses
            msgid = self._identifiers.take()
            over = partial(self._release, msgid, windowed)
            try:
                return await self._link.run(packet(self._session, msgid, *values), over, self._jobs)
            except (*LINK_FAILURES, CommandRefused) as error:
                if await self._stands(error, losses) or not self._reconnect:
                    raise
                again = Sentence(N_("{what} is sent again: {reason}"), what=what, reason=error.reason)
                self._link.emit_event(EventKind.REPUBLISHED, self._session.client, again)

    def _release(self, msgid: int, windowed: bool) -> None:
        """The module is done with a packet."""
        self._identifiers.free(msgid)
        if windowed:
            self._window.release()

    # what the link calls

    def on_link_lost(self, gone: LinkDown | None) -> None:
        """The link ended; None: the module restarted."""
        if gone is None:
            self._ends(RESTARTED, None, Remedy.REBUILD)
        elif gone.remedy is not Remedy.NOTHING:
            if self._jobs or not self._up.is_set():
                self._looks = asyncio.get_running_loop().create_task(self._look())
            meaning = Sentence(gone.meaning)
            coded = Sentence(N_("code {code}, {meaning}"), code=gone.code, meaning=meaning)
            self._ends(meaning if gone.code is None else coded, gone.code, gone.remedy)

    def on_unexpected_bytes(self) -> None:
        """Something came that could not be read: it may have been the end of the link."""
        self._session_doubtful.set()

    def on_line_closed(self, error: ModemError) -> None:
        """Nothing mends it: the client is over."""
        if self.failure is None:
            self.failure = error
            self._link.emit_event(EventKind.FAILED, self.number, error.reason)
        self._stop()

    # inside

    def _stop(self) -> None:
        """Wake whoever waits."""
        if self.failure is not None:
            self._link.cancel_jobs(self._jobs, self.failure)
        self._up.set()
        self._woken()
        self._session_doubtful.set()

    async def _stands(self, error: ModemError, losses: int) -> bool:
        """Whether a command was refused on a link that the module still has: the command is at fault, not the link.

        Otherwise the link is lost, unless it has been since: `losses` is how many were lost before.
        """
        with suppress(*LINK_FAILURES, CommandRefused):
            if isinstance(error, CommandRefused) and losses == self._losses:
                alive = await self._link.run(self._link.recipes.alive(self.number))
                if alive and losses == self._losses:
                    return True
        if losses == self._losses:
            self._lose(error.reason, Remedy.REBUILD)
        return False

    async def _enter(self) -> None:
        """Connect for the first time. What a later attempt may mend is tried again, while there is connect_timeout."""
        link = self._link
        until = link.now() + self._connect_timeout
        remedy = None
        while True:
            try:
                await self._remedy(remedy)
                await self._connect()
                return
            except LINK_FAILURES as error:
                wait = self._retry_delay(self._attempt, link.rng.random())
                if final(error) or self.failure is not None or link.now() + wait > until:
                    raise
                self._attempt += 1
                link.emit_event(EventKind.RETRY, self.number, attempted(self._attempt, error))
                remedy = remedy_of(error, Remedy.REOPEN)
            await asyncio.sleep(wait)

    async def _remedy(self, remedy: Remedy | None) -> None:
        """Do what comes ahead of another attempt. A context that carries another client stays."""
        link = self._link
        await link.wait_until_set_up()
        if remedy is Remedy.RENEW_PDP and not any(each.connected for each in link.clients.values()):
            await link.run(link.recipes.renew())
        elif remedy is Remedy.REBUILD:
            await link.run(link.recipes.prepare())

    async def _connect(self) -> None:
        """Open and connect, and have what was subscribed to again."""
        link = self._link
        self._session = session = enter(self._session, self._platform, link.date())
        self._done.clear()
        await link.run(link.recipes.connect(session), self._made)
        # As many at once as whoever subscribed had may be more than a line takes.
        for topic in tuple(self.topics.items()):
            await self._again(session, topic)
        if self._broken is not None:
            raise self._broken
        if self.failure is not None:
            # It was closed meanwhile.
            raise self.failure
        self._since = link.now()
        self._up.set()
        link.emit_event(EventKind.CONNECTED, session.client, Sentence(f"{session.host}:{session.port}"))

    async def _again(self, session: MqttSession, topic: tuple[str, int]) -> None:
        """Subscribe again. One that is refused is told of, and tried again on the next link; the link stays."""
        link = self._link
        msgid = self._identifiers.take()
        over = partial(self._identifiers.free, msgid)
        try:
            await link.run(link.recipes.subscribe(session, msgid, (topic,)), over)
        except (NotDelivered, CommandRefused) as error:
            if isinstance(error, CommandRefused) and not await link.run(link.recipes.alive(session.client)):
                raise
            message = N_("{topic} is not subscribed to on this link: {reason}")
            refused = Sentence(message, topic=topic[0], reason=error.reason)
            link.emit_event(EventKind.SUBSCRIPTION_REFUSED, session.client, refused)
        except LinkLost as error:
            # Some servers refuse by hanging up.
            message = N_("{topic} could not be subscribed to: {reason}")
            lost = LinkLost(Sentence(message, topic=topic[0], reason=error.reason), error.code)
            lost.remedy = error.remedy
            raise lost from None

    def _made(self) -> None:
        """The module is done with connecting: a link that is lost from here on is this one."""
        self._broken = None
        self._done.set()

    def _ends(self, reason: Reason, code: int | None, remedy: Remedy) -> None:
        """The module says that the link has ended: the one that stands, or the one that is being made."""
        self._broken = LinkLost(reason, code, remedy)
        self._lose(reason, remedy)

    def _lose(self, reason: Reason, remedy: Remedy) -> None:
        """The link is down: say so, and see to it."""
        if self.failure is not None or not self._up.is_set():
            return
        self._up.clear()
        self._losses += 1
        self._link.emit_event(EventKind.LINK_LOST, self._session.client, helped(reason, Sentence(remedy.value)))
        if self._reconnect:
            self._task = asyncio.get_running_loop().create_task(self._recover(remedy))
        else:
            self.on_line_closed(LinkLost(reason, None, remedy))

    async def _recover(self, remedy: Remedy) -> None:
        """Come back, or find that it cannot be."""
        link = self._link
        if link.now() - self._since >= self._waited:
            self._attempt = 0
        while True:
            try:
                self._waited = self._retry_delay(self._attempt, link.rng.random())
                self._attempt += 1
                await asyncio.sleep(self._waited)
                await self._remedy(remedy)
                await self._connect()
                return
            except Exception as error:
                if final(error):
                    self.on_line_closed(error if isinstance(error, ModemError) else LineError(str(error)))
                    return
                link.emit_event(EventKind.RETRY, self.number, attempted(self._attempt, error))
                remedy = remedy_of(error, remedy)

    async def _look(self) -> None:
        """See what the module has left, at once. Results were owed that never come, and what comes next may be long in
        coming: whoever sees the line sees that nobody waits for them.
        """
        with suppress(ModemError):
            await self._link.run(self._link.recipes.alive(self.number))

    async def _watch(self) -> None:
        """See that the module has the session still: after what could not be read, and when it says nothing."""
        link = self._link
        # A module that goes on saying what nobody can read is asked less and less often.
        retry_delay = MIN_CHECK_INTERVAL_S
        while self.failure is None:
            # Until the module has said nothing for that long.
            left = link.last_received_at + MAX_CHECK_INTERVAL_S - link.now()
            with suppress(TimeoutError):
                async with asyncio.timeout(left if left > 0 and self.connected else MAX_CHECK_INTERVAL_S):
                    await self._session_doubtful.wait()
                    await asyncio.sleep(retry_delay)
            doubted, losses = self._session_doubtful.is_set(), self._losses
            self._session_doubtful.clear()
            retry_delay = (
                min(2 * retry_delay, MAX_CHECK_INTERVAL_S) if doubted and self.connected else MIN_CHECK_INTERVAL_S
            )
            if not self.connected or (not doubted and link.now() < link.last_received_at + MAX_CHECK_INTERVAL_S):
                continue
            why = SESSION_LOST
            # Of one answer that is damaged nothing follows.
            for _ in range(2):
                try:
                    if await link.run(link.recipes.alive(self.number)):
                        break
                except ModemError as error:
                    why = error.reason
                    if losses != self._losses:
                        break
            else:
                if losses == self._losses:
                    self._lose(why, Remedy.REBUILD)
