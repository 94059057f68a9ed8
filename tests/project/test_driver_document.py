"""docs/driver.md: its examples run as printed, but for the port and the broker; its table is the recipes' own."""

import asyncio
import re
from pathlib import Path

import modemlab
from modemlab.at import errors
from modemlab.at.errors import Remedy
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.dialects.qmt.recipes import REMEDIES
from modemlab.driver.modem import Modem
from modemlab.driver.mqtt_client import Client
from modemlab.virtual.module import VirtualModule

TEXT = (Path(__file__).parents[2] / "docs" / "driver.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
WORDS = {
    "open again": Remedy.REOPEN,
    "deactivate and activate the PDP context (attach again on BC35-G), then open again": Remedy.RENEW_PDP,
    "set up from the start, and open again": Remedy.REBUILD,
    "nothing: the host asked for it": Remedy.NOTHING,
}


def test_the_remedies_are_those_of_the_recipes() -> None:
    """Code by code."""
    rows = re.findall(r"^\| ([0-9, ]+) \| (.+) \|$", TEXT, re.MULTILINE)
    assert {int(code): WORDS[words] for codes, words in rows for code in codes.split(",")} == REMEDIES


def test_the_errors_are_those_there_are() -> None:
    """Each has a row."""
    rows = re.findall(r"^\| `([A-Z]\w+)` \|", TEXT, re.MULTILINE)
    named = {n for n, each in vars(errors).items() if isinstance(each, type) and issubclass(each, errors.ModemError)}
    assert set(rows) == named - {"ModemError"}
    assert named | {"Remedy"} <= set(modemlab.__all__)
    assert all(getattr(modemlab, name) is getattr(errors, name) for name in named)


def run(code: str, port: str, broker: tuple[str, int]) -> None:
    """An example as a program, until the first message that it prints."""
    printed: list[tuple[str, bytes]] = []

    def show(topic: str, payload: bytes) -> None:
        printed.append((topic, payload))
        raise EOFError

    text = code.replace("/dev/ttyUSB2", port).replace('"broker.example", 1883', f'"{broker[0]}", {broker[1]}')
    assert text != code
    try:
        exec(compile(text, "docs/driver.md", "exec"), {"__name__": "example", "print": show})
    except EOFError:
        assert printed == [("pump/7/set", b"on")]


def test_the_examples_run() -> None:
    """Both say what they are to, and hear what another client tells them."""

    async def main() -> None:
        broker = Broker()
        place = await broker.start()
        async with (
            VirtualModule(*find_model("EC200T"), ports=["tcp://127.0.0.1:0"]) as pump,
            VirtualModule(*find_model("Air724UG"), ports=["tcp://127.0.0.1:0"]) as other,
            Modem.open(other.urls[0]) as modem,
            modem.mqtt(*place) as client,
        ):
            await client.subscribe("pump/7/state")
            running = asyncio.create_task(asyncio.to_thread(run, EXAMPLES[0], pump.urls[0], place))
            assert await heard(client) == ("pump/7/state", b'{"rpm":1200}')
            await client.publish("pump/7/set", "on")
            await running
            listening = EXAMPLES[1].replace("publish(", 'subscribe("pump/7/set"); client.publish(')
            running = asyncio.create_task(asyncio.to_thread(run, listening, pump.urls[0], place))
            assert await heard(client) == ("pump/7/state", b'{"rpm":1200}')
            await client.publish("pump/7/set", "on")
            await running
        await broker.close()

    asyncio.run(asyncio.wait_for(main(), 60))


async def heard(client: Client) -> tuple[str, bytes]:
    """The next message."""
    message = await client.receive()
    assert message is not None
    return message.topic, message.payload
