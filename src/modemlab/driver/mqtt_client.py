"""An MQTT client of a module: what a host publishes and hears, over links that are lost and found again."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Self

from modemlab.at.errors import NotDelivered, UsageError
from modemlab.dialect.recipes import Message, MqttSession, Will
from modemlab.driver.light_event import LightEvent
from modemlab.driver.link import ModemLink
from modemlab.driver.modem_values import EventKind
from modemlab.driver.mqtt_connection import NO_CLIENT, MqttConnection
from modemlab.driver.payloads import Payload, Tls, checked_session, filters_of, message_of, names_of
from modemlab.driver.protocol.backoff import delay
from modemlab.platforms.devices import Platform
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.validation.call_arguments import AsyncEntered, seconds, whole

__all__ = ["Client", "Payload", "Tls"]

# Messages that wait for whoever iterates; from then on the oldest is dropped, and an event says so.
MAX_QUEUED_MESSAGES = 1000
# Seconds for which a first connection is tried.
CONNECT_TIMEOUT_S = 30.0


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
        link: ModemLink,
        session: MqttSession,
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
        max_queued: int = MAX_QUEUED_MESSAGES,
        connect_timeout: float = CONNECT_TIMEOUT_S,
        reconnect: bool = True,
        retry_delay: Callable[[int, float], float] = delay,
    ) -> None:
        """Make a client that is not connected. `keepalive` is in seconds, `level` 3 is MQTT 3.1, 4 is 3.1.1.

        `platform` is a device of a cloud in place of client id, user name and password, one of
        `modemlab.platforms.devices` or anything like them. `connect_timeout` are the seconds for which a first
        connection that a bad network spoils is tried again, unless the client is not to reconnect. `retry_delay` gives
        the seconds ahead of an attempt, of its number from 0 and a chance of 0 to 1.
        """
        seconds("connect_timeout", connect_timeout, endless=True)
        whole("max_queued", max_queued, 1, 1 << 30)
        if platform is not None and (client_id or username is not None or password is not None):
            raise UsageError("a platform's device has its own client id, user name and password")
        if platform is None and not session.host:
            raise UsageError("a server is needed: its host, or a platform's device")
        wanted = session._replace(
            client_id=client_id if client_id != "" else f"modemlab-{link.rng.getrandbits(32):08x}",
            username=username,
            password=password,
            keepalive=keepalive,
            clean=clean_session,
            will=will,
            level=level,
        )
        self._link = link
        self._max_queued = max(1, max_queued)
        # None while there are none: an empty queue takes 760 bytes.
        self._messages: deque[Message] | None = None
        self._arrived = LightEvent()
        self._dropped = 0
        self._connection = MqttConnection(
            link,
            checked_session(wanted, tls),
            platform,
            connect_timeout=connect_timeout,
            reconnect=reconnect,
            retry_delay=retry_delay,
            on_message=self._on_message,
            woken=self._arrived.set,
        )

    async def __aenter__(self) -> Self:
        """Connect, within the patience. Raises `LinkLost`, `ConnectionRefused` when the server refuses, and what the
        line has to say; `UsageError` when all clients of the module are taken.
        """
        await self._connection.open()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self.close()

    async def close(self) -> None:
        """Disconnect, and be over. Of several that close it, each waits until it is."""
        await self._connection.close()

    @property
    def number(self) -> int:
        """The module's number for it, which it has from when it is entered."""
        return self._connection.number

    @property
    def connected(self) -> bool:
        """Whether the link stands."""
        return self._connection.connected

    async def publish(self, topic: str, payload: Payload = None, qos: int = 0, retain: bool = False) -> None:
        """Publish text, bytes, a number, or what JSON can hold; over once it is acknowledged.

        Raises `UsageError` for what the module cannot send, `LinkLost` for QoS 0 without a link.
        """
        recipes = self._link.recipes
        data = message_of(topic, payload, qos, retain, recipes.largest)
        self._check_entered()
        values = topic, data, qos, retain
        if qos == 0:
            await self._connection.send(recipes.publish, values, topic)
        else:
            await self._connection.deliver(recipes.publish, values, topic, windowed=True)

    async def subscribe(self, topic: str | Sequence[tuple[str, int]], qos: int = 0) -> tuple[int, ...]:
        """Subscribe to a topic filter, or to several with a QoS each; the QoS granted. Raises `NotDelivered` with the
        topics that the server refuses: the others hold.
        """
        topics = filters_of(topic, qos)
        recipes = self._link.recipes
        self._check_entered()
        try:
            granted: tuple[int, ...] = await self._connection.deliver(recipes.subscribe, (topics,), "the subscription")
        except NotDelivered as error:
            self._connection.topics.update((name, level) for name, level in topics if name not in error.topics)
            raise
        self._connection.topics.update(topics)
        return granted

    async def unsubscribe(self, *topic: str | Sequence[str]) -> None:
        """End subscriptions, to one topic filter or to several."""
        topics = names_of(topic)
        recipes = self._link.recipes
        self._check_entered()
        await self._connection.deliver(recipes.unsubscribe, (topics,), "the end of the subscription")
        for name in topics:
            self._connection.topics.pop(name, None)

    @property
    def messages(self) -> AsyncIterator[Message]:
        """The messages, as they come; ends when the client is closed, raises what ends the client otherwise."""
        return self._iterate()

    async def receive(self) -> Message | None:
        """The next message; None once the client is closed. Raises what ended it otherwise."""
        self._check_entered()
        connection = self._connection
        while not self._messages:
            if connection.closed:
                return None
            if connection.failure is not None:
                raise connection.failure
            self._arrived.clear()
            await self._arrived.wait()
        message = self._messages.popleft()
        self._messages = self._messages or None
        return message

    # inside

    def _check_entered(self) -> None:
        """Raise `UsageError` ahead of `async with`."""
        if self.number == NO_CLIENT and self._connection.failure is None:
            raise UsageError(f"the client is not connected: write `{self._written}`")

    def _on_message(self, message: Message) -> None:
        """A message came."""
        if self._messages is None:
            self._messages = deque(maxlen=self._max_queued)
        if len(self._messages) == self._messages.maxlen:
            self._dropped += 1
            lost = Sentence(N_("{count} messages that nobody took are lost"), count=self._dropped)
            self._link.emit_event(EventKind.MESSAGE_DROPPED, message.client, lost)
        self._messages.append(message)
        self._arrived.set()

    async def _iterate(self) -> AsyncIterator[Message]:
        """Messages, one after the other."""
        while (message := await self.receive()) is not None:
            yield message
