"""How a host asks for what 3GPP TS 27.007 has on every module: the line's own settings, the SIM, the network."""

from collections.abc import Callable
from typing import Any

from modemlab.at.command import Command, FormKind
from modemlab.at.encoding import encode, information
from modemlab.at.errors import CommandRefused
from modemlab.dialect.recipes import Ask, NetworkStatus, Recipe
from modemlab.dialects.tgpp import commands as c

READY = "READY"
REGISTERED = (1, 5)


def prepare() -> Recipe:
    """Echo off, result codes in words, errors by number."""
    yield Ask(b"ATE0")
    yield from attempt(Ask(b"ATV1"))
    yield from attempt(Ask(encode(c.CMEE, 1)))


def attempt(ask: Ask) -> Recipe:
    """Ask; None if the module refuses."""
    try:
        return (yield ask)
    except CommandRefused:
        return None


def read(command: Command) -> Recipe:
    """The values that the read form shows, one tuple a line; none if the module refuses."""
    lines = yield from attempt(Ask(encode(command, kind=FormKind.READ)))
    return information(command, lines or ())


def looking(*registrations: Command) -> Callable[[], Recipe]:
    """A recipe that looks at the SIM and the network; the best of these registrations counts."""

    def look() -> Recipe:
        sim = "unknown"
        try:
            lines = yield Ask(encode(c.CPIN, kind=FormKind.READ))
            sim = next((values[0] for values in information(c.CPIN, lines)), sim)
        except CommandRefused as refused:
            sim = refused.meaning or "not ready"
        stat = 0
        for command in registrations:
            found: list[Any] = yield from read(command)
            stat = max([stat, *(values[1] for values in found)], key=lambda each: (each in REGISTERED, each))
        attached = yield from read(c.CGATT)
        signal = yield from attempt(Ask(encode(c.CSQ, kind=FormKind.EXECUTE)))
        quality = information(c.CSQ, signal or ())
        return NetworkStatus(sim, stat, bool(attached and attached[0][0]), quality[0][0] if quality else 99)

    return look
