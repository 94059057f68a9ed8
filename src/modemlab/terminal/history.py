"""The commands that were entered."""

# Commands remembered.
MAX_COMMANDS = 1000


class History:
    """Commands, the latest last, and which of them the input shows: behind the last is what is being typed."""

    __slots__ = ("_at", "_commands", "_draft")

    def __init__(self) -> None:
        self._commands: list[str] = []
        self._at = 0
        self._draft = ""

    def add(self, command: str) -> None:
        """Remember a command, but not twice in a row."""
        if self._commands[-1:] != [command]:
            self._commands = [*self._commands, command][-MAX_COMMANDS:]

    def leave(self) -> None:
        """Go behind the last: a new line begins."""
        self._at = len(self._commands)

    def go(self, step: int, shown: str) -> str | None:
        """The command so many steps on, or what was being typed; None at either end. `shown` is in the input now."""
        if not 0 <= self._at + step <= len(self._commands):
            return None
        if self._at == len(self._commands):
            self._draft = shown
        self._at += step
        return self._commands[self._at] if self._at < len(self._commands) else self._draft
