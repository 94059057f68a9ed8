"""The host's end reads every session that the module's end is held to: nothing in them is stray."""

import re
from random import Random
from typing import NamedTuple

import pytest

from modemlab.at.line_patterns import LinePatterns
from modemlab.at.parameters import Payload
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import ReceivedUrc
from modemlab.driver.protocol.digester import (
    STALE_LINE_S,
    Digester,
    Ended,
    InformationLine,
    Prompted,
    UnexpectedBytes,
    final_of,
    pending_of,
    urcs_of,
)
from modemlab.transcripts.format import Mark, parse_transcript, unescape
from support.driver_conversations import CONVERSATIONS
from support.transcript_files import SESSIONS, TranscriptFile


class Script(NamedTuple):
    """A transcript: those that the module's end is held to, and the driver's own conversations."""

    name: str
    dialect: Dialect
    text: str


SCRIPTS = [
    *[Script(str(file), file.dialect, file.text) for file in SESSIONS],
    *[Script(name, dialect, text) for name, (dialect, _, text, _) in CONVERSATIONS.items()],
]
EACH = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
Token = Ended | InformationLine | Prompted | ReceivedUrc | UnexpectedBytes


def tokens_of(dialect: Dialect, text: str, piece: int) -> list[Token]:
    """What a host makes of what the module says, while it sends what the transcript has it send."""
    # As it stands, without what the driver sets up for itself: messages come with and without their length.
    digester = Digester(LinePatterns(urcs_of(dialect)))
    found: list[Token] = []
    now = 0.0
    for step in parse_transcript(text):
        if step.mark is Mark.WAIT:
            now += float(step.text)
        elif step.mark is Mark.SEND and step.text[:2].upper() == "AT":
            mark = b"CONNECT" if step.text.startswith(("AT+QFUPL", "AT+QFWRITE")) else b">"
            digester.expect(pending_of(dialect, unescape(step.text), mark))
        elif step.mark in (Mark.SAID, Mark.SAID_RAW):
            data = unescape(step.text) + (b"\r\n" if step.mark is Mark.SAID else b"")
            for start in range(0, len(data), piece):
                for token in digester.receive(data[start : start + piece], now):
                    found.append(token)
                    if isinstance(token, Ended):
                        digester.expect(None)
    assert digester.deadline() is None
    return found


class Part(NamedTuple):
    """A command line, and what the module says until the next one."""

    line: bytes
    said: bytes


def parts_of(text: str) -> list[Part]:
    """The parts of a transcript, from its first command on; what is typed as data is none of them."""
    parts: list[Part] = []
    for step in parse_transcript(text):
        if step.mark is Mark.SEND and step.text[:2].upper() == "AT":
            parts.append(Part(unescape(step.text), b""))
        elif step.mark in (Mark.SAID, Mark.SAID_RAW) and parts:
            end = b"\r\n" if step.mark is Mark.SAID else b""
            parts[-1] = parts[-1]._replace(said=parts[-1].said + unescape(step.text) + end)
    return parts


def heard(dialect: Dialect, part: Part, said: bytes, ignores: frozenset[Urc] = frozenset()) -> list[Token]:
    """What a host makes of these bytes while that line is answered; a line that does not go on is given up."""
    digester = begun(dialect, part, ignores)
    found = taken(digester, said, 0.0)
    # Nothing waits for longer than its time-out.
    found.extend(digester.advance(STALE_LINE_S))
    assert digester.deadline() is None, (part, said)
    return found


def begun(dialect: Dialect, part: Part, ignores: frozenset[Urc] = frozenset()) -> Digester:
    """A digester as that line was sent."""
    digester = Digester(LinePatterns(urc for urc in urcs_of(dialect) if urc not in ignores))
    mark = b"CONNECT" if part.line.startswith((b"AT+QFUPL", b"AT+QFWRITE")) else b">"
    digester.expect(pending_of(dialect, part.line, mark))
    return digester


def taken(digester: Digester, said: bytes, now: float) -> list[Token]:
    """What these bytes are; the first result code ends the command."""
    found: list[Token] = []
    for token in digester.receive(said, now):
        found.append(token)
        if isinstance(token, Ended):
            digester.expect(None)
    return found


def payloads(tokens: list[Token]) -> list[bytes]:
    """The messages among them."""
    urcs = [token for token in tokens if isinstance(token, ReceivedUrc) and token.urc.params]
    return [token.values[-1] for token in urcs if isinstance(token.urc.params[-1], Payload)]


# Messages that hold a result code; without a length there is no line's end in one.
MESSAGES = {
    "quectel_lte": (b'\r\n+QMTRECV: 1,0,"z",8,"\r\n\r\nOK\r\n"\r\n', b"\r\n\r\nOK\r\n"),
    "luat": (b'\r\n+MSUB: "z",8 byte,\r\n\r\nOK\r\n\r\n', b"\r\n\r\nOK\r\n"),
    "quectel_nb": (b'\r\n+QMTRECV: 0,0,"z","OK"\r\n', b"OK"),
}


@EACH
def test_a_urc_anywhere_between_lines(script: Script) -> None:
    """It is heard once, as what it is, and the rest is as without it."""
    dialect = script.dialect
    message, payload = MESSAGES[dialect.name]
    for part in parts_of(script.text):
        alone = heard(dialect, part, part.said)
        if b'"' in part.said and any(each in part.said for each in payloads(alone)):
            # Within a payload there is no place between lines.
            continue
        places = [0, *[found.end() for found in re.finditer(rb"\r\n", part.said)]]
        for place in places:
            if part.said[place - 2 : place] == b"\r\n" and part.said[place : place + 1] == b">":
                # A prompt is said together with the end of the line ahead of it.
                continue
            tokens = heard(dialect, part, part.said[:place] + message + part.said[place:])
            assert payloads(tokens) == [payload], (part, place)
            assert [token for token in tokens if payloads([token]) == []] == alone, (part, place)


@EACH
def test_noise_at_every_byte(script: Script) -> None:
    """A byte that is lost, changed or too many: it ends in time, and no message comes that nobody sent.

    The driver has every message told with its length: one without may be a longer one that was damaged.
    """
    dialect = script.dialect
    assert dialect.recipes is not None
    ignores = dialect.recipes.ignores
    rng = Random(7)
    for part in parts_of(script.text):
        sent = payloads(heard(dialect, part, part.said))
        for place in range(len(part.said)):
            byte, kind = bytes([rng.randrange(256)]), rng.randrange(3)
            said = part.said[:place] + (b"" if kind == 0 else byte) + part.said[place + (kind != 2) :]
            for payload in payloads(heard(dialect, part, said, ignores)):
                near = [other for other in sent if abs(len(other) - len(payload)) <= 1]
                assert any(differs(payload, other) for other in near), (part, said, payload)


@EACH
def test_cut_and_delayed_at_every_byte(script: Script) -> None:
    """Half a second between any two bytes: all is as without it. A second and more: it ends in time."""
    dialect = script.dialect
    for part in parts_of(script.text):
        alone = heard(dialect, part, part.said)
        for place in range(len(part.said)):
            assert delayed(dialect, part, place, 0.5) == alone, (part, place)
            late = delayed(dialect, part, place, 3.0)
            assert all(payload in payloads(alone) for payload in payloads(late)), (part, place)
            assert ends_of(late) <= ends_of(alone), (part, place)


def delayed(dialect: Dialect, part: Part, place: int, seconds: float) -> list[Token]:
    """What a host makes of these bytes with a pause ahead of that one."""
    digester = begun(dialect, part)
    found = taken(digester, part.said[:place], 0.0)
    due = digester.deadline()
    if due is not None and due < seconds:
        found.extend(digester.advance(due))
        assert digester.deadline() is None
    found += taken(digester, part.said[place:], seconds)
    found.extend(digester.advance(seconds + STALE_LINE_S))
    assert digester.deadline() is None
    return found


def lines_of(tokens: list[Token]) -> list[Token]:
    """The lines of information."""
    return [token for token in tokens if isinstance(token, InformationLine)]


def ends_of(tokens: list[Token]) -> int:
    """How many result codes there are."""
    return len([token for token in tokens if isinstance(token, Ended)])


@EACH
def test_noise_in_a_message_is_no_result_code(script: Script) -> None:
    """A message that holds OK comes first in each answer, damaged at every byte: its OK is never the module's."""
    dialect = script.dialect
    assert dialect.recipes is not None
    ignores, (message, payload) = dialect.recipes.ignores, MESSAGES[dialect.name]
    rng = Random(11)
    for part in parts_of(script.text):
        if part.said.lstrip(b"\r\n").startswith(part.line) or not pending_of(dialect, part.line).good:
            # An echo comes ahead of all else, and an answer without a result code is the first line that comes.
            continue
        alone = heard(dialect, part, part.said, ignores)
        for place in range(len(message)):
            byte, kind = bytes([rng.randrange(256)]), rng.randrange(3)
            damaged = message[:place] + (b"" if kind == 0 else byte) + message[place + (kind != 2) :]
            digester = begun(dialect, part, ignores)
            tokens = taken(digester, damaged, 0.0)
            assert ends_of(tokens) == 0, (part, damaged)
            tokens += taken(digester, part.said, 0.0)
            tokens.extend(digester.advance(STALE_LINE_S))
            assert digester.deadline() is None, (part, damaged)
            # A stray byte may pass for a line ahead of them; theirs are all there.
            lines = lines_of(tokens)[-len(lines_of(alone)) :] if lines_of(alone) else []
            assert ends_of(tokens) == 0 or lines == lines_of(alone), (part, damaged)
            extra = payloads(tokens)[: len(payloads(tokens)) - len(payloads(alone))]
            assert all(differs(each, payload) for each in extra), (part, damaged)


def differs(payload: bytes, sent: bytes) -> bool:
    """Whether it is what was sent but for a byte, which nothing on the line would show."""
    if len(payload) == len(sent):
        return sum(a != b for a, b in zip(payload, sent, strict=True)) <= 1
    short, long = sorted((payload, sent), key=len)
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


@pytest.mark.parametrize("file", SESSIONS, ids=str)
def test_nothing_is_stray(file: TranscriptFile) -> None:
    """Cut anywhere it is the same; each result code ends an answer, and all else is a line, a prompt or a URC."""
    dialect, text = file.dialect, file.text
    tokens = tokens_of(dialect, text, 1)
    assert tokens == tokens_of(dialect, text, 1 << 20)
    assert [token for token in tokens if isinstance(token, UnexpectedBytes)] == []
    said = [step for step in parse_transcript(text) if step.mark is Mark.SAID]
    ends = [step.text for step in said if final_of(unescape(step.text)) is not None]
    assert len([token for token in tokens if isinstance(token, Ended)]) == len(ends)
