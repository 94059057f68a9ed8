"""The host's end reads every transcript that the module's end is held to: nothing in them is stray."""

import re
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from modemlab.at.dialect import Dialect
from modemlab.at.parameters import Payload
from modemlab.at.recipes import Heard
from modemlab.at.shapes import Shapes
from modemlab.at.transcript import Mark, parse_transcript, unescape
from modemlab.at.urc import Urc
from modemlab.dialects import find_model
from modemlab.driver.digester import Digester, Ended, Line, Prompted, Stray, final_of, pending_of, urcs_of

PLACE = Path(__file__).parents[1] / "dialects" / "transcripts"
FILES = sorted(PLACE.glob("**/*.txt"))
Token = Ended | Line | Prompted | Heard | Stray


def tokens_of(dialect: Dialect, text: str, piece: int) -> list[Token]:
    """What a host makes of what the module says, while it sends what the transcript has it send."""
    # As it stands, without what the driver sets up for itself: messages come with and without their length.
    digester = Digester(Shapes(urcs_of(dialect)))
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
    digester = Digester(Shapes(urc for urc in urcs_of(dialect) if urc not in ignores))
    mark = b"CONNECT" if part.line.startswith((b"AT+QFUPL", b"AT+QFWRITE")) else b">"
    digester.expect(pending_of(dialect, part.line, mark))
    found: list[Token] = []
    for token in digester.receive(said, 0.0):
        found.append(token)
        if isinstance(token, Ended):
            digester.expect(None)
    for second in range(1, 100):
        if digester.deadline() is None:
            return found
        found.extend(digester.advance(second * 3.0))
    raise AssertionError("it waits for ever")


def payloads(tokens: list[Token]) -> list[bytes]:
    """The messages among them."""
    urcs = [token for token in tokens if isinstance(token, Heard) and token.urc.params]
    return [token.values[-1] for token in urcs if isinstance(token.urc.params[-1], Payload)]


MESSAGES = {
    "quectel_lte": b'\r\n+QMTRECV: 1,0,"z",8,"\r\n\r\nOK\r\n"\r\n',
    "luat": b'\r\n+MSUB: "z",8 byte,\r\n\r\nOK\r\n\r\n',
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_urc_anywhere_between_lines(file: Path) -> None:
    """It is heard once, as what it is, and the rest is as without it."""
    dialect, _ = find_model("Air724UG" if file.parent.name == "luat" else "EC200T-CN")
    message = MESSAGES[dialect.name]
    for part in parts_of(file.read_text(encoding="utf-8")):
        alone = heard(dialect, part, part.said)
        if b'"' in part.said and any(payload in part.said for payload in payloads(alone)):
            # Within a payload there is no place between lines.
            continue
        places = [0, *[found.end() for found in re.finditer(rb"\r\n", part.said)]]
        for place in places:
            if part.said[place - 2 : place] == b"\r\n" and part.said[place : place + 1] == b">":
                # A prompt is said together with the end of the line ahead of it.
                continue
            tokens = heard(dialect, part, part.said[:place] + message + part.said[place:])
            assert payloads(tokens) == [b"\r\n\r\nOK\r\n"], (part, place)
            assert [token for token in tokens if payloads([token]) == []] == alone, (part, place)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_noise_at_every_byte(file: Path) -> None:
    """A byte that is lost, changed or too many: it ends in time, and no message comes that nobody sent.

    The driver has every message told with its length: one without may be a longer one that was damaged.
    """
    dialect, _ = find_model("Air724UG" if file.parent.name == "luat" else "EC200T-CN")
    assert dialect.recipes is not None
    ignores = dialect.recipes.ignores
    chance = Random(7)
    for part in parts_of(file.read_text(encoding="utf-8")):
        sent = payloads(heard(dialect, part, part.said))
        for place in range(len(part.said)):
            byte, kind = bytes([chance.randrange(256)]), chance.randrange(3)
            said = part.said[:place] + (b"" if kind == 0 else byte) + part.said[place + (kind != 2) :]
            for payload in payloads(heard(dialect, part, said, ignores)):
                near = [other for other in sent if abs(len(other) - len(payload)) <= 1]
                assert any(differs(payload, other) for other in near), (part, said, payload)


def differs(payload: bytes, sent: bytes) -> bool:
    """Whether it is what was sent but for a byte, which nothing on the line would show."""
    if len(payload) == len(sent):
        return sum(a != b for a, b in zip(payload, sent, strict=True)) <= 1
    short, long = sorted((payload, sent), key=len)
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_stray(file: Path) -> None:
    """Cut anywhere it is the same; each result code ends an answer, and all else is a line, a prompt or a URC."""
    dialect, _ = find_model("Air724UG" if file.parent.name == "luat" else "EC200T-CN")
    text = file.read_text(encoding="utf-8")
    tokens = tokens_of(dialect, text, 1)
    assert tokens == tokens_of(dialect, text, 1 << 20)
    assert [token for token in tokens if isinstance(token, Stray)] == []
    said = [step for step in parse_transcript(text) if step.mark is Mark.SAID]
    ends = [step.text for step in said if final_of(unescape(step.text)) is not None]
    assert len([token for token in tokens if isinstance(token, Ended)]) == len(ends)
