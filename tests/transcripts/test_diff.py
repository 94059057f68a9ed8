"""How a transcript's differences are shown."""

import pytest

from modemlab.transcripts.diff import MAX_SHOWN_LINES, explain
from modemlab.transcripts.format import Difference

PATTERNS = r""">> AT+CSQ
# the signal
<<
<<~ \+CSQ: \d+,99
<<~ \+CSQ: x
<<
<< OK
S> nothing
S: close
"""


@pytest.mark.parametrize(
    ("difference", "lines"),
    [
        (
            Difference(4, rb"\+CSQ: \d+,99", b"+CREG: 3\r\n+CSQ: 7,99\r\n\r\nOK\r\n> "),
            (
                "line 4: something else was said",
                "    >> AT+CSQ",
                "    <<",
                "  + << +CREG: 3",
                "    << +CSQ: 7,99",
                r"  - <<~ \+CSQ: x",
                "    <<",
                "    << OK",
                r"  + <<| >\x20",
            ),
        ),
        (
            Difference(3, b"\r\n", b""),
            (
                "line 3: nothing more was said",
                "    >> AT+CSQ",
                "  - <<",
                r"  - <<~ \+CSQ: \d+,99",
                r"  - <<~ \+CSQ: x",
                "  - <<",
                "  - << OK",
            ),
        ),
        (
            Difference(7, b"", b"\xff\r\n"),
            (
                "line 7: more was said",
                "    >> AT+CSQ",
                "    <<",
                r"    <<~ \+CSQ: \d+,99",
                r"    <<~ \+CSQ: x",
                "    <<",
                "    << OK",
                r"  + << \xff",
            ),
        ),
        (Difference(8, b"", b"\xc0\x00"), ("line 8:", "  expected ", r"  came     \xc0\x00")),
        (Difference(9, b"the module closes", b"open"), ("line 9:", "  expected the module closes", "  came     open")),
    ],
)
def test_the_exchange_is_shown(difference: Difference, lines: tuple[str, ...]) -> None:
    """Lines that did not come, and those that came instead; a pattern is as the line that it matches."""
    assert tuple(explain(PATTERNS, [difference]).split("\n")) == lines


def test_not_endlessly_much_is_shown() -> None:
    shown = explain(PATTERNS, [Difference(7, b"OK\r\n", b"x\r\n" * 1000)]).splitlines()
    assert shown[-1] == f"  + ... and {1000 - MAX_SHOWN_LINES} lines more"
