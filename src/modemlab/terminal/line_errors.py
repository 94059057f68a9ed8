"""What is wrong with a command line, by the declarations, before it is sent."""

from typing import Any

from modemlab.at.command import FormKind
from modemlab.at.parameters import Int, Param, to_bytes
from modemlab.at.steps import Refused
from modemlab.at.syntax import EXTENDED_COMMAND, FORM_BY_SUFFIX, ParsedCommand, read_arguments
from modemlab.dialect.dialect import Dialect
from modemlab.terminal.cursor import PREFIX
from modemlab.text.reason import Reason


def faults(dialect: Dialect, text: str) -> list[Reason]:
    """Why a module would refuse this line: each value that is wrong, else the reason of the first command that is.

    Empty for a line that is right, and for a command that is not known.
    """
    if text[: len(PREFIX)].upper() != PREFIX:
        return []
    calls = dialect.parser(False)(to_bytes(text[len(PREFIX) :]))
    call = calls[-1] if calls else None
    if call is None or call.refused is None or call.command is None:
        return []
    return wrong_values(call) or [call.refused.reason]


def wrong_values(call: ParsedCommand) -> list[Reason]:
    """The reasons of all values that the command does not take, whether or not there are as many as it wants."""
    found = []
    for param, argument in typed(call):
        try:
            if argument is not None:
                param.parse(argument)
        except Refused as refused:
            found.append(call.command.where(refused.reason) if call.command is not None else refused.reason)
    return found


def typed(call: ParsedCommand) -> list[tuple[Param, str | None]]:
    """The parameters of a write form with what was typed for each, right or wrong; none of what cannot be read."""
    command, match = call.command, EXTENDED_COMMAND.match(call.text)
    if command is None or match is None or FORM_BY_SUFFIX[match[2]] is not FormKind.WRITE:
        return []
    try:
        arguments, _ = read_arguments(call.text, match.end())
        option = command.option(arguments.pop(0) or "").name if command.options else ""
    except (Refused, KeyError):
        return []
    plan = command.plan(FormKind.WRITE, option)
    return list(zip(plan.params if plan is not None else (), arguments, strict=False))


def announced(call: ParsedCommand) -> int | None:
    """How many bytes of data a command announces, also one that the declaration refuses; None: it does not say."""
    command, form = call.command, call.form
    values: list[tuple[Param, Any]] = typed(call) if form is None else []
    if command is not None and form is not None and form.kind is FormKind.WRITE:
        plan = command.plan(form.kind, form.option)
        values = list(zip(plan.params if plan is not None else (), call.values, strict=False))
    for param, value in values:
        if isinstance(param, Int) and param.counts:
            if value is None:
                return param.default
            return int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 11 else None
    return None
