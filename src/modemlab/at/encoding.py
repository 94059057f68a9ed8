"""Command lines as a host types them, made of the declaration that the module reads them by."""

import re
from collections.abc import Sequence
from typing import Any

from modemlab.at.command import SUFFIXES, ArgumentPlan, Command, FormKind
from modemlab.at.errors import UsageError
from modemlab.at.line_patterns import LinePattern, shape
from modemlab.at.line_readers import LineReader, reader_of
from modemlab.at.parameters import Choice, Int, Param, Quoted, Rest, Text, to_bytes, to_text
from modemlab.at.steps import Refused
from modemlab.at.syntax import parse_line
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

# Text that no rule of the syntax is about.
PLAIN = re.compile(r"[ !#-~]*")
CONTROL = re.compile(r"[\x00-\x1f]")


def encode(command: Command, *values: Any, option: str = "", kind: FormKind = FormKind.WRITE) -> bytes:
    """`AT+NAME=v1,v2…`, without its CR. None leaves a value out; a repeated tail is a sequence of groups.

    Raises `UsageError` when the module would refuse the line or read other values: a wrong count or range, or text that
    cannot be typed.
    """
    if kind is FormKind.WRITE and not option:
        reader = command.derived["reader"] if "reader" in command.derived else made_once(command)
        if reader is not None and (arguments := reader.typed(values)):
            return f"AT{command.name}={arguments}".encode("ascii")
    body = command.name + SUFFIXES[kind]
    if kind is FormKind.WRITE:
        plan = command.plan(kind, option)
        if plan is None:
            raise UsageError(Sentence(N_("AT{name} has no such form"), name=command.name))
        given = list(values)
        groups: Sequence[Any] = given.pop() if plan.repeat is not None else ()
        while given and given[-1] is None:
            given.pop()
        typed = [plainly(param, value) for param, value in zip(plan.params, given, strict=False)]
        if len(values) == len(typed) == len(plan.params) and "" not in typed:
            return b"AT" + to_bytes(body + ",".join([f'"{option}"', *typed] if option else typed))
        typed = ["" if value is None else type_of(p, value) for p, value in zip(plan.params, given, strict=False)]
        if plan.repeat is not None:
            typed += [type_of(p, value) for group in groups for p, value in zip(plan.repeat.params, group, strict=True)]
        body += ",".join([f'"{option}"', *typed] if option else typed)
        check(command, plan, typed, body, values)
    return b"AT" + to_bytes(body)


def made_once(command: Command) -> LineReader | None:
    """The reader of a command, kept with it."""
    reader = command.derived["reader"] = reader_of(command)
    return reader


def plainly(param: Param, value: Any) -> str:
    """A number or a text as a host types it; empty where it takes a closer look whether the module reads it so."""
    if type(value) is int:
        if isinstance(param, Int) and value >= 0 and param.minimum <= value <= param.maximum:
            return str(value)
        if isinstance(param, Choice) and not param.hexadecimal and value in param.values:
            return str(value)
    elif type(value) is str and isinstance(param, Text) and not param.escapes and PLAIN.fullmatch(value) is not None:
        return f'"{value}"' if param.minimum <= len(value) <= param.maximum else ""
    return ""


def type_of(param: Param, value: Any) -> str:
    """A value as a host types it."""
    if isinstance(param, (Text, Rest)):
        text = to_text(value) if isinstance(value, bytes) else str(value)
        if param.escapes:
            text = "".join(f"\\{ord(c):02X}" if ord(c) in param.escapes else c for c in text)
        return text if isinstance(param, Rest) and text else f'"{text}"'
    if isinstance(param, Choice) and isinstance(value, str):
        return f'"{value}"'
    return to_text(param.render(value))


def check(command: Command, plan: ArgumentPlan, typed: Sequence[str], body: str, values: tuple[Any, ...]) -> None:
    """Raise `UsageError` unless the module reads those values from the line, whose arguments are `typed`."""
    if CONTROL.search(body) is not None:
        raise UsageError(
            Sentence(N_("AT{name}: a control character cannot be typed in a command line"), name=command.name)
        )
    try:
        # Where no quote stands inside of one, nothing but their commas divides the arguments.
        divided = plan.rest is None and not [each for each in typed if '"' in each[1:-1]]
        read = list(plan.read([argument_of(each) for each in typed]) if divided else read_line(command, body))
    except Refused as refused:
        raise UsageError(Sentence(N_("AT{name}: {reason}"), name=command.name, reason=refused.reason)) from None
    while len(read) > len(values) and read[-1] is None:
        read.pop()
    if read != list(values) and [plain(value) for value in read] != [plain(value) for value in values]:
        raise UsageError(Sentence(N_("AT{name}: the module would read other values than these"), name=command.name))


def argument_of(typed: str) -> str | None:
    """An argument without quotes inside, as a module finds it in a line."""
    return Quoted(typed[1:-1]) if typed[:1] == '"' else typed or None


def read_line(command: Command, body: str) -> tuple[Any, ...]:
    """The values that a module finds in a whole line. Raises `Refused`."""
    calls = parse_line({command.name: command}, body)
    if len(calls) != 1:
        raise Refused(Sentence(N_("it would end early")))
    if calls[0].refused is not None:
        raise calls[0].refused
    return calls[0].values


def plain(value: Any) -> Any:
    """A value to compare: groups as tuples, flags as numbers."""
    if isinstance(value, list | tuple):
        return tuple(plain(each) for each in value)
    return int(value) if isinstance(value, bool) else value


def information_shape(command: Command, params: Sequence[Param]) -> LinePattern:
    """The shape of a command's information line with these values, of which all but the first two may be missing.

    With one value alone a registration's line is the URC of it (3GPP TS 27.007, 7.2).
    """
    return shape(command.name, params, command.separator, max(0, len(params) - 2))


def information(command: Command, lines: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """The values of the information lines of a command's read or execute form; lines of another shape are left out."""
    made = information_shape(command, command.read or command.execute or ())
    return [values for line in lines if (values := made.values(line)) is not None]
