"""The digester on lines that are cut, delayed, interleaved with URCs, and damaged at every byte."""

from collections.abc import Iterator
from random import Random

import pytest

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import Ask, Message, Recipe
from modemlab.dialect.registry import find_model
from support.driver_line import HostEnd

LTE, _ = find_model("EC200T-CN")
NB, _ = find_model("BC35-G")
LUAT, _ = find_model("Air724UG")

# Payloads that hold what a module says.
NASTY = (b"on", b'{"on":1,"of":"a,b"}', b"\r\nOK\r\n", b'x"\r\n\r\nERROR\r\n', b"\r\n> ", b"", b"\x00\xff\x1a", b'","')


# One that a lost digit of its length does not turn into a whole message that was not sent.
ERRORS = b"\r\n\r\nERROR\r\n"


def lte(payload: bytes) -> bytes:
    return b'\r\n+QMTRECV: 0,0,"a/b",%d,"%b"\r\n' % (len(payload), payload)


def luat(payload: bytes) -> bytes:
    return b'\r\n+MSUB: "a/b",%d byte,%b\r\n' % (len(payload), payload)


def nb(payload: bytes) -> bytes:
    return b'\r\n+QMTRECV: 0,0,"a/b","%b"\r\n' % payload


# What a dialect's module says while AT+CSQ is on the line, with a message in every place that one may have.
SAID: dict[str, tuple[Dialect, list[bytes]]] = {
    "quectel_lte": (LTE, [lte(NASTY[2]), b"\r\n+CSQ: 24,99\r\n", lte(NASTY[1]), b"\r\nOK\r\n", lte(ERRORS)]),
    "luat": (LUAT, [luat(NASTY[2]), b"\r\n+CSQ: 24,99\r\n", luat(NASTY[1]), b"\r\nOK\r\n", luat(ERRORS)]),
    "quectel_nb": (NB, [nb(NASTY[1]), b"\r\n+CSQ:24,99\r\n", nb(NASTY[0]), b"\r\nOK\r\n", nb(NASTY[6])]),
}
SENT = {name: [NASTY[2], NASTY[1], ERRORS] for name in ("quectel_lte", "luat")}
SENT["quectel_nb"] = [NASTY[1], NASTY[0], NASTY[6]]


def ask() -> Recipe:
    return (yield Ask(b"AT+CSQ"))


def payloads(end: HostEnd) -> list[bytes]:
    """The messages that the host was handed."""
    recipes = end.exchange.dialect.recipes
    assert recipes is not None
    told = [recipes.hears[heard.urc](*heard.values) for heard in end.heard if heard.urc in recipes.hears]
    return [message.payload for message in told if isinstance(message, Message)]


def begun(dialect: Dialect) -> HostEnd:
    end = HostEnd(dialect)
    end.start(ask())
    assert end.sent() == b"AT+CSQ\r"
    return end


@pytest.mark.parametrize("name", SAID)
def test_cut_anywhere(name: str) -> None:
    """Two pieces, with a pause between them: the same answer, the same messages."""
    dialect, said = SAID[name]
    whole = b"".join(said)
    for cut in range(len(whole) + 1):
        end = begun(dialect)
        end.say(whole[:cut])
        end.wait(0.2)
        end.say(whole[cut:])
        assert end.results == [[said[1].strip()]], cut
        assert payloads(end) == SENT[name], cut
        assert end.strays == []


@pytest.mark.parametrize("name", ["quectel_lte", "luat"])
@pytest.mark.parametrize("payload", NASTY)
def test_payloads_that_look_like_answers(name: str, payload: bytes) -> None:
    """A payload is read by its length, byte by byte too."""
    dialect, message = (LTE, lte(payload)) if name == "quectel_lte" else (LUAT, luat(payload))
    for piece in (1, 1000):
        end = begun(dialect)
        end._piece = piece
        end.say(message)
        assert payloads(end) == [payload]
        assert end.results == []
        end.say(b"\r\nOK\r\n")
        assert end.results == [[]]


def damages(whole: bytes, rng: Random) -> Iterator[bytes]:
    """The bytes with one lost, one changed, and one too many, at every place."""
    for place in range(len(whole)):
        byte = bytes([rng.randrange(256)])
        yield whole[:place] + whole[place + 1 :]
        yield whole[:place] + byte + whole[place + 1 :]
        yield whole[:place] + byte + whole[place:]


@pytest.mark.parametrize("name", SAID)
def test_damaged_anywhere(name: str) -> None:
    """It ends in time, and what is handed out was sent: a payload with a changed byte is as long as before."""
    dialect, said = SAID[name]
    sent = SENT[name]
    for data in damages(b"".join(said), Random(1)):
        end = begun(dialect)
        end.say(data)
        end.wait(30)
        assert len(end.results) == 1, data
        assert end.exchange.idle
        assert all(any(like(payload, other, name) for other in sent) for payload in payloads(end)), (
            data,
            payloads(end),
        )
        # No answer is short of its line, unless the line itself was damaged.
        if end.results == [[]]:
            assert said[1].strip() not in data, data


def like(payload: bytes, sent: bytes, name: str) -> bool:
    """Whether that is the payload, or, as no checksum goes with it, the payload with a damaged byte."""
    if len(payload) == len(sent):
        return sum(a != b for a, b in zip(payload, sent, strict=True)) <= 1
    # Without a length one byte may be missing or added.
    return name == "quectel_nb" and abs(len(payload) - len(sent)) == 1


@pytest.mark.parametrize("payload", [b"on", b"\r\nOK\r\n", b'{"on":"a,b"}', b""])
def test_lines_without_quotes(payload: bytes) -> None:
    """As older firmwares print them: the payload is read by its length all the same."""
    end = begun(LTE)
    end.say(b"\r\n+QMTRECV: 0,0,a/b,%d,%b\r\n" % (len(payload), payload))
    end.say(b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n")
    assert payloads(end) == [payload]
    assert end.results == [[b"+CSQ: 24,99"]]
    assert end.strays == []


def test_a_message_that_does_not_go_on_is_given_up() -> None:
    """Within two seconds; what was typed next is answered."""
    end = begun(LTE)
    end.say(b'\r\n+QMTRECV: 0,0,"a",500,"half of it')
    end.wait(2.0)
    assert end.strays == [b'+QMTRECV: 0,0,"a",500,"half of it']
    end.say(b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n")
    assert end.results == [[b"+CSQ: 24,99"]]


def test_a_line_without_end_is_bounded() -> None:
    """Noise that never ends takes no memory."""
    end = begun(LTE)
    for _ in range(100):
        end.say(b"x" * 1000)
    assert len(b"".join(end.strays)) > 90_000
    end.wait(2.5)
    assert len(end.results) == 1


def test_a_length_that_cannot_be_is_no_message() -> None:
    """A message of 100 MB is noise; the next one is read."""
    end = begun(LTE)
    end.say(b'\r\n+QMTRECV: 0,0,"a",104857600,"' + b"x" * 2000 + b"\r\n")
    end.wait(0.1)
    end.say(lte(b"on"))
    assert payloads(end) == [b"on"]
