"""The lines of a module, and the ports that hosts find them on."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from modemlab.dialect.dialect import Dialect
from modemlab.module.module import Module
from modemlab.ports.address import PortAddress, parse
from modemlab.ports.make import make_port
from modemlab.ports.port import HasBaudRate, HasPowerLines, NamedPort, Port, PortMaker, Received
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.virtual.module_clock import ModuleClock
from modemlab.virtual.module_protocol import ModuleShell

if TYPE_CHECKING:
    from modemlab.ports.pacing import Uart

# The command whose setting is the line's rate (V.250, 6.2.10), in dialects that have it.
DEFAULT_BAUD = "+IPR"
# What is kept of the output while nobody has a port open, in bytes.
MAX_KEPT_BYTES = 4096


class SharedLine:
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
            self._kept += data[: MAX_KEPT_BYTES - len(self._kept)]

    def greet(self, port: Port) -> None:
        """Say what was kept to a host that has come."""
        if self._kept:
            kept, self._kept = self._kept, b""
            port.write(kept)


class ModulePorts:
    """The ports of a module: all of them one line, or, when they have names, a line for each name.

    `found` is what `read_ports` gives. A `uart` puts a line like it between each port and the module, whose noise `rng`
    draws. Raises ValueError with one line for a port that cannot be here, or a rate that the module does not have.
    """

    __slots__ = ("_lines", "_lit", "_rated", "_shell", "all")

    def __init__(
        self,
        shell: ModuleShell,
        found: Sequence[tuple[str, PortAddress | PortMaker]],
        uart: "Uart | None",
        rng: Random | None,
        clock: ModuleClock,
    ) -> None:
        """Make the ports, which are not open yet."""
        self._shell = shell
        module = shell.module
        if module.mistakes is not None and any(isinstance(port, PortAddress) for _, port in found):
            module.mistakes.through_a_port()
        names = tuple(dict.fromkeys(name for name, _ in found))
        several = len(names) > 1
        if several:
            module.set_lines(names)
        # Whether the lamps of the ports show power, and the ports that have the module's rate.
        self._lit = False
        self._rated: tuple[HasBaudRate, ...] = ()
        if uart is not None and uart.baud:
            start_at(module, uart.baud)
        self.all: tuple[Port, ...] = tuple(
            self._make(port, uart, names.index(name) if several else None, rng, clock) for name, port in found
        )
        self._lines: tuple[SharedLine, ...] = (SharedLine(self.all),)
        if several:
            pairs = list(zip(self.all, found, strict=True))
            self._lines = tuple(SharedLine([port for port, (other, _) in pairs if other == name]) for name in names)

    async def open(self) -> None:
        """Open them. Raises OSError when one cannot be had."""
        for port in self.all:
            await port.open()

    def close(self) -> None:
        """Give them up."""
        for port in self.all:
            port.close()

    def say(self) -> None:
        """Say what the module has to say, on each line."""
        module = self._shell.module
        if len(self._lines) == 1:
            if data := module.data_to_send():
                self._lines[0].say(data)
            return
        for index, line in enumerate(self._lines):
            module.select_line(index)
            if data := module.data_to_send():
                line.say(data)

    def follow(self) -> None:
        """Have lines with a rate take the one that the module has by now, behind what was said, and show its power."""
        module = self._shell.module
        if self._rated and (rate := rate_of(module)):
            for port in self._rated:
                port.change(rate)
        if module.on is not self._lit:
            self._lit = module.on
            for each in self.all:
                if isinstance(each, HasPowerLines):
                    each.power(self._lit)

    def _make(
        self,
        port: PortAddress | PortMaker,
        uart: "Uart | None",
        index: int | None,
        rng: Random | None,
        clock: ModuleClock,
    ) -> Port:
        """A port of the only line, or of that one, not open yet; behind a line like a UART if one is asked for."""
        module = self._shell.module
        received: Received = self._received if index is None else partial(self._received_on, index)
        make = port if callable(port) else partial(make_port, port)
        if uart is None:
            made = make(received, self._changed)
            if isinstance(made, HasBaudRate) and follows(module, made, not self._rated):
                self._rated += (made,)
            return made
        heard = module.lines[index or 0]
        from modemlab.ports.uart_port import UartPort  # noqa: PLC0415 (most ports are fast)

        paced = UartPort(
            make,
            uart,
            rng or Random(0),
            partial(module.log, "line"),
            received,
            self._changed,
            lambda: heard.pausing,
            now=clock.line_now,
            loop=clock.line_loop,
        )
        if uart.baud:
            self._rated += (paced,)
        return paced

    def _received(self, data: bytes) -> None:
        """A host said something."""
        self._shell.module.receive(data, self._shell.now())
        self._shell.settle()

    def _received_on(self, index: int, data: bytes) -> None:
        """A host said something on one of several lines."""
        self._shell.module.select_line(index)
        self._received(data)

    def _changed(self, port: Port) -> None:
        """A host came or went, reads slowly or has caught up."""
        shell = self._shell
        index = [port in line.ports for line in self._lines].index(True)
        line = self._lines[index]
        if port.taken:
            line.greet(port)
        if not (shell.closed or line.taken):
            shell.module.select_line(index)
            shell.module.dtr_dropped(shell.now())
            shell.settle()
        shell.hold(any(each.congested for each in self.all))


def read_ports(
    dialect: Dialect, ports: Iterable[str | PortAddress | PortMaker | NamedPort], allow_remote: bool = False
) -> list[tuple[str, PortAddress | PortMaker]]:
    """The ports with the names that they have, all or none of them; "" is none. `allow_remote`: others may reach them.

    Raises ValueError with one line for a bad URL, a name that the dialect does not have, or one that is missing.
    """
    found: list[tuple[str, PortAddress | PortMaker]] = []
    for each in ports:
        port = parse(each) if isinstance(each, str) else each
        if isinstance(port, PortAddress) and allow_remote:
            port = port._replace(allow_remote=True)
        if isinstance(port, NamedPort):
            found.append((port.name, port.make))
        else:
            found.append((port.name if isinstance(port, PortAddress) else "", port))
    names = [name for name, _ in found]
    for name in names:
        if name and name not in dialect.ports:
            message = N_("#{name} is not a port of {dialect}; its ports: {known}")
            known = ", ".join(dialect.ports) or "-"
            raise ValueError(Sentence(message, name=name, dialect=Sentence(dialect.title), known=known))
    if "" in names and any(names):
        raise ValueError(Sentence(N_("give each port of a module its #NAME, or none")))
    return found


def start_at(module: Module, baud: int) -> None:
    """Have a module that is off find this rate stored, unless it takes any that the host speaks at (0).

    Raises ValueError with one line for a rate that it does not have.
    """
    command = module.dialect.commands.get(DEFAULT_BAUD)
    if command is None:
        return
    rates = [rate for rate in getattr(command.params[0] if command.params else None, "values", ()) if rate]
    if rates and baud not in rates:
        message = N_("{baud} bit/s is not a rate of {dialect}; AT{command} accepts {known}")
        known, title = ", ".join(map(str, rates)), Sentence(module.dialect.title)
        raise ValueError(Sentence(message, baud=baud, dialect=title, command=DEFAULT_BAUD, known=known))
    if rate_of(module):
        module.set(command, (baud,))
        module.settings.save(command)


def follows(module: Module, port: HasBaudRate, first: bool) -> bool:
    """Whether a port that has a rate is to follow the module's. One at another rate stays there.

    A module that is off finds the rate of the first port stored, if it has it.
    """
    if first:
        with suppress(ValueError):
            start_at(module, port.baud)
    return rate_of(module) in (0, port.baud)


def rate_of(module: Module) -> int:
    """The rate that a module has set, in bits a second; 0 if it has no such setting, or any rate will do."""
    command = module.dialect.commands.get(DEFAULT_BAUD)
    return 0 if command is None else int(module.get(command)[0])
