"""What EC200x, EC600x and EG912Y remember of what is under way, until the power goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from modemlab.at.command import Command
from modemlab.dialects.quectel_lte import commands as c
from modemlab.text.reason import Reason


@dataclass(slots=True)
class OpenFile:
    """An open file: its name, how it was opened, where reading and writing go on."""

    name: str
    mode: int
    position: int = 0


# Most modules have no file open, no command under way and no such message, and share these.
NO_FILES: Mapping[int, OpenFile] = MappingProxyType({})
NOT_UNDER_WAY: Mapping[str, tuple[str, int] | None] = MappingProxyType({})
NO_MESSAGES: frozenset[tuple[int, int]] = frozenset()
NO_REASONS: frozenset[Reason] = frozenset()


class LteMemory:
    """`beside`: the messages, by client and identifier, whose results are those of AT+QMTPUB.

    `files`: the open files by handle. `last_error`: how the last TCP/IP command went. `noted`: what the log was told
    and is told once. `under_way`: the TCP/IP commands that wait for the network, by their names; of AT+QNTP the server
    and its port.
    """

    __slots__ = ("beside", "files", "last_error", "noted", "under_way")

    def __init__(self) -> None:
        self.beside = NO_MESSAGES
        self.files = NO_FILES
        self.last_error = 0
        self.noted = NO_REASONS
        self.under_way = NOT_UNDER_WAY

    def begin(self, command: Command, place: tuple[str, int] | None = None) -> None:
        """A command waits for the network from here on."""
        self.under_way = {**self.under_way, command.name: place}

    def end(self, command: Command) -> None:
        """It has what it waited for, or never will."""
        self.under_way = {name: place for name, place in self.under_way.items() if name != command.name}

    def publisher(self, client_idx: int, msgid: int) -> Command:
        """The command that a message's result is told by."""
        return c.QMTPUB if (client_idx, msgid) in self.beside else c.QMTPUBEX

    def set_publisher(self, client_idx: int, msgid: int, command: Command) -> None:
        """Have a message's result told by that command."""
        if command is c.QMTPUB:
            self.beside |= {(client_idx, msgid)}
        elif self.beside:
            self.beside -= {(client_idx, msgid)}

    def forget_messages(self, client_idx: int) -> None:
        """The client's messages have no results any more: its connection is over."""
        if self.beside:
            self.beside = frozenset(known for known in self.beside if known[0] != client_idx)
