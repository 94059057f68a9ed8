"""Answers that a command's declaration gives by itself."""

from collections.abc import Generator

from modemlab.at.command import Command, FormKind
from modemlab.at.reasons import NO_FORM
from modemlab.at.steps import OK, Info, Refused, Step
from modemlab.at.syntax import ParsedCommand
from modemlab.dialect.device import Device


def declared_answer(module: Device, call: ParsedCommand) -> Generator[Step, bytes, None]:
    """Start the answer that a command's declaration gives by itself."""
    assert call.command is not None
    assert call.form is not None
    if call.form.kind is FormKind.TEST:
        return list_parameters(call.command)
    if call.command.kept is not None:
        return read_or_set(module, call)
    raise LookupError(f"{call.form} has no answer")


def list_parameters(command: Command) -> Generator[Step, bytes, None]:
    """The answer of a test form: the declared ranges."""
    for line in command.test_lines():
        yield Info(line)
    yield OK


def read_or_set(module: Device, call: ParsedCommand) -> Generator[Step, bytes, None]:
    """The answer of a setting: its write form stores, its read form shows."""
    command = call.command
    assert command is not None
    assert call.form is not None
    if call.form.kind is FormKind.READ:
        values = module.get(command)
        yield Info(b"%03d" % values[0] if command.basic else command.info(*values))
    elif call.form.kind is FormKind.WRITE:
        module.set(command, call.values)
    else:
        raise Refused(command.where(NO_FORM[call.form.kind.name]))
    yield OK
