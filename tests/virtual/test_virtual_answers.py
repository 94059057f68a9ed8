"""Commands that the tables lack and the host's mistakes, on a virtual module with a real clock."""

import asyncio

from modemlab.dialect.registry import find_model
from modemlab.module.custom_commands import read_custom_commands
from modemlab.module.log_notes import MistakeKind, Note
from modemlab.module.observer import NoteListener
from modemlab.ports.memory import MemoryPort
from modemlab.virtual.module import VirtualModule
from support.virtual_module import Host


def test_answers_that_wait_and_mistakes_in_the_python_api() -> None:
    """An answer comes after its delay, what was typed meanwhile next; unknown commands and mistakes can be read."""
    extras = read_custom_commands({"answer": [{"command": "AT+QSLOW", "lines": ["+QSLOW: 1"], "delay": 0.05}]})
    notes: list[Note] = []

    async def main() -> None:
        async with VirtualModule(
            *find_model("EC200S"),
            ports=[MemoryPort],
            custom_commands=extras,
            mistakes=True,
            observers=[NoteListener(notes.append)],
        ) as vm:
            host = Host(vm)
            await host.ask("ATE0")
            host.port.host_send(b"AT+QSLOW\r")
            host.port.host_send(b"AT+QODD\r")
            assert await host.until(b"ERROR\r\n") == b"\r\n+QSLOW: 1\r\n\r\nOK\r\n\r\nERROR\r\n"
            assert vm.module.unknown == {"AT+QODD": 1}
            assert vm.module.mistakes is not None
            assert vm.module.mistakes.counts == {MistakeKind.EARLY: 1}

    asyncio.run(main())
    assert [(note.subject, str(note.reason)) for note in notes] == [
        ("AT+QODD", "mistake: the next command before the last one's final result (V.250, 5.5)"),
        ("AT+QODD", "AT+QODD is not a command of this module"),
    ]
