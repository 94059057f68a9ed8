"""The language of a terminal: what it says of itself, and what declarations, refusals and ports say."""

from typing import Any, NamedTuple

from modemlab.dialect.known_commands import ManualEntry, source
from modemlab.text.catalogue import N_, translator
from modemlab.text.reason import ManualPlace, Reason


class Language(NamedTuple):
    """A language, `en` or `zh`: called with a message it gives that in the language, with its values filled in."""

    code: str

    def __call__(self, message: str, **values: Any) -> str:
        """The message, with its values."""
        return self.word(message).format(**values)

    def word(self, text: str) -> str:
        """A word of a declaration in this language; itself where it is not translated."""
        return translator(self.code)(text)

    def reason(self, reason: Reason) -> str:
        """Why something is so."""
        return reason.text(self.word)

    def source(self, text: str) -> str:
        """A place in a manual."""
        return self.reason(ManualPlace(text))

    def known(self, known: ManualEntry) -> str:
        """That a command is known, and where it stands."""
        return self(N_("known, not simulated ({source})"), source=self.reason(source(known)))
