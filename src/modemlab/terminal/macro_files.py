"""Lists of commands as files, in QCOM's form or the terminal's own."""

from pathlib import Path

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
from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Reason, Sentence, reason_of


def read_list(name: str, patient: bool = True) -> MacroList:
    """The list in a file. `patient`: it may be a pipe, whose other end is waited for.

    Raises `MacroError` with the file, the line and the reason.
    """
    try:
        path = Path(name).expanduser()
        if not patient and path.is_fifo():
            raise MacroError(Sentence(N_("is a pipe, not a file")))
        text, encoding = decode(read_beginning(path, MAX_FILE_CHARACTERS + 1))
        return read_qcom(text, encoding) if looks_like(text) else read_transcript(text)
    except MacroError as error:
        raise MacroError(About(name, why(error))) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise MacroError(About(name, why(error))) from None


def listed_as(name: str, listed: MacroList) -> bytes:
    """What a file of that name holds: `.ini` is for QCOM."""
    return write_qcom(listed) if is_qcom(name) else write_transcript(listed).encode()


def is_qcom(name: str) -> bool:
    """Whether a file of that name is for QCOM."""
    return name.lower().endswith(".ini")


def why(error: Exception) -> Reason:
    """What went wrong with a file."""
    if isinstance(error, RuntimeError):  # of `Path.expanduser`
        return Sentence(N_("no such user"))
    # Python has other words for it from 3.13 on.
    return Sentence(N_("embedded null byte")) if "embedded null " in str(error) else reason_of(error)
