"""Row 2: AT commands a CPU-second inside the module, in memory."""

import time
from collections.abc import Sequence

from bench.processes import Worker, answer_all, median, say, work
from bench.report import Options, Peer, Row
from modemlab.dialect.registry import find_model
from modemlab.module.module import Module

# A line of 921,600 baud takes this many exchanges of 9 characters a second.
LINE = 10_240.0
READ = ("version", "pdpcid", "ssl", "keepalive", "session", "timeout", "recv/mode", "qmtping", "dataformat")
ROUNDS = 5


def command_sets() -> dict[str, list[bytes]]:
    """By name: the lines of each measurement."""
    return {
        "settings read": [f'AT+QMTCFG="{option}",{client}\r'.encode() for option in READ for client in range(6)],
        "settings written, no line twice within 3,600": [
            f'AT+QMTCFG="keepalive",{n % 6},{n}\r'.encode() for n in range(3600)
        ],
        "AT alone": [b"AT\r"],
        "the mobile read": [f"AT{name}\r".encode() for name in ("+CSQ", "+CREG?", "+CGATT?", "+COPS?", "+QIACT?")],
        "refused": [b'AT+QMTCFG="keepalive",0,3601\r', b"AT+QMTDISC=0\r", b"AT+NONE=1\r", b"AT+QMTCFG=1\r"],
    }


def rate(lines: Sequence[bytes], count: int) -> float:
    """Commands a CPU-second of a fresh module."""
    module = Module(*find_model("EC200S-CN"))
    module.power_on(0.0)
    module.data_to_send()
    receive, take = module.receive, module.data_to_send
    turns = max(1, count // len(lines))
    began = time.process_time()
    for turn in range(turns):
        for line in lines:
            receive(line, float(turn))
            take()
    return turns * len(lines) / (time.process_time() - began)


async def serve() -> None:
    """The worker: each request names a set and a count."""
    sets = command_sets()

    async def answer(name: str, count: int) -> dict[str, float]:
        return {"rate": rate(sets[name], count)}

    say(ready=True)
    await answer_all(answer)


def rows(options: Options) -> list[Row]:
    """The row."""
    count = options.count(100_000)
    found: dict[str, list[float]] = {name: [] for name in command_sets()}
    with Worker("bench.in_memory", "module") as worker:
        for _ in range(ROUNDS):
            for name, rates in found.items():
                rates.append(worker.ask(name=name, count=count)["rate"])
    value = median(found["settings read"])
    return [
        Row(
            2,
            "AT commands inside the module",
            f"in memory, one process saturated by itself, {ROUNDS} rounds of {count:,} commands each, medians; "
            f'AT+QMTCFG="<option>",<client> of {len(READ)} options and 6 clients, echo on',
            "1/CPU-s",
            value,
            (Peer("a line of 921,600 baud", LINE),),
            least=8.0,
            cpu={"module": 1.0},
            operation="a command",
            cpu_us={"module": 1e6 / value},
            remarks=tuple(f"{name}: {median(rates):,.0f}" for name, rates in found.items()),
        )
    ]


if __name__ == "__main__":
    work({"module": serve})
