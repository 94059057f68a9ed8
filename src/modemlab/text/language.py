"""A language that messages, the words of declarations and reasons are shown in."""

from typing import NamedTuple

from modemlab.text.catalogue import translator
from modemlab.text.reason import Reason


class Language(NamedTuple):
    """A language, `en` or `zh`: called with a message it gives that in the language, with its values filled in."""

    code: str

    def __call__(self, message: str, /, **values: object) -> str:
        """The message, with its values; one without values may hold braces."""
        text = self.word(message)
        return text.format(**values) if values else text

    def word(self, text: str) -> str:
        """A word of a declaration in this language; itself where it is not translated."""
        return translator(self.code)(text)

    def reason(self, reason: Reason) -> str:
        """Why something is so."""
        return reason.text(self.word)
