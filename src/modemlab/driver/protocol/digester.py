"""What a module says, told apart: answers of the command on the line, prompts, URCs, and what is none of them."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from modemlab.at.command import Command, FormKind
from modemlab.at.encoding import information_shape
from modemlab.at.line_patterns import LinePattern, LinePatterns, listing
from modemlab.at.parameters import Choice
from modemlab.at.syntax import ParsedCommand
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import ReceivedUrc

# A line that is no payload, in bytes; what is longer is no line.
MAX_LINE_BYTES = 4096
# Seconds without a byte after which a line that has begun is given up, and bytes a second that one comes at least
# with: one that announces a long message and is none would else take what is said next for it.
STALE_LINE_S = 1.0
MIN_BYTES_PER_S = 200.0
# The share of a slow line's own rate that does instead.
MIN_RATE_RATIO = 0.2
# Seconds of silence that end what a damaged message is followed by.
DAMAGE_SILENCE_S = 0.05
LINE_ENDS = re.compile(rb"[\r\n]*")
OKAY = b"OK"
FAILURES = (b"ERROR", b"COMMAND NOT SUPPORT")
# What ends a command that dials or answers a call (V.250, 6.3), and is a URC to all others.
CALL_FAILURES = (b"NO CARRIER", b"NO ANSWER", b"NO DIALTONE", b"BUSY")
CALLING = re.compile(rb" *[ADO](?![/+])|A/")
CODED = (b"+CME ERROR:", b"+CMS ERROR:")


class Ended(NamedTuple):
    """The final result code; `code` is that of +CME ERROR, `text` the line."""

    good: bool
    text: bytes
    code: str | None = None


class InformationLine(NamedTuple):
    """A line of the pending command's information."""

    text: bytes


class Prompted(NamedTuple):
    """The module asks for data."""


class UnexpectedBytes(NamedTuple):
    """Bytes that are nothing: noise, a line cut short, an answer that nobody waits for."""

    data: bytes


Token = Ended | InformationLine | Prompted | ReceivedUrc | UnexpectedBytes
# What the lines of a command are that nothing is known of.
ANY_LINE = re.compile(rb".*", re.DOTALL)


class Pending(NamedTuple):
    """The command line that is answered: its echo, the names of its commands, the shapes of their information lines,
    its prompt, its good end, what its lines without a name are, None where it has none, and whether it is a call's.
    """

    echo: bytes
    names: frozenset[bytes] = frozenset()
    shapes: tuple[LinePattern, ...] = ()
    mark: bytes | None = None
    good: bytes = OKAY
    bare: "re.Pattern[bytes] | None" = ANY_LINE
    calls: bool = False

    def takes(self, line: bytes) -> bool:
        """Whether a line that is no declared URC belongs to the answer.

        One with a command's name does, whatever its values, and behind noise: firmwares print more than a manual says.
        One without a name does where a command is declared to print such, and so does its echo that comes late, or
        twice.
        """
        named = NAMED.search(line)
        if named is not None and (named.start() == 0 or named[0] in self.names):
            return named[0] in self.names
        if self.bare is not None and self.bare.fullmatch(line) is not None:
            return True
        return line.upper() == self.echo[:-1].upper()

    def begins(self, data: bytes) -> bool:
        """Whether these bytes may be the begin of such a line."""
        begun = data.lstrip()
        if self.bare is not None and self.bare is not ANY_LINE:
            return NAMED.match(begun) is None or self.takes(begun)
        return any(begun.startswith(name) or name.startswith(begun) for name in self.names)


NAMES = re.compile(rb"[+^$%*][A-Z0-9_]+")
# A write form, up to its arguments.
WRITTEN = re.compile(rb"[+^$%*][A-Za-z0-9_]+=(?!\?)")
NAMED = re.compile(rb"[+^$%*][A-Z0-9_]+(?= ?:)")


class Grammar(NamedTuple):
    """What a command line is answered by, whatever its arguments; its fields are those of `Pending`."""

    names: frozenset[bytes]
    shapes: tuple[LinePattern, ...]
    good: bytes
    bare: "re.Pattern[bytes] | None"
    calls: bool


def pending_of(dialect: Dialect, line: bytes, mark: bytes | None = None) -> Pending:
    """What a command line is answered by."""
    names, shapes, good, bare, calls = grammar_of(dialect.parser(False), body_of(line))
    return Pending(line + b"\r", names, shapes, mark, good, bare, calls)


def body_of(line: bytes) -> bytes:
    """A line without its AT; one command that has arguments without them, as its name is all that matters."""
    body = line[2:] if line[:2].upper() == b"AT" else line
    named = None if b";" in body else WRITTEN.match(body)
    return body if named is None else named[0]


@lru_cache(maxsize=512)
def grammar_of(parse: Callable[[bytes], tuple[ParsedCommand, ...]], body: bytes) -> Grammar:
    """What the commands of a line are answered by."""
    calls, good = parse(body), OKAY
    if calls and (last := calls[-1].command) is not None and calls[-1].form == last.on_execute:
        good = last.done.encode()
    names = set(NAMES.findall(body.upper()))
    # One that has two spellings answers by the one of its URC.
    names.update(call.command.urc.name.encode() for call in calls if call.command is not None and call.command.urc)
    return Grammar(frozenset(names), shapes_of(calls), good, bare_of(calls), CALLING.match(body.upper()) is not None)


def urcs_of(dialect: Dialect) -> Iterator[Urc]:
    """Every URC that a dialect declares, those that only real modules say too."""
    for command in dialect.commands.values():
        yield from (command.urc, *command.urcs) if command.urc is not None else command.urcs
    yield from dialect.urcs
    yield from dialect.unsaid


@lru_cache(maxsize=64)
def shapes_for(urcs: tuple[Urc, ...]) -> LinePatterns:
    """How these are read, made once for all lines that have them."""
    return LinePatterns(urcs)


def calls_of(dialect: Dialect, line: bytes) -> tuple[ParsedCommand, ...]:
    """The commands of a line; of one that has arguments, by its name alone, which is read once."""
    return dialect.parser(False)(body_of(line))


def shapes_of(calls: tuple[ParsedCommand, ...]) -> tuple[LinePattern, ...]:
    """The shapes that the information lines of these commands have, where URCs of the same name must be told from."""
    found = []
    for call in calls:
        command: Command | None = call.command
        if command is None or call.form is None or command.basic:
            continue
        if call.form.kind is FormKind.TEST:
            found.append(listing(command.name))
        params = {FormKind.READ: command.read, FormKind.EXECUTE: command.execute}.get(call.form.kind)
        if params:
            found.append(information_shape(command, params))
    return tuple(found)


def bare_of(calls: tuple[ParsedCommand, ...]) -> "re.Pattern[bytes] | None":
    """What the lines without a name are that these commands answer: any, where one is none of the dialect's."""
    if not calls:
        return None
    found = []
    for call in calls:
        if call.command is None:
            return ANY_LINE
        if call.command.bare is not None:
            found.append(call.command.bare)
    return re.compile("|".join(found).encode(), re.DOTALL) if found else None


def typed(dialect: Dialect, line: bytes, answer: Iterable[bytes]) -> list[tuple[Any, ...]]:
    """The values of the answer's lines that are as the commands of the line are declared to answer; of an option, those
    behind its name.
    """
    made: list[tuple[LinePattern, int]] = []
    for call in dialect.parser(False)(line[2:] if line[:2].upper() == b"AT" else line):
        command: Command | None = call.command
        if command is None or call.form is None or call.form.kind is FormKind.TEST:
            continue
        params, skip = (command.read or command.execute), 0
        if call.form.option:
            option = command.option(call.form.option)
            params, skip = (Choice("option", {option.name: ""}), *(option.read or option.values)), 1
        elif call.form.kind is not FormKind.WRITE:
            params = command.read if call.form.kind is FormKind.READ else command.execute
        if params:
            made.append((information_shape(command, params), skip))
    found = (next((v[skip:] for one, skip in made if (v := one.values(each)) is not None), None) for each in answer)
    return [values for values in found if values is not None]


class Digester:
    """Tells apart what arrives, however it was cut. `pending` is set by whoever sends.

    A message whose line is damaged cannot be read by its length, and what follows may be its bytes: until the line has
    been silent for a moment all of it is passed over, lest a payload's `OK` be taken for the module's. `taken` are the
    bytes of the latest token, as they came.
    """

    __slots__ = (
        "_begun",
        "_data",
        "_fresh",
        "_ignores",
        "_latest",
        "_over",
        "_shapes",
        "_slowest",
        "clients_with_length",
        "doubtful",
        "pending",
        "taken",
        "torn",
    )

    def __init__(self, shapes: LinePatterns, rate: float = math.inf, ignores: frozenset[Urc] = frozenset()) -> None:
        """Begin at the start of a line, which carries `rate` bytes a second.

        A URC of `ignores` is none where its first value, a client, is one of `clients_with_length`.
        """
        self._shapes, self._ignores = shapes, ignores
        self.clients_with_length: set[int] = set()
        self._slowest = min(MIN_BYTES_PER_S, MIN_RATE_RATIO * rate)
        self._data = bytearray()
        # When the latest bytes came, and when the line began that is not complete.
        self._latest = self._begun = 0.0
        # Whether what comes may be the payload of a message that could not be read.
        self.doubtful = self._over = False
        self._fresh = False
        self.pending: Pending | None = None
        # Whether a line was given up that may have been one of the answer.
        self.torn = False
        self.taken = b""

    def expect(self, pending: Pending | None) -> None:
        """A command is about to be sent, or is over."""
        self.pending = pending
        self._fresh = pending is not None
        self.torn = False

    def clear(self) -> None:
        """The line is gone: what has begun never goes on."""
        self._data.clear()
        self.doubtful = self._over = False
        self.expect(None)

    @property
    def begun(self) -> bool:
        """Whether a line has begun."""
        return len(self._data) > 0

    def deadline(self) -> float | None:
        """When a line that has begun is given up; None between lines."""
        if not self._data:
            return None
        return min(self._latest + STALE_LINE_S, self._begun + STALE_LINE_S + len(self._data) / self._slowest)

    def receive(self, data: bytes, now: float) -> Iterator[Token]:
        """Take bytes; what they complete comes in order. `pending` may change between two of them."""
        self.add(data, now)
        while (token := self.next(now)) is not None:
            yield token

    def add(self, data: bytes, now: float) -> None:
        """Take bytes, which `next` then takes apart."""
        if self.doubtful and now >= self._latest + DAMAGE_SILENCE_S:
            self.doubtful = False
        if not self._data or now > self._latest + STALE_LINE_S:
            # Bytes that waited for the host to look are no slow ones.
            self._begun = now
        self._latest = now
        self._data += data

    def next(self, now: float) -> Token | None:
        """What the bytes complete next; None when more are needed."""
        if not self._data and not self._over:
            return None
        token = self._next()
        if token is not None:
            # What is left of these bytes begins another line.
            self._begun = now
        return token

    def advance(self, now: float) -> Iterator[Token]:
        """Give up a line that does not go on."""
        due = self.deadline()
        while due is not None and now >= due and self._data:
            end = self._data.find(b"\r\n")
            stray = self._doubt(self._take(len(self._data) if end < 0 else end + 2))
            self.torn = self.torn or (self.pending is not None and self.pending.begins(stray.data))
            yield stray
            while (token := self._next()) is not None:
                yield token

    def _take(self, length: int) -> bytes:
        """The next so many bytes."""
        self.taken = bytes(self._data[:length])
        del self._data[:length]
        return self.taken

    def _next(self) -> Token | None:
        """One token; None when more is needed."""
        data, pending = self._data, self.pending
        if self._over:
            self._over = False
            return Ended(True, b"")
        if not data:
            return None
        if self.doubtful:
            return UnexpectedBytes(self._take(len(data)))
        if data[0] in b"\r\n":
            ends = LINE_ENDS.match(data)
            del data[: 0 if ends is None else ends.end()]
            if not data:
                return None
        if pending is not None:
            if self._fresh and pending.echo:
                if data.startswith(pending.echo):
                    self._fresh = False
                    del data[: len(pending.echo)]
                    return self._next()
                if pending.echo.startswith(data):
                    return None
            if pending.mark is not None:
                if data.startswith(pending.mark):
                    self._take(len(pending.mark) + (data[len(pending.mark) : len(pending.mark) + 1] == b" "))
                    return Prompted()
                if pending.mark.startswith(data):
                    return None
        if data[:1] == b" ":
            # What stands behind a prompt may come later than the prompt itself.
            del data[:1]
            return self._next()
        framed = self._shapes.frame(data)
        if framed is None:
            return None
        length, urc, values = framed
        if length:
            self._take(length)
            return ReceivedUrc(urc, values)
        end = data.find(b"\r\n")
        if end < 0:
            if len(data) > MAX_LINE_BYTES:
                return UnexpectedBytes(self._take(len(data)))
            return None
        return self._tell(self._take(end + 2)[:-2].rstrip(b"\r"))

    def _tell(self, line: bytes) -> Token:
        """What a whole line is."""
        pending = self.pending
        if pending is not None:
            ended = final_of(line, pending.good, pending.calls)
            if ended is not None:
                return ended
            if pending.shapes and any(made.values(line) is not None for made in pending.shapes):
                return InformationLine(line)
        found = self._shapes.find(line)
        if found is not None and not (found[0] in self._ignores and found[1][0] in self.clients_with_length):
            return ReceivedUrc(*found)
        if pending is None or not pending.takes(line) or self._shapes.damaged(line):
            return self._doubt(line)
        # The one line of an answer that has no result code ends it.
        self._over = not pending.good
        return InformationLine(line)

    def _doubt(self, line: bytes) -> UnexpectedBytes:
        """A line that is nothing; if it may be the begin of a message, so is what follows it."""
        self.doubtful = self.doubtful or self._shapes.damaged(line)
        return UnexpectedBytes(line)


def final_of(line: bytes, good: bytes = OKAY, calls: bool = True) -> Ended | None:
    """The final result code that a line is; None when it is none. Without `calls` those of a call are none."""
    if line == good:
        return Ended(True, line)
    if line in FAILURES or (calls and line in CALL_FAILURES):
        return Ended(False, line)
    for head in CODED:
        if line.startswith(head):
            return Ended(False, line, line[len(head) :].strip().decode("utf-8", "replace"))
    return None


def meaning(dialect: Dialect, code: str, words: Mapping[int, str]) -> tuple[int | None, str]:
    """The number and the meaning of what stands behind +CME ERROR, a number or words."""
    if code.isascii() and code.isdigit() and len(code) < 6:
        number = int(code)
        return number, dialect.errors.get(number) or words.get(number, "")
    for known in (dialect.errors, words):
        for number, text in known.items():
            if text.lower() == code.lower():
                return number, text
    return None, code
