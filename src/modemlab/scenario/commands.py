"""Names of commands in files: those that a module knows, with the nearest for one that it does not."""

from collections.abc import Collection, Mapping
from typing import Any

from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import nearest_command
from modemlab.text.number_format import shown
from modemlab.text.reason import Sentence
from modemlab.validation.fields import PlainText
from modemlab.validation.input_errors import MISMATCH, InputMistake

# What a reader's context calls the commands that the module knows, by their names as dialects have them.
COMMANDS = "commands"


class CommandName(PlainText):
    """A command's name, `AT` ahead of it or not: where a reader knows the module's commands, one of these."""

    __slots__ = ()

    def fits_among(self, value: object, context: Mapping[str, Any]) -> bool:
        """Whether it is one there."""
        commands = context.get(COMMANDS)
        return self.fits(value) and (commands is None or name_of(str(value)) in commands)

    def misfit_among(self, value: object, context: Mapping[str, Any]) -> InputMistake:
        """Why it is none there."""
        commands = context.get(COMMANDS)
        if commands is None or not self.fits(value):
            return self.misfit("", value)
        return unknown_command(str(value), commands)


COMMAND = CommandName(N_('a command\'s name, such as "AT+QMTOPEN"'))


def name_of(command: str) -> str:
    """A command's name as dialects have it, `AT` ahead of it or not."""
    return command.upper().removeprefix("AT")


def unknown_command(command: str, commands: Collection[str]) -> InputMistake:
    """That a module does not know a command: what was given, and the nearest that there is."""
    near = nearest_command(name_of(command), commands)
    nearest = f"AT{near}" if near else ""
    return InputMistake(MISMATCH, "", shown(command), Sentence(N_("one that the module knows")), nearest)
