"""Lines that were pasted, run as a script: each is sent once the one before it is answered.

A command may have a comment behind `//`, as manuals write them; it is left out. Lines that stand behind a prompt are
its data. What is neither, such as the answers that a manual prints, is not sent.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence

from modemlab.at.parameters import to_bytes
from modemlab.terminal.conversation import CTRL_Z, ESC, Conversation, Mode
from modemlab.terminal.cursor import missing_length, with_length
from modemlab.terminal.macros import Macro
from modemlab.terminal.payloads import line_of
from modemlab.text.catalogue import N_

# Lines that are taken at once, characters of all, and of one.
MAX_LINES, MAX_CHARACTERS, MAX_LINE_CHARACTERS = 1000, 1 << 20, 1 << 14
TOO_LONG = N_("{count} characters were pasted, too many: a line has {maximum} at most")
# The ends of lines that data of several lines may have been counted with.
LINE_ENDS = (b"\r\n", b"\n", b"\r", b"")
# The key as a manual writes it, by itself or behind data.
KEY = re.compile(r"\A\s*[<(\[]?ctrl ?[+-] ?z[>)\]]?\s*\Z|<ctrl ?[+-] ?z>\s*\Z", re.IGNORECASE)
# What `//` may stand in: a quoted string as a module reads it, one that is not closed, an address such as http://h//p.
# A quote ends a string ahead of `//` too, but where more quotes follow it may be one inside.
COMMENT = re.compile(
    r'(?<=[=,;])\s*"(?:.*?"(?=\s*(?:[,;]|\Z)|\s+//|//[^"]*\Z)|.*)|(?<!\w)\w{1,20}://[^\s,;]*|(?P<comment>//)', re.DOTALL
)


def uncommented(text: str) -> tuple[str, str]:
    """A command line without the comment behind it, and that comment; "" where there is none."""
    for found in COMMENT.finditer(text):
        if found["comment"]:
            return text[: found.start()].rstrip(), text[found.start() :]
    return text, ""


def is_command(line: str) -> bool:
    """Whether a line is a command line."""
    return line.lstrip()[:2].upper() in ("AT", "A/")


def commands_in(lines: Iterable[str]) -> list[str]:
    """The command lines among these, without their comments."""
    return [uncommented(line.strip())[0] for line in lines if is_command(line)]


def fitting(lines: Sequence[str], left: int) -> tuple[int, bytes] | None:
    """How many of the first lines are exactly so many bytes of data, and these; None where no number of them is.

    Several lines may have been counted with any kind of line's end between them, and, where no more of data follow,
    behind the last.
    """
    parts = [to_bytes(line) for line in lines]
    for last in (False, True):
        for end in LINE_ENDS:
            size = 0
            for count, part in enumerate(parts, 1):
                size += len(part)
                behind = end if last and (count == len(parts) or is_command(lines[count])) else b""
                if size + len(behind) == left:
                    return count, end.join(parts[:count]) + behind
                size += len(end)
                if size > left:
                    break
    return None


class Pasted:
    """Lines on their way, with the same use as a `Script`; `left` are those that were not sent."""

    due: float | None = None

    def __init__(self, lines: Iterable[str]) -> None:
        """Begin with the first of these lines."""
        self._lines = deque(lines)
        # The command that was sent last.
        self.latest: Macro | None = None
        self.over = False
        self.reason = ""
        self.stuck: Macro | None = None

    @property
    def left(self) -> list[str]:
        """The commands that were not sent."""
        return commands_in(self._lines)

    def step(self, talk: Conversation, now: float) -> Macro | None:
        """What is to be sent now; None: nothing yet, or it is over."""
        del now
        if self.over or (talk.mode is not Mode.DATA and talk.waiting):
            return None
        if self.latest is not None and talk.good is False:
            self._stop(self.latest or Macro(talk.latest), talk.reason)
            return None
        if talk.mode is Mode.DATA:
            return self._data(talk)
        while self._lines and not is_command(self._lines[0]):
            line = self._lines.popleft().strip()
            if line not in ("", ">"):
                talk.note("not a command, not sent: {text}", text=line_of(to_bytes(line)))
        if not self._lines:
            self.over = True
            return None
        return self._command(talk)

    def _command(self, talk: Conversation) -> Macro | None:
        """The next command; one that lacks its length gets that of the line behind it."""
        line, _ = uncommented(self._lines[0].strip())
        if any(c < " " or c == "\x7f" for c in line):
            self._stop(Macro(to_bytes(line)), talk.language("a command line has no control characters"))
            return None
        lacks = missing_length(talk.dialect, line)
        if lacks is not None:
            message = next((to_bytes(each) for each in list(self._lines)[1:] if each.strip() != ">"), None)
            if message is None:
                self._stop(
                    Macro(to_bytes(line)),
                    talk.language("the message for <{name}> is missing: no line follows the command", name=lacks.name),
                )
                return None
            wrong = talk.size_trouble(lacks, len(message))
            if wrong:
                self._stop(Macro(to_bytes(line)), wrong)
                return None
            line = with_length(talk.dialect, line, len(message))
        self._lines.popleft()
        self.latest = Macro(to_bytes(line))
        return self.latest

    def _data(self, talk: Conversation) -> Macro | None:
        """The data that the module waits for."""
        while self._lines and self._lines[0].strip() == ">" and talk.left != 1:
            self._lines.popleft()
        lines = list(self._lines)
        if talk.left is None:
            if not lines or (is_command(lines[0]) and KEY.search(lines[0]) is None):
                self._stop(
                    self.latest or Macro(talk.latest),
                    talk.language("the module waits for data: Ctrl-Z sends it, Esc cancels"),
                )
                return None
            return self._open_data(lines)
        fits = fitting(lines, talk.left)
        if fits is None:
            size = len(to_bytes(lines[0])) if lines else 0
            self._stop(
                self.latest or Macro(talk.latest),
                talk.language(
                    "the module waits for {left} bytes, but the text has {count}: nothing is sent",
                    left=talk.left,
                    count=size,
                ),
            )
            return None
        count, data = fits
        for _ in range(count):
            self._lines.popleft()
        return Macro(data, enter=False)

    def _open_data(self, lines: list[str]) -> Macro:
        """A line of data that Ctrl-Z ends, which may stand by itself on the next line."""
        line = self._lines.popleft()
        if len(lines) > 1 and (lines[1] == "\x1a" or KEY.fullmatch(lines[1])):
            self._lines.popleft()
            line += "\x1a"
        data = to_bytes(KEY.sub("\x1a", line))
        return Macro(data if data[-1:] in (CTRL_Z, ESC) else data + b"\r\n", enter=False)

    def _stop(self, macro: Macro, reason: str) -> None:
        """It cannot go on."""
        self.over, self.stuck, self.reason = True, macro, reason
