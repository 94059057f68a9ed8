"""What many tests share: a module in memory, a wait for a condition, and transcripts held to it in every split."""

import asyncio
from collections.abc import Callable

from modemlab.dialect.registry import find_model
from modemlab.module.log_notes import Note
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from modemlab.module.playback import replay_offline
from modemlab.transcripts.format import Difference

PIECES = (0, 1, 2, 3, 7)
WAIT = 60.0


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, `WAIT` seconds at most."""

    async def poll() -> None:
        while not condition():
            await asyncio.sleep(0.002)

    await asyncio.wait_for(poll(), WAIT)


def make_module(name: str = "EC200S-CN", **options: object) -> Module:
    """A module of that model, off."""
    dialect, model = find_model(name)
    return Module(dialect, model, **options)  # type: ignore[arg-type]


def hold(transcript: str, name: str = "EC200S-CN", **options: object) -> None:
    """Play a transcript on fresh modules, whole and in pieces; any difference fails the test with a diff."""
    for piece in PIECES:
        differences: list[Difference] = replay_offline(make_module(name, **options), transcript, piece)
        assert not differences, f"in pieces of {piece}:\n" + "\n".join(map(str, differences))


def exchange(module: Module, line: bytes, now: float = 0.0) -> bytes:
    """What a module says to a line typed at once."""
    module.receive(line + b"\r", now)
    return module.data_to_send()


def reasons(name: str, *lines: bytes, **options: object) -> list[str]:
    """The reasons that a module logs for these lines."""
    notes: list[Note] = []
    module = make_module(name, observers=[NoteListener(notes.append)], **options)
    module.power_on(0.0)
    for line in lines:
        exchange(module, line)
    return [f"{note.subject}: {note.reason}" for note in notes]
