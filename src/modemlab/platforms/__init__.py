"""What devices of each cloud send in CONNECT, made by pure functions: one file a cloud.

Nothing here reads a clock or a random source: dates, expiry times and nonces are arguments. Text is
signed as UTF-8. An input that cannot be used raises ValueError with one line that names the input
and never shows a secret.
"""

import base64
import hmac
from typing import NamedTuple

__all__ = ["Credentials", "decode_key", "sign"]

_DIGESTS = frozenset({"md5", "sha1", "sha256"})


class Credentials(NamedTuple):
    """The three texts of a CONNECT by which a cloud knows a device (MQTT 3.1.1, 3.1.3)."""

    client_id: str
    username: str
    password: str


def sign(digest: str, key: bytes, text: str) -> bytes:
    """The HMAC (RFC 2104) of `text` in UTF-8 under `key`; `digest` is md5, sha1 or sha256.

    Raises ValueError for another digest and for text that UTF-8 cannot hold.
    """
    if digest not in _DIGESTS:
        raise ValueError(f"unknown digest {digest!r}: use md5, sha1 or sha256")
    return hmac.digest(key, text.encode(), digest)


def decode_key(text: str, what: str) -> bytes:
    """The bytes of a key that its cloud shows in base64 (RFC 4648, section 4, padded).

    Raises ValueError, naming the key as `what`, when it is empty or not base64.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"the {what} is not base64") from None
    if not key:
        raise ValueError(f"the {what} is empty")
    return key
