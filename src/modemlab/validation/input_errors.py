"""What is wrong with a file, a request or a call: mistakes as values, rendered when they are shown."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple, Self

from modemlab.text.catalogue import N_, Translate, english
from modemlab.text.name_suggestions import nearest
from modemlab.text.number_format import shown

Path = tuple[str | int, ...]
# Mistakes that a message lists, and characters of each.
MAX_SHOWN, MAX_CHARACTERS = 20, 800

MISMATCH = N_("{name} is {given}, expected {expected}")
SECRET = N_("{name} is not as expected: {expected}")
MISSING = N_("{name} is missing, expected {expected}")
UNKNOWN = N_("{given} is no {name}")
DID_YOU_MEAN = N_("; did you mean {nearest}?")
KNOWN, ALL_KNOWN = N_(" One of: {expected}"), N_(". One of: {expected}")
NONE_KNOWN = N_("; there are none")
MORE_MISTAKES = N_("and {count} more mistakes")
LINE = N_("line {line}: {text}")


class InputMistake(NamedTuple):
    """Something that does not fit.

    `message` is what is said of it, with the other fields in braces. `name` is what the value is called, `given` what
    it is, as shown, `expected` what was expected of it, in words, and `nearest` the name that was perhaps meant, each
    empty where there is none. `path` is where it stands, by keys and numbers of items from 0 on, `where` the same in
    words, and `line` the file's line, from 1 on.
    """

    message: str
    name: str = ""
    given: str = ""
    expected: str = ""
    nearest: str = ""
    path: Path = ()
    where: str = ""
    line: int | None = None

    def text(self, translate: Translate = english) -> str:
        """It in one line."""
        values = {"name": self.name, "given": self.given, "expected": translate(self.expected)}
        text = translate(self.message).format(**values)
        if self.nearest:
            text += translate(DID_YOU_MEAN).format(nearest=repr(self.nearest))
        if self.message == UNKNOWN:
            known = translate(KNOWN if self.nearest or not self.expected else ALL_KNOWN).format(**values)
            text += known if self.expected else translate(NONE_KNOWN)
        text = f"{self.where}: {text}" if self.where else text
        text = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 3] + "..."
        return text if self.line is None else translate(LINE).format(line=self.line, text=text)

    def __str__(self) -> str:
        return self.text()


class InputMistakes(ValueError):
    """All that is wrong with what was given, in its order: at least one, a line each of the text; `more` is how many
    there are beside those that were looked into.
    """

    def __init__(self, mistakes: Sequence[InputMistake], more: int = 0) -> None:
        super().__init__(mistakes)
        self.mistakes, self.more = tuple(mistakes), more

    def lines(self, translate: Translate = english) -> list[str]:
        """A line for each, at most `MAX_SHOWN`, and how many more there are."""
        lines = [mistake.text(translate) for mistake in self.mistakes[:MAX_SHOWN]]
        left = len(self.mistakes) + self.more - len(lines)
        return [*lines, translate(MORE_MISTAKES).format(count=left)] if left else lines

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
    def said(cls, message: object, *path: str | int) -> Self:
        """That, a text or a reason, said of what stands there."""
        return cls(InputMistake(str(message).replace("{", "{{").replace("}", "}}"), path=path))

    @classmethod
    def misfit(cls, table: object, name: str, expected: str) -> Self:
        """That a field of a table is not what was expected."""
        given, where = shown(getattr(table, name)), name_of(type(table))
        return cls(InputMistake(MISMATCH, name, given, expected, path=(name,), where=where))


def name_of(kind: type) -> str:
    """What a table is called where it is wrong: an action by its name, any other by the words of its class."""
    name = getattr(kind, "name", "")
    return name if name and isinstance(name, str) else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


def unknown_name(given: object, what: str, known: Collection[str], path: Path = ()) -> InputMistake:
    """That a name is none of those: `'pakcet' is no key of after; did you mean 'packet'? One of: packet, command`."""
    near = nearest(given, known) if isinstance(given, str) else ""
    return InputMistake(UNKNOWN, what, shown(given), ", ".join(known), near, path)


def each_with(name: str, error: ValueError) -> str:
    """What is wrong with a file, with its name ahead of each line."""
    return "\n".join(f"{name}: {line}" for line in str(error).split("\n"))
