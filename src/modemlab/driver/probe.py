"""What is on a port, and what seems wrong with it."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from modemlab.at.errors import CommandRefused, LineError, ModemError, Restart, TimeoutExpired
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import NetworkStatus, UrcRoute
from modemlab.dialects import tgpp
from modemlab.driver.modem import Answer, Modem
from modemlab.driver.protocol import diagnosis
from modemlab.ports.address import BAUD, PortKind
from modemlab.ports.host_connection import dial, read_address
from modemlab.ports.listing import SerialPortInfo, found_ports, siblings
from modemlab.ports.port_users import MODEM_MANAGER, PortUser, holders, manager
from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import About, Listed, Reason, Sentence, helped, joined

T = TypeVar("T")
# Seconds that all of it takes at most, and that the answer to one question has.
PROBE_TIMEOUT_S, QUERY_TIMEOUT_S = 30.0, 5.0
# Bytes of what a port says that are looked at; from how many on it talks without a pause, if none is so many seconds.
MAX_HEARD_BYTES, CONTINUOUS_BYTES, PAUSE_S = 1 << 16, 4096, 0.25
# Bytes from which on nothing else is waited for.
MAX_READ_BYTES = 1 << 20
# Seconds that an AT has for its answer where only that is looked for, and rates at which it is tried.
RATE_PROBE_TIMEOUT_S = 0.5
RATES = (9600, 57600, 115200, 230400, 460800, 921600)
MODEMMANAGER_HINT = N_(
    "`sudo systemctl disable --now ModemManager` ends it; a udev rule with ID_MM_PORT_IGNORE=1 keeps it off one port"
)
SHARED_PORT_HINT = N_("each of the two gets only a part of the data; end that process")


class Report(NamedTuple):
    """What was found, by label, and what seems wrong, a line each."""

    facts: list[tuple[str, Reason]]
    wrong: list[Reason]

    def fact(self, label: str, message: str, **values: object) -> None:
        """Add a fact."""
        self.facts.append((label, Sentence(message, **values)))

    def warn(self, message: str, **values: object) -> None:
        """Add something that seems wrong."""
        self.wrong.append(Sentence(message, **values))


class ProbeTraffic:
    """What passed on a line: all that was sent, the begin of what was heard, and whether that ever paused."""

    def __init__(self, enough: Callable[[], None] = lambda: None) -> None:
        """Nothing yet; `enough` is called once, when so much has come that no more is to be waited for."""
        self.pieces: list[tuple[bool, bytes]] = []
        self.size = self.sent = 0
        self._enough = enough
        self._begun = self._latest = time.monotonic()
        self._longest = 0.0

    def note(self, heard: bool, data: bytes) -> None:
        """Something passed."""
        if not heard:
            self.pieces.append((False, data))
            self.sent += len(data)
            return
        now = time.monotonic()
        self._longest = max(self._longest, now - self._latest)
        self._latest = now
        room = MAX_HEARD_BYTES - self.size
        self.size += len(data)
        if room > 0:
            self.pieces.append((True, data[:room]))
        if self.size - len(data) <= MAX_READ_BYTES < self.size:
            self._enough()

    @property
    def never_pauses(self) -> bool:
        """Whether the other end never stops."""
        if self.size > MAX_READ_BYTES:
            return True
        longest = max(self._longest, time.monotonic() - self._latest)
        return longest < PAUSE_S and self.size - self.sent > CONTINUOUS_BYTES  # what is sent may only come back

    @property
    def volume(self) -> Reason:
        """How much came."""
        taken = time.monotonic() - self._begun
        return Sentence(N_("{count:,} bytes in {seconds:.1f} s"), count=self.size, seconds=taken)


async def probe(port: str, dialect: Dialect | None = None, baud: int = BAUD, timeout: float = 10.0) -> Report:
    """Look at a port, and at the module on it, for `PROBE_TIMEOUT_S` seconds at most. Raises `LineError` when the port
    cannot be opened.
    """
    report = Report([], [])
    loop, limit = asyncio.get_running_loop(), asyncio.timeout(PROBE_TIMEOUT_S)
    passed = ProbeTraffic(lambda: limit.reschedule(loop.time()))
    device, listed = "", list[SerialPortInfo]()
    with suppress(ValueError):
        device = read_address(port, baud).link or ""
    if device:
        listed = found_ports()
    # As /dev/serial/by-id names it, a port is a link.
    real = os.path.realpath(device)
    own = next((each for each in listed if os.path.realpath(each.device) == real), None)
    describe(report, port, own)
    users = holders([device]).get(device, []) if device else []
    others(report, users, own)
    modem = Modem(port, dialect=dialect, baud=baud, timeout=timeout, on_bytes=passed.note)
    try:
        async with limit:
            try:
                async with modem:
                    begin = list(passed.pieces)
                    report.fact(N_("echo"), N_("on; the driver turns it off") if diagnosis.echoes(begin) else N_("off"))
                    report.wrong.extend(diagnosis.remarks(begin))
                    await examine(modem, report, own)
            except ModemError as error:
                if not passed.pieces:
                    raise LineError(joined(error.reason, *map(in_use, users))) from None
                await explain(report, passed, error, port, baud, [] if own is None else siblings(own.device, listed))
    except TimeoutError:
        late = N_("not everything was answered within {seconds} s: above is what was found by then")
        incomplete = Sentence(late, seconds=figure(PROBE_TIMEOUT_S))
        report.wrong.append(nobody(passed, port, baud) if passed.size > MAX_READ_BYTES else incomplete)
    if passed.never_pauses:
        report.warn(
            N_("something sends data without a pause, {volume}: no answer can be found in it"), volume=passed.volume
        )
    return report


def describe(report: Report, port: str, own: SerialPortInfo | None) -> None:
    """The port itself."""
    parts: list[object] = [port]
    if own is not None and own.usb:
        parts += [f"USB {own.usb}", *([own.module] if own.module else [])]
        parts += [Sentence(N_("interface {number}"), number=own.interface)] if own.interface >= 0 else []
    report.facts.append((N_("port"), Listed(tuple(parts))))


def in_use(user: PortUser) -> Reason:
    """A process on the port."""
    return Sentence(N_("{name} ({pid}) has the port open"), name=user.name, pid=user.pid)


def others(report: Report, users: list[PortUser], own: SerialPortInfo | None) -> None:
    """Whoever else is on the port, or may be."""
    for user in users:
        remedy = MODEMMANAGER_HINT if user.name == MODEM_MANAGER else SHARED_PORT_HINT
        report.wrong.append(helped(in_use(user), Sentence(remedy)))
    if own is not None and own.usb and all(user.name != MODEM_MANAGER for user in users):
        found = manager()
        if found is not None:
            running = N_("ModemManager ({pid}) is running, and opens the ports of modules: {remedy}")
            report.warn(running, pid=found.pid, remedy=Sentence(MODEMMANAGER_HINT))


async def examine(modem: Modem, report: Report, own: SerialPortInfo | None) -> None:
    """What the module and its dialect say."""
    recipes = modem.link.recipes
    revision = ", ".join(await ask(modem, report, "AT+CGMR") or ())
    model = modem.model
    name = Sentence(N_("given by --model") if model is None else f"{model.maker} {model.shown}")
    report.facts.append((N_("model"), Listed((name, *([revision] if revision else [])))))
    report.facts.append((N_("dialect"), About(modem.dialect.name, Sentence(modem.dialect.title))))
    one = N_("1 client, messages up to {largest} bytes, {window} unacknowledged")
    several = N_("{clients} clients, messages up to {largest} bytes, {window} unacknowledged")
    limits = {"clients": recipes.clients, "largest": recipes.largest, "window": recipes.window}
    report.fact("MQTT", one if recipes.clients == 1 else several, **limits)
    if recipes.platforms:
        report.facts.append((N_("commands for"), Listed(recipes.platforms)))
    if recipes.limits:
        report.fact(N_("limits"), recipes.limits)
    look: NetworkStatus | None = await within(report, Sentence(N_("SIM and network")), modem.link.run(recipes.look()))
    if look is not None:
        await describe_network(modem, report, look)
    route: UrcRoute | None = None
    if recipes.route is not None:
        route = await within(report, Sentence(N_("where URCs go")), modem.link.run(recipes.route()))
    if route is not None:
        report.fact("URCs", N_("come on the {port}"), port=Sentence(route.words))
        here = "" if own is None else "usb" if own.module else "uart"
        if here not in ("", route.over) and here in route.commands:
            elsewhere = N_("URCs go to the {port}, not here: {command} sends them here")
            report.warn(elsewhere, port=Sentence(route.words), command=route.commands[here])


async def describe_network(modem: Modem, report: Report, look: NetworkStatus) -> None:
    """SIM, network and signal, and what is missing of them."""
    answer = await ask(modem, report, "AT+COPS?")
    operator = [str(values[2]) for values in ([] if answer is None else answer.values) if len(values) > 2]
    registration = Sentence(tgpp.commands.STATS.get(look.registration, N_("unknown")))
    attachment = Sentence(N_("attached") if look.attached else N_("not attached"))
    report.fact("SIM", look.sim)
    report.facts.append((N_("network"), Listed((registration, *operator, attachment))))
    report.facts.append((N_("signal"), diagnosis.signal_words(look.signal)))
    report.wrong.extend(diagnosis.shortcomings(look))


async def ask(modem: Modem, report: Report, line: str) -> Answer | None:
    """What a command is answered; None when it is refused, or not answered, which is told."""
    return await within(report, line, modem.command(line, timeout=QUERY_TIMEOUT_S), 2 * QUERY_TIMEOUT_S)


async def within(
    report: Report, what: object, asking: Coroutine[Any, Any, T], seconds: float | None = None
) -> T | None:
    """What `asking` returns within `seconds`, `QUERY_TIMEOUT_S` by default; None, and a line in the report, when it is
    refused or does not come.
    """
    limit = QUERY_TIMEOUT_S if seconds is None else seconds
    try:
        async with asyncio.timeout(limit):
            return await asking
    except CommandRefused:
        pass
    except (TimeoutExpired, Restart) as error:
        report.wrong.append(error.reason)
    except TimeoutError:
        report.warn(N_("{what}: nothing came within {seconds} s"), what=what, seconds=figure(limit))
    return None


def nobody(passed: ProbeTraffic, port: str, baud: int) -> Reason:
    """Nobody answers, and why."""
    rate = None if read_address(port, baud).kind is PortKind.TCP else baud
    return Sentence(N_("nothing answers AT: {reason}"), reason=diagnosis.silence(passed.pieces, rate))


async def explain(
    report: Report, passed: ProbeTraffic, error: ModemError, port: str, baud: int, beside: list[SerialPortInfo]
) -> None:
    """Nobody answers, or somebody whom nobody knows."""
    gone = isinstance(error.reason, About) and error.reason.subject == port
    if gone or (b"OK\r\n" in diagnosis.said(passed.pieces) and not passed.never_pauses):
        report.wrong.append(error.reason)
        return
    report.wrong.append(nobody(passed, port, baud))
    for other in beside:
        if await answers(other.device, baud):
            report.warn(N_("AT is answered on {port}, another port of the same module"), port=other.device)
    if read_address(port, baud).kind is PortKind.SERIAL and not beside:
        for other_rate in RATES:
            if other_rate != baud and await answers(port, other_rate):
                report.warn(N_("AT is answered at {rate} bit/s: use --baud {rate}"), rate=other_rate)


async def answers(port: str, baud: int) -> bool:
    """Whether AT is answered on that port, at that rate."""
    heard = bytearray()
    answered = asyncio.Event()

    def received(data: bytes) -> None:
        heard.extend(data[-MAX_HEARD_BYTES:])
        if b"OK\r\n" in heard:
            answered.set()
        del heard[:-4]

    try:
        line = await dial(port, received, lambda _: None, baud=baud, timeout=RATE_PROBE_TIMEOUT_S)
    except (OSError, ValueError):
        return False
    try:
        line.write(b"AT\r")
        await asyncio.wait_for(answered.wait(), RATE_PROBE_TIMEOUT_S)
    except TimeoutError:
        return False
    finally:
        line.close()
    return True
