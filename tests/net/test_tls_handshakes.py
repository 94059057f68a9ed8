"""TLS streams against servers of our own: what opens, and what does not and why."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from modemlab.dialect.network import StreamError, TlsOptions
from modemlab.module.effects import OpenStream
from modemlab.net import tls, tls_context
from support.certificates import (
    BEFORE,
    NAME,
    TODAY,
    Watcher,
    another_key,
    checked,
    echoed,
    mutual,
    reason,
    server_context,
    signed_by_an_expired_ca,
    world,
)
from support.helpers import WAIT, until
from support.serving import serving

# What opens


def test_nobody_is_verified() -> None:
    echoed(TlsOptions())


def test_the_server_is_verified() -> None:
    echoed(checked())


def test_both_are_verified() -> None:
    peer = echoed(mutual(), server_context(clients=world().authority))
    assert ("email", "pump@clients.example") in peer.seen.certificate["subjectAltName"]


def test_certificates_and_keys_in_der() -> None:
    client = world().client
    key = load_pem_private_key(client.key, None)
    certificate = ssl.PEM_cert_to_DER_cert(client.certificate.decode())
    authority = ssl.PEM_cert_to_DER_cert(world().authority.decode())
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        der = key.private_bytes(Encoding.DER, form, NoEncryption())
        tls = checked(authority=authority, certificate=certificate, key=der)
        echoed(tls, server_context(clients=world().authority))


def test_a_key_of_an_elliptic_curve_in_der() -> None:
    unknown_name = world().unknown_name
    key = load_pem_private_key(unknown_name.key, None)
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        der = key.private_bytes(Encoding.DER, form, NoEncryption())
        echoed(checked(certificate=unknown_name.certificate, key=der), server_context(clients=world().other))


def test_files_that_hold_more_than_their_option_asks_for() -> None:
    """A chain, a key beside the certificate, a certificate beside the key: each option takes its own."""
    client = world().client
    for certificate, key in (
        (client.certificate + world().authority, client.key),
        (another_key() + client.certificate, client.key),
        (client.certificate, world().server.certificate + client.key),
    ):
        peer = echoed(mutual(certificate=certificate, key=key), server_context(clients=world().authority))
        assert ("email", "pump@clients.example") in peer.seen.certificate["subjectAltName"]


@pytest.mark.parametrize(
    ("number", "version", "shown"),
    [
        (0x0301, ssl.TLSVersion.TLSv1, "TLSv1"),
        (0x0302, ssl.TLSVersion.TLSv1_1, "TLSv1.1"),
        (0x0303, ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
    ],
)
def test_versions(number: int, version: ssl.TLSVersion, shown: str) -> None:
    """Each against a server of that version alone, chosen alone and among all."""
    for chosen in (checked(minimum=number, maximum=number), checked(minimum=0x0300, maximum=0x0303)):
        assert echoed(chosen, server_context(version=version)).seen.version == shown


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0x0035, "AES256-SHA"),
        (0x003D, "AES256-SHA256"),
        (0xC02F, "ECDHE-RSA-AES128-GCM-SHA256"),
        (0xC014, "ECDHE-RSA-AES256-SHA"),
    ],
)
def test_cipher_suites(number: int, name: str) -> None:
    assert echoed(checked(ciphers=(number, 0x0005))).seen.cipher == name


def test_the_server_sees_the_name_that_is_sent() -> None:
    assert echoed(checked(server_name=NAME)).names == [NAME]
    assert echoed(checked()).names == [None]


def test_the_host_name_is_checked_when_asked_for() -> None:
    echoed(checked(check_host=True), host=NAME)
    echoed(checked(check_host=True), host="127.0.0.1")
    echoed(checked(server_name="another.example"), host="another.example")
    expected = "the server's certificate is for another host"
    assert reason(checked(check_host=True), host="another.example") == expected
    assert reason(checked(check_host=True), host="127.0.0.9") == expected


def test_dates_are_judged_by_the_clock_that_is_given() -> None:
    expired = server_context(world().expired)
    echoed(checked(at=TODAY))
    echoed(checked(at=None), expired)
    assert reason(checked(at=TODAY), expired).startswith(
        "the server's certificate is expired: it ended 2020-06-01, and the module's clock says 20"
    )
    echoed(checked(at=BEFORE), expired)
    text = reason(checked(at=0.0))
    assert text.startswith("the server's certificate is not valid yet")
    assert text.endswith("the module's clock says 1970-01-01")


def test_the_whole_chain_is_checked() -> None:
    """A CA that ended makes what it signed void, whatever that says itself."""
    authority, signed = signed_by_an_expired_ca()
    tls = TlsOptions(verify=True, authority=authority)
    echoed(tls, server_context(signed))
    text = reason(tls._replace(at=TODAY), server_context(signed))
    assert text.startswith("a CA certificate of the server is expired: it ended 2020-06-01")


def test_dates_of_certificates() -> None:
    der = ssl.PEM_cert_to_DER_cert(world().expired.certificate.decode())
    begin, end = tls_context.validity(der)
    assert (str(begin), str(end)) == ("2020-01-01 00:00:00+00:00", "2020-06-01 00:00:00+00:00")
    for at in (begin.timestamp(), end.timestamp()):
        tls_context.check_dates([der], at)
    # Years from 50 on are of the last century (RFC 5280, 4.1.2.5.1).
    old = der.replace(b"200101000000Z", b"500101000000Z")
    assert tls_context.validity(old)[0].year == 1950
    with pytest.raises(tls_context.TlsError, match=r"^the server's certificate is expired"):
        tls_context.check_dates([der], end.timestamp() + 1)
    with pytest.raises(tls_context.TlsError, match=r"^the server's certificate is not valid yet"):
        tls_context.check_dates([der], begin.timestamp() - 1)
    with pytest.raises(tls_context.TlsError, match=r"^a CA certificate of the server is not valid yet"):
        tls_context.check_dates([old, der], begin.timestamp() - 1)
    for size in range(120):
        with pytest.raises(tls_context.TlsError, match="no readable dates"):
            tls_context.check_dates([der[:size]], begin.timestamp())


# What does not open


def encrypted(pem: bytes) -> bytes:
    """A key behind a password."""
    key = load_pem_private_key(pem, None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


FAILURES: dict[str, tuple[Callable[[], TlsOptions], str]] = {
    "the wrong CA": (
        lambda: checked(authority=world().other),
        "the server's certificate is not signed by the CA certificate",
    ),
    "no CA": (lambda: checked(authority=None), "there is no CA certificate to verify the server with"),
    "a CA that is none": (lambda: checked(authority=b"\xff" * 99), "the CA certificate cannot be read"),
    "an empty CA": (lambda: checked(authority=b""), "the CA certificate cannot be read"),
    "a PEM that is none": (
        lambda: checked(authority=b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n"),
        "the CA certificate cannot be read",
    ),
    "a key that does not fit": (lambda: mutual(key=another_key()), "certificate and key do not fit"),
    "a key that does not fit, beside one that would": (
        lambda: mutual(certificate=world().client.certificate + world().client.key, key=another_key()),
        "certificate and key do not fit",
    ),
    "a key of another kind": (lambda: mutual(key=world().unknown_name.key), "certificate and key do not fit"),
    "a key that is none": (lambda: mutual(key=b"no key"), "the client key cannot be read"),
    "an empty key": (lambda: mutual(key=b""), "the client key cannot be read"),
    "a certificate for a key": (lambda: mutual(key=world().authority), "the client key cannot be read"),
    "an encrypted key": (lambda: mutual(key=encrypted(world().client.key)), "the client key is encrypted"),
    "a certificate that is none": (lambda: mutual(certificate=b"x"), "the client certificate cannot be read"),
    "a certificate without a key": (
        lambda: mutual(key=None),
        "a client certificate and its key must be given together",
    ),
    "SSL 3.0": (lambda: checked(minimum=0x0300, maximum=0x0300), "the TLS library does not support SSL 3.0"),
    "no version": (lambda: checked(minimum=0x0303, maximum=0x0301), "there is no TLS version from 0x0303 to 0x0301"),
    "RC4": (lambda: checked(ciphers=(0x0004,)), "the TLS library has no cipher suite 0x0004"),
    "RC4 and 3DES": (lambda: checked(ciphers=(0x0005, 0x000A)), "the TLS library has no cipher suite 0x0005, 0x000A"),
    "a suite of TLS 1.2 with TLS 1.1": (
        lambda: checked(maximum=0x0302, ciphers=(0xC02F,)),
        "the TLS library has no cipher suite for the version",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failures(name: str) -> None:
    tls, expected = FAILURES[name]
    assert reason(tls()) == expected


def refusal(tls: TlsOptions, context: ssl.SSLContext) -> str:
    """Why a handshake fails that the server ends with an alert, as asyncio's servers do not."""

    def serve(plain: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError):
            context.wrap_socket(plain, server_side=True).close()

    async def main() -> str:
        with serving(serve) as port:
            return await Watcher().reason(port, tls)

    return asyncio.run(main())


def test_the_server_wants_a_certificate() -> None:
    wants = server_context(clients=world().authority)
    assert refusal(checked(), wants) == "the server ended it: handshake failure"
    unknown_name = mutual(certificate=world().unknown_name.certificate, key=world().unknown_name.key)
    assert refusal(unknown_name, wants) == "the server ended it: unknown ca"
    old = server_context(clients=world().authority, version=ssl.TLSVersion.TLSv1)
    assert refusal(checked(), old) == "the server ended it: handshake failure"


def test_versions_that_do_not_meet() -> None:
    old = server_context(version=ssl.TLSVersion.TLSv1)
    assert refusal(checked(minimum=0x0301, maximum=0x0301), server_context()) == "the server ended it: protocol version"
    assert refusal(checked(minimum=0x0303), old) == "the server speaks another version of TLS"


def test_a_name_that_cannot_be_one() -> None:
    assert reason(TlsOptions(server_name=".example")) == "'.example' is not a valid server name"
    assert reason(TlsOptions(server_name="a" * 64 + ".example")).endswith("is not a valid server name")


UNHEARD = "the server closed the connection at once: is this a port for TLS?"


def test_a_server_without_tls() -> None:
    """One that answers in plain text, one that hangs up."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 what a pleasant day\r\n")
        await writer.drain()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        assert await Watcher().reason(port, checked()) == "it says '220 what a pleasant day'"
        server.close()

    asyncio.run(main())


@pytest.mark.parametrize("size", [0, 1, 700, None])
def test_a_server_that_hangs_up_in_the_handshake(size: int | None) -> None:
    """Before a byte, after one, in the middle of its certificate, and with the word for it (close_notify)."""
    hello = b"\x15\x03\x03\x00\x02\x01\x00" if size is None else server_hello()
    assert len(hello) > (size or 0)

    async def main() -> None:
        async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(4096)
            writer.write(hello[:size])
            writer.close()

        server = await asyncio.start_server(cut, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        expected = "the server closed the connection" if size != 0 else UNHEARD
        assert await Watcher().reason(port, checked()) == expected
        server.close()

    asyncio.run(main())


def server_hello() -> bytes:
    """The first flight of a server, which no client has asked for."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = tls.TlsStream(checked(), "127.0.0.1")
    client.shake()
    server = server_context().wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(client.take())
    with pytest.raises(ssl.SSLWantReadError):
        server.do_handshake()
    return outgoing.read()


def silent(work: Callable[[Watcher, socket.socket], Coroutine[Any, Any, None]]) -> None:
    """Run with a server that takes connections and says nothing."""

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(WAIT)
            watcher = Watcher()
            await work(watcher, listening)
            await watcher.streams.close()

    asyncio.run(main())


def test_a_server_that_is_silent() -> None:
    async def work(watcher: Watcher, listening: socket.socket) -> None:
        port = listening.getsockname()[1]
        assert await watcher.reason(port, TlsOptions(timeout=0.05)) == "it took longer than 0.05 s"
        assert watcher.told == [("failed", 1, StreamError.TLS, "it took longer than 0.05 s")]

    silent(work)


async def under_way(watcher: Watcher) -> tls.TlsStream:
    """The TLS of the only stream, once its time runs."""
    await until(lambda: bool((stream := watcher.streams._open[0]).secured and stream.secured.timer))
    secured = watcher.streams._open[0].secured
    assert secured is not None
    return secured


def test_closing_in_the_handshake() -> None:
    """Nothing is told, the server sees the end, and the time that was set does not come back."""

    async def work(watcher: Watcher, listening: socket.socket) -> None:
        watcher.perform(OpenStream(1, "127.0.0.1", listening.getsockname()[1], TlsOptions()))
        connection = await asyncio.to_thread(lambda: listening.accept()[0])
        with connection:
            connection.settimeout(WAIT)
            secured = await under_way(watcher)
            assert (await asyncio.to_thread(connection.recv, 4096))[0] == 22  # a handshake's record
            watcher.close()
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.to_thread(connection.recv, 4096) == b""
        assert secured.timer is None
        assert watcher.told == []

    silent(work)


def test_the_end_of_all_streams_in_a_handshake() -> None:
    async def work(watcher: Watcher, listening: socket.socket) -> None:
        watcher.perform(OpenStream(1, "127.0.0.1", listening.getsockname()[1], TlsOptions()))
        secured = await under_way(watcher)
        await watcher.streams.close()
        assert secured.timer is None
        assert watcher.told == []

    silent(work)
