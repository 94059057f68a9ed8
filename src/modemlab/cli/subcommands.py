"""All subcommands together, and what becomes of their errors: one line on stderr and an exit status."""

import os
import sys
from typing import Annotated

import typer

from modemlab import __version__
from modemlab.cli.broker import broker
from modemlab.cli.check import check
from modemlab.cli.commands import commands
from modemlab.cli.common import CliError, one_of
from modemlab.cli.conform import conform
from modemlab.cli.credentials import app as credentials_app
from modemlab.cli.language import LanguageCode, choose, why
from modemlab.cli.models import models
from modemlab.cli.module import module
from modemlab.cli.ports import ports
from modemlab.cli.probe import probe
from modemlab.cli.pub import pub
from modemlab.cli.record import record
from modemlab.cli.replay import replay
from modemlab.cli.schema import schema
from modemlab.cli.sub import sub
from modemlab.cli.term import term
from modemlab.cli.up import up
from modemlab.cli.usage_errors import Subcommand, Subcommands, usage_line

# The root of Typer's errors of usage; it has changed its place between versions.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    cls=Subcommands,
    help="A test bench for cellular modules on your own computer.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def show_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        print(f"modemlab {__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version.")
    ] = False,
    lang: Annotated[
        LanguageCode | None,
        typer.Option(
            parser=one_of(LanguageCode, "--lang"),
            metavar="|".join(LanguageCode),
            expose_value=False,
            help="The language of messages and help. [default: from the locale]",
        ),
    ] = None,
) -> None:
    """A test bench for cellular modules: virtual modules that connect to real MQTT brokers."""
    if context.invoked_subcommand is None:
        print(context.get_help())


SUBCOMMANDS = (
    up,
    module,
    broker,
    models,
    commands,
    record,
    replay,
    term,
    pub,
    sub,
    probe,
    ports,
    conform,
    check,
    schema,
)
for subcommand in SUBCOMMANDS:
    app.command(cls=Subcommand)(subcommand)
app.add_typer(credentials_app, name="credentials")


def run() -> int:
    """Run the command line of this process; its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    choose(sys.argv[1:])
    try:
        status = app(prog_name="modemlab", standalone_mode=False)
        if sys.stdout is not None:  # closed by whoever started it
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has enough; what is buffered must not fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except (typer.Abort, KeyboardInterrupt):  # Ctrl-C where nobody else takes it
        status = 130
    except CliError as error:
        status = fail(str(error), error.status)
    except OSError as error:
        status = fail(one_line(told(error)))
    except USAGE_ERROR as error:
        status = fail(one_line(usage_line(error)))
    return status or 0


def told(error: OSError) -> str:
    """What the system said, and about which file."""
    text = why(error)
    return f"{error.filename}: {text}" if error.filename else text


def one_line(text: str) -> str:
    """What others say, file names in it too, on one line."""
    return " ".join(text.split())


def fail(text: str, status: int = 2) -> int:
    """Say why on stderr, each line of it behind the program's name; the exit status."""
    for line in text.split("\n"):
        print("modemlab:", one_line(line), file=sys.stderr)
    return status
