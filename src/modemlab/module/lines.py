"""The lines of a module that has several serial ports, by the names of the ports."""

from collections.abc import Callable

from modemlab.module.interpreter import Interpreter


class ModuleLines:
    """A line for each name, with its own typing, answers and data; the settings are the module's."""

    __slots__ = ("_names", "all")

    def __init__(self, names: tuple[str, ...], make: Callable[[], Interpreter]) -> None:
        self._names = names
        self.all = tuple(make() for _ in names)

    def name_of(self, line: Interpreter) -> str:
        """The name of one of them."""
        return self._names[self.all.index(line)]

    @property
    def congested(self) -> bool:
        """Whether one of them holds so much that nothing should be read from the network."""
        return any(line.congested for line in self.all)

    def tell(self, text: bytes, name: str, printed: Callable[[], None] | None = None) -> None:
        """Print a URC on the line of that name, or on all when there is none; `printed` is called once."""
        chosen = (self.all[self._names.index(name)],) if name in self._names else self.all
        for line in chosen:
            line.tell(text, printed)
            printed = None
