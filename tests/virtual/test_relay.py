"""What passes, written down: `Recording` without a line, and played again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.dialect.registry import dialects
from modemlab.transcripts.format import Difference, Mark, TranscriptPlayer, TranscriptStep, parse_transcript, unescape
from modemlab.transcripts.masking import Masks
from modemlab.transcripts.recorder import MAX_LINE_BYTES, Recording


def recorded(*events: tuple[str, bytes, float], masks: Masks | None = None, gap: float = 1.0) -> str:
    """The transcript of what came from `>` the host and `<` the module, so many seconds after the start."""
    out: list[str] = []
    recording = Recording(out.append, masks, gap)
    for who, data, now in events:
        (recording.host if who == ">" else recording.module)(data, now)
    recording.finish()
    return "".join(out)


CASES: dict[str, tuple[list[tuple[str, bytes, float]], str]] = {
    "a line and its answer": ([(">", b"AT\r", 0), ("<", b"AT\r\r\nOK\r\n", 0)], ">> AT\n<< AT\\r\n<< OK\n"),
    "each character echoed as it is typed": (
        [
            (">", b"A", 0),
            ("<", b"A", 0),
            (">", b"T", 0.9),
            ("<", b"T", 0.9),
            (">", b"\r", 1),
            ("<", b"\r\r\nOK\r\n", 1),
        ],
        ">> AT\n<< AT\\r\n<< OK\n",
    ),
    "what is not echoed ahead of what is": (
        [
            (">", b"\r", 0),
            (">", b"xA", 0),
            (">", b"T", 0.1),
            ("<", b"AT", 0.1),
            (">", b"\r", 1),
            ("<", b"\r\r\nOK\r\n", 1),
        ],
        ">>| \\rxAT\\r\n<< AT\\r\n<< OK\n",
    ),
    "a host that ends its lines in CR LF": (
        [(">", b"AT\r\n", 0), ("<", b"AT\r\r\nOK\r\n", 0)],
        ">>| AT\\r\\n\n<< AT\\r\n<< OK\n",
    ),
    "a host that does not wait": (
        [(">", b"AT\r", 0), ("<", b"AT\r", 0), (">", b"ATE0\r", 0.1), ("<", b"\r\nOK\r\n", 0.2)],
        ">>| AT\\rATE0\\r\n<< AT\\r\n<< OK\n",
    ),
    "data behind a prompt": (
        [
            (">", b"AT+QMTPUBEX\r", 0),
            ("<", b"\r\n> ", 0),
            (">", b"a\rb ", 0.1),
            (">", b"\x00", 0.2),
            ("<", b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n", 0.3),
        ],
        ">> AT+QMTPUBEX\n<<\n<<| >\\x20\n>>| a\\rb \\x00\n<<\n<< OK\n<<\n<< +QMTPUBEX: 0,0,0\n",
    ),
    "a message that ends in CR is no line": (
        [(">", b"AT+X\r", 0), ("<", b"\r\n> ", 0), (">", b"hi\r", 0.1), ("<", b"\r\nOK\r\n", 0.2)],
        ">> AT+X\n<<\n<<| >\\x20\n>>| hi\\r\n<<\n<< OK\n",
    ),
    "upload in blocks": (
        [
            (">", b"AT+QFUPL\r", 0),
            ("<", b"\r\nCONNECT\r\n", 0),
            (">", b"\xffA\r", 0.1),
            ("<", b"A", 0.2),
            (">", b"B", 0.3),
            ("<", b"\r\n+QFUPL: 4,1\r\n\r\nOK\r\n", 0.4),
            (">", b"AT\r", 0.5),
        ],
        ">> AT+QFUPL\n<<\n<< CONNECT\n>>| \\xffA\\r\n<<| A\n>>| B\n<<\n<< +QFUPL: 4,1\n<<\n<< OK\n>> AT\n",
    ),
    "CONNECT OK asks for nothing": (
        [(">", b"AT\r", 0), ("<", b"\r\nCONNECT OK\r\n", 0), (">", b"AT\r", 0.5)],
        ">> AT\n<<\n<< CONNECT OK\n>> AT\n",
    ),
    "silences": (
        [(">", b"AT\r", 5), ("<", b"\r\nOK\r\n", 5.9), ("<", b"\r\nLATE\r\n", 8), (">", b"AT\r", 9.25)],
        ">> AT\n<<\n<< OK\n~~ 2.1\n<<\n<< LATE\n~~ 1.3\n>> AT\n",
    ),
    "a line that was under way as the host began": (
        [
            (">", b"AT\r", 0),
            ("<", b"\r\nOK\r\n\r\n+QM", 0),
            (">", b"AT", 0.1),
            ("<", b"TSTAT: 0,1\r\n", 0.2),
            (">", b"\r", 0.3),
        ],
        ">> AT\n<<\n<< OK\n<<\n<< +QMTSTAT: 0,1\n>> AT\n",
    ),
    "results as numbers end in CR": (
        [(">", b"ATV0\r", 0), ("<", b"ATV0\r0\r", 0), (">", b"AT\r", 0.1), ("<", b"AT\r0\r", 0.2)],
        ">> ATV0\n<<| ATV0\\r0\\r\n>> AT\n<<| AT\\r0\\r\n",
    ),
    "what the module says first is a comment": (
        [("<", b"\r\nRDY\r\n", 0), (">", b"AT\r", 9), ("<", b"\r\nOK\r\n", 9)],
        "# <<\n# << RDY\n>> AT\n<<\n<< OK\n",
    ),
    "no answer": ([(">", b"AT\r", 0), (">", b"AT\r", 2)], ">> AT\n~~ 2.0\n>> AT\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_written(name: str) -> None:
    """Lines, data, echoes and silences, as the format has them."""
    events, text = CASES[name]
    assert recorded(*events) == text


def test_time_alone_writes_what_is_whole() -> None:
    """After the gap a line stands in the file; one that is still being typed does not."""
    out: list[str] = []
    recording = Recording(out.append, None, 1.0)
    recording.host(b"AT\r", 0.0)
    recording.advance(0.9)
    assert not out
    recording.advance(1.0)
    assert out == [">> AT\n"]
    recording.host(b"AT", 2.0)
    recording.advance(9.0)
    assert out == [">> AT\n"]
    recording.note("gone")
    assert out[1:] == ["~~ 2.0\n", ">>| AT\n", "# gone\n"]


def test_endless_data_is_cut() -> None:
    """Both directions are held within bounds."""
    text = recorded((">", b"x" * 10000, 0), ("<", b"y" * 10000, 0))
    assert all(len(line) <= 10010 for line in text.splitlines())
    assert text.count(">>| ") == 3 == -(-10000 // MAX_LINE_BYTES)


def bytes_of(steps: list[TranscriptStep], raw: bool) -> tuple[bytes, bytes]:
    """What the host and the module say in a transcript."""
    host = module = b""
    for step in steps:
        if step.mark in (Mark.SEND, Mark.SEND_RAW):
            host += unescape(step.text) + (b"\r" if step.mark is Mark.SEND else b"")
        elif step.mark in (Mark.SAID, Mark.SAID_RAW):
            module += unescape(step.text) + (b"\r\n" if step.mark is Mark.SAID else b"")
        else:
            assert step.mark is Mark.WAIT or not raw
    return host, module


PIECES = st.one_of(
    st.sampled_from([b"AT", b"\r", b"\n", b"\r\n", b"> ", b"OK\r\n", b"CONNECT\r\n", b"AT+CSQ\r", b'AT+CPIN="', b" "]),
    st.binary(max_size=20),
    st.text(max_size=5).map(lambda text: text.encode("utf-8", "ignore")),
)
# Read once, ahead of the examples: the first would pay for it.
DIALECTS = dialects()
EVENTS = st.lists(st.tuples(st.sampled_from("<>"), PIECES, st.sampled_from([0.0, 0.1, 2.0])), max_size=30)


@given(EVENTS)
def test_every_byte_is_kept(events: list[tuple[str, bytes, float]]) -> None:
    """In both directions, whatever passes and however it is cut, once the host has begun."""
    now = 0.0
    timed = [(">", b"AT\r", now)]
    for who, data, later in events:
        now += later
        timed.append((who, data, now))
    host = b"".join(data for who, data, _ in timed if who == ">")
    module = b"".join(data for who, data, _ in timed if who == "<")
    assert bytes_of(parse_transcript(recorded(*timed)), raw=True) == (host, module)
    masked = parse_transcript(recorded(*timed, masks=Masks(DIALECTS)))
    assert len(bytes_of(masked, raw=False)[0]) == len(host)


class Echo:
    """A bench that says again what the recorded module said, step by step."""

    def __init__(self, said: list[bytes]) -> None:
        self.said_next = said
        self.now = b""

    def send(self, data: bytes) -> None:
        """The host sends."""
        self.now += self.said_next.pop(0)

    def said(self) -> bytes:
        """What is left of it."""
        now, self.now = self.now, b""
        return now

    def wait(self, seconds: float) -> None:
        """Time passes."""

    def network(self, step: TranscriptStep) -> Difference | None:
        """There is none."""


def test_masked_answers_match_what_was_masked() -> None:
    """The patterns match the very lines that they stand for."""
    said = [
        b"\r\nQuectel\r\nEC200SCN\r\nRevision: EC200SCNAAR01A01M16\r\n\r\nOK\r\n",
        b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n",
        b'\r\n+CNUM: "","+8613800000000",145\r\n\r\nOK\r\n\r\n+CTZE: "+32",0,"2026/11/21,10:00:00"\r\n',
    ]
    events = []
    for line, answer in zip((b"ATI\r", b"AT+CSQ\r", b"AT+CNUM\r"), said, strict=True):
        events += [(">", line, 0.0), ("<", answer, 0.0)]
    text = recorded(*events, masks=Masks(dialects()))
    assert text.count("<<~ ") == 4
    assert "24,99" not in text
    assert "1380" not in text
    assert not list(TranscriptPlayer(Echo(said)).play(parse_transcript(text)))


def test_secrets_may_be_shown_where_the_rest_is_masked() -> None:
    """What varies becomes a pattern all the same."""
    masks = Masks(dialects(), show_secrets=True)
    assert masks.host(b'AT+QMTCONN=0,"a","u","secret"\rAT+CSQ\r') == b'AT+QMTCONN=0,"a","u","secret"\rAT+CSQ\r'
    assert masks.line(b"+CSQ: 24,99")[1] == r"\+CSQ: -?\d+,-?\d+"
    assert masks.line(b'+QMTCFG: "onenet","pump","secret"')[1] == '+QMTCFG: "onenet","pump","secret"'
