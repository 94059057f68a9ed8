"""What a module asks the network beside its streams: names, pings and datagrams, each with a time of its own."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from modemlab.dialect.network import Datagram, QueryAnswer, QueryError
from modemlab.module.effects import Forget, Ping, Resolve, SendDatagram

if TYPE_CHECKING:
    from modemlab.module.module import Module

Done = Callable[[QueryAnswer], None]


class OpenQuery(NamedTuple):
    """A query under way: the PDP context that carries it, until when, who is told, and which datagrams answer it."""

    context: int
    due: float
    done: Done
    fits: Callable[[bytes], bool] | None = None


class Queries:
    """The queries of a module. `number` gives each the number that it has.

    Each ends in a call of its `done`, with an error once its time is over or its context is gone, and without a call
    when the power goes. Times are in seconds.
    """

    __slots__ = ("_armed", "_module", "_number", "_pending")

    def __init__(self, module: "Module", number: Callable[[], int]) -> None:
        self._module, self._number = module, number
        self._pending: dict[int, OpenQuery] = {}
        # When the timer comes that is set, None without one.
        self._armed: float | None = None

    # what answers call; see `modemlab.dialect.device.NetworkQueries`

    def resolve(self, host: str, context: int, timeout: float, done: Done, port: int | None = None) -> None:
        number = self._begin(context, timeout, done)
        self._module.effects.append(Resolve(number, host, port))

    def ping(self, address: str, size: int, context: int, timeout: float, done: Done) -> None:
        number = self._begin(context, timeout, done)
        self._module.effects.append(Ping(number, address, size))

    def exchange(
        self,
        place: tuple[str, int, str],
        data: bytes,
        fits: Callable[[bytes], bool],
        context: int,
        timeout: float,
        done: Done,
    ) -> None:
        number = self._begin(context, timeout, done, fits)
        self._module.effects.append(SendDatagram(number, *place, data))

    # what the module calls

    def answered(self, query: int, answer: QueryAnswer) -> None:
        """The world has answered; nothing happens if the query is over."""
        pending = self._pending.get(query)
        if pending is None or (isinstance(answer, Datagram) and not (pending.fits and pending.fits(answer.data))):
            return
        self._end(query, answer)

    def lose(self, context: int) -> None:
        """A PDP context is gone, and what it carried."""
        for query in [query for query, pending in self._pending.items() if pending.context == context]:
            self._end(query, QueryError.CONTEXT)

    def drop(self) -> None:
        """The power is gone: nobody is told."""
        self._module.effects += map(Forget, self._pending)
        self._pending.clear()
        self._armed = None

    # inside

    def _begin(self, context: int, timeout: float, done: Done, fits: Callable[[bytes], bool] | None = None) -> int:
        """A new query."""
        number = self._number()
        self._pending[number] = OpenQuery(context, self._module.now + timeout, done, fits)
        self._arm()
        return number

    def _end(self, query: int, answer: QueryAnswer) -> None:
        """A query is over."""
        pending = self._pending.pop(query, None)
        if pending is not None:
            self._module.effects.append(Forget(query))
            pending.done(answer)

    def _arm(self) -> None:
        """Come back when the first time is over; one timer serves all queries."""
        first = min((pending.due for pending in self._pending.values()), default=None)
        if first is not None and (self._armed is None or first < self._armed):
            self._armed = first
            self._module.call_later(first - self._module.now, partial(self._expire, first))

    def _expire(self, at: float) -> None:
        """A timer came; of a later one that was set before, nothing is to be done."""
        if self._armed != at:
            return
        self._armed = None
        now = self._module.now
        for query in [query for query, pending in self._pending.items() if pending.due <= now]:
            self._end(query, QueryError.TIMEOUT)
        self._arm()
