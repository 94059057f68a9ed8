"""Commands that a dialect's tables lack, as plain data says them: for `--answers FILE` and tests.

Each entry is a table of these keys, all but the first optional:

- `command`, the command line as typed, or `pattern`, a regular expression for all of it; letters of either case fit.
- `lines`, what is said ahead of the result; none.
- `result`, the final result code, empty for none; OK.
- `delay`, seconds until anything of it is said, 0 to 3,600; none.
- `when`, the state that the module must be in; any. `then`, the state it is in from then on; it stays.
- `override`, whether it stands before the dialect's own commands; false.

The first entry that fits answers. A module that starts is in the state `start`.
"""

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from modemlab.at.parameters import to_bytes, to_text
from modemlab.at.steps import ERROR, OK, SILENT, Final, Info, NoCommand, Step, Wait
from modemlab.at.syntax import Call
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.known import Stranger
from modemlab.text.figures import figure, shown
from modemlab.text.spelling import meant, unknown
from modemlab.transcripts.pattern import Pattern, compile_pattern
from modemlab.validation.toml_file import Misplaced, read_document

START = "start"
MOST_ENTRIES, MOST_LINES, MOST_CHARACTERS = 1000, 64, 1 << 22
LONGEST_TEXT, LONGEST_LINE, LONGEST_RESULT, LONGEST_DELAY = 512, 1024, 100, 3600.0
# A command of that length, each of its characters with a backslash.
LONGEST_PATTERN = 2 * LONGEST_TEXT
# Different unknown commands that a module remembers, and the characters of each.
MOST_UNKNOWN, LONGEST_UNKNOWN = 64, LONGEST_TEXT
# The numbers under ATV0 (V.250, table 1); any other result is a failure.
NUMBERS = {"CONNECT": 1, "RING": 2, "NO CARRIER": 3, "NO DIALTONE": 6, "BUSY": 7, "NO ANSWER": 8}
LABEL = re.compile(r"[A-Za-z0-9_-]{1,32}")
PRINTABLE = re.compile(r"[ -~]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What no `command` holds: a CR, which ends lines unless S3 says otherwise, bytes that are no UTF-8, and what is masked.
NO_COMMAND = re.compile("[\r\ud800-\udfff]|(?<!AT)\\*")
NO_REMARKS: Mapping[str, str] = MappingProxyType({})
KEYS = ("command", "pattern", "lines", "result", "delay", "when", "then", "override")


class Extra(NamedTuple):
    """An entry, ready to answer."""

    pattern: Pattern[str]
    lines: tuple[bytes, ...]
    result: Final
    delay: float
    when: str | None
    then: str | None
    override: bool


class Extras:
    """The entries in the state of one module; `state` is `start` whenever it starts."""

    __slots__ = ("_entries", "state")

    def __init__(self, entries: Sequence[Extra]) -> None:
        self._entries = entries
        self.state = START

    def parser(self, parse: Callable[[bytes], tuple[Call, ...]]) -> Callable[[bytes], tuple[Call, ...]]:
        """A parser of line bodies that knows these entries beside what `parse` does."""
        overrides = any(entry.override for entry in self._entries)

        def parse_all(body: bytes) -> tuple[Call, ...]:
            if overrides and (call := self._find(to_text(body), True)) is not None:
                return (call,)
            calls = parse(body)
            if calls and calls[-1].command is None and calls[-1].refused is not None:
                call = self._find(calls[-1].text, False)
                if call is not None:
                    return (*calls[:-1], call)
            return calls

        return parse_all

    def _find(self, text: str, override: bool) -> Call | None:
        """The call of the first entry that fits a line, or the rest of one, behind its `AT`."""
        for entry in self._entries:
            if (
                (entry.override or not override)
                and entry.when in (None, self.state)
                and entry.pattern.fullmatch("AT" + text)
            ):
                return Call(text, None, None, (entry,))
        return None

    def answer(self, entry: Extra) -> Generator[Step, bytes, None]:
        """Say what the entry says."""
        if entry.delay:
            yield Wait(entry.delay)
        for line in entry.lines:
            yield Info(line)
        self.state = entry.then or self.state
        yield entry.result


def count_unknown(counts: Mapping[str, int], text: str) -> Mapping[str, int]:
    """The counts with a command that is unknown, as typed; what exceeds the bounds is not remembered."""
    if text in counts or (len(counts) < MOST_UNKNOWN and len(text) <= LONGEST_UNKNOWN):
        return {**counts, text: counts.get(text, 0) + 1}
    return counts


def strangers(dialect: Dialect, strict: bool, counts: Mapping[str, int]) -> dict[str, Stranger]:
    """What is to be said of unknown commands, by what was typed; of some nothing is."""
    parse = dialect.parser(strict)
    found = {}
    for text in counts:
        refused = parse(to_bytes(text[2:]))[-1].refused
        stranger = dialect.look_up(refused, strict) if isinstance(refused, NoCommand) else None
        if stranger is not None:
            found[text] = stranger
    return found


# Reading


def read_answers(text: str) -> tuple[Extra, ...]:
    """The entries of a file's text. Raises ValueError, of one line, which has the number of the file's line."""
    return read_document(text, MOST_CHARACTERS, read_extras)


def read_extras(data: Mapping[str, Any]) -> tuple[Extra, ...]:
    """The entries of a file's content: its tables `answer`.

    Raises `Misplaced`, a ValueError of one line, which names the entry, the key, what it was and what was expected.
    """
    for key in data:
        if key != "answer":
            raise Misplaced((key,), f"{shown(key)} is no table of this file, expected [[answer]]")
    tables = data.get("answer", [])
    if not isinstance(tables, list) or len(tables) > MOST_ENTRIES:
        raise Misplaced(
            ("answer",), f"answer is not a list of tables, expected at most {MOST_ENTRIES} times [[answer]]"
        )
    states = {START}
    for table in tables:
        if isinstance(table, Mapping) and isinstance(table.get("then"), str):
            states.add(table["then"])
    return tuple(_read(number, table, states) for number, table in enumerate(tables, 1))


def _read(number: int, table: Any, states: set[str]) -> Extra:
    """One entry."""

    def wrong(key: str, expected: str) -> ValueError:
        return Misplaced((*path, key), f"answer {number}: {key} is {shown(table[key])}, expected {expected}")

    path = ("answer", number - 1)
    if not isinstance(table, Mapping):
        raise Misplaced(path, f"answer {number} is {shown(table)}, expected a table")
    for key in table:
        if key not in KEYS:
            raise Misplaced((*path, key), f"answer {number}: {unknown(key, 'key', KEYS)}")
    if ("command" in table) == ("pattern" in table):
        raise Misplaced(path, f"answer {number} has both or none of command and pattern, expected one of them")
    lines = table.get("lines", [])
    if not isinstance(lines, list) or len(lines) > MOST_LINES or not all(map(_is_line, lines)):
        raise wrong("lines", f"at most {MOST_LINES} texts of 1 to {LONGEST_LINE} bytes without control characters")
    result = table.get("result", "OK")
    if not isinstance(result, str) or len(result) > LONGEST_RESULT or not PRINTABLE.fullmatch(result):
        raise wrong(
            "result", f'a result code such as "OK" or "+CME ERROR: 3", or "", of up to {LONGEST_RESULT} letters'
        )
    delay = table.get("delay", 0.0)
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay <= LONGEST_DELAY:
        raise wrong("delay", f"a number from 0 to {figure(LONGEST_DELAY)} seconds")
    if not isinstance(table.get("override", False), bool):
        raise wrong("override", "true or false")
    then, when = table.get("then"), table.get("when")
    if "then" in table and not (isinstance(then, str) and LABEL.fullmatch(then)):
        raise wrong("then", "a word of 1 to 32 letters, digits, hyphens and underscores")
    if "when" in table and not (isinstance(when, str) and when in states):
        named = f"{START}, or what `then` of an entry says: {', '.join(sorted(states))}"
        raise wrong("when", f"{named}{meant(when, states)}")
    key = "command" if "command" in table else "pattern"
    return Extra(
        _pattern(table[key], key == "command", wrong),
        tuple(map(to_bytes, lines)),
        _final(result),
        float(delay),
        when,
        then,
        table.get("override", False),
    )


def _pattern(text: Any, literal: bool, wrong: Callable[[str, str], ValueError]) -> Pattern[str]:
    """What a line must be."""
    if literal:
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or text[:2].upper() != "AT" or "\r" in text:
            raise wrong("command", f"a command line from its AT on, of up to {LONGEST_TEXT} characters, without CR")
        text = re.escape(text)
    elif not isinstance(text, str) or not 0 < len(text) <= LONGEST_PATTERN:
        raise wrong("pattern", f"a regular expression of 1 to {LONGEST_PATTERN} characters")
    try:
        return compile_pattern(text, re.IGNORECASE | re.DOTALL)
    except ValueError as error:
        raise wrong("pattern", f"a regular expression, but {error}") from None


def _is_line(line: Any) -> bool:
    """Whether that can be said as one line."""
    return (
        isinstance(line, str)
        and 0 < len(line.encode("utf-8", "surrogatepass")) <= LONGEST_LINE
        and not CONTROL.search(line)
    )


def _final(result: str) -> Final:
    """The final result code of these words."""
    known = {OK.word: OK, ERROR.word: ERROR, "": SILENT}
    return known.get(result) or Final(NUMBERS.get(result, ERROR.number), result)


# Writing


def show_unknown(counts: Mapping[str, int], remarks: Mapping[str, str] = NO_REMARKS) -> Iterable[str]:
    """The lines of a file that answers these unknown commands with OK, to be filled in; behind each, what is to be said
    of it.
    """
    for text, count in counts.items():
        remark = f"; {remarks[text]}" if text in remarks else ""
        yield f"[[answer]]  # typed {count} {'time' if count == 1 else 'times'}{remark}"
        if NO_COMMAND.search(text):
            pattern = "".join("." if NO_COMMAND.match(character) else re.escape(character) for character in text)
            yield f"pattern = {toml_text(pattern)}"
        else:
            yield f"command = {toml_text(text)}"
        yield "lines = []"


def toml_text(text: str) -> str:
    """A text as TOML 1.0 writes it between quotes."""

    def shown(character: str) -> str:
        if character in '"\\':
            return "\\" + character
        return character if character.isprintable() else f"\\U{ord(character):08X}"

    return f'"{"".join(map(shown, text))}"'
