"""The event that drivers wait for: as asyncio's own does it."""

import asyncio
from typing import Any

import pytest

from modemlab.driver.light_event import LightEvent


@pytest.mark.parametrize("kind", [asyncio.Event, LightEvent])
def test_as_asyncios_own(kind: type[Any]) -> None:
    async def main() -> list[str]:
        event, told = kind(), []

        async def wait(name: str) -> None:
            await event.wait()
            told.append(name)

        first, second, third = (asyncio.ensure_future(wait(name)) for name in ("first", "second", "third"))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        assert not event.is_set()
        event.set()
        event.clear()
        await asyncio.gather(first, second, third, return_exceptions=True)
        assert second.cancelled()
        assert not event.is_set()
        event.set()
        event.set()
        assert event.is_set()
        await asyncio.wait_for(wait("at once"), 1)
        return told

    assert asyncio.run(main()) == ["first", "third", "at once"]
