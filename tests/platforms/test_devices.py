"""Devices of clouds: where they connect and as whom; by the driver, with modules' own commands and without."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from modemlab.at.errors import ConnectionRefused, LinkLost, UsageError
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.driver.modem import Modem
from modemlab.driver.mqtt_client import Tls
from modemlab.driver.protocol import identify
from modemlab.net.connect_to import ConnectTo
from modemlab.platforms import aliyun, huawei, onenet, tencent
from modemlab.platforms.devices import (
    Access,
    Aliyun,
    Huawei,
    HuaweiProduct,
    OneNet,
    Platform,
    Tencent,
    TencentSuite,
    ThingsCloud,
)
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule

KEY = "bW9kZW1sYWIncyBvd24gdGVzdCBrZXkh"
NOON = datetime(2031, 7, 4, 12, 30, tzinfo=UTC)
ALIYUN = Aliyun("a1b2c3", "pump-7", "device's secret")
ONENET = OneNet("Ck2A", "pump-7", KEY)
HUAWEI = Huawei("5f_pump-7", "device's secret")
PRODUCT = HuaweiProduct("5f", "product's secret", "pump-7", check_time=True)
TENCENT = Tencent("X1", "pump-7", KEY, life=60)
THINGS = ThingsCloud("token", "key", "sh-1")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module needs no time to settle; its clock has that date, too."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.0)
    monkeypatch.setattr("modemlab.virtual.module.time", SimpleNamespace(time=NOON.timestamp))


@pytest.mark.parametrize(
    ("device", "tls", "wanted"),
    [
        (
            ALIYUN,
            False,
            Access(
                "a1b2c3.iot-as-mqtt.cn-shanghai.aliyuncs.com",
                1883,
                aliyun.credentials("a1b2c3.pump-7", "pump-7", "a1b2c3", "device's secret"),
            ),
        ),
        (
            ALIYUN._replace(instance="iot-0abc", client_id="me"),
            True,
            Access(
                "iot-0abc.mqtt.iothub.aliyuncs.com",
                1883,
                aliyun.credentials("me", "pump-7", "a1b2c3", "device's secret", securemode=aliyun.TLS),
            ),
        ),
        (ONENET, False, Access("mqtts.heclouds.com", 1883, onenet.credentials("Ck2A", "pump-7", KEY))),
        (
            ONENET._replace(by_device=True),
            True,
            Access(
                "mqttstls.heclouds.com",
                8883,
                onenet.credentials("Ck2A", "pump-7", KEY, res="products/Ck2A/devices/pump-7"),
            ),
        ),
        (
            HUAWEI._replace(host="x.example"),
            True,
            Access("x.example", 8883, huawei.credentials("5f_pump-7", "device's secret", NOON)),
        ),
        (
            PRODUCT,
            False,
            Access(
                "iot-mqtts.cn-north-4.myhuaweicloud.com",
                1883,
                huawei.product_credentials("5f", "product's secret", "pump-7", NOON, sign_type=1),
            ),
        ),
        (
            TENCENT,
            False,
            Access(
                "X1.iotcloud.tencentdevices.com", 1883, tencent.credentials("X1", "pump-7", KEY, "0573f", 1940934660)
            ),
        ),
        (THINGS, True, Access("sh-1-mqtt.iot-api.com", 8883, ("thingscloud", "token", "key"))),  # type: ignore[arg-type]
        (TencentSuite("iot-1", "pump-7", "s"), False, Access("iot-1.ap-guangzhou.mqtt.tencentcloudmq.com", 1883, None)),
    ],
)
def test_access(device: Platform, tls: bool, wanted: Access) -> None:
    """Host, port and credentials; what modules' own commands take stands in the next tests."""
    assert device.access(NOON, tls)._replace(own=None) == wanted


def opened(module: VirtualModule, passed: Callable[[bool, bytes], None] | None = None) -> Modem:
    """The host of a module, on that day."""
    port = module.ports[0]
    assert isinstance(port, MemoryPort)
    return Modem.open(port, dialect=module.module.dialect, date=lambda: NOON, on_bytes=passed)


async def connected(
    model: str,
    device: Platform,
    users: dict[str, str] | None = None,
    setup: tuple[str, ...] = (),
    passed: Callable[[bool, bytes], None] | None = None,
    connect_timeout: float = 30.0,
) -> list[str]:
    """Connect as that device and publish; the broker's log."""
    log: list[str] = []
    broker = Broker(users=users, log=log.append)
    rules = [ConnectTo("", 1883, *await broker.start())]
    try:
        async with (
            VirtualModule(*find_model(model), ports=[MemoryPort], connect_to=rules) as module,
            opened(module, passed) as modem,
        ):
            for line in setup:
                await modem.command(line)
            async with modem.mqtt(platform=device, connect_timeout=connect_timeout) as client:
                await client.publish("a", "b", qos=1)
    finally:
        await broker.close()
    return log


def driven(
    model: str, device: Platform, users: dict[str, str] | None = None, setup: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """Connect as that device; the command lines that the host sent, and the broker's log."""
    sent = bytearray()

    def passed(heard: bool, data: bytes) -> None:
        if not heard:
            sent.extend(data)

    log = asyncio.run(connected(model, device, users, setup, passed))
    return sent.decode().split("\r"), log


@pytest.mark.parametrize(
    ("model", "device", "own"),
    [
        ("EC200S-CN", ALIYUN, 'AT+QMTCFG="aliauth",0,"a1b2c3","pump-7","device\'s secret"'),
        ("EC200S-CN", ONENET, f'AT+QMTCFG="onenet",0,"Ck2A","{KEY}"'),
        ("EC200S-CN", HUAWEI, 'AT+QMTCFG="hwauth",0,"5f_pump-7","device\'s secret"'),
        ("EC200S-CN", PRODUCT, 'AT+QMTCFG="hwprodid",0,"5f","product\'s secret","pump-7",1'),
        ("EC200S-CN", TENCENT, ""),
        ("EC200S-CN", THINGS, ""),
        ("BC35-G", ALIYUN, 'AT+QMTCFG="aliauth",0,"a1b2c3","pump-7","device\'s secret"'),
        ("BC35-G", ONENET, ""),
        ("Air724UG", ALIYUN, ""),
        ("Air724UG", HUAWEI, ""),
    ],
)
def test_a_module_connects_as_a_device(model: str, device: Platform, own: str) -> None:
    """By its own command where it has one; what the server is shown is the same either way."""
    access = device.access(NOON, False)
    assert access.credentials is not None
    client_id, username, password = access.credentials
    lines, log = driven(model, device, users={username: password})
    assert any(line.startswith(f"{client_id!r} connected (MQTT 3.1.1") for line in log)
    assert (own in lines) if own else not any("auth" in line or "onenet" in line for line in lines)
    assert any(password in line for line in lines) == (not own)
    assert any(f'"{access.host}",{access.port}' in line for line in lines)


def test_a_command_that_another_device_was_set_by_is_not_used() -> None:
    """Nothing unsets it, so the credentials are made here."""
    made = ALIYUN.access(NOON, False).credentials
    assert made is not None
    setup = (f'AT+QMTCFG="onenet",0,"Ck2A","{KEY}"',)
    lines, _ = driven("EC200S-CN", ALIYUN, setup=setup, users={made.username: made.password})
    assert not any("aliauth" in line and "secret" in line for line in lines)
    assert any(made.password in line for line in lines)


async def fetched(given: bytes, connect_timeout: float = 30.0) -> list[str]:
    """Connect a BC35-G as a device of a service that answers so; the broker's log."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + given)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
        return await connected(
            "BC35-G",
            TencentSuite("iot-1", "pump-7", "secret", url),
            {"user7": "pass7"},
            connect_timeout=connect_timeout,
        )


def test_a_module_fetches_its_password() -> None:
    """From a service of IoT Suite's kind, for which BC35-G has a command."""
    log = asyncio.run(fetched(b'{"returnCode":0,"data":{"id":"user7","secret":"pass7"}}'))
    assert "'iot-1@pump-7' connected (MQTT 3.1.1, keep alive 60 s)" in log
    with pytest.raises(LinkLost, match="QMTTENAUTH: 5, the answer could not be read; check address, user name, "):
        asyncio.run(fetched(b'{"returnCode":2}', connect_timeout=0.0))


@pytest.mark.parametrize(
    ("model", "device", "reason"),
    [
        ("EC200S-CN", TENCENT._replace(key="-"), "the pre-shared key is not base64"),
        ("Air724UG", ALIYUN._replace(region="x" * 300), "AT+MIPSTART: <svraddr> "),
        ("EC200S-CN", TencentSuite("iot-1", "d", "s"), "tencent suite can only be reached by a command that this modu"),
        ("Air724UG", TencentSuite("iot-1", "d", "s"), "tencent suite can only be reached by a command that this modul"),
    ],
)
def test_a_device_that_cannot_be_used(model: str, device: Platform, reason: str) -> None:
    """Is told so before anything is opened."""
    with pytest.raises(UsageError) as told:
        driven(model, device)
    assert str(told.value).startswith(reason)


def test_a_refusal_is_an_error() -> None:
    """As with any other credentials."""
    with pytest.raises(ConnectionRefused):
        driven("EC200S-CN", THINGS, users={"token": "another key"})


@pytest.mark.parametrize(
    ("host", "options", "reason"),
    [
        ("", {}, "a server is needed: its host, or a platform's device"),
        ("", {"platform": THINGS, "client_id": "x"}, "a platform's device has its own client id, user name and"),
        ("x", {"platform": THINGS, "password": "x"}, "a platform's device has its own client id, user name and"),
        ("x", {"tls": Tls(ca=b"?")}, "the bytes: no certificate and no key in PEM"),
    ],
)
def test_what_does_not_go_together(host: str, options: dict[str, Any], reason: str) -> None:
    """Is told as the client is made."""

    async def main() -> None:
        async with VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort]) as module, opened(module) as modem:
            with pytest.raises(UsageError, match=reason):
                modem.mqtt(host, **options)

    asyncio.run(main())
