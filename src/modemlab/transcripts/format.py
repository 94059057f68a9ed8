r"""Transcripts: what is said on a serial line, written down so that it can be played again.

One item a line; its first two characters say who speaks:

    # a comment; so is an empty line
    >> AT+CSQ            the host sends this and CR
    >>| {"on":1}         the host sends exactly this
    << OK                the other end says this and CR LF; `<<` alone is a bare CR LF
    <<|\x20> \x20        the other end says exactly this
    <<~ \+CSQ: \d+,99    the other end says a line that this regular expression matches, and CR LF
    ~~ 5.0               so many seconds pass
    S> Puback(7)         the module sends this MQTT packet to the server
    S< Publish("a", b"x")  the server sends this packet; `S> 30 05 ...` and `S< 30 ...` give bytes in hexadecimal
    S: opened            the network: opened, refused, name, unreachable, timeout, closed, send_buffer_full, close
    M: detach(cause=10)  the world does this to the mobile; `M: power_cycle()` takes its power and gives it back

One blank behind the mark is not part of the text. `\r \n \t \\ \xNN` are escapes; other characters stand for
their UTF-8 bytes. A line `OK` behind a command comes as CR LF `OK` CR LF, so it is written as `<<`, `<< OK`;
behind an echo as `<< AT\r`, `<< OK`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, at_line, reason_of
from modemlab.transcripts.pattern import compile_pattern


class Mark(Enum):
    """Who speaks, or what happens."""

    SEND = ">>"
    SEND_RAW = ">>|"
    SAID = "<<"
    SAID_RAW = "<<|"
    SAID_LIKE = "<<~"
    WAIT = "~~"
    TO_SERVER = "S>"
    FROM_SERVER = "S<"
    NETWORK = "S:"
    MOBILE = "M:"


class TranscriptStep(NamedTuple):
    """One line of a transcript: its number, its mark and its text."""

    number: int
    mark: Mark
    text: str


class TranscriptError(ValueError):
    """A line of a transcript that cannot be read; the message names it."""


class Difference(NamedTuple):
    """Where the other end said something else: the transcript's line, what was expected and what came."""

    number: int
    expected: bytes
    actual: bytes

    def __str__(self) -> str:
        """Two lines that show both."""
        return f"line {self.number}:\n  expected {beginning(self.expected)}\n  came     {beginning(self.actual)}"


ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}
MARKS = sorted((mark.value for mark in Mark), key=len, reverse=True)
# What the text of a line about the network or the mobile looks like; who plays it knows the names.
CALL = re.compile(r"[A-Za-z_]\w*\(.*\)")
PACKET = re.compile(rf"{CALL.pattern}|([0-9A-Fa-f]{{2}} *)+")
NETWORK = re.compile(r"opened( \S+:\d+)?|refused|name|unreachable|timeout|tls|closed|send_buffer_full|close")
# Bytes of a difference that are shown; and those of a line that is held to a pattern.
MAX_SHOWN_BYTES, MAX_LINE_BYTES = 1000, 1 << 16
# Steps behind a send that may expect what was said ahead of it.
MAX_STEPS_AHEAD = 100


def parse_transcript(text: str) -> list[TranscriptStep]:
    """The steps of a transcript; `TranscriptError` names the first line that cannot be read."""
    steps = []
    for number, line in enumerate(re.split(r"\r?\n", text), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            line.encode()
        except UnicodeEncodeError:
            raise TranscriptError(at_line(number, Sentence(N_("is not UTF-8: {given!a}"), given=line[:40]))) from None
        mark = next((m for m in MARKS if line.startswith(m)), None)
        if mark is None:
            raise TranscriptError(
                at_line(
                    number,
                    Sentence(N_("begins with none of {marks} #: {given!r}"), marks=" ".join(MARKS), given=line[:40]),
                )
            )
        step = TranscriptStep(number, Mark(mark), line[len(mark) :].removeprefix(" "))
        check(step)
        steps.append(step)
    return steps


def patience(steps: list[TranscriptStep]) -> tuple[list[TranscriptStep], dict[int, float]]:
    """The steps without the waits ahead of what is said, and how much later than others these lines may come.

    When a network answers is its own affair: a wait there is for as long as it takes.
    """
    kept: list[TranscriptStep] = []
    later: dict[int, float] = {}
    for step, following in zip(steps, [*steps, None][1:], strict=True):
        if step.mark is Mark.WAIT and following is not None and following.mark.value.startswith("<<"):
            later[following.number] = float(step.text)
        else:
            kept.append(step)
    return kept, later


def seconds(text: str) -> float:
    """A number. Raises ValueError."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(Sentence(N_("could not convert string to float: {given!r}"), given=text)) from None


def check(step: TranscriptStep) -> None:
    """Raise `TranscriptError` when the text of a step cannot be read."""
    try:
        if step.mark is Mark.WAIT:
            if not 0 <= seconds(step.text) <= 86400:
                raise ValueError(Sentence(N_("takes 0 to 86400 seconds")))
        elif step.mark is Mark.SAID_LIKE:
            compile_pattern(step.text.encode())
        elif step.mark is Mark.NETWORK:
            if NETWORK.fullmatch(step.text) is None:
                raise ValueError(Sentence(N_("the network knows no {given!r}"), given=step.text))
        elif step.mark is Mark.MOBILE:
            if CALL.fullmatch(step.text) is None:
                raise ValueError(
                    Sentence(N_("{given!r} is not an action: write NAME(ARGUMENT=VALUE)"), given=step.text)
                )
        elif step.mark in (Mark.TO_SERVER, Mark.FROM_SERVER):
            if PACKET.fullmatch(step.text) is None and (step.mark, step.text) != (Mark.TO_SERVER, "nothing"):
                raise ValueError(
                    Sentence(N_("{given!r} is neither a packet nor its bytes in hexadecimal"), given=step.text)
                )
        else:
            unescape(step.text)
    except ValueError as error:
        raise TranscriptError(at_line(step.number, reason_of(error))) from error


def unescape(text: str) -> bytes:
    """The bytes that a text with escapes stands for; ValueError for an unknown escape."""
    out = bytearray()
    end = 0
    for match in ESCAPE.finditer(text):
        out += text[end : match.start()].encode()
        end = match.end()
        if match[1]:
            out.append(int(match[1], 16))
        elif match[2] in ESCAPES:
            out += ESCAPES[match[2]]
        else:
            raise ValueError(Sentence(N_("\\{given} is not an escape; \\r \\n \\t \\\\ \\xNN are"), given=match[2]))
    if text.count("\\") and text.endswith("\\") and end != len(text):
        raise ValueError(Sentence(N_("a lone backslash ends the line")))
    return bytes(out + text[end:].encode())


def shown(data: bytes) -> str:
    """Bytes as a transcript writes them."""
    names = {"\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\"}
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if all(c.isprintable() or c in names for c in text):
        return "".join(names.get(c, c) for c in text)
    return "".join(names.get(chr(b), chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


def beginning(data: bytes) -> str:
    """Bytes as a transcript writes them, but not endlessly many."""
    if len(data) <= MAX_SHOWN_BYTES:
        return shown(data)
    return f"{shown(data[:MAX_SHOWN_BYTES])} and {len(data) - MAX_SHOWN_BYTES} bytes more"


def written(mark: Mark, text: str) -> str:
    """A line of a transcript, without its end; a blank at the end of the text is made to be seen."""
    if text.endswith(" "):
        text = f"{text[:-1]}\\x20"
    return f"{mark.value} {text}" if text else mark.value


class TranscriptTarget(Protocol):
    """What a transcript is played on: the host's end of a line, and where it can, the network's."""

    def send(self, data: bytes) -> None:
        """The host sends."""

    def said(self) -> bytes:
        """What the other end has said since the last call; waits a little where time is real, b"" is silence."""

    def wait(self, seconds: float) -> None:
        """Time passes."""

    def network(self, step: TranscriptStep) -> Difference | None:
        """Play an `S` or `M` line; a packet that was not sent is a difference."""


# What is said, and what a host may type ahead of it.
MODULE_MARKS = (Mark.SAID, Mark.SAID_RAW, Mark.SAID_LIKE)
TYPES = (Mark.SEND, Mark.SEND_RAW)


class TranscriptPlayer:
    """Plays steps on a bench and collects the differences.

    With `early`, for a bench where time is real: what was said ahead of a send may be what is expected behind it,
    as when a host typed on before it had its answer.
    """

    def __init__(
        self, bench: TranscriptTarget, observe: Callable[[TranscriptStep], None] | None = None, early: bool = False
    ) -> None:
        self._bench = bench
        self._observe = observe
        self._early = early
        self._heard = b""

    def play(self, steps: list[TranscriptStep]) -> Iterator[Difference]:
        """Play all steps; after a difference what was said is dropped and the next send begins anew."""
        skipping = False
        for index, step in enumerate(steps):
            if self._observe is not None:
                self._observe(step)
            if step.mark in (*TYPES, Mark.WAIT, Mark.NETWORK, Mark.FROM_SERVER, Mark.MOBILE):
                ahead = self._early and step.mark in TYPES
                yield from self._rest(
                    step.number, skipping, steps[index + 1 : index + MAX_STEPS_AHEAD] if ahead else []
                )
                skipping = False
            difference = None if skipping else self._perform(step)
            if difference is not None:
                skipping = True
                yield difference
        yield from self._rest(steps[-1].number if steps else 0, skipping)

    def _perform(self, step: TranscriptStep) -> Difference | None:
        """One step; the difference it showed."""
        if step.mark is Mark.SEND:
            self._bench.send(unescape(step.text) + b"\r")
        elif step.mark is Mark.SEND_RAW:
            self._bench.send(unescape(step.text))
        elif step.mark is Mark.WAIT:
            self._bench.wait(float(step.text))
        elif step.mark is Mark.SAID:
            return self._expect(step.number, unescape(step.text) + b"\r\n")
        elif step.mark is Mark.SAID_RAW:
            return self._expect(step.number, unescape(step.text))
        elif step.mark is Mark.SAID_LIKE:
            return self._expect_like(step)
        else:
            return self._bench.network(step)
        return None

    def _expect(self, number: int, expected: bytes) -> Difference | None:
        """Hold what is said next to exact bytes."""
        while len(self._heard) < len(expected) and expected.startswith(self._heard):
            more = self._bench.said()
            if not more:
                break
            self._heard += more
        if not self._heard.startswith(expected):
            return Difference(number, expected, self._heard)
        self._heard = self._heard[len(expected) :]
        return None

    def _expect_like(self, step: TranscriptStep) -> Difference | None:
        """Hold the next line to a regular expression."""
        while b"\r\n" not in self._heard and len(self._heard) < MAX_LINE_BYTES:
            more = self._bench.said()
            if not more:
                break
            self._heard += more
        line, end, rest = self._heard.partition(b"\r\n")
        if not end or not compile_pattern(step.text.encode()).fullmatch(line):
            return Difference(step.number, step.text.encode(), self._heard)
        self._heard = rest
        return None

    def _rest(self, number: int, skipping: bool, following: Sequence[TranscriptStep] = ()) -> Iterator[Difference]:
        """What was said and nobody expected, neither here nor in the steps that follow."""
        if skipping:
            while self._bench.said():
                pass
        else:
            self._heard += self._bench.said()
            if self._heard and fits(self._heard, following):
                return
            if self._heard:
                yield Difference(number, b"", self._heard)
        self._heard = b""


def fits(heard: bytes, steps: Sequence[TranscriptStep]) -> bool:
    """Whether this is how what these steps expect begins, whatever the host types meanwhile."""
    for step in steps:
        if step.mark is Mark.SAID_LIKE:
            line, end, rest = heard.partition(b"\r\n")
            if end and not compile_pattern(step.text.encode()).fullmatch(line):
                return False
            heard = rest
        elif step.mark in MODULE_MARKS:
            expected = unescape(step.text) + (b"\r\n" if step.mark is Mark.SAID else b"")
            if not expected.startswith(heard[: len(expected)]):
                return False
            heard = heard[len(expected) :]
        elif step.mark not in TYPES:
            return False
        if not heard:
            return True
    return False
