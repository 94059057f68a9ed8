"""The driver on asyncio: a module on a port, real or virtual, and its MQTT clients."""

import asyncio
import os
import re
import time
from collections.abc import Callable
from datetime import datetime
from random import Random
from types import NoneType, TracebackType
from typing import Any, Self

from modemlab.at.errors import LineError, ModemError, NotReady, Remedy, Restart, TimeoutExpired, UsageError
from modemlab.at.parameters import to_bytes
from modemlab.clocks.scaled import today
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.recipes import Ask, LinkDown, MqttSession, NetworkStatus
from modemlab.driver.link import PORT_REOPENING, ModemLink
from modemlab.driver.modem_values import RESTARTED, Answer, Event, EventKind, attempted
from modemlab.driver.mqtt_client import Client
from modemlab.driver.mqtt_connection import NO_CLIENT
from modemlab.driver.protocol.backoff import delay, reopening
from modemlab.driver.protocol.identify import identify, one, sign_of_life
from modemlab.ports.address import BAUD
from modemlab.ports.host_connection import carried, lasting
from modemlab.ports.memory import MemoryPort
from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Reason, Sentence, joined, reason_of
from modemlab.transcripts.known_commands import vocabulary_of
from modemlab.validation.call_arguments import AsyncEntered, expected, seconds, whole

# Seconds between two looks at the SIM and the network.
POLL_INTERVAL_S = 1.0
# Seconds for which a port that is gone is looked for, and at most between two looks.
REOPEN_TIMEOUT_S, MAX_REOPEN_INTERVAL_S = 30.0, 5.0
THERE_AGAIN = Sentence(N_("it is there again"))
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")

__all__ = ["Answer", "Event", "EventKind", "Modem"]
# One for all modems that are given none: its state takes 2.5 kB.
CHANCE = Random()


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
        reopen_timeout: float = REOPEN_TIMEOUT_S,
        on_event: Callable[[Event], None] | None = None,
        on_urc: Callable[[str, tuple[Any, ...]], None] | None = None,
        on_bytes: Callable[[bool, bytes], None] | None = None,
        now: Callable[[], float] = time.monotonic,
        date: Callable[[], datetime] = today,
        rng: Random | None = None,
    ) -> None:
        """Make a modem that is not open. `dialect` None has it found; `timeout` is for opening the port, in seconds.

        A port that is gone, as that of a USB module is while it starts anew, is looked for and opened again for so many
        seconds as `reopen_timeout` says; inf is for ever, 0 not at all.

        `on_event` is told what happens by itself, `on_urc` of each URC, by its name and values, `on_bytes` of all
        that passes on the line: whether the module said it, and the bytes. `now` is a monotonic clock in seconds,
        `date` the date for platforms that sign it, `rng` draws the jitter of retries.
        """
        expected("port", port, (str, os.PathLike, MemoryPort), 'a device such as "/dev/ttyUSB2", or a URL')
        whole("baud", baud, 1, 1 << 24, "bit/s")
        seconds("timeout", timeout)
        seconds("reopen_timeout", reopen_timeout, endless=True)
        expected(
            "dialect", dialect, (Dialect, NoneType), "a Dialect, as modemlab.dialects.find_model gives it, or None"
        )
        port = port if isinstance(port, MemoryPort) else os.fspath(port)
        self._port, self._baud, self._timeout, self._reopen_timeout = port, baud, timeout, reopen_timeout
        # The names by which the port is found again.
        self._names: tuple[str | MemoryPort, ...] = ()
        self._wanted = dialect
        self._task: asyncio.Task[None] | None = None
        self.model: Model | None = None
        # What it stands on, and its clients beside it.
        self.link = ModemLink(
            port,
            self._restart,
            self._ended,
            on_event=on_event,
            on_urc=on_urc,
            on_bytes=on_bytes,
            now=now,
            date=date,
            rng=rng or CHANCE,
        )

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
            for client in list(self.link.clients.values()):
                await client.close()
        finally:
            if self._task is not None:
                self._task.cancel()
            self.link.end(LineError(Sentence(N_("the modem is closed"))))

    @property
    def dialect(self) -> Dialect:
        """The dialect that it speaks. Raises `LineError` ahead of `async with`."""
        return self.link.dialect

    async def command(self, line: str, *, data: bytes | None = None, timeout: float | None = None) -> Answer:
        """Send a command line such as `AT+CSQ`; its information lines, and their values. `data` follows a prompt.

        Raises `CommandRefused`, and `TimeoutExpired` after the declaration's time, or after `timeout` seconds.
        """
        if not isinstance(line, str):
            raise UsageError(f"a command line is text, not {type(line).__name__}")
        try:
            sent = to_bytes(line)
        except UnicodeEncodeError:
            raise UsageError("the command line is text that UTF-8 does not have") from None
        if not sent or CONTROL.search(sent) is not None:
            raise UsageError(
                f"{vocabulary_of(self.dialect).hide(line)[0][:40]!r} is no command line: it is text, without its CR"
            )
        if not isinstance(data, bytes | None):
            raise UsageError(f"data is bytes, not {type(data).__name__}")
        if timeout is not None:
            seconds("timeout", timeout)
        if self.link.gone is not None:
            await self.link.wait_until_set_up()
        lines = await self.link.run(one(Ask(sent, data, within=timeout)))
        return Answer(lines, self.dialect, sent)

    async def ready(self, timeout: float = 120.0) -> NetworkStatus:
        """Wait for the SIM and the network. Raises `NotReady` with what is missing after that many seconds."""
        seconds("timeout", timeout, endless=True)
        begun, told = self.link.now(), None
        while True:
            try:
                look: NetworkStatus = await self.link.run((self.link.recipes.bring_up or self.link.recipes.look)())
                missing: Reason | None = look.missing
            except (Restart, TimeoutExpired) as error:
                missing = Sentence(N_("an answer: {reason}"), reason=error.reason)
            waited = self.link.now() - begun
            if missing is None:
                return look
            if missing != told:
                told = missing
                self.link.emit_event(EventKind.NOT_READY, None, missing)
            if waited + POLL_INTERVAL_S > timeout:
                raise NotReady(Sentence(N_("{missing}, after {waited:.0f} s"), missing=missing, waited=waited))
            await asyncio.sleep(POLL_INTERVAL_S)

    def mqtt(self, host: str = "", port: int = 0, **options: Any) -> Client:
        """An MQTT client of the module, to be entered with `async with`; its options are those of `Client`.

        Without a host it is the platform's, without a port the platform's or 1883, with TLS 8883. It takes one of the
        module's clients from when it is entered until it is closed.
        """
        return Client(self.link, MqttSession(NO_CLIENT, host, port, ""), **options)

    # inside

    async def _open(self) -> None:
        """Open the port and find out what is there."""
        if self.link.open:
            raise UsageError("the modem is open already")
        self._names = ()
        try:
            rate = carried(self._port, self._baud)
        except ValueError as error:
            raise LineError(reason_of(error)) from None
        self.link.reset(rate)
        await self._dial(self._port)
        try:
            dialect = self._wanted
            if dialect is None:
                dialect, self.model = await self.link.run(identify())
            else:
                await self.link.run(sign_of_life())
            self.link.set_dialect(dialect)
            await self._set_up()
            self._names = lasting(self._port)
            self.link.settled.set()
        except BaseException:
            await self.close()
            raise

    async def _dial(self, *names: str | MemoryPort) -> None:
        """Open the port by the first of these names that is there. Raises `LineError`."""
        await self.link.open_port(*names, baud=self._baud, timeout=self._timeout)

    def _restart(self) -> None:
        """The module has started anew: set the line up again, then have the clients connect."""
        if self.link.failure is not None:
            return
        if not self.link.settled.is_set():
            # Whoever sets the line up is told, and begins again.
            self.link.exchange.restarted(self.link.now())
            self.link.pump()
            return
        self.link.settled.clear()
        self.link.emit_event(EventKind.MODULE_RESTARTED, None, RESTARTED)
        self.link.exchange.restarted(self.link.now())
        for client in self.link.clients.values():
            client.on_link_lost(None)
        self._task = asyncio.create_task(self._prepare())
        self.link.pump()

    async def _prepare(self) -> None:
        """Set the line up after a restart; a module that stays silent is a line that has failed."""
        try:
            await self._set_up(anew=True)
        except ModemError as error:
            if self.link.failure is None:
                message = N_("the module restarted and does not answer: {reason}")
                self.link.end(LineError(Sentence(message, reason=error.reason)))
            return
        self.link.settled.set()

    async def _set_up(self, anew: bool = False) -> None:
        """Set the line up; a module that starts anew meanwhile is set up from the start, three times at most."""
        for attempt in range(3):
            try:
                if anew or attempt:
                    await self.link.run(sign_of_life())
                await self.link.run(self.link.recipes.prepare())
                return
            except (TimeoutExpired, Restart, LineError):
                if attempt == 2 or not self.link.open:
                    raise
            except ModemError:
                if attempt == 2:
                    raise
                await asyncio.sleep(POLL_INTERVAL_S)

    def _ended(self, reason: Reason) -> None:
        """The line is gone; one that was in use is looked for, and opened again."""
        error = LineError(About(str(self._port), reason))
        if not self._names or not self._reopen_timeout:
            self.link.end(error)
            return
        self.link.close_port(Restart(joined(error.reason, PORT_REOPENING)))
        if self.link.gone is not None:
            # Whoever opens it again is told, and goes on.
            return
        self.link.gone = error
        self.link.settled.clear()
        if self._task is not None:
            self._task.cancel()
        self.link.emit_event(EventKind.PORT_LOST, None, joined(error.reason, reopening(self._reopen_timeout)))
        for client in self.link.clients.values():
            client.on_link_lost(LinkDown(client.number, None, N_("the port is gone"), Remedy.REBUILD))
        self._task = asyncio.create_task(self._open_again(error))

    async def _open_again(self, error: LineError) -> None:
        """Look for the port, less and less often, and set it up; the end, when it is not found in time."""
        until, attempt = self.link.now() + self._reopen_timeout, 0
        while (wait := min(delay(attempt, self.link.rng.random()), MAX_REOPEN_INTERVAL_S)) + self.link.now() <= until:
            await asyncio.sleep(wait)
            attempt += 1
            try:
                await self._dial(*self._names)
                if self._wanted is None:
                    dialect, self.model = await self.link.run(identify())
                    if dialect is not self.link.dialect:
                        message = N_("a different module is connected now ({model}): open the port again")
                        another = Sentence(message, model=self.model.name)
                        error = LineError(About(str(self._port), another))
                        break
                await self._set_up(anew=True)
            except ModemError as failed:
                self.link.close_port(Restart(joined(error.reason, PORT_REOPENING)))
                self.link.emit_event(EventKind.RETRY, None, attempted(attempt, failed))
                continue
            self.link.gone = None
            self.link.settled.set()
            self.link.emit_event(EventKind.PORT_REOPENED, None, About(str(self._port), THERE_AGAIN))
            return
        self.link.end(error)
