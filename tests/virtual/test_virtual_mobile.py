"""What the world does to the mobile of a module with real sockets: the host is told, the server sees its end."""

import asyncio

import pytest

from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.module.mobile_actions import read_mobile_action
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.helpers import until
from support.virtual_module import Host, Server, with_server

ENDS = [
    ("drop_context", {"cid": 1}),
    ("change_address", {"cid": 1}),
    ("set_registration", {"stat": "denied", "cause": 11}),
    ("set_signal", {"signal": [99, 99]}),
    ("insert_sim", {"card": "absent"}),
    ("detach", {}),
]


async def bring_online(host: Host, server: Server) -> None:
    """A client on context 1 that is logged in."""
    await host.ask("AT+CGACT=1,1")
    await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
    await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")


@pytest.mark.parametrize(("name", "arguments"), ENDS)
def test_the_network_ends_a_connection(name: str, arguments: dict[str, object]) -> None:
    """The host is told at once; the server sees no DISCONNECT."""

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        await bring_online(host, server)
        heard = len(server.heard)
        read_mobile_action(name, arguments).change(vm.module.mobile, vm.now())
        vm.settle()
        await host.until(b"+LOST: 0,NETWORK_LOST\r\n")
        await until(lambda: server.ended == 1)
        assert len(server.heard) == heard

    with_server(work)


def test_the_power_goes_and_the_will_arrives() -> None:
    """A broker finds the connection ended without DISCONNECT, whether the power went or the module was restarted."""

    async def main() -> None:
        broker = Broker()
        address, port = await broker.start()
        wills: list[bytes] = []
        broker.observe(lambda _, message: wills.append(message.payload))
        async with VirtualModule(*find_model("EC200S-CN"), ports=[MemoryPort]) as vm:
            host = Host(vm)
            for times, restart in enumerate(("power", "AT+CFUN=1,1"), 1):
                await host.ask("ATE0")
                await host.ask('AT+QMTCFG="will",0,1,1,0,"pump/left","gone"')
                await host.ask(f'AT+QMTOPEN=0,"{address}",{port}', b"+QMTOPEN: 0,0\r\n")
                await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n")
                if restart == "power":
                    vm.power_key()
                    vm.power_key()
                else:
                    await host.ask(restart)
                await host.until(b"RDY\r\n")
                await until(lambda times=times: len(wills) == times)  # type: ignore[misc]
        assert wills == [b"gone"] * 2
        await broker.close()

    asyncio.run(main())


def test_the_power_goes_while_data_is_typed() -> None:
    """The server sees the end without a word; the next start knows nothing of it."""

    async def work(vm: VirtualModule, host: Host, server: Server) -> None:
        for times in (1, 2, 3):
            await bring_online(host, server)
            await host.ask("AT+SEND=0,4", b"> ")
            host.port.host_send(b"ab")
            heard = len(server.heard)
            vm.power_key()
            await until(lambda times=times: server.ended == times)  # type: ignore[misc]
            assert len(server.heard) == heard
            host.port.host_send(b"cdAT\r")
            assert host.heard == b""
            vm.power_key()
            await host.until(b"\r\nRDY\r\n")
            await host.ask("AT", b"AT\r\r\nOK\r\n")
            assert not vm.module.clients

    with_server(work)
