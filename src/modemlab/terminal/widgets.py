"""The parts of the screen that are the terminal's own."""

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Paste, Resize
from textual.widgets import Input, OptionList, RichLog

# Seconds between two keys of somebody who types fast.
FAST = 0.02


class CommandLine(Input):
    """The input, with the keys that are the terminal's own.

    These are no bindings: those are looked up once a key has travelled up to the app, while the next ones go on down
    here, so that of a line that is typed or pasted fast the end would come late.
    """

    def __init__(self, keys: Mapping[str, Callable[[], object]], tell: Callable[..., object], **options: Any) -> None:
        """An input with these actions of keys, that has something told by its key in `texts` and its values."""
        super().__init__(**options)
        self._keys, self._tell = {**self._editing(), **keys}, tell
        self._typed, self._latest = "", 0.0

    def _editing(self) -> dict[str, Callable[[], object]]:
        """The keys that edit a line."""
        return {
            "left": self.action_cursor_left,
            "right": self.action_cursor_right,
            "home": self.action_home,
            "ctrl+a": self.action_home,
            "end": self.action_end,
            "ctrl+e": self.action_end,
            "backspace": self.action_delete_left,
            "delete": self.action_delete_right,
            "ctrl+d": self.action_delete_right,
            "ctrl+w": self.action_delete_left_word,
            "ctrl+u": self.action_delete_left_all,
            "ctrl+k": self.action_delete_right_all,
        }

    async def _on_key(self, event: Key) -> None:
        """A key was pressed. Characters that come faster than anybody types are put in together."""
        action = self._keys.get(event.key)
        character = event.character if action is None and event.is_printable else None
        if character is None:
            self._put_in()
        else:
            self._typed += character
            now = time.monotonic()
            if now - self._latest >= FAST:
                self._put_in()
                self._latest = now
            elif len(self._typed) == 1:
                self.set_timer(FAST, self._put_in)
        if character is None and action is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        if action is not None:
            action()

    def _put_in(self) -> None:
        """Put in what was typed, as far as there is room."""
        text, self._typed = self._typed, ""
        if text:
            start, end = sorted(self.selection)
            room = (self.max_length or 0) - len(self.value) + end - start
            if room < len(text):
                self.restricted()
            if room > 0:
                self.replace(text[:room], start, end)

    def _on_paste(self, event: Paste) -> None:
        """A text was pasted: its first line is taken, unless it is too long."""
        event.stop()
        event.prevent_default()
        self._put_in()
        lines = [line for line in event.text.splitlines() if line]
        if len(lines) > 1:
            self._tell("pasted_lines", count=len(lines))
        for line in lines[:1]:
            if len(self.value) + len(line) > (self.max_length or 0):
                self._tell("pasted_long", count=len(line), most=self.max_length)
            else:
                self.replace(line, *self.selection)

    def restricted(self) -> None:
        """A key was pressed for which there is no room."""
        self._tell("input_full", most=self.max_length)


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
