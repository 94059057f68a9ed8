"""Serial lines that are slow: what takes its time on them is neither given up nor overdue."""

import math
from typing import Any

import pytest

from modemlab.dialect.recipes import Ask, Message, Recipe
from modemlab.dialect.registry import find_model
from modemlab.ports.host_connection import carried
from modemlab.ports.memory import MemoryPort
from support.driver_line import HostEnd

LTE, _ = find_model("EC200T-CN")
LUAT, _ = find_model("Air724UG")
MESSAGES = {
    "quectel_lte": (LTE, b'\r\n+QMTRECV: 0,0,"a/b",%d,"%b"\r\n'),
    "luat": (LUAT, b'\r\n+MSUB: "a/b",%d byte,%b\r\n'),
}
RATES = (300, 1200, 9600)


def slowly(end: HostEnd, data: bytes, baud: int) -> None:
    """It arrives a byte at a time."""
    for byte in data:
        end.wait(10 / baud)
        end.say(bytes([byte]))


@pytest.mark.parametrize("baud", RATES)
@pytest.mark.parametrize("name", MESSAGES)
def test_a_message(name: str, baud: int) -> None:
    """At 300 bit/s one of 1,500 bytes takes fifty seconds."""
    dialect, printed = MESSAGES[name]
    end = HostEnd(dialect, rate=baud / 10)
    slowly(end, printed % (1500, b"x" * 1500), baud)
    assert dialect.recipes is not None
    told: list[Any] = [dialect.recipes.hears[heard.urc](*heard.values) for heard in end.heard]
    assert [each.payload for each in told if isinstance(each, Message)] == [b"x" * 1500]
    assert end.strays == []


@pytest.mark.parametrize("baud", RATES)
def test_an_answer_behind_a_message(baud: int) -> None:
    """It comes behind what the module was just saying."""
    dialect, printed = MESSAGES["quectel_lte"]
    end = HostEnd(dialect, rate=baud / 10)

    def ask() -> Recipe:
        return (yield Ask(b"AT+CSQ"))

    end.start(ask())
    slowly(end, printed % (1500, b"x" * 1500) + b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n", baud)
    assert end.results == [[b"+CSQ: 24,99"]]


@pytest.mark.parametrize("baud", RATES)
def test_the_data_of_a_prompt(baud: int) -> None:
    """The result code has its time once they are written."""
    end = HostEnd(LTE, rate=baud / 10)

    def ask() -> Recipe:
        return (yield Ask(b'AT+QMTPUBEX=0,0,0,0,"a",1500', b"x" * 1500))

    end.start(ask())
    end.say(b"> ")
    end.wait(15000 / baud + 1.0)
    end.say(b"\r\nOK\r\n")
    assert end.results == [[]]


@pytest.mark.parametrize(
    ("port", "rate"),
    [
        ("/dev/ttyUSB2", 960.0),
        ("serial:/dev/ttyUSB2?baud=300", 30.0),
        ("rfc2217://localhost:4000", 960.0),
        ("tcp://localhost:4000", math.inf),
        (MemoryPort(lambda _data: None, lambda *_: None), math.inf),
    ],
)
def test_what_a_port_carries(port: str | MemoryPort, rate: float) -> None:
    """Bytes a second, of ten bits each; nothing is known of what stands behind TCP."""
    assert carried(port, 9600) == rate
