"""How messages are shown."""

import pytest

from modemlab.terminal.payloads import MAX_SHOWN_LINES, PayloadForm, line_of, pretty

ROW = "0000  00 01 ff 41 42                                   ...AB"

SHOWN = [
    (
        b'{"a":[1,{"b":null}],"\xe6\xb8\xa9":"x"}',
        PayloadForm.JSON,
        ["{", '  "a": [', "    1,", "    {", '      "b": null', "    }", "  ],", '  "温": "x"', "}"],
    ),
    (b"[]", PayloadForm.JSON, ["[]"]),
    (b"21.5", PayloadForm.JSON, []),
    (b"hello", PayloadForm.JSON, []),
    (b"{not json", PayloadForm.JSON, []),
    (b"\x00\x01\xffAB", PayloadForm.JSON, [ROW]),
    (b"\xff\xfe", PayloadForm.JSON, ["0000  ff fe                                            .."]),
    (b"AB", PayloadForm.HEX, ["0000  41 42                                            AB"]),
    (b"", PayloadForm.HEX, []),
    (b'{"a":1}', PayloadForm.RAW, []),
    (b'{"a":"\\u001b[31m"}', PayloadForm.JSON, ["{", '  "a": "\\u001b[31m"', "}"]),
    (b"[" * 100_000, PayloadForm.JSON, []),
]


@pytest.mark.parametrize(("data", "form", "lines"), SHOWN)
def test_messages(data: bytes, form: PayloadForm, lines: list[str]) -> None:
    """JSON laid out, text on its own line, the rest in hexadecimal."""
    assert list(pretty(data, form)) == lines


def test_long_messages_are_cut() -> None:
    """What is not shown is counted."""
    page = pretty(bytes(70_000), PayloadForm.HEX)
    assert (len(page), page.more, page.cut) == (MAX_SHOWN_LINES, 4096 - MAX_SHOWN_LINES, 70_000 - 65_536)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"OK", "OK"),
        (b"\\22 and \xe4\xb8\xad", "\\22 and 中"),
        (b"\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        (b"\xff\r\n", "\\xff\\r\\n"),
        (b"a" * 1001, "a" * 1000 + "..."),
        (b"a" * 999 + "中".encode(), "a" * 999 + "..."),
    ],
)
def test_bytes_on_a_line(data: bytes, line: str) -> None:
    """Nothing of it disturbs a terminal, and it ends somewhere."""
    assert line_of(data) == line
