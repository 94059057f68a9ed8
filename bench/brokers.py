"""Row 6: the embedded broker beside mosquitto and amqtt.

The generator is one publisher and one subscriber on raw sockets. It sends packets made beforehand, counts bytes
where others parse, and makes its acknowledgements by slices, so that it costs a fraction of any broker.
"""

import logging
import select
import socket
import time
from contextlib import ExitStack

from bench.processes import (
    PATIENCE,
    Meter,
    Missing,
    Roles,
    Worker,
    answer_all,
    free_port,
    median,
    mosquitto,
    peer,
    say,
    work,
)
from bench.report import Options, Peer, Row
from modemlab.broker.server import Broker
from modemlab.mqtt.packets import Connect, Subscribe, encode, encode_publish

TOPIC = "bench/topic"
PAYLOAD = b"x" * 64
ROUNDS = 5
# Messages a round; amqtt has a tenth, in three rounds.
COUNTS = {0: 200_000, 1: 100_000}
# The targets.
LEAST = {0: 3.6, 1: 1.5}
SLOW = 0.1
SLOW_ROUNDS = 3
# Messages under way at most: below what mosquitto queues for a subscriber before it drops (1,000).
WINDOW = 800


class Generator:
    """A publisher and a subscriber at one broker."""

    def __init__(self, port: int, qos: int) -> None:
        """Connect and subscribe. Raises RuntimeError when the broker does not answer as it should."""
        self._qos = qos
        one = encode_publish(TOPIC.encode(), PAYLOAD, qos, False, False, 1 if qos else 0)
        self._size = len(one)
        # Where the packet identifier's two bytes stand.
        self._id = len(one) - len(PAYLOAD) - 2
        packets = (
            encode_publish(TOPIC.encode(), PAYLOAD, qos, False, False, n + 1 if qos else 0) for n in range(WINDOW)
        )
        self._packets = memoryview(b"".join(packets) * 2)
        self._subscriber = self.connect(port, f"subscriber{qos}")
        self._subscriber.sendall(encode(Subscribe(1, ((TOPIC, qos),))))
        if self._subscriber.recv(5)[:1] != b"\x90":
            raise RuntimeError("no SUBACK")
        self._publisher = self.connect(port, f"publisher{qos}")

    @staticmethod
    def connect(port: int, client_id: str) -> socket.socket:
        """A connection that the broker has accepted."""
        connection = socket.create_connection(("127.0.0.1", port), 10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(encode(Connect(client_id, 4, True, 0, None, None, None)))
        if connection.recv(4) != b"\x20\x02\x00\x00":
            raise RuntimeError("no CONNACK")
        return connection

    def run(self, count: int) -> float:
        """Pass so many messages through the broker; the seconds it took. Raises TimeoutError when it stops."""
        publisher, subscriber, size, qos = self._publisher, self._subscriber, self._size, self._qos
        poll = select.poll()
        poll.register(publisher.fileno(), select.POLLIN)
        poll.register(subscriber.fileno(), select.POLLIN)
        sent = got = acknowledged = 0  # messages, bytes, bytes
        rest = b""
        began = time.perf_counter()
        while got < count * size or (qos and acknowledged < count * 4):
            done = got // size
            if qos:
                done = min(done, acknowledged // 4)
            room = min(WINDOW - (sent - done), count - sent)
            if room >= WINDOW // 8 or (room and sent + room == count):
                at = sent % WINDOW * size
                publisher.sendall(self._packets[at : at + room * size])
                sent += room
            ready = poll.poll(PATIENCE * 100)
            if not ready:
                raise TimeoutError(f"{sent} sent, {got // size} came back")
            for file, _ in ready:
                if file == publisher.fileno():
                    acknowledged += len(publisher.recv(65536))
                    continue
                data = subscriber.recv(262144)
                got += len(data)
                if qos:
                    rest += data
                    whole = len(rest) // size
                    subscriber.sendall(self._acknowledgements(rest, whole))
                    rest = rest[whole * size :]
        return time.perf_counter() - began

    def _acknowledgements(self, data: bytes, count: int) -> bytes:
        """The PUBACK packets of the first so many packets of `data`."""
        answer = bytearray(b"\x40\x02\x00\x00" * count)
        end = count * self._size
        answer[2::4] = data[self._id : end : self._size]
        answer[3::4] = data[self._id + 1 : end : self._size]
        return bytes(answer)


async def generator(ports: dict[str, int], qos: int) -> None:
    """The worker that sends: it is connected to every broker."""
    generators = {name: Generator(port, qos) for name, port in ports.items()}

    async def answer(name: str, count: int) -> dict[str, float]:
        return {"rate": count / generators[name].run(count)}

    say(ready=True)
    await answer_all(answer)


async def nothing() -> dict[str, float]:
    """A broker has no requests but the end."""
    return {}


async def embedded() -> None:
    """The embedded broker."""
    broker = Broker()
    _, port = await broker.start()
    say(port=port)
    await answer_all(nothing)
    await broker.close()


async def amqtt() -> None:
    """The broker of amqtt, its plugins left out but for the one that lets everybody in."""
    peers = peer("amqtt.broker")
    logging.disable(logging.CRITICAL)
    port = free_port()
    broker = peers.Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    say(port=port)
    await answer_all(nothing)
    await broker.shutdown()


ROLES: Roles = {"embedded": embedded, "amqtt": amqtt, "generator": generator}


def measure(options: Options, qos: int) -> Row:
    """One row."""
    count = options.count(COUNTS[qos], 100)
    rates: dict[str, list[float]] = {"modemlab": []}
    passed: dict[str, int] = {}
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        pids, ports = {}, {}
        worker = stack.enter_context(Worker("bench.brokers", "embedded", uvloop=options.uvloop))
        pids["modemlab"], ports["modemlab"] = worker.pid, worker.ready["port"]
        real = stack.enter_context(mosquitto())
        pids["mosquitto"], ports["mosquitto"] = real.pid, real.port
        try:
            worker = stack.enter_context(Worker("bench.brokers", "amqtt", uvloop=options.uvloop))
            pids["amqtt"], ports["amqtt"] = worker.pid, worker.ready["port"]
        except Missing as reason:
            missing["amqtt"] = str(reason)
        sender = stack.enter_context(Worker("bench.brokers", "generator", ports=ports, qos=qos))
        meters = {name: Meter(**{name: pid, f"generator at {name}": sender.pid}) for name, pid in pids.items()}
        for name in ports:
            sender.ask(name=name, count=max(100, count // 50))
        for turn in range(ROUNDS):
            for name in ports:
                slow = name == "amqtt"
                if not slow or turn < SLOW_ROUNDS:
                    messages = max(100, int(count * SLOW)) if slow else count
                    with meters[name]:
                        answer = sender.ask(name=name, count=messages)
                    rates.setdefault(name, []).append(answer["rate"])
                    passed[name] = passed.get(name, 0) + messages
    return Row(
        6,
        f"embedded broker, QoS {qos}, beside mosquitto",
        f"1 publisher, 1 subscriber in one generator process, payload {len(PAYLOAD)} bytes, {WINDOW} messages under "
        f"way at most, {ROUNDS} rounds of {count:,} in turn (amqtt {SLOW_ROUNDS} of a tenth), medians; TCP on loopback"
        f"{', uvloop' if options.uvloop else ''}",
        "messages/s",
        median(rates["modemlab"]),
        tuple(
            Peer(name, median(rates[name]) if name in rates else None, missing.get(name, ""))
            for name in ("mosquitto", "amqtt")
        ),
        least=LEAST[qos],
        cpu={name: part for meter in meters.values() for name, part in meter.parts.items()},
        operation="a message",
        cpu_us={process: us for name, m in meters.items() for process, us in m.each(passed[name]).items()},
    )


def rows(options: Options) -> list[Row]:
    """A row for each quality of service."""
    return [measure(options, qos) for qos in (0, 1)]


if __name__ == "__main__":
    work(ROLES)
