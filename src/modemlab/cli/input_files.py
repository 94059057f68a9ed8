"""Files that are read whole before anything starts, and what is told of a mistake in one."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from modemlab.cli.common import CliError, printable
from modemlab.cli.language import chosen, why
from modemlab.ports.file_reading import read_beginning
from modemlab.text.catalogue import translator

T = TypeVar("T")


def load(path: Path, longest: int, read: Callable[[str], T]) -> T:
    """What `read` makes of a file's text; what is wrong with it is told by the file's name and the line.

    No more is read than what shows that it is longer than `longest`, in characters.
    """
    from modemlab.validation.input_errors import InputMistakes
    from modemlab.validation.toml_file import text_of

    content = read_beginning(path, longest * 4 + 1)
    try:
        return read(text_of(content))
    except InputMistakes as error:
        mistakes = "\n".join(f"{path}: {printable(line)}" for line in error.lines(translator(chosen())))
        raise CliError(mistakes) from None
    except ValueError as error:
        raise CliError(f"{path}: {printable(why(error))}") from None
