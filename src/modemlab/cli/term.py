"""`modemlab term`: a terminal for people who talk to a module by hand."""

import asyncio
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from modemlab.cli.common import CliError, Level, check_place, model_named, printable, reason_of, run, say, when_ended
from modemlab.cli.language import chosen, why
from modemlab.cli.mqtt_options import Baud, ModelName, OnPort
from modemlab.ports.address import BAUD

if TYPE_CHECKING:
    from modemlab.dialect.dialect import Dialect
    from modemlab.terminal.macros import MacroList
    from modemlab.text.language import Language


# Terminals that cannot place their cursor.
DUMB_TERMINALS = ("dumb", "unknown")


class TermOptions(NamedTuple):
    """What the command line asks for. `listed` is a list of macros with its file, `save` "" for nothing."""

    port: str
    dialect: "Dialect | None"
    language: "Language"
    baud: int
    listed: "tuple[str, MacroList] | None"
    save: str
    masked: bool


def term(
    port: OnPort,
    model: ModelName = None,
    baud: Baud = BAUD,
    macros: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A list of commands: QCOM's .ini, or a transcript.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save the session as a transcript at the end.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Keep passwords and keys in the transcript.")] = False,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Plain text input and output, without a screen: for pipes and screen readers."),
    ] = False,
) -> None:
    """Talk to a module: completion, explanation, traffic in words, macros and scripts; docs/terminal.md.

    Exit status of --plain: 0 all went well, 1 a command failed, 2 the port could not be opened or was lost.
    """
    from modemlab.terminal.macro_files import read_list
    from modemlab.terminal.macros import MacroError
    from modemlab.text.language import Language

    language = Language(chosen())
    try:
        dialect = None if model is None else model_named(model)[0]
        if save is not None and save.exists():
            raise CliError(language("{file} exists: give another name", file=save))
        check_place(save)
        listed = None if macros is None else (str(macros), read_list(str(macros)))
        wanted = TermOptions(port, dialect, language, baud, listed, "" if save is None else str(save), not raw)
        dumb = not plain and os.environ.get("TERM") in DUMB_TERMINALS
        if dumb:
            said = language(
                "TERM={term} cannot place the cursor: lines in, lines out, as with --plain", term=os.environ["TERM"]
            )
            say(language("note") + f": {said}")
        (in_lines if plain or dumb else on_screen)(wanted)
    except MacroError as error:
        raise CliError(printable(why(error))) from None


def in_lines(wanted: TermOptions) -> None:
    """The terminal on lines."""
    from modemlab.terminal.plain import PlainTerminal, standard_input

    source = standard_input()
    if source is None:
        raise CliError(wanted.language("there is no input"))
    patient = not source.isatty()
    status = 0

    async def serve(ended: asyncio.Event) -> None:
        nonlocal status
        made = PlainTerminal(wanted.port, wanted.dialect, wanted.language, wanted.masked, say)
        if wanted.listed is not None:
            made.session.use(*wanted.listed)
        try:
            await made.open(wanted.baud)
        except (OSError, ValueError) as error:
            raise CliError(reason_of(error, wanted.port)) from None
        serving = asyncio.create_task(made.serve(source, patient, wanted.save))
        ending = asyncio.create_task(ended.wait())
        await asyncio.wait((serving, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        status = 2 if made.lost else int(made.failed)

    run(serve, Level.INFO)
    if status:
        raise typer.Exit(status)


def on_screen(wanted: TermOptions) -> None:
    """The terminal on a screen."""
    try:
        import textual  # noqa: F401
    except ImportError:
        raise CliError(
            wanted.language(
                "the full-screen terminal needs Textual: pip install 'modemlab[term]'; --plain works without"
            )
        ) from None
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise CliError(
            wanted.language("the full-screen terminal needs a terminal for input and output; --plain takes pipes")
        )
    from modemlab.terminal.app import Screen
    from modemlab.terminal.signals import when_gone

    async def main() -> None:
        made = Screen(wanted.port, wanted.dialect, wanted.language, wanted.baud, wanted.masked)
        if wanted.listed is not None:
            made.session.use(*wanted.listed)
        try:
            await made.open()
        except (OSError, ValueError) as error:
            raise CliError(reason_of(error, wanted.port)) from None
        when_ended(lambda _number: made.exit())
        when_gone(sys.stdin.fileno(), partial(asyncio.get_running_loop().call_soon_threadsafe, made.exit))
        await made.run_async()
        made.close()
        if wanted.save and not made.session.transcript.save(wanted.save):
            raise CliError(printable(made.latest))

    asyncio.run(main())
