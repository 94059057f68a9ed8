"""What is asked when several lines are pasted, and what the answer does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modemlab.at.parameters import to_bytes
from modemlab.terminal.conversation import Mode
from modemlab.terminal.pasted import LONGEST, MOST, Pasted, commands_in, fitting, is_command, uncommented
from modemlab.terminal.payloads import line_of

if TYPE_CHECKING:
    from modemlab.terminal.session import Session

YES, NO = ("", "y", "yes", "是", "好"), ("n", "no", "否", "不")
# Commands that a question lists.
SHOWN = 10


def paste(session: "Session", lines: Sequence[str]) -> str | None:
    """Take lines that were pasted; what the input shall have: the one line that is taken as if typed, the first of
    too many, "" for what is asked about; None for what was refused.
    """
    talk = session.talk
    full = [line for line in lines if line.strip()]
    if len(full) < 2:
        return full[0] if full else None
    if len(full) > MOST:
        talk.note("pasted_lines", count=len(full))
        return full[0]
    longest = max(map(len, full))
    if longest > LONGEST:
        talk.note("pasted_long", count=longest, most=LONGEST)
        return None
    if talk.mode is Mode.MESSAGE:
        session.asked = ("\n".join(lines),)
        talk.note("pasted_message", count=len(lines), size=len(to_bytes(session.asked[0])))
    elif talk.mode is Mode.DATA and talk.left is not None and fitting(lines, talk.left) is None:
        talk.note("does_not_fit", left=talk.left, count=len(to_bytes("\n".join(lines))))
        return None
    elif talk.mode is Mode.DATA:
        session.asked = tuple(lines)
        talk.note("pasted_data", count=len(lines))
    elif all(line.startswith(":") for line in full):
        # The terminal's own commands wait for nothing.
        return next((line for line in full if not session.entered(line)), "")
    elif not any(map(is_command, full)):
        talk.note("pasted_nothing", count=len(full))
        return None
    else:
        session.asked = tuple(full)
        list_commands(session, full)
    talk.note("pasted_answer")
    return ""


def list_commands(session: "Session", lines: Sequence[str]) -> None:
    """Say what would be sent."""
    talk, commands = session.talk, commands_in(lines)
    talk.note("pasted_commands", count=len(lines), commands=len(commands))
    for number, command in enumerate(commands[:SHOWN], 1):
        session.say(f"{number:4} {line_of(to_bytes(command))}")
    if len(commands) > SHOWN:
        talk.note("more_lines", count=len(commands) - SHOWN)
    if any(is_command(line) and uncommented(line)[1] for line in lines):
        talk.note("comments_dropped")


def answer(session: "Session", text: str) -> bool:
    """Do what the answer says; whether it was one."""
    word, talk = text.strip().lower(), session.talk
    if word in NO:
        session.asked = ()
        talk.note("pasted_dropped")
        return True
    if word not in YES:
        talk.note("pasted_answer")
        return False
    if session.script is not None:
        talk.note("script_running")
        return False
    if not session.ready():
        return False
    asked, session.asked = session.asked, ()
    if talk.mode is Mode.MESSAGE:
        return session.entered(asked[0])
    session.begin(Pasted(asked))
    return True
