"""What passed on a line, in reports and failures of tests: without secrets."""

import re

from modemlab.at.parameters import to_bytes, to_text
from modemlab.transcripts.format import Difference
from modemlab.transcripts.known_commands import vocabulary
from modemlab.transcripts.masking import Masks

# A line of a transcript, in a report or not: its mark, the text, and line ends as a transcript writes them.
MARKED = re.compile(r"(.*?(?:>>|<<)[|~]? ?)(.*?)((?:\\[rn])*)", re.DOTALL)
PASSWORD = re.compile(r"password=b('[^']*'|\"[^\"]*\")")


def masked(line: str) -> str:
    """A line, of a host or of a module, without its secrets."""
    return to_text(masked_bytes(to_bytes(line)))


def masked_bytes(data: bytes) -> bytes:
    """What a host or a module said, without its secrets; as long as it was."""
    masks = Masks(vocabulary())
    return masks.said(masks.host(data + b"\n"))[:-1]


def masked_text(text: str) -> str:
    """Lines as a transcript has them, without their secrets."""
    return "\n".join(map(masked_step, text.split("\n")))


def masked_step(line: str) -> str:
    """One of them."""
    line = PASSWORD.sub("password=b'***'", line)
    found = MARKED.fullmatch(line)
    return line if found is None else found[1] + masked(found[2]) + found[3]


def masked_difference(difference: Difference) -> Difference:
    """A difference between what was expected and what came, without secrets."""
    return difference._replace(expected=masked_bytes(difference.expected), actual=masked_bytes(difference.actual))
