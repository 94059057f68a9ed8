"""URCs that some firmwares print between a command's echo and its result, which this module does when it is told to.

By default a URC waits until no answer is open. One of these comes ahead of the next line of an answer: its first
information line, or its result code where it has none. A prompt is no such line.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from modemlab.module.interpreter import Interpreter
    from modemlab.module.module import Module

# URCs that may wait for their command.
MAX_EARLY_URCS = 100


class EarlyUrc(NamedTuple):
    """A URC's line, the command that it comes with (None: any), and the serial line on which that command is being
    answered, if it is.
    """

    line: bytes
    command: str | None = None
    on: "Interpreter | None" = None


def put_early(module: "Module", urc: EarlyUrc) -> None:
    """Have a URC come ahead of the result of its command, of the one that is open too; there is room for it."""
    lines = module.lines
    early = lines[0].early or EarlyUrcs(module.urc_sent)
    for line in lines:
        line.early = early
        if urc.command is not None and line.answering == urc.command:
            urc = urc._replace(on=line)
    early.put(urc)


def room_for(module: "Module") -> int:
    """How many more URCs may wait for their command."""
    early = module.line.early
    return MAX_EARLY_URCS if early is None else early.room


class EarlyUrcs:
    """The URCs of a module that come ahead of a result, in the order in which they were put; its lines share them.

    `told` is called with each that was printed.
    """

    __slots__ = ("_told", "_waiting")

    def __init__(self, told: Callable[[bytes], None]) -> None:
        self._told = told
        self._waiting: list[EarlyUrc] = []

    @property
    def room(self) -> int:
        """How many more may wait."""
        return MAX_EARLY_URCS - len(self._waiting)

    def put(self, urc: EarlyUrc) -> None:
        """One more. There is `room` for it."""
        self._waiting.append(urc)

    def begin(self, on: "Interpreter", command: str | None, first: bool) -> None:
        """A command of a line is answered from here on, the first of that line or not; None is one without a name."""
        self._waiting = [
            each._replace(on=on)
            if command is not None and each.command == command
            else each._replace(on=None)
            if first and each.on is on
            else each
            for each in self._waiting
        ]

    def release(self, on: "Interpreter", say: Callable[[bytes], None]) -> None:
        """A line of an answer is about to be printed there: say those that come ahead of it."""
        due = [each for each in self._waiting if each.command is None or each.on is on]
        if due:
            self._waiting = [each for each in self._waiting if each not in due]
            for each in due:
                say(each.line)
                self._told(each.line)
