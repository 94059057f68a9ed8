"""How a module is watched: the trace, the host's mistakes, scenarios, labs and logs are told the same way."""

from collections.abc import Callable
from typing import Any

from modemlab.at.syntax import ParsedCommand
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.known_commands import UnknownName
from modemlab.module.effects import Effect, Reply
from modemlab.module.log_notes import Note


class Observer:
    """What watches a module. It changes nothing of what the module says or does; by default it takes no notice.

    It is told of what comes from outside before the module sees it, and of an effect before it is performed.
    `Module.now` is the time, in seconds, whenever it is told. Whoever subclasses it defines what it needs.
    """

    __slots__ = ()

    def on_attach(self, dialect: Dialect, shows_secrets: bool) -> None:
        """It watches a module of that dialect, which is off; secrets may be shown or not."""

    def on_power(self, on: bool) -> None:
        """The power is there from now on, or is gone."""

    def on_input(self, data: bytes, line: str) -> None:
        """The host says this, on a line of that name; "" when there is one alone."""

    def on_output(self, data: bytes, line: str) -> None:
        """The module says this, on a line of that name; see `on_input`."""

    def on_command(self, call: ParsedCommand) -> None:
        """The answer of one of the dialect's commands begins."""

    def on_unknown(self, text: str, unknown_name: UnknownName) -> None:
        """A command that the dialect lacks was typed like this, and what is known of it."""

    def on_refused(self, call: ParsedCommand) -> None:
        """One of the dialect's commands was refused."""

    def on_urc(self, line: bytes, urc: Urc | None, values: tuple[Any, ...]) -> None:
        """A URC is told, printed as soon as nothing is in its way; None: its line is no declared one's."""

    def on_event(self, event: object) -> None:
        """Something happened to a client or to the mobile; see `modemlab.dialect.mqtt_events` and `mobile`."""

    def on_effect(self, effect: Effect) -> None:
        """The module has this done."""

    def on_reply(self, reply: Reply) -> None:
        """What the module had done went like this, or bytes came of it."""

    def on_note(self, note: Note) -> None:
        """The module has something to say to the log."""

    def on_settled(self) -> None:
        """All that the module had to say and to have done has been seen to."""

    def deadline(self) -> float | None:
        """When the module is to be settled again, at the latest; None if nothing is due."""
        return None

    def advance(self, now: float) -> None:
        """Time has passed up to `now` for a module that is on."""


class NoteListener(Observer):
    """Tells a function each note, and nothing else."""

    __slots__ = ("_tell",)

    def __init__(self, tell: Callable[[Note], object]) -> None:
        self._tell = tell

    def on_note(self, note: Note) -> None:
        self._tell(note)
