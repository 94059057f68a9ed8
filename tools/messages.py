"""Brings the catalogue of Chinese messages up to date with the code; with --check only says whether it is (status 1).

Messages are what `N_`, `tr`, and the terminal's `language` and `note` are called with, what declarations say of
commands, and the help of the command line. With --merge FILE the translations of another catalogue are taken too.
"""

import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from typer.main import get_command

from modemlab.at.command import Command
from modemlab.at.parameters import Choice, Param
from modemlab.at.results import CME_WORDS
from modemlab.at.urc import Urc
from modemlab.cli.subcommands import app
from modemlab.conformance.runner import left_out
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.reference import flat
from modemlab.dialect.registry import dialects
from modemlab.driver.protocol.digester import urcs_of
from modemlab.terminal.command_remedies import STATES
from modemlab.terminal.narration import gone
from modemlab.terminal.remedies import CODES, REMEDIES, SINGLE_CLIENT_REMEDIES
from modemlab.text.reason import ManualPlace

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "modemlab"
HOME = SOURCE / "text" / "locale" / "zh_CN.po"
# What is called with messages, everywhere and in the terminal.
MARKS = {"N_": None, "tr": None, "language": None, "CliError": None}
TERMINAL = {**MARKS, "note": None}
# What systems say in their own words, which `ports/words.py` hands on.
SYSTEM = (
    *("No such file or directory", "Permission denied", "Operation not permitted", "Is a directory", "Not a directory"),
    *("File exists", "No space left on device", "Read-only file system", "Input/output error", "File name too long"),
    *("Device or resource busy", "No such device", "No such device or address", "Inappropriate ioctl for device"),
    *("Too many open files", "Invalid argument"),
)
HEADER = """\
# What modemlab says, in Chinese. `make messages` takes over what the code says; the translations are edited here.
msgid ""
msgstr ""
"Language: zh_CN\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def marked() -> Iterator[tuple[str, str]]:
    """The messages that the code marks, with the file of each."""
    for path in sorted(SOURCE.rglob("*.py")):
        keywords = TERMINAL if path.is_relative_to(SOURCE / "terminal") else MARKS
        # Babel complains of what is put together of parts, which `CliError` takes too.
        with open(path, "rb") as source, redirect_stderr(io.StringIO()):
            found = list(extract("python", source, keywords=keywords))
        for _, message, _, _ in found:
            yield str(message), path.relative_to(ROOT).as_posix()


def declared() -> Iterator[tuple[str, str]]:
    """The words of the declarations, with where they are from."""
    for dialect in dialects():
        place = f"src/modemlab/dialects/{dialect.name}"
        for message in words_of(dialect):
            yield message, place
        if dialect.recipes is not None:
            yield dialect.recipes.limits, place
        for message in left_out(dialect).values():
            yield message, place
        for manual in manuals_of(dialect):
            yield from ((name, place) for name in ManualPlace(manual).names)
    for message in SYSTEM:
        yield message, "src/modemlab/ports/words.py"
    for message in CME_WORDS.values():
        yield message, "src/modemlab/at/results.py"
    helps = [each for codes in CODES.values() for each in codes.values()]
    for message in (*helps, *REMEDIES.values(), *SINGLE_CLIENT_REMEDIES.values()):
        yield message, "src/modemlab/terminal/remedies.py"
    for message in STATES.values():
        yield message, "src/modemlab/terminal/command_remedies.py"


def manuals_of(dialect: Dialect) -> Iterator[str]:
    """The places in manuals that its declarations name."""
    yield from (command.manual for command in (*dialect.commands.values(), *dialect.lenient.values()))
    yield from (urc.manual for urc in urcs_of(dialect))
    yield from (known.manual for known in dialect.known().values())


def words_of(dialect: Dialect) -> Iterator[str]:
    """Titles, meanings, values and units of commands, options, parameters and URCs, and what codes of errors mean."""
    yield dialect.title
    for command in {**dialect.commands, **dialect.lenient}.values():
        yield from words_of_command(command)
    for urc in urcs_of(dialect):
        yield urc.title
        for param in urc.params:
            yield from words_of_param(param)
            yield from ends_of(urc, param)
    yield from dialect.errors.values()
    yield from (known.title for known in dialect.known().values())


def words_of_command(command: Command) -> Iterator[str]:
    """The words of a command and its options."""
    yield command.title
    yield command.note
    params = [*flat(command.params or ()), *(command.read or ()), *(command.execute or ())]
    for option in command.options:
        yield option.title
        yield option.note
        params += [*flat(option.params), *(option.read or ()), *option.values]
    for param in params:
        yield from words_of_param(param)


def words_of_param(param: Param) -> Iterator[str]:
    """The words of a parameter."""
    yield param.meaning
    yield getattr(param, "unit", "bytes" if hasattr(param, "minimum") else "")
    if isinstance(param, Choice):
        yield from param.values.values()


def ends_of(urc: Urc, param: Param) -> Iterator[str]:
    """Of the values that tell why a link ended, what happened and what helps, as the terminal tells them apart."""
    for value, meaning in param.values.items() if isinstance(param, Choice) else ():
        if ": " in meaning and gone(urc, tuple(value if each is param else 0 for each in urc.params)) is not None:
            yield from meaning.split(": ", 1)


def helped() -> Iterator[tuple[str, str]]:
    """The help of the command line's subcommands and their options."""
    waiting: list[Any] = [get_command(app)]
    for command in waiting:
        if hasattr(command, "list_commands"):
            waiting += [command.get_command(None, name) for name in command.list_commands(None)]
        yield command.help or "", "src/modemlab/cli"
        for param in command.params:
            yield getattr(param, "help", None) or "", "src/modemlab/cli"


def template() -> Catalog:
    """All messages, none of them translated."""
    found = Catalog(charset="utf-8")
    for message, place in (*marked(), *declared(), *helped()):
        if message:
            found.add(message, locations=[(place, 0)])
    return found


def text_of(catalogue: Catalog) -> str:
    """A catalogue as a file; the header is always the same."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, no_location=True, omit_header=True, sort_by_file=True, ignore_obsolete=True)
    return HEADER + out.getvalue().decode()


def read(path: Path) -> Catalog:
    """A catalogue's file."""
    with open(path, "rb") as source:
        return read_po(source, locale="zh_CN")


def main() -> int:
    """Write the catalogue, or check it; the exit status."""
    catalogue = read(HOME)
    if "--merge" in sys.argv:
        for message in read(Path(sys.argv[sys.argv.index("--merge") + 1])):
            if message.id and message.string:
                catalogue.add(message.id, message.string)
    catalogue.update(template())
    text = text_of(catalogue)
    if "--check" not in sys.argv:
        HOME.write_text(text, encoding="utf-8")
    elif HOME.read_text(encoding="utf-8") != text:
        print(f"{HOME.relative_to(ROOT)} is not what the code says: run `make messages`", file=sys.stderr)
        return 1
    left = [message for message in catalogue if message.id and (message.fuzzy or not message.string)]
    for message in left:
        print(f"{HOME.relative_to(ROOT)}: {'not sure' if message.fuzzy else 'missing'}: {message.id}", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
