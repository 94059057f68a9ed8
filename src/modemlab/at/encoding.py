"""Command lines as a host types them, made of the declaration that the module reads them by."""

from collections.abc import Sequence
from typing import Any

from modemlab.at.command import SUFFIXES, Command, Kind
from modemlab.at.errors import Misuse
from modemlab.at.parameters import Choice, Param, Rest, Text, to_bytes, to_text
from modemlab.at.shapes import shape
from modemlab.at.syntax import parse_line


def encode(command: Command, *values: Any, option: str = "", kind: Kind = Kind.WRITE) -> bytes:
    """`AT+NAME=v1,v2…`, without its CR. None leaves a value out; a repeated tail is a sequence of groups.

    Raises `Misuse` when the module would refuse the line or read other values: a wrong count or range, or text that
    cannot be typed.
    """
    body = command.name.encode() + SUFFIXES[kind].encode()
    if kind is Kind.WRITE:
        plan = command.plan(kind, option)
        if plan is None:
            raise Misuse(f"AT{command.name} has no such form")
        given = list(values)
        groups: Sequence[Any] = given.pop() if plan.repeat is not None else ()
        while given and given[-1] is None:
            given.pop()
        typed = [b"" if value is None else type_of(p, value) for p, value in zip(plan.params, given, strict=False)]
        if plan.repeat is not None:
            typed += [type_of(p, value) for group in groups for p, value in zip(plan.repeat.params, group, strict=True)]
        body += b",".join([b'"%b"' % option.encode(), *typed] if option else typed)
        check(command, body, tuple(values))
    return b"AT" + body


def type_of(param: Param, value: Any) -> bytes:
    """A value as a host types it."""
    if isinstance(param, Text | Rest):
        text = to_text(value) if isinstance(value, bytes) else str(value)
        escaped = "".join(f"\\{ord(c):02X}" if ord(c) in param.escapes else c for c in text)
        return to_bytes(escaped if isinstance(param, Rest) and escaped else f'"{escaped}"')
    if isinstance(param, Choice) and isinstance(value, str):
        return b'"%b"' % value.encode()
    return param.render(value)


def check(command: Command, body: bytes, values: tuple[Any, ...]) -> None:
    """Raise `Misuse` unless the module reads those values from the line."""
    if any(byte < 0x20 for byte in body):
        raise Misuse(f"AT{command.name}: a control character cannot be typed in a command line")
    calls = parse_line({command.name: command}, to_text(body))
    if len(calls) != 1 or calls[0].refused is not None:
        reason = calls[0].refused.reason if calls and calls[0].refused is not None else "it would end early"
        raise Misuse(f"AT{command.name}: {reason}")
    read = list(calls[0].values)
    while len(read) > len(values) and read[-1] is None:
        read.pop()
    if [plain(value) for value in read] != [plain(value) for value in values]:
        raise Misuse(f"AT{command.name}: the module would read other values than these")


def plain(value: Any) -> Any:
    """A value to compare: groups as tuples, flags as numbers."""
    if isinstance(value, list | tuple):
        return tuple(plain(each) for each in value)
    return int(value) if isinstance(value, bool) else value


def information(command: Command, lines: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """The values of the information lines of a command's read or execute form; lines of another shape are left out."""
    params = command.read or command.execute or ()
    made = shape(command.name, params, command.separator, max(0, len(params) - 2))
    return [values for line in lines if (values := made.values(line)) is not None]
