"""What 3GPP TS 27.007 tells of the mobile: registration, cell and time zone."""

from typing import TYPE_CHECKING

from modemlab.at import mobile
from modemlab.at.command import Command
from modemlab.at.dialect import Telling
from modemlab.at.mobile import Sim
from modemlab.dialects.tgpp import commands as c
from modemlab.dialects.tgpp.answers import registration_values

if TYPE_CHECKING:
    from modemlab.module.module import Module


def report(module: "Module", command: Command, stat: int) -> None:
    """A registration as its command reports it, if it does."""
    (mode,) = module.get(command)
    if mode and command.urc is not None:
        module.tell(command.urc, *registration_values(module, mode, stat))


def tell_registration(module: "Module", event: mobile.RegistrationChanged) -> None:
    """+CREG."""
    report(module, c.CREG, event.stat)


def tell_sim(module: "Module", event: mobile.SimChanged) -> None:
    """+CPIN, when the host has turned the SIM on."""
    if event.asked and event.sim in (Sim.READY, Sim.PIN, Sim.PUK) and c.CPIN.urc is not None:
        module.tell(c.CPIN.urc, event.sim.value)


def tell_packet(module: "Module", event: mobile.PacketChanged) -> None:
    """+CGREG and +CEREG."""
    report(module, c.CGREG, event.stat)
    report(module, c.CEREG, event.stat)


def tell_cell(module: "Module", _event: mobile.CellChanged) -> None:
    """All three, where they show the cell."""
    here = module.mobile
    for command, stat in ((c.CREG, here.registration), (c.CGREG, here.packet), (c.CEREG, here.packet)):
        if module.get(command)[0] == 2:
            report(module, command, stat)


def tell_zone(module: "Module", event: mobile.ZoneChanged) -> None:
    """+CTZV or +CTZE."""
    (reporting,) = module.get(c.CTZR)
    zone = f"{event.zone:+03d}"
    if reporting == 1:
        module.tell(c.CTZV, zone)
    elif reporting == 2:
        time = module.mobile.local_time(module.now)
        module.tell(c.CTZE, zone, event.daylight, f"{time:%Y/%m/%d,%H:%M:%S}")


TELLINGS: dict[type, Telling] = {
    mobile.SimChanged: tell_sim,
    mobile.RegistrationChanged: tell_registration,
    mobile.PacketChanged: tell_packet,
    mobile.CellChanged: tell_cell,
    mobile.ZoneChanged: tell_zone,
}
