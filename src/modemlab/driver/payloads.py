"""What callers give an MQTT client: certificates, topics, payloads; checked before anything is sent."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

from modemlab.at.errors import UsageError
from modemlab.dialect.recipes import MqttSession, TlsCredentials, Will
from modemlab.mqtt.topics import check_filter, check_name
from modemlab.ports.error_texts import words_of
from modemlab.ports.file_reading import read_file
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.validation.call_arguments import expected, whole

# Bytes of a file of certificates or of a key.
MAX_FILE_BYTES = 1 << 20
Payload = str | bytes | bytearray | int | float | bool | None | Mapping[str, Any] | Sequence[Any]


class Tls(NamedTuple):
    """TLS by certificates in PEM, each a file's path or the bytes themselves.

    `verify` False has nobody verified. `check_dates` has the dates of certificates held against the module's clock,
    which a module has from the network alone.
    """

    ca: str | Path | bytes | None = None
    certificate: str | Path | bytes | None = None
    key: str | Path | bytes | None = None
    verify: bool = True
    check_dates: bool = False

    def keys(self) -> TlsCredentials:
        """What goes to the module. Raises `UsageError` for a file that cannot be read or is none in PEM."""
        keys = TlsCredentials(
            content(self.ca), content(self.certificate), content(self.key), self.verify, self.check_dates
        )
        _ = keys.level
        return keys


def checked_session(session: MqttSession, tls: Tls | None) -> MqttSession:
    """A session as a caller wants it, complete. Raises `UsageError` for a wrong type, or a value out of its range."""
    expected("host", session.host, str, "a name or an address")
    whole("port", session.port, 0, 65535)
    expected("client_id", session.client_id, str, "a text")
    expected("username", session.username, (str, NoneType), "a text, or None")
    expected("password", session.password, (str, NoneType), "a text, or None")
    whole("keepalive", session.keepalive, 0, 65535, "seconds")
    whole("level", session.level, 3, 4)
    expected("tls", tls, (Tls, NoneType), "a Tls(ca=...), or None")
    will = session.will
    expected("will", will, (Will, NoneType), "a Will(topic, payload, qos, retain), or None")
    if will is not None:
        checked(check_name, will.topic)
        whole("the will's qos", will.qos, 0, 2)
        will = will._replace(payload=bytes_of(will.payload))
    return session._replace(will=will, tls=None if tls is None else tls.keys())


def content(part: str | Path | bytes | None) -> bytes:
    """A certificate or key, in PEM."""
    if part is None:
        return b""
    try:
        data = part if isinstance(part, bytes) else read_file(part, MAX_FILE_BYTES)
    except (OSError, ValueError) as error:
        raise UsageError(f"{part!s}: {words_of(error)}") from None
    if b"-----BEGIN " not in data:
        given = Sentence(N_("the bytes")) if isinstance(part, bytes) else part
        raise UsageError(Sentence(N_("{given}: no certificate and no key in PEM"), given=given))
    return data


def checked(check: Callable[[str], None], topic: str) -> None:
    """Raise `UsageError` for a topic that MQTT does not have (MQTT 3.1.1, 4.7)."""
    if not isinstance(topic, str):
        raise UsageError(f"a topic is text, not {type(topic).__name__}")
    try:
        check(topic)
    except ValueError as error:
        raise UsageError(f"topic {topic[:60]!r}: {error}") from None


def filters_of(topic: str | Sequence[tuple[str, int]], qos: int) -> tuple[tuple[str, int], ...]:
    """A topic filter with that QoS, or several with a QoS each. Raises `UsageError`."""
    try:
        filters = ((topic, qos),) if isinstance(topic, str) else tuple((name, level) for name, level in topic)
    except (TypeError, ValueError):
        raise UsageError("what is subscribed to is a topic filter, or a list of them with a QoS each") from None
    if not filters:
        raise UsageError("a topic filter is missing, or a list of them with a QoS each")
    for name, level in filters:
        checked(check_filter, name)
        if not isinstance(level, int) or level not in (0, 1, 2):
            raise UsageError(f"QoS is 0, 1 or 2, not {level!r:.40}")
    return filters


def names_of(topics: Sequence[str | Sequence[str]]) -> tuple[str, ...]:
    """Topic filters, given one by one or in lists. Raises `UsageError`."""
    try:
        names = tuple(name for each in topics for name in ((each,) if isinstance(each, str) else each))
    except TypeError:
        raise UsageError("what is no longer subscribed to is a topic filter, or a list of them") from None
    if not names:
        raise UsageError("a topic filter is missing, or a list of them")
    for name in names:
        checked(check_filter, name)
    return names


def message_of(topic: str, payload: Payload, qos: int, retain: bool, largest: int) -> bytes:
    """The bytes of a message that is to be published. Raises `UsageError`."""
    checked(check_name, topic)
    data = bytes_of(payload)
    if len(data) > largest:
        message = N_("the message is {length} bytes long, but the module accepts {maximum}")
        raise UsageError(Sentence(message, length=len(data), maximum=largest))
    if not isinstance(qos, int) or qos not in (0, 1, 2):
        raise UsageError(f"QoS is 0, 1 or 2, not {qos!r:.40}")
    expected("retain", retain, (bool, int), "True or False")
    if retain not in (0, 1):
        raise UsageError(f"retain is {retain!r:.40}, expected True or False")
    return data


def bytes_of(payload: Payload) -> bytes:
    """A payload's bytes: text as UTF-8, numbers in decimal, what else JSON can hold as JSON. Raises `UsageError`."""
    if payload is None:
        return b""
    if isinstance(payload, bytes | bytearray):
        return bytes(payload)
    if isinstance(payload, str):
        try:
            return payload.encode()
        except UnicodeEncodeError:
            raise UsageError("the message is text that UTF-8 does not have") from None
    if isinstance(payload, int | float) and not isinstance(payload, bool):
        try:
            return str(payload).encode()
        except ValueError:
            raise UsageError("the message is a number that is too long") from None
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise UsageError(f"the message cannot be written as JSON: {error}") from None
