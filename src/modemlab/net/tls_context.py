"""What TLS connections with the same settings share: versions, cipher suites, certificates; and certificates' dates.

The settings of the module alone decide what is accepted: old versions, small keys and SHA-1 signatures that the
library refuses by default are allowed (OpenSSL's security level 0). What it no longer knows fails at the handshake.
"""

import os
import ssl
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from modemlab.dialect.network import TlsOptions

# Contexts that are kept for the next connection with the same settings.
MAX_CACHED_CONTEXTS = 64

# The module's clock is checked against, not this machine's (X509_V_FLAG_NO_CHECK_TIME, which ssl does not name).
NO_CHECK_TIME = 0x200000
# Servers that lack RFC 5746 are spoken to (OP_LEGACY_SERVER_CONNECT, which ssl names from Python 3.12 on).
LEGACY_SERVERS = 0x4
ALL_CIPHERS = "DEFAULT:!aNULL:!eNULL:!PSK:!SRP"
VERSIONS = {0x0301: ssl.TLSVersion.TLSv1, 0x0302: ssl.TLSVersion.TLSv1_1, 0x0303: ssl.TLSVersion.TLSv1_2}

# A key of the certificate's kind that is another's, and one of another kind.
KEY_MISMATCH_ERRORS = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")


class TlsError(Exception):
    """TLS cannot be spoken: one line that says why."""


@lru_cache(maxsize=MAX_CACHED_CONTEXTS)
def context_of(tls: TlsOptions) -> ssl.SSLContext:
    """The context that all connections with these settings share. Raises `TlsError`.

    `at`, `server_name` and `timeout` belong to a connection and are left out of the settings.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    set_versions(context, tls.minimum, tls.maximum)
    # Sessions are never resumed: a ticket would only take memory.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET | LEGACY_SERVERS
    context.verify_flags |= NO_CHECK_TIME | ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = tls.verify and tls.check_host
    context.verify_mode = ssl.CERT_REQUIRED if tls.verify else ssl.CERT_NONE
    try:
        context.set_ciphers(f"{cipher_names(tls.ciphers)}:@SECLEVEL=0")
    except ssl.SSLError as error:
        raise TlsError("the TLS library has no such cipher suite") from error
    if tls.verify and tls.system_authorities:
        context.load_default_certs()
    elif tls.verify:
        if tls.authority is None:
            raise TlsError("there is no CA certificate to verify the server with")
        trust(context, tls.authority, "CA certificate")
    if tls.certificate is not None and tls.key is not None:
        load_identity(context, tls.certificate, tls.key)
    elif tls.certificate is not None or tls.key is not None:
        raise TlsError("a client certificate and its key must be given together")
    return context


def set_versions(context: ssl.SSLContext, minimum: int, maximum: int) -> None:
    """Allow these versions, numbered as on the wire; the library has no SSL 3.0 any more."""
    if maximum < 0x0301:
        raise TlsError("the TLS library does not support SSL 3.0")
    if minimum > maximum or maximum not in VERSIONS or max(minimum, 0x0301) not in VERSIONS:
        raise TlsError(f"there is no TLS version from {minimum:#06x} to {maximum:#06x}")
    with warnings.catch_warnings():
        # Old versions are wanted here; the ssl module advises against them.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = VERSIONS[max(minimum, 0x0301)]
        context.maximum_version = VERSIONS[maximum]


@lru_cache(maxsize=1)
def suites() -> dict[int, str]:
    """The library's name of each cipher suite that it has, by number."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return {cipher["id"] & 0xFFFF: cipher["name"] for cipher in context.get_ciphers()}


def cipher_names(numbers: tuple[int, ...]) -> str:
    """Cipher suites by number as OpenSSL lists them, none for all. Raises `TlsError` when the library has none."""
    if not numbers:
        return ALL_CIPHERS
    names = [suites()[number] for number in numbers if number in suites()]
    if not names:
        raise TlsError(f"the TLS library has no cipher suite {', '.join(f'0x{n:04X}' for n in numbers)}")
    return ":".join(names)


def trust(context: ssl.SSLContext, data: bytes, what: str) -> None:
    """Take certificates, PEM or DER, for authorities. Raises `TlsError`."""
    try:
        context.load_verify_locations(cadata=data.decode("ascii", "ignore") if is_pem(data) else data)
    except (ssl.SSLError, ValueError) as error:
        raise TlsError(f"the {what} cannot be read") from error


def load_identity(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Take the client's certificate and key, PEM or DER. Raises `TlsError`."""
    trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificate, "client certificate")
    if not is_pem(certificate):
        certificate = ssl.DER_cert_to_PEM_cert(certificate).encode()
    if not is_pem(key):
        key = key_to_pem(key)
    try:
        with private_file(certificate) as chain, private_file(key) as path:
            context.load_cert_chain(chain, path, password=no_password)
    except ssl.SSLError as error:
        reason = (
            "certificate and key do not fit" if error.reason in KEY_MISMATCH_ERRORS else "the client key cannot be read"
        )
        raise TlsError(reason) from error
    except OSError as error:
        raise TlsError(f"the client key cannot be handed to the TLS library: {error.strerror}") from error


@contextmanager
def private_file(data: bytes) -> Iterator[str]:
    """The data in a file, which the library insists on: nobody else's, and gone right after."""
    handle, path = tempfile.mkstemp(prefix="modemlab")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        yield path
    finally:
        os.unlink(path)


def no_password() -> str:
    """Asked for the password of a key; a module has none."""
    raise TlsError("the client key is encrypted")


def is_pem(data: bytes) -> bool:
    """Whether certificates or keys are PEM, not DER."""
    return b"-----BEGIN " in data


def key_to_pem(data: bytes) -> bytes:
    """A key's DER as PEM: PKCS #8 (RFC 5208), or the kind that RSA (RFC 8017) or EC keys (RFC 5915) have alone."""
    try:
        _, start, _ = element(data, 0)
        first, _, end = element(data, start)
        second, _, _ = element(data, end)
    except ValueError as error:
        raise TlsError("the client key cannot be read") from error
    kinds = {INTEGER: "RSA PRIVATE KEY", OCTETS: "EC PRIVATE KEY"}
    label = "ENCRYPTED PRIVATE KEY" if first == SEQUENCE else kinds.get(second, "PRIVATE KEY")
    body = ssl.DER_cert_to_PEM_cert(data).encode()  # any bytes, in lines of 64 characters
    return body.replace(b" CERTIFICATE-----", b" " + label.encode() + b"-----")


# Dates

INTEGER, OCTETS, UTC_TIME, SEQUENCE, VERSION = 0x02, 0x04, 0x17, 0x30, 0xA0


def chain_of(connection: ssl.SSLObject) -> list[bytes]:
    """The certificates by which the peer was verified, its own first, DER."""
    # ssl has this as a method from Python 3.13 on, and before it where the method of 3.13 takes it from.
    public: Any = getattr(connection, "get_verified_chain", None)
    if public is not None:
        return [bytes(certificate) for certificate in public()]
    inner: Any = connection
    der = 2  # _ssl.ENCODING_DER
    return [certificate.public_bytes(der) for certificate in inner._sslobj.get_verified_chain()]


def check_dates(chain: list[bytes], at: float) -> None:
    """Raise `TlsError` unless all certificates are valid at that time, in seconds since 1970."""
    for depth, certificate in enumerate(chain):
        whose = "the server's certificate" if depth == 0 else "a CA certificate of the server"
        try:
            begin, end = validity(certificate)
        except ValueError as error:
            raise TlsError(f"{whose} has no readable dates") from error
        if at < begin.timestamp():
            raise TlsError(
                f"{whose} is not valid yet: it begins {begin:%Y-%m-%d}, and the module's clock says {day(at)}"
            )
        if at > end.timestamp():
            raise TlsError(f"{whose} is expired: it ended {end:%Y-%m-%d}, and the module's clock says {day(at)}")


def day(at: float) -> str:
    """The date at that time."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def validity(certificate: bytes) -> tuple[datetime, datetime]:
    """The first and the last moment at which a certificate, DER, is valid (RFC 5280, 4.1). Raises ValueError."""
    _, at, _ = element(certificate, 0)
    _, at, _ = element(certificate, at)
    tag, _, end = element(certificate, at)
    at = end if tag == VERSION else at
    for _ in ("serial number", "signature", "issuer"):
        _, _, at = element(certificate, at)
    _, at, _ = element(certificate, at)
    moments = []
    for _ in ("not before", "not after"):
        tag, start, at = element(certificate, at)
        text = certificate[start:at].decode("ascii")
        if tag == UTC_TIME:
            text = ("19" if text >= "50" else "20") + text
        moments.append(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC))
    return moments[0], moments[1]


def element(data: bytes, at: int) -> tuple[int, int, int]:
    """Of the DER element at a place: its tag, where its content begins and where it ends (X.690, 8.1).

    Raises ValueError when there is none.
    """
    if at + 2 > len(data):
        raise ValueError("no element")
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > len(data):
        raise ValueError("the element is longer than the data")
    return tag, start, start + length
