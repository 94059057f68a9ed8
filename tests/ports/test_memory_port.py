"""A port in memory: order, and no end called from within itself."""

import asyncio

from modemlab.ports.memory import MemoryPort
from modemlab.ports.port import Port


def test_order_and_take_over() -> None:
    """What is said while an answer is under way comes after it, without recursion."""
    log: list[str] = []

    def received(data: bytes) -> None:
        log.append(f"in {data!r}")
        port.write(data.upper())
        log.append(f"done {data!r}")

    def changed(_port: Port) -> None:
        log.append(f"taken {port.taken}")

    def heard(data: bytes) -> None:
        log.append(f"out {data!r}")
        if data == b"A":
            port.host_send(b"b")

    port = MemoryPort(received, changed)
    asyncio.run(port.open())
    port.host_send(b"nobody")
    port.write(b"nobody")
    port.attach(heard)
    port.host_send(b"a")
    port.detach()
    port.host_send(b"c")
    port.attach(heard)
    port.close()
    port.host_send(b"d")
    assert log == [
        *("taken True", "in b'a'", "out b'A'", "done b'a'", "in b'b'", "out b'B'", "done b'b'"),
        *("taken False", "taken True"),
    ]


def test_a_long_conversation_does_not_recurse() -> None:
    """Ten thousand answers, each asked for from within the one before."""
    count = 0

    def heard(_data: bytes) -> None:
        nonlocal count
        count += 1
        if count < 10_000:
            port.host_send(b"x")

    def received(data: bytes) -> None:
        port.write(data)

    port = MemoryPort(received, lambda _port: None)
    port.attach(heard)
    port.host_send(b"x")
    assert count == 10_000
