"""A module's files in a directory of this machine."""

import errno
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from modemlab.at.parameters import to_bytes, to_text
from modemlab.module import memory_files as files

# What stands for itself in a file's name on every system; all other bytes are written as % and two digits.
PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$&'()+,-.;=@[]^_`{}~")
LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
# Names that Windows keeps for devices, whatever their case and suffix.
WINDOWS_DEVICE_NAME = re.compile(rb"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9]) *(\.|\Z)", re.IGNORECASE)
ESCAPED = re.compile(r"%([0-9A-F]{2})")
MODE = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def encode(name: str, letters: bool = False) -> str:
    """The name of a file on the disk: one part of a path, valid on every system, and another for every name.

    With `letters` they are escaped too, for a name that differs from another in case alone.
    """
    raw = to_bytes(name)
    escaped = {at for at in (0, len(raw) - 1) if raw[at : at + 1] in (b".", b" ")}
    if WINDOWS_DEVICE_NAME.match(raw):
        escaped.add(0)
    return "".join(
        chr(byte) if byte in PLAIN and at not in escaped and not (letters and byte in LETTERS) else f"%{byte:02X}"
        for at, byte in enumerate(raw)
    )


def decode(entry: str) -> str | None:
    """The name of the file that a directory's entry is; None when it is not one of a module's."""
    if not entry.isascii():
        return None
    raw = ESCAPED.sub(lambda found: chr(int(found[1], 16)), entry).encode("latin-1")
    name = to_text(raw)
    return name if entry in (encode(name), encode(name, letters=True)) else None


class DirectoryFiles:
    """Files in a directory, within a size; see `modemlab.dialect.device.FileStore`.

    A name never leaves the directory: it is one part of a path, in which what not every system takes is escaped
    as `%2F`, and so are the letters of a name that differs from an older one in case alone. Plain names stand
    for themselves, so files may be put there by hand. Links, directories and other entries are not files of the
    module, nor are those whose names are none that it writes. A file is replaced in one step or not at all.
    """

    __slots__ = ("_path", "total")

    def __init__(self, path: str | Path, total: int = files.STORE_BYTES) -> None:
        """Take a directory, made if it is missing. Raises OSError when it is none that files can be kept in."""
        if path == "":
            raise FileNotFoundError(errno.ENOENT, "names no directory", path)
        self._path = os.path.abspath(path)
        self.total = total
        try:
            os.makedirs(self._path, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, "is not a directory", self._path) from None
        number, name = tempfile.mkstemp(prefix=".modemlab-", dir=self._path)
        os.close(number)
        os.unlink(name)

    def names(self) -> list[str]:
        return sorted(self._sizes())

    def size(self, name: str) -> int | None:
        return self._sizes().get(name)

    def free_bytes(self, name: str = "") -> int:
        others = sum(files.blocks(size) for other, size in self._sizes().items() if other != name)
        return max(0, (self.total - others) // files.BLOCK_BYTES * files.BLOCK_BYTES)

    def read(self, name: str) -> bytes | None:
        """The content, or None when there is no such file; OSError when it is larger than the whole store."""
        entry = self._entries().get(name)
        if entry is None:
            return None
        with os.fdopen(os.open(os.path.join(self._path, entry), os.O_RDONLY | MODE), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, "not a file")
            data = file.read(self.total + 1)
        if len(data) > self.total:
            raise OSError(errno.EFBIG, "larger than the store")
        return data

    def write(self, name: str, data: bytes) -> None:
        if files.blocks(len(data)) > self.free_bytes(name):
            raise OSError(errno.ENOSPC, "the store is full")
        number, partial = tempfile.mkstemp(prefix=".modemlab-", dir=self._path)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(data)
            os.replace(partial, os.path.join(self._path, self._entry(name)))
        except BaseException:
            with suppress(OSError):
                os.unlink(partial)
            raise

    def remove(self, name: str) -> bool:
        entry = self._entries().get(name)
        if entry is None:
            return False
        os.unlink(os.path.join(self._path, entry))
        return True

    def _entry(self, name: str) -> str:
        """The entry that a name has, or is to have; OSError when something else stands there."""
        there = {entry.casefold() for entry in os.listdir(self._path)}
        known = self._entries().get(name)
        if known is not None:
            return known
        for entry in (encode(name), encode(name, letters=True)):
            if entry.casefold() not in there:
                return entry
        raise OSError(errno.EEXIST, "something that is no file has that name")

    def _entries(self) -> dict[str, str]:
        """The entries of all files, by name."""
        found = {}
        with os.scandir(self._path) as entries:
            for entry in entries:
                name = decode(entry.name)
                if name is not None and entry.is_file(follow_symlinks=False):
                    found[name] = entry.name
        return found

    def _sizes(self) -> dict[str, int]:
        """The lengths of all files, by name."""
        found = {}
        for name, entry in self._entries().items():
            with suppress(FileNotFoundError):
                found[name] = os.lstat(os.path.join(self._path, entry)).st_size
        return found
