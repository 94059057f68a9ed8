"""The module's end of the serial line: bytes in, echo, answers and URCs out (V.250, 5 and 6).

It holds the rules of the line that no vendor changes: what a line is, when an answer is open, and that a URC
never breaks into an answer, into a data prompt, or for a second into a line that is being typed.
"""

import re
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from modemlab.at.results import failure
from modemlab.at.steps import ERROR, FAULTY, OK, DataEnd, Final, Info, LineTooLong, Prompt, Raw, Refused, Step, Wait
from modemlab.at.syntax import ParsedCommand
from modemlab.module.data_mode import AwaitedData, DataMode
from modemlab.module.host_mistakes import LineMonitor
from modemlab.module.line_settings import DELETE, LINE_FEED, LineFormat, shared
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

if TYPE_CHECKING:
    from modemlab.module.early_urcs import EarlyUrcs

PREFIX = re.compile(rb"AT|at")
# An A/ is one at the start of a line alone, so that data which exceeds its length does not repeat a command.
COMMAND_START = re.compile(rb"\n*([Aa]/)|AT|at")
TYPING_TIMEOUT_S = 1.0
# Content of files that waits for the host, in bytes; what is said beyond it is lost, as ports lose it.
MAX_UNREAD_BYTES = 1 << 19
MAX_HELD_URC_BYTES = 65536

Steps = Generator[Step, bytes, None]


class Commands(Protocol):
    """What a line's commands are: `parse` reads its body, which has `longest` bytes with the prefix at most.

    `words` are those of the dialect's own error codes.
    """

    parse: Callable[[bytes], tuple[ParsedCommand, ...]]
    longest: int
    words: Mapping[int, str]

    def answer(self, call: ParsedCommand) -> Steps:
        """Start the answer of a command."""

    def refused(self, call: ParsedCommand, refused: Refused) -> None:
        """A command was refused, and why."""


class Interpreter:
    """One serial line, whose commands `commands` reads and answers.

    While `cache` is set URCs wait. `congested`: so much is held that nothing should be read from the network. `watch`,
    if it is not None, is told what the host does; `early`, if it is not None, has URCs that come ahead of a result.
    """

    __slots__ = (
        *("_behind_end", "_body", "_carry", "_commands", "_data", "_held", "_held_size", "_last", "_noise", "_now"),
        *("_out", "_overlong", "_pause", "_typed", "_waiting", "cache", "congested", "early", "format", "watch"),
    )

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self.format = shared(LineFormat())
        self.watch: LineMonitor | None = None
        self.early: EarlyUrcs | None = None
        self._out = bytearray()
        # None while empty: a list for each of thousands of lines takes room.
        self._held: list[tuple[bytes, Callable[[], None] | None]] | None = None
        self.reset(0.0)

    def reset(self, now: float) -> None:
        """Power on: nothing typed, nothing open, no URC held; what was said is said."""
        self._now = self._typed = now
        self.cache = False
        self._body: bytearray | None = None
        self._carry = self._last = b""
        self._overlong = self._noise = self._behind_end = False
        # Data that an answer asked for, while the host's bytes are that.
        self._data: DataMode | None = None
        self._waiting: tuple[Steps, ParsedCommand, tuple[ParsedCommand, ...]] | None = None
        # Of an answer that waits: until when, and what the host has typed meanwhile.
        self._pause: tuple[float, bytearray] | None = None
        self._held = None
        self._held_size = 0
        self.congested = False

    # what the shell calls

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the host, cut in any way."""
        self._now = now
        if self._body is None and self._data is None and self._pause is None and not self._noise and not self._carry:
            # One whole line, as hosts mostly send them, is taken at once.
            line = self.format.whole_line.fullmatch(data)
            if line is not None and len(data) <= self._commands.longest and self.watch is None:
                self._typed = now
                self._behind_end = True
                if self.format.echo:
                    self._out += data
                self._last = line[1]
                self._run(self._commands.parse(self._last))
                return
        while data:
            if self._pause is not None:
                self._put_off(self._pause[1], data)
                return
            data = self._take_line(data) if self._data is None else self._take_data(self._data, data)

    def data_to_send(self) -> bytes:
        """All that is to be said to the host since the last take."""
        self._behind_end = False
        if self.watch is not None:
            self.watch.heard()
        out = bytes(self._out)
        self._out.clear()
        return out

    def advance(self, now: float) -> AwaitedData | None:
        """Let time pass up to `now`: a prompt times out, a URC no longer waits for the line to be typed.

        Data that is awaited is returned; see `DataMode.awaited`.
        """
        self._now = now
        if self._pause is not None and now >= self._pause[0]:
            typed = bytes(self._pause[1])
            self._pause = None
            self._resume(b"")
            self.receive(typed, now)
        if self._data is not None:
            self._data.advance(now)
            self._go_on(self._data)
        if self._held and self._free():
            self._flush()
        return None if self._data is None else self._data.awaited(now)

    def dtr_dropped(self, now: float) -> None:
        """The host dropped DTR: data mode ends in an error (AT commands manual V1.1, 3.2), a half line is void."""
        self._now = now
        self._void_line()
        if self._pause is not None:
            self._pause[1].clear()
        if self._data is not None:
            self._data.abort(DataEnd.HANG_UP, now)
            self._go_on(self._data)
        self._flush()

    def deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        if self._pause is not None:
            return self._pause[0]
        if self._data is not None:
            return self._data.deadline()
        waits = self._held and self._waiting is None and not self.cache
        return self._typed + TYPING_TIMEOUT_S if waits else None

    # what the module calls

    def tell(self, line: bytes, printed: Callable[[], None] | None = None) -> None:
        """Print a URC as soon as nothing is in its way, then call `printed`.

        While `congested` nothing more is held but what has a `printed`, whose source is to be stopped: it is lost.
        """
        idle = self._waiting is None and self._body is None and not self.cache
        if not self._held and (idle or self._free()):
            self._out += self.format.urc(line)
            if printed is not None:
                printed()
        elif printed is not None or not self.congested:
            if self._held is None:
                self._held = []
            self._held.append((line, printed))
            self._held_size += len(line)
            self.congested = self._held_size >= MAX_HELD_URC_BYTES

    @property
    def prompting(self) -> bool:
        """Whether the host's bytes are data now."""
        return self._data is not None

    @property
    def answering(self) -> str | None:
        """The name of the command whose answer is open; None if there is none, or it has none."""
        command = None if self._waiting is None else self._waiting[1].command
        return None if command is None else command.name

    @property
    def pausing(self) -> bool:
        """Whether an answer takes its time."""
        return self._pause is not None

    # the command line

    def _put_off(self, typed: bytearray, data: bytes) -> None:
        """Keep what the host types while an answer waits: as much as a line is long, the rest is lost."""
        typed += data[: max(0, self._commands.longest - len(typed))]
        if self.watch is not None:
            self.watch.put_off(data)

    def _take_line(self, data: bytes) -> bytes:
        """Take what belongs to the command line; what is left comes after its end."""
        typed, end, rest = data.partition(self.format.terminator)
        repeated = self._type(typed)
        if repeated is not None:
            return repeated + end + rest
        if end:
            self._finish_line()
        return rest

    def _type(self, typed: bytes) -> bytes | None:
        """Add characters to the line; those behind an `A/`, which acts at once (V.250, 5.2.4), are returned."""
        line_format = self.format
        if self._body is None:
            typed = self._carry + typed
            found = (None if self._noise else COMMAND_START.match(typed)) or PREFIX.search(typed)
            if found is None:
                self._carry = typed[-1:] if typed[-1:] in (b"A", b"a") else b""
                self._noise = self._noise or typed.removesuffix(self._carry).strip(b"\n") != b""
                if self.watch is not None:
                    self.watch.noise(typed.removesuffix(self._carry), self._now)
                return None
            if self.watch is not None:
                self.watch.begun(typed[: found.start()], self._now)
            self._carry = b""
            self._noise = False
            prefix = found[0].lstrip(b"\n")
            typed = typed[found.end() :]
            if line_format.echo:
                self._out += prefix
            if prefix[1] == 0x2F:
                self._run(self._commands.parse(self._last))
                return typed
            self._body = bytearray()
        self._typed = self._now
        if LINE_FEED in typed or line_format.editing in typed or DELETE in typed:
            self._edit(self._body, typed)
        else:
            self._body += typed
            if line_format.echo:
                self._out += typed
        if len(self._body) > self._commands.longest - 2:
            self._overlong = True
            del self._body[self._commands.longest - 2 :]
        return None

    def _edit(self, body: bytearray, typed: bytes) -> None:
        """Add characters one by one: line feeds are passed over, the editing character takes one back."""
        for byte in typed:
            if byte == LINE_FEED:
                continue
            if byte in (self.format.editing, DELETE):
                del body[-1:]
            elif len(body) < self._commands.longest - 2:
                body.append(byte)
            else:
                self._overlong = True
            if self.format.echo:
                self._out.append(byte)

    def _finish_line(self) -> None:
        """The terminator came: answer the line, if it is one."""
        body, overlong = self._body, self._overlong
        if self.watch is not None:
            self.watch.line_ended(body, self._carry + self.format.terminator, self._now)
        self._void_line()
        if body is None:
            return
        self._behind_end = True
        if self.format.echo:
            self._out += self.format.terminator
        if overlong:
            call = ParsedCommand(body[:40].decode("latin-1") + "...", None, None, ())
            message = N_("the line is longer than {maximum} bytes")
            self._commands.refused(call, LineTooLong(Sentence(message, maximum=self._commands.longest)))
            self._close(ERROR, None)
        else:
            self._last = bytes(body)
            self._run(self._commands.parse(self._last))

    def _void_line(self) -> None:
        """Forget what was typed of a line."""
        self._body = None
        self._carry = b""
        self._overlong = self._noise = False

    def _run(self, calls: tuple[ParsedCommand, ...], steps: Steps | None = None) -> None:
        """Answer the calls of a line in order, after `steps` that succeeded, up to the first that fails, and close,
        unless a prompt holds it open.
        """
        final = OK
        for position, call in enumerate(calls, 1):
            if self.early is not None:
                self.early.begin(self, None if call.command is None else call.command.name, steps is None)
            if steps is not None:
                next(steps, None)
            if call.refused is not None:
                steps = None
                final = self._refuse(call, call.refused)
                break
            steps = self._commands.answer(call)
            self._waiting = steps, call, calls[position:]
            if (result := self._step(steps, call, None)) is None:
                return
            final = result
            if final is not OK:
                break
        self._close(final, steps)

    def _step(self, steps: Steps, call: ParsedCommand, sent: bytes | Refused | None) -> Final | None:
        """Run an answer up to its final result code, which is returned, or to a prompt: None."""
        first = True
        try:
            step: Any = (
                next(steps) if sent is None else steps.throw(sent) if isinstance(sent, Refused) else steps.send(sent)
            )
            while True:
                if self.early is not None and type(step) in (Info, Raw):
                    self.early.release(self, self._print)
                if type(step) is Info:
                    self._out += self.format.information(step.text, first)
                    first = False
                elif type(step) is Prompt:
                    self._open_prompt(step, call)
                    return None
                elif type(step) is Raw:
                    if len(self._out) < MAX_UNREAD_BYTES:
                        self._out += step.data
                elif type(step) is Wait:
                    self._pause = self._now + step.seconds, bytearray()
                    return None
                else:
                    final: Final = step
                    break
                step = next(steps)
        except Refused as refused:
            return self._refuse(call, refused)
        return final

    def _close(self, final: Final, steps: Steps | None) -> None:
        """Print the line's result code, let its last answer finish, and let the URCs out."""
        if self.early is not None:
            self.early.release(self, self._print)
        self._out += self.format.ok if final is OK else self.format.result(final)
        self._waiting = None
        if steps is not None:
            next(steps, None)
        if self._held:
            self._flush()

    def _refuse(self, call: ParsedCommand, refused: Refused) -> Final:
        """The result code of a refused command; the reason goes to the log."""
        if refused.cme == FAULTY and call.command is not None:
            refused = Refused(refused.reason, call.command.faulty)
        self._commands.refused(call, refused)
        follows = call.command.cme if call.command is not None else refused.cme is not None
        return Final(*failure(refused, follows, self.format.cmee, self._commands.words))

    # data

    def _open_prompt(self, prompt: Prompt, call: ParsedCommand) -> None:
        """Print the prompt; from now on the host's bytes are data."""
        self._out += self.format.end + prompt.mark
        self._data = DataMode(prompt, call, self._now, self.watch)
        if not prompt.length:
            self._go_on(self._data)

    def _take_data(self, mode: DataMode, data: bytes) -> bytes:
        """Take what belongs to the data; what is left is command input again."""
        if self._behind_end:
            # The host cannot have seen the prompt yet: this LF belongs to a CR LF that ended the command.
            self._behind_end = False
            data = data.removeprefix(b"\n")
        rest = mode.receive(data, self._now, self._out)
        if (ended := mode.ended) is not None:
            self._data = None
            self._resume(ended)
        return rest

    def _go_on(self, mode: DataMode) -> None:
        """Go on with the answer, once its data has ended."""
        if mode.ended is not None:
            self._data = None
            self._resume(mode.ended)

    def _resume(self, sent: bytes | Refused) -> None:
        """Go on with the answer that prompted or waited, and with the line behind it."""
        assert self._waiting is not None
        steps, call, calls = self._waiting
        final = self._step(steps, call, sent)
        if final is OK and calls:
            self._run(calls, steps)
        elif final is not None:
            self._close(final, steps)

    # output

    def _print(self, line: bytes) -> None:
        """A URC."""
        self._out += self.format.urc(line)

    def _free(self) -> bool:
        """Whether a URC may be printed now."""
        typing = self._body is not None and self._now < self._typed + TYPING_TIMEOUT_S
        return self._waiting is None and not typing and not self.cache

    def _flush(self) -> None:
        """Print the URCs that were held."""
        while self._held and self._free():
            line, printed = self._held.pop(0)
            self._held = self._held or None
            self._held_size -= len(line)
            self.congested = self._held_size >= MAX_HELD_URC_BYTES
            self._print(line)
            if printed is not None:
                printed()
