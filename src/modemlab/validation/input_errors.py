"""What is wrong with a file, a request or a call: mistakes as values, rendered when they are shown."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Self

from modemlab.text.catalogue import N_, Translate, english
from modemlab.text.name_suggestions import not_known
from modemlab.text.number_format import shown
from modemlab.text.reason import Listed, Reason, Sentence, reason_of

Path = tuple[str | int, ...]
# Mistakes that a message lists, and characters of each.
MAX_SHOWN, MAX_CHARACTERS = 20, 800

MISMATCH = N_("{name} is {given}, expected {expected}")
SECRET = N_("{name} is not as expected: {expected}")
MISSING = N_("{name} is missing, expected {expected}")
DID_YOU_MEAN = N_("; did you mean {nearest}?")
MORE_MISTAKES = N_("and {count} more mistakes")
LINE = N_("line {line}: {text}")


@dataclass(frozen=True, slots=True)
class InputMistake(Reason):
    """Something that does not fit.

    `message` is what is said of it, with the other fields in braces. `name` is what the value is called, `given` what
    it is, as shown, and `nearest` the name that was perhaps meant, each empty where there is none; `expected` is what
    was expected of it. `path` is where it stands, by keys and numbers of items from 0 on, `where` the same in words,
    and `line` the file's line, from 1 on. `reason` is a sentence in place of the message, whole.
    """

    message: str = ""
    name: str = ""
    given: str = ""
    expected: Reason | None = None
    nearest: str = ""
    path: Path = ()
    where: str = ""
    line: int | None = None
    reason: Reason | None = None

    def text(self, translate: Translate = english) -> str:
        """It in one line."""
        if self.reason is None:
            said = Sentence(self.message, name=self.name, given=self.given, expected=self.expected)
            text = said.text(translate)
            text += translate(DID_YOU_MEAN).format(nearest=repr(self.nearest)) if self.nearest else ""
        else:
            text = self.reason.text(translate)
        text = f"{self.where}: {text}" if self.where else text
        text = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 3] + "..."
        return text if self.line is None else translate(LINE).format(line=self.line, text=text)


class InputMistakes(ValueError):
    """All that is wrong with what was given, in its order: at least one, a line each of the text; `more` is how many
    there are beside those that were looked into.
    """

    def __init__(self, mistakes: Sequence[InputMistake], more: int = 0) -> None:
        super().__init__(mistakes)
        self.mistakes, self.more = tuple(mistakes), more

    @property
    def reasons(self) -> list[Reason]:
        """A line for each, at most `MAX_SHOWN`, and how many more there are."""
        left = len(self.mistakes[MAX_SHOWN:]) + self.more
        return [*self.mistakes[:MAX_SHOWN], *((Sentence(MORE_MISTAKES, count=left),) if left else ())]

    def lines(self, translate: Translate = english) -> list[str]:
        """The same in the language of `translate`."""
        return [reason.text(translate) for reason in self.reasons]

    def __str__(self) -> str:
        return "\n".join(self.lines())


class InvalidInput(InputMistakes):
    """One thing that is wrong with a value: raised by what holds it, with the path within the value."""

    def __init__(self, mistake: InputMistake) -> None:
        super().__init__((mistake,))

    @property
    def mistake(self) -> InputMistake:
        """What is wrong."""
        return self.mistakes[0]

    @classmethod
    def said(cls, reason: Reason, *path: str | int) -> Self:
        """That, said of what stands there."""
        return cls(InputMistake(reason=reason, path=path))

    @classmethod
    def misfit(cls, table: object, name: str, expected: Reason) -> Self:
        """That a field of a table is not what was expected."""
        given, where = shown(getattr(table, name)), name_of(type(table))
        return cls(InputMistake(MISMATCH, name, given, expected, path=(name,), where=where))


def name_of(kind: type) -> str:
    """What a table is called where it is wrong: an action by its name, any other by the words of its class."""
    name = getattr(kind, "name", "")
    return name if name and isinstance(name, str) else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


def unknown_name(given: object, what: Reason, known: Collection[str], path: Path = ()) -> InputMistake:
    """That a name is none of those: `'pakcet' is not a known key of after; did you mean 'packet'? One of:
    packet, command`.
    """
    reason = not_known(given, what, known)
    expected, near = Listed(tuple(known)) if known else None, str(reason.values["near"])
    return InputMistake(given=shown(given), expected=expected, nearest=near, path=path, reason=reason)


def each_placed(place: Callable[[Reason], Reason], error: ValueError) -> Reason:
    """All that an error says, each of its mistakes with its place, on a line of its own."""
    reasons = error.reasons if isinstance(error, InputMistakes) else [reason_of(error)]
    return Listed(tuple(map(place, reasons)), "\n")
