"""How BC35-G and BC28 answer for the mobile, and what they tell of it: each reads or changes its one state."""

import re
from typing import Any

from modemlab.at import results
from modemlab.at.command import Command
from modemlab.at.reasons import Missing
from modemlab.at.steps import OK, Info, Refused, Steps
from modemlab.dialect import mobile
from modemlab.dialect.answer_registry import Answers, UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mobile import AUTOMATIC, DENIED, FULL, HOME, NOT_REGISTERED, ROAMING
from modemlab.dialects.quectel_nb import mobile_commands as c
from modemlab.dialects.quectel_nb.errors import CID_ACTIVE, CID_INVALID, CID_UNDEFINED, LAST_CID
from modemlab.dialects.quectel_nb.module_answers import need_function, refuse
from modemlab.dialects.quectel_nb.module_commands import NCONFIG
from modemlab.dialects.quectel_nb.urcs import opened
from modemlab.dialects.tgpp.answers import TYPE_NAMES, activity, each_context, redefined, set_clock_to
from modemlab.text.catalogue import N_

ANSWERS = Answers()
URC_MAKERS = UrcMakers()
EMM_CAUSE = "0"
BITS = re.compile("[01]*")


# Registration


def registration_values(module: Device, mode: int) -> tuple[Any, ...]:
    """The status; while registered with area and cell from mode 2 on, with power saving's timers from 4 on.

    Of a registration that is denied the cause, in modes 3 and 5.
    """
    here = module.mobile
    stat = here.packet_registration if here.attach_wanted else NOT_REGISTERED
    if stat == DENIED and mode in (3, 5) and here.reject:
        return (stat, None, None, None, EMM_CAUSE, str(here.reject))
    if mode < 2 or stat not in (HOME, ROAMING):
        return (stat,)
    values = (stat, here.cell.area, here.cell.identity.zfill(8), here.cell.act)
    saving, _, _, tau, active = module.get(c.CPSMS)
    return (*values, "", "", active, tau) if mode >= 4 and saving == 1 else values


@ANSWERS(c.CEREG.on_read)
def show_registration(module: Device) -> Steps:
    """The registration."""
    (mode,) = module.get(c.CEREG)
    yield Info(c.CEREG.info(mode, *registration_values(module, mode)))
    yield OK


# There is a signalling connection while the MQTT client has its network.
ANSWERS.shows(c.CSCON, lambda module: (*module.get(c.CSCON), int(opened(module))))
# The error rate is never known.
ANSWERS.shows(c.CSQ, lambda module: (module.mobile.signal.rssi, 99))


@ANSWERS(c.COPS.on_read)
def show_operator(module: Device) -> Steps:
    """How the network is chosen, and which one it is."""
    here = module.mobile
    values = (here.selection, 2, here.operator.numeric) if here.attached else (here.selection,)
    yield Info(c.COPS.info(*values))
    yield OK


@ANSWERS(c.COPS.on_test)
def search(module: Device) -> Steps:
    """List the one network that is received."""
    need_function(module, c.COPS)
    here = module.mobile
    if opened(module):
        raise refuse(c.COPS, N_("there is a signalling connection"))
    if here.signal.rssi == 99:
        raise refuse(c.COPS, N_("no network is received"), results.NO_NETWORK_SERVICE)
    stat = 2 if here.attached else 1 if here.coverage in (HOME, ROAMING) else 3
    yield Info(f'+COPS:({stat},,,"{here.operator.numeric}"),,(0-2),(2)'.encode())
    yield OK


@ANSWERS(c.COPS.on_write)
def select_operator(module: Device, mode: int, _format: int | None, oper: str | None, act: int | None) -> Steps:
    """Choose the network; one that is not received is refused."""
    need_function(module, c.COPS)
    here = module.mobile
    if (mode == 1) != (oper is not None):
        raise refuse(c.COPS, N_("<oper> must be given with <mode> 1, and only then"), results.INCORRECT_PARAMETERS)
    received = here.coverage in (HOME, ROAMING) and oper == here.operator.numeric and act in (None, here.cell.act)
    if mode == 1 and not received:
        raise refuse(c.COPS, N_("the network {oper!r} is not received"), results.NO_NETWORK_SERVICE, oper=oper)
    here.select(mode, module.now)
    yield OK


ANSWERS.shows(c.CFUN, lambda module: (int(module.mobile.level == FULL),))


@ANSWERS(c.CFUN.on_write)
def set_function(module: Device, fun: int, _rst: int | None) -> Steps:
    """Set the level of functionality."""
    module.mobile.function(fun, module.now)
    yield OK


ANSWERS.shows(c.CGATT, lambda module: (int(module.mobile.attached),))


@ANSWERS(c.CGATT.on_write)
def attach(module: Device, state: int) -> Steps:
    """Attach or detach; detaching deactivates all contexts, attaching chooses the network automatically."""
    here = module.mobile
    if not state:
        here.detach(module.now)
    else:
        need_function(module, c.CGATT)
        before = here.selection
        here.select(AUTOMATIC, module.now)
        if not here.attach(module.now):
            here.select(before, module.now)
            raise refuse(c.CGATT, N_("no network accepts the mobile"), results.NO_NETWORK_SERVICE)
    yield OK


# PDP contexts


def check_defined(module: Device, command: Command, cid: int) -> None:
    """Refuse a context that is not defined."""
    if cid not in module.mobile.defined():
        raise refuse(command, N_("context {cid} is not defined"), CID_UNDEFINED, cid=cid)


def definition(module: Device, cid: int) -> tuple[str]:
    """What a context is defined as."""
    context = module.mobile.context(cid)
    apn = f'"{context.apn}"' if context.apn else ""
    data, head, priority, ciphered = *context.compression, *context.signalling
    return (f'"{TYPE_NAMES[context.type]}",{apn},,{data},{head},,,,,{priority},{ciphered}',)


def authentication(module: Device, cid: int) -> tuple[int, str, str]:
    """How a context's user is authenticated."""
    context = module.mobile.context(cid)
    return context.auth, context.user, context.password


ANSWERS[c.CGDCONT.on_read] = each_context(c.CGDCONT, definition)
ANSWERS[c.CGACT.on_read] = each_context(c.CGACT, activity)
ANSWERS[c.CGAUTH.on_read] = each_context(c.CGAUTH, authentication)


@ANSWERS(c.CGDCONT.on_write)
def define_context(
    module: Device,
    cid: int,
    pdp_type: str | None,
    apn: str | None,
    address: str | None,
    data: int | None,
    head: int | None,
    *others: int | None,
) -> Steps:
    """Define a context from its next activation on, or take its definition away."""
    here = module.mobile
    if cid in here.active and cid != c.INITIAL:
        raise refuse(c.CGDCONT, N_("context {cid} is active"), CID_ACTIVE, cid=cid)
    if cid == c.BIP and module.get(NCONFIG, "ENABLE_BIP") == ("TRUE",):
        raise refuse(c.CGDCONT, N_("context {cid} is used for BIP, which AT+NCONFIG enables"), CID_INVALID, cid=cid)
    if all(value is None for value in (pdp_type, apn, address, data, head, *others)):
        here.define(cid, c.FACTORY.contexts.get(cid))
    else:
        old = here.context(cid) if cid in here.defined() else c.UNDEFINED
        here.define(cid, redefined(old, pdp_type, apn, None, 0, head, *others[4:]))
    yield OK


@ANSWERS(c.CGACT.on_write)
def activate(module: Device, state: int, cid: int) -> Steps:
    """Activate or deactivate a context; activation attaches first."""
    here = module.mobile
    check_defined(module, c.CGACT, cid)
    if state:
        need_function(module, c.CGACT)
        if not here.attached and not here.attach(module.now):
            raise refuse(c.CGACT, N_("no network accepts the mobile"), results.NO_NETWORK_SERVICE)
        if not here.activate(cid):
            cause = here.refusal(cid)
            message = N_("the network refuses it, cause {cause}") if cause else N_("three contexts are active already")
            raise refuse(c.CGACT, message, cause=cause)
    elif here.active.keys() == {cid}:
        raise refuse(c.CGACT, N_("the last active context cannot be deactivated"), LAST_CID)
    else:
        here.deactivate(cid)
    yield OK


def listed(module: Device) -> list[int]:
    """The defined contexts; that of the attachment only once it is up, if the module connects by itself."""
    here = module.mobile
    connects = here.first_level == FULL
    return [cid for cid in here.defined() if cid != c.INITIAL or cid in here.active or not connects]


@ANSWERS(c.CGPADDR.on_test)
def list_contexts(module: Device) -> Steps:
    """The contexts that have addresses, or will have."""
    yield Info(f"+CGPADDR:({','.join(map(str, listed(module)))})".encode())
    yield OK


@ANSWERS(c.CGPADDR.on_execute)
def show_addresses(module: Device) -> Steps:
    """Their addresses."""
    return show_addresses_of(module, tuple((cid,) for cid in listed(module)))


@ANSWERS(c.CGPADDR.on_write)
def show_addresses_of(module: Device, cids: tuple[tuple[int], ...]) -> Steps:
    """The addresses of these contexts."""
    for (cid,) in cids:
        check_defined(module, c.CGPADDR, cid)
    for (cid,) in cids:
        bearer = module.mobile.active.get(cid)
        yield Info(c.CGPADDR.info(cid, bearer.address) if bearer and bearer.address else c.CGPADDR.info(cid))
    yield OK


@ANSWERS(c.CGAUTH.on_write)
def authenticate(module: Device, cid: int, auth_prot: int | None, userid: str | None, password: str | None) -> Steps:
    """Set the authentication of a context, or take it away."""
    check_defined(module, c.CGAUTH, cid)
    if bool(auth_prot) != (userid is not None):
        raise refuse(
            c.CGAUTH, N_("<userid> must be given with <auth_prot> 1 and 2, and only then"), results.INCORRECT_PARAMETERS
        )
    context = module.mobile.context(cid)
    new = context._replace(user=userid or "", password=password or "", auth=auth_prot or 0)
    module.mobile.define(cid, new)
    yield OK


# Clock


@ANSWERS(c.CCLK.on_read)
def show_clock(module: Device) -> Steps:
    """The clock; nothing while the network sets it and has not told the time."""
    clock = module.mobile.clock
    if clock.synchronised is not None or clock.update == 0:
        yield Info(c.CCLK.info(f"{clock.shown(module.now):%y/%m/%d,%H:%M:%S}{clock.zone:+03d}"))
    yield OK


@ANSWERS(c.CCLK.on_write)
def set_clock(module: Device, time: str) -> Steps:
    """Set the clock, if it is the host's to set; years are of this century."""
    if module.mobile.clock.update:
        raise refuse(c.CCLK, N_("the network sets the clock (AT+NITZ)"))
    set_clock_to(module, c.CCLK, time, -96, 96)
    yield OK


@ANSWERS(c.NITZ.on_write)
def let_network_set(module: Device, mode: int) -> Steps:
    """Let the network set the clock to local time from its next word on, or not."""
    module.set(c.NITZ, (mode,))
    module.mobile.clock.update = 3 if mode else 0
    yield OK


# Power saving


def check_bits(command: Command, *values: str | None) -> None:
    """Refuse what is not made of 0 and 1."""
    for value in values:
        if value is not None and not BITS.fullmatch(value):
            raise refuse(
                command, N_("{value!r} is not a string of bits"), results.INCORRECT_PARAMETERS, value=value[:40]
            )


@ANSWERS(c.CPSMS.on_write)
def save_power(
    module: Device, mode: int, _rau: str | None, _ready: str | None, tau: str | None, active: str | None
) -> Steps:
    """Set power saving and its timers; 2 takes the timers back."""
    check_bits(c.CPSMS, tau, active)
    if mode == 2:
        module.set(c.CPSMS, c.CPSMS.settings[""].defaults)
    else:
        module.set(c.CPSMS, (mode, None, None, tau, active))
    yield OK


ANSWERS.shows(c.CEDRXS, lambda module: module.get(c.CEDRXS)[1:])


@ANSWERS(c.CEDRXS.on_write)
def set_reception(module: Device, mode: int, act_type: int | None, value: str | None) -> Steps:
    """Set discontinuous reception; 3 takes the value back."""
    check_bits(c.CEDRXS, value)
    if mode == 3:
        module.set(c.CEDRXS, (3, *c.CEDRXS.settings[""].defaults[1:]))
    elif act_type is None:
        raise Refused(c.CEDRXS.where(Missing("AcT-type")), results.INCORRECT_PARAMETERS)
    else:
        module.set(c.CEDRXS, (mode, act_type, value))
    yield OK


# Whether power saving is reported; the module never sleeps.
ANSWERS.shows(c.NPSMR, lambda module: (1, 0) if module.get(c.NPSMR) == (1,) else (0,))


# What is told


@URC_MAKERS(mobile.PacketChanged)
def tell_packet(module: Device, _event: mobile.PacketChanged) -> None:
    """+CEREG."""
    (mode,) = module.get(c.CEREG)
    if mode:
        module.send_urc(c.REGISTRATION, *registration_values(module, mode))


@URC_MAKERS(mobile.CellChanged)
def tell_cell(module: Device, _event: mobile.CellChanged) -> None:
    """+CEREG, where it shows the cell."""
    (mode,) = module.get(c.CEREG)
    if mode >= 2 and module.mobile.attached:
        module.send_urc(c.REGISTRATION, *registration_values(module, mode))


@URC_MAKERS(mobile.ZoneChanged)
def tell_zone(module: Device, event: mobile.ZoneChanged) -> None:
    """+CTZV, +CTZE or +CTZEU, as AT+CTZR has it."""
    (reporting,) = module.get(c.CTZR)
    if reporting:
        clock = module.mobile.clock
        time = clock.local(module.now) if reporting == 2 else clock.network(module.now)
        values = (f"{event.zone:+03d}", event.daylight, f"{time:%Y/%m/%d,%H:%M:%S}")
        module.send_urc(c.ZONES[reporting], *values[: 1 if reporting == 1 else 3])
