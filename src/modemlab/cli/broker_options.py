"""The options of the embedded broker, which `broker` and `up` have alike: its limits and its store."""

import inspect
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from modemlab.broker.limits import Limits, declared, default_of, read_limits
from modemlab.cli.common import CliError, check_place, log_line
from modemlab.cli.language import counted, tr, why
from modemlab.cli.option_groups import with_options
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from modemlab.broker.server import Broker
    from modemlab.broker.store import Store

StoreFile = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        help="Keep sessions, messages and what is retained in a file, made if missing. [default: in memory alone]",
    ),
]
MESSAGES, CLIENTS = (N_("{count} message"), N_("{count} messages")), (N_("{count} client"), N_("{count} clients"))
RESERVED_CONNECTIONS = 512
"""Files that may be open beside a broker's connections: those that it is about to refuse, ports, and all else."""


class BrokerOptions(NamedTuple):
    """What the broker is to be like."""

    limits: Limits
    store: Path | None

    @property
    def given(self) -> bool:
        """Whether anything differs from the defaults."""
        return self != BrokerOptions(Limits(), None)


def with_broker_options(command: Callable[..., None]) -> Callable[..., None]:
    """A subcommand that has these options beside its own, and takes them as one argument, `bounds`."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    limits = [
        inspect.Parameter(
            name,
            keyword,
            default=default_of(name),
            annotation=Annotated[
                int, typer.Option(limit.option, metavar=limit.unit.upper(), help=f"{limit.what}. {limit.beyond}")
            ],
        )
        for name, limit in declared().items()
    ]
    store = inspect.Parameter("store", keyword, default=None, annotation=StoreFile)
    return with_options(command, "bounds", [store, *limits], read_bounds)


def read_bounds(store: Path | None, **numbers: int) -> BrokerOptions:
    """The options, whose limits must be in their ranges."""
    try:
        return BrokerOptions(read_limits(numbers), store)
    except ValueError as error:
        raise CliError(why(error)) from None


def open_store(path: Path | None) -> "Store | None":
    """The store of that file, if there is one."""
    if path is None:
        return None
    from modemlab.broker.store import Store
    from modemlab.mqtt.session_changes import StoreError

    check_place(path)
    try:
        return Store(path)
    except StoreError as error:
        raise CliError(why(error)) from None


def make_room(limits: Limits) -> None:
    """Let this process have as many files open as its connections may be, if the system lets it."""
    from modemlab.broker.open_files import raise_limit

    raise_limit(limits.connections + RESERVED_CONNECTIONS)


def tell_unsent(broker: "Broker", store: Path | None) -> None:
    """Log how many messages go unsent, and how many are kept, as the broker is about to end."""
    warn = log_line("broker", logging.WARNING)
    messages, clients = broker.unacknowledged
    if messages:
        kept = N_("--store FILE keeps those of sessions that are not clean")
        remedy = tr(N_("their sessions are clean") if store else kept)
        warn(
            tr(
                "{messages} for {clients} unsent or unacknowledged: lost; {remedy}",
                messages=counted(messages, *MESSAGES),
                clients=counted(clients, *CLIENTS),
                remedy=remedy,
            )
        )
    messages, clients = broker.kept
    if messages:
        warn(
            tr(
                "{messages} for {clients} unsent or unacknowledged: kept in {store}",
                messages=counted(messages, *MESSAGES),
                clients=counted(clients, *CLIENTS),
                store=store,
            )
        )
