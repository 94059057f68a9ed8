"""What the connections of a module have in common."""

from typing import TYPE_CHECKING

from modemlab.module.effects import PauseStream, ResumeStream

if TYPE_CHECKING:
    from modemlab.module.module import Module


def regulate(module: "Module") -> None:
    """Stop reading from the network while too much waits for the host, and begin again."""
    if not module.clients:
        return
    lines = module.lines
    congested = lines[0].congested if len(lines) == 1 else any(line.congested for line in lines)
    for client in module.clients:
        pause = congested or client.full
        if pause != client.paused and client.stream:
            client.paused = pause
            module.effects.append((PauseStream if pause else ResumeStream)(client.stream))
