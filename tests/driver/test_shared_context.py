"""Two clients on one PDP context: the one that comes back does not take the other's link."""

import asyncio

import pytest

from modemlab.driver.modem import Event
from support.modem_desk import FaultlessLab


@pytest.mark.parametrize("seed", range(4))
def test_each_loses_its_link_once(seed: int) -> None:
    """The network drops the context; whichever client comes back second finds it renewed, with the first one on it."""
    with FaultlessLab("EC200S-CN", seed=seed) as lab:
        told: list[Event] = []

        async def main() -> None:
            async with (
                lab.modem(on_event=told.append) as modem,
                modem.mqtt("broker.example", client_id="a") as one,
                modem.mqtt("broker.example", client_id="b") as other,
            ):
                lab.perform("drop_context", cid=1)
                await asyncio.sleep(120)
                assert one.connected
                assert other.connected

        lab.run(main())
        assert sorted(str(event.client) for event in told if event.kind == "link_lost") == ["0", "1"]
