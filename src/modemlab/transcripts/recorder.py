"""A transcript of what passes between a host and a module, made as it passes."""

import re
from collections.abc import Callable
from math import ceil

from modemlab.text.catalogue import N_
from modemlab.transcripts.format import Mark, shown, written
from modemlab.transcripts.masking import Masks

# Bytes of one transcript line.
MAX_LINE_BYTES = 4096
# What a module says as it waits for data.
ASKING = (b">", b"> ")
CONNECT = re.compile(rb"CONNECT(?: \d+)?")
# The first line of a transcript, by what of it is masked.
MASKED_HEADER = N_(
    "Secrets are written as *, and varying values as patterns (<<~). Still, read the file before you give it away."
)
SHOWN_HEADER = N_("Secrets are not masked; varying values are written as patterns (<<~).")
RAW_HEADER = N_("Nothing is masked: this file contains passwords, keys and numbers.")


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
        while len(self._typed) > MAX_LINE_BYTES:
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
        data = bytes(self._typed[:MAX_LINE_BYTES])
        del self._typed[:MAX_LINE_BYTES]
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
        if len(rest) > MAX_LINE_BYTES:
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
