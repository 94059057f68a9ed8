"""An MQTT client of a module: what a host publishes and hears, over links that are lost and found again."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from modemlab.at.errors import CommandRefused, LineError, LinkLost, Misuse, ModemError, Restart, TimeoutExpired
from modemlab.at.recipes import Gone, Keys, Message, Recipe, Remedy, Session, Will
from modemlab.driver.recovery import delay, final
from modemlab.mqtt.topics import check_filter, check_name
from modemlab.platforms.devices import Platform, enter

if TYPE_CHECKING:
    from modemlab.bench.modem import Modem

Payload = str | bytes | bytearray | int | float | bool | None | Mapping[str, Any] | Sequence[Any]
# Messages that wait for whoever iterates; from then on the oldest is dropped, and an event says so.
WAITING = 1000
# Seconds that a client's end may take.
CLOSING = 5.0
# A link that is lost while one of these is under way has not delivered it.
BROKEN = (LinkLost, Restart, TimeoutExpired)


class Tls(NamedTuple):
    """TLS by certificates in PEM, each a file's path or the bytes themselves.

    `verify` False has nobody verified. `dates` has the dates of certificates held against the module's clock, which a
    module has from the network alone.
    """

    ca: str | Path | bytes | None = None
    certificate: str | Path | bytes | None = None
    key: str | Path | bytes | None = None
    verify: bool = True
    dates: bool = False

    def keys(self) -> Keys:
        """What goes to the module. Raises `Misuse` for a file that cannot be read or is none in PEM."""
        keys = Keys(content(self.ca), content(self.certificate), content(self.key), self.verify, self.dates)
        _ = keys.level
        return keys


def content(part: str | Path | bytes | None) -> bytes:
    """A certificate or key, in PEM."""
    if part is None:
        return b""
    try:
        data = part if isinstance(part, bytes) else Path(part).read_bytes()
    except (OSError, ValueError) as error:
        raise Misuse(f"{part!s}: {getattr(error, 'strerror', None) or error}") from None
    if b"-----BEGIN " not in data:
        raise Misuse(f"{'the bytes' if isinstance(part, bytes) else part}: no certificate and no key in PEM")
    return data


class Client:
    """An MQTT client of the module. Use it as `async with modem.mqtt(...) as client`.

    A link that is lost is opened again, by the manual's remedy and with back-off; what was subscribed to is subscribed
    to again. A message of QoS 1 or 2 that was not acknowledged is published again: that is a new message, as no
    command can repeat one, so with QoS 2 it may arrive twice. One of QoS 0 is not: `LinkLost` is raised. Messages
    that nobody takes wait, `waiting` of them; then the oldest are dropped, each time with an event `dropped`.
    """

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
        reconnect: bool = True,
        pause: Callable[[int, float], float] = delay,
    ) -> None:
        """Make a client that is not connected. `keepalive` is in seconds, `level` 3 is MQTT 3.1, 4 is 3.1.1.

        `platform` is a device of a cloud in place of client id, user name and password, one of
        `modemlab.platforms.devices` or anything like them. `pause` gives the seconds ahead of an attempt to reconnect,
        of its number from 0 and a chance of 0 to 1.
        """
        if platform is not None and (client_id or username is not None or password is not None):
            raise Misuse("a platform's device has its own client id, user name and password")
        if platform is None and not session.host:
            raise Misuse("a server is needed: its host, or a platform's device")
        self._modem = modem
        self._platform = platform
        self._session = session._replace(
            client_id=client_id or f"modemlab-{modem.chance.getrandbits(32):08x}",
            username=username,
            password=password,
            keepalive=keepalive,
            clean=clean_session,
            will=will,
            level=level,
            tls=None if tls is None else tls.keys(),
        )
        self._reconnect = reconnect
        self._pause = pause
        self._up = asyncio.Event()
        self._failure: ModemError | None = None
        self._closed = False
        self._task: asyncio.Task[None] | None = None
        self._topics: dict[str, int] = {}
        self._window = asyncio.Semaphore(modem.recipes.window)
        self._taken: set[int] = set()
        self._latest = 0
        self._messages: deque[Message] = deque(maxlen=max(1, waiting))
        self._arrived = asyncio.Event()
        self._dropped = 0

    async def __aenter__(self) -> Self:
        """Connect. Raises `LinkLost`, `ConnectionRefused` when the server refuses, and what the line has to say."""
        try:
            await self._connect()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self.close()

    async def close(self) -> None:
        """Disconnect, and be over."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._failure is None:
            self._closed = True
            self._failure = LinkLost("the client is closed")
            with suppress(ModemError, TimeoutError):
                async with asyncio.timeout(CLOSING):
                    await self._modem.run(self._modem.recipes.disconnect(self._session.client))
        self._stop()
        self._modem.forget(self._session.client)

    @property
    def connected(self) -> bool:
        """Whether the link stands."""
        return self._up.is_set() and self._failure is None

    async def publish(self, topic: str, payload: Payload = None, qos: int = 0, retain: bool = False) -> None:
        """Publish text, bytes, a number, or what JSON can hold; over once it is acknowledged.

        Raises `Misuse` for what the module cannot send, `LinkLost` for QoS 0 without a link.
        """
        checked(check_name, topic)
        data = bytes_of(payload)
        largest = self._modem.recipes.largest
        if len(data) > largest:
            raise Misuse(f"the message is {len(data)} bytes long, but the module takes {largest}")
        if qos not in (0, 1, 2):
            raise Misuse(f"QoS is 0, 1 or 2, not {qos!r}")
        if qos == 0:
            if not self.connected:
                raise self._failure or LinkLost("the link is down, and QoS 0 does not wait for it")
            await self._modem.run(self._sending(0, topic, data, qos, retain))
            return
        await self._on_link(lambda msgid: self._sending(msgid, topic, data, qos, retain), topic, self._window)

    async def subscribe(self, topic: str | Sequence[tuple[str, int]], qos: int = 0) -> tuple[int, ...]:
        """Subscribe to a topic filter, or to several with a QoS each; the QoS granted. Raises `NotDelivered`."""
        topics = ((topic, qos),) if isinstance(topic, str) else tuple((str(name), level) for name, level in topic)
        for name, _ in topics:
            checked(check_filter, name)
        recipes = self._modem.recipes
        granted: tuple[int, ...] = await self._on_link(
            lambda msgid: recipes.subscribe(self._session, msgid, topics), "the subscription"
        )
        self._topics.update(topics)
        return granted

    async def unsubscribe(self, *topics: str) -> None:
        """End subscriptions."""
        recipes = self._modem.recipes
        await self._on_link(
            lambda msgid: recipes.unsubscribe(self._session, msgid, topics), "the end of the subscription"
        )
        for topic in topics:
            self._topics.pop(topic, None)

    @property
    def messages(self) -> AsyncIterator[Message]:
        """The messages, as they come; ends when the client is closed, raises what ends the client otherwise."""
        return self._iterate()

    async def receive(self) -> Message | None:
        """The next message; None once the client is closed. Raises what ended it otherwise."""
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
            self._lose("the module started anew", Remedy.REBUILD)
        elif gone.remedy is not Remedy.NOTHING:
            self._lose(f"{'' if gone.code is None else f'code {gone.code}, '}{gone.meaning}", gone.remedy)

    def failed(self, error: ModemError) -> None:
        """The line is gone for good."""
        if self._failure is None:
            self._failure = error
        self._stop()

    # inside

    def _stop(self) -> None:
        """Wake whoever waits."""
        self._up.set()
        self._arrived.set()

    async def _linked(self) -> None:
        """Wait for the link. Raises what ended the client."""
        await self._up.wait()
        if self._failure is not None:
            raise self._failure

    def _sending(self, msgid: int, topic: str, data: bytes, qos: int, retain: bool) -> Recipe:
        """A message's recipe."""
        return self._modem.recipes.publish(self._session, msgid, topic, data, qos, retain)

    async def _on_link(self, make: Callable[[int], Recipe], what: str, window: asyncio.Semaphore | None = None) -> Any:
        """What a packet's recipe gives, on this link or on a later one.

        A packet keeps its identifier and its place in the window until the module is done with it, whoever waits.
        """
        while True:
            await self._linked()
            if window is not None:
                await window.acquire()
            msgid = self._take_identifier()

            def over(msgid: int = msgid) -> None:
                self._taken.discard(msgid)
                if window is not None:
                    window.release()

            try:
                return await self._modem.run(make(msgid), over)
            except (*BROKEN, CommandRefused) as error:
                if not self._reconnect or await self._stands(error):
                    raise
                self._lose(f"{error}", Remedy.REBUILD)
                self._modem.tell("again", self._session.client, f"{what} is sent again: {error}")

    async def _stands(self, error: ModemError) -> bool:
        """Whether a command was refused on a link that the module still has: the command is at fault, not the link."""
        if not isinstance(error, CommandRefused):
            return False
        return bool(await self._modem.run(self._modem.recipes.alive(self._session.client)))

    async def _connect(self) -> None:
        """Open and connect, and have what was subscribed to again."""
        modem = self._modem
        await modem.prepared()
        self._session = session = enter(self._session, self._platform, modem.date())
        await modem.run(modem.recipes.connect(session))
        if self._topics:
            topics = tuple(self._topics.items())
            msgid = self._take_identifier()
            await modem.run(modem.recipes.subscribe(session, msgid, topics))
            self._taken.discard(msgid)
        self._up.set()
        modem.tell("connected", session.client, f"{session.host}:{session.port}")

    def _lose(self, text: str, remedy: Remedy) -> None:
        """The link is down: say so, and see to it."""
        if self._failure is not None or not self._up.is_set():
            return
        self._up.clear()
        self._modem.tell("lost", self._session.client, f"{text}: {remedy.value}")
        if self._reconnect:
            self._task = asyncio.get_running_loop().create_task(self._recover(remedy))
        else:
            self.failed(LinkLost(text, None, remedy.value))

    async def _recover(self, remedy: Remedy) -> None:
        """Come back, or find that it cannot be."""
        modem, number, attempt = self._modem, self._session.client, 0
        while True:
            await asyncio.sleep(self._pause(attempt, modem.chance.random()))
            attempt += 1
            try:
                await modem.prepared()
                if remedy is Remedy.RENEW_PDP:
                    await modem.run(modem.recipes.renew())
                elif remedy is Remedy.REBUILD:
                    await modem.run(modem.recipes.prepare())
                await self._connect()
                return
            except Exception as error:
                if final(error):
                    self.failed(error if isinstance(error, ModemError) else LineError(str(error)))
                    modem.tell("gave up", number, str(error))
                    return
                modem.tell("retry", number, f"attempt {attempt}: {error}")

    async def _iterate(self) -> AsyncIterator[Message]:
        """Messages, one after the other."""
        while (message := await self.receive()) is not None:
            yield message

    def _take_identifier(self) -> int:
        """A packet identifier that is in no use."""
        for _ in range(65535):
            self._latest = self._latest % 65535 + 1
            if self._latest not in self._taken:
                self._taken.add(self._latest)
                return self._latest
        raise Misuse("all packet identifiers are in use")


def checked(check: Callable[[str], None], topic: str) -> None:
    """Raise `Misuse` for a topic that MQTT does not have (MQTT 3.1.1, 4.7)."""
    try:
        check(topic)
    except ValueError as error:
        raise Misuse(f"topic {topic[:60]!r}: {error}") from None


def bytes_of(payload: Payload) -> bytes:
    """A payload's bytes: text as UTF-8, numbers in decimal, what else JSON can hold as JSON. Raises `Misuse`."""
    if payload is None:
        return b""
    if isinstance(payload, bytes | bytearray):
        return bytes(payload)
    if isinstance(payload, str):
        return payload.encode()
    if isinstance(payload, int | float) and not isinstance(payload, bool):
        return str(payload).encode()
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise Misuse(f"the message cannot be written as JSON: {error}") from None
