"""A link that ends while a result is owed: nobody waits for it, whatever comes next and however late."""

import asyncio

import pytest

from modemlab.at.errors import LinkLost
from support.modem_desk import FaultlessLab

MODELS = ["EC200S-CN", "BC35-G", "Air724UG"]
LOST = [{"packet": name, "action": "drop", "times": 0} for name in ("PUBACK", "SUBACK")]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize("packet", ["PUBLISH", "SUBSCRIBE"])
def test_without_another_attempt(model: str, how: str, packet: str) -> None:
    """The caller has the error at once; the module's host is silent from then on."""
    with FaultlessLab(model) as lab:
        lab.perform("faults", faults=LOST)

        async def main() -> None:
            async with lab.modem() as modem, modem.mqtt("broker.example", reconnect=False) as client:
                asyncio.get_running_loop().call_later(1, lambda: lab.perform("disconnect", how=how))
                with pytest.raises(LinkLost):
                    await (client.publish("a", "b", qos=1) if packet == "PUBLISH" else client.subscribe("a"))
                await asyncio.sleep(60)

        lab.run(main())


@pytest.mark.parametrize("model", MODELS)
def test_with_pauses_that_grow(model: str) -> None:
    """Each link ends while a message is on its way, so that the pauses get longer than 5 s."""
    with FaultlessLab(model) as lab:
        lab.perform("faults", faults=LOST)

        async def main() -> None:
            async with lab.modem() as modem, modem.mqtt("broker.example") as client:
                publishing = asyncio.create_task(client.publish("a", "b", qos=1))
                for _ in range(7):
                    while not client.connected:
                        await asyncio.sleep(0.1)
                    await asyncio.sleep(0.3)
                    lab.perform("disconnect", how="reset")
                lab.perform("faults", faults=[])
                await publishing

        lab.run(main())
        assert lab.now > 30
