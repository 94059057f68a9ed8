"""The store: what is read back is what was kept, at any moment, and what is no store is refused in one line."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from operator import add
from pathlib import Path
from random import Random

import pytest

from modemlab.broker.limits import Limits
from modemlab.broker.router import Router
from modemlab.broker.server import Broker
from modemlab.broker.store import APPLICATION_ID, SCHEMA_VERSION, STATEMENTS, Store
from modemlab.mqtt import packets as p
from modemlab.mqtt import session_changes as kinds
from modemlab.mqtt.server import ServerSession
from modemlab.mqtt.session_changes import StoreError
from support.broker_wire import Wire, close_wires

WALL = 1_800_000_000.0


def content(router: Router, now: float) -> object:
    """What a router keeps beyond connections, to be compared."""
    sessions = {
        name: (
            sorted(state.subscriptions.items()),
            [(packet_id, message[:4]) for packet_id, message in state.sent.items()],
            [message[:4] for message in state.queue or ()],
            list(state.released),
            sorted(state.received),
            round(router._absent.get(name, now), 3),
        )
        for name, state in router.sessions.items()
        if not state.clean
    }
    return sessions, sorted(router._retained.find("#"))


def copied(path: Path, to: Path) -> Path:
    """The files of a store as they are at this moment, elsewhere: as if its process had been killed."""
    to.mkdir()
    for each in path.parent.glob(f"{path.name}*"):
        shutil.copy(each, to)
    return to / path.name


def say(router: Router, session: ServerSession, now: float, *packets: p.Packet) -> None:
    """Let a client say that."""
    router.handle(session, session.receive(b"".join(p.encode(packet) for packet in packets), now), now)


def packets(random: Random) -> list[p.Packet]:
    """Something that a client says."""
    number = random.randrange(1, 6)
    topic = random.choice(["a", "b", "a/b", "设备/1"])
    made: list[p.Packet] = []
    for _ in range(random.randrange(1, 4)):
        made += random.sample(
            [
                p.Publish(topic, random.randbytes(number), random.randrange(3), random.random() < 0.3, False, number),
                p.Publish(topic, b"", 0, True),
                p.Subscribe(1, ((random.choice(["a", "#", "+/b", "设备/#"]), random.randrange(3)),)),
                p.Unsubscribe(1, (random.choice(["a", "#", "+/b"]),)),
                p.Pubrel(number),
            ],
            1,
        )
    return made


def answers(random: Random, session: ServerSession) -> list[p.Packet]:
    """Right answers to some of what a client has been sent."""
    state = session.state
    assert state is not None
    made: list[p.Packet] = [
        p.Puback(packet_id) if message.qos == 1 else p.Pubrec(packet_id) for packet_id, message in state.sent.items()
    ]
    made += [p.Pubcomp(packet_id) for packet_id in state.released]
    return random.sample(made, min(len(made), random.randrange(4)))


@pytest.mark.parametrize("seed", range(25))
def test_what_is_kept_is_read_back(tmp_path: Path, seed: int) -> None:
    """Clients come, go, speak and answer at random; at any moment a copy of the files has all of it."""
    random = Random(seed)
    now = 100.0
    path = tmp_path / "store"
    store = Store(path, lambda: WALL + now)
    router = Router(Limits(sessions=4, queued_messages=40))
    router.restore(store.load(now), now)
    changes: list[kinds.Change] = []
    router.record(changes)
    live: dict[str, ServerSession] = {}
    for step in range(120):
        now += random.random()
        name = random.choice("pqrstu")
        session = live.get(name)
        if session is None or session.ended:
            session = live[name] = ServerSession(now)
            say(router, session, now, p.Connect(name, clean_session=random.random() < 0.2))
        elif random.random() < 0.2:
            router.handle(session, session.end("lost"), now)
        else:
            say(router, session, now, *packets(random))
            if session.open:
                say(router, session, now, *answers(random, session))
        for each in live.values():
            each.take()
        store.save(changes, now)
        changes.clear()
        if step % 30 == 29:
            other = Store(copied(path, tmp_path / str(step)), partial(add, WALL, now))
            again = Router(Limits(sessions=4, queued_messages=40))
            again.restore(other.load(now), now)
            assert content(again, now) == content(router, now)
            other.close()
    store.close()
    later = 5.0  # another clock, of a process that begins later: absent times go on
    store = Store(path, lambda: WALL + now + 50)
    again = Router(Limits(sessions=4, queued_messages=40))
    again.restore(store.load(later), later)
    for name, since in router._absent.items():
        assert again._absent[name] == pytest.approx(since - now - 50 + later, abs=0.01)
    assert list(router._absent) == [name for name in again._absent if name in router._absent]
    store.close()


def test_every_kind_of_change_is_stored() -> None:
    assert set(STATEMENTS) == set(kinds.Change.__args__)


def test_messages_too_large_and_texts_too_odd_for_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    messages = [p.Publish("t", bytes(range(256)) * 1000, 2), p.Publish("'; DROP TABLE session; --", b"", 1, True)]
    name = "it's ? \U0001f600"
    store.save(
        [kinds.Begun(name), *(kinds.Queued(name, each) for each in messages), kinds.RetainedSet(messages[0])], 0.0
    )
    (session,) = store.load(0.0).sessions
    assert session.client_id == name
    assert session.messages == tuple((None, each) for each in messages)
    assert store.load(0.0).retained == (messages[0]._replace(retain=True),)
    store.close()


def test_the_file_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "s"
    store = Store(path)
    store.save([kinds.Begun("a")], 0.0)
    for each in tmp_path.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    store.close()


def other_sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (a)")
    connection.close()


def newer(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 6}")
    connection.close()


REFUSED: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: path.write_bytes(b"hello, this is a text and no database\n" * 50), "not a store of a broker"),
    (lambda path: path.write_bytes(b"\0" * 5000), "not a store of a broker"),
    (other_sqlite, "an SQLite file, but not a store of this broker"),
    (newer, f"a store of version {SCHEMA_VERSION + 6}, but this program reads version {SCHEMA_VERSION}"),
    (lambda path: path.mkdir(), "exists, but is not a regular file"),
    (os.mkfifo, "exists, but is not a regular file"),
]


@pytest.mark.parametrize(("make", "reason"), REFUSED)
def test_what_is_no_store_is_left_as_it_is(tmp_path: Path, make: Callable[[Path], object], reason: str) -> None:
    path = tmp_path / "file"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert str(caught.value) == f"{path}: {reason}"
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_an_empty_file_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.touch()
    Store(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()
    with pytest.raises(StoreError, match="No such file or directory"):
        Store(tmp_path / "none" / "s")


def test_a_store_is_for_one_broker(tmp_path: Path) -> None:
    path = tmp_path / "s"
    first = Store(path)
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert str(caught.value) == f"{path}: another broker uses this store"
    first.save([kinds.Begun("a")], 0.0)
    first.close()
    second = Store(path)
    assert [session.client_id for session in second.load(0.0).sessions] == ["a"]
    second.close()


def test_a_damaged_store(tmp_path: Path) -> None:
    path = tmp_path / "s"
    store = Store(path)
    store.save([kinds.Begun("a"), *(kinds.Queued("a", p.Publish("t", b"x" * 3000, 1)) for _ in range(50))], 0.0)
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught, closing(Store(path)) as damaged:
        damaged.load(0.0)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def with_store(path: Path, test: Callable[[Broker, int], Awaitable[None]], limits: Limits | None = None) -> list[str]:
    """Run a test against a broker with that store; the log."""
    lines: list[str] = []

    async def main() -> None:
        broker = Broker(store=Store(path), log=lines.append, limits=limits)
        try:
            _, port = await broker.start()
            await test(broker, port)
        finally:
            await close_wires()
            await broker.close()

    asyncio.run(main())
    return lines


def test_a_broker_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "s"

    async def first(broker: Broker, port: int) -> None:
        reader = await Wire.connected(port, p.Connect("r", clean_session=False))
        await reader.subscribe(("t", 2))
        gone = await Wire.connected(port, p.Connect("clean"))
        await gone.subscribe(("t", 1))
        await reader.disconnect()
        sender = await Wire.connected(port, p.Connect("s", clean_session=False))
        await sender.publish("t", b"1", 1)
        await sender.publish("kept", b"k", 1, retain=True)
        sender.send(p.Publish("t", b"2", 2, packet_id=9))
        assert await sender.next() == p.Pubrec(9)
        assert broker.kept == (2, 1)
        assert broker.unacknowledged == (2, 1), "those of a clean session"

    async def second(broker: Broker, port: int) -> None:
        assert set(broker._router.sessions) == {"r", "s"}
        sender = await Wire.connected(port, p.Connect("s", clean_session=False), present=True)
        sender.send(p.Publish("t", b"2", 2, dup=True, packet_id=9), p.Pubrel(9))
        assert [await sender.next(), await sender.next()] == [p.Pubrec(9), p.Pubcomp(9)]
        reader = await Wire.connected(port, p.Connect("r", clean_session=False), present=True)
        assert [(await reader.message())[:3] for _ in range(2)] == [("t", b"1", 1), ("t", b"2", 2)]
        await reader.subscribe(("kept", 1))
        assert (await reader.message())[:4] == ("kept", b"k", 1, True)
        await reader.quiet()

    async def third(broker: Broker, port: int) -> None:
        assert broker.kept == (0, 0)
        await (await Wire.connected(port, p.Connect("r"))).quiet()

    async def fourth(broker: Broker, _port: int) -> None:
        assert set(broker._router.sessions) == {"s"}

    with_store(path, first)
    assert f"{path}: 2 sessions with 2 messages unsent" in with_store(path, second)
    with_store(path, third)
    with_store(path, fourth)


def test_nothing_is_promised_that_cannot_be_stored(tmp_path: Path) -> None:
    """A disk that is full: the message is not acknowledged, and the broker ends."""
    path = tmp_path / "s"
    failed: list[str] = []

    async def main() -> None:
        broker = Broker(store=Store(path), on_failure=lambda: failed.append("called"))
        _, port = await broker.start()
        try:
            reader = await Wire.connected(port, p.Connect("r", clean_session=False))
            await reader.subscribe(("t", 1))
            await reader.disconnect()
            sender = await Wire.connected(port, p.Connect("s"))
            store = broker._store
            assert store is not None
            store._connection.execute("PRAGMA max_page_count = 1")
            sender.send(*(p.Publish("t", b"x" * 5000, 1, packet_id=n) for n in range(1, 20)))
            assert await sender.ended() == []
            failed.append(broker.failure)
            with pytest.raises(OSError, match=r"."):
                await Wire.to(port)
        finally:
            await close_wires()
            await broker.close()

    asyncio.run(main())
    assert failed == ["called", f"{path}: it cannot be written: database or disk is full"]
    store = Store(path)
    assert [session.messages for session in store.load(0.0).sessions] == [()]
    store.close()


def test_more_is_stored_than_may_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "s"
    store = Store(path)
    store.save([kinds.Begun("a"), *(kinds.Queued("a", p.Publish("t", b"x", 1)) for _ in range(50))], 0.0)
    store.close()

    async def nothing(_broker: Broker, _port: int) -> None: ...

    with pytest.raises(StoreError) as caught:
        with_store(path, nothing, Limits(queued_messages=20))
    assert str(caught.value) == f"{path}: more is stored than --max-memory 512 and --max-queued 20 allow"
    with_store(path, nothing)
