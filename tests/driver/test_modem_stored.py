"""Messages that wait in the module, as an earlier host has left it: the driver has them printed."""

import pytest

from modemlab.driver.protocol import identify
from support.modem_desk import Desk, on_desk, payload, port_of


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module's line needs no time to settle."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)


def test_luats_messages_that_wait() -> None:
    """AT+MQTTMSGSET=1 stays from one host to the next: each message is announced, and fetched."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            assert await modem.command("AT+MQTTMSGSET=1") == []
            async with desk.mqtt(modem) as client:
                await client.subscribe("a", qos=1)
                for sent in ("one", "two", "\r\nOK\r\n"):
                    await client.publish("a", sent, qos=1)
                    assert await payload(client) == sent.encode()
            assert desk.kinds() == ["connected"]

    on_desk(work, "Air724UG")


def test_messages_of_an_own_client_that_wait() -> None:
    """Of Quectel's, too: the module is asked for the message, of the client and the place that it names."""

    async def work(desk: Desk) -> None:
        told: list[bytes] = []
        passed = desk.modem(on_bytes=lambda heard, data: None if heard else told.append(data))
        async with passed as modem, desk.mqtt(modem) as client:
            port_of(desk).write(b"\r\n+QMTRECV: 0,3\r\n\r\n+QMTRECV: 5,1\r\n")
            await client.publish("a", "b", qos=1)
            assert b"AT+QMTRECV=0,3\r" in told
            assert b"AT+QMTRECV=5,1\r" not in told

    on_desk(work)
