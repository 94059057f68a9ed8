"""The parts of the screen that are the terminal's own."""

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Paste, Resize
from textual.widgets import Input, OptionList, RichLog

from modemlab.terminal.paste_script import MAX_CHARACTERS, TOO_LONG
from modemlab.text.catalogue import N_

# Seconds between two keys of somebody who types fast.
FAST_TYPING_S = 0.02
# Seconds in which more keys make a paste of an Enter behind keys that came faster; and of silence that end a paste.
PASTE_GAP_S, PASTE_SILENCE_S = 0.05, 0.1
# Keys that are something else in the midst of a paste.
PASTED = {"enter": "\r", "ctrl+j": "\n", "tab": "\t", "ctrl+z": "\x1a", "escape": "\x1b"}


class CommandLine(Input):
    """The input, with the keys that are the terminal's own.

    These are no bindings: those are looked up once a key has travelled up to the app, while the next ones go on down
    here, so that of a line that is typed or pasted fast the end would come late.
    """

    def __init__(
        self,
        keys: Mapping[str, Callable[[], object]],
        tell: Callable[..., object],
        paste: Callable[[list[str]], str | None],
        **options: Any,
    ) -> None:
        """An input with these actions of keys, that has something told by its key in `texts` and its values.

        `paste` is handed lines that were pasted, and gives what is to be put in.
        """
        super().__init__(**options)
        self._keys, self._tell, self._paste = {**self._editing(), **keys}, tell, paste
        self._typed, self._latest = "", 0.0
        # When the key before this one came, and an Enter that may be the end of a pasted line; what follows it, and
        # when of that the latest was heard.
        self._before = self._held = -1.0
        self._more: list[str] = []
        self._heard = 0.0

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
        """A key was pressed. Characters that come faster than anybody types are put in together.

        Where the window does not mark what is pasted, it is told by that: an Enter amid such characters ends no line.
        """
        fast, self._before = event.time - self._before < FAST_TYPING_S, event.time
        if self._held >= 0.0 and self._gather(event):
            event.stop()
            event.prevent_default()
            return
        action = self._keys.get(event.key)
        character = event.character if action is None and event.is_printable else None
        if character is None:
            self._put_in()
        else:
            self._typed += character
            now = time.monotonic()
            if now - self._latest >= FAST_TYPING_S:
                self._put_in()
                self._latest = now
            elif len(self._typed) == 1:
                self.set_timer(FAST_TYPING_S, self._put_in)
        if character is None and action is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter" and fast and self.value:
            self._held = event.time
            self.set_timer(PASTE_GAP_S, self._release)
        elif action is not None:
            action()

    def _gather(self, event: Key) -> bool:
        """Keep a key that may be of a paste, behind an Enter that may be too; whether it is one that can be."""
        character = PASTED.get(event.key) or (event.character if event.is_printable else None)
        if character is None or (not self._more and event.time - self._held >= PASTE_GAP_S):
            self.release()
            return False
        self._heard = time.monotonic()
        if len(self._more) < MAX_CHARACTERS:
            self._more.append(character)
        return True

    def _release(self) -> None:
        """Time has passed: the Enter was one, or the paste is over; it is not while more of it comes."""
        if self._more and time.monotonic() - self._heard < PASTE_SILENCE_S:
            self.set_timer(PASTE_SILENCE_S, self._release)
        else:
            self.release()

    def release(self) -> None:
        """Take an Enter that is held for one, with what came behind it for a paste."""
        if self._held < 0.0:
            return
        self._held = -1.0
        more, self._more = "".join(self._more), []
        lines = [self.value, *more.removeprefix("\n").splitlines()]
        if any(line.strip() for line in lines[1:]):
            self._put(self._paste(lines))
        else:
            self._keys["enter"]()

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
        """A text was pasted: one line is put in, unless it is too long; of more it is asked what shall become."""
        event.stop()
        event.prevent_default()
        self._put_in()
        lines = event.text.splitlines()
        if len(lines) > 1:
            self._put(self._paste([self.value + lines[0], *lines[1:]]))
        elif lines and len(self.value) + len(lines[0]) > (self.max_length or 0):
            self._tell(TOO_LONG, count=len(lines[0]), maximum=self.max_length)
        elif lines:
            self.replace(lines[0], *self.selection)

    def _put(self, line: str | None) -> None:
        """Have this in place of what stands here; None leaves it."""
        if line is None:
            return
        if len(line) > (self.max_length or 0):
            self._tell(TOO_LONG, count=len(line), maximum=self.max_length)
            return
        self.value = line
        self.cursor_position = len(line)

    def restricted(self) -> None:
        """A key was pressed for which there is no room."""
        self._tell(N_("a line has {maximum} characters at most"), maximum=self.max_length)


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
