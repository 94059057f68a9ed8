r"""Regular expressions that a file brings along, matched in bounded time.

Python's own matcher tries one way after the other, and has more ways than anyone can wait for when repeats stand in
repeats: `(a+)+b`. Here `re` says whether an expression is right, and what one character of it (`\d`, `[^,]`) takes; the
expression's repeats and choices are followed all at once: the time is at most the data's length times the expression's,
whatever they are. What cannot be matched like that is refused: back-references, looks ahead and behind, word
boundaries, groups and repeats that give nothing back, and flags but `i`, `s`, `x`, `a` and `u`.
"""

import re
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, AnyStr, Generic, TypeAlias

from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, helped

# States of one expression; steps that are remembered of one, and the states that these lead to, taken together.
MAX_STATES, MAX_CACHED_STEPS, MAX_CACHED_STATES = 10_000, 4096, 100_000
FLAGS = re.IGNORECASE | re.DOTALL | re.VERBOSE | re.ASCII | re.UNICODE
LETTERS = {"i": re.IGNORECASE, "s": re.DOTALL, "x": re.VERBOSE, "a": re.ASCII, "u": re.UNICODE}
# The pieces that an expression consists of, once `re` has found it right. None is empty.
TOKEN = re.compile(
    r"""(?P<reference> \\(?![1-3][0-7]{2})[1-9] | \(\?P= | \(\?\( )
      | (?P<look> \(\?<?[=!] )
      | (?P<atomic> \(\?> )
      | (?P<boundary> \\[bB] )
      | (?P<note> \(\?\# (?: \\. | [^\\)] )* \) )
      | (?P<open> \( (?: \?P<[^>]*> | \? (?P<more>[a-zA-Z]*) (?: - (?P<less>[a-zA-Z]*) )? [:)] )? )
      | (?P<close> \) )
      | (?P<bar> \| )
      | (?P<place> [\^$] | \\[AZz] )
      | (?P<repeat> (?: [*+?] | \{ (?!\}) (?P<least>[0-9]*) (?P<up>,(?P<most>[0-9]*))? \} ) (?P<gives>[?+]?) )
      | (?P<taking> \\(?: x.. | u.{4} | U.{8} | N\{[^}]*\} | 0[0-7]{0,2} | [1-3][0-7]{2} | . )
                  | \[ \^? \]? (?: \\. | [^\\\]] )* \] | . )""",
    re.VERBOSE | re.DOTALL,
)
# What says nothing with the flag x, outside of sets.
BLANK = re.compile(r"[ \t\n\r\v\f] | \# (?: \\. | [^\\\n] )* \n?", re.VERBOSE | re.DOTALL)
MISSING = {
    "reference": N_("a pattern has no such thing as a reference to a group at position {at}"),
    "look": N_("a pattern has no such thing as a look ahead or behind at position {at}"),
    "atomic": N_("a pattern has no such thing as a group that gives nothing back at position {at}"),
    "possessive": N_("a pattern has no such thing as a repeat that gives nothing back at position {at}"),
    "boundary": N_("a pattern has no word boundaries at position {at}"),
    "flag": N_("a pattern has no flags but i, s, x, a and u at position {at}"),
}
# Characters that have a meaning of their own, which those who copy a line forget.
SPECIAL = "+*?()[]{}|"

Item: TypeAlias = "Callable[[Any], Any] | str | Choices"
Choices: TypeAlias = "list[list[tuple[Item, int, int | None]]]"
"""An item takes one character or byte, or is a place (`^`), or a group's choices: each a sequence of items with how
often each comes, at least and at most; None is endlessly."""

# The places that there are at the data's begin, within it, ahead of an end of line that is its last, and at its end.
BEGIN, WITHIN, AHEAD, END = map(frozenset, (("^", "\\A"), (), ("$",), ("$", "\\Z", "\\z")))


def why(error: Exception, pattern: str | bytes) -> Reason:
    """What `re` says of an expression, and how the character there is written where it stands for itself."""
    if not isinstance(error, re.error) or error.pos is None:
        return Sentence(str(error))
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    message = N_("{error} at position {at}")
    if "\n" in text:
        message = N_("{error} at position {at} (line {line}, column {column})")
    reason = Sentence(message, error=error.msg, at=error.pos, line=error.lineno, column=error.colno)
    char = text[error.pos : error.pos + 1]
    if not char or char not in SPECIAL:
        return reason
    return helped(reason, Sentence(N_("\\{char} is the character {char} itself"), char=char))


def read(pattern: str | bytes, flags: int) -> Choices:
    """The choices of an expression that `re` has found right, and of these flags. Raises ValueError."""
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    choices: Choices = [[]]
    outer: list[tuple[Choices, int]] = []
    at = 0
    while at < len(text):
        piece = (BLANK.match(text, at) if flags & re.VERBOSE else None) or TOKEN.match(text, at)
        assert piece is not None, text
        kind = piece.lastgroup or "note"
        if kind == "repeat" and piece["gives"] == "+":
            kind = "possessive"
        if kind == "open" and not LETTERS.keys() >= set(letters := f"{piece['more'] or ''}{piece['less'] or ''}"):
            kind = "flag"
        if kind in MISSING:
            raise ValueError(Sentence(MISSING[kind], at=at))
        at = piece.end()
        if kind == "open" and not (letters and piece[0][-1] == ")"):
            outer.append((choices, flags))
            choices, flags = [[]], turned(flags, piece["more"] or "", piece["less"] or "")
        elif kind == "close":
            group = choices
            choices, flags = outer.pop()
            choices[-1].append((group, 1, 1))
        elif kind == "bar":
            choices.append([])
        elif kind == "place":
            choices[-1].append((piece[0], 1, 1))
        elif kind == "repeat":
            choices[-1].append((choices[-1].pop()[0], *times(piece)))
        elif kind == "taking":
            one = piece[0] if isinstance(pattern, str) else piece[0].encode("latin-1")
            choices[-1].append((re.compile(one, flags & ~re.VERBOSE).fullmatch, 1, 1))
    return choices


def turned(flags: int, on: str, off: str) -> int:
    """The flags inside of `(?on-off:...)`."""
    for letter in off:
        flags &= ~LETTERS[letter]
    for letter in on:
        # One of the two holds, as everywhere in a text.
        flags = flags & ~(re.ASCII | re.UNICODE if letter in "au" else 0) | LETTERS[letter]
    return flags


def times(piece: "re.Match[str]") -> tuple[int, int | None]:
    """How often what a repeat follows comes, at least and at most."""
    if piece[0][0] != "{":
        return int(piece[0][0] == "+"), 1 if piece[0][0] == "?" else None
    minimum = int(piece["least"] or 0)
    return minimum, int(piece["most"]) if piece["most"] else None if piece["up"] else minimum


class Pattern(Generic[AnyStr]):
    """An expression, ready to be held to data of its own kind; `compile_pattern` makes one."""

    __slots__ = ("_kept", "_start", "_states", "_steps", "flags", "pattern")

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        """Read an expression. Raises ValueError with one line."""
        self.pattern: AnyStr = pattern
        self.flags = flags
        self._states = States()
        self._steps: dict[tuple[frozenset[int], int, frozenset[str]], frozenset[int]] = {}
        self._kept = 0
        try:
            with warnings.catch_warnings(action="ignore"):
                found = re.compile(pattern, flags).flags
                if found & ~FLAGS:
                    raise ValueError(Sentence(N_("a pattern has no flags but i, s, x, a and u")))
                self._start = self._states.choice(read(pattern, found), 0)
        except (re.error, OverflowError) as error:
            raise ValueError(why(error, pattern)) from None
        except RecursionError:
            raise ValueError(Sentence(N_("a pattern is nested too deeply"))) from None

    def __eq__(self, other: object) -> bool:
        """Whether it is the same expression."""
        return isinstance(other, Pattern) and (self.pattern, self.flags) == (other.pattern, other.flags)

    def __hash__(self) -> int:
        return hash((self.pattern, self.flags))

    def fullmatch(self, data: AnyStr) -> bool:
        """Whether it matches all of the data."""
        end = len(data)
        # `$` is also ahead of a last end of line.
        ahead = end - 1 if data[-1:] in ("\n", b"\n") else end
        codes: Iterable[int] = data if isinstance(data, bytes) else map(ord, data)
        states = self._states.reached((self._start,), BEGIN | place(0, ahead, end))
        for at, code in enumerate(codes, 1):
            if not states:
                return False
            key = (states, code, place(at, ahead, end))
            found = self._steps.get(key)
            if found is None:
                found = self._states.behind(states, data[at - 1 : at], key[2])
                self._remember(key, found)
            states = found
        return 0 in states

    def _remember(self, key: tuple[frozenset[int], int, frozenset[str]], found: frozenset[int]) -> None:
        if len(self._steps) >= MAX_CACHED_STEPS or self._kept + len(found) > MAX_CACHED_STATES:
            self._steps.clear()
            self._kept = 0
        self._steps[key] = found
        self._kept += len(found)


class States:
    """Where one can be in an expression: what each state takes, and which come behind it. State 0 is the end."""

    __slots__ = ("_left", "_takes", "_then")

    def __init__(self) -> None:
        self._left = MAX_STATES
        self._takes: list[Callable[[Any], Any] | str | None] = [None]
        self._then: list[tuple[int, ...]] = [()]

    def choice(self, choices: Choices, then: int) -> int:
        """Make the state that begins a group, behind which comes `then`. Raises ValueError if it is too large."""
        begins = []
        for sequence in choices:
            state = then
            for item, minimum, maximum in reversed(sequence):
                state = self._repeated(item, minimum, maximum, state)
            begins.append(state)
        return begins[0] if len(begins) == 1 else self._state(None, *begins)

    def _repeated(self, item: Item, minimum: int, maximum: int | None, then: int) -> int:
        if minimum == maximum == 1:
            return self._once(item, then)
        state = then
        if maximum is None:
            state = self._state(None)
            self._then[state] = (self._once(item, state), then)
        for _ in range(0 if maximum is None else maximum - minimum):
            state = self._state(None, self._once(item, state), then)
        for _ in range(minimum):
            self._count()
            state = self._once(item, state)
        return state

    def _once(self, item: Item, then: int) -> int:
        return self.choice(item, then) if isinstance(item, list) else self._state(item, then)

    def _state(self, takes: Callable[[Any], Any] | str | None, *then: int) -> int:
        self._count()
        self._takes.append(takes)
        self._then.append(then)
        return len(self._takes) - 1

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            message = N_("a pattern is too large: it comes to more than {maximum} characters and choices")
            raise ValueError(Sentence(message, maximum=MAX_STATES))

    def behind(self, states: Iterable[int], one: str | bytes, places: frozenset[str]) -> frozenset[int]:
        """Where one is behind a character, or a byte; `places` are those that there are behind it."""
        found = [self._then[state][0] for state in states if callable(take := self._takes[state]) and take(one)]
        return self.reached(found, places)

    def reached(self, states: Iterable[int], places: frozenset[str]) -> frozenset[int]:
        """These states and all that come without a character."""
        open_, found = list(states), set[int]()
        while open_:
            state = open_.pop()
            if state not in found:
                found.add(state)
                takes = self._takes[state]
                if takes is None or takes in places:
                    open_ += self._then[state]
        return frozenset(found)


def compile_pattern(pattern: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """An expression, ready to be held to data. Raises ValueError with one line."""
    made: Pattern[AnyStr] = cached(pattern, int(flags))
    return made


# Those used last are kept.
cached: Any = lru_cache(maxsize=256)(Pattern)


def place(at: int, ahead: int, end: int) -> frozenset[str]:
    """The places that there are ahead of that character."""
    return END if at == end else AHEAD if at == ahead else WITHIN
