"""TOML files: what they say, and on which line something of it stands."""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

PLACE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)$")
# Tables and lists in each other, and the parts of a key that has more of them.
DEEPEST = 32
PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*({PART}(?:[ \t]*\.[ \t]*{PART}){{{DEEPEST}}})", re.MULTILINE)
# What may close a document that ends early: arrays and tables in a line.
ENDS = ("", "\n]", "\n]}", "\n]}]", "\n]}]}")
# What the library's reasons mean for who has written a file, by their beginnings.
MEANINGS = {
    "Cannot overwrite a value": "this key or table stands above already",
    "Cannot declare": "this table stands above already; a list of them has [[ and ]]",
    "Duplicate inline table key": "a key stands once in a table",
    "Expected '=' after a key": "a line is KEY = VALUE or [TABLE]",
    "Invalid statement": "a line is KEY = VALUE or [TABLE]",
    "Invalid value": "a text stands in quotes",
    "Illegal character '\\n'": "the quote that ends this text is missing",
    "Unterminated string": "the quote that ends this text is missing",
    "Unescaped '\\'": "a text with backslashes stands in single quotes",
}
# Characters of a key that a message shows.
SHOWN = 60
# What some editors put ahead of a text in UTF-8.
MARK = "\ufeff"
# Characters that are parsed to find a line.
MOST_PARSED = 1 << 23
T = TypeVar("T")
Path = tuple[str | int, ...]


class Misplaced(ValueError):
    """Something in a document is wrong: where it stands, by keys and numbers of items, and what."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path


def text_of(content: bytes) -> str:
    """A file's text, in UTF-8. Raises ValueError, with the line, for what is none."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"line {content.count(10, 0, error.start) + 1}: not UTF-8") from None
    if "\0" in text:
        raise ValueError(f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}: a NUL character, which no text has")
    return text


def read_document(text: str, longest: int, make: Callable[[Mapping[str, Any]], T]) -> T:
    """What `make` makes of a file's text of at most `longest` characters; for what is wrong it raises `Misplaced`.

    Raises ValueError, of one line: `line 7: at is -1, expected a number`.
    """
    text = text.removeprefix(MARK).replace("\r\n", "\n")
    if len(text) > longest:
        raise ValueError(f"line 1: a file has at most {longest} characters, not {len(text)}")
    document = parse(text)
    try:
        return make(document)
    except Misplaced as mistake:
        raise ValueError(f"line {line_of(text, mistake.path)}: {mistake}") from None


def parse(text: str) -> dict[str, Any]:
    """The document. Raises ValueError, with the line, for what is no TOML, or nested deeper than any file has to be."""
    if (found := LONG_KEY.search(text)) is not None:
        raise ValueError(f"line {text.count(chr(10), 0, found.start(1)) + 1}: a key of more than {DEEPEST} parts")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = PLACE.search(str(error))
        line = int(place[1]) if place is not None and place[1] else text.rstrip().count("\n") + 1
        raise ValueError(f"line {line}: no TOML: {in_words(PLACE.sub('', str(error)), key_at(text, line))}") from None
    except (ValueError, RecursionError) as error:
        # What the library leaves to Python: numbers of thousands of digits, tables in tables in tables.
        low, high = 0, text.count("\n") + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if untold(head(text, middle)) else (middle, high)
        what = "nested too deeply" if isinstance(error, RecursionError) else "a number of too many digits"
        raise ValueError(f"line {high}: {what}") from None
    if (path := too_deep(document, DEEPEST)) is not None:
        raise ValueError(f"line {line_of(text, path)}: nested too deeply")
    return document


def too_deep(value: Any, most: int) -> Path | None:
    """Where tables and lists are nested deeper than that; None if nowhere."""
    waiting: list[tuple[Any, Path]] = [(value, ())]
    while waiting:
        inner, path = waiting.pop()
        pairs = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
        for key, each in pairs:
            if isinstance(each, dict | list):
                if len(path) == most:
                    return path
                waiting.append((each, (*path, key)))
    return None


def in_words(reason: str, key: str) -> str:
    """The library's reason, with what it means where that is known, and the key or table that it is about."""
    meaning = next((words for beginning, words in MEANINGS.items() if reason.startswith(beginning)), "")
    return f"{reason}{f', {meaning}' if meaning else ''}{f': {key!r}' if key else ''}"


def key_at(text: str, line: int) -> str:
    """The key or the table of that line, if it has one; its value may be a secret."""
    found = head(text, line).rpartition("\n")[2].strip()
    return (found if found.startswith("[") else found.rpartition("=")[0] and found.partition("=")[0].strip())[:SHOWN]


def untold(text: str) -> bool:
    """Whether the library fails on that without saying where."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    except (ValueError, RecursionError):
        return True
    return False


# Where something stands


def line_of(text: str, path: Path) -> int:
    """The line on which the value of that path begins, or the nearest above it that is there; 1 if none is.

    The library tells no lines, but a document that ends early is one too: the first that has the value ends with it,
    or is closed there. In a long text whose parts are none for many lines it is the nearest above that was found.
    """
    document = tomllib.loads(text)
    while path and not has(document, path):
        path = path[:-1]
    if not path:
        return 1
    low, high, left = 0, text.count("\n") + 1, MOST_PARSED
    while low + 1 < high:
        middle = (low + high) // 2
        for count in (*range(middle, low, -1), *range(middle + 1, high)):
            part = head(text, count)
            found = closed(part)
            left -= len(part) * (1 if found is not None else len(ENDS))
            if found is not None or left < 0:
                break
        if found is None:
            break
        low, high = (low, count) if has(found, path) else (count, high)
    return low + 1


def closed(part: str) -> dict[str, Any] | None:
    """The document that ends there, or that does once what is open is closed; None if it takes more than that."""
    for end in ENDS:
        try:
            return tomllib.loads(part + end)
        except (ValueError, RecursionError):
            continue
    return None


def head(text: str, count: int) -> str:
    """The first lines of a text."""
    return "\n".join(text.split("\n", count)[:count])


def has(document: Any, path: tuple[str | int, ...]) -> bool:
    """Whether a document has a value there."""
    for key in path:
        if isinstance(key, int):
            if not isinstance(document, list) or key >= len(document):
                return False
        elif not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True
