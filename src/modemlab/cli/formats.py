"""How `modemlab sub -F` prints a message, by mosquitto_sub's letters, as far as a module tells what they stand for."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from modemlab.at.parameters import to_bytes
from modemlab.cli.language import tr

if TYPE_CHECKING:
    from modemlab.dialect.recipes import Message

Part = Callable[["Message", float], bytes]


def as_json(message: "Message", now: float) -> bytes:
    """All of it, the message as text; bytes that are none of UTF-8 are shown as the replacement character."""
    told = {"tst": stamp(now), "topic": message.topic, "payloadlen": len(message.payload)}
    if message.packet_id:
        told["mid"] = message.packet_id
    return json.dumps({**told, "payload": message.payload.decode("utf-8", "replace")}, ensure_ascii=False).encode()


def stamp(now: float) -> str:
    """The date and time in UTC, as ISO 8601 has it."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


PARTS: Mapping[str, Part] = {
    "%": lambda _message, _now: b"%",
    "I": lambda _message, now: stamp(now).encode(),
    "U": lambda _message, now: b"%.9f" % now,
    "X": lambda message, _now: message.payload.hex().upper().encode(),
    "j": as_json,
    "l": lambda message, _now: b"%d" % len(message.payload),
    "m": lambda message, _now: b"%d" % (message.packet_id or 0),
    "p": lambda message, _now: message.payload,
    "t": lambda message, _now: to_bytes(message.topic),
    "x": lambda message, _now: message.payload.hex().encode(),
}
ESCAPES = {"\\": "\\", "0": "\0", "a": "\a", "e": "\x1b", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Format:
    """A format, with what stands behind each message. Raises ValueError, with one line, for one that is none."""

    __slots__ = ("_parts",)

    def __init__(self, text: str, end: str) -> None:
        """Read it."""
        self._parts: list[Part] = []
        letters = iter(text)
        for letter in letters:
            if letter in "%\\@":
                self._parts.append(part_of(letter, next(letters, "")))
            else:
                self._parts.append(plain(letter))
        self._parts.append(plain(end))

    def __call__(self, message: "Message", now: float | None = None) -> bytes:
        """The message as it is printed; `now` is the Unix time, None: that of the clock."""
        when = time.time() if now is None else now
        return b"".join(part(message, when) for part in self._parts)


def plain(text: str) -> Part:
    """Text that stands for itself."""
    data = to_bytes(text)
    return lambda _message, _now: data


def part_of(mark: str, letter: str) -> Part:
    """What a mark and its letter stand for. Raises ValueError."""
    if mark == "%" and letter in PARTS:
        return PARTS[letter]
    if mark == "\\" and letter in ESCAPES:
        return plain(ESCAPES[letter])
    if mark == "@" and letter:
        return lambda _message, now: time.strftime(f"%{letter}", time.localtime(now)).encode()
    known = {"%": PARTS, "\\": ESCAPES, "@": ()}[mark]
    raise ValueError(
        tr(
            "{mark}{letter} is not known; known are {known}",
            mark=mark,
            letter=letter,
            known=" ".join(mark + each for each in known) or "@ and a letter",
        )
    )
