"""A module's file store: named bytes that outlive power-off, within a size that it never exceeds."""

from collections.abc import Mapping
from typing import Protocol

# Bytes of a store, and of its blocks: a file takes whole ones. Sister modules report 286,720 and 4,096.
SIZE = 286_720
BLOCK = 4096


class FileStore(Protocol):
    """Where files are kept. Names are up to 80 bytes, as the host gave them, without a storage prefix."""

    def names(self) -> list[str]:
        """All names, in order."""

    def read(self, name: str) -> bytes | None:
        """The content, or None when there is no such file."""

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, in place of one of that name. Raises OSError when it cannot be kept; nothing changes then."""

    def remove(self, name: str) -> bool:
        """Remove a file; False when there is none."""


class MemoryFiles:
    """Files in memory."""

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self._files = dict(files or {})

    def names(self) -> list[str]:
        """All names, in order."""
        return sorted(self._files)

    def read(self, name: str) -> bytes | None:
        """The content, or None when there is no such file."""
        return self._files.get(name)

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, in place of one of that name."""
        self._files[name] = data

    def remove(self, name: str) -> bool:
        """Remove a file; False when there is none."""
        return self._files.pop(name, None) is not None


def used(store: FileStore) -> int:
    """Bytes that the files take, in whole blocks."""
    return sum(-(-len(store.read(name) or b"") // BLOCK) * BLOCK for name in store.names())
