"""The embedded broker beyond interoperability: take-over, bounds, flow control, noise, its Python side."""

import asyncio
import os
import socket
from random import Random
from struct import pack

import pytest

from modemlab.broker import server as broker_module
from modemlab.broker.limits import Limits
from modemlab.broker.server import Broker
from modemlab.mqtt import packets as p
from modemlab.mqtt.topics import Retained
from support.broker_wire import Wire, with_broker


def test_take_over_publishes_the_will_and_keeps_the_session() -> None:
    async def test(_broker: Broker, port: int) -> None:
        watcher = await Wire.connected(port, p.Connect("w"))
        await watcher.subscribe(("will", 1))
        connect = p.Connect("a", clean_session=False, will=p.ConnectWill("will", b"over", 1))
        first = await Wire.connected(port, connect)
        await first.subscribe(("t", 1))
        second = await Wire.connected(port, connect, present=True)
        assert await first.ended() == []
        assert (await watcher.message()).payload == b"over"
        await watcher.publish("t", b"to the second", 1)
        assert (await second.message()).payload == b"to the second"
        third = await Wire.connected(port, p.Connect("a"))
        assert await second.ended() == []
        assert (await watcher.message()).payload == b"over"
        await watcher.publish("t", b"to nobody", 1)
        await third.quiet()

    lines: list[str] = []
    with_broker(test, Broker(log=lines.append))
    assert "'a' connected (MQTT 3.1.1, keep alive 0 s)" in lines
    assert "'a' ended: its client id connected again" in lines


def test_will_of_a_connection_that_breaks_the_protocol() -> None:
    async def test(_broker: Broker, port: int) -> None:
        watcher = await Wire.connected(port, p.Connect("w"))
        await watcher.subscribe(("will", 0))
        for wrong in (b"\x36\x05\x00\x01t\x00\x01", b"\xf0\x00", p.encode(p.Subscribe(1, (("a/#/b", 0),)))):
            wire = await Wire.connected(port, p.Connect("a", will=p.ConnectWill("will", b"broke")))
            wire.writer.write(wrong)
            assert await wire.ended() == []
            assert (await watcher.message()).payload == b"broke"
        wire = await Wire.connected(port, p.Connect("a", will=p.ConnectWill("will", b"broke")))
        wire.send(p.Unsubscribe(1, ("+a",)))
        assert await wire.ended() == []
        assert (await watcher.message()).payload == b"broke"

    with_broker(test)


def test_nothing_after_a_bad_filter_counts() -> None:
    """What comes with a violation, in the same write, is as if never sent; no subscription outlives its session."""

    async def test(broker: Broker, port: int) -> None:
        watcher = await Wire.connected(port, p.Connect("w"))
        await watcher.subscribe(("#", 0))
        for wrong in (p.Subscribe(1, (("t", 1), ("a#", 1))), p.Unsubscribe(1, ("+a",))):
            wire = await Wire.connected(port, p.Connect("a"))
            wire.send(p.Publish("t", b"1", 1, packet_id=5), wrong, p.Publish("t", b"2", 1, True, packet_id=6))
            wire.send(p.Subscribe(2, (("t", 1),)))
            assert await wire.ended() == [p.Puback(5)]
            broker.publish("t", b"3", 1)
            assert [(await watcher.message())[:2] for _ in range(2)] == [("t", b"1"), ("t", b"3")]
            assert await watcher.subscribe(("t", 0)) == (0,)  # nothing retained comes
        await watcher.disconnect()
        async with asyncio.timeout(60):
            while broker._links:
                await asyncio.sleep(0.01)
        assert not broker._router._subscriptions

    with_broker(test)


def test_qos_never_rises_and_falls_to_what_was_granted() -> None:
    async def test(_broker: Broker, port: int) -> None:
        wires = [await Wire.connected(port, p.Connect(f"c{qos}", 3 + qos % 2)) for qos in range(3)]
        for qos, wire in enumerate(wires):
            assert await wire.subscribe(("t", qos)) == (qos,)
        sender = await Wire.connected(port, p.Connect("s"))
        for qos in range(3):
            await sender.publish("t", b"x", qos, retain=True)
            for granted, wire in enumerate(wires):
                assert (await wire.message())[:5] == ("t", b"x", min(qos, granted), False, False)
        for granted, wire in enumerate(wires):
            assert await wire.subscribe(("t", granted)) == (granted,)
            assert (await wire.message())[:4] == ("t", b"x", granted, True)

    with_broker(test)


def test_qos_2_sent_twice_is_routed_once() -> None:
    async def test(_broker: Broker, port: int) -> None:
        reader = await Wire.connected(port, p.Connect("r"))
        await reader.subscribe(("t", 2))
        connect = p.Connect("s", clean_session=False)
        sender = await Wire.connected(port, connect)
        sender.send(p.Publish("t", b"x", 2, packet_id=5))
        assert await sender.next() == p.Pubrec(5)
        await sender.close()
        sender = await Wire.connected(port, connect, present=True)
        sender.send(p.Publish("t", b"x", 2, dup=True, packet_id=5))
        assert await sender.next() == p.Pubrec(5)
        await sender.publish("t", b"y", 0)
        assert [(await reader.message()).payload for _ in range(2)] == [b"x", b"y"]
        await reader.quiet()

    with_broker(test)


def test_python_side() -> None:
    seen: list[tuple[str, p.Publish]] = []
    lines: list[str] = []

    def fails(_client_id: str, _message: p.Publish) -> None:
        raise KeyError("observer")

    async def test(broker: Broker, port: int) -> None:
        end = broker.observe(lambda client_id, message: seen.append((client_id, message)))
        end_other = broker.observe(fails)
        wire = await Wire.connected(port, p.Connect("a"))
        await wire.subscribe(("#", 1))
        broker.publish("t", b"in", 1)
        assert (await wire.message())[:3] == ("t", b"in", 1)
        await wire.publish("u", b"out", 0)
        assert (await wire.message())[:3] == ("u", b"out", 0)
        end()
        end()
        end_other()
        broker.publish("设备", b"kept", retain=True)
        assert (await wire.message())[:4] == ("设备", b"kept", 0, False)
        for topic, qos in (("", 0), ("a/#", 0), ("a", 3), ("\ud800", 0)):
            with pytest.raises(ValueError, match=r"MQTT|QoS"):
                broker.publish(topic, b"", qos)

    with_broker(test, Broker(log=lines.append))
    assert seen == [("", p.Publish("t", b"in", 1)), ("a", p.Publish("u", b"out"))]
    assert lines.count("an observer failed: KeyError('observer')") == 2


def test_start_and_close() -> None:
    async def main() -> None:
        broker = Broker()
        await broker.close()
        host, port = await broker.start()
        assert host == "127.0.0.1"
        with pytest.raises(RuntimeError):
            await broker.start()
        other = Broker()
        with pytest.raises(OSError, match=r"."):
            await other.start("127.0.0.1", port)
        wire = await Wire.connected(port, p.Connect("a", clean_session=False, will=p.ConnectWill("w", b"", 1)))
        await wire.subscribe(("t", 1))
        waiting = await Wire.to(port)
        await broker.close()
        assert await wire.ended() == []
        assert await waiting.ended() == []
        await broker.close()
        with pytest.raises(OSError, match=r"."):
            await Wire.to(port)
        broker.publish("t", b"kept", 1)
        _, port = await broker.start(port=0)
        wire = await Wire.connected(port, p.Connect("a", clean_session=False), present=True)
        assert (await wire.message()).payload == b"kept"
        await wire.disconnect()
        await broker.close()

    asyncio.run(main())


def test_limits() -> None:
    async def test(_broker: Broker, port: int) -> None:
        slow = await Wire.to(port)
        assert await slow.ended() == [], "no CONNECT in time"
        one = await Wire.connected(port, p.Connect("a"))
        assert await one.subscribe(("a", 0), ("b", 0), ("c", 0), ("a", 1), ("/" * 200, 0)) == (0, 0, 128, 1, 128)
        two = await Wire.connected(port, p.Connect("b", clean_session=False))
        three = await Wire.to(port)
        assert await three.ended() == [], "a third connection"
        await two.disconnect()
        three = await Wire.connected(port, p.Connect("c"))
        await three.disconnect()
        two = await Wire.connected(port, p.Connect("b", clean_session=False))  # the absent one made room for the third
        for topic in ("r/1", "r/2", "r/3"):
            await two.publish(topic, b"x", 1, retain=True)
        assert await two.subscribe(("r/#", 0)) == (0,)
        assert {(await two.message()).topic for _ in range(2)} == {"r/1", "r/2"}
        await two.quiet()
        two.send(p.Publish("t", b"x" * 1000))
        assert await two.ended() == [], "a packet too long"

    lines: list[str] = []
    limits = Limits(
        connections=2, connect_timeout=0.2, max_packet=1000, sessions=2, subscriptions=2, retained_messages=2
    )
    with_broker(test, Broker(limits=limits, log=lines.append))
    too_many = "its client is absent longest, and there are too many (--max-sessions 2)"
    bounds = "--max-retained 2, --max-retained-bytes 67108864, 200 levels"
    for line in (
        "a connection ended: no CONNECT within 0.2 s",
        "a connection is refused: there are too many (--max-connections 2)",
        f"the session of 'b' is deleted, 0 messages unsent: {too_many}",
        f"not retained: no room, or the topic has too many levels ({bounds}): 'r/3'",
    ):
        assert line in lines


@pytest.mark.parametrize("qos", [0, 1])
def test_a_subscribe_that_asks_for_too_much(qos: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One packet makes the broker look up at most `filters` filters, and nothing more once a bound is reached."""
    monkeypatch.setattr("modemlab.mqtt.server.MAX_OUT_BYTES", 400)
    searched: list[str] = []
    lines: list[str] = []

    async def test(broker: Broker, port: int) -> None:
        for n in range(10):
            broker.publish(f"r/{n}", b"x" * 10, qos, retain=True)
        find = broker._router._retained.find

        def noted(_: object, topic_filter: str) -> list[p.Publish]:
            searched.append(topic_filter)
            return find(topic_filter)

        monkeypatch.setattr(Retained, "find", noted)
        wire = await Wire.connected(port, p.Connect("a"))
        assert await wire.subscribe(*[("none", qos)] * 70) == (qos,) * 50 + (128,) * 20
        assert await wire.subscribe(*[("#", qos)] * 50) == (qos,) * 50
        await wire.close()

    with_broker(test, Broker(limits=Limits(filters=50, queued_messages=20), log=lines.append))
    assert searched.count("none") == 50
    assert 2 <= searched.count("#") <= 6
    (refusal,) = [line for line in lines if "subscribe" in line]
    assert refusal == "'a' may not subscribe to 'none' and 19 more: --max-filters 50"


def test_all_at_once_in_one_write() -> None:
    async def test(_broker: Broker, port: int) -> None:
        wire = await Wire.to(port)
        count = 3000
        messages = (p.Publish("t", b"%d" % n, 1, packet_id=n + 1) for n in range(count))
        wire.send(p.Connect("a"), p.Subscribe(1, (("t", 1),)), *messages)
        assert await wire.next() == p.Connack(0)
        acks: set[int] = set()
        got: list[bytes] = []
        while len(acks) < count or len(got) < count:
            packet = await wire.next()
            if isinstance(packet, p.Puback):
                acks.add(packet.packet_id)
            elif isinstance(packet, p.Publish):
                wire.send(p.Puback(packet.packet_id))
                got.append(packet.payload)
            else:
                assert packet == p.Suback(1, (1,))
        assert got == [b"%d" % n for n in range(count)]

    with_broker(test)


def test_large_message() -> None:
    async def test(_broker: Broker, port: int) -> None:
        wire = await Wire.connected(port, p.Connect("a"))
        await wire.subscribe(("t", 2))
        payload = Random(1).randbytes(3_000_000)
        await (sender := await Wire.connected(port, p.Connect("b"))).publish("t", payload, 2)
        assert (await wire.message()).payload == payload
        await sender.publish("t", payload, 0)
        assert (await wire.message()).payload == payload

    with_broker(test)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_slow_reader_loses_nothing_as_publishers_wait(monkeypatch: pytest.MonkeyPatch, qos: int) -> None:
    monkeypatch.setattr(broker_module, "CLOSE_TIMEOUT_S", 60.0)
    paused: list[bool] = []
    hold_back = broker_module._Link.hold_back

    def recorded(link: broker_module._Link, publisher: broker_module._Link) -> None:
        hold_back(link, publisher)
        paused.append(publisher._held_by > 0)

    monkeypatch.setattr(broker_module._Link, "hold_back", recorded)

    async def test(_broker: Broker, port: int) -> None:
        reader = await Wire.connected(port, p.Connect("r"))
        await reader.subscribe(("t", qos))
        sender = await Wire.connected(port, p.Connect("s"))
        count = 12_000 if qos else 40_000
        payload = b"x" * 500
        ids = (n % 60_000 + 1 if qos else 0 for n in range(count))
        sender.send(*(p.Publish("t", b"%d " % n + payload, qos, packet_id=i) for n, i in enumerate(ids)))

        async def answered() -> None:
            left = count * min(qos, 1)
            while left:
                packet = await sender.next()
                left -= isinstance(packet, p.Puback | p.Pubrec)

        answers = asyncio.create_task(answered())
        got = 0
        while got < count:
            packet = await reader.next()
            if isinstance(packet, p.Publish):
                assert packet.payload.startswith(b"%d " % got)
                got += 1
                if qos == 1:
                    reader.send(p.Puback(packet.packet_id))
                elif qos == 2:
                    reader.send(p.Pubrec(packet.packet_id))
            else:
                assert isinstance(packet, p.Pubrel)
                reader.send(p.Pubcomp(packet.packet_id))
        await answers

    lines: list[str] = []
    with_broker(test, Broker(log=lines.append))
    assert not [line for line in lines if "lost" in line or "slowly" in line]
    assert any(paused)


@pytest.mark.parametrize("qos", [0, 1])
def test_reader_that_stands_still_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch, qos: int) -> None:
    monkeypatch.setattr(broker_module, "CLOSE_TIMEOUT_S", 0.1)

    async def test(_broker: Broker, port: int) -> None:
        reader = await Wire.connected(port, p.Connect("r"))
        await reader.subscribe(("t", qos))
        sender = await Wire.connected(port, p.Connect("s"))
        payload = b"x" * 100_000
        for _ in range(300):
            await sender.publish("t", payload, qos)
        await sender.quiet()
        got = 0
        await reader.publish("mark", b"", 0)
        reader.send(p.Subscribe(5, (("end", 0),)))
        while True:
            packet = await reader.next()
            if isinstance(packet, p.Publish):
                got += 1
                assert packet.payload == payload
                if qos:
                    reader.send(p.Puback(packet.packet_id))
            elif isinstance(packet, p.Suback):
                break
        await reader.close()
        await sender.publish("t", payload, 1)
        assert got < 300

    lines: list[str] = []
    with_broker(test, Broker(log=lines.append, limits=Limits(queued_bytes=1_000_000)))
    assert "'r' reads too slowly: publishers no longer wait for it" in lines
    assert any(line.startswith("'r' lost ") for line in lines)


def test_noise() -> None:
    """Random bytes, random packets, cut connections: the broker lives and serves."""

    async def test(broker: Broker, port: int) -> None:
        random = Random(7)
        good = [p.encode(p.Publish("t", b"x", 1, packet_id=3)), p.encode(p.Subscribe(4, (("t", 1),))), b"\xc0\x00"]
        for round_number in range(150):
            wire = await Wire.to(port)
            if round_number % 3:
                wire.send(p.Connect(f"n{round_number % 5}", clean_session=bool(round_number % 2)))
            data = bytearray(b"".join(random.choices(good, k=5)))
            for _ in range(random.randrange(4)):
                data[random.randrange(len(data))] = random.randrange(256)
            if round_number % 5 == 0:
                data = bytearray(random.randbytes(200))
            wire.writer.write(data)
            if random.random() < 0.5:
                wire.writer.transport.abort()
            else:
                await wire.close()
        wire = await Wire.connected(port, p.Connect("good"))
        await wire.publish("t", b"", 2)
        await wire.disconnect()
        broker.publish("t", b"", 2)

    with_broker(test)


def test_half_closed_and_reset_connections_are_forgotten() -> None:
    async def test(broker: Broker, port: int) -> None:
        loop = asyncio.get_running_loop()
        for abruptly in (0, 1):
            linger = pack("hh" if os.name == "nt" else "ii", abruptly, 0)
            with socket.create_connection(("127.0.0.1", port), 5) as raw:
                raw.setblocking(False)
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                await loop.sock_sendall(raw, p.encode(p.Connect("a")))
                assert await asyncio.wait_for(loop.sock_recv(raw, 4), 60) == p.encode(p.Connack(0))
        async with asyncio.timeout(60):
            while broker._links:
                await asyncio.sleep(0.01)
        assert broker._router.sessions == {}
        assert not broker._router._subscriptions

    with_broker(test)
