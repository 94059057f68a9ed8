"""Macros: lists of commands kept as files, and read from files that others made.

The terminal's own form is the transcript's: what the host sends (`>>`, `>>|`), how long is waited behind it (`~~`),
and which lines are awaited (`<<`, `<<~`); so a saved session is a list too. A comment right ahead of a command is its
title; a command behind a `#` is not ticked. QCOM's form is `qcom`'s.
"""

import re
from codecs import BOM_UTF8
from typing import NamedTuple

from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, at_line, reason_of
from modemlab.transcripts.format import (
    Mark,
    TranscriptError,
    TranscriptStep,
    parse_transcript,
    shown,
    unescape,
    written,
)
from modemlab.transcripts.pattern import Pattern, compile_pattern

# Commands of a list, bytes of one, characters of a file, lines that one command awaits.
MAX_COMMANDS, MAX_COMMAND_BYTES, MAX_FILE_CHARACTERS, MAX_AWAITED_LINES = 1000, 4096, 1 << 20, 100
ENCODINGS = ("utf-8", "gbk")
UNTICKED = re.compile(r"# ?(>>)")


class MacroError(ValueError):
    """A file that is no list; the message names the line."""


def in_line(line: int, message: str, /, **values: object) -> MacroError:
    """What is wrong with a line."""
    return MacroError(at_line(line, Sentence(message, **values)))


class Macro(NamedTuple):
    """A command, or data for a prompt.

    `data` is what is sent, without the CR that follows it if `enter`. `hexadecimal`: it is typed so. A script sends
    those that are `ticked`, and goes on `pause` seconds after the answer, None: as the list has it. `awaits` are lines
    that must come first, exact or as patterns.
    """

    data: bytes
    enter: bool = True
    hexadecimal: bool = False
    ticked: bool = True
    pause: float | None = None
    title: str = ""
    awaits: tuple[bytes | Pattern[bytes], ...] = ()

    @property
    def shown(self) -> str:
        """Its text, on one line."""
        if self.hexadecimal:
            return self.data.hex(" ").upper()
        text = text_of(self.data)
        return shown(self.data) if text is None else text

    @property
    def is_command(self) -> bool:
        """Whether it is a command line; else it is data, for a prompt."""
        return self.enter and self.data[:2].upper() in (b"AT", b"A/")


class MacroList(NamedTuple):
    """Macros in their order. A script runs `times` times, with `pause` seconds behind each answer."""

    macros: tuple[Macro, ...] = ()
    times: int = 1
    pause: float = 0.0

    @property
    def script(self) -> tuple[Macro, ...]:
        """What a script sends: the ticked ones, or all where none is ticked, without empty ones."""
        full = tuple(macro for macro in self.macros if macro.data)
        return tuple(macro for macro in full if macro.ticked) or full


def read_transcript(text: str) -> MacroList:
    """A list in the terminal's own form, or a transcript. Raises `MacroError` with the line and the reason."""
    lines = text.split("\n")
    ticks = [UNTICKED.match(line) for line in lines]
    try:
        steps = parse_transcript(
            "\n".join(line.lstrip("# ") if tick else line for line, tick in zip(lines, ticks, strict=True))
        )
    except TranscriptError as error:
        raise MacroError(reason_of(error)) from None
    found: list[Macro] = []
    for step in steps:
        above = lines[step.number - 2].rstrip("\r") if step.number > 1 else ""
        if step.mark in (Mark.SEND, Mark.SEND_RAW):
            title = above[1:].strip() if above.startswith("#") and not ticks[step.number - 2] else ""
            found.append(sending(step, title, ticks[step.number - 1] is None))
            if len(found) > MAX_COMMANDS:
                raise in_line(step.number, N_("a list holds at most {maximum} commands"), maximum=MAX_COMMANDS)
        elif found:
            found[-1] = following(found[-1], step)
    return MacroList(tuple(found))


def sending(step: TranscriptStep, title: str, ticked: bool) -> Macro:
    """The macro of a line that the host sends."""
    data = unescape(step.text)
    if len(data) > MAX_COMMAND_BYTES:
        raise in_line(
            step.number,
            N_("has {count} bytes; a command has at most {maximum}"),
            maximum=MAX_COMMAND_BYTES,
            count=len(data),
        )
    return Macro(data, step.mark is Mark.SEND, False, ticked, None, title[:200])


def following(macro: Macro, step: TranscriptStep) -> Macro:
    """A macro with what stands behind it: a wait, or a line that is awaited."""
    if step.mark is Mark.WAIT:
        return macro._replace(pause=(macro.pause or 0.0) + float(step.text))
    if step.mark is Mark.SAID and step.text and len(macro.awaits) < MAX_AWAITED_LINES:
        line = unescape(step.text)
        # The echo is none of what is awaited, nor is what stands behind a prompt.
        if line.rstrip(b"\r") != macro.data and line.strip() not in (b"", b">"):
            return macro._replace(awaits=(*macro.awaits, line))
    if step.mark is Mark.SAID_LIKE and len(macro.awaits) < MAX_AWAITED_LINES:
        return macro._replace(awaits=(*macro.awaits, compile_pattern(step.text.encode())))
    return macro


def write_transcript(listed: MacroList) -> str:
    """The list in the terminal's own form."""
    lines = []
    # A list without a tick is run as a whole, and written so.
    ticked = any(macro.ticked for macro in listed.macros)
    for macro in listed.macros:
        if not macro.data:
            continue
        if macro.title:
            lines.append(f"# {' '.join(macro.title.split())}")
        mark = Mark.SEND if macro.enter else Mark.SEND_RAW
        line = written(mark, shown(macro.data))
        lines.append(line if macro.ticked or not ticked else f"# {line}")
        lines += [awaited(line) for line in macro.awaits]
        pause = listed.pause if macro.pause is None else macro.pause
        if pause:
            lines.append(written(Mark.WAIT, f"{pause:g}"))
    return "".join(f"{line}\n" for line in lines)


def awaited(line: bytes | Pattern[bytes]) -> str:
    """An awaited line."""
    if isinstance(line, bytes):
        return written(Mark.SAID, shown(line))
    return f"{Mark.SAID_LIKE.value} {line.pattern.decode('utf-8', 'surrogateescape')}"


def text_of(data: bytes) -> str | None:
    """Bytes as text, in UTF-8 or GBK; None for what is none, or holds control characters."""
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(c.isprintable() or c == "\t" for c in text):
            return text
    return None


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file, and its encoding: UTF-8, or GBK as programs in Chinese write it.

    Raises `MacroError` with the line that is neither.
    """
    if len(data) > MAX_FILE_CHARACTERS:
        raise MacroError(
            Sentence(
                N_("the file has {count} bytes; a list has {maximum} at most"),
                count=len(data),
                maximum=MAX_FILE_CHARACTERS,
            )
        )
    data = data.removeprefix(BOM_UTF8)
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            at = error.start
    line = data.count(b"\n", 0, at) + 1
    raise in_line(line, N_("is neither UTF-8 nor GBK: {data!r}"), data=data[at : at + 4])
