"""The language of a terminal: what it says of itself, and what declarations, refusals and ports say."""

from typing import Any, NamedTuple

from modemlab.dialect.known import Known
from modemlab.text.catalogue import N_, translator


class Language(NamedTuple):
    """A language, `en` or `zh`: called with a message it gives that in the language, with its values filled in."""

    code: str

    def __call__(self, message: str, **values: Any) -> str:
        """The message, with its values."""
        return self.word(message).format(**values)

    def word(self, text: str) -> str:
        """A word of a declaration in this language; itself where it is not translated."""
        return translator(self.code)(text)

    def reason(self, text: str) -> str:
        """A sentence that something else says, such as why a line is refused; itself where it is not translated."""
        if self.code == "en":
            return text
        from modemlab.terminal.chinese_reasons import in_chinese  # noqa: PLC0415 (an English terminal needs none)

        return in_chinese(text, self.word)

    def source(self, text: str) -> str:
        """A place in a manual."""
        if self.code == "en":
            return text
        from modemlab.terminal.chinese_reasons import manual  # noqa: PLC0415 (an English terminal needs none)

        return manual(text)

    def known(self, known: Known) -> str:
        """That a command is known, and where it stands."""
        source = self.source(known.manual)
        if known.inferred:
            source = self(N_("{source}, for the next generation"), source=source)
        return self(N_("known, not simulated ({source})"), source=source)
