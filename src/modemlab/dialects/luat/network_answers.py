"""How the line, the identity, the mobile and the IP connection of Luat's modules answer, and what is told of them."""

from typing import Any

from modemlab.at.command import Command
from modemlab.at.steps import NO_RESULT_CODE, OK, Final, Info, Refused, Steps
from modemlab.dialect import mobile
from modemlab.dialect.answer_registry import Answers, UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mobile import Sim
from modemlab.dialects.luat import ip_state
from modemlab.dialects.luat import network_commands as c
from modemlab.dialects.luat.errors import INVALID_TIME, NOT_ALLOWED
from modemlab.dialects.luat.ip_state import IpState
from modemlab.dialects.tgpp import answers as tgpp
from modemlab.dialects.tgpp import sim_answers
from modemlab.dialects.tgpp import urcs as tgpp_urcs
from modemlab.dialects.v250 import answers as v250
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

ANSWERS = Answers(v250.ANSWERS | tgpp.ANSWERS)
URC_MAKERS = UrcMakers(tgpp_urcs.URC_MAKERS)
del ANSWERS[c.IFC.on_write]  # its two values may differ here
for absent in (c.CREG, c.CEREG, c.CGREG):
    del ANSWERS[absent.on_execute]

# How the network sets the clock (to local time), and the format of the operator's name (its number).
LOCAL, NUMERIC = 3, 2


def boot(module: Device) -> None:
    """Say that the module is ready."""
    module.mobile.clock.update = LOCAL
    module.mobile.naming = NUMERIC
    module.send_urc(c.RDY)


# The line


def read_register(command: Command) -> None:
    """Let an S-parameter read as a bare number (3.9, its example)."""

    def answer(module: Device) -> Steps:
        yield Info(b"%d" % module.get(command)[0])
        yield OK

    ANSWERS[command.on_read] = answer


for declared in (c.S3, c.S4, c.S5):
    read_register(declared)


# Identity


@ANSWERS(c.INFORMATION.on_write)
def inform(module: Device, _value: int) -> Steps:
    """The firmware."""
    yield Info(module.model.revision.encode())
    yield OK


@ANSWERS(c.VER.on_execute)
def firmware(module: Device) -> Steps:
    """The firmware."""
    return inform(module, 0)


ANSWERS.shows(c.CGMI, lambda module: (module.model.maker,))
ANSWERS.shows(c.CGMM, lambda module: (module.model.shown,))
ANSWERS.shows(c.CGMR, lambda module: (module.model.revision,))
ANSWERS.prints(c.CCID, lambda module: sim_answers.iccid(module, c.CCID))
ANSWERS.shows(c.ICCID, lambda module: (sim_answers.iccid(module, c.ICCID),))


# Start and network


@ANSWERS(c.RESTART.on_execute)
def restart(module: Device) -> Steps:
    """Start again."""
    module.call_later(0.0, module.restart)
    yield OK


@ANSWERS(c.CPOWD.on_write)
def power_down(module: Device, n: int) -> Steps:
    """Lose the power, with a last word if it is asked for."""
    module.call_later(0.0, module.switch_off)
    yield Final(0, "NORMAL POWER DOWN") if n else NO_RESULT_CODE


@ANSWERS(c.CPIN.on_read)
def show_sim(module: Device) -> Steps:
    """What the SIM waits for; that there is none is no error (4.3)."""
    if module.mobile.sim is Sim.ABSENT:
        yield Info(c.CPIN.info("SIM REMOVED"))
        yield OK
    else:
        yield from tgpp.show_sim(module)


@ANSWERS(c.CPIN.on_write)
def enter_pin(module: Device, pin: str, newpin: str | None) -> Steps:
    """Give the card the code that it asks for; that it is ready stands ahead of OK (4.3, the example)."""
    done = next(sim_answers.enter_pin(module, pin, newpin))
    yield Info(c.CPIN.info(Sim.READY.value))
    yield done


@ANSWERS(c.COPS.on_write)
def select_operator(
    module: Device, mode: int, format: int | None, oper: str | None, act: int | None, _domain: int | None
) -> Steps:
    """Choose the network, for whatever domain."""
    return tgpp.select_operator(module, mode, format, oper, act)


@ANSWERS(c.CCLK.on_write)
def set_clock(module: Device, time: str) -> Steps:
    """Set the clock."""
    try:
        tgpp.set_clock_to(module, c.CCLK, time, -47, 48)
    except Refused as refused:
        raise Refused(refused.reason, INVALID_TIME) from refused
    yield OK


@ANSWERS(c.CGPADDR.on_write)
def show_address_of(module: Device, cid: int) -> Steps:
    """The address of a context."""
    return tgpp.show_addresses_of(module, ((cid,),))


@ANSWERS(c.CGDCONT.on_write)
def define_context(
    module: Device,
    cid: int,
    pdp_type: str | None,
    apn: str | None,
    address: str | None,
    data_comp: int | None,
    head_comp: int | None,
) -> Steps:
    """Define a context, active or not: what is active keeps what it has. Taking a definition away is as elsewhere."""
    given = pdp_type, apn, address, data_comp, head_comp
    if all(value is None for value in given):
        yield from tgpp.define_context(module, cid, *given)
        return
    module.mobile.define(cid, tgpp.redefined(module.mobile.context(cid), *given))
    yield OK


def definition(module: Device, cid: int) -> tuple[Any, ...]:
    """What a context is defined as, with the address of an active one."""
    kind, apn, address, *compression = tgpp.definition(module, cid)
    bearer = module.mobile.active.get(cid)
    return kind, apn, address if bearer is None else bearer.address, *compression


ANSWERS[c.CGDCONT.on_read] = tgpp.each_context(c.CGDCONT, definition)


# The IP connection


def refuse(command: Command, module: Device, *wanted: IpState) -> Refused:
    """A refusal for the present state."""
    states = " or ".join(one.value for one in wanted)
    message = N_("the state is {state}, but must be {wanted}")
    return Refused(command.where(message, state=ip_state.state_of(module), wanted=states), NOT_ALLOWED)


@ANSWERS(c.CSTT.on_execute)
def start(module: Device) -> Steps:
    """Begin with the access point of context 1."""
    here = ip_state.memory(module)
    if here.connection_state is not IpState.INITIAL:
        raise refuse(c.CSTT, module, IpState.INITIAL)
    here.connection_state = IpState.START
    yield OK


@ANSWERS(c.CSTT.on_write)
def start_with(module: Device, apn: str, user: str | None, password: str | None) -> Steps:
    """Begin with another access point, from the next activation of context 1 on."""
    if ip_state.memory(module).connection_state is not IpState.INITIAL:
        raise refuse(c.CSTT, module, IpState.INITIAL)
    old = module.mobile.context(c.CONTEXT)
    user, password = old.user if user is None else user, old.password if password is None else password
    module.mobile.define(c.CONTEXT, old._replace(apn=apn, user=user, password=password))
    yield from start(module)


@ANSWERS(c.CSTT.on_read)
def show_access_point(module: Device) -> Steps:
    """The access point of context 1."""
    context = module.mobile.context(c.CONTEXT)
    yield Info(c.CSTT.info(context.apn, context.user, context.password))
    yield OK


@ANSWERS(c.CIICR.on_execute)
def activate(module: Device) -> Steps:
    """Activate context 1, which may be active already."""
    here = ip_state.memory(module)
    if here.connection_state is not IpState.START:
        raise refuse(c.CIICR, module, IpState.START)
    if not module.mobile.activate(c.CONTEXT):
        cause = module.mobile.refusal(c.CONTEXT)
        reason = Sentence(N_("the mobile is not attached to a network"))
        if cause:
            reason = Sentence(N_("the network refuses it, cause {cause}"), cause=cause)
        raise Refused(c.CIICR.where(reason), NOT_ALLOWED)
    here.connection_state = IpState.ACTIVE
    yield OK


@ANSWERS(c.CIFSR.on_execute)
def show_address(module: Device) -> Steps:
    """The address, without a result code."""
    bearer = module.mobile.active.get(c.CONTEXT)
    if not ip_state.up(module) or bearer is None:
        raise refuse(c.CIFSR, module, IpState.ACTIVE, IpState.STATUS)
    ip_state.memory(module).connection_state = IpState.STATUS
    yield Info(bearer.address.encode())
    yield NO_RESULT_CODE


@ANSWERS(c.CIPSTATUS.on_execute)
def show_state(module: Device) -> Steps:
    """OK, then the state."""
    yield OK
    if c.CIPSTATUS.urc is not None:
        module.send_urc(c.CIPSTATUS.urc, ip_state.state_of(module))


@ANSWERS(c.CIPSHUT.on_execute)
def shut(module: Device) -> Steps:
    """End the connection and what it carries."""
    ip_state.shut(module)
    yield Final(0, c.CIPSHUT.done)


# What is told


@URC_MAKERS(mobile.SimChanged)
def tell_sim(module: Device, event: mobile.SimChanged) -> None:
    """+CPIN, when the SIM asks for a code (4.3, the example)."""
    if event.sim in (Sim.PIN, Sim.PUK) and c.CPIN.urc is not None:
        module.send_urc(c.CPIN.urc, event.sim.value)


@URC_MAKERS(mobile.RegistrationChanged)
def tell_registration(module: Device, event: mobile.RegistrationChanged) -> None:
    """+CREG, and the technology where it came or went."""
    tgpp_urcs.tell_registration(module, event)
    before = event.before in (mobile.HOME, mobile.ROAMING)
    if module.mobile.registered and not before:
        module.send_urc(c.MODE, 17, 17)
        module.send_urc(c.SERVICE)
    elif before and not module.mobile.registered:
        module.send_urc(c.MODE, 0, 0)


@URC_MAKERS(mobile.PacketChanged)
def tell_packet(module: Device, event: mobile.PacketChanged) -> None:
    """+CGREG and +CEREG; that the first context came up, and the time."""
    tgpp_urcs.tell_packet(module, event)
    here = ip_state.memory(module)
    attached, here.attached = here.attached, module.mobile.attached
    if here.attached and not attached and c.CONTEXT in module.mobile.active:
        module.send_urc(c.CGEV, f"ME PDN ACT {c.CONTEXT}")
        tell_time(module)


@URC_MAKERS(mobile.ZoneChanged)
def tell_zone(module: Device, _event: mobile.ZoneChanged) -> None:
    """The time, unless the attachment has told it with this zone."""
    clock = module.mobile.clock
    if ip_state.memory(module).told != (clock.network_zone, clock.daylight):
        tell_time(module)


def tell_time(module: Device) -> None:
    """+NITZ, in UTC, with the zone of the place behind it."""
    clock = module.mobile.clock
    zone = clock.network_zone
    ip_state.memory(module).told = zone, clock.daylight
    module.send_urc(c.NITZ, f"{clock.network(module.now):%y/%m/%d,%H:%M:%S}{zone:+03d}", clock.daylight)


@URC_MAKERS(mobile.ContextDown)
def tell_context(module: Device, event: mobile.ContextDown) -> None:
    """That the network took a context, and that the connection went with it."""
    if not event.asked:
        module.send_urc(c.CGEV, f"NW PDN DEACT {event.cid}")
    if event.cid == c.CONTEXT and ip_state.up(module):
        ip_state.memory(module).connection_state = IpState.DOWN
        module.send_urc(c.PDP_DEACT)
