"""Quoted strings that ended early: a quote ends one where a comma, a semicolon or the line's end follows it.

So a text such as `{"a":"b","c":1}` is cut behind `b`, and the command is refused for what the rest does to it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from modemlab.at.command import ArgumentPlan, Command
from modemlab.at.parameters import Param
from modemlab.at.reasons import ESCAPE_QUOTE, QUOTE_ENDS, QuoteEnded, QuoteOpen
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence

QUOTE = '"'
# Characters that are shown of what a string took and of what follows it.
MAX_SHOWN_CHARACTERS, MAX_FOLLOWING_CHARACTERS = 40, 20


class Cut(NamedTuple):
    """A quoted string that a quote inside of what was meant may have ended.

    It took `taken` as `param`, and `follows` follows it; `secret`: these are not to be shown.
    """

    param: Param
    taken: str
    follows: str
    secret: bool = False


def find_cut(
    command: Command, plan: ArgumentPlan, text: str, spans: Sequence[tuple[str | None, int]], behind: str = ""
) -> Cut | None:
    """The string of a command that took a quote and ended at another, with more quotes to come; None without one.

    `spans` are the arguments of `text`, an option too: each as it stood between quotes, None without them, and where
    it ends. `behind` is what follows on the line. Of several it is the first whose quotes inside are not pairs.
    """
    found = None
    for position, (taken, end) in enumerate(spans[: plan.rest], -1 if command.options else 0):
        param = plan.at(position)
        if param is None or taken is None or QUOTE not in taken:
            continue
        follows = text[end:] + behind
        if QUOTE not in follows:
            break
        cut = Cut(param, taken, follows, leads_to_secret(plan, position))
        if taken.count(QUOTE) % 2:
            return cut
        found = found or cut
    return found


def leads_to_secret(plan: ArgumentPlan, position: int) -> bool:
    """Whether the parameter there or one behind it is secret, of which a string with a quote too few may hold some."""
    return any(getattr(param, "secret", False) for param in plan.params[max(0, position) :])


def with_cut(reason: Reason, cut: Cut) -> Reason:
    """A reason with the string that may be behind it, and the remedy."""
    follows, taken = (
        ("...", "...") if cut.secret else (cut.follows[:MAX_FOLLOWING_CHARACTERS], cut.taken[:MAX_SHOWN_CHARACTERS])
    )
    instead = getattr(cut.param, "instead", "")
    remedy = QUOTE_ENDS
    if ord(QUOTE) in getattr(cut.param, "escapes", ()):
        remedy = ESCAPE_QUOTE
    elif instead:
        remedy = Sentence(N_("{ends}, but {command} takes any text"), ends=QUOTE_ENDS, command=instead)
    return QuoteEnded(reason, cut.param.name, taken, follows, remedy)


def with_open(reason: Reason, plan: ArgumentPlan, position: int, text: str) -> Reason:
    """A reason with the string that no quote ends: `text`, for the parameter there."""
    param = plan.at(position)
    if param is None:
        return reason
    begins = "..." if leads_to_secret(plan, position) else text[:MAX_SHOWN_CHARACTERS]
    return QuoteOpen(reason, param.name, begins)
