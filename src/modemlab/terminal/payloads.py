"""Messages made readable: JSON laid out, text as it is, anything else in hexadecimal."""

import json
from enum import Enum

from modemlab.transcripts.format import MAX_SHOWN_BYTES, shown

# Bytes of a message that are looked at, and lines of it that are shown.
MAX_PAYLOAD_BYTES, MAX_SHOWN_LINES = 1 << 16, 60
BYTES_PER_ROW = 16


class PayloadForm(Enum):
    """How messages are shown: JSON where they are, in hexadecimal, or as they came, on the line that brought them."""

    JSON = "json"
    HEX = "hex"
    RAW = "raw"


class Page(list[str]):
    """The lines of a message; `cut` bytes of it and `more` lines are not among them."""

    def __init__(self, lines: list[str], cut: int = 0) -> None:
        """The first `MAX_SHOWN_LINES` of these lines."""
        super().__init__(lines[:MAX_SHOWN_LINES])
        self.cut = cut
        self.more = len(lines) - len(self)


def pretty(data: bytes, form: PayloadForm) -> Page:
    """A message in lines; none where it reads best on the line that brought it."""
    if form is PayloadForm.RAW or not data:
        return Page([])
    head, cut = data[:MAX_PAYLOAD_BYTES], max(0, len(data) - MAX_PAYLOAD_BYTES)
    if form is PayloadForm.HEX:
        return Page(dump(head), cut)
    laid_out = read_json(data) if not cut else None
    if laid_out is not None:
        return Page(laid_out)
    return Page([], cut) if is_text(head) else Page(dump(head), cut)


def read_json(data: bytes) -> list[str] | None:
    """An object or a list, laid out; None when it is neither."""
    if data.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        value = json.loads(data)
        text = json.dumps(value, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return None
    return [printable(line) for line in text.split("\n")]


def is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8 without control characters other than the ends of lines and tabs."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\r\n\t" for c in text)


def dump(data: bytes) -> list[str]:
    """Rows of sixteen bytes: where they begin, in hexadecimal, and as ASCII."""
    rows = []
    for start in range(0, len(data), BYTES_PER_ROW):
        part = data[start : start + BYTES_PER_ROW]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        rows.append(f"{start:04x}  {part.hex(' '):{3 * BYTES_PER_ROW - 1}}  {text}")
    return rows


def printable(text: str) -> str:
    """A text that cannot disturb a terminal: what would, and it alone, stands there as a transcript writes it."""
    if text.isprintable():
        return line_of(text.encode())
    line = "".join(line_of(each.encode("utf-8", "surrogateescape")) for each in text[:MAX_SHOWN_BYTES])
    return line if len(text) <= MAX_SHOWN_BYTES else f"{line}..."


def line_of(data: bytes) -> str:
    """Bytes on one line: as text where that is harmless, else as a transcript writes them; not endlessly many."""
    head = data[:MAX_SHOWN_BYTES]
    text = text_of(head, whole=len(head) == len(data))
    line = text if text is not None and text.isprintable() else shown(head)
    return line if len(head) == len(data) else f"{line}..."


def text_of(data: bytes, whole: bool) -> str | None:
    """Bytes as text; None when they are none. Of those that are not the `whole`, the last character may be cut."""
    for cut in range(1 if whole else 4):
        try:
            return data[: len(data) - cut].decode()
        except UnicodeDecodeError:
            continue
    return None
