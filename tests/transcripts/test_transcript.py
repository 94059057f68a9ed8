"""The transcript format and its player, which users' own transcripts rely on too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.transcripts.format import (
    Difference,
    Mark,
    TranscriptError,
    TranscriptPlayer,
    TranscriptStep,
    parse_transcript,
    shown,
    unescape,
)


class Parrot:
    """A bench that says what a table has for what is sent."""

    def __init__(self, answers: dict[bytes, list[bytes]]) -> None:
        """Answer by this table; each said piece by piece."""
        self.answers = answers
        self.pieces: list[bytes] = []
        self.log: list[object] = []

    def send(self, data: bytes) -> None:
        """The host sends."""
        self.log.append(data)
        self.pieces += self.answers.get(data, [])

    def said(self) -> bytes:
        """The next piece."""
        return self.pieces.pop(0) if self.pieces else b""

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.log.append(seconds)

    def network(self, step: TranscriptStep) -> Difference | None:
        """The network agrees to all but `S> ff`."""
        self.log.append(step.text)
        return Difference(step.number, b"right", b"wrong") if step.text == "ff" else None


def play(text: str, **answers: list[bytes]) -> list[Difference]:
    """The differences of a transcript; answers to lines by their text."""
    table = {key.encode() + b"\r": pieces for key, pieces in answers.items()}
    return list(TranscriptPlayer(Parrot(table)).play(parse_transcript(text)))


def test_marks() -> None:
    text = "# a comment\n\n>> AT\n>>| x \n<< OK\n<<\n<<| y\n<<~ a+\n~~ 0.5\nS> 30\nS< 31\nS: closed\n>>\n"
    assert parse_transcript(text) == [
        TranscriptStep(3, Mark.SEND, "AT"),
        TranscriptStep(4, Mark.SEND_RAW, "x "),
        TranscriptStep(5, Mark.SAID, "OK"),
        TranscriptStep(6, Mark.SAID, ""),
        TranscriptStep(7, Mark.SAID_RAW, "y"),
        TranscriptStep(8, Mark.SAID_LIKE, "a+"),
        TranscriptStep(9, Mark.WAIT, "0.5"),
        TranscriptStep(10, Mark.TO_SERVER, "30"),
        TranscriptStep(11, Mark.FROM_SERVER, "31"),
        TranscriptStep(12, Mark.NETWORK, "closed"),
        TranscriptStep(13, Mark.SEND, ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        *("AT", "> AT", " >> AT", "~~", "~~ soon", "~~ -1", "~~ nan", "~~ 1e9", ">> \\q", ">> a\\", "<< \\x4"),
        *("<<~ (", "<<~ a{99999999999999}", f"<<~ {'(' * 9999}{')' * 9999}", ">> \udcff", "<<~ \udcff", "\udcff"),
        *(
            "S:",
            "S: slow",
            "S: opened there",
            "S>",
            "S> 3",
            "S> Publish(",
            "S< nothing",
            "M:",
            "M: power_cycle",
            "M: power_cycle(",
        ),
    ],
)
def test_lines_that_cannot_be_read(line: str) -> None:
    with pytest.raises(TranscriptError, match=r"^line 2: .+"):
        parse_transcript(f"# first, \udcff too\n{line}\n>> AT\n")


def test_escapes() -> None:
    assert unescape("a\\r\\n\\t\\\\\\x00\\xFfé") == b"a\r\n\t\\\x00\xff\xc3\xa9"
    assert unescape("\\\\x41") == b"\\x41"
    assert unescape("") == b""


@given(st.binary(max_size=40))
def test_what_is_shown_reads_back(data: bytes) -> None:
    assert unescape(shown(data)) == data
    assert "\n" not in shown(data)


@given(st.text(max_size=20))
def test_a_shown_text_reads_back(text: str) -> None:
    data = text.encode("utf-8", "replace")
    assert unescape(shown(data)) == data


def test_shown_keeps_what_can_be_read() -> None:
    assert shown("你好\r\n".encode()) == "你好\\r\\n"
    assert shown(b"\xff") == "\\xff"
    assert shown(b"a\\\x00") == "a\\\\\\x00"


def test_any_line_of_text_is_read_or_refused() -> None:
    for code in (*range(0x3000), 0x85, 0x2028, 0x2029, 0xFEFF):
        text = f">> a{chr(code)}b"
        if chr(code) in "\r\n\\":
            continue
        (step,) = parse_transcript(text)
        assert step.text == f"a{chr(code)}b"


def test_agreement() -> None:
    assert play(">> AT\n<<\n<< OK\n", AT=[b"\r\nOK\r\n"]) == []
    assert play(">> AT\n<<\n<< OK\n", AT=[b"\r", b"\n", b"OK", b"\r\n"]) == []
    assert play(">> AT\n<<~ \n<<~ O.\n", AT=[b"\r\nOK\r\n"]) == []
    assert play(">> AT\n<<| \\r\\nO\n<<| K\\r\\n\n", AT=[b"\r\nOK\r\n"]) == []
    assert play("") == []


def test_differences() -> None:
    assert play(">> AT\n<<\n<< OK\n", AT=[b"\r\nERROR\r\n"]) == [Difference(3, b"OK\r\n", b"ERROR\r\n")]
    assert play(">> AT\n<<\n<< OK\n") == [Difference(2, b"\r\n", b"")]
    assert play(">> AT\n<<\n", AT=[b"\r\nOK\r\n"]) == [Difference(2, b"", b"OK\r\n")]
    assert play(">> AT\n~~ 1\n<< OK\n", AT=[b"OK\r\n"])[0] == Difference(2, b"", b"OK\r\n")
    assert play(">> AT\n<<~ O\n", AT=[b"OK\r\n"]) == [Difference(2, b"O", b"OK\r\n")]
    assert play("S> ff\n") == [Difference(1, b"right", b"wrong")]
    assert play(">> AT\n<<~ O+\n", AT=[b"O" * 40_000] * 9) == [Difference(2, b"O+", b"O" * 80_000)]
    assert str(Difference(3, b"OK\r\n", b"x" * 1001)).endswith("xx and 1 bytes more")
    assert str(Difference(3, b"OK\r\n", b"")) == "line 3:\n  expected OK\\r\\n\n  came     "


def test_a_pattern_with_endless_ways_is_over_at_once() -> None:
    """Repeats in repeats, on what is said here, and on what is held ready for what was typed ahead."""
    said = b"a" * 2000 + b"\r\n"
    assert play(">> AT\n<<~ (a+)+b\n", AT=[said]) == [Difference(2, b"(a+)+b", said)]
    steps = parse_transcript(">> AT\n>> A\n<<~ (a+)+b\n")
    found = list(TranscriptPlayer(Parrot({b"AT\r": [said]}), early=True).play(steps))
    assert [(each.number, each.expected) for each in found] == [(2, b""), (3, b"(a+)+b")]
    with pytest.raises(
        TranscriptError, match=r"^line 2: a pattern has no such thing as a reference to a group at position 3$"
    ):
        parse_transcript(">> AT\n<<~ (a)\\1\n")


def test_after_a_difference_the_next_send_begins_anew() -> None:
    found = play(">> A\n<< 1\n<< 2\n<< 3\n>> B\n<< 4\n", A=[b"1\r\n", b"x\r\n", b"3\r\n"], B=[b"4\r\n"])
    assert found == [Difference(3, b"2\r\n", b"x\r\n")]


def test_everything_is_observed_in_order() -> None:
    seen: list[int] = []
    bench = Parrot({b"AT\r": [b"OK\r\n"]})
    steps = parse_transcript(">> AT\n<< OK\n~~ 2\nS< 30\n>>| x\n")
    assert list(TranscriptPlayer(bench, lambda step: seen.append(step.number)).play(steps)) == []
    assert seen == [1, 2, 3, 4, 5]
    assert bench.log == [b"AT\r", 2.0, "30", b"x"]


@pytest.mark.parametrize(
    ("text", "early", "exact"),
    [
        # The second answer comes ahead of the third command, or behind it.
        (">>| 1\n<< 1\n>> 3\n<<\n<<~ \\d\n<< 3\n", [], [(3, b"", b"\r\n2\r\n"), (4, b"\r\n", b"3\r\n")]),
        # As far as it has come.
        (">> half\n>> 3\n<< ab\n<< 3\n", [], [(2, b"", b"ab\r"), (3, b"ab\r\n", b"\n")]),
        # What nobody expects is told where it comes, here as there.
        (">> stray\n>> 3\n<< 3\n", [(2, b"", b"x\r\n")], [(2, b"", b"x\r\n")]),
        (">> stray\n>> 3\n<<~ \\d\n", [(2, b"", b"x\r\n")], None),
        # Time that passes ends what may be early.
        (">> half\n~~ 1\n<< ab\n", [(2, b"", b"ab\r"), (3, b"ab\r\n", b"\n")], None),
        (">> half\n>> 3\n~~ 1\n<< ab\n", [(2, b"", b"ab\r"), (3, b"", b"\n"), (4, b"ab\r\n", b"3\r\n")], None),
        (">> stray\n>> 0\n", [(2, b"", b"x\r\n")], None),
    ],
)
def test_answers_that_come_ahead_of_what_a_host_typed_meanwhile(
    text: str, early: list[tuple[int, bytes, bytes]], exact: list[tuple[int, bytes, bytes]] | None
) -> None:
    """Where time is real they may; where it is not, each has its place."""
    answers = {b"1": [b"1\r\n", b"\r\n2\r\n"], b"3\r": [b"3\r\n"], b"half\r": [b"ab\r", b"\n"], b"stray\r": [b"x\r\n"]}
    steps = parse_transcript(text)
    assert [tuple(difference) for difference in TranscriptPlayer(Parrot(answers), early=True).play(steps)] == early
    wanted = early if exact is None else exact
    assert [tuple(difference) for difference in TranscriptPlayer(Parrot(answers)).play(steps)] == wanted
