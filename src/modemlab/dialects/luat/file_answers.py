"""How Luat's modules answer the commands for files (Luat AT manual V1.6.3, chapter 11)."""

from modemlab.at.command import Command
from modemlab.at.steps import ERROR, OK, DataEnd, Final, Incomplete, Info, Prompt, Refused, Steps
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialects.luat import file_commands as c
from modemlab.dialects.luat.errors import (
    EXECUTION_FAILED,
    INVALID_PARAMETERS,
    NO_DIRECTORY,
    NO_FILE,
    NO_MEMORY,
    NOT_ALLOWED,
)
from modemlab.text.catalogue import N_
from modemlab.text.reason import reason_of

ANSWERS = Answers()
TIMED_OUT = Final(ERROR.number, "TimeOut")


def refuse(command: Command, message: str, code: int, /, **values: object) -> Refused:
    """A refusal that cites the command's place in the manual."""
    return Refused(command.where(message, **values), code)


def stored_name(filename: str) -> str:
    """A name without what stands for the one directory there is: `C:` and a slash."""
    name = filename[2:] if filename[:2].upper() == "C:" else filename
    return name.removeprefix("/")


def name_of(command: Command, filename: str) -> str:
    """The name of a file in the store; refused where it names a directory."""
    name = stored_name(filename)
    if not name or "/" in name or "\\" in name:
        raise refuse(command, N_("{name!r} is in a directory that does not exist"), NO_DIRECTORY, name=filename)
    return name


def content_of(module: Device, command: Command, filename: str) -> tuple[str, bytes]:
    """A file's name in the store and its content; refused when there is none."""
    name = name_of(command, filename)
    try:
        data = module.files.read(name)
    except OSError as error:
        raise refuse(
            command, N_("{name!r} cannot be read: {reason}"), EXECUTION_FAILED, name=filename, reason=reason_of(error)
        ) from error
    if data is None:
        raise refuse(command, N_("there is no file {name!r}"), NO_FILE, name=filename)
    return name, data


def write(module: Device, command: Command, name: str, data: bytes) -> None:
    """Keep a file; refused when it does not fit."""
    try:
        module.files.write(name, data)
    except OSError as error:
        raise refuse(
            command, N_("{name!r} cannot be stored: {reason}"), NO_MEMORY, name=name, reason=reason_of(error)
        ) from error


@ANSWERS(c.FSCREATE.on_write)
def create(module: Device, filename: str) -> Steps:
    """Make an empty file."""
    name = name_of(c.FSCREATE, filename)
    if name in names(module, c.FSCREATE):
        raise refuse(c.FSCREATE, N_("the file {name!r} exists already"), NOT_ALLOWED, name=filename)
    write(module, c.FSCREATE, name, b"")
    yield OK


def names(module: Device, command: Command) -> list[str]:
    """All files."""
    try:
        return module.files.names()
    except OSError as error:
        raise refuse(
            command, N_("the files cannot be listed: {reason}"), EXECUTION_FAILED, reason=reason_of(error)
        ) from error


@ANSWERS(c.FSREAD.on_write)
def read(module: Device, filename: str, mode: int, filesize: int, position: int) -> Steps:
    """Print a file, or a part of it."""
    _, data = content_of(module, c.FSREAD, filename)
    first = position if mode else 0
    if mode and first >= len(data):
        raise refuse(
            c.FSREAD,
            N_("<position> {first} is not within {count} bytes"),
            INVALID_PARAMETERS,
            first=first,
            count=len(data),
        )
    yield Info(data[first : first + filesize])
    yield OK


@ANSWERS(c.FSWRITE.on_write)
def write_data(module: Device, filename: str, mode: int, filesize: int, inputtime: int) -> Steps:
    """Ask for data and write it, all or nothing."""
    name, before = content_of(module, c.FSWRITE, filename)
    try:
        data = yield Prompt(filesize, float(inputtime), mark=b">")
    except Incomplete as incomplete:
        if incomplete.end is not DataEnd.TIMEOUT:
            raise
        module.log(f"AT{c.FSWRITE.name}", incomplete.reason)
        yield TIMED_OUT
        return
    write(module, c.FSWRITE, name, before + data if mode else data)
    yield OK


@ANSWERS(c.FSDEL.on_write)
def delete(module: Device, filename: str) -> Steps:
    """Delete a file."""
    name = name_of(c.FSDEL, filename)
    try:
        there = module.files.remove(name)
    except OSError as error:
        raise refuse(
            c.FSDEL,
            N_("{name!r} cannot be deleted: {reason}"),
            EXECUTION_FAILED,
            name=filename,
            reason=reason_of(error),
        ) from error
    if not there:
        raise refuse(c.FSDEL, N_("there is no file {name!r}"), NO_FILE, name=filename)
    yield OK


@ANSWERS(c.FSFLSIZE.on_write)
def show_size(module: Device, filename: str) -> Steps:
    """The length of a file."""
    _, data = content_of(module, c.FSFLSIZE, filename)
    yield Info(b"+FSFLSIZE: %d" % len(data))
    yield OK


@ANSWERS(c.FSMEM.on_execute)
def show_room(module: Device) -> Steps:
    """The space that is left."""
    try:
        free = module.files.free_bytes()
    except OSError as error:
        raise refuse(
            c.FSMEM, N_("the files cannot be listed: {reason}"), EXECUTION_FAILED, reason=reason_of(error)
        ) from error
    yield Info(c.FSMEM.info(free))
    yield OK
