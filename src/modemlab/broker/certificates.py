"""What a bench's own broker speaks TLS by: certificates from files, or made for the run."""

import ssl
from pathlib import Path

from modemlab.ports.error_texts import words_of
from modemlab.ports.file_reading import check_regular

# Names that a certificate made for the run is for.
NAMES = ("broker.example", "localhost", "127.0.0.1")
MISSING = "tls=True makes certificates by trustme, which is not installed: pip install trustme"


def read_identity(certificate: Path, key: Path | None = None, clients: Path | None = None) -> ssl.SSLContext:
    """A server's settings, of PEM files: its certificate and key, which may be one file; with `clients`, certificates
    of the authority that every client has to have one of. Raises ValueError with one line.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = certificate
    try:
        # The library would read what has no end, and asks for the password of a key that has one.
        for path in dict.fromkeys((certificate, key or certificate, clients or certificate)):
            check_regular(path)
        path = certificate
        context.load_cert_chain(certificate, key, password="")
        if clients is not None:
            path = clients
            context.load_verify_locations(clients)
            context.verify_mode = ssl.CERT_REQUIRED
    except (ssl.SSLError, ValueError) as error:
        why = getattr(error, "reason", None) or "no certificate, or no key, in PEM without a password"
        raise ValueError(f"{path}: {str(why).replace('_', ' ').lower()}") from None
    except OSError as error:
        missing = next((each for each in (certificate, key, clients) if each is not None and not each.is_file()), path)
        raise ValueError(f"{missing}: {words_of(error)}") from None
    return context


def make_identity() -> tuple[ssl.SSLContext, bytes]:
    """A server's settings for `NAMES`, and the certificate of their authority in PEM. Raises ValueError."""
    try:
        import trustme  # noqa: PLC0415 (it is optional)
    except ImportError:
        raise ValueError(MISSING) from None
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    return context, authority.cert_pem.bytes()
