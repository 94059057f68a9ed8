"""The talk with a module as a person sees it: what was typed and what came, told apart, said in words, in order."""

import math
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from modemlab.at.command import FormKind
from modemlab.at.line_patterns import LinePatterns
from modemlab.at.parameters import Int, to_bytes
from modemlab.at.syntax import ParsedCommand
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import ReceivedUrc, Restarted
from modemlab.driver.protocol.digester import (
    Digester,
    Ended,
    InformationLine,
    Prompted,
    Token,
    final_of,
    pending_of,
    urcs_of,
)
from modemlab.driver.protocol.response_time import RESPONSE_MARGIN_S, answer_time
from modemlab.terminal.cursor import missing_length, with_length
from modemlab.terminal.line_errors import announced
from modemlab.terminal.narration import Narration, ends, failed, say_final, say_line, say_urc
from modemlab.text.catalogue import N_
from modemlab.text.language import Language
from modemlab.transcripts.format import shown

CTRL_Z, ESC = b"\x1a", b"\x1b"
PROMPT_MARK = b">"
CONNECT = b"CONNECT"
ESCAPE_SEQUENCE = b"+++"
KEYS = {CTRL_Z: "Ctrl-Z", ESC: "Esc"}
# Blanks that data is filled up with at most.
MAX_FILLED_BYTES = 1 << 20
# Lines of an answer that are remembered, and those since the latest command.
MAX_LINES = 1000
# What is said of a prompt for data without a length, and of data that is not all there.
PROMPT = N_("the module waits for data: Ctrl-Z sends it, Esc cancels")
BYTES_LEFT = N_("{left} bytes are still missing")


class LogEntryKind(Enum):
    """What an entry is."""

    SENT = N_("sent")
    ANSWER = N_("answer")
    URC = N_("event")
    DATA = N_("data")
    NOTE = N_("note")
    OTHER = N_("other")


class LogEntry(NamedTuple):
    """Something that happened: its bytes, without a line's end, its words, what helps, and the message in it.

    `good` is None but for what ends a command or an operation.
    """

    kind: LogEntryKind
    text: bytes
    said: Narration = Narration()
    good: bool | None = None


class Mode(Enum):
    """What a line that is typed is: a command, a message whose length is filled in, or data that was asked for."""

    COMMAND = N_("command")
    MESSAGE = N_("message")
    DATA = N_("data")


class Conversation:
    """The host's end of a line, for a person.

    `typed`, `control`, `receive` and `advance` take what happens; `take` gives what is to be sent, `deadline` says
    when to call `advance`. `show` is called with each entry.
    """

    def __init__(self, dialect: Dialect, language: Language, show: Callable[[LogEntry], None]) -> None:
        """Begin between two commands."""
        self.language, self.show = language, show
        self.mode = Mode.COMMAND
        # Of data: how many bytes are still to come, of how many; None: until Ctrl-Z. Whether +++ may end it.
        self.left: int | None = None
        self.size: int | None = None
        self._escapes = False
        # Whether the latest key was the one that offers to fill up.
        self._offered = False
        # Bytes a second that the line carries, and those of the data that were sent so far.
        self.rate = math.inf
        self._sent = 0
        # How the latest command, with its operation, ended; None while it is under way. And what the module said since.
        self.good: bool | None = True
        self.reason = ""
        self.since: deque[bytes] = deque(maxlen=MAX_LINES)
        self.information: list[bytes] = []
        self.latest = b""
        self._out = bytearray()
        self._calls: tuple[ParsedCommand, ...] = ()
        self._due: float | None = None
        self._awaits: list[Urc] = []
        self._within = 0.0
        self._filling = ("", Int("", 0, 0))
        self._message: bytes | None = None
        self._words = ""
        self.speak(dialect)

    def speak(self, dialect: Dialect) -> None:
        """Read the line as modules of that dialect speak it, from the next line on."""
        self.dialect = dialect
        self._digester = Digester(LinePatterns(urcs_of(dialect)))

    @property
    def between_lines(self) -> bool:
        """Whether no line has begun that is not complete."""
        return self._digester.deadline() is None

    @property
    def waiting(self) -> bool:
        """Whether a command is under way, or what it has begun."""
        return self.good is None

    # what is typed

    def typed(self, text: str, now: float) -> bool:
        """A line was typed, by its mode. Whether it was taken: what is not may be mended and typed again."""
        self._offered = False
        if self.mode is Mode.MESSAGE:
            return self._fill(text, now)
        if self.mode is Mode.DATA:
            return self.send_data(to_bytes(text), now)
        if any(c < " " or c == "\x7f" for c in text):
            self.note("a command line has no control characters")
            return False
        lacks = missing_length(self.dialect, text)
        if lacks is not None:
            self._filling = text, lacks
            self.mode = Mode.MESSAGE
            self.note(
                "type the message for <{name}>, {minimum} to {maximum} bytes; Enter sends it, Esc cancels",
                name=lacks.name,
                minimum=lacks.minimum,
                maximum=lacks.maximum,
            )
            return True
        self.send_command(to_bytes(text), now)
        return True

    def send_command(self, line: bytes, now: float, message: bytes | None = None, words: str = "") -> None:
        """Send a command line, without its CR; the message follows the prompt, shown in `words` if there are any."""
        self.show(LogEntry(LogEntryKind.SENT, line))
        body = line[2:] if line[:2].upper() == b"AT" else b""
        self._calls = self.dialect.parser(False)(body) if body else ()
        self._awaits = [urc for call in self._calls if (urc := result_of(call)) is not None]
        self._message, self._words = message, words
        self.latest = line
        self.information = []
        self.since.clear()
        self.good, self.reason = None, ""
        self._digester.expect(pending_of(self.dialect, line, PROMPT_MARK))
        self._out += line + b"\r"
        self._wait(RESPONSE_MARGIN_S + answer_time(self.dialect, line), now)

    def send_data(self, data: bytes, now: float) -> bool:
        """Send what the module waits for: all that was counted, a part of it, or a line of what Ctrl-Z ends."""
        if data == ESCAPE_SEQUENCE and (self.left is None or (self._escapes and self.left != len(data))):
            self.show(LogEntry(LogEntryKind.DATA, data))
            self.note("+++ is sent: it ends the data early if no data was sent for a second before it")
            self._out += data
            self._wait(RESPONSE_MARGIN_S + answer_time(self.dialect, self.latest), now)
            return True
        if self.left is not None and len(data) > self.left:
            self.note("{count} bytes are too many: the module waits for {left}", count=len(data), left=self.left)
            return False
        if self.left is None and data[-1:] not in (CTRL_Z, ESC):
            data += b"\r\n"
        self.send_raw(data, now)
        if self.left:
            self.note(BYTES_LEFT, left=self.left)
        return True

    def send_raw(self, data: bytes, now: float, words: str = "") -> None:
        """Send bytes as they are, shown as such or in `words`; those that the module counts are counted."""
        if data:
            said = Narration(words) if words else Narration(payload=data if len(data) > 1 else None)
            self.show(LogEntry(LogEntryKind.DATA, b"" if words else data, said))
            self._out += data
        self._offered = False
        if self.mode is not Mode.DATA:
            return
        if self.left is not None:
            self.left = max(0, self.left - len(data))
        self._sent += len(data)
        pending = pending_of(self.dialect, self.latest)
        self._digester.expect(pending._replace(echo=data.rstrip(CTRL_Z + ESC).lstrip(b"\r\n")))
        if self.left == 0 or (self.left is None and data[-1:] in (CTRL_Z, ESC)):
            self.mode = Mode.COMMAND
            self._wait(RESPONSE_MARGIN_S + answer_time(self.dialect, self.latest) + self._sent / self.rate, now)
        else:
            # Whoever types may take any time; the module says when it has waited enough.
            self._due = None

    def control(self, byte: bytes, text: str, now: float) -> bool:
        """Ctrl-Z or Esc, behind a text that was not sent yet: Ctrl-Z sends it, Esc forgets it.

        Whether the text is done with. Data that has a length ends by its bytes alone, so neither key is sent there;
        nor is it where no data is asked for.
        """
        if self.mode is Mode.MESSAGE:
            if byte == CTRL_Z:
                return self._fill(text, now)
            self.mode = Mode.COMMAND
            self.note("cancelled, nothing was sent")
        elif self.mode is Mode.COMMAND:
            self.show(LogEntry(LogEntryKind.NOTE, b"", Narration(self.nothing_to_end(byte))))
            return not text
        elif self.left is None:
            self.send_raw(to_bytes(text) + byte if byte == CTRL_Z else byte, now)
            self.note(
                N_("Ctrl-Z is sent: the data ends here") if byte == CTRL_Z else N_("Esc is sent: the data is cancelled")
            )
            self.mode = Mode.COMMAND
        else:
            return self._control_counted(byte, text, now)
        return True

    def nothing_to_end(self, byte: bytes) -> str:
        """What is said of such a key where no data is asked for."""
        return self.language(
            "the module does not wait for data: {name} is not sent. :bytes {code} sends it anyway",
            name=KEYS[byte],
            code=byte.hex().upper(),
        )

    def _control_counted(self, byte: bytes, text: str, now: float) -> bool:
        """A key that ends other data: Ctrl-Z sends the text as Enter does; Esc offers to fill up, and again does so."""
        if byte == CTRL_Z and text and not self.send_data(to_bytes(text), now):
            return False
        if self.mode is not Mode.DATA or not self.left:
            return True
        if byte == ESC and self._offered and not text:
            self.note("the data is filled up with {left} spaces", left=self.left)
            self.send_raw(b" " * self.left, now, self.language("{count} spaces", count=self.left))
            return True
        self.note(
            "{name} is not sent: data with a length ends with its last byte, and {left} of {size} bytes "
            "are still missing",
            name=KEYS[byte],
            left=self.left,
            size=self.size,
        )
        self._offered = byte == ESC and self.left <= MAX_FILLED_BYTES
        if self._offered:
            self.note(
                "type them, or press Esc again: that sends {left} spaces, and the module then uses all the "
                "data for the command",
                left=self.left,
            )
        if self._escapes:
            self.note("+++ alone, after a second without data, ends a file's data early")
        return True

    def _fill(self, text: str, now: float) -> bool:
        """Send the command that lacks its length, for this message."""
        command, length = self._filling
        message = to_bytes(text)
        wrong = self.size_trouble(length, len(message))
        if wrong:
            self.show(LogEntry(LogEntryKind.NOTE, b"", Narration(wrong)))
            return False
        self.mode = Mode.COMMAND
        self.send_command(to_bytes(with_length(self.dialect, command, len(message))), now, message)
        return True

    def size_trouble(self, length: Int, count: int) -> str:
        """Why a message of so many bytes cannot be sent, in words; "" if it can."""
        if length.minimum <= count <= length.maximum:
            return ""
        return self.language(
            "the message has {count} bytes, but <{name}> takes {minimum} to {maximum}",
            count=count,
            name=length.name,
            minimum=length.minimum,
            maximum=length.maximum,
        )

    # what comes

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came from the module."""
        for token in self._digester.receive(data, now):
            self._token(token, now)

    def advance(self, now: float) -> None:
        """Time has passed."""
        for token in self._digester.advance(now):
            self._token(token, now)
        if self._due is not None and now >= self._due:
            self._due = None
            self.good = False
            seconds = f"{self._within:.3g}"
            if self._digester.pending is not None:
                self._digester.expect(None)
                self.reason = self.language("no result code within {seconds} s", seconds=seconds)
            else:
                name = self._awaits[0].name
                self.reason = self.language("{name} did not come within {seconds} s", name=name, seconds=seconds)
                self._awaits = []
            self.mode = Mode.COMMAND
            self.show(LogEntry(LogEntryKind.NOTE, b"", Narration(self.reason), False))

    def deadline(self) -> float | None:
        """When `advance` is to be called; None: nothing is waited for."""
        times = (self._digester.deadline(), self._due)
        return min((time for time in times if time is not None), default=None)

    def take(self) -> bytes:
        """What is to be sent."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def note(self, message: str, **values: object) -> None:
        """The terminal has something to say."""
        self.show(LogEntry(LogEntryKind.NOTE, b"", Narration(self.language(message, **values))))

    def reset(self, reason: str) -> None:
        """The line is gone: nothing is under way."""
        self._due, self._awaits, self.mode = None, [], Mode.COMMAND
        if self.good is None:
            self.good, self.reason = False, reason
        self._out.clear()
        self.speak(self.dialect)

    def _token(self, token: Token, now: float) -> None:
        """One thing that the module said."""
        text = self._digester.taken.strip(b"\r\n")
        if isinstance(token, Prompted):
            self._prompted(text, now)
            return
        if len(self.since) < MAX_LINES:
            self.since.append(text)
        if isinstance(token, Ended):
            self._ended(token, now)
        elif isinstance(token, ReceivedUrc):
            said = say_urc(token, self.language, self.dialect)
            over = token.urc in self._awaits and ends(token)
            self.show(LogEntry(LogEntryKind.URC, text, said, not failed(token) if over else None))
            if over:
                self._over(token)
            elif restarts(token, self.dialect):
                self._restarted()
        elif isinstance(token, InformationLine):
            if len(self.information) < MAX_LINES:
                self.information.append(text)
            self.show(LogEntry(LogEntryKind.ANSWER, text, say_line(text, self._calls, self.language)))
            if text.startswith(CONNECT) and self._takes_data():
                self._prompted(b"", now)
        else:
            self._unexpected_bytes(text, now)

    def _unexpected_bytes(self, text: bytes, now: float) -> None:
        """What is no answer to the command on the line, and no URC that is declared."""
        if not text:
            return
        ended = final_of(text)
        if text.strip() == PROMPT_MARK:
            self._prompted(text, now)
        elif ended is not None:
            self.show(LogEntry(LogEntryKind.ANSWER, text, say_final(ended, self._calls, self.dialect, self.language)))
        elif text[:1] in (b"+", b"^") and b":" in text:
            self.show(
                LogEntry(LogEntryKind.URC, text, Narration(self.language("unsolicited, and not in the command tables")))
            )
        else:
            self.show(LogEntry(LogEntryKind.OTHER, text, Narration(self.language("neither an answer nor an event"))))

    def _ended(self, ended: Ended, now: float) -> None:
        """The result code of the command on the line."""
        self._digester.expect(None)
        self._due = None
        self.mode, self._message = Mode.COMMAND, None
        said = say_final(ended, self._calls, self.dialect, self.language)
        if ended.text:
            self.show(LogEntry(LogEntryKind.ANSWER, ended.text, said, ended.good))
        calls, self._calls = self._calls, ()
        if not ended.good:
            self._awaits = []
            self.good, self.reason = False, f"{shown(ended.text)} {said.words}"
        elif self._awaits:
            longest = max((call.command.max_response for call in calls if call.command is not None), default=0.0)
            self._wait(RESPONSE_MARGIN_S + longest, now)
        else:
            self.good = True

    def _restarted(self) -> None:
        """The module has started anew: what was under way is lost."""
        self._digester.expect(None)
        self._due, self._awaits, self._message, self.mode = None, [], None, Mode.COMMAND
        if self.good is None:
            self.good, self.reason = False, self.language("the module restarted")

    def _over(self, heard: ReceivedUrc) -> None:
        """The result of an operation."""
        self._awaits.remove(heard.urc)
        if failed(heard):
            self.good, self.reason = False, say_urc(heard, self.language, self.dialect).words
            self._awaits = []
        if not self._awaits and self._digester.pending is None:
            self._due = None
            self.good = True if self.good is None else self.good

    def _prompted(self, text: bytes, now: float) -> None:
        """The module waits for data."""
        counted = self._counted()
        self.mode, self.left, self.size, self._offered = Mode.DATA, counted, counted, False
        self._sent = 0
        # What begins with CONNECT, +++ may end (EC200x file guide V1.0, 1.2).
        self._escapes = not text
        wanted = PROMPT if counted is None else N_("the module waits for {count} bytes")
        if text:
            self.show(LogEntry(LogEntryKind.ANSWER, text.strip(), Narration(self.language(wanted, count=counted))))
        else:
            self.note(wanted, count=counted)
        self._due = None
        message, self._message = self._message, None
        if message is not None:
            self.send_raw(message, now, self._words)

    def _counted(self) -> int | None:
        """How many bytes the command on the line has announced; None: it does not say."""
        return next((count for call in self._calls if (count := announced(call)) is not None), None)

    def _takes_data(self) -> bool:
        """Whether CONNECT asks for data: not where a declared command prints some."""
        return self._counted() is not None or all(call.command is None for call in self._calls)

    def _wait(self, seconds: float, now: float) -> None:
        """What is awaited next has so many seconds."""
        self._within, self._due = seconds, now + seconds


def result_of(call: ParsedCommand) -> Urc | None:
    """The URC that brings the result of a command."""
    if call.command is None or call.form is None or call.form.kind not in (FormKind.WRITE, FormKind.EXECUTE):
        return None
    return call.command.urc


def restarts(heard: ReceivedUrc, dialect: Dialect) -> bool:
    """Whether a URC says that the module has started anew."""
    hears = {} if dialect.recipes is None else dialect.recipes.hears
    return heard.urc in hears and isinstance(hears[heard.urc](*heard.values), Restarted)
