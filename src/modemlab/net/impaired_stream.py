"""One stream under conditions and faults, and what the layer between the streams and their owner needs of both."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple, Protocol, TypeAlias

from modemlab.module.effects import CloseStream, Effect, OpenStream, StreamError
from modemlab.net.delay_queue import Air, Lane, Way
from modemlab.net.faults import Faults, Filter
from modemlab.net.streams import Owner


class Below(Protocol):
    """What carries streams; `Streams` does."""

    def perform(self, effects: Sequence[Effect]) -> None:
        """Do what is asked for."""

    def reset(self, stream: int) -> None:
        """Reset a stream; the owner is not told."""

    def answer_to(self, owner: Owner) -> None:
        """Tell that owner of all streams."""

    def hold(self, held: bool) -> None:
        """Read nothing while held."""

    async def close(self) -> None:
        """Drop all."""


class Failed(NamedTuple):
    """The attempt to connect ends like this."""

    error: StreamError
    detail: str


class Told(NamedTuple):
    """Something that a stream's owner is told: `opened`, `closed` or `choked`, and more for the log."""

    what: str
    detail: str = ""


OPENED, CLOSED, CHOKED = Told("opened"), Told("closed"), Told("choked")
Rising: TypeAlias = OpenStream | CloseStream
Falling: TypeAlias = Failed | Told


class Link:
    """One stream: what is on its way in both directions, and who of its ends still knows it.

    `known`: the module uses it; `opening`: it has not been told yet how that went; `real`: it exists below; `dead`:
    nothing passes any more. `paused` is the module's wish, `slowed` ours. `doom` is when chance ends it, and how;
    `given_up` when the module's own TCP does, because nothing is answered; `over` what the module is told next.
    """

    __slots__ = (
        *("chance", "dead", "doom", "down", "effect", "filter", "given_up", "known", "number", "opening", "over"),
        *("paused", "real", "slowed", "up"),
    )

    def __init__(self, air: Air, faults: Faults, effect: OpenStream, chance: Random, begun: bytes = b"") -> None:
        self.number, self.effect = effect.stream, effect
        # Each direction draws its own lots, so that neither depends on how the other's bytes come.
        self.chance = Random(chance.getrandbits(64))
        self.up: Lane[Rising] = Lane(air, Way.UP, self.chance)
        self.down: Lane[Falling] = Lane(air, Way.DOWN, Random(chance.getrandbits(64)))
        self.filter = Filter(faults, effect.client, (b"", begun))
        self.known = self.opening = True
        self.real = self.dead = self.paused = self.slowed = False
        self.doom: tuple[float, str] | None = None
        self.given_up: float | None = None
        self.over: Told | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way, and both ends know as much."""
        nothing = self.up.empty and self.down.empty and self.filter.deadline() is None
        return nothing and not self.dead and self.over is None

    def deadline(self, held: bool) -> float | None:
        """When something is due, or None."""
        times = [self.up.deadline(), self.up.gives_up, self.filter.deadline(), self.down.gives_up]
        if self.known:
            times += [self.given_up, self.doom and self.doom[0], self.over and 0.0]
            if self.opening or not (self.paused or held):
                times.append(self.down.deadline())
        return min((time for time in times if time is not None), default=None)
