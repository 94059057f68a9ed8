"""The broker's users: names and passwords, plain or hashed, and the file they are read from.

One `name:password` a line; the name holds no colon, the password may. A password is plain text or
`sha256$SALT$HEX`, where HEX is the SHA-256 of SALT and the password together, in UTF-8. Empty lines and
lines that begin with `#` are skipped.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from pathlib import Path

from modemlab.broker.refusal_log import brief
from modemlab.mqtt.packets import Connect
from modemlab.ports.file_reading import read_file
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence, at_line, reason_of

# Bytes of a file of users.
MAX_FILE_BYTES = 1 << 22
_HASHED = re.compile(r"sha256\$([^$]*)\$([0-9a-fA-F]{64})")


def read_users(data: bytes) -> dict[str, str]:
    """The users of a file's bytes, password by name; ValueError names the line that is malformed."""
    users: dict[str, str] = {}
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        try:
            line = raw.decode().strip()
        except UnicodeDecodeError:
            raise ValueError(at_line(number, Sentence(N_("not UTF-8")))) from None
        if not line or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        if not colon or not name:
            raise ValueError(at_line(number, Sentence(N_("not name:password"))))
        if name in users:
            raise ValueError(at_line(number, Sentence(N_("a second entry for {name}"), name=brief(name))))
        if password.startswith("sha256$") and not _HASHED.fullmatch(password):
            raise ValueError(at_line(number, Sentence(N_("not sha256$SALT$HEX with 64 digits"))))
        users[name] = password
    return users


def load_users(path: str | Path) -> dict[str, str]:
    """The users of a file; ValueError names the file and the line, OSError if it cannot be read."""
    try:
        return read_users(read_file(path, MAX_FILE_BYTES))
    except ValueError as error:
        raise ValueError(Sentence("{path}: {reason}", path=path, reason=reason_of(error))) from None


def return_code(users: Mapping[str, str], connect: Connect) -> int:
    """The CONNACK code for a client (3.1.1, 3.2.2.3): 0 if it is a user, 5 without a user name, else 4."""
    if connect.username is None:
        return 5
    stored = users.get(connect.username)
    given = connect.password or b""
    if stored is None:
        return 4
    hashed = _HASHED.fullmatch(stored)
    if hashed:
        digest = hashlib.sha256(hashed[1].encode() + given).hexdigest()
        return 0 if hmac.compare_digest(digest, hashed[2].lower()) else 4
    return 0 if hmac.compare_digest(stored.encode(), given) else 4
