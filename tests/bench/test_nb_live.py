"""A BC35-G on a port, over real sockets, at the embedded broker."""

import asyncio

from modemlab.bench.broker import Broker
from modemlab.bench.virtual import VirtualModule
from modemlab.dialects import find_model
from modemlab.ports.memory import MemoryPort
from virtual_bench import Host


def test_a_message_to_itself() -> None:
    async def main() -> None:
        broker = Broker()
        host_name, port = await broker.start()
        dialect, model = find_model("BC35-G")
        async with VirtualModule(dialect, model, ports=[MemoryPort]) as vm:
            host = Host(vm)
            await host.until(b"Neul\r\nOK\r\n")
            await host.ask("AT+CSCON=1")
            await host.ask(f'AT+QMTOPEN=0,"{host_name}",{port}', b"+CSCON:1\r\n")
            assert await host.until(b"+QMTOPEN: 0,0\r\n") == b"\r\n+QMTOPEN: 0,0\r\n"
            assert await host.ask('AT+QMTCONN=0,"pump"', b"+QMTCONN: 0,0,0\r\n") == b"\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n"
            await host.ask('AT+QMTSUB=0,1,"t/#",2', b"+QMTSUB: 0,1,0,2\r\n")
            for qos, msgid in ((0, 0), (1, 7), (2, 8)):
                await host.ask(f'AT+QMTPUB=0,{msgid},{qos},0,"t/{qos}"', b"\r\n> ")
                host.port.say(b'{"on":1}\x1a\r\n')
                said = await host.until(b'"t/%d","{"on":1}"\r\n' % qos)
                if b"+QMTPUB: " not in said:
                    said += await host.until(b"+QMTPUB: 0,%d,0\r\n" % msgid)
                assert said.startswith(b"\r\nOK\r\n")
            assert await host.ask("AT+QMTDISC=0", b"+CSCON:0\r\n") == (
                b"\r\nOK\r\n\r\n+QMTDISC: 0,0\r\n\r\n+CSCON:0\r\n"
            )
        await broker.close()

    asyncio.run(main())
