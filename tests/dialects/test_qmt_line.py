"""The line under the MQTT commands: echo, `A/`, backspace, `;`, noise, case, spaces, lengths (V.250, 5)."""

import pytest

from modemlab.module.module import Module
from support.helpers import PIECES, exchange, hold, make_module
from support.qmt_lines import BOOT, error, ok, online, read, urc


def module_on(*lines: bytes) -> Module:
    """A module that has answered these lines."""
    module = make_module()
    module.power_on(0.0)
    for line in (b"ATE0", *lines):
        exchange(module, line)
    module.data_to_send()
    return module


def say(data: bytes, piece: int, *lines: bytes) -> bytes:
    """What a module without echo says to bytes that come in pieces."""
    module = module_on(*lines)
    size = piece or max(1, len(data))
    for start in range(0, len(data), size):
        module.receive(data[start : start + size], 0.0)
    return module.data_to_send()


OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
KEEPALIVE = b'\r\n+QMTCFG: "keepalive",120\r\n' + OK

LINES = [
    ("nothing", b"\r\n\r\r\n\n", b""),
    ("no prefix", b"hello\r+QMTOPEN?\rA\rT\rTA\r", b""),
    ("bare prefix", b"AT\rat\r", OK + OK),
    ("mixed prefix", b"At\raT\r", b""),
    ("noise ahead", b"\x00\xff\x1axyzAT\r", OK),
    ("an A ahead", b"AAT\raAT\rAaat\r", OK * 3),
    ("line feeds", b"\nAT\r\nAT+QMT\nOPEN?\r\n", OK + OK),
    ("case of names", b'at+qmtcfg="KEEPALIVE",0\r', KEEPALIVE),
    ("spaces", b'AT + QMTOPEN? \rAT +QMTCFG = "keepalive" , 0 \rAT  \r', ERROR + KEEPALIVE + OK),
    ("spaces in a name", b"AT+QMT OPEN?\r", ERROR),
    ("backspace", b"AT+QMTX\x08OPEN?\rAT+QMTOPEM\x7fN?\r", OK + OK),
    ("backspace to the prefix", b"ATX\x08\x08\x08\x08\x08+QMTOPEN?\r", OK),
    ("concatenation", b'AT+QMTOPEN?;+QMTCFG="keepalive",0;+QMTCONN?\r', KEEPALIVE),
    (
        "concatenation with an error",
        b'AT+QMTCFG="keepalive",0;+QMTDISC=0;+QMTCFG="keepalive",0\r',
        KEEPALIVE[:-6] + ERROR,
    ),
    ("concatenation with basic ones", b'ATE0V1Q0+QMTCFG="keepalive",0\r', KEEPALIVE),
    ("a semicolon at the end", b"AT+QMTOPEN?;\r", OK),
    ("what follows a question", b"AT+QMTOPEN?x\rAT+QMTOPEN=?1\rAT+QMTOPEN??\r", ERROR * 3),
    ("unknown commands", b"AT+QMTX\rAT+QMTX=1\rAT+QMTX?\rAT+QMTX=?\rAT+\rATY\rAT#X\rAT+QMTOPENX?\r", ERROR * 8),
    ("no such form", b"AT+QMTOPEN\rAT+QMTCLOSE?\rAT+QMTSUB?\rAT+QMTUNS?\rAT+QMTDISC?\rAT+QMTRECV\r", ERROR * 6),
    ("an open quote", b'AT+QMTOPEN=0,"h,1883\rAT+QMTOPEN=0, "h,1883\rAT+QMTOPEN=0,"h"x,1\r', ERROR * 3),
    ("a quoted number", b'AT+QMTCLOSE="0"\rAT+QMTOPEN=0,"h","1"\r', ERROR * 2),
    ("signs and bases", b"AT+QMTCLOSE=+0\rAT+QMTCLOSE=0x0\rAT+QMTCLOSE=0.0\r", ERROR * 3),
    ("digits of other scripts", "AT+QMTCLOSE=٠\rAT+QMTCLOSE=²\r".encode(), ERROR * 2),
    ("a repeat of nothing", b"A/", OK),
    ("a repeat", b'AT+QMTCFG="keepalive",0\rA/a/', KEEPALIVE * 3),
    ("a repeat acts before its CR", b"AT+QMTOPEN?\rA/\rAT\r", OK * 3),
    ("a repeat of an error", b"AT+QMTX\rA/", ERROR * 2),
    ("a repeat after noise is noise", b"AT\rxyzA/\rxA/AT\r\xffa/b\r /A/\r", OK * 2),
    ("a repeat after line feeds and empty lines", b"AT\r\n\nA/\n\r\na/", OK * 3),
]


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize(("typed", "said"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_lines(typed: bytes, said: bytes, piece: int) -> None:
    assert say(typed, piece) == said


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7, 1000, 2048])
def test_the_longest_line(piece: int) -> None:
    body = b'AT+QMTCFG="keepalive",0'
    for fill in (b";", b" "):
        assert say(body + fill * (2048 - len(body)) + b"\r", piece) == KEEPALIVE
        assert say(body + fill * (2049 - len(body)) + b"\rAT\r", piece) == ERROR + OK
        assert say(body + fill * 40_000 + b"\rAT\r", piece) == ERROR + OK
    assert say(b"x" * 40_000 + b"\rAT\r", piece) == OK


@pytest.mark.parametrize("end", [b"\x08" * 30, b"\x08" * 3000, b"\n", b"\x7fAT"])
def test_an_overlong_line_stays_so_however_it_is_cut(end: bytes) -> None:
    line = b"AT" + b" " * 2047 + end + b"\rAT\r"
    said = {say(line, piece) for piece in (0, 1, 2, 3, 7, 100, 2049)}
    assert said == {ERROR + OK}
    edited = b"AT" + b" \x08" * 2047 + b"\r"
    assert {say(edited, piece) for piece in (0, 1, 2, 3, 7, 100)} == {OK}


def test_an_overlong_line_is_kept_in_bounded_memory_and_never_repeated() -> None:
    module = module_on(b"AT+QMTOPEN?")
    for _ in range(100):
        module.receive(b"AT" + b"y" * 4096, 0.0)
        assert len(module.line._body or b"") <= 2048
    module.receive(b"\r", 0.0)
    assert module.data_to_send() == ERROR
    module.receive(b"A/", 0.0)
    assert module.data_to_send() == OK


def test_echo() -> None:
    for piece in PIECES:
        module = make_module()
        module.power_on(0.0)
        module.data_to_send()
        typed = b"noiseAT+QMTOPEX\x08N?\r\nA/\r\rATE0\rAT\rATE1\rat\r"
        size = piece or len(typed)
        for start in range(0, len(typed), size):
            module.receive(typed[start : start + size], 0.0)
        said = b"AT+QMTOPEX\x08N?\r" + OK + b"A/" + OK + b"ATE0\r" + OK + OK + OK + b"at\r" + OK
        assert module.data_to_send() == said


def test_the_end_of_a_line_closes_the_echo_at_once() -> None:
    module = make_module()
    module.power_on(0.0)
    module.data_to_send()
    module.receive(b"AT+QMT", 0.0)
    assert module.data_to_send() == b"AT+QMT"
    module.receive(b"OPEN?\r", 0.0)
    assert module.data_to_send() == b"OPEN?\r" + OK


def test_numbers_for_words() -> None:
    hold(
        online()
        + ">> ATV0\n<<| 0\\r\n"
        + ">> AT+QMTCONN?\n<<| +QMTCONN: 0,3\\r\\n0\\r\n>> AT+QMTCONN?;+QMTOPEN?\n"
        + '<<| +QMTCONN: 0,3\\r\\n+QMTOPEN: 0,"broker.example",1883\\r\\n0\\r\n'
        + ">> AT+QMTX\n<<| 4\\r\n>> AT+QMTDISC=3\n<<| 4\\r\n"
        + '>> AT+QMTPUBEX=0,0,0,0,"a",1\n<<| \\r\\n>\\x20\n>>| x\n<<| 0\\r+QMTPUBEX: 0,0,0\\r\\n\n'
        + ">> ATV1\n<<\n<< OK\n"
    )


def test_no_result_codes() -> None:
    hold(
        online()
        + ">> ATQ1\n>> AT\n>> AT+QMTX\n>> AT+QMTCONN?\n<<\n<< +QMTCONN: 0,3\n"
        + '>> AT+QMTPUBEX=0,1,1,0,"a",1\n<<| \\r\\n>\\x20\n>>| x\nS> Publish("a", b"x", qos=1, packet_id=1)\n'
        + ok("ATQ0")
    )


def test_errors_stay_plain_whatever_cmee_says() -> None:
    for mode in (0, 1, 2):
        hold(
            BOOT
            + ok(f"AT+CMEE={mode}")
            + error("AT+QMTDISC=0", "AT+QMTCLOSE=6", 'AT+QMTCFG="version",0,9', "AT+QMTX", 'AT+QMTSUB=0,1,"a",0')
            + error('AT+QMTOPEN=0,"h', "AT+QMTOPEN", 'AT+QMTCFG="x"')
        )


def test_half_a_command_then_silence() -> None:
    module = module_on()
    module.receive(b"AT+QMTCO", 0.0)
    module.advance(86_400.0)
    assert module.data_to_send() == b""
    module.receive(b"NN?\r", 86_400.0)
    assert module.data_to_send() == OK


def test_a_urc_waits_a_second_for_the_line_that_is_typed() -> None:
    hold(
        online()
        + ">>| AT\n~~ 0.6\n>>| +\nS: closed\n~~ 0.9\n~~ 0.1\n"
        + urc("+QMTSTAT: 0,1")
        + ">>| QMTCONN?\\r\n<<\n<< OK\n"
    )
    hold(online() + ">>| AT+QMT\nS: closed\n~~ 0.9\n>>| CONN?\\r\n<<\n<< OK\n" + urc("+QMTSTAT: 0,1"))
    # what is not a command line holds nothing back
    hold(online() + ">>| noise\nS: closed\n" + urc("+QMTSTAT: 0,1"))


def test_ok_precedes_the_urc_of_the_same_command() -> None:
    hold(
        BOOT
        + ok('AT+QMTOPEN=0,"h",1;+QMTOPEN=0,"h",1;+QMTCLOSE=0')
        + urc("+QMTOPEN: 0,2", "+QMTCLOSE: 0,0")
        + "S: close\n"
        + read("AT+QMTOPEN?")
        + '>> AT+QMTOPEN=0,"h",1;+QMTOPEN=0,"h",1;+QMTDISC=0\n<<\n<< ERROR\n'
        + urc("+QMTOPEN: 0,2")
        + "S: opened\n"
        + urc("+QMTOPEN: 0,0")
    )
