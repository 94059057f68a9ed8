"""Who publishes in row 3 beside the modules: workers of gmqtt, aiomqtt, paho and of our own client session.

What is published is made before the clock starts, for all alike.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.latency import Bare
from bench.processes import answer_all, peer, say
from modemlab.mqtt.events import Event, SessionCompleted

PATIENCE = 240.0
BLOCK = bytes(range(32, 127)) * 5

Message = tuple[str, bytes]


def messages(client: int, count: int, offset: int) -> list[Message]:
    """What a client publishes: topics of 16 to 27 bytes, payloads of 16 to 400, no two in a row alike."""
    kinds = ("state", "telemetry", "position/fine")
    return [
        (f"site/{client:03d}/{kinds[n % 3]}/{n % 1009}", BLOCK[n % 50 : n % 50 + 16 + n * 37 % 385])
        for n in range(offset, offset + count)
    ]


class Rounds:
    """Counts what is acknowledged and measures a round."""

    def __init__(self, clients: int) -> None:
        self._clients = clients
        self._left = 0
        self._offset = 0
        self._done: asyncio.Future[None] | None = None

    def acknowledged(self, count: int = 1) -> None:
        """So many messages were acknowledged."""
        self._left -= count
        if self._left <= 0 and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def plan(self, count: int) -> list[list[Message]]:
        """What each client publishes in the next round, `count` messages each."""
        planned = [messages(client, count, self._offset) for client in range(self._clients)]
        self._offset += count
        return planned

    async def run(self, count: int, start: Callable[[], object]) -> dict[str, float]:
        """Start, and wait until all is acknowledged: messages a second, and CPU-us of this process a message."""
        loop = asyncio.get_running_loop()
        total = self._left = count * self._clients
        self._done = loop.create_future()
        began, spent = loop.time(), time.process_time()
        start()
        await asyncio.wait_for(self._done, PATIENCE)
        return {"rate": total / (loop.time() - began), "cpu_us": (time.process_time() - spent) / total * 1e6}


class Session(Bare):
    """A bare client that publishes the next message as soon as one is acknowledged."""

    def __init__(self, number: int, rounds: Rounds) -> None:
        super().__init__(f"session{number}")
        self.plan: Iterator[Message] = iter(())
        self._rounds = rounds
        self._identifier = 0

    def happened(self, event: Event) -> None:
        """An acknowledgement, if no message and no CONNACK."""
        if type(event) is SessionCompleted:
            self.next()
            self._rounds.acknowledged()
        else:
            super().happened(event)

    def next(self) -> None:
        """Publish, if there is more; what is published waits for `flush`."""
        topic, payload = next(self.plan, ("", b""))
        if topic:
            self._identifier = self._identifier % 65535 + 1
            self.session.publish(self._identifier, topic, payload, 1, False, 0.0)


async def sessions(port: int, clients: int) -> None:
    """The worker of our own client session."""
    loop = asyncio.get_running_loop()
    rounds = Rounds(clients)
    everyone = []
    for number in range(clients):
        _, session = await loop.create_connection(partial(Session, number, rounds), "127.0.0.1", port)
        await session.connected
        everyone.append(session)

    async def answer(count: int, window: int) -> dict[str, float]:
        for session, planned in zip(everyone, rounds.plan(count), strict=True):
            session.plan = iter(planned)

        def start() -> None:
            for session in everyone:
                for _ in range(window):
                    session.next()
                session.flush()

        return await rounds.run(count, start)

    say(ready=True)
    await answer_all(answer)


async def gmqtt_clients(port: int, clients: int) -> None:
    """The worker of gmqtt: the next message follows from within the acknowledgement of the one before."""
    gmqtt = peer("gmqtt")
    rounds = Rounds(clients)
    plans: list[Iterator[Message]] = [iter(())] * clients

    base: Any = peer("gmqtt.storage").PersistentStorage

    class Acknowledged(base):  # type: ignore[misc]
        """gmqtt's own store, which also says when a message is acknowledged."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        def remove_message_by_mid(self, mid: int) -> None:
            super().remove_message_by_mid(mid)
            following(self.number)
            rounds.acknowledged()

    def following(number: int) -> None:
        message = next(plans[number], None)
        if message is not None:
            everyone[number].publish(message[0], message[1], qos=1)

    everyone = [gmqtt.Client(f"gmqtt{n}", persistent_storage=Acknowledged(n)) for n in range(clients)]
    for client in everyone:
        await client.connect("127.0.0.1", port, version=4, keepalive=120)

    async def answer(count: int, window: int) -> dict[str, float]:
        plans[:] = map(iter, rounds.plan(count))

        def start() -> None:
            for number in range(clients):
                for _ in range(window):
                    following(number)

        return await rounds.run(count, start)

    say(ready=True)
    await answer_all(answer)
    for client in everyone:
        await client.disconnect()


async def aiomqtt_clients(port: int, clients: int) -> None:
    """The worker of aiomqtt: as many tasks a client as its window has room."""
    aiomqtt = peer("aiomqtt")
    logging.disable(logging.WARNING)
    rounds = Rounds(clients)
    everyone = [aiomqtt.Client("127.0.0.1", port, identifier=f"aiomqtt{n}", keepalive=120) for n in range(clients)]
    for client in everyone:
        await client.__aenter__()

    async def publish(client: Any, plan: Iterator[Message]) -> None:
        for topic, payload in plan:
            await client.publish(topic, payload, qos=1, timeout=PATIENCE)
            rounds.acknowledged()

    async def answer(count: int, window: int) -> dict[str, float]:
        tasks: list[asyncio.Task[None]] = []

        def start() -> None:
            for client, planned in zip(everyone, plans, strict=True):
                tasks.extend(asyncio.ensure_future(publish(client, planned)) for _ in range(window))

        plans = [iter(planned) for planned in rounds.plan(count)]
        result = await rounds.run(count, start)
        await asyncio.gather(*tasks)
        return result

    say(ready=True)
    await answer_all(answer)
    for client in everyone:
        await client.__aexit__(None, None, None)


async def paho_clients(port: int, clients: int) -> None:
    """The worker of paho: a thread a client, as its `loop_start` gives; the next message follows in `on_publish`."""
    paho = peer("paho.mqtt.client")
    rounds = Rounds(clients)
    loop = asyncio.get_running_loop()
    plans: list[Iterator[Message]] = [iter(())] * clients
    lock = threading.Lock()
    left = 0

    def following(number: int) -> None:
        message = next(plans[number], None)
        if message is not None:
            everyone[number].publish(message[0], message[1], qos=1)

    def published(_client: Any, number: int, *_: Any) -> None:
        nonlocal left
        following(number)
        with lock:
            left -= 1
            if not left:
                loop.call_soon_threadsafe(rounds.acknowledged, 1 << 30)

    everyone = []
    for number in range(clients):
        client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=f"paho{number}", userdata=number)
        client.on_publish = published
        client.connect("127.0.0.1", port, keepalive=120)
        client.loop_start()
        everyone.append(client)
    while not all(client.is_connected() for client in everyone):
        await asyncio.sleep(0.01)

    async def answer(count: int, window: int) -> dict[str, float]:
        nonlocal left
        left = count * clients
        plans[:] = map(iter, rounds.plan(count))

        def start() -> None:
            for number in range(clients):
                # The first ones all at once: a plan is not for two threads, and the network's takes over afterwards.
                first = [message for message in (next(plans[number], None) for _ in range(window)) if message]
                for topic, payload in first:
                    everyone[number].publish(topic, payload, qos=1)

        return await rounds.run(count, start)

    say(ready=True)
    await answer_all(answer)
    for client in everyone:
        client.disconnect()
        client.loop_stop()
