"""How a module reads the commands of a line, answers them, and what becomes of those that it refuses."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from modemlab.at.steps import LineTooLong, NoCommand, Refused
from modemlab.at.syntax import ParsedCommand
from modemlab.dialect.known_commands import unknown_name_reason
from modemlab.dialect.mqtt_events import CommandFailed
from modemlab.module.default_answers import declared_answer
from modemlab.module.interpreter import Steps
from modemlab.module.unknown_commands import count_unknown
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence

if TYPE_CHECKING:
    from modemlab.module.custom_commands import CustomCommand, CustomCommands
    from modemlab.module.module import Module

NOTHING_UNKNOWN: Mapping[str, int] = MappingProxyType({})


class CommandAnswers:
    """The commands of a module: its dialect's, and the `custom_commands` that the dialect lacks.

    `parse` reads a line's body. Commands that nobody knows are counted in `unknown`, as typed; a bounded number of
    them.
    """

    __slots__ = ("_custom_commands", "_module", "longest", "parse", "unknown", "words")

    def __init__(self, module: "Module", custom_commands: "Sequence[CustomCommand]") -> None:
        self._module = module
        self._custom_commands: CustomCommands | None = None
        self.longest, self.words = module.dialect.line_length, module.dialect.words
        self.parse = module.dialect.parser(module.strict)
        if custom_commands:
            from modemlab.module import custom_commands as custom  # noqa: PLC0415 (few modules have any)

            self._custom_commands = custom.CustomCommands(custom_commands)
            self.parse = self._custom_commands.parser(self.parse)
        self.unknown: Mapping[str, int] = NOTHING_UNKNOWN

    def reset(self) -> None:
        """Power on."""
        if self._custom_commands is not None:
            self._custom_commands.reset()

    def answer(self, call: ParsedCommand) -> Steps:
        """Start the answer of a call: the dialect's own, or what the declaration gives by itself."""
        module = self._module
        if call.command is None:
            assert self._custom_commands is not None
            return self._custom_commands.answer(call.values[0])
        for observer in module.observers:
            observer.on_command(call)
        assert call.form is not None
        answer = module.dialect.answers.get(call.form)
        return declared_answer(module, call) if answer is None else answer(module, *call.values)

    def refused(self, call: ParsedCommand, refused: Refused) -> None:
        """A command was refused: tell why, and count it if nobody knows it."""
        module = self._module
        text, command = "AT" + call.text, call.command
        if module.observers:
            numbered = refused.cme is not None and (command is None or command.cme)
            meaning = module.dialect.errors.get(refused.cme or 0) if numbered else None
            reason = self._report_unknown(text, refused) if isinstance(refused, NoCommand) else refused.reason
            if meaning:
                message = N_("{reason}; error {code}: {meaning}")
                reason = Sentence(message, reason=reason, code=refused.cme, meaning=Sentence(meaning))
            module.log(text, reason)
        if command is None:
            # Of a line that is too long only the beginning is there.
            if not isinstance(refused, LineTooLong):
                self.unknown = count_unknown(self.unknown, module.shown(text, refused.reason)[0])
            return
        module.emit(CommandFailed(command.name, refused.cme))
        for observer in module.observers:
            observer.on_refused(call)

    def _report_unknown(self, text: str, refused: NoCommand) -> Reason:
        """Why there is no such command."""
        module = self._module
        unknown_name = module.dialect.look_up(refused, module.strict)
        if unknown_name is None:
            return refused.reason
        for observer in module.observers:
            observer.on_unknown(text, unknown_name)
        return unknown_name_reason(unknown_name)
