"""One line of a module, and the ports that hosts find it on."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from modemlab.dialect.dialect import Dialect
from modemlab.module.module import Module
from modemlab.ports import Named, Port, PortMaker, Rated, Wired
from modemlab.ports.address import PortAddress, parse

# The command whose setting is the line's rate (V.250, 6.2.10), in dialects that have it.
RATE = "+IPR"
# What is kept of the output while nobody has a port open, in bytes.
KEPT = 4096


class Line:
    """Ports that are one line: what is said goes to each that a host has open.

    What is said while nobody has one open is kept, the first 4,096 bytes of it, for whoever opens one first.
    """

    __slots__ = ("_kept", "ports")

    def __init__(self, ports: Sequence[Port]) -> None:
        self.ports = ports
        self._kept = b""

    @property
    def taken(self) -> bool:
        """Whether a host has one of the ports open."""
        return any(port.taken for port in self.ports)

    def say(self, data: bytes) -> None:
        """Say this on every port that a host has open, or keep it."""
        heard = False
        for port in self.ports:
            if port.taken:
                port.write(data)
                heard = True
        if not heard:
            self._kept += data[: KEPT - len(self._kept)]

    def greet(self, port: Port) -> None:
        """Say what was kept to a host that has come."""
        if self._kept:
            kept, self._kept = self._kept, b""
            port.write(kept)


def read_ports(
    dialect: Dialect, ports: Iterable[str | PortAddress | PortMaker | Named], anyone: bool = False
) -> list[tuple[str, PortAddress | PortMaker]]:
    """The ports with the names that they have, all or none of them; "" is none. `anyone`: others may reach them.

    Raises ValueError with one line for a bad URL, a name that the dialect does not have, or one that is missing.
    """
    found: list[tuple[str, PortAddress | PortMaker]] = []
    for each in ports:
        port = parse(each) if isinstance(each, str) else each
        if isinstance(port, PortAddress) and anyone:
            port = port._replace(anyone=True)
        if isinstance(port, Named):
            found.append((port.name, port.make))
        else:
            found.append((port.name if isinstance(port, PortAddress) else "", port))
    names = [name for name, _ in found]
    for name in names:
        if name and name not in dialect.ports:
            known = ", ".join(dialect.ports) or "none"
            raise ValueError(f"#{name} is no port of {dialect.title}; its ports are {known}")
    if "" in names and any(names):
        raise ValueError("give each port of a module its #NAME, or none")
    return found


def start_at(module: Module, baud: int) -> None:
    """Have a module that is off find this rate stored, unless it takes any that the host speaks at (0).

    Raises ValueError with one line for a rate that it does not have.
    """
    command = module.dialect.commands.get(RATE)
    if command is None:
        return
    rates = [rate for rate in getattr(command.params[0] if command.params else None, "values", ()) if rate]
    if rates and baud not in rates:
        known = ", ".join(map(str, rates))
        raise ValueError(f"{baud} bit/s is no rate of {module.dialect.title}; AT{RATE} takes {known}")
    if rate_of(module):
        module.set(command, (baud,))
        module.settings.save(command)


def follows(module: Module, port: Rated, first: bool) -> bool:
    """Whether a port that has a rate is to follow the module's. One at another rate stays there.

    A module that is off finds the rate of the first port stored, if it has it.
    """
    if first:
        with suppress(ValueError):
            start_at(module, port.baud)
    return rate_of(module) in (0, port.baud)


def rate_of(module: Module) -> int:
    """The rate that a module has set, in bits a second; 0 if it has no such setting, or any rate will do."""
    command = module.dialect.commands.get(RATE)
    return 0 if command is None else int(module.get(command)[0])


def show_power(ports: Iterable[Port], on: bool) -> None:
    """Show whether the module has power, where there are lines that do."""
    for port in ports:
        if isinstance(port, Wired):
            port.power(on)
