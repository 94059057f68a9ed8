"""How EC200x, EC600x and EG912Y answer the file commands, here those for open files (file guide V1.0, chapter 2)."""

from itertools import count

from modemlab.at.command import Command
from modemlab.at.steps import OK, Incomplete, Info, Raw, Steps
from modemlab.at.urc import line_of
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialects.quectel_lte import file_commands as c
from modemlab.dialects.quectel_lte import file_storage
from modemlab.dialects.quectel_lte.file_storage import (
    attempt,
    check_room,
    connect,
    content,
    file_name,
    printed,
    prompt,
    refuse,
)
from modemlab.dialects.quectel_lte.memory import LteMemory, OpenFile
from modemlab.text.catalogue import N_

ANSWERS = Answers(file_storage.ANSWERS)

# Files that may be open at once.
MAX_OPEN_FILES = 10


@ANSWERS(c.QFOPEN.on_read)
def list_open(module: Device) -> Steps:
    """One line for each open file."""
    for handle, file in sorted(module.memory(LteMemory).files.items()):
        yield Info(c.QFOPEN.info(printed(file.name), handle, file.mode))
    yield OK


@ANSWERS(c.QFOPEN.on_write)
def open_file(module: Device, filename: str, mode: int | None) -> Steps:
    """Open a file, made or emptied as <mode> says; handles are the lowest free number from 1 on."""
    files, memory = module.files, module.memory(LteMemory)
    name = file_name(c.QFOPEN, filename, c.NOT_OPENED)
    for handle, file in memory.files.items():
        if file.name == name:
            raise refuse(c.QFOPEN, N_("{name!r} is open as {handle}"), c.ALREADY_OPEN, name=name, handle=handle)
    if len(memory.files) >= MAX_OPEN_FILES:
        raise refuse(c.QFOPEN, N_("{maximum} files are open already"), c.TOO_MANY_OPEN, maximum=MAX_OPEN_FILES)
    size = attempt(c.QFOPEN, c.NOT_OPENED, lambda: files.size(name))
    if size is None and mode == 2:
        raise refuse(c.QFOPEN, N_("there is no file {name!r}"), c.NOT_FOUND, name=name)
    if size is None or (size and mode == 1):
        attempt(c.QFOPEN, c.NOT_OPENED, lambda: files.write(name, b""))
    handle = next(number for number in count(1) if number not in memory.files)
    memory.files = {**memory.files, handle: OpenFile(name, mode or 0)}
    yield Info(line_of(c.QFOPEN.name, (c.filehandle,), (handle,)))
    yield OK


def opened(module: Device, command: Command, handle: int) -> OpenFile:
    """The open file of a handle."""
    file = module.memory(LteMemory).files.get(handle)
    if file is None:
        raise refuse(command, N_("no file is open as {handle}"), c.INVALID_HANDLE, handle=handle)
    return file


@ANSWERS(c.QFREAD.on_write)
def read(module: Device, filehandle: int, length: int | None) -> Steps:
    """Give what stands at the position to the host, no more than there is."""
    file = opened(module, c.QFREAD, filehandle)
    data = content(module, c.QFREAD, file.name)
    part = data[file.position :] if length is None else data[file.position : file.position + length]
    if not part:
        raise refuse(
            c.QFREAD, N_("the position {position} is the end of the file"), c.NOTHING_READ, position=file.position
        )
    file.position += len(part)
    yield Raw(module.line_end + connect(module, len(part)) + part)
    yield OK


@ANSWERS(c.QFWRITE.on_write)
def write(module: Device, filehandle: int, length: int | None, timeout: int | None) -> Steps:
    """Take data from the host and write it at the position; what came before it ended early is written."""
    file = opened(module, c.QFWRITE, filehandle)
    if file.mode == 2:
        raise refuse(c.QFWRITE, N_("{name!r} was opened to be read"), c.READ_ONLY, name=file.name)
    check_room(module, c.QFWRITE, file.name, file.position + (length or 1), c.NOT_WRITTEN)
    try:
        data = yield prompt(module, length or c.DEFAULT_SIZE, timeout or c.timeout.default or 0)
    except Incomplete as incomplete:
        data = incomplete.data
    if module.memory(LteMemory).files.get(filehandle) is not file:
        raise refuse(c.QFWRITE, N_("{name!r} was closed while the data came"), c.INVALID_HANDLE, name=file.name)
    before = content(module, c.QFWRITE, file.name)
    after = before[: file.position] + data + before[file.position + len(data) :]
    if data:
        attempt(c.QFWRITE, c.NOT_WRITTEN, lambda: module.files.write(file.name, after))
        file.position += len(data)
    yield Info(line_of(c.QFWRITE.name, c.WRITTEN, (len(data), len(after))))
    yield OK


@ANSWERS(c.QFSEEK.on_write)
def seek(module: Device, filehandle: int, offset: int, position: int | None) -> Steps:
    """Set the position, within the file."""
    file = opened(module, c.QFSEEK, filehandle)
    size = attempt(c.QFSEEK, c.NOT_READ, lambda: module.files.size(file.name)) or 0
    target = {0: offset, 1: file.position + offset, 2: size - offset}[position or 0]
    if not 0 <= target <= size:
        raise refuse(
            c.QFSEEK,
            N_("position {target} is outside the file of {size} bytes"),
            c.BEYOND_THE_FILE,
            target=target,
            size=size,
        )
    file.position = target
    yield OK


@ANSWERS(c.QFPOSITION.on_write)
def show_position(module: Device, filehandle: int) -> Steps:
    """The position, from the begin on."""
    file = opened(module, c.QFPOSITION, filehandle)
    yield Info(line_of(c.QFPOSITION.name, c.POSITION, (file.position,)))
    yield OK


@ANSWERS(c.QFCLOSE.on_write)
def close(module: Device, filehandle: int) -> Steps:
    """Close a file; its handle is free."""
    opened(module, c.QFCLOSE, filehandle)
    memory = module.memory(LteMemory)
    memory.files = {handle: file for handle, file in memory.files.items() if handle != filehandle}
    yield OK
