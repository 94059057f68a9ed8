"""The driver for scripts and notebooks: the same modem and clients, each call blocking until it is done."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError
from threading import Lock, Thread, current_thread
from types import TracebackType
from typing import Any, Self, TypeVar

from modemlab.at.errors import LineError, UsageError
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.recipes import Message, NetworkStatus
from modemlab.driver.modem import Answer, Modem
from modemlab.driver.mqtt_client import Client, Payload
from modemlab.ports.memory import MemoryPort
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.validation.call_arguments import Entered

T = TypeVar("T")
CLOSED = "the modem is closed"


class LoopThread:
    """An event loop on a thread of its own; `run` blocks the caller alone."""

    __slots__ = ("_closing", "_lock", "_loop", "_thread")

    def __init__(self) -> None:
        """Start it."""
        self._loop = asyncio.new_event_loop()
        # What is handed over before `_closing` is set runs ahead of `_drain`, which ends it; later nothing is.
        self._lock, self._closing = Lock(), False
        self._thread = Thread(target=self._loop.run_forever, name="modemlab", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it to its end. A KeyboardInterrupt of the caller cancels it.

        Raises `UsageError` on the loop's own thread, which would wait for itself, `LineError` once the loop is over.
        """
        if current_thread() is self._thread:
            work.close()
            raise UsageError("a callback cannot wait for the modem: have another thread call it")
        with self._lock:
            if self._closing:
                work.close()
                raise LineError(CLOSED)
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise LineError(CLOSED) from None
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End it, and with it whatever other threads still wait for."""
        with self._lock:
            self._closing = True
        asyncio.run_coroutine_threadsafe(self._drain(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _drain(self) -> None:
        """Have every other task end."""
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_default_executor()


class SyncModem(Entered):
    """A `Modem` whose calls block. Use it as `with SyncModem.open(...) as modem`, from any thread."""

    _written = "with SyncModem.open(...) as modem:"

    def __init__(self, port: str | MemoryPort, **options: Any) -> None:
        """Make a modem that is not open; the options are those of `Modem`. Callbacks come on the loop's thread."""
        self._port, self._options = port, options
        self._opened: LoopThread | None = None
        self._modem: Modem

    @classmethod
    def open(cls, port: str | MemoryPort, **options: Any) -> Self:
        """A modem to be entered with `with`."""
        return cls(port, **options)

    def __enter__(self) -> Self:
        """Open the port and find out what is there. Raises `LineError`."""
        loop = LoopThread()
        try:
            self._modem = loop.run(self._open())
        except BaseException:
            loop.close()
            raise
        self._opened = loop
        return self

    @property
    def _loop(self) -> LoopThread:
        """Its loop. Raises `LineError` ahead of `with`."""
        if self._opened is None:
            raise LineError(Sentence(N_("the modem is not open: use it as `with SyncModem.open(...)`")))
        return self._opened

    async def _open(self) -> Modem:
        return await Modem(self._port, **self._options).__aenter__()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close."""
        try:
            self._loop.run(self._modem.close())
        finally:
            self._loop.close()

    @property
    def dialect(self) -> Dialect:
        """As `Modem.dialect`."""
        return self._entered.dialect

    @property
    def model(self) -> Model | None:
        """As `Modem.model`."""
        return self._entered.model

    @property
    def _entered(self) -> Modem:
        """The modem, once it is open. Raises `LineError`."""
        _ = self._loop
        return self._modem

    def command(self, line: str, *, data: bytes | None = None, timeout: float | None = None) -> Answer:
        """As `Modem.command`."""
        return self._loop.run(self._modem.command(line, data=data, timeout=timeout))

    def ready(self, timeout: float = 120.0) -> NetworkStatus:
        """As `Modem.ready`."""
        return self._loop.run(self._modem.ready(timeout))

    def mqtt(self, *where: Any, **options: Any) -> "SyncClient":
        """As `Modem.mqtt`, to be entered with `with`."""
        return SyncClient(self._loop, lambda: self._modem.mqtt(*where, **options))


class SyncClient(Entered):
    """A `Client` whose calls block."""

    _written = "with modem.mqtt(...) as client:"

    def __init__(self, loop: LoopThread, make: Callable[[], Client]) -> None:
        """Make a client that is not connected."""
        self._loop, self._make = loop, make
        self._entered: Client | None = None

    def __enter__(self) -> Self:
        """Connect."""
        self._entered = self._loop.run(self._open())
        return self

    @property
    def _client(self) -> Client:
        """The client. Raises `UsageError` ahead of `with`."""
        if self._entered is None:
            raise UsageError("the client is not connected: use it as `with modem.mqtt(...)`")
        return self._entered

    async def _open(self) -> Client:
        return await self._make().__aenter__()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        self._loop.run(self._client.close())

    def publish(self, topic: str, payload: Payload = None, qos: int = 0, retain: bool = False) -> None:
        """As `Client.publish`."""
        self._loop.run(self._client.publish(topic, payload, qos, retain))

    def subscribe(self, topic: str | Sequence[tuple[str, int]], qos: int = 0) -> tuple[int, ...]:
        """As `Client.subscribe`."""
        return self._loop.run(self._client.subscribe(topic, qos))

    @property
    def number(self) -> int:
        """As `Client.number`."""
        return self._client.number

    @property
    def connected(self) -> bool:
        """As `Client.connected`."""
        return self._client.connected

    def unsubscribe(self, *topic: str | Sequence[str]) -> None:
        """As `Client.unsubscribe`."""
        self._loop.run(self._client.unsubscribe(*topic))

    def receive(self, timeout: float | None = None) -> Message | None:
        """As `Client.receive`; None after so many seconds without a message, too."""
        return self._loop.run(self._next(timeout))

    def messages(self, timeout: float | None = None) -> Iterator[Message]:
        """The messages, as they come; ends after so many seconds without one, or when the client is closed."""
        while (message := self.receive(timeout)) is not None:
            yield message

    async def _next(self, timeout: float | None) -> Message | None:
        try:
            async with asyncio.timeout(timeout):
                return await self._client.receive()
        except TimeoutError:
            return None
