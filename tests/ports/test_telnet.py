"""Telnet by its bytes: what is data, what is agreed, and that nothing grows without bound."""

import pytest

from modemlab.ports.telnet import MAX_SUBNEGOTIATION_BYTES, Telnet, escape

OPENING = bytes.fromhex("fffb00 fffd00 fffb01 fffb03 fffd2c")


def made() -> tuple[Telnet, bytearray, list[tuple[int, bytes]]]:
    """A connection that has said its opening, the data and the subnegotiations that it is handed."""
    data = bytearray()
    heard: list[tuple[int, bytes]] = []
    telnet = Telnet(data.extend, lambda option, value: heard.append((option, value)))
    assert bytes(telnet.out) == OPENING
    telnet.out.clear()
    return telnet, data, heard


def test_order() -> None:
    """What stands around a subnegotiation comes before and after it."""
    order: list[object] = []
    telnet = Telnet(order.append, lambda option, value: order.append((option, value)))
    telnet.receive(b"\xff\xfb\x00A\xff\xffB\xff\xfa\x2cx\xff\xf0\xff\xfa\x2cy\xff\xf0C")
    telnet.receive(b"D")
    assert order == [b"A\xffB", (44, b"x"), (44, b"y"), b"C", b"D"]


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
@pytest.mark.parametrize(
    ("came", "data", "said", "heard"),
    [
        (b"AT\r", b"AT\r", "", []),
        (b"A\xff\xffT", b"A\xffT", "", []),
        (b"AT\r\0AT\r\n\0", b"AT\rAT\r\n\0", "", []),
        (b"\xff\xfb\x00\r\0", b"\r\0", "", []),
        (b"\xff\xfb\x00\xff\xfc\x00\r\0", b"\r", "fffe00", []),
        (b"\xff\xfd\x01\xff\xfd\x03\xff\xfd\x00", b"", "", []),
        (b"\xff\xfe\x01\xff\xfe\x01", b"", "fffc01", []),
        (b"\xff\xfd\x2c\xff\xfb\x2c", b"", "fffb2c", []),
        (b"\xff\xfb\x18\xff\xfd\x18\xff\xfb\x18", b"", "fffe18 fffc18", []),
        (b"\xff\xfb\x01", b"", "fffe01", []),
        (b"\xff\xf1A\xff\xf6T", b"AT", "", []),
        (b"A\xff\xfa\x2c\x01\0\0\x25\x80\xff\xf0T", b"AT", "", [(44, b"\x01\0\0\x25\x80")]),
        (b"\xff\xfa\x2c\x0b\xff\xff\xff\xf0", b"", "", [(44, b"\x0b\xff")]),
        (b"\xff\xfa\xff\xf0\xff\xf0A", b"A", "", []),
        (b"\xff\xfa\x2cx\xff\xfa\x2cy\xff\xf0", b"", "", [(44, b"y")]),
        (b"\xff\xfa\x2c" + b"x" * MAX_SUBNEGOTIATION_BYTES + b"\xff\xf0A", b"A", "", []),
    ],
)
def test_bytes(came: bytes, data: bytes, said: str, heard: list[tuple[int, bytes]], piece: int) -> None:
    """Data, replies and subnegotiations, whole and in pieces."""
    telnet, found, subnegotiations = made()
    size = piece or len(came)
    for at in range(0, len(came), size):
        telnet.receive(came[at : at + size])
    assert found == data
    assert bytes(telnet.out) == bytes.fromhex(said)
    assert subnegotiations == heard


def test_what_never_ends_is_bounded() -> None:
    """A subnegotiation without an end keeps no more than its limit, and commands without an end make few replies."""
    telnet, _, heard = made()
    telnet.receive(b"\xff\xfa\x2c")
    for _ in range(100):
        telnet.receive(b"x" * 65536 + b"\xff\xff")
    assert telnet._sub is not None
    assert len(telnet._sub) <= 2 * MAX_SUBNEGOTIATION_BYTES + 2
    telnet.receive(b"\xff\xf0")
    assert heard == []
    telnet.receive(b"\xff\xfd\x2c\xff\xfb\x63" * 100_000)
    assert len(telnet.out) == 6


def test_escape_and_send() -> None:
    """What is sent doubles each IAC."""
    assert escape(b"a\xffb") == b"a\xff\xffb"
    telnet, _, _ = made()
    telnet.send(44, b"\x6f\xff")
    assert bytes(telnet.out) == b"\xff\xfa\x2c\x6f\xff\xff\xff\xf0"
