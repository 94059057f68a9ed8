"""The port of a session: opened, and opened again by itself after it was lost, as a module that restarts takes it."""

import asyncio
from collections.abc import Callable

from modemlab.ports.host_connection import HostLine, carried, dial
from modemlab.terminal.session import TerminalSession
from modemlab.text.reason import Reason, reason_of

# Seconds that a port has to be opened; ahead of the first try to open it again, and of later ones at most; and that it
# must have been open for the next loss to be a first one.
OPEN_TIMEOUT_S, FIRST_RETRY_S, MAX_RETRY_S, STABLE_S = 5.0, 1.0, 5.0, 10.0


class SessionPort:
    """Holds the port of a session, always by the same path. `changed` is called whenever something has happened.

    `lost` is why the port is gone, None while it is open or will be opened again: that is tried for `patience` seconds,
    None: without end.
    """

    def __init__(
        self, session: TerminalSession, baud: int, changed: Callable[[], object], patience: float | None = None
    ) -> None:
        """Begin with a closed port."""
        self._session, self._baud, self._changed, self.patience = session, baud, changed, patience
        self._line: HostLine | None = None
        self._again: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()
        self._told: Reason | None = None
        self._pause, self._since = FIRST_RETRY_S, 0.0
        self.lost: Reason | None = None

    async def open(self) -> None:
        """Open it. Raises OSError or ValueError with one line."""
        session = self._session
        async with self._one:
            if self._line is not None:
                return
            session.talk.rate = carried(session.port, self._baud)
            self._line = await dial(session.port, self._received, self._ended, baud=self._baud, timeout=OPEN_TIMEOUT_S)
        self.lost = self._told = None
        self._since = asyncio.get_running_loop().time()
        session.opened(self._line.write)
        self._changed()

    async def reopen(self) -> None:
        """Open it now; says so if it is open, and why it cannot be."""
        if self._line is not None:
            self._session.talk.note("{port} is open", port=self._session.port)
        else:
            await self._try(None)
        self._changed()

    def close(self) -> None:
        """Give the port up."""
        if self._again is not None:
            self._again.cancel()
        line, self._line = self._line, None
        if line is not None:
            line.close()

    async def _try(self, told: Reason | None) -> None:
        """Try to open it; says why it cannot be, unless that was told."""
        try:
            await self.open()
        except (OSError, ValueError) as error:
            reason = reason_of(error)
            if reason != told:
                self._told = reason
                self._session.talk.note("cannot be opened: {reason}", reason=self._session.language.reason(reason))

    async def _keep_trying(self, reason: Reason) -> None:
        """Try again and again, with longer and longer pauses."""
        loop = asyncio.get_running_loop()
        until = None if self.patience is None else loop.time() + self.patience
        while self._line is None:
            if until is not None and loop.time() + self._pause > until:
                self.lost = reason
                break
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, MAX_RETRY_S)
            if self._line is None:
                await self._try(self._told)
        self._changed()

    def _received(self, data: bytes) -> None:
        self._session.received(data)
        self._changed()

    def _ended(self, reason: Reason) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
        self._session.lost(reason)
        if asyncio.get_running_loop().time() - self._since > STABLE_S:
            self._pause = FIRST_RETRY_S
        if self._again is not None:
            self._again.cancel()
        self._again = asyncio.ensure_future(self._keep_trying(reason))
        self._changed()
