"""A session at the terminal, whatever it is shown on: the conversation, its macros and scripts, and its transcript."""

import time
from collections.abc import Callable

from modemlab.at.parameters import to_bytes, to_text
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.known_commands import ManualEntry
from modemlab.dialect.registry import dialects
from modemlab.driver.protocol.identify import named
from modemlab.terminal import colon_commands, paste_dialog
from modemlab.terminal.conversation import ESC, Conversation, LogEntry, LogEntryKind, Mode
from modemlab.terminal.macro_files import is_qcom, listed_as, read_list
from modemlab.terminal.macros import MAX_COMMANDS, Macro, MacroError, MacroList
from modemlab.terminal.narration import Narration
from modemlab.terminal.paste_script import Pasted, is_command, uncommented
from modemlab.terminal.payloads import PayloadForm, line_of
from modemlab.terminal.script import Script
from modemlab.terminal.session_transcript import SessionTranscript
from modemlab.terminal.user_files import path_of
from modemlab.text.catalogue import N_
from modemlab.text.language import Language
from modemlab.text.reason import Reason, reason_of

# Seconds that a module has at first to say what it has to say by itself; and what asks it what it is.
SETTLE_S = 0.1
ASKS = (b"ATI", b"AT+CGMM", b"AT+GMM")


def all_models(language: Language) -> Dialect:
    """What all dialects have, for a module that has not said what it is."""
    preferred = sorted(dialects(), key=lambda dialect: -dialect.precedence)
    commands = {name: command for dialect in reversed(preferred) for name, command in dialect.commands.items()}
    lenient = {name: command for dialect in reversed(preferred) for name, command in dialect.lenient.items()}
    urcs = tuple(urc for dialect in preferred for urc in dialect.urcs)

    def known() -> dict[str, ManualEntry]:
        return {name: known for dialect in reversed(preferred) for name, known in dialect.known().items()}

    unsaid = tuple(dict.fromkeys(urc for dialect in preferred for urc in dialect.unsaid))
    title = language("any model")
    return Dialect("", title, (), commands, {}, {}, lambda _module: None, urcs, lenient, known=known, unsaid=unsaid)


class TerminalSession:
    """The session. `show` is called with each entry; `act` with what the screen must do: `open`, `quit` or `macros`.

    Whoever owns it hands over what is typed and what comes, and calls `tick` at `deadline`. `write` sends, None while
    the port is closed.
    """

    def __init__(
        self,
        port: str,
        dialect: Dialect | None,
        language: Language,
        show: Callable[[LogEntry], None],
        act: Callable[[str], None],
        masked: bool = True,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with a closed port. `dialect` None has the module asked, once the port is open."""
        self.port, self.language, self.show, self.act, self.now = port, language, show, act, now
        self.write: Callable[[bytes], None] | None = None
        self.model: Model | None = None
        self.known = dialect is not None
        self.talk = Conversation(dialect or all_models(language), language, show)
        self.listed = MacroList()
        self.script: Script | Pasted | None = None
        # Lines that were pasted, while it is asked what to do with them.
        self.asked: tuple[str, ...] = ()
        self.form = PayloadForm.JSON
        self._settling: float | None = None
        self._warned = self._lost = False
        self.transcript: SessionTranscript = SessionTranscript(self.talk, port, masked, now)

    def close(self) -> None:
        """It is over: the log is written to its end."""
        if self.transcript.logging:
            self.transcript.log("")

    # what happens

    def opened(self, write: Callable[[bytes], None]) -> None:
        """The port is open."""
        self.write = write
        self.talk.note(N_("{port} is open again") if self._lost else N_("{port} is open"), port=self.port)
        self._lost = False
        self._settling = self.now() + SETTLE_S
        self._pump()

    def lost(self, why: Reason) -> None:
        """The port is gone."""
        self.write = self._settling = None
        self._lost = True
        reason = self.language.reason(why)
        broken = self.talk.waiting
        self.talk.reset(reason)
        self.asked = ()
        self.transcript.recording.note(self.language("the port is gone"))
        self.show(
            LogEntry(
                LogEntryKind.NOTE,
                b"",
                Narration(
                    self.language(
                        "the port is lost: {reason}. It is opened again automatically when it is back", reason=reason
                    )
                ),
                False if broken else None,
            )
        )
        if self.script is not None:
            self._over(self.script.latest, reason)

    def received(self, data: bytes) -> None:
        """The module said something."""
        now = self.now()
        self.transcript.recording.module(data, now)
        self.talk.receive(data, now)
        self._recognise()
        self._pump()

    def tick(self) -> None:
        """Time has passed."""
        now = self.now()
        self.transcript.recording.advance(now)
        self.talk.advance(now)
        if self._settling is not None and now >= self._settling:
            self._settling = None
            if not self.known and not self.talk.waiting and self.talk.mode is Mode.COMMAND:
                self.talk.send_command(ASKS[0], now)
        self._recognise()
        self._pump()

    def deadline(self) -> float | None:
        """When `tick` is to be called; None: nothing is waited for."""
        times = (self.talk.deadline(), self._settling, self.script.due if self.script is not None else None)
        return min((due for due in times if due is not None), default=None)

    @property
    def busy(self) -> bool:
        """Whether a command is under way, or a script."""
        under_way = self.talk.waiting and self.talk.mode is not Mode.DATA
        return under_way or self.script is not None or self._settling is not None

    def entered(self, text: str) -> bool:
        """A line was typed. Whether it was taken: what is not may be mended."""
        if self.asked:
            return paste_dialog.answer(self, text)
        if self.talk.mode is Mode.COMMAND:
            if text.startswith(":"):
                return colon_commands.perform(self, text[1:])
            if not text.strip():
                return True
            text, comment = uncommented(text) if is_command(text) else (text, "")
            if comment:
                self.talk.note("a comment, not sent: {text}", text=line_of(to_bytes(comment)))
        if not self.ready():
            return False
        taken = self.talk.typed(text, self.now())
        self._pump()
        return taken

    def control(self, byte: bytes, text: str) -> bool:
        """Ctrl-Z or Esc was typed, behind a text that was not sent; whether the text is done with."""
        if self.asked:
            return paste_dialog.answer(self, "n" if byte == ESC else text)
        if self.talk.mode is Mode.DATA and not self.ready():
            return False
        done = self.talk.control(byte, text, self.now())
        self._pump()
        return done

    def send_macro(self, number: int) -> None:
        """Send a macro, counted from 1."""
        if not self.listed.macros:
            self.talk.note("there are no macros: :load FILE reads some")
        elif not 1 <= number <= len(self.listed.macros):
            self.talk.note(
                "there is no macro {number}: the macros are 1 to {count}", number=number, count=len(self.listed.macros)
            )
        elif self.ready():
            self._send(self.listed.macros[number - 1])
            self._pump()

    def _send(self, macro: Macro) -> None:
        """Send a macro as its place in the conversation has it."""
        now, talk = self.now(), self.talk
        if talk.mode is Mode.MESSAGE:
            talk.mode = Mode.COMMAND
        if talk.mode is Mode.COMMAND and macro.is_command:
            talk.send_command(macro.data, now)
            return
        room = talk.mode is Mode.COMMAND or talk.left is None or talk.left >= len(macro.data) + 2
        data = macro.data + (b"\r\n" if macro.enter and room else b"")
        if talk.mode is Mode.DATA and talk.left is not None and len(data) > talk.left:
            talk.note("{count} bytes are too many: the module waits for {left}", count=len(data), left=talk.left)
        else:
            talk.send_raw(data, now)

    # scripts

    def run(self, first: int = 1, times: int | None = None) -> None:
        """Run the macros as a script, from one of them on."""
        count = len(self.listed.macros)
        script = Script(self.listed, first - 1, times)
        if count and not 1 <= first <= count:
            self.talk.note("there is no macro {number}: the macros are 1 to {count}", number=first, count=count)
        elif script.over:
            self.talk.note("there are no macros: :load FILE reads some")
        elif self.ready():
            self.talk.note(
                "the script begins: {count} commands, {times} times", count=len(script.macros), times=script.times
            )
            self.begin(script)

    def begin(self, script: "Script | Pasted") -> None:
        """Run a script."""
        self.script = script
        self._pump()

    def stop(self) -> None:
        """Stop the script."""
        self.talk.note(N_("no script is running") if self.script is None else N_("the script is stopped"))
        self._over()

    def _step(self) -> None:
        """Send what the script has to send, or tell that it is over."""
        while self.script is not None and self.write is not None:
            macro = self.script.step(self.talk, self.now())
            if macro is None:
                break
            self._send(macro)
            self.flush()
        if self.script is not None and self.script.over:
            if self.script.stuck is None:
                self.talk.note("the script is done")
            self._over(self.script.stuck, self.script.reason)

    def _over(self, stuck: Macro | None = None, reason: str = "") -> None:
        """The script is over, or cannot go on at that line."""
        script, self.script = self.script, None
        if stuck is not None:
            words = self.language(
                "the script stops at {text}: {reason}", text=line_of(to_bytes(stuck.shown)), reason=reason
            )
            self.show(LogEntry(LogEntryKind.NOTE, b"", Narration(words), False))
        if isinstance(script, Pasted) and script.left:
            shown = "; ".join(line_of(to_bytes(line)) for line in script.left[: paste_dialog.MAX_LISTED])
            if len(script.left) > paste_dialog.MAX_LISTED:
                shown += "; ..."
            self.talk.note("not sent, {count}: {lines}", count=len(script.left), lines=shown)

    # macros

    def load(self, name: str) -> None:
        """Read a list of macros."""
        try:
            self.use(name, read_list(name, patient=False))
        except MacroError as error:
            self.say(self.language.reason(reason_of(error)))

    def use(self, name: str, listed: MacroList) -> None:
        """Use the list of that file, which may be written again."""
        self.listed = listed
        self.transcript.files.add(path_of(name).absolute())
        self.talk.note("{file}: {count} commands", file=name, count=len(listed.macros))
        self.act("macros")

    def store(self, name: str) -> None:
        """Write the list, for QCOM if the name ends in `.ini`."""
        if self.transcript.put(name, listed_as(name, self.listed)):
            self.talk.note("{file}: {count} commands are written", file=name, count=len(self.listed.macros))
            left_out = sum(len(macro.awaits) for macro in self.listed.macros)
            if is_qcom(name) and left_out:
                self.talk.note(
                    "a QCOM list cannot hold the lines that a script waits for: {count} are left out", count=left_out
                )

    def add(self, text: str) -> None:
        """Add a command to the list, the latest one without a text."""
        line = to_bytes(text) if text else self.talk.latest
        if not line:
            self.talk.note("nothing was sent yet")
        elif len(self.listed.macros) == MAX_COMMANDS:
            self.talk.note("a list holds at most {count} commands", count=MAX_COMMANDS)
        else:
            self.listed = self.listed._replace(macros=(*self.listed.macros, Macro(line)))
            self.talk.note("macro {number}: {text}", number=len(self.listed.macros), text=line_of(line))
            self.act("macros")

    def drop(self, number: int) -> None:
        """Drop a macro from the list."""
        macros = self.listed.macros
        if not 1 <= number <= len(macros):
            self.talk.note("there is no macro {number}: the macros are 1 to {count}", number=number, count=len(macros))
            return
        self.listed = self.listed._replace(macros=(*macros[: number - 1], *macros[number:]))
        self.talk.note("macro {number} is dropped", number=number)
        self.act("macros")

    # notes

    def say(self, text: str) -> None:
        """Say something that has no text of its own."""
        self.show(LogEntry(LogEntryKind.NOTE, b"", Narration(text)))

    # inside

    def ready(self) -> bool:
        """Whether the port is open; says so if not."""
        if self.write is None:
            self.talk.note("the port is not open; F5 or :open opens it")
        return self.write is not None

    def _pump(self) -> None:
        """Send what is to be sent, and see to the script."""
        self.flush()
        self._step()

    def flush(self) -> None:
        """Send what is to be sent."""
        data = self.talk.take()
        if data and self.write is not None:
            self.transcript.recording.host(data, self.now())
            self.write(data)

    def _recognise(self) -> None:
        """See whether the module has said what it is."""
        talk = self.talk
        if talk.waiting or talk.latest.upper() not in ASKS or not talk.between_lines:
            return
        found = named([to_text(line) for line in talk.information]) if talk.information else None
        talk.information = []
        if found is None:
            if not self.known and not self._warned:
                self._warned = True
                talk.note(
                    "the model is not known yet: completion and explanations are those of all models; --model sets it"
                )
            return
        dialect, self.model = found
        if dialect is not talk.dialect:
            talk.speak(dialect)
        self.known = True
        talk.note("the module is {model}: {title}", model=self.model.name, title=self.language.word(dialect.title))
