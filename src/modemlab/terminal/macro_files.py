"""Lists of commands as files, in QCOM's form or the terminal's own."""

from modemlab.ports.file_reading import read_beginning
from modemlab.terminal.macros import (
    MAX_FILE_CHARACTERS,
    MacroError,
    MacroList,
    decode,
    read_transcript,
    write_transcript,
)
from modemlab.terminal.qcom import looks_like, read_qcom, write_qcom
from modemlab.terminal.user_files import path_of
from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Sentence, reason_of


def read_list(name: str, patient: bool = True) -> MacroList:
    """The list in a file. `patient`: it may be a pipe, whose other end is waited for.

    Raises `MacroError` with the file, the line and the reason.
    """
    try:
        path = path_of(name)
        if not patient and path.is_fifo():
            raise MacroError(Sentence(N_("is a pipe, not a file")))
        text, encoding = decode(read_beginning(path, MAX_FILE_CHARACTERS + 1))
        return read_qcom(text, encoding) if looks_like(text) else read_transcript(text)
    except (OSError, ValueError) as error:
        raise MacroError(About(name, reason_of(error))) from None


def listed_as(name: str, listed: MacroList) -> bytes:
    """What a file of that name holds: `.ini` is for QCOM."""
    return write_qcom(listed) if is_qcom(name) else write_transcript(listed).encode()


def is_qcom(name: str) -> bool:
    """Whether a file of that name is for QCOM."""
    return name.lower().endswith(".ini")
