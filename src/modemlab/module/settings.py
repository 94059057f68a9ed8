"""The values that a host has set, over the defaults that the declarations give."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from modemlab.at.command import Command, Form, Persistence

AT_ONCE = (Persistence.ALWAYS, Persistence.ALWAYS_FACTORY)


class SettingValues(dict[tuple[Form, int], tuple[Any, ...]]):
    """SettingValues that modules share, as most are set to the same: never changed, and told apart by identity."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__
    __ne__ = object.__ne__


NOTHING = SettingValues()


# Typed, for 1 and True are equal.
@lru_cache(maxsize=256, typed=True)
def with_values(before: SettingValues, form: Form, client: int, *values: Any) -> SettingValues:
    """`before` with one setting made these values; the same for all that come to them on the same way."""
    return SettingValues(before | {(form, client): values})


def copied(
    source: SettingValues, target: SettingValues, commands: Iterable[Command], kinds: tuple[Persistence, ...]
) -> SettingValues:
    """`target` with its settings of these kinds made those of `source`; what is in neither has its default."""
    forms = {command.on_write for command in commands if command.kept in kinds}
    kept = {key: values for key, values in target.items() if key[0] not in forms}
    return SettingValues(kept | {key: values for key, values in source.items() if key[0] in forms}) or NOTHING


class Settings:
    """SettingValues by form and client, kept only where they differ from the default.

    `values` are those in force, which `get` reads. AT&W, ATZ and AT&F work on commands whose `kept` is in the profile
    (AT commands manual, tables 7 to 9).
    """

    __slots__ = ("_stored", "values")

    def __init__(self) -> None:
        self.values = NOTHING
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
        self.values = with_values(self.values, form, client, *values)
        if (command.option(option).kept if option else command.kept) in AT_ONCE:
            self._stored = with_values(self._stored, form, client, *values)

    def save(self, command: Command, option: str = "", client: int = 0) -> None:
        """Let one setting survive power-off, whatever its declaration says."""
        form = command.settings[option].form
        self._stored = with_values(self._stored, form, client, *self.get(command, option, client))

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
        self.values = self._stored
