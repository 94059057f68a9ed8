"""All subcommands together, and what becomes of their errors: one line on stderr and an exit status."""

import errno
import os
import sys
from importlib import import_module
from typing import Annotated, Any, TextIO

import typer

from modemlab import __version__
from modemlab.cli.common import CliError, one_of
from modemlab.cli.language import LanguageCode, choose, why
from modemlab.cli.usage_errors import Subcommand, Subcommands, usage_line

# The root of Typer's errors of usage; it has changed its place between versions.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]

# In the order in which the help lists them; each is a function, or a Typer, in the file of its name.
SUBCOMMANDS = (
    *("up", "module", "broker", "models", "commands", "record", "replay", "term", "pub", "sub", "probe", "ports"),
    *("conform", "check", "schema", "credentials"),
)


class AllSubcommands(Subcommands):
    """All subcommands, each imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The subcommand of that name; None if there is none."""
        if cmd_name in SUBCOMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = loaded(cmd_name)
        return self.commands.get(cmd_name)


app = typer.Typer(
    cls=AllSubcommands,
    help="A test bench for cellular modules on your own computer.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def loaded(name: str) -> Any:
    """A subcommand, imported."""
    found = getattr(import_module(f"modemlab.cli.{name}"), name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        alone.command(name, cls=Subcommand)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command


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


def run() -> int:
    """Run the command line of this process; its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    choose(sys.argv[1:])
    try:
        status = app(prog_name="modemlab", standalone_mode=False)
        flush_output()
    except BrokenPipeError:  # whoever read the output has enough
        discard(sys.stdout)
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


def flush_output() -> None:
    """Write what is buffered, unless the terminal is gone by now: nobody misses it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # closed by whoever started it
                stream.flush()
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            discard(stream)


def discard(stream: TextIO) -> None:
    """Have what is buffered not fail again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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
