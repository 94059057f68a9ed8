"""Why something is so: a message and its values, made into a sentence when it is shown, in the reader's language.

A message is English and marked by `N_`; its values stand in it as `{name}`, as `str.format` has them.
"""

from dataclasses import dataclass

from modemlab.text.catalogue import N_, Translate, english

AND_TABLE = N_(" and table ")


class Reason:
    """A message with its values, which are the fields of a frozen dataclass; a value may be a reason itself."""

    __slots__ = ()
    message: str

    @property
    def values(self) -> dict[str, object]:
        """The values by their names in the message."""
        return {name: getattr(self, name) for name in self.__match_args__}  # type: ignore[attr-defined] # a dataclass's

    def text(self, translate: Translate = english) -> str:
        """The sentence, in the language of `translate`."""
        values = self.values
        message = translate(self.message) if self.message else ""
        if not values:
            return message
        return message.format(**{name: rendered(value, translate) for name, value in values.items()})

    def __str__(self) -> str:
        return self.text()


def rendered(value: object, translate: Translate) -> object:
    """A value as it goes into a message: a reason as its sentence, all others as they are."""
    return value.text(translate) if isinstance(value, Reason) else value


class Sentence(Reason):
    """A message that is said in one place alone, with its values by name.

    One without values may hold braces: it is a word of a declaration as well, or what the system says.
    """

    __slots__ = ("_given", "message")

    def __init__(self, message: str, /, **values: object) -> None:
        self.message, self._given = message, values

    @property
    def values(self) -> dict[str, object]:
        """The values by their names in the message."""
        return self._given

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and (self.message, self._given) == (other.message, other._given)

    def __hash__(self) -> int:
        return hash((self.message, *self._given))

    def __repr__(self) -> str:
        return f"Sentence({', '.join((repr(self.message), *(f'{k}={v!r}' for k, v in self._given.items())))})"


@dataclass(frozen=True, slots=True)
class About(Reason):
    """A sentence about a thing with a name: a file, a port, a server."""

    subject: object
    reason: Reason
    message = "{subject}: {reason}"


@dataclass(frozen=True, slots=True)
class Listed(Reason):
    """Several values or words, with what stands between them."""

    each: tuple[object, ...]
    message: str = ", "

    def text(self, translate: Translate = english) -> str:
        """Them all."""
        return translate(self.message).join(str(rendered(each, translate)) for each in self.each)


@dataclass(frozen=True, slots=True)
class ManualPlace(Reason):
    """A place in a manual, or several, as declarations have it: `NAME, SECTION; NAME, SECTION and table 2`."""

    manual: str
    message = "{manual}"

    @property
    def names(self) -> list[str]:
        """The manuals' names."""
        return [place.partition(", ")[0] for place in self.manual.split("; ")]

    def text(self, translate: Translate = english) -> str:
        """The place with the manual's name in that language."""
        found = []
        for place in self.manual.split("; "):
            name, comma, section = place.partition(", ")
            found.append(f"{translate(name)}{comma}{section.replace(AND_TABLE, translate(AND_TABLE))}")
        return "; ".join(found)


@dataclass(frozen=True, slots=True)
class Placed(Reason):
    """A reason with the place in the manual that it rests on."""

    reason: Reason
    place: ManualPlace
    message = "{reason} ({place})"


def range_of(low: object, high: object, unit: str = "") -> Reason:
    """The values from `low` to `high`, in a unit if there is one."""
    if not unit:
        return Sentence(N_("{low} to {high}"), low=low, high=high)
    return Sentence(N_("{low} to {high} {unit}"), low=low, high=high, unit=Sentence(unit))


def at_line(line: int, reason: Reason) -> Reason:
    """A sentence about a line of a file."""
    return Sentence(N_("line {line}: {reason}"), line=line, reason=reason)


def joined(first: Reason, *others: Reason) -> Reason:
    """Sentences that add to one another."""
    for more in others:
        first = Sentence(N_("{reason}; {more}"), reason=first, more=more)
    return first


def helped(what: Reason, *remedies: Reason | None) -> Reason:
    """What happened, and what helps: those of the remedies that there are."""
    helps = [remedy for remedy in remedies if remedy is not None]
    return Sentence(N_("{what}: {remedy}"), what=what, remedy=joined(*helps)) if helps else what


def reason_of(error: BaseException) -> Reason:
    """Why an error was raised: the reason that it was raised with, else what the system or its text says."""
    for each in error.args:
        if isinstance(each, Reason):
            return each
    return Sentence((error.strerror if isinstance(error, OSError) else None) or str(error))
