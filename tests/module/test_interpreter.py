"""The interpreter by itself, with answers made for the purpose: prompts, URCs, refusals, deadlines (V.250, 5 and 6)."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modemlab.at.command import Command
from modemlab.at.parameters import Int
from modemlab.at.steps import OK, Incomplete, Info, Prompt, Raw, Refused, Step
from modemlab.at.syntax import ParsedCommand
from modemlab.dialect.dialect import parser_of
from modemlab.module.interpreter import MAX_HELD_URC_BYTES, Interpreter
from modemlab.module.line_settings import LineFormat
from modemlab.text.reason import Sentence

Steps = Generator[Step, bytes, None]
WORDS = {30: "No network service", 405: "Not here"}
COMMANDS = {
    c.name: c
    for c in (
        Command("+INFO", "", "guide", execute=()),
        Command("+DATA", "", "guide", params=(Int("n", 0, 9),)),
        Command("+TIMED", "", "guide", params=(Int("n", 0, 9),)),
        Command("+ECHOED", "", "guide", params=(Int("n", 0, 9),)),
        Command("+FREE", "", "guide", params=(Int("n", 0, 9),)),
        Command("+LOAD", "", "guide", params=(Int("n", 0, 9),)),
        Command("+FILE", "", "guide", params=(Int("n", 0, 9),)),
        Command("+OWN", "", "guide", execute=(), cme=True),
        Command("+TWICE", "", "guide", execute=()),
        Command("+LATER", "", "guide", execute=()),
        Command("+FAIL", "", "guide", execute=(), cme=True),
        Command("+PLAIN", "", "guide", execute=(), cme=True),
    )
}


class Bench:
    """An interpreter whose answers are written here; `got` is what happened, `reasons` of what was refused."""

    def __init__(self, echo: bool = False) -> None:
        """A line just powered on."""
        self.got: list[bytes] = []
        self.reasons: list[tuple[str, str]] = []
        self.parse: Callable[[bytes], tuple[ParsedCommand, ...]] = parser_of(COMMANDS)
        self.longest = 100
        self.words: Mapping[int, str] = WORDS
        self.line = Interpreter(self)
        self.line.format = LineFormat(echo=echo)

    def refused(self, call: ParsedCommand, refused: Refused) -> None:
        """A command was refused."""
        self.reasons.append(("AT" + call.text, str(refused.reason)))

    def answer(self, call: ParsedCommand) -> Steps:
        """The answer of a command."""
        assert call.command is not None
        answers: dict[str, Callable[..., Steps]] = {
            "+INFO": self.info,
            "+DATA": self.data,
            "+TIMED": partial(self.data, timeout=5.0),
            "+ECHOED": partial(self.data, echo=True),
            "+FREE": self.free,
            "+LOAD": self.load,
            "+FILE": self.file,
            "+OWN": partial(self.fail, 405),
            "+TWICE": self.twice,
            "+LATER": self.later,
            "+FAIL": partial(self.fail, 30),
            "+PLAIN": partial(self.fail, None),
        }
        return answers[call.command.name](*call.values)

    def info(self) -> Steps:
        """Two lines, with a URC between them."""
        yield Info(b"+INFO: 1")
        self.line.tell(b"+URC: inside")
        yield Info(b"+INFO: 2")
        yield OK

    def data(self, length: int, timeout: float | None = None, echo: bool = False) -> Steps:
        """Ask for data."""
        self.got.append((yield Prompt(length, timeout, echo)))
        yield OK

    def free(self, most: int) -> Steps:
        """Ask for data that Ctrl-Z ends and Esc cancels."""
        self.got.append((yield Prompt(most, ends=b"\x1a", cancels=b"\x1b")))
        yield OK

    def load(self, length: int) -> Steps:
        """Ask for data in blocks of two, keep what comes, and say raw bytes."""
        try:
            data = yield Prompt(length, 5.0, mark=b"CONNECT\r\n", idle=True, blocks=2)
        except Incomplete as incomplete:
            data = incomplete.data
        self.got.append(data)
        yield Raw(b"\x00\r")
        yield OK

    def file(self, length: int) -> Steps:
        """Ask for data that `+++` ends, keep what comes and say how it ended."""
        end = "all"
        try:
            data = yield Prompt(length, 5.0, idle=True, escape=True)
        except Incomplete as incomplete:
            data, end = incomplete.data, incomplete.end.name
        self.got.append(data)
        yield Info(b"+FILE: " + end.encode())
        yield OK

    def twice(self) -> Steps:
        """Ask for data twice, with a line between."""
        self.got.append((yield Prompt(1)))
        yield Info(b"+TWICE: half")
        self.got.append((yield Prompt(2)))
        yield OK
        self.line.tell(b"+TWICE: done")

    def later(self) -> Steps:
        """Tell of the end after OK."""
        yield OK
        self.line.tell(b"+LATER: 0")

    def fail(self, code: int | None) -> Steps:
        """Refuse."""
        yield from ()
        raise Refused(Sentence("no"), code)

    def say(self, data: bytes, now: float = 0.0, piece: int = 0) -> bytes:
        """What is said to these bytes."""
        size = piece or max(1, len(data))
        for start in range(0, len(data), size):
            self.line.receive(data[start : start + size], now)
        return self.line.data_to_send()


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
def test_answers(piece: int) -> None:
    bench = Bench()
    two = b"\r\n+INFO: 1\r\n+INFO: 2\r\n"
    assert bench.say(b"AT+INFO\r", piece=piece) == two + b"\r\nOK\r\n\r\n+URC: inside\r\n"
    assert bench.say(b"AT+INFO;+INFO\r", piece=piece) == two + two + b"\r\nOK\r\n" + b"\r\n+URC: inside\r\n" * 2
    assert bench.say(b"AT+LATER;+INFO\r", piece=piece) == two + b"\r\nOK\r\n\r\n+LATER: 0\r\n\r\n+URC: inside\r\n"
    assert bench.say(b"AT+LATER;+FAIL\r", piece=piece) == b"\r\nERROR\r\n\r\n+LATER: 0\r\n"
    assert bench.say(b"AT+FAIL;+LATER\r", piece=piece) == b"\r\nERROR\r\n"


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
def test_prompts(piece: int) -> None:
    bench = Bench()
    assert bench.say(b"AT+DATA=3\r\r\x1aAAT\r", piece=piece) == b"\r\n> \r\nOK\r\n\r\nOK\r\n"
    assert bench.say(b"AT+TWICE\rabcAT\r", piece=piece) == (
        b"\r\n> \r\n+TWICE: half\r\n\r\n> \r\nOK\r\n\r\n+TWICE: done\r\n\r\nOK\r\n"
    )
    assert bench.say(b"AT+DATA=1;+INFO;+ECHOED=2\rxyz", piece=piece) == (
        b"\r\n> \r\n+INFO: 1\r\n+INFO: 2\r\n\r\n> yz\r\nOK\r\n\r\n+URC: inside\r\n"
    )
    assert bench.say(b"AT+DATA=0;+TWICE;+DATA=0\rqrs", piece=piece) == (
        b"\r\n> \r\n> \r\n+TWICE: half\r\n\r\n> \r\n> \r\nOK\r\n\r\n+TWICE: done\r\n"
    )
    assert bench.got == [b"\r\x1aA", b"a", b"bc", b"x", b"yz", b"", b"q", b"rs", b""]


def test_a_repeated_prompt() -> None:
    bench = Bench(echo=True)
    assert bench.say(b"AT+DATA=2\rabA/cdA/") == b"AT+DATA=2\r\r\n> \r\nOK\r\nA/\r\n> \r\nOK\r\nA/\r\n> "
    assert bench.line.prompting
    assert bench.say(b"ef") == b"\r\nOK\r\n"
    assert not bench.line.prompting


def test_a_prompt_times_out() -> None:
    bench = Bench()
    assert bench.say(b"AT+TIMED=3;+INFO\rab", 10.0) == b"\r\n> "
    assert bench.line.deadline() == 15.0
    bench.line.tell(b"+URC: waits")
    bench.line.advance(14.99)
    assert bench.line.data_to_send() == b""
    bench.line.advance(15.0)
    assert bench.line.data_to_send() == b"\r\nERROR\r\n\r\n+URC: waits\r\n"
    assert bench.line.deadline() is None
    assert bench.reasons == [("AT+TIMED=3", "the data ended after 2 bytes: time ran out after 5 s")]
    assert bench.got == []
    assert bench.say(b"c\rAT\r", 16.0) == b"\r\nOK\r\n"


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
def test_a_line_feed_behind_the_command(piece: int) -> None:
    """The LF of a CR LF is none of the data; one that comes when the prompt can have been seen is."""
    bench = Bench()
    assert bench.say(b"AT+DATA=3\r\nabc", piece=piece) == b"\r\n> \r\nOK\r\n"
    assert bench.say(b"AT+TWICE\r\na\n\n", piece=piece).endswith(b"> \r\nOK\r\n\r\n+TWICE: done\r\n")
    assert bench.say(b"AT+DATA=3\r", piece=piece) == b"\r\n> "
    assert bench.say(b"\n\na", piece=piece) == b"\r\nOK\r\n"
    assert bench.got == [b"abc", b"a", b"\n\n", b"\n\na"]


def test_hanging_up() -> None:
    """What was half typed is void, data mode ends in an error with nothing sent, and what was held comes out."""
    bench = Bench()
    bench.say(b"AT+DATA=3;+INFO\rab")
    bench.line.tell(b"+URC: waits")
    bench.line.dtr_dropped(1.0)
    assert bench.line.data_to_send() == b"\r\nERROR\r\n\r\n+URC: waits\r\n"
    assert not bench.line.prompting
    assert bench.reasons == [("AT+DATA=3", "the data ended after 2 bytes: the host closed the port")]
    assert bench.got == []
    for half in (b"AT+INF", b"A", b"x", b"AT" + b"x" * 500):
        bench.line.receive(half, 2.0)
        bench.line.dtr_dropped(2.0)
        assert bench.say(b"O\rT\rAT\r", 2.0) == b"\r\nOK\r\n"
    bench.line.dtr_dropped(3.0)
    assert bench.line.data_to_send() == b""


def test_an_endless_prompt_has_no_deadline_but_that_of_the_log() -> None:
    bench = Bench()
    bench.say(b"AT+DATA=1\r")
    bench.line.tell(b"+URC: waits")
    assert bench.line.deadline() == 5.0
    awaited = bench.line.advance(5.0)
    assert awaited is not None
    assert (awaited.call.text, awaited.prompt.length, awaited.size) == ("+DATA=1", 1, 0)
    assert bench.line.deadline() is None
    assert bench.line.advance(1e9) is None
    assert bench.line.data_to_send() == b""
    assert bench.say(b"x", 1e9) == b"\r\nOK\r\n\r\n+URC: waits\r\n"


def test_urcs_while_a_line_is_typed() -> None:
    bench = Bench()
    done: list[str] = []
    bench.line.receive(b"AT", 10.0)
    bench.line.tell(b"+A", partial(done.append, "a"))
    bench.line.tell(b"+B")
    assert (bench.line.data_to_send(), done, bench.line.deadline()) == (b"", [], 11.0)
    bench.line.receive(b"+", 10.5)
    assert bench.line.deadline() == 11.5
    bench.line.advance(11.49)
    assert bench.line.data_to_send() == b""
    bench.line.advance(11.5)
    assert (bench.line.data_to_send(), done, bench.line.deadline()) == (b"\r\n+A\r\n\r\n+B\r\n", ["a"], None)
    # after that second the next one does not wait until the host types on
    bench.line.tell(b"+C")
    assert bench.line.data_to_send() == b"\r\n+C\r\n"
    bench.line.receive(b"INFO", 20.0)
    bench.line.tell(b"+D")
    assert bench.line.data_to_send() == b""
    assert bench.say(b"\r", 20.1).endswith(b"OK\r\n\r\n+D\r\n\r\n+URC: inside\r\n")


def test_urcs_are_held_while_the_cache_is_on() -> None:
    bench = Bench()
    bench.line.cache = True
    bench.line.tell(b"+A")
    assert (bench.line.data_to_send(), bench.line.deadline()) == (b"", None)
    bench.line.cache = False
    bench.line.advance(1.0)
    assert bench.line.data_to_send() == b"\r\n+A\r\n"


def test_what_is_held_is_counted() -> None:
    bench = Bench()
    bench.say(b"AT+DATA=1\r")
    bench.line.tell(b"x" * (MAX_HELD_URC_BYTES - 1))
    assert not bench.line.congested
    bench.line.tell(b"y")
    assert bench.line.congested
    assert MAX_HELD_URC_BYTES == 65536
    bench.say(b"!")
    assert not bench.line.congested


def test_failures_by_cmee() -> None:
    bench = Bench()
    for cmee, said in ((0, b"ERROR"), (1, b"+CME ERROR: 30"), (2, b"+CME ERROR: No network service")):
        bench.line.format = replace(bench.line.format, cmee=cmee)
        assert bench.say(b"AT+FAIL\r") == b"\r\n" + said + b"\r\n"
        assert bench.say(b"AT+PLAIN\r") == b"\r\nERROR\r\n"
        assert bench.say(b"AT+NONE\r") == b"\r\nERROR\r\n"
    assert bench.say(b"AT+OWN\r") == b"\r\n+CME ERROR: Not here\r\n"


def test_numbers_and_silence() -> None:
    bench = Bench()
    bench.line.format = replace(bench.line.format, verbose=False)
    assert bench.say(b"AT\rAT+NONE\rAT+LATER\r") == b"0\r4\r0\r+LATER: 0\r\n"
    bench.line.format = replace(bench.line.format, quiet=True)
    assert bench.say(b"AT\rAT+NONE\rAT+DATA=1\rx") == b"\r\n> "
    bench.line.format = replace(bench.line.format, verbose=True, quiet=False, terminator=b"\x1e", formatting=b"\x1f")
    assert bench.say(b"AT\x1e") == b"\x1e\x1fOK\x1e\x1f"


def test_another_editing_character() -> None:
    bench = Bench()
    bench.line.format = replace(bench.line.format, editing=0x23)
    assert bench.say(b"AT+NONE####INFX#O\r").count(b"+INFO") == 2
    assert bench.say(b"AT\x08\r") == b"\r\nERROR\r\n"


def test_a_reset_leaves_nothing_open() -> None:
    bench = Bench()
    bench.say(b"AT+DATA=5\rab")
    bench.line.tell(b"+A" * 40_000)
    bench.line.reset(5.0)
    assert not bench.line.congested
    assert bench.say(b"cdeAT\r", 5.0) == b"\r\nOK\r\n"
    bench.line.receive(b"AT+NO", 6.0)
    bench.line.reset(7.0)
    assert bench.say(b"AT\r", 7.0) == b"\r\nOK\r\n"
    bench.line.receive(b"A", 8.0)
    bench.line.reset(9.0)
    assert bench.say(b"T\rA\rT\r", 9.0) == b""
    bench.line.receive(b"AT" + b"x" * 500, 9.0)
    bench.line.reset(9.0)
    assert bench.say(b"AT\r", 9.0) == b"\r\nOK\r\n"


def test_a_repeat_right_after_power_on_repeats_nothing() -> None:
    """What was typed before a power cycle is gone with it."""
    bench = Bench()
    bench.say(b"AT+INFO\r")
    bench.line.reset(1.0)
    assert bench.say(b"A/", 1.0) == b"\r\nOK\r\n"


def test_what_is_held_stays_bounded() -> None:
    """Only what its source is told of is held beyond the bound: a network that is paused then, or a host that waits."""
    bench = Bench()
    bench.line.cache = True
    done: list[str] = []
    for _ in range(10_000):
        bench.line.tell(b"+URC: 1234")
    assert bench.line._held_size <= MAX_HELD_URC_BYTES + 10
    bench.line.tell(b"+MESSAGE", partial(done.append, "printed"))
    bench.line.cache = False
    bench.line.advance(1.0)
    assert bench.line.data_to_send().endswith(b"+URC: 1234\r\n\r\n+MESSAGE\r\n")
    assert done == ["printed"]


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
def test_data_that_ends_early(piece: int) -> None:
    """A byte that ends it, one that cancels it, and the length, whichever comes first; the rest is command input."""
    bench = Bench()
    assert bench.say(b"AT+FREE=5\rab\x1a\r\nAT\r", piece=piece) == b"\r\n> \r\nOK\r\n\r\nOK\r\n"
    assert bench.say(b"AT+FREE=5\r\x1aAT\r", piece=piece) == b"\r\n> \r\nOK\r\n\r\nOK\r\n"
    assert bench.say(b"AT+FREE=5\rabcde\x1aAT\r", piece=piece) == b"\r\n> \r\nOK\r\n\r\nOK\r\n"
    assert bench.got == [b"ab", b"", b"abcde"]
    assert bench.say(b"AT+FREE=5;+INFO\rab\x1b\x1aAT\r", piece=piece) == b"\r\n> \r\nERROR\r\n\r\nOK\r\n"
    assert bench.reasons == [("AT+FREE=5", "the data ended after 2 bytes: the host cancelled it")]


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
def test_data_in_blocks(piece: int) -> None:
    """Another mark, an `A` behind each block, bytes as they are, and what was incomplete kept by the answer."""
    bench = Bench()
    assert bench.say(b"AT+LOAD=5\rabcdeAT\r", piece=piece) == (b"\r\nCONNECT\r\nAA\x00\r\r\nOK\r\n\r\nOK\r\n")
    bench.say(b"AT+LOAD=5\rab", 10.0, piece)
    bench.say(b"c", 14.0)
    assert bench.line.deadline() == 19.0
    bench.line.advance(19.0)
    assert bench.line.data_to_send() == b"\x00\r\r\nOK\r\n"
    assert bench.got == [b"abcde", b"abc"]


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
def test_an_escape_from_data(piece: int) -> None:
    """A second of silence, `+++` within a second, a second of silence: data mode ends, and what follows is a line."""
    bench = Bench()
    ended = b"\r\n+FILE: ESCAPED\r\n\r\nOK\r\n"
    assert bench.say(b"AT+FILE=9\rab", 10.0, piece) == b"\r\n> "
    bench.say(b"+++", 11.0, piece)
    assert bench.line.deadline() == 12.0
    bench.line.advance(11.75)
    assert bench.line.data_to_send() == b""
    bench.line.advance(12.0)
    assert bench.line.data_to_send() == ended
    assert bench.line.deadline() is None
    # time told late: what comes is a line already
    bench.say(b"AT+FILE=9\rab", 20.0, piece)
    bench.say(b"+++", 21.0, piece)
    assert bench.say(b"AT\r", 22.0, piece) == ended + b"\r\nOK\r\n"
    # one by one
    bench.say(b"AT+FILE=9\r", 30.0, piece)
    for now in (31.0, 31.5, 32.0):
        assert bench.say(b"+", now) == b""
    bench.line.advance(33.0)
    assert bench.line.data_to_send() == ended
    assert bench.got == [b"ab", b"ab", b""]


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
@pytest.mark.parametrize(
    "typed",
    [
        [(0.0, b"+++")],
        [(0.75, b"+++")],
        [(1.0, b"++++")],
        [(1.0, b"+++a")],
        [(1.0, b"a+++")],
        [(1.0, b"+++"), (1.75, b"a")],
        [(1.0, b"++"), (1.75, b"a"), (2.5, b"+")],
        [(1.0, b"+"), (1.625, b"+"), (2.25, b"+")],
    ],
)
def test_what_is_no_escape_is_data(typed: list[tuple[float, bytes]], piece: int) -> None:
    bench = Bench()
    bench.say(b"AT+FILE=9\rx", 0.0, piece)
    for now, data in typed:
        bench.line.advance(now)
        bench.say(data, now, piece)
    bench.line.advance(typed[-1][0] + 4.75)
    assert bench.line.data_to_send() == b""
    bench.line.advance(typed[-1][0] + 5.0)
    assert bench.line.data_to_send() == b"\r\n+FILE: TIMEOUT\r\n\r\nOK\r\n"
    assert bench.got == [b"x" + b"".join(data for _, data in typed)]


def test_pluses_that_complete_the_data_are_data() -> None:
    bench = Bench()
    bench.say(b"AT+FILE=3\r", 0.0)
    assert bench.say(b"+++", 5.0) == b"\r\n+FILE: all\r\n\r\nOK\r\n"
    bench.say(b"AT+FILE=4\r", 10.0)
    bench.say(b"+++", 12.0)
    bench.line.dtr_dropped(12.5)
    assert bench.line.data_to_send() == b"\r\n+FILE: HANG_UP\r\n\r\nOK\r\n"
    bench.say(b"AT+DATA=4\r", 20.0)
    bench.say(b"+++", 25.0)
    bench.line.advance(30.0)
    assert bench.say(b"x", 31.0) == b"\r\nOK\r\n"
    assert bench.got == [b"+++", b"+++", b"+++x"]


# Letters of the prefix, a command, what ends and edits a line, and data.
TYPED = "AT", "at", "A", "A/", "+INFO", "+DATA=3", "E1", "\r", "\n", "\b", "\x7f", "X", ";", " ", "=", "+PLAIN=1,2", "T"


@given(
    typed=st.lists(st.sampled_from(TYPED), max_size=30).map("".join),
    line_format=st.builds(
        LineFormat,
        echo=st.booleans(),
        terminator=st.sampled_from([b"\r", b"\n", b"T", b"X"]),
        editing=st.integers(0, 127),
    ),
)
@example(typed="ATX", line_format=LineFormat(terminator=b"T"))
def test_a_whole_line_is_taken_as_its_bytes_are(typed: str, line_format: LineFormat) -> None:
    def outcome(pieces: list[bytes]) -> tuple[bytes, list[bytes], list[tuple[str, str]]]:
        bench = Bench()
        bench.line.format = line_format
        for piece in pieces:
            bench.line.receive(piece, 0.0)
        return bench.line.data_to_send(), bench.got, bench.reasons

    lines = [line + line_format.terminator for line in typed.encode().split(line_format.terminator)]
    assert outcome(lines) == outcome([bytes((byte,)) for line in lines for byte in line])
