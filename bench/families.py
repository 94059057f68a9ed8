"""Row 9: modules of the other dialects that publish with QoS 1, beside those of LTE.

As row 3, with one message outstanding; each dialect's modules live in a process of their own.
"""

from contextlib import ExitStack
from functools import partial

from bench.hosts import LTE, LUAT, NB
from bench.processes import Meter, Roles, Worker, median, mosquitto, work
from bench.publish import OPERATION, modules
from bench.report import Options, Peer, Row

CLIENTS = 200
ROUNDS = 5
ROLES: Roles = {family.model: partial(modules, family=family) for family in (LTE, NB, LUAT)}


def rows(options: Options) -> list[Row]:
    """A row for each dialect but LTE's."""
    clients, count = options.count(CLIENTS, 2), options.count(100, 5)
    rates: dict[str, list[float]] = {}
    cpu_us: dict[str, list[float]] = {}
    meters: dict[str, Meter] = {}
    workers: dict[str, Worker] = {}
    with mosquitto() as broker, ExitStack() as stack:
        for role in ROLES:
            worker = Worker("bench.families", role, port=broker.port, clients=clients, uvloop=options.uvloop)
            workers[role] = stack.enter_context(worker)
            meters[role] = Meter(**{role: workers[role].pid})
            workers[role].ask(count=5, window=1)
        for _ in range(ROUNDS):
            for role, worker in workers.items():
                with meters[role]:
                    answer = worker.ask(count=count, window=1)
                rates.setdefault(role, []).append(answer["rate"])
                cpu_us.setdefault(role, []).append(answer["cpu_us"])
    return [
        Row(
            9,
            f"the same, {role}: QoS 1, {clients} modules, 1 outstanding",
            f"{clients} modules in one process, {count} messages each and round, {ROUNDS} rounds in turn, medians; "
            f"what is published as in row 3; TCP on loopback to mosquitto, AT lines in memory"
            f"{', uvloop' if options.uvloop else ''}",
            "acked/s",
            median(rates[role]),
            (Peer(LTE.model, median(rates[LTE.model])),),
            cpu={**meters[role].parts, **meters[LTE.model].parts},
            operation=OPERATION,
            cpu_us={each: median(cpu_us[each]) for each in (role, LTE.model)},
            most_cpu_us=40.0,
        )
        for role in ROLES
        if role != LTE.model
    ]


if __name__ == "__main__":
    work(ROLES)
