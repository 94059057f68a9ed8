"""A script: macros sent one after the other, each once the one before it is answered and its pause is over."""

from collections.abc import Iterable

from modemlab.terminal.conversation import BYTES_LEFT, CTRL_Z, ESC, PROMPT, Conversation, Mode
from modemlab.terminal.macros import Macro, MacroList
from modemlab.text.number_format import figure
from modemlab.transcripts.pattern import Pattern

# Seconds that lines have to come which a macro awaits.
AWAITED_LINE_TIMEOUT_S = 30.0
# What may be sent although nothing was asked for: it ends a data mode.
ENDINGS = (CTRL_Z, ESC, b"+++")


class Script:
    """A list on its way. `step` is called whenever something has happened, and at `due`.

    It ends when all is sent and answered, and stops at the first command that fails; `over` is then set, and `reason`
    says why it stopped, with `stuck`, the macro.
    """

    def __init__(self, listed: MacroList, first: int = 0, times: int | None = None) -> None:
        """A script of the list's macros from the given one on, as often as the list or `times` says."""
        chosen = listed._replace(macros=listed.macros[first:])
        self.macros, self.pause = chosen.script, listed.pause
        self.times = times or listed.times
        self.over = not self.macros
        self.reason = ""
        self.stuck: Macro | None = None
        self._sent = 0
        self._latest: Macro | None = None
        self._go_on: float | None = None
        self._give_up: float | None = None

    @property
    def latest(self) -> Macro:
        """The macro that was sent last, or else the first."""
        return self._latest or self.macros[0]

    @property
    def due(self) -> float | None:
        """When to call `step` although nothing has happened."""
        return None if self.over else self._go_on or self._give_up

    def step(self, conversation: Conversation, now: float) -> Macro | None:
        """What is to be sent now; None: nothing yet, or it is over."""
        if self.over or not self._answered(conversation, now):
            return None
        if self._latest is not None:
            if self._go_on is None:
                self._go_on = now + (self.pause if self._latest.pause is None else self._latest.pause)
            if now < self._go_on:
                return None
        if self._sent == len(self.macros) * self.times:
            self.over = True
            if conversation.mode is Mode.DATA and self._latest is not None:
                wanted = PROMPT if conversation.left is None else BYTES_LEFT
                self._stop(self._latest, conversation.language(wanted, left=conversation.left))
            return None
        macro = self.macros[self._sent % len(self.macros)]
        if conversation.mode is Mode.COMMAND and not macro.is_command and macro.data not in ENDINGS:
            self._stop(macro, conversation.language("this is data, but the module does not wait for data"))
            return None
        self._sent += 1
        self._latest, self._go_on, self._give_up = macro, None, None
        return macro

    def _answered(self, conversation: Conversation, now: float) -> bool:
        """Whether the latest macro is answered: by a result or by a prompt, and by all the lines that it awaits."""
        if conversation.mode is not Mode.DATA and conversation.waiting:
            return False
        latest = self._latest
        if latest is None:
            return True
        if conversation.good is False:
            self._stop(latest, conversation.reason)
            return False
        missing = next((line for line in latest.awaits if not came(line, conversation.since)), None)
        if missing is None:
            self._give_up = None
            return True
        if self._give_up is None:
            self._give_up = now + AWAITED_LINE_TIMEOUT_S
        if now >= self._give_up:
            text = missing if isinstance(missing, bytes) else missing.pattern
            line = text.decode("utf-8", "replace")
            self._stop(
                latest,
                conversation.language(
                    "{line} did not come within {seconds} s", line=line, seconds=figure(AWAITED_LINE_TIMEOUT_S)
                ),
            )
        return False

    def _stop(self, macro: Macro, reason: str) -> None:
        """It cannot go on."""
        self.over, self.stuck, self.reason = True, macro, reason


def came(line: bytes | Pattern[bytes], said: Iterable[bytes]) -> bool:
    """Whether a line was said."""
    if isinstance(line, bytes):
        return line.strip(b"\r\n") in said
    return any(line.fullmatch(each) for each in said)
