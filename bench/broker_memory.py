"""Row 13: what 1,000 subscribers and 4,000 topics add to a broker's memory.

A process connects the subscribers on raw sockets, each with a filter that matches all topics, and publishes once on
each topic; what they are sent it reads and drops. What is measured is by how much the broker's process has grown.
"""

import select
import socket
from contextlib import ExitStack

from bench.brokers import Generator
from bench.processes import PATIENCE, Meter, Roles, Worker, answer_all, median, mosquitto, resident, say, work
from bench.report import Options, Peer, Row
from bench.scale import raise_file_limit
from modemlab.mqtt.packets import Subscribe, encode, encode_publish

SUBSCRIBERS, TOPICS = 1000, 4000
ROUNDS = 1
PAYLOAD = b"x" * 16
FILTER = "site/#"
# Messages published before what they bring is read.
TOGETHER = 20


def connect(port: int, number: int) -> socket.socket:
    """A subscriber."""
    connection = Generator.connect(port, f"subscriber{number}")
    connection.sendall(encode(Subscribe(1, ((FILTER, 0),))))
    if connection.recv(5)[:1] != b"\x90":
        raise RuntimeError("no SUBACK")
    return connection


async def subscribers(port: int) -> None:
    """The worker: subscribers and a publisher."""
    raise_file_limit()
    everyone: list[socket.socket] = []
    publisher = Generator.connect(port, "publisher")
    poll = select.epoll()
    places: dict[int, socket.socket] = {}

    async def answer(clients: int, topics: int) -> dict[str, float]:
        for number in range(clients):
            connection = connect(port, number)
            places[connection.fileno()] = connection
            poll.register(connection.fileno(), select.EPOLLIN)
            everyone.append(connection)
        packets = [encode_publish(f"site/{n % 100}/device/{n}/state".encode(), PAYLOAD) for n in range(topics)]
        for at in range(0, topics, TOGETHER):
            part = b"".join(packets[at : at + TOGETHER])
            publisher.sendall(part)
            left = len(part) * clients
            while left > 0:
                ready = poll.poll(PATIENCE)
                if not ready:
                    raise TimeoutError(f"{left} bytes did not come")
                for number, _ in ready:
                    left -= len(places[number].recv(262_144))
        return {"subscribers": len(everyone)}

    say(ready=True)
    await answer_all(answer)


ROLES: Roles = {"subscribers": subscribers}


def rows(options: Options) -> list[Row]:
    """The row."""
    clients, topics, rounds = options.count(SUBSCRIBERS, 5), options.count(TOPICS, 20), options.count(ROUNDS)
    grown: dict[str, list[float]] = {"modemlab": [], "mosquitto": []}
    cpu_us: dict[str, list[float]] = {"modemlab": [], "mosquitto": []}
    for _ in range(rounds):
        with ExitStack() as stack:
            ours = stack.enter_context(Worker("bench.brokers", "embedded", uvloop=options.uvloop))
            real = stack.enter_context(mosquitto())
            for name, pid, port in (("modemlab", ours.pid, ours.ready["port"]), ("mosquitto", real.pid, real.port)):
                with Worker("bench.broker_memory", "subscribers", port=port) as worker:
                    before, meter = resident(pid), Meter(**{name: pid})
                    with meter:
                        worker.ask(clients=clients, topics=topics)
                    grown[name].append((resident(pid) - before) / 1e6)
                    cpu_us[name].append(meter.each(clients * topics)[name])
    return [
        Row(
            13,
            f"embedded broker, memory with {clients:,} subscribers \u00d7 {topics:,} topics, beside mosquitto",
            f"growth of the broker's resident memory by {clients:,} connected subscribers of {FILTER} and a message of "
            f"QoS 0 on each of {topics:,} topics; fresh processes, {rounds} each; TCP on loopback"
            f"{', uvloop' if options.uvloop else ''}",
            "MB",
            median(grown["modemlab"]),
            (Peer("mosquitto", median(grown["mosquitto"])),),
            most=2.0,
            operation="a message that is delivered, connecting included",
            cpu_us={name: median(each) for name, each in cpu_us.items()},
        )
    ]


if __name__ == "__main__":
    work(ROLES)
