"""A transcript of what passes between a host and a module, made as it passes."""

import asyncio
import re
import time
from collections.abc import Callable
from math import ceil

from modemlab.at.masking import Masks
from modemlab.at.transcript import Mark, shown, written
from modemlab.bench.lines import Line
from modemlab.ports import LIMIT, Port, make_port
from modemlab.ports.address import PortAddress
from modemlab.ports.host import HostPort
from modemlab.ports.paced import Holding
from modemlab.ports.stdio import StdioPort
from modemlab.ports.threads import Threads
from modemlab.ports.words import words_of

# Bytes of one transcript line.
LONGEST = 4096
# What a module says as it waits for data.
ASKING = (b">", b"> ")
CONNECT = re.compile(rb"CONNECT(?: \d+)?")
# Seconds that one look at the module's port takes at most; between two looks at a host that reads slowly; between
# two looks at the clock; and that the threads have to end.
LOOK, SLOW, TICK, LAST = 0.1, 0.02, 0.25, 1.0
# Seconds of silence that end the answers to a host whose input has ended, and that these have at most.
SILENCE, ANSWERS = 0.5, 30.0


class Recording:
    """Writes down both directions as `modemlab replay` can play them.

    What the host types is one line of the transcript up to where the module says more than its echo; so lines that
    were sent ahead of their answers are sent ahead when they are played. What the module says before the host has
    said anything is a comment. A silence of `gap` seconds or more is a `~~` line. `write` takes lines with their
    ends; what it raises is raised by all of these methods. Without `masks` everything stands there as it was.
    """

    def __init__(self, write: Callable[[str], object], masks: Masks | None, gap: float) -> None:
        """Begin to write."""
        self._write, self._masks, self._gap = write, masks, gap
        # What the host has typed; of what the module says, what came before that without its line's end, and what
        # came since, which is an echo as far as it goes.
        self._typed, self._rest, self._echo = bytearray(), bytearray(), bytearray()
        self._heard_last = 0.0
        self._silence = 0.0
        self._begun = self._asks = False
        self.lines = 0

    def host(self, data: bytes, now: float) -> None:
        """The host sent this."""
        self._pass(now)
        if not self._begun:
            self._end_said()
            self._begun = True
        if not self._typed and (self._asks or self._rest.endswith(b"\r")):
            self._end_said()
        self._typed += data
        while len(self._typed) > LONGEST:
            self._end_typed()

    def module(self, data: bytes, now: float) -> None:
        """The module said this."""
        self._pass(now)
        if not self._typed:
            self._say(data)
            return
        if self._rest and not (self._rest.endswith(b"\r") and data[:1] != b"\n"):
            # A line that was under way when the host began to type.
            line, end, data = (bytes(self._rest) + data).partition(b"\r\n")
            self._rest.clear()
            self._say(line + end)
        if not data:
            return
        self._echo += data
        # An empty line, and what stands ahead of AT, is not echoed; of data all is, or nothing.
        at = self._typed.find(self._echo)
        if at < 0 or (at > 0 and self._asks):
            self._end_typed()

    def advance(self, now: float) -> None:
        """Let time pass: what has been silent for long is written down as it is."""
        if now - self._heard_last >= self._gap:
            self._settle()

    def note(self, text: str) -> None:
        """Write a comment, once what passed so far is written."""
        self._settle(True)
        self._put(f"# {text}")

    def finish(self) -> None:
        """Write down what is still open."""
        self._settle(True)

    # inside

    def _pass(self, now: float) -> None:
        """Something is said: see how long it was silent before."""
        silence = now - self._heard_last
        self._heard_last = now
        if self._begun and silence >= self._gap:
            self._settle()
            if not self._typed:
                self._silence = max(silence, self._silence)

    def _settle(self, at_all: bool = False) -> None:
        """Write down what is open, but a line that the host is in the middle of only if `at_all`."""
        if self._typed and (at_all or self._asks or self._typed.endswith((b"\r", b"\n"))):
            self._end_typed()
        if not self._typed:
            self._end_said()

    def _end_typed(self) -> None:
        """Write down what the host has typed, and go on with what the module said meanwhile."""
        self._end_said()
        data = bytes(self._typed[:LONGEST])
        del self._typed[:LONGEST]
        if self._masks is not None:
            data = self._masks.host(data)
        if data.find(b"\r") == len(data) - 1 and not self._asks:
            self._line(Mark.SEND, shown(data[:-1]))
        else:
            self._line(Mark.SEND_RAW, shown(data))
        if not self._typed:
            said = bytes(self._echo)
            self._echo.clear()
            self._say(said)

    def _say(self, data: bytes) -> None:
        """Write down the lines that the module has ended."""
        if not data:
            return
        *lines, rest = (bytes(self._rest) + data).split(b"\r\n")
        for line in lines:
            self._asks = CONNECT.fullmatch(line) is not None if line else self._asks
            self._line(*((Mark.SAID, shown(line)) if self._masks is None else self._masks.line(line)))
        self._rest[:] = rest
        if rest in ASKING:
            self._asks = True
        if len(rest) > LONGEST:
            self._end_said()

    def _end_said(self) -> None:
        """Write down what the module has said of a line."""
        if self._rest:
            data = bytes(self._rest)
            self._rest.clear()
            self._line(Mark.SAID_RAW, shown(data if self._masks is None else self._masks.raw(data)))

    def _line(self, mark: Mark, text: str) -> None:
        """Write a line, behind the silence ahead of it."""
        if not self._begun:
            self._put(f"# {written(mark, text)}")
            return
        if self._silence:
            self._put(written(Mark.WAIT, f"{min(ceil(self._silence * 10 - 1e-6) / 10, 86400):.1f}"))
            self._silence = 0.0
        self._put(written(mark, text))
        self.lines += 1

    def _put(self, line: str) -> None:
        """Write one line."""
        self._write(f"{line}\n")


class Relay:
    """Passes all that a host and a module say on to the other, and to a recording.

    `ended` is called when it cannot go on: `trouble` then says what became of the module's port, or `spoiled`
    why the recording cannot be written.
    """

    def __init__(self, module: HostPort, listen: PortAddress, recording: Recording, ended: Callable[[], None]) -> None:
        """Stand between that module and a host on a port to be opened. Raises ValueError for one that cannot be."""
        self._module, self._recording, self._ended = module, recording, ended
        self.port: Port = make_port(listen, self._from_host, self._changed)
        self._line = Line([self.port])
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
            return self._module.receive(LOOK) or None
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
        if self._had - self._sent > LIMIT:
            self._give_up(f"the host is {LIMIT} bytes ahead of the module")
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
