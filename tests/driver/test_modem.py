"""The driver on virtual modules: each dialect and kind of port, links that are lost, hosts that have crashed."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from modemlab import Modem, SyncModem, Tls, Will
from modemlab.at.errors import CommandRefused, ConnectionRefused, LineError, LinkLost, NotReady, Remedy, UsageError
from modemlab.broker.server import Broker
from modemlab.dialect.recipes import Message
from modemlab.dialect.registry import find_model
from modemlab.driver.mqtt_client import Payload
from modemlab.driver.protocol import identify
from modemlab.net.conditions import ConnectionDisruption
from modemlab.net.connect_to import parse_connect_to as connect_to
from modemlab.net.packet_faults import Fault
from modemlab.ports.memory import MemoryPort
from modemlab.scenario.actions import read_action
from modemlab.virtual.module import VirtualModule
from support.certificates import NAME, world
from support.modem_desk import MODELS, WAIT, Desk, on_desk, payload
from support.virtual_module import Host


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module's line needs no time to settle."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)


@pytest.mark.parametrize("model", MODELS)
def test_a_session(model: str) -> None:
    """Publish and hear at each QoS, with payloads that hold what a module says; text, numbers and JSON."""
    payloads: list[Payload] = [b"", 'a,"b"', "水泵", {"rpm": 1200, "on": True}, 1.5, 7, [1], b"\x00\x1a\x1b\xff", "OK"]
    if model != "BC35-G":
        payloads += ["\r\nOK\r\n", 'x"\r\n\r\nERROR\r\n']
    sent = [b"", b'a,"b"', "水泵".encode(), b'{"rpm":1200,"on":true}', b"1.5", b"7", b"[1]", b"\x00\x1a\x1b\xff", b"OK"]
    if model != "BC35-G":
        sent += [b"\r\nOK\r\n", b'x"\r\n\r\nERROR\r\n']

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            assert modem.model is not None
            assert modem.model.name == model
            look = await modem.ready()
            assert look.missing is None
            async with desk.mqtt(modem, will=Will("pump/7", b"gone")) as client:
                assert await client.subscribe("pump/#", qos=2) == (2,)
                heard = []
                for number, payload in enumerate(payloads):
                    await client.publish("pump/7/state", payload, qos=number % 3)
                    heard.append(await client.receive())
                assert [message.payload for message in heard if message] == sent
                assert {message.topic for message in heard if message} == {"pump/7/state"}
                await client.unsubscribe("pump/#")
                await client.publish("pump/7/state", "unheard", qos=1)
            assert await client.receive() is None
        assert [event.kind for event in desk.events] == ["connected"]

    on_desk(work, model)


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")
@pytest.mark.parametrize("url", ["tcp://127.0.0.1:0", "pty", "rfc2217://127.0.0.1:0"])
def test_ports(url: str) -> None:
    """A device, TCP and RFC 2217."""

    async def work(desk: Desk) -> None:
        async with desk.modem(desk.vm.urls[0].removeprefix("pty:")) as modem:
            answer = await modem.command("AT+CSQ")
            assert (answer, answer.values) == (["+CSQ: 24,99"], [(24, 99)])
            async with desk.mqtt(modem) as client:
                await client.publish("a", b"x" * 1500, qos=2)

    on_desk(work, ports=[url])


def test_tasks_share_a_modem() -> None:
    """Publishes of many tasks go through the window of five, every one once."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("n", qos=1)
            await asyncio.gather(*(client.publish("n", number, qos=1) for number in range(60)))
            assert sorted([int(await payload(client)) for _ in range(60)]) == list(range(60))

    on_desk(work)


def test_six_clients() -> None:
    """As many as the module has, each with messages of its own."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            clients = [desk.mqtt(modem, client_id=f"pump-{number}") for number in range(6)]
            for number, client in enumerate(clients):
                await client.__aenter__()
                await client.subscribe(f"to/{number}")
            with pytest.raises(UsageError, match="all 6 MQTT clients of the module are taken: close one first"):
                await desk.mqtt(modem).__aenter__()
            for number in range(6):
                await clients[0].publish(f"to/{number}", number, qos=1)
            assert [await payload(client) for client in clients] == [b"%d" % n for n in range(6)]

    on_desk(work)


def test_a_link_that_is_reset_comes_back() -> None:
    """What was subscribed to is again; a message that was on its way is published again, as a new one."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            desk.vm.network.set_faults([Fault("PUBACK", "drop")])
            publishing = asyncio.create_task(client.publish("a", "twice", qos=1))
            first = await client.receive()
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await publishing
            assert [first, await client.receive()] == [Message(0, "a", b"twice", 1)] * 2
        assert [event.kind for event in desk.events] == ["connected", "link_lost", "republished", "connected"]
        assert [event.text for event in desk.events[1:3]] == [
            "code 1, the server closed or reset the connection: open the link again",
            "a is sent again: +QMTSTAT: 1, the server closed or reset the connection; open the link again",
        ]

    on_desk(work)


@pytest.mark.parametrize(
    ("model", "ends"),
    [("EC200T-CN", b"AT+QMTCLOSE=0\r"), ("BC35-G", b"AT+QMTCLOSE=0\r"), ("Air724UG", b"AT+MIPCLOSE\r")],
)
def test_a_link_that_is_gone_without_a_word(model: str, ends: bytes) -> None:
    """A command that is refused because the module has no session any more is a link that was lost."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            port = desk.vm.ports[0]
            assert isinstance(port, MemoryPort)
            port.host_send(ends)
            await client.publish("a", "all the same", qos=1)
            assert await payload(client) == b"all the same"
            assert (await desk.told("link_lost")).text.endswith(Remedy.REBUILD.value)

    on_desk(work, model)


def test_a_message_that_is_given_up_is_sent_again() -> None:
    """The server answers nothing for as long as the module repeats it, which the module then takes for a lost link."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            desk.vm.network.set_faults([Fault("PUBACK", "drop", times=4)])
            await client.publish("a", "b", qos=1)
        assert [event.kind for event in desk.events] == ["connected", "link_lost", "republished", "connected"]
        assert desk.events[1].text.startswith("code 6, packets keep failing")
        assert desk.events[2].text.startswith("a is sent again: a was not acknowledged after 3 retransmissions")

    on_desk(work, speed=200.0)


def test_qos_0_does_not_wait_for_a_link() -> None:
    """Nor does a client that is not to reconnect."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem, reconnect=False) as client:
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await desk.told("link_lost")
            with pytest.raises(LinkLost, match="open the link again"):
                await client.publish("a", "b")
            with pytest.raises(LinkLost, match="open the link again"):
                await client.publish("a", "b", qos=1)
            with pytest.raises(LinkLost):
                await client.receive()

    on_desk(work)


REFUSED = r"^127\.0\.0\.1:\d+ refused the login: bad user name or password \(CONNACK 4\); check both$"


def test_a_server_that_refuses() -> None:
    """At once when the client is entered; later the client gives up, and says so to whoever waits."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            with pytest.raises(ConnectionRefused, match=REFUSED) as caught:
                await desk.mqtt(modem, username="pump", password="wrong").__aenter__()
            assert caught.value.final
            async with desk.mqtt(modem, username="pump", password="secret") as client:
                users["pump"] = users["other"]
                desk.vm.network.disconnect(ConnectionDisruption("reset"))
                with pytest.raises(ConnectionRefused):
                    await client.publish("a", "b", qos=1)
                with pytest.raises(ConnectionRefused):
                    await client.receive()
            assert (await desk.told("failed")).text.partition(" refused the login: ")[1]
            async with desk.mqtt(modem, username="other", password="another"):
                pass

    users = {"pump": "secret", "other": "another"}
    on_desk(work, users=users)


@pytest.mark.parametrize("model", MODELS)
def test_a_module_that_loses_its_power(model: str) -> None:
    """It starts anew by itself: the line is set up again, the client connects, and the message arrives."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            desk.vm.power_key()
            desk.vm.power_key()
            await desk.told("module_restarted")
            await client.publish("a", "again", qos=1)
            assert await payload(client) == b"again"
            assert await modem.command("AT") == []

    on_desk(work, model)


def test_what_a_host_that_crashed_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Echo on, a client connected, a message half typed: the next host comes in all the same."""
    monkeypatch.setattr(identify, "FIRST_OK_TIMEOUT_S", 0.05)

    async def work(desk: Desk) -> None:
        crashed = Host(desk.vm)
        await crashed.ask("ATE1")
        await crashed.ask("AT+QIACT=1")
        await crashed.ask(f'AT+QMTOPEN=0,"{desk.server[0]}",{desk.server[1]}', b"+QMTOPEN: 0,0\r\n")
        await crashed.ask("AT+QMTCONN=0,pump", b"+QMTCONN: 0,0,0\r\n")
        await crashed.ask('AT+QMTPUBEX=0,1,1,0,"a",1000', b"> ")
        crashed.port.host_send(b"half of it")
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            await client.publish("a", "whole", qos=1)

    on_desk(work)


def test_messages_that_nobody_takes() -> None:
    """The oldest are dropped, and told."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem, max_queued=2) as client:
            await client.subscribe("a")
            for number in range(4):
                await client.publish("a", number, qos=1)
            await desk.told("message_dropped")
            while len([event for event in desk.events if event.kind == "message_dropped"]) < 2:
                await asyncio.sleep(0.002)
            assert [await payload(client) for _ in range(2)] == [b"2", b"3"]
            assert desk.events[-1].text == "2 messages that nobody took are lost"

    on_desk(work)


def test_a_task_that_is_cancelled() -> None:
    """Wherever it was, the line stays in step."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            for steps in range(12):
                task = asyncio.create_task(client.publish("a", "x" * 100, qos=1))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]
            await client.publish("a", "b", qos=2)

    on_desk(work)


def test_messages_of_cancelled_tasks_keep_their_place_in_the_window() -> None:
    """Five are unacknowledged, whoever waits for them: the sixth is not written until one is."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            desk.vm.network.set_faults([Fault("PUBACK", "delay", seconds=0.05, times=5)])
            tasks = [asyncio.create_task(client.publish("a", number, qos=1)) for number in range(5)]
            session = desk.vm.module.clients[0].session
            assert session is not None
            while not session.in_flight(5):
                await asyncio.sleep(0.002)
            for task in tasks:
                task.cancel()
            await client.publish("a", "the sixth", qos=1)

    on_desk(work)


def test_a_line_that_ends() -> None:
    """Whoever waits has the error, and so has whoever comes later."""

    async def work(desk: Desk) -> None:
        async with desk.modem(desk.vm.urls[0], reopen_timeout=0.2) as modem, desk.mqtt(modem) as client:
            waiting = asyncio.create_task(client.receive())
            await asyncio.sleep(0)
            await desk.vm.close()
            with pytest.raises(LineError, match="closed the port"):
                await waiting
            with pytest.raises(LineError, match="closed the port"):
                await client.publish("a", "b", qos=1)
            with pytest.raises(LineError, match="closed the port"):
                await modem.command("AT")

    on_desk(work, ports=["tcp://127.0.0.1:0"])


def test_a_sim_that_is_missing() -> None:
    """What is missing is said, and for how long it was waited for."""

    async def work(desk: Desk) -> None:
        desk.vm.perform(read_action("insert_sim", {"card": "absent"}))
        async with desk.modem() as modem:
            with pytest.raises(NotReady, match="the SIM: SIM not inserted, after 0 s"):
                await modem.ready(timeout=0.5)
            assert (await desk.told("not_ready")).text == "the SIM: SIM not inserted"

    on_desk(work)


def test_what_cannot_be_sent() -> None:
    """Misuse is told before anything is written; what the server or the module refuses, as it is."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            with pytest.raises(UsageError, match="1501 bytes long, but the module accepts 1500"):
                await client.publish("a", b"x" * 1501)
            with pytest.raises(UsageError, match="QoS is 0, 1 or 2, not 3"):
                await client.publish("a", b"x", qos=3)
            with pytest.raises(UsageError, match="<topic> is 257 bytes long"):
                await client.publish("a" * 257, b"x")
            with pytest.raises(UsageError, match="takes 6 parameters, not 7"):
                await client.publish('a",2', b"x")
            with pytest.raises(UsageError, match="control character"):
                await client.publish("a\rAT&F", b"x")
            with pytest.raises(UsageError, match="written as JSON"):
                await client.publish("a", {"n": float("nan")})
            with pytest.raises(UsageError, match="wildcard"):
                await client.publish("a/#", b"x", qos=1)
            with pytest.raises(CommandRefused, match=r"AT\+CSQ=…: \+CME ERROR: 50|AT\+CSQ"):
                await modem.command("AT+CSQ=1")
            with pytest.raises(UsageError, match="#"):
                await client.subscribe("a/#/b")

    on_desk(work)


def test_ports_that_are_none() -> None:
    """One line each."""

    async def work() -> None:
        for port, reason in (
            ("/dev/nothing", "No such file or directory: `modemlab ports`"),
            ("tcp://127.0.0.1:1", "no program listens there: is the module running"),
            ("tcp://127.0.0.1", "has no TCP port"),
            ("stdio", "/dev|no host's|No such file"),
            ("", "is not a device"),
            ("/dev/null", "not a serial device"),
        ):
            with pytest.raises(LineError, match=reason):
                await Modem.open(port).__aenter__()

    asyncio.run(work())


@pytest.mark.parametrize("model", ["EC200T-CN", "Air724UG"])
def test_tls_by_certificates_that_are_uploaded(model: str, tmp_path: Path) -> None:
    """One-way and mutual; a file that is there already is not sent again; an authority that does not fit fails."""
    made = world()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=made.authority.decode())
    (tmp_path / "server.pem").write_bytes(made.server.certificate + made.server.key)
    context.load_cert_chain(tmp_path / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    certificate.write_bytes(made.client.certificate)
    key.write_bytes(made.client.key)

    async def main() -> None:
        broker = Broker()
        host, port = await broker.start()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection(host, port)
            await asyncio.gather(pump(reader, back), pump(there, writer))

        front = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        door = front.sockets[0].getsockname()[1]
        rule = connect_to(f"{NAME}:8883:127.0.0.1:{door}")
        async with VirtualModule(*find_model(model), ports=[MemoryPort], connect_to=[rule], mistakes=True) as vm:
            sent = bytearray()
            async with Modem.open(vm.ports[0]) as modem:  # type: ignore[arg-type] # it is a MemoryPort
                tls = Tls(ca=made.authority, certificate=str(certificate), key=key)
                for _ in range(2):
                    sent.clear()
                    line = modem.link._line
                    assert line is not None
                    write = line.write
                    modem.link._line = Tapped(write, sent, line.close)
                    async with modem.mqtt(NAME, 8883, client_id="pump-7", tls=tls) as client:
                        await client.publish("a", "b", qos=1)
                assert b"BEGIN CERTIFICATE" not in sent
                with pytest.raises(LinkLost):
                    await modem.mqtt(NAME, 8883, tls=tls._replace(ca=made.other), connect_timeout=0.0).__aenter__()
        assert vm.module.mistakes is not None
        assert vm.module.mistakes.kept == []
        front.close()
        await broker.close()

    asyncio.run(asyncio.wait_for(main(), WAIT))


class Tapped:
    """A line whose bytes are kept."""

    def __init__(self, write: Callable[[bytes], None], sent: bytearray, close: Callable[[], None]) -> None:
        self._write, self._sent, self.close = write, sent, close

    def write(self, data: bytes) -> None:
        self._sent += data
        self._write(data)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes from one end to the other."""
    try:
        while data := await reader.read(4096):
            writer.write(data)
    except OSError:
        pass
    finally:
        writer.close()


def test_tls_that_cannot_be() -> None:
    """Told before anything is sent."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            for tls, reason in (
                (Tls(), "without a CA certificate"),
                (Tls(ca="/nowhere"), "/nowhere: No such file"),
                (Tls(ca=b"x"), "no certificate and no key in PEM"),
                (Tls(verify=False, key=world().client.key), "give a client certificate and its key together"),
            ):
                with pytest.raises(UsageError, match=reason):
                    desk.mqtt(modem, tls=tls)

    on_desk(work)


def test_calls_that_block() -> None:
    """The same for scripts."""

    async def work(desk: Desk) -> None:
        def script() -> list[bytes]:
            with SyncModem.open(desk.vm.urls[0]) as modem:
                assert modem.ready().missing is None
                assert modem.command("AT+CSQ").values == [(24, 99)]
                with modem.mqtt(*desk.server) as client:
                    client.subscribe("a", qos=1)
                    client.publish("a", {"rpm": 1}, qos=1)
                    return [message.payload for message in client.messages(timeout=0.1)]

        assert await asyncio.to_thread(script) == [b'{"rpm":1}']

    on_desk(work, ports=["tcp://127.0.0.1:0"])
