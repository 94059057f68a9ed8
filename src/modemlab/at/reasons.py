"""Why a command line is refused: what its declaration takes, and what was typed."""

from dataclasses import dataclass

from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence

# Characters that are kept of what was typed for a parameter.
MAX_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class OutOfRange(Reason):
    """A number, or a word, that a parameter does not take; `domain` are the values that it takes."""

    name: str
    value: object
    domain: Reason
    message = N_("<{name}> is {value}, but takes {domain}")


@dataclass(frozen=True, slots=True)
class NotANumber(Reason):
    """What a whole number was expected for."""

    name: str
    value: str
    domain: Reason
    message = N_("<{name}> is a number from {domain}, not {value!r}")


@dataclass(frozen=True, slots=True)
class NotHexadecimal(Reason):
    """What a hexadecimal number was expected for."""

    name: str
    value: str
    domain: Reason
    message = N_("<{name}> is hexadecimal, {domain}, not {value!r}")


@dataclass(frozen=True, slots=True)
class NotInList(Reason):
    """None of the values of a choice."""

    name: str
    value: str
    domain: Reason
    message = N_("<{name}> is one of {domain}, not {value!r}")


@dataclass(frozen=True, slots=True)
class NotInListUnquoted(Reason):
    """None of the values of a choice that is typed without quotes."""

    name: str
    value: str
    domain: Reason
    message = N_("<{name}> is one of {domain}, without quotes, not {value!r}")


@dataclass(frozen=True, slots=True)
class WrongLength(Reason):
    """A text that is too short or too long, in bytes."""

    name: str
    length: int
    domain: Reason
    message = N_("<{name}> is {length} bytes long, but takes {domain}")


@dataclass(frozen=True, slots=True)
class QuoteInside(Reason):
    """A quote that should have been typed by its escape; `before` is what stands ahead of it."""

    name: str
    before: str
    message = N_("<{name}> contains a quote inside its quotes, after {before!r}: write \\22 instead")


@dataclass(frozen=True, slots=True)
class Missing(Reason):
    """A parameter that was left out."""

    name: str
    message = N_("<{name}> must be given")


@dataclass(frozen=True, slots=True)
class QuoteEnded(Reason):
    """A reason that a quoted string may be behind which ended early: it took `taken`, ahead of `follows`."""

    reason: Reason
    name: str
    taken: str
    follows: str
    remedy: Reason
    message = N_("{reason}; the quote before {follows!r} ended <{name}>, whose value is now {taken!r}: {remedy}")


@dataclass(frozen=True, slots=True)
class QuoteOpen(Reason):
    """A reason with the string that no quote ends, and what it begins with."""

    reason: Reason
    name: str
    begins: str
    message = N_("{reason}; it is <{name}>, and begins with {begins!r}")


@dataclass(frozen=True, slots=True)
class NotACommand(Reason):
    """A name that is no command of the module; `given` as it was typed."""

    given: str
    message = N_("{given} is not a command of this module")


DATA_FOLLOWS = Sentence(N_("the data is sent when the module asks for it"))
ESCAPE_QUOTE = Sentence(N_("inside, write \\22 for a quote"))
QUOTE_ENDS = Sentence(N_("a quote ends a text where a comma or semicolon follows"))
NO_NAME = Sentence(N_("no command name after the prefix"))
NOT_THIS_WAY = Sentence(N_("cannot be sent in this form"))
NOT_CLOSED = Sentence(N_("a quoted string is not closed before a comma or the end of the line"))
REST_NOT_CLOSED = Sentence(N_("a quoted string is not closed at the end of the line"))
# Of a form that a command lacks, by the name of its kind.
NO_FORM = {
    "EXECUTE": Sentence(N_("has no execute form")),
    "WRITE": Sentence(N_("has no write form")),
    "READ": Sentence(N_("has no read form")),
    "TEST": Sentence(N_("has no test form")),
}


def other_in_its_place(command: str) -> Reason:
    """That the manual has another command."""
    return Sentence(N_("the manual names AT{command} instead"), command=command)


def wrong_count(minimum: int, maximum: int, count: int) -> Reason:
    """That a form takes another number of parameters."""
    if minimum != maximum:
        message = N_("takes {minimum} to {maximum} parameters, not {count}")
        return Sentence(message, minimum=minimum, maximum=maximum, count=count)
    if minimum == 1:
        return Sentence(N_("takes 1 parameter, not {count}"), count=count)
    return Sentence(N_("takes {maximum} parameters, not {count}"), maximum=maximum, count=count)
