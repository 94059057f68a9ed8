"""A host that was held up: what a port's own thread hands over only then is none the worse for it."""

import asyncio
import threading
import time

import pytest

from modemlab.driver.protocol import digester, identify
from support.modem_desk import Desk, on_desk, payload, port_of


def test_a_message_that_was_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it came ahead, the other half comes just behind."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)
    monkeypatch.setattr(digester, "STALE_LINE_S", 0.1)

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem, desk.mqtt(modem) as client:
            loop, port = asyncio.get_running_loop(), port_of(desk)
            port.write(b'\r\n+QMTRECV: 0,0,"a",4,"wh')
            await asyncio.sleep(0.01)
            late = threading.Timer(0.53, loop.call_soon_threadsafe, (port.write, b'at"\r\n'))
            late.start()
            time.sleep(0.5)
            assert await asyncio.wait_for(payload(client), 5) == b"what"
            assert "unexpected_bytes" not in desk.kinds()

    on_desk(work)
