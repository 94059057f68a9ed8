"""Files and bytes that are sent as they are: a file's length is filled in, and its content follows the prompt."""

import errno
import os
import re
from itertools import takewhile
from typing import TYPE_CHECKING

from modemlab.at.command import Command, FormKind
from modemlab.at.parameters import Choice, Int, Param, Text, to_bytes
from modemlab.dialect.dialect import Dialect
from modemlab.terminal.cursor import PREFIX, missing_length, table, with_length
from modemlab.terminal.user_files import path_of
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, reason_of

if TYPE_CHECKING:
    from modemlab.terminal.session import TerminalSession

# Bytes of a file, and those that are typed in hexadecimal.
MAX_FILE_BYTES, MAX_HEX_BYTES = 1 << 24, 4096
# A file's name, and the command that it is for.
FILE_AND_COMMAND = re.compile(r"(.+?)(?:\s+(AT\S.*))?", re.IGNORECASE | re.DOTALL)


def send_file(session: "TerminalSession", rest: str) -> bool | None:
    """Send a file as the data of a command whose length is filled in; without a command, to the module's files."""
    given = FILE_AND_COMMAND.fullmatch(rest)
    if given is None:
        return False
    name, command = given[1], given[2]
    if not session.ready():
        return True
    talk = session.talk
    try:
        path = path_of(name)
        if not path.is_file():
            raise ValueError(Sentence(N_("is not a file") if path.exists() else os.strerror(errno.ENOENT)))
        with open(path, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        talk.note("{file}: {reason}", file=name, reason=session.language.reason(reason_of(error)))
        return True
    line = command or upload(talk.dialect, path.name)
    if line is None:
        talk.note("which command is the file for? Write :send FILE AT..., ending with the comma before the length")
        return True
    lacks = missing_length(talk.dialect, line)
    if lacks is None:
        talk.note("{text} has no missing length: end the command with the comma before the length", text=line)
        return True
    wrong = talk.size_trouble(lacks, len(data))
    line = with_length(talk.dialect, line, len(data))
    if not wrong and len(data) > MAX_FILE_BYTES:
        wrong = talk.language("has more than {maximum} bytes", maximum=MAX_FILE_BYTES)
    calls = talk.dialect.parser(False)(to_bytes(line[len(PREFIX) :]))
    if not wrong and calls and calls[-1].refused is not None:
        wrong = session.language.reason(calls[-1].refused.reason)
    if wrong:
        talk.note("{file}: {reason}", file=name, reason=wrong)
    else:
        talk.send_command(
            to_bytes(line), session.now(), data, talk.language("{file}, {count} bytes", file=name, count=len(data))
        )
        session.flush()
    return True


def upload(dialect: Dialect, name: str) -> str | None:
    """The command that writes a file of that name, up to its length; None where the dialect has none, or several."""
    found = [command for command in table(dialect).values() if writes_file(command)]
    if len(found) != 1:
        return None
    plan = found[0].plan(FormKind.WRITE)
    ahead = takewhile(lambda param: not counts(param), plan.params if plan is not None else ())
    values = (f'"{name}"' if isinstance(param, Text) else first_value(param) for param in ahead)
    return f"{PREFIX}{found[0].name}={','.join(values)},"


def writes_file(command: Command) -> bool:
    """Whether a command takes a file's name and the length of the data that follows."""
    plan = command.plan(FormKind.WRITE)
    params = plan.params if plan is not None else ()
    return bool(params) and params[0].name == "filename" and any(map(counts, params))


def counts(param: Param) -> bool:
    """Whether it is the length of the data that follows."""
    return isinstance(param, Int) and param.counts


def first_value(param: Param) -> str:
    """What a parameter is by default, or its first value."""
    return param.word(next(iter(param.values))) if isinstance(param, Choice) else ""


def send_bytes(session: "TerminalSession", rest: str) -> bool | None:
    """Send bytes that are typed in hexadecimal."""
    try:
        data = bytes.fromhex(rest)
    except ValueError:
        return False
    if not 0 < len(data) <= MAX_HEX_BYTES:
        return False
    if session.ready():
        session.talk.send_raw(data, session.now())
        session.flush()
    return True
