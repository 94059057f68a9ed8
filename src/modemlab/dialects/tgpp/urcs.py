"""What 3GPP TS 27.007 tells of the mobile: SIM, registration, cell, packet domain and time zone."""

from functools import lru_cache

from modemlab.at.command import Command
from modemlab.dialect import mobile
from modemlab.dialect.answer_registry import UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mobile import Sim
from modemlab.dialects.tgpp import commands as c
from modemlab.dialects.tgpp.answers import TYPE_NAMES, registration_values

URC_MAKERS = UrcMakers()


def report(module: Device, command: Command, stat: int) -> None:
    """A registration as its command reports it, if it does."""
    (mode,) = module.get(command)
    if mode and command.urc is not None:
        module.send_urc(command.urc, *registration_values(module, mode, stat))


@URC_MAKERS(mobile.RegistrationChanged)
def tell_registration(module: Device, event: mobile.RegistrationChanged) -> None:
    """+CREG."""
    report(module, c.CREG, event.stat)


@URC_MAKERS(mobile.SimChanged)
def tell_sim(module: Device, event: mobile.SimChanged) -> None:
    """+CPIN, when the host has turned the SIM on or given a PIN."""
    if event.asked and event.sim in (Sim.READY, Sim.PIN, Sim.PUK) and c.CPIN.urc is not None:
        module.send_urc(c.CPIN.urc, event.sim.value)


@URC_MAKERS(mobile.PacketChanged)
def tell_packet(module: Device, event: mobile.PacketChanged) -> None:
    """+CGREG and +CEREG."""
    report(module, c.CGREG, event.stat)
    report(module, c.CEREG, event.stat)


@URC_MAKERS(mobile.CellChanged)
def tell_cell(module: Device, _event: mobile.CellChanged) -> None:
    """All three, where they show the cell."""
    here = module.mobile
    for command, stat in (
        (c.CREG, here.registration),
        (c.CGREG, here.packet_registration),
        (c.CEREG, here.packet_registration),
    ):
        if module.get(command)[0] >= 2:
            report(module, command, stat)


# How many events AT+CGEREP=0 keeps.
MAX_KEPT_EVENTS = 8
event_line = lru_cache(maxsize=64)(c.CGEV.render)


def report_event(module: Device, text: str) -> None:
    """+CGEV, as AT+CGEREP has it: kept, told unless data is being typed, or told as soon as it may be."""
    if c.CGEREP.name not in module.commands:
        return
    mode = module.get(c.CGEREP)[0]
    if mode == 0:
        module.mobile.reports = (*module.mobile.reports, event_line(text))[-MAX_KEPT_EVENTS:]
    elif mode == 2 or not module.in_data_mode:
        module.send_urc_line(event_line(text))


@URC_MAKERS(mobile.ContextUp)
def tell_context_up(module: Device, event: mobile.ContextUp) -> None:
    """+CGEV: PDN ACT."""
    report_event(module, f"PDN ACT {event.cid}")


@URC_MAKERS(mobile.ContextDown)
def tell_context_down(module: Device, event: mobile.ContextDown) -> None:
    """+CGEV: PDN DEACT or NW DEACT; a detachment is told for all contexts together."""
    if not module.mobile.attached:
        return
    if event.asked or event.bearer is None:
        report_event(module, f"PDN DEACT {event.cid}")
    else:
        kind = TYPE_NAMES.get(event.bearer.type, "")
        report_event(module, f'NW DEACT "{kind}","{event.bearer.address}",{event.cid}')


@URC_MAKERS(mobile.AddressChanged)
def tell_address(module: Device, event: mobile.AddressChanged) -> None:
    """+CGEV: PDN DEACT and PDN ACT: the network had the context activated anew."""
    report_event(module, f"PDN DEACT {event.cid}")
    report_event(module, f"PDN ACT {event.cid}")


@URC_MAKERS(mobile.Detached)
def tell_detached(module: Device, event: mobile.Detached) -> None:
    """+CGEV: ME DETACH or NW DETACH."""
    report_event(module, "ME DETACH" if event.asked else "NW DETACH")


@URC_MAKERS(mobile.ZoneChanged)
def tell_zone(module: Device, event: mobile.ZoneChanged) -> None:
    """+CTZV or +CTZE."""
    (reporting,) = module.get(c.CTZR)
    zone = f"{event.zone:+03d}"
    if reporting == 1:
        module.send_urc(c.CTZV, zone)
    elif reporting == 2:
        time = module.mobile.clock.local(module.now)
        module.send_urc(c.CTZE, zone, event.daylight, f"{time:%Y/%m/%d,%H:%M:%S}")
