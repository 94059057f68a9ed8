"""The streams of a module. Whatever uses one registers for it: an MQTT client, and what else speaks TCP."""

from math import inf
from typing import Protocol

from modemlab.dialect.network import TlsOptions
from modemlab.module.effects import CloseStream, Effect, OpenStream, PauseStream, ResumeStream, StreamReply


class StreamUser(Protocol):
    """Whatever uses a stream: it opens it, is told how it fares, and has its time. One stream at a time.

    `paused` is kept by `Connections`: nothing is read from the stream.
    """

    paused: bool

    @property
    def stream(self) -> int:
        """The number of its stream, 0 for none."""

    @property
    def index(self) -> int | None:
        """The number of the MQTT client that it is, None for all else."""

    @property
    def context(self) -> int | None:
        """The PDP context that carries the stream; None: the attachment, whatever context it has."""

    @property
    def opening(self) -> bool:
        """Whether the stream is not open yet."""

    @property
    def partial_packet(self) -> bytes:
        """What it has of an MQTT packet that is not complete."""

    @property
    def read_paused(self) -> bool:
        """Whether nothing should be read from the stream until the host has taken something."""

    def on_reply(self, reply: StreamReply, now: float) -> None:
        """Take what came of the stream."""

    def network_lost(self) -> None:
        """What carries the stream went away."""

    def abort(self) -> None:
        """Close the stream without a word to the host."""

    def deadline(self) -> float | None:
        """When `advance` has something to do, or None."""

    def advance(self, now: float) -> None:
        """Let time pass up to `now`."""


class Connections:
    """The streams of one module by their users. What they ask for is appended to `effects`, which the shell performs.

    `users` are those that have a stream, MQTT clients first, by their numbers, then the others as they came.
    """

    __slots__ = ("_numbers", "effects", "users")

    def __init__(self, effects: list[Effect]) -> None:
        self.effects = effects
        self.users: tuple[StreamUser, ...] = ()
        self._numbers = 0

    def number(self) -> int:
        """A number for a stream or a query, never used before."""
        self._numbers += 1
        return self._numbers

    def open(self, user: StreamUser, host: str, port: int, tls: TlsOptions | None = None) -> int:
        """Open a stream for a user; its number, by which the user goes from then on."""
        stream = self.number()
        self.effects.append(OpenStream(stream, host, port, tls, user.index))
        self.users = tuple(sorted((*self.users, user), key=place_of))
        return stream

    def close(self, stream: int) -> None:
        """Close a stream behind what was sent; its user is told nothing more."""
        self.forget(stream)
        self.effects.append(CloseStream(stream))

    def forget(self, stream: int) -> None:
        """A stream has failed to open: it has no user any more."""
        self.users = tuple(user for user in self.users if user.stream != stream)

    def user_of(self, stream: int) -> StreamUser | None:
        """Who uses a stream; None when it was closed meanwhile."""
        for user in self.users:
            if user.stream == stream:
                return user
        return None

    def network_lost(self, context: int | None) -> None:
        """A PDP context is gone, or, with None, the attachment: what it carried is lost."""
        for user in self.users:
            if user.context == context:
                user.network_lost()

    def regulate(self, congested: bool) -> None:
        """Stop reading while too much waits for the host, `congested` or by a user's own measure; begin again."""
        for user in self.users:
            pause = congested or user.read_paused
            if pause != user.paused:
                user.paused = pause
                self.effects.append((PauseStream if pause else ResumeStream)(user.stream))


def place_of(user: StreamUser) -> float:
    """Where a user stands among the others."""
    return inf if user.index is None else user.index
