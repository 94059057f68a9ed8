"""The line to a module and the exchange over it: what a modem and its MQTT clients stand on."""

import asyncio
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random
from typing import Any, Protocol

from modemlab.at.errors import LineError, ModemError, Restart, UsageError
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import LinkDown, Message, ReceivedUrc, Recipe, Recipes, Restarted, StoredAt
from modemlab.driver.light_event import LightEvent
from modemlab.driver.modem_values import Event, EventKind
from modemlab.driver.protocol.exchange import Exchange, RecipeRun
from modemlab.driver.protocol.identify import GENERIC
from modemlab.ports.error_texts import why
from modemlab.ports.host_connection import HostLine, dial
from modemlab.ports.memory import MemoryPort
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, joined

# A timer that is later than this says that the host was held up: what came meanwhile, and a port's own thread has still
# to hand over, has so many seconds to come first.
LATE_TIMER_S, LATE_DATA_GRACE_S = 0.25, 0.1
# Bytes of what was sent last that are remembered.
MAX_REMEMBERED_BYTES = 4096
PORT_REOPENING: Reason = Sentence(N_("the port is being reopened: try again"))
NOT_OPEN: Reason = Sentence(N_("the modem is not open: use it as `async with Modem.open(...)`"))


class LinkUser(Protocol):
    """An MQTT client of the module, as the link has it: it is told what the module says of it."""

    @property
    def number(self) -> int:
        """The module's number for it."""

    @property
    def connected(self) -> bool:
        """Whether its connection to the server stands."""

    def on_message(self, message: Message) -> None:
        """A message came."""

    def on_link_lost(self, gone: LinkDown | None) -> None:
        """Its connection ended; None: the module restarted."""

    def on_unexpected_bytes(self) -> None:
        """Something came that could not be read: it may have been the end of its connection."""

    def on_line_closed(self, error: ModemError) -> None:
        """The line is over, and it with it."""

    async def close(self) -> None:
        """Disconnect, and be over."""


class AwaitedRun(RecipeRun):
    """A recipe whose caller waits for its `future`; `over` and `jobs` are those of `ModemLink.run`."""

    __slots__ = ("_jobs", "_over", "future")

    def __init__(self, recipe: Recipe, over: Callable[[], None] | None, jobs: dict[RecipeRun, None] | None) -> None:
        super().__init__(recipe)
        self._over, self._jobs = over, jobs
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def done(self, value: Any, error: Exception | None) -> None:
        if self._over is not None:
            self._over()
        if self._jobs is not None:
            self._jobs.pop(self, None)
        if self.future.done():
            return
        if error is None:
            self.future.set_result(value)
        else:
            self.future.set_exception(error)


class ModemLink:
    """A line that carries the recipes of a modem and of its clients, and brings each what the module says of it.

    `name` is the port, for errors. `restarted` is called when the module says that it started anew, `ended` with the
    reason when the line is gone. The callbacks and clocks are those of `Modem`.
    """

    def __init__(
        self,
        name: str | MemoryPort,
        restarted: Callable[[], None],
        ended: Callable[[Reason], None],
        *,
        on_event: Callable[[Event], None] | None,
        on_urc: Callable[[str, tuple[Any, ...]], None] | None,
        on_bytes: Callable[[bool, bytes], None] | None,
        now: Callable[[], float],
        date: Callable[[], datetime],
        rng: Random,
    ) -> None:
        """Make a link without a line."""
        self.name, self._restarted, self._ended = name, restarted, ended
        self._on_event, self._on_urc, self._on_bytes = on_event, on_urc, on_bytes
        self.now, self.date, self.rng = now, date, rng
        self._line: HostLine | None = None
        # The end of what was sent last: an echo of it may be secret.
        self._sent = b""
        self._timer: asyncio.TimerHandle | None = None
        # When the timer fires.
        self._due = math.inf
        self._rate = math.inf
        self.exchange = Exchange(GENERIC, self._heard)
        self.clients: dict[int, LinkUser] = {}
        # Set while the line is set up, and once it has failed.
        self.settled = LightEvent()
        # Why the port is gone, while it is looked for; why it is over.
        self.gone: LineError | None = None
        self.failure: ModemError | None = None
        # When the module last said anything.
        self.last_received_at = 0.0

    @property
    def open(self) -> bool:
        """Whether there is a line."""
        return self._line is not None

    @property
    def dialect(self) -> Dialect:
        """The dialect that it speaks. Raises `LineError` before it has been opened."""
        if self._line is None and self.exchange.dialect is GENERIC:
            raise self.failure or LineError(NOT_OPEN)
        return self.exchange.dialect

    @property
    def recipes(self) -> Recipes:
        """How its dialect is asked. Raises `LineError` when a driver does not know how."""
        recipes = self.dialect.recipes
        if recipes is None:
            raise LineError(
                Sentence(N_("the dialect {dialect} has no recipes for a driver"), dialect=self.dialect.name)
            )
        return recipes

    # what its users call

    async def run(
        self, recipe: Recipe, over: Callable[[], None] | None = None, jobs: dict[RecipeRun, None] | None = None
    ) -> Any:
        """Run a recipe to its end. Cancelled, it leaves the line in step: what is under way goes on without its caller.

        `over` is called once it is really over; until then it is one of `jobs`.
        """
        if self._line is None:
            recipe.close()
            if over is not None:
                over()
            raise (
                self.failure or (self.gone and Restart(joined(self.gone.reason, PORT_REOPENING))) or LineError(NOT_OPEN)
            )
        job = AwaitedRun(recipe, over, jobs)
        if jobs is not None:
            jobs[job] = None
        self.exchange.start(job, self.now())
        self.pump()
        try:
            return await job.future
        except asyncio.CancelledError:
            self.exchange.cancel(job)
            raise

    def cancel_jobs(self, jobs: Iterable[RecipeRun], error: ModemError) -> None:
        """End these with that error: what they are about is over."""
        for job in list(jobs):
            self.exchange.drop(job, error)

    async def wait_until_set_up(self) -> None:
        """Wait until the line is set up, as after a restart of the module."""
        await self.settled.wait()
        if self.failure is not None:
            raise self.failure

    def register_client(self, client: LinkUser) -> int:
        """The number of a client that is entered. Raises `UsageError` when all are taken."""
        number = next((n for n in range(self.recipes.clients) if n not in self.clients), None)
        if number is None:
            message = N_("all {count} MQTT clients of the module are taken: close one first")
            raise UsageError(Sentence(message, count=self.recipes.clients))
        self.clients[number] = client
        self.exchange.clients_with_length.add(number)
        return number

    def unregister_client(self, client: LinkUser) -> None:
        """A client is over; its number is free."""
        if self.clients.get(client.number) is client:
            del self.clients[client.number]
            self.exchange.clients_with_length.discard(client.number)

    def emit_event(self, kind: EventKind, client: int | None, reason: Reason) -> None:
        """Tell of something that happened by itself."""
        self._call(self._on_event, Event(kind, client, reason))

    # what the modem calls

    def reset(self, rate: float) -> None:
        """Begin anew, on a line that carries `rate` bytes a second and whose dialect is not known yet."""
        self.failure = None
        self.settled.clear()
        self._rate = rate
        self.exchange = Exchange(GENERIC, self._heard, rate=rate)

    def set_dialect(self, dialect: Dialect) -> None:
        """Speak that dialect from now on."""
        self.exchange = Exchange(dialect, self._heard, self._unexpected_bytes, self._rate)

    async def open_port(self, *names: str | MemoryPort, baud: int, timeout: float) -> None:
        """Open the port by the first of these names that is there. Raises `LineError` with what the last one says."""
        failed = NOT_OPEN
        for name in names:
            try:
                self._line = await dial(name, self._received, self._ended, baud=baud, timeout=timeout)
                return
            except (OSError, ValueError) as error:
                failed = why(error)
        raise LineError(failed)

    def close_port(self, error: ModemError) -> None:
        """Give the line up: what is under way ends with that error."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, math.inf
        self.exchange.fail(error)

    def end(self, error: ModemError) -> None:
        """Give the line up for good: whatever is under way ends with that error, and every client."""
        if self.failure is None:
            self.failure = error
        self.gone = None
        self.close_port(error)
        self.settled.set()
        for client in list(self.clients.values()):
            client.on_line_closed(error)

    def pump(self) -> None:
        """Send what is to be sent, and be called again in time."""
        exchange = self.exchange
        while self._line is not None and (data := exchange.data_to_send()):
            self._sent = data[-MAX_REMEMBERED_BYTES:]
            if self._on_bytes is not None:
                self._call(self._on_bytes, False, data)
            self._line.write(data)
        due = exchange.deadline()
        # A timer that is early finds nothing to do and is set anew: most deadlines are put off before they come.
        if due is not None and due < self._due and self._line is not None:
            if self._timer is not None:
                self._timer.cancel()
            self._due = due
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - self.now()), self._advance)

    # inside

    def _call(self, callback: Callable[..., None] | None, *told: Any) -> None:
        """Tell a callback; one that fails is the event loop's exception handler's affair, not the line's."""
        if callback is None:
            return
        try:
            callback(*told)
        except Exception as error:  # it is the caller's code
            words = {"message": f"a callback of {self.name} failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(words)

    def _received(self, data: bytes) -> None:
        """The module said something."""
        now = self.last_received_at = self.now()
        if self._on_bytes is not None:
            self._call(self._on_bytes, True, data)
        self.exchange.receive(data, now)
        self.pump()

    def _advance(self) -> None:
        """Time has passed."""
        if self._due > -math.inf and self.now() > self._due + LATE_TIMER_S:
            # Nobody sets another timer meanwhile.
            self._due = -math.inf
            self._timer = asyncio.get_running_loop().call_later(LATE_DATA_GRACE_S, self._advance)
            return
        self._timer, self._due = None, math.inf
        self.exchange.advance(self.now())
        self.pump()

    def _heard(self, heard: ReceivedUrc) -> None:
        """A URC."""
        if self._on_urc is not None:
            self._call(self._on_urc, heard.urc.name, heard.values)
        recipes = self.exchange.dialect.recipes
        meaning = None if recipes is None else recipes.hears.get(heard.urc)
        if meaning is None:
            return
        told = meaning(*heard.values)
        if isinstance(told, Restarted):
            asyncio.get_running_loop().call_soon(self._restarted)
            return
        client = None if told is None else self.clients.get(told.client)
        if isinstance(told, Message):
            if client is None:
                message = N_("{topic}: a message for a client that this host does not have")
                self.emit_event(EventKind.MESSAGE_DROPPED, told.client, Sentence(message, topic=told.topic))
            else:
                client.on_message(told)
        elif client is not None and isinstance(told, LinkDown):
            client.on_link_lost(told)
        elif client is not None and isinstance(told, StoredAt):
            # It was not set up as the driver does it.
            self.exchange.clients_with_length.discard(told.client)
            asyncio.get_running_loop().call_soon(self._fetch, told)

    def _fetch(self, stored: StoredAt) -> None:
        """Have a message that waits in the module."""
        fetch = self.recipes.fetch
        if self._line is not None and fetch is not None:
            self.exchange.start(RecipeRun(fetch(*stored)), self.now())
            self.pump()

    def _unexpected_bytes(self, data: bytes) -> None:
        """Bytes that are nothing; an echo's values, which may be secret, are not told."""
        begin = data[:40].partition(b"=")[0].partition(b'"')[0]
        if begin[:2].upper() != b"AT" and begin.strip() and begin.strip() in self._sent:
            begin = b""
        more = "" if len(begin) == len(data) else "…"
        message = N_("{count} bytes that are no answer and no URC: {begin}")
        self.emit_event(EventKind.UNEXPECTED_BYTES, None, Sentence(message, count=len(data), begin=f"{begin!r}{more}"))
        for client in self.clients.values():
            client.on_unexpected_bytes()
