"""Regular expressions that a file brings along, matched in bounded time.

Python's own matcher tries one way after the other, and has more ways than anyone can wait for when repeats stand in
repeats: `(a+)+b`. Here Python parses an expression, and all its ways are gone at once: the time is at most the data's
length times the expression's, whatever they are. What cannot be matched like that is refused: back-references, looks
ahead and behind, word boundaries, groups and repeats that give nothing back, and flags but `i`, `s`, `x`, `a` and `u`.
"""

import re
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from typing import Any, AnyStr, Generic

# The parser that `re` itself uses; its constants are known by their names alone.
parse: Any = import_module("re._parser").parse
ENDLESS: Any = import_module("re._constants").MAXREPEAT
# States of one expression; steps that are remembered of one.
MOST_STATES, MOST_STEPS = 10_000, 4096
FLAGS = re.IGNORECASE | re.DOTALL | re.VERBOSE | re.ASCII | re.UNICODE
CATEGORIES = {"DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w", "NOT_WORD": r"\W"}
REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
STARTS = ("AT_BEGINNING", "AT_BEGINNING_STRING")
WORDS = {
    "GROUPREF": "a reference to a group",
    "GROUPREF_EXISTS": "a reference to a group",
    "ASSERT": "a look ahead or behind",
    "ASSERT_NOT": "a look ahead or behind",
    "FAILURE": "a look ahead or behind",
    "ATOMIC_GROUP": "a group that gives nothing back",
    "POSSESSIVE_REPEAT": "a repeat that gives nothing back",
}
# Where the data is, as far as `$` and `\Z` are concerned.
WITHIN, AHEAD_OF_END, END = range(3)
# Characters that have a meaning of their own, which those who copy a line forget.
SPECIAL = "+*?()[]{}|"
Takes = Callable[[int], bool]


def itself(pattern: str | bytes, at: int | None) -> str:
    """How the character at that place is written where it stands for itself, for the end of a reason."""
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    char = "" if at is None else text[at : at + 1]
    return f": \\{char} is the character {char} itself" if char and char in SPECIAL else ""


class Pattern(Generic[AnyStr]):
    """An expression, ready to be held to data of its own kind; `compile_pattern` makes one."""

    __slots__ = ("_makes", "_start", "_steps", "flags", "pattern")

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        """Read an expression. Raises ValueError with one line."""
        self.pattern: AnyStr = pattern
        self.flags = flags
        try:
            with warnings.catch_warnings(action="ignore"):
                read = parse(pattern, flags)
            if read.state.flags & ~int(FLAGS):
                raise ValueError("a pattern has no flags but i, s, x, a and u")
            self._makes = maker = Maker(isinstance(pattern, bytes))
            self._start = maker.sequence(read, 0, read.state.flags)
        except (re.error, OverflowError) as error:
            raise ValueError(f"{error}{itself(pattern, getattr(error, 'pos', None))}") from None
        except RecursionError:
            raise ValueError("a pattern is nested too deeply") from None
        self._steps: dict[tuple[frozenset[int], int, int], frozenset[int]] = {}

    def __eq__(self, other: object) -> bool:
        """Whether it is the same expression."""
        return isinstance(other, Pattern) and (self.pattern, self.flags) == (other.pattern, other.flags)

    def __hash__(self) -> int:
        return hash((self.pattern, self.flags))

    def fullmatch(self, data: AnyStr) -> bool:
        """Whether it matches all of the data."""
        end = len(data)
        codes: Iterable[int] = data if isinstance(data, bytes) else map(ord, data)
        # `$` is also ahead of a last end of line.
        ahead = end - 1 if data[-1:] in ("\n", b"\n") else end
        states = self._reach((self._start,), True, place(0, ahead, end))
        for at, code in enumerate(codes, 1):
            if not states:
                return False
            key = (states, code, place(at, ahead, end))
            found = self._steps.get(key)
            if found is None:
                if len(self._steps) >= MOST_STEPS:
                    self._steps.clear()
                found = self._steps[key] = self._step(*key)
            states = found
        return 0 in states

    def _step(self, states: frozenset[int], code: int, at: int) -> frozenset[int]:
        """Where it is behind a character."""
        takes, then = self._makes.takes, self._makes.then
        found = [then[state][0] for state in states if (test := takes[state]) is not None and test(code)]
        return self._reach(found, False, at)

    def _reach(self, states: Iterable[int], begun: bool, at: int) -> frozenset[int]:
        """These states and all that come without a character."""
        maker, open_, found = self._makes, list(states), set[int]()
        while open_:
            state = open_.pop()
            if state in found:
                continue
            found.add(state)
            if maker.takes[state] is None and maker.holds(state, begun, at):
                open_ += maker.then[state]
        return frozenset(found)


class Maker:
    """Makes the states of an expression: what each takes, if it takes a character, and which come behind it.

    State 0 is the end.
    """

    __slots__ = ("_bytes", "_left", "anchors", "takes", "then")

    def __init__(self, of_bytes: bool) -> None:
        self._bytes, self._left = of_bytes, MOST_STATES
        self.takes: list[Takes | None] = [None]
        self.then: list[tuple[int, ...]] = [()]
        self.anchors: dict[int, str] = {}

    def holds(self, state: int, begun: bool, at: int) -> bool:
        """Whether a state that takes nothing lets pass."""
        anchor = self.anchors.get(state)
        if anchor is None:
            return True
        if anchor in STARTS:
            return begun
        return at == END or (at == AHEAD_OF_END and anchor == "AT_END")

    def sequence(self, items: Any, then: int, flags: int) -> int:
        """The state that begins these items, behind which comes `then`."""
        for op, argument in reversed(list(items)):
            then = self._item(op.name, argument, then, flags)
        return then

    def _item(self, name: str, argument: Any, then: int, flags: int) -> int:
        if name == "SUBPATTERN":
            _, more, less, items = argument
            return self.sequence(items, then, (flags | more) & ~less)
        if name == "BRANCH":
            return self._state(None, *(self.sequence(items, then, flags) for items in argument[1]))
        if name in REPEATS:
            least, most, items = argument
            return self._repeat(least, most, items, then, flags)
        if name == "AT":
            if argument.name not in (*STARTS, "AT_END", "AT_END_STRING"):
                raise ValueError("a pattern has no word boundaries")
            state = self._state(None, then)
            self.anchors[state] = argument.name
            return state
        if name in WORDS:
            raise ValueError(f"a pattern has no such thing as {WORDS[name]}")
        return self._state(self._test(name, argument, flags), then)

    def _repeat(self, least: int, most: int, items: Any, then: int, flags: int) -> int:
        state = then
        if most == ENDLESS:
            state = self._state(None)
            self.then[state] = (self.sequence(items, state, flags), then)
        for _ in range(0 if most == ENDLESS else most - least):
            state = self._state(None, self.sequence(items, state, flags), then)
        for _ in range(least):
            self._count()
            state = self.sequence(items, state, flags)
        return state

    def _state(self, takes: Takes | None, *then: int) -> int:
        self._count()
        self.takes.append(takes)
        self.then.append(then)
        return len(self.takes) - 1

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"a pattern is too large: it comes to more than {MOST_STATES} characters and choices")

    # what a character is held to

    def _test(self, name: str, argument: Any, flags: int) -> Takes:
        """Of an item that takes one."""
        if name == "ANY":
            return (lambda _: True) if flags & re.DOTALL else lambda code: code != 10
        if name == "NOT_LITERAL":
            literal = self._folded(lambda code: code == argument, flags)
            return lambda code: not literal(code)
        if name == "LITERAL":
            return self._folded(lambda code: code == argument, flags)
        if name == "RANGE":
            first, last = argument
            return self._folded(lambda code: first <= code <= last, flags)
        if name == "CATEGORY":
            return self._category(CATEGORIES[argument.name.removeprefix("CATEGORY_")], flags)
        assert name == "IN", name
        wanted = argument[0][0].name != "NEGATE"
        tests = [self._test(op.name, each, flags) for op, each in argument[not wanted :]]
        return lambda code: any(test(code) for test in tests) is wanted

    def _folded(self, test: Takes, flags: int) -> Takes:
        """Large and small letters alike, if that is asked for."""
        if not flags & re.IGNORECASE:
            return test
        most = 127 if self._bytes or flags & re.ASCII else 0x10FFFF

        def folded(code: int) -> bool:
            if code > most:
                return test(code)
            return any(len(each) == 1 and test(ord(each)) for each in (chr(code), chr(code).lower(), chr(code).upper()))

        return folded

    def _category(self, text: str, flags: int) -> Takes:
        if self._bytes:
            of_bytes = re.compile(text.encode())
            return lambda code: of_bytes.match(bytes((code,))) is not None
        of_text = re.compile(text, flags & re.ASCII)
        return lambda code: of_text.match(chr(code)) is not None


def compile_pattern(pattern: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """An expression, ready to be held to data. Raises ValueError with one line."""
    made: Pattern[AnyStr] = cached(pattern, int(flags))
    return made


# Those used last are kept.
cached: Any = lru_cache(maxsize=256)(Pattern)


def place(at: int, ahead: int, end: int) -> int:
    """Where a place is."""
    return END if at == end else AHEAD_OF_END if at == ahead else WITHIN
