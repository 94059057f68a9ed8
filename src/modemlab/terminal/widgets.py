"""The parts of the screen that are the terminal's own."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Resize
from textual.widgets import Input, OptionList, RichLog


class CommandLine(Input):
    """The input, with the keys that are the terminal's own.

    These are no bindings: those are looked up once a key has travelled up to the app, while the next ones go on down
    here, so that of a line that is typed or pasted fast the end would come late.
    """

    def __init__(self, keys: Mapping[str, Callable[[], object]], **options: Any) -> None:
        """An input with these actions of keys."""
        super().__init__(**options)
        self._keys = keys

    async def _on_key(self, event: Key) -> None:
        """A key was pressed."""
        action = self._keys.get(event.key)
        if action is None:
            await super()._on_key(event)
        else:
            event.stop()
            event.prevent_default()
            action()


class Log(RichLog):
    """The log, which is laid out anew when its width changes."""

    def __init__(self, lay_out: Callable[[], object], **options: Any) -> None:
        """A log that has `lay_out` called."""
        super().__init__(**options)
        self._lay_out, self._width = lay_out, 0

    def on_resize(self, event: Resize) -> None:
        """The window changed, or the list of macros came into sight."""
        if event.size.width != self._width:
            self._width = event.size.width
            self._lay_out()


class MacroPanel(OptionList):
    """The list of macros."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.macros")]
