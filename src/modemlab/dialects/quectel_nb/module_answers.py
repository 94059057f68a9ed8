"""How BC35-G and BC28 answer for the line and the module itself."""

from collections.abc import Callable

from modemlab.at import results
from modemlab.at.command import Command
from modemlab.at.reasons import Missing
from modemlab.at.steps import OK, Final, Info, Refused, Steps
from modemlab.dialect.answer_registry import Answer, Answers
from modemlab.dialect.device import Device
from modemlab.dialect.mobile import FULL, Sim
from modemlab.dialects.quectel_nb import module_commands as c
from modemlab.dialects.quectel_nb.errors import MINIMUM, PUK_BLOCKED
from modemlab.dialects.tgpp import sim_answers
from modemlab.text.catalogue import N_

ANSWERS = Answers()

SIM_CODES = {Sim.ABSENT: 310, Sim.PIN: 311, Sim.FAILURE: 313, Sim.BUSY: 314, Sim.PUK: 316}
SIM_WRONG = 315
REBOOTING = Final(4, "REBOOTING")
# Two parts of the firmware each but for the first and the last (AT commands manual, 2.5).
REVISIONS = (
    "SSB,V150R100C10B200SP1",
    "SECURITY_A,V150R100C20B300SP2",
    "PROTOCOL_A,V150R100C20B300SP2",
    "APPLICATION_A,V150R100C20B300SP2",
    "SECURITY_B,V150R100C20B300SP2",
    "RADIO,Hi2115_RF1",
)
VERSION = "01"
# What a mobile measures beside the signal, in tenths where the manual says centibels.
NO_POWER, RADIO_SHARE, RSRQ, TX_POWER, SNR, PCI, STANDALONE = -32768, 60, -108, 230, 226, 105, 4


def refuse(command: Command, message: str, code: int = results.NOT_ALLOWED, /, **values: object) -> Refused:
    """A refusal that cites the command's place in the manual."""
    return Refused(command.where(message, **values), code)


def need_function(module: Device, command: Command) -> None:
    """Refuse what needs full functionality."""
    if module.mobile.level != FULL:
        raise refuse(command, N_("AT+CFUN is 0"), MINIMUM)


def boot(module: Device) -> None:
    """Say why and that the module has started; connect by itself if AT+NCONFIG says so."""
    cause = "APPLICATION_AT" if module.restarted else "SECURITY_PMU_POWER_ON_RESET"
    module.send_urc_line(f"REBOOT_CAUSE_{cause}".encode())
    module.send_urc_line(c.STARTED.render() + b"\r\nOK")
    mobile = module.mobile
    if mobile.is_sim_blocked:
        module.send_urc(c.CPIN_URC, c.BLOCKED)
    connects = module.get(c.NCONFIG, "AUTOCONNECT") == ("TRUE",)
    mobile.attach_wanted = connects
    mobile.first_level = FULL if connects else 0
    mobile.clock.update = 3
    tune(module)


@ANSWERS(c.NRB.on_execute)
def reboot(module: Device) -> Steps:
    """Say so, and start again: nothing else on the line is done, and there is no OK."""
    yield REBOOTING
    module.restart()


# Identity

ANSWERS.prints(c.CGMI, lambda module: module.model.maker)
ANSWERS.prints(c.CGMM, lambda module: module.model.shown)


@ANSWERS(c.INFORMATION.on_write)
def inform(module: Device, _value: int) -> Steps:
    """Maker, model and revision, a line each."""
    model = module.model
    for line in (model.maker, model.name, f"Revision:{model.revision}"):
        yield Info(line.encode())
    yield OK


@ANSWERS(c.CGMR.on_execute)
def show_revisions(module: Device) -> Steps:
    """The parts of the firmware, a line each."""
    for line in REVISIONS:
        yield Info(line.encode())
    yield OK


@ANSWERS(c.CGSN.on_write)
def show_serial(module: Device, snt: int | None) -> Steps:
    """A serial number: one made of the IMEI stands alone."""
    imei = module.identity.imei
    if not snt:
        digits = imei.zfill(32)
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        yield Info("-".join(parts).encode())
    else:
        yield Info(c.CGSN.info({1: imei, 2: imei[:14] + VERSION, 3: VERSION}[snt]))
    yield OK


@ANSWERS(c.CGSN.on_execute)
def show_first_serial(module: Device) -> Steps:
    """As with 0."""
    return show_serial(module, 0)


@ANSWERS(c.CLAC.on_execute)
def list_commands(module: Device) -> Steps:
    """All commands, a line each."""
    for name in sorted(module.commands):
        yield Info(f"AT{name}".encode())
    yield OK


# SIM


def need_sim(module: Device, command: Command, *besides: Sim) -> Sim:
    """The SIM's state, if it is ready or one of these; refused otherwise."""
    need_function(module, command)
    sim = module.mobile.sim
    if module.mobile.is_sim_blocked:
        raise refuse(command, N_("no attempt is left for the PUK"), PUK_BLOCKED)
    if sim is not Sim.READY and sim not in besides:
        raise refuse(command, sim.value, SIM_CODES[sim])
    return sim


def need_card(module: Device, command: Command) -> None:
    """Refuse what needs a card that answers, whichever code it asks for."""
    if module.mobile.is_sim_blocked:
        need_function(module, command)
    else:
        need_sim(module, command, Sim.PIN, Sim.PUK)


@ANSWERS(c.CIMI.on_execute)
def subscriber(module: Device) -> Steps:
    """The IMSI."""
    need_sim(module, c.CIMI)
    yield Info(module.identity.imsi.encode())
    yield OK


def iccid(module: Device) -> tuple[str]:
    """The ICCID, which can be read before a PIN is entered."""
    need_card(module, c.NCCID)
    return (module.identity.iccid,)


ANSWERS.shows(c.NCCID, iccid)


@ANSWERS(c.CPIN.on_read)
def show_sim(module: Device) -> Steps:
    """What the SIM waits for."""
    need_card(module, c.CPIN)
    yield Info(c.CPIN.info(c.BLOCKED if module.mobile.is_sim_blocked else module.mobile.sim.value))
    yield OK


@ANSWERS(c.CPIN.on_write)
def enter_pin(module: Device, pin: str, newpin: str | None) -> Steps:
    """Give the card the PIN that it asks for, or the PUK and a new PIN."""
    asked = need_sim(module, c.CPIN, Sim.PIN, Sim.PUK)
    if not sim_answers.enter(module, c.CPIN, asked, pin, newpin, SIM_CODES[Sim.PUK]):
        raise sim_answers.wrong(module, c.CPIN, SIM_WRONG)
    yield OK


@ANSWERS(c.CPINR.on_execute)
def show_all_attempts(module: Device) -> Steps:
    """How often each code may still be wrong."""
    return show_attempts(module, *c.ATTEMPTS)


@ANSWERS(c.CPINR.on_write)
def show_attempts(module: Device, *codes: str) -> Steps:
    """How often these codes may still be wrong."""
    need_card(module, c.CPINR)
    lock = module.mobile.sim_lock
    left = {"SIM PIN": lock.pin_left, "SIM PUK": lock.puk_left}
    for code in codes:
        if code in left:
            yield Info(c.CPINR.info(code, left[code], c.ATTEMPTS[code]))
    yield OK


# Settings of the module


def tune(module: Device) -> None:
    """Find the cell in a band that is searched."""
    mobile = module.mobile
    bands = module.get(c.BANDS)[0].split(",")
    if mobile.cell.band not in bands:
        mobile.change_cell(mobile.cell._replace(band=bands[0], channel=c.CHANNELS[int(bands[0])]))


# In the order in which they are searched.
ANSWERS.shows(c.NBAND, lambda module: module.get(c.BANDS))


@ANSWERS(c.NBAND.on_write)
def set_bands(module: Device, bands: tuple[tuple[int], ...]) -> Steps:
    """Search these bands."""
    wanted = [str(band) for (band,) in bands]
    if len(set(wanted)) < len(wanted):
        raise refuse(c.NBAND, N_("a band is given twice"), results.INCORRECT_PARAMETERS)
    if module.mobile.level == FULL:
        raise refuse(c.NBAND, N_("bands can be set only after AT+CFUN=0"))
    module.set(c.BANDS, (",".join(wanted),))
    tune(module)
    yield OK


@ANSWERS(c.NCONFIG.on_read)
def show_functions(module: Device) -> Steps:
    """One line for each function."""
    for name, _, _ in c.FUNCTIONS:
        yield Info(c.NCONFIG.info(name, str(module.get(c.NCONFIG, name)[0])))
    yield OK


def set_function(name: str) -> Answer:
    """The answer that sets a function."""

    def answer(module: Device, value: str | int | None) -> Steps:
        if value is None:
            raise Refused(c.NCONFIG.where(Missing("value")), results.INCORRECT_PARAMETERS)
        if name in c.RADIO_OFF and module.mobile.level == FULL:
            raise refuse(c.NCONFIG, N_("{name} can be set only after AT+CFUN=0"), name=name)
        module.set(c.NCONFIG, (value,), name)
        yield OK

    return answer


ANSWERS.update({c.NCONFIG.on(name): set_function(name) for name, _, _ in c.FUNCTIONS})


@ANSWERS(c.NATSPEED.on_read)
def show_rate(module: Device) -> Steps:
    """The rate, without what was asked for its setting."""
    rate, _, _, *others = module.get(c.NATSPEED)
    yield Info(c.NATSPEED.info(rate, *others))
    yield OK


@ANSWERS(c.NATSPEED.on_write)
def set_rate(module: Device, *values: int | None) -> Steps:
    """Keep the rate, over a restart if asked to; a fast one keeps the module from its deep sleep."""
    rate, _, store, sync_mode, *_ = values
    if rate == c.MAX_SLEEP_RATE and sync_mode == c.EARLIER:
        raise refuse(
            c.NATSPEED,
            N_("<sync_mode> {sync_mode} is not allowed with {rate}"),
            results.INCORRECT_PARAMETERS,
            sync_mode=sync_mode,
            rate=rate,
        )
    module.set(c.NATSPEED, values)
    _, _, _, _, stopbits, parity, _ = module.get(c.NATSPEED)
    if rate == c.FACTORY_RATE and sync_mode == c.LATER and (stopbits, parity) != (1, 0):
        module.set(c.NATSPEED, (*values[:3], c.EARLY, *values[4:]))
    if store:
        module.save(c.NATSPEED)
    if rate is not None and rate > c.MAX_SLEEP_RATE:
        yield Info(b"+NATSPEED:DISABLE_DEEP_SLEEP")
    yield OK


# Statistics


def radio(module: Device) -> list[str]:
    """What the radio measures."""
    mobile = module.mobile
    total = power(module)
    cell = mobile.cell
    return [
        f"Signal power:{total if total == NO_POWER else total - RADIO_SHARE}",
        f"Total power:{total}",
        f"TX power:{TX_POWER if mobile.attached else NO_POWER}",
        "TX time:0",
        "RX time:0",
        f"Cell ID:{int(cell.identity, 16)}",
        "ECL:0",
        f"SNR:{SNR}",
        f"EARFCN:{cell.channel}",
        f"PCI:{PCI}",
        f"RSRQ:{RSRQ}",
        f"OPERATOR MODE:{STANDALONE}",
        f"CURRENT BAND:{cell.band}",
    ]


def power(module: Device) -> int:
    """The power received, in tenths of a dBm."""
    rssi = module.mobile.signal.rssi
    return NO_POWER if rssi == 99 else 20 * rssi - 1130


def cells(module: Device) -> list[str]:
    """The one cell, if it is received."""
    total = power(module)
    if total == NO_POWER:
        return []
    return [f"{module.mobile.cell.channel},{PCI},1,{total - RADIO_SHARE},{RSRQ},{total},{SNR}"]


TOTALS = ("TX bytes", "RX bytes", "TX blocks", "RX blocks", "RTX blocks", "ACK/NACK RX")
LAYERS = ("RLC UL", "RLC DL", "MAC UL", "MAC DL")
REPORTS: dict[str, Callable[[Device], list[str]]] = {
    "RADIO": radio,
    "CELL": cells,
    "BLER": lambda _: [f"{layer} BLER,0" for layer in LAYERS] + [f"Total {what},0" for what in TOTALS],
    "THP": lambda _: [f"{layer},0" for layer in LAYERS],
    "APPSMEM": lambda _: [
        *("Current Allocated:35840", "Total Free:15776", "Max Free:12448"),
        *("Num Allocs:544", "Num Frees:415"),
    ],
}


@ANSWERS(c.NUESTATS.on_execute)
def show_radio(module: Device) -> Steps:
    """What the radio measures, without a prefix."""
    for line in radio(module):
        yield Info(line.encode())
    yield OK


@ANSWERS(c.NUESTATS.on_write)
def show_statistics(module: Device, kind: str) -> Steps:
    """One report, or all of them."""
    for name, report in REPORTS.items():
        if kind in (name, "ALL"):
            for line in report(module):
                yield Info(f"NUESTATS:{name},{line}".encode())
    yield OK
