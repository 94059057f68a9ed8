"""A module's file store: named bytes that outlive power-off, within a size that it never exceeds."""

import errno
from collections.abc import Mapping

from modemlab.dialect.device import FileStore

# Bytes of a store, and of its blocks: a file takes whole ones. Sister modules report 286,720 and 4,096.
STORE_BYTES = 286_720
BLOCK_BYTES = 4096


class MemoryFiles:
    """Files in memory; see `modemlab.dialect.device.FileStore`."""

    __slots__ = ("_files", "total")

    def __init__(self, files: Mapping[str, bytes] | None = None, total: int = STORE_BYTES) -> None:
        self._files = dict(files or {})
        self.total = total

    def names(self) -> list[str]:
        return sorted(self._files)

    def size(self, name: str) -> int | None:
        data = self._files.get(name)
        return None if data is None else len(data)

    def free_bytes(self, name: str = "") -> int:
        return room(self, name)

    def read(self, name: str) -> bytes | None:
        return self._files.get(name)

    def write(self, name: str, data: bytes) -> None:
        fit(self, name, data)
        self._files[name] = data

    def remove(self, name: str) -> bool:
        return self._files.pop(name, None) is not None


def blocks(size: int) -> int:
    """The bytes of the store that a file of that length takes: whole blocks, and one even when it is empty."""
    return max(1, -(-size // BLOCK_BYTES)) * BLOCK_BYTES


def room(store: FileStore, name: str) -> int:
    """How many bytes a file of that name may have in a store."""
    others = sum(blocks(store.size(other) or 0) for other in store.names() if other != name)
    return max(0, (store.total - others) // BLOCK_BYTES * BLOCK_BYTES)


def fit(store: FileStore, name: str, data: bytes) -> None:
    """Raise OSError when these bytes do not fit in place of the file of that name; an empty one takes a block."""
    if blocks(len(data)) > room(store, name):
        raise OSError(errno.ENOSPC, "the store is full")
