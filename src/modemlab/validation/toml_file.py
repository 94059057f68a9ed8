"""TOML files: what they say, and on which line something of it stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, at_line
from modemlab.validation.input_errors import InputMistakes, Path
from modemlab.validation.parsing import read

PLACE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)$")
# Tables and lists in each other, and the parts of a key that has more of them.
MAX_DEPTH = 32
PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*({PART}(?:[ \t]*\.[ \t]*{PART}){{{MAX_DEPTH}}})", re.MULTILINE)
# A number that Python does not read: it takes 4,300 digits.
LONG_NUMBER = re.compile(r"[0-9](?:_?[0-9]){4300}")
TOKEN = re.compile(
    r"""(?P<text>\"{3}(?:[^\\]|\\.)*?\"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
    r"""|(?P<mark>[\[\]{}=,.\n])|(?P<word>[^\s\[\]{}=,.#"']+)|[^\S\n]+|\#[^\n]*|.""",
    re.DOTALL,
)
# What the library's reasons mean for who has written a file, by their beginnings.
TOML_ERRORS = {
    "Cannot overwrite a value": N_("this key or table is already defined above"),
    "Cannot declare": N_("this table is already defined above; a list of tables is written with [[ and ]]"),
    "Duplicate inline table key": N_("a table has each key once"),
    "Expected '=' after a key": N_("a line is KEY = VALUE or [TABLE]"),
    "Invalid statement": N_("a line is KEY = VALUE or [TABLE]"),
    "Invalid value": N_("a text is written in quotes"),
    "Illegal character '\\n'": N_("the closing quote of this text is missing"),
    "Unterminated string": N_("the closing quote of this text is missing"),
    "Unescaped '\\'": N_("a text with backslashes is written in single quotes"),
}
TOO_DEEP = N_("nested too deeply")
# Characters of a key that a message shows.
SHOWN = 60
# What some editors put ahead of a text in UTF-8.
MARK = "\ufeff"
T = TypeVar("T")


def text_of(content: bytes) -> str:
    """A file's text, in UTF-8. Raises ValueError, with the line, for what is none."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise misread(content.count(10, 0, error.start) + 1, N_("not UTF-8")) from None
    if "\0" in text:
        raise misread(line_at(text, text.index("\0")), N_("a null character, which is not allowed in a text"))
    return text


def read_toml(kind: type[T], text: str, longest: int, context: Mapping[str, Any] | None = None) -> T:
    """The table that a file's text of at most `longest` characters says; `context` is as in `reading.read`.

    Raises `InputMistakes`, each with its line, in the order of the lines.
    """
    text = plain(text, longest)
    return read_document(kind, text, parse(text), context)


def read_document(kind: type[T], text: str, document: Any, context: Mapping[str, Any] | None = None) -> T:
    """The table that a document says, which is that of the text. Raises `InputMistakes` as `read_toml` does."""
    try:
        return read(kind, document, context)
    except InputMistakes as error:
        raise placed(error, text) from None


def placed(error: InputMistakes, text: str) -> InputMistakes:
    """Mistakes of a document, each with its line, in their order."""
    lines = lines_of(text)
    found = [replace(each, line=line_of(lines, each.path)) for each in error.mistakes]
    return InputMistakes(sorted(found, key=lambda each: each.line or 0), error.more)


def plain(text: str, longest: int) -> str:
    """A text without what editors put into it. Raises ValueError for one that is longer."""
    text = text.removeprefix(MARK).replace("\r\n", "\n")
    if len(text) > longest:
        raise misread(1, N_("a file has at most {maximum} characters, not {count}"), maximum=longest, count=len(text))
    return text


def parse(text: str) -> dict[str, Any]:
    """The document. Raises ValueError, with the line, for what is no TOML, or nested deeper than any file has to be."""
    if (found := LONG_KEY.search(text)) is not None:
        raise misread(line_at(text, found.start(1)), N_("a key of more than {maximum} parts"), maximum=MAX_DEPTH)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = PLACE.search(str(error))
        line = int(place[1]) if place is not None and place[1] else text.rstrip().count("\n") + 1
        said = in_words(PLACE.sub("", str(error)), key_at(text, line))
        raise misread(line, N_("not valid TOML: {reason}"), reason=said) from None
    except RecursionError:
        raise misread(deepest_line(text), TOO_DEEP) from None
    except ValueError as error:
        # What the library leaves to Python
        number = LONG_NUMBER.search(text)
        if number is not None:
            raise misread(line_at(text, number.start()), N_("a number of too many digits")) from None
        raise misread(1, "{reason}", reason=str(error)) from None
    if (path := too_deep(document, MAX_DEPTH)) is not None:
        raise misread(line_of(lines_of(text), path), TOO_DEEP)
    return document


def line_at(text: str, position: int) -> int:
    """The number of the line on which a character stands."""
    return text.count("\n", 0, position) + 1


def too_deep(value: Any, maximum: int) -> Path | None:
    """Where tables and lists are nested deeper than that; None if nowhere."""
    waiting: list[tuple[Any, Path]] = [(value, ())]
    while waiting:
        inner, path = waiting.pop()
        pairs = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
        for key, each in pairs:
            if isinstance(each, dict | list):
                if len(path) == maximum:
                    return path
                waiting.append((each, (*path, key)))
    return None


def misread(line: int, message: str, **values: object) -> ValueError:
    """What is wrong with a line of a file."""
    return ValueError(at_line(line, Sentence(message, **values)))


def in_words(reason: str, key: str) -> Reason:
    """The library's reason, with what it means where that is known, and the key or table that it is about."""
    meaning = next((words for beginning, words in TOML_ERRORS.items() if reason.startswith(beginning)), "")
    told = Sentence("{reason}, {meaning}" if meaning else "{reason}", reason=reason, meaning=Sentence(meaning))
    return Sentence("{reason}: {key!r}", reason=told, key=key) if key else told


def key_at(text: str, line: int) -> str:
    """The key or the table of that line, if it has one; its value may be a secret."""
    found = text.split("\n")[line - 1].strip()
    return (found if found.startswith("[") else found.rpartition("=")[0] and found.partition("=")[0].strip())[:SHOWN]


# Where something stands


class Token(NamedTuple):
    """A mark, a word or a text in quotes, and its line."""

    text: str
    line: int


def tokens_of(text: str) -> Iterator[Token]:
    """What a document is made of, blanks and comments left out."""
    line = 1
    for found in TOKEN.finditer(text):
        if found.lastgroup is not None:
            yield Token(found[0], line)
        line += found[0].count("\n")


def deepest_line(text: str) -> int:
    """The line on which brackets are first nested deeper than any file needs; 1 if there is none."""
    depth = 0
    for token in tokens_of(text):
        depth += (token.text in ("[", "{")) - (token.text in ("]", "}"))
        if depth > MAX_DEPTH:
            return token.line
    return 1


def lines_of(text: str) -> dict[Path, int]:
    """The line on which each table, key and item of a document begins, by its path. The document is TOML."""
    lines: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    tokens = [*tokens_of(text), Token("\n", text.count("\n") + 1)]
    at = 0

    def key(ends: str) -> list[str]:
        """The parts of a key, up to what ends it."""
        nonlocal at
        parts = [""]
        while tokens[at].text != ends:
            token = tokens[at].text
            if token == ".":
                parts.append("")
            elif token[0] in "\"'":
                parts[-1] = next(iter(tomllib.loads(f"{token} = 0")))
            else:
                parts[-1] += token
            at += 1
        at += 1
        return parts

    def pair(path: Path) -> None:
        """A key and its value, in the table of that path."""
        line = tokens[at].line
        for part in key("="):
            path = (*path, part)
            lines.setdefault(path, line)
        value(path)

    def value(path: Path) -> None:
        """A value; what follows it in the same line belongs to it unless it ends an item."""
        nonlocal at
        opening = tokens[at].text
        at += 1
        if opening not in ("[", "{"):
            while tokens[at].text not in (",", "\n", "]", "}"):
                at += 1
            return
        number = 0
        while (token := tokens[at].text) not in ("]", "}"):
            if token in (",", "\n"):
                at += 1
            elif opening == "{":
                pair(path)
            else:
                lines.setdefault((*path, number), tokens[at].line)
                value((*path, number))
                number += 1
        at += 1

    table: Path = ()
    while at < len(tokens):
        line, token = tokens[at].line, tokens[at].text
        if token == "\n":
            at += 1
        elif token == "[":
            listed = tokens[at + 1].text == "["
            at += 2 if listed else 1
            table = ()
            for part in key("]"):
                if table in counts:
                    table = (*table, counts[table])
                table = (*table, part)
                lines.setdefault(table, line)
            at += listed
            if listed:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
                lines[table] = line
        else:
            pair(table)
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line on which what has that path begins, or the nearest around it that is there."""
    while path not in lines:
        path = path[:-1]
    return lines[path]
