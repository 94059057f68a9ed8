"""Noise that looks like a message which is still to come: it does not swallow what the module says from then on."""

from typing import Any

import pytest

from modemlab.at.errors import TimeoutExpired
from modemlab.dialect.recipes import Ask, Message, Recipe
from modemlab.dialect.registry import find_model
from support.driver_line import HostEnd

LTE, _ = find_model("EC200T-CN")
LUAT, _ = find_model("Air724UG")


def lte(payload: bytes) -> bytes:
    return b'\r\n+QMTRECV: 0,0,"a/b",%d,"%b"\r\n' % (len(payload), payload)


def luat(payload: bytes) -> bytes:
    return b'\r\n+MSUB: "a/b",%d byte,%b\r\n' % (len(payload), payload)


LINES: dict[str, tuple[Any, Any, bytes, bytes]] = {
    "quectel_lte": (LTE, lte, b'\r\n+QMTRECV: 0,0,"a/b",%d,"', b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n"),
    "luat": (LUAT, luat, b'\r\n+MSUB: "a/b",%d byte,', b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n"),
}
# What a dialect has at most (Luat AT manual V1.6.3, 16.4), and what any module of these can have.
LONGEST = {"quectel_lte": 65536, "luat": 4100}


def ask() -> Recipe:
    return (yield Ask(b"AT+CSQ"))


def messages(end: HostEnd) -> list[bytes]:
    recipes = end.exchange.dialect.recipes
    assert recipes is not None
    told = [recipes.hears[heard.urc](*heard.values) for heard in end.heard if heard.urc in recipes.hears]
    return [message.payload for message in told if isinstance(message, Message)]


@pytest.mark.parametrize("name", LINES)
def test_no_longer_message_than_the_dialect_has(name: str) -> None:
    """One more byte is noise at once: what is said next, after a moment, is read."""
    dialect, message, head, answer = LINES[name]
    for length in (LONGEST[name] + 1, 1 << 20, 268_435_455, 9_999_999_999):
        end = HostEnd(dialect)
        end.say(head % length)
        end.say(b"\r\n")
        end.wait(0.1)
        end.start(ask())
        end.say(answer)
        assert end.results == [[b"+CSQ: 24,99"]], length
        end.say(message(b"on"))
        assert messages(end) == [b"on"]


@pytest.mark.parametrize("name", LINES)
def test_the_longest_message_is_read(name: str) -> None:
    """In pieces of what a serial line has at 115,200 bit/s in 10 ms, too."""
    dialect, message, _, _ = LINES[name]
    payload = bytes(n * n % 256 for n in range(LONGEST[name]))
    end = HostEnd(dialect)
    data = message(payload)
    for start in range(0, len(data), 115):
        end.say(data[start : start + 115])
        end.wait(0.01)
    assert messages(end) == [payload]
    assert end.strays == []


@pytest.mark.parametrize("name", LINES)
def test_a_slow_line(name: str) -> None:
    """A message of 1,000 bytes at 2,400 bit/s takes four seconds, and is read."""
    dialect, message, _, _ = LINES[name]
    end = HostEnd(dialect)
    for byte in message(b"x" * 1000):
        end.say(bytes([byte]))
        end.wait(1 / 240)
    assert messages(end) == [b"x" * 1000]


@pytest.mark.parametrize("name", LINES)
def test_a_gap_gives_it_up(name: str) -> None:
    """The command that was answered meanwhile is told so in its time; the next one is answered."""
    dialect, message, head, answer = LINES[name]
    end = HostEnd(dialect)
    end.say(head % LONGEST[name])
    end.start(ask())
    assert end.sent() == b"AT+CSQ\r"
    end.say(answer)
    assert end.results == []
    end.wait(1.0)
    assert b"".join(end.strays).startswith((head % LONGEST[name]).lstrip())
    # The answer is gone with it; what is said behind the gap is not.
    end.say(message(b"on"))
    assert messages(end) == [b"on"]
    end.wait(1.5 if dialect is LTE else 10.2)
    assert [type(result) for result in end.results] == [TimeoutExpired]
    assert end.sent() == b"AT+CMEE?\r"
    end.say(b"\r\n+CMEE: 1\r\n\r\nOK\r\n")
    end.start(ask())
    assert end.sent() == b"AT+CSQ\r"
    end.say(answer)
    assert end.results[1:] == [[b"+CSQ: 24,99"]]


@pytest.mark.parametrize("name", LINES)
def test_a_busy_line_gives_it_up_too(name: str) -> None:
    """Messages come every half second, so that there is no gap: what arrives too slowly to be one message is none."""
    dialect, message, head, _ = LINES[name]
    end = HostEnd(dialect)
    end.say(head % LONGEST[name])
    for number in range(40):
        end.wait(0.5)
        end.say(message(b"%d" % number))
    assert messages(end)[-30:] == [b"%d" % number for number in range(10, 40)]
    assert messages(end) == sorted(messages(end), key=int)
    assert end.strays != []


def test_a_host_that_did_not_look() -> None:
    """Bytes that waited for it are no slow ones, and no gap: the message is read."""
    end = HostEnd(LTE)
    whole = lte(b"x" * 500)
    end.say(whole[:40])
    # The event loop was held up: what is there is read ahead of what is due.
    end.now += 30.0
    end.say(whole[40:100])
    end.exchange.advance(end.now)
    end.wait(0.3)
    end.say(whole[100:])
    assert messages(end) == [b"x" * 500]
    assert end.strays == []
