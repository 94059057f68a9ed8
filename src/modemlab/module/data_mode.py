"""The data state of a line: what the host sends after a prompt is data, until that is complete or breaks off.

One of these exists from the prompt to the end of its data alone.
"""

from typing import NamedTuple

from modemlab.at.steps import DataEnd, Incomplete, Prompt
from modemlab.at.syntax import ParsedCommand
from modemlab.module.host_mistakes import LineMonitor

# The silence around the `+++` that ends data, and the longest that it takes itself, in seconds.
GUARD_TIME_S = 1.0
# Seconds without a byte of the data, after which the log says that it is awaited.
DATA_WAIT_LOG_S = 5.0


class AwaitedData(NamedTuple):
    """Data that does not come: for which command, and how many bytes of it are there."""

    call: ParsedCommand
    prompt: Prompt
    size: int


class DataMode:
    """Data that the answer of `call` asked for by `prompt` at `now`. `watch`, if it is not None, is told of it."""

    __slots__ = ("_call", "_payload", "_pluses", "_pluses_at", "_prompt", "_remind", "_since", "_watch", "ended")

    def __init__(self, prompt: Prompt, call: ParsedCommand, now: float, watch: LineMonitor | None) -> None:
        self._prompt, self._call, self._watch = prompt, call, watch
        self._payload = bytearray()
        # From when the time-out and the silence ahead of `+++` are counted.
        self._since = self._pluses_at = now
        self._pluses = 0
        # When the log is to say that data is awaited, which it does once a prompt.
        self._remind: float | None = now + DATA_WAIT_LOG_S
        # What the answer goes on with: the data, or why it broke off; None until then.
        self.ended: bytes | Incomplete | None = None if prompt.length else b""

    def receive(self, data: bytes, now: float, out: bytearray) -> bytes:
        """Take what belongs to the data; what is left is command input again. What is said meanwhile goes to `out`."""
        prompt, payload = self._prompt, self._payload
        length, _, echo, _, ends, cancels, _, blocks, escape = prompt
        if len(data) == length and not (payload or echo or ends or cancels or blocks or escape) and self._watch is None:
            self.ended = data
            return b""
        if self._pluses == 3 and now >= self._since + GUARD_TIME_S:
            self._escape(now)
            return data
        if self._remind is not None:
            self._remind = now + DATA_WAIT_LOG_S
        part = data[: prompt.length - len(payload)]
        stop = first_of(part, prompt.ends + prompt.cancels) if prompt.ends or prompt.cancels else None
        rest = data[len(part) :]
        if stop is not None:
            part, rest = part[:stop], data[stop + 1 :]
        if prompt.blocks:
            before = len(payload) // prompt.blocks
            out += b"A" * ((len(payload) + len(part)) // prompt.blocks - before)
        if self._watch is not None and data:
            self._watch.data(self._call, len(payload), now)
        payload += part
        if prompt.escape:
            self._look_for_pluses(part, now)
        if prompt.idle:
            self._since = now
        if prompt.echo:
            out += part
        if stop is not None and data[stop] in prompt.cancels:
            self.abort(DataEnd.CANCELLED, now)
        elif stop is not None or len(payload) == prompt.length:
            self.ended = bytes(payload)
            if self._watch is not None:
                self._watch.data_done(self._call, self.ended, None if stop is None else data[stop], now)
        return rest

    def advance(self, now: float) -> None:
        """Let time pass up to `now`: a `+++` holds once silence followed it, or the data's time is over."""
        if self._pluses == 3 and now >= self._since + GUARD_TIME_S:
            self._escape(now)
        elif self._prompt.timeout is not None and now >= self._since + self._prompt.timeout:
            self.abort(DataEnd.TIMEOUT, now)

    def deadline(self) -> float | None:
        """When `advance` or `awaited` has something to do, or None."""
        timeout = self._prompt.timeout
        if self._pluses == 3:
            timeout = min(timeout or GUARD_TIME_S, GUARD_TIME_S)
        ends = None if timeout is None else self._since + timeout
        return ends if self._remind is None or (ends is not None and ends < self._remind) else self._remind

    def awaited(self, now: float) -> AwaitedData | None:
        """The data to be told of, once a prompt, when `DATA_WAIT_LOG_S` seconds have passed without a byte of it."""
        if self._remind is None or now < self._remind:
            return None
        self._remind = None
        return AwaitedData(self._call, self._prompt, len(self._payload))

    def abort(self, end: DataEnd, now: float) -> None:
        """The data ends before it is complete."""
        size = len(self._payload)
        if self._watch is not None:
            self._watch.data_broken_off(self._call, size, self._prompt, end, now)
        self.ended = Incomplete(bytes(self._payload), end, self._prompt.timeout if end is DataEnd.TIMEOUT else None)

    def _look_for_pluses(self, part: bytes, now: float) -> None:
        """Look for the `+++` that ends data: silence ahead of it, within a second and nothing with it."""
        if now >= self._since + GUARD_TIME_S:
            self._pluses, self._pluses_at = 0, now
        elif not self._pluses:
            return
        alone = part == b"+" * len(part) and now <= self._pluses_at + GUARD_TIME_S
        self._pluses = self._pluses + len(part) if alone and self._pluses + len(part) <= 3 else 0

    def _escape(self, now: float) -> None:
        """The host has left data mode; what it typed to do so is no data."""
        del self._payload[-3:]
        self.abort(DataEnd.ESCAPED, now)


def first_of(data: bytes, wanted: bytes) -> int | None:
    """Where the first of these bytes stands in the data, or None."""
    found = [at for byte in wanted if (at := data.find(byte)) >= 0]
    return min(found, default=None)
