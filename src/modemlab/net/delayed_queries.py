"""What a module asks beside its streams, under conditions: queries begin late, fail or are lost.

They meet the names and round trips of the conditions, not the bandwidth.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from random import Random

from modemlab.clocks.timers import Timer, TimerLoop
from modemlab.dialect.network import QueryError, is_address
from modemlab.module.effects import Effect, Forget, Query, QueryAnswered, Resolve
from modemlab.net.delay_queue import RadioLink


class DelayedQueries:
    """Those of one module, in the `air` of its conditions. `rng` draws every lot."""

    __slots__ = ("_loop", "_now", "_radio", "_rng", "_waiting")

    def __init__(self, air: RadioLink, loop: TimerLoop, now: Callable[[], float], rng: Random) -> None:
        self._radio, self._loop, self._now, self._rng = air, loop, now, rng
        # By their numbers those that have not begun: their timers, and what begins them.
        self._waiting: dict[int, tuple[Timer, Callable[[], None]]] = {}

    @property
    def idle(self) -> bool:
        """Whether all have begun."""
        return not self._waiting

    def query(
        self, query: Query, perform: Callable[[Sequence[Effect]], None], answered: Callable[[QueryAnswered], None]
    ) -> None:
        """A query begins when its answer would be there; one that is lost never does, a name may fail."""
        begin: Callable[[], None] = partial(perform, (query,))
        if isinstance(query, Forget):
            waiting = self._waiting.pop(query.query, None)
            if waiting is None:
                begin()
            else:
                waiting[0].cancel()
            return
        now = at = self._now()
        if not isinstance(query, Resolve):
            at = self._radio.round_trip(now, self._rng)
        elif not is_address(query.host):
            resolved = self._radio.resolve_attempt(now, self._rng)
            if resolved.error is not None:
                failed = partial(answered, QueryAnswered(query.query, QueryError.NAME))
                self._later(query.query, resolved.at - now, failed, begin)
                return
            at = resolved.at
        if at < inf:
            self._later(query.query, at - now, begin, begin)

    def begin_all(self) -> None:
        """The conditions are over: those that wait begin at once."""
        for timer, begin in self._waiting.values():
            timer.cancel()
            begin()
        self._waiting.clear()

    def cancel_all(self) -> None:
        """Those that have not begun never do."""
        for timer, _ in self._waiting.values():
            timer.cancel()
        self._waiting.clear()

    def _later(self, number: int, seconds: float, action: Callable[[], None], begin: Callable[[], None]) -> None:
        """Do that after so many seconds, unless the conditions end: then it begins at once."""

        def act() -> None:
            del self._waiting[number]
            action()

        self._waiting[number] = (self._loop.call_later(seconds, act), begin)
