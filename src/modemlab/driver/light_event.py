"""An event that tasks wait for; asyncio's own keeps 760 bytes for those that wait, even while nobody does."""

import asyncio


class LightEvent:
    """As `asyncio.Event`, of one event loop."""

    __slots__ = ("_set", "_waiters")

    def __init__(self) -> None:
        """It is not set."""
        self._set = False
        self._waiters: list[asyncio.Future[None]] | None = None

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._set

    def set(self) -> None:
        """Set it, and wake all that wait."""
        self._set = True
        waiters, self._waiters = self._waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                waiter.set_result(None)

    def clear(self) -> None:
        """Have whoever waits from now on wait until it is set again."""
        self._set = False

    async def wait(self) -> None:
        """Wait until it is set, if it is not."""
        if self._set:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._waiters is None:
            self._waiters = []
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            if self._waiters is not None and waiter in self._waiters:
                self._waiters.remove(waiter)
