"""Row 3: modules that publish with QoS 1 through AT+QMTPUBEX, beside clients that publish bare MQTT.

All clients of a competitor live in one process and publish to the same mosquitto; each keeps `window` messages
unacknowledged. What is published, lines and payloads, is made before the clock starts.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from bench.hosts import LTE, Family, Host, connected
from bench.processes import Meter, Missing, Mosquitto, Roles, Worker, answer_all, median, mosquitto, say, work
from bench.publish_peers import Message, Rounds, aiomqtt_clients, gmqtt_clients, paho_clients, sessions
from bench.report import Options, Peer, Row

CLIENTS = 200
WINDOWS = (1, 5)
ROUNDS = 5
# Those that are slow are measured in fewer rounds.
PEERS = {"gmqtt": ROUNDS, "aiomqtt": 2, "paho": 2, "own session": 2}
# By window: the target.
MOST_CPU_US = {1: 42.0, 5: 28.0}
OPERATION = "a publish, from its command to its acknowledgement, of the process's own clock"
REMARKS = {
    "gmqtt": "the next message is published from within the acknowledgement, the fastest way to use it",
    "paho": "a thread a client",
    "own session": "modemlab's MQTT client on bare asyncio: what the AT line and the module cost",
}


class Publisher:
    """Publishes from a host, one command after another, as far as the window allows."""

    __slots__ = ("_free", "_line", "_lines", "_msgid", "_payload", "_prompt", "_rounds", "_send", "_word")

    def __init__(self, host: Host, rounds: Rounds) -> None:
        self._rounds, self._send = rounds, host.host_send
        self._line, self._word, self._prompt = host.family.line, host.family.word, host.family.prompt
        self._lines: Iterator[tuple[bytes, bytes]] = iter(())
        self._payload = b""
        self._msgid = self._free = 0
        host.port.attach(self._hear)

    def prepare(self, planned: Sequence[Message], window: int) -> None:
        """Make the lines of a round."""
        lines = []
        for topic, payload in planned:
            self._msgid = self._msgid % 65535 + 1
            line = self._line.format(number=self._msgid, topic=topic, length=len(payload))
            lines.append((line.encode(), payload))
        self._lines, self._free = iter(lines), window

    def next(self) -> None:
        """Type the next line, if there is one."""
        line, self._payload = next(self._lines, (b"", b""))
        if line:
            self._free -= 1
            self._send(line)

    def _hear(self, data: bytes) -> None:
        """A prompt, an OK or acknowledgements."""
        if data.endswith(self._prompt):
            self._send(self._payload)
            return
        if data.endswith(b"ERROR\r\n"):
            raise RuntimeError(f"the module said {data!r}")
        busy = self._free < 1
        count = data.count(self._word)
        self._free += count
        # After an OK the next may follow at once; after acknowledgements only if the window was what held it up.
        if self._free > 0 and (busy or b"OK" in data):
            self.next()
        if count:
            self._rounds.acknowledged(count)


async def modules(port: int, clients: int, family: Family = LTE) -> None:
    """The worker of the virtual modules."""
    rounds = Rounds(clients)
    hosts = await connected(clients, port, f"{family.model}-{clients}-", family)
    publishers = [Publisher(host, rounds) for host in hosts]

    async def answer(count: int, window: int) -> dict[str, float]:
        for publisher, planned in zip(publishers, rounds.plan(count), strict=True):
            publisher.prepare(planned, window)

        def start() -> None:
            for publisher in publishers:
                publisher.next()

        return await rounds.run(count, start)

    say(ready=True)
    await answer_all(answer)


ROLES: Roles = {
    "modules": modules,
    "gmqtt": gmqtt_clients,
    "aiomqtt": aiomqtt_clients,
    "paho": paho_clients,
    "own session": sessions,
}


def measure(options: Options, broker: Mosquitto, window: int) -> Row:
    """One row: all competitors at that window."""
    clients = options.count(CLIENTS, 2)
    count = options.count(100, 5)
    common = {"port": broker.port, "clients": clients, "uvloop": options.uvloop}
    rates: dict[str, list[float]] = {}
    cpu_us: dict[str, list[float]] = {}
    missing: dict[str, str] = {}
    meters: dict[str, Meter] = {}
    workers: dict[str, Worker] = {}
    with ExitStack() as stack:
        for role in ROLES:
            try:
                workers[role] = stack.enter_context(Worker("bench.publish", role, **common))
            except Missing as reason:
                missing[role] = str(reason)
                continue
            meters[role] = Meter(**{role: workers[role].pid, f"mosquitto under {role}": broker.pid})
            workers[role].ask(count=5, window=window)
        for turn in range(ROUNDS):
            for role, worker in workers.items():
                if turn < PEERS.get(role, ROUNDS):
                    with meters[role]:
                        answer = worker.ask(count=count, window=window)
                    rates.setdefault(role, []).append(answer["rate"])
                    cpu_us.setdefault(role, []).append(answer["cpu_us"])
    return Row(
        3,
        f"QoS 1 through QMTPUBEX, {clients} modules, {window} outstanding, against gmqtt's bare MQTT",
        f"{clients} clients in one process, {count} messages each and round, {ROUNDS} rounds in turn (2 of those "
        f"after gmqtt), medians; topics of 16 to 27 bytes, payloads of 16 to 400, none twice in a row; TCP on loopback "
        f"to mosquitto, AT lines in memory{', uvloop' if options.uvloop else ''}",
        "acked/s",
        median(rates["modules"]),
        tuple(Peer(r, median(rates[r]) if r in rates else None, missing.get(r, REMARKS.get(r, ""))) for r in PEERS),
        least=1.0,
        cpu={name: part for meter in meters.values() for name, part in meter.parts.items()},
        operation=OPERATION,
        cpu_us={role: median(spent) for role, spent in cpu_us.items()},
        most_cpu_us=MOST_CPU_US[window],
    )


def rows(options: Options) -> list[Row]:
    """A row for each window."""
    with mosquitto() as broker:
        return [measure(options, broker, window) for window in WINDOWS]


if __name__ == "__main__":
    work(ROLES)
