"""Where the cursor is in a command line that is being typed, complete or not."""

from typing import NamedTuple

from modemlab.at.command import ArgumentPlan, Command, FormKind
from modemlab.at.parameters import Int, Param
from modemlab.at.syntax import ARGUMENT, BASIC_COMMAND, EXTENDED_COMMAND, kind_of
from modemlab.dialect.dialect import Dialect

PREFIX = "AT"
# Seconds that data may take which the terminal sends at once.
DATA_TIMEOUT_S = 60


class CursorPlace(NamedTuple):
    """What stands at the cursor.

    `start` is where the name, option or argument begins that `typed` is the begin of. `command` None: a name is being
    typed, whatever it is. `kind` None: the name, and its form is open. `number` counts the form's parameters behind its
    option; -1 is the option itself. `option` is its name as it is typed, "" for a command without options.
    """

    start: int
    typed: str
    command: Command | None = None
    kind: FormKind | None = None
    option: str = ""
    number: int = 0

    @property
    def plan(self) -> ArgumentPlan | None:
        """How the arguments of the form are read; None without such a form."""
        if self.command is None or self.kind is not FormKind.WRITE:
            return None
        try:
            option = self.command.option(self.option).name if self.option else ""
        except KeyError:
            return None
        return self.command.plan(FormKind.WRITE, option)

    @property
    def param(self) -> Param | None:
        """The parameter under the cursor; None where there is none."""
        plan = self.plan
        return None if plan is None else plan.at(self.number)


def table(dialect: Dialect) -> dict[str, Command]:
    """The commands that a module of the dialect takes from hosts that are not held to the manual."""
    return {**dialect.commands, **dialect.lenient}


def place(dialect: Dialect, text: str, cursor: int) -> CursorPlace | None:
    """The place of the cursor; None outside a command line. What stands behind the cursor is not looked at."""
    text = text[:cursor]
    if text[: len(PREFIX)].upper() != PREFIX:
        return None
    known, at = table(dialect), len(PREFIX)
    while True:
        while text[at : at + 1] in (" ", ";"):
            at += 1
        if text[at : at + 1] not in ("+", "^", "$", "%", "*") or len(text) == at:
            found, at = basic(known, text, at)
        else:
            found, at = extended(known, text, at)
        if found is not None:
            return found


def basic(known: dict[str, Command], text: str, at: int) -> tuple[CursorPlace | None, int]:
    """The basic command at `at`, or where the next one begins."""
    match = BASIC_COMMAND.match(text, at)
    command = known.get(match[1].upper()) if match is not None else None
    if match is None or command is None:
        return CursorPlace(at, text[at:]), len(text)
    if match.end() < len(text):
        return None, match.end()
    register = command.name[0] == "S" and len(command.name) > 1
    if match[3] or (register and match[2] == "="):
        return CursorPlace(match.start(3), match[3], command, FormKind.WRITE), len(text)
    return CursorPlace(at, text[at:], command), len(text)


def extended(known: dict[str, Command], text: str, at: int) -> tuple[CursorPlace | None, int]:
    """The extended command at `at`, or where the next one begins."""
    match = EXTENDED_COMMAND.match(text, at)
    command = known.get(match[1].upper()) if match is not None else None
    if match is None or command is None:
        end = text.find(";", at)
        return (CursorPlace(at, text[at:]), len(text)) if end < 0 else (None, end)
    kind = kind_of(match)
    if kind is not FormKind.WRITE:
        if match.end() < len(text):
            return (None, match.end()) if text[match.end()] == ";" else (CursorPlace(at, text[at:]), len(text))
        return CursorPlace(at, text[at:], command, None if kind is FormKind.EXECUTE else kind), len(text)
    return arguments(command, text, match.end())


def arguments(command: Command, text: str, at: int) -> tuple[CursorPlace | None, int]:
    """The argument that the text ends in, or where the next command begins."""
    option, number = "", -1 if command.options else 0
    while True:
        made = CursorPlace(at, text[at:], command, FormKind.WRITE, option, number)
        plan = made.plan
        if plan is not None and plan.rest is not None and number >= plan.rest >= 0:
            return made, len(text)
        match = ARGUMENT.match(text, at)
        if match is None or match.end() == len(text):
            return made, len(text)
        if number < 0:
            option = match[1] if match[1] is not None else match[2].strip()
        at, number = match.end(), number + 1
        if text[at] == ";":
            return None, at
        at += 1


def missing_length(dialect: Dialect, text: str) -> Int | None:
    """The length that a command line lacks: the line ends in the comma ahead of it, and data is to follow."""
    if not text.rstrip().endswith((",", "=")):
        return None
    found = place(dialect, text, len(text))
    param = found.param if found is not None and not found.typed.strip() else None
    return param if isinstance(param, Int) and param.counts else None


def with_length(dialect: Dialect, text: str, count: int) -> str:
    """Such a line with its length, and with the time that the data may take where its command must be told one."""
    plan = placed.plan if (placed := place(dialect, text, len(text))) is not None else None
    behind = plan.params[placed.number + 1 : plan.minimum] if placed is not None and plan is not None else ()
    times = (f",{DATA_TIMEOUT_S}" for param in behind if isinstance(param, Int) and param.unit == "s")
    return f"{text.rstrip()}{count}{''.join(times)}"
