"""Credentials that are signed with the time, or fetched, are made anew for each link."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from modemlab.at.errors import ConnectionRefused
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.driver.modem import Event, Modem
from modemlab.driver.protocol import identify
from modemlab.net.conditions import ConnectionDisruption
from modemlab.net.connect_to import ConnectTo
from modemlab.platforms import huawei, tencent
from modemlab.platforms.devices import Aliyun, Huawei, HuaweiProduct, Platform, Tencent, TencentSuite
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule

KEY = "bW9kZW1sYWIncyBvd24gdGVzdCBrZXkh"
NOON = datetime(2031, 7, 4, 12, 30, tzinfo=UTC)
LATER = NOON + timedelta(hours=5)


class Desk:
    """A module, a broker that knows some passwords, and the days and hours of both ends."""

    def __init__(self, users: dict[str, str] | None) -> None:
        self.date = NOON
        self.users = users
        self.log: list[str] = []
        self.sent = bytearray()
        self.events: list[Event] = []

    def passed(self, heard: bool, data: bytes) -> None:
        if not heard:
            self.sent += data

    async def links(self, model: str, device: Platform, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Connect, lose the link five hours later, and connect again; the command lines of each link."""
        monkeypatch.setattr(identify, "SETTLE_S", 0.0)

        def seconds() -> float:
            return self.date.timestamp()

        monkeypatch.setattr("modemlab.virtual.module.time", SimpleNamespace(time=seconds))
        broker = Broker(users=self.users, log=self.log.append)
        rules = [ConnectTo("", 1883, *await broker.start())]
        try:
            async with VirtualModule(*find_model(model), ports=[MemoryPort], connect_to=rules) as module:
                port = module.ports[0]
                assert isinstance(port, MemoryPort)
                modem = Modem.open(port, date=lambda: self.date, on_bytes=self.passed, on_event=self.events.append)
                async with modem, modem.mqtt(platform=device, retry_delay=lambda *_: 0.0) as client:
                    first = self.sent.decode()
                    self.sent.clear()
                    self.date = LATER
                    module.network.disconnect(ConnectionDisruption("reset"))
                    await client.publish("a", "b", qos=1)
                    return [first, self.sent.decode()]
        finally:
            await broker.close()


def links(
    model: str, device: Platform, monkeypatch: pytest.MonkeyPatch, users: dict[str, str] | None = None
) -> tuple[list[str], Desk]:
    """The command lines of two links, five hours apart."""
    desk = Desk(users)
    return asyncio.run(asyncio.wait_for(desk.links(model, device, monkeypatch), 10)), desk


def tencents(now: datetime) -> str:
    expiry = int(now.timestamp()) + 60
    return tencent.credentials("X1", "pump-7", KEY, f"{expiry % 0xFFFFF:05x}", expiry).password


def huaweis(now: datetime) -> str:
    return huawei.credentials("5f_pump-7", "secret", now, sign_type=1).password


def products(now: datetime) -> str:
    return huawei.product_credentials("5f", "secret", "pump-7", now, sign_type=1).password


@pytest.mark.parametrize("model", ["EC200S-CN", "BC35-G", "Air724UG"])
@pytest.mark.parametrize(
    ("device", "made"),
    [
        (Tencent("X1", "pump-7", KEY, life=60), tencents),
        (Huawei("5f_pump-7", "secret", check_time=True), huaweis),
        (HuaweiProduct("5f", "secret", "pump-7", check_time=True), products),
    ],
    ids=["tencent", "huawei", "huawei product"],
)
def test_passwords_that_are_signed_with_the_time(
    model: str, device: Platform, made: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each link has its own, by the host's date or, where the module signs, by the module's."""
    assert callable(made)
    then, now = made(NOON), made(LATER)
    assert then != now
    (first, second), desk = links(model, device, monkeypatch)
    own = model == "EC200S-CN" and not isinstance(device, Tencent)
    assert (then in first, now in second) == (not own, not own)
    assert now not in first
    assert then not in second
    if own:
        option = "hwauth" if isinstance(device, Huawei) else "hwprodid"
        assert f'AT+QMTCFG="{option}",0,' in second
    assert [event.kind for event in desk.events][-1] == "connected"


def test_a_server_that_holds_the_hour_against_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose clock stands knows the first link's password alone, and is shown another on the second."""
    device = HuaweiProduct("5f", "secret", "pump-7", check_time=True)
    credentials = device.access(NOON, False).credentials
    assert credentials is not None
    users = {credentials.username: credentials.password}
    with pytest.raises(ConnectionRefused):
        links("BC35-G", device, monkeypatch, users)


def test_a_password_without_a_time_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aliyun's is signed without one."""
    (first, second), _ = links("Air724UG", Aliyun("a1b2c3", "pump-7", "secret"), monkeypatch)
    configured = [line for line in first.split("\r") if line.startswith("AT+MCONFIG=")]
    assert configured
    assert configured == [line for line in second.split("\r") if line.startswith("AT+MCONFIG=")]


def test_a_password_that_the_module_fetches(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the service, for each link."""
    served = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        served += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        writer.write(b'{"returnCode":0,"data":{"id":"user","secret":"pass%d"}}' % served)
        writer.close()

    async def main() -> list[str]:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
            desk = Desk(None)
            return await desk.links("BC35-G", TencentSuite("iot-1", "pump-7", "secret", url), monkeypatch)

    _, second = asyncio.run(asyncio.wait_for(main(), 10))
    assert served == 2
    assert 'AT+QMTTENAUTH="iot-1"' in second
