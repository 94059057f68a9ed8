"""A port that comes back with another module on it: one of the family is driven on, one of another is told of."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from modemlab import Modem
from modemlab.at.errors import LineError
from modemlab.driver.modem import Event
from modemlab.lab.lab import Lab


def exchanged(path: Path, model: str, then: Callable[[Modem], Awaitable[None]]) -> None:
    """Open an EC200S-CN at that path, put another model there, and do that once it is found."""

    async def main() -> None:
        told: list[Event] = []
        with Lab("EC200S-CN", port="pty") as first:
            path.symlink_to(first.port)
            async with asyncio.timeout(60), Modem.open(path, on_event=told.append, reopen_timeout=60) as modem:
                await asyncio.to_thread(first.close)
                path.unlink()
                with Lab(model, port="pty") as second:
                    path.symlink_to(second.port)
                    while not any(event.kind == "port_lost" for event in told):
                        await asyncio.sleep(0.01)
                    await then(modem)

    asyncio.run(main())


def test_one_of_the_family(tmp_path: Path) -> None:
    """Its name is the modem's from then on."""

    async def then(modem: Modem) -> None:
        assert await modem.command("AT+CGMM") == ["EC600NCN"]
        assert modem.model is not None
        assert modem.model.name == "EC600N-CN"

    exchanged(tmp_path / "ttyLTE", "EC600N-CN", then)


@pytest.mark.parametrize("model", ["Air724UG", "BC35-G"])
def test_one_of_another_family(model: str, tmp_path: Path) -> None:
    """It would be driven by what it does not speak."""
    path = tmp_path / "ttyLTE"

    async def then(modem: Modem) -> None:
        for _ in range(2):
            with pytest.raises(LineError) as caught:
                await modem.command("AT+CSQ")
            assert str(caught.value) == f"{path}: a different module is connected now ({model}): open the port again"

    exchanged(path, model, then)
