"""A program that drives a module, run while its expectations are watched, and ended when its time is over."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from modemlab.lab.closest_events import LabEvent, ProgramExited
from modemlab.lab.expectations import ExitMatcher, Expectation, ExpectationState, ended_by
from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import Reason, Sentence

# Seconds that what is on its way has, once the program has ended; and that a program has to obey SIGTERM.
LINGER_S, SIGTERM_TIMEOUT_S = 5.0, 2.0


class ProgramOutcome(NamedTuple):
    """How a program's run went: how long it took, in seconds, and why it was cut short; None if it was not."""

    seconds: float
    cut: Reason | None


class Supervision:
    """Expectations, watched from the program's start on."""

    def __init__(self, expectations: Iterable[Expectation]) -> None:
        """Watch these, within a running event loop."""
        self.watches = [ExpectationState(expectation) for expectation in expectations]
        self._loop = asyncio.get_running_loop()
        self._begun: float | None = None
        self._changed = asyncio.Event()

    @property
    def now(self) -> float:
        """Seconds since the program's start, which is the zero of all that is told; 0 until then."""
        return 0.0 if self._begun is None else self._loop.time() - self._begun

    def see(self, event: LabEvent, _at: float = 0.0) -> None:
        """Something happened."""
        for watch in self.watches:
            watch.on_event(event, self.now)
        self._changed.set()

    async def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        timeout: float,
        forever: bool,
        ended: asyncio.Event,
    ) -> ProgramOutcome:
        """Run a program with these variables beside those of this process, until it and what it set going are done.

        It is ended after `timeout` seconds, when `ended` is set, and, if it runs `forever`, once nothing is open.
        Raises OSError when it cannot be started.
        """
        self._begun = self._loop.time()
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, **environment},
            start_new_session=os.name == "posix",
        )
        exit_ = asyncio.ensure_future(process.wait())
        exit_.add_done_callback(lambda _: self._changed.set())
        stop = asyncio.ensure_future(ended.wait())
        stop.add_done_callback(lambda _: self._changed.set())
        try:
            cut = await self._attend(exit_, stop, timeout, forever)
            seconds = self.now
        finally:
            stop.cancel()
            await end(process, exit_)
        return ProgramOutcome(seconds, cut)

    async def _attend(
        self, exit_: "asyncio.Future[int]", stop: "asyncio.Future[Literal[True]]", timeout: float, forever: bool
    ) -> Reason | None:
        """Wait until there is nothing more to wait for; why the program is cut short, or None."""
        left: float | None = None
        while True:
            self._changed.clear()
            if exit_.done() and left is None:
                left = self.now
                self.see(ProgramExited(exit_.result()))
                if forever:
                    ended = ended_by(exit_.result())
                    return Sentence(N_("it ended before it was stopped: {ended}"), ended=ended)
            if stop.done():
                return Sentence(N_("it was interrupted"))
            if left is None and self.now >= timeout:
                late = N_("it was still running after {seconds} s, and was ended")
                return Sentence(late, seconds=figure(timeout))
            due = timeout if left is None else left + LINGER_S
            within = [expectation.within for expectation in self._open(left is not None)]
            if (not within and (forever or left is not None)) or (left is not None and self.now >= due):
                return None
            wake = min([due, *(each for each in within if each is not None)])
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), max(wake - self.now, 0.0) + 0.001)

    def _open(self, left: bool) -> list[Expectation]:
        """What may still come; no other status once the program has ended."""
        waited = [watch.expectation for watch in self.watches if watch.open(self.now)]
        return [each for each in waited if not (left and isinstance(each.moment, ExitMatcher))]


async def end(process: asyncio.subprocess.Process, exit_: "asyncio.Future[int]") -> None:
    """End a program that still runs, and what it started in its process group."""
    if exit_.done():
        return
    send(process, signal.SIGTERM)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(exit_), SIGTERM_TIMEOUT_S)
    send(process, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    await exit_


def send(process: asyncio.subprocess.Process, number: int) -> None:
    """Send a signal to a program's group; where there are none, end the program."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, number)
