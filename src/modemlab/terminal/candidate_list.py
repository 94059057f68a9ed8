"""The list of what the line may become, below the log."""

from collections.abc import Callable
from typing import Any

from rich.text import Text
from textual.widgets import Static

from modemlab.terminal.completion import Candidate, common
from modemlab.text.language import Language

# Rows of candidates.
MAX_ROWS = 6


class CandidateList(Static):
    """The candidates for the line, around the one that is chosen; `find` gives those of a line and a cursor."""

    def __init__(self, language: Language, find: Callable[[str, int], list[Candidate]], **options: Any) -> None:
        """A list that is empty."""
        super().__init__(**options)
        self._language, self._find = language, find
        self._candidates: list[Candidate] = []
        self._chosen = -1
        # The line and the cursor that they are for.
        self._offered = ("", 0)

    def offer(self, text: str, cursor: int) -> None:
        """Show what the line may become, unless it has come from there."""
        self._look(text, cursor)
        self.display = bool(self._candidates)
        first = max(0, min(self._chosen - MAX_ROWS // 2, len(self._candidates) - MAX_ROWS))
        shown = Text(no_wrap=True)
        for number, candidate in enumerate(self._candidates[first : first + MAX_ROWS], first):
            style = "reverse" if number == self._chosen else ""
            shown.append("\n" if number > first else "")
            shown.append(f" {candidate.shown} ", style)
            shown.append(f" {self._language.word(candidate.words)}", "dim")
        self.update(shown)

    def next(self, text: str, cursor: int) -> str | None:
        """What stands ahead of the cursor after a Tab: what all have in common, then one after the other; or None."""
        self._look(text, cursor)
        if not self._candidates:
            return None
        typed, shared = text[:cursor], common(self._candidates)
        if self._chosen < 0 and len(shared) > len(typed) and shared.lower().startswith(typed.lower()):
            return shared
        if len(self._candidates) == 1:
            return self._candidates[0].text
        self._chosen = (self._chosen + 1) % len(self._candidates)
        completed = self._candidates[self._chosen].text
        self._offered = completed + text[cursor:], len(completed)
        return completed

    def _look(self, text: str, cursor: int) -> None:
        """Find the candidates, unless the line is one of them."""
        if (text, cursor) != self._offered:
            self._offered = text, cursor
            self._candidates, self._chosen = self._find(text, cursor), -1
