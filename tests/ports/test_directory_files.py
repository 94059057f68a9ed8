"""The file stores: in memory and in a directory they do the same, and a directory is never left."""

import errno
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modemlab.at.parameters import to_text
from modemlab.dialect.device import FileStore
from modemlab.module.memory_files import BLOCK_BYTES, MemoryFiles
from modemlab.ports.directory_files import DirectoryFiles, decode, encode

KINDS = ("memory", "directory")
SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$%&'()+,-.;=@[]^_`{}~")


def make(kind: str, path: Path, total: int = 4 * BLOCK_BYTES) -> FileStore:
    """A store of that kind."""
    return MemoryFiles(total=total) if kind == "memory" else DirectoryFiles(path / "store", total)


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_kept(kind: str, tmp_path: Path) -> None:
    store = make(kind, tmp_path)
    assert (store.names(), store.read("a"), store.size("a"), store.remove("a")) == ([], None, None, False)
    store.write("b", b"\r\n\x1a\0\xff")
    store.write("a", b"")
    store.write("b", b"\r\n\x1a\0")
    assert (store.names(), store.read("b"), store.size("b")) == (["a", "b"], b"\r\n\x1a\0", 4)
    assert (store.read("a"), store.size("a")) == (b"", 0)
    assert (store.remove("b"), store.remove("b"), store.names()) == (True, False, ["a"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_never_exceeds_its_size(kind: str, tmp_path: Path) -> None:
    """A file takes whole blocks, one even when it is empty; what does not fit changes nothing."""
    store = make(kind, tmp_path)
    assert (store.total, store.free_bytes()) == (4 * BLOCK_BYTES, 4 * BLOCK_BYTES)
    store.write("a", b"x" * (BLOCK_BYTES + 1))
    store.write("b", b"")
    assert (store.free_bytes(), store.free_bytes("a"), store.free_bytes("c")) == (
        BLOCK_BYTES,
        3 * BLOCK_BYTES,
        BLOCK_BYTES,
    )
    for name, size in (("c", BLOCK_BYTES + 1), ("a", 3 * BLOCK_BYTES + 1)):
        with pytest.raises(OSError, match="full") as caught:
            store.write(name, bytes(size))
        assert caught.value.errno == errno.ENOSPC
    assert (store.names(), store.size("a")) == (["a", "b"], BLOCK_BYTES + 1)
    store.write("c", b"")
    assert store.free_bytes() == 0
    with pytest.raises(OSError, match="full"):
        store.write("d", b"")
    store.write("a", b"y" * 2 * BLOCK_BYTES)
    assert store.read("a") == b"y" * 2 * BLOCK_BYTES


NASTY = [
    *(
        "..",
        ".",
        "../x",
        "..\\x",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "C:\\x",
        "C:x",
        "\0",
        "a\0b",
        ".hidden",
        "x.",
        "x ",
        " x",
    ),
    *("CON", "con.txt", "NUL", "Com1", "LPT9.log", "AUX .x", "CONIN$", "%2F", "%2f", "%", "%%41", "*", "?", '"', "<>|"),
    *("é", "证书.pem", "\x7f", "\n", "\udcff", "a" * 80, "/" * 80, "~", "a:b", "e\u0301", "ß", "SS", ".modemlab-x"),
]


@pytest.mark.parametrize("name", NASTY)
def test_no_name_leaves_the_directory(name: str, tmp_path: Path) -> None:
    """Each is one plain entry that every system takes, and comes back as it was."""
    store = DirectoryFiles(tmp_path / "store")
    store.write(name, b"x")
    (entry,) = os.listdir(tmp_path / "store")
    assert SAFE.issuperset(entry)
    assert entry[-1] not in ". "
    assert entry[0] != "."
    assert len(entry) <= 240
    assert entry.split(".")[0].strip().upper() not in ("CON", "NUL", "COM1", "LPT9", "AUX", "CONIN$")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    assert (store.names(), store.read(name), store.size(name)) == ([name], b"x", 1)
    assert store.remove(name)
    assert os.listdir(tmp_path / "store") == []


def test_plain_names_stand_for_themselves(tmp_path: Path) -> None:
    """Files may be put there and taken from there by hand."""
    store = DirectoryFiles(tmp_path)
    (tmp_path / "cacert.pem").write_bytes(b"certificate")
    store.write("user key (1).pem", b"key")
    assert store.names() == ["cacert.pem", "user key (1).pem"]
    assert store.read("cacert.pem") == b"certificate"
    assert (tmp_path / "user key (1).pem").read_bytes() == b"key"


def test_names_that_differ_in_case_alone(tmp_path: Path) -> None:
    """They are two files on systems that tell no case apart too."""
    store = DirectoryFiles(tmp_path)
    names = ["KEY.pem", "Key.pem", "key.PEM", "key.pem"]
    for name in names:
        store.write(name, name.encode())
        store.write(name, name.encode())
    assert store.names() == sorted(names)
    assert [store.read(name) for name in sorted(names)] == [name.encode() for name in sorted(names)]
    entries = os.listdir(tmp_path)
    assert len({entry.casefold() for entry in entries}) == len(entries) == 4
    assert store.remove("KEY.pem")
    assert store.read("key.pem") == b"key.pem"


def test_what_is_no_file_of_the_module(tmp_path: Path) -> None:
    """Links, directories, leftovers and names that it would not write are neither shown nor read nor removed."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"secret")
    store = DirectoryFiles(tmp_path / "store")
    home = tmp_path / "store"
    (home / "directory").mkdir()
    (home / ".modemlab-left").write_bytes(b"x")
    (home / "a%2fb").write_bytes(b"x")
    if sys.platform != "win32":
        (home / "link").symlink_to(outside)
        os.mkfifo(home / "fifo")
        (home / "证书").write_bytes(b"x")
    for name in ("directory", "link", "fifo", ".modemlab-left", "a/b", "证书"):
        assert (store.read(name), store.size(name), store.remove(name)) == (None, None, False)
    assert store.names() == []
    for name in ("link", "directory"):
        store.write(name, b"new")
        assert store.read(name) == b"new"
    assert outside.read_bytes() == b"secret"
    assert (home / "directory").is_dir()


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails the old content stays, and nothing else is left."""
    store = DirectoryFiles(tmp_path)
    store.write("a", b"old")

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "the disk fails")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk fails"):
        store.write("a", b"new")
    assert store.read("a") == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_larger_than_the_store(tmp_path: Path) -> None:
    """Put there by hand: it is shown, but never read into memory."""
    store = DirectoryFiles(tmp_path, BLOCK_BYTES)
    (tmp_path / "big").write_bytes(bytes(BLOCK_BYTES + 1))
    assert (store.names(), store.size("big"), store.free_bytes()) == (["big"], BLOCK_BYTES + 1, 0)
    with pytest.raises(OSError, match="larger"):
        store.read("big")
    assert store.remove("big")


def test_a_directory_that_goes_away(tmp_path: Path) -> None:
    store = DirectoryFiles(tmp_path / "store")
    (tmp_path / "store").rmdir()
    for action in (
        store.names,
        store.free_bytes,
        lambda: store.read("a"),
        lambda: store.write("a", b""),
        lambda: store.size("a"),
    ):
        with pytest.raises(FileNotFoundError):
            action()


def test_a_directory_is_made_or_refused(tmp_path: Path) -> None:
    DirectoryFiles(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    DirectoryFiles(tmp_path / "a" / "b")
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(OSError, match=r"[Nn]ot a directory"):
            DirectoryFiles(path)
    with pytest.raises(FileNotFoundError, match="names no directory"):
        DirectoryFiles("")


@given(st.binary(min_size=1, max_size=80).map(to_text), st.binary(min_size=1, max_size=80).map(to_text))
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
def test_every_name_has_an_entry_of_its_own(one: str, other: str) -> None:
    for letters in (False, True):
        assert decode(encode(one, letters)) == one
    if one != other:
        assert not {encode(one), encode(one, True)} & {encode(other), encode(other, True)}
        assert encode(one, True).casefold() != encode(other, True).casefold()
