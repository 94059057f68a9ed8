"""Who is told of a module's notes."""

from collections.abc import Callable

from modemlab.module.module import Note

Told = Callable[[Note], None]


def both(first: Told | None, second: Told | None) -> Told | None:
    """A function that calls those of the two that are there."""
    if first is None or second is None:
        return first or second

    def tell(note: Note) -> None:
        first(note)
        second(note)

    return tell
