"""The client session against a real mosquitto: 3.1 and 3.1.1, each QoS both ways, persistent sessions."""

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable

import pytest

from modemlab.mqtt import events as e
from modemlab.mqtt.client import ClientSession
from modemlab.mqtt.packets import ConnectWill

LEVELS = [3, 4]
_numbers = itertools.count()


def unique(name: str) -> str:
    """A topic or client identifier that no other test, and no other run, has used."""
    return f"{name}{os.getpid()}n{next(_numbers)}"


class Client:
    """A session joined to a TCP stream; every wait is bounded."""

    def __init__(self, session: ClientSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join them."""
        self.session = session
        self.reader = reader
        self.writer = writer
        self.events: list[e.Event] = []
        self.acknowledging = True

    async def until(self, wanted: Callable[[e.Event], bool], seconds: float = 5.0) -> e.Event:
        """Exchange bytes until an event that is wanted comes, and return it; TimeoutError without one."""
        async with asyncio.timeout(seconds):
            while True:
                for at, event in enumerate(self.events):
                    if wanted(event):
                        del self.events[at]
                        return event
                await self.step()

    async def step(self) -> None:
        """Send what is to be sent, wait for bytes or for the deadline, show messages and acknowledge them."""
        await self.flush()
        due = self.session.deadline()
        wait = None if due is None else max(0.0, due - time.monotonic())
        try:
            data = await asyncio.wait_for(self.reader.read(65_536), wait)
        except TimeoutError:
            self.events += self.session.advance(time.monotonic())
        else:
            assert data, "mosquitto closed the connection"
            events = self.session.receive(data, time.monotonic())
            assert not any(isinstance(event, e.Violation) for event in events), events
            for event in events:
                if isinstance(event, e.IncomingMessage) and self.acknowledging:
                    self.session.acknowledge(event.packet_id, time.monotonic())
            self.events += events
        await self.flush()

    async def flush(self) -> None:
        """Send what is to be sent."""
        if data := self.session.take():
            self.writer.write(data)
            await self.writer.drain()

    async def completed(self, packet_id: int) -> e.SessionCompleted:
        """Wait until a packet has been answered in full."""
        event = await self.until(lambda each: isinstance(each, e.SessionCompleted) and each.packet_id == packet_id)
        assert isinstance(event, e.SessionCompleted)
        return event

    async def message(self, topic: str) -> e.IncomingMessage:
        """Wait for a message on a topic."""
        event = await self.until(lambda each: isinstance(each, e.IncomingMessage) and each.topic == topic)
        assert isinstance(event, e.IncomingMessage)
        return event

    async def silence(self, seconds: float = 0.3) -> None:
        """Assert that no message comes for a while."""
        with pytest.raises(TimeoutError):
            await self.until(lambda each: isinstance(each, e.IncomingMessage), seconds)

    async def subscribe(self, *filters: tuple[str, int]) -> tuple[int, ...]:
        """Subscribe and return the codes."""
        packet_id = self.session.free_identifier()
        self.session.subscribe(packet_id, filters, time.monotonic())
        answer = await self.completed(packet_id)
        assert answer.kind is e.RequestKind.SUBSCRIBE
        return answer.codes

    async def close(self, gracefully: bool = True) -> None:
        """End the connection, with DISCONNECT or without."""
        if gracefully:
            self.session.disconnect(time.monotonic())
            await self.flush()
            self.writer.close()
        else:
            self.writer.transport.abort()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)


class Bench:
    """The clients of one test."""

    def __init__(self, port: int, level: int) -> None:
        """Make a bench for a broker on 127.0.0.1."""
        self.port = port
        self.options = e.Options(level=level, keep_alive=30)
        self.clients: list[Client] = []

    async def client(
        self,
        client_id: str = "",
        *,
        clean: bool = True,
        will: ConnectWill | None = None,
        received: set[int] | None = None,
        keep_alive: int = 30,
    ) -> tuple[Client, bool]:
        """Connect a client; with it comes session present."""
        options = self.options._replace(clean_session=clean, keep_alive=keep_alive)
        session = ClientSession(options, received)
        async with asyncio.timeout(5):
            client = Client(session, *await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        session.connect(client_id or unique("c"), None, None, will, time.monotonic())
        event = await client.until(lambda each: isinstance(each, e.SessionConnected))
        assert isinstance(event, e.SessionConnected)
        return client, event.session_present


def run(port: int, level: int, test: Callable[[Bench], Awaitable[None]]) -> None:
    """Run one test within bounds and close all its connections."""

    async def main() -> None:
        bench = Bench(port, level)
        try:
            async with asyncio.timeout(30):
                await test(bench)
        finally:
            for client in bench.clients:
                client.writer.transport.abort()
            await asyncio.sleep(0)

    asyncio.run(main())


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_each_qos_both_ways(mosquitto_port: int, level: int, qos: int) -> None:
    """Messages of all sizes go out, are completed, and come back once and in order."""

    async def test(bench: Bench) -> None:
        topic = unique("loop/")
        payloads = [b"", b"\x00\xff\r\n", bytes(range(256)) * 5, b"x" * 200_000]
        one, _ = await bench.client()
        two, _ = await bench.client()
        assert await one.subscribe((topic, qos)) == (qos,)
        for packet_id, payload in enumerate(payloads, 1):
            two.session.publish(packet_id if qos else 0, topic, payload, qos, False, time.monotonic())
            await two.flush()
            if qos:
                assert (await two.completed(packet_id)).kind is e.RequestKind.PUBLISH
            message = await one.message(topic)
            assert (message.payload, message.qos, message.retain, message.dup) == (payload, qos, False, False)
            assert bool(message.packet_id) == bool(qos)
        await one.silence()
        one.session.unsubscribe(9, [topic], time.monotonic())
        assert (await one.completed(9)).kind is e.RequestKind.UNSUBSCRIBE
        two.session.publish(0, topic, b"unheard", 0, False, time.monotonic())
        await two.flush()
        await one.silence()
        await one.close()
        await two.close()

    run(mosquitto_port, level, test)


@pytest.mark.parametrize("level", LEVELS)
def test_a_full_window(mosquitto_port: int, level: int) -> None:
    """Many messages, five at once, of mixed QoS, are all completed."""

    async def test(bench: Bench) -> None:
        topic = unique("window/")
        one, _ = await bench.client()
        await one.subscribe((topic, 2))
        for first in range(1, 101, 5):
            for packet_id in range(first, first + 5):
                one.session.publish(
                    packet_id, topic, str(packet_id).encode(), 1 + packet_id % 2, False, time.monotonic()
                )
            for packet_id in range(first, first + 5):
                await one.completed(packet_id)
        payloads = [int((await one.message(topic)).payload) for _ in range(100)]
        assert sorted(payloads) == list(range(1, 101))
        await one.silence()

    run(mosquitto_port, level, test)


@pytest.mark.parametrize("level", LEVELS)
def test_several_filters_and_retained(mosquitto_port: int, level: int) -> None:
    """One SUBSCRIBE carries several filters; a retained message comes with its flag."""

    async def test(bench: Bench) -> None:
        topic = unique("kept/")
        one, _ = await bench.client()
        one.session.publish(1, topic, b"kept", 1, True, time.monotonic())
        await one.completed(1)
        assert await one.subscribe((topic, 1), (topic + "/+/x", 0), (topic + "/y/#", 2)) == (1, 0, 2)
        message = await one.message(topic)
        assert (message.payload, message.qos, message.retain) == (b"kept", 1, True)
        one.session.publish(2, topic, b"", 1, True, time.monotonic())
        await one.completed(2)

    run(mosquitto_port, level, test)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("gracefully", "arrives"), [(False, True), (True, False)])
def test_the_will(mosquitto_port: int, level: int, gracefully: bool, arrives: bool) -> None:
    """It arrives when the connection breaks, and not after DISCONNECT."""

    async def test(bench: Bench) -> None:
        topic = unique("gone/")
        one, _ = await bench.client()
        await one.subscribe((topic, 2))
        two, _ = await bench.client(will=ConnectWill(topic, b"\xffgone", 2))
        await two.close(gracefully)
        if arrives:
            message = await one.message(topic)
            assert (message.payload, message.qos) == (b"\xffgone", 2)
        else:
            await one.silence()

    run(mosquitto_port, level, test)


@pytest.mark.parametrize("level", LEVELS)
def test_a_persistent_session(mosquitto_port: int, level: int) -> None:
    """It keeps its subscription, and what was missed or not acknowledged comes with the next connection."""

    async def test(bench: Bench) -> None:
        topic, client_id = unique("missed/"), unique("p")
        gone = unique("gone/")
        one, present = await bench.client(client_id, clean=False, will=ConnectWill(gone, b"", 0))
        assert not present
        await one.subscribe((topic, 2))
        two, _ = await bench.client()
        await two.subscribe((gone, 0))
        one.acknowledging = False
        for packet_id, qos in ((1, 1), (2, 2)):
            two.session.publish(packet_id, topic, b"held %d" % qos, qos, False, time.monotonic())
            await two.completed(packet_id)
            assert (await one.message(topic)).payload == b"held %d" % qos
        await one.close(gracefully=False)
        # Only once the server knows that nobody is there is a message not sent in vain, and no repeat later.
        await two.message(gone)
        two.session.publish(3, topic, b"missed", 1, False, time.monotonic())
        await two.completed(3)

        again, present = await bench.client(client_id, clean=False, received=one.session.received)
        assert present == (level == 4)
        messages = [await again.message(topic) for _ in range(3)]
        assert [(m.payload, m.dup) for m in messages] == [(b"held 1", True), (b"held 2", True), (b"missed", False)]
        await again.silence()
        assert again.session.received == set()
        await again.close()
        last, present = await bench.client(client_id)
        assert not present
        await last.close()

    run(mosquitto_port, level, test)


@pytest.mark.parametrize("level", LEVELS)
def test_qos_2_shown_is_not_shown_again(mosquitto_port: int, level: int) -> None:
    """A message whose PUBREC never reached the broker is redelivered by it, and told apart by `received`."""

    async def test(bench: Bench) -> None:
        topic, client_id = unique("once/"), unique("p")
        one, _ = await bench.client(client_id, clean=False)
        await one.subscribe((topic, 2))
        two, _ = await bench.client()
        one.acknowledging = False
        two.session.publish(1, topic, b"once", 2, False, time.monotonic())
        await two.completed(1)
        message = await one.message(topic)
        one.session.acknowledge(message.packet_id)  # PUBREC is made, and lost with the connection
        await one.close(gracefully=False)
        assert one.session.received == {message.packet_id}

        again, _ = await bench.client(client_id, clean=False, received=one.session.received)
        await again.silence(0.5)
        assert again.session.received == set()
        await again.close()
        await bench.client(client_id)

    run(mosquitto_port, level, test)


@pytest.mark.parametrize("level", LEVELS)
def test_keep_alive(mosquitto_port: int, level: int) -> None:
    """PINGREQ keeps a silent connection for longer than one and a half keep alives, and is answered."""

    async def test(bench: Bench) -> None:
        one, _ = await bench.client(keep_alive=1)
        await one.silence(2.5)
        assert one.session.connected
        assert await one.subscribe((unique("alive/"), 0)) == (0,)

    run(mosquitto_port, level, test)


def test_a_refusal(mosquitto_port: int) -> None:
    """An empty client identifier without a clean session is refused with code 2 (3.1.1, 3.1.3-8)."""

    async def test(bench: Bench) -> None:
        async with asyncio.timeout(5):
            streams = await asyncio.open_connection("127.0.0.1", bench.port)
        client = Client(ClientSession(bench.options._replace(clean_session=False)), *streams)
        bench.clients.append(client)
        client.session.connect("", None, None, None, time.monotonic())
        assert await client.until(lambda each: isinstance(each, e.ConnectRefused)) == e.ConnectRefused(2)
        assert client.session.deadline() is None

    run(mosquitto_port, 4, test)
