"""How messages are shown."""

import pytest

from modemlab.terminal.payloads import MOST_LINES, Form, line_of, pretty

ROW = "0000  00 01 ff 41 42                                   ...AB"

SHOWN = [
    (
        b'{"a":[1,{"b":null}],"\xe6\xb8\xa9":"x"}',
        Form.JSON,
        ["{", '  "a": [', "    1,", "    {", '      "b": null', "    }", "  ],", '  "温": "x"', "}"],
    ),
    (b"[]", Form.JSON, ["[]"]),
    (b"21.5", Form.JSON, []),
    (b"hello", Form.JSON, []),
    (b"{not json", Form.JSON, []),
    (b"\x00\x01\xffAB", Form.JSON, [ROW]),
    (b"\xff\xfe", Form.JSON, ["0000  ff fe                                            .."]),
    (b"AB", Form.HEX, ["0000  41 42                                            AB"]),
    (b"", Form.HEX, []),
    (b'{"a":1}', Form.RAW, []),
    (b'{"a":"\\u001b[31m"}', Form.JSON, ["{", '  "a": "\\u001b[31m"', "}"]),
    (b"[" * 100_000, Form.JSON, []),
]


@pytest.mark.parametrize(("data", "form", "lines"), SHOWN)
def test_messages(data: bytes, form: Form, lines: list[str]) -> None:
    """JSON laid out, text on its own line, the rest in hexadecimal."""
    assert list(pretty(data, form)) == lines


def test_long_messages_are_cut() -> None:
    """What is not shown is counted."""
    page = pretty(bytes(70_000), Form.HEX)
    assert (len(page), page.more, page.cut) == (MOST_LINES, 4096 - MOST_LINES, 70_000 - 65_536)


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
