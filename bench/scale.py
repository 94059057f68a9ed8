"""Row 16: what a message costs with ten times as many modules in the process.

Both workers publish in turn, `WINDOW` messages outstanding each; each module publishes few, all together equally many.
"""

import resource
from contextlib import ExitStack

from bench.hosts import LTE
from bench.processes import Roles, Worker, median, mosquitto, work
from bench.publish import OPERATION, modules
from bench.report import Options, Peer, Row

SMALL, LARGE = 1000, 10_000
WINDOW = 5
ROUNDS = 7
# Messages of all modules together, in a round.
TOTAL = 100_000
# Files of a process beside its connections.
SPARE = 100


async def many(port: int, clients: int) -> None:
    """The worker of that many modules."""
    raise_file_limit()
    await modules(port, clients, LTE)


def raise_file_limit() -> None:
    """Have as many files open as the system lets the process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


ROLES: Roles = {"many": many}


def rows(options: Options) -> list[Row]:
    """The row."""
    raise_file_limit()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE
    large = min(options.count(LARGE, 20), most)
    small, total, rounds = max(2, large // 10), options.count(TOTAL, 200), options.count(ROUNDS, 2)
    spent: dict[int, list[float]] = {small: [], large: []}
    rates: dict[int, list[float]] = {small: [], large: []}
    with mosquitto() as broker, ExitStack() as stack:
        workers = {
            clients: stack.enter_context(
                Worker("bench.scale", "many", port=broker.port, clients=clients, uvloop=options.uvloop)
            )
            for clients in spent
        }
        for worker in workers.values():
            worker.ask(count=WINDOW, window=1)
        for turn in range(rounds):
            for clients in sorted(spent, reverse=turn % 2 == 1):
                answer = workers[clients].ask(count=max(1, total // clients), window=WINDOW)
                spent[clients].append(answer["cpu_us"])
                rates[clients].append(answer["rate"])
    return [
        Row(
            16,
            f"growth from {small:,} to {large:,} modules, CPU a message, {WINDOW} outstanding",
            f"{LTE.model}, QoS 1 through AT+QMTPUBEX; a process for each number, {rounds} rounds of {total:,} messages "
            f"in turn, medians; TCP on loopback to mosquitto, AT lines in memory{', uvloop' if options.uvloop else ''}",
            "us",
            median(spent[large]),
            (Peer(f"{small:,} modules", median(spent[small])),),
            most=1.15,
            operation=OPERATION,
            cpu_us={f"{clients:,} modules": median(us) for clients, us in sorted(spent.items(), reverse=True)},
            remarks=tuple(f"{clients:,} modules: {median(each):,.0f} acked/s" for clients, each in rates.items()),
        )
    ]


if __name__ == "__main__":
    work(ROLES)
