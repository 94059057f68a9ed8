"""What the public interoperability tests for MQTT 3.1.1 ask of a broker, asked of ours and of mosquitto.

With mosquitto the tests are held to what the standard leaves no choice in.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import pytest

from modemlab.broker.server import Broker
from modemlab.mqtt import packets as p
from support.broker_wire import Wire, close_wires

Test: TypeAlias = Callable[[int, str], Coroutine[Any, Any, None]]
_numbers = itertools.count()


def not_secret(_client_id: str, topic_filter: str) -> bool:
    """Whether the filter may be subscribed to: `nosubscribe` may not."""
    return not topic_filter.startswith("nosubscribe")


@asynccontextmanager
async def running_broker() -> AsyncIterator[int]:
    """Our broker on a port of its own."""
    broker = Broker(may_subscribe=not_secret)
    _, port = await broker.start()
    try:
        yield port
    finally:
        await close_wires()
        await broker.close()


@pytest.fixture(params=["ours", "mosquitto"])
def run(request: pytest.FixtureRequest) -> Callable[[Test], None]:
    """Runs a test with a port and a prefix for topics and client ids that no other test uses."""
    name = f"i{next(_numbers)}"
    port = 0 if request.param == "ours" else int(request.getfixturevalue("mosquitto_port"))

    async def with_ours(test: Test) -> None:
        async with running_broker() as own:
            await test(own, name)

    async def with_mosquitto(test: Test) -> None:
        try:
            await test(port, name)
        finally:
            await close_wires()

    return lambda test: asyncio.run(with_mosquitto(test) if port else with_ours(test))


@pytest.fixture(params=[3, 4])
def level(request: pytest.FixtureRequest) -> int:
    """The protocol level of the clients."""
    return int(request.param)


def test_basic(run: Callable[[Test], None], level: int) -> None:
    async def test(port: int, name: str) -> None:
        wire = await Wire.connected(port, p.Connect(name, level))
        await wire.disconnect()
        wire = await Wire.connected(port, p.Connect(name, level))
        assert await wire.subscribe((name, 2)) == (2,)
        for qos in (0, 1, 2):
            wire.send(p.Publish(name, b"%d" % qos, qos, packet_id=qos))
        got: list[p.Packet] = []
        while len(got) < 5:
            packet = await wire.next()
            got.append(packet)
            if packet == p.Pubrec(2):
                wire.send(p.Pubrel(2))
        assert p.Puback(1) in got
        assert sorted(
            (each.payload, each.qos, each.retain, each.dup) for each in got if isinstance(each, p.Publish)
        ) == [(b"0", 0, False, False), (b"1", 1, False, False), (b"2", 2, False, False)]
        wire.send(p.Connect(name, level))
        await wire.ended()
        wire = await Wire.to(port)
        wire.writer.write(bytes.fromhex("10 0d 0002 686a 04 02 003c 0003 616263"))
        assert await wire.ended() == []

    run(test)


def test_retained_messages(run: Callable[[Test], None], level: int) -> None:
    async def test(port: int, name: str) -> None:
        topics = [f"{name}/{qos} kept" for qos in range(3)]
        wire = await Wire.connected(port, p.Connect(name, level))
        for qos, topic in enumerate(topics):
            await wire.publish(topic, b"old", qos, retain=True)
            await wire.publish(topic, b"%d" % qos, qos, retain=True)
        assert await wire.subscribe((f"{name}/+", 2)) == (2,)
        got = sorted([await wire.message() for _ in topics], key=lambda message: message.topic)
        assert [(m.topic, m.payload, m.qos, m.retain) for m in got] == [
            (topic, b"%d" % qos, qos, True) for qos, topic in enumerate(topics)
        ]
        wire.send(p.Publish(topics[0], b"live", 0, retain=True))
        assert await wire.message() == p.Publish(topics[0], b"live"), "retain is not set for who was there"
        await wire.disconnect()
        wire = await Wire.connected(port, p.Connect(name, level))
        for qos, topic in enumerate(topics):
            await wire.publish(topic, b"", qos, retain=True)
        assert await wire.subscribe((f"{name}/+", 2), (topics[0], 0)) == (2, 0)
        await wire.quiet()
        await wire.disconnect()

    run(test)


def test_offline_message_queueing(run: Callable[[Test], None], level: int) -> None:
    async def test(port: int, name: str) -> None:
        absent = await Wire.connected(port, p.Connect(name, level, clean_session=False))
        assert await absent.subscribe((f"{name}/#", 2)) == (2,)
        await absent.disconnect()
        other = await Wire.connected(port, p.Connect(f"{name}b", level))
        for number in range(30):
            await other.publish(f"{name}/{number}", b"%d" % number, 1 + number % 2)
        await other.disconnect()
        absent = await Wire.connected(port, p.Connect(name, level, clean_session=False), present=level == 4)
        got = [await absent.message() for _ in range(30)]
        assert [m.payload for m in got if m.qos == 1] == [b"%d" % n for n in range(0, 30, 2)]
        assert [m.payload for m in got if m.qos == 2] == [b"%d" % n for n in range(1, 30, 2)]
        await absent.disconnect()
        again = await Wire.connected(port, p.Connect(name, level))
        await again.quiet()
        await again.disconnect()

    run(test)


def test_will(run: Callable[[Test], None], level: int) -> None:
    async def test(port: int, name: str) -> None:
        watcher = await Wire.connected(port, p.Connect(f"{name}b", level))
        assert await watcher.subscribe((f"{name}/will", 2)) == (2,)
        connect = p.Connect(name, level, will=p.ConnectWill(f"{name}/will", b"gone", 2, True))
        await (await Wire.connected(port, connect)).disconnect()
        await watcher.quiet()
        await (await Wire.connected(port, connect)).close()
        assert (await watcher.message())[:4] == (f"{name}/will", b"gone", 2, False)
        assert await watcher.subscribe((f"{name}/will", 0)) == (0,)
        assert await watcher.message() == p.Publish(f"{name}/will", b"gone", 0, True)
        await watcher.disconnect()

    run(test)


def test_overlapping_subscriptions(level: int) -> None:
    """One message with the highest QoS: a broker may send one for each subscription (3.3.5), ours does not."""

    async def main() -> None:
        async with running_broker() as port:
            wire = await Wire.connected(port, p.Connect("a", level))
            assert await wire.subscribe(("a/#", 2), ("a/+", 1), ("a/a", 0)) == (2, 1, 0)
            await (other := await Wire.connected(port, p.Connect("b", level))).publish("a/a", b"x", 2)
            assert (await wire.message())[:3] == ("a/a", b"x", 2)
            await other.publish("a/a/b", b"y", 1)
            assert (await wire.message())[:3] == ("a/a/b", b"y", 1)
            await wire.quiet()
            await wire.disconnect()
            await other.disconnect()

    asyncio.run(main())


def test_keep_alive() -> None:
    async def main() -> None:
        async with running_broker() as port:
            watcher = await Wire.connected(port, p.Connect("b"))
            assert await watcher.subscribe(("/will", 2)) == (2,)
            loop = asyncio.get_running_loop()
            begun = loop.time()
            wire = await Wire.connected(port, p.Connect("a", keep_alive=1, will=p.ConnectWill("/will", b"expired")))
            assert await wire.ended() == []
            assert 1.4 < loop.time() - begun < 5
            assert (await watcher.message()).payload == b"expired"
            await watcher.disconnect()

    asyncio.run(main())


def test_redelivery_on_reconnect(run: Callable[[Test], None], level: int) -> None:
    async def test(port: int, name: str) -> None:
        connect = p.Connect(name, level, clean_session=False)
        wire = await Wire.connected(port, connect)
        assert await wire.subscribe((f"{name}/#", 2)) == (2,)
        other = await Wire.connected(port, p.Connect(f"{name}b", level))
        await other.publish(f"{name}/1", b"", 1)
        await other.publish(f"{name}/2", b"", 2)
        await other.disconnect()
        first = [await wire.next(), await wire.next()]
        await wire.close()
        wire = await Wire.connected(port, connect, present=level == 4)
        again = [await wire.next(), await wire.next()]
        assert [each._replace(dup=True) for each in first if isinstance(each, p.Publish)] == again
        qos_2 = again[1]
        assert isinstance(qos_2, p.Publish)
        wire.send(p.Pubrec(qos_2.packet_id))
        assert await wire.next() == p.Pubrel(qos_2.packet_id)
        await wire.close()
        wire = await Wire.connected(port, connect, present=level == 4)
        redone = [await wire.next(), await wire.next()]
        assert again[0] in redone
        assert any(isinstance(each, p.Pubrel) and each.packet_id == qos_2.packet_id for each in redone)
        await wire.close()
        await (await Wire.connected(port, p.Connect(name, level))).disconnect()

    run(test)


def test_zero_length_client_id(run: Callable[[Test], None]) -> None:
    async def test(port: int, name: str) -> None:
        for connect in (p.Connect("", 4, clean_session=False), p.Connect("", 3)):
            wire = await Wire.to(port)
            wire.send(connect)
            assert await wire.ended() == [p.Connack(2)]
        wires = [await Wire.connected(port, p.Connect("")) for _ in range(2)]
        for wire in wires:
            await wire.quiet()
            await wire.disconnect()

    run(test)


def test_subscribe_failure(level: int) -> None:
    async def main() -> None:
        async with running_broker() as port:
            wire = await Wire.connected(port, p.Connect("a", level))
            wire.send(p.Subscribe(9, (("a", 1), ("nosubscribe", 2), ("b", 2))))
            assert await wire.next() == p.Suback(9, (1, 128, 2))
            await wire.publish("nosubscribe", b"", 1)
            await wire.disconnect()

    asyncio.run(main())


def test_dollar_topics(run: Callable[[Test], None], level: int) -> None:
    async def test(port: int, name: str) -> None:
        wire = await Wire.connected(port, p.Connect(name, level))
        assert await wire.subscribe((f"+/{name}/#", 1), (f"$x/{name}/a", 1)) == (1, 1)
        other = await Wire.connected(port, p.Connect(f"{name}b", level))
        await other.publish(f"$x/{name}/b", b"unseen", 1)
        await other.publish(f"$x/{name}/a", b"seen", 1)
        await other.publish(f"x/{name}/b", b"too", 1)
        assert [(await wire.message()).payload for _ in range(2)] == [b"seen", b"too"]
        await wire.quiet()
        await other.disconnect()
        await wire.disconnect()

    run(test)


def test_unsubscribe(run: Callable[[Test], None], level: int) -> None:
    async def test(port: int, name: str) -> None:
        wire = await Wire.connected(port, p.Connect(name, level))
        filters = [f"{name}/{leaf}" for leaf in "abc"]
        assert await wire.subscribe(*((topic_filter, 2) for topic_filter in filters)) == (2, 2, 2)
        wire.send(p.Unsubscribe(5, (filters[0], f"{name}/never")))
        assert await wire.next() == p.Unsuback(5)
        other = await Wire.connected(port, p.Connect(f"{name}b", level))
        for topic in filters:
            await other.publish(topic, b"", 1)
        assert [(await wire.message()).topic for _ in range(2)] == filters[1:]
        await wire.quiet()
        await other.disconnect()
        await wire.disconnect()

    run(test)
