"""How EC200x, EC600x and EG912Y answer the commands for whole files (file guide V1.0, 2.2.1 to 2.2.5)."""

import errno
from collections.abc import Callable
from typing import TypeVar

from modemlab.at.command import Command
from modemlab.at.steps import OK, DataEnd, Incomplete, Info, Prompt, Raw, Refused, Steps
from modemlab.at.urc import line_of
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialects.quectel_lte import file_commands as c
from modemlab.dialects.quectel_lte.memory import LteMemory
from modemlab.text.catalogue import N_
from modemlab.text.reason import reason_of

Result = TypeVar("Result")
ANSWERS = Answers()

# Behind how many bytes of an upload in ACK mode an `A` is said.
ACK_BLOCK_BYTES = 1024
ALL = "*"
# What no name holds: directories cannot be made, and DOS names, which the guide recommends, have none of these.
FORBIDDEN = frozenset('/\\:*?"<>|\x7f') | {chr(code) for code in range(32)}


def refuse(command: Command, message: str, code: int, /, **values: object) -> Refused:
    """A refusal that cites the command's place in the manual."""
    return Refused(command.where(message, **values), code)


def ufs_name(command: Command, given: str, code: int) -> str:
    """The name of a file without its storage; `Refused` with `code` for one on the SD card, which is not there."""
    storage, colon, rest = given.partition(":")
    if colon and storage.upper() == "SD":
        raise refuse(command, N_("no SD card is inserted"), code)
    name = rest if colon and storage.upper() == "UFS" else given
    if name in ("", ".", "..") or (name != ALL and not FORBIDDEN.isdisjoint(name)):
        raise refuse(command, N_("{given!r} is not a file name"), c.INVALID_NAME, given=given[:40])
    return name


def file_name(command: Command, given: str, code: int) -> str:
    """As `ufs_name`, for one file alone."""
    name = ufs_name(command, given, code)
    if name == ALL:
        raise refuse(command, N_("needs one file, not all"), c.INVALID_NAME)
    return name


def attempt(command: Command, code: int, action: Callable[[], Result]) -> Result:
    """Do what the store may fail at; `Refused` with `code` when it does, with Drive full when there is no space."""
    try:
        return action()
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise Refused(command.where(reason_of(error)), c.DRIVE_FULL if full else code) from error


def check_room(module: Device, command: Command, name: str, size: int, code: int) -> None:
    """Refuse a file that the store cannot take, ahead of its data."""
    if size > module.files.total:
        raise refuse(
            command,
            N_("{size} bytes are more than the store's {total}"),
            c.TOO_LARGE,
            size=size,
            total=module.files.total,
        )
    free_bytes = attempt(command, code, lambda: module.files.free_bytes(name))
    if size > free_bytes:
        raise refuse(
            command,
            N_("{size} bytes do not fit into the {free} that are free"),
            c.DRIVE_FULL,
            size=size,
            free=free_bytes,
        )


def check_new(module: Device, name: str) -> None:
    """Refuse to upload what is there."""
    if attempt(c.QFUPL, c.NOT_WRITTEN, lambda: module.files.size(name)) is not None:
        raise refuse(c.QFUPL, N_("the file {name!r} exists already"), c.EXISTS, name=name)


def checksum(data: bytes) -> str:
    """The 16-bit exclusive or of big-endian words, an odd last byte being a high one, as it is printed (2.2.4)."""
    words = (len(data) + 1) // 2
    value = int.from_bytes(data.ljust(2 * words, b"\0"), "big")
    while words > 1:
        words = (words + 1) // 2
        value = (value >> 16 * words) ^ (value & ((1 << 16 * words) - 1))
    return f"{value:x}"


def connect(module: Device, length: int | None = None) -> bytes:
    """The line that opens data mode."""
    shown = b"CONNECT" if length is None else b"CONNECT %d" % length
    return shown + module.line_end


def prompt(module: Device, length: int, seconds: int, blocks: int = 0) -> Prompt:
    """What asks for the content of a file."""
    return Prompt(length, float(seconds), mark=connect(module), idle=True, blocks=blocks, escape=True)


def printed(name: str) -> str:
    """A file as the module names it."""
    return f"UFS:{name}"


# The store


@ANSWERS(c.QFLDS.on_write)
def show_space(module: Device, medium: str) -> Steps:
    """What is free of a medium, and all there is."""
    if medium == "SD":
        raise refuse(c.QFLDS, N_("no SD card is inserted"), c.NO_DISK)
    free = attempt(c.QFLDS, c.NO_DISK, module.files.free_bytes)
    yield Info(line_of(c.QFLDS.name, c.FREE_SPACE_PARAMS, (free, module.files.total)))
    yield OK


@ANSWERS(c.QFLDS.on_execute)
def show_usage(module: Device) -> Steps:
    """The length of all files, and how many there are."""
    sizes = [size for _, size in listing(module, c.QFLDS, c.NO_DISK)]
    yield Info(c.QFLDS.info(sum(sizes), len(sizes)))
    yield OK


def listing(module: Device, command: Command, code: int) -> list[tuple[str, int]]:
    """All files with their lengths."""
    files = module.files

    def look() -> list[tuple[str, int]]:
        return [(name, files.size(name) or 0) for name in files.names()]

    return attempt(command, code, look)


@ANSWERS(c.QFLST.on_execute)
def list_all(module: Device) -> Steps:
    """One line for each file."""
    for name, size in listing(module, c.QFLST, c.NOT_LISTED):
        yield Info(c.QFLST.info(printed(name), size))
    yield OK


@ANSWERS(c.QFLST.on_write)
def list_files(module: Device, pattern: str) -> Steps:
    """One line for each file, or that of one file."""
    name = ufs_name(c.QFLST, pattern, c.NOT_LISTED)
    if name == ALL:
        yield from list_all(module)
        return
    size = attempt(c.QFLST, c.NOT_LISTED, lambda: module.files.size(name))
    if size is None:
        raise refuse(c.QFLST, N_("there is no file {name!r}"), c.NOT_FOUND, name=name)
    yield Info(c.QFLST.info(printed(name), size))
    yield OK


@ANSWERS(c.QFDEL.on_write)
def delete(module: Device, filename: str) -> Steps:
    """Delete a file, or all; one that is open stays, and then all do."""
    files = module.files
    name = ufs_name(c.QFDEL, filename, c.NOT_DELETED)
    wanted = attempt(c.QFDEL, c.NOT_DELETED, files.names) if name == ALL else [name]
    for handle, file in module.memory(LteMemory).files.items():
        if file.name in wanted:
            raise refuse(c.QFDEL, N_("{name!r} is open as {handle}"), c.ALREADY_OPEN, name=file.name, handle=handle)
    for one in wanted:
        if not attempt(c.QFDEL, c.NOT_DELETED, lambda one=one: files.remove(one)) and name != ALL:  # type: ignore[misc]
            raise refuse(c.QFDEL, N_("there is no file {name!r}"), c.NOT_FOUND, name=one)
    yield OK


# Whole files


@ANSWERS(c.QFUPL.on_write)
def upload(module: Device, filename: str, file_size: int | None, timeout: int | None, ackmode: int | None) -> Steps:
    """Take a new file from the host; what came before the data ended early is kept."""
    name = file_name(c.QFUPL, filename, c.NOT_WRITTEN)
    check_new(module, name)
    check_room(module, c.QFUPL, name, file_size or 1, c.NOT_WRITTEN)
    end = None
    try:
        data = yield prompt(
            module, file_size or c.DEFAULT_SIZE, timeout or c.timeout.default or 0, ACK_BLOCK_BYTES * (ackmode or 0)
        )
    except Incomplete as incomplete:
        data, end = incomplete.data, incomplete.end
    check_new(module, name)  # another line may have made it meanwhile
    attempt(c.QFUPL, c.NOT_WRITTEN, lambda: module.files.write(name, data))
    yield Info(line_of(c.QFUPL.name, c.TRANSFER, (len(data), checksum(data))))
    if end is DataEnd.TIMEOUT:
        raise refuse(
            c.QFUPL, N_("no data came for <timeout>; the {count} bytes before are kept"), c.TIME_OUT, count=len(data)
        )
    yield OK


@ANSWERS(c.QFDWL.on_write)
def download(module: Device, filename: str) -> Steps:
    """Give a whole file to the host."""
    name = file_name(c.QFDWL, filename, c.NOT_READ)
    data = content(module, c.QFDWL, name)
    yield Raw(module.line_end + connect(module) + data)
    yield Info(line_of(c.QFDWL.name, c.TRANSFER, (len(data), checksum(data))))
    yield OK


def content(module: Device, command: Command, name: str) -> bytes:
    """The content of a file that must be there."""
    data = attempt(command, c.NOT_READ, lambda: module.files.read(name))
    if data is None:
        raise refuse(command, N_("there is no file {name!r}"), c.NOT_FOUND, name=name)
    return data
