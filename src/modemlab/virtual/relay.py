"""Passes all that a host and a module say on to the other, and to a transcript."""

import asyncio
import time
from collections.abc import Callable

from modemlab.ports.address import PortAddress
from modemlab.ports.blocking_io import Threads
from modemlab.ports.error_texts import words_of
from modemlab.ports.host import HostPort
from modemlab.ports.make import make_port
from modemlab.ports.port import MAX_UNREAD_BYTES, Port
from modemlab.ports.stdio import StdioPort
from modemlab.ports.uart_port import Holding
from modemlab.transcripts.recorder import Recording
from modemlab.virtual.line import SharedLine

# Seconds that one look at the module's port takes at most; between two looks at a host that reads slowly; between
# two looks at the clock; and that the threads have to end.
READ_TIMEOUT_S, SLOW, TICK, LAST = 0.1, 0.02, 0.25, 1.0
# Seconds of silence that end the answers to a host whose input has ended, and that these have at most.
SILENCE, ANSWERS = 0.5, 30.0


class Relay:
    """Passes all that a host and a module say on to the other, and to a recording.

    `ended` is called when it cannot go on: `trouble` then says what became of the module's port, or `spoiled`
    why the recording cannot be written.
    """

    def __init__(self, module: HostPort, listen: PortAddress, recording: Recording, ended: Callable[[], None]) -> None:
        """Stand between that module and a host on a port to be opened. Raises ValueError for one that cannot be."""
        self._module, self._recording, self._ended = module, recording, ended
        self.port: Port = make_port(listen, self._from_host, self._changed)
        self._line = SharedLine([self.port])
        # Stdout may be read when stdin has ended.
        self._say = self.port.write if isinstance(self.port, StdioPort) else self._line.say
        self._loop: asyncio.AbstractEventLoop
        self._threads: Threads | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._taken = False
        # When the host's input ended, and since when nothing was heard of the module.
        self._left: float | None = None
        self._quiet = 0.0
        # Bytes for the module: ever taken from the host, and ever sent, which the thread counts.
        self._had = self._sent = 0
        self._why = "the other end closed the port"
        self.trouble = self.spoiled = ""

    def end_with_host(self) -> None:
        """Have the end of stdin be the end, where that is the host's port, once the module has answered."""
        if isinstance(self.port, StdioPort):
            self.port.on_end = self._leave

    async def open(self) -> None:
        """Open the host's port. Raises OSError when that cannot be."""
        self._loop = asyncio.get_running_loop()
        await self.port.open()
        self._threads = Threads(self._read, self._send, self._from_module, self._gone, self._regulated)
        self._tick = self._loop.call_later(TICK, self._look)

    def close(self) -> None:
        """Pass nothing on any more, and finish the recording; the module's port is closed too."""
        if self._tick is not None:
            self._tick.cancel()
        if self._threads is not None:
            self._threads.close(LAST)
        self.port.close()
        self._module.close()
        self._record(self._recording.finish)

    # on the threads

    def _read(self) -> bytes | None:
        """What the module says; nothing while the host reads slowly."""
        if self.port.congested:
            time.sleep(SLOW)
            return None
        try:
            return self._module.receive(READ_TIMEOUT_S) or None
        except OSError as error:
            self._why = words_of(error)
            raise

    def _send(self, data: bytes) -> None:
        """Send to the module."""
        try:
            self._module.send(data)
        except OSError as error:
            self._why = words_of(error)
            raise
        self._sent += len(data)

    # on the event loop

    def _from_host(self, data: bytes) -> None:
        """The host said this."""
        if self._threads is None:
            return
        self._had += len(data)
        if self._had - self._sent > MAX_UNREAD_BYTES:
            self._give_up(f"the host is {MAX_UNREAD_BYTES} bytes ahead of the module")
            return
        self._threads.write(data)
        self._record(lambda: self._recording.host(data, self._loop.time()))

    def _leave(self) -> None:
        """The host's input has ended."""
        self._left = self._quiet = self._loop.time()

    def _from_module(self, data: bytes) -> None:
        """The module said this."""
        self._quiet = self._loop.time()
        self._say(data)
        self._record(lambda: self._recording.module(data, self._loop.time()))

    def _regulated(self) -> None:
        """The module takes little, or has caught up: have the host wait, where its port can."""
        if self._threads is not None and isinstance(self.port, Holding):
            self.port.hold(self._threads.congested)

    def _changed(self, port: Port) -> None:
        """The host came or went, or reads slowly."""
        if port.taken:
            self._line.greet(port)
        if self._taken and not port.taken:
            self._record(lambda: self._recording.note("the host has closed the port"))
        self._taken = port.taken

    def _look(self) -> None:
        """Time has passed."""
        self._tick = self._loop.call_later(TICK, self._look)
        now = self._loop.time()
        self._record(lambda: self._recording.advance(now))
        if self._left is not None and (now - self._quiet >= SILENCE or now - self._left >= ANSWERS):
            self._ended()

    def _gone(self) -> None:
        """The module's port has ended."""
        self._give_up(self._why)

    def _record(self, step: Callable[[], None]) -> None:
        """Write something down, as long as that works."""
        if not self.spoiled:
            try:
                step()
            except OSError as error:
                self.spoiled = words_of(error)
                self._ended()

    def _give_up(self, why: str) -> None:
        """It cannot go on."""
        self.trouble = self.trouble or why
        self._ended()
