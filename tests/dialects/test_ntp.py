"""Simple network time (RFC 4330), by bytes written by hand and by packets that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab import ntp

# 2019-09-09, 01:32:42 UTC: 1,567,992,762 seconds since 1970, 0xE1202A3A since 1900, and half a second.
TIME = 1_567_992_762.5
STAMP = bytes.fromhex("e1202a3a80000000")
REQUEST = b"\x23" + bytes(39) + STAMP


def reply(first: int = 0x24, stratum: int = 2, originate: bytes = STAMP, sent: bytes = STAMP) -> bytes:
    """A server's packet."""
    return bytes((first, stratum, 0, 0)) + bytes(20) + originate + STAMP + sent


def test_a_request() -> None:
    assert ntp.request(TIME) == REQUEST


def test_an_answer() -> None:
    asked = REQUEST[:2] + b"\x06" + REQUEST[3:]
    assert ntp.answer(asked, TIME + 1.25) == (
        b"\x24\x01\x06\xec" + bytes(8) + b"LOCL" + (at := bytes.fromhex("e1202a3bc0000000")) + STAMP + at + at
    )


def test_what_is_read() -> None:
    assert ntp.read(reply(), REQUEST) == ntp.Reply(TIME)
    assert ntp.read(reply(stratum=0), REQUEST) == ntp.Reply(None)
    assert ntp.read(reply() + b"authenticated", REQUEST) == ntp.Reply(TIME)
    assert ntp.read(reply(first=0x1C), REQUEST) == ntp.Reply(TIME), "of version 3"


def test_the_field_begins_anew_in_2036() -> None:
    """RFC 4330, 3: with the first bit clear it counts from 2036-02-07, 06:28:16."""
    assert ntp.read(reply(sent=b"\x00\x00\x00\x01" + bytes(4)), REQUEST) == ntp.Reply(2_085_978_497.0)
    assert ntp.stamp(2_085_978_496.0) == (0, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        reply()[:-1],
        REQUEST,
        reply(first=0x25),
        reply(first=0xE4),
        reply(stratum=16),
        reply(originate=bytes(8)),
        reply(sent=bytes(8)),
    ],
)
def test_what_answers_nothing(data: bytes) -> None:
    assert ntp.read(data, REQUEST) is None


@pytest.mark.parametrize("data", [b"", REQUEST[:-1], reply(), b"\x00" + REQUEST[1:]])
def test_what_asks_nothing(data: bytes) -> None:
    assert ntp.answer(data, TIME) is None


@given(st.floats(-2e9, 2e9), st.floats(0, 4e9))
def test_a_server_is_understood(asked_at: float, time: float) -> None:
    """Whatever both clocks say, to the microsecond."""
    asked = ntp.request(asked_at)
    answer = ntp.answer(asked, time)
    assert answer is not None
    read = ntp.read(answer, asked)
    assert read is not None
    assert read.time == pytest.approx(time, abs=1e-6)


@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    ntp.read(data, REQUEST)
    ntp.answer(data, TIME)
