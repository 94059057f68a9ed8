"""The module's end of the serial line: bytes in, echo, answers and URCs out (V.250, 5 and 6).

It holds the rules of the line that no vendor changes: what a line is, when an answer is open, and that a URC
never breaks into an answer, into a data prompt, or for a second into a line that is being typed.
"""

import re
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from modemlab.at.command import Command
from modemlab.at.results import failure
from modemlab.at.steps import ERROR, FAULTY, OK, End, Final, Incomplete, Info, Prompt, Raw, Refused, Step, Wait
from modemlab.at.syntax import Call
from modemlab.module.prompt_data import AWAITED, Awaited, first_of

if TYPE_CHECKING:
    from modemlab.module.early_urcs import EarlyUrcs
    from modemlab.module.mistakes import Watch

PREFIX = re.compile(rb"AT|at")
# An A/ is one at the start of a line alone, so that data which exceeds its length does not repeat a command.
FIRST = re.compile(rb"\n*([Aa]/)|AT|at")
TYPING = 1.0
# The silence around the `+++` that ends data, and the longest that it takes itself, in seconds.
GUARD = 1.0
# Content of files that waits for the host, in bytes; what is said beyond it is lost, as ports lose it.
UNREAD = 1 << 19
HELD = 65536
DELETE = 0x7F

Steps = Generator[Step, bytes, None]


class Interpreter:
    """One serial line. `parse` reads a line's body, `answer` starts the answer of one of its commands.

    `refused` is told each refusal: the command as typed, its declaration if it has one, and why. `longest` is
    in bytes, with the prefix and without the terminator. `words` are those of the dialect's own error codes.
    While `cache` is set URCs wait. `watch`, if it is not None, is told what the host does; `early`, if it is not None,
    has URCs that come ahead of a result.
    """

    __slots__ = (
        *("_answer", "_behind_end", "_body", "_carry", "_held", "_held_size", "_last", "_noise", "_now"),
        *("_out", "_overlong", "_parse", "_pause", "_payload", "_pluses", "_pluses_at", "_prompt"),
        *("_prompted", "_refused", "_remind", "_typed", "_waiting", "_words"),
        *("cache", "cmee", "early", "echo", "editing", "formatting", "longest", "quiet", "terminator"),
        *("verbose", "watch"),
    )

    def __init__(
        self,
        parse: Callable[[bytes], tuple[Call, ...]],
        answer: Callable[[Call], Steps],
        refused: Callable[[str, Command | None, Refused], None],
        longest: int,
        words: Mapping[int, str],
    ) -> None:
        self._parse, self._answer, self._refused, self.longest = parse, answer, refused, longest
        self._words = words
        self.echo = self.verbose = True
        self.quiet = False
        self.terminator, self.formatting, self.editing = b"\r", b"\n", 8
        self.cmee = 0
        self.watch: Watch | None = None
        self.early: EarlyUrcs | None = None
        self._out = bytearray()
        self._held: list[tuple[bytes, Callable[[], None] | None]] = []
        self.reset(0.0)

    def reset(self, now: float) -> None:
        """Power on: nothing typed, nothing open, no URC held; what was said is said."""
        self._now = self._typed = self._prompted = self._pluses_at = now
        self._pluses = 0
        self.cache = False
        self._body: bytearray | None = None
        self._carry = self._last = b""
        self._overlong = self._noise = self._behind_end = False
        self._prompt: Prompt | None = None
        self._payload: bytearray | None = None
        # When the log is to say that data is awaited, which it does once a prompt.
        self._remind: float | None = None
        self._waiting: tuple[Steps, Call, tuple[Call, ...]] | None = None
        # Of an answer that waits: until when, and what the host has typed meanwhile.
        self._pause: tuple[float, bytearray] | None = None
        self._held.clear()
        self._held_size = 0

    # what the shell calls

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the host, cut in any way."""
        self._now = now
        while data:
            if self._pause is not None:
                self._put_off(self._pause[1], data)
                return
            data = self._take_line(data) if self._prompt is None else self._take_payload(data)

    def take(self) -> bytes:
        """All that is to be said to the host since the last take."""
        self._behind_end = False
        if self.watch is not None:
            self.watch.heard()
        out = bytes(self._out)
        self._out.clear()
        return out

    def advance(self, now: float) -> "Awaited | None":
        """Let time pass up to `now`: a prompt times out, a URC no longer waits for the line to be typed.

        Data that is awaited is returned once a prompt, when `AWAITED` seconds have passed without a byte of it.
        """
        self._now = now
        if self._pause is not None and now >= self._pause[0]:
            typed = bytes(self._pause[1])
            self._pause = None
            self._resume(b"")
            self.receive(typed, now)
        prompt = self._prompt
        if self._pluses == 3 and now >= self._prompted + GUARD:
            self._escape()
        elif prompt is not None and prompt.timeout is not None and now >= self._prompted + prompt.timeout:
            self._break_off(End.TIMEOUT)
        if self._held and self._free():
            self._flush()
        return self._awaited()

    def hang_up(self, now: float) -> None:
        """The host dropped DTR: data mode ends in an error (AT commands manual V1.1, 3.2), a half line is void."""
        self._now = now
        self._void_line()
        if self._pause is not None:
            self._pause[1].clear()
        if self._prompt is not None:
            self._break_off(End.HANG_UP)
        self._flush()

    def deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        if self._pause is not None:
            return self._pause[0]
        if self._prompt is not None:
            waits_for = min(self._prompt.timeout or GUARD, GUARD) if self._pluses == 3 else self._prompt.timeout
            ends = None if waits_for is None else self._prompted + waits_for
            return ends if self._remind is None or (ends is not None and ends < self._remind) else self._remind
        waits = self._held and self._waiting is None and not self.cache
        return self._typed + TYPING if waits else None

    # what the module calls

    def tell(self, line: bytes, printed: Callable[[], None] | None = None) -> None:
        """Print a URC as soon as nothing is in its way, then call `printed`.

        While `congested` nothing more is held but what has a `printed`, whose source is to be stopped: it is lost.
        """
        if not self._held and self._free():
            self._print(line)
            if printed is not None:
                printed()
        elif printed is not None or not self.congested:
            self._held.append((line, printed))
            self._held_size += len(line)

    @property
    def congested(self) -> bool:
        """Whether so much is held that nothing should be read from the network."""
        return self._held_size >= HELD

    @property
    def prompting(self) -> bool:
        """Whether the host's bytes are data now."""
        return self._prompt is not None

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
        typed += data[: max(0, self.longest - len(typed))]
        if self.watch is not None:
            self.watch.put_off(data)

    def _take_line(self, data: bytes) -> bytes:
        """Take what belongs to the command line; what is left comes after its end."""
        typed, end, rest = data.partition(self.terminator)
        repeated = self._type(typed)
        if repeated is not None:
            return repeated + end + rest
        if end:
            self._finish_line()
        return rest

    def _type(self, typed: bytes) -> bytes | None:
        """Add characters to the line; those behind an `A/`, which acts at once (V.250, 5.2.4), are returned."""
        if self._body is None:
            typed = self._carry + typed
            found = (None if self._noise else FIRST.match(typed)) or PREFIX.search(typed)
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
            if self.echo:
                self._out += prefix
            if prefix[1] == 0x2F:
                self._execute(self._last)
                return typed
            self._body = bytearray()
        self._typed = self._now
        if 10 in typed or self.editing in typed or DELETE in typed:
            self._edit(typed)
        else:
            self._body += typed
            if self.echo:
                self._out += typed
        if len(self._body) > self.longest - 2:
            self._overlong = True
            del self._body[self.longest - 2 :]
        return None

    def _edit(self, typed: bytes) -> None:
        """Add characters one by one: line feeds are passed over, the editing character takes one back."""
        body = self._body
        assert body is not None
        for byte in typed:
            if byte == 10:
                continue
            if byte in (self.editing, DELETE):
                del body[-1:]
            elif len(body) < self.longest - 2:
                body.append(byte)
            else:
                self._overlong = True
            if self.echo:
                self._out.append(byte)

    def _finish_line(self) -> None:
        """The terminator came: answer the line, if it is one."""
        body = self._body
        overlong = self._overlong
        if self.watch is not None:
            self.watch.typed(body, self._carry + self.terminator, self._now)
        self._void_line()
        if body is None:
            return
        self._behind_end = True
        if self.echo:
            self._out += self.terminator
        if overlong:
            text = "AT" + body[:40].decode("latin-1") + "..."
            self._refused(text, None, Refused(f"the line is longer than {self.longest} bytes"))
            self._close(ERROR, None)
        else:
            self._last = bytes(body)
            self._execute(self._last)

    def _void_line(self) -> None:
        """Forget what was typed of a line."""
        self._body = None
        self._carry = b""
        self._overlong = self._noise = False

    def _execute(self, body: bytes) -> None:
        """Answer the commands of a line in order, up to the first that fails."""
        self._run(self._parse(body))

    def _run(self, calls: tuple[Call, ...], steps: Steps | None = None) -> None:
        """Answer the calls that are left, after `steps` that succeeded, and close, unless a prompt holds it open."""
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
            steps = self._answer(call)
            self._waiting = steps, call, calls[position:]
            result = self._step(steps, call, None)
            if result is None:
                return
            final = result
            if final is not OK:
                break
        self._close(final, steps)

    def _step(self, steps: Steps, call: Call, sent: bytes | Refused | None) -> Final | None:
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
                    self._inform(step.text, first)
                    first = False
                elif type(step) is Prompt:
                    self._open_prompt(step)
                    return None
                elif type(step) is Raw:
                    if len(self._out) < UNREAD:
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
        self._say(final)
        self._waiting = None
        if steps is not None:
            next(steps, None)
        self._flush()

    def _refuse(self, call: Call, refused: Refused) -> Final:
        """The result code of a refused command; the reason goes to the log."""
        if refused.cme == FAULTY and call.command is not None:
            refused = Refused(refused.reason, call.command.faulty)
        self._refused("AT" + call.text, call.command, refused)
        follows = call.command.cme if call.command is not None else refused.cme is not None
        return Final(*failure(refused, follows, self.cmee, self._words))

    # data mode

    def _open_prompt(self, prompt: Prompt) -> None:
        """Print the prompt; from now on the host's bytes are data."""
        self._out += self.terminator + self.formatting + prompt.mark
        self._prompt = prompt
        self._prompted = self._now
        self._payload = bytearray()
        self._remind = self._now + AWAITED
        if prompt.length == 0:
            self._resume(b"")

    def _take_payload(self, data: bytes) -> bytes:
        """Take what belongs to the data; what is left is command input again."""
        prompt, payload = self._prompt, self._payload
        assert prompt is not None
        assert payload is not None
        if self._behind_end:
            # The host cannot have seen the prompt yet: this LF belongs to a CR LF that ended the command.
            self._behind_end = False
            data = data.removeprefix(b"\n")
        if self._pluses == 3 and self._now >= self._prompted + GUARD:
            self._escape()
            return data
        if self._remind is not None:
            self._remind = self._now + AWAITED
        part = data[: prompt.length - len(payload)]
        stop = first_of(part, prompt.ends + prompt.cancels) if prompt.ends or prompt.cancels else None
        rest = data[len(part) :]
        if stop is not None:
            part, rest = part[:stop], data[stop + 1 :]
        if prompt.blocks:
            before = len(payload) // prompt.blocks
            self._out += b"A" * ((len(payload) + len(part)) // prompt.blocks - before)
        if self.watch is not None and data and self._waiting is not None:
            self.watch.data(self._waiting[1], len(payload), self._now)
        payload += part
        if prompt.escape:
            self._watch(part)
        if prompt.idle:
            self._prompted = self._now
        if prompt.echo:
            self._out += part
        if stop is not None and data[stop] in prompt.cancels:
            self._break_off(End.CANCELLED)
        elif stop is not None or len(payload) == prompt.length:
            if self.watch is not None and self._waiting is not None:
                ended_by = None if stop is None else data[stop]
                self.watch.data_done(self._waiting[1], bytes(payload), ended_by, self._now)
            self._resume(bytes(payload))
        return rest

    def _watch(self, part: bytes) -> None:
        """Look for the `+++` that ends data: silence ahead of it, within a second and nothing with it."""
        if self._now >= self._prompted + GUARD:
            self._pluses, self._pluses_at = 0, self._now
        elif not self._pluses:
            return
        alone = part == b"+" * len(part) and self._now <= self._pluses_at + GUARD
        self._pluses = self._pluses + len(part) if alone and self._pluses + len(part) <= 3 else 0

    def _escape(self) -> None:
        """The host has left data mode; what it typed to do so is no data."""
        assert self._payload is not None
        self._pluses = 0
        del self._payload[-3:]
        self._break_off(End.ESCAPED)

    def _break_off(self, end: End) -> None:
        """Data ends before it is complete."""
        assert self._prompt is not None
        assert self._payload is not None
        seconds = self._prompt.timeout if end is End.TIMEOUT else None
        if self.watch is not None and self._waiting is not None:
            self.watch.data_broken_off(self._waiting[1], len(self._payload), self._prompt, end, self._now)
        self._resume(Incomplete(bytes(self._payload), end, seconds))

    def _awaited(self) -> "Awaited | None":
        """The data to be told of, if it is time."""
        if self._remind is None or self._now < self._remind:
            return None
        self._remind = None
        assert self._prompt is not None
        assert self._payload is not None
        assert self._waiting is not None
        return Awaited(self._waiting[1], self._prompt, len(self._payload))

    def _resume(self, sent: bytes | Refused) -> None:
        """Go on with the answer that prompted, and with the line behind it."""
        self._prompt = self._payload = self._remind = None
        self._pluses = 0
        assert self._waiting is not None
        steps, call, calls = self._waiting
        final = self._step(steps, call, sent)
        if final is OK:
            self._run(calls, steps)
        elif final is not None:
            self._close(final, steps)

    # output

    def _inform(self, text: bytes, first: bool) -> None:
        """An information line: the first of an answer has a CR LF ahead."""
        end = self.terminator + self.formatting
        self._out += end + text + end if first and self.verbose else text + end

    def _say(self, final: Final) -> None:
        """The final result code, unless ATQ1 suppresses it or the answer has none."""
        if self.quiet or not final.word:
            return
        end = self.terminator + self.formatting
        if not self.verbose and final.word in ("OK", "ERROR"):
            self._out += b"%d" % final.number + self.terminator
        else:
            self._out += end + final.word.encode() + end

    def _print(self, line: bytes) -> None:
        """A URC."""
        end = self.terminator + self.formatting
        self._out += end + line + end if self.verbose else line + end

    def _free(self) -> bool:
        """Whether a URC may be printed now."""
        typing = self._body is not None and self._now < self._typed + TYPING
        return self._waiting is None and not typing and not self.cache

    def _flush(self) -> None:
        """Print the URCs that were held."""
        while self._held and self._free():
            line, printed = self._held.pop(0)
            self._held_size -= len(line)
            self._print(line)
            if printed is not None:
                printed()
