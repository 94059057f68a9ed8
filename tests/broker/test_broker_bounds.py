"""The bounds of the broker, in what it counts: floods of every kind, sessions that expire or make room, and its log."""

import asyncio
import os
import tracemalloc
from random import Random

import pytest

from modemlab.broker import open_files
from modemlab.broker.limits import MEGABYTE, Limits, declared, default_of, named, read_limits
from modemlab.broker.refusal_log import Refusals, brief
from modemlab.broker.router import Router
from modemlab.broker.server import Broker
from modemlab.mqtt import packets as p
from modemlab.mqtt import topics
from modemlab.mqtt.memory_budget import CONNECTION, LEVEL, MESSAGE, SESSION, SUBSCRIPTION
from modemlab.mqtt.server import ServerSession
from modemlab.mqtt.topics import Subscriptions
from support.broker_wire import Wire, with_broker


class Host:
    """Clients at a router, in bytes; `lines` is its log, `now` its time."""

    def __init__(self, limits: Limits) -> None:
        self.lines: list[str] = []
        self.router = Router(limits, log=self.lines.append)
        self.now = 0.0

    def client(self, client_id: str, *, clean: bool = True, code: int = 0, present: bool = False) -> ServerSession:
        """A client that connects, and is answered so."""
        session = ServerSession(self.now)
        answer = self.say(session, p.Connect(client_id, clean_session=clean))
        assert answer[0] == p.Connack(code, present)
        return session

    def say(self, session: ServerSession, *packets: p.Packet) -> list[p.Packet]:
        """Let a client say that; what it hears."""
        data = b"".join(p.encode(packet) for packet in packets)
        self.router.handle(session, session.receive(data, self.now), self.now)
        return p.Decoder(from_server=True).feed(session.take())

    def leave(self, session: ServerSession) -> None:
        """Let a client's link be lost."""
        self.router.handle(session, session.end("lost"), self.now)

    @property
    def used(self) -> int:
        return self.router.memory.used


def told(host: Host, *parts: str) -> int:
    """How many lines of the log have all of that."""
    return sum(all(part in line for part in parts) for line in host.lines)


def test_the_cache_is_bounded_by_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "CACHE_HOLDERS", 1000)
    tree: Subscriptions[int] = Subscriptions()
    for who in range(300):
        tree.add("q/#", who, 0)
    for number in range(50):
        assert len(tree.find(f"q/{number}")) == 300
        assert sum(map(len, set(tree._cache.values()))) == tree._cached == 300
        assert tree.find(f"q/{number}") is tree.find("q/0"), "topics with the same subscribers share one answer"
    for who in range(300, 1001):
        tree.add("q/#", who, 0)
    assert len(tree.find("q/1")) == 1001
    assert tree._cache == {}, "more holders than are remembered at all"
    tree.add("other", 1, 0)
    assert tree.find("other") == ((1, 0),)
    assert tree.remove("other", 1)
    assert tree._cached == 0


def test_retained_topics_count_with_their_levels() -> None:
    host = Host(Limits(retained_bytes=MEGABYTE))
    client = host.client("a")
    before = host.used
    for n in range(100):
        deep = "/".join(str(n) for _ in range(200))
        host.say(client, p.Publish(deep, b"x", retain=True))
    kept = len(host.router._retained)
    assert kept == MEGABYTE // (MESSAGE + 1 + len(deep) + 200 * LEVEL)
    assert before < host.used <= before + MEGABYTE
    assert told(host, "not retained", "--max-retained-bytes 1048576") == 1, "a kind of refusal is told once"
    for n in range(100):
        host.say(client, p.Publish("/".join(str(n) for _ in range(200)), b"", retain=True))
    assert host.used == before


def test_filters_count_with_their_levels() -> None:
    host = Host(Limits(subscription_bytes=MEGABYTE))
    for name in "ab":
        client = host.client(name)
        before = host.used
        filters = tuple(("/".join([str(n)] * 200), 1) for n in range(40))
        (answer,) = host.say(client, p.Subscribe(1, filters))
        assert isinstance(answer, p.Suback)
        granted = answer.codes.count(1)
        assert 10 <= granted < 40
        assert answer.codes == (1,) * granted + (128,) * (40 - granted)
        assert before + granted * 200 * LEVEL < host.used <= before + MEGABYTE
        assert host.say(client, p.Subscribe(2, filters[:1])) == [p.Suback(2, (1,))], "one that it has costs nothing"
    assert told(host, "may not subscribe", "--max-subscription-bytes 1048576") == 1
    host.say(client, p.Unsubscribe(3, tuple(each for each, _ in filters)))
    assert host.used == before
    host.leave(client)
    assert host.used == before - SESSION - 1


def test_the_whole_is_bounded() -> None:
    """Filters, retained and queued messages, sessions: what would exceed it is refused, the rest goes on."""
    host = Host(Limits(memory=2 * MEGABYTE))
    reader, sender = host.client("r", clean=False), host.client("s")
    assert host.say(reader, p.Subscribe(1, (("t", 1),))) == [p.Suback(1, (1,))]
    host.leave(reader)
    for n in range(200):
        assert host.say(sender, p.Publish("t", b"x" * 10_000, 1, packet_id=n + 1)) == [p.Puback(n + 1)]
    state = host.router.sessions["r"]
    bound = MEGABYTE // 8 * 7  # the rest is for sessions alone
    assert state.waiting == (bound - 6000) // (10_001 + MESSAGE)
    assert state.dropped == 200 - state.waiting
    assert bound - 10_001 - MESSAGE <= host.used <= bound
    host.say(sender, p.Publish("kept", b"x" * 10_000, retain=True))
    assert len(host.router._retained) == 0
    (answer,) = host.say(sender, p.Subscribe(7, (("/".join("a" * 100), 1), ("t", 0))))
    assert answer == p.Suback(7, (128, 0))
    for kind in ("a message is dropped", "a message is not retained", "may not subscribe"):
        assert told(host, kind, "the memory of sessions is full (--max-memory 2, half of it)") == 1, host.lines
    assert host.say(sender, p.Publish("t", b"still")) == [p.Publish("t", b"still")]
    again = host.client("r", clean=False, present=True)
    host.leave(again)
    host.client("x" * 8000)
    assert told(host, "the session of 'r' is deleted", "absent longest", "--max-memory 2") == 1
    assert host.used < 20_000


def test_who_is_absent_does_not_lock_others_out_by_messages() -> None:
    """The session that is absent longest makes room, and no other; if all are connected, the new one is refused."""
    host = Host(Limits(memory=2 * MEGABYTE))
    for name in "abc":
        client = host.client(name, clean=False)
        host.say(client, p.Subscribe(1, ((name, 1),)))
        host.leave(client)
        host.now += 1
    for name in "abc":
        for _ in range(30):
            host.router.publish(p.Publish(name, b"x" * 8000, 1))
    assert [host.router.sessions[name].waiting for name in "abc"] == [30, 30, 30]
    host.router.publish(p.Publish("a", b"x" * (host.router.memory.bound - host.used - MESSAGE - 1), 1))
    assert host.used == host.router.memory.bound
    host.client("new")
    assert set(host.router.sessions) == {"b", "c", "new"}
    full = Host(Limits(memory=2 * 3 * SESSION))
    full.client("a")
    full.client("b")
    full.client("c", code=3)
    assert told(full, "'c': no more sessions") == 1


def test_a_message_for_many_absent_clients_is_kept_once() -> None:
    host = Host(Limits(memory=4 * MEGABYTE))
    for n in range(200):
        client = host.client(str(n), clean=False)
        host.say(client, p.Subscribe(1, (("t", n % 3),)))
        host.leave(client)
    before = host.used
    host.router.publish(p.Publish("t", b"x" * 100_000, 2))
    assert host.used < before + 2 * 110_000, "once for each quality of service"
    assert sum(state.waiting for state in host.router.sessions.values()) == 133
    for n in range(200):
        host.client(str(n))
    assert host.router.memory.shared == {}


def test_an_absent_client_makes_room_for_a_new_one() -> None:
    host = Host(Limits(sessions=3))
    for name in "abc":
        host.leave(host.client(name, clean=False))
        host.now += 1
    host.leave(host.client("a", clean=False, present=True))  # a was there again: b is absent longest
    host.client("d")
    assert set(host.router.sessions) == {"a", "c", "d"}
    host.client("e")
    assert set(host.router.sessions) == {"a", "d", "e"}
    host.client("f")
    host.client("g", code=3)
    assert told(host, "the session of 'b' is deleted", "--max-sessions 3") == 1
    assert told(host, "all clients are connected (--max-sessions 3)") == 1


def test_10_000_absent_clients_lock_nobody_out() -> None:
    host = Host(Limits())
    for n in range(10_000):
        host.leave(host.client(f"absent-{n}", clean=False))
    host.client("new")
    assert len(host.router.sessions) == 10_000
    assert "absent-0" not in host.router.sessions
    assert "absent-1" in host.router.sessions


def test_sessions_expire() -> None:
    host = Host(Limits(session_expiry=60))
    assert host.router.next_expiry is None
    for name in "ab":
        client = host.client(name, clean=False)
        host.say(client, p.Subscribe(1, (("t", 1),)))
        host.leave(client)
        host.now += 10
    host.router.publish(p.Publish("t", b"x", 1))
    assert host.router.next_expiry == 60
    host.router.expire(59.9)
    assert len(host.router.sessions) == 2
    host.router.expire(60.0)
    assert set(host.router.sessions) == {"b"}
    assert told(host, "the session of 'a' is deleted, 1 messages unsent", "--session-expiry 60") == 1
    host.now = 70.0
    again = ServerSession(host.now)
    assert host.say(again, p.Connect("b", clean_session=False)) == [p.Connack(0, False)], "it is over at 70 s"
    assert host.router.next_expiry is None
    host.now += 1000
    host.router.expire(host.now)
    assert set(host.router.sessions) == {"b"}, "of a client that is there none expires"


def test_the_log_is_sparing() -> None:
    """A line each ten seconds, as the document says."""
    lines: list[str] = []
    refusals = Refusals(lines.append)
    for n in range(1000):
        refusals.tell("one", f"one {n}", n / 50)
    refusals.tell("two", "two", 0.0)
    assert lines == ["one 0", "one 500; 499 more of this kind since the last such line", "two"]
    assert brief("t" * 80) == repr("t" * 80)
    assert brief("t" * 65535) == f"'{'t' * 80}'... (65535 characters)"


def test_half_packets_are_counted_and_bounded() -> None:
    """They may be half of the memory, so that others are still served."""

    async def test(broker: Broker, port: int) -> None:
        buffers = broker._buffers
        good = await Wire.connected(port, p.Connect("good"))
        await good.quiet()
        assert buffers.used == CONNECTION
        half = b"\x30\xff\xff\x3f\x00\x01t" + b"x" * 300_000
        wires = []
        for n in range(10):
            wire = await Wire.connected(port, p.Connect(f"h{n}"))
            wire.writer.write(half)
            wires.append(wire)
            await good.quiet()
        async with asyncio.timeout(60):
            while len(broker._links) > 4:
                await asyncio.sleep(0.01)
        assert 600_000 < buffers.used <= MEGABYTE
        await good.publish("t", b"x", 2)
        (await Wire.connected(port, p.Connect("another"))).send(p.Subscribe(1, (("t", 1),)))
        for wire in wires:
            await wire.close()
        async with asyncio.timeout(60):
            while len(broker._links) > 2:
                await asyncio.sleep(0.01)
        await good.quiet()
        assert buffers.used == 2 * CONNECTION

    lines: list[str] = []
    with_broker(test, Broker(limits=Limits(memory=2 * MEGABYTE), log=lines.append))
    full = [line for line in lines if "connections have half of the memory, and it is full (--max-memory 2)" in line]
    assert len(full) == 8  # one of its kind, and why each of seven ended
    assert sum("' is closed: " in line for line in full) == 1


def test_who_does_not_read_is_counted_and_closed() -> None:
    async def test(broker: Broker, port: int) -> None:
        slow = [await Wire.connected(port, p.Connect(f"s{n}")) for n in range(8)]
        for wire in slow:
            await wire.subscribe(("flood", 0))
            transport = wire.writer.transport
            assert isinstance(transport, asyncio.ReadTransport)
            transport.pause_reading()
        sender = await Wire.connected(port, p.Connect("sender"))
        for _ in range(60):
            await sender.publish("flood", os.urandom(200_000), 1)
            assert broker._buffers.used <= 8 * MEGABYTE
        await sender.quiet()

    lines: list[str] = []
    with_broker(test, Broker(limits=Limits(memory=16 * MEGABYTE), log=lines.append))
    assert [line for line in lines if "is closed: connections have half of the memory" in line]


def test_connections_beyond_the_files_that_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are refused before accepting fails, and the log stays short."""
    monkeypatch.setattr("modemlab.broker.server.room_for", lambda connections: min(connections, 3))

    async def test(broker: Broker, port: int) -> None:
        kept = [await Wire.connected(port, p.Connect(f"c{n}")) for n in range(3)]
        for _ in range(50):
            assert await (await Wire.to(port)).ended() == []
        for wire in kept:
            await wire.quiet()
        await kept.pop().disconnect()
        async with asyncio.timeout(60):
            while len(broker._links) > 2:
                await asyncio.sleep(0.01)
        await Wire.connected(port, p.Connect("next"))

    lines: list[str] = []
    with_broker(test, Broker(log=lines.append))
    (line,) = [line for line in lines if "refused" in line]
    assert line == (
        "a connection is refused: there are too many (--max-connections 10000, but only 3 with the files that may be "
        "open: see `ulimit -n`)"
    )


@pytest.mark.parametrize(
    ("most", "wanted"), [(1024, 10_000), (256, 10_000), (64, 10), (20_000, 10_000), (None, 10_000)]
)
def test_room_for_connections(monkeypatch: pytest.MonkeyPatch, most: int | None, wanted: int) -> None:
    """What is left holds a burst that is accepted before it can be refused."""
    monkeypatch.setattr(open_files, "_most_files", lambda: most)
    monkeypatch.setattr(open_files, "_open_files", lambda: 10)
    left = open_files.room_for(wanted)
    assert 1 <= left <= wanted
    if most is None:
        assert left == wanted
    elif most >= 256:
        assert left + 10 + 4 * open_files.backlog_for() + 32 <= most
        assert left >= min(wanted, most // 3)


def test_raising_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    made: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _what, limits: made.append(limits))
    for had, wanted in (((256, 4096), 1000), ((256, 512), 1000), ((2000, 4096), 1000)):
        monkeypatch.setattr(resource, "getrlimit", lambda _what, had=had: had)
        open_files.raise_limit(wanted)
    assert made == [(1000, 4096), (512, 512)]


def test_limits_are_declared_once() -> None:
    assert list(declared()) == list(Limits._fields)
    options = [limit.option for limit in declared().values()]
    assert len(set(options)) == len(options)
    for name, limit in declared().items():
        assert limit.minimum <= default_of(name) <= limit.maximum
        assert read_limits({name: default_of(name)}) == Limits()
        for value in (limit.minimum - 1, limit.maximum + 1):
            with pytest.raises(
                ValueError, match=rf"^{limit.option} {value} is not {limit.minimum:,} to {limit.maximum:,} "
            ):
                read_limits({name: value})
    assert read_limits({"memory": 16}).memory == 16 * MEGABYTE
    assert named(Limits(memory=16 * MEGABYTE), "memory") == "--max-memory 16"
    assert named(Limits(session_expiry=1.5), "session_expiry") == "--session-expiry 1"


def test_costs_are_not_less_than_what_cpython_needs() -> None:
    """A filter and a session, measured; a margin is for what the allocator wastes."""
    host = Host(Limits(subscriptions=10_000, subscription_bytes=1 << 30))
    sessions = [host.client(f"c{n}") for n in range(100)]
    tracemalloc.start()
    try:
        counted, (real, _) = host.used, tracemalloc.get_traced_memory()
        for n, session in enumerate(sessions):
            host.say(session, p.Subscribe(1, tuple((f"{n}/{k}/" + "/".join("x" * (k % 40)), 1) for k in range(40))))
        more = tracemalloc.get_traced_memory()[0] - real
        assert more < host.used - counted
        assert host.used - counted > 4000 * SUBSCRIPTION
        counted, real = host.used, tracemalloc.get_traced_memory()[0]
        more_sessions = [host.client(f"d{n}") for n in range(500)]
        more = tracemalloc.get_traced_memory()[0] - real
        assert more < host.used - counted + len(more_sessions) * CONNECTION
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_counted_comes_to_nothing(seed: int) -> None:
    """Whatever clients do, right or wrong, in the end nothing is counted that is not there."""
    random = Random(seed)
    host = Host(Limits(memory=400_000, sessions=8, subscriptions=5, queued_messages=30, retained_messages=4))
    live: dict[str, ServerSession] = {}
    topics_known = ["a", "a/b", "a/b/c", "d"]
    for _ in range(600):
        host.now += 1
        name = random.choice("abcdefghijkl")
        session = live.get(name)
        if session is None or session.ended:
            session = live[name] = ServerSession(host.now)
            data = p.encode(
                p.Connect(name, clean_session=random.random() < 0.5, will=p.ConnectWill("a", b"gone", 1, True))
            )
        else:
            number = random.randrange(1, 5)
            topic = random.choice(topics_known)
            said: list[p.Packet] = [
                p.Publish(
                    topic,
                    random.randbytes(random.randrange(4000)),
                    random.randrange(3),
                    number % 2 == 0,
                    packet_id=number,
                ),
                p.Publish(topic, b"", 0, True),
                p.Subscribe(1, tuple((each, random.randrange(3)) for each in (*topics_known, "#", "a/+", "+"))),
                p.Unsubscribe(1, ("#", topic)),
                p.Puback(number),
                p.Pubrec(number),
                p.Pubrel(number),
                p.Pubcomp(number),
            ]
            packet = random.choice(said)
            data = p.encode(packet)
            if random.random() < 0.05:
                data = data[:-1] + random.randbytes(1)
        host.router.handle(session, session.receive(data, host.now), host.now)
        if random.random() < 0.1:
            host.leave(session)
        for each in live.values():
            each.take()
        assert host.used <= 200_000 + 21 * 8 * (4000 + MESSAGE)
    for session in live.values():
        host.leave(session)
    host.router.expire(host.now + 100_000)
    assert host.router.sessions == {}
    assert not host.router._subscriptions
    assert host.used == host.router._retained.kept
    assert host.router.memory.shared == {}


def test_a_long_client_identifier_stands_in_the_log_by_its_beginning() -> None:
    """As it connects, comes again, is refused, loses messages and is forgotten."""
    host = Host(Limits(sessions=2, subscriptions=1, queued_messages=1))
    name = "x" * 65_000
    session = host.client(name, clean=False)
    host.say(session, p.Subscribe(1, (("t", 1), ("refused", 1))))
    session = host.client(name, clean=False, present=True)
    host.leave(session)
    for _ in range(2):
        host.router.publish(p.Publish("t", b"m", 1))
    host.client("b")
    host.client("c")
    short, absent = brief(name), "its client is absent longest, and there are too many (--max-sessions 2)"
    assert host.lines == [
        f"{short} connected (MQTT 3.1.1, keep alive 0 s)",
        f"{short} may not subscribe to 'refused': --max-subscriptions 1",
        f"{short} ended: its client id connected again",
        f"{short} connected (MQTT 3.1.1, keep alive 0 s)",
        f"{short} ended: lost",
        f"{short} loses messages: too many wait for it (--max-queued 1, --max-queued-bytes 8388608)",
        "'b' connected (MQTT 3.1.1, keep alive 0 s)",
        f"the session of {short} is deleted, 1 messages unsent: {absent}",
        "'c' connected (MQTT 3.1.1, keep alive 0 s)",
    ]


def test_who_is_connected_keeps_nobody_out() -> None:
    """However much connected clients subscribe to, retain and leave unread: there is room for others' sessions."""
    host = Host(Limits(memory=16 * MEGABYTE))
    for number in range(8):
        greedy = host.client(f"greedy{number}")
        for first in range(0, 400, 100):
            filters = tuple((f"{number}/{n}/" + "/".join("abcdefgh"), 1) for n in range(first, first + 100))
            host.say(greedy, p.Subscribe(1, filters))
    host.say(greedy, *(p.Publish(f"kept/{n}", b"x" * 1000, 0, True) for n in range(9000)))
    assert told(host, "the memory of sessions is full")
    for number in range(200):
        host.client(f"good{number}")
    assert host.used <= 8 * MEGABYTE
