"""Certificates made in the test run, and what opens TLS streams to servers on this machine."""

import asyncio
import ssl
import warnings
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from modemlab.dialect.network import StreamError, TlsOptions
from modemlab.module.effects import (
    CloseStream,
    Effect,
    OpenStream,
    PauseStream,
    QueryAnswered,
    Reply,
    ResumeStream,
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
    StreamSendBufferFull,
)
from modemlab.net.connect_to import ConnectTo
from modemlab.net.streams import Streams
from support.helpers import until

# A record of application data that no key of a connection fits.
NO_RECORD = b"\x17\x03\x03\x00\x20" + b"z" * 32
NAME = "broker.example"
# An expired certificate's last day, and one before it.
EXPIRED = datetime(2020, 6, 1, tzinfo=UTC)
BEFORE = datetime(2020, 5, 1, tzinfo=UTC).timestamp()
TODAY = datetime.now(UTC).timestamp()


class Identity(NamedTuple):
    """A certificate and its key, PEM."""

    certificate: bytes
    key: bytes


class World(NamedTuple):
    """A CA with a server's and a client's certificate, an expired server's, and another CA."""

    authority: bytes
    server: Identity
    client: Identity
    expired: Identity
    other: bytes
    unknown_name: Identity


def identity(made: trustme.LeafCert) -> Identity:
    """What trustme issued."""
    return Identity(b"".join(pem.bytes() for pem in made.cert_chain_pems), made.private_key_pem.bytes())


@cache
def world() -> World:
    """The certificates of the run."""
    kind = trustme.KeyType.RSA
    ca, other = trustme.CA(key_type=kind), trustme.CA()
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    return World(
        ca.cert_pem.bytes(),
        identity(ca.issue_cert("127.0.0.1", NAME, key_type=kind)),
        identity(ca.issue_cert("pump@clients.example", key_type=kind)),
        identity(ca.issue_cert("127.0.0.1", NAME, not_before=begin, not_after=EXPIRED, key_type=kind)),
        other.cert_pem.bytes(),
        identity(other.issue_cert("stranger@clients.example")),
    )


def mosquitto_identity(home: Path, mine: Identity) -> tuple[str, ...]:
    """A server's files in that directory, as settings of mosquitto."""
    for name, data in (("ca.pem", world().authority), ("server.pem", mine.certificate), ("server.key", mine.key)):
        (home / name).write_bytes(data)
    return (f"cafile {home}/ca.pem", f"certfile {home}/server.pem", f"keyfile {home}/server.key")


def another_key() -> bytes:
    """A key of the client's kind that is not its own."""
    return world().server.key


@cache
def signed_by_an_expired_ca() -> tuple[bytes, Identity]:
    """A CA certificate that ended, and a server's that has not, PEM."""
    ca_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an old CA")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    begin = datetime(2020, 1, 1, tzinfo=UTC)

    def sign(name: x509.Name, public: rsa.RSAPublicKey, end: datetime, authority: bool) -> bytes:
        builder = x509.CertificateBuilder(issuer, name, public, x509.random_serial_number(), begin, end)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        return builder.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM)

    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (
        sign(issuer, ca_key.public_key(), EXPIRED, True),
        Identity(sign(subject, key.public_key(), datetime(2099, 1, 1, tzinfo=UTC), False), private),
    )


def server_context(
    mine: Identity | None = None, clients: bytes | None = None, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """A server's context, which with `clients` wants certificates of that CA, of one version or any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if version is not None:
            context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    mine = mine or world().server
    with trustme.Blob(mine.certificate + mine.key).tempfile() as path:
        context.load_cert_chain(path)
    if clients is not None:
        context.load_verify_locations(cadata=clients.decode())
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Watcher:
    """An owner of streams that notes what it is told."""

    def __init__(self, rules: tuple[ConnectTo, ...] = ()) -> None:
        self.streams = Streams(self, rules, asyncio.get_running_loop())
        self.told: list[tuple[Any, ...]] = []
        self.heard = bytearray()

    def on_reply(self, reply: Reply) -> None:
        match reply:
            case StreamReceived(data=data):
                self.heard += data
            case StreamOpened(stream):
                self.told.append(("opened", stream))
            case StreamFailed():
                self.told.append(("failed", *reply))
            case StreamClosed(stream, detail):
                self.told.append(("closed", stream, detail) if detail else ("closed", stream))
            case StreamSendBufferFull(stream):
                self.told.append(("choked", stream))
            case QueryAnswered():
                self.told.append(("answered", *reply))

    async def open(self, port: int, tls: TlsOptions | None, host: str = "127.0.0.1", stream: int = 1) -> Any:
        """Open a stream; what is told of it first."""
        before = len(self.told)
        self.streams.perform((OpenStream(stream, host, port, tls),))
        await until(lambda: len(self.told) > before)
        return self.told[before]

    async def reason(self, port: int, tls: TlsOptions, host: str = "127.0.0.1") -> str:
        """Open a stream whose handshake fails; why."""
        what, _, error, detail = await self.open(port, tls, host)
        assert (what, error) in (("failed", StreamError.TLS), ("failed", StreamError.PLAIN))
        assert detail.isprintable()
        assert not self.streams._open
        return str(detail)

    def perform(self, *effects: Effect) -> None:
        """Do what a module would ask for."""
        self.streams.perform(effects)

    def send(self, data: bytes, stream: int = 1) -> None:
        """Send."""
        self.perform(SendStream(stream, data))

    def pause(self, stream: int = 1) -> None:
        """Read no more."""
        self.perform(PauseStream(stream))

    def resume(self, stream: int = 1) -> None:
        """Read again."""
        self.perform(ResumeStream(stream))

    def close(self, stream: int = 1) -> None:
        """Close."""
        self.perform(CloseStream(stream))


class Seen(NamedTuple):
    """What a server sees of the client it talks to."""

    version: str
    cipher: str
    certificate: Any


class Peer:
    """A server that echoes, and tells of its connections."""

    def __init__(self, context: ssl.SSLContext | None = None, *, echo: bool = True) -> None:
        self.context, self.echo = context, echo
        self.heard = bytearray()
        self.names: list[str | None] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.ends: list[str] = []
        self.seen = Seen("", "", None)
        self.reading = asyncio.Event()
        self.reading.set()
        self.port = 0
        if context is not None:
            context.sni_callback = lambda _socket, name, _context: self.names.append(name)

    async def start(self) -> None:
        """Listen on loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        if (tls := writer.get_extra_info("ssl_object")) is not None:
            self.seen = Seen(tls.version(), tls.cipher()[0], tls.getpeercert())
        try:
            while True:
                await self.reading.wait()
                data = await reader.read(1 << 16)
                if not data:
                    self.ends.append("end")
                    break
                self.heard += data
                if self.echo:
                    writer.write(data)
                    await writer.drain()
        except (ConnectionError, ssl.SSLError) as error:
            self.ends.append(repr(error))
        finally:
            writer.close()

    async def stop(self) -> None:
        """Hang up and listen no more."""
        self._server.close()
        self.reading.set()
        for writer in self.writers:
            writer.close()
        await until(lambda: len(self.ends) == len(self.writers))


def with_peer(
    context: ssl.SSLContext | None,
    work: Callable[[Watcher, Peer], Coroutine[Any, Any, None]],
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
    **options: Any,
) -> None:
    """Run with a watcher and a peer; all streams are closed behind."""

    async def main() -> None:
        peer = Peer(context, **options)
        await peer.start()
        watcher = Watcher()
        # What a failed handshake comes to at the server is its own affair.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        try:
            await work(watcher, peer)
        finally:
            await watcher.streams.close()
            await peer.stop()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


def checked(**changes: Any) -> TlsOptions:
    """TLS that verifies the server by the CA of the run."""
    return TlsOptions(verify=True, authority=world().authority)._replace(**changes)


def mutual(**changes: Any) -> TlsOptions:
    """TLS with a client certificate too."""
    return checked(certificate=world().client.certificate, key=world().client.key)._replace(**changes)


def reason(tls: TlsOptions, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> str:
    """Why a handshake with a server of that context fails."""
    found: list[str] = []

    async def work(watcher: Watcher, peer: Peer) -> None:
        watcher.streams._rules = (ConnectTo("", None, "127.0.0.1", None),)
        found.append(await watcher.reason(peer.port, tls, host))
        await asyncio.sleep(0.02)
        assert len(watcher.told) == 1

    with_peer(context or server_context(), work)
    return found[0]


def echoed(
    tls: TlsOptions, context: ssl.SSLContext | None = None, host: str = "127.0.0.1", data: bytes = b"hello"
) -> Peer:
    """Open, send, and get it back; the server's view of it."""
    peers: list[Peer] = []

    async def work(watcher: Watcher, peer: Peer) -> None:
        peers.append(peer)
        watcher.streams._rules = (ConnectTo("", None, "127.0.0.1", None),)
        assert await watcher.open(peer.port, tls, host) == ("opened", 1)
        watcher.send(data)
        await until(lambda: len(watcher.heard) == len(data))
        assert watcher.heard == data
        watcher.close()
        await until(lambda: peer.ends == ["end"])
        assert watcher.told == [("opened", 1)]

    with_peer(context or server_context(), work)
    return peers[0]
