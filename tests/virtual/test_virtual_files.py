"""A file store handed to a virtual module, and hosts that leave in the middle of an upload."""

import asyncio
from pathlib import Path

from modemlab.dialect.registry import find_model
from modemlab.ports.directory_files import DirectoryFiles
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.virtual_module import Host


def test_files_of_a_virtual_module(tmp_path: Path) -> None:
    """Two modules, one after the other, on one directory; an upload that is left, and one that times out."""

    async def main() -> None:
        model, files = find_model("EC200S"), DirectoryFiles(tmp_path)
        async with VirtualModule(*model, ports=[MemoryPort], files=files, skippable=True) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            await host.ask('AT+QFUPL="a",4', b"CONNECT\r\n")
            host.port.host_send(b"ab")
            host.port.detach()
            host = Host(vm)
            await host.until(b"\r\n+QFUPL: 2,6162\r\n\r\nOK\r\n")
            await host.ask('AT+QFUPL="b",4,1', b"CONNECT\r\n")
            host.port.host_send(b"cde")
            await vm.advance(1.0)
            await host.until(b"\r\n+QFUPL: 3,664\r\n\r\n+CME ERROR: 421\r\n")
            await host.ask('AT+QFUPL="c",9', b"CONNECT\r\n")
            await vm.advance(1.0)
            host.port.host_send(b"+++")
            await vm.advance(1.0)
            await host.until(b"\r\n+QFUPL: 0,0\r\n\r\nOK\r\n")
            await host.ask('AT+QFUPL="d",9', b"CONNECT\r\n")
            host.port.host_send(b"12345")
            vm.power_key()
        async with VirtualModule(*model, ports=[MemoryPort], files=DirectoryFiles(tmp_path)) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            said = await host.ask("AT+QFLST")
            assert said == b'\r\n+QFLST: "UFS:a",2\r\n+QFLST: "UFS:b",3\r\n+QFLST: "UFS:c",0\r\n\r\nOK\r\n'

    asyncio.run(main())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]
