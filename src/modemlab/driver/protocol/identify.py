"""What every module understands: enough to ask what it is."""

from collections.abc import Sequence

from modemlab.at.errors import CommandRefused, LineError, TimeoutExpired
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.recipes import Ask, Pause, Recipe
from modemlab.dialect.registry import dialects
from modemlab.dialects import tgpp, v250
from modemlab.dialects.tgpp.foreign_urcs import FOREIGN_URCS
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

NO_ANSWER = Sentence(
    N_("no answer to AT: is this the AT port, the baud rate right, the module on, and no other program on the port?")
)

GENERIC = Dialect(
    "generic", "Any module", (), v250.COMMANDS | tgpp.COMMANDS, {}, {}, lambda _module: None, unsaid=FOREIGN_URCS
)
# Seconds for which the line is listened to before the first command, and that the first OK has.
SETTLE_S = 0.1
FIRST_OK_TIMEOUT_S = 0.5
ESCAPE = b"\x1b"
# Result codes, and in words: what another host may have left otherwise.
VERBOSE_RESULTS = b"ATQ0V1"


def sign_of_life() -> Recipe:
    """Have an answer to AT, if need be in words again (V.250, 6.2.5 and 6.2.6) or by ending a data mode. Raises
    `LineError` when nobody answers.

    Esc ends data without a length; the rest is filled up with CR, which becomes the message that the other host had
    begun. A file that is sent ends by its own time-out.
    """
    yield Pause(SETTLE_S)
    filler = max((dialect.recipes.filler for dialect in dialects() if dialect.recipes is not None), default=0)
    for late, line in enumerate((b"AT", VERBOSE_RESULTS, ESCAPE + b"AT", b"\r" * filler, b"AT")):
        try:
            yield Ask(line, within=FIRST_OK_TIMEOUT_S, probes=False)
        except CommandRefused:
            # A data mode that ended in ERROR: whoever says so is there.
            pass
        except TimeoutExpired:
            continue
        if late:
            # What came may have answered an earlier one: this one is written once the line is in step.
            yield Ask(b"AT")
        else:
            yield Pause(SETTLE_S)
        return
    raise LineError(NO_ANSWER)


def identify() -> Recipe:
    """The dialect that the module speaks, and its model. Raises `LineError` when it is none of those known."""
    yield from sign_of_life()
    found, said = yield from introduce()
    if found is not None:
        return found
    message = N_("the module calls itself {said!r}, which no dialect knows: name its dialect or model")
    raise LineError(Sentence(message, said=" ".join(said)[:60]))


def introduce() -> Recipe:
    """The dialect and the model that the module says it is, or None, and what it said."""
    said: list[str] = []
    for line in (b"AT+CGMM", b"ATI"):
        try:
            lines = yield Ask(line, within=5.0)
        except CommandRefused:
            continue
        said += [each.decode("utf-8", "replace") for each in lines]
        found = named(said, by_series=False)
        if found is not None:
            return found, said
    return named(said), said


def named(said: Sequence[str], by_series: bool = True) -> tuple[Dialect, Model] | None:
    """The dialect and the model that a module names in what it says of itself; None when it is none of those known.

    `by_series`: one of the same series will do.
    """
    known = [(dialect, model) for dialect in dialects() for model in dialect.models]
    for dialect, model in known:
        if any(model.shown in text or model.name in text for text in said):
            return dialect, model
    for dialect, model in known if by_series else ():
        if any(model.series in text for text in said):
            return dialect, model
    return None


def one(ask: Ask) -> Recipe:
    """A recipe of one command."""
    return (yield ask)
