"""Files of TOML: what is wrong with one, in one line that says where and what to write."""

from pathlib import Path
from typing import Any

import pytest

from modemlab.cli.common import CliError
from modemlab.cli.input_files import load
from modemlab.lab.check_file import CheckDocument, read_check
from modemlab.lab.lab import Lab
from modemlab.scenario.file import MAX_FILE_BYTES
from modemlab.validation.toml_file import parse, plain, read_toml, text_of

TEXTS = [
    ("model = EC200S", "line 1: not valid TOML: Invalid value, a text is written in quotes: 'model'"),
    (
        "a = 1\na = 2\n[b]\nc = 3",
        "line 2: not valid TOML: Cannot overwrite a value, this key or table is already defined above: 'a'",
    ),
    ("[a]\nb = 1\n[a]", "line 3: not valid TOML: Cannot declare ('a',) twice, this table is already defined above"),
    (
        "[[step]]\n[step]",
        "twice, this table is already defined above; a list of tables is written with [[ and ]]: '[step]'",
    ),
    ("a = {b = 1, b = 2}", "line 1: not valid TOML: Duplicate inline table key 'b', a table has each key once: 'a'"),
    (
        "# first\nmodule:\n  model: x",
        "line 2: not valid TOML: Expected '=' after a key in a key/value pair, a line is KEY = VALUE",
    ),
    ('{"module": {}}', "line 1: not valid TOML: Invalid statement, a line is KEY = VALUE or [TABLE]"),
    (
        'a = "b\nc = 1',
        "line 1: not valid TOML: Illegal character '\\n', the closing quote of this text is missing: 'a'",
    ),
    ('a = "b', "line 1: not valid TOML: Unterminated string, the closing quote of this text is missing: 'a'"),
    (
        'a = "\\q"',
        "line 1: not valid TOML: Unescaped '\\' in a string, a text with backslashes is written in single quotes: 'a'",
    ),
    ("[module\nb = 1", "line 1: not valid TOML: Expected ']' at the end of a table declaration: '[module'"),
    ("a = 1 2", "line 1: not valid TOML: Expected newline or end of document after a statement: 'a'"),
    ("x" * 500 + " = y", f"line 1: not valid TOML: Invalid value, a text is written in quotes: '{'x' * 60}'"),
]


def read(text: str) -> Any:
    """A document, whatever it says."""
    return parse(plain(text, 1000))


@pytest.mark.parametrize(("text", "told"), TEXTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_no_toml(text: str, told: str, end: str) -> None:
    """Where, the library's reason, what it means, and the key; the value is not shown, which may be a secret."""
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as caught:
        read(text.replace("\n", end))
    assert told in str(caught.value)


def test_a_value_is_not_shown() -> None:
    """It may be a secret, and so may a line that has no key."""
    for text in ('action = { do = "lock_sim", pin = "4321"', 'a = [\n  "geheim-4321"\n  "x"]', "pin: 4321"):
        with pytest.raises(ValueError, match="not valid TOML") as caught:
            read(text)
        assert "4321" not in str(caught.value)


def test_a_mark_and_line_ends_of_other_systems() -> None:
    """A text of an editor on Windows is read as any other, and its lines are counted right."""
    assert read("\ufeff[a]\r\nb = 1\r\n") == {"a": {"b": 1}}
    assert read('a = """\r\nb\r\n"""') == {"a": "b\n"}

    with pytest.raises(ValueError, match=r"^line 3: program: 'c' is not a known key"):
        read_toml(CheckDocument, "\ufeff[program]\r\ntimeout = 1\r\nc = 2\r\n", 1000)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a = 1\nb = '\xff'\n", "line 2: not UTF-8"),
        (b"\xff\xfe[\0m\0]\0", "line 1: not UTF-8"),
        (b"GIF89a\x01\x00", "line 1: a null character, which is not allowed in a text"),
        (b"a = 1\n\nb = 'x\0y'\n", "line 3: a null character, which is not allowed in a text"),
    ],
)
def test_what_is_no_text(content: bytes, told: str, tmp_path: Path) -> None:
    """By its line: on the command line, and in a lab."""
    with pytest.raises(ValueError, match=f"^{told}$"):
        text_of(content)
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(CliError, match=rf"a\.toml: {told}$"):
        load(path, MAX_FILE_BYTES, read_check)
    with pytest.raises(ValueError, match=rf"a\.toml: {told}$"):
        Lab(scenario=path)


def test_files_that_are_none(tmp_path: Path) -> None:
    """Missing, or a directory: the name and what it is; one that is empty is a check of the program's end."""
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.toml", MAX_FILE_BYTES, read_check)
    with pytest.raises(IsADirectoryError):
        load(tmp_path, MAX_FILE_BYTES, read_check)
    with pytest.raises(ValueError, match=r"none\.toml: No such file or directory$"):
        Lab(scenario=tmp_path / "none.toml")
    with pytest.raises(ValueError, match=r": Is a directory$"):
        Lab(scenario=tmp_path)
    (tmp_path / "empty.toml").write_bytes(b"\xef\xbb\xbf\r\n# nothing\r\n")
    found = load(tmp_path / "empty.toml", MAX_FILE_BYTES, read_check)
    assert [each.name for each in found.expectations] == ["exit = 0"]
    with pytest.raises(ValueError, match=r"empty\.toml: line 1: step is missing, expected at least one \[\[step\]\]$"):
        Lab(scenario=tmp_path / "empty.toml")
