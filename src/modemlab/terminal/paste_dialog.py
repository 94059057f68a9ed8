"""What is asked when several lines are pasted, and what the answer does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modemlab.at.parameters import to_bytes
from modemlab.terminal.conversation import Mode
from modemlab.terminal.paste_script import (
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    TOO_LONG,
    Pasted,
    commands_in,
    fitting,
    is_command,
    uncommented,
)
from modemlab.terminal.payloads import line_of

if TYPE_CHECKING:
    from modemlab.terminal.session import TerminalSession

YES, NO = ("", "y", "yes", "是", "好"), ("n", "no", "否", "不")
# Commands that a question lists.
MAX_LISTED = 10


def paste(session: "TerminalSession", lines: Sequence[str]) -> str | None:
    """Take lines that were pasted; what the input shall have: the one line that is taken as if typed, the first of
    too many, "" for what is asked about; None for what was refused.
    """
    talk = session.talk
    full = [line for line in lines if line.strip()]
    if len(full) < 2:
        return full[0] if full else None
    if len(full) > MAX_LINES:
        talk.note(
            "{count} lines were pasted, only the first is used; :load FILE reads lists of commands", count=len(full)
        )
        return full[0]
    longest = max(map(len, full))
    if longest > MAX_LINE_CHARACTERS:
        talk.note(TOO_LONG, count=longest, maximum=MAX_LINE_CHARACTERS)
        return None
    if talk.mode is Mode.MESSAGE:
        session.asked = ("\n".join(lines),)
        talk.note(
            "{count} lines were pasted: one message of {size} bytes, with LF between the lines",
            count=len(lines),
            size=len(to_bytes(session.asked[0])),
        )
    elif talk.mode is Mode.DATA and talk.left is not None and fitting(lines, talk.left) is None:
        talk.note(
            "the module waits for {left} bytes, but the text has {count}: nothing is sent",
            left=talk.left,
            count=len(to_bytes("\n".join(lines))),
        )
        return None
    elif talk.mode is Mode.DATA:
        session.asked = tuple(lines)
        talk.note("{count} lines were pasted: the data that the module waits for", count=len(lines))
    elif all(line.startswith(":") for line in full):
        # The terminal's own commands wait for nothing.
        return next((line for line in full if not session.entered(line)), "")
    elif not any(map(is_command, full)):
        talk.note("{count} lines were pasted and none is a command (AT...): they are ignored", count=len(full))
        return None
    else:
        session.asked = tuple(full)
        list_commands(session, full)
    talk.note("Enter sends them, Esc or n drops them")
    return ""


def list_commands(session: "TerminalSession", lines: Sequence[str]) -> None:
    """Say what would be sent."""
    talk, commands = session.talk, commands_in(lines)
    talk.note(
        "{count} lines were pasted, {commands} of them commands: each will be sent after the answer to the "
        "one before it",
        count=len(lines),
        commands=len(commands),
    )
    for number, command in enumerate(commands[:MAX_LISTED], 1):
        session.say(f"{number:4} {line_of(to_bytes(command))}")
    if len(commands) > MAX_LISTED:
        talk.note("... {count} lines more", count=len(commands) - MAX_LISTED)
    if any(is_command(line) and uncommented(line)[1] for line in lines):
        talk.note("text after // is a comment and is not sent")


def answer(session: "TerminalSession", text: str) -> bool:
    """Do what the answer says; whether it was one."""
    word, talk = text.strip().lower(), session.talk
    if word in NO:
        session.asked = ()
        talk.note("dropped, nothing was sent")
        return True
    if word not in YES:
        talk.note("Enter sends them, Esc or n drops them")
        return False
    if session.script is not None:
        talk.note("a script is running; :stop ends it")
        return False
    if not session.ready():
        return False
    asked, session.asked = session.asked, ()
    if talk.mode is Mode.MESSAGE:
        return session.entered(asked[0])
    session.begin(Pasted(asked))
    return True
