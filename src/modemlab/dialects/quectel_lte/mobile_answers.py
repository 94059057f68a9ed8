"""How Quectel's own commands for the mobile are answered, and what is told of it."""

from datetime import datetime
from functools import partial
from typing import Any

from modemlab.at.command import Command
from modemlab.at.steps import OK, Info, Refused, Steps
from modemlab.at.urc import line_of
from modemlab.dialect import mobile
from modemlab.dialect.answer_registry import Answer, Answers, UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mobile import HOME, ROAMING, Sim
from modemlab.dialect.mqtt_events import CommandFailed
from modemlab.dialects.quectel_lte import mobile_commands as c
from modemlab.dialects.quectel_lte import tcpip_commands
from modemlab.dialects.quectel_lte.memory import LteMemory
from modemlab.dialects.quectel_lte.tcpip_answers import forget_servers
from modemlab.dialects.tgpp import urcs as tgpp
from modemlab.dialects.tgpp.commands import CPIN
from modemlab.dialects.tgpp.sim_answers import SIM_CODES, iccid
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

ANSWERS = Answers()
URC_MAKERS = UrcMakers()

# From AT+QPOWD=1 to POWERED DOWN, in seconds.
POWER_DOWN_DELAY_S = 0.7
TCPIP = (c.QICSGP.name, c.QIACT.name, c.QIDEACT.name, *tcpip_commands.COMMANDS)
PIN_ATTEMPTS, PUK_ATTEMPTS = 3, 10


def boot(module: Device) -> None:
    """Say that the module is ready; take up what AT+QURCCFG and AT+QCFG say of the start."""
    (module.urc_line,) = module.get(c.QURCCFG, "urcport")
    module.send_urc(c.STARTED)
    cache_urcs(module)
    module.mobile.attach_wanted = module.get(c.QCFG, "gprsattach") == (1,)


# PDP contexts


@ANSWERS(c.QICSGP.on_write)
def define_context(
    module: Device,
    cid: int,
    kind: int | None,
    apn: str | None,
    user: str | None,
    password: str | None,
    auth: int | None,
    _cdma: int | None,
) -> Steps:
    """Define a context from its next activation on, or show it."""
    module.memory(LteMemory).last_error = 0
    old = module.mobile.context(cid)
    if kind is None and user is None and auth is None:
        yield Info(line_of(c.QICSGP.name, c.CONTEXT, old[:5]))
    else:
        given: dict[str, Any] = dict(zip(old._fields, (kind, apn, user, password, auth), strict=False))
        module.mobile.define(cid, old._replace(**{k: new for k, new in given.items() if new is not None}))
    yield OK


@ANSWERS(c.QIACT.on_read)
def show_active(module: Device) -> Steps:
    """One line for each active context."""
    for cid, bearer in sorted(module.mobile.active.items()):
        yield Info(c.QIACT.info(cid, 1, *bearer))
    yield OK


@ANSWERS(c.QIACT.on_write)
def activate(module: Device, cid: int) -> Steps:
    """Activate a context that is not active."""
    if cid in module.mobile.active:
        raise Refused(c.QIACT.where(N_("context {cid} is active already"), cid=cid), c.NOT_ALLOWED)
    here = module.mobile
    if not here.activate(cid):
        if not here.attached:
            raise Refused(c.QIACT.where(N_("the mobile is not attached to a network")), c.OPENING_FAILED)
        if not here.contexts_left:
            raise Refused(c.QIACT.where(N_("three contexts are active already")), c.NOT_ALLOWED)
        cause = mobile.REFUSALS[here.refusal(cid)]
        message = N_("the network refuses context {cid}: {cause}")
        raise Refused(c.QIACT.where(message, cid=cid, cause=Sentence(cause)), c.OPENING_FAILED)
    module.memory(LteMemory).last_error = 0
    yield OK


@ANSWERS(c.QIDEACT.on_write)
def deactivate(module: Device, cid: int) -> Steps:
    """Deactivate a context; one that is not active stays so."""
    module.memory(LteMemory).last_error = 0
    module.mobile.deactivate(cid)
    yield OK


@ANSWERS(c.QIGETERROR.on_execute)
def show_error(module: Device) -> Steps:
    """How the last TCP/IP command went."""
    error = module.memory(LteMemory).last_error
    yield Info(c.QIGETERROR.info(error, c.ERRORS[error]))
    yield OK


@URC_MAKERS(CommandFailed)
def remember_error(module: Device, event: CommandFailed) -> None:
    """Keep the code of a TCP/IP command's failure for AT+QIGETERROR."""
    if event.command in TCPIP:
        known = event.code is not None and event.code in c.ERRORS
        module.memory(LteMemory).last_error = event.code or 0 if known else c.INVALID_PARAMETERS


# SIM

ANSWERS.shows(c.QCCID, lambda module: (iccid(module, c.QCCID),))


def counters(module: Device, facility: str) -> Info:
    """The attempts left; PIN2 is never asked for."""
    sim, lock = module.mobile.sim, module.mobile.sim_lock
    if sim in (Sim.ABSENT, Sim.BUSY, Sim.FAILURE) and lock.puk_left:
        raise Refused(c.QPINC.where(sim.value), SIM_CODES[sim])
    left = (lock.pin_left, lock.puk_left) if facility == "SC" else (PIN_ATTEMPTS, PUK_ATTEMPTS)
    return Info(c.QPINC.info(facility, *left))


@ANSWERS(c.QPINC.on_read)
def show_counters(module: Device) -> Steps:
    """The attempts left for both PINs."""
    yield counters(module, "SC")
    yield counters(module, "P2")
    yield OK


@ANSWERS(c.QPINC.on_write)
def show_counter(module: Device, facility: str) -> Steps:
    """The attempts left for one PIN."""
    yield counters(module, facility)
    yield OK


@ANSWERS(c.QSIMSTAT.on_read)
def show_insertion(module: Device) -> Steps:
    """Whether a card is in, and whether its coming and going is told."""
    (enable,) = module.get(c.QSIMSTAT)
    here = module.mobile
    known = here.sim not in (Sim.ABSENT, Sim.BUSY)
    yield Info(c.QSIMSTAT.info(enable, 0 if here.card is Sim.ABSENT else 1 if known else 2))
    yield OK


# The sum of what is ready by now: the card, then its messages, then its phonebook.
ANSWERS.shows(c.QINISTAT, lambda module: (2 ** module.mobile.read(module.now) - 1,))


# Network and clock


@ANSWERS(c.QLTS.on_write)
def show_time(module: Device, mode: int) -> Steps:
    """The network's time: as it was told, or as it would be told now."""
    here = module.mobile.clock
    if here.synchronised is None:
        yield Info(c.QLTS.info(""))
    else:
        time: datetime = (
            here.network(here.synchronised)
            if mode == 0
            else here.network(module.now)
            if mode == 1
            else here.local(module.now)
        )
        yield Info(c.QLTS.info(f"{time:%Y/%m/%d,%H:%M:%S}{here.network_zone:+03d},{here.daylight}"))
    yield OK


@ANSWERS(c.QLTS.on_execute)
def show_last_time(module: Device) -> Steps:
    """The network's time as it was told."""
    return show_time(module, 0)


@ANSWERS(c.QNWINFO.on_execute)
def show_network(module: Device) -> Steps:
    """Where the mobile is registered."""
    here = module.mobile
    cell = here.cell
    values = (cell.technology, here.operator.numeric, cell.band, cell.channel) if here.registered else ("NONE",)
    yield Info(c.QNWINFO.info(*values))
    yield OK


# The module


@ANSWERS(c.QPOWD.on_write)
def power_down(module: Device, n: int) -> Steps:
    """Say OK, then POWERED DOWN, then nothing."""
    module.call_later(POWER_DOWN_DELAY_S if n else 0.0, partial(module.switch_off, b"POWERED DOWN"))
    yield OK


@ANSWERS(c.QPOWD.on_execute)
def power_down_normally(module: Device) -> Steps:
    """As with 1."""
    return power_down(module, 1)


# Settings by option


def option_line(command: Command, option: str, values: tuple[Any, ...]) -> Info:
    """The line that reads an option."""
    declared = command.option(option)
    shape = declared.values if declared.read is None else declared.read
    rendered = [param.render(value) for param, value in zip(shape, values, strict=False)]
    return Info(b'%b: "%b",%b' % (command.name.encode(), option.encode(), b",".join(rendered)))


def configure(command: Command, option: str) -> Answer:
    """The answer of an option that does nothing but keep its values."""

    def answer(module: Device, *values: Any) -> Steps:
        if all(value is None for value in values):
            yield option_line(command, option, module.get(command, option))
        else:
            module.set(command, values, option)
        yield OK

    return answer


ANSWERS.update({c.QCFG.on(o.name): configure(c.QCFG, o.name) for o in c.QCFG.options})


@ANSWERS(c.QURCCFG.on("urcport"))
def route_urcs(module: Device, urcportvalue: str | None) -> Steps:
    """Choose the port of the URCs, from now on."""
    yield from configure(c.QURCCFG, "urcport")(module, urcportvalue)
    (module.urc_line,) = module.get(c.QURCCFG, "urcport")


@ANSWERS(c.QCFG.on("band"))
def set_bands(module: Device, bandval: int | None, ltebandval: int | None, effect: int | None) -> Steps:
    """Set the bands, as far as the module has them."""
    before, lte_before, _ = module.get(c.QCFG, "band")
    if bandval is None or ltebandval is None:
        yield option_line(c.QCFG, "band", (before, lte_before))
    else:
        if bandval & ~c.GSM_WCDMA_BANDS and bandval != c.ANY_GSM_WCDMA:
            raise Refused(
                c.QCFG.where(N_("<bandval> 0x{bandval:x} has a band that the module does not support"), bandval=bandval)
            )
        if ltebandval & ~c.LTE_BANDS and ltebandval not in (c.KEEP_LTE, c.ANY_LTE):
            raise Refused(
                c.QCFG.where(
                    N_("<ltebandval> 0x{ltebandval:x} has a band that the module does not support"),
                    ltebandval=ltebandval,
                )
            )
        lte = lte_before if ltebandval in (0, c.KEEP_LTE) else ltebandval
        module.set(c.QCFG, (bandval or before, lte, effect), "band")
    yield OK


@ANSWERS(c.QCFG.on("urc/cache"))
def hold_back(module: Device, enable: int | None) -> Steps:
    """Hold URCs back, or print those that were."""
    yield from configure(c.QCFG, "urc/cache")(module, enable)
    cache_urcs(module)


def cache_urcs(module: Device) -> None:
    """Have URCs wait on every line, or not."""
    module.hold_urcs(module.get(c.QCFG, "urc/cache") == (1,))


def indicate(option: str) -> Answer:
    """The answer of an option of AT+QINDCFG, which is stored when asked to."""

    def answer(module: Device, enable: int | None, save: int | None) -> Steps:
        if enable is None:
            if save is not None:
                raise Refused(c.QINDCFG.where(N_("<enable> must be given with <savetonvram>")))
            yield option_line(c.QINDCFG, option, module.get(c.QINDCFG, option))
        else:
            module.set(c.QINDCFG, (enable, None), option)
            if save:
                module.save(c.QINDCFG, option)
            if option == "act" and enable:
                tell_technology(module)
        yield OK

    return answer


ANSWERS.update({c.QINDCFG.on(o.name): indicate(o.name) for o in c.QINDCFG.options})


# What is told


def indicated(module: Device, option: str) -> bool:
    """Whether AT+QINDCFG lets a URC be told."""
    return all(module.get(c.QINDCFG, name)[0] == 1 for name in ("all", option))


@URC_MAKERS(mobile.SignalChanged)
def tell_signal(module: Device, event: mobile.SignalChanged) -> None:
    """+QIND: "csq"."""
    if indicated(module, "csq"):
        module.send_urc(c.SIGNAL, "csq", *event.signal)


def tell_technology(module: Device) -> None:
    """+QIND: "act"."""
    if indicated(module, "act"):
        module.send_urc(c.TECHNOLOGY, "act", "LTE" if module.mobile.registered else "UNKNOWN")


@URC_MAKERS(mobile.RegistrationChanged)
def tell_registration(module: Device, event: mobile.RegistrationChanged) -> None:
    """+CREG, and the technology where it came or went."""
    tgpp.tell_registration(module, event)
    if (event.stat in (HOME, ROAMING)) != (event.before in (HOME, ROAMING)):
        tell_technology(module)


@URC_MAKERS(mobile.ContextDown)
def tell_context(module: Device, event: mobile.ContextDown) -> None:
    """+QIURC: "pdpdeact" when it was not the host; +CGEV."""
    forget_servers(module, event.cid)
    if not event.asked:
        module.send_urc(c.PDP_LOST, "pdpdeact", event.cid)
    tgpp.tell_context_down(module, event)


@URC_MAKERS(mobile.CardMoved)
def tell_card(module: Device, event: mobile.CardMoved) -> None:
    """+QSIMSTAT, if it is asked for."""
    if module.get(c.QSIMSTAT) == (1,) and c.QSIMSTAT.urc is not None:
        module.send_urc(c.QSIMSTAT.urc, 1, int(event.inserted))


@URC_MAKERS(mobile.SimChanged)
def tell_sim(module: Device, event: mobile.SimChanged) -> None:
    """+CPIN, also when a card was pulled or put in and AT+QSIMDET detects it."""
    if not event.moved:
        tgpp.tell_sim(module, event)
    elif module.get(c.QSIMDET)[0] == 1 and CPIN.urc is not None:
        waits = event.sim in (Sim.READY, Sim.PIN, Sim.PUK)
        module.send_urc(CPIN.urc, event.sim.value if waits else "NOT READY")
