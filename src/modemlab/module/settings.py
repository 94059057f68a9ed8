"""The values that a host has set, over the defaults that the declarations give."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from modemlab.at.command import Command, Form, Persistence

AT_ONCE = (Persistence.ALWAYS, Persistence.ALWAYS_FACTORY)
Values = dict[tuple[Form, int], tuple[Any, ...]]
Stored = Mapping[tuple[Form, int], tuple[Any, ...]]
# Most modules never store anything, and share this.
NOTHING: Stored = MappingProxyType({})


def copied(source: Stored, target: Stored, commands: Iterable[Command], kinds: tuple[Persistence, ...]) -> Values:
    """`target` with its settings of these kinds made those of `source`; what is in neither has its default."""
    forms = {command.on_write for command in commands if command.kept in kinds}
    kept = {key: values for key, values in target.items() if key[0] not in forms}
    return kept | {key: values for key, values in source.items() if key[0] in forms}


class Settings:
    """Values by form and client, kept only where they differ from the default.

    `values` are those in force, which `get` reads. AT&W, ATZ and AT&F work on commands whose `kept` is in the profile
    (AT commands manual, tables 7 to 9).
    """

    __slots__ = ("_stored", "values")

    def __init__(self) -> None:
        self.values: Values = {}
        self._stored = NOTHING

    def get(self, command: Command, option: str = "", client: int = 0) -> tuple[Any, ...]:
        """The values in force of a command, or of one of its options for a client."""
        form, defaults = command.settings[option]
        return self.values.get((form, client), defaults)

    def put(self, command: Command, values: tuple[Any, ...], option: str = "", client: int = 0) -> None:
        """Set values; each None keeps what it was."""
        before = self.get(command, option, client)
        values = tuple(old if new is None else new for old, new in zip(before, values, strict=True))
        form = command.settings[option].form
        self.values[form, client] = values
        if (command.option(option).kept if option else command.kept) in AT_ONCE:
            self._stored = {**self._stored, (form, client): values}

    def save(self, command: Command, option: str = "", client: int = 0) -> None:
        """Let one setting survive power-off, whatever its declaration says."""
        form = command.settings[option].form
        self._stored = {**self._stored, (form, client): self.get(command, option, client)}

    def store(self, commands: Iterable[Command]) -> None:
        """AT&W: what is in the profile survives power-off."""
        self._stored = copied(self.values, self._stored, commands, (Persistence.PROFILE, Persistence.STORED))

    def restore(self, commands: Iterable[Command]) -> None:
        """ATZ: the profile's settings go back to what was stored."""
        self.values = copied(self._stored, self.values, commands, (Persistence.PROFILE,))

    def factory(self, commands: Iterable[Command]) -> None:
        """AT&F: settings go back to their defaults; the profile that is stored stays so."""
        self.values = copied(
            NOTHING, self.values, commands, (Persistence.PROFILE, Persistence.FACTORY, Persistence.ALWAYS_FACTORY)
        )
        self._stored = copied(NOTHING, self._stored, commands, (Persistence.ALWAYS_FACTORY,))

    def power_cycle(self) -> None:
        """Forget all that is not stored."""
        self.values = dict(self._stored)
