"""The gateway of `examples/`: UDP on one side, a module and a broker on the other."""

import asyncio
import importlib.util
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from modemlab.lab.lab import Lab

PATH = Path(__file__).resolve().parents[2] / "examples" / "gateway" / "gateway.py"
WAIT = 60.0


@pytest.fixture(scope="module")
def gateway() -> ModuleType:
    """The program, as a module."""
    spec = importlib.util.spec_from_file_location("gateway", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("model", ["EC200S-CN", "Air724UG"])
def test_readings_go_up_and_orders_come_down(gateway: ModuleType, model: str) -> None:
    """What is no reading is passed over; an order goes to where its sensor was heard."""

    async def main(lab: Lab, sensor: socket.socket) -> bytes:
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        work = asyncio.create_task(gateway.serve(lab.port, lab.server, ("127.0.0.1", 0), ready.set_result))
        try:
            async with asyncio.timeout(WAIT):
                address = await ready
                for data in (b"nonsense", b"bad/name 1", b'boiler {"t": 61.5}'):
                    sensor.sendto(data, address)
                await asyncio.to_thread(lab.expect, topic="site/boiler", payload='{"t": 61.5}', qos=1)
                lab.publish("site/unheard/set", b"off", qos=1)
                lab.publish("site/boiler/set", b"\r\nOK\r\n", qos=1)
                return await asyncio.to_thread(sensor.recv, 100)
        finally:
            work.cancel()
            await asyncio.wait([work])

    with Lab(model, port="tcp") as lab, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sensor:
        sensor.bind(("127.0.0.1", 0))
        sensor.settimeout(WAIT)
        assert asyncio.run(main(lab, sensor)) == b"\r\nOK\r\n"
        assert lab.mistakes == []


def test_readings_that_wait_are_bounded(gateway: ModuleType) -> None:
    """The oldest are lost."""

    async def main() -> list[tuple[str, bytes]]:
        sensors = gateway.Sensors()
        for number in range(gateway.MOST_WAITING + 2):
            sensors.datagram_received(b"a %d" % number, ("127.0.0.1", 1))
        return [sensors.readings.get_nowait() for _ in range(sensors.readings.qsize())]

    waiting = asyncio.run(main())
    assert (len(waiting), waiting[0], waiting[-1]) == (100, ("a", b"2"), ("a", b"101"))


def test_its_command_line_and_its_environment(gateway: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `modemlab check` starts it, and as a person does."""
    served: list[tuple[object, ...]] = []

    async def serve(*told: object) -> None:
        served.append(told)

    monkeypatch.setattr(gateway, "serve", serve)
    for name, value in (("PORT", "/dev/pts/3"), ("MQTT_HOST", "127.0.0.1"), ("MQTT_PORT", "1884")):
        monkeypatch.setenv(f"MODEMLAB_{name}", value)
    gateway.main([])
    gateway.main(["--port", "COM3", "--host", "b.example", "--mqtt-port", "1885", "--listen", "6000"])
    assert served == [
        ("/dev/pts/3", ("127.0.0.1", 1884), ("0.0.0.0", 5005)),
        ("COM3", ("b.example", 1885), ("0.0.0.0", 6000)),
    ]


def test_its_command_line_says_what_is_missing(
    gateway: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODEMLAB_PORT", raising=False)
    with pytest.raises(SystemExit):
        gateway.main(["--host", "x.example"])
    assert "--port and --host are needed" in capsys.readouterr().err
    assert sys.modules.get("gateway") is None
