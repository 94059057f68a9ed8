"""The options that say what the network does: `--network` and `--seed`."""

from random import Random, SystemRandom
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from modemlab.cli.common import CliError, log_line
from modemlab.cli.language import tr, why

if TYPE_CHECKING:
    from modemlab.net.conditions import Conditions

NetworkProfile = Annotated[
    str, typer.Option(metavar="PROFILE", help="What the network does: lab, cat1, nbiot, edge-of-cell or tunnel.")
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, metavar="N", help="The random seed; the same seed repeats a run.")
]


class RandomSource(NamedTuple):
    """What draws lots, and what it started from."""

    seed: int
    rng: Random


def read_network(name: str, seed: int | None) -> "tuple[Conditions, RandomSource]":
    """The conditions of that profile, and chance with that seed or one of its own."""
    from modemlab.net.conditions import profile

    try:
        conditions = profile(name)
    except LookupError as error:
        raise CliError(why(error)) from None
    start = SystemRandom().getrandbits(32) if seed is None else seed
    return conditions, RandomSource(start, Random(start))


def log_seed(rng: RandomSource, used: bool) -> None:
    """Log the seed, if chance has a part in what happens."""
    if used:
        log_line("network")(tr("random seed {seed}; --seed {seed} repeats this run", seed=rng.seed))
