"""The driver on asyncio: a module on a port, real or virtual, and its MQTT clients."""

import asyncio
import math
import os
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random
from types import NoneType, TracebackType
from typing import Any, Self

from modemlab.at.errors import LineError, Misuse, ModemError, NotReady, Remedy, Restart, TimeoutExpired
from modemlab.at.parameters import to_bytes
from modemlab.clocks.scaled import today
from modemlab.dialect.dialect import Dialect, Model
from modemlab.dialect.recipes import (
    Ask,
    Gone,
    Heard,
    Look,
    Message,
    Recipe,
    Recipes,
    Restarted,
    Session,
    StoredAt,
)
from modemlab.driver.modem_values import Answer, Event
from modemlab.driver.mqtt_client import NOBODY, Client
from modemlab.driver.protocol.backoff import delay, how_long
from modemlab.driver.protocol.exchange import Exchange, Job
from modemlab.driver.protocol.identify import GENERIC, identify, one, sign_of_life
from modemlab.ports.address import BAUD
from modemlab.ports.dial import HostLine, carried, dial, lasting
from modemlab.ports.memory import MemoryPort
from modemlab.ports.words import words_of
from modemlab.text.reason import About, Reason
from modemlab.transcripts.vocabulary import vocabulary_of
from modemlab.validation.arguments import AsyncEntered, expected, seconds, whole

# Seconds between two looks at the SIM and the network.
LOOK = 1.0
# A timer that is later than this says that the host was held up: what came meanwhile, and a port's own thread has still
# to hand over, has so many seconds to come first.
HELD_UP, HAND_OVER = 0.25, 0.1
# Bytes of what was sent last that are remembered.
MOST_SENT = 4096
# Seconds for which a port that is gone is looked for, and at most between two looks.
REOPENING, SELDOM = 30.0, 5.0
AGAIN = "it is opened again: ask again"
NOT_OPEN = "the modem is not open: use it as `async with Modem.open(...)`"
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")

__all__ = ["Answer", "Event", "Modem"]


class Modem(AsyncEntered):
    """A module as its host has it. Use it as `async with Modem.open(...) as modem`.

    All of it belongs to the event loop that it was opened on; several tasks may use it at once.
    """

    _written = "async with Modem.open(...) as modem:"

    def __init__(
        self,
        port: str | os.PathLike[str] | MemoryPort,
        *,
        dialect: Dialect | None = None,
        baud: int = BAUD,
        timeout: float = 10.0,
        reopen: float = REOPENING,
        on_event: Callable[[Event], None] | None = None,
        on_urc: Callable[[str, tuple[Any, ...]], None] | None = None,
        on_bytes: Callable[[bool, bytes], None] | None = None,
        now: Callable[[], float] = time.monotonic,
        date: Callable[[], datetime] = today,
        chance: Random | None = None,
    ) -> None:
        """Make a modem that is not open. `dialect` None has it found; `timeout` is for opening the port, in seconds.

        A port that is gone, as that of a USB module is while it starts anew, is looked for and opened again for so many
        seconds as `reopen` says; inf is for ever, 0 not at all.

        `on_event` is told what happens by itself, `on_urc` of each URC, by its name and values, `on_bytes` of all
        that passes on the line: whether the module said it, and the bytes. `now` is a monotonic clock in seconds,
        `date` the date for platforms that sign it, `chance` draws the jitter of retries.
        """
        expected("port", port, (str, os.PathLike, MemoryPort), 'a device such as "/dev/ttyUSB2", or a URL')
        whole("baud", baud, 1, 1 << 24, "bit/s")
        seconds("timeout", timeout)
        seconds("reopen", reopen, endless=True)
        expected(
            "dialect", dialect, (Dialect, NoneType), "a Dialect, as modemlab.dialects.find_model gives it, or None"
        )
        port = port if isinstance(port, MemoryPort) else os.fspath(port)
        self._port, self._baud, self._timeout, self._reopen = port, baud, timeout, reopen
        # The names by which the port is found again; why it is gone, while it is.
        self._names: tuple[str | MemoryPort, ...] = ()
        self._gone: LineError | None = None
        self._wanted = dialect
        self._on_event, self._on_urc, self._on_bytes = on_event, on_urc, on_bytes
        self.now, self.date = now, date
        self.chance = chance or Random()
        self._line: HostLine | None = None
        # The end of what was sent last: an echo of it may be secret.
        self._sent = b""
        self._timer: asyncio.TimerHandle | None = None
        # When the timer fires.
        self._due = math.inf
        self._exchange = Exchange(GENERIC, self._heard)
        self.clients: dict[int, Client] = {}
        self._prepared = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failure: ModemError | None = None
        # When the module last said anything.
        self.latest = 0.0
        self.model: Model | None = None

    @classmethod
    def open(cls, port: str | os.PathLike[str] | MemoryPort, **options: Any) -> Self:
        """A modem to be entered with `async with`; see the constructor for the options."""
        return cls(port, **options)

    async def __aenter__(self) -> Self:
        """Open the port, find out what is there, and set its line up. Raises `LineError`."""
        await self._open()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """End the clients and give the port up."""
        try:
            for client in list(self.clients.values()):
                await client.close()
        finally:
            if self._task is not None:
                self._task.cancel()
            self._end(LineError("the modem is closed"))

    @property
    def dialect(self) -> Dialect:
        """The dialect that it speaks. Raises `LineError` ahead of `async with`."""
        if self._line is None and self._exchange.dialect is GENERIC:
            raise self._failure or LineError(NOT_OPEN)
        return self._exchange.dialect

    @property
    def recipes(self) -> Recipes:
        """How its dialect is asked. Raises `LineError` when a driver does not know how."""
        recipes = self.dialect.recipes
        if recipes is None:
            raise LineError(f"the dialect {self.dialect.name} has no recipes for a driver")
        return recipes

    async def command(self, line: str, *, data: bytes | None = None, timeout: float | None = None) -> Answer:
        """Send a command line such as `AT+CSQ`; its information lines, and their values. `data` follows a prompt.

        Raises `CommandRefused`, and `TimeoutExpired` after the declaration's time, or after `timeout` seconds.
        """
        if not isinstance(line, str):
            raise Misuse(f"a command line is text, not {type(line).__name__}")
        try:
            sent = to_bytes(line)
        except UnicodeEncodeError:
            raise Misuse("the command line is text that UTF-8 does not have") from None
        if not sent or CONTROL.search(sent) is not None:
            raise Misuse(
                f"{vocabulary_of(self.dialect).hide(line)[0][:40]!r} is no command line: it is text, without its CR"
            )
        if not isinstance(data, bytes | None):
            raise Misuse(f"data is bytes, not {type(data).__name__}")
        if timeout is not None:
            seconds("timeout", timeout)
        if self._gone is not None:
            await self.prepared()
        lines = await self.run(one(Ask(sent, data, within=timeout)))
        return Answer(lines, self.dialect, sent)

    async def ready(self, timeout: float = 120.0) -> Look:
        """Wait for the SIM and the network. Raises `NotReady` with what is missing after that many seconds."""
        seconds("timeout", timeout, endless=True)
        begun, told = self.now(), ""
        while True:
            try:
                look: Look = await self.run((self.recipes.bring_up or self.recipes.look)())
                missing = look.missing
            except (Restart, TimeoutExpired) as error:
                missing = f"an answer: {error}"
            waited = self.now() - begun
            if not missing:
                return look
            if missing != told:
                told = missing
                self.tell("waiting", None, told)
            if waited + LOOK > timeout:
                raise NotReady(f"{missing}, after {waited:.0f} s")
            await asyncio.sleep(LOOK)

    def mqtt(self, host: str = "", port: int = 0, **options: Any) -> Client:
        """An MQTT client of the module, to be entered with `async with`; its options are those of `Client`.

        Without a host it is the platform's, without a port the platform's or 1883, with TLS 8883. It takes one of the
        module's clients from when it is entered until it is closed.
        """
        return Client(self, Session(NOBODY, host, port, ""), **options)

    # what clients call

    async def run(
        self, recipe: Recipe, over: Callable[[], None] | None = None, jobs: dict[Job, None] | None = None
    ) -> Any:
        """Run a recipe to its end. Cancelled, it leaves the line in step: what is under way goes on without its caller.

        `over` is called once it is really over; until then it is one of `jobs`.
        """
        if self._line is None:
            recipe.close()
            if over is not None:
                over()
            raise self._failure or (self._gone and Restart(f"{self._gone}; {AGAIN}")) or LineError(NOT_OPEN)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def done(value: Any, error: Exception | None) -> None:
            if over is not None:
                over()
            if jobs is not None:
                jobs.pop(job, None)
            if future.done():
                return
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

        job = Job(recipe, done)
        if jobs is not None:
            jobs[job] = None
        self._exchange.start(job, self.now())
        self._pump()
        try:
            return await future
        except asyncio.CancelledError:
            self._exchange.cancel(job)
            raise

    def drop(self, jobs: Iterable[Job], error: ModemError) -> None:
        """End these with that error: what they are about is over."""
        for job in list(jobs):
            self._exchange.drop(job, error)

    async def prepared(self) -> None:
        """Wait until the line is set up, as after a restart of the module."""
        await self._prepared.wait()
        if self._failure is not None:
            raise self._failure

    def admit(self, client: Client) -> int:
        """The number of a client that is entered. Raises `Misuse` when all are taken."""
        number = next((n for n in range(self.recipes.clients) if n not in self.clients), None)
        if number is None:
            raise Misuse(f"all {self.recipes.clients} MQTT clients of the module are taken: close one first")
        self.clients[number] = client
        self._exchange.own.add(number)
        return number

    def forget(self, client: Client) -> None:
        """A client is over; its number is free."""
        if self.clients.get(client.number) is client:
            del self.clients[client.number]
            self._exchange.own.discard(client.number)

    def tell(self, kind: str, client: int | None, text: str) -> None:
        """Tell of something that happened by itself."""
        self._call(self._on_event, Event(kind, client, text))

    # inside

    def _call(self, callback: Callable[..., None] | None, *told: Any) -> None:
        """Tell a callback; one that fails is the event loop's exception handler's affair, not the line's."""
        if callback is None:
            return
        try:
            callback(*told)
        except Exception as error:  # it is the caller's code
            words = {"message": f"a callback of {self._port} failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(words)

    async def _open(self) -> None:
        """Open the port and find out what is there."""
        if self._line is not None:
            raise Misuse("the modem is open already")
        self._failure, self._names = None, ()
        self._prepared.clear()
        try:
            rate = carried(self._port, self._baud)
        except ValueError as error:
            raise LineError(str(error)) from None
        self._exchange = Exchange(GENERIC, self._heard, rate=rate)
        await self._dial(self._port)
        try:
            dialect = self._wanted
            if dialect is None:
                dialect, self.model = await self.run(identify())
            else:
                await self.run(sign_of_life())
            self._exchange = Exchange(dialect, self._heard, self._stray, rate)
            await self._set_up()
            self._names = lasting(self._port)
            self._prepared.set()
        except BaseException:
            await self.close()
            raise

    async def _dial(self, *names: str | MemoryPort) -> None:
        """Open the port by the first of these names that is there. Raises `LineError` with what the last one says."""
        failed = ""
        for name in names:
            try:
                self._line = await dial(name, self._received, self._ended, baud=self._baud, timeout=self._timeout)
                return
            except (OSError, ValueError) as error:
                failed = words_of(error)
        raise LineError(failed)

    def _received(self, data: bytes) -> None:
        """The module said something."""
        self.latest = self.now()
        self._call(self._on_bytes, True, data)
        self._exchange.receive(data, self.now())
        self._pump()

    def _pump(self) -> None:
        """Send what is to be sent, and be called again in time."""
        data = self._exchange.take()
        while data and self._line is not None:
            self._sent = data[-MOST_SENT:]
            self._call(self._on_bytes, False, data)
            self._line.write(data)
            data = self._exchange.take()
        due = self._exchange.deadline()
        # A timer that is early finds nothing to do and is set anew: most deadlines are put off before they come.
        if due is not None and due < self._due and self._line is not None:
            if self._timer is not None:
                self._timer.cancel()
            self._due = due
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - self.now()), self._advance)

    def _advance(self) -> None:
        """Time has passed."""
        if self._due > -math.inf and self.now() > self._due + HELD_UP:
            # Nobody sets another timer meanwhile.
            self._due = -math.inf
            self._timer = asyncio.get_running_loop().call_later(HAND_OVER, self._advance)
            return
        self._timer, self._due = None, math.inf
        self._exchange.advance(self.now())
        self._pump()

    def _heard(self, heard: Heard) -> None:
        """A URC."""
        self._call(self._on_urc, heard.urc.name, heard.values)
        recipes = self._exchange.dialect.recipes
        meaning = None if recipes is None else recipes.hears.get(heard.urc)
        if meaning is None:
            return
        told = meaning(*heard.values)
        if isinstance(told, Restarted):
            asyncio.get_running_loop().call_soon(self._restart)
            return
        client = None if told is None else self.clients.get(told.client)
        if isinstance(told, Message):
            if client is None:
                self.tell("dropped", told.client, f"{told.topic}: a message for a client that this host does not have")
            else:
                client.took(told)
        elif client is not None and isinstance(told, Gone):
            client.lost(told)
        elif client is not None and isinstance(told, StoredAt):
            # It was not set up as the driver does it.
            self._exchange.own.discard(told.client)
            asyncio.get_running_loop().call_soon(self._fetch, told)

    def _fetch(self, stored: StoredAt) -> None:
        """Have a message that waits in the module."""
        fetch = self.recipes.fetch
        if self._line is not None and fetch is not None:
            self._exchange.start(Job(fetch(*stored), lambda _value, _error: None), self.now())
            self._pump()

    def _restart(self) -> None:
        """The module has started anew: set the line up again, then have the clients connect."""
        if self._failure is not None:
            return
        if not self._prepared.is_set():
            # Whoever sets the line up is told, and begins again.
            self._exchange.restarted(self.now())
            self._pump()
            return
        self._prepared.clear()
        self.tell("restarted", None, "the module started anew")
        self._exchange.restarted(self.now())
        for client in self.clients.values():
            client.lost(None)
        self._task = asyncio.create_task(self._prepare())
        self._pump()

    async def _prepare(self) -> None:
        """Set the line up after a restart; a module that stays silent is a line that has failed."""
        try:
            await self._set_up(anew=True)
        except ModemError as error:
            if self._failure is None:
                self._end(LineError(f"the module started anew and does not answer: {error}"))
            return
        self._prepared.set()

    async def _set_up(self, anew: bool = False) -> None:
        """Set the line up; a module that starts anew meanwhile is set up from the start, three times at most."""
        for attempt in range(3):
            try:
                if anew or attempt:
                    await self.run(sign_of_life())
                await self.run(self.recipes.prepare())
                return
            except (TimeoutExpired, Restart, LineError):
                if attempt == 2 or self._line is None:
                    raise
            except ModemError:
                if attempt == 2:
                    raise
                await asyncio.sleep(LOOK)

    def _stray(self, data: bytes) -> None:
        """Bytes that are nothing; an echo's values, which may be secret, are not told."""
        begin = data[:40].partition(b"=")[0].partition(b'"')[0]
        if begin[:2].upper() != b"AT" and begin.strip() and begin.strip() in self._sent:
            begin = b""
        more = "" if len(begin) == len(data) else "…"
        self.tell("stray", None, f"{len(data)} bytes that are no answer and no URC: {begin!r}{more}")
        for client in self.clients.values():
            client.doubt()

    def _ended(self, reason: Reason) -> None:
        """The line is gone; one that was in use is looked for, and opened again."""
        error = LineError(About(str(self._port), reason))
        if not self._names or not self._reopen:
            self._end(error)
            return
        self._hang_up(Restart(f"{error}; {AGAIN}"))
        if self._gone is not None:
            # Whoever opens it again is told, and goes on.
            return
        self._gone = error
        self._prepared.clear()
        if self._task is not None:
            self._task.cancel()
        self.tell("gone", None, f"{error}; it is opened again, {how_long(self._reopen)}")
        for client in self.clients.values():
            client.lost(Gone(client.number, None, "the port is gone", Remedy.REBUILD))
        self._task = asyncio.create_task(self._open_again(error))

    def _hang_up(self, error: ModemError) -> None:
        """Give the line up: what is under way ends with that error."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, math.inf
        self._exchange.fail(error)

    async def _open_again(self, error: LineError) -> None:
        """Look for the port, less and less often, and set it up; the end, when it is not found in time."""
        until, attempt = self.now() + self._reopen, 0
        while (wait := min(delay(attempt, self.chance.random()), SELDOM)) + self.now() <= until:
            await asyncio.sleep(wait)
            attempt += 1
            try:
                await self._dial(*self._names)
                if self._wanted is None:
                    dialect, self.model = await self.run(identify())
                    if dialect is not self.dialect:
                        error = LineError(f"{self._port}: another module is there now, {self.model.name}: open it anew")
                        break
                await self._set_up(anew=True)
            except ModemError as failed:
                self._hang_up(Restart(f"{error}; {AGAIN}"))
                self.tell("retry", None, f"attempt {attempt}: {failed}")
                continue
            self._gone = None
            self._prepared.set()
            self.tell("back", None, f"{self._port}: it is there again")
            return
        self._end(error)

    def _end(self, error: ModemError) -> None:
        """Whatever is under way ends with that error."""
        if self._failure is None:
            self._failure = error
        self._gone = None
        self._hang_up(error)
        self._prepared.set()
        for client in list(self.clients.values()):
            client.failed(error)
