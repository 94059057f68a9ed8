"""What EC200x, EC600x and EG912Y remember of what is under way, until the power goes."""

from typing import TYPE_CHECKING

from modemlab.at.command import Command
from modemlab.dialects.quectel_lte import commands as c
from modemlab.text.reason import Reason

if TYPE_CHECKING:
    from modemlab.module.module import Module


class LteMemory:
    """`beside`: the messages, by client and identifier, whose results are those of AT+QMTPUB.

    `under_way`: the TCP/IP commands that wait for the network, by their names; of AT+QNTP the server and its port.
    `noted`: what the log was told and is told once.
    """

    __slots__ = ("beside", "noted", "under_way")

    def __init__(self) -> None:
        self.beside: set[tuple[int, int]] = set()
        self.under_way: dict[str, tuple[str, int] | None] = {}
        self.noted: set[Reason] = set()


def memory_of(module: "Module") -> LteMemory:
    """The module's, made when it first matters: most modules never need one."""
    if module.memory is None:
        module.memory = LteMemory()
    memory: LteMemory = module.memory
    return memory


def publisher(module: "Module", client_idx: int, msgid: int) -> Command:
    """The command that a message's result is told by."""
    known = module.memory is not None and (client_idx, msgid) in module.memory.beside
    return c.QMTPUB if known else c.QMTPUBEX


def set_publisher(module: "Module", client_idx: int, msgid: int, command: Command) -> None:
    """Have a message's result told by that command."""
    if command is c.QMTPUB:
        memory_of(module).beside.add((client_idx, msgid))
    elif module.memory is not None:
        module.memory.beside.discard((client_idx, msgid))


def forget_messages(module: "Module", client_idx: int) -> None:
    """The client's messages have no results any more: its connection is over."""
    if module.memory is not None:
        module.memory.beside = {known for known in module.memory.beside if known[0] != client_idx}
