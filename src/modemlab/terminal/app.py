"""The terminal on a screen, with Textual."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.driver import Driver
from textual.events import Resize
from textual.widgets import Input, OptionList, RichLog, Static
from textual.widgets.option_list import Option

from modemlab.dialect.dialect import Dialect
from modemlab.terminal import colon_commands, paste_dialog
from modemlab.terminal.candidate_list import CandidateList
from modemlab.terminal.colours import coloured
from modemlab.terminal.completion import Candidate, complete
from modemlab.terminal.conversation import CTRL_Z, ESC, LogEntry, LogEntryKind, Mode
from modemlab.terminal.explanation import explain
from modemlab.terminal.history import History
from modemlab.terminal.key_throttle import patient
from modemlab.terminal.narration import Narration
from modemlab.terminal.payloads import PayloadForm, printable
from modemlab.terminal.session import TerminalSession
from modemlab.terminal.session_port import SessionPort
from modemlab.terminal.signals import lasting
from modemlab.terminal.widgets import CommandLine, Log, MacroPanel
from modemlab.text.catalogue import N_
from modemlab.text.language import Language

# Entries that can be shown anew, and that are shown at once; lines of the log.
MAX_ENTRIES, MAX_ENTRIES_AT_ONCE, MAX_LOG_LINES = 2000, 300, 10_000
# Columns below which the macros lie over the log.
NARROW_COLUMNS = 100
# Characters of the input.
MAX_INPUT_CHARACTERS = 1 << 14
FORMS = tuple(PayloadForm)


class Screen(App[None]):
    """The screen of a session: the log, the macros, the input, candidates, and the line that explains."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #status { height: 1; background: $primary; color: $text; text-wrap: nowrap; text-overflow: ellipsis; }
    #log { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; background: $background; }
    #macros { width: 40%; height: 1fr; display: none; border: none; border-left: solid $primary; padding: 0; }
    #macros.shown { display: block; }
    #middle { layers: base over; }
    .narrow #macros { layer: over; dock: right; width: 90%; max-width: 60; background: $surface; }
    #candidates { height: auto; max-height: 6; display: none; background: $surface; }
    #line { height: 1; }
    #mode { width: auto; max-width: 50%; color: $accent; text-wrap: nowrap; }
    #input { width: 1fr; height: 1; border: none; padding: 0; }
    #input:focus { border: none; }
    #explanation { height: 2; background: $surface; text-overflow: ellipsis; text-wrap: nowrap; }
    #keys { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    .small #explanation, .small #keys, .small #candidates { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", priority=True),
        Binding("f2", "macros", priority=True),
        Binding("f3", "form", priority=True),
        Binding("f4", "script", priority=True),
        Binding("f5", "reopen", priority=True),
        Binding("ctrl+s", "save", priority=True),
        Binding("ctrl+q", "quit", priority=True),
    ]

    def __init__(self, port: str, dialect: Dialect | None, language: Language, baud: int, masked: bool) -> None:
        """A screen that is not shown yet, of a port that is not open."""
        super().__init__()
        self.language = language
        self.session = TerminalSession(port, dialect, language, self._show, self._act, masked)
        self.latest = ""
        self._opening = SessionPort(self.session, baud, self._changed)
        self._timer: asyncio.TimerHandle | None = None
        self._kept: deque[tuple[str, LogEntry]] = deque(maxlen=MAX_ENTRIES)
        self._fresh: list[tuple[str, LogEntry]] = []
        self._scheduled = self._mounted = self._listing = False
        self._history = History()
        # Whether the log shows the latest entries; not while somebody reads earlier ones.
        self._following = True

    def get_driver_class(self) -> type[Driver]:
        """What reads the keys, no faster than they are handled."""
        return lasting(patient(super().get_driver_class()))

    # the port

    async def open(self) -> None:
        """Open the port. Raises OSError or ValueError with one line."""
        await self._opening.open()

    def close(self) -> None:
        """Give the port up."""
        if self._timer is not None:
            self._timer.cancel()
        self._opening.close()
        self.session.close()

    def _changed(self) -> None:
        """Something has happened: be called again in time, and show it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.session.deadline()
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - self.session.now()), self._tick)
        if self._mounted and not self._scheduled:
            self._scheduled = self.call_later(self._update)

    def _tick(self) -> None:
        """Time has passed."""
        self._timer = None
        self.session.tick()
        self._changed()

    # what is shown

    def compose(self) -> ComposeResult:
        """The parts of the screen, from the top down."""
        yield Static(id="status")
        with Horizontal(id="middle"):
            yield Log(self._show_anew, id="log", max_lines=MAX_LOG_LINES, wrap=True, min_width=1)
            yield MacroPanel(id="macros", markup=False)
        yield CandidateList(self.language, self._complete, id="candidates")
        with Horizontal(id="line"):
            yield Static(id="mode")
            yield CommandLine(
                self._keys(),
                self._tell,
                self._pasted,
                id="input",
                max_length=MAX_INPUT_CHARACTERS,
                placeholder=self.language("AT command, or :help"),
            )
        yield Static(id="explanation")
        yield Static(self.language(colon_commands.KEYS), id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin to show."""
        self._mounted = True
        self.query_one("#log", RichLog).can_focus = False
        self.query_one("#macros", OptionList).border_title = self.language("Macros")
        self.screen.set_focus(self._input)
        self.watch(self._input, "selection", self._moved, init=False)
        self._list_macros()
        self._changed()

    def on_resize(self, event: Resize) -> None:
        """A window with little room shows the log and the input alone.

        All is painted anew: one that has its size again at once has lost what it cut off, and nothing is laid out.
        """
        self.set_class(event.size.height < 12 or event.size.width < 30, "small")
        self.set_class(event.size.width < NARROW_COLUMNS, "narrow")
        self._show_macros()
        self.refresh()

    def _show(self, entry: LogEntry) -> None:
        """An entry came."""
        self._fresh.append((f"{datetime.now():%H:%M:%S.%f}"[:-3], entry))
        self.latest = entry.said.words
        if len(self._fresh) > 2 * MAX_ENTRIES:
            del self._fresh[:MAX_ENTRIES]

    def _act(self, what: str) -> None:
        """The session asks for something."""
        if what == "quit":
            self.exit()
        elif what == "open":
            self.call_later(self.action_reopen)
        elif what == "form":
            self.call_later(self._show_anew)
        elif what == "macros":
            self._listing = True

    def _update(self) -> None:
        """Show what has happened since the last time."""
        self._scheduled = False
        if self._listing:
            self._listing = False
            self._list_macros()
        fresh, self._fresh = self._fresh, []
        self._kept.extend(fresh)
        if len(fresh) > MAX_ENTRIES_AT_ONCE:
            words = self.language(
                "{count} lines came too fast to be shown; the saved session has them",
                count=len(fresh) - MAX_ENTRIES_AT_ONCE,
            )
            fresh = [(fresh[0][0], LogEntry(LogEntryKind.NOTE, b"", Narration(words))), *fresh[-MAX_ENTRIES_AT_ONCE:]]
        self._log_entries(fresh)
        self._show_status()
        self._show_mode()

    def _log_entries(self, entries: Iterable[tuple[str, LogEntry]]) -> None:
        """Write entries to the log."""
        log = self.query_one("#log", RichLog)
        for stamp, entry in entries:
            log.write(coloured(stamp, entry, self.language, self.session.form), scroll_end=self._following)

    def _show_anew(self) -> None:
        """Lay the latest entries out again: the width has changed, or the form of messages."""
        self.query_one("#log", RichLog).clear()
        self._log_entries(list(self._kept)[-MAX_ENTRIES_AT_ONCE:])

    def _show_status(self) -> None:
        """The port, whether it is open, and what the module is."""
        session = self.session
        state = self.language(N_("closed") if session.write is None else N_("open"))
        model = session.model.name if session.model is not None else self.language.word(session.talk.dialect.title)
        self.query_one("#status", Static).update(Text(f" {session.port}  {state}  {model}"))

    def _show_mode(self) -> None:
        """What a line that is typed will be."""
        talk, language = self.session.talk, self.language
        self._input.placeholder = "" if self.session.asked else language("AT command, or :help")
        if self.session.asked:
            text = language("send them?")
        elif talk.mode is Mode.DATA and talk.left is not None:
            count = len(self._input.value.encode("utf-8", "surrogateescape"))
            text = language("data: {count} of {left} bytes", count=count, left=talk.left)
        else:
            text = language(talk.mode.value)
        self.query_one("#mode", Static).update(Text(f"{text}> "))

    def _list_macros(self) -> None:
        """Fill the list of macros; one that is shown for the first time comes into sight."""
        panel = self.query_one("#macros", OptionList)
        at = panel.highlighted or 0
        panel.clear_options()
        for number, macro in enumerate(self.session.listed.macros, 1):
            panel.add_option(
                Option(Text(f"{number:3} {'x' if macro.ticked else ' '} {printable(macro.title or macro.shown)}"))
            )
        count = len(self.session.listed.macros)
        panel.highlighted = min(at, count - 1) if count else None
        self._show_macros()
        if count and self.has_class("narrow") and not panel.has_focus:
            self.session.talk.note("F2 shows or hides the macros")

    def _show_macros(self) -> None:
        """Show the list of macros if there is one; in a narrow window, where it lies over the log, while it is used."""
        panel = self.query_one("#macros", OptionList)
        shown = bool(self.session.listed.macros) and (panel.has_focus or not self.has_class("narrow"))
        panel.set_class(shown, "shown")

    def on_descendant_focus(self) -> None:
        """Another part has the keys."""
        self._show_macros()

    # the input

    @property
    def _input(self) -> CommandLine:
        return self.query_one("#input", CommandLine)

    def on_input_changed(self, _event: Input.Changed) -> None:
        """The line has changed."""
        self._look()
        self._show_mode()

    def _moved(self) -> None:
        """The cursor is elsewhere, or will be once the line has changed too."""
        self.call_later(self._look)

    def _look(self) -> None:
        """The line has changed, or the place of the cursor: explain it, and show what it may become."""
        self.query_one("#candidates", CandidateList).offer(self._input.value, self._input.cursor_position)
        self._explain()

    def _tell(self, message: str, **values: object) -> None:
        """Say something, but not again and again."""
        if self.latest != self.language(message, **values):
            self.session.talk.note(message, **values)
            self._changed()

    def _keys(self) -> dict[str, Callable[[], object]]:
        """The input's own keys."""
        return {
            "enter": self._enter,
            "tab": self._tab,
            "up": partial(self._earlier, -1),
            "down": partial(self._earlier, 1),
            "escape": self._escape,
            "ctrl+z": self._end_data,
            "pageup": partial(self._scroll_log, -1),
            "pagedown": partial(self._scroll_log, 1),
        }

    def _enter(self) -> None:
        """The line is ended; one that is not taken stays, to be mended."""
        text = self._input.value
        remembered = self.session.talk.mode is Mode.COMMAND and not self.session.asked and text.strip()
        if self.session.entered(text):
            if remembered:
                self._history.add(text)
            self._history.leave()
            self._following = True
            self._input.value = ""
        self._changed()

    def _pasted(self, lines: list[str]) -> str | None:
        """Lines were pasted; what the input shall have."""
        put = paste_dialog.paste(self.session, lines)
        self._following = True
        self._changed()
        return put

    def _complete(self, text: str, cursor: int) -> list[Candidate]:
        """What the line may become, up to the cursor."""
        if self.session.talk.mode is not Mode.COMMAND or self.session.asked:
            return []
        if text.startswith(":"):
            return colon_commands.complete_local(text, self.language)
        return complete(self.session.talk.dialect, text, cursor)

    def _explain(self) -> None:
        """What is being typed."""
        told = None
        if self.session.talk.mode is Mode.COMMAND and not self._input.value.startswith(":"):
            told = explain(self.session.talk.dialect, self._input.value, self._input.cursor_position, self.language)
        text = Text(no_wrap=True)
        if told is not None:
            begin, end = told.mark
            text.append(told.typed[:begin])
            text.append(told.typed[begin:end], "bold reverse")
            text.append(f"{told.typed[end:]}  ")
            text.append(told.about, "italic")
            text.append(f"\n{told.detail}", "bold")
        self.query_one("#explanation", Static).update(text)

    def _put(self, text: str, behind: str = "") -> None:
        """Put a text into the input, the cursor ahead of what stands `behind` it."""
        self._input.value = text + behind
        self._input.cursor_position = len(text)

    # the keys

    async def run_action(self, action: Any, *given: Any, **named: Any) -> bool:
        """Do what a key is for, behind an Enter that came ahead of it."""
        if self._mounted:
            self._input.release()
        return await super().run_action(action, *given, **named)

    def _tab(self) -> None:
        """Complete."""
        value, cursor = self._input.value, self._input.cursor_position
        completed = self.query_one("#candidates", CandidateList).next(value, cursor)
        if completed is not None:
            self._put(completed, value[cursor:])

    def _earlier(self, step: int) -> None:
        """Go to an earlier command, or back to later ones and to what was being typed."""
        command = self._history.go(step, self._input.value)
        if command is not None:
            self._put(command)

    def _escape(self) -> None:
        """Cancel data or a message, or clear the input; where there is nothing of either, nothing."""
        session, text = self.session, self._input.value
        if not text or session.talk.mode is not Mode.COMMAND or session.asked:
            self._control(ESC, text)
        self._put("")

    def _end_data(self) -> None:
        """Ctrl-Z."""
        if self._control(CTRL_Z, self._input.value):
            self._put("")

    def _control(self, byte: bytes, text: str) -> bool:
        """A key that ends data; whether the text is done with. With nothing to end that is said once."""
        session = self.session
        idle = session.talk.mode is Mode.COMMAND and not session.asked
        done = True
        if not idle or self.latest != session.talk.nothing_to_end(byte):
            done = session.control(byte, text)
        self._changed()
        return done

    def _scroll_log(self, pages: int) -> None:
        """Scroll the log."""
        log = self.query_one("#log", RichLog)
        log.scroll_to(y=log.scroll_offset.y + pages * max(1, log.size.height - 1), animate=False, immediate=True)
        self._following = log.scroll_offset.y >= log.max_scroll_y

    def action_help(self) -> None:
        """List the terminal's own commands and keys."""
        colon_commands.show_help(self.session, "")
        for text in (colon_commands.KEYS, *colon_commands.MORE_KEYS):
            self.session.talk.note(text)
        self._changed()

    def action_help_quit(self) -> None:
        """Ctrl-C: say which key ends it."""
        self.session.talk.note(colon_commands.KEYS)
        self._changed()

    def action_macros(self) -> None:
        """Go to the macros, or back to the input."""
        panel = self.query_one("#macros", OptionList)
        if panel.has_focus:
            self.screen.set_focus(self._input)
        elif self.session.listed.macros:
            panel.add_class("shown")
            self.screen.set_focus(panel)
        else:
            self.session.talk.note("there are no macros: :load FILE reads some")
            self._changed()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A macro was chosen: send it, and go to the next."""
        self.session.send_macro(event.option_index + 1)
        event.option_list.action_cursor_down()
        self._changed()

    def action_form(self) -> None:
        """Show messages in the next form."""
        colon_commands.choose_form(self.session, FORMS[(FORMS.index(self.session.form) + 1) % len(FORMS)])
        self._changed()

    def action_script(self) -> None:
        """Stop the script, or run one: from the macro that is marked on, or the whole list from the input."""
        panel = self.query_one("#macros", OptionList)
        if self.session.script is not None:
            self.session.stop()
        else:
            self.session.run((panel.highlighted or 0) + 1 if panel.has_focus else 1)
        self._changed()

    async def action_reopen(self) -> None:
        """Open the port again, now."""
        await self._opening.reopen()

    def action_save(self) -> None:
        """Save the session."""
        self.session.transcript.save()
        self._changed()
