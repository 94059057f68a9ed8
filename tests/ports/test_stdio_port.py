"""The port on stdin and stdout, alone: a line that is full holds its host up."""

import asyncio
import os
from random import Random

import pytest

from modemlab.ports import stdio
from modemlab.ports.blocking_io import CHUNK_BYTES
from modemlab.ports.blocking_io import MAX_CHUNKS_AHEAD as CHUNKS
from modemlab.ports.pacing import Uart
from modemlab.ports.uart_port import PAUSE_READING_BYTES, UartPort


def test_a_host_is_held_up_by_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what waits in its pipe no more is taken than the line has room for, until there is room again."""
    ours, host = os.pipe()
    nobody = os.open(os.devnull, os.O_WRONLY)
    monkeypatch.setattr(stdio, "STDIN", ours)
    monkeypatch.setattr(stdio, "STDOUT", nobody)
    os.set_blocking(host, False)
    heard = bytearray()

    def fill() -> int:
        try:
            return os.write(host, b"x" * CHUNK_BYTES)
        except BlockingIOError:
            return 0

    async def main() -> None:
        port = UartPort(stdio.StdioPort, Uart(baud=50), Random(0), print, heard.extend, lambda _: None)
        await port.open()
        sent, idle = 0, 0
        while idle < 5:
            more = fill()
            sent += more
            idle = 0 if more else idle + 1
            await asyncio.sleep(0 if more else 0.01)
        assert PAUSE_READING_BYTES < port.wire.coming <= PAUSE_READING_BYTES + (CHUNKS + 2) * CHUNK_BYTES
        port.wire.deliver_all()
        port._follow()
        while len(heard) + port.wire.coming < sent - PAUSE_READING_BYTES:
            port.wire.deliver_all()
            port._follow()
            await asyncio.sleep(0.001)
        os.close(host)
        while port.taken:
            port.wire.deliver_all()
            port._follow()
            await asyncio.sleep(0.001)
        assert len(heard) == sent
        port.close()

    asyncio.run(asyncio.wait_for(main(), 60))
    os.close(ours)
    os.close(nobody)
