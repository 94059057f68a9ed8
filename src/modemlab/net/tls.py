"""TLS on memory, for streams of any event loop: bytes in, bytes out (TLS 1.0 to 1.2)."""

import re
import ssl
from contextlib import suppress

from modemlab.clocks.timers import Timer
from modemlab.dialect.network import TlsOptions
from modemlab.mqtt.other_protocols import MAX_EXAMINED_BYTES, TLS_RECORDS
from modemlab.net.tls_context import TlsError, chain_of, check_dates, context_of

# Bytes that pass through the memory of a connection at once: its buffers never grow beyond.
CHUNK_BYTES = 4096
# Bytes of the longest record (RFC 5246, 6.2.1).
RECORD = 1 << 14

# OpenSSL's codes of verification (X509_verify_cert_error_string), in the words of the log.
VERIFICATION = {
    **dict.fromkeys((2, 18, 19, 20, 21), "the server's certificate is not signed by the CA certificate"),
    **dict.fromkeys((62, 64), "the server's certificate is for another host"),
}
SERVER_CLOSED = "the server closed the connection"
SERVER_CLOSED_AT_ONCE = "the server closed the connection at once: is this a port for TLS?"
REASONS = {
    "UNSUPPORTED_PROTOCOL": "the server speaks another version of TLS",
    "NO_PROTOCOLS_AVAILABLE": "the TLS library speaks none of the versions",
    "NO_CIPHERS_AVAILABLE": "the TLS library has no cipher suite for the version",
}


class TlsStream:
    """One connection's TLS, on the client's side.

    `start` it, hand it what comes, and send the peer what `take` gives after each call. `established` is set when
    the handshake is done, `ended` when the peer said its last, `broken` to the reason when all is over. `timer` is
    the shell's, for `timeout` seconds of handshake. `said` is how the first that came begins.
    """

    __slots__ = (
        "_at",
        "_incoming",
        "_object",
        "_outgoing",
        "broken",
        "ended",
        "established",
        "said",
        "timeout",
        "timer",
    )

    def __init__(self, tls: TlsOptions, host: str) -> None:
        """Prepare for a server that the module calls `host`. Raises `TlsError`."""
        context = context_of(tls._replace(at=None, server_name=None, timeout=0.0))
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = tls.server_name or (host if tls.check_host else None)
        try:
            self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        except ValueError as error:
            raise TlsError(f"{name!r} is not a valid server name") from error
        self._at = tls.at if tls.verify else None
        self.timeout = tls.timeout
        self.timer: Timer | None = None
        self.established = self.ended = False
        self.broken = ""
        self.said = b""

    def receive(self, data: bytes) -> bytes:
        """Take what came; what the peer said in it, once the handshake is done."""
        parts: list[bytes] = []
        if not self.said:
            self.said = data[:MAX_EXAMINED_BYTES]
        for start in range(0, len(data), CHUNK_BYTES):
            self._incoming.write(data[start : start + CHUNK_BYTES])
            if (self.established or self.shake()) and not self._read(parts):
                break
            if self.broken:
                break
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @property
    def plain(self) -> bool:
        """Whether what came first is nothing of TLS."""
        return self.said != b"" and self.said[0] not in TLS_RECORDS

    def send(self, data: bytes) -> bytes:
        """What carries the data to the peer; nothing once all is over."""
        parts = []
        try:
            for start in range(0, len(data), CHUNK_BYTES):
                self._object.write(data[start : start + CHUNK_BYTES])
                parts.append(self._outgoing.read())
        except ssl.SSLError as error:
            self.broken = reason_of(error)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def take(self) -> bytes:
        """What is to be sent to the peer now."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def close(self) -> bytes:
        """What tells the peer that nothing more will come (close_notify); its own is not awaited."""
        with suppress(ssl.SSLError):  # the peer has not said its last yet, or all is over
            self._object.unwrap()
        return self.take()

    def stop_timer(self) -> None:
        """The handshake is over."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def shake(self) -> bool:
        """Go on with the handshake; whether it is done."""
        try:
            self._object.do_handshake()
            if self._at is not None:
                check_dates(chain_of(self._object), self._at)
            self.established = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.broken = reason_of(error)
        except TlsError as error:
            self.broken = str(error)
        return self.established

    def _read(self, parts: list[bytes]) -> bool:
        """Collect what can be read; whether more may come."""
        try:
            while data := self._object.read(RECORD):
                parts.append(data)
            self.ended = True
        except ssl.SSLWantReadError:
            return True
        except ssl.SSLError as error:
            self.broken = reason_of(error)
        return False


def reason_of(error: ssl.SSLError) -> str:
    """An error of the library, in words for the log."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return VERIFICATION.get(
            error.verify_code, f"the server's certificate does not verify: {printable(error.verify_message)}"
        )
    if isinstance(error, ssl.SSLZeroReturnError):
        return SERVER_CLOSED
    reason: str = getattr(error, "reason", None) or type(error).__name__
    alert = re.search(r"ALERT_(.+)", reason)
    if alert is not None:
        return f"the server ended it: {printable(alert[1])}"
    return REASONS.get(reason, printable(reason))


def printable(name: str) -> str:
    """A name of the library, in one line."""
    return " ".join(name.lower().replace("_", " ").split())
