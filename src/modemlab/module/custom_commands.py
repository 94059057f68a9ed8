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
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from modemlab.at.parameters import to_bytes, to_text
from modemlab.at.steps import ERROR, NO_RESULT_CODE, OK, Final, Info, Step, Wait
from modemlab.at.syntax import ParsedCommand
from modemlab.module.unknown_commands import MAX_COMMAND_CHARACTERS
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import nearest
from modemlab.text.reason import Listed, Reason, Sentence, reason_of
from modemlab.transcripts.pattern import Pattern, compile_pattern
from modemlab.validation.fields import Flag, ListOf, Number, Table, Tables, TextField, check
from modemlab.validation.input_errors import InputMistake, InvalidInput
from modemlab.validation.parsing import read
from modemlab.validation.toml_file import parse, plain, read_document

ANSWER_AT_START = "start"
MAX_ENTRIES, MAX_LINES, MAX_CHARACTERS = 1000, 64, 1 << 22
MAX_LINE_CHARACTERS, MAX_RESULT_CHARACTERS, MAX_DELAY_S = 1024, 100, 3600.0
# A command of that length, each of its characters with a backslash.
MAX_PATTERN_CHARACTERS = 2 * MAX_COMMAND_CHARACTERS
# The numbers under ATV0 (V.250, table 1); any other result is a failure.
NUMBERS = {"CONNECT": 1, "RING": 2, "NO CARRIER": 3, "NO DIALTONE": 6, "BUSY": 7, "NO ANSWER": 8}
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What no `command` holds: a CR, which ends lines unless S3 says otherwise, bytes that are no UTF-8, and what is masked.
NO_COMMAND = re.compile("[\r\ud800-\udfff]|(?<!AT)\\*")
NO_REMARKS: Mapping[str, str] = MappingProxyType({})


class CustomCommand(NamedTuple):
    """An entry, ready to answer."""

    pattern: Pattern[str]
    lines: tuple[bytes, ...]
    result: Final
    delay: float
    when: str | None
    then: str | None
    override: bool


class CustomCommands:
    """The entries in the state of one module; `state` is `start` whenever it starts."""

    __slots__ = ("_entries", "state")

    def __init__(self, entries: Sequence[CustomCommand]) -> None:
        self._entries = entries
        self.reset()

    def reset(self) -> None:
        """Power on."""
        self.state = ANSWER_AT_START

    def parser(
        self, parse: Callable[[bytes], tuple[ParsedCommand, ...]]
    ) -> Callable[[bytes], tuple[ParsedCommand, ...]]:
        """A parser of line bodies that knows these entries beside what `parse` does."""
        overrides = any(entry.override for entry in self._entries)

        def parse_all(body: bytes) -> tuple[ParsedCommand, ...]:
            if overrides and (call := self._find(to_text(body), True)) is not None:
                return (call,)
            calls = parse(body)
            if calls and calls[-1].command is None and calls[-1].refused is not None:
                call = self._find(calls[-1].text, False)
                if call is not None:
                    return (*calls[:-1], call)
            return calls

        return parse_all

    def _find(self, text: str, override: bool) -> ParsedCommand | None:
        """The call of the first entry that fits a line, or the rest of one, behind its `AT`."""
        for entry in self._entries:
            if (
                (entry.override or not override)
                and entry.when in (None, self.state)
                and entry.pattern.fullmatch("AT" + text)
            ):
                return ParsedCommand(text, None, None, (entry,))
        return None

    def answer(self, entry: CustomCommand) -> Generator[Step, bytes, None]:
        """Say what the entry says."""
        if entry.delay:
            yield Wait(entry.delay)
        for line in entry.lines:
            yield Info(line)
        self.state = entry.then or self.state
        yield entry.result


# Reading


class CommandPattern(TextField):
    """A regular expression for a command line."""

    __slots__ = ()

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, str) and 0 < len(value) <= MAX_PATTERN_CHARACTERS and why_no_pattern(value) is None

    def expected(self, given: object) -> Reason:
        """In words, and what is wrong with it."""
        reason = why_no_pattern(given) if isinstance(given, str) and 0 < len(given) <= MAX_PATTERN_CHARACTERS else None
        return Sentence(N_("a regular expression, but {reason}"), reason=reason) if reason else self.words


class AnswerLine(TextField):
    """What can be said as one line."""

    __slots__ = ()

    def fits(self, value: object) -> bool:
        """Whether it is that."""
        return (
            isinstance(value, str)
            and 0 < len(value.encode("utf-8", "surrogatepass")) <= MAX_LINE_CHARACTERS
            and not CONTROL.search(value)
        )


class StateName(TextField):
    """A state that an entry of the same file leads to, or the first."""

    __slots__ = ()

    def fits_among(self, value: object, context: Mapping[str, Any]) -> bool:
        """Whether it is one of them."""
        return isinstance(value, str) and value in context.get(STATES, (value,))

    def misfit_among(self, value: object, context: Mapping[str, Any]) -> InputMistake:
        """All of them, and the nearest."""
        states = sorted(context.get(STATES, ()))
        near = nearest(value, states) if isinstance(value, str) else ""
        expected = Sentence(N_("{expected}: {names}"), expected=self.words, names=Listed(tuple(states)))
        return replace(self.misfit("", value), expected=expected, nearest=near)


STATES = "states"
LINE = AnswerLine(N_("a text"))
COMMAND_LINE = TextField(
    Sentence(
        N_("a command line from its AT on, of up to {maximum} characters, without CR"), maximum=MAX_COMMAND_CHARACTERS
    ),
    rf"[Aa][Tt][^\r]{{0,{MAX_COMMAND_CHARACTERS - 2}}}",
)


@dataclass(frozen=True, slots=True)
class AnswerTable(Table):
    """An entry, as a file has it."""

    title = "answer"

    command: Annotated[str | None, COMMAND_LINE] = None
    pattern: Annotated[
        str | None,
        CommandPattern(
            Sentence(N_("a regular expression of 1 to {maximum} characters"), maximum=MAX_PATTERN_CHARACTERS)
        ),
    ] = None
    lines: Annotated[
        Sequence[str],
        ListOf(
            LINE,
            Sentence(
                N_("at most {count} texts of 1 to {maximum} bytes without control characters"),
                count=MAX_LINES,
                maximum=MAX_LINE_CHARACTERS,
            ),
            maximum=MAX_LINES,
        ),
    ] = ()
    result: Annotated[
        str,
        TextField(
            Sentence(
                N_('a result code such as "OK" or "+CME ERROR: 3", or "", of up to {maximum} letters'),
                maximum=MAX_RESULT_CHARACTERS,
            ),
            f"[ -~]{{0,{MAX_RESULT_CHARACTERS}}}",
        ),
    ] = "OK"
    delay: Annotated[float, Number(0, MAX_DELAY_S, N_("seconds"))] = 0.0
    when: Annotated[
        str | None, StateName(Sentence(N_("{first}, or what `then` of an entry says"), first=ANSWER_AT_START))
    ] = None
    then: Annotated[
        str | None, TextField(N_("a word of 1 to 32 letters, digits, hyphens and underscores"), "[A-Za-z0-9_-]{1,32}")
    ] = None
    override: Annotated[bool, Flag()] = False

    def __post_init__(self) -> None:
        """Hold the fields to what they take, and to each other."""
        check(self)
        if (self.command is None) == (self.pattern is None):
            raise InvalidInput.said(Sentence(N_("it has both or none of command and pattern, expected one of them")))

    @property
    def extra(self) -> CustomCommand:
        """The entry, ready to answer."""
        pattern = re.escape(self.command or "") if self.pattern is None else self.pattern
        compiled = compile_pattern(pattern, re.IGNORECASE | re.DOTALL)
        lines = tuple(map(to_bytes, self.lines))
        result = _final(self.result)
        return CustomCommand(compiled, lines, result, float(self.delay), self.when, self.then, self.override)


@dataclass(frozen=True, slots=True)
class AnswersDocument(Table):
    """What a file says."""

    title = "a file of answers"
    keys = N_("table of this file")

    answer: Annotated[
        tuple[AnswerTable, ...],
        Tables(Sentence(N_("at most {count} times [[answer]]"), count=MAX_ENTRIES), MAX_ENTRIES),
    ] = ()


def read_answers(text: str) -> tuple[CustomCommand, ...]:
    """The entries of a file's text. Raises ValueError with a line for each mistake, which has the file's line."""
    text = plain(text, MAX_CHARACTERS)
    document = parse(text)
    return extras_of(read_document(AnswersDocument, text, document, states_of(document)))


def read_custom_commands(data: Mapping[str, Any]) -> tuple[CustomCommand, ...]:
    """The entries of a file's content: its tables `answer`. Raises `Mistakes`."""
    return extras_of(read(AnswersDocument, data, states_of(data)))


def states_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """For who reads a document: the states that its entries lead to."""
    tables = document.get("answer")
    told = [table.get("then") for table in tables if isinstance(table, Mapping)] if isinstance(tables, list) else []
    return {STATES: {ANSWER_AT_START, *(state for state in told if isinstance(state, str))}}


def extras_of(document: AnswersDocument) -> tuple[CustomCommand, ...]:
    """The entries of a document."""
    return tuple(table.extra for table in document.answer)


def why_no_pattern(text: str) -> Reason | None:
    """Why a text is no regular expression; None if it is one."""
    try:
        compile_pattern(text, re.IGNORECASE | re.DOTALL)
    except ValueError as error:
        return reason_of(error)
    return None


def _final(result: str) -> Final:
    """The final result code of these words."""
    known = {OK.word: OK, ERROR.word: ERROR, "": NO_RESULT_CODE}
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
