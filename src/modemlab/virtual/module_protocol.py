"""What the parts of a virtual module know of the whole."""

from typing import Protocol

from modemlab.module.module import Module


class ModuleShell(Protocol):
    """What runs a module: `settle` is called after the module was told something at its own time `now`."""

    @property
    def module(self) -> Module:
        """The module."""

    @property
    def closed(self) -> bool:
        """Whether it is given up."""

    def now(self) -> float:
        """The time by the module's clock, in seconds."""

    def settle(self) -> None:
        """See to what the module has to say and wants done."""

    def hold(self, held: bool) -> None:
        """Read nothing from the network while held."""
