"""Files that users name: whatever they are, reading them ends."""

import os
import sys
import threading
from pathlib import Path

import pytest

from modemlab.ports.file_reading import check_regular, read_beginning, read_file

unix = pytest.mark.skipif(sys.platform == "win32", reason="there are no devices and no pipes by name")


def test_files(tmp_path: Path) -> None:
    """As long as they may be, longer, empty, and none."""
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_file(file, 5) == b"12345"
    assert read_beginning(file, 3) == b"123"
    with pytest.raises(OSError, match="is longer than 4 bytes") as caught:
        read_file(file, 4)
    assert caught.value.filename == str(file)
    file.write_bytes(b"")
    assert read_file(str(file), 4) == b""
    with pytest.raises(FileNotFoundError) as missing:
        read_file(tmp_path / "none", 4)
    assert missing.value.filename == str(tmp_path / "none")
    check_regular(file)


def test_a_directory(tmp_path: Path) -> None:
    for read in (lambda: read_file(tmp_path, 4), lambda: check_regular(tmp_path)):
        with pytest.raises(IsADirectoryError) as caught:
            read()
        assert caught.value.filename == str(tmp_path)


@unix
def test_a_device_without_an_end() -> None:
    with pytest.raises(OSError, match="is longer than 100 bytes"):
        read_file("/dev/zero", 100)
    assert read_file("/dev/null", 100) == b""
    with pytest.raises(OSError, match="is not a file"):
        check_regular("/dev/zero")


@unix
def test_a_file_that_is_too_large_is_not_read_by_others(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    with pytest.raises(OSError, match="is longer than 4 bytes"):
        check_regular(file, 4)


@unix
def test_pipes(tmp_path: Path) -> None:
    """One that nobody writes to is given up; one that is written to in parts is read to its end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(TimeoutError, match=r"this pipe brought nothing for 0\.05 s") as caught:
        read_file(pipe, 4, patience=0.05)
    assert caught.value.filename == str(pipe)

    def write() -> None:
        with open(pipe, "wb", buffering=0) as file:
            file.write(b"12")
            file.write(b"34")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert read_file(pipe, 4, patience=60) == b"1234"
    finally:
        writer.join(60)
