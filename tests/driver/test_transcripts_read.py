"""The host's end reads every transcript that the module's end is held to: nothing in them is stray."""

from pathlib import Path

import pytest

from modemlab.at.dialect import Dialect
from modemlab.at.recipes import Heard
from modemlab.at.shapes import Shapes
from modemlab.at.transcript import Mark, parse_transcript, unescape
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
