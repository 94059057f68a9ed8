"""TLS streams against servers of our own: that nothing is lost, and what is kept."""

import asyncio
import contextlib
import importlib
import os
import socket
import ssl
import stat
import sys
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from modemlab.dialect.network import TlsOptions
from modemlab.module.effects import SendStream
from modemlab.net import streams, tls, tls_context
from support.certificates import (
    NO_RECORD,
    Peer,
    Watcher,
    another_key,
    checked,
    echoed,
    mutual,
    server_context,
    with_peer,
    world,
)
from support.helpers import WAIT, until
from support.serving import serving

# What passes


@pytest.mark.parametrize("size", [1, tls.CHUNK_BYTES, tls.CHUNK_BYTES + 1, 1 << 16, 700_001])
def test_messages_of_any_size_pass_both_ways(size: int) -> None:
    echoed(checked(), data=bytes(range(251)) * (size // 251) + b"x" * (size % 251))


def test_old_versions_carry_large_messages_too() -> None:
    echoed(checked(), server_context(version=ssl.TLSVersion.TLSv1), data=b"m" * 300_000)


def test_what_is_sent_in_succession_goes_out_in_one_write() -> None:
    async def work(watcher: Watcher, peer: Peer) -> None:
        await watcher.open(peer.port, checked())
        stream = watcher.streams._open[0]
        assert stream.transport is not None
        written: list[bytes] = []
        monkey = stream.transport.write
        stream.transport = cast(Any, Recorder(stream.transport, written))
        watcher.perform(*(SendStream(1, b"%03d" % n) for n in range(100)))
        stream.transport = monkey.__self__  # type: ignore[attr-defined]
        assert len(written) == 1
        assert len(written[0]) < 300 + 64
        await until(lambda: len(watcher.heard) == 300)

    with_peer(server_context(), work)


class Recorder:
    """A transport that notes what is written."""

    def __init__(self, inner: asyncio.Transport, written: list[bytes]) -> None:
        self.inner, self.written = inner, written

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self.inner.write(data)


def test_nothing_is_read_while_the_module_pauses() -> None:
    async def work(watcher: Watcher, peer: Peer) -> None:
        await watcher.open(peer.port, checked())
        watcher.pause()
        peer.writers[0].write(b"m" * 8_000_000)
        await asyncio.sleep(0.2)
        assert not watcher.heard
        watcher.resume()
        await until(lambda: len(watcher.heard) == 8_000_000)

    with_peer(server_context(), work, echo=False)


def test_a_handshake_goes_on_while_nothing_is_read() -> None:
    async def work(watcher: Watcher, peer: Peer) -> None:
        watcher.streams.set_reading_paused(True)
        assert await watcher.open(peer.port, checked()) == ("opened", 1)
        watcher.send(b"x" * 10_000)
        await until(lambda: len(peer.heard) == 10_000)
        await asyncio.sleep(0.05)
        assert not watcher.heard
        watcher.streams.set_reading_paused(False)
        await until(lambda: len(watcher.heard) == 10_000)

    with_peer(server_context(), work)


def test_a_server_that_takes_nothing_is_given_up() -> None:
    async def work(watcher: Watcher, peer: Peer) -> None:
        await watcher.open(peer.port, checked())
        peer.reading.clear()
        for _ in range(400):
            watcher.send(b"m" * 65536)
            if len(watcher.told) > 1:
                break
            await asyncio.sleep(0)
        await until(lambda: watcher.told == [("opened", 1), ("choked", 1)])

    with_peer(server_context(), work, echo=False)


def test_closing_sends_what_is_left_and_says_so() -> None:
    """All that was sent arrives, and then the server is told of the end: no truncation."""

    async def work(watcher: Watcher, peer: Peer) -> None:
        await watcher.open(peer.port, checked())
        peer.reading.clear()
        watcher.send(b"m" * 900_000)
        watcher.close()
        peer.reading.set()
        await until(lambda: peer.ends == ["end"])
        assert len(peer.heard) == 900_000
        await until(lambda: not watcher.streams._closing)

    with_peer(server_context(), work, echo=False)


def test_the_end_is_said_in_tls() -> None:
    """The server sees close_notify, not just the end of the connection, which could be anybody's doing."""
    ended: list[bytes] = []

    def serve(plain: socket.socket) -> None:
        context = server_context()
        with context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=False) as secured:
            heard = b""
            while data := secured.recv(100):
                heard += data
            ended.append(heard)

    async def main() -> None:
        with serving(serve) as port:
            watcher = Watcher()
            await watcher.open(port, checked())
            watcher.send(b"m" * 5000)
            watcher.close()
            await until(lambda: ended == [b"m" * 5000])

    asyncio.run(main())


@pytest.mark.parametrize("how", ["close", "abort"])
def test_the_server_hangs_up(how: str) -> None:
    """With its last message read; nothing is told twice."""

    async def work(watcher: Watcher, peer: Peer) -> None:
        await watcher.open(peer.port, checked())
        await until(lambda: len(peer.writers) == 1)
        if how == "close":
            peer.writers[0].write(b"bye")
            peer.writers[0].close()
        else:
            peer.writers[0].transport.abort()
        await until(lambda: watcher.told == [("opened", 1), ("closed", 1)])
        assert bytes(watcher.heard) == (b"bye" if how == "close" else b"")
        watcher.send(b"too late")

    with_peer(server_context(), work)


def test_bytes_that_are_no_tls_end_the_connection() -> None:
    """A connection in which somebody meddles is closed like one that the server closed, and the reason is told."""

    async def work(watcher: Watcher, peer: Peer) -> None:
        await watcher.open(peer.port, checked())
        raw = peer.writers[0].get_extra_info("socket")
        os.write(raw.fileno(), NO_RECORD)
        await until(lambda: len(watcher.told) == 2)
        what, _, why = watcher.told[1]
        assert what == "closed"
        assert why.startswith("TLS failed: ")
        assert why.isprintable()

    with_peer(server_context(), work)


def test_a_server_that_ends_it_with_an_alert() -> None:
    """Which of its own that is told is in the reason."""

    def serve(plain: socket.socket) -> None:
        secured = server_context().wrap_socket(plain, server_side=True)
        with secured, contextlib.suppress(ssl.SSLError):
            secured.recv(100)

    async def main() -> None:
        with serving(serve) as port:
            watcher = Watcher()
            await watcher.open(port, checked())
            stream = watcher.streams._open[0]
            assert stream.transport is not None
            stream.transport.write(NO_RECORD)
            await until(lambda: len(watcher.told) == 2)
            assert watcher.told[1] == ("closed", 1, "TLS failed: the server ended it: bad record mac")

    asyncio.run(main())


@pytest.mark.parametrize("secured", [False, True])
def test_a_server_that_says_its_last_and_takes_nothing(secured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unsent gets `LINGER` seconds; then the connection is over, though nobody closed it."""
    monkeypatch.setattr(streams, "LINGER_S", 0.05)
    full, over = threading.Event(), threading.Event()

    def serve(plain: socket.socket) -> None:
        sock = server_context().wrap_socket(plain, server_side=True) if secured else plain
        with sock:
            sock.settimeout(WAIT)
            full.wait(WAIT)
            if isinstance(sock, ssl.SSLSocket):
                with contextlib.suppress(OSError):  # the module's data stands where its own end should
                    sock.unwrap()
            else:
                sock.shutdown(socket.SHUT_WR)
            over.wait(WAIT)

    async def main() -> None:
        with serving(serve) as port:
            watcher = Watcher()
            try:
                await watcher.open(port, checked() if secured else None)
                stream = watcher.streams._open[0]
                while stream.transport is not None and stream.transport.get_write_buffer_size() < 300_000:
                    watcher.send(b"m" * 65536)
                full.set()
                await until(lambda: watcher.told == [("opened", 1), ("closed", 1)])
            finally:
                over.set()

    asyncio.run(main())


def test_on_another_loop() -> None:
    """The cost and the outcome are the same on every loop: nothing of the loop's own TLS is used."""
    loops = [asyncio.SelectorEventLoop]
    if sys.platform != "win32":
        with contextlib.suppress(ImportError):
            loops.append(importlib.import_module("uvloop").new_event_loop)
    for loop in loops:

        async def work(watcher: Watcher, peer: Peer) -> None:
            assert await watcher.open(peer.port, mutual()) == ("opened", 1)
            watcher.send(b"m" * 200_000)
            await until(lambda: len(watcher.heard) == 200_000)
            watcher.close()
            await until(lambda: peer.ends == ["end"])

        with_peer(server_context(clients=world().authority), work, loop)


# What is kept


def test_contexts_are_shared_and_bounded() -> None:
    tls_context.context_of.cache_clear()
    first, second = tls.TlsStream(mutual(at=1.0, server_name="a"), "a"), tls.TlsStream(mutual(timeout=3.0), "b")
    assert first._object.context is second._object.context
    assert tls.TlsStream(checked(), "a")._object.context is not first._object.context
    # The same bytes in another object, as another module's files are.
    again = mutual(authority=bytes(bytearray(world().authority)))
    assert tls.TlsStream(again, "a")._object.context is first._object.context
    for number in range(tls_context.MAX_CACHED_CONTEXTS + 10):
        tls_context.context_of(TlsOptions(ciphers=(0x002F, 0x1000 + number)))
    assert tls_context.context_of.cache_info().currsize == tls_context.MAX_CACHED_CONTEXTS


def test_keys_lie_in_a_private_file_for_the_loader_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: list[tuple[set[int], list[str]]] = []
    load = ssl.SSLContext.load_cert_chain

    def look(context: ssl.SSLContext, certificate: str, key: str, **options: Any) -> None:
        seen.append(({stat.S_IMODE(os.stat(path).st_mode) for path in (certificate, key)}, os.listdir(tmp_path)))
        load(context, certificate, key, **options)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", look)
    tls_context.context_of.cache_clear()
    tls_context.context_of(mutual())
    with pytest.raises(tls_context.TlsError):
        tls_context.context_of(mutual(key=another_key()))
    assert [(modes, len(names)) for modes, names in seen] == [({0o600}, 2), ({0o600}, 2)]
    assert os.listdir(tmp_path) == []


def test_a_disk_that_takes_no_file_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    tls_context.context_of.cache_clear()
    with pytest.raises(tls_context.TlsError, match="cannot be handed to the TLS library"):
        tls_context.context_of(mutual())


def test_what_an_error_of_the_library_reads_as() -> None:
    assert tls.printable("SOME_ODD\nREASON") == "some odd reason"
    error = ssl.SSLError(1, "[SSL] x")
    assert tls.reason_of(error) == "sslerror"
