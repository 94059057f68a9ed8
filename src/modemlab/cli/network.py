"""The options that say what the network does: `--network` and `--seed`."""

from random import Random, SystemRandom
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from modemlab.cli.language import tr, why
from modemlab.cli.running import CliError, log_line

if TYPE_CHECKING:
    from modemlab.net.conditions import Conditions

NetworkProfile = Annotated[
    str,
    typer.Option(metavar="PROFILE", help="What the network does: lab, cat1, nbiot, edge-of-cell or tunnel."),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0, max=2**63 - 1, metavar="N", help="The number that chance starts from; the same number repeats a run."
    ),
]


class Chance(NamedTuple):
    """What draws lots, and what it started from."""

    seed: int
    lots: Random


def read_network(name: str, seed: int | None) -> "tuple[Conditions, Chance]":
    """The conditions of that profile, and chance with that seed or one of its own."""
    from modemlab.net.conditions import profile

    try:
        conditions = profile(name)
    except LookupError as error:
        raise CliError(why(error)) from None
    start = SystemRandom().getrandbits(32) if seed is None else seed
    return conditions, Chance(start, Random(start))


def tell_seed(chance: Chance, used: bool) -> None:
    """Log the seed, if chance has a part in what happens."""
    if used:
        log_line("network")(tr("chance started from {seed}; --seed {seed} repeats it", seed=chance.seed))
