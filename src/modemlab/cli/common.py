"""What the subcommands share: errors, options, the log, and running until someone ends it."""

import asyncio
import errno
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from modemlab.cli.language import said, tr, why
from modemlab.cli.output_stream import never_wait
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import not_known
from modemlab.text.reason import Sentence

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from modemlab.dialect.dialect import Dialect
    from modemlab.dialect.identity import Model


StrEnumT = TypeVar("StrEnumT", bound=StrEnum)


class CliError(Exception):
    """Something the user can mend; its text is the line on stderr, `status` the exit status."""

    def __init__(self, message: str, status: int = 2, **values: object) -> None:
        """`message` is translated and filled in, as by `tr`."""
        super().__init__(tr(message, **values))
        self.status = status


class Level(StrEnum):
    """How much the log says."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def one_of(values: type[StrEnumT], option: str) -> Callable[[str], StrEnumT]:
    """What reads an option's value that is one of a few."""

    def read(text: str) -> StrEnumT:
        try:
            return values(text)
        except ValueError:
            what = Sentence(N_("value of {option}"), option=option)
            raise CliError(printable(said(not_known(text, what, tuple(map(str, values)))))) from None

    return read


LogLevel = Annotated[
    Level,
    typer.Option(
        parser=one_of(Level, "--log-level"),
        metavar="|".join(Level),
        help="Log level on stderr; info shows why a command was refused.",
    ),
]


def start_log(level: Level) -> None:
    """Log to stderr, a line each."""
    logging.basicConfig(
        stream=sys.stderr, level=level.name, format="%(asctime)s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    # asyncio's own lines are of no use to whoever points firmware at a port.
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def log_line(name: str, level: int = logging.INFO) -> Callable[[str], None]:
    """A function that logs a line under that name, without control characters."""
    logger = logging.getLogger(name)

    def log(text: str) -> None:
        logger.log(level, "%s", printable(text))

    return log


def printable(text: str) -> str:
    """A text that cannot disturb a terminal: what is not printable is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def reason_of(error: Exception, port: str) -> str:
    """Why something failed on a port, in one line that names it."""
    text = printable(why(error))
    return text if port in text else f"{port}: {text}"


def check_place(path: "Path | None") -> None:
    """Refuse a file that could not be written in the end, before anything is done for it."""
    if path is not None and path.is_dir():
        raise CliError("{path}: Is a directory", path=path)
    if path is not None and not path.parent.is_dir():
        raise CliError("{path}: there is no directory {folder}", path=path, folder=path.parent)


def say(text: str = "") -> None:
    """Print a line at once."""
    print(text, flush=True)


def when_ended(call: Callable[[int], object]) -> None:
    """Have the running event loop call that, with the signal's number, when the program is to end in good order: by
    Ctrl-C, by SIGTERM, or by a terminal that hangs up, unless that is ignored, as `nohup` has it.
    """
    loop = asyncio.get_running_loop()
    hangup = getattr(signal, "SIGHUP", None)  # none on Windows
    heard = [] if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN else [hangup]
    for number in (signal.SIGINT, signal.SIGTERM, *heard):
        try:
            loop.add_signal_handler(number, call, number)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda number, _frame: loop.call_soon_threadsafe(call, number))


def run(serve: Callable[[asyncio.Event], Coroutine[Any, Any, None]], level: Level) -> None:
    """Run `serve` on an event loop of its own; the event it is given is set by what `when_ended` tells of.

    What is logged, at that level, and printed meanwhile never blocks the loop.
    """
    never_wait()
    start_log(level)

    async def serve_until_ended() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(sparing(report))
        ended = asyncio.Event()
        when_ended(lambda _number: ended.set())
        await serve(ended)

    try:
        asyncio.run(serve_until_ended())
    except KeyboardInterrupt:
        return


def sparing(handle: Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]) -> Callable[..., None]:
    """`handle`, but at most once a second for a connection that is not accepted because no more files may be open: the
    event loop tells of a hundred at once.
    """
    said = -inf

    def sparingly(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal said
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
            if loop.time() - said < 1.0:
                return
            said = loop.time()
        handle(loop, context)

    return sparingly


def report(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what went wrong in a callback, in one line, with its place when the log is at debug."""
    error = context.get("exception")
    logger = logging.getLogger("modemlab")
    told = why(error) if isinstance(error, OSError) else repr(error)
    logger.error("%s: %s", context.get("message"), told)
    logger.debug("it came from here", exc_info=error)


def model_named(name: str) -> "tuple[Dialect, Model]":
    """The model of that name; an unknown one lists those that are known."""
    from modemlab.dialect.registry import find_model

    try:
        return find_model(name)
    except LookupError as error:
        raise CliError(why(error)) from None


@contextmanager
def page() -> "Iterator[Console]":
    """A console to lay tables out on, printed as the block ends: as wide as the terminal; to a file or a pipe
    nothing is cut or coloured. Lines end in no blanks.
    """
    from rich.console import Console

    width = None if sys.stdout is not None and sys.stdout.isatty() else 240
    out = Console(highlight=False, markup=False, emoji=False, width=width)
    with out.capture() as captured:
        yield out
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))
