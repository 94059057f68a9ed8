"""MQTT clients of a modem as their callers have them: numbers, subscriptions, wills, messages, and both faces alike."""

import asyncio
import inspect
import time
from collections.abc import Sequence
from typing import Any

import pytest

from modemlab import Client, Modem, SyncModem, Will
from modemlab.at.errors import NotDelivered, NotReady, UsageError
from modemlab.dialect.recipes import Message
from modemlab.driver import modem as modem_module
from modemlab.driver.protocol import identify
from modemlab.driver.sync import SyncClient
from modemlab.mqtt.packets import Publish
from modemlab.net.conditions import ConnectionDisruption
from modemlab.net.packet_faults import Fault
from modemlab.scenario.actions import read_action
from support.modem_desk import MODELS, Desk, on_desk, payload, port_of


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module's line needs no time to settle."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)


@pytest.mark.parametrize("model", MODELS)
def test_a_client_that_is_never_entered_takes_nothing(model: str) -> None:
    """A number is taken from entering to closing; the next one has the lowest that is free."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            for _ in range(20):
                desk.mqtt(modem)
            unused = desk.mqtt(modem)
            async with desk.mqtt(modem, client_id="one") as one:
                assert one.number == 0
                await one.publish("a", "b", qos=1)
                with pytest.raises(UsageError, match="entered already"):
                    await one.__aenter__()
                assert one.connected
            await unused.close()
            async with desk.mqtt(modem, client_id="two") as two:
                assert two.number == 0

    on_desk(work, model)


def test_all_numbers_of_a_module() -> None:
    """The seventh is told to wait for one that is closed, and then has its number."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            clients = [await desk.mqtt(modem, client_id=f"pump-{n}").__aenter__() for n in range(6)]
            seventh = desk.mqtt(modem, client_id="pump-6")
            with pytest.raises(UsageError, match="all 6 MQTT clients of the module are taken: close one first"):
                await seventh.__aenter__()
            await clients[3].close()
            async with seventh:
                assert seventh.number == 3
                await seventh.publish("a", "b", qos=1)

    on_desk(work)


def test_subscriptions_that_are_refused_on_the_next_link() -> None:
    """The link stays, the others hold, an event names the topic and why; and it is asked for on each link anew."""
    barred: set[str] = set()

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            for topic in ("a", "b/#", "c"):
                await client.subscribe(topic, qos=1)
            for topics in ({"b/#"}, set(), {"a", "c"}):
                barred.clear()
                barred.update(topics)
                desk.events.clear()
                desk.vm.network.disconnect(ConnectionDisruption("reset"))
                await desk.told("connected")
                refused = [event.text for event in desk.events if event.kind == "subscription_refused"]
                assert refused == [
                    f"{topic} is not subscribed to on this link: the server refuses a subscription to {topic}"
                    for topic in sorted(topics)
                ]
                assert desk.kinds() == ["link_lost", *["subscription_refused"] * len(topics), "connected"]
                for topic, name in (("a", "a"), ("b/#", "b/1"), ("c", "c")):
                    if topic not in topics:
                        await client.publish(name, topic, qos=1)
                        assert await payload(client) == topic.encode()

    on_desk(work, may_subscribe=lambda _, topic: topic not in barred)


def test_a_resubscription_that_the_module_refuses() -> None:
    """A command that is refused while the session stands is told of as well; the link stays."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            line = modem.link._line
            assert line is not None
            modem.link._line = Refusing(line, b"AT+QMTSUB=", port_of(desk))
            desk.events.clear()
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("connected")
            assert [event.text for event in desk.events if event.kind == "subscription_refused"] == [
                "a is not subscribed to on this link: AT+QMTSUB=0…: ERROR"
            ]
            assert desk.kinds() == ["link_lost", "subscription_refused", "connected"]

    on_desk(work)


class Refusing:
    """A line on which commands with that begin are answered ERROR."""

    def __init__(self, line: Any, begin: bytes, port: Any) -> None:
        self._line, self._begin, self._port, self.close = line, begin, port, line.close

    def write(self, data: bytes) -> None:
        if data.startswith(self._begin):
            asyncio.get_running_loop().call_soon(self._port.write, b"\r\nERROR\r\n")
        else:
            self._line.write(data)


def test_some_of_several_subscriptions_are_refused() -> None:
    """The error names them; the others hold, on the next link too."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            with pytest.raises(NotDelivered, match="the server refuses a subscription to secret") as caught:
                await client.subscribe([("a", 1), ("secret", 1), ("b", 0)])
            assert caught.value.topics == ("secret",)
            for _ in range(2):
                await client.publish("a", "x", qos=1)
                await client.publish("secret", "y", qos=1)
                await client.publish("b", "z", qos=1)
                assert [await payload(client), await payload(client)] == [b"x", b"z"]
                desk.events.clear()
                desk.vm.network.disconnect(ConnectionDisruption("reset"))
                await desk.told("connected")
            assert "subscription_refused" not in desk.kinds()

    on_desk(work, may_subscribe=lambda _, topic: topic != "secret")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("said", "published"), [(b"gone", b"gone"), ("水泵", "水泵".encode()), ({"on": False}, b'{"on":false}'), (7, b"7")]
)
def test_the_server_publishes_the_will(model: str, said: Any, published: bytes) -> None:
    """When the link ends without DISCONNECT: text, bytes or JSON, with its QoS and retained or not."""

    async def work(desk: Desk) -> None:
        heard: list[Publish] = []
        desk.broker.observe(lambda _, message: heard.append(message))
        will = Will("pump/7", said, 1, True)
        async with desk.modem() as modem, desk.mqtt(modem, will=will, reconnect=False) as client:
            await client.publish("a", "alive", qos=1)
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            while len(heard) < 2:
                await asyncio.sleep(0.002)
            assert (heard[1].topic, heard[1].payload, heard[1].qos, heard[1].retain) == ("pump/7", published, 1, True)

    on_desk(work, model)


def test_no_will_after_a_proper_end() -> None:
    """A client that is closed says DISCONNECT."""

    async def work(desk: Desk) -> None:
        heard: list[str] = []
        desk.broker.observe(lambda _, message: heard.append(message.topic))
        async with desk.modem() as modem:
            async with desk.mqtt(modem, will=Will("pump/7", b"gone")):
                pass
            async with desk.mqtt(modem) as client:
                await client.publish("a", "b", qos=1)
        assert heard == ["a"]

    on_desk(work)


@pytest.mark.parametrize(
    ("will", "reason"),
    [(Will("a/#"), "wildcard"), (Will("a", {"n": float("nan")}), "written as JSON"), (Will(""), "topic ''")],
)
def test_wills_that_cannot_be(will: Will, reason: str) -> None:
    """Told as the client is made."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            with pytest.raises(UsageError, match=reason):
                desk.mqtt(modem, will=will)

    on_desk(work)


# As aiomqtt 2 has them, but for what a module cannot do (properties, topics as objects).
AIOMQTT: dict[str, list[tuple[str, Any]]] = {
    "publish": [("topic", ...), ("payload", None), ("qos", 0), ("retain", False)],
    "subscribe": [("topic", ...), ("qos", 0)],
    "unsubscribe": [("topic", ...)],
}
SHARED_OPTIONS = {"username", "password", "will", "clean_session", "keepalive"}


@pytest.mark.parametrize("face", [Client, SyncClient])
def test_calls_are_those_of_aiomqtt(face: type) -> None:
    """Their names, the order of what they take, and what is left out."""
    for name, wanted in AIOMQTT.items():
        given = list(inspect.signature(getattr(face, name)).parameters.values())[1:]
        assert [(each.name, ... if each.default is each.empty else each.default) for each in given] == wanted
    assert set(inspect.signature(Client).parameters) >= SHARED_OPTIONS
    assert inspect.signature(Client).parameters["keepalive"].default == 60
    assert Will._fields == ("topic", "payload", "qos", "retain")
    assert {"topic", "payload"} <= set(Message._fields)


def test_a_program_for_aiomqtt() -> None:
    """Its body runs as it is: lists of topics, `async for`, JSON as text."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            assert await client.subscribe([("a/#", 1), ("b", 0)]) == (1, 0)
            await client.publish("a/1", payload='{"rpm": 1200}', qos=1)
            await client.publish("b", 28.4)
            await client.publish("b")
            found = []
            async for message in client.messages:
                found.append((message.topic, message.payload))
                if len(found) == 3:
                    break
            assert sorted(found) == [("a/1", b'{"rpm": 1200}'), ("b", b""), ("b", b"28.4")]
            await client.unsubscribe(["a/#", "b"])
            await client.publish("a/1", "unheard", qos=1)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await client.receive()
            with pytest.raises(UsageError, match="#"):
                await client.unsubscribe("a/#/b")

    on_desk(work)


def public(face: type) -> dict[str, list[str]]:
    """What one may call or read, and what it takes."""
    found = {}
    for name, value in inspect.getmembers(face):
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            taken = [] if isinstance(value, property) else list(inspect.signature(value).parameters)[1:]
            found[name] = taken
    return found


# What only those call that stand below, or who has the loop himself.
INSIDE = {
    Modem: {"run", "drop", "prepared", "admit", "forget", "tell", "recipes", "close"},
    Client: {"on_message", "on_link_lost", "on_line_closed", "on_unexpected_bytes", "close"},
}


@pytest.mark.parametrize(("face", "blocking"), [(Modem, SyncModem), (Client, SyncClient)])
def test_both_faces_have_the_same(face: type, blocking: type) -> None:
    """Whatever one can do, the other can, by the same names."""
    names: Sequence[str] = sorted(set(public(face)) - INSIDE[face])
    assert names
    both = public(blocking)
    for name in names:
        assert name in both, name
        given = both[name]
        assert name == "mqtt" or [each for each in given if each != "timeout"] == [
            each for each in public(face)[name] if each != "timeout"
        ], name


def test_the_blocking_face_in_full() -> None:
    """Each of its calls does what the other's does."""

    async def work(desk: Desk) -> None:
        def script() -> None:
            modem = SyncModem.open(desk.vm.urls[0])
            with modem:
                assert modem.model is not None
                assert (modem.model.name, modem.dialect.name) == ("EC200T-CN", "quectel_lte")
                client = modem.mqtt(*desk.server)
                with pytest.raises(UsageError, match="not connected"):
                    client.publish("a", "b")
                with client:
                    assert (client.number, client.connected) == (0, True)
                    client.subscribe([("a", 1)])
                    client.publish("a", "one", qos=2)
                    message = client.receive()
                    assert message is not None
                    assert message.payload == b"one"
                    client.unsubscribe("a")
                    assert client.receive(timeout=0.02) is None
                    assert list(client.messages(timeout=0.0)) == []

        await asyncio.to_thread(script)

    on_desk(work, ports=["tcp://127.0.0.1:0"])


def test_ready_tells_for_how_long_it_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    """In seconds of the modem's own clock."""
    monkeypatch.setattr(modem_module, "POLL_INTERVAL_S", 0.001)

    async def work(desk: Desk) -> None:
        ahead = [0.0]

        def now() -> float:
            return time.monotonic() + ahead[0]

        def told(event: modem_module.Event) -> None:
            if event.kind == "not_ready":
                ahead[0] += 95.0

        desk.vm.perform(read_action("insert_sim", {"card": "absent"}))
        async with Modem.open(port_of(desk), on_event=told, now=now) as modem:
            with pytest.raises(NotReady, match=r"^the SIM: SIM not inserted, after 95 s$"):
                await modem.ready(timeout=90)

    on_desk(work)


@pytest.mark.parametrize("model", ["EC200T-CN", "BC35-G"])
def test_five_publishes_are_under_way_at_once(model: str) -> None:
    """Not one after the other, and not six: what a server that answers late finds unacknowledged."""

    async def work(desk: Desk) -> None:
        held: list[int] = []

        async with desk.modem() as modem, desk.mqtt(modem) as client:
            desk.vm.network.set_faults([Fault("PUBACK", "delay", seconds=0.25, times=5)])
            session = desk.vm.module.clients[0].session
            assert session is not None
            tasks = [asyncio.create_task(client.publish("a", number, qos=1)) for number in range(12)]
            while not all(task.done() for task in tasks):
                held.append(sum(session.in_flight(identifier) for identifier in range(1, 13)))
                await asyncio.sleep(0.001)
            assert [task.exception() for task in tasks] == [None] * 12
        assert max(held) == 5

    on_desk(work, model)


@pytest.mark.parametrize("model", MODELS)
def test_a_retained_message(model: str) -> None:
    """Whoever subscribes later has it."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.publish("kept", "x", qos=1, retain=True)
            await client.publish("passed", "y", qos=1)
            await client.subscribe([("passed", 1), ("kept", 1)])
            assert await payload(client) == b"x"

    on_desk(work, model)


def test_a_message_that_is_nobodys() -> None:
    """One for a client that an earlier host has left is not lost without a word."""

    async def work(desk: Desk) -> None:
        async with desk.modem():
            port_of(desk).write(b'\r\n+QMTRECV: 4,0,"a/b",2,"on"\r\n')
        assert [(event.kind, event.client, event.text) for event in desk.events] == [
            ("message_dropped", 4, "a/b: a message for a client that this host does not have")
        ]

    on_desk(work)


def test_messages_that_came_are_had_after_the_end() -> None:
    """What waited when the client was closed is not lost."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            async with desk.mqtt(modem) as client:
                await client.subscribe("a", qos=1)
                for number in range(3):
                    await client.publish("a", number, qos=1)
                while len(client._messages or ()) < 3:
                    await asyncio.sleep(0.002)
            assert [message.payload async for message in client.messages] == [b"0", b"1", b"2"]

    on_desk(work)
