"""Reading a line at once that is one write command with plain arguments, as most lines are that carry data.

A pattern made from the command's declaration divides the line, and a conversion for each parameter makes its value.
What does not fit is left to `modemlab.at.syntax`; what does is read as it would be read there.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from modemlab.at.command import Command, Form, FormKind
from modemlab.at.parameters import Choice, Int, Param, Text
from modemlab.at.syntax import ParsedCommand

NUMBER = "([0-9]{1,20})"
# Numbers of a range up to this size are looked up.
MAX_TABLE = 64
ParseBody = Callable[[bytes], tuple[ParsedCommand, ...]]
_new: Callable[..., Any] = tuple.__new__


class Part(NamedTuple):
    """How a parameter's argument reads: `pattern`, with one group, and `convert`, which makes the value of it.

    `minimum` and `maximum` are what a number is to be within, None where `convert` knows it. `convert` raises KeyError
    for what takes a closer look.
    """

    pattern: str
    convert: Callable[[str], Any]
    minimum: int | None = None
    maximum: int = 0


class LineReader(NamedTuple):
    """How the write form of a command is read when all its parameters are given; `pattern` has a group for each.

    `ranges` are the positions of numbers, each with what it is to be within; `template` formats the values.
    """

    command: Command
    form: Form
    pattern: re.Pattern[str]
    conversions: tuple[Callable[[str], Any], ...]
    ranges: tuple[tuple[int, int, int], ...]
    template: str

    def values(self, arguments: str) -> tuple[Any, ...] | None:
        """The values of arguments, of ASCII alone; None where it takes a closer look."""
        _, _, pattern, conversions, ranges, _ = self
        match = pattern.fullmatch(arguments)
        if match is None:
            return None
        try:
            values = tuple([convert(given) for convert, given in zip(conversions, match.groups(), strict=False)])
        except KeyError:
            return None
        for position, minimum, maximum in ranges:
            if not minimum <= values[position] <= maximum:
                return None
        return values

    def typed(self, values: tuple[Any, ...]) -> str:
        """The arguments that are read as these values; empty where it takes a closer look."""
        try:
            text = self.template % values
        except TypeError:
            return ""
        return text if text.isascii() and text.isprintable() and self.values(text) == values else ""


class LineReaders(dict[str, LineReader | None]):
    """The readers of a table's commands by name, made when first asked for; None where there is none."""

    def __init__(self, commands: Mapping[str, Command], otherwise: ParseBody) -> None:
        """Make none yet; `otherwise` reads the lines that do not fit."""
        self._commands, self._otherwise = commands, otherwise

    def __missing__(self, name: str) -> LineReader | None:
        command = self._commands.get(name)
        if command is None:
            return None
        reader = self[name] = reader_of(command)
        return reader

    def read(self, body: bytes) -> tuple[ParsedCommand, ...]:
        """The calls of a line without its AT prefix and terminator."""
        if not body.isascii():
            return self._otherwise(body)
        text = body.decode("ascii")
        name, equals, arguments = text.partition("=")
        if equals and (reader := self[name]) is not None:
            values = reader.values(arguments)
            if values is not None:
                return (_new(ParsedCommand, (text, reader.command, reader.form, values, None)),)
        return self._otherwise(body)


def reader_of(command: Command) -> LineReader | None:
    """The reader of a command; None where its write form has options, or parameters that no pattern divides."""
    plan = command.plan(FormKind.WRITE)
    if plan is None or not plan.params or plan.repeat is not None or command.basic or command.options:
        return None
    parts = [part for param in plan.params if (part := part_of(param)) is not None]
    if len(parts) < len(plan.params):
        return None
    return LineReader(
        command,
        command.on_write,
        re.compile(",".join(part.pattern for part in parts)),
        tuple(part.convert for part in parts),
        tuple((at, part.minimum, part.maximum) for at, part in enumerate(parts) if part.minimum is not None),
        ",".join("%d" if part.pattern is NUMBER else '"%s"' for part in parts),
    )


def part_of(param: Param) -> Part | None:
    """How the argument of a parameter reads; None where its `parse` alone knows."""
    match param:
        case Int(minimum=minimum, maximum=maximum) if maximum - minimum < MAX_TABLE:
            return Part(NUMBER, {str(value): value for value in range(minimum, maximum + 1)}.__getitem__)
        case Int(minimum=minimum, maximum=maximum):
            return Part(NUMBER, int, minimum, maximum)
        case Choice(hexadecimal=False, values=values) if all(type(value) is int for value in values):
            return Part(NUMBER, {str(value): value for value in values}.__getitem__)
        case Text(minimum=minimum, maximum=maximum, escapes=escapes):
            character = r'[^"\\]' if escapes else '[^"]'
            return Part(f'"({character}{{{minimum},{maximum}}})"', str)
    return None
