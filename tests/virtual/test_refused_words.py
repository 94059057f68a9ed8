"""What the driver says of a connection that cannot be had names the server, in one line."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from modemlab.at.errors import LinkLost, UsageError
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.driver.modem import Modem
from modemlab.virtual.module import VirtualModule

WAIT = 60.0
MODELS = ("EC200S-CN", "BC35-G", "Air724UG")
QUECTEL = MODELS[:2]


@asynccontextmanager
async def web_server() -> AsyncIterator[int]:
    """A server that speaks HTTP; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def broker_with_users() -> AsyncIterator[int]:
    """A broker that lets one user in; its port."""
    broker = Broker(users={"me": "secret"})
    try:
        yield (await broker.start())[1]
    finally:
        await broker.close()


@asynccontextmanager
async def nobody() -> AsyncIterator[int]:
    """A port on which nobody listens."""
    yield 1


def refusal(model: str, server: Callable[[], AbstractAsyncContextManager[int]], **login: str) -> tuple[LinkLost, str]:
    """What a client's connection ends in, and the server's name."""

    async def main() -> tuple[LinkLost, str]:
        async with (
            server() as port,
            VirtualModule(*find_model(model), ports=["tcp://127.0.0.1:0"]) as module,
            Modem.open(module.urls[0]) as modem,
        ):
            with pytest.raises(LinkLost) as caught:
                await modem.mqtt("127.0.0.1", port, client_id="c", reconnect=False, **login).__aenter__()
            return caught.value, f"127.0.0.1:{port}"

    return asyncio.run(asyncio.wait_for(main(), WAIT))


@pytest.mark.parametrize("model", MODELS)
def test_nobody_listens(model: str) -> None:
    error, server = refusal(model, nobody)
    assert str(error).startswith(f"{server} could not be opened")
    if model in QUECTEL:
        assert str(error).endswith("; does a broker listen there, with TLS or without?")


@pytest.mark.parametrize("model", QUECTEL)
def test_a_refused_login(model: str) -> None:
    error, server = refusal(model, broker_with_users, username="me", password="wrong")
    assert str(error) == f"{server} refused the login: bad user name or password (CONNACK 4); check both"
    assert error.code == 4


def test_a_refused_login_that_the_module_does_not_tell_apart() -> None:
    error, server = refusal("Air724UG", broker_with_users, username="me", password="wrong")
    assert str(error).startswith(f"{server} refused the login, or did not answer; ")


@pytest.mark.parametrize("model", QUECTEL)
def test_another_protocol(model: str) -> None:
    error, server = refusal(model, web_server)
    begin = f"{server} did not accept the connection (is it an MQTT broker, and is this its port?): +QMTSTAT: "
    assert str(error).startswith(begin)
    assert re.search(r"; [a-z]", str(error)), "a remedy"


def test_a_user_without_a_password() -> None:
    """It is known before anything is opened."""

    async def main() -> None:
        async with (
            VirtualModule(*find_model("EC200S-CN"), ports=["tcp://127.0.0.1:0"]) as module,
            Modem.open(module.urls[0]) as modem,
        ):
            with pytest.raises(UsageError, match="requires a password with a user name: give one, '' for an empty one"):
                await modem.mqtt("127.0.0.1", 1, username="me").__aenter__()
            assert await modem.command("AT+QMTOPEN?") == []

    asyncio.run(asyncio.wait_for(main(), WAIT))
