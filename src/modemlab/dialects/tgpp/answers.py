"""How the commands of 3GPP TS 27.007 are answered: each reads the mobile's one state."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from modemlab.at import results
from modemlab.at.command import Command
from modemlab.at.steps import FAULTY, OK, Info, Refused, Steps
from modemlab.dialect.answer_registry import Answer, Answers
from modemlab.dialect.device import Device
from modemlab.dialect.mobile import AUTOMATIC, FULL, HOME, REFUSALS, REJECTS, ROAMING, Context, Sim
from modemlab.dialects.tgpp import commands as c
from modemlab.dialects.tgpp import sim_answers
from modemlab.dialects.tgpp.sim_answers import SIM_CODES, refuse, show_sim
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

__all__ = ["ANSWERS", "SIM_CODES", "refuse", "show_sim"]

ANSWERS = Answers(sim_answers.ANSWERS)

# What a network's refusal of the mobile is reported as (27.007, 9.2.2.1); others as no service.
REJECTED = {3: 103, 6: 106, 7: 107, 11: 111, 12: 112, 13: 113}
# What a network's refusal of a context is reported as (27.007, 9.2.2.2); others are unspecified.
REFUSED = {
    29: results.AUTHENTICATION_FAILED,
    32: results.OPTION_NOT_SUPPORTED,
    33: results.OPTION_NOT_SUBSCRIBED,
    34: results.OPTION_OUT_OF_ORDER,
}
CLOCK = re.compile(r"(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d\d)", re.ASCII)
TYPES = {"IP": 1, "IPV6": 2, "IPV4V6": 3, "NONIP": 4}
TYPE_NAMES = {number: name for name, number in TYPES.items()}


def need_service(module: Device, command: Command) -> Refused:
    """Why a command that needs the network's service is refused: for want of a SIM, or of a network."""
    mobile = module.mobile
    if mobile.sim is not Sim.READY:
        return refuse(command, mobile.sim.value, SIM_CODES[mobile.sim])
    if mobile.is_emergency_only:
        return refuse(command, N_("the network allows only emergency calls"), results.EMERGENCY_ONLY)
    if mobile.reject:
        code = REJECTED.get(mobile.reject, results.NO_NETWORK_SERVICE)
        return refuse(
            command, N_("the network refuses the mobile: {cause}"), code, cause=Sentence(REJECTS[mobile.reject])
        )
    return refuse(command, N_("not registered"), results.NO_NETWORK_SERVICE)


# Identity and function

ANSWERS.prints(c.CGMI, lambda module: module.model.maker)
ANSWERS.prints(c.CGMM, lambda module: module.model.shown)
ANSWERS.prints(c.CGMR, lambda module: module.model.revision)
ANSWERS.prints(c.CGSN, lambda module: module.identity.imei)
ANSWERS.shows(c.CFUN, lambda module: (module.mobile.level,))


@ANSWERS(c.CFUN.on_write)
def set_function(module: Device, fun: int, rst: int | None) -> Steps:
    """Set the level of functionality, or start again."""
    if rst and fun != FULL:
        raise refuse(c.CFUN, N_("<rst> 1 is only for <fun> 1"), FAULTY)
    if rst:
        module.call_later(0.0, module.restart)
    else:
        module.mobile.function(fun, module.now)
    yield OK


# Ready with full functionality, else unknown: there are no calls.
ANSWERS.shows(c.CPAS, lambda module: (0 if module.mobile.level == FULL else 2,))
ANSWERS.shows(c.CEER, lambda module: (module.mobile.cause,))


# Network


@ANSWERS(c.COPS.on_test)
def search(module: Device) -> Steps:
    """List the one network that is received."""
    mobile = module.mobile
    if mobile.signal.rssi == 99:
        raise refuse(c.COPS, N_("no network is received"), results.NO_NETWORK_SERVICE)
    here = mobile.operator
    stat = 2 if mobile.registered else 1 if mobile.coverage in (HOME, ROAMING) else 3
    found = f'({stat},"{here.long}","{here.short}","{here.numeric}",{mobile.cell.act})'
    yield Info(f"+COPS: {found},,(0,1,2,3,4),(0,1,2)".encode())
    yield OK


@ANSWERS(c.COPS.on_read)
def show_operator(module: Device) -> Steps:
    """How the network is chosen, and which one it is."""
    mobile = module.mobile
    values: tuple[Any, ...] = (mobile.selection,)
    if mobile.registered:
        values = (mobile.selection, mobile.naming, mobile.operator[mobile.naming], mobile.cell.act)
    yield Info(c.COPS.info(*values))
    yield OK


@ANSWERS(c.COPS.on_write)
def select_operator(module: Device, mode: int, format: int | None, oper: str | None, act: int | None) -> Steps:
    """Choose the network; one that is not received is refused."""
    mobile = module.mobile
    if mode in (1, 4) and oper is None:
        raise refuse(c.COPS, N_("<oper> must be given with <mode> {mode}"), FAULTY, mode=mode)
    naming = mobile.naming if format is None else format
    if mode == 1 and (mobile.is_emergency_only or mobile.sim is not Sim.READY):
        raise need_service(module, c.COPS)
    if mode in (1, 4):
        here = mobile.level == FULL and mobile.coverage in (HOME, ROAMING) and mobile.signal.rssi != 99
        received = here and oper == mobile.operator[naming] and act in (None, mobile.cell.act)
        if mode == 1 and not received:
            raise refuse(c.COPS, N_("the network {oper!r} is not received"), results.NO_NETWORK_SERVICE, oper=oper)
        mode = mode if received else AUTOMATIC
    mobile.naming = naming
    if mode != 3:
        mobile.select(mode, module.now)
    yield OK


def registration_values(module: Device, mode: int, stat: int) -> tuple[Any, ...]:
    """A status, with area and cell in mode 2 while registered."""
    cell = module.mobile.cell
    located = mode >= 2 and stat in (HOME, ROAMING)
    return (stat, cell.area, cell.identity, cell.act) if located else (stat,)


def answer_registration(command: Command, status: Callable[[Device], int]) -> None:
    """Let a command show a status, and report no change of it when executed."""

    def shown(module: Device) -> tuple[Any, ...]:
        (mode,) = module.get(command)
        return mode, *registration_values(module, mode, status(module))

    @ANSWERS(command.on_execute)
    def silence(module: Device) -> Steps:
        module.set(command, (0,))
        yield OK

    ANSWERS.shows(command, shown)


answer_registration(c.CREG, lambda module: module.mobile.registration)
answer_registration(c.CGREG, lambda module: module.mobile.packet_registration)
answer_registration(c.CEREG, lambda module: module.mobile.packet_registration)
ANSWERS.shows(c.CSQ, lambda module: module.mobile.signal)


# Clock

ANSWERS.shows(c.CTZU, lambda module: (module.mobile.clock.update,))


@ANSWERS(c.CTZU.on_write)
def set_update(module: Device, onoff: int) -> Steps:
    """Let the network set the clock from its next word on, or not."""
    module.mobile.clock.update = onoff
    yield OK


@ANSWERS(c.CCLK.on_read)
def show_clock(module: Device) -> Steps:
    """The clock."""
    clock = module.mobile.clock
    yield Info(c.CCLK.info(f"{clock.shown(module.now):%y/%m/%d,%H:%M:%S}{clock.zone:+03d}"))
    yield OK


@ANSWERS(c.CCLK.on_write)
def set_clock(module: Device, time: str) -> Steps:
    """Set the clock; years are of this century."""
    set_clock_to(module, c.CCLK, time, -48, 56)
    yield OK


def set_clock_to(module: Device, command: Command, time: str, minimum: int, maximum: int) -> None:
    """Set the clock to a text's date, time and zone, the latter in these bounds; refused when it is none."""
    match = CLOCK.fullmatch(time)
    if match is None or not minimum <= int(match[7]) <= maximum:
        message = N_("<time> is yy/MM/dd,hh:mm:ss and {minimum} to +{maximum}")
        raise refuse(command, message, FAULTY, minimum=minimum, maximum=maximum)
    year, month, day, hour, minute, second, zone = map(int, match.groups())
    try:
        value = datetime(2000 + year, month, day) + timedelta(hours=hour, minutes=minute, seconds=second)
        datetime(2000, 1, 1, hour, minute, second)
    except ValueError:
        raise refuse(command, N_("{time} is not a date and time"), FAULTY, time=time) from None
    module.mobile.clock.set(value, zone, module.now)


# Packet domain

ANSWERS.shows(c.CGATT, lambda module: (int(module.mobile.attached),))


@ANSWERS(c.CGATT.on_write)
def attach(module: Device, state: int) -> Steps:
    """Attach or detach; detaching deactivates all contexts."""
    if not state:
        module.mobile.detach(module.now)
    elif not module.mobile.attach(module.now):
        raise need_service(module, c.CGATT)
    yield OK


def each_context(command: Command, values: Callable[[Device, int], tuple[Any, ...]]) -> Answer:
    """An answer of one line for each defined context: its number, and the values that it has."""

    def answer(module: Device) -> Steps:
        for cid in module.mobile.defined():
            yield Info(command.info(cid, *values(module, cid)))
        yield OK

    return answer


def definition(module: Device, cid: int) -> tuple[Any, ...]:
    """What a context is defined as."""
    context = module.mobile.context(cid)
    return TYPE_NAMES[context.type], context.apn, context.address, *context.compression


def activity(module: Device, cid: int) -> tuple[int]:
    """Whether a context is active."""
    return (int(cid in module.mobile.active),)


ANSWERS[c.CGDCONT.on_read] = each_context(c.CGDCONT, definition)
ANSWERS[c.CGACT.on_read] = each_context(c.CGACT, activity)


@ANSWERS(c.CGDCONT.on_write)
def define_context(
    module: Device,
    cid: int,
    pdp_type: str | None,
    apn: str | None,
    address: str | None,
    data_comp: int | None,
    head_comp: int | None,
    *others: int | None,
) -> Steps:
    """Define a context, or take its definition away; its user and authentication stay."""
    mobile = module.mobile
    if cid in mobile.active:
        raise refuse(c.CGDCONT, N_("context {cid} is active"), results.NOT_ALLOWED, cid=cid)
    given = (pdp_type, apn, address, data_comp, head_comp, *others)
    if all(value is None for value in given):
        mobile.define(cid, None)
    else:
        old = mobile.context(cid)
        mobile.define(cid, redefined(old, pdp_type, apn, address, data_comp, head_comp))
    yield OK


def redefined(
    old: Context,
    pdp_type: str | None,
    apn: str | None,
    address: str | None,
    data_comp: int | None,
    head_comp: int | None,
    priority: int | None = None,
    ciphered: int | None = None,
) -> Context:
    """The context with what is given in place of the old."""
    return old._replace(
        type=old.type if pdp_type is None else TYPES[pdp_type],
        apn=old.apn if apn is None else apn,
        address=old.address if address is None else address,
        compression=(
            old.compression[0] if data_comp is None else data_comp,
            old.compression[1] if head_comp is None else head_comp,
        ),
        signalling=(
            old.signalling[0] if priority is None else priority,
            old.signalling[1] if ciphered is None else ciphered,
        ),
    )


@ANSWERS(c.CGACT.on_write)
def activate(module: Device, state: int, cid: int | None) -> Steps:
    """Activate or deactivate a context, or all that are defined; activation attaches first."""
    mobile = module.mobile
    if cid is not None and cid not in mobile.defined():
        raise refuse(c.CGACT, N_("context {cid} is not defined"), FAULTY, cid=cid)
    wanted = mobile.defined() if cid is None else [cid]
    if not state:
        for one in wanted:
            mobile.deactivate(one)
    elif not mobile.attached and not mobile.attach(module.now):
        raise need_service(module, c.CGACT)
    elif mobile.contexts_left < len(set(wanted) - mobile.active.keys()):
        raise refuse(c.CGACT, N_("no more than three contexts can be active at once"), results.NOT_ALLOWED)
    else:
        # what the network refuses comes first, so that nothing has changed then
        for one in sorted(wanted, key=mobile.refusal, reverse=True):
            if not mobile.activate(one):
                cause = mobile.refusal(one)
                code = REFUSED.get(cause, results.UNSPECIFIED_GPRS)
                raise refuse(
                    c.CGACT,
                    N_("the network refuses context {cid}: {cause}"),
                    code,
                    cid=one,
                    cause=Sentence(REFUSALS[cause]),
                )
    yield OK


@ANSWERS(c.CGPADDR.on_test)
def list_contexts(module: Device) -> Steps:
    """The defined contexts."""
    yield Info(f"+CGPADDR: ({','.join(map(str, module.mobile.defined()))})".encode())
    yield OK


@ANSWERS(c.CGPADDR.on_execute)
def show_addresses(module: Device) -> Steps:
    """The addresses of all defined contexts."""
    return show_addresses_of(module, tuple((cid,) for cid in module.mobile.defined()))


@ANSWERS(c.CGPADDR.on_write)
def show_addresses_of(module: Device, cids: tuple[tuple[int], ...]) -> Steps:
    """The addresses of these contexts."""
    for (cid,) in cids:
        bearer = module.mobile.active.get(cid)
        address = bearer.address if bearer else module.mobile.context(cid).address
        yield Info(c.CGPADDR.info(cid, address) if address else c.CGPADDR.info(cid))
    yield OK


@ANSWERS(c.CGEREP.on_write)
def report_events(module: Device, mode: int, bfr: int | None) -> Steps:
    """Report events of the packet domain, or keep them; those that were kept are printed or forgotten."""
    module.set(c.CGEREP, (mode, bfr))
    kept = module.mobile.reports
    if mode:
        module.mobile.reports = ()
    yield OK
    if mode and bfr:
        for line in kept:
            module.send_urc_line(line)
