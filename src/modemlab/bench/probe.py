"""What is on a port, and what seems wrong with it."""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from modemlab.at.dialect import Dialect
from modemlab.at.errors import CommandRefused, LineError, ModemError, TimeoutExpired
from modemlab.at.recipes import Look, UrcRoute
from modemlab.bench.modem import Modem
from modemlab.dialects import tgpp
from modemlab.driver import diagnosis
from modemlab.ports.address import BAUD, Kind
from modemlab.ports.dial import dial, read_address
from modemlab.ports.holders import MANAGER, Holder, holders, manager
from modemlab.ports.listing import Found, found_ports, siblings

# Seconds that an AT has for its answer where only that is looked for, and rates at which it is tried.
KNOCK = 0.5
RATES = (9600, 57600, 115200, 230400, 460800, 921600)
IGNORE = (
    "sudo systemctl disable --now ModemManager ends it; a udev rule that sets ID_MM_PORT_IGNORE=1 keeps it off a port"
)


class Report(NamedTuple):
    """What was found, by label, and what seems wrong, a line each."""

    facts: list[tuple[str, str]]
    wrong: list[str]


async def probe(port: str, dialect: Dialect | None = None, baud: int = BAUD, timeout: float = 10.0) -> Report:
    """Look at a port, and at the module on it. Raises `LineError` when the port cannot be opened."""
    report = Report([], [])
    passed: list[tuple[bool, bytes]] = []
    device, listed = "", list[Found]()
    with suppress(ValueError):
        device = read_address(port, baud).link or ""
    if device:
        with suppress(ValueError):  # without pyserial
            listed = found_ports()
    own = next((each for each in listed if each.device == device), None)
    describe(report, port, own)
    users = holders([device]).get(device, []) if device else []
    others(report, users, own)
    try:
        async with Modem(
            port,
            dialect=dialect,
            baud=baud,
            timeout=timeout,
            on_bytes=lambda heard, data: passed.append((heard, data)),
        ) as modem:
            begin = list(passed)
            report.facts.append(("echo", "on; the driver turns it off" if diagnosis.echoes(begin) else "off"))
            report.wrong.extend(diagnosis.remarks(begin))
            await examine(modem, report, own)
    except LineError as error:
        if not passed:
            raise LineError("; ".join([str(error), *map(in_use, users)])) from None
        await explain(report, passed, error, port, baud, siblings(device, listed))
    return report


def describe(report: Report, port: str, own: Found | None) -> None:
    """The port itself."""
    words = [port]
    if own is not None and own.usb:
        words += [f"USB {own.usb}", *([own.module] if own.module else [])]
        words += [f"interface {own.interface}"] if own.interface >= 0 else []
    report.facts.append(("port", ", ".join(words)))


def in_use(user: Holder) -> str:
    """A process on the port."""
    return f"{user.name} ({user.pid}) has the port open"


def others(report: Report, users: list[Holder], own: Found | None) -> None:
    """Whoever else is on the port, or may be."""
    for user in users:
        helps = IGNORE if user.name == MANAGER else "each of you hears a part of what is said; end it"
        report.wrong.append(f"{in_use(user)}: {helps}")
    if own is not None and own.usb and all(user.name != MANAGER for user in users):
        found = manager()
        if found is not None:
            report.wrong.append(f"ModemManager ({found.pid}) runs, and tries modules' ports by itself: {IGNORE}")


async def examine(modem: Modem, report: Report, own: Found | None) -> None:
    """What the module and its dialect say."""
    recipes, facts = modem.recipes, report.facts
    revision = await ask(modem, "AT+CGMR")
    model = modem.model
    name = "given by name" if model is None else f"{model.maker} {model.shown}"
    facts.append(("model", f"{name}{f', {revision}' if revision else ''}"))
    facts.append(("dialect", f"{modem.dialect.name}: {modem.dialect.title}"))
    clients = "1 client" if recipes.clients == 1 else f"{recipes.clients} clients"
    facts.append(("MQTT", f"{clients}, messages up to {recipes.largest} bytes, {recipes.window} unacknowledged"))
    if recipes.platforms:
        facts.append(("commands for", ", ".join(recipes.platforms)))
    if recipes.limits:
        facts.append(("limits", recipes.limits))
    look: Look = await modem.run(recipes.look())
    operator = [str(values[2]) for values in await values_of(modem, "AT+COPS?") if len(values) > 2]
    network = [tgpp.commands.STATS.get(look.registration, "unknown"), *operator]
    network.append("attached" if look.attached else "not attached")
    facts.append(("SIM", look.sim))
    facts.append(("network", ", ".join(network)))
    facts.append(("signal", diagnosis.signal_words(look.signal)))
    report.wrong.extend(diagnosis.shortcomings(look))
    route: UrcRoute | None = None if recipes.route is None else await modem.run(recipes.route())
    if route is not None:
        facts.append(("URCs", f"come on the {route.words}"))
        here = "" if own is None else "usb" if own.module else "uart"
        if here not in ("", route.over) and here in route.commands:
            report.wrong.append(f"URCs go to the {route.words}, not here: {route.commands[here]} brings them")


async def ask(modem: Modem, line: str) -> str:
    """What a command is answered; nothing when it is refused."""
    with suppress(CommandRefused, TimeoutExpired):
        return ", ".join(await modem.command(line))
    return ""


async def values_of(modem: Modem, line: str) -> list[tuple[object, ...]]:
    """The values that a command is answered; none when it is refused."""
    with suppress(CommandRefused, TimeoutExpired):
        return (await modem.command(line)).values
    return []


async def explain(
    report: Report, passed: diagnosis.Passed, error: ModemError, port: str, baud: int, beside: list[Found]
) -> None:
    """Nobody answers, or somebody whom nobody knows."""
    if b"OK\r\n" in diagnosis.said(passed) or str(error).startswith(f"{port}: "):  # the line ended
        report.wrong.append(str(error))
        return
    report.wrong.append(f"nobody answers AT: {diagnosis.silence(passed, baud)}")
    for other in beside:
        if await answers(other.device, baud):
            report.wrong.append(f"AT is answered on {other.device}: this is another port of the same module")
    if read_address(port, baud).kind is Kind.SERIAL and not beside:
        for rate in RATES:
            if rate != baud and await answers(port, rate):
                report.wrong.append(f"AT is answered at {rate} bit/s: --baud {rate}")


async def answers(port: str, baud: int) -> bool:
    """Whether AT is answered on that port, at that rate."""
    heard = bytearray()
    answered = asyncio.Event()

    def received(data: bytes) -> None:
        heard.extend(data)
        if b"OK\r\n" in heard:
            answered.set()

    try:
        line = await dial(port, received, lambda _: None, baud=baud, timeout=KNOCK)
    except (OSError, ValueError):
        return False
    try:
        line.write(b"AT\r")
        await asyncio.wait_for(answered.wait(), KNOCK)
    except TimeoutError:
        return False
    finally:
        line.close()
    return True
